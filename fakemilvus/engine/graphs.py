"""Indexes that are graphs (HNSW) over vectors of numbers or of bits, and what stands for Milvus' other graphs.

The graph is FAISS'. What the kinds differ in is the storage that distances come from: the rows themselves, or codes of
theirs. As in knowhere, a graph over product codes is made over the rows, which codes then replace. Bits are compared as
numbers 0 and 1, because FAISS' own binary graph takes no selector.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from fakemilvus.datatypes import Mask
from fakemilvus.engine.exact import nearest
from fakemilvus.engine.inverted_lists import refine_factor
from fakemilvus.engine.metrics import Distances, Metric, RowNumbers, Vectors
from fakemilvus.engine.quantizers import ProductTraining, is_refined, make_refiner, narrow, scalar_type
from fakemilvus.engine.selecting import selector
from fakemilvus.engine.training import (
    ENCODER_ROWS,
    TRAIN_ITERATIONS,
    TRAIN_ROWS_PER_LIST,
    Unbuildable,
    draw_sample,
)


class Storage(Protocol):
    """What a graph's distances come from, while it is built and afterwards."""

    graph: Any
    steps: int
    rows: int  # so many train it

    def train(self, step: int, sample: Vectors) -> None: ...

    def add(self, vectors: Vectors) -> None:
        """Takes rows that the graph has taken already."""
        ...

    def finish(self) -> None:
        """Every row is there."""
        ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a graph is made from; ``kind`` is FAISS' number of the metric, ``degree`` that of links a row."""

    dim: int
    degree: int
    kind: int
    rows: int
    seed: int
    params: Mapping[str, Any]


class GraphBuilder:
    """Trains the storage where there is something to train, then adds rows range by range.

    ``degree`` and ``breadth`` name the build parameters: links a row, and how many rows are looked at for them; the
    first is divided by ``halved``, since the lowest level of the graph has twice as many.
    """

    def __init__(
        self,
        vectors: NDArray[Any],
        metric: Metric,
        params: Mapping[str, Any],
        seed: int,
        *,
        storage: Callable[[Wanted], Storage],
        degree: str = "M",
        breadth: str = "efConstruction",
        halved: int = 1,
    ) -> None:
        import faiss

        self._vectors = vectors
        self._metric = metric
        self._seed = seed
        if metric.name in ("SUBSTRUCTURE", "SUPERSTRUCTURE"):
            raise Unbuildable(f"Unsupported metric for binary data: {metric.name}")
        dim = len(prepared(vectors[:1], metric)[0])
        kind = _kind(metric)
        links = max(2, int(params[degree]) // halved)
        self._storage = storage(Wanted(dim, links, kind, len(vectors), seed, params))
        self._storage.graph.hnsw.efConstruction = int(params[breadth])
        self._refiner = make_refiner(vectors, kind, params) if is_refined(params) else None
        graph = self._storage.graph
        self._index = graph if self._refiner is None else faiss.IndexRefine(graph, self._refiner)
        self._index.is_trained = graph.is_trained = True
        self.train_steps = max(self._storage.steps, int(self._refiner is not None))
        self._sample: Vectors | None = None

    def train(self, step: int) -> None:
        if step == 0 and self._refiner is not None:
            self._refiner.train(prepared(draw_sample(self._vectors, ENCODER_ROWS, self._seed), self._metric))
        if step >= self._storage.steps:
            return
        if self._sample is None:
            self._sample = prepared(draw_sample(self._vectors, self._storage.rows, self._seed), self._metric)
        self._storage.train(step, self._sample)
        if step == self.train_steps - 1:
            self._sample = None

    def add(self, start: int, stop: int) -> None:
        vectors = prepared(self._vectors[start:stop], self._metric)
        self._index.add(vectors)
        self._storage.add(vectors)

    def finished(self) -> BuiltGraph:
        self._storage.finish()
        parts = (self._storage, self._refiner)
        return BuiltGraph(self._index, self._vectors, self._metric, refines=self._refiner is not None, parts=parts)


class BuiltGraph:
    """A graph that can be searched; ``parts`` are what FAISS refers to and Python has to keep.

    Where a graph does not reach as many rows as are wanted and there, each is compared with, as in knowhere; the rows
    are the segment's own.
    """

    def __init__(
        self, index: Any, vectors: NDArray[Any], metric: Metric, *, refines: bool, parts: tuple[Any, ...]
    ) -> None:
        self._index = index
        self._vectors = vectors
        self._metric = metric
        self._refines = refines
        self._parts = parts

    def search(
        self, queries: NDArray[Any], top: int, params: Mapping[str, Any], allowed: Mask | None
    ) -> tuple[Distances, RowNumbers]:
        import faiss

        width = max(int(params.get("ef") or 0), top, 16)
        wanted = faiss.SearchParametersHNSW(efSearch=width, sel=selector(allowed))
        if self._refines:
            wanted = faiss.IndexRefineSearchParameters(k_factor=refine_factor(top, params), base_index_params=wanted)
        distances, rows = self._index.search(prepared(queries, self._metric), top, params=wanted)
        distances = 1 - distances if self._metric.name == "JACCARD" else distances
        short = np.flatnonzero(rows[:, -1] < 0)
        if len(short) and not params.get("disable_fallback_brute_force"):
            self._complete(queries, allowed, distances, rows, short)
        return distances, rows

    def exact_below(self, rows: int, params: Mapping[str, Any]) -> int:
        return rows // 50

    def _complete(
        self, queries: NDArray[Any], allowed: Mask | None, distances: Distances, rows: RowNumbers, short: NDArray[Any]
    ) -> None:
        """Writes what comparing with each row finds over what the graph found for some queries, where that is less."""
        among = None if allowed is None else np.flatnonzero(allowed)
        top = min(rows.shape[1], len(self._vectors) if among is None else len(among))
        missed = short[rows[short, top - 1] < 0] if top else short[:0]
        if len(missed):
            keys = np.arange(len(self._vectors))
            found = nearest(self._vectors, keys, self._metric, queries[missed], top, among)
            distances[missed, :top], rows[missed, :top] = found


class FlatStorage:
    """The rows as they are."""

    steps = 0
    rows = 0

    def __init__(self, wanted: Wanted) -> None:
        import faiss

        self.graph = faiss.IndexHNSWFlat(wanted.dim, wanted.degree, wanted.kind)

    def train(self, step: int, sample: Vectors) -> None:
        raise AssertionError("rows as they are have no training step")

    def add(self, vectors: Vectors) -> None:
        """The graph's own storage has them."""

    def finish(self) -> None:
        """There is nothing to put in its place."""


class ScalarStorage:
    """Some bits for each number; one step learns their range."""

    steps = 1
    rows = ENCODER_ROWS

    def __init__(self, wanted: Wanted) -> None:
        import faiss

        number = scalar_type(wanted.params["sq_type"])
        self.graph = faiss.IndexHNSWSQ(wanted.dim, number, wanted.degree, wanted.kind)
        narrow(faiss.downcast_index(self.graph.storage).sq, wanted.kind)

    def train(self, step: int, sample: Vectors) -> None:
        self.graph.storage.train(sample)

    def add(self, vectors: Vectors) -> None:
        """The graph's own storage has them."""

    def finish(self) -> None:
        """There is nothing to put in its place."""


class CodesStorage:
    """Codes that take the place of the rows when the graph is finished."""

    def __init__(self, wanted: Wanted, codes: Any) -> None:
        import faiss

        least = 1 << wanted.params["nbits"]
        if wanted.rows < least:
            raise Unbuildable(f"{wanted.rows} rows not enough, needs at least {least} rows")
        self._flat = faiss.IndexFlat(wanted.dim, wanted.kind)
        self._codes = codes
        self.rows = TRAIN_ROWS_PER_LIST * least
        self.graph = faiss.IndexHNSW(self._flat, wanted.degree)

    def add(self, vectors: Vectors) -> None:
        self._codes.add(vectors)

    def finish(self) -> None:
        self.graph.storage = self._codes
        self._flat = None


class ProductStorage(CodesStorage):
    """For each of ``m`` parts of a row the nearest of 2^nbits centroids."""

    def __init__(self, wanted: Wanted) -> None:
        import faiss

        codes = faiss.IndexPQ(wanted.dim, wanted.params["m"], wanted.params["nbits"], wanted.kind)
        super().__init__(wanted, codes)
        self._training = ProductTraining(codes.pq, wanted.seed)
        self.steps = self._training.steps

    def train(self, step: int, sample: Vectors) -> None:
        self._training.train(step, sample)
        self._codes.is_trained = True


class ResidualStorage(CodesStorage):
    """For each of ``m`` parts ``nrq`` centroids, each of what those before it left over.

    FAISS trains a part in one call, so that is one step, of 10 iterations a centroid as everywhere.
    """

    def __init__(self, wanted: Wanted) -> None:
        import faiss

        params, inner = wanted.params, wanted.kind == faiss.METRIC_INNER_PRODUCT
        norms = faiss.AdditiveQuantizer.ST_LUT_nonorm if inner else faiss.AdditiveQuantizer.ST_norm_float
        self.steps = int(params["m"])
        codes = faiss.IndexProductResidualQuantizer(
            wanted.dim, self.steps, params["nrq"], params["nbits"], wanted.kind, norms
        )
        super().__init__(wanted, codes)
        self._parts = [faiss.downcast_AdditiveQuantizer(codes.prq.subquantizer(part)) for part in range(self.steps)]
        for quantizer in self._parts:
            quantizer.train_type = faiss.ResidualQuantizer.Train_default
            quantizer.cp.niter, quantizer.cp.seed = TRAIN_ITERATIONS, wanted.seed
            quantizer.cp.min_points_per_centroid = 1

    def train(self, step: int, sample: Vectors) -> None:
        import faiss

        width = sample.shape[1] // self.steps
        self._parts[step].train(np.ascontiguousarray(sample[:, step * width : (step + 1) * width]))
        if step == self.steps - 1:
            centroids = np.concatenate([faiss.vector_to_array(part.codebooks) for part in self._parts])
            faiss.copy_array_to_vector(centroids, self._codes.prq.codebooks)
            self._codes.prq.is_trained = self._codes.is_trained = True


def prepared(vectors: NDArray[Any], metric: Metric) -> Vectors:
    """Vectors as the graph compares them; of bits, a number for each."""
    if vectors.dtype != np.uint8:
        return metric.prepared(vectors)
    return np.unpackbits(np.ascontiguousarray(vectors), axis=1).astype(np.float32)


def _kind(metric: Metric) -> int:
    import faiss

    if metric.name == "JACCARD":
        return int(faiss.METRIC_Jaccard)
    return int(faiss.METRIC_INNER_PRODUCT if metric.larger_is_better else faiss.METRIC_L2)
