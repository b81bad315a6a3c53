"""Groups: hits that share the values of some fields, of which an answer shows the best few.

A null is a value like any other here: the rows that have it make one group. Source: SearchGroupByOperator of segcore
and reduceSearchResultDataWithGroupBy of the proxy, Milvus 3.0. Where Milvus stops at a group's first row in each
segment on its own, the whole collection counts here, so an answer does not depend on how rows lie in segments.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fakemilvus.datatypes import Column, DataType, Mask
from fakemilvus.engine.codes import coded
from fakemilvus.engine.json_values import json_column
from fakemilvus.engine.schema import Field
from fakemilvus.engine.search import Hits, SearchRequest, search
from fakemilvus.engine.snapshot import Snapshot

Places = NDArray[np.intp]
GROWTH = 4  # how many times more hits are asked for while groups are missing


@dataclass(frozen=True, slots=True)
class Grouping:
    """By which ``fields``, and how many hits of a group are shown; ``strict`` looks on until each group has them.

    A JSON field is grouped by what stands at ``path``: as values of the type ``cast``, or as text where it is None.
    ``strict_cast`` refuses a value of another type instead of taking it for a null.
    """

    fields: tuple[Field, ...]
    size: int = 1
    strict: bool = False
    path: tuple[str, ...] = ()
    cast: DataType | None = None
    strict_cast: bool = False

    def columns(self, hits: Hits) -> list[Column]:
        """The values that each hit is grouped by."""
        return [self._values(hits.column(field)) for field in self.fields]

    def _values(self, column: Column) -> Column:
        if column.type is not DataType.JSON:
            return column
        return json_column(column, self.path, self.cast, self.strict_cast)


def search_groups(snapshot: Snapshot, request: SearchRequest, grouping: Grouping) -> tuple[Hits, list[Column]]:
    """The best ``limit`` groups for each query, after skipping ``offset`` of them, each group's hits together; and what
    each hit was grouped by.
    """
    top = request.limit + request.offset
    total = request.most_hits(snapshot)
    asked = max(64, 2 * top * grouping.size)
    while True:
        hits = search(snapshot, replace(request, limit=asked, offset=0))
        columns = grouping.columns(hits)
        groups = Groups.of(hits, columns)
        if asked >= total or groups.are_enough(hits.counts < asked, top, grouping):
            break
        asked *= GROWTH
    places = groups.shown(request.offset, top, grouping)
    counts = np.bincount(groups.queries[places], minlength=len(hits.counts))
    return hits.taken(places, counts), [column.take(places) for column in columns]


@dataclass(frozen=True, slots=True)
class Groups:
    """Hits of ``total`` queries in groups, an entry a hit: its query, its group's number, counted anew in each query in
    the order of the hits, and its own number in its group.
    """

    total: int
    queries: Places
    numbers: Places
    members: Places

    @classmethod
    def of(cls, hits: Hits, columns: Sequence[Column]) -> Groups:
        queries = np.repeat(np.arange(len(hits.counts)), hits.counts)
        codes = _codes(queries, columns)
        _, first, codes = np.unique(codes, return_index=True, return_inverse=True)
        order = np.argsort(first)
        found_at = np.empty(len(first), np.intp)
        found_at[order] = np.arange(len(first))  # groups in the order of their first hit, query by query
        numbers = found_at[codes]
        starts = np.searchsorted(queries[first[order]], np.arange(len(hits.counts)))
        return cls(len(hits.counts), queries, numbers - starts[queries], _places_within(numbers))

    def are_enough(self, exhausted: Mask, top: int, grouping: Grouping) -> bool:
        """Whether every query has its groups, in strict mode filled, or no more hits."""
        return bool((exhausted | self._stops_within(top, grouping)).all())

    def shown(self, offset: int, top: int, grouping: Grouping) -> Places:
        """The hits of the groups from ``offset`` to ``top``, group by group."""
        kept = (self.numbers >= offset) & (self.numbers < top) & (self.members < grouping.size)
        if not grouping.strict:
            kept &= np.arange(len(kept)) <= self._last_looked_at(top)
        places = np.flatnonzero(kept)
        order = np.lexsort((self.members[places], self.numbers[places], self.queries[places]))
        return places[order]

    def _last_looked_at(self, top: int) -> Places:
        """For each hit the place where its query's search stopped: the first hit of the last group that is wanted."""
        ends = np.full(self.total, len(self.queries), np.intp)
        last = np.flatnonzero((self.numbers == top - 1) & (self.members == 0))
        ends[self.queries[last]] = last
        return ends[self.queries]

    def _stops_within(self, top: int, grouping: Grouping) -> Mask:
        """Which queries found all that they want."""
        last = grouping.size - 1 if grouping.strict else 0
        full = (self.numbers < top) & (self.members == last)
        return np.asarray(np.bincount(self.queries[full], minlength=self.total) >= top, np.bool_)


def _codes(queries: Places, columns: Sequence[Column]) -> Places:
    """Equal numbers for hits of one query with equal values."""
    codes = queries
    for column in columns:
        dense = coded(column.values)[1] + 1
        if column.valid is not None:
            dense = np.where(column.valid, dense, 0)
        codes = coded(codes * (int(dense.max(initial=0)) + 1) + dense)[1]
    return codes


def _places_within(numbers: Places) -> Places:
    """How many earlier entries have the same number."""
    order = np.argsort(numbers, kind="stable")
    ordered = numbers[order]
    starts = np.searchsorted(ordered, ordered, side="left")
    places = np.empty(len(numbers), np.intp)
    places[order] = np.arange(len(numbers)) - starts
    return places
