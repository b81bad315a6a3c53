"""Data types and columns."""

from __future__ import annotations

import numpy as np
import pytest

from fakemilvus.datatypes import TYPES, Column, DataType, concatenate, type_name


@pytest.mark.parametrize(
    ("number", "name"),
    [(1, "Bool"), (5, "Int64"), (21, "VarChar"), (101, "FloatVector"), (105, "Int8Vector"), (22, "Array"), (77, "77")],
)
def test_names_are_milvus(number, name):
    """A type is called as Milvus prints it, whether it is built or not; an unknown one is its number."""
    assert type_name(number) == name


@pytest.mark.parametrize("type_", TYPES)
def test_placeholders_fit(type_):
    """Each type's null placeholder can stand in a column of the type."""
    row = TYPES[type_]
    assert np.full(2, row.null, row.dtype)[1] == row.null


def test_taking_rows():
    """Taking rows takes their null flags along."""
    column = Column(DataType.INT64, np.array([1, 2, 3]), np.array([True, False, True]))
    taken = column.take(np.array([2, 1]))
    assert (taken.values.tolist(), taken.valid.tolist(), len(taken)) == ([3, 2], [True, False], 2)


def test_a_slice_shares_memory():
    """A slice of a column is a view."""
    column = Column(DataType.INT64, np.arange(5))
    assert np.shares_memory(column.take(slice(1, 3)).values, column.values)


def test_joining_columns():
    """Joined columns keep their order; where one has nulls, the rows of the others are valid."""
    joined = concatenate(
        [Column(DataType.INT64, np.array([1])), Column(DataType.INT64, np.array([2, 3]), np.array([False, True]))]
    )
    assert (joined.values.tolist(), joined.valid.tolist()) == ([1, 2, 3], [True, False, True])


def test_joining_columns_without_nulls():
    """Columns without nulls join to one without."""
    assert concatenate([Column(DataType.INT64, np.array([1]))] * 2).valid is None
