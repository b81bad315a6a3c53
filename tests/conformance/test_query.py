"""Query: which rows, in which order, with which columns; and what it refuses."""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import Any

import pytest
from pymilvus.grpc_gen import common_pb2 as common
from pymilvus.grpc_gen.schema_pb2 import TemplateValue

from fakemilvus import limits
from tests.conformance.making import (
    T,
    column,
    field,
    id_field,
    plain_rows,
    random_vectors,
    scalar_columns,
    scalar_fields,
    vector_column,
    vector_field,
)
from tests.conformance.refusals import Refusal, check_accepted, check_refused, invalid, old
from tests.conformance.target import Collections, Target

ROWS = 20
SCALARS = ["b", "i8", "i16", "i32", "i64", "f", "d", "vc", "js"]


@pytest.fixture(scope="module")
def loaded(target: Target, shared: Collections) -> str:
    """20 rows of every type, their keys backwards, half of them flushed; loaded."""
    name = shared.make([id_field(), *scalar_fields(), vector_field()], dynamic=True)
    target.done("CreateIndex", collection_name=name, field_name="vec", extra_params={"metric_type": "L2"})
    target.load(name)
    columns = [
        column("id", T.Int64, reversed(range(ROWS))),
        *scalar_columns(ROWS),
        vector_column(random_vectors(ROWS)),
        column("$meta", T.JSON, [b'{"x": %d, "y": 1}' % i for i in range(ROWS)], dynamic=True),
    ]
    check_accepted(target.insert(name, columns, ROWS))
    return name


def by_name(response: Any) -> dict[str, Any]:
    check_accepted(response)
    return {data.field_name: data for data in response.fields_data}


def keys(response: Any) -> list[int]:
    return list(by_name(response)["id"].scalars.long_data.data)


def test_sorted_by_key(target: Target, loaded: str) -> None:
    """Rows come in the order of their keys, whatever order they were inserted in."""
    assert keys(target.query(loaded, "id >= 0", ["id"])) == list(range(ROWS))


def test_limit(target: Target, loaded: str) -> None:
    """limit keeps the first rows."""
    assert keys(target.query(loaded, "id >= 5", ["id"], limit=3)) == [5, 6, 7]


def test_offset(target: Target, loaded: str) -> None:
    """offset passes over rows before the limit counts."""
    assert keys(target.query(loaded, "id >= 5", ["id"], limit=3, offset=2)) == [7, 8, 9]


def test_offset_without_limit(target: Target, loaded: str) -> None:
    """offset alone is passed over."""
    assert keys(target.query(loaded, "id >= 15", ["id"], offset=2)) == [15, 16, 17, 18, 19]


def test_empty_filter(target: Target, loaded: str) -> None:
    """The empty filter with a limit means every row."""
    assert keys(target.query(loaded, "", ["id"], limit=4)) == [0, 1, 2, 3]


def test_key_is_always_there(target: Target, loaded: str) -> None:
    """The key comes even where nobody asked for it."""
    assert set(by_name(target.query(loaded, "id == 3", ["vc"]))) == {"id", "vc"}


def test_every_type(target: Target, loaded: str) -> None:
    """Values of every type come back as they went."""
    row = by_name(target.query(loaded, "id == 16", SCALARS))
    scalars = {name: row[name].scalars for name in SCALARS}
    values = [getattr(s, s.WhichOneof("data")).data[0] for s in scalars.values()]
    assert values[:-1] == [False, 3, 3, 3, 1, 1.5, 0.75, "s3"]
    assert json.loads(values[-1]) == {"a": 3}
    assert [row[name].type for name in SCALARS] == [1, 2, 3, 4, 5, 10, 11, 21, 23]


def test_vectors(target: Target, loaded: str) -> None:
    """So do vectors."""
    data = by_name(target.query(loaded, "id == 19", ["vec"]))["vec"]
    assert list(data.vectors.float_vector.data) == random_vectors(1)[0].tolist()


def test_no_rows(target: Target, loaded: str) -> None:
    """No rows: one empty FieldData per output field, its slot set, and a vector with its dim."""
    found = by_name(target.query(loaded, "id < 0", ["i64", "vec", "vc"]))
    assert set(found) == {"id", "i64", "vec", "vc"}
    assert found["vec"].vectors.dim == 8
    assert found["vec"].vectors.WhichOneof("data") == "float_vector"
    assert found["vc"].scalars.WhichOneof("data") == "string_data"
    assert list(found["id"].scalars.long_data.data) == []


def test_star(target: Target, loaded: str) -> None:
    """* means every field and the dynamic one."""
    found = target.query(loaded, "id == 1", ["*"])
    assert {data.field_name for data in found.fields_data} >= {"id", *SCALARS, "vec"}
    assert [data.is_dynamic for data in found.fields_data].count(True) == 1


def test_dynamic_key(target: Target, loaded: str) -> None:
    """A dynamic key comes in the dynamic field, since 3.0 alone."""
    found = target.query(loaded, "id == 19", ["x"])
    (value,) = next(data for data in found.fields_data if data.is_dynamic).scalars.json_data.data
    assert json.loads(value) == ({"x": 0} if target.version >= (3, 0) else {"x": 0, "y": 1})


def test_filter_by_dynamic_key(target: Target, loaded: str) -> None:
    """A filter may name dynamic keys."""
    assert keys(target.query(loaded, 'x == 3 and $meta["y"] == 1', ["id"])) == [16]


FILTERS = {
    "b": ("b == true", list(range(1, 20, 2))),
    "i8": ("i8 < 2", [18, 19]),
    "i16": ("i16 in [3, 4]", [15, 16]),
    "i32": ("1 <= i32 < 3", [17, 18]),
    "i64": ("i64 == -2", [19]),
    "f": ("f == 0.5", [18]),
    "d": ("d > 4.5", [0]),
    "vc": ('vc in ["s3", "s4"]', [15, 16]),
    "js": ('js["a"] == 7', [12]),
    "and": ("id > 5 and id < 8", [6, 7]),
    "or": ("id == 5 or id == 8", [5, 8]),
    "not": ("not (id > 2)", [0, 1, 2]),
    "not in": ("id not in [0, 1, 2] and id < 5", [3, 4]),
    "parentheses": ("(id == 1 or id == 2) and i64 == 15", [2]),
    "&&": ("id > 5 && id < 8", [6, 7]),
    "||": ("id == 5 || id == 8", [5, 8]),
}


@pytest.mark.parametrize("case", FILTERS)
def test_filters(target: Target, loaded: str, case: str) -> None:
    """A filter on each type, and each way to join two."""
    text, expected = FILTERS[case]
    assert keys(target.query(loaded, text, ["id"])) == expected


def test_count(target: Target, loaded: str) -> None:
    """count(*) is one INT64 named so."""
    (data,) = target.query(loaded, "", ["count(*)"]).fields_data
    assert (data.field_name, list(data.scalars.long_data.data)) == ("count(*)", [ROWS])


def test_count_with_a_filter(target: Target, loaded: str) -> None:
    """count(*) counts what passes."""
    (data,) = target.query(loaded, "id < 7", ["count(*)"]).fields_data
    assert list(data.scalars.long_data.data) == [7]


def test_count_of_nothing(target: Target, loaded: str) -> None:
    """count(*) of no row is 0, not missing."""
    (data,) = target.query(loaded, "id < 0", ["count(*)"]).fields_data
    assert list(data.scalars.long_data.data) == [0]


def test_text_keys_are_sorted_by_their_bytes(target: Target, collections: Collections) -> None:
    """Text keys are sorted by their bytes: capitals first, letters beyond ASCII last."""
    name = collections.make([field("key", T.VarChar, primary=True, max_length=8), vector_field()])
    given = ["b", "a", "B", "é", "aa", "10", "9"]
    target.insert(name, [column("key", T.VarChar, given), vector_column(random_vectors(len(given)))], len(given))
    target.done("CreateIndex", collection_name=name, field_name="vec", extra_params={"metric_type": "L2"})
    target.load(name)
    found = by_name(target.query(name, 'key >= ""', ["key"]))
    assert list(found["key"].scalars.string_data.data) == ["10", "9", "B", "a", "aa", "b", "é"]


def window(problem: str) -> Refusal:
    text = f"invalid max query result window, {problem}"
    return invalid(f"{text}: invalid parameter", before=None)


REFUSED: dict[str, tuple[dict[str, Any], Refusal]] = {
    "empty filter, no limit": ({"filter": ""}, invalid("empty expression should be used with limit", before=None)),
    "count with a limit": (
        {"outputs": ["count(*)"], "limit": 3},
        invalid("count entities with pagination is not allowed", before=None),
    ),
    "limit 0": ({"limit": 0}, window("limit [0] is invalid, should be greater than 0")),
    "limit -1": ({"limit": -1}, window("limit [-1] is invalid, should be greater than 0")),
    "limit abc": ({"limit": "abc"}, invalid("limit [abc] is invalid")),
    "limit 16385": ({"limit": 16385}, window("(offset+limit) should be in range [1, 16384], but got 16385")),
    "window": (
        {"limit": 16384, "offset": 1},
        window("(offset+limit) should be in range [1, 16384], but got 16385"),
    ),
    "offset -1": ({"limit": 1, "offset": -1}, window("offset [-1] is invalid, should be gte than 0")),
    "unknown partition": ({"partitions": ["nope"]}, invalid("partition name nope not found")),
    "filter of nonsense": (
        {"filter": "id =="},
        invalid("failed to create query plan: cannot parse expression: id ==*: query plan failed", before=None),
    ),
    "filter of two types": (
        {"filter": 'id == "a"'},
        invalid('failed to create query plan: cannot parse expression: id == "a": *', before=None),
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(target: Target, loaded: str, case: str) -> None:
    """Milvus' codes and texts."""
    given, refusal = REFUSED[case]
    response = target.query(loaded, **{"filter": "id >= 0", "outputs": ["id"], **given})
    check_refused(response, refusal, target.version)


def test_large_answers_are_refused(target: Target, loaded: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer of more than 100 MB is refused; here of more than 1000 bytes."""
    if target.fake is None:
        pytest.skip("it would take 100 MB")
    monkeypatch.setattr(limits, "MAX_QUERY_BYTES", 1_000)
    refusal = invalid(
        "failed to query: fail to Query on QueryNode 1: worker(1) query failed: QN query pipeline failed: "
        "query results exceed the maxOutputSize Limit 1000"
    )
    check_refused(target.query(loaded, "id >= 0", ["*"]), refusal, target.version)
    check_accepted(target.query(loaded, "id == 0", ["*"]))


def test_unknown_output_field(target: Target, collections: Collections) -> None:
    """Without a dynamic field, an unknown output field is refused."""
    name = collections.make()
    target.done("CreateIndex", collection_name=name, field_name="vec", extra_params={"metric_type": "L2"})
    target.load(name)
    response = target.query(name, "id > 0", ["nope"])
    check_refused(response, invalid("field nope not exist", before=old("field nope not exist")), target.version)


LEVELS = [common.Strong, common.Session, common.Bounded, common.Eventually, common.Customized]


@pytest.mark.parametrize("level", LEVELS)
def test_acknowledged_rows_are_found(target: Target, collections: Collections, level: int) -> None:
    """An acknowledged row is found at once, and a deleted one is not; on a real server at the level Strong only."""
    if target.fake is None and level != common.Strong:
        pytest.skip("a real Milvus shows rows later at this level")
    name = collections.make()
    target.done("CreateIndex", collection_name=name, field_name="vec", extra_params={"metric_type": "L2"})
    target.load(name)
    target.insert(name, plain_rows(2), 2)
    assert keys(target.query(name, "id >= 0", ["id"], consistency=level)) == [0, 1]
    target.done("Delete", collection_name=name, expr="id in [0]")
    assert keys(target.query(name, "id >= 0", ["id"], consistency=level)) == [1]


def test_filter_template(target: Target, collections: Collections) -> None:
    """Values that travel beside the filter stand for their names, in queries, searches and deletes."""
    target.needs("2.5", "2.3.5 has no filter templates")
    name = collections.make()
    target.done("CreateIndex", collection_name=name, field_name="vec", extra_params={"metric_type": "L2"})
    target.insert(name, plain_rows(6), 6)
    target.load(name)
    values = MappingProxyType({"low": TemplateValue(int64_val=1), "ids": template_ids(2, 3, 9)})
    asked = {"collection_name": name, "expr_template_values": values}
    found = target.done("Query", expr="id > {low} and id in {ids}", consistency_level=common.Strong, **asked)
    assert list(found.fields_data[0].scalars.long_data.data) == [2, 3]
    target.done("Delete", expr="id in {ids}", **asked)
    assert target.count(name) == 4


def template_ids(*ids: int) -> TemplateValue:
    value = TemplateValue()
    value.array_val.long_data.data.extend(ids)
    return value
