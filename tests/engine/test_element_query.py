"""Elements that pass, with their rows: windows, deletes, keys that were written twice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from fakemilvus.datatypes import Mask
from fakemilvus.engine.element_query import query_elements
from fakemilvus.filters.elements import Elements
from tests.engine.making import make_vectors, put


@dataclass
class EveryElement:
    """A filter that each row passes with as many elements as its number says, at the places from 0."""

    by_element: bool = True
    always_true: bool = False

    def elements(self, batch: Any) -> Elements:
        numbers = batch.column("number").values
        rows = np.repeat(np.arange(batch.rows), numbers)
        return Elements(rows, np.concatenate([np.arange(number) for number in numbers]))

    def mask(self, batch: Any) -> Mask:
        raise AssertionError("elements are asked for, not rows")


@pytest.fixture
def snapshot(make_collection: Any) -> Any:
    """Keys 5, 3 and 4 with 2, 0 and 3 elements in one segment, 1 and 3 with 1 and 2 in another."""
    collection = make_collection(segment_rows=3)
    put(collection, [5, 3, 4], make_vectors(3), [2, 0, 3])
    put(collection, [1, 3], make_vectors(2), [1, 2])
    return collection.snapshot


def answered(snapshot: Any, **window: Any) -> list[tuple[int, list[int]]]:
    """Each key with the places of its elements."""
    made: Any = EveryElement()
    found = query_elements(snapshot, made, **window)
    keys = found.found.column(snapshot.schema.primary).values.tolist()
    return list(zip(keys, [row.tolist() for row in found.places], strict=True))


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        ({}, [(1, [0]), (3, [0, 1]), (4, [0, 1, 2]), (5, [0, 1])]),
        ({"limit": 2}, [(1, [0]), (3, [0])]),
        ({"limit": 3, "offset": 2}, [(3, [1]), (4, [0, 1])]),
        ({"offset": 8}, []),
        ({"after": (3, 0), "limit": 2}, [(1, [0]), (3, [1])]),
    ],
)
def test_windows(snapshot: Any, window: dict[str, Any], expected: list[tuple[int, list[int]]]) -> None:
    """Elements come by key and place, limit and offset count them, and a row that was written again hides the old."""
    assert answered(snapshot, **window) == expected


def test_no_segments(make_collection: Any) -> None:
    """An empty collection has no elements."""
    assert answered(make_collection().snapshot) == []
