"""Output fields: what an answer carries, and how it is called, for each way to name it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pymilvus.grpc_gen import schema_pb2

from tests.conformance.making import T, column, field, id_field, random_vectors, schema, vector_column, vector_field
from tests.conformance.refusals import check_accepted, check_refused, invalid
from tests.conformance.target import Collections, Target

ROW = {"x": 1, "y": {"z": 2}, "w": 3}


@pytest.fixture(scope="module")
def loaded(target: Target, shared: Collections) -> str:
    """One row of a collection with a dynamic field and a JSON field."""
    name = shared.make([id_field(), field("n", T.Int64), field("doc", T.JSON), vector_field()], dynamic=True)
    target.done("CreateIndex", collection_name=name, field_name="vec", extra_params={"metric_type": "L2"})
    target.load(name)
    columns = [
        column("id", T.Int64, [1]),
        column("n", T.Int64, [10]),
        column("doc", T.JSON, [b'{"a": 1}']),
        vector_column(random_vectors(1)),
        column("$meta", T.JSON, [json.dumps(ROW).encode()], dynamic=True),
    ]
    check_accepted(target.insert(name, columns, 1))
    return name


def asked(target: Target, name: str, *outputs: str) -> tuple[set[str], Any, set[str]]:
    """The names of the columns, the keys of the dynamic one, and the names that the answer says it carries."""
    response = target.query(name, "id == 1", outputs)
    check_accepted(response)
    dynamic = [data for data in response.fields_data if data.is_dynamic]
    keys = json.loads(dynamic[0].scalars.json_data.data[0]) if dynamic else None
    return {data.field_name for data in response.fields_data}, keys, set(response.output_fields)


def since_3_0(target: Target) -> None:
    if target.version < (3, 0):
        pytest.skip("before 3.0 the dynamic field comes whole")


def test_dynamic_keys(target: Target, loaded: str) -> None:
    """Dynamic keys are cut out of the dynamic field; a key that no row has is no error."""
    since_3_0(target)
    assert asked(target, loaded, "x", "none") == ({"id", "$meta"}, {"x": 1}, {"x", "none"})


def test_explicit_keys(target: Target, loaded: str) -> None:
    """$meta["key"] is the dynamic key, and is told as it was written."""
    since_3_0(target)
    assert asked(target, loaded, '$meta["w"]', "$meta['y']") == (
        {"id", "$meta"},
        {"w": 3, "y": {"z": 2}},
        {'$meta["w"]', "$meta['y']"},
    )


def test_the_dynamic_field(target: Target, loaded: str) -> None:
    """$meta is all of it, and beside a key only that key."""
    since_3_0(target)
    assert asked(target, loaded, "$meta") == ({"id", "$meta"}, ROW, {"$meta"})
    assert asked(target, loaded, "$meta", "x")[1] == {"x": 1}


def test_everything(target: Target, loaded: str) -> None:
    """* is every field and the whole dynamic field, whatever keys stand beside it."""
    columns, keys, names = asked(target, loaded, "*", "x")
    assert (columns, keys) == ({"id", "n", "doc", "vec", "$meta"}, ROW)
    assert names >= {"id", "n", "doc", "vec"}


def test_blanks_do_not_count(target: Target, loaded: str) -> None:
    """Blanks around a name are passed over."""
    assert asked(target, loaded, " n ")[0] == {"id", "n"}


NO_KEY = ['$meta["y"]["z"]', 'y["z"]', 'doc["a"]', "a b", "in", "exists", "%"]
NO_NAME = ["1", '"x"', "x == 1", "max(x, y)", "length(x)"]


@pytest.mark.parametrize("name", [*NO_KEY, *NO_NAME])
def test_no_key(target: Target, loaded: str, name: str) -> None:
    """What is no dynamic key of one level is refused: deeper paths, keys of JSON fields, keywords, expressions."""
    if target.version < (3, 0) and name in NO_NAME:
        pytest.skip("such a request ends a server of 2.3.5")
    refusal = invalid(f"parse output field name failed: {name}")
    check_refused(target.query(loaded, "id == 1", [name]), refusal, target.version)


@pytest.mark.parametrize("name", ['n["a"]', "x", "$meta", '$meta["x"]', ""])
def test_without_a_dynamic_field(target: Target, collections: Collections, name: str) -> None:
    """Without a dynamic field only fields can be named."""
    made = collections.make([id_field(), field("n", T.Int64), vector_field()])
    target.done("CreateIndex", collection_name=made, field_name="vec", extra_params={"metric_type": "L2"})
    target.load(made)
    check_refused(target.query(made, "id == 1", [name]), invalid(f"field {name} not exist"), target.version)


def test_what_only_an_index_has(target: Target, collections: Collections) -> None:
    """What a BM25 function makes cannot be asked for."""
    since_3_0(target)
    name = collections.name()
    made = schema_pb2.CollectionSchema()
    text = field("text", T.VarChar, max_length=99, enable_analyzer="true")
    made.ParseFromString(schema(name, [id_field(), text, field("sparse", T.SparseFloatVector)]))
    made.functions.add(name="f", type=1, input_field_names=["text"], output_field_names=["sparse"])
    target.done("CreateCollection", collection_name=name, schema=made.SerializeToString())
    refusal = invalid("not allowed to retrieve raw data of field sparse")
    check_refused(target.query(name, "id == 1", ["sparse"]), refusal, target.version)
