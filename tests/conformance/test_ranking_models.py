"""Models that rank hits: what Milvus refuses of them without asking any. Since Milvus 2.6."""

from __future__ import annotations

from typing import Any

import pytest
from pymilvus.grpc_gen import common_pb2, schema_pb2

from tests.conformance import search_rows as rows
from tests.conformance.making import pairs, placeholders
from tests.conformance.refusals import NEW, Refusal, check_refused, invalid, missing
from tests.conformance.target import Collections, Target

BUILDER = "rerank_builder: "
TWICE = ": invalid parameter"
TEI: dict[str, Any] = {"provider": "tei", "queries": '["q"]', "endpoint": "http://localhost:1"}
HOSTED: dict[str, Any] = {"provider": "vllm", "queries": '["q"]'}


@pytest.fixture(autouse=True)
def _since(target: Target) -> None:
    if target.version < NEW:
        pytest.skip("since Milvus 2.6")


def model(inputs: tuple[str, ...] = ("colour",), **params: Any) -> Any:
    given = {"reranker": "model", **params}
    function = schema_pb2.FunctionSchema(
        name="m",
        type=schema_pb2.FunctionType.Rerank,
        input_field_names=inputs,
        params=pairs({key: value for key, value in given.items() if value is not None}),
    )
    return schema_pb2.FunctionScore(functions=[function])


@pytest.mark.parametrize(
    ("score", "refusal"),
    [
        (model(("colour", "number"), **TEI), invalid(BUILDER + "model reranker requires exactly 1 input field, got 2")),
        (model(("none",), **TEI), invalid(BUILDER + "input field none not found in collection schema")),
        (model(("number",), **TEI), invalid(BUILDER + "model input field number must be VarChar, got Int64")),
        (model(provider="tei"), invalid(BUILDER + "rerank function missing required param: queries")),
        (model(**{**TEI, "queries": "7"}), invalid(
            BUILDER + "parse rerank params [queries] failed: json: cannot unmarshal number into Go value"
            " of type []string")),
        (model(**{**TEI, "queries": ""}), invalid(
            BUILDER + "parse rerank params [queries] failed: unexpected end of JSON input")),
        (model(**{**TEI, "queries": "None"}), invalid(
            BUILDER + "parse rerank params [queries] failed: invalid character 'N' looking for beginning of value")),
        (model(**{**TEI, "queries": "[7]"}), invalid(
            BUILDER + "parse rerank params [queries] failed: json: cannot unmarshal number into Go value"
            " of type string")),
        (model(**{**TEI, "queries": "[]"}), missing(BUILDER + "rerank queries must not be empty")),
        (model(queries='["q"]'), invalid(BUILDER + "lost rerank params:provider " + TWICE)),
        (model(**{**TEI, "provider": "openai"}), invalid(BUILDER + "unknown rerank model provider:openai" + TWICE)),
        (model(**TEI, truncate="7"), invalid(
            BUILDER + "Rerank params error, truncate: 7 is not bool type" + TWICE)),
        (model(**TEI, truncation_direction="Up"), invalid(
            BUILDER + "[truncation_direction param's value: Up] is not invalid, only supports [Left/Right]" + TWICE)),
        (model(**TEI, max_client_batch_size="x"), invalid(
            BUILDER + "[max_client_batch_size param's value: x] is not a valid number" + TWICE)),
        (model(**TEI, max_client_batch_size="0"), invalid(
            BUILDER + "[max_client_batch_size param's value: 0] must be greater than 0" + TWICE)),
        (model(**HOSTED), invalid(BUILDER + "rerank function lost params endpoint" + TWICE)),
        (model(**HOSTED, truncate_prompt_tokens="x"), invalid(
            BUILDER + "Rerank params error, truncate_prompt_tokens: x is not a number" + TWICE)),
        (model(**{**TEI, "endpoint": "ftp://host"}), invalid(
            "Map failed: endpoint: [ftp://host] is not a valid http/https link")),
        (model(**{**TEI, "endpoint": "http://"}), invalid(
            "Map failed: endpoint: [http://] is not a valid http/https link")),
        (model(**{**TEI, "endpoint": None}), invalid("Map failed: endpoint: [] is not a valid http/https link")),
        (model(**{**TEI, "queries": '["q", "r"]'}), invalid(
            "Map failed: rerank_model: queries count (2) != nq count (1)")),
        (model(provider="ali", queries='["q"]'), invalid(
            BUILDER + "ali rerank model name is required: missing parameter")),
        (model(provider="cohere", queries='["q"]'), invalid(
            BUILDER + "missing credentials config or configure the MILVUS_COHERE_API_KEY environment variable"
            " in the Milvus service" + TWICE)),
    ],
)  # fmt: skip
def test_model_refused(target: Target, collections: Collections, score: Any, refusal: Refusal) -> None:
    """A model that ranks is described by one text field, queries, a provider and what the provider wants to know."""
    name = rows.make(target, collections)
    response = target.ask(
        "Search",
        collection_name=name,
        dsl_type=common_pb2.BoolExprV1,
        placeholder_group=placeholders(rows.QUERIES[:1]),
        nq=1,
        search_params={"anns_field": "vec", "topk": 5},
        function_score=score,
    )
    check_refused(response, refusal, target.version)
