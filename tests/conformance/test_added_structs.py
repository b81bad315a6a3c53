"""Struct arrays added to a collection that is there. Since Milvus 3.0."""

from __future__ import annotations

from typing import Any

import pytest
from pymilvus.grpc_gen import milvus_pb2, schema_pb2

from tests.conformance.making import T, array_column, field, plain_rows
from tests.conformance.refusals import Refusal, check_accepted, check_refused, invalid
from tests.conformance.target import Collections, Target
from tests.conformance.test_structs import make, serialized, shown, struct, structs, sub


@pytest.fixture(autouse=True)
def _since(target: Target) -> None:
    if not hasattr(milvus_pb2, "AddCollectionStructFieldRequest"):
        pytest.skip("this pymilvus does not know the rpc")
    if target.version < (3, 0):
        pytest.skip("since Milvus 3.0")


def created(target: Target, collections: Collections, *declared: schema_pb2.StructArrayFieldSchema) -> str:
    name = collections.name()
    target.done("CreateCollection", collection_name=name, schema=serialized(name, *declared))
    return name


def add(target: Target, name: str, declared: schema_pb2.StructArrayFieldSchema) -> Any:
    return target.ask("AddCollectionStructField", collection_name=name, struct_array_field_schema=declared)


GOOD = struct("s", sub("a", T.Int32), sub("v", T.FloatVector), nullable=True)


def test_added_struct_gets_new_ids(target: Target, collections: Collections) -> None:
    """A struct that is added stands behind the others, with the ids after the highest so far."""
    name = created(target, collections)
    check_accepted(add(target, name, GOOD))
    described = target.done("DescribeCollection", collection_name=name).schema
    (made,) = described.struct_array_fields
    assert (made.name, made.fieldID, made.nullable) == ("s", 102, True)
    assert [(f.name, f.fieldID, f.nullable) for f in made.fields] == [("a", 103, True), ("v", 104, True)]


def test_ids_are_never_given_again(target: Target, collections: Collections) -> None:
    """A field that is added after a struct does not get the id of one of the struct's fields."""
    name = created(target, collections)
    check_accepted(add(target, name, GOOD))
    late = field("late", T.Int64, nullable=True)
    target.done("AddCollectionField", collection_name=name, schema=late.SerializeToString())
    described = target.done("DescribeCollection", collection_name=name).schema
    assert described.fields[-1].fieldID == 105


def test_rows_that_are_there_show_null(target: Target, collections: Collections) -> None:
    """Rows from before an added struct show null, rows from after it what they bring."""
    name = make(target, collections)
    check_accepted(target.insert(name, plain_rows(1), 1))
    check_accepted(add(target, name, struct("s", sub("n", T.Int64), nullable=True)))
    held = array_column("n", T.Int64, [[7, 8]])
    held.valid_data.append(True)
    check_accepted(target.insert(name, [*plain_rows(1, start=1), structs(held)], 1))
    assert shown(target.query(name, "id >= 0", ["s"])) == {"n": [None, [7, 8]]}


@pytest.mark.parametrize(
    ("declared", "refusal"),
    [
        (struct("s", sub("a", T.Int32)), invalid(
            "added struct field must be nullable, please check it, struct field name = s")),
        (struct("s", nullable=True), invalid("struct array field s has no sub-fields")),
        (struct("s", field("a", T.Int64), nullable=True), invalid(
            "fields in StructArrayField can only be array or array of struct, but field a is Int64")),
        (struct("s", sub("a", T.Int32), sub("a", T.Int32), nullable=True), invalid(
            "duplicated field name a")),
        (struct("id", sub("a", T.Int32), nullable=True), invalid("duplicated field name id")),
    ],
)  # fmt: skip
def test_added_struct_refused(
    target: Target, collections: Collections, declared: schema_pb2.StructArrayFieldSchema, refusal: Refusal
) -> None:
    """A struct that cannot be added is refused, and the schema stays as it was."""
    name = created(target, collections)
    check_refused(add(target, name, declared), refusal, target.version)
    assert not target.done("DescribeCollection", collection_name=name).schema.struct_array_fields


@pytest.mark.parametrize(
    ("attribute", "kind"),
    [
        ("is_primary_key", "primary key"),
        ("autoID", "autoID"),
        ("is_partition_key", "partition key"),
        ("is_clustering_key", "clustering key"),
    ],
)
def test_added_struct_has_no_keys(target: Target, collections: Collections, attribute: str, kind: str) -> None:
    """No field of an added struct is a key of any kind."""
    name = created(target, collections)
    part = sub("a", T.Int32)
    setattr(part, attribute, True)
    response = add(target, name, struct("s", part, nullable=True))
    expected = invalid(f"{kind} is not supported for struct field, field name = a")
    check_refused(response, expected, target.version)


def test_added_struct_is_given(target: Target, collections: Collections) -> None:
    """A request without a struct is refused."""
    name = created(target, collections)
    response = target.ask("AddCollectionStructField", collection_name=name)
    check_refused(response, invalid("struct array field schema is nil"), target.version)
