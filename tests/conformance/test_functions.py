"""Functions that a schema declares on its fields, and the analyzers of text fields. Since Milvus 2.5."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import grpc
import pytest
from pymilvus.grpc_gen import schema_pb2

from tests.conformance.making import T, column, field, id_field, vector_field
from tests.conformance.refusals import Refusal, invalid, missing
from tests.conformance.target import Collections, Target

F = schema_pb2.FunctionType


@pytest.fixture(autouse=True)
def _since(target: Target) -> None:
    if target.version < (3, 0):
        pytest.skip("since Milvus 2.5")


def function(
    type: int = F.BM25,
    inputs: Sequence[str] = ("text",),
    outputs: Sequence[str] = ("sparse",),
    name: str = "f",
    **more: Any,
) -> schema_pb2.FunctionSchema:
    return schema_pb2.FunctionSchema(name=name, type=type, input_field_names=inputs, output_field_names=outputs, **more)


def text_field(name: str = "text", **params: Any) -> schema_pb2.FieldSchema:
    given = {"max_length": 100, "enable_analyzer": "true", **params}
    return field(name, T.VarChar, **{key: value for key, value in given.items() if value is not None})


def serialized(name: str, fields: Sequence[Any], *functions: schema_pb2.FunctionSchema) -> bytes:
    made = schema_pb2.CollectionSchema(name=name, fields=[id_field(), *fields], functions=functions)
    return bytes(made.SerializeToString())


SPARSE = field("sparse", T.SparseFloatVector)
FIELDS = [text_field(), SPARSE]
MODEL = [{"key": "provider", "value": "openai"}, {"key": "model_name", "value": "m"}]


def test_functions_are_described(target: Target, collections: Collections) -> None:
    """Functions are numbered from 100, know the ids of their fields, and mark what they make."""
    name = collections.name()
    hashes = function(F.MinHash, ["text"], ["hashes"], "g", description="of words")
    fields = [*FIELDS, field("hashes", T.BinaryVector, dim=512)]
    target.done("CreateCollection", collection_name=name, schema=serialized(name, fields, function(), hashes))
    described = target.done("DescribeCollection", collection_name=name).schema
    first, second = described.functions
    assert (first.id, first.name, first.type) == (100, "f", F.BM25)
    assert (list(first.input_field_ids), list(first.output_field_ids)) == ([101], [102])
    assert (second.id, second.description, list(second.output_field_names)) == (101, "of words", ["hashes"])
    assert [f.name for f in described.fields if f.is_function_output] == ["sparse", "hashes"]


@pytest.mark.parametrize(
    ("functions", "fields", "refusal"),
    [
        ([function(name="")], FIELDS, missing("function name cannot be empty", before=None)),
        ([function(inputs=[])], FIELDS, missing(
            "function input field names cannot be empty, function: f", before=None)),
        ([function(outputs=[])], FIELDS, missing(
            "function output field names cannot be empty, function: f", before=None)),
        ([function(inputs=[""])], FIELDS, missing(
            "function input field name cannot be empty string, function: f", before=None)),
        ([function(outputs=[""])], FIELDS, missing(
            "function output field name cannot be empty string, function: f", before=None)),
        ([function(inputs=["text", "text"])], FIELDS, invalid(
            "each function input field should be used exactly once in the same function, function: f, "
            "input field: text", before=None)),
        ([function(outputs=["sparse", "sparse"])], FIELDS, invalid(
            "each function output field should be used exactly once in the same function, function: f, "
            "output field: sparse", before=None)),
        ([function(outputs=["text"])], FIELDS, invalid(
            "a single field cannot be both input and output in the same function, function: f, field: text",
            before=None)),
        ([function(F.Rerank)], FIELDS, invalid("check function params with unknown function type", before=None)),
        ([function(), function(outputs=["other"])], FIELDS, invalid("duplicate function name: f", before=None)),
        ([function(inputs=["nope"])], FIELDS, invalid("function input field not found: nope", before=None)),
        ([function(outputs=["nope"])], FIELDS, invalid("function output field not found: nope", before=None)),
        ([function(params=[{"key": "a", "value": "b"}])], FIELDS, invalid(
            "BM25 function accepts no params", before=None)),
        ([function(inputs=["id"])], FIELDS, invalid(
            "BM25 function input field must be a VARCHAR/TEXT field, got 1 field with type Int64", before=None)),
        ([function()], [text_field(enable_analyzer="false"), SPARSE], invalid(
            "BM25 function input field must set enable_analyzer to true", before=None)),
        ([function(outputs=["id"])], FIELDS, invalid(
            "function output field cannot be primary key: function f, field id", before=None)),
        ([function()], [text_field(), field("sparse", T.SparseFloatVector, nullable=True)], invalid(
            "function output field cannot be nullable: function f, field sparse", before=None)),
        ([function(), function(name="g")], FIELDS, invalid(
            "duplicate function output field: function g, field sparse", before=None)),
        ([function(outputs=["vec"])], [*FIELDS, vector_field()], invalid(
            "BM25 function output field must be a SparseFloatVector field, but got FloatVector", before=None)),
        ([function(outputs=["sparse", "vec"])], [*FIELDS, vector_field()], invalid(
            "BM25 function only need 1 output field, but got 2", before=None)),
        ([function(F.MinHash)], FIELDS, invalid(
            "MinHash function output field must be a BinaryVector field, but got SparseFloatVector", before=None)),
        ([function(F.TextEmbedding)], FIELDS, invalid("TextEmbedding function accepts no params", before=None)),
        ([function(F.TextEmbedding, params=[{"key": "provider", "value": "x"}])], FIELDS, invalid(
            "TextEmbedding function output field must be a FloatVector or Int8Vector field", before=None)),
        ([function(F.TextEmbedding, ["id"], params=[{"key": "provider", "value": "x"}])], FIELDS, invalid(
            "TextEmbedding function input field must be a VARCHAR/TEXT field", before=None)),
    ],
)  # fmt: skip
def test_functions_refused(
    target: Target, collections: Collections, functions: Any, fields: Any, refusal: Refusal
) -> None:
    """Milvus' rules for the fields, the types and the parameters of a function."""
    name = collections.name()
    sent = serialized(name, fields, *functions)
    target.refused("CreateCollection", refusal, collection_name=name, schema=sent)


def test_rows_are_not_computed(target: Target, collections: Collections) -> None:
    """Rows whose vectors a model would have to make are refused by the function's type, where there is no model."""
    if target.fake is None:
        pytest.skip("a real Milvus asks a model")
    name = collections.name()
    fields = [text_field(), vector_field()]
    sent = serialized(name, fields, function(F.TextEmbedding, outputs=["vec"], params=MODEL))
    target.done("CreateCollection", collection_name=name, schema=sent)
    columns = [column("id", T.Int64, [1]), column("text", T.VarChar, ["some words"])]
    with pytest.raises(grpc.RpcError) as raised:
        target.insert(name, columns, 1)
    assert raised.value.code() is grpc.StatusCode.UNIMPLEMENTED
    assert "rows for the function TextEmbedding (function f)" in raised.value.details()


def test_analyzers_are_kept(target: Target, collections: Collections) -> None:
    """What a field says of its analyzer is shown again."""
    name = collections.name()
    given = text_field(enable_match="true", analyzer_params='{"tokenizer": "standard"}')
    target.done("CreateCollection", collection_name=name, schema=serialized(name, [given, vector_field()]))
    described = target.done("DescribeCollection", collection_name=name).schema.fields[1]
    assert {pair.key: pair.value for pair in described.type_params} == {
        "max_length": "100",
        "enable_analyzer": "true",
        "enable_match": "true",
        "analyzer_params": '{"tokenizer": "standard"}',
    }


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({"enable_match": "true", "enable_analyzer": "false"},
         "field text which has enable_match or is input of BM25 function must also enable_analyzer"),
        ({"enable_match": "true", "multi_analyzer_params": "{}"},
         "multi analyzer now only support for bm25, but now field text enable match"),
        ({"analyzer_params": "{}", "multi_analyzer_params": "{}"},
         "field text analyzer params should be none if has multi analyzer params"),
        ({"multi_analyzer_params": "{}"},
         "multi analyzer params now must set by_field to specify with field decide analyzer"),
        ({"multi_analyzer_params": '{"by_field": 1}'}, "multi analyzer params by_field must be string but now: 1"),
        ({"multi_analyzer_params": '{"by_field": "nope"}'},
         'multi analyzer dependent field "nope" not exist in collection {name}'),
        ({"multi_analyzer_params": '{"by_field": "id"}'},
         "multi analyzer params now only support by string field, but field id is not string"),
        ({"multi_analyzer_params": '{"by_field": "text", "alias": 1}'},
         "multi analyzer alias must be string map but now: 1"),
        ({"multi_analyzer_params": '{"by_field": "text"}'}, "multi analyzer params must set analyzers "),
        ({"multi_analyzer_params": '{"by_field": "text", "analyzers": {"en": {}}}'},
         "multi analyzer must set default analyzer for all unknown value"),
    ],
)  # fmt: skip
def test_analyzers_refused(target: Target, collections: Collections, params: dict[str, str], text: str) -> None:
    """What can be said of an analyzer without running it."""
    name = collections.name()
    functions = [] if "enable_match" in params else [function()]
    sent = serialized(name, [text_field(**params), SPARSE], *functions)
    target.refused("CreateCollection", invalid(text, before=None), {"name": name}, collection_name=name, schema=sent)
