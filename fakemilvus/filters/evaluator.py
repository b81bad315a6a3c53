"""Runs a plan over a batch of rows, in three-valued logic.

A scalar index is asked first for what it may answer; whatever it declines is compared value by value. JSON documents
are read once per column and evaluation.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fakemilvus.datatypes import Column, DataType, Mask
from fakemilvus.filters import documents, plan, scalars
from fakemilvus.filters.fields import Batch
from fakemilvus.filters.syntax import Value
from fakemilvus.filters.truth import Truth, both, constant, either, known_where, negated


class Evaluation:
    """One run of a plan over one batch."""

    def __init__(self, batch: Batch) -> None:
        self._batch = batch
        self._documents: dict[str, documents.Found] = {}

    def truth(self, node: plan.Predicate) -> Truth:
        match node:
            case plan.Compare():
                return self._compare(node)
            case plan.Within():
                return self._within(node)
            case plan.Range():
                return self._range(node)
            case plan.Not(operand):
                return negated(self.truth(operand))
            case plan.All(operands):
                return self._joined(operands, both)
            case plan.AnyOf(operands):
                return self._joined(operands, either)
            case plan.Constant(value):
                return constant(value, self._batch.rows)
            case plan.Null(column):
                return self._null(column)
            case plan.Exists(column):
                return Truth(documents.exists(self._found(column)))
            case plan.CompareColumns():
                return self._compare_columns(node)
            case plan.Like(column, pattern):
                return self._judged(column, str, lambda values: scalars.like(values, pattern))
            case plan.Computed():
                return self._computed(node)
            case _:
                raise AssertionError(f"no evaluation for {node}")

    def _joined(self, operands: list[plan.Predicate], join: Callable[[Truth, Truth], Truth]) -> Truth:
        total = self.truth(operands[0])
        for operand in operands[1:]:
            total = join(total, self.truth(operand))
        return total

    def _compare(self, node: plan.Compare) -> Truth:
        if isinstance(node.value, list):
            return self._compare_list(node.column, node.operator, node.value)
        column, value = node.column, node.value
        if node.operator == "!=":
            found = self._indexed(column, "==", value)
            if found is not None:
                return negated(found)
        else:
            found = self._indexed(column, node.operator, value)
            if found is not None:
                return found
        return self._judged(column, type(value), lambda values: scalars.compare(values, node.operator, value))

    def _compare_list(self, column: plan.Column, operator: str, wanted: list[Value]) -> Truth:
        """Only a JSON key is compared with a list; there is no order among lists."""
        if operator not in ("==", "!="):
            return self._judged(column, bool, lambda values: values)
        return documents.same_list(self._found(column), wanted, operator == "==")

    def _within(self, node: plan.Within) -> Truth:
        if node.column.type is DataType.JSON and not len(node.values):
            return constant(False, self._batch.rows)
        found = self._indexed(node.column, "in", node.values)
        if found is not None:
            return found
        kind = _KINDS[node.values.dtype.kind]
        return self._judged(node.column, kind, lambda values: scalars.within(values, node.values))

    def _range(self, node: plan.Range) -> Truth:
        lower = self._indexed(node.column, ">=" if node.lower_inclusive else ">", node.lower)
        if lower is not None:
            upper = self._indexed(node.column, "<=" if node.upper_inclusive else "<", node.upper)
            if upper is not None:
                return both(lower, upper)
        kind = float if isinstance(node.upper, float) else type(node.lower)
        bounds = (node.lower, node.lower_inclusive, node.upper, node.upper_inclusive)
        return self._judged(node.column, kind, lambda values: scalars.between(values, *bounds))

    def _computed(self, node: plan.Computed) -> Truth:
        terms = (node.arithmetic, node.operand, node.operator, node.value)
        return self._judged(node.column, type(node.value), lambda values: scalars.computed(values, *terms))

    def _compare_columns(self, node: plan.CompareColumns) -> Truth:
        left, right = self._column(node.left), self._column(node.right)
        mask = scalars.compare_columns(left.values, node.operator, right.values)
        return _known(mask, left, right)

    def _null(self, column: plan.Column) -> Truth:
        valid = self._column(column).valid
        return constant(False, self._batch.rows) if valid is None else Truth(~valid)

    def _judged(self, column: plan.Column, kind: type, judge: Callable[[NDArray[Any]], Mask]) -> Truth:
        """The judge's answers for a plain column, or for the values of this kind at a JSON key."""
        if column.type is DataType.JSON:
            return documents.judged(self._found(column), kind, judge)
        plain = self._column(column)
        return known_where(judge(plain.values), plain.valid)

    def _indexed(self, column: plan.Column, operator: str, value: object) -> Truth | None:
        """A scalar index's answer, or None. It never finds a null row; a constant goes to it in the column's width."""
        if column.type is DataType.JSON:
            return None
        if column.type is DataType.FLOAT and isinstance(value, float):
            with np.errstate(over="ignore"):
                value = float(np.float32(value))
        found = self._batch.find(column.name, operator, value)
        return None if found is None else known_where(found, self._column(column).valid)

    def _found(self, column: plan.Column) -> documents.Found:
        read = self._documents.get(column.name)
        if read is None:
            read = self._documents[column.name] = documents.read(self._column(column))
        return documents.look_up(read, column.path)

    def _column(self, column: plan.Column) -> Column:
        return self._batch.column(column.name)


def _known(mask: Mask, *columns: Column) -> Truth:
    """A comparison of columns is unknown where any of them is null."""
    known: Mask | None = None
    for column in columns:
        if column.valid is not None:
            known = column.valid if known is None else known & column.valid
    return known_where(mask, known)


_KINDS: dict[str, type] = {"b": bool, "i": int, "f": float, "T": str}
