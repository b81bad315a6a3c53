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
from numpy.typing import NDArray

from fakemilvus.datatypes import DataType, Mask
from fakemilvus.engine.bits import BitIvfBuilder
from fakemilvus.engine.metrics import BITS, NUMBERS, SPARSE, Distances, Metric, RowNumbers, Vectors
from fakemilvus.engine.sparse import InvertedBuilder
from fakemilvus.engine.training import TRAIN_ITERATIONS, TRAIN_ROWS_PER_LIST, draw_sample, fed_lists, make_clustering

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
        self, queries: NDArray[Any], top: int, params: Mapping[str, Any], allowed: Mask | None
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
class FloatParameter:
    """A parameter between two numbers, the lower one included and the upper one not."""

    name: str
    low: float
    high: float
    default: float


@dataclass(frozen=True, slots=True)
class ClosedFloatParameter(FloatParameter):
    """A parameter between two numbers, both included."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of vector index. ``make`` is None where nothing is built and every search is exact.

    ``types`` are those over which it is built; knowhere's own list, which may be longer, is LEGAL_TYPES.
    """

    name: str
    types: frozenset[DataType]
    build_params: tuple[Parameter | FloatParameter, ...] = ()
    search_params: tuple[Parameter | FloatParameter, ...] = ()
    metrics: tuple[str, ...] = NUMBERS
    make: Callable[[NDArray[Any], Metric, Mapping[str, Any], int], Builder] | None = None


class _Ivf:
    """K-means over a sample, then every row goes to the list of its nearest centroid; ``lists`` says as what."""

    train_steps = TRAIN_ITERATIONS

    def __init__(
        self, vectors: NDArray[Any], metric: Metric, params: Mapping[str, Any], seed: int, lists: Callable[..., Any]
    ) -> None:
        import faiss

        rows, dim = vectors.shape
        self.nlist = fed_lists(int(params["nlist"]), rows)
        self._vectors = vectors
        self._metric = metric
        self._seed = seed
        flat = faiss.IndexFlatIP if metric.larger_is_better else faiss.IndexFlatL2
        kind = faiss.METRIC_INNER_PRODUCT if metric.larger_is_better else faiss.METRIC_L2
        self._quantizer = flat(dim)
        self._index = lists(self._quantizer, dim, self.nlist, kind)
        self._clustering = make_clustering(dim, self.nlist, rows, seed, spherical=metric.larger_is_better)
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
        return self._metric.prepared(draw_sample(self._vectors, wanted, self._seed))


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
        self, queries: NDArray[Any], top: int, params: Mapping[str, Any], allowed: Mask | None
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

    def __init__(self, vectors: NDArray[Any], metric: Metric, params: Mapping[str, Any], seed: int) -> None:
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
        self, queries: NDArray[Any], top: int, params: Mapping[str, Any], allowed: Mask | None
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


_HALVES = frozenset((DataType.FLOAT16_VECTOR, DataType.BFLOAT16_VECTOR))
_FLOATS = _HALVES | {DataType.FLOAT_VECTOR}
_NUMBERS = _FLOATS | {DataType.INT8_VECTOR}
_BINARY = frozenset((DataType.BINARY_VECTOR,))
_SPARSE = frozenset((DataType.SPARSE_FLOAT_VECTOR,))
_GPU = frozenset((DataType.FLOAT_VECTOR, DataType.FLOAT16_VECTOR))
_MOST = 2**31 - 1

NLIST = Parameter("nlist", 1, 65_536, 128)
NPROBE = Parameter("nprobe", 1, 65_536, 8)
EF = Parameter("ef", 1, _MOST, 0)

# What changes only how fast the inverted index is, and no answer of ours, is checked and otherwise passed over.
_INVERTED_BUILD = (
    FloatParameter("drop_ratio_build", 0, 1, 0),
    Parameter("block_max_block_size", 1, _MOST, 128),
    Parameter("sindi_window_size", 1_024, 65_535, 65_535),
)
_INVERTED_SEARCH = (
    FloatParameter("drop_ratio_search", 0, 1, 0),
    Parameter("refine_factor", -_MOST - 1, _MOST, 1),
    ClosedFloatParameter("dim_max_score_ratio", 0.5, 1.3, 1.05),
    Parameter("bulk_query_nnz_threshold", 0, _MOST, 20),
)

KINDS = {
    kind.name: kind
    for kind in (
        Kind("FLAT", _FLOATS),
        Kind("IVF_FLAT", _FLOATS, (NLIST,), (NPROBE,), make=partial(_Ivf, lists=_flat_lists)),
        Kind("IVF_SQ8", _FLOATS, (NLIST,), (NPROBE,), make=partial(_Ivf, lists=_sq8_lists)),
        Kind(
            "HNSW",
            _NUMBERS,
            build_params=(Parameter("M", 2, 2_048, 30), Parameter("efConstruction", 1, _MOST, 360)),
            search_params=(EF,),
            make=_Hnsw,
        ),
        Kind("BIN_FLAT", _BINARY, metrics=BITS),
        Kind("BIN_IVF_FLAT", _BINARY, (NLIST,), (NPROBE,), metrics=("HAMMING", "JACCARD"), make=BitIvfBuilder),
        Kind("SPARSE_INVERTED_INDEX", _SPARSE, _INVERTED_BUILD, _INVERTED_SEARCH, metrics=SPARSE, make=InvertedBuilder),
        Kind("SPARSE_WAND", _SPARSE, _INVERTED_BUILD, _INVERTED_SEARCH, metrics=SPARSE, make=InvertedBuilder),
    )
}

_HNSW_AUTOMATIC = ("HNSW", {"M": 18, "efConstruction": 240}, "COSINE")

AUTOMATIC: Mapping[DataType, tuple[str, Mapping[str, int], str]] = {
    **dict.fromkeys(_NUMBERS, _HNSW_AUTOMATIC),
    DataType.BINARY_VECTOR: ("BIN_IVF_FLAT", {"nlist": 1_024}, "HAMMING"),
    DataType.SPARSE_FLOAT_VECTOR: ("SPARSE_INVERTED_INDEX", {}, "IP"),
}
"""What AUTOINDEX stands for over each type: the kind, its parameters, and the default metric."""

NOT_BUILT_YET: Mapping[str, frozenset[DataType]] = {
    **dict.fromkeys(
        ("IVF_FLAT_CC", "IVF_PQ", "IVF_RABITQ", "IVF_RABITQ_FASTSCAN", "SCANN", "DISKANN", "AISAQ"), _FLOATS
    ),
    **dict.fromkeys(("HNSW_SQ", "HNSW_PQ", "HNSW_PRQ"), _NUMBERS),
    "GPU_BRUTE_FORCE": _GPU,
    "GPU_IVF_FLAT": _GPU | {DataType.INT8_VECTOR},
    "GPU_IVF_PQ": _GPU | {DataType.INT8_VECTOR},
    "GPU_CAGRA": _GPU | {DataType.INT8_VECTOR, DataType.BINARY_VECTOR},
    "MINHASH_LSH": _BINARY,
}
"""Milvus' other kinds and the types they take: refused loudly rather than replaced by one that behaves otherwise."""

LEGAL_TYPES: Mapping[str, frozenset[DataType]] = {
    **NOT_BUILT_YET,
    **{kind.name: kind.types for kind in KINDS.values()},
    "HNSW": _NUMBERS | _BINARY,
}
"""The types that Milvus lets each kind be built over (knowhere's index_table.h)."""
