"""The yardsticks for the index kinds: FAISS' own index of each, made by calling FAISS directly.

It has fakemilvus' iterations and sampled rows. For the sake of time, graphs over quantized vectors and DISKANN are
measured over a quarter of the rows, and not every kind on the peers.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import faiss

from benchmarks.dataset import DIM, TOP_K, Dataset
from benchmarks.raw_faiss import BUILD_THREADS, ITERATIONS, SAMPLES_PER_LIST

NLIST, NPROBE, PARTS, BITS, LINKS, BREADTH, WIDTH = 1_024, 16, 32, 8, 16, 200, 64


@dataclass(slots=True)
class Raw:
    """FAISS' own index of a kind; ``finish`` is what is still done after the rows were added."""

    index: Any
    params: Any
    finish: Callable[[], None] = lambda: None
    kept: list[Any] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Measured:
    """One kind: parameters of the build and of the search, FAISS' counterpart, and over which part of the rows."""

    name: str
    build: dict[str, Any]
    search: dict[str, Any]
    make: Callable[[int], Raw]  # of so many lists
    share: int = 1
    on_peers: bool = True

    @property
    def key(self) -> str:
        return self.name.lower()


def build_raw(kind: Measured, data: Dataset) -> tuple[Raw, float]:
    """The index and how many seconds it took, with all cores but one."""
    faiss.omp_set_num_threads(BUILD_THREADS)
    started = time.perf_counter()
    raw = kind.make(min(NLIST, data.rows // SAMPLES_PER_LIST))
    raw.index.train(data.vectors)
    raw.index.add(data.vectors)
    for codes in raw.kept:
        codes.train(data.vectors[: SAMPLES_PER_LIST * 2**BITS])
        codes.add(data.vectors)
    raw.finish()
    return raw, time.perf_counter() - started


def _lists(index: Any) -> Any:
    index.cp.niter, index.cp.max_points_per_centroid = ITERATIONS, SAMPLES_PER_LIST
    return index


def _coded(quantizer: Any) -> None:
    quantizer.cp.niter, quantizer.cp.max_points_per_centroid = ITERATIONS, SAMPLES_PER_LIST


def _probing(**more: Any) -> Any:
    return faiss.SearchParametersIVF(nprobe=NPROBE, **more)


def _ivf_flat(nlist: int) -> Raw:
    return Raw(_lists(faiss.IndexIVFFlat(faiss.IndexFlatL2(DIM), DIM, nlist)), _probing())


def _ivf_sq8(nlist: int) -> Raw:
    index = faiss.IndexIVFScalarQuantizer(faiss.IndexFlatL2(DIM), DIM, nlist, faiss.ScalarQuantizer.QT_8bit)
    return Raw(_lists(index), _probing())


def _ivf_pq(nlist: int) -> Raw:
    index = _lists(faiss.IndexIVFPQ(faiss.IndexFlatL2(DIM), DIM, nlist, PARTS, BITS))
    _coded(index.pq)
    return Raw(index, _probing())


def _ivf_rabitq(nlist: int) -> Raw:
    inner = _lists(faiss.IndexIVFRaBitQ(faiss.IndexFlatL2(DIM), DIM, nlist))
    index = faiss.IndexPreTransform(faiss.RandomRotationMatrix(DIM, DIM), inner)
    return Raw(index, faiss.IVFRaBitQSearchParameters(nprobe=NPROBE, qb=0))


def _scann(nlist: int) -> Raw:
    inner = _lists(faiss.IndexIVFPQFastScan(faiss.IndexFlatL2(DIM), DIM, nlist, DIM // 2, 4))
    _coded(inner.pq)
    refined = faiss.IndexRefineFlat(inner)
    params = faiss.IndexRefineSearchParameters(k_factor=10, base_index_params=_probing())
    return Raw(refined, params)


def _hnsw(nlist: int) -> Raw:
    return _graph(faiss.IndexHNSWFlat(DIM, LINKS))


def _graph(index: Any) -> Raw:
    index.hnsw.efConstruction = BREADTH
    return Raw(index, faiss.SearchParametersHNSW(efSearch=WIDTH))


def _hnsw_sq(nlist: int) -> Raw:
    return _graph(faiss.IndexHNSWSQ(DIM, faiss.ScalarQuantizer.QT_8bit, LINKS))


def _hnsw_coded(codes: Any) -> Raw:
    flat = faiss.IndexFlatL2(DIM)
    raw = _graph(faiss.IndexHNSW(flat, LINKS))

    def swap() -> None:
        raw.index.storage = codes

    raw.finish = swap
    raw.kept.append(codes)
    return raw


def _hnsw_pq(nlist: int) -> Raw:
    codes = faiss.IndexPQ(DIM, PARTS, BITS)
    _coded(codes.pq)
    return _hnsw_coded(codes)


def _hnsw_prq(nlist: int) -> Raw:
    codes = faiss.IndexProductResidualQuantizer(DIM, 2, 2, BITS, faiss.METRIC_L2)
    for part in range(2):
        quantizer = faiss.downcast_AdditiveQuantizer(codes.prq.subquantizer(part))
        quantizer.train_type, quantizer.cp.niter = faiss.ResidualQuantizer.Train_default, ITERATIONS
    return _hnsw_coded(codes)


_LISTS, _PROBES = {"nlist": NLIST}, {"nprobe": NPROBE}
_GRAPH, _WIDE = {"M": LINKS, "efConstruction": BREADTH}, {"ef": WIDTH}
KINDS = [
    Measured("IVF_FLAT", _LISTS, _PROBES, _ivf_flat, on_peers=False),
    Measured("IVF_SQ8", _LISTS, _PROBES, _ivf_sq8),
    Measured("IVF_PQ", {**_LISTS, "m": PARTS, "nbits": BITS}, _PROBES, _ivf_pq, on_peers=False),
    Measured("IVF_RABITQ", _LISTS, _PROBES, _ivf_rabitq),
    Measured("SCANN", _LISTS, {**_PROBES, "reorder_k": 10 * TOP_K}, _scann),
    Measured("HNSW", _GRAPH, _WIDE, _hnsw),
    Measured("HNSW_SQ", _GRAPH, _WIDE, _hnsw_sq, share=4, on_peers=False),
    Measured("HNSW_PQ", {**_GRAPH, "m": PARTS, "nbits": BITS}, _WIDE, _hnsw_pq, share=4, on_peers=False),
    Measured("HNSW_PRQ", {**_GRAPH, "m": 2, "nrq": 2, "nbits": BITS}, _WIDE, _hnsw_prq, share=4, on_peers=False),
    Measured(
        "DISKANN",
        {"max_degree": 2 * LINKS, "search_list_size": BREADTH},
        {"search_list": WIDTH},
        _hnsw,
        share=4,
        on_peers=False,
    ),
]
