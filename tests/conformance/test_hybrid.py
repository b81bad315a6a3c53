"""Hybrid search and rankers: many searches, one ranking. Since Milvus 2.4, functions that rank since 2.6."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from pymilvus.grpc_gen import common_pb2, milvus_pb2, schema_pb2

from tests.conformance import search_rows as rows
from tests.conformance.making import T, Vectors, field, id_field, pairs, placeholders, random_vectors, vector_field
from tests.conformance.refusals import NEW, Refusal, check_accepted, check_refused, invalid, missing
from tests.conformance.target import Collections, Target

WIDE = 40


@pytest.fixture(autouse=True)
def _since(target: Target) -> None:
    if target.version < NEW:
        pytest.skip("since Milvus 2.4")


def ann(name: str, vectors: Vectors, field: str, topk: int = WIDE, **more: Any) -> Any:
    return milvus_pb2.SearchRequest(
        collection_name=name,
        expr_template_values=more.pop("values", {}),
        dsl_type=common_pb2.BoolExprV1,
        dsl=more.pop("filter", ""),
        placeholder_group=placeholders(vectors),
        nq=len(vectors),
        search_params=pairs({"anns_field": field, "topk": topk, **more}),
    )


def hybrid(
    target: Target,
    name: str,
    requests: Sequence[Any],
    strategy: str = "rrf",
    params: dict[str, Any] | None = None,
    score: Any = None,
    outputs: Sequence[str] = (),
    **more: Any,
) -> Any:
    """The response; ``more`` are further rank parameters, those that are None are left out."""
    given = {"limit": 10, "strategy": strategy, "params": json.dumps(params or {}), **more}
    return target.ask(
        "HybridSearch",
        collection_name=name,
        requests=requests,
        output_fields=outputs,
        rank_params={key: value for key, value in given.items() if value is not None},
        **({} if score is None else {"function_score": score}),
    )


def both(name: str, vectors: Vectors = rows.QUERIES) -> list[Any]:
    return [ann(name, vectors, "vec"), ann(name, vectors, "other")]


def ranked(scores: dict[int, float], limit: int = 10, offset: int = 0) -> list[int]:
    return sorted(scores, key=lambda row: (-scores[row], row))[offset : offset + limit]


def rrf_scores(query: Vectors, k: float) -> dict[int, np.float32]:
    scores: dict[int, np.float32] = {}
    for order in (rows.nearest(query), rows.most_alike(query)):
        for rank, row in enumerate(order[:WIDE], 1):
            scores[row] = np.float32(scores.get(row, np.float32(0)) + np.float32(1 / (k + rank)))
    return scores


def distances(query: Vectors) -> tuple[dict[int, float], dict[int, float]]:
    """L2 and cosine of the rows that each search finds."""
    squared = ((rows.VECTORS - query) ** 2).sum(axis=1)
    cosines = rows.OTHERS @ query / np.linalg.norm(rows.OTHERS, axis=1) / np.linalg.norm(query)
    near, alike = rows.nearest(query)[:WIDE], rows.most_alike(query)[:WIDE]
    return {row: float(squared[row]) for row in near}, {row: float(cosines[row]) for row in alike}


@pytest.mark.parametrize("k", [60, 1, 0.5])
def test_rrf(target: Target, collections: Collections, k: float) -> None:
    """A hit's score is the sum of 1 / (k + rank) over the searches that found it; ties go by primary key."""
    name = rows.make(target, collections)
    response = hybrid(target, name, both(name), params={"k": k})
    check_accepted(response)
    scores = [rrf_scores(query, k) for query in rows.QUERIES]
    assert rows.found(response) == [ranked(each) for each in scores]  # type: ignore[arg-type]
    shown = [each[row] for each in scores for row in ranked(each)]  # type: ignore[arg-type]
    assert np.allclose(response.results.scores, shown, rtol=1e-6)


def test_rrf_offset(target: Target, collections: Collections) -> None:
    """The offset counts in the ranking, not in the searches."""
    name = rows.make(target, collections)
    response = hybrid(target, name, both(name), offset=5)
    assert rows.found(response) == [ranked(rrf_scores(query, 60), 10, 5) for query in rows.QUERIES]  # type: ignore[arg-type]


def test_templates(target: Target, collections: Collections) -> None:
    """Each search's filter has template values of its own."""
    name = rows.make(target, collections)
    below, above = ({"bound": schema_pb2.TemplateValue(int64_val=bound)} for bound in (10, rows.ROWS - 5))
    searches = [
        ann(name, rows.QUERIES[:1], "vec", filter="id < {bound}", values=below),
        ann(name, rows.QUERIES[:1], "other", filter="id >= {bound}", values=above),
    ]
    response = hybrid(target, name, searches, limit=WIDE)
    check_accepted(response)
    assert sorted(rows.found(response)[0]) == [*range(10), *range(rows.ROWS - 5, rows.ROWS)]


@pytest.mark.parametrize("normalise", [False, True])
def test_weighted(target: Target, collections: Collections, normalise: bool) -> None:
    """Weighted distances are added; of metrics that point different ways the one that means distance is turned."""
    name = rows.make(target, collections)
    response = hybrid(target, name, both(name), "weighted", {"weights": [0.7, 0.3], "norm_score": normalise})
    check_accepted(response)
    for query, ids in zip(rows.QUERIES, rows.found(response), strict=True):
        squared, cosines = distances(query)
        scores: dict[int, float] = {}
        for row, value in squared.items():
            scores[row] = 0.7 * (1 - 2 * np.arctan(value) / np.pi)
        for row, value in cosines.items():
            scores[row] = scores.get(row, 0.0) + 0.3 * ((1 + value) / 2 if normalise else value)
        assert ids == ranked(scores)


def test_distances_alone_are_smaller_first(target: Target, collections: Collections) -> None:
    """Weighted distances of one kind stay distances: the smallest comes first."""
    name = rows.make(target, collections)
    requests = [ann(name, rows.QUERIES[:1], "vec"), ann(name, rows.QUERIES[:1], "vec")]
    response = hybrid(target, name, requests, "weighted", {"weights": [0.5, 0.5]})
    assert rows.found(response) == [rows.nearest(rows.QUERIES[0])[:10]]
    assert list(response.results.scores) == sorted(response.results.scores)


def test_filters_and_outputs(target: Target, collections: Collections) -> None:
    """Each search has its own filter; the answer carries the output fields of its rows."""
    name = rows.make(target, collections)
    requests = [
        ann(name, rows.QUERIES[:1], "vec", filter="id < 20"),
        ann(name, rows.QUERIES[:1], "other", filter="id >= 220"),
    ]
    response = hybrid(target, name, requests, limit=40, outputs=["colour"])
    (ids,) = rows.found(response)
    assert sorted(ids) == [*range(20), *range(220, 240)]
    (colours,) = response.results.fields_data
    assert list(colours.scalars.string_data.data) == [rows.COLOURS[row] for row in ids]


def grouped_scores(query: Vectors, size: int) -> dict[int, np.float32]:
    """RRF of searches that are grouped themselves: each finds the best of WIDE groups, so here of all."""
    scores: dict[int, np.float32] = {}
    for order in (rows.nearest(query), rows.most_alike(query)):
        counts: dict[str, int] = {}
        kept = []
        for row in order:
            counts[rows.COLOURS[row]] = counts.get(rows.COLOURS[row], 0) + 1
            if counts[rows.COLOURS[row]] <= size:
                kept.append(row)
        for rank, row in enumerate(kept, 1):
            scores[row] = np.float32(scores.get(row, np.float32(0)) + np.float32(1 / (60 + rank)))
    return scores


def test_hybrid_groups(target: Target, collections: Collections) -> None:
    """Groups of a hybrid search are ranked by their best hit, each with its best hits behind one another."""
    name = rows.make(target, collections)
    response = hybrid(target, name, both(name, rows.QUERIES[:1]), limit=3, group_by_field="colour", group_size=2)
    check_accepted(response)
    scores = grouped_scores(rows.QUERIES[0], 2)
    groups: dict[str, list[int]] = {}
    for row in ranked(scores, len(scores)):  # type: ignore[arg-type]
        groups.setdefault(rows.COLOURS[row], []).append(row)
    best = sorted(groups.values(), key=lambda group: (-scores[group[0]], -len(group[:2]), group[0]))[:3]
    assert rows.found(response) == [[row for group in best for row in group[:2]]]


def decay(field: str = "number", **params: Any) -> Any:
    given = {"reranker": "decay", "function": "gauss", "origin": 3, "scale": 2, **params}
    function = schema_pb2.FunctionSchema(
        name="d",
        type=schema_pb2.FunctionType.Rerank,
        input_field_names=[field],
        params=pairs({key: value for key, value in given.items() if value is not None}),
    )
    return schema_pb2.FunctionScore(functions=[function])


FACTORS = {
    "gauss": lambda away: np.exp(away**2 / (4 / np.log(0.5))),
    "exp": lambda away: np.exp(np.log(0.5) / 2 * away),
    "linear": lambda away: max(0.5, 1 - 0.25 * away),
}


@pytest.mark.parametrize("function", list(FACTORS))
def test_decay(target: Target, collections: Collections, function: str) -> None:
    """A decay multiplies scores by how near a field is to its origin; a null leaves nothing."""
    name = rows.make(target, collections)
    response = target.ask(
        "Search",
        collection_name=name,
        dsl_type=common_pb2.BoolExprV1,
        placeholder_group=placeholders(rows.QUERIES[:1]),
        nq=1,
        search_params={"anns_field": "vec", "topk": WIDE},
        function_score=decay(function=function),
    )
    check_accepted(response)
    squared, _ = distances(rows.QUERIES[0])
    scores = {}
    for row, value in squared.items():
        number = rows.NUMBERS[row]
        factor = 0.0 if number is None else FACTORS[function](abs(number - 3))
        scores[row] = (1 - 2 * np.arctan(value) / np.pi) * factor
    assert np.allclose(response.results.scores, sorted(scores.values(), reverse=True), atol=1e-6)


def test_decay_of_hybrid(target: Target, collections: Collections) -> None:
    """In a hybrid search a decay takes the place of the rank parameters."""
    name = rows.make(target, collections)
    response = hybrid(target, name, both(name, rows.QUERIES[:1]), score=decay(score_mode="sum"))
    check_accepted(response)
    squared, cosines = distances(rows.QUERIES[0])
    scores: dict[int, float] = {row: 1 - 2 * np.arctan(value) / np.pi for row, value in squared.items()}
    for row, value in cosines.items():
        scores[row] = scores.get(row, 0.0) + value
    for row in scores:
        number = rows.NUMBERS[row]
        scores[row] *= 0.0 if number is None else FACTORS["gauss"](abs(number - 3))
    assert np.allclose(response.results.scores, sorted(scores.values(), reverse=True)[:10], atol=1e-6)


BUILDER = "rerank_builder: "


@pytest.mark.parametrize(
    ("asked", "refusal"),
    [
        ({"params": {"k": 0}}, invalid("The rank params k should be in range (0, 16384)")),
        ({"params": {"k": 16384}}, invalid("The rank params k should be in range (0, 16384)")),
        ({"params": {"k": "x"}}, invalid(
            BUILDER + "the type of rank param k should be float: invalid parameter")),
        ({"strategy": "none"}, invalid(BUILDER + "unsupported rank type none: invalid parameter")),
        ({"strategy": "weighted"}, invalid(BUILDER + "weighted reranker requires weights parameter")),
        ({"strategy": "weighted", "params": {"weights": [1, 2]}}, invalid(
            "rank param weight should be in range [0, 1]")),
        ({"strategy": "weighted", "params": {"weights": [0.5]}}, Refusal(
            1100, 5,
            "the length of weights param mismatch with ann search requests: invalid parameter[expected=2][actual=1]",
            input_error=True)),
        ({"limit": None}, invalid("limit not found in rank_params")),
        ({"limit": "x"}, invalid("limit [x] is invalid")),
        ({"limit": 16384, "offset": 1}, invalid(
            "invalid max query result window, (offset+limit) should be in range [1, 16384], but got 16385"
            ": invalid parameter")),
        ({"round_decimal": 7}, invalid("round_decimal [7] is invalid, should be -1 or an integer in range [0, 6]")),
        ({"order_by_fields": "number"}, invalid("order_by is not supported for hybrid search")),
        ({"score": decay(function=None)}, missing("decay function not specified")),
        ({"score": decay(origin=None)}, missing("decay origin not specified")),
        ({"score": decay(scale=0)}, invalid(
            BUILDER + "decay: scale must be > 0, got 0.000000: invalid parameter")),
        ({"score": decay(origin="x")}, invalid("decay param origin: x is not a number")),
        ({"score": decay(score_mode="min")}, invalid("unsupported score_mode: min, only supports [max, sum, avg]")),
    ],
)  # fmt: skip
def test_ranking_refused(target: Target, collections: Collections, asked: dict[str, Any], refusal: Refusal) -> None:
    """Rank parameters that make no sense are refused."""
    name = rows.make(target, collections)
    check_refused(hybrid(target, name, both(name, rows.QUERIES[:1]), **asked), refusal, target.version)


def test_decay_of_times(target: Target, collections: Collections) -> None:
    """A decay goes with numbers, and moments are none."""
    name = collections.make([id_field(), vector_field(), field("moment", T.Timestamptz, nullable=True)])
    params = {"index_type": "FLAT", "metric_type": "L2"}
    target.done("CreateIndex", collection_name=name, field_name="vec", extra_params=params)
    target.load(name)
    response = target.ask(
        "Search",
        collection_name=name,
        dsl_type=common_pb2.BoolExprV1,
        placeholder_group=placeholders(random_vectors(1, seed=1)),
        nq=1,
        search_params={"anns_field": "vec", "topk": 5},
        function_score=decay("moment"),
    )
    refusal = invalid(BUILDER + "decay input field moment must be numeric, got Timestamptz")
    check_refused(response, refusal, target.version)


def test_as_many_queries(target: Target, collections: Collections) -> None:
    """Every search of a hybrid search has as many query vectors."""
    name = rows.make(target, collections)
    requests = [ann(name, rows.QUERIES[:2], "vec"), ann(name, rows.QUERIES[:1], "other")]
    refusal = Refusal(
        1100, 5, "sub search request nq should be the same: invalid parameter[expected=2][actual=1]", input_error=True
    )
    check_refused(hybrid(target, name, requests), refusal, target.version)
