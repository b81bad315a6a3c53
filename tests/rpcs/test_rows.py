"""Rows as a stock client sees them: what a delete counts, and which rows a query leaves out."""

from __future__ import annotations

from typing import Any

import pytest
from pymilvus.exceptions import MilvusException


@pytest.fixture
def client(fakemilvus_client: Any) -> Any:
    """A collection with the rows 0 to 9, of which 0 to 4 are flushed."""
    fakemilvus_client.create_collection("c", dimension=4)
    for first in (0, 5):
        rows = [{"id": row, "vector": [float(row)] * 4} for row in range(first, first + 5)]
        fakemilvus_client.insert("c", rows)
        if not first:
            fakemilvus_client.flush("c")
    return fakemilvus_client


def _ids(found: Any) -> list[int]:
    return sorted(row["id"] for row in found)


def test_a_delete_counts_keys(client: Any) -> None:
    """A list of keys is counted once each, whether a row has it or not, as Milvus 3.0 does."""
    assert client.delete("c", ids=[3, 3, 99])["delete_count"] == 2
    assert _ids(client.query("c", "id < 5")) == [0, 1, 2, 4]


def test_a_delete_by_filter_counts_rows(client: Any) -> None:
    """Any other filter counts the rows that it deleted."""
    assert client.delete("c", filter="id > 7")["delete_count"] == 2


@pytest.mark.parametrize(("ignore", "ids"), [(True, [0, 1, 2, 3, 4]), (False, list(range(10)))])
def test_a_query_ignores_growing_rows(client: Any, ignore: bool, ids: list[int]) -> None:
    """With ignore_growing only flushed rows are found."""
    assert _ids(client.query("c", "id >= 0", ignore_growing=ignore)) == ids


def test_a_search_ignores_growing_rows(client: Any) -> None:
    """With ignore_growing only flushed rows are found."""
    assert _ids(client.search("c", [[9.0] * 4], limit=10, ignore_growing=True)[0]) == [0, 1, 2, 3, 4]


def test_ignore_growing_is_read_as_go_reads(client: Any) -> None:
    """What is no boolean to Go is refused."""
    with pytest.raises(MilvusException, match="parse ignore growing field failed: invalid parameter"):
        client.query("c", "id >= 0", ignore_growing="yes")


@pytest.mark.parametrize("field", ["*%", "**", "@", "my-key", 'a["b"]'])
def test_an_output_field_is_an_identifier(client: Any, field: str) -> None:
    """With a dynamic field any identifier is one of its keys; what is none is refused."""
    with pytest.raises(MilvusException) as raised:
        client.query("c", "id == 1", output_fields=[field])
    assert raised.value.message == f"parse output field name failed: {field}: invalid parameter"
