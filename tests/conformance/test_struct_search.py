"""Searches among the vectors of struct arrays: lists against lists, and element by element. Since Milvus 3.0."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pymilvus.grpc_gen import common_pb2 as common
from pymilvus.grpc_gen import milvus_pb2 as milvus
from pymilvus.grpc_gen import schema_pb2

from tests.conformance.making import T, array_column, pairs, placeholders, plain_rows, random_vectors
from tests.conformance.refusals import Refusal, check_accepted, check_refused, invalid
from tests.conformance.target import Collections, Target
from tests.conformance.test_structs import serialized, struct, structs, sub, vectors

Lists = list[NDArray[np.float32]]
ROWS, DIM, NQ = 40, 2, 3
FAILED = "fail to search on QueryNode *: worker(*) query failed: "


@pytest.fixture(autouse=True)
def _since(target: Target) -> None:
    if target.version < (3, 0):
        pytest.skip("since Milvus 3.0")


def random_lists(count: int, least: int, seed: int) -> Lists:
    """Lists of ``least`` to three vectors."""
    rng = np.random.default_rng(seed)
    return [rng.standard_normal((rng.integers(least, 4), DIM), dtype=np.float32) for _ in range(count)]


STORED, ASKED = random_lists(ROWS, 0, 1), random_lists(NQ, 1, 2)
NOTHING = np.zeros((NQ, DIM), np.float32)  # only says how many queries a group of lists has


def make(target: Target, collections: Collections, metric: str) -> str:
    """Keys 0 to 39, half of them flushed; the ``n`` of an element is its place."""
    name = collections.name()
    declared = struct("s", sub("n", T.Int64), sub("v", T.FloatVector))
    target.done("CreateCollection", collection_name=name, schema=serialized(name, declared))
    target.done("CreateIndex", collection_name=name, field_name="vec", extra_params={"metric_type": "L2"})
    params = {"index_type": "HNSW", "metric_type": metric}
    target.done("CreateIndex", collection_name=name, field_name="s[v]", extra_params=params)
    target.load(name)
    for start in (0, ROWS // 2):
        rows = STORED[start : start + ROWS // 2]
        numbers = array_column("n", T.Int64, [range(len(row)) for row in rows])
        sent = structs(numbers, vectors("v", [row.tolist() for row in rows]))
        check_accepted(target.insert(name, [*plain_rows(len(rows), start), sent], len(rows)))
        if start == 0:
            target.flush(name)
    return name


def lists(queries: Lists, type: int = 301) -> bytes:
    """Lists as a serialised PlaceholderGroup; 301 is of float vectors."""
    value = common.PlaceholderValue(tag="$0", type=type, values=[query.tobytes() for query in queries])
    return bytes(common.PlaceholderGroup(placeholders=[value]).SerializeToString())


def distances(metric: str, query: NDArray[np.float32], row: NDArray[np.float32]) -> NDArray[np.float32]:
    """Of each vector of the query to each of the row."""
    if metric == "L2":
        return np.asarray(((query[:, None] - row) ** 2).sum(axis=2), np.float32)
    if metric == "COSINE":
        query, row = (part / np.linalg.norm(part, axis=1, keepdims=True) for part in (query, row))
    return np.asarray(query @ row.T, np.float32)


def found(response: Any) -> list[list[int]]:
    """The keys of each query's hits."""
    check_accepted(response)
    ends = np.cumsum(response.results.topks)
    return [part.tolist() for part in np.split(np.array(response.results.ids.int_id.data), ends[:-1])]


@pytest.mark.parametrize("metric", ["MAX_SIM", "MAX_SIM_COSINE", "MAX_SIM_IP", "MAX_SIM_L2"])
def test_lists(target: Target, collections: Collections, metric: str) -> None:
    """A row's score is the sum, over the query's vectors, of the best of the row's vectors; empty rows have none."""
    name = make(target, collections, metric)
    response = target.search(name, NOTHING, 5, group=lists(ASKED), anns_field="s[v]")
    kind = "COSINE" if metric == "MAX_SIM" else metric.removeprefix("MAX_SIM_")
    best = np.min if kind == "L2" else np.max
    scores: list[float] = []
    for query, keys in zip(ASKED, found(response), strict=True):
        every = {key: best(distances(kind, query, row), axis=1).sum() for key, row in enumerate(STORED) if len(row)}
        order = sorted(every, key=lambda key: every[key] if kind == "L2" else -every[key])
        assert keys == order[:5]
        scores += [every[key] for key in keys]
    np.testing.assert_allclose(response.results.scores, scores, rtol=1e-4)
    assert not response.results.HasField("element_indices")


@pytest.mark.parametrize("metric", ["L2", "IP", "COSINE"])
def test_elements(target: Target, collections: Collections, metric: str) -> None:
    """Every vector is a hit of its own, with its place in its row."""
    name = make(target, collections, metric)
    queries = np.concatenate([query[:1] for query in ASKED])
    response = target.search(name, queries, 7, anns_field="s[v]", outputs=["id"])
    places = np.split(np.array(response.results.element_indices.data), NQ)
    for query, keys, at in zip(queries, found(response), places, strict=True):
        every = elements(metric, query)
        order = sorted(every, key=lambda hit: every[hit] if metric == "L2" else -every[hit])
        assert list(zip(keys, at.tolist(), strict=True)) == order[:7]


def elements(metric: str, query: NDArray[np.float32]) -> dict[tuple[int, int], float]:
    """The distance of each element, by key and place."""
    return {
        (key, place): float(distance)
        for key, row in enumerate(STORED)
        for place, distance in enumerate(distances(metric, query[None], row)[0])
    }


def test_filters_on_elements(target: Target, collections: Collections) -> None:
    """An element filter leaves elements, any other filter the elements of some rows."""
    name = make(target, collections, "L2")
    every = elements("L2", ASKED[0][0])
    order = sorted(every, key=lambda hit: every[hit])
    for text, passes in (
        ("id < 30 and element_filter(s, $[n] == 1)", lambda key, place: key < 30 and place == 1),
        ("id >= 10", lambda key, place: key >= 10),
        ("match_any(s, $[n] == 2)", lambda key, place: len(STORED[key]) == 3),
    ):
        response = target.search(name, ASKED[0][:1], 5, anns_field="s[v]", filter=text)
        (keys,) = found(response)
        hits = list(zip(keys, response.results.element_indices.data, strict=True))
        assert hits == [hit for hit in order if passes(*hit)][:5]


def test_ranges_pages_and_groups_of_elements(target: Target, collections: Collections) -> None:
    """Elements may lie in a range, be skipped, and be grouped by their rows."""
    name = make(target, collections, "L2")
    every = elements("L2", ASKED[0][0])
    order = sorted(every, key=lambda hit: every[hit])
    near = target.search(name, ASKED[0][:1], 100, anns_field="s[v]", params='{"radius": 1.0}')
    assert found(near) == [[key for key, place in order if every[key, place] < 1]]
    skipped = target.search(name, ASKED[0][:1], 3, anns_field="s[v]", offset=2)
    assert found(skipped) == [[key for key, _ in order[2:5]]]
    grouped = target.search(name, ASKED[0][:1], 30, anns_field="s[v]", group_by_field="id")
    assert found(grouped) == [list(dict.fromkeys(key for key, _ in order))[:30]]


def test_lists_of_bits(target: Target, collections: Collections) -> None:
    """Lists of binary vectors are compared by HAMMING: the least sum wins."""
    name = collections.name()
    declared = struct("s", sub("v", T.BinaryVector))
    target.done("CreateCollection", collection_name=name, schema=serialized(name, declared))
    target.done("CreateIndex", collection_name=name, field_name="vec", extra_params={"metric_type": "L2"})
    params = {"index_type": "BIN_FLAT", "metric_type": "MAX_SIM_HAMMING"}
    check_accepted(target.ask("CreateIndex", collection_name=name, field_name="s[v]", extra_params=params))
    target.load(name)
    data = schema_pb2.FieldData(field_name="v", type=T.ArrayOfVector)
    data.vectors.dim = data.vectors.vector_array.dim = 8
    data.vectors.vector_array.element_type = T.BinaryVector
    for row in (b"\x00\x0f", b"\xff", b""):
        data.vectors.vector_array.data.add(dim=8).binary_vector = row
    check_accepted(target.insert(name, [*plain_rows(3), structs(data)], 3))
    asked = [np.array([0x01, 0x1F], np.uint8)]
    response = target.search(name, NOTHING[:1], 5, group=lists(asked, 300), anns_field="s[v]")  # type: ignore[arg-type]
    assert found(response) == [[0, 1]]
    assert list(response.results.scores) == [2.0, 10.0]


@pytest.mark.parametrize(
    ("metric", "group", "problem"),
    [
        (
            "L2",
            lists(ASKED),
            "metric_type L2 does not support embedding list search, but search data is embedding list",
        ),
        (
            "MAX_SIM_IP",
            placeholders(NOTHING),
            "metric_type MAX_SIM_IP requires embedding list search, but search data is plain vector",
        ),
    ],
)
def test_metric_and_queries(target: Target, collections: Collections, metric: str, group: bytes, problem: str) -> None:
    """The metrics of lists take lists, and no others do."""
    name = make(target, collections, metric)
    text = f"search type mismatch for VECTOR_ARRAY field s[v]: {problem}: segcore error[segcoreCode=2007]"
    response = target.search(name, NOTHING, 5, group=group, anns_field="s[v]")
    check_refused(response, Refusal(2000, 1, FAILED + text, input_error=True), target.version)


@pytest.mark.parametrize(
    ("asked", "wish"),
    [
        ({"params": '{"radius": 1.0}'}, "range search is not supported for"),
        ({"iterator": "True"}, "search iterator is not supported for"),
        ({"group_by_field": "id"}, "group by is not supported for"),
    ],
)
def test_wishes_of_lists(target: Target, collections: Collections, asked: dict[str, Any], wish: str) -> None:
    """Lists have no ranges, iterators or groups."""
    name = make(target, collections, "MAX_SIM_L2")
    whole = invalid(f"{wish} multi-search-multi on embedding list fields", before=None, ending="[expected=][actual=]")
    response = target.search(name, NOTHING, 5, group=lists(ASKED), anns_field="s[v]", **asked)
    check_refused(response, whole, target.version)


def test_wishes_of_elements(target: Target, collections: Collections) -> None:
    """Elements are grouped by their rows only, and have the newer iterator only."""
    name = make(target, collections, "L2")
    whole = invalid(
        "legacy search iterator is not supported for element-level search; use search iterator v2",
        before=None,
        ending="[expected=][actual=]",
    )
    response = target.search(name, NOTHING[:1], 5, anns_field="s[v]", iterator="True")
    check_refused(response, whole, target.version)


def test_no_filter_of_elements_for_lists(target: Target, collections: Collections) -> None:
    """A search of lists finds rows, which have no elements to filter."""
    name = make(target, collections, "MAX_SIM_L2")
    whole = invalid(
        "element_filter is only supported for element-level search on vector sub-fields of the same struct array; "
        "use MATCH_ANY/MATCH_* for row-level vector search",
        before=None,
    )
    text = "element_filter(s, $[n] == 1)"
    response = target.search(name, NOTHING, 5, group=lists(ASKED), anns_field="s[v]", filter=text)
    check_refused(response, whole, target.version)


def hybrid(target: Target, name: str, *searches: tuple[str, bytes, str], limit: int = 5, **rank_params: Any) -> Any:
    """A weighted hybrid search; each search is a field, its queries and its parameters."""
    requests = [
        milvus.SearchRequest(
            collection_name=name,
            dsl_type=common.BoolExprV1,
            placeholder_group=group,
            nq=1,
            search_params=pairs({"topk": 60, "anns_field": field, "params": params}),
        )
        for field, group, params in searches
    ]
    weights = [0.5] * len(searches)
    given = {"strategy": "weighted", "params": {"weights": weights, "norm_score": False}, "limit": limit, **rank_params}
    given["params"] = json.dumps(given["params"])
    return target.ask("HybridSearch", collection_name=name, requests=requests, rank_params=given)


def test_hybrid_of_one_struct(target: Target, collections: Collections) -> None:
    """Searches among the elements of one struct rank elements."""
    name = make(target, collections, "L2")
    query = ASKED[0][:1]
    search = ("s[v]", placeholders(query), "{}")
    response = hybrid(target, name, search, search)
    every = elements("L2", query[0])
    order = sorted(every, key=lambda hit: every[hit])[:5]
    (keys,) = found(response)
    assert list(zip(keys, response.results.element_indices.data, strict=True)) == order
    np.testing.assert_allclose(response.results.scores, [every[hit] for hit in order], rtol=1e-4)


@pytest.mark.parametrize(
    ("scope", "combine"),
    [
        ({}, max),
        ({"strategy": "sum"}, sum),
        ({"strategy": "avg"}, lambda values: sum(values) / len(values)),
        ({"strategy": "topk_sum", "topk": 2}, lambda values: sum(sorted(values)[-2:])),
    ],
    ids=["max", "sum", "avg", "topk_sum"],
)
def test_hybrid_beside_rows(target: Target, collections: Collections, scope: dict[str, Any], combine: Any) -> None:
    """Beside a search of rows the elements of a row become one hit, by the best or as element_scope says."""
    name = make(target, collections, "IP")
    query = ASKED[0][:1]
    params = json.dumps({"element_scope": {"collapse": scope}} if scope else {})
    response = hybrid(
        target, name, ("s[v]", placeholders(query), params), ("vec", placeholders(random_vectors(1)), "{}")
    )
    every = elements("IP", query[0])
    rows = {key: combine([score for (row, _), score in every.items() if row == key]) for key, _ in every}
    plain = {key: float(((random_vectors(ROWS)[key] - random_vectors(1)[0]) ** 2).sum()) for key in range(ROWS)}
    turned = {key: 1 - 2 * np.arctan(distance) / np.pi for key, distance in plain.items()}
    scores = {key: 0.5 * rows.get(key, 0) + 0.5 * turned[key] for key in range(ROWS)}
    assert found(response) == [sorted(scores, key=lambda key: -scores[key])[:5]]
    assert not response.results.HasField("element_indices")


@pytest.mark.parametrize(
    ("scope", "problem"),
    [
        ({"collapse": {"strategy": "min"}}, "unsupported element_scope.collapse.strategy: min"),
        ({"best": 1}, "unsupported element_scope key: best"),
        ({"collapse": {"strategy": "max", "topk": 2}}, "element_scope.collapse.topk is only valid for topk strategies"),
        (
            {"collapse": {"strategy": "max"}},
            "element_scope is not allowed for same-struct element-level hybrid search",
        ),
    ],
)
def test_element_scopes(target: Target, collections: Collections, scope: dict[str, Any], problem: str) -> None:
    """What element_scope may say, and where."""
    name = make(target, collections, "IP")
    search = ("s[v]", placeholders(ASKED[0][:1]), json.dumps({"element_scope": scope}))
    check_refused(hybrid(target, name, search, search), invalid(problem, before=None), target.version)
