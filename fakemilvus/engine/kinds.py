"""The kinds of vector index, one row each, and how each is really built with FAISS.

A row says which parameters a kind takes and how to make its builder. Training, assigning and attaching are the
same for all: a builder trains step by step, adds rows range by range, and is an index that can be searched. To
add a kind, add a row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

import numpy as np

from fakemilvus.datatypes import Mask
from fakemilvus.engine.metrics import METRICS, Distances, Metric, RowNumbers, Vectors

TRAIN_ITERATIONS = 10  # recall at nprobe 4 is within 0.03 of full training, in a third of its time
TRAIN_ROWS_PER_LIST = 39  # below that many rows a list, knowhere makes fewer lists
ENCODER_ROWS = 20_000  # an encoder learns its range from as many, lest it cut off what few rows do not show


class Builder(Protocol):
    """An index under construction over ``vectors``; it may be left between any two calls and gone on with later."""

    train_steps: int

    def train(self, step: int) -> None: ...

    def add(self, start: int, stop: int) -> None: ...

    def finished(self) -> Any:
        """What is attached to the segment: a BuiltIndex, or a SortedIndex over scalars."""
        ...


class BuiltIndex(Protocol):
    """What a build attaches to its segment; row numbers are those of the segment."""

    def search(
        self, queries: Vectors, top: int, params: Mapping[str, Any], allowed: Mask | None
    ) -> tuple[Distances, RowNumbers]: ...

    def exact_below(self, rows: int, params: Mapping[str, Any]) -> int:
        """Where a mask leaves fewer of the segment's rows than this, comparing each is faster, and exact."""
        ...


@dataclass(frozen=True, slots=True)
class Parameter:
    """An integer parameter of a build or a search with its range, both ends included."""

    name: str
    low: int
    high: int
    default: int


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of vector index. ``make`` is None where nothing is built and every search is exact."""

    name: str
    build_params: tuple[Parameter, ...] = ()
    search_params: tuple[Parameter, ...] = ()
    metrics: tuple[str, ...] = tuple(METRICS)
    make: Callable[[Vectors, Metric, Mapping[str, Any], int], Builder] | None = None


class _Ivf:
    """K-means over a sample, then every row goes to the list of its nearest centroid; ``lists`` says as what."""

    train_steps = TRAIN_ITERATIONS

    def __init__(
        self, vectors: Vectors, metric: Metric, params: Mapping[str, Any], seed: int, lists: Callable[..., Any]
    ) -> None:
        import faiss

        rows, dim = vectors.shape
        self.nlist = min(int(params["nlist"]), max(1, rows // TRAIN_ROWS_PER_LIST))
        self._vectors = vectors
        self._metric = metric
        self._seed = seed
        flat = faiss.IndexFlatIP if metric.larger_is_better else faiss.IndexFlatL2
        kind = faiss.METRIC_INNER_PRODUCT if metric.larger_is_better else faiss.METRIC_L2
        self._quantizer = flat(dim)
        self._index = lists(self._quantizer, dim, self.nlist, kind)
        self._clustering = faiss.Clustering(dim, self.nlist)
        self._clustering.niter = 1
        self._clustering.seed = seed
        self._clustering.spherical = metric.larger_is_better
        self._clustering.min_points_per_centroid = 1
        self._clustering.max_points_per_centroid = rows  # the sample is already drawn
        self._sample: Vectors | None = None

    def train(self, step: int) -> None:
        """One iteration of k-means; FAISS goes on from the centroids that the last one left.

        The last one also trains what the lists hold: the index sees its centroids ready and leaves them alone.
        """
        if self._sample is None:
            self._sample = self._draw_sample(TRAIN_ROWS_PER_LIST * self.nlist)
        self._clustering.train(self._sample, self._quantizer)
        if step == self.train_steps - 1:
            enough = len(self._sample) >= ENCODER_ROWS
            self._index.train(self._sample if enough else self._draw_sample(ENCODER_ROWS))
            self._sample = None

    def add(self, start: int, stop: int) -> None:
        self._index.add(self._metric.prepared(self._vectors[start:stop]))

    def finished(self) -> BuiltIndex:
        return _BuiltIvf(self._index, self._metric, self.nlist)

    def _draw_sample(self, wanted: int) -> Vectors:
        rows = len(self._vectors)
        if rows <= wanted:
            return self._metric.prepared(self._vectors)
        chosen = np.random.default_rng(self._seed).choice(rows, wanted, replace=False)
        chosen.sort()
        return self._metric.prepared(self._vectors[chosen])


def _flat_lists(quantizer: Any, dim: int, nlist: int, kind: int) -> Any:
    """The rows as they are."""
    import faiss

    return faiss.IndexIVFFlat(quantizer, dim, nlist, kind)


def _sq8_lists(quantizer: Any, dim: int, nlist: int, kind: int) -> Any:
    """A byte for each number: how far a row is from its centroid, so that distances are near the true ones."""
    import faiss

    return faiss.IndexIVFScalarQuantizer(quantizer, dim, nlist, faiss.ScalarQuantizer.QT_8bit, kind)


class _BuiltIvf:
    def __init__(self, index: Any, metric: Metric, nlist: int) -> None:
        self._index = index
        self._metric = metric
        self._nlist = nlist

    def search(
        self, queries: Vectors, top: int, params: Mapping[str, Any], allowed: Mask | None
    ) -> tuple[Distances, RowNumbers]:
        import faiss

        nprobe = min(int(params["nprobe"]), self._nlist)
        wanted = faiss.SearchParametersIVF(nprobe=nprobe, sel=_selector(allowed))
        distances, rows = self._index.search(self._metric.prepared(queries), top, params=wanted)
        return distances, rows

    def exact_below(self, rows: int, params: Mapping[str, Any]) -> int:
        return 2 * int(params["nprobe"]) * rows // self._nlist


class _Hnsw:
    """HNSW over the raw vectors; there is nothing to train."""

    train_steps = 0

    def __init__(self, vectors: Vectors, metric: Metric, params: Mapping[str, Any], seed: int) -> None:
        import faiss

        kind = faiss.METRIC_INNER_PRODUCT if metric.larger_is_better else faiss.METRIC_L2
        self._index = faiss.IndexHNSWFlat(vectors.shape[1], int(params["M"]), kind)
        self._index.hnsw.efConstruction = int(params["efConstruction"])
        self._vectors = vectors
        self._metric = metric

    def train(self, step: int) -> None:
        raise AssertionError("HNSW has no training step")

    def add(self, start: int, stop: int) -> None:
        self._index.add(self._metric.prepared(self._vectors[start:stop]))

    def finished(self) -> BuiltIndex:
        return _BuiltHnsw(self._index, self._metric)


class _BuiltHnsw:
    def __init__(self, index: Any, metric: Metric) -> None:
        self._index = index
        self._metric = metric

    def search(
        self, queries: Vectors, top: int, params: Mapping[str, Any], allowed: Mask | None
    ) -> tuple[Distances, RowNumbers]:
        import faiss

        ef = int(params.get("ef") or max(top, 16))
        wanted = faiss.SearchParametersHNSW(efSearch=ef, sel=_selector(allowed))
        distances, rows = self._index.search(self._metric.prepared(queries), top, params=wanted)
        return distances, rows

    def exact_below(self, rows: int, params: Mapping[str, Any]) -> int:
        return rows // 50


def _selector(allowed: Mask | None) -> Any:
    """A FAISS selector of some rows, or None for all; it keeps the bits that it refers to."""
    if allowed is None:
        return None
    import faiss

    return faiss.IDSelectorBitmap(np.packbits(allowed, bitorder="little"))


NLIST = Parameter("nlist", 1, 65_536, 128)
NPROBE = Parameter("nprobe", 1, 65_536, 8)
EF = Parameter("ef", 1, 2**31 - 1, 0)

KINDS = {
    kind.name: kind
    for kind in (
        Kind("FLAT"),
        Kind("IVF_FLAT", build_params=(NLIST,), search_params=(NPROBE,), make=partial(_Ivf, lists=_flat_lists)),
        Kind("IVF_SQ8", build_params=(NLIST,), search_params=(NPROBE,), make=partial(_Ivf, lists=_sq8_lists)),
        Kind(
            "HNSW",
            build_params=(Parameter("M", 2, 2_048, 30), Parameter("efConstruction", 1, 2**31 - 1, 360)),
            search_params=(EF,),
            make=_Hnsw,
        ),
    )
}

AUTOINDEX_KIND = "HNSW"
AUTOINDEX_PARAMS: Mapping[str, Any] = {"M": 18, "efConstruction": 240}

NOT_BUILT_YET = frozenset(
    {
        "IVF_FLAT_CC",
        "IVF_PQ",
        "IVF_RABITQ",
        "IVF_RABITQ_FASTSCAN",
        "SCANN",
        "HNSW_SQ",
        "HNSW_PQ",
        "HNSW_PRQ",
        "DISKANN",
        "AISAQ",
        "GPU_BRUTE_FORCE",
        "GPU_IVF_FLAT",
        "GPU_IVF_PQ",
        "GPU_CAGRA",
        "BIN_FLAT",
        "BIN_IVF_FLAT",
        "MINHASH_LSH",
        "SPARSE_INVERTED_INDEX",
        "SPARSE_WAND",
    }
)
"""Milvus' other kinds: refused loudly rather than replaced by one that behaves otherwise."""
