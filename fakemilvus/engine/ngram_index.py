"""The NGRAM index of texts: which rows hold which pieces of min_gram and of max_gram characters.

A pattern is answered if some part of it, between its wildcards, is at least min_gram characters long: rows that hold
all pieces of these parts are tried on the pattern itself, so no answer depends on a hash. Null rows are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fakemilvus.datatypes import Column, Mask
from fakemilvus.filters import patterns, scalars
from fakemilvus.filters.matches import Matches, Rows

Keys = NDArray[np.uint64]
Texts = NDArray[Any]

PROMISING_SHARE = 4  # where more than so many-th of the rows may match, trying all is as fast


class NgramBuilder:
    """Cuts ranges of rows into pieces as they come; the last call merges them."""

    train_steps = 0

    def __init__(self, column: Column, min_gram: int, max_gram: int) -> None:
        self._column = column
        self._grams = NgramPieces(min_gram, max_gram)

    def train(self, step: int) -> None:
        raise AssertionError("a scalar index has no training step")

    def add(self, start: int, stop: int) -> None:
        rows = np.arange(start, stop)
        if self._column.valid is not None:
            rows = rows[self._column.valid[start:stop]]
        self._grams.add(self._column.values[rows], rows)

    def finished(self) -> NgramIndex:
        return NgramIndex(self._column.values, self._grams.merged())


class NgramPieces:
    """The pieces of texts, for each of the two sizes: (hash << 32 | row), sorted, each once."""

    def __init__(self, min_gram: int, max_gram: int) -> None:
        self._sizes = sorted({min_gram, max_gram})
        self._runs: dict[int, list[Keys]] = {size: [] for size in self._sizes}

    def add(self, texts: Texts, rows: Rows) -> None:
        characters, owners = _characters(texts.tolist(), rows)
        for size in self._sizes:
            self._runs[size].append(_pieces(characters, owners, size))

    def merged(self) -> dict[int, Keys]:
        return {size: np.sort(np.concatenate([_NO_KEYS, *runs])) for size, runs in self._runs.items()}


@dataclass(slots=True)
class NgramIndex:
    """The built index: ``keys`` are the sorted pieces by their size, ``texts`` those of every row.

    ``look_ups`` counts how often a filter was answered from it.
    """

    texts: Texts
    keys: dict[int, Keys]
    look_ups: int = field(default=0)

    def look_up(self, operator: str, value: Any) -> Matches | None:
        """The rows whose text is like a pattern, or for "search" passes a judge; None for any other operator, and where
        no piece narrows them down. ``value`` is the pattern, or (parts that every match holds, judge).
        """
        if operator == "like":
            return self._matching(patterns.literals(value), lambda texts: scalars.like(texts, value))
        return self._matching(*value) if operator == "search" else None

    def _matching(self, parts: Sequence[str], judge: Callable[[Texts], Mask]) -> Matches | None:
        wanted = [key for part in parts for key in self._wanted(part)]
        promising = self._promising(wanted) if wanted else None
        if promising is None:
            return None
        self.look_ups += 1
        return Matches(len(self.texts), promising[judge(self.texts[promising])], is_ordered=True)

    def _wanted(self, part: str) -> list[tuple[int, int]]:
        """(size, hash) of each piece of a part, by the largest size that the part has."""
        size = max((size for size in self.keys if size <= len(part)), default=0)
        if not size:
            return []
        characters, owners = _characters([part], np.zeros(1, np.intp))
        return [(size, int(key) >> 32) for key in _pieces(characters, owners, size)]

    def _promising(self, wanted: Sequence[tuple[int, int]]) -> Rows | None:
        """The rows, ascending, that hold all the pieces; None where they are too many."""
        spans = [(self.keys[size], *_span(self.keys[size], piece)) for size, piece in set(wanted)]
        spans.sort(key=lambda span: span[2] - span[1])
        keys, first, last = spans[0]
        if last - first > max(1, len(self.texts) // PROMISING_SHARE):
            return None
        rows = keys[first:last] & _ROW
        for keys, first, last in spans[1:]:
            if not len(rows):
                break
            holding = keys[first:last] & _ROW
            places = np.minimum(np.searchsorted(holding, rows), max(0, len(holding) - 1))
            rows = rows[holding[places] == rows] if len(holding) else rows[:0]
        return rows.astype(np.intp)


def _characters(texts: list[str], rows: Rows) -> tuple[NDArray[np.uint32], NDArray[np.uint64]]:
    """Every character of all texts in a row, and the row that each belongs to."""
    joined = "".join(texts).encode("utf-32-le", "surrogatepass")
    lengths = np.fromiter(map(len, texts), np.intp, len(texts))
    return np.frombuffer(joined, np.uint32), np.repeat(rows, lengths).astype(np.uint64)


def _pieces(characters: NDArray[np.uint32], owners: NDArray[np.uint64], size: int) -> Keys:
    """The pieces of ``size`` characters that lie within one row: hash and row in one number, sorted, each once."""
    total = len(characters) - size + 1
    if total <= 0:
        return _NO_KEYS
    hashed = np.zeros(total, np.uint64)
    for offset in range(size):
        hashed *= _FACTOR
        hashed += characters[offset : offset + total]
    hashed *= _SPREAD
    keys = (hashed & _HASH) | owners[:total]
    keys = np.sort(keys[owners[:total] == owners[size - 1 :]])  # np.unique is ten times slower
    is_new: Mask = np.diff(keys, prepend=keys[:1] - _ONE) != 0
    return keys[is_new]


def _span(keys: Keys, piece: int) -> tuple[int, int]:
    """Where the rows of one piece stand."""
    edges = np.array([piece << 32, (piece << 32) | int(_ROW)], np.uint64)
    first, last = np.searchsorted(keys, edges)
    return int(first), int(last)


_ONE = np.uint64(1)
_NO_KEYS = np.empty(0, np.uint64)
_FACTOR, _SPREAD = np.uint64(0x100000001B3), np.uint64(0x9E3779B97F4A7C15)
_HASH, _ROW = np.uint64(0xFFFFFFFF00000000), np.uint64(0xFFFFFFFF)
