"""The BITMAP index: for each distinct value one bit a row. Many values are kept as lists of their rows instead, as in
Milvus, where rows that few bits stand for are compressed.

HYBRID is the same with a limit of the client's own: BITMAP below it, STL_SORT from it on.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fakemilvus.datatypes import Column
from fakemilvus.engine.scalar_index import SortedBuilder, SortedIndex, Values, find_spans
from fakemilvus.filters.matches import Matches

MOST_BITMAPS = 500  # Milvus' own limit for bits that are not compressed


class BitmapBuilder:
    """Sorts like any other; the bits are made in the end, when it is known how many values there are."""

    train_steps = 0

    def __init__(self, column: Column, limit: int = MOST_BITMAPS) -> None:
        self._sorted = SortedBuilder(column)
        self._limit = limit

    def train(self, step: int) -> None:
        raise AssertionError("a scalar index has no training step")

    def add(self, start: int, stop: int) -> None:
        self._sorted.add(start, stop)

    def finished(self) -> SortedIndex | BitmapIndex:
        return with_bits(self._sorted.finished(), self._limit)


@dataclass(slots=True)
class BitmapIndex:
    """The built index: ``bits[i]`` has a bit a row, set where the row has ``values[i]``.

    ``counted`` rows have any value; ``look_ups`` counts how often a filter was answered from it.
    """

    total_rows: int
    values: Values
    bits: NDArray[np.uint8]
    counted: int
    look_ups: int = field(default=0)

    def look_up(self, operator: str, value: Any) -> Matches | None:
        """The rows whose value compares so, or None where the values cannot tell."""
        spans = find_spans(self.values, self.counted, operator, value)
        if spans is None:
            return None
        self.look_ups += 1
        if len(spans) == 1 and spans[0][1] - spans[0][0] == 1:
            bits = self.bits[spans[0][0]]
        else:
            chosen = [self.bits[first:last] for first, last in spans]
            bits = np.bitwise_or.reduce(np.concatenate([self.bits[:0], *chosen]), axis=0)
        return Matches(self.total_rows, np.unpackbits(bits, count=self.total_rows).view(np.bool_))


def with_bits(index: SortedIndex, limit: int) -> SortedIndex | BitmapIndex:
    """The same index with bits, if it has fewer values than the limit."""
    if len(index.values) >= limit:
        return index
    bits = np.empty((len(index.values), -(-index.total_rows // 8)), np.uint8)
    for number in range(len(bits)):
        mask = np.zeros(index.total_rows, np.bool_)
        mask[index.rows[index.starts[number] : index.starts[number + 1]]] = True
        bits[number] = np.packbits(mask)
    return BitmapIndex(index.total_rows, index.values, bits, len(index.rows))
