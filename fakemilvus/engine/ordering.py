"""The order of rows by the values of some columns: for ORDER BY, of whatever was found.

It takes columns and knows nothing of segments or requests. Source: SortBuffer and queryutil's order_op.go, Milvus 3.0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fakemilvus.datatypes import Column, DataType
from fakemilvus.engine.codes import coded
from fakemilvus.engine.schema import Field

SORTABLE = frozenset(
    (
        DataType.BOOL,
        DataType.INT8,
        DataType.INT16,
        DataType.INT32,
        DataType.INT64,
        DataType.FLOAT,
        DataType.DOUBLE,
        DataType.STRING,
        DataType.VARCHAR,
    )
)


@dataclass(frozen=True, slots=True)
class Direction:
    """Which way one column is sorted; nulls are at one end of it, whichever way the values go."""

    ascending: bool = True
    nulls_first: bool = False


@dataclass(frozen=True, slots=True)
class SortKey:
    """One key of an ORDER BY."""

    field: Field
    direction: Direction = Direction()


def ordered(columns: Sequence[Column], directions: Sequence[Direction]) -> NDArray[np.intp]:
    """The row numbers in the order of the first column, of the second where that is equal, and so on.

    Rows that are equal in all stay in their order. Text is sorted by its bytes.
    """
    keys: list[NDArray[Any]] = []
    for column, direction in zip(columns, directions, strict=True):
        keys += _keys(column, direction)
    return np.lexsort(keys[::-1])


def _keys(column: Column, direction: Direction) -> list[NDArray[Any]]:
    """What to sort by ascending, the most important first: where the nulls go, then the values."""
    values = coded(column.values)[1] if column.values.dtype.kind == "T" else column.values
    if not direction.ascending:
        values = ~values if values.dtype.kind in "bi" else -values  # the lowest integer has no negative
    if column.valid is None:
        return [values]
    places = column.valid if direction.nulls_first else ~column.valid
    return [places, np.where(column.valid, values, np.zeros((), values.dtype))]
