"""Rows of lists laid end to end, so that numpy looks at all their items at once.

The lists are the values of an ARRAY field, or what stands at a JSON key. Knows no plan and no names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fakemilvus.datatypes import TYPES, Column, DataType, Mask
from fakemilvus.filters.truth import Truth, known_where

Values = NDArray[Any]

FEW_SHARE = 32  # up to so many-th of the items, hits are traced back to their rows one by one


@dataclass(frozen=True, slots=True)
class Bounds:
    """Where each row's items lie among all items: ``starts`` and ``lengths`` have shape (rows,).

    ``known`` is False where a row has no list at all, None when every row has one.
    """

    starts: NDArray[np.intp]
    lengths: NDArray[np.intp]
    known: Mask | None

    def holding(self, hits: Mask) -> Mask:
        """The rows of which at least one item is a hit; ``hits`` has shape (items,)."""
        if np.count_nonzero(hits) * FEW_SHARE < len(hits):
            mask = np.zeros(len(self.starts), np.bool_)
            mask[np.searchsorted(self.starts, np.flatnonzero(hits), side="right") - 1] = True
            return mask
        before = np.zeros(len(hits) + 1, np.int32 if len(hits) < 2**31 else np.intp)
        np.cumsum(hits, out=before[1:], dtype=before.dtype)
        return np.asarray(before[self.starts + self.lengths] > before[self.starts], np.bool_)

    def holding_all(self, numbers: NDArray[np.intp], count: int) -> Mask:
        """The rows in which each of ``count`` wanted values stands; ``numbers``, of shape (items,), says which wanted
        value an item is, -1 for none.
        """
        hits = numbers >= 0
        rows = np.repeat(np.arange(len(self.lengths)), self.lengths)[hits]
        distinct = np.unique(rows * count + numbers[hits])
        return np.asarray(np.bincount(distinct // count, minlength=len(self.lengths)) == count, np.bool_)

    def truth(self, mask: Mask) -> Truth:
        """The answers for the rows, unknown where there is no list."""
        return known_where(mask, self.known)


@dataclass(frozen=True, slots=True)
class Arrays:
    """The values of an ARRAY column; ``items`` has shape (items,)."""

    items: Values
    bounds: Bounds

    def at(self, index: int, type: DataType) -> Column:
        """The items at an index as a column of a type, null where the row's array is too short or null."""
        there = self.bounds.lengths > index
        values = np.empty(len(there), TYPES[type].dtype)
        values.fill(TYPES[type].null)
        if there.any():
            values[there] = self.items[self.bounds.starts[there] + index]
        return Column(type, values, None if there.all() else there)

    def equal(self, wanted: Values) -> Mask:
        """The rows whose array is this one, item by item; nulls are no array."""
        mask = np.asarray(self.bounds.lengths == len(wanted), np.bool_)
        if self.bounds.known is not None:
            mask &= self.bounds.known
        starts = self.bounds.starts[mask]
        if len(wanted) and len(starts):
            positions = starts[:, None] + np.arange(len(wanted))
            mask[mask] = (self.items[positions] == wanted).all(axis=1)
        return mask


def arrays(column: Column, element: DataType) -> Arrays:
    """The values of an ARRAY column of this element type; a null has no items."""
    rows = column.values.tolist()
    if column.valid is not None:
        empty = np.empty(0, TYPES[element].dtype)
        rows = [row if valid else empty for row, valid in zip(rows, column.valid.tolist(), strict=True)]
    items = np.concatenate(rows) if rows else np.empty(0, TYPES[element].dtype)
    return Arrays(items, _bounds(rows, column.valid))


def constant(wanted: list[Any], dtype: np.dtype[Any]) -> Values:
    """A list to compare arrays of this type with. Milvus reads an integer among floats, and a float among integers, as
    zero.
    """
    if dtype.kind == "i":
        return np.array([item if type(item) is int else 0 for item in wanted], np.int64)
    if dtype.kind == "f":
        with np.errstate(over="ignore"):
            return np.array([item if type(item) is float else 0 for item in wanted], dtype)
    return np.array(wanted, dtype)


def documents(found: Sequence[object]) -> tuple[list[object], Bounds]:
    """The items of every list among these values of a JSON key; whatever is no list is not known."""
    known = np.fromiter((type(value) is list for value in found), np.bool_, len(found))
    rows: list[list[object]] = [value if type(value) is list else [] for value in found]
    return list(chain.from_iterable(rows)), _bounds(rows, None if known.all() else known)


def _bounds(rows: Sequence[Any], known: Mask | None) -> Bounds:
    lengths = np.fromiter(map(len, rows), np.intp, len(rows))
    starts = np.zeros(len(rows), np.intp)
    np.cumsum(lengths[:-1], out=starts[1:])
    return Bounds(starts, lengths, known)
