"""The yardstick for an index: FAISS called directly, with the server's parameters and threads, and as it comes."""

from __future__ import annotations

import os
import time
from typing import Any

import faiss
import numpy as np

from benchmarks.building import NPROBES
from benchmarks.dataset import DIM, NLIST, TOP_K, Dataset, recall
from benchmarks.reading import NPROBE, VECTORS_PER_CALL
from benchmarks.session import Effort, median, p99, timed_each

ITERATIONS = 10
SAMPLES_PER_LIST = 39
CORES = os.cpu_count() or 1
BUILD_THREADS = max(1, CORES - 1)


def measure(data: Dataset, effort: Effort) -> dict[str, float]:
    """The figures under the keys of the rows that servers fill too."""
    figures: dict[str, float] = {}
    defaults = _measure_builds(data, effort, figures)
    for nprobe in NPROBES:
        figures[f"recall_defaults_{nprobe}"] = _recall(defaults, data, nprobe)
    figures["build_defaults"] = figures.pop("defaults_s")
    return figures


def _measure_builds(data: Dataset, effort: Effort, figures: dict[str, float]) -> Any:
    equal = [_build(data, BUILD_THREADS, equal=True) for _ in range(effort.repeats)]
    defaults, figures["defaults_s"] = _build(data, CORES, equal=False)
    figures["build"] = median([took for _, took in equal])
    _measure_searches(equal[0][0], data, effort, figures)
    return defaults


def _build(data: Dataset, threads: int, *, equal: bool) -> tuple[Any, float]:
    """An index and the seconds of training and adding; ``equal`` takes the parameters that fakemilvus uses."""
    index = faiss.IndexIVFFlat(faiss.IndexFlatL2(DIM), DIM, NLIST)
    if equal:
        index.cp.niter, index.cp.max_points_per_centroid = ITERATIONS, SAMPLES_PER_LIST
    faiss.omp_set_num_threads(threads)
    started = time.perf_counter()
    index.train(data.vectors)
    index.add(data.vectors)
    return index, time.perf_counter() - started


def _measure_searches(index: Any, data: Dataset, effort: Effort, figures: dict[str, float]) -> None:
    for nprobe in NPROBES:
        figures[f"recall_{nprobe}"] = _recall(index, data, nprobe)
    index.nprobe = NPROBE
    faiss.omp_set_num_threads(1)
    single = timed_each((lambda query=query: index.search(query[None], TOP_K)) for query in data.queries)
    figures |= {"search_p50": median(single), "search_p99": p99(single), "batch_one": _batch_rate(index, data, effort)}
    faiss.omp_set_num_threads(CORES)
    figures["batch"] = _batch_rate(index, data, effort)


def _batch_rate(index: Any, data: Dataset, effort: Effort) -> float:
    queries = data.queries[:VECTORS_PER_CALL]
    return VECTORS_PER_CALL / median(timed_each([lambda: index.search(queries, TOP_K)] * effort.batches))


def _recall(index: Any, data: Dataset, nprobe: int) -> float:
    index.nprobe = nprobe
    return recall(np.asarray(index.search(data.queries, TOP_K)[1]), data.truth)
