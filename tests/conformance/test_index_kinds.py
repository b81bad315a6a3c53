"""Each kind of vector index through a client: built, watched, searched, dropped, built again; and what is refused."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from pymilvus import MilvusClient, MilvusException

from fakemilvus import FakeMilvus
from tests.conformance.refusals import Refusal, invalid
from tests.conformance.target import Collections, Target
from tests.conformance.test_vector_indexes import Case, client, distances_of, flat, make_bare, not_over, recall
from tests.conformance.test_vector_types import rows_of
from tests.conformance.vector_types import DIM, TYPES

__all__ = ["client"]

ROWS = 1_200
FLOATS = ("FLOAT_VECTOR", "FLOAT16_VECTOR", "BFLOAT16_VECTOR")
NUMBERS = (*FLOATS, "INT8_VECTOR")
GPU = ("FLOAT_VECTOR", "FLOAT16_VECTOR", "INT8_VECTOR")
METRICS = ("COSINE", "L2", "IP", "L2")  # one for each type in turn

FAILED = 4  # IndexState
LISTS = {"nlist": 16}
GRAPH = {"M": 16, "efConstruction": 80}
ALL_LISTS, WIDE = {"nprobe": 16}, {"ef": 200}
KINDS: list[tuple[str, tuple[str, ...], dict[str, Any], dict[str, Any], float]] = [
    ("IVF_FLAT_CC", FLOATS, LISTS, ALL_LISTS, 0.99),
    ("IVF_SQ_CC", FLOATS, {**LISTS, "code_size": 8}, ALL_LISTS, 0.8),
    ("IVF_PQ", FLOATS, {**LISTS, "m": 8, "nbits": 6}, ALL_LISTS, 0.4),
    ("IVF_RABITQ", FLOATS, {**LISTS, "rbq_bits": 4}, ALL_LISTS, 0.6),
    ("IVF_RABITQ_FASTSCAN", FLOATS, LISTS, ALL_LISTS, 0.1),
    ("SCANN", FLOATS, LISTS, {**ALL_LISTS, "reorder_k": 200}, 0.9),
    ("HNSW_SQ", NUMBERS, {**GRAPH, "sq_type": "SQ8"}, WIDE, 0.8),
    ("HNSW_PQ", NUMBERS, {**GRAPH, "m": 8, "nbits": 6}, WIDE, 0.4),
    ("HNSW_PRQ", NUMBERS, {**GRAPH, "m": 4, "nrq": 2, "nbits": 5}, WIDE, 0.3),
    ("DISKANN", FLOATS, {}, {"search_list": 200}, 0.95),
    ("AISAQ", FLOATS, {}, {"search_list_size": 200}, 0.95),
    ("GPU_BRUTE_FORCE", GPU[:2], {}, {}, 0.99),
    ("GPU_IVF_FLAT", GPU, LISTS, ALL_LISTS, 0.99),
    ("GPU_IVF_PQ", GPU, {**LISTS, "m": 8, "nbits": 6}, ALL_LISTS, 0.4),
    ("GPU_CAGRA", GPU, {"graph_degree": 32}, {"itopk_size": 256}, 0.95),
    ("HNSW", ("FLOAT_VECTOR",), GRAPH, WIDE, 0.95),
    (
        "IVF_SQ8",
        ("FLOAT_VECTOR",),
        {**LISTS, "refine": True, "refine_type": "FP32"},
        {**ALL_LISTS, "refine_k": 2},
        0.95,
    ),
    ("AUTOINDEX", NUMBERS, {}, {}, 0.5),
]
CASES = [
    Case(type, kind, metric, params, everything, least)
    for kind, types, params, everything, least in KINDS
    for type, metric in zip(types, METRICS, strict=False)
]
SEVERAL = [  # what the ordinary suite leaves out: the types between the first and the last
    pytest.param(case, id=str(case), marks=pytest.mark.slow if case.type in FLOATS[1:] else ()) for case in CASES
]
BITS = [
    Case("BINARY_VECTOR", "HNSW", "HAMMING", GRAPH, WIDE, 0.9),
    Case("BINARY_VECTOR", "HNSW", "JACCARD", {"M": 8, "efConstruction": 20}, WIDE, 0.9),
    Case("BINARY_VECTOR", "GPU_CAGRA", "HAMMING", {"graph_degree": 32}, {"itopk_size": 256}, 0.9),
]


@pytest.fixture(autouse=True)
def _only_new(target: Target) -> None:
    target.needs("3.0", "2.3.5 knows few of these kinds and parameters, and says other things of them")


@pytest.mark.parametrize("case", [*SEVERAL, *BITS], ids=str)
def test_a_kind_is_built_watched_searched_dropped_and_built_again(
    client: MilvusClient, fake: FakeMilvus, target: Target, collections: Collections, case: Case
) -> None:
    """A hold and a step stop its build at exactly their rows; both indexes find what the metric's definition finds."""
    kind = TYPES[case.type]
    name = make_bare(client, collections, kind)
    vectors: list[Any] = kind.make(ROWS, 1)
    client.insert(name, rows_of(vectors))
    client.flush(name)
    exact = case.index_type == "GPU_BRUTE_FORCE"
    if not exact:
        fake.builds.hold_at(rows=700, collection=name)
    target.done("CreateIndex", collection_name=name, field_name="v", extra_params=flat(case))
    if not exact:
        fake.builds.wait(collection=name)
        assert target.counters(name) == (ROWS, 700, ROWS - 700)
        fake.builds.step(50, collection=name)
        assert target.counters(name) == (ROWS, 750, ROWS - 750)
        fake.builds.release(collection=name)
    queries = kind.make(10, 2)
    true = [distances_of(kind, vectors, query, case.metric) for query in queries]
    for _ in range(2):
        target.wait_until_indexed(name)
        described = target.describe_index(name)
        assert {pair.key: pair.value for pair in described.params}["index_type"] == case.index_type
        client.load_collection(name)
        found = client.search(name, queries, limit=10, anns_field="v", search_params={"params": case.everything})
        found_part = np.mean([recall(hits, one, case.metric) for hits, one in zip(found, true, strict=True)])
        assert found_part >= case.recall
        client.release_collection(name)
        client.drop_index(name, "v")
        target.done("CreateIndex", collection_name=name, field_name="v", extra_params=flat(case))


RANGED = ("IVF_PQ", "SCANN", "HNSW_SQ", "DISKANN", "GPU_BRUTE_FORCE")


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.index_type in RANGED and case.type == "FLOAT_VECTOR"], ids=str
)
def test_a_range_over_a_kind(client: MilvusClient, target: Target, collections: Collections, case: Case) -> None:
    """Every hit of a range search lies between its bounds, best first; a filter holds too."""
    kind = TYPES[case.type]
    name = make_bare(client, collections, kind)
    vectors: list[Any] = kind.make(ROWS, 1)
    client.insert(name, rows_of(vectors))
    client.flush(name)
    target.done("CreateIndex", collection_name=name, field_name="v", extra_params=flat(case))
    target.wait_until_indexed(name)
    client.load_collection(name)
    query = kind.make(1, 2)
    worth = np.sort(-distances_of(kind, vectors, query[0], case.metric))
    bounds = {"radius": float(-worth[300]), "range_filter": float(-worth[100])}
    similar = case.metric in ("IP", "COSINE")
    if not similar:
        bounds = {"radius": float(-worth[-300]), "range_filter": float(-worth[-100])}
    params = {"params": {**case.everything, **bounds}}
    (hits,) = client.search(name, query, limit=20, filter="id >= 600", anns_field="v", search_params=params)
    found = [hit["distance"] for hit in hits]
    assert len(found) == 20
    assert found == sorted(found, reverse=similar)
    assert all(hit["id"] >= 600 for hit in hits)
    low, high = sorted(bounds.values())
    assert all(low - 1e-5 <= distance <= high + 1e-5 for distance in found)


@pytest.mark.parametrize("rows", [300, 1_200], ids=["compared", "built"])
@pytest.mark.parametrize("index_type", ["MINHASH_LSH", "AUTOINDEX"])
def test_signatures(client: MilvusClient, target: Target, collections: Collections, index_type: str, rows: int) -> None:
    """Rows with an equal band are found at 1, or at the part of equal values; with and without a built index."""
    signatures = np.random.default_rng(4).integers(0, 9, (rows, DIM // 8), dtype=np.uint8)
    name = make_bare(client, collections, TYPES["BINARY_VECTOR"])
    client.insert(name, rows_of([row.tobytes() for row in signatures]))
    client.flush(name)
    more = {"mh_lsh_band": 1, "with_raw_data": True} if index_type == "MINHASH_LSH" else {}
    target.done("CreateIndex", collection_name=name, field_name="v", extra_params=told(index_type, "MHJACCARD", **more))
    target.wait_until_indexed(name)
    client.load_collection(name)
    query = [signatures[7].tobytes()]
    (hits,) = client.search(name, query, limit=rows, anns_field="v", search_params={"params": {}})
    equal = np.flatnonzero((signatures == signatures[7]).all(axis=1))
    assert [(hit["id"], hit["distance"]) for hit in hits] == [(number, 1.0) for number in equal]
    if index_type == "MINHASH_LSH":
        asked = {"params": {"mh_search_with_jaccard": True}}
        (hits,) = client.search(name, query, limit=1, anns_field="v", search_params=asked)
        assert hits[0]["distance"] == 1.0


@pytest.mark.parametrize(
    ("type", "params", "reason"),
    [
        (
            "FLOAT16_VECTOR",
            {"index_type": "HNSW_SQ", "metric_type": "L2", "refine": "true", "refine_type": "FP32"},
            "fp16 input data does not accept bf16 or fp32 as a refine index.",
        ),
        (
            "FLOAT_VECTOR",
            {"index_type": "HNSW_PQ", "metric_type": "L2", "m": 4, "nbits": 12},
            "1200 rows not enough, needs at least 4096 rows",
        ),
        (
            "BINARY_VECTOR",
            {"index_type": "HNSW", "metric_type": "SUBSTRUCTURE"},
            "Unsupported metric for binary data: SUBSTRUCTURE",
        ),
    ],
)
def test_a_definition_that_cannot_be_built(
    client: MilvusClient,
    fake: FakeMilvus,
    target: Target,
    collections: Collections,
    type: str,
    params: dict[str, Any],
    reason: str,
) -> None:
    """Accepted as Milvus accepts it, its build fails and says why; that is no bug of the server."""
    name = make_bare(client, collections, TYPES[type])
    client.insert(name, rows_of(TYPES[type].make(ROWS, 1)))
    client.flush(name)
    target.done("CreateIndex", collection_name=name, field_name="v", extra_params=params)
    fake.builds.wait(collection=name)
    described = target.describe_index(name)
    assert described.state == FAILED
    assert reason in described.index_state_fail_reason


# -- what is refused -------------------------------------------------------------------------------------------


def told(index_type: str, metric_type: str = "L2", **params: Any) -> dict[str, Any]:
    return {"index_type": index_type, "metric_type": metric_type, **params}


def out_of_range(name: str, value: str, allowed: str) -> Refusal:
    return invalid(f"Out of range in json: param '{name}' ({value}) should be in range {allowed}", before=None)


def plain(text: str) -> Refusal:
    return invalid(text, before=None)


LIST_REFINES = "optional types are [sq6, sq8, fp16, bf16, fp32, flat]"
GRAPH_REFINES = "optional types are [sq4u, sq6, sq8, fp16, bf16, fp32, flat]"
REFUSED: list[tuple[str, dict[str, Any], Refusal]] = [
    *(
        ("INT8_VECTOR", told(kind), not_over("Int8Vector", kind))
        for kind in ("IVF_PQ", "IVF_RABITQ", "SCANN", "DISKANN", "GPU_BRUTE_FORCE", "IVF_FLAT_CC")
    ),
    *(
        ("BINARY_VECTOR", told(kind, "HAMMING"), not_over("BinaryVector", kind))
        for kind in ("HNSW_SQ", "HNSW_PQ", "HNSW_PRQ", "IVF_PQ", "SCANN", "DISKANN", "GPU_IVF_FLAT")
    ),
    *(
        ("SPARSE_FLOAT_VECTOR", told(kind, "IP"), not_over("SparseFloatVector", kind))
        for kind in ("HNSW_SQ", "IVF_RABITQ", "MINHASH_LSH", "GPU_CAGRA")
    ),
    ("BFLOAT16_VECTOR", told("GPU_CAGRA"), not_over("BFloat16Vector", "GPU_CAGRA")),
    ("FLOAT_VECTOR", told("MINHASH_LSH"), not_over("FloatVector", "MINHASH_LSH")),
    ("FLOAT_VECTOR", told("IVF_PQ"), plain("param 'm' not exist in json")),
    ("FLOAT_VECTOR", told("IVF_PQ", m=0), out_of_range("m", "0", "[1, 65536]")),
    ("FLOAT_VECTOR", told("IVF_PQ", m=4, nbits=25), out_of_range("nbits", "25", "[1, 24]")),
    (
        "FLOAT_VECTOR",
        told("IVF_PQ", m=5),
        plain(
            "The dimension of a vector (dim) should be a multiple of the number of subquantizers (m). "
            "Dimension: 16, m: 5"
        ),
    ),
    (
        "FLOAT_VECTOR",
        told("HNSW_PQ", m=5),
        plain(
            "The dimension of the vector (dim) should be a multiple of the number of subquantizers (m). "
            "Dimension: 16, m: 5"
        ),
    ),
    ("FLOAT_VECTOR", told("HNSW_PRQ", nrq=17), out_of_range("nrq", "17", "[1, 16]")),
    ("FLOAT_VECTOR", told("HNSW_SQ", sq_type="SQ4"), plain("invalid scalar quantizer type")),
    (
        "FLOAT_VECTOR",
        told("HNSW_SQ", refine_type="SQ4"),
        plain(f"invalid refine type : SQ4, {GRAPH_REFINES}"),
    ),
    ("FLOAT_VECTOR", told("IVF_RABITQ", refine_type="SQ4U"), plain(f"invalid refine type : SQ4U, {LIST_REFINES}")),
    ("FLOAT_VECTOR", told("IVF_RABITQ", rbq_bits=10), out_of_range("rbq_bits", "10", "[1, 9]")),
    (
        "FLOAT_VECTOR",
        told("IVF_RABITQ", refine="1"),
        plain("Type conflict in json: param 'refine' (\"1\") should be a boolean"),
    ),
    (
        "FLOAT_VECTOR",
        told("IVF_RABITQ_FASTSCAN", refine="true", refine_type="SQ8"),
        plain("IVF_RABITQ_FASTSCAN only supports refine_type=flat/fp32, got: SQ8"),
    ),
    ("FLOAT_VECTOR", told("HNSW", refine="true"), plain("refine is not supported for this index")),
    (
        "FLOAT_VECTOR",
        told("IVF_SQ8", sq_type="SQ5"),
        plain("invalid sq_type : SQ5, optional types are [sq4, sq6, sq8]"),
    ),
    (
        "FLOAT_VECTOR",
        told("IVF_SQ_CC", code_size=5),
        plain("compress a vector into (code_size * dim)/8 bytes, code size value should be in 4, 6, 8 and 16"),
    ),
    (
        "FLOAT_VECTOR",
        told("SCANN", sub_dim=3),
        plain("The dimension of a vector (dim) should be a multiple of sub_dim. Dimension:16, sub_dim:3"),
    ),
    (
        "FLOAT_VECTOR",
        told("SCANN", with_raw_data="maybe"),
        plain("Type conflict in json: param 'with_raw_data' (\"maybe\") should be a boolean"),
    ),
    ("FLOAT_VECTOR", told("DISKANN", max_degree=2049), out_of_range("max_degree", "2049", "[1, 2048]")),
    ("FLOAT_VECTOR", told("GPU_IVF_PQ", nbits=9), out_of_range("nbits", "9", "[4, 8]")),
    (
        "BINARY_VECTOR",
        told("GPU_CAGRA", "JACCARD"),
        plain("metric type JACCARD not found or not supported, supported: [L2 IP COSINE HAMMING]"),
    ),
    (
        "BINARY_VECTOR",
        told("MINHASH_LSH", "MHJACCARD", mh_element_bit_width=7),
        out_of_range("mh_element_bit_width", "7", "[8, 256]"),
    ),
]


@pytest.mark.parametrize(("type", "params", "refusal"), REFUSED, ids=lambda value: str(value)[:60])
def test_an_index_that_is_refused(
    client: MilvusClient, target: Target, collections: Collections, type: str, params: dict[str, Any], refusal: Refusal
) -> None:
    """A kind over a type that it does not take, or with a parameter out of its range, is refused in Milvus' words."""
    name = make_bare(client, collections, TYPES[type])
    target.refused("CreateIndex", refusal, collection_name=name, field_name="v", extra_params=params)


SEARCHES: list[tuple[str, dict[str, Any], dict[str, Any], int, str]] = [
    ("HNSW_SQ", GRAPH, {"ef": 5}, 10, "out of range in json: ef(5) should be larger than k(10)"),
    (
        "HNSW_PQ",
        {**GRAPH, "m": 4},
        {"ef": 0},
        10,
        "out of range in json: Out of range in json: param 'ef' (0) should be in range [1, 2147483647]",
    ),
    (
        "HNSW_SQ",
        GRAPH,
        {"refine_k": 0},
        10,
        "out of range in json: Out of range in json: param 'refine_k' (0) should be in range "
        "[1.000000, 340282346638528859811704183484516925440.000000]",
    ),
    ("DISKANN", {}, {"search_list": 5}, 10, "out of range in json: search_list_size(5) should be larger than k(10)"),
    ("SCANN", LISTS, {"reorder_k": 5}, 10, "out of range in json: reorder_k(5) should be larger than k(10)"),
    (
        "IVF_RABITQ",
        LISTS,
        {"rbq_bits_query": 9},
        10,
        "out of range in json: Out of range in json: param 'rbq_bits_query' (9) should be in range [0, 8]",
    ),
    (
        "IVF_RABITQ_FASTSCAN",
        LISTS,
        {"rbq_bits_query": 4},
        10,
        "invalid args: rbq_bits_query > 0 is not supported on IVF_RABITQ_FASTSCAN "
        "(FastScan always uses index-level qb=8)",
    ),
    (
        "GPU_IVF_PQ",
        {**LISTS, "m": 4},
        {},
        1_100,
        "out of range in json: Out of range in json: param 'k' (1100) should be in range [1, 1024]",
    ),
    (
        "GPU_CAGRA",
        {},
        {"itopk_size": 32, "search_width": 1},
        40,
        "out of range in json: max((itopk_size + 31)// 32, search_width) * 32< topk",
    ),
]


@pytest.mark.parametrize(("index_type", "params", "asked", "limit", "problem"), SEARCHES, ids=lambda v: str(v)[:40])
def test_a_search_that_a_built_index_refuses(
    client: MilvusClient,
    target: Target,
    collections: Collections,
    index_type: str,
    params: dict[str, Any],
    asked: dict[str, Any],
    limit: int,
    problem: str,
) -> None:
    """A search parameter out of its range is refused with knowhere's status and text."""
    name = make_built(client, target, collections, "FLOAT_VECTOR", told(index_type, **params))
    with pytest.raises(MilvusException) as raised:
        client.search(name, [[0.5] * 16], limit=limit, anns_field="v", search_params={"params": asked})
    assert raised.value.code == 2000
    assert raised.value.message.endswith(f"{problem}: segcore error[segcoreCode=2001]")


@pytest.mark.parametrize(
    ("metric", "bounds", "code", "text"),
    [
        (
            "L2",
            {"radius": 1, "range_filter": 2},
            2000,
            "metric type (L2), range_filter(2) must be less than radius(1)",
        ),
        (
            "IP",
            {"radius": 1.5, "range_filter": 1.5},
            2000,
            "metric type (IP), range_filter(1.5) must be greater than radius(1.5)",
        ),
        ("L2", {"radius": "a"}, 2000, "config type error for key radius"),
        ("COSINE", {"range_filter": 0.5}, 1100, "range_filter requires radius to be set"),
    ],
)
def test_bounds_that_are_refused(
    client: MilvusClient,
    target: Target,
    collections: Collections,
    metric: str,
    bounds: dict[str, Any],
    code: int,
    text: str,
) -> None:
    """Bounds have to be numbers in their order, and the second one does not stand alone."""
    name = make_built(client, target, collections, "FLOAT_VECTOR", told("HNSW", metric))
    with pytest.raises(MilvusException, match=re.escape(text)) as raised:
        client.search(name, [[0.5] * 16], limit=3, anns_field="v", search_params={"params": bounds})
    assert raised.value.code == code


def make_built(
    client: MilvusClient, target: Target, collections: Collections, type: str, params: dict[str, Any]
) -> str:
    """A loaded collection of some rows, each in an index of this definition."""
    name = make_bare(client, collections, TYPES[type])
    client.insert(name, rows_of(TYPES[type].make(1_100, 1)))
    client.flush(name)
    target.done("CreateIndex", collection_name=name, field_name="v", extra_params=params)
    target.wait_until_indexed(name)
    client.load_collection(name)
    return name
