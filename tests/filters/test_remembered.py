"""What filters keep of columns, and for how long."""

from __future__ import annotations

import gc

import numpy as np
import pytest

from fakemilvus.datatypes import Column, DataType
from fakemilvus.filters import compile_filter, documents
from fakemilvus.filters.remembered import Remembered
from tests.filters.making import FakeBatch, column, fields


def of(*numbers: int) -> Column:
    return Column(DataType.INT64, np.array(numbers))


def listed(made: list[int]) -> object:
    """A maker that counts its calls in ``made``."""
    return lambda column: made.append(len(column)) or column.values.tolist()


def test_kept_from_the_second_time_on() -> None:
    """What is asked for twice is kept, what is asked for once is not."""
    made: list[int] = []
    kept: Remembered[list[int]] = Remembered(10)
    given = of(1, 2)
    answers = [kept.get(given, listed(made)) for _ in range(4)]  # type: ignore[arg-type]
    assert answers == [[1, 2]] * 4
    assert len(made) == 2
    assert kept.rows == 2


def test_freed_with_the_values() -> None:
    """Nothing is kept of values that are no more."""
    kept: Remembered[list[int]] = Remembered(10)
    given = of(1, 2)
    for _ in range(2):
        kept.get(given, lambda column: column.values.tolist())
    assert kept.rows == 2
    del given
    gc.collect()
    assert kept.rows == 0


def test_bounded_by_rows() -> None:
    """The oldest goes first, and what is larger than all room is never kept."""
    made: list[int] = []
    kept: Remembered[list[int]] = Remembered(5)
    columns = [of(*range(2)), of(*range(3)), of(*range(1)), of(*range(6))]
    for given in columns:
        for _ in range(2):
            kept.get(given, listed(made))  # type: ignore[arg-type]
    assert kept.rows == 4
    made.clear()
    for given in (columns[1], columns[2]):
        kept.get(given, listed(made))  # type: ignore[arg-type]
    assert made == []


def test_other_nulls_are_another_column() -> None:
    """The same values with other nulls are made anew."""
    kept: Remembered[int] = Remembered(5)
    values = np.array([1, 2])
    for valid in (None, np.array([True, False])):
        given = Column(DataType.INT64, values, valid)
        for _ in range(3):
            count = kept.get(given, lambda column: -1 if column.valid is None else int(column.valid.sum()))
        assert count == (-1 if valid is None else 1)


def test_documents_are_read_once_for_many_filters(monkeypatch: pytest.MonkeyPatch) -> None:
    """From the second filter on the documents of a column are there."""
    meta = column(DataType.JSON, ['{"a": 1}', None, '{"a": [2]}'])
    read = documents.read
    calls: list[int] = []
    monkeypatch.setattr(documents, "read", lambda given: calls.append(1) or read(given))
    for _ in range(4):
        for text, expected in (("meta['a'] == 1", [0]), ("json_contains(meta['a'], 2)", [2]), ("meta is null", [1])):
            mask = compile_filter(text, fields()).mask(FakeBatch({"meta": meta}, 3))
            assert np.flatnonzero(mask).tolist() == expected
    assert len(calls) == 2
