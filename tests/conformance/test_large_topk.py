"""Collections whose searches and queries may ask for a million hits: the property query_mode. Since Milvus 3.0."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conformance.making import random_vectors, schema
from tests.conformance.refusals import NEW, Refusal, check_accepted, check_refused, invalid
from tests.conformance.target import Collections, Target

LARGE = {"query_mode": "large_topk"}
WINDOW = "it should be in range [1, {most}], but got {asked}: invalid parameter"


@pytest.fixture(autouse=True)
def _since(target: Target) -> None:
    if target.version < NEW:
        pytest.skip("since Milvus 3.0")


def loaded(target: Target, collections: Collections, **properties: Any) -> str:
    name = collections.make(properties=properties)
    target.done("CreateIndex", collection_name=name, field_name="vec", extra_params={"metric_type": "L2"})
    target.load(name)
    return name


def test_large_topk(target: Target, collections: Collections) -> None:
    """With the property a search, and a query, may ask for a million."""
    name = loaded(target, collections, **LARGE)
    check_accepted(target.search(name, random_vectors(1), 1_000_000))
    check_accepted(target.query(name, "id > 0", limit=1_000_000))
    refusal = invalid("topk [1000001] is invalid, " + WINDOW.format(most=1_000_000, asked=1_000_001))
    check_refused(target.search(name, random_vectors(1), 1_000_001), refusal, target.version)


def test_usual_topk(target: Target, collections: Collections) -> None:
    """Without it the limit is what it always was."""
    name = loaded(target, collections)
    refusal = invalid("topk [16385] is invalid, " + WINDOW.format(most=16_384, asked=16_385))
    check_refused(target.search(name, random_vectors(1), 16_385), refusal, target.version)


@pytest.mark.parametrize(
    ("properties", "refusal"),
    [
        ({"query_mode": "fast"}, invalid('invalid query_mode value "fast", valid values: [large_topk]')),
        ({"Query_Mode": "large_topk"}, invalid('invalid property key "Query_Mode", did you mean "query_mode"?')),
    ],
)
def test_mode_refused(target: Target, collections: Collections, properties: dict[str, str], refusal: Refusal) -> None:
    """A mode that there is not is refused."""
    name = collections.name()
    response = target.ask("CreateCollection", collection_name=name, schema=schema(name), properties=properties)
    check_refused(response, refusal, target.version)


def test_mode_under_an_index(target: Target, collections: Collections) -> None:
    """The mode is not changed while a vector is indexed."""
    name = loaded(target, collections)
    refusal = Refusal(
        702, 1,
        "can not alter query_mode if the collection already has a vector index. Please drop the index first"
        ": index duplicates[indexName=vec]",
    )  # fmt: skip
    response = target.ask("AlterCollection", collection_name=name, properties=LARGE)
    assert response.code == refusal.code
    assert response.reason == refusal.text
