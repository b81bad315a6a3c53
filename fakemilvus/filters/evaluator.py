"""Runs a plan over a batch of rows, in three-valued logic.

A scalar index is asked first for what it may answer; whatever it declines is compared value by value. JSON documents
are read once per column and evaluation, but for columns too large to hold them all: those are read once per key.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numpy.typing import NDArray

from fakemilvus import limits
from fakemilvus.datatypes import Column, DataType, Mask
from fakemilvus.filters import (
    containment,
    documents,
    elements,
    invocations,
    lists,
    literals,
    lookups,
    matching,
    plan,
    refused,
    sampling,
    scalars,
    spatial,
    texts,
    timestamps,
)
from fakemilvus.filters.fields import Batch
from fakemilvus.filters.remembered import Remembered
from fakemilvus.filters.syntax import Value
from fakemilvus.filters.truth import Truth, both, constant, either, known_where, negated


class Evaluation:
    """One run of a plan over one batch; ``seed`` is for what is drawn at random."""

    def __init__(self, batch: Batch, seed: int = 0) -> None:
        self.batch = batch
        self.seed = seed
        self._documents: dict[str, documents.Found] = {}
        self._arrays: dict[str, lists.Arrays] = {}

    def truth(self, node: plan.Predicate) -> Truth:
        return _TRUTHS[type(node)](self, node)

    def _not(self, node: plan.Not) -> Truth:
        return negated(self.truth(node.operand))

    def _all(self, node: plan.All) -> Truth:
        return self._joined(node.operands, both)

    def _any_of(self, node: plan.AnyOf) -> Truth:
        return self._joined(node.operands, either)

    def _constant(self, node: plan.Constant) -> Truth:
        return constant(node.value, self.batch.rows)

    def _exists(self, node: plan.Exists) -> Truth:
        return Truth(documents.exists(self.found(node.column)))

    def _like(self, node: plan.Like) -> Truth:
        found = self.indexed(node.column, "like", node.pattern)
        if found is not None:
            return found
        return self.judged(node.column, str, lambda values: scalars.like(values, node.pattern))

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
            found = self.indexed(column, "==", value)
            if found is not None:
                return negated(found)
        else:
            found = self.indexed(column, node.operator, value)
            if found is not None:
                return found
        return self.judged(column, type(value), lambda values: scalars.compare(values, node.operator, value))

    def _compare_list(self, column: plan.Column, operator: str, wanted: list[Value]) -> Truth:
        """A whole array or a JSON key; there is no order among lists, of a key that holds any value or none."""
        if column.type is DataType.ARRAY:
            arrays = self.arrays(column)
            truth = arrays.bounds.truth(arrays.equal(lists.constant(wanted, arrays.items.dtype)))
            return truth if operator == "==" else negated(truth)
        if operator not in ("==", "!="):
            return known_where(constant(False, self.batch.rows).mask, self.column(column).valid)
        return documents.same_list(self.found(column), wanted, operator == "==")

    def _within(self, node: plan.Within) -> Truth:
        if node.column.type in (DataType.JSON, DataType.ARRAY) and not len(node.values):
            return constant(False, self.batch.rows)
        found = self.indexed(node.column, "in", node.values)
        if found is not None:
            return found
        kind = _KINDS[node.values.dtype.kind]
        return self.judged(node.column, kind, lambda values: scalars.within(values, node.values))

    def _range(self, node: plan.Range) -> Truth:
        kind = float if isinstance(node.upper, float) else type(node.lower)
        bounds = lookups.bounds(node)
        found = self.indexed(node.column, "between", bounds)
        if found is not None:
            return found
        return self.judged(node.column, kind, lambda values: scalars.between(values, *bounds))

    def _computed(self, node: plan.Computed) -> Truth:
        terms = (node.arithmetic, node.operand, node.operator, node.value)
        return self.judged(node.column, type(node.value), lambda values: scalars.computed(values, *terms))

    def _compare_columns(self, node: plan.CompareColumns) -> Truth:
        left, right = self.column(node.left), self.column(node.right)
        mask = scalars.compare_columns(left.values, node.operator, right.values)
        return _known(mask, left, right)

    def _null(self, node: plan.Null) -> Truth:
        valid = self.column(node.column).valid
        return constant(False, self.batch.rows) if valid is None else Truth(~valid)

    def judged(self, column: plan.Column, kind: type, judge: Callable[[NDArray[Any]], Mask]) -> Truth:
        """The judge's answers for a plain column, or for the values of this kind at a JSON key."""
        if column.type is DataType.JSON:
            return documents.judged(self.found(column), kind, judge)
        plain = self.column(column)
        return known_where(judge(plain.values), plain.valid)

    def indexed(self, column: plan.Column, operator: str, value: object) -> Truth | None:
        """A scalar index's answer, or None. It never finds a null row."""
        matches = lookups.look_up(self.batch, column, operator, value)
        if matches is None:
            return None
        known = matches.known if column.type is DataType.JSON else self.column(column).valid
        return Truth(matches.mask(), known)

    def found(self, column: plan.Column) -> documents.Found:
        """What stands at the column's path in each row."""
        plain = self.column(column)
        if len(plain) > limits.MAX_KEPT_DOCUMENTS:
            return documents.read_at(plain, column.path)
        read = self._documents.get(column.name)
        if read is None:
            read = self._documents[column.name] = _read.get(plain, documents.read)
        return documents.look_up(read, column.path)

    def arrays(self, column: plan.Column) -> lists.Arrays:
        """Every array of the field, whatever the path."""
        made = self._arrays.get(column.name)
        if made is None:
            plain = self.batch.column(column.name)
            made = self._arrays[column.name] = _laid_out.get(plain, lambda plain: lists.arrays(plain, column.element))
        return made

    def column(self, column: plan.Column) -> Column:
        """The field's rows, or the elements at an index of their arrays."""
        if column.type is DataType.ARRAY and column.path:
            index = literals.natural(column.path[0])
            return self.arrays(column).at(literals.INT64_MAX if index is None else index, column.element)
        return self.batch.column(column.name)


_read: Remembered[documents.Found] = Remembered(limits.MAX_KEPT_DOCUMENTS)
_laid_out: Remembered[lists.Arrays] = Remembered(limits.MAX_KEPT_ARRAYS)


def _known(mask: Mask, *columns: Column) -> Truth:
    """A comparison of columns is unknown where any of them is null."""
    known: Mask | None = None
    for column in columns:
        if column.valid is not None:
            known = column.valid if known is None else known & column.valid
    return known_where(mask, known)


_KINDS: dict[str, type] = {"b": bool, "i": int, "f": float, "T": str}
_TRUTHS: dict[type[plan.Predicate], Callable[[Evaluation, Any], Truth]] = {
    plan.Compare: Evaluation._compare,
    plan.Within: Evaluation._within,
    plan.Range: Evaluation._range,
    plan.Not: Evaluation._not,
    plan.All: Evaluation._all,
    plan.AnyOf: Evaluation._any_of,
    plan.Constant: Evaluation._constant,
    plan.Null: Evaluation._null,
    plan.Exists: Evaluation._exists,
    plan.CompareColumns: Evaluation._compare_columns,
    plan.Like: Evaluation._like,
    plan.Computed: Evaluation._computed,
    timestamps.CompareMoved: timestamps.evaluate,
    containment.Contains: containment.contains,
    plan.Length: containment.length,
    refused.Refused: refused.evaluate,
    elements.Matched: elements.evaluate_match,
    elements.ElementFilter: elements.evaluate_filter,
    matching.Matching: matching.evaluate,
    invocations.Begins: invocations.begins,
    sampling.Sample: sampling.evaluate,
    spatial.Related: spatial.evaluate_relation,
    spatial.Near: spatial.evaluate_distance,
    spatial.Valid: spatial.evaluate_valid,
    texts.TextMatch: texts.evaluate_match,
    texts.FuzzyMatch: texts.evaluate_fuzzy,
    texts.PhraseMatch: texts.evaluate_phrase,
}
"""How each node is evaluated; a function of the table in functions.py adds the nodes that its check makes."""
