"""The scalar index of an ARRAY."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from fakemilvus.datatypes import TEXT_DTYPE, Column, DataType, as_objects
from fakemilvus.engine.element_index import ElementIndex, ElementsBuilder


def built(arrays: list[Any], chunk: int = 2) -> ElementIndex:
    builder = ElementsBuilder(Column(DataType.ARRAY, as_objects(arrays)))
    for start in range(0, len(arrays), chunk):
        builder.add(start, min(len(arrays), start + chunk))
    return builder.finished()


def rows_of(index: ElementIndex, operator: str, value: Any) -> list[int]:
    matches = index.look_up(operator, value)
    assert matches is not None
    return [int(row) for row in matches.rows()]


def test_rows_that_hold_a_number() -> None:
    """A look-up finds each row that holds the value, whatever the chunks were, and counts itself."""
    arrays = [np.array(items, np.int64) for items in ([1, 2], [], [2, 2], [3], [2])]
    index = built(arrays)
    assert rows_of(index, "contains", 2) == [0, 2, 4]
    assert index.look_ups == 1


def test_rows_that_hold_a_text() -> None:
    """Texts are found by their whole."""
    index = built([np.array(items, TEXT_DTYPE) for items in (["a", "ab"], ["b"], ["a"])])
    assert rows_of(index, "contains", "a") == [0, 2]


def test_arrays_without_elements() -> None:
    """Rows without any element are never found."""
    assert rows_of(built([np.empty(0, np.float32)] * 3), "contains", 0.0) == []


@pytest.mark.parametrize("operator", ["==", "in", "<"])
def test_other_operators_are_declined(operator: str) -> None:
    """What an array as a whole is compared with cannot be answered from its elements."""
    assert built([np.array([1])]).look_up(operator, 1) is None


def test_lists_of_values() -> None:
    """Rows that hold any, or all, of some values; a value that is not of the elements' type is left to the filter."""
    index = built([np.array(items, np.int64) for items in ([1, 2], [], [2, 3], [3], [2, 1, 2])])
    assert rows_of(index, "contains_any", [1, 3]) == [0, 2, 3, 4]
    assert rows_of(index, "contains_all", [1, 2]) == [0, 4]
    assert index.look_up("contains_any", [1, "a"]) is None
    assert index.look_up("contains_all", []) is None
