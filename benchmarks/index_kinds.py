"""Each kind of index, built and searched through the server, against FAISS called directly with the same parameters.

`python -m benchmarks.index_kinds [ROWS] [--kinds A,B] [--big ROWS]` prints a table, in this process, server and client
and FAISS alike; builds and searches take turns, so that a busy machine slows both. FAISS has as many iterations and
sampled rows as fakemilvus; builds have all cores but one, searches of 200 vectors all of them. The last lines compare
IVF_FLAT over many rows with the same over few: per row, what grows as the work does stays the same.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import Any

import faiss
import numpy as np
from pymilvus.grpc_gen import milvus_pb2

from benchmarks.client import (
    FIELD,
    INDEX,
    Client,
    describe_index_request,
    found_ids,
    insert_request,
    pairs,
    search_request,
)
from benchmarks.dataset import DIM, TOP_K, Dataset, make_dataset, recall
from benchmarks.raw_faiss import BUILD_THREADS, CORES, ITERATIONS, SAMPLES_PER_LIST
from benchmarks.session import median, note, timed

ROWS, BIG_ROWS = 100_000, 1_000_000
NQ = 200
TURNS = 15
SINGLES = 200
ROWS_PER_CALL = 5_000
NAME = "kinds"
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
    """One kind: parameters of the build and of the search, and FAISS' counterpart."""

    name: str
    build: dict[str, Any]
    search: dict[str, Any]
    make: Callable[[int], Raw]  # of so many lists


def main() -> None:
    asked = _parse()
    data = make_dataset(asked.rows)
    print(f"{data.rows:,} x {DIM}, {CORES} cores, faiss {faiss.__version__}")
    print("| kind | build | FAISS | ratio | 200 queries | FAISS | speed | recall | FAISS | one query, p50 |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for kind in KINDS:
        if not asked.kinds or kind.name in asked.kinds.split(","):
            print(_measure(kind, data), flush=True)
    if asked.big:
        print(_compare_sizes(asked.rows, asked.big))


def _measure(kind: Measured, data: Dataset) -> str:
    note(f"  {kind.name}")
    raw, raw_s = _build_raw(kind, data)
    queries = data.queries[:NQ]
    truth = data.truth[:NQ]
    with _Serving(data, kind) as (client, build_s):
        request = _search(kind, queries)
        faiss.omp_set_num_threads(CORES)
        ours, theirs = [], []
        for _ in range(TURNS):
            ours.append(timed(lambda: client.call("Search", request)))
            theirs.append(timed(lambda: raw.index.search(queries, TOP_K, params=raw.params)))
        found = found_ids(client.call("Search", request))
        single = [_search(kind, query[None]) for query in data.queries[:SINGLES]]
        alone = median([timed(lambda one=one: client.call("Search", one)) for one in single])  # type: ignore[misc]
    raw_found = raw.index.search(queries, TOP_K, params=raw.params)[1]
    return (
        f"| {kind.name} | {build_s:.2f} s | {raw_s:.2f} s | {build_s / raw_s:.2f} x "
        f"| {median(ours) * 1000:.1f} ms | {median(theirs) * 1000:.1f} ms | {median(theirs) / median(ours):.2f} x "
        f"| {recall(found, truth):.3f} | {recall(raw_found, truth):.3f} | {alone * 1000:.2f} ms |"
    )


def _build_raw(kind: Measured, data: Dataset) -> tuple[Raw, float]:
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


class _Serving:
    """A server of its own with the rows inside and the index built; gives a client and the seconds of the build."""

    def __init__(self, data: Dataset, kind: Measured) -> None:
        from fakemilvus import FakeMilvus

        self._server = FakeMilvus()
        self._data, self._kind = data, kind

    def __enter__(self) -> tuple[Client, float]:
        self._server.start()
        client = self._client = Client(self._server.uri.removeprefix("http://"))
        client.create(NAME)
        for start in range(0, self._data.rows, ROWS_PER_CALL):  # made one by one, lest requests fill the memory
            stop = min(start + ROWS_PER_CALL, self._data.rows)
            client.call("Insert", insert_request(NAME, self._data, start, stop))
        client.flush(NAME)
        build_s = timed(lambda: self._build(client))
        client.load(NAME)
        return client, build_s

    def __exit__(self, *problem: object) -> None:
        self._client.close()
        self._server.stop()

    def _build(self, client: Client) -> None:
        given = {"index_type": self._kind.name, "metric_type": "L2", "params": json.dumps(self._kind.build)}
        client.call(
            "CreateIndex",
            milvus_pb2.CreateIndexRequest(
                collection_name=NAME, field_name=FIELD, index_name=INDEX, extra_params=pairs(given)
            ),
        )
        describe = describe_index_request(NAME)
        client.wait(
            lambda: not client.call("DescribeIndex", describe).index_descriptions[0].pending_index_rows, 0.02, 3_600
        )


def _search(kind: Measured, queries: Any) -> Any:
    request = search_request(NAME, queries, NPROBE)
    for pair in request.search_params:
        if pair.key == "params":
            pair.value = json.dumps(kind.search)
    return request


def _compare_sizes(few: int, many: int) -> str:
    """Seconds and bytes per row of IVF_FLAT over many rows, in those over few."""
    costs = []
    for rows in (few, many):
        note(f"  IVF_FLAT over {rows:,} rows")
        with ProcessPoolExecutor(1, get_context("spawn")) as alone:
            costs.append(np.array(alone.submit(_costs, rows).result()) / rows)
    build, search, memory = costs[1] / costs[0]
    return (
        f"\n{many:,} rows against {few:,}, IVF_FLAT, per row: build {build:.2f} x, 200 queries {search:.2f} x, "
        f"memory {memory:.2f} x"
    )


def _costs(rows: int) -> tuple[float, float, float]:
    """Seconds of a build and of a search, and bytes; in a process of its own, for the sake of the bytes."""
    kind, data = KINDS[0], make_dataset(rows)
    before = _resident_bytes()
    with _Serving(data, kind) as (client, build_s):
        request = _search(kind, data.queries[:NQ])
        search_s = median([timed(lambda: client.call("Search", request)) for _ in range(TURNS)])
        return build_s, search_s, _resident_bytes() - before


def _resident_bytes() -> int:
    with open("/proc/self/statm") as numbers:
        return int(numbers.read().split()[1]) * resource.getpagesize()


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.index_kinds", description=__doc__)
    parser.add_argument("rows", nargs="?", type=int, default=ROWS)
    parser.add_argument("--kinds", default="", help="only these, with commas between")
    parser.add_argument("--big", type=int, default=BIG_ROWS, help="rows of the last comparison; 0 leaves it out")
    return parser.parse_args()


# -- FAISS, called directly --------------------------------------------------------------------------------------


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
    Measured("IVF_FLAT", _LISTS, _PROBES, _ivf_flat),
    Measured("IVF_SQ8", _LISTS, _PROBES, _ivf_sq8),
    Measured("IVF_PQ", {**_LISTS, "m": PARTS, "nbits": BITS}, _PROBES, _ivf_pq),
    Measured("IVF_RABITQ", _LISTS, _PROBES, _ivf_rabitq),
    Measured("SCANN", _LISTS, {**_PROBES, "reorder_k": 10 * TOP_K}, _scann),
    Measured("HNSW", _GRAPH, _WIDE, _hnsw),
    Measured("HNSW_SQ", _GRAPH, _WIDE, _hnsw_sq),
    Measured("HNSW_PQ", {**_GRAPH, "m": PARTS, "nbits": BITS}, _WIDE, _hnsw_pq),
    Measured("HNSW_PRQ", {**_GRAPH, "m": 2, "nrq": 2, "nbits": BITS}, _WIDE, _hnsw_prq),
    Measured("DISKANN", {"max_degree": 2 * LINKS, "search_list_size": BREADTH}, {"search_list": WIDTH}, _hnsw),
]

if __name__ == "__main__":
    main()
