"""Search: the nearest rows of a snapshot to some query vectors.

One entry, ``search(snapshot, request) -> Hits``. Per segment: which rows are allowed, then the attached index with
a selector, or brute force where there is no index or so few rows are left that being exact is also faster. Then
the segments' candidates are merged, best first, ties by primary key, and no key twice in one answer.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fakemilvus.datatypes import Column, Mask, concatenate
from fakemilvus.engine.batch import SegmentBatch, scalar_indexes
from fakemilvus.engine.collection import Snapshot
from fakemilvus.engine.index import Index
from fakemilvus.engine.keys import Rows
from fakemilvus.engine.kinds import BuiltIndex
from fakemilvus.engine.metrics import METRICS, Metric, Vectors, inverse_norms
from fakemilvus.engine.schema import Field
from fakemilvus.engine.segment import Segment
from fakemilvus.filters import Filter

EXACT_ROWS = 1_024  # so few allowed rows are compared one by one
MANY_QUERIES = 32  # from here on a search may use every core
SCORES_AT_ONCE = 1 << 22  # cells of a distance table that brute force fills at a time

Distances = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """A checked search; ``params`` are the index kind's search parameters, complete with defaults."""

    field: Field
    index: Index | None
    queries: Vectors
    limit: int
    offset: int
    metric: str
    params: Mapping[str, Any]
    filter: Filter | None = None
    ignore_growing: bool = False


@dataclass(frozen=True, slots=True)
class Hits:
    """The answer, all queries one behind the other: ``counts`` says how many belong to each.

    ``segments`` and ``rows`` say where each hit lies; ``columns`` fetches fields of exactly these rows.
    """

    counts: NDArray[np.int64]
    distances: Distances
    keys: NDArray[Any]
    segments: tuple[Segment, ...]
    segment_numbers: NDArray[np.intp]
    rows: NDArray[np.int64]

    def column(self, field: Field) -> Column:
        """The values of one field, aligned with the hits."""
        return gather(self.segments, self.segment_numbers, self.rows, field)


def search(snapshot: Snapshot, request: SearchRequest) -> Hits:
    """The ``limit`` best rows for each query, after skipping ``offset``."""
    _use_cores(len(request.queries))
    top = request.limit + request.offset
    segments = tuple(s for s in snapshot.segments if s.rows and (s.sealed or not request.ignore_growing))
    scalars = scalar_indexes(snapshot.indexes)
    found = [_search_segment(segment, request, top, scalars) for segment in segments]
    return _merged(segments, found, request, top)


def allowed_rows(segment: Segment, wanted: Filter | None, scalars: dict[str, Index]) -> Mask | None:
    """The living rows that pass the filter, as a mask; None when that is every row."""
    if wanted is None or wanted.always_true:
        return segment.alive
    mask = wanted.mask(SegmentBatch(segment, scalars))
    return mask if segment.alive is None else mask & segment.alive


def gather(
    segments: tuple[Segment, ...], numbers: NDArray[np.intp], rows: NDArray[np.int64], field: Field
) -> Column:
    """The values of a field at (segment number, row) pairs, in their order."""
    if len(segments) == 1:
        return segments[0].columns[field.id].take(rows)
    used = np.unique(numbers)
    if len(used) == 1:
        return segments[used[0]].columns[field.id].take(rows)
    parts = [segments[n].columns[field.id].take(rows[numbers == n]) for n in used]
    order = np.concatenate([np.flatnonzero(numbers == n) for n in used])
    place = np.empty(len(order), np.intp)
    place[order] = np.arange(len(order))
    return concatenate(parts).take(place)


def _search_segment(
    segment: Segment, request: SearchRequest, top: int, scalars: dict[str, Index]
) -> tuple[Distances, NDArray[np.int64]]:
    """The best rows of one segment: distances and row numbers of shape (queries, top), -1 where there is none."""
    metric = METRICS[request.metric]
    allowed = allowed_rows(segment, request.filter, scalars)
    count = segment.rows if allowed is None else int(np.count_nonzero(allowed))
    built: BuiltIndex | None = segment.built.get(request.index.id) if request.index is not None else None
    if built is not None and count > max(EXACT_ROWS, built.exact_below(segment.rows, request.params)):
        return built.search(request.queries, top, request.params, allowed)
    rows = None if allowed is None else np.flatnonzero(allowed)
    return _brute_force(segment.columns[request.field.id].values, metric, request.queries, top, rows)


def _brute_force(
    vectors: Vectors, metric: Metric, queries: Vectors, top: int, rows: Rows | None
) -> tuple[Distances, NDArray[np.int64]]:
    """Exact search over some rows, or all."""
    import faiss

    among = vectors if rows is None else vectors[rows]
    top = min(top, len(among))
    if top == 0:
        return np.empty((len(queries), 0), np.float32), np.empty((len(queries), 0), np.int64)
    if metric.spherical:
        distances, found = _brute_force_cosine(among, metric.prepared(queries), top)
    else:
        kind = faiss.METRIC_INNER_PRODUCT if metric.larger_is_better else faiss.METRIC_L2
        distances, found = faiss.knn(queries, np.ascontiguousarray(among), top, metric=kind)
    return distances, found if rows is None else rows[found]


def _brute_force_cosine(vectors: Vectors, queries: Vectors, top: int) -> tuple[Distances, NDArray[np.int64]]:
    """Inner products scaled by the rows' lengths, some queries at a time; no normalised copy of the rows is made."""
    import faiss

    scale = inverse_norms(vectors)
    at_once = max(1, SCORES_AT_ONCE // len(vectors))
    distances = np.empty((len(queries), top), np.float32)
    rows = np.empty((len(queries), top), np.int64)
    for start in range(0, len(queries), at_once):
        part = slice(start, start + at_once)
        scores = faiss.pairwise_distances(queries[part], vectors, metric=faiss.METRIC_INNER_PRODUCT) * scale
        best = np.argpartition(-scores, top - 1, axis=1)[:, :top]
        rows[part] = best
        distances[part] = np.take_along_axis(scores, best, axis=1)
    return distances, rows


def _merged(
    segments: tuple[Segment, ...],
    found: list[tuple[Distances, NDArray[np.int64]]],
    request: SearchRequest,
    top: int,
) -> Hits:
    """One ranking a query from the segments' candidates."""
    width = sum(rows.shape[1] for _, rows in found)
    queries = len(request.queries)
    if width == 0:
        return _no_hits(queries)
    distances = np.concatenate([d for d, _ in found], axis=1)
    rows = np.concatenate([r for _, r in found], axis=1)
    numbers = np.repeat(np.arange(len(found)), [r.shape[1] for _, r in found])
    numbers = np.broadcast_to(numbers, (queries, width))
    real = rows >= 0
    keys = gather(segments, numbers.ravel(), np.maximum(rows, 0).ravel(), segments[0].schema.primary).values
    keys = keys.reshape(queries, width)
    worth = -distances if METRICS[request.metric].larger_is_better else distances
    order = _ranking(np.where(real, worth, np.inf), keys)
    kept = np.take_along_axis(real, order, axis=1)
    _forget_repeats(np.take_along_axis(keys, order, axis=1), kept)
    kept &= (np.cumsum(kept, axis=1) > request.offset) & (np.cumsum(kept, axis=1) <= top)
    taken = [np.take_along_axis(a, order, axis=1)[kept] for a in (distances, keys, numbers, rows)]
    return Hits(kept.sum(axis=1), taken[0], taken[1], segments, taken[2], taken[3])


def _ranking(worth: Distances, keys: NDArray[Any]) -> NDArray[np.intp]:
    """Columns by worth, smallest first; equal ones by primary key."""
    if keys.dtype.kind == "T":
        _, keys = np.unique(keys, return_inverse=True)
        keys = keys.reshape(worth.shape)
    return np.lexsort((keys, worth), axis=1)


def _forget_repeats(keys: NDArray[Any], kept: Mask) -> None:
    """Clears all but the first, best place of a primary key in each query's ranking."""
    for query in range(len(keys)):
        own = keys[query][kept[query]]
        _, first = np.unique(own, return_index=True)
        if len(first) < len(own):
            places = np.flatnonzero(kept[query])
            kept[query] = False
            kept[query, places[first]] = True


def _no_hits(queries: int) -> Hits:
    nothing = np.empty(0, np.int64)
    counts = np.zeros(queries, np.int64)
    return Hits(counts, np.empty(0, np.float32), nothing, (), np.empty(0, np.intp), nothing)


_thread = threading.local()


def _use_cores(queries: int) -> None:
    """OpenMP's thread count belongs to the calling thread: one core for a few queries, all for many."""
    wanted = (os.cpu_count() or 1) if queries >= MANY_QUERIES else 1
    if getattr(_thread, "cores", None) != wanted:
        import faiss

        faiss.omp_set_num_threads(wanted)
        _thread.cores = wanted
