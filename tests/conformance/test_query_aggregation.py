"""Query with aggregates and groups: values, names, types, nulls, and what is refused. Milvus has it since 3.0."""

from __future__ import annotations

import random
from typing import Any

import pytest

from tests.conformance.making import (
    T,
    array_column,
    column,
    field,
    id_field,
    random_vectors,
    vector_column,
    vector_field,
)
from tests.conformance.refusals import Refusal, check_accepted, check_refused, invalid
from tests.conformance.target import Collections, Target

ROWS = 80
TYPES = {
    "id": T.Int64,
    "kind": T.VarChar,
    "bit": T.Int8,
    "part": T.Int32,
    "big": T.Int64,
    "price": T.Float,
    "weight": T.Double,
    "word": T.VarChar,
}
NULLABLE = ("part", "big", "weight", "word")


@pytest.fixture(autouse=True, scope="module")
def since(target: Target) -> None:
    if target.version < (3, 0):
        pytest.skip("before 3.0 Milvus knows no aggregate but count(*)")


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    chance = random.Random(5)

    def maybe(value: Any) -> Any:
        return None if chance.random() < 0.25 else value

    return [
        {
            "id": key,
            "kind": chance.choice(["a", "b", "c"]),
            "bit": chance.randint(-2, 2),
            "part": maybe(chance.randint(0, 3)),
            "big": maybe(chance.randint(-(2**40), 2**40)),
            "price": chance.randint(-8, 8) / 4,
            "weight": maybe(chance.randint(-8, 8) / 4),
            "word": maybe(chance.choice(["x", "yy", "é", "Y"])),
        }
        for key in range(ROWS)
    ]


@pytest.fixture(scope="module")
def loaded(target: Target, shared: Collections, rows: list[dict[str, Any]]) -> str:
    """Three quarters of the rows in flushed segments, the others growing."""
    fields = [
        id_field(),
        *(
            field(name, type, nullable=name in NULLABLE, **({"max_length": 8} if type == T.VarChar else {}))
            for name, type in TYPES.items()
            if name != "id"
        ),
        field("when", T.Timestamptz),
        field("doc", T.JSON),
        field("list", T.Array, element_type=T.Int32, max_capacity=4),
        vector_field(),
    ]
    name = shared.make(fields, dynamic=True)
    target.done("CreateIndex", collection_name=name, field_name="vec", extra_params={"metric_type": "L2"})
    target.load(name)
    for start in range(0, ROWS, ROWS // 4):
        target.flush(name)
        some = rows[start : start + ROWS // 4]
        check_accepted(target.insert(name, make_columns(some), len(some)))
    return name


def make_columns(rows: list[dict[str, Any]]) -> list[Any]:
    columns = []
    for name, type in TYPES.items():
        values = [row[name] for row in rows]
        data = column(name, type, [value for value in values if value is not None])
        if name in NULLABLE:
            data.valid_data.extend(value is not None for value in values)
        columns.append(data)
    times = column("when", T.VarChar, [f"2024-01-{1 + row['id'] % 28:02}T00:00:00Z" for row in rows])
    times.type = T.Timestamptz
    return [
        *columns,
        times,
        column("doc", T.JSON, [b"{}"] * len(rows)),
        array_column("list", T.Int32, [[1]] * len(rows)),
        vector_column(random_vectors(len(rows))),
        column("$meta", T.JSON, [b"{}"] * len(rows), dynamic=True),
    ]


def table(response: Any) -> list[dict[str, Any]]:
    """The answer row by row, None for null."""
    check_accepted(response)
    columns: dict[str, list[Any]] = {}
    for data in response.fields_data:
        values = list(getattr(data.scalars, data.scalars.WhichOneof("data")).data)
        valid = list(data.valid_data) or [True] * len(values)
        columns[data.field_name] = [value if there else None for value, there in zip(values, valid, strict=True)]
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def calculated(rows: list[dict[str, Any]], name: str) -> Any:
    """What an aggregate makes of rows."""
    operator, target = name[:-1].split("(")
    if target == "*":
        return len(rows)
    values = [row[target] for row in rows if row[target] is not None]
    if operator == "count":
        return len(values)
    if not values:
        return None
    if operator in ("min", "max"):
        text = isinstance(values[0], str)
        return (min if operator == "min" else max)(values, key=str.encode if text else None)
    return sum(values) / (len(values) if operator == "avg" else 1)


def in_groups(rows: list[dict[str, Any]], groups: list[str]) -> dict[tuple[Any, ...], list[dict[str, Any]]]:
    found: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(tuple(row[name] for name in groups), []).append(row)
    return found


GLOBAL = ["count(*)", "count(big)", "sum(big)", "avg(price)", "min(word)", "max(word)", "min(bit)", "sum(weight)"]


def test_over_everything(target: Target, loaded: str, rows: list[dict[str, Any]]) -> None:
    """Without groups there is one row, its columns in the order of the output fields, and no limit is needed."""
    response = target.query(loaded, "", GLOBAL)
    (row,) = table(response)
    assert row == {name: calculated(rows, name) for name in GLOBAL}
    assert [data.field_name for data in response.fields_data] == GLOBAL
    assert list(response.output_fields) == GLOBAL


def test_types(target: Target, loaded: str) -> None:
    """Counts and sums of integers are INT64, averages and sums of floats DOUBLE, extremes of their field's type."""
    names = ["count(*)", "sum(bit)", "sum(price)", "avg(bit)", "min(bit)", "max(price)", "min(word)", "max(when)"]
    response = target.query(loaded, "", names)
    check_accepted(response)
    assert [data.type for data in response.fields_data] == [
        T.Int64, T.Int64, T.Double, T.Double, T.Int8, T.Float, T.VarChar, T.Timestamptz,
    ]  # fmt: skip


def test_times(target: Target, loaded: str) -> None:
    """The earliest and latest time come as text, in the request's time zone."""
    (row,) = table(target.query(loaded, "", ["min(when)", "max(when)"], timezone="Asia/Tokyo"))
    assert row == {"min(when)": "2024-01-01T09:00:00+09:00", "max(when)": "2024-01-28T09:00:00+09:00"}


def test_names_as_they_were_written(target: Target, loaded: str, rows: list[dict[str, Any]]) -> None:
    """Functions are known in any case and with blanks, and are answered under the name that was written."""
    names = ["COUNT(*)", "Sum( bit )", "max (bit)"]
    (row,) = table(target.query(loaded, "", names))
    assert row == {"COUNT(*)": ROWS, "Sum( bit )": calculated(rows, "sum(bit)"), "max (bit)": 2}


def test_of_no_rows(target: Target, loaded: str) -> None:
    """Of no rows there are 0, and the sum and the extremes are null."""
    (row,) = table(target.query(loaded, "id < 0", ["count(*)", "count(big)", "sum(big)", "min(word)"]))
    assert row == {"count(*)": 0, "count(big)": 0, "sum(big)": None, "min(word)": None}


def test_no_rows_have_no_groups(target: Target, loaded: str) -> None:
    """No rows make no group."""
    assert table(target.query(loaded, "id < 0", ["kind", "count(*)"], group_by_fields="kind")) == []


@pytest.mark.parametrize("group", ["kind", "bit", "part", "big", "word"])
def test_one_field(target: Target, loaded: str, rows: list[dict[str, Any]], group: str) -> None:
    """Rows with equal values are one group, those with null another; groups need no limit."""
    names = ["count(*)", "sum(price)", "max(price)"]
    found = table(target.query(loaded, "", [group, *names], group_by_fields=group))
    assert len(found) == len({row[group] for row in found})
    assert {row[group]: [row[name] for name in names] for row in found} == {
        key[0]: [calculated(some, name) for name in names] for key, some in in_groups(rows, [group]).items()
    }


@pytest.mark.parametrize("seed", range(10))
def test_random(target: Target, loaded: str, rows: list[dict[str, Any]], seed: int) -> None:
    """Any groups, any functions, with a filter: as Python calculates them from the same rows."""
    chance = random.Random(seed)
    groups = chance.sample(["kind", "bit", "part", "word"], chance.randint(1, 3))
    names = chance.sample(
        ["count(*)", "count(word)", "sum(big)", "min(weight)", "max(word)", "sum(bit)", "avg(price)"], 4
    )
    outputs = [*groups, *names]
    chance.shuffle(outputs)
    found = table(target.query(loaded, "price > -1", outputs, group_by_fields=", ".join(groups), limit=1_000))
    passing = in_groups([row for row in rows if row["price"] > -1], groups)
    assert {tuple(row[name] for name in groups): [row[name] for name in names] for row in found} == {
        key: [calculated(some, name) for name in names] for key, some in passing.items()
    }
    assert len(found) == len(passing)


def test_pages_of_groups(target: Target, loaded: str) -> None:
    """limit and offset count groups, in the order that is asked for; nulls go where order by has them."""
    asked = {"group_by_fields": "kind,part", "order_by_fields": "part:desc,kind"}
    whole = table(target.query(loaded, "", ["kind", "part", "count(*)"], limit=100, **asked))
    places = [(row["part"] is not None, -(row["part"] or 0), row["kind"]) for row in whole]
    assert places == sorted(places)
    page = table(target.query(loaded, "", ["kind", "part", "count(*)"], limit=4, offset=3, **asked))
    assert page == whole[3:7]


def test_groups_alone(target: Target, loaded: str) -> None:
    """Without a function groups are the values that there are; then a limit is needed."""
    found = table(target.query(loaded, "", ["kind"], group_by_fields="kind", limit=10))
    assert sorted(row["kind"] for row in found) == ["a", "b", "c"]


def test_fields_to_group_by_need_not_be_shown(target: Target, loaded: str) -> None:
    """Without the group's field among the output fields, only the functions are answered."""
    found = table(target.query(loaded, "", ["count(*)"], group_by_fields="kind", limit=10))
    assert [set(row) for row in found] == [{"count(*)"}] * 3


def test_rows_with_one_key_count_each(target: Target, collections: Collections) -> None:
    """Rows with the same primary key are counted and added one by one."""
    name = collections.make([id_field(), field("n", T.Int64), vector_field()])
    target.done("CreateIndex", collection_name=name, field_name="vec", extra_params={"metric_type": "L2"})
    target.load(name)
    given = [column("id", T.Int64, [1, 1]), column("n", T.Int64, [4, 5]), vector_column(random_vectors(2))]
    check_accepted(target.insert(name, given, 2))
    assert table(target.query(name, "", ["count(*)", "sum(n)"])) == [{"count(*)": 2, "sum(n)": 9}]


def test_an_empty_collection(target: Target, collections: Collections) -> None:
    """A collection without rows counts 0."""
    name = collections.make()
    target.done("CreateIndex", collection_name=name, field_name="vec", extra_params={"metric_type": "L2"})
    target.load(name)
    assert table(target.query(name, "", ["count(*)", "count(id)"])) == [{"count(*)": 0, "count(id)": 0}]


def not_of(operator: str, type: str) -> Refusal:
    return invalid(f"aggregation operator {operator} does not support data type {type}")


GROUPED = {"group_by_fields": "kind", "limit": 9}
REFUSED: dict[str, tuple[list[str], dict[str, Any], Refusal]] = {
    "sum of text": (["sum(kind)"], {}, not_of("sum", "VarChar")),
    "average of time": (["avg(when)"], {}, not_of("avg", "Timestamptz")),
    "least JSON": (["min(doc)"], {}, not_of("min", "JSON")),
    "greatest array": (["MAX(list)"], {}, not_of("max", "Array")),
    "sum of a vector": (["sum(vec)"], {}, not_of("sum", "FloatVector")),
    "sum of all": (["sum(*)"], {}, invalid("sum(*) is not supported, only count(*) is allowed")),
    "no such field": (["count(nope)"], {}, invalid("target field nope for aggregation:count does not exist")),
    "of nothing": (["count()"], {}, invalid("target field  for aggregation:count does not exist")),
    "unknown function": (["median(bit)"], {}, invalid("parse output field name failed: median(bit)")),
    "unclosed": (["count(bit"], {}, invalid("parse output field name failed: count(bit")),
    "count with a limit": (["count(*)"], {"limit": 3}, invalid("count entities with pagination is not allowed")),
    "count with a limit in an unknown partition": (
        ["count(*)"],
        {"limit": 3, "partitions": ["nope"]},
        invalid("partition name nope not found"),
    ),
    "fields beside": (
        ["count(*)", "kind"],
        {},
        invalid(
            "output field 'kind' is not allowed: when using aggregation functions (e.g., count(*)), output_fields can "
            "only contain aggregation expressions, not regular columns: invalid parameter"
        ),
    ),
    "fields beside groups": (
        ["bit", "kind"],
        {"group_by_fields": "kind,part", "limit": 9},
        invalid(
            "output field 'bit' is not allowed: when using GROUP BY, output_fields can only contain group_by fields "
            "([kind part]) or aggregation expressions: invalid parameter"
        ),
    ),
    "groups alone without a limit": (
        ["kind"],
        {"group_by_fields": "kind"},
        invalid("empty expression should be used with limit"),
    ),
    "groups by no field": (["count(*)"], {"group_by_fields": "nope"}, invalid("field nope not exist")),
    **{
        f"groups by {name}": (
            ["count(*)"],
            {"group_by_fields": name},
            invalid(f"group by field {name} has unsupported data type {type}"),
        )
        for name, type in {
            "price": "Float",
            "weight": "Double",
            "doc": "JSON",
            "list": "Array",
            "vec": "FloatVector",
        }.items()
    },
    "order by another field": (
        ["count(*)"],
        {**GROUPED, "order_by_fields": "Bit:desc"},
        invalid(
            "ORDER BY field 'bit' is not valid: when using GROUP BY or aggregates, ORDER BY can only reference "
            "GROUP BY columns. Valid targets are: [kind]"
        ),
    ),
    "order by an aggregate": (
        ["count(*)"],
        {**GROUPED, "order_by_fields": "count(*):desc"},
        invalid("ORDER BY on aggregate expression 'count(*)' is not yet supported"),
    ),
    "order of one row": (
        ["sum(bit)"],
        {"limit": 9, "order_by_fields": "bit"},
        invalid(
            "ORDER BY field 'bit' is not valid: when using GROUP BY or aggregates, ORDER BY can only reference "
            "GROUP BY columns. Valid targets are: []"
        ),
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(target: Target, loaded: str, case: str) -> None:
    """Milvus' codes and texts."""
    outputs, given, refusal = REFUSED[case]
    check_refused(target.query(loaded, "", outputs, **given), refusal, target.version)


def test_the_average_of_nothing(target: Target, loaded: str) -> None:
    """The average of no value is refused."""
    refusal = invalid("division by zero: count is 0 at row 0")
    check_refused(target.query(loaded, "id < 0", ["avg(bit)"]), refusal, target.version)


def test_not_in_a_search(target: Target, loaded: str) -> None:
    """A search has no aggregates."""
    refusal = invalid("aggregates are not supported in search request")
    check_refused(target.search(loaded, random_vectors(1), outputs=["count(*)"]), refusal, target.version)
