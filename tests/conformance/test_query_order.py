"""Query with an order: which rows come first, and what is refused. Milvus has it since 3.0."""

from __future__ import annotations

import random
from functools import cmp_to_key
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

ROWS = 60
NULLABLE = ("score", "word")


@pytest.fixture(autouse=True, scope="module")
def since(target: Target) -> None:
    if target.version < (3, 0):
        pytest.skip("before 3.0 Milvus passes over order_by_fields")


def make_rows(seed: int = 3) -> list[dict[str, Any]]:
    """Few values that repeat, some of them null."""
    chance = random.Random(seed)
    rows = [
        {
            "id": key,
            "flag": chance.random() < 0.5,
            "tiny": chance.randint(-3, 3),
            "price": chance.randint(-4, 4) / 2,
            "name": chance.choice(["a", "B", "b", "é", ""]),
            "score": None if chance.random() < 0.3 else chance.randint(0, 4),
            "word": None if chance.random() < 0.3 else chance.choice(["x", "yy", "y"]),
        }
        for key in range(ROWS)
    ]
    chance.shuffle(rows)
    return rows


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    return make_rows()


@pytest.fixture(scope="module")
def loaded(target: Target, shared: Collections, rows: list[dict[str, Any]]) -> str:
    """Half of the rows flushed, half of them growing."""
    fields = [
        id_field(),
        field("flag", T.Bool),
        field("tiny", T.Int8),
        field("price", T.Double),
        field("name", T.VarChar, max_length=8),
        field("score", T.Int64, nullable=True),
        field("word", T.VarChar, max_length=8, nullable=True),
        field("doc", T.JSON),
        field("list", T.Array, element_type=T.Int32, max_capacity=4),
        vector_field(),
    ]
    name = shared.make(fields, dynamic=True)
    target.done("CreateIndex", collection_name=name, field_name="vec", extra_params={"metric_type": "L2"})
    target.load(name)
    for half in (rows[: ROWS // 2], rows[ROWS // 2 :]):
        target.flush(name)
        check_accepted(target.insert(name, make_columns(half), len(half)))
    return name


def make_columns(rows: list[dict[str, Any]]) -> list[Any]:
    types = {"id": T.Int64, "flag": T.Bool, "tiny": T.Int8, "price": T.Double, "name": T.VarChar, "score": T.Int64}
    columns = []
    for name, type in {**types, "word": T.VarChar}.items():
        values = [row[name] for row in rows]
        data = column(name, type, [value for value in values if value is not None])
        if name in NULLABLE:
            data.valid_data.extend(value is not None for value in values)
        columns.append(data)
    return [
        *columns,
        column("doc", T.JSON, [b"{}"] * len(rows)),
        array_column("list", T.Int32, [[1]] * len(rows)),
        vector_column(random_vectors(len(rows))),
        column("$meta", T.JSON, [b'{"age": 1}'] * len(rows), dynamic=True),
    ]


def keys(response: Any) -> list[int]:
    check_accepted(response)
    (data,) = [data for data in response.fields_data if data.field_name == "id"]
    return list(data.scalars.long_data.data)


def expected(rows: list[dict[str, Any]], terms: list[tuple[str, bool, bool]]) -> list[int]:
    """Keys in the order of (field, ascending, nulls first) terms, then by key."""

    def compare(one: dict[str, Any], other: dict[str, Any]) -> int:
        for name, ascending, nulls_first in terms:
            left, right = one[name], other[name]
            if left == right:
                continue
            if left is None or right is None:
                return -1 if (left is None) == nulls_first else 1
            if isinstance(left, str):
                left, right = left.encode(), right.encode()
            return -1 if (left < right) == ascending else 1
        return one["id"] - other["id"]

    return [row["id"] for row in sorted(rows, key=cmp_to_key(compare))]


ORDERS = {
    "price": [("price", True, False)],
    "price:asc": [("price", True, False)],
    "price:DESC": [("price", False, True)],
    "tiny:descending": [("tiny", False, True)],
    "name:ascending": [("name", True, False)],
    "flag:desc": [("flag", False, True)],
    "score": [("score", True, False)],
    "score:desc": [("score", False, True)],
    "score:asc:nulls_first": [("score", True, True)],
    "score:desc:nulls_last": [("score", False, False)],
    " word : desc , price ": [("word", False, True), ("price", True, False)],
    "flag,score:desc:nulls_last,name:desc": [("flag", True, False), ("score", False, False), ("name", False, True)],
    "id:desc": [("id", False, True)],
    "price,,": [("price", True, False)],
}


@pytest.mark.parametrize("terms", ORDERS)
def test_orders(target: Target, loaded: str, rows: list[dict[str, Any]], terms: str) -> None:
    """Rows come in the order that is asked for, equal ones by their key; nulls are largest unless it is said."""
    found = target.query(loaded, "", ["id"], limit=ROWS, order_by_fields=terms)
    assert keys(found) == expected(rows, ORDERS[terms])


@pytest.mark.parametrize("seed", range(12))
def test_random_orders(target: Target, loaded: str, rows: list[dict[str, Any]], seed: int) -> None:
    """Any columns in any direction, any page of them, with a filter: as Python sorts the same rows."""
    chance = random.Random(seed)
    names = chance.sample(["flag", "tiny", "price", "name", "score", "word"], chance.randint(1, 4))
    terms = [(name, chance.random() < 0.5, chance.random() < 0.5) for name in names]
    text = ",".join(
        f"{name}:{'asc' if ascending else 'desc'}:{'nulls_first' if nulls else 'nulls_last'}"
        for name, ascending, nulls in terms
    )
    limit, offset = chance.randint(1, 20), chance.randint(0, 40)
    found = target.query(loaded, "tiny >= -2", ["name"], limit=limit, offset=offset, order_by_fields=text)
    passing = [row for row in rows if row["tiny"] >= -2]
    assert keys(found) == expected(passing, terms)[offset : offset + limit]


def test_other_columns_follow(target: Target, loaded: str, rows: list[dict[str, Any]]) -> None:
    """Output fields that are not sorted by stand beside their row's key."""
    found = target.query(loaded, "", ["name", "age"], limit=ROWS, order_by_fields="price:desc")
    names = next(data for data in found.fields_data if data.field_name == "name").scalars.string_data.data
    by_key = {row["id"]: row["name"] for row in rows}
    assert list(names) == [by_key[key] for key in keys(found)]
    assert "price" not in {data.field_name for data in found.fields_data}


def test_a_key_comes_once(target: Target, collections: Collections) -> None:
    """Of rows with the same key only the newest is sorted."""
    name = collections.make([id_field(), field("n", T.Int64), vector_field()])
    target.done("CreateIndex", collection_name=name, field_name="vec", extra_params={"metric_type": "L2"})
    target.load(name)
    for number in (9, 1):
        given = [
            column("id", T.Int64, [1, number]),
            column("n", T.Int64, [number, 5]),
            vector_column(random_vectors(2)),
        ]
        check_accepted(target.insert(name, given, 2))
    target.flush(name)
    found = target.query(name, "", ["n"], limit=9, order_by_fields="n")
    assert keys(found)[-1] == 9
    assert len(keys(found)) == 2


def twice(text: str) -> Refusal:
    return invalid(f"{text}: invalid parameter")


REFUSED: dict[str, tuple[dict[str, Any], Refusal]] = {
    "no limit": ({"order_by_fields": "price"}, invalid("ORDER BY requires explicit limit")),
    "iterator": (
        {"order_by_fields": "price", "limit": 3, "iterator": "True"},
        invalid("ORDER BY with iterator is not supported"),
    ),
    "no such field": (
        {"order_by_fields": "nope", "limit": 3},
        twice("order_by field 'nope' does not exist in collection schema"),
    ),
    "empty field": (
        {"order_by_fields": ":asc", "limit": 3},
        twice("order_by field '' does not exist in collection schema"),
    ),
    "dynamic key": (
        {"order_by_fields": "age", "limit": 3},
        twice("order_by field 'age' does not exist in collection schema"),
    ),
    "JSON path": (
        {"order_by_fields": 'doc["a"]', "limit": 3},
        twice("order_by field 'doc[\"a\"]' does not exist in collection schema"),
    ),
    "JSON": (
        {"order_by_fields": "doc", "limit": 3},
        twice("order_by field 'doc' has type JSON which is not sortable"),
    ),
    "array": (
        {"order_by_fields": "list", "limit": 3},
        twice("order_by field 'list' has type Array which is not sortable"),
    ),
    "vector": (
        {"order_by_fields": "vec", "limit": 3},
        twice("order_by field 'vec' has type FloatVector which is not sortable"),
    ),
    "direction": (
        {"order_by_fields": "price:UP", "limit": 3},
        twice("invalid order direction 'up' for field 'price', must be 'asc' or 'desc'"),
    ),
    "nulls": (
        {"order_by_fields": "price:asc:first", "limit": 3},
        twice("invalid null ordering 'first', must be 'nulls_first' or 'nulls_last'"),
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(target: Target, loaded: str, case: str) -> None:
    """Milvus' codes and texts."""
    given, refusal = REFUSED[case]
    check_refused(target.query(loaded, "id >= 0", ["id"], **given), refusal, target.version)
