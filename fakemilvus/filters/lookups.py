"""Asking the scalar indexes of a batch, and running a whole filter over the few rows that one of them names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from fakemilvus.datatypes import Column, DataType, Mask
from fakemilvus.filters import containment, plan, timestamps
from fakemilvus.filters.fields import Batch, TextIndex
from fakemilvus.filters.matches import Matches, Rows
from fakemilvus.filters.syntax import Value

Judge: TypeAlias = Callable[[plan.Predicate, Batch], Mask]

FEW_SHARE = 16  # a rest of the filter is run over so many-th of the rows, or fewer, instead of over all


def look_up(batch: Batch, column: plan.Column, operator: str, value: object) -> Matches | None:
    """An index's answer, or None; a constant goes to it in the column's width."""
    if column.type is DataType.ARRAY and column.path:
        return None
    if column.type is DataType.FLOAT:
        value = _narrow(value)
    return batch.look_up(column.name, column.path, operator, value)


def bounds(node: plan.Range) -> tuple[Value, bool, Value, bool]:
    """What "between" takes."""
    return node.lower, node.lower_inclusive, node.upper, node.upper_inclusive


def masked(node: plan.Predicate, batch: Batch, judge: Judge) -> Mask:
    """The rows for which the node is true, as a mask; ``judge`` evaluates a node over a batch."""
    rows = _narrowed_all(node.operands, batch, judge) if isinstance(node, plan.All) else None
    if rows is None:
        return judge(node, batch)
    mask = np.zeros(batch.rows, np.bool_)
    mask[rows] = True
    return mask


def narrowed(node: plan.Predicate, batch: Batch, judge: Judge) -> Rows | None:
    """The numbers of the same rows, ascending, where an index names them, or few that may be: of an ``and``, what is
    left is asked of the named rows only. None where a mask is as good.
    """
    if isinstance(node, plan.All):
        return _narrowed_all(node.operands, batch, judge)
    matches = _matches(node, batch)
    return None if matches is None else matches.rows()


def _narrow(value: object) -> object:
    """A constant, or each of a tuple, as a 32 bit float."""
    if isinstance(value, tuple):
        return tuple(map(_narrow, value))
    if not isinstance(value, float):
        return value
    with np.errstate(over="ignore"):
        return float(np.float32(value))


def _narrowed_all(operands: list[plan.Predicate], batch: Batch, judge: Judge) -> Rows | None:
    if not all(map(_looks_at_one_row, operands)):
        return None
    for number, operand in enumerate(operands):
        matches = _matches(operand, batch)
        if matches is None or matches.count() > batch.rows // FEW_SHARE:
            continue
        rows = matches.rows()
        rest = [*operands[:number], *operands[number + 1 :]]
        return rows[judge(plan.All(rest) if len(rest) > 1 else rest[0], _Part(batch, rows))]
    return None


def _matches(node: plan.Predicate, batch: Batch) -> Matches | None:
    match node:
        case plan.Compare(column, operator, value) if operator != "!=" and not isinstance(value, list):
            return look_up(batch, column, operator, value)
        case plan.Range(column=column):
            return look_up(batch, column, "between", bounds(node))
        case plan.Within(column, values) if len(values):
            return look_up(batch, column, "in", values)
        case containment.Contains(column, "contains", (item,)):
            return look_up(batch, column, "contains", item)
        case plan.Like(column, pattern):
            return look_up(batch, column, "like", pattern)
        case _:
            return None


def _looks_at_one_row(node: plan.Predicate) -> bool:
    """Whether its answer for a row depends on that row alone, so that it may be asked of some rows only."""
    match node:
        case plan.All(operands) | plan.AnyOf(operands):
            return all(map(_looks_at_one_row, operands))
        case plan.Not(operand):
            return _looks_at_one_row(operand)
        case _:
            return type(node) in _ROW_BY_ROW


class _Part:
    """Some rows of a batch, as a batch without indexes."""

    __slots__ = ("_numbers", "_whole", "rows")

    def __init__(self, whole: Batch, numbers: Rows) -> None:
        self._whole = whole
        self._numbers = numbers
        self.rows = len(numbers)

    def column(self, name: str) -> Column:
        return self._whole.column(name).take(self._numbers)

    def find(self, name: str, operator: str, value: object) -> Mask | None:
        return None

    def text_index(self, name: str) -> TextIndex:
        raise AssertionError("what asks for terms asks of a whole batch")

    def look_up(self, name: str, path: tuple[str, ...], operator: str, value: Any) -> Matches | None:
        return None


_ROW_BY_ROW = frozenset(
    (
        plan.Constant,
        plan.Compare,
        plan.CompareColumns,
        plan.Range,
        plan.Within,
        plan.Like,
        plan.Computed,
        plan.Null,
        plan.Exists,
        plan.Length,
        containment.Contains,
        timestamps.CompareMoved,
    )
)
