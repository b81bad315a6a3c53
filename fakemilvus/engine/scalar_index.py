"""The scalar index: a field's distinct values in sorted order, each with its rows; built in chunks, used by filters.

It stands behind STL_SORT, TRIE, INVERTED, and BITMAP and HYBRID where the values are many: each answers ``==``, ``in``,
the orderings, and over text ``like`` and "search", which brings a judge of texts. Null rows are left out, so a look-up
never matches one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fakemilvus.datatypes import TEXT_DTYPE, Column, Mask
from fakemilvus.engine.keys import sortable
from fakemilvus.filters import patterns, scalars
from fakemilvus.filters.matches import Matches, Rows

Values = NDArray[Any]

SCANNED_SHARE = 16  # of numbers so many-th of the rows are compared as fast as they are looked up
SMALL = 4_096  # rows; so few are looked up whatever their share
FEW_TEXTS = 64  # as many distinct ones are tried on any pattern
MATCHED_SHARE = 4  # where so many-th of the rows have a text of their own, a pattern is tried on each of the rows


class SortedBuilder:
    """Sorts ranges of rows as they come; the last call merges the sorted runs."""

    train_steps = 0

    def __init__(self, column: Column) -> None:
        self._column = column
        self._runs: list[Rows] = []

    def train(self, step: int) -> None:
        raise AssertionError("a scalar index has no training step")

    def add(self, start: int, stop: int) -> None:
        rows = np.arange(start, stop)
        if self._column.valid is not None:
            rows = rows[self._column.valid[start:stop]]
        self._runs.append(rows[np.argsort(self._column.values[rows], kind="stable")])

    def finished(self) -> SortedIndex:
        rows = np.concatenate(self._runs) if self._runs else np.empty(0, np.intp)
        return sorted_index(len(self._column), self._column.values[rows], rows)


@dataclass(slots=True)
class SortedIndex:
    """The built index: rows ``rows[starts[i]:starts[i + 1]]`` have ``values[i]``, texts as Python's own.

    ``look_ups`` counts how often a filter was answered from it.
    """

    total_rows: int
    values: Values
    starts: Rows
    rows: Rows
    look_ups: int = field(default=0)

    def look_up(self, operator: str, value: Any) -> Matches | None:
        """The rows whose value compares so, or None where comparing all is as good, or the order says nothing."""
        spans = self.spans(operator, value)
        if spans is None or self._is_scanned(spans):
            return None
        self.look_ups += 1
        parts = [self.rows[self.starts[first] : self.starts[last]] for first, last in spans]
        if len(parts) == 1:
            return Matches(self.total_rows, parts[0], is_ordered=spans[0][1] - spans[0][0] == 1)
        return Matches(self.total_rows, np.concatenate([_NONE, *parts]))

    def spans(self, operator: str, value: Any) -> list[tuple[int, int]] | None:
        """The half-open ranges among ``values`` that match, each value once; None where the order cannot tell."""
        return find_spans(self.values, len(self.rows), operator, value)

    def _is_scanned(self, spans: Sequence[tuple[int, int]]) -> bool:
        if self.values.dtype.kind == "O":
            return False
        found = sum(int(self.starts[last] - self.starts[first]) for first, last in spans)
        return found > max(SMALL, self.total_rows // SCANNED_SHARE)


def sorted_index(total_rows: int, values: Values, rows: Rows) -> SortedIndex:
    """Of the values of some rows, in any order; NaN is left out, because it never compares."""
    if values.dtype.kind == "f":
        known = ~np.isnan(values)
        values, rows = values[known], rows[known]
    order = np.argsort(values, kind="stable")
    values, rows = values[order], rows[order]
    starts = distinct_starts(values)
    return SortedIndex(total_rows, sortable(values[starts[:-1]]), starts, rows)


def distinct_starts(values: Values) -> Rows:
    """Where among sorted values each distinct one begins, and the end."""
    changes = np.flatnonzero(values[1:] != values[:-1]) + 1 if len(values) else np.empty(0, np.intp)
    first = [0] if len(values) else []
    return np.concatenate([first, changes, [len(values)]]).astype(np.intp)


def find_spans(values: Values, rows: int, operator: str, value: Any) -> list[tuple[int, int]] | None:
    """The half-open ranges of the sorted distinct ``values`` (of so many rows) that compare so; None: cannot tell."""
    if operator == "like":
        return _like_spans(values, rows, value)
    if operator == "search":
        return _judged_spans(values, rows, value[1])
    if operator == "between":
        return _between_spans(values, *value)
    if operator not in ("in", "==", "<", "<=", ">", ">="):
        return None
    if operator == "in":
        wanted = fitted(values, value)
        return None if wanted is None else _equal_spans(values, wanted)
    one = _fitted_one(values, value)
    if one is None:
        return None
    place = int(values.searchsorted(one, "right" if operator in (">", "<=") else "left"))
    if operator == "==":
        return [(place, place + 1)] if place < len(values) and values[place] == one else []
    return [(0, place) if operator in ("<", "<=") else (place, len(values))]


def fitted(own: Values, values: Any) -> Values | None:
    """The values in the index's own type, or None when one does not fit it exactly."""
    if own.dtype.kind == "O":
        wanted = values.tolist() if isinstance(values, np.ndarray) else list(values)
        return np.array(wanted, object) if all(isinstance(one, str) for one in wanted) else None
    given = np.asarray(values)
    if given.dtype.kind not in _FITTING[own.dtype.kind]:
        return None
    limits = np.iinfo(own.dtype) if own.dtype.kind == "i" else None
    if limits is not None and len(given) and (given.min() < limits.min or given.max() > limits.max):
        return None
    with np.errstate(over="ignore"):
        made = given.astype(own.dtype)
    return made if (made == given).all() else None


def _fitted_one(own: Values, value: Any) -> Any:
    """The same for one value, which most look-ups have: quickly, where it is of the plain type that it mostly is."""
    if own.dtype.kind == "i" and type(value) is int:
        beyond = 1 << 8 * own.itemsize - 1
        return own.dtype.type(value) if -beyond <= value < beyond else None
    if own.dtype.kind == "O":
        return value if isinstance(value, str) else None
    wanted = fitted(own, [value])
    return None if wanted is None else wanted[0]


def _equal_spans(values: Values, wanted: Values) -> list[tuple[int, int]]:
    if len(wanted) > 1:
        wanted = np.unique(wanted)
    places = np.searchsorted(values, wanted)
    inside = places < len(values)
    places, wanted = places[inside], wanted[inside]
    return [(place, place + 1) for place in places[values[places] == wanted].tolist()]


def _between_spans(
    values: Values, lower: Any, lower_inclusive: bool, upper: Any, upper_inclusive: bool
) -> list[tuple[int, int]] | None:
    low, high = _fitted_one(values, lower), _fitted_one(values, upper)
    if low is None or high is None:
        return None
    first = int(values.searchsorted(low, "left" if lower_inclusive else "right"))
    last = int(values.searchsorted(high, "right" if upper_inclusive else "left"))
    return [(first, max(first, last))]


def _like_spans(values: Values, rows: int, pattern: str) -> list[tuple[int, int]] | None:
    """By the order for texts and beginnings of them; any other pattern is tried on each distinct text."""
    if values.dtype.kind != "O":
        return None
    affix = patterns.affix(pattern)
    if affix is not None and not affix[0]:
        _, text, behind = affix
        return [_beginning_with(values, text)] if behind else _equal_spans(values, np.array([text], object))
    return _judged_spans(values, rows, lambda texts: scalars.like(texts, pattern))


def _judged_spans(values: Values, rows: int, judge: Callable[[Values], Mask]) -> list[tuple[int, int]] | None:
    """The judge's answers for each distinct text, where there are few of them."""
    if values.dtype.kind != "O" or len(values) > max(FEW_TEXTS, rows // MATCHED_SHARE):
        return None
    matching = judge(values.astype(TEXT_DTYPE))
    edges = np.flatnonzero(np.diff(np.concatenate([[False], matching, [False]]).astype(np.int8)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def _beginning_with(values: Values, text: str) -> tuple[int, int]:
    first = int(np.searchsorted(values, np.array([text], object))[0])
    successor = _successor(text)
    last = len(values) if successor is None else int(np.searchsorted(values, np.array([successor], object))[0])
    return first, last


def _successor(text: str) -> str | None:
    """The least text behind all that begin with this one, None where there is none."""
    text = text.rstrip("\U0010ffff")
    return text[:-1] + chr(ord(text[-1]) + 1) if text else None


_NONE = np.empty(0, np.intp)
_FITTING = {"b": "b", "i": "iu", "f": "iuf"}
"""The numpy kinds that an index of some kind takes look-ups in; a filter answers anything else by comparing."""
