"""Finding rows by primary key without a per-row dictionary: a sorted copy of the keys, made when first needed.

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

SCAN_ROWS = 4_096  # below this, scanning the unsorted tail is cheaper than sorting anew


class KeyOrder:
    """The sorted keys of a segment that only grows; replaced whole, so readers take no lock."""

    __slots__ = ("_sorted",)

    def __init__(self) -> None:
        self._sorted: tuple[Keys, Rows] | None = None

    def find(self, keys: Keys, wanted: Keys) -> Rows:
        """Row numbers, ascending, of the rows of ``keys`` (a segment's key column) whose key is wanted."""
        if not len(keys) or not len(wanted):
            return np.empty(0, np.intp)
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

    def _order(self, keys: Keys) -> tuple[Keys, Rows]:
        held = self._sorted
        if held is None or len(keys) - len(held[0]) > max(SCAN_ROWS, len(held[0])):
            rows = np.argsort(keys, kind="stable")
            held = self._sorted = (sortable(keys[rows]), rows)
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
