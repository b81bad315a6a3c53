"""Binary vectors: how far they are from one another, and an index of theirs with inverted lists.

Vectors are rows of bytes, dim / 8 of them. FAISS' own binary IVF knows only HAMMING and takes no selector; so FAISS
trains the centroids and assigns rows to lists here, and the rows of the chosen lists are compared with numpy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fakemilvus.datatypes import Mask
from fakemilvus.engine.metrics import Distances, Metric, RowNumbers
from fakemilvus.engine.training import TRAIN_ITERATIONS, TRAIN_ROWS_PER_LIST, draw_sample, fed_lists, make_clustering

Bits = NDArray[np.uint8]
BLOCK_BYTES = 4 << 20
NOTHING = -1


def bit_distances(vectors: Bits, metric: Metric, query: Bits, rows: NDArray[np.intp] | None = None) -> Distances:
    """The distance of each row, or of some, from one query; infinite where a structure does not match."""
    compare, wanted = _COMPARE[metric.name], _words(np.ascontiguousarray(query)[None])
    total = len(vectors) if rows is None else len(rows)
    distances: Distances = np.empty(total, np.float32)
    at_once = max(256, BLOCK_BYTES // max(1, vectors.shape[1]))
    for start in range(0, total, at_once):
        stop = start + at_once
        block = vectors[start:stop] if rows is None else vectors[rows[start:stop]]
        distances[start:stop] = compare(_words(np.ascontiguousarray(block)), wanted)
    return distances


class BitIvfBuilder:
    """K-means over a sample of bits, then every row goes to the list of its nearest centroid by HAMMING."""

    train_steps = TRAIN_ITERATIONS

    def __init__(self, vectors: Bits, metric: Metric, params: Mapping[str, Any], seed: int) -> None:
        import faiss

        rows, width = vectors.shape
        self.nlist = fed_lists(int(params["nlist"]), rows)
        self._vectors = vectors
        self._metric = metric
        self._seed = seed
        self._coarse = faiss.IndexFlatL2(8 * width)
        self._clustering = make_clustering(8 * width, self.nlist, rows, seed)
        self._centroids = faiss.IndexBinaryFlat(8 * width)
        self._lists: NDArray[np.int32] = np.empty(rows, np.int32)
        self._sample: NDArray[np.float32] | None = None

    def train(self, step: int) -> None:
        """One iteration; after the last one a centroid's bits are those that most of its rows have."""
        if self._sample is None:
            chosen = draw_sample(self._vectors, TRAIN_ROWS_PER_LIST * self.nlist, self._seed)
            self._sample = np.unpackbits(chosen, axis=1).astype(np.float32)
        self._clustering.train(self._sample, self._coarse)
        if step == self.train_steps - 1:
            means = self._coarse.reconstruct_n(0, self.nlist)
            self._centroids.add(np.packbits(means > 0.5, axis=1))
            self._sample = None

    def add(self, start: int, stop: int) -> None:
        _, nearest = self._centroids.search(np.ascontiguousarray(self._vectors[start:stop]), 1)
        self._lists[start:stop] = nearest[:, 0]

    def finished(self) -> BuiltBitIvf:
        import faiss

        codes = faiss.vector_to_array(self._centroids.xb).reshape(self.nlist, -1)
        return BuiltBitIvf(self._vectors, codes, self._lists, self._metric)


class BuiltBitIvf:
    """Rows in lists; it keeps the vectors themselves, which the segment holds anyway."""

    def __init__(self, vectors: Bits, centroids: Bits, lists: NDArray[np.int32], metric: Metric) -> None:
        self._vectors = vectors
        self._centroids = centroids
        self._metric = metric
        self._order = np.argsort(lists, kind="stable")
        self._stops = np.searchsorted(lists[self._order], np.arange(len(centroids)), side="right")

    def search(
        self, queries: Bits, top: int, params: Mapping[str, Any], allowed: Mask | None
    ) -> tuple[Distances, RowNumbers]:
        nprobe = min(int(params["nprobe"]), len(self._centroids))
        distances = np.full((len(queries), top), np.inf, np.float32)
        rows = np.full((len(queries), top), NOTHING, np.int64)
        for number, query in enumerate(queries):
            among = self._rows_near(query, nprobe)
            if allowed is not None:
                among = among[allowed[among]]
            found = bit_distances(self._vectors, self._metric, query, among)
            best = np.lexsort((among, found))[:top]
            distances[number, : len(best)], rows[number, : len(best)] = found[best], among[best]
        return distances, rows

    def exact_below(self, rows: int, params: Mapping[str, Any]) -> int:
        return 2 * int(params["nprobe"]) * rows // len(self._centroids)

    def _rows_near(self, query: Bits, nprobe: int) -> NDArray[np.intp]:
        """The rows in the lists whose centroids are nearest to the query."""
        chosen = np.argsort(bit_distances(self._centroids, self._metric, query), kind="stable")[:nprobe]
        parts = [self._order[self._stops[n - 1] if n else 0 : self._stops[n]] for n in chosen.tolist()]
        return np.concatenate(parts)


# -- private ---------------------------------------------------------------------------------------------------


def _words(vectors: Bits) -> NDArray[np.unsignedinteger[Any]]:
    """The same bits in as few elements as possible."""
    return vectors.view(np.uint64) if vectors.shape[1] % 8 == 0 else vectors


def _count(bits: NDArray[Any]) -> NDArray[np.int64]:
    counts: NDArray[np.int64] = np.bitwise_count(bits).sum(axis=1, dtype=np.int64)
    return counts


def _hamming(vectors: NDArray[Any], query: NDArray[Any]) -> NDArray[Any]:
    return _count(vectors ^ query)


def _jaccard(vectors: NDArray[Any], query: NDArray[Any]) -> NDArray[Any]:
    """Two vectors without any bit are as far from each other as can be, as in knowhere."""
    union = _count(vectors | query).astype(np.float32)
    common = _count(vectors & query).astype(np.float32)
    distances: Distances = np.divide(union - common, union, out=np.ones(len(union), np.float32), where=union > 0)
    return distances


def _substructure(vectors: NDArray[Any], query: NDArray[Any]) -> NDArray[Any]:
    return np.where(((vectors & query) == query).all(axis=1), 0, np.inf)


def _superstructure(vectors: NDArray[Any], query: NDArray[Any]) -> NDArray[Any]:
    return np.where(((vectors & query) == vectors).all(axis=1), 0, np.inf)


_COMPARE: dict[str, Callable[[NDArray[Any], NDArray[Any]], NDArray[Any]]] = {
    "HAMMING": _hamming,
    "JACCARD": _jaccard,
    "SUBSTRUCTURE": _substructure,
    "SUPERSTRUCTURE": _superstructure,
}
