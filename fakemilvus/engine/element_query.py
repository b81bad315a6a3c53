"""Query by element: the elements of a struct array that pass an element filter, in the rows that hold them.

Limit and offset count elements; the answer has each row once, with the places of its elements. Source:
find_first_n_element of ChunkedSegmentSealedImpl.cpp, reduceRetrieveResults of the proxy's task_query.go, Milvus 3.0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fakemilvus.engine.batch import SegmentBatch, scalar_indexes
from fakemilvus.engine.ordering import SortKey, ordered
from fakemilvus.engine.query import Found
from fakemilvus.engine.snapshot import Snapshot
from fakemilvus.filters import Filter

Places = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class FoundElements:
    """``places`` has one array a row: which of its elements pass, ascending."""

    found: Found
    places: tuple[Places, ...]


def query_elements(
    snapshot: Snapshot,
    wanted: Filter,
    limit: int | None = None,
    offset: int = 0,
    order: Sequence[SortKey] = (),
    after: tuple[Any, int] | None = None,
) -> FoundElements:
    """Elements ascending by primary key and place, or in an order, where each element has a row of its own.

    ``after`` is the key and the place of the last element of an iterator's page before: what comes until then in that
    row is left out.
    """
    found, places = find_elements(snapshot, wanted)
    if not len(places):
        return FoundElements(found, ())
    chosen = _by_key(found.column(snapshot.schema.primary).values, found, places, after)
    if order:
        found, places = found.take(chosen), places[chosen]
        chosen = ordered([found.column(key.field) for key in order], [key.direction for key in order])
    chosen = chosen[offset : None if limit is None else offset + limit]
    found, places = found.take(chosen), places[chosen]
    if order:
        return FoundElements(found, tuple(places[:, None]))
    starts = _starts(found)
    return FoundElements(found.take(starts), tuple(np.split(places, starts[1:])) if len(starts) else ())


def find_elements(snapshot: Snapshot, wanted: Filter) -> tuple[Found, Places]:
    """Every element that passes, as its row and its place there, in the order of their writing."""
    scalars = scalar_indexes(snapshot.indexes)
    segments = tuple(segment for segment in snapshot.segments if segment.rows)
    rows, places = [], []
    for segment in segments:
        elements = wanted.elements(SegmentBatch(segment, scalars))
        living = slice(None) if segment.alive is None else segment.alive[elements.rows]
        rows.append(elements.rows[living].astype(np.int64))
        places.append(elements.places[living])
    if not any(map(len, rows)):
        return Found((), np.empty(0, np.intp), np.empty(0, np.int64)), np.empty(0, np.intp)
    numbers = np.repeat(np.arange(len(rows)), list(map(len, rows)))
    return Found(segments, numbers, np.concatenate(rows)), np.concatenate(places)


def _by_key(keys: NDArray[Any], found: Found, places: Places, after: tuple[Any, int] | None) -> NDArray[np.intp]:
    """The order of the elements by key and place, with those of the last row of each key only."""
    order = np.argsort(keys, kind="stable")
    named = keys[order]
    ends = np.append(np.flatnonzero(named[1:] != named[:-1]), len(order) - 1)
    last = np.repeat(order[ends], np.diff(ends, prepend=-1))
    kept = (found.rows[order] == found.rows[last]) & (found.segment_numbers[order] == found.segment_numbers[last])
    if after is not None:
        kept &= (named != after[0]) | (places[order] > after[1])
    chosen: NDArray[np.intp] = order[kept]
    return chosen


def _starts(found: Found) -> NDArray[np.intp]:
    """Where a new row begins."""
    new = np.ones(len(found.rows), np.bool_)
    new[1:] = (found.rows[1:] != found.rows[:-1]) | (found.segment_numbers[1:] != found.segment_numbers[:-1])
    return np.flatnonzero(new)
