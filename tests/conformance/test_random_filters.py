"""Random filters that every Milvus knows, against a naive reading of their rows; a thousand, behind the marker."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
from pymilvus.grpc_gen import common_pb2 as common

from tests.conformance.making import T, column, field, id_field, random_vectors, vector_column, vector_field
from tests.conformance.refusals import check_accepted
from tests.conformance.target import Collections, Target
from tests.filters import reference

FILTERS = 1_000
ROWS = 64


def random_rows(choose: random.Random) -> list[dict[str, Any]]:
    """Rows without nulls, which old servers have not."""
    rows: list[dict[str, Any]] = []
    while len(rows) < ROWS:
        row = {**reference.random_row(choose), "meta": {}}
        if None not in row.values():
            rows.append(row)
    return rows


def trees(choose: random.Random) -> Iterator[Any]:
    """Filters without JSON keys and nulls, whose logic is another in old servers."""
    while True:
        tree = reference.random_tree(choose, 3)
        if not {"null", "exists", "meta['k']"} & set(words(tree)) and not orders_sums(tree):
            yield tree


def orders_sums(tree: Any) -> bool:
    """Whether it asks more of arithmetic than whether it is equal, which old servers do not know."""
    if tree[0] == "compute":
        return tree[4] not in ("==", "!=")
    return any(orders_sums(part) for part in tree if isinstance(part, tuple))


def words(tree: Any) -> Iterator[str]:
    for part in tree:
        if isinstance(part, tuple):
            yield from words(part)
        elif isinstance(part, str):
            yield part


def load(target: Target, collections: Collections, rows: list[dict[str, Any]]) -> str:
    types = {"i8": T.Int8, "i32": T.Int32, "d": T.Double, "s": T.VarChar, "b": T.Bool}
    fields = [field(name, type, **({"max_length": 32} if name == "s" else {})) for name, type in types.items()]
    name = collections.make([id_field(), *fields, vector_field()])
    target.done("CreateIndex", collection_name=name, field_name="vec", extra_params={"metric_type": "L2"})
    columns = [column(key, type, [row[key] for row in rows]) for key, type in types.items()]
    vectors = vector_column(random_vectors(ROWS))
    check_accepted(target.insert(name, [column("id", T.Int64, range(ROWS)), *columns, vectors], ROWS))
    target.load(name)
    return name


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_thousand_filters(target: Target, collections: Collections) -> None:
    """The server finds exactly the rows for which the naive reading says True."""
    choose = random.Random(5)
    rows = random_rows(choose)
    name = load(target, collections, rows)
    assert target.count(name) == ROWS  # strongly consistent, so that what follows need not wait
    for _, tree in zip(range(FILTERS), trees(choose), strict=False):
        text = f"id >= 0 and ({reference.render(tree)})"
        answer = target.ask(
            "Query", collection_name=name, expr=text, output_fields=["id"], consistency_level=common.Eventually
        )
        check_accepted(answer)
        keys = [key for data in answer.fields_data if data.field_name == "id" for key in data.scalars.long_data.data]
        assert sorted(keys) == [number for number, row in enumerate(rows) if reference.judge(tree, row)], text
