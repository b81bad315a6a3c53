"""The highlighter of a search. Since Milvus 2.6."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pymilvus.grpc_gen import common_pb2

from tests.conformance.making import pairs
from tests.conformance.refusals import Refusal, check_refused, invalid
from tests.conformance.target import STRONG, Collections, Target
from tests.conformance.test_full_text import group, made


@pytest.fixture(autouse=True)
def _since(target: Target) -> None:
    if target.version < (3, 0):
        pytest.skip("since Milvus 2.6")


def searched(target: Target, name: str, *texts: str, params: dict[str, str], **more: Any) -> Any:
    given = {"topk": 3, "params": "{}", "anns_field": "sparse", "metric_type": "BM25", **more}
    return target.ask(
        "Search",
        collection_name=name,
        placeholder_group=group(*texts),
        nq=len(texts),
        dsl_type=common_pb2.BoolExprV1,
        consistency_level=STRONG,
        search_params=pairs({key: value for key, value in given.items() if value is not None}),
        highlighter=common_pb2.Highlighter(type=common_pb2.HighlightType.Lexical, params=pairs(params)),
    )


def shown(response: Any) -> dict[str, list[list[str]]]:
    assert response.status.code == 0, response.status.reason
    return {one.field_name: [list(data.fragments) for data in one.datas] for one in response.results.highlight_results}


def test_terms_of_the_search(target: Target, collections: Collections) -> None:
    """Every hit shows the terms of its own query, though the text is no output field."""
    name = made(target, collections)
    response = searched(target, name, "fun", "nets", params={"highlight_search_text": "true"})
    assert shown(response) == {"text": [["<em>fun</em>"], ["<em>nets</em>"]]}


def test_tags_and_offset(target: Target, collections: Collections) -> None:
    """Tags and where a piece begins are asked for."""
    name = made(target, collections)
    params = {"highlight_search_text": "true", "pre_tags": '["{"]', "post_tags": '["}"]', "fragment_offset": "8"}
    assert shown(searched(target, name, "fun", params=params)) == {"text": [["ning is {fun}"]]}


def test_other_terms(target: Target, collections: Collections) -> None:
    """Terms of a query of its own are shown in every hit."""
    name = made(target, collections)
    params = {"highlight_query": '[{"type": "TextMatch", "field": "text", "text": "machine"}]'}
    (pieces,) = shown(searched(target, name, "learning", params=params)).values()
    assert sorted(pieces) == [["<em>machine</em>"], ["<em>machine</em> learning is fun"]]


def test_nothing_found(target: Target, collections: Collections) -> None:
    """Without hits nothing is shown."""
    name = made(target, collections)
    assert shown(searched(target, name, "unheard", params={"highlight_search_text": "true"})) == {}


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({"pre_tags": "[]"}, "pre_tags cannot be empty list"),
        ({"post_tags": "[]"}, "post_tags cannot be empty list"),
        ({"fragment_size": "0"}, "invalid fragment_size: 0"),
        ({"fragment_size": "0.1"}, "invalid fragment_size: 0.1"),
        ({"num_of_fragments": "-1"}, "invalid num_of_fragments: -1"),
        ({"fragment_offset": "x"}, "invalid fragment_offset: x"),
        ({"highlight_query": "[1]"}, "unmarshal highlight queries failed: item in array is not json object"),
        ({"highlight_query": "[{}]"}, "unmarshal highlight queries failed: must set `text` in query"),
        ({"highlight_query": '[{"text": 1}]'}, "unmarshal highlight queries failed: `text` must be string"),
        ({"highlight_query": '[{"text": "x"}]'}, "unmarshal highlight queries failed: must set `type` in query"),
        ({"highlight_query": '[{"text": "x", "type": "y"}]'},
         "unmarshal highlight queries failed: invalid highlight query type: y"),
        ({"highlight_query": '[{"text": "x", "type": "TextMatch", "field": "nope"}]'},
         "highlight field not found in schema: nope"),
    ],
)  # fmt: skip
def test_refused(target: Target, collections: Collections, params: dict[str, str], text: str) -> None:
    """What is wrong with a highlighter."""
    name = made(target, collections)
    check_refused(searched(target, name, "x", params=params), invalid(text, before=None), target.version)


def test_needs_the_metric(target: Target, collections: Collections) -> None:
    """A search whose terms are shown names its metric."""
    name = made(target, collections)
    response = searched(target, name, "x", params={"highlight_search_text": "true"}, metric_type=None)
    refusal: Refusal = invalid('Search highlight only support with metric type "BM25" but was: ', before=None)
    check_refused(response, refusal, target.version)


def test_field_without_analyzer(target: Target, collections: Collections) -> None:
    """A field that is not analyzed has no terms to show; Milvus tries it when there are hits."""
    name = made(target, collections)
    params = {"highlight_query": '[{"type": "TextMatch", "field": "lang", "text": "x"}]'}
    response = searched(target, name, "machine", params=params)
    assert response.status.code == 1100
    assert "get highlight failed, the highlight field not found, lang:102" in response.status.reason
    assert not np.array(response.results.scores).size
