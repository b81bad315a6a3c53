"""Groups of rows with equal values, and what aggregate functions make of them.

It takes columns and knows nothing of segments or requests. Rows whose value is null are a group like any other; inside
a group null values are passed over. Source: internal/agg and segcore's query-agg, Milvus 3.0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fakemilvus import errors, limits
from fakemilvus.datatypes import TYPES, Column, DataType
from fakemilvus.engine.codes import Codes, coded, compact

Numbers = NDArray[np.intp]

_INTEGERS = frozenset((DataType.INT8, DataType.INT16, DataType.INT32, DataType.INT64))
_FLOATS = frozenset((DataType.FLOAT, DataType.DOUBLE))
_TEXTS = frozenset((DataType.STRING, DataType.VARCHAR))
GROUPABLE = _INTEGERS | {DataType.VARCHAR, DataType.TIMESTAMPTZ}
SAFE_SUM = 2.0**62  # sums that floats call smaller than this fit into 64 bits


@dataclass(frozen=True, slots=True)
class Groups:
    """``numbers`` has the group of each row; ``first`` one row of each group, ascending by what they were made of."""

    numbers: Numbers
    first: Numbers

    @property
    def count(self) -> int:
        return len(self.first)


def everything(rows: int) -> Groups:
    """One group of all rows, also where there is none."""
    return Groups(np.zeros(rows, np.intp), np.zeros(1, np.intp))


def grouped(columns: Sequence[Column]) -> Groups:
    """Rows that are equal in all columns are a group; nulls come last. TooManyGroups."""
    numbers, count = _codes(columns[0])
    for column in columns[1:]:
        codes, width = _codes(column)
        used, numbers = compact(numbers * width + codes, count * width)
        count = len(used)
    used, numbers = compact(numbers, count)
    if len(used) > limits.MAX_GROUPS:
        raise errors.TooManyGroups(count=limits.MAX_GROUPS + 1, high=limits.MAX_GROUPS, within="failed to query")
    first = np.zeros(len(used), np.intp)
    first[numbers[::-1]] = np.arange(len(numbers))[::-1]
    return Groups(numbers, first)


def check_type(operator: str, type: DataType) -> None:
    """Raises AggregateType where the function has no meaning for values of the type."""
    allowed = OPERATORS[operator].types
    if allowed is not None and type not in allowed:
        raise errors.AggregateType(operator=operator, type=TYPES[type].name)


def result_type(operator: str, type: DataType) -> DataType:
    """The type of the function's results over values of this type."""
    return OPERATORS[operator].result(type)


def aggregated(operator: str, column: Column | None, groups: Groups) -> Column:
    """One value a group, null where the group has none; without a column the rows themselves are counted.

    Raises SumOverflow, and AverageOfNothing for the average of no value.
    """
    if column is None:
        return Column(DataType.INT64, np.bincount(groups.numbers, minlength=groups.count).astype(np.int64))
    return OPERATORS[operator].compute(column, groups)


# -- private ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Operator:
    """``types`` are those of its values, None for all."""

    compute: Callable[[Column, Groups], Column]
    result: Callable[[DataType], DataType]
    types: frozenset[DataType] | None = None


def _codes(column: Column) -> tuple[Codes, int]:
    """Small numbers in the order of the values, the highest for null; and how many there may be."""
    found, codes = coded(column.values)
    if column.valid is None:
        return codes, len(found)
    return np.where(column.valid, codes, len(found)), len(found) + 1


def _present(column: Column, groups: Groups) -> tuple[NDArray[Any], Numbers]:
    """The values that are not null, and the group of each."""
    if column.valid is None:
        return column.values, groups.numbers
    return column.values[column.valid], groups.numbers[column.valid]


def _counts(column: Column, groups: Groups) -> NDArray[np.int64]:
    numbers = groups.numbers if column.valid is None else groups.numbers[column.valid]
    return np.bincount(numbers, minlength=groups.count).astype(np.int64)


def _count(column: Column, groups: Groups) -> Column:
    return Column(DataType.INT64, _counts(column, groups))


def _sum(column: Column, groups: Groups) -> Column:
    values, numbers = _present(column, groups)
    sums: NDArray[Any] = np.bincount(numbers, values.astype(np.float64), groups.count)
    if column.type in _INTEGERS:
        if np.abs(sums).max(initial=0) >= SAFE_SUM:
            _check_sums(values, numbers)
        sums = _reduced(np.add, values.astype(np.int64), numbers, groups)
    return Column(result_type("sum", column.type), sums, _none_as_none(_counts(column, groups) > 0))


def _average(column: Column, groups: Groups) -> Column:
    counts = _counts(column, groups)
    if not counts.all():
        raise errors.AverageOfNothing(row=int(np.argmin(counts)))
    return Column(DataType.DOUBLE, _sum(column, groups).values / counts)


def _least(column: Column, groups: Groups) -> Column:
    return _extreme(np.minimum, column, groups)


def _greatest(column: Column, groups: Groups) -> Column:
    return _extreme(np.maximum, column, groups)


def _extreme(choose: np.ufunc, column: Column, groups: Groups) -> Column:
    """The least or the greatest value of each group: by rank for text, whose values cannot be reduced."""
    values, numbers = _present(column, groups)
    held = _counts(column, groups) > 0
    if values.dtype.kind != "T":
        return Column(column.type, _reduced(choose, values, numbers, groups), _none_as_none(held))
    found, codes = coded(values)
    places = _reduced(choose, codes, numbers, groups)
    texts = np.zeros(groups.count, column.values.dtype)
    texts[held] = found[places[held]]
    return Column(column.type, texts, _none_as_none(held))


def _reduced(choose: np.ufunc, values: NDArray[Any], numbers: Numbers, groups: Groups) -> NDArray[Any]:
    """The values of each group made into one; 0 for a group without any."""
    reduced = np.zeros(groups.count, values.dtype)
    if not len(values):
        return reduced
    if groups.count == 1:
        reduced[0] = choose.reduce(values)
        return reduced
    order = np.argsort(numbers, kind="stable")
    ordered = numbers[order]
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
    reduced[ordered[starts]] = choose.reduceat(values[order], starts)
    return reduced


def _check_sums(values: NDArray[Any], numbers: Numbers) -> None:
    """Adds with Python's integers, for the rare sums that come near the end of 64 bits."""
    sums: dict[int, int] = {}
    for number, value in zip(numbers.tolist(), values.tolist(), strict=True):
        before = sums.get(number, 0)
        sums[number] = before + value
        if not -(2**63) <= sums[number] < 2**63:
            raise errors.SumOverflow(sum=before, value=value, within="failed to query")


def _none_as_none(valid: NDArray[np.bool_]) -> NDArray[np.bool_] | None:
    return None if valid.all() else valid


OPERATORS = {
    "count": _Operator(_count, lambda _: DataType.INT64),
    "sum": _Operator(_sum, lambda type: DataType.INT64 if type in _INTEGERS else DataType.DOUBLE, _INTEGERS | _FLOATS),
    "avg": _Operator(_average, lambda _: DataType.DOUBLE, _INTEGERS | _FLOATS),
    "min": _Operator(_least, lambda type: type, _INTEGERS | _FLOATS | _TEXTS | {DataType.TIMESTAMPTZ}),
    "max": _Operator(_greatest, lambda type: type, _INTEGERS | _FLOATS | _TEXTS | {DataType.TIMESTAMPTZ}),
}
