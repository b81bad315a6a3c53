"""An index over the rows of a column that are not null, in the row numbers of the segment.

Null vectors are in no index, as in Milvus; the counters count their rows all the same, because Milvus counts those of
the segment.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fakemilvus.datatypes import Column, Mask
from fakemilvus.engine.families import Builder, BuiltIndex
from fakemilvus.engine.metrics import Distances, RowNumbers


class SiftedBuilder:
    """Builds over a copy of the rows that are there; ``make`` starts the construction over it."""

    def __init__(self, column: Column, make: Callable[[NDArray[Any]], Builder]) -> None:
        assert column.valid is not None
        self._rows = np.flatnonzero(column.valid)
        self._inner = make(column.values[self._rows])
        self.train_steps = self._inner.train_steps

    def train(self, step: int) -> None:
        self._inner.train(step)

    def add(self, start: int, stop: int) -> None:
        first, last = np.searchsorted(self._rows, (start, stop)).tolist()
        if first < last:
            self._inner.add(first, last)

    def finished(self) -> SiftedIndex:
        return SiftedIndex(self._inner.finished(), self._rows)


class SiftedIndex:
    """Translates row numbers on the way in and out."""

    def __init__(self, inner: BuiltIndex, rows: NDArray[np.intp]) -> None:
        self._inner = inner
        self._rows = rows

    def search(
        self, queries: NDArray[Any], top: int, params: Mapping[str, Any], allowed: Mask | None
    ) -> tuple[Distances, RowNumbers]:
        inner_allowed = None if allowed is None else allowed[self._rows]
        if inner_allowed is not None and inner_allowed.all():
            inner_allowed = None
        distances, found = self._inner.search(queries, top, params, inner_allowed)
        return distances, np.where(found < 0, found, self._rows[found])

    def exact_below(self, rows: int, params: Mapping[str, Any]) -> int:
        return self._inner.exact_below(len(self._rows), params)
