"""Exact search: the nearest of some vectors, by comparing with every one; numbers through FAISS.

Rows are taken in blocks, so that neither a converted nor a normalised nor a filtered copy of a whole segment is ever
made. It knows vectors and their keys, no segments. (FAISS, because its threads are limited per thread; those of ``@``
are not.)
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fakemilvus.engine.bits import bit_distances
from fakemilvus.engine.keys import Keys, Rows, ranks
from fakemilvus.engine.metrics import Distances, Metric, RowNumbers, Vectors
from fakemilvus.engine.sparse import SparseColumn

BLOCK_BYTES = 4 << 20
NOTHING = -1  # instead of a row's number
KEPT_PER_TOP = 4  # candidates are thinned out when there are so many times more than are asked for
Found = tuple[Distances, RowNumbers]


class ExactBuilder:
    """A build of nothing: where every search is exact, rows are only counted, as fast as a test wants them to be."""

    train_steps = 0

    def train(self, step: int) -> None:
        raise AssertionError("exact search has no training step")

    def add(self, start: int, stop: int) -> None:
        """Counts rows; there is nothing to add them to."""

    def finished(self) -> None:
        """None is attached: the segment goes on being searched exactly."""


def nearest(
    vectors: NDArray[Any] | SparseColumn, keys: Keys, metric: Metric, queries: NDArray[Any], top: int, rows: Rows | None
) -> Found:
    """The best of some rows, or of all: distances and row numbers, shape (queries, at most ``top``), best first.

    ``vectors`` are the values of a dense column, which say by their dtype what they are, or a sparse column.
    A row whose distance is no number, or infinitely far, is not found, as in Milvus: NOTHING stands in its place.
    Equal distances come by primary key; where they straddle the end of the ranking, the smallest keys are in it.
    """
    total = len(vectors) if rows is None else len(rows)
    top = min(top, total)
    if top == 0:
        return np.empty((len(queries), 0), np.float32), np.empty((len(queries), 0), np.int64)
    if isinstance(vectors, SparseColumn) or vectors.dtype == np.uint8:
        return _one_by_one(vectors, keys, metric, queries, top, rows)
    queries = metric.prepared(queries)
    distances, found = _candidates(vectors, metric, queries, min(top + 1, total), rows)
    if total > top:
        tied = np.flatnonzero((distances[:, top - 1] == distances[:, top]) & (found[:, top] >= 0))
        distances, found = distances[:, :top], found[:, :top]
        for query in tied:
            distances[query], found[query] = _settled(vectors, keys, metric, queries[query], top, rows)
    return distances, _by_key(distances, found, keys)


def _one_by_one(
    vectors: NDArray[Any] | SparseColumn, keys: Keys, metric: Metric, queries: NDArray[Any], top: int, rows: Rows | None
) -> Found:
    """Each query's distance to every row, ranked by distance and key."""
    distances = np.full((len(queries), top), metric.worth(np.array([np.inf], np.float32))[0], np.float32)
    found = np.full((len(queries), top), NOTHING, np.int64)
    for number, query in enumerate(queries):
        if isinstance(vectors, SparseColumn):
            every = vectors.products(query, rows)
        else:
            every = bit_distances(vectors, metric, query, rows)
        best, named = ranked(every, keys, metric, top, rows)
        distances[number, : len(best)], found[number, : len(best)] = best, named
    return distances, found


def _candidates(vectors: NDArray[Any], metric: Metric, queries: Vectors, top: int, rows: Rows | None) -> Found:
    import faiss

    total = len(vectors) if rows is None else len(rows)
    as_is = rows is None and not metric.spherical and vectors.dtype == np.float32
    at_once = total if as_is else _block_rows(vectors)
    kind = faiss.METRIC_INNER_PRODUCT if metric.larger_is_better else faiss.METRIC_L2
    parts: list[Found] = []
    for start in range(0, total, at_once):
        block, numbers = _block(vectors, metric, rows, start, start + at_once)
        distances, found = faiss.knn(queries, block, min(top, len(block)), metric=kind)
        named = found + start if numbers is None else numbers[found]
        parts.append((distances, np.where(found < 0, NOTHING, named)))
        if sum(part.shape[1] for part, _ in parts) > KEPT_PER_TOP * top:
            parts = [_best(parts, metric, top)]
    return _best(parts, metric, top)


def _best(parts: list[Found], metric: Metric, top: int) -> Found:
    """One ranking of several."""
    if len(parts) == 1:
        return parts[0]
    distances = np.concatenate([part for part, _ in parts], axis=1)
    found = np.concatenate([part for _, part in parts], axis=1)
    order = np.argsort(metric.worth(distances), axis=1, kind="stable")[:, :top]
    return np.take_along_axis(distances, order, axis=1), np.take_along_axis(found, order, axis=1)


def _by_key(distances: Distances, found: RowNumbers, keys: Keys) -> RowNumbers:
    """The row numbers with those of equal distances in the order of their keys."""
    equal = (distances[:, 1:] == distances[:, :-1]) & (found[:, 1:] >= 0)
    for query in np.flatnonzero(equal.any(axis=1)):
        numbers = found[query, : np.count_nonzero(found[query] >= 0)]
        runs = np.concatenate([[0], np.cumsum(~equal[query, : len(numbers) - 1])])
        numbers[:] = numbers[np.lexsort((numbers, ranks(keys[numbers]), runs))]
    return found


def _settled(
    vectors: NDArray[Any], keys: Keys, metric: Metric, query: Vectors, top: int, rows: Rows | None
) -> tuple[Distances, RowNumbers]:
    """The ranking of one query by distance and key, from its distance to every row."""
    return ranked(every_distance(vectors, metric, query, rows), keys, metric, top, rows)


def ranked(
    distances: Distances, keys: Keys, metric: Metric, top: int, rows: Rows | None
) -> tuple[Distances, RowNumbers]:
    """The best of these distances by distance and key, those at infinity left out; and the numbers of their rows."""
    worth = metric.worth(distances)
    among = np.flatnonzero(worth <= min(np.partition(worth, top - 1)[top - 1], _FARTHEST))
    numbers = among if rows is None else rows[among]
    order = np.lexsort((ranks(keys[numbers]), worth[among]))[:top]
    return distances[among[order]], numbers[order]


def every_distance(vectors: NDArray[Any], metric: Metric, query: Vectors, rows: Rows | None) -> Distances:
    """The distance of each row, or of some, from one prepared query."""
    import faiss

    compare = faiss.fvec_inner_products_ny if metric.larger_is_better else faiss.fvec_L2sqr_ny
    total = len(vectors) if rows is None else len(rows)
    distances: Distances = np.empty(total, np.float32)
    query = np.ascontiguousarray(query)
    for start in range(0, total, _block_rows(vectors)):
        block, _ = _block(vectors, metric, rows, start, start + _block_rows(vectors))
        part = distances[start : start + len(block)]
        compare(faiss.swig_ptr(part), faiss.swig_ptr(query), faiss.swig_ptr(block), block.shape[1], len(block))
    return distances


def _block(
    vectors: NDArray[Any], metric: Metric, rows: Rows | None, start: int, stop: int
) -> tuple[Vectors, NDArray[np.intp] | None]:
    """Some of the rows, as they are compared, and their numbers, None for start:stop."""
    numbers = None if rows is None else rows[start:stop]
    return metric.prepared(vectors[start:stop] if numbers is None else vectors[numbers]), numbers


def _block_rows(vectors: NDArray[Any]) -> int:
    return max(256, BLOCK_BYTES // (4 * int(vectors.shape[1])))


_FARTHEST = np.finfo(np.float32).max
