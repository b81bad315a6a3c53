"""Every kind of vector index over every type and metric that it takes: built in steps, searched, masked, tuned."""

from __future__ import annotations

from typing import Any

import faiss
import numpy as np
import pytest

from fakemilvus.datatypes import DataType
from fakemilvus.engine import knowhere
from fakemilvus.engine.exact import nearest
from fakemilvus.engine.families import BuiltIndex
from fakemilvus.engine.graphs import ResidualStorage, Wanted
from fakemilvus.engine.kinds import KINDS
from fakemilvus.engine.metrics import METRICS
from fakemilvus.engine.training import TRAIN_ITERATIONS, Unbuildable

SEED = 1234
ROWS, DIM, TOP = 1_200, 16, 10
PARAMS: dict[str, dict[str, Any]] = {
    "IVF_PQ": {"m": 8, "nbits": 6},
    "HNSW_PQ": {"m": 8, "nbits": 6},
    "HNSW_PRQ": {"m": 4, "nbits": 5},
    "GPU_IVF_PQ": {"m": 8, "nbits": 6},
}
COMMON = {"nlist": 16, "M": 8, "efConstruction": 40, "graph_degree": 16, "max_degree": 16}
WIDE = {"ef": 100, "search_list_size": 100, "itopk_size": 100}
RECALL = {"IVF_PQ": 0.5, "GPU_IVF_PQ": 0.5, "HNSW_PQ": 0.5, "HNSW_PRQ": 0.4, "SCANN": 0.5}
RECALL |= {"IVF_RABITQ": 0.3, "IVF_RABITQ_FASTSCAN": 0.3}
DENSE = [
    pytest.param(
        kind.name,
        type,
        metric,
        marks=() if metric == "L2" or (type, metric) == (DataType.FLOAT_VECTOR, "COSINE") else pytest.mark.slow,
        id=f"{kind.name} {type.name} {metric}",
    )
    for kind in KINDS.values()
    for type in sorted(kind.types)
    for metric in kind.metrics
    if kind.make is not None
    and type not in (DataType.SPARSE_FLOAT_VECTOR, DataType.BINARY_VECTOR)
    and metric in ("L2", "IP", "COSINE")
]
BITS = [("HNSW", "HAMMING"), ("HNSW", "JACCARD"), ("GPU_CAGRA", "HAMMING")]


def _vectors(type: DataType, rows: int, seed: int) -> Any:
    random = np.random.default_rng(seed)
    centres = np.random.default_rng(99).standard_normal((40, DIM))
    floats = (centres[random.integers(0, 40, rows)] * 1.5 + random.standard_normal((rows, DIM))).astype(np.float32)
    match type:
        case DataType.FLOAT16_VECTOR:
            return floats.astype(np.float16)
        case DataType.BFLOAT16_VECTOR:
            return (floats.view(np.uint32) >> 16).astype(np.uint16)
        case DataType.INT8_VECTOR:
            return np.clip(floats * 20, -128, 127).astype(np.int8)
        case DataType.BINARY_VECTOR:
            return random.integers(0, 256, (rows, DIM // 4), dtype=np.uint8)
    return floats


def _build(kind: str, vectors: Any, metric: str, **given: Any) -> BuiltIndex:
    row = KINDS[kind]
    assert row.make is not None
    params = knowhere.load(row.build_params, {**COMMON, **PARAMS.get(kind, {}), **given})
    builder = row.make(vectors, METRICS[metric], params, SEED)
    for step in range(builder.train_steps):
        builder.train(step)
    for start in range(0, len(vectors), 500):
        builder.add(start, min(len(vectors), start + 500))
    built: BuiltIndex = builder.finished()
    return built


def _asked(kind: str, top: int = TOP, **given: Any) -> Any:
    row = KINDS[kind]
    params = knowhere.load(row.search_params, given)
    return params if row.search_rule is None else row.search_rule(params, top, False)


def _recall(found: Any, vectors: Any, queries: Any, metric: str, allowed: Any = None) -> float:
    rows = None if allowed is None else np.flatnonzero(allowed)
    true = nearest(vectors, np.arange(len(vectors)), METRICS[metric], queries, TOP, rows)[1]
    return float(np.mean([len(np.intersect1d(one, other)) / TOP for one, other in zip(found, true, strict=True)]))


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> None:
    """Many small trainings are slowed down by threads that wait for each other."""
    faiss.omp_set_num_threads(1)


@pytest.mark.parametrize(("kind", "type", "metric"), DENSE)
def test_a_kind_finds_neighbours(kind: str, type: DataType, metric: str) -> None:
    """Built in steps and chunks, it finds most of the true neighbours, best first; under a mask only allowed rows."""
    vectors, queries = _vectors(type, ROWS, 1), _vectors(type, 20, 2)
    built = _build(kind, vectors, metric)
    asked = _asked(kind, nprobe=16, **WIDE)
    distances, rows = built.search(queries, TOP, asked, None)
    assert _recall(rows, vectors, queries, metric) >= RECALL.get(kind, 0.9)
    assert (np.diff(METRICS[metric].worth(distances), axis=1) >= 0).all()
    allowed = np.arange(ROWS) % 3 == 0
    _, masked = built.search(queries, TOP, asked, allowed)
    assert allowed[masked].all()
    assert _recall(masked, vectors, queries, metric, allowed) >= RECALL.get(kind, 0.9)


@pytest.mark.parametrize(("kind", "metric"), BITS)
def test_a_graph_over_bits(kind: str, metric: str) -> None:
    """Bits have graphs too, under the metrics that Milvus has for them; distances are those of the definition."""
    vectors = _vectors(DataType.BINARY_VECTOR, 600, 1)
    queries = _vectors(DataType.BINARY_VECTOR, 10, 2)
    allowed = np.arange(600) % 3 == 0
    built = _build(kind, vectors, metric)
    asked = _asked(kind, ef=200)
    for mask in (None, allowed):
        among = None if mask is None else np.flatnonzero(mask)
        true, _ = nearest(vectors, np.arange(600), METRICS[metric], queries, TOP, among)
        distances, _ = built.search(queries, TOP, asked, mask)
        assert np.mean(np.abs(distances - true) < 1e-5) > 0.9


TUNED = [
    ("IVF_FLAT", {}, {"nprobe": 1}, {"nprobe": 16}),
    ("IVF_FLAT_CC", {}, {"nprobe": 1}, {"nprobe": 16}),
    ("IVF_SQ8", {}, {"nprobe": 1}, {"nprobe": 16}),
    (
        "IVF_SQ8",
        {"sq_type": "SQ4", "refine": True, "refine_type": "FP32"},
        {"nprobe": 16},
        {"nprobe": 16, "refine_k": 4},
    ),
    ("IVF_PQ", {}, {"nprobe": 1}, {"nprobe": 16}),
    ("IVF_PQ", {"refine": True, "refine_type": "FP32"}, {"nprobe": 16}, {"nprobe": 16, "refine_k": 8}),
    ("IVF_RABITQ", {"rbq_bits": 6}, {"nprobe": 1}, {"nprobe": 16}),
    ("IVF_RABITQ", {"refine": True, "refine_type": "SQ8"}, {"nprobe": 16}, {"nprobe": 16, "refine_k": 8}),
    ("IVF_RABITQ", {"rbq_bits": 4}, {"nprobe": 16, "rbq_bits_query": 1}, {"nprobe": 16, "rbq_bits_query": 0}),
    (
        "IVF_RABITQ_FASTSCAN",
        {"refine": True, "refine_type": "FLAT"},
        {"nprobe": 16},
        {"nprobe": 16, "refine_k": 8},
    ),
    ("SCANN", {}, {"nprobe": 1}, {"nprobe": 16}),
    ("SCANN", {}, {"nprobe": 16, "reorder_k": 10}, {"nprobe": 16, "reorder_k": 100}),
    ("HNSW", {"M": 3, "efConstruction": 3}, {"ef": 10}, {"ef": 200}),
    ("HNSW_SQ", {"M": 3, "efConstruction": 3}, {"ef": 10}, {"ef": 200}),
    ("HNSW_SQ", {"sq_type": "SQ4U", "refine": True, "refine_type": "FP16"}, {"ef": 100}, {"ef": 100, "refine_k": 4}),
    ("HNSW_PQ", {"refine": True, "refine_type": "FP32"}, {"ef": 100}, {"ef": 100, "refine_k": 8}),
    ("HNSW_PRQ", {"refine": True, "refine_type": "FP32"}, {"ef": 100}, {"ef": 100, "refine_k": 8}),
    ("DISKANN", {"max_degree": 6, "search_list_size": 3}, {}, {"search_list_size": 200}),
    ("GPU_IVF_FLAT", {}, {"nprobe": 1}, {"nprobe": 16}),
    ("GPU_IVF_PQ", {}, {"nprobe": 1}, {"nprobe": 16}),
    ("GPU_CAGRA", {"graph_degree": 4, "intermediate_graph_degree": 3}, {"itopk_size": 32}, {"itopk_size": 256}),
]


@pytest.mark.parametrize(("kind", "built_with", "less", "more"), TUNED, ids=str)
def test_search_parameters_reach_the_index(kind: str, built_with: Any, less: Any, more: Any) -> None:
    """More lists, a wider search or more rows ranked again find more of the true neighbours."""
    vectors, queries = _vectors(DataType.FLOAT_VECTOR, 3_000, 1), _vectors(DataType.FLOAT_VECTOR, 60, 2)
    built = _build(kind, vectors, "L2", **built_with)
    worse, better = (
        _recall(built.search(queries, TOP, _asked(kind, **given), None)[1], vectors, queries, "L2")
        for given in (less, more)
    )
    assert better > worse


BUILT_WITH = [
    ("HNSW_SQ", {"sq_type": "SQ4U"}, {"sq_type": "SQ6"}),
    ("HNSW_SQ", {"sq_type": "SQ6"}, {"sq_type": "fp16"}),
    ("HNSW_SQ", {"sq_type": "SQ4U"}, {"sq_type": "bf16"}),
    ("HNSW_PQ", {"m": 2}, {"m": 16}),
    ("HNSW_PRQ", {"nrq": 1, "m": 2}, {"nrq": 3, "m": 2}),
    ("IVF_PQ", {"nbits": 2}, {"nbits": 8}),
    ("IVF_RABITQ", {"rbq_bits": 1}, {"rbq_bits": 6}),
    ("IVF_SQ8", {"sq_type": "SQ4"}, {"sq_type": "SQ8"}),
    ("IVF_SQ_CC", {"code_size": 4}, {"code_size": 16}),
    ("SCANN", {"with_raw_data": False}, {"with_raw_data": False, "sub_dim": 1}),
]


@pytest.mark.parametrize(("kind", "less", "more"), BUILT_WITH, ids=str)
def test_build_parameters_reach_the_index(kind: str, less: Any, more: Any) -> None:
    """Longer codes find more of the true neighbours."""
    vectors, queries = _vectors(DataType.FLOAT_VECTOR, ROWS, 1), _vectors(DataType.FLOAT_VECTOR, 60, 2)
    asked = _asked(kind, nprobe=16, **({"ef": 200} if kind.startswith("HNSW") else {}))
    worse, better = (
        _recall(_build(kind, vectors, "L2", **given).search(queries, TOP, asked, None)[1], vectors, queries, "L2")
        for given in (less, more)
    )
    assert better > worse


@pytest.mark.parametrize("kind", ["IVF_SQ8", "IVF_PQ", "IVF_RABITQ", "IVF_RABITQ_FASTSCAN", "HNSW_SQ", "HNSW_PQ"])
@pytest.mark.parametrize("metric", ["L2", "IP", "COSINE"])
def test_refined_distances_are_the_true_ones(kind: str, metric: str) -> None:
    """What is ranked again by the rows themselves has their distances, to the precision of floats."""
    vectors, queries = _vectors(DataType.FLOAT_VECTOR, ROWS, 1), _vectors(DataType.FLOAT_VECTOR, 5, 2)
    built = _build(kind, vectors, metric, refine=True, refine_type="FP32")
    distances, rows = built.search(queries, TOP, _asked(kind, nprobe=16, refine_k=4.0), None)
    for query, found, given in zip(queries, rows, distances, strict=True):
        true = nearest(vectors[found], np.arange(TOP), METRICS[metric], query[None], TOP, None)[0][0]
        assert given == pytest.approx(true, rel=1e-4, abs=1e-4)


@pytest.mark.parametrize("kind", ["IVF_FLAT_CC", "IVF_SQ_CC"])
def test_some_lists_are_searched_until_enough_is_found(kind: str) -> None:
    """Kinds for growing segments go on to further lists where those of nprobe hold too few rows."""
    vectors = _vectors(DataType.FLOAT_VECTOR, ROWS, 1)
    built = _build(kind, vectors, "L2")
    few = built.search(vectors[:3], 800, _asked(kind, nprobe=1, ensure_topk_full=False), None)[1]
    all_of_them = built.search(vectors[:3], 800, _asked(kind, nprobe=1), None)[1]
    assert (few < 0).any()
    assert (all_of_them >= 0).all()


def test_a_graph_is_completed_by_comparing() -> None:
    """Where a graph reaches fewer rows than are allowed and wanted, each is compared with."""
    vectors = _vectors(DataType.FLOAT_VECTOR, ROWS, 1)
    built = _build("HNSW", vectors, "L2", M=2, efConstruction=1)
    allowed = np.arange(ROWS) % 50 == 7
    _, rows = built.search(vectors[:30], 30, _asked("HNSW", 30), allowed)
    assert [set(found[found >= 0]) for found in rows] == [set(np.flatnonzero(allowed))] * 30


UNBUILT = [
    ("HNSW_PQ", DataType.FLOAT_VECTOR, {"nbits": 12}, "1200 rows not enough, needs at least 4096 rows"),
    ("HNSW_PRQ", DataType.FLOAT_VECTOR, {"nbits": 12}, "1200 rows not enough, needs at least 4096 rows"),
    (
        "HNSW_SQ",
        DataType.FLOAT16_VECTOR,
        {"refine": True, "refine_type": "FP32"},
        "fp16 input data does not accept bf16 or fp32 as a refine index.",
    ),
    (
        "IVF_PQ",
        DataType.BFLOAT16_VECTOR,
        {"refine": True, "refine_type": "FP16"},
        "bf16 input data does not accept fp16 or fp32 as a refine index.",
    ),
]


@pytest.mark.parametrize(("kind", "type", "params", "reason"), UNBUILT, ids=str)
def test_what_cannot_be_built_says_why(kind: str, type: DataType, params: Any, reason: str) -> None:
    """A definition that knowhere accepts and then fails to build fails here too, with its reason."""
    with pytest.raises(Unbuildable) as raised:
        _build(kind, _vectors(type, ROWS, 1), "L2", **params)
    assert str(raised.value) == reason


def test_bits_shrink_to_what_rows_can_feed() -> None:
    """IVF_PQ takes fewer bits than it was asked for where there are fewer rows than codes."""
    vectors = _vectors(DataType.FLOAT_VECTOR, 300, 1)
    built = _build("IVF_PQ", vectors, "L2", nbits=12, nlist=2)
    _, rows = built.search(vectors[:20], 1, _asked("IVF_PQ", 1, nprobe=2), None)
    assert (rows[:, 0] == np.arange(20)).mean() > 0.9


@pytest.mark.parametrize("metric", ["L2", "IP"])
def test_residual_parts_are_trained_one_by_one(metric: str) -> None:
    """Each step trains one of the parts of HNSW_PRQ, and the codes are those of FAISS' training in one call."""
    vectors = _vectors(DataType.FLOAT_VECTOR, ROWS, 1)
    inner = metric == "IP"
    kind = faiss.METRIC_INNER_PRODUCT if inner else faiss.METRIC_L2
    storage = ResidualStorage(Wanted(DIM, 8, kind, ROWS, SEED, {"m": 4, "nrq": 2, "nbits": 5}))
    assert storage.steps == 4
    for step in range(storage.steps):
        storage.train(step, vectors)
    storage.add(vectors)
    storage.finish()
    norms = faiss.AdditiveQuantizer.ST_LUT_nonorm if inner else faiss.AdditiveQuantizer.ST_norm_float
    whole = faiss.IndexProductResidualQuantizer(DIM, 4, 2, 5, kind, norms)
    for part in range(4):
        quantizer = faiss.downcast_AdditiveQuantizer(whole.prq.subquantizer(part))
        quantizer.train_type = faiss.ResidualQuantizer.Train_default
        quantizer.cp.niter, quantizer.cp.seed, quantizer.cp.min_points_per_centroid = TRAIN_ITERATIONS, SEED, 1
    whole.train(vectors)
    whole.add(vectors)
    codes = [faiss.vector_to_array(faiss.downcast_index(made).codes) for made in (storage.graph.storage, whole)]
    assert (codes[0] == codes[1]).all()
