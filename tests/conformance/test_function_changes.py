"""Functions of a collection that is there: added, altered, dropped. Since Milvus 2.6."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from pymilvus.grpc_gen import milvus_pb2, schema_pb2

from tests.conformance.making import T, field, vector_field
from tests.conformance.refusals import check_accepted, check_refused, invalid
from tests.conformance.target import Collections, Target
from tests.conformance.test_functions import FIELDS, F, function, serialized, text_field

HASHES = field("hashes", T.BinaryVector, dim=512)
MINHASH = function(F.MinHash, ["text"], ["hashes"], "g")


@pytest.fixture(autouse=True)
def _since(target: Target) -> None:
    if not hasattr(milvus_pb2, "AddCollectionFunctionRequest"):
        pytest.skip("this pymilvus does not know the rpcs")
    if target.fake is None:
        pytest.skip("a real server takes functions only with its storage format 3")


def made(target: Target, collections: Collections, *functions: Any, fields: Sequence[Any] = (*FIELDS, HASHES)) -> str:
    name = collections.name()
    target.done("CreateCollection", collection_name=name, schema=serialized(name, fields, *functions))
    return name


def functions(target: Target, name: str) -> list[schema_pb2.FunctionSchema]:
    return list(target.done("DescribeCollection", collection_name=name).schema.functions)


def drop(target: Target, name: str, dropped: str, outputs: bool) -> Any:
    request = milvus_pb2.AlterCollectionSchemaRequest
    inner = request.DropRequest(function_name=dropped, drop_function_output_fields=outputs)
    action = request.Action(drop_request=inner)
    return target.ask("AlterCollectionSchema", collection_name=name, action=action).alter_status


def test_added_function(target: Target, collections: Collections) -> None:
    """A function that is added marks the field that it makes."""
    name = made(target, collections)
    check_accepted(target.ask("AddCollectionFunction", collection_name=name, functionSchema=MINHASH))
    assert [f.name for f in functions(target, name)] == ["g"]
    described = target.done("DescribeCollection", collection_name=name).schema
    assert [f.name for f in described.fields if f.is_function_output] == ["hashes"]


def test_altered_function(target: Target, collections: Collections) -> None:
    """An altered function stands behind the others, with its new description."""
    name = made(target, collections, MINHASH)
    new = function(F.MinHash, ["text"], ["hashes"], "g", description="new")
    check_accepted(target.ask("AlterCollectionFunction", collection_name=name, function_name="g", functionSchema=new))
    assert [f.description for f in functions(target, name)] == ["new"]


def test_dropped_function_leaves_its_field(target: Target, collections: Collections) -> None:
    """The field that a dropped function made stays, as a field like any other."""
    name = made(target, collections, MINHASH)
    check_accepted(target.ask("DropCollectionFunction", collection_name=name, function_name="g"))
    described = target.done("DescribeCollection", collection_name=name).schema
    assert not described.functions
    assert "hashes" in [f.name for f in described.fields if not f.is_function_output]


def test_unknown_function_dropped(target: Target, collections: Collections) -> None:
    """Dropping a function that is not there is no complaint."""
    name = made(target, collections, MINHASH)
    check_accepted(target.ask("DropCollectionFunction", collection_name=name, function_name="none"))
    assert len(functions(target, name)) == 1


def test_function_dropped_with_its_field(target: Target, collections: Collections) -> None:
    """A function can take the field that it made with it."""
    name = made(target, collections, function(), MINHASH)
    check_accepted(drop(target, name, "f", outputs=True))
    described = target.done("DescribeCollection", collection_name=name).schema
    assert [f.name for f in described.fields] == ["id", "text", "hashes"]
    assert [f.name for f in described.functions] == ["g"]


@pytest.mark.parametrize(
    ("dropped", "outputs", "text"),
    [
        ("", False, "function name is empty"),
        ("none", False, "function not found: none"),
        ("f", False, "BM25 function must be dropped with its output field in drop_function_field interface: f"),
        ("f", True, "cannot drop function f: it would leave no vector field in the collection"),
    ],
)
def test_drop_refused(target: Target, collections: Collections, dropped: str, outputs: bool, text: str) -> None:
    """A function that cannot be dropped so stays."""
    name = made(target, collections, function(), fields=FIELDS)
    check_refused(drop(target, name, dropped, outputs), invalid(text), target.version)
    assert len(functions(target, name)) == 1


@pytest.mark.parametrize(
    ("rpc", "asked", "text"),
    [
        ("AddCollectionFunction", {}, "function schema is empty"),
        ("AddCollectionFunction", {"functionSchema": function()}, "currently does not support adding BM25 function"),
        ("AlterCollectionFunction", {"functionSchema": function()}, "currently does not support alter BM25 function"),
        ("AlterCollectionFunction", {"functionSchema": MINHASH}, "invalid function config, name not match"),
        ("AlterCollectionFunction", {"functionSchema": MINHASH, "function_name": "g"}, "function g not found"),
        ("DropCollectionFunction", {"function_name": "f"}, "currently does not support droping BM25 function"),
    ],
)
def test_change_refused(target: Target, collections: Collections, rpc: str, asked: dict[str, Any], text: str) -> None:
    """A change that cannot be made is refused, and the functions stay."""
    name = made(target, collections, function())
    check_refused(target.ask(rpc, collection_name=name, **asked), invalid(text), target.version)
    assert [f.name for f in functions(target, name)] == ["f"]


def test_function_of_text_added(target: Target, collections: Collections) -> None:
    """What a function would make of TEXT cannot be made for rows that are there."""
    text = text_field()
    text.data_type = T.Text
    name = made(target, collections, fields=[text, vector_field(), HASHES])
    response = target.ask("AddCollectionFunction", collection_name=name, functionSchema=MINHASH)
    expected = (
        "adding a MinHash function with a TEXT input field (text) is not supported: its output cannot be backfilled "
        "into existing segments; use a VARCHAR input field"
    )
    check_refused(response, invalid(expected), target.version)
