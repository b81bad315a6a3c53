"""Search: the nearest rows of a snapshot to some query vectors.

One entry, ``search(snapshot, request) -> Hits``. Per segment: which rows are allowed, then the attached index with
a selector, or brute force where there is no index or so few rows are left that being exact is also faster. Then
the segments' candidates are merged, best first, ties by primary key, and no key twice in one answer.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fakemilvus.datatypes import Column, DataType, Mask, concatenate
from fakemilvus.engine import minhash
from fakemilvus.engine.batch import ScalarIndexes, SegmentBatch, scalar_indexes
from fakemilvus.engine.exact import Found, nearest
from fakemilvus.engine.families import BuiltIndex
from fakemilvus.engine.index import Index
from fakemilvus.engine.keys import Keys, ranks
from fakemilvus.engine.metrics import METRICS, Distances, Metric, RowNumbers
from fakemilvus.engine.ranges import Bounds, search_within
from fakemilvus.engine.schema import Field
from fakemilvus.engine.segment import Segment, empty_column
from fakemilvus.engine.snapshot import Snapshot
from fakemilvus.engine.sparse import InvertedIndex, SparseColumn
from fakemilvus.engine.term_rows import BM25, TermRows
from fakemilvus.filters import Filter

if TYPE_CHECKING:
    from fakemilvus.engine.boosts import Boosts

EXACT_ROWS = 1_024  # so few allowed rows are compared one by one
CORES = os.cpu_count() or 1  # asking the system takes longer than a small search
MANY_QUERIES = 32  # from here on a search may use every core
MANY_OF_ALL = 8  # a range search that wants more than this part of the rows compares with each


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """A checked search; ``params`` are the index kind's search parameters, complete with defaults.

    ``queries`` are values of a column of the field; ``within`` bounds the distances of a range search.
    """

    field: Field
    index: Index | None
    queries: NDArray[Any]
    limit: int
    offset: int
    metric: str
    params: Mapping[str, Any]
    filter: Filter | None = None
    ignore_growing: bool = False
    within: Bounds | None = None
    boosts: Boosts | None = None

    def most_hits(self, snapshot: Snapshot) -> int:
        """More hits than this there cannot be: one a row, or one for each vector of a list."""
        each = self.field.max_capacity if self.field.type is DataType.ARRAY_OF_VECTOR else 1
        return each * sum(segment.rows for segment in snapshot.segments)


@dataclass(frozen=True, slots=True)
class Hits:
    """The answer, all queries one behind the other: ``counts`` says how many belong to each.

    ``segments`` and ``rows`` say where each hit lies; ``columns`` fetches fields of exactly these rows. ``places`` says
    which element of its row a hit is, where each vector of a list is searched for itself.
    """

    counts: NDArray[np.int64]
    distances: Distances
    keys: NDArray[Any]
    segments: tuple[Segment, ...]
    segment_numbers: NDArray[np.intp]
    rows: NDArray[np.int64]
    places: NDArray[np.int64] | None = None

    def column(self, field: Field) -> Column:
        """The values of one field, aligned with the hits."""
        return gather(self.segments, self.segment_numbers, self.rows, field)

    def taken(self, places: NDArray[np.intp], counts: NDArray[np.int64]) -> Hits:
        """Some of the hits in another order, ``counts`` of them for each query."""
        return Hits(
            counts,
            self.distances[places],
            self.keys[places],
            self.segments,
            self.segment_numbers[places],
            self.rows[places],
            None if self.places is None else self.places[places],
        )

    def scored(self, scores: Distances) -> Hits:
        """The same hits with other distances."""
        return replace(self, distances=scores)


def search(snapshot: Snapshot, request: SearchRequest) -> Hits:
    """The ``limit`` best rows for each query, after skipping ``offset``."""
    _use_cores(len(request.queries))
    if request.field.type is DataType.ARRAY_OF_VECTOR:
        from fakemilvus.engine.vector_lists import search_lists  # which needs what stands here

        return search_lists(snapshot, request)
    top = asked = request.limit + request.offset
    segments = tuple(s for s in snapshot.segments if s.rows and (s.sealed or not request.ignore_growing))
    scalars = scalar_indexes(snapshot.indexes)
    while True:
        found = [_search_segment(segment, request, asked, scalars) for segment in segments]
        if not any(rows.shape[1] for _, rows in found):
            return no_hits(len(request.queries), snapshot.schema.primary)
        metric = METRICS[request.metric]
        if request.boosts is not None:
            found = _boosted(segments, found, request.boosts, scalars, metric)
        ranking = _ranking(segments, found, metric)
        if not ranking.lost_places(top) or all(_is_exhausted(rows, asked) for _, rows in found):
            return ranking.hits(segments, request.offset, top)
        asked *= 2  # repeats of a key took the places of others


def _boosted(
    segments: tuple[Segment, ...], found: list[Found], boosts: Boosts, scalars: ScalarIndexes, metric: Metric
) -> list[Found]:
    pairs = zip(segments, found, strict=True)
    return [boosts.applied(segment, scalars, part, metric) for segment, part in pairs]


def allowed_rows(segment: Segment, wanted: Filter | None, scalars: ScalarIndexes) -> Mask | None:
    """The living rows that pass the filter, as a mask; None when that is every row."""
    if wanted is None or wanted.always_true:
        return segment.alive
    mask = wanted.mask(SegmentBatch(segment, scalars))
    return mask if segment.alive is None else mask & segment.alive


def gather(segments: tuple[Segment, ...], numbers: NDArray[np.intp], rows: NDArray[np.int64], field: Field) -> Column:
    """The values of a field at (segment number, row) pairs, in their order."""
    if not len(rows):
        return empty_column(field)
    if len(segments) == 1:
        return segments[0].columns[field.id].take(rows)
    used = np.unique(numbers)
    if len(used) == 1:
        return segments[int(used[0])].columns[field.id].take(rows)
    places = [np.flatnonzero(numbers == number) for number in used]
    parts = [segments[n].columns[field.id].take(rows[place]) for n, place in zip(used, places, strict=True)]
    order = np.empty(len(rows), np.intp)
    order[np.concatenate(places)] = np.arange(len(rows))
    return concatenate(parts).take(order)


def _search_segment(
    segment: Segment, request: SearchRequest, top: int, scalars: ScalarIndexes
) -> tuple[Distances, NDArray[np.int64]]:
    """The best rows of one segment: distances and row numbers of shape (queries, top), -1 where there is none."""
    column = segment.columns[request.field.id]
    allowed = _both(allowed_rows(segment, request.filter, scalars), column.valid)
    built: BuiltIndex | None = segment.built.get(request.index.id) if request.index is not None else None
    indexed = built is not None and (request.metric == BM25 or _is_index_faster(built, segment, request, allowed))

    top = min(top, segment.rows)

    def find(wanted: int) -> Found:
        many = request.within is not None and wanted > max(top, EXACT_ROWS, segment.rows // MANY_OF_ALL)
        if built is not None and indexed and not many:
            if isinstance(built, TermRows | InvertedIndex):  # which find many rows equally good
                return built.search(request.queries, wanted, request.params, allowed, segment.keys)
            return built.search(request.queries, wanted, request.params, allowed)
        return _compare(segment, column, request, wanted, allowed)

    return find(top) if request.within is None else search_within(find, request.within, top, segment.rows)


def _compare(segment: Segment, column: Column, request: SearchRequest, top: int, allowed: Mask | None) -> Found:
    """The best of the allowed rows, by comparing with each."""
    if request.metric == minhash.METRIC:
        assert request.index is not None, "signatures are cut as their index says"
        signatures = minhash.Signatures(column.values, request.index.build_params)
        return signatures.search(request.queries, top, request.params, allowed)
    if request.metric == BM25:
        terms = segment.sparse.terms(request.field.id, column.values)
        return terms.search(request.queries, top, request.params, allowed, segment.keys)
    rows = None if allowed is None else np.flatnonzero(allowed)
    vectors: NDArray[Any] | SparseColumn = column.values
    if column.type is DataType.SPARSE_FLOAT_VECTOR:
        vectors = SparseColumn(request.field.id, column.values, segment.sparse)
    return nearest(vectors, segment.keys, METRICS[request.metric], request.queries, top, rows)


def _both(one: Mask | None, other: Mask | None) -> Mask | None:
    """The rows of both masks; None is every row. A null vector is never found."""
    if one is None or other is None:
        return other if one is None else one
    return one & other


def _is_index_faster(built: BuiltIndex, segment: Segment, request: SearchRequest, allowed: Mask | None) -> bool:
    """Whether to ask the index; where a mask leaves few rows, comparing with each is faster, and exact."""
    if allowed is None:
        return True
    return int(np.count_nonzero(allowed)) > max(EXACT_ROWS, built.exact_below(segment.rows, request.params))


def _is_exhausted(rows: RowNumbers, asked: int) -> bool:
    """Whether a segment gave all it has, to every query."""
    return rows.shape[1] < asked or bool((rows[:, -1] < 0).all())


def _ranking(segments: tuple[Segment, ...], found: list[Found], metric: Metric) -> _Ranking:
    """One ranking a query of the segments' candidates."""
    if len(found) == 1:
        distances, rows = found[0]
        numbers = np.zeros(rows.shape, np.intp)
        ranking = _Ranking(distances, rows, numbers, _keys_of(segments, numbers, rows))
        return ranking if ranking.is_settled() else ranking.settled(metric)
    distances = np.concatenate([d for d, _ in found], axis=1)
    rows = np.concatenate([r for _, r in found], axis=1)
    numbers = np.broadcast_to(np.repeat(np.arange(len(found)), [r.shape[1] for _, r in found]), rows.shape)
    return _Ranking(distances, rows, numbers, _keys_of(segments, numbers, rows)).settled(metric)


def _keys_of(segments: tuple[Segment, ...], numbers: NDArray[np.intp], rows: RowNumbers) -> Keys:
    """The primary keys of candidates; where there is no row, any key."""
    primary = segments[0].schema.primary
    return gather(segments, numbers.ravel(), np.maximum(rows, 0).ravel(), primary).values.reshape(rows.shape)


@dataclass(frozen=True, slots=True)
class _Ranking:
    """Candidates, each array of shape (queries, width); row -1 is no candidate. ``kept`` None keeps all."""

    distances: Distances
    rows: RowNumbers
    numbers: NDArray[np.intp]
    keys: Keys
    kept: Mask | None = None

    def is_settled(self) -> bool:
        """Whether one index's own ranking stands: nothing missing, no equal distances, no key twice."""
        if self.rows[:, -1].min() < 0 or (self.distances[:, 1:] == self.distances[:, :-1]).any():
            return False
        keys = np.sort(self.keys, axis=1)
        return not (keys[:, 1:] == keys[:, :-1]).any()

    def settled(self, metric: Metric) -> _Ranking:
        """Best first, equal ones by primary key; of a key only its best place is kept."""
        worth = np.where(self.rows >= 0, metric.worth(self.distances), np.float32(np.inf))
        keys = ranks(self.keys)
        order = np.lexsort((keys, worth), axis=1)
        distances, rows, numbers, named = (
            np.take_along_axis(a, order, axis=1) for a in (self.distances, self.rows, self.numbers, self.keys)
        )
        return _Ranking(
            distances, rows, numbers, named, _first_places(np.take_along_axis(keys, order, axis=1), rows >= 0)
        )

    def lost_places(self, top: int) -> bool:
        """Whether some query has fewer than ``top`` hits because keys were repeated."""
        if self.kept is None:
            return False
        kept = self.kept.sum(axis=1)
        return bool(((kept < top) & (kept < (self.rows >= 0).sum(axis=1))).any())

    def hits(self, segments: tuple[Segment, ...], offset: int, top: int) -> Hits:
        """The places from ``offset`` to ``top`` of those that are kept."""
        width = self.rows.shape[1]
        kept = np.ones(self.rows.shape, np.bool_) if self.kept is None else self.kept
        if self.kept is None and offset == 0 and width <= top:
            return Hits(
                np.full(len(self.rows), width, np.int64),
                self.distances.ravel(),
                self.keys.ravel(),
                segments,
                self.numbers.ravel(),
                self.rows.ravel(),
            )
        place = np.cumsum(kept, axis=1)
        kept = kept & (place > offset) & (place <= top)
        return Hits(
            kept.sum(axis=1), self.distances[kept], self.keys[kept], segments, self.numbers[kept], self.rows[kept]
        )


def _first_places(keys: Keys, real: Mask) -> Mask:
    """Which of the ranked candidates are the first, best place of their key."""
    order = np.lexsort((~real, keys), axis=1)
    ordered = np.take_along_axis(keys, order, axis=1)
    first = np.ones(keys.shape, np.bool_)
    first[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    kept = np.empty_like(first)
    np.put_along_axis(kept, order, first, axis=1)
    return kept & real


def no_hits(queries: int, primary: Field) -> Hits:
    """The answer to queries that find nothing."""
    nothing = np.empty(0, np.int64)
    keys = empty_column(primary).values
    return Hits(np.zeros(queries, np.int64), np.empty(0, np.float32), keys, (), np.empty(0, np.intp), nothing)


_thread = threading.local()


def _use_cores(queries: int) -> None:
    """OpenMP's thread count belongs to the calling thread: one core for a few queries, all for many."""
    wanted = CORES if queries >= MANY_QUERIES else 1
    if getattr(_thread, "cores", None) != wanted:
        import faiss

        faiss.omp_set_num_threads(wanted)
        _thread.cores = wanted
