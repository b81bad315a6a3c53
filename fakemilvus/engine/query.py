"""Query: the rows of a snapshot that pass a filter, by primary key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fakemilvus.datatypes import Column
from fakemilvus.engine.batch import ScalarIndexes, SegmentBatch, scalar_indexes
from fakemilvus.engine.ordering import SortKey, ordered
from fakemilvus.engine.schema import Field
from fakemilvus.engine.search import allowed_rows, gather
from fakemilvus.engine.segment import Segment
from fakemilvus.engine.snapshot import Snapshot
from fakemilvus.filters import Filter

UNSORTED_ROWS = 4_096  # of fewer all are sorted
RUNS = 64  # keys in so few ascending runs are sorted faster than they are looked through


@dataclass(frozen=True, slots=True)
class Found:
    """Rows in the order of the answer."""

    segments: tuple[Segment, ...]
    segment_numbers: NDArray[np.intp]
    rows: NDArray[np.int64]

    def column(self, field: Field) -> Column:
        """The values of one field, aligned with the rows."""
        return gather(self.segments, self.segment_numbers, self.rows, field)

    def take(self, places: NDArray[np.intp] | slice) -> Found:
        """These of the rows, in this order."""
        return Found(self.segments, self.segment_numbers[places], self.rows[places])


def query(
    snapshot: Snapshot, wanted: Filter, limit: int | None = None, offset: int = 0, order: Sequence[SortKey] = ()
) -> Found:
    """The rows that pass, each primary key once with its newest row; then offset and limit.

    They come in the order of ``order``, equal ones, and without it all, ascending by key.
    """
    found = find_all(snapshot, wanted)
    if not len(found.rows):
        return found
    stop = None if limit is None else offset + limit
    keys = found.column(snapshot.schema.primary).values
    if not order:
        return found.take(_first_by_key(keys, stop)[offset:stop])
    found = found.take(_by_key(keys))
    columns = [found.column(key.field) for key in order]
    return found.take(ordered(columns, [key.direction for key in order])[offset:stop])


def find_all(snapshot: Snapshot, wanted: Filter) -> Found:
    """Every row that passes, in the order of their writing, also where several have one primary key."""
    segments = tuple(s for s in snapshot.segments if s.rows)
    scalars = scalar_indexes(snapshot.indexes)
    matches = [matching_rows(segment, wanted, scalars) for segment in segments]
    if not any(len(match) for match in matches):
        return Found((), np.empty(0, np.intp), np.empty(0, np.int64))
    numbers = np.repeat(np.arange(len(matches)), [len(match) for match in matches])
    return Found(segments, numbers, np.concatenate(matches))


def count(snapshot: Snapshot, wanted: Filter) -> int:
    """How many rows pass; rows with the same primary key count each, as in Milvus."""
    scalars = scalar_indexes(snapshot.indexes)
    return sum(len(matching_rows(segment, wanted, scalars)) for segment in snapshot.segments if segment.rows)


def matching_rows(segment: Segment, wanted: Filter, scalars: ScalarIndexes) -> NDArray[np.int64]:
    """Row numbers, ascending, of the living rows that pass; by key look-up where the filter is a list of keys."""
    if wanted.keys is not None:
        return segment.find_keys(wanted.keys)
    named = wanted.rows(SegmentBatch(segment, scalars))
    if named is not None:
        return named if segment.alive is None else named[segment.alive[named]]
    allowed = allowed_rows(segment, wanted, scalars)
    return np.arange(segment.rows) if allowed is None else np.flatnonzero(allowed)


def _first_by_key(keys: NDArray[Any], stop: int | None) -> NDArray[np.intp]:
    """The order of at least the first ``stop`` keys; only what may be among them is sorted where that is faster."""
    if stop is not None and len(keys) > max(UNSORTED_ROWS, 8 * stop) and _are_scattered(keys):
        near = np.flatnonzero(keys <= np.partition(keys, 2 * stop)[2 * stop])
        places = near[_by_key(keys[near])]
        if len(places) >= stop:
            return places
    return _by_key(keys)


def _are_scattered(keys: NDArray[Any]) -> bool:
    """Whether keys are numbers in no order."""
    return keys.dtype.kind == "i" and bool(np.count_nonzero(keys[1:] < keys[:-1]) > RUNS)


def _by_key(keys: NDArray[Any]) -> NDArray[np.intp]:
    """The order of the keys, with only the last row of each: segments and rows stand in the order of their writing."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    last = np.ones(len(order), np.bool_)
    last[:-1] = ordered[1:] != ordered[:-1]
    return order[last]
