"""Search among the vectors of struct arrays: lists of vectors against lists, or each vector of a list for itself.

The metrics MAX_SIM_* compare a list of query vectors with a row: the best distance of each query vector to any of the
row's, summed. Any other metric makes every element of a row a hit of its own. Both compare with every vector, since no
index is built over them. Source: ParsePlaceholderGroup of Plan.cpp, Milvus 3.0; knowhere's emb_list_utils.h.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fakemilvus.datatypes import Mask
from fakemilvus.engine.batch import ScalarIndexes, SegmentBatch, scalar_indexes
from fakemilvus.engine.bits import bit_distances
from fakemilvus.engine.exact import NOTHING, Found, every_distance, nearest, ranked
from fakemilvus.engine.keys import Keys
from fakemilvus.engine.metrics import METRICS, Distances, Metric
from fakemilvus.engine.ranges import search_within
from fakemilvus.engine.schema import Field
from fakemilvus.engine.search import Hits, SearchRequest, allowed_rows, gather, no_hits
from fakemilvus.engine.segment import Segment
from fakemilvus.engine.snapshot import Snapshot

LIST_METRICS = {
    "MAX_SIM": "COSINE",
    "MAX_SIM_COSINE": "COSINE",
    "MAX_SIM_IP": "IP",
    "MAX_SIM_L2": "L2",
    "MAX_SIM_HAMMING": "HAMMING",
    "MAX_SIM_JACCARD": "JACCARD",
}
"""The metrics of lists, and the metric that their vectors are compared in."""


def search_lists(snapshot: Snapshot, request: SearchRequest) -> Hits:
    """The ``limit`` best rows, or elements of rows, for each query, after skipping ``offset``."""
    top = request.limit + request.offset
    segments = tuple(s for s in snapshot.segments if s.rows and (s.sealed or not request.ignore_growing))
    scalars = scalar_indexes(snapshot.indexes)
    by_row = request.metric in LIST_METRICS
    find = _best_rows if by_row else _best_elements
    found = [find(segment, request, top, scalars) for segment in segments]
    if not any(part.rows.shape[1] for part in found):
        return no_hits(len(request.queries), snapshot.schema.primary)
    return _merged(segments, found, request, by_row=by_row)


# -- private ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Vectors:
    """All vectors of a segment's lists end to end, shape (vectors, width), and how many of them each row has."""

    values: NDArray[Any]
    lengths: NDArray[np.intp]

    @property
    def starts(self) -> NDArray[np.intp]:
        return np.cumsum(self.lengths) - self.lengths

    @classmethod
    def of(cls, segment: Segment, field: Field) -> _Vectors:
        """Null rows have none."""
        column = segment.columns[field.id]
        rows = column.values.tolist()
        if column.valid is not None:
            rows = [row if valid else row[:0] for row, valid in zip(rows, column.valid.tolist(), strict=True)]
        width = field.vector_width
        lengths = np.fromiter(map(len, rows), np.intp, len(rows)) // width
        return cls(np.concatenate(rows).reshape(-1, width), lengths)


@dataclass(frozen=True, slots=True)
class _Part:
    """What one segment gives, each array of shape (queries, width); row NOTHING is no hit."""

    distances: Distances
    rows: NDArray[np.int64]
    places: NDArray[np.int64]


def _best_rows(segment: Segment, request: SearchRequest, top: int, scalars: ScalarIndexes) -> _Part:
    """Every row that has vectors, by the sum of the best distances of each query vector."""
    vectors, metric = _Vectors.of(segment, request.field), METRICS[LIST_METRICS[request.metric]]
    allowed = allowed_rows(segment, request.filter, scalars)
    some = vectors.lengths > 0
    rows = np.flatnonzero(some if allowed is None else some & allowed)
    top = min(top, len(rows))
    distances = np.zeros((len(request.queries), top), np.float32)
    found = np.full((len(request.queries), top), NOTHING, np.int64)
    if not top:
        return _Part(distances, found, found)
    values, compared = _prepared(vectors.values, metric)
    for number, query in enumerate(request.queries):
        sums = _sums(values, vectors.starts[some], _prepared(query, metric)[0], compared)
        scores = np.zeros(segment.rows, np.float32)
        scores[some] = sums
        best, named = ranked(scores[rows], segment.keys, metric, top, rows)
        distances[number, : len(best)], found[number, : len(best)] = best, named
    return _Part(distances, found, np.zeros_like(found))


def _prepared(values: NDArray[Any], metric: Metric) -> tuple[NDArray[Any], Metric]:
    """The vectors as they are compared, once for all query vectors; normalised ones by their products."""
    if values.dtype == np.uint8:
        return values, metric
    return metric.prepared(values), METRICS["IP"] if metric.spherical else metric


def _sums(values: NDArray[Any], starts: NDArray[np.intp], query: NDArray[Any], metric: Metric) -> Distances:
    """For each list that is not empty, the sum over the query's vectors of their best distance to it."""
    best = np.maximum if metric.larger_is_better else np.minimum
    total = np.zeros(len(starts), np.float32)
    for vector in query:
        if values.dtype == np.uint8:
            every = bit_distances(values, metric, vector)
        else:
            every = every_distance(values, metric, vector, None)
        total += best.reduceat(every, starts)
    return total


def _best_elements(segment: Segment, request: SearchRequest, top: int, scalars: ScalarIndexes) -> _Part:
    """The nearest vectors, wherever they stand."""
    vectors = _Vectors.of(segment, request.field)
    owners = np.repeat(np.arange(segment.rows), vectors.lengths)
    among = _allowed_elements(segment, request, scalars, vectors, owners)
    keys, metric = segment.keys[owners], METRICS[request.metric]

    def find(wanted: int) -> Found:
        return nearest(vectors.values, keys, metric, request.queries, wanted, among)

    distances, numbers = find(top) if request.within is None else search_within(find, request.within, top, len(owners))
    rows = np.where(numbers < 0, NOTHING, owners[numbers]) if len(owners) else numbers
    places = numbers - vectors.starts[rows] if len(owners) else numbers
    return _Part(distances, rows, places)


def _allowed_elements(
    segment: Segment, request: SearchRequest, scalars: ScalarIndexes, vectors: _Vectors, owners: NDArray[np.intp]
) -> NDArray[np.intp] | None:
    """The numbers of the elements that may be found; None is all."""
    wanted = request.filter
    if wanted is not None and wanted.by_element:
        elements = wanted.elements(SegmentBatch(segment, scalars))
        living: Mask | slice = slice(None) if segment.alive is None else segment.alive[elements.rows]
        numbers: NDArray[np.intp] = (vectors.starts[elements.rows] + elements.places)[living]
        return numbers
    allowed = allowed_rows(segment, wanted, scalars)
    return None if allowed is None else np.flatnonzero(allowed[owners])


def _merged(segments: tuple[Segment, ...], found: list[_Part], request: SearchRequest, *, by_row: bool) -> Hits:
    """One ranking a query, equal ones by primary key and place, none twice."""
    distances = np.concatenate([part.distances for part in found], axis=1)
    rows = np.concatenate([part.rows for part in found], axis=1)
    places = np.concatenate([part.places for part in found], axis=1)
    widths = [part.rows.shape[1] for part in found]
    numbers = np.repeat(np.arange(len(found)), widths)
    chosen = [
        _ranking(segments, distances[query], rows[query], places[query], numbers, request) for query in range(len(rows))
    ]
    flat = np.concatenate([query * rows.shape[1] + order for query, order in enumerate(chosen)])
    at = flat % rows.shape[1]
    kept = rows.ravel()[flat]
    return Hits(
        counts=np.array([len(order) for order in chosen], np.int64),
        distances=distances.ravel()[flat],
        keys=_keys(segments, numbers[at], kept),
        segments=segments,
        segment_numbers=numbers[at],
        rows=kept,
        places=None if by_row else places.ravel()[flat],
    )


def _ranking(
    segments: tuple[Segment, ...],
    distances: Distances,
    rows: NDArray[np.int64],
    places: NDArray[np.int64],
    numbers: NDArray[np.intp],
    request: SearchRequest,
) -> NDArray[np.intp]:
    """The candidates of one query from ``offset`` to ``limit``, best first."""
    real = np.flatnonzero(rows >= 0)
    keys = np.unique(_keys(segments, numbers[real], rows[real]), return_inverse=True)[1]
    order = np.lexsort((places[real], keys, METRICS[request.metric].worth(distances[real])))
    codes = keys[order] * (int(places.max(initial=0)) + 1) + places[real][order]
    first = np.sort(np.unique(codes, return_index=True)[1])
    ordered: NDArray[np.intp] = real[order[first]]
    return ordered[request.offset : request.offset + request.limit]


def _keys(segments: tuple[Segment, ...], numbers: NDArray[np.intp], rows: NDArray[np.int64]) -> Keys:
    return gather(segments, numbers, rows, segments[0].schema.primary).values
