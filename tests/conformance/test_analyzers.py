"""RunAnalyzer, and the analyzers of a schema's fields. Since Milvus 2.6."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conformance.making import T, field, vector_field
from tests.conformance.refusals import Refusal, invalid
from tests.conformance.target import Collections, Target
from tests.conformance.test_functions import SPARSE, function, serialized, text_field


@pytest.fixture(autouse=True)
def _since(target: Target) -> None:
    if target.version < (3, 0):
        pytest.skip("since Milvus 2.6")


def analyzed(target: Target, *texts: str, **fields: Any) -> list[list[str]]:
    response = target.done("RunAnalyzer", placeholder=[text.encode() for text in texts], **fields)
    return [[token.token for token in result.tokens] for result in response.results]


def made(target: Target, collections: Collections, *, load: bool = True, **params: str) -> str:
    """A collection with a text field that is the input of a BM25."""
    name = collections.name()
    fields = [text_field(**params), SPARSE, field("lang", T.VarChar, max_length=9)]
    target.done("CreateCollection", collection_name=name, schema=serialized(name, fields, function()))
    if load:
        index = {"index_type": "SPARSE_INVERTED_INDEX", "metric_type": "BM25"}
        target.done("CreateIndex", collection_name=name, field_name="sparse", extra_params=index)
        target.load(name)
    return name


def test_default_analyzer(target: Target) -> None:
    """Without parameters a text is cut where it is not alphanumeric, and made small."""
    assert analyzed(target, "Hello, World-2!", "") == [["hello", "world", "2"], []]


def test_parameters(target: Target) -> None:
    """The parameters make the analyzer."""
    assert analyzed(target, "The Dogs", analyzer_params='{"type": "english"}') == [["dog"]]


def test_no_texts(target: Target) -> None:
    """Without texts nothing is looked at, not even the parameters."""
    assert analyzed(target, analyzer_params="{") == []


def test_details(target: Target) -> None:
    """Details are where a token stood, in bytes, and its hash; only what was asked for is filled in."""
    (result,) = target.done("RunAnalyzer", placeholder=["Ä b".encode()], with_detail=True, with_hash=True).results
    first, second = result.tokens
    assert (first.token, first.start_offset, first.end_offset, first.position, first.position_length) == (
        "ä", 0, 2, 0, 1,
    )  # fmt: skip
    assert (second.start_offset, second.end_offset, second.position, second.hash) == (3, 4, 1, 1908338681)
    (plain,) = target.done("RunAnalyzer", placeholder=["Ä b".encode()]).results
    assert (plain.tokens[1].start_offset, plain.tokens[1].hash) == (0, 0)


def test_bad_parameters(target: Target) -> None:
    """What no analyzer can be made of is refused with the parameters; Milvus names a line of its source as well."""
    response = target.ask("RunAnalyzer", placeholder=[b"x"], analyzer_params='{"tokenizer": "nope"}')
    assert response.status.code == 2000
    assert (
        "Tokenizer creation failed: create tokenizer failed with error: InvalidArgument: unsupported tokenizer: nope "
        'param: {"tokenizer": "nope"}'
    ) in response.status.reason


def test_by_field(target: Target, collections: Collections) -> None:
    """A loaded collection's field has an analyzer."""
    name = made(target, collections, analyzer_params='{"type": "english"}')
    assert analyzed(target, "the dogs", collection_name=name, field_name="text") == [["dog"]]


def test_by_name(target: Target, collections: Collections) -> None:
    """Of several analyzers one is chosen by its name or alias for all texts, or for each; else it is the default."""
    params = (
        '{"by_field": "lang", "alias": {"eng": "en"}, '
        '"analyzers": {"en": {"type": "english"}, "default": {"tokenizer": "whitespace"}}}'
    )
    name = made(target, collections, multi_analyzer_params=params)

    def by(*names: str) -> list[list[str]]:
        return analyzed(target, "Dogs", "Cats", collection_name=name, field_name="text", analyzer_names=names)

    assert by() == [["Dogs"], ["Cats"]]
    assert by("en") == [["dog"], ["cat"]]
    assert by("eng", "xx") == [["dog"], ["Cats"]]


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"field_name": "text", "analyzer_params": "{}"}, invalid(
            "run analyzer can't use analyzer params and (collection,field) in same time", before=None)),
        ({}, invalid("must set field name when collection name was set", before=None)),
        ({"field_name": "text", "analyzer_names": ["a", "b", "c"]}, invalid(
            "only support set one analyzer name for all text or set analyzer name for each text, "
            "but now analzer name num: 3, text num: 2", before=None)),
        ({"field_name": "nope"}, Refusal(1700, 1, "field not found[field=nope]", input_error=True)),
        ({"field_name": "lang"}, invalid(
            "analyzer runner for field 103 not exist, now only support run analyzer by field if field was bm25/minhash "
            "input field", before=None)),
    ],
)  # fmt: skip
def test_by_field_refused(target: Target, collections: Collections, fields: dict[str, Any], refusal: Refusal) -> None:
    """The rules for an analyzer that a field has."""
    name = made(target, collections)
    target.refused("RunAnalyzer", refusal, placeholder=[b"a", b"b"], collection_name=name, **fields)


def test_needs_a_load(target: Target, collections: Collections) -> None:
    """A field's analyzer runs where its collection is loaded."""
    name = made(target, collections, load=False)
    refused = target.ask("RunAnalyzer", placeholder=[b"a"], collection_name=name, field_name="text").status
    assert refused.code == 101


@pytest.mark.parametrize(
    ("params", "whose", "problem"),
    [
        ({"analyzer_params": '{"type": "x"}'}, "field: text", "InternalError: unknown build-in analyzer type: x"),
        ({"multi_analyzer_params": '{"by_field": "lang", "analyzers": {"default": {}, "a": {"filter": []}}}'},
         "field: text, name: a", "InternalError: tokenizer name or type must be set"),
    ],
)  # fmt: skip
def test_schema_with_a_bad_analyzer(
    target: Target, collections: Collections, params: dict[str, str], whose: str, problem: str
) -> None:
    """The analyzers of a schema are made when it is created."""
    name = collections.name()
    fields = [text_field(**params), SPARSE, field("lang", T.VarChar, max_length=9)]
    response = target.ask("CreateCollection", collection_name=name, schema=serialized(name, fields, function()))
    assert response.code == 1100
    assert response.reason.startswith(f"validate analyzer failed for {whose}, error: ")
    assert f"validate tokenizer failed with error: {problem} param: " in response.reason


def test_unused_analyzers_are_not_made(target: Target, collections: Collections) -> None:
    """The analyzer of a field that is neither matched nor the input of a BM25 may be anything."""
    name = collections.name()
    sent = serialized(name, [text_field(analyzer_params="{"), vector_field()])
    target.done("CreateCollection", collection_name=name, schema=sent)
