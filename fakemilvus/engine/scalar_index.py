"""The scalar index: the values of a field in sorted order, built in chunks and used by filters.

It stands behind every scalar kind (STL_SORT, TRIE, INVERTED, AUTOINDEX): each answers ``==``, ``in`` and the
orderings by binary search. Null rows are left out, so a look-up never matches one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fakemilvus.datatypes import Column, DataType, Mask
from fakemilvus.engine.keys import sortable


class SortedBuilder:
    """Sorts ranges of rows as they come; the last call merges the sorted runs."""

    train_steps = 0

    def __init__(self, column: Column) -> None:
        self._column = column
        self._runs: list[NDArray[np.intp]] = []

    def train(self, step: int) -> None:
        raise AssertionError("a scalar index has no training step")

    def add(self, start: int, stop: int) -> None:
        rows = np.arange(start, stop)
        if self._column.valid is not None:
            rows = rows[self._column.valid[start:stop]]
        values = self._column.values[rows]
        if self._column.type in (DataType.FLOAT, DataType.DOUBLE):
            rows, values = rows[~np.isnan(values)], values[~np.isnan(values)]
        self._runs.append(rows[np.argsort(values, kind="stable")])

    def finished(self) -> SortedIndex:
        rows = np.concatenate(self._runs) if self._runs else np.empty(0, np.intp)
        rows = rows[np.argsort(self._column.values[rows], kind="stable")]
        return SortedIndex(len(self._column), sortable(self._column.values[rows]), rows)


@dataclass(slots=True)
class SortedIndex:
    """The built index; ``look_ups`` counts how often a filter was answered from it."""

    total_rows: int
    values: NDArray[Any]
    rows: NDArray[np.intp]
    look_ups: int = field(default=0)

    def find(self, operator: str, value: Any) -> Mask | None:
        """The rows whose value compares so, or None where the order cannot answer it."""
        if operator not in ("in", "==", "<", "<=", ">", ">="):
            return None
        wanted = self._fitted(value if operator == "in" else [value])
        if wanted is None:
            return None
        self.look_ups += 1
        mask = np.zeros(self.total_rows, np.bool_)
        for start, stop in zip(*self._spans(operator, wanted), strict=True):
            mask[self.rows[start:stop]] = True
        return mask

    def _spans(self, operator: str, wanted: NDArray[Any]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """The ranges of sorted positions that match, one per wanted value."""
        left, right = (np.searchsorted(self.values, wanted, side=side) for side in ("left", "right"))
        start, end = np.zeros_like(left), np.full_like(left, len(self.values))
        spans = {"<": (start, left), "<=": (start, right), ">": (right, end), ">=": (left, end)}
        return spans.get(operator, (left, right))

    def _fitted(self, values: Any) -> NDArray[Any] | None:
        """The values in the index's own type, or None when one does not fit it exactly."""
        own = self.values.dtype
        if own.kind == "O":
            return np.array(values, object) if all(isinstance(value, str) for value in values) else None
        given = np.asarray(values)
        if given.dtype.kind not in _FITTING[own.kind]:
            return None
        if own.kind == "i" and len(given) and (given.min() < np.iinfo(own).min or given.max() > np.iinfo(own).max):
            return None
        with np.errstate(over="ignore"):
            fitted = given.astype(own)
        return fitted if (fitted == given).all() else None


_FITTING = {"b": "b", "i": "iu", "f": "iuf"}
"""The numpy kinds that an index of some kind takes look-ups in; a filter answers anything else by comparing."""
