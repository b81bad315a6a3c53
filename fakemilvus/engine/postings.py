"""Postings: for each key, the rows that have it and a value there. What inverted lists over rows are made of.

A segment that grows has several, one behind the other; small ones are merged, so that each row is sorted a few times
only. It knows neither terms nor vectors.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Values = NDArray[Any]
Rows = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Postings:
    """``keys`` ascending; those of key n are at ``stops[n - 1]`` to ``stops[n]``, by row. Rows count from ``first``."""

    first: int
    total: int
    keys: NDArray[np.int64]
    stops: NDArray[np.int64]
    rows: Rows
    values: Values

    @classmethod
    def of(cls, first: int, total: int, keys: Values, rows: Values, values: Values) -> Postings:
        """Of as many triples of a key below 2**32, a row and a value; those of one key by row."""
        packed = keys.astype(np.uint64) << np.uint64(32)
        packed |= np.arange(len(keys), dtype=np.uint64)
        packed.sort()  # far faster than argsort, and the numbers in the lower half make it stable
        order = (packed & np.uint64(0xFFFFFFFF)).astype(np.int64)
        sorted_keys = (packed >> np.uint64(32)).astype(np.int64)
        starts = np.flatnonzero(np.diff(sorted_keys, prepend=-1))
        stops = np.append(starts[1:], len(keys)) if len(keys) else starts
        return cls(first, total, sorted_keys[starts], stops, rows[order].astype(np.int32), values[order])

    @property
    def stop(self) -> int:
        return self.first + self.total

    @property
    def counts(self) -> NDArray[np.int64]:
        """How many postings each key has."""
        return np.diff(self.stops, prepend=0)

    def find(self, key: int) -> slice:
        """Where the postings of a key are."""
        place = int(np.searchsorted(self.keys, key))
        if place == len(self.keys) or self.keys[place] != key:
            return slice(0, 0)
        return slice(int(self.stops[place - 1]) if place else 0, int(self.stops[place]))

    def followed_by(self, more: Postings) -> Postings:
        keys = [np.repeat(part.keys, part.counts) for part in (self, more)]
        rows = np.concatenate([self.rows, more.rows + (more.first - self.first)])
        values = np.concatenate([self.values, more.values])
        return Postings.of(self.first, self.total + more.total, np.concatenate(keys), rows, values)


Parts = tuple[Postings, ...]


def grown(parts: Parts, more: Postings) -> Parts:
    """The parts with one more behind them; those that are not far larger are merged with it."""
    while parts and parts[-1].total <= MERGED * more.total:
        more = parts[-1].followed_by(more)
        parts = parts[:-1]
    return (*parts, more)


def find(parts: Sequence[Postings], key: int, rows: int) -> Iterator[tuple[NDArray[np.int64], Values]]:
    """Rows below ``rows`` that have a key, and their values, part by part."""
    for part in parts:
        span = part.find(key)
        if part.first >= rows or span.stop == span.start:
            continue
        found, values = part.rows[span] + np.int64(part.first), part.values[span]
        if part.stop > rows:
            seen = found < rows
            found, values = found[seen], values[seen]
        yield found, values


MERGED = 2  # a part is merged with one behind it that has at least half as many rows
