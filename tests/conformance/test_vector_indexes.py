"""Each kind of vector index over each type and metric that it takes: built, counted, searched; and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from pymilvus import DataType, MilvusClient

from fakemilvus import FakeMilvus
from tests.conformance.refusals import Refusal, invalid
from tests.conformance.target import Collections, Target
from tests.conformance.test_vector_types import check_hits, rows_of
from tests.conformance.vector_types import TYPES, VectorType, needs_type, reference

ROWS = 1_500
NUMBERS = ("L2", "IP", "COSINE")
HELD = ("IP", "HAMMING")
HALVES = ("FLOAT16_VECTOR", "BFLOAT16_VECTOR")


@dataclass(frozen=True, slots=True)
class Case:
    """``recall`` 1 means that the answer is exact; ``everything`` are search parameters that look at every row."""

    type: str
    index_type: str
    metric: str
    params: dict[str, Any] = field(default_factory=dict)
    everything: dict[str, Any] = field(default_factory=dict)
    recall: float = 1.0

    def __str__(self) -> str:
        return f"{self.index_type} {self.type} {self.metric}"


LISTS: dict[str, Any] = {"params": {"nlist": 16}, "everything": {"nprobe": 16}}
GRAPH: dict[str, Any] = {"params": {"M": 16, "efConstruction": 100}, "everything": {"ef": 200}, "recall": 0.95}

CASES = [
    *(Case(kind, "FLAT", metric) for kind in HALVES for metric in NUMBERS),
    *(Case(kind, "IVF_FLAT", metric, **LISTS) for kind in HALVES for metric in NUMBERS),
    *(Case(kind, "IVF_SQ8", metric, recall=0.85, **LISTS) for kind in HALVES for metric in NUMBERS),
    *(Case(kind, "HNSW", metric, **GRAPH) for kind in (*HALVES, "INT8_VECTOR") for metric in NUMBERS),
    *(Case("BINARY_VECTOR", "BIN_FLAT", metric) for metric in TYPES["BINARY_VECTOR"].metrics),
    *(Case("BINARY_VECTOR", "BIN_IVF_FLAT", metric, **LISTS) for metric in ("HAMMING", "JACCARD")),
    *(
        Case("SPARSE_FLOAT_VECTOR", kind, "IP", everything={"drop_ratio_search": 0.0})
        for kind in ("SPARSE_INVERTED_INDEX", "SPARSE_WAND")
    ),
]


@pytest.fixture(scope="module")
def client(target: Target) -> Iterator[MilvusClient]:
    made = MilvusClient(target.uri, token=target.token)
    yield made
    made.close()


def make_bare(client: MilvusClient, collections: Collections, kind: VectorType, *, nullable: bool = False) -> str:
    """A collection with "id" and "v", without an index."""
    needs_type(collections.target, kind, nullable)
    schema = MilvusClient.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("v", kind.type, nullable=nullable, **kind.params)
    name = collections.name()
    client.create_collection(name, schema=schema, consistency_level="Strong")
    return name


def create_index(client: MilvusClient, name: str, case: Case) -> None:
    params = MilvusClient.prepare_index_params()
    params.add_index("v", index_type=case.index_type, metric_type=case.metric, params=case.params)
    client.create_index(name, params)


@pytest.mark.parametrize("nullable", [False, True], ids=["all", "nulls"])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_kind_builds_counts_and_finds(
    client: MilvusClient, target: Target, collections: Collections, case: Case, nullable: bool
) -> None:
    """The index counts every row, null ones too, and finds what the definition of the metric finds; nulls never."""
    kind = TYPES[case.type]
    name = make_bare(client, collections, kind, nullable=nullable)
    vectors: list[Any] = kind.make(ROWS, 1)
    if nullable:
        vectors[::6] = [None] * len(vectors[::6])
    client.insert(name, rows_of(vectors))
    client.flush(name)
    create_index(client, name, case)
    assert target.counters(name) == (ROWS, ROWS, 0)
    client.load_collection(name)
    queries = kind.make(5, 2)
    found = client.search(name, queries, limit=10, anns_field="v", search_params={"params": case.everything})
    true = [distances_of(kind, vectors, query, case.metric) for query in queries]
    assert np.mean([recall(hits, distances, case.metric) for hits, distances in zip(found, true, strict=True)]) >= (
        case.recall
    )
    if case.recall == 1:
        for hits, distances in zip(found, true, strict=True):
            check_hits(hits, distances, case.metric, 10)


@pytest.mark.parametrize("case", [case for case in CASES if case.everything and case.metric in HELD], ids=str)
def test_a_build_can_be_held(
    client: MilvusClient, fake: FakeMilvus, target: Target, collections: Collections, case: Case
) -> None:
    """Every kind that is built can be stopped at a row, and goes on from there."""
    kind = TYPES[case.type]
    name = make_bare(client, collections, kind, nullable=True)
    vectors: list[Any] = kind.make(ROWS, 1)
    vectors[::6] = [None] * len(vectors[::6])
    client.insert(name, rows_of(vectors))
    client.flush(name)
    fake.builds.hold_at(rows=700, collection=name)
    target.done("CreateIndex", collection_name=name, field_name="v", extra_params=flat(case))
    fake.builds.wait(collection=name)
    assert target.counters(name) == (ROWS, 700, ROWS - 700)
    fake.builds.release(collection=name)
    target.wait_until_indexed(name)
    assert target.counters(name) == (ROWS, ROWS, 0)


def flat(case: Case) -> dict[str, Any]:
    return {"index_type": case.index_type, "metric_type": case.metric, **case.params}


def distances_of(kind: VectorType, vectors: list[Any], query: Any, metric: str) -> np.ndarray[Any, Any]:
    """By the definition; NaN where there is no vector."""
    present = [number for number, vector in enumerate(vectors) if vector is not None]
    distances = np.full(len(vectors), np.nan)
    distances[present] = reference(kind, [vectors[number] for number in present], query, metric)
    return distances


def recall(hits: Any, distances: np.ndarray[Any, Any], metric: str, limit: int = 10) -> float:
    """The part of the hits that are as near as the true ones."""
    worth = -distances if metric in ("IP", "COSINE") else distances
    worth = np.where(np.isnan(worth), np.inf, worth)
    limit = min(limit, int(np.isfinite(worth).sum()))
    if not limit:
        return 1.0
    farthest = np.sort(worth)[limit - 1]
    return float(sum(worth[hit["id"]] <= farthest + 1e-4 for hit in hits) / limit)


# -- what is refused -------------------------------------------------------------------------------------------

Told = dict[str, Any]


def not_over(type: str, index_type: str) -> Refusal:
    return invalid(f"data type {type} can't build with this index {index_type}", before=None)


def wrong_metric(text: str) -> Refusal:
    return invalid(text, ending="[expected=valid index params][actual=invalid index params]", before=None)


REFUSED: dict[str, tuple[str, Told, Refusal]] = {
    "IVF_FLAT over INT8": (
        "INT8_VECTOR",
        {"index_type": "IVF_FLAT", "metric_type": "L2"},
        not_over("Int8Vector", "IVF_FLAT"),
    ),
    "DISKANN over INT8": (
        "INT8_VECTOR",
        {"index_type": "DISKANN", "metric_type": "L2"},
        not_over("Int8Vector", "DISKANN"),
    ),
    "HNSW over SPARSE": (
        "SPARSE_FLOAT_VECTOR",
        {"index_type": "HNSW", "metric_type": "IP"},
        not_over("SparseFloatVector", "HNSW"),
    ),
    "FLAT over BINARY": (
        "BINARY_VECTOR",
        {"index_type": "FLAT", "metric_type": "HAMMING"},
        not_over("BinaryVector", "FLAT"),
    ),
    "BIN_FLAT over FLOAT16": (
        "FLOAT16_VECTOR",
        {"index_type": "BIN_FLAT", "metric_type": "L2"},
        not_over("Float16Vector", "BIN_FLAT"),
    ),
    "SPARSE_WAND over BFLOAT16": (
        "BFLOAT16_VECTOR",
        {"index_type": "SPARSE_WAND", "metric_type": "IP"},
        not_over("BFloat16Vector", "SPARSE_WAND"),
    ),
    "L2 over BINARY": (
        "BINARY_VECTOR",
        {"index_type": "BIN_FLAT", "metric_type": "L2"},
        wrong_metric("binary vector index does not support metric type: L2"),
    ),
    "HAMMING over INT8": (
        "INT8_VECTOR",
        {"index_type": "HNSW", "metric_type": "HAMMING"},
        wrong_metric("int vector index does not support metric type: HAMMING"),
    ),
    "HAMMING over FLOAT16, automatic": (
        "FLOAT16_VECTOR",
        {"index_type": "AUTOINDEX", "metric_type": "HAMMING"},
        wrong_metric("float vector index does not support metric type: HAMMING"),
    ),
    "COSINE over SPARSE": (
        "SPARSE_FLOAT_VECTOR",
        {"index_type": "SPARSE_INVERTED_INDEX", "metric_type": "COSINE"},
        wrong_metric("only IP&BM25 is the supported metric type for sparse index"),
    ),
    "BM25 without a function": (
        "SPARSE_FLOAT_VECTOR",
        {"index_type": "SPARSE_INVERTED_INDEX", "metric_type": "BM25"},
        wrong_metric("only BM25 Function output field support BM25 metric type"),
    ),
    "a structure in BIN_IVF_FLAT": (
        "BINARY_VECTOR",
        {"index_type": "BIN_IVF_FLAT", "metric_type": "SUBSTRUCTURE", "nlist": 8},
        invalid("metric type SUBSTRUCTURE not found or not supported, supported: [HAMMING JACCARD]", before=None),
    ),
    "nlist of BIN_IVF_FLAT": (
        "BINARY_VECTOR",
        {"index_type": "BIN_IVF_FLAT", "metric_type": "HAMMING", "nlist": 0},
        invalid("Out of range in json: param 'nlist' (0) should be in range [1, 65536]", before=None),
    ),
    "an unknown sparse algorithm": (
        "SPARSE_FLOAT_VECTOR",
        {"index_type": "SPARSE_INVERTED_INDEX", "metric_type": "IP", "inverted_index_algo": "INVALID"},
        invalid(
            "sparse inverted index algo INVALID not found or not supported, supported: "
            "[TAAT_NAIVE DAAT_WAND DAAT_MAXSCORE BLOCK_MAX_MAXSCORE BLOCK_MAX_WAND SINDI]",
            before=None,
        ),
    ),
    "drop_ratio_build of 1": (
        "SPARSE_FLOAT_VECTOR",
        {"index_type": "SPARSE_WAND", "metric_type": "IP", "drop_ratio_build": 1},
        invalid(
            "Out of range in json: param 'drop_ratio_build' (1.0) should be in range [0.000000, 1.000000)", before=None
        ),
    ),
    "drop_ratio_build that is no number": (
        "SPARSE_FLOAT_VECTOR",
        {"index_type": "SPARSE_WAND", "metric_type": "IP", "drop_ratio_build": "a"},
        invalid("invalid float value, key: 'drop_ratio_build', value: 'a'", before=None),
    ),
    "a quant_type of BM25": (
        "SPARSE_FLOAT_VECTOR",
        {"index_type": "SPARSE_INVERTED_INDEX", "metric_type": "IP", "quant_type": "u16"},
        invalid("quant_type for IP metric must be 'fp16' or 'fp32', got 'u16'", before=None),
    ),
    "a codec that is none": (
        "SPARSE_FLOAT_VECTOR",
        {"index_type": "SPARSE_INVERTED_INDEX", "metric_type": "IP", "inverted_index_codec": "zip"},
        invalid(
            "inverted_index_codec zip not found or not supported, supported: "
            "[block_streamvbyte block_maskedvbyte block_adaptive]",
            before=None,
        ),
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_an_index_that_is_refused(client: MilvusClient, target: Target, collections: Collections, what: str) -> None:
    """A kind, a metric or a parameter that does not go with the type of the vectors is refused in Milvus' words."""
    type, params, refusal = REFUSED[what]
    name = make_bare(client, collections, TYPES[type])
    target.refused("CreateIndex", refusal, collection_name=name, field_name="v", extra_params=params)


@pytest.mark.parametrize(
    ("type", "metric", "kind"),
    [
        ("FLOAT16_VECTOR", "COSINE", "HNSW_SQ"),
        ("BFLOAT16_VECTOR", "COSINE", "HNSW_SQ"),
        ("INT8_VECTOR", "COSINE", "HNSW"),
        ("BINARY_VECTOR", "HAMMING", "BIN_IVF_FLAT"),
        ("SPARSE_FLOAT_VECTOR", "IP", "SPARSE_INVERTED_INDEX"),
    ],
)
def test_automatic_indexes(
    client: MilvusClient, fake: FakeMilvus, collections: Collections, type: str, metric: str, kind: str
) -> None:
    """AUTOINDEX without a metric takes the type's default, shows it, and stands for the type's own kind."""
    name = make_bare(client, collections, TYPES[type])
    client.create_index(name, index_params_of(index_type="AUTOINDEX"))
    described = client.describe_index(name, "v")
    assert (described["index_type"], described["metric_type"]) == ("AUTOINDEX", metric)
    (index,) = fake.collection(name).indexes
    assert index["kind"] == kind


def index_params_of(**params: Any) -> Any:
    made = MilvusClient.prepare_index_params()
    made.add_index("v", **params)
    return made
