"""The BITMAP index, and HYBRID, which is one where the values are few."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from fakemilvus.datatypes import TEXT_DTYPE, Column, DataType
from fakemilvus.engine.bitmap_index import BitmapBuilder, BitmapIndex
from fakemilvus.engine.scalar_index import SortedIndex

COLORS = ["red", "blue", "red", "green", "blue", "red", "red", "red", "green", "red"]


def built(column: Column, limit: int = 500, chunk: int = 4) -> Any:
    builder = BitmapBuilder(column, limit)
    for start in range(0, len(column), chunk):
        builder.add(start, min(start + chunk, len(column)))
    return builder.finished()


def rows_of(index: Any, operator: str, value: Any) -> list[int]:
    matches = index.look_up(operator, value)
    assert matches is not None
    assert matches.mask().tolist() == [row in matches.rows() for row in range(matches.total_rows)]
    return [int(row) for row in matches.rows()]


def colors() -> Column:
    return Column(DataType.VARCHAR, np.array(COLORS, TEXT_DTYPE))


@pytest.mark.parametrize(
    ("operator", "value", "found"),
    [
        ("==", "green", {"green"}),
        ("==", "black", set()),
        ("in", ["green", "blue", "black"], {"green", "blue"}),
        ("in", [], set()),
        (">", "green", {"red"}),
        ("<=", "green", {"blue", "green"}),
        ("between", ("c", True, "h", True), {"green"}),
        ("like", "%re%", {"red", "green"}),
        ("like", "b%", {"blue"}),
    ],
)
def test_values_are_found(operator: str, value: Any, found: set[str]) -> None:
    """Each operator over the values, and patterns over texts, give the rows of the values that pass."""
    index = built(colors())
    assert isinstance(index, BitmapIndex)
    assert rows_of(index, operator, value) == [row for row, color in enumerate(COLORS) if color in found]
    assert index.look_ups == 1


def test_null_rows_are_in_no_bitmap() -> None:
    """A null row is not found, not by the value that stands in its place either."""
    index = built(Column(DataType.INT8, np.array([0, 1, 0], np.int8), np.array([False, True, True])))
    assert rows_of(index, "==", 0) == [2]
    assert rows_of(index, ">=", 0) == [1, 2]


def test_many_values_are_lists_of_rows() -> None:
    """From the limit on, rows are listed by their value instead of marked by bits."""
    column = Column(DataType.INT64, np.arange(9) % 3)
    assert isinstance(built(column, limit=4), BitmapIndex)
    assert isinstance(built(column, limit=3), SortedIndex)
    assert rows_of(built(column, limit=3), "==", 1) == [1, 4, 7]


def test_every_row_null() -> None:
    """An index over nothing but nulls finds nothing."""
    index = built(Column(DataType.BOOL, np.zeros(3, np.bool_), np.zeros(3, np.bool_)))
    assert rows_of(index, "==", False) == []


def test_a_value_of_another_type_is_left_to_the_filter() -> None:
    """A number is no text."""
    assert built(colors()).look_up("==", 1) is None
