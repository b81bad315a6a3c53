"""Finding rows by primary key without a per-row dictionary: a sorted copy of the keys, made when it pays.

Sorting a million numbers takes as long as looking through them some twenty times, and they are looked through first:
a table of bits says which may be wanted. Text is sorted at once.

A growing segment shares one KeyOrder among all its published views. The sorted part may cover fewer rows than a
view has (the rest is scanned) or more (those rows are left out), so no view ever sees another's rows.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fakemilvus.clock import Clock
from fakemilvus.datatypes import TEXT_DTYPE, Column, DataType

Rows = NDArray[np.intp]
Keys = NDArray[Any]

SCANS = 16  # of all keys, before they are sorted
SCANNED_KEYS = 1 << 16  # wanted at once; of more the table of bits would say too little
TABLE_BITS = 20
CHUNK_ROWS = 1 << 16  # looked through at once, so that what is worked out of them stays in the processor's cache
SCAN_ROWS = 4_096  # below this, scanning the unsorted tail is cheaper than sorting anew


class KeyOrder:
    """The sorted keys of a segment that only grows; replaced whole, so readers take no lock."""

    __slots__ = ("_scans", "_sorted")

    def __init__(self) -> None:
        self._sorted: tuple[Keys, Rows] | None = None
        self._scans = 0  # a hint; two readers may count as one

    def find(self, keys: Keys, wanted: Keys) -> Rows:
        """Row numbers, ascending, of the rows of ``keys`` (a segment's key column) whose key is wanted."""
        if not len(keys) or not len(wanted):
            return np.empty(0, np.intp)
        if self._is_to_scan(keys, wanted):
            self._scans += 1
            return _scan(keys, wanted)
        ordered, rows = self._order(keys)
        wanted = sortable(wanted)
        left = np.searchsorted(ordered, wanted, side="left")
        right = np.searchsorted(ordered, wanted, side="right")
        found = rows[_expand(left, right)]
        covered = len(ordered)
        if covered > len(keys):
            found = found[found < len(keys)]
        elif covered < len(keys):
            found = np.concatenate([found, covered + np.flatnonzero(_is_in(keys[covered:], wanted))])
        return np.unique(found)

    def _is_to_scan(self, keys: Keys, wanted: Keys) -> bool:
        """Whether the keys are numbers that nobody has asked for often enough to sort them."""
        held = 0 if self._sorted is None else len(self._sorted[0])
        unsorted = len(keys) - held > max(SCAN_ROWS, held)
        return unsorted and self._scans < SCANS and keys.dtype.kind == "i" and len(wanted) <= SCANNED_KEYS

    def _order(self, keys: Keys) -> tuple[Keys, Rows]:
        held = self._sorted
        if held is None or len(keys) - len(held[0]) > max(SCAN_ROWS, len(held[0])):
            rows = np.argsort(keys, kind="stable")
            held = self._sorted = (sortable(keys[rows]), rows)
            self._scans = 0
        return held


def automatic_keys(clock: Clock, type: DataType, rows: int) -> Column:
    """Keys that no other row has: consecutive numbers, or their decimal texts."""
    first = clock.timestamp(max(1, rows))
    keys: Keys = np.arange(first, first + rows, dtype=np.int64)
    return Column(type, keys.astype(TEXT_DTYPE) if type is DataType.VARCHAR else keys)


def sortable(keys: Keys) -> Keys:
    """The keys as binary search takes them: text as Python strings, in the same order.

    numpy reads the one array's text from the other array's memory when it searches (seen in 2.0 to 2.4), and fails.
    """
    return keys.astype(object) if keys.dtype.kind == "T" else keys


def ranks(keys: Keys) -> Keys:
    """Numbers in the order of the keys, for what cannot sort text; numbers are their own."""
    if keys.dtype.kind != "T":
        return keys
    places: Keys = np.unique(keys, return_inverse=True)[1]
    ranked: Keys = places.reshape(keys.shape)
    return ranked


def _scan(keys: Keys, wanted: Keys) -> Rows:
    """Row numbers of the numbers that are wanted, ascending, without sorting them."""
    if len(wanted) == 1:
        return np.flatnonzero(keys == wanted[0])
    marked = np.zeros(1 << TABLE_BITS, np.bool_)
    marked[_places(wanted.astype(keys.dtype))] = True
    starts = range(0, len(keys), CHUNK_ROWS)
    rows = np.concatenate([s + np.flatnonzero(marked[_places(keys[s : s + CHUNK_ROWS])]) for s in starts])
    return rows[_is_in(keys[rows], wanted)]


def _places(keys: Keys) -> Rows:
    """Places in a table of bits that neighbours do not share: the high bits after multiplying by the golden ratio."""
    mixed: NDArray[np.uint64] = keys.view(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    mixed >>= np.uint64(64 - TABLE_BITS)
    return mixed.view(np.intp)


def _expand(left: Rows, right: Rows) -> Rows:
    """All positions of the half-open ranges left[i]:right[i]."""
    lengths = right - left
    if lengths.max(initial=0) <= 1:
        singles: Rows = left[lengths == 1]
        return singles
    starts = np.repeat(left - np.concatenate([[0], np.cumsum(lengths)[:-1]]), lengths)
    return starts + np.arange(lengths.sum())


def _is_in(keys: Keys, wanted: Keys) -> NDArray[np.bool_]:
    if len(wanted) == 1:
        return np.asarray(keys == wanted[0], np.bool_)
    if keys.dtype.kind == "T":
        return np.isin(keys, wanted.astype(keys.dtype))
    ordered = np.sort(wanted)
    spot = np.minimum(np.searchsorted(ordered, keys), len(ordered) - 1)
    return np.asarray(ordered[spot] == keys, np.bool_)
