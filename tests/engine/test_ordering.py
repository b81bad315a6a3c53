"""The order of rows by columns."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from fakemilvus.datatypes import TEXT_DTYPE, Column, DataType
from fakemilvus.engine.ordering import Direction, ordered

UP, DOWN = Direction(), Direction(ascending=False, nulls_first=True)


def numbers(*values, type=DataType.INT64, dtype=np.int64):
    valid = np.array([value is not None for value in values], np.bool_)
    return Column(type, np.array([value or 0 for value in values], dtype), valid)


def texts(*values):
    return Column(DataType.VARCHAR, np.array(values, TEXT_DTYPE))


def test_ascending_and_descending():
    """Rows come by the values of the column, either way."""
    assert ordered([numbers(2, 3, 1)], [UP]).tolist() == [2, 0, 1]
    assert ordered([numbers(2, 3, 1)], [DOWN]).tolist() == [1, 0, 2]


def test_equal_rows_stay():
    """Rows with equal values stay in their order, either way."""
    assert ordered([numbers(1, 1, 0, 1)], [UP]).tolist() == [2, 0, 1, 3]
    assert ordered([numbers(1, 1, 0, 1)], [DOWN]).tolist() == [0, 1, 3, 2]


def test_the_next_column_decides():
    """Where the first column is equal the second decides, in its own direction."""
    columns = [texts("b", "a", "b", "a"), numbers(1, 2, 3, 4)]
    assert ordered(columns, [UP, DOWN]).tolist() == [3, 1, 2, 0]


def test_nulls_go_where_they_are_told():
    """Nulls are first or last, whichever way the values go, and the value that stands in their place says nothing."""
    column = numbers(5, None, -5, None)
    assert ordered([column], [Direction(True, nulls_first=True)]).tolist() == [1, 3, 2, 0]
    assert ordered([column], [Direction(True, nulls_first=False)]).tolist() == [2, 0, 1, 3]
    assert ordered([column], [Direction(False, nulls_first=True)]).tolist() == [1, 3, 0, 2]
    assert ordered([column], [Direction(False, nulls_first=False)]).tolist() == [0, 2, 1, 3]


def test_the_ends_of_integers():
    """The lowest integer, which has no negative, is the last one descending."""
    low, high = -(2**63), 2**63 - 1
    assert ordered([numbers(0, low, high)], [DOWN]).tolist() == [2, 0, 1]
    assert ordered([numbers(0, -128, 127, type=DataType.INT8, dtype=np.int8)], [DOWN]).tolist() == [2, 0, 1]


def test_booleans():
    """False comes before true."""
    column = Column(DataType.BOOL, np.array([True, False, True]))
    assert ordered([column], [UP]).tolist() == [1, 0, 2]
    assert ordered([column], [DOWN]).tolist() == [0, 2, 1]


def test_text_by_bytes():
    """Text is sorted by its bytes."""
    assert ordered([texts("b", "ä", "Z", "aa", "a")], [UP]).tolist() == [2, 4, 3, 0, 1]


def test_no_rows():
    """No rows have an order too."""
    assert ordered([numbers(), texts()], [UP, DOWN]).tolist() == []


@pytest.mark.parametrize("seed", range(20))
def test_as_python_sorts(seed):
    """Random columns with nulls are ordered as Python does it row by row."""
    random = np.random.default_rng(seed)
    rows = 200
    columns = [
        numbers(*[None if random.random() < 0.2 else int(random.integers(-3, 3)) for _ in range(rows)]),
        texts(*random.choice(["", "a", "b", "ab"], rows)),
        Column(DataType.DOUBLE, random.integers(-2, 3, rows) / 2.0, random.random(rows) < 0.8),
    ]
    directions = [Direction(bool(random.integers(2)), bool(random.integers(2))) for _ in columns]

    def compare(one, other):
        for column, direction in zip(columns, directions, strict=True):
            nulls = [column.valid is not None and not column.valid[row] for row in (one, other)]
            if any(nulls):
                if nulls[0] != nulls[1]:
                    return -1 if nulls[0] == direction.nulls_first else 1
                continue
            left, right = column.values[one], column.values[other]
            if left != right:
                return -1 if (left < right) == direction.ascending else 1
        return 0

    assert ordered(columns, directions).tolist() == sorted(range(rows), key=functools.cmp_to_key(compare))
