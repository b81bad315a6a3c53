"""Boosts: functions that change the distances of the rows that pass a filter. Since Milvus 2.6."""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
from pymilvus.grpc_gen import common_pb2, schema_pb2

from tests.conformance import search_rows as rows
from tests.conformance.making import pairs, placeholders
from tests.conformance.refusals import NEW, Refusal, check_accepted, check_refused, invalid
from tests.conformance.target import Collections, Target

WIDE = rows.ROWS


@pytest.fixture(autouse=True)
def _since(target: Target) -> None:
    if target.version < NEW:
        pytest.skip("since Milvus 2.6")


def boost(weight: Any = 1.0, **params: Any) -> Any:
    given = {"reranker": "boost", "weight": weight, **params}
    return schema_pb2.FunctionSchema(
        name="b",
        type=schema_pb2.FunctionType.Rerank,
        params=pairs({key: value for key, value in given.items() if value is not None}),
    )


def search(target: Target, name: str, *functions: Any, **params: Any) -> Any:
    """The response to a search with these boosts; ``params`` are those of the score, others start with search_."""
    asked = {key[7:]: params.pop(key) for key in list(params) if key.startswith("search_")}
    return target.ask(
        "Search",
        collection_name=name,
        dsl_type=common_pb2.BoolExprV1,
        placeholder_group=placeholders(rows.QUERIES[:1]),
        nq=1,
        search_params={"anns_field": "vec", "topk": WIDE, **asked},
        function_score=schema_pb2.FunctionScore(functions=functions, params=pairs(params)),
    )


def distances() -> Any:
    return ((rows.VECTORS - rows.QUERIES[0]) ** 2).sum(axis=1)


def check(response: Any, expected: Any) -> None:
    """The hits are those with the smallest of these distances."""
    check_accepted(response)
    assert np.allclose(response.results.scores, np.sort(expected), rtol=1e-5)
    (ids,) = rows.found(response)
    assert np.allclose(expected[ids], response.results.scores, rtol=1e-5)


def test_weight(target: Target, collections: Collections) -> None:
    """A weight multiplies the distances of the rows that pass; the others stay as they are."""
    name = rows.make(target, collections)
    passes = np.arange(rows.ROWS) % 3 == 0
    check(search(target, name, boost(0.1, filter="id % 3 == 0")), np.where(passes, distances() * 0.1, distances()))


def test_templates(target: Target, collections: Collections) -> None:
    """Template values are for the filters of boosts as well as for the search's own."""
    name = rows.make(target, collections)
    passes = np.arange(rows.ROWS) % 3 == 0
    zero = schema_pb2.TemplateValue(int64_val=0)
    response = target.ask(
        "Search",
        collection_name=name,
        dsl="id >= {least}",
        dsl_type=common_pb2.BoolExprV1,
        expr_template_values=MappingProxyType({"rest": zero, "least": zero}),
        placeholder_group=placeholders(rows.QUERIES[:1]),
        nq=1,
        search_params={"anns_field": "vec", "topk": WIDE},
        function_score=schema_pb2.FunctionScore(functions=[boost(0.1, filter="id % 3 == {rest}")]),
    )
    check(response, np.where(passes, distances() * 0.1, distances()))


def test_weight_of_all(target: Target, collections: Collections) -> None:
    """A boost without a filter is for all rows."""
    name = rows.make(target, collections)
    check(search(target, name, boost(2)), distances() * 2)


@pytest.mark.parametrize("boost_mode", ["Multiply", "sum"])
@pytest.mark.parametrize("function_mode", ["multiply", "Sum"])
def test_several(target: Target, collections: Collections, boost_mode: str, function_mode: str) -> None:
    """The weights of a row are multiplied or added; a distance is multiplied by that, or it is taken from it."""
    name = rows.make(target, collections)
    response = search(
        target,
        name,
        boost(3, filter="id < 100"),
        boost(5, filter="id >= 50 and id < 150"),
        boost_mode=boost_mode,
        function_mode=function_mode,
    )
    row = np.arange(rows.ROWS)
    joined = 15 if function_mode == "multiply" else 8
    weights = np.select([row < 50, row < 100, row < 150], [3, joined, 5], 0)
    changed = distances() * weights if boost_mode == "Multiply" else distances() - weights
    check(response, np.where(weights > 0, changed, distances()))


def test_chance(target: Target, collections: Collections) -> None:
    """A random score depends on the seed and the field, and is the same again for the same."""
    name = rows.make(target, collections)

    def scores(seed: int) -> list[float]:
        chance = json.dumps({"seed": seed, "field": "id"})
        response = search(target, name, boost(1, random_score=chance), boost_mode="sum")
        check_accepted(response)
        (ids,) = rows.found(response)
        added = distances()[ids] - np.array(response.results.scores)
        assert added.min() > -1e-5
        assert added.max() < 1
        return list(added[np.argsort(ids)])

    assert np.allclose(scores(7), scores(7))
    assert not np.allclose(scores(7), scores(8))
    assert 0.4 < np.mean(scores(7)) < 0.6


PLAN = "failed to create query plan: "


@pytest.mark.parametrize(
    ("function", "params", "refusal"),
    [
        (boost(None), {}, invalid(PLAN + "must set weight params for weight scorer: query plan failed")),
        (boost("x"), {}, invalid(
            PLAN + 'parse function scorer weight params failed: strconv.ParseFloat: parsing "x": invalid syntax'
            ": query plan failed")),
        (boost(1), {"boost_mode": "none"}, invalid(PLAN + "unknown boost mode: none: invalid parameter")),
        (boost(1), {"function_mode": "none"}, invalid(PLAN + "unknown function mode: none: invalid parameter")),
        (boost(1, random_score='{"seed": "x"}'), {}, invalid(
            PLAN + "random seed must be number: invalid parameter")),
        (boost(1, random_score='{"field": "colour"}'), {}, invalid(
            PLAN + "only support int64 field as random seed, but got VarChar: invalid parameter")),
        (boost(1), {"search_group_by_field": "colour"}, invalid(
            PLAN + "don't support use segment scorer with group_by or search_iterator: query plan failed")),
    ],
)  # fmt: skip
def test_boost_refused(
    target: Target, collections: Collections, function: Any, params: dict[str, Any], refusal: Refusal
) -> None:
    """A boost that makes no sense is refused with the plan."""
    name = rows.make(target, collections)
    check_refused(search(target, name, function, **params), refusal, target.version)
