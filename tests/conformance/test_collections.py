"""Collections: create, describe, has, show, count and drop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from pymilvus.grpc_gen import common_pb2 as common
from pymilvus.grpc_gen import milvus_pb2

from tests.conformance.making import T, field, id_field, scalar_fields, schema, vector_field
from tests.conformance.refusals import Refusal, always_invalid, check_accepted, invalid, missing, old
from tests.conformance.target import Collections, Target

MISSING = Refusal(
    100,
    1,
    "can't find collection[database=default][collection={name}]",
    input_error=True,
    detail="collection not found[database=default][collection={name}]",
    since="3.0",
    before=Refusal(
        100,
        1,
        "can't find collection collection not found[database=default][collection={name}]",
        detail="collection not found[database=default][collection={name}]",
    ),
)


@pytest.fixture
def name(collections: Collections) -> str:
    return collections.make()


def test_fields_are_described(target: Target, collections: Collections) -> None:
    """DescribeCollection shows the fields in order, with ids from 100, types and parameters."""
    name = collections.make([id_field(), *scalar_fields(), vector_field()])
    fields = target.done("DescribeCollection", collection_name=name).schema.fields
    assert [f.name for f in fields] == ["id", "b", "i8", "i16", "i32", "i64", "f", "d", "vc", "js", "vec"]
    assert [f.fieldID for f in fields] == list(range(100, 111))
    assert [f.data_type for f in fields] == [5, 1, 2, 3, 4, 5, 10, 11, 21, 23, 101]
    assert [(p.key, p.value) for p in fields[-1].type_params] == [("dim", "8")]
    assert [(p.key, p.value) for p in fields[8].type_params] == [("max_length", "16")]


def test_dynamic_field_is_hidden(target: Target, collections: Collections) -> None:
    """The dynamic field is a flag of the schema, not a field of it."""
    name = collections.make(dynamic=True)
    described = target.done("DescribeCollection", collection_name=name).schema
    assert described.enable_dynamic_field
    assert [f.name for f in described.fields] == ["id", "vec"]


def test_description_by_id(target: Target, name: str) -> None:
    """A collection is described by its id too."""
    described = target.done("DescribeCollection", collection_name=name)
    by_id = target.done("DescribeCollection", collectionID=described.collectionID)
    assert by_id.schema.name == name


def test_timestamps(target: Target, name: str) -> None:
    """created_timestamp is hybrid, created_utc_timestamp its milliseconds."""
    described = target.done("DescribeCollection", collection_name=name)
    assert described.created_timestamp >> 18 == described.created_utc_timestamp


def test_update_timestamp(target: Target, name: str) -> None:
    """update_timestamp is what clients send back with inserts; it came after 2.3.5."""
    if target.version < (3, 0):
        pytest.skip("since Milvus 3.0")
    described = target.done("DescribeCollection", collection_name=name)
    assert described.update_timestamp > 0
    assert described.update_timestamp_str == str(described.update_timestamp)


@pytest.mark.parametrize(("asked", "shown"), [(0, 1), (1, 1), (2, 2)])
def test_shards(target: Target, collections: Collections, asked: int, shown: int) -> None:
    """No shards asked means one; each has its channels."""
    name = collections.make(shards_num=asked)
    described = target.done("DescribeCollection", collection_name=name)
    assert described.shards_num == shown
    assert len(described.virtual_channel_names) == len(described.physical_channel_names) == shown


@pytest.mark.parametrize("level", [common.Strong, common.Session, common.Bounded, common.Eventually])
def test_consistency_level(target: Target, collections: Collections, level: int) -> None:
    """The collection's consistency level is kept."""
    name = collections.make(consistency_level=level)
    assert target.done("DescribeCollection", collection_name=name).consistency_level == level


def test_properties(target: Target, collections: Collections) -> None:
    """Properties are kept verbatim."""
    name = collections.make(properties={"collection.autocompaction.enabled": "false", "mine": "yes"})
    properties = {p.key: p.value for p in target.done("DescribeCollection", collection_name=name).properties}
    assert properties.items() >= {"collection.autocompaction.enabled": "false", "mine": "yes"}.items()


def test_partitions(target: Target, name: str) -> None:
    """A collection has one partition."""
    assert target.done("DescribeCollection", collection_name=name).num_partitions == 1


def test_describe_missing(target: Target, collections: Collections) -> None:
    """DescribeCollection alone keeps legacy 1 and its own words for a missing collection."""
    name = collections.name()
    target.refused("DescribeCollection", MISSING, {"name": name}, collection_name=name)


def test_describe_nothing(target: Target) -> None:
    """Neither a name nor an id."""
    target.refused("DescribeCollection", always_invalid("collection name should not be empty"))


def test_has(target: Target, name: str) -> None:
    """HasCollection is true for what exists."""
    assert target.done("HasCollection", collection_name=name).value


def test_has_not(target: Target, collections: Collections) -> None:
    """HasCollection is false, and no refusal, for what does not."""
    assert not target.done("HasCollection", collection_name=collections.name()).value


def test_show(target: Target, name: str) -> None:
    """ShowCollections lists names, ids and times in parallel."""
    shown = target.done("ShowCollections")
    place = list(shown.collection_names).index(name)
    described = target.done("DescribeCollection", collection_name=name)
    assert shown.collection_ids[place] == described.collectionID
    assert shown.created_timestamps[place] == described.created_timestamp
    assert shown.created_utc_timestamps[place] == described.created_utc_timestamp


def test_show_in_memory(target: Target, collections: Collections) -> None:
    """With InMemory, only loaded collections are listed, with how far they are."""
    loaded, bare = collections.make(), collections.make()
    target.done("CreateIndex", collection_name=loaded, field_name="vec", extra_params={"metric_type": "L2"})
    target.load(loaded)
    shown = target.done("ShowCollections", type=milvus_pb2.InMemory)
    assert loaded in shown.collection_names
    assert bare not in shown.collection_names
    place = list(shown.collection_names).index(loaded)
    assert shown.inMemory_percentages[place] == 100
    assert shown.query_service_available[place]


def test_statistics_of_an_empty_collection(target: Target, name: str) -> None:
    """row_count is a string, 0 at first."""
    (pair,) = target.done("GetCollectionStatistics", collection_name=name).stats
    assert (pair.key, pair.value) == ("row_count", "0")


def test_drop(target: Target, name: str) -> None:
    """A dropped collection is gone."""
    target.done("DropCollection", collection_name=name)
    assert not target.done("HasCollection", collection_name=name).value


def test_drop_missing(target: Target, collections: Collections) -> None:
    """Dropping what is not there succeeds."""
    target.done("DropCollection", collection_name=collections.name())


def test_drop_a_loaded_one(target: Target, name: str) -> None:
    """A loaded collection can be dropped."""
    target.done("CreateIndex", collection_name=name, field_name="vec", extra_params={"metric_type": "L2"})
    target.load(name)
    target.done("DropCollection", collection_name=name)
    assert not target.done("HasCollection", collection_name=name).value


def test_new_ids_after_a_drop(target: Target, name: str) -> None:
    """The same name again is another collection, with another id."""
    first = target.done("DescribeCollection", collection_name=name).collectionID
    target.done("DropCollection", collection_name=name)
    target.done("CreateCollection", collection_name=name, schema=schema(name))
    assert target.done("DescribeCollection", collection_name=name).collectionID != first


# -- creating again, and creating wrongly --------------------------------------------------------------------------


def test_identical_repeat(target: Target, name: str) -> None:
    """The same definition again is no error."""
    target.done("CreateCollection", collection_name=name, schema=schema(name))


DIFFERENT: dict[str, Callable[[str], dict[str, Any]]] = {
    "fields": lambda name: {"schema": schema(name, [id_field(), vector_field(dim=16)])},
    "description": lambda name: {"schema": schema(name, description="another")},
    "dynamic field": lambda name: {"schema": schema(name, dynamic=True)},
    "shards": lambda name: {"schema": schema(name), "shards_num": 2},
}


@pytest.mark.parametrize("what", DIFFERENT)
def test_different_repeat(target: Target, name: str, what: str) -> None:
    """Any difference to the collection that exists is refused."""
    refusal = invalid("create duplicate collection with different parameters, collection: {name}")
    target.refused("CreateCollection", refusal, {"name": name}, collection_name=name, **DIFFERENT[what](name))


BAD_NAMES = {
    "empty": ("", "collection name should not be empty"),
    "hyphen": (
        "a-b",
        "Invalid collection name: a-b.*collection name can only contain numbers, letters and underscores",
    ),
    "dollar first": (
        "$a",
        "Invalid collection name: $a.*the first character of a collection name must be an underscore or letter",
    ),
    "too long": (
        "x" * 256,
        f"Invalid collection name: {'x' * 256}.*the length of a collection name must be less than 255 characters",
    ),
}


@pytest.mark.parametrize("case", BAD_NAMES)
def test_bad_names(target: Target, case: str) -> None:
    """A name that breaks a rule is refused with that rule."""
    name, text = BAD_NAMES[case]
    target.refused("CreateCollection", always_invalid(text), collection_name=name, schema=schema(name))


BAD_SCHEMAS: dict[str, tuple[Sequence[Any], Refusal]] = {
    "two primary keys": (
        [id_field("a"), id_field("b"), vector_field()],
        invalid("there are more than one primary key, field name = a, b"),
    ),
    "no primary key": ([field("a", T.Int64), vector_field()], missing("primary key is not specified")),
    "float primary key": (
        [field("a", T.Float, primary=True), vector_field()],
        invalid("the data type of primary key should be Int64 or VarChar"),
    ),
    "no vector": ([id_field(), field("a", T.Int64)], invalid("schema does not contain vector field", before=None)),
    "dim 0": (
        [id_field(), vector_field(dim=0)],
        invalid("invalid dimension: 0. should be in range 2 ~ 32768", before=None),
    ),
    "dim 1": (
        [id_field(), vector_field(dim=1)],
        invalid("invalid dimension: 1. should be in range 2 ~ 32768", before=None),
    ),
    "dim 32769": (
        [id_field(), vector_field(dim=32769)],
        invalid(
            "invalid dimension: 32769 of field vec. float vector dimension should be in range 2 ~ 32768", before=None
        ),
    ),
    "no dim": (
        [id_field(), field("vec", T.FloatVector)],
        invalid(
            "dimension is not defined in field type params of field vec, check type param `dim` for vector field",
            before=old("dimension is not defined in field type params, check type param `dim` for vector field"),
        ),
    ),
    "dim abc": (
        [id_field(), field("vec", T.FloatVector, dim="abc")],
        old('strconv.ParseInt: parsing "abc": invalid syntax'),
    ),
    "field twice": (
        [id_field(), field("a", T.Int64), field("a", T.Int64), vector_field()],
        invalid("duplicated field name a found", before=old("duplicated field name")),
    ),
    "no max_length": (
        [id_field(), field("a", T.VarChar), vector_field()],
        missing("type param(max_length) should be specified for the field(a) of collection {name}", before=None),
    ),
    "max_length 65536": (
        [id_field(), field("a", T.VarChar, max_length=65536), vector_field()],
        invalid(
            "the maximum length specified for the field(a) should be in (0, 65535], but got 65536 instead",
            before=always_invalid("the maximum length specified for a VarChar should be in (0, 65535]"),
        ),
    ),
    "field name with a hyphen": (
        [id_field(), field("a-b", T.Int64), vector_field()],
        Refusal(
            1701,
            1,
            "Invalid field name: a-b. Field name can only contain numbers, letters, and underscores."
            ": field name invalid[field=a-b]",
            since="3.0",
            before=Refusal(
                1701,
                1,
                "Invalid field name: a-b. Field name cannot only contain numbers, letters, and underscores."
                ": field name invalid[field=a-b]",
            ),
        ),
    ),
    "65 fields": (
        [id_field(), vector_field(), *(field(f"f{number}", T.Int64) for number in range(63))],
        invalid("maximum field's number should be limited to 64"),
    ),
    "automatic ids elsewhere": (
        [id_field(), field("a", T.Int64, autoID=True), vector_field()],
        invalid("only primary field can speficy AutoID with true, field name = a"),
    ),
    "type String": (
        [id_field(), field("a", T.String), vector_field()],
        invalid("string data type not supported yet, please use VarChar type instead", before=None),
    ),
    "type None": ([id_field(), field("a", 0), vector_field()], invalid("data type None is not valid")),
}


@pytest.mark.parametrize("case", BAD_SCHEMAS)
def test_bad_schemas(target: Target, collections: Collections, case: str) -> None:
    """A schema that breaks a rule is refused with that rule, and nothing is created."""
    fields, refusal = BAD_SCHEMAS[case]
    name = collections.name()
    target.refused("CreateCollection", refusal, {"name": name}, collection_name=name, schema=schema(name, fields))
    assert not target.done("HasCollection", collection_name=name).value


def test_schema_of_another_name(target: Target, collections: Collections) -> None:
    """The schema's name has to be the collection's."""
    name = collections.name()
    text = f"collection name = {name}, schema.Name=other"
    refusal = Refusal(
        1100,
        5,
        f"{text}: invalid parameter[expected=collection name matches schema name][actual=don't match]",
        input_error=True,
    )
    target.refused("CreateCollection", refusal, collection_name=name, schema=schema("other"))


def test_schema_of_nonsense(target: Target, collections: Collections) -> None:
    """Bytes that are no schema are refused."""
    name = collections.name()
    response = target.ask("CreateCollection", collection_name=name, schema=b"\xff\xff\xff")
    assert (response.code, response.error_code) != (0, 0)
    assert not target.done("HasCollection", collection_name=name).value


UNKNOWN_DATABASE = ["HasCollection", "ShowCollections", "DescribeIndex", "GetCollectionStatistics", "ListAliases"]


@pytest.mark.parametrize("rpc", UNKNOWN_DATABASE)
def test_unknown_database(target: Target, rpc: str) -> None:
    """A database that does not exist is 800; older servers looked for the collection first."""
    fields: dict[str, Any] = {} if rpc in ("ShowCollections", "ListAliases") else {"collection_name": "some"}
    refusal = Refusal(800, 1, "database not found[database=nope]", input_error=True, since="3.0", before=None)
    target.refused(rpc, refusal, db_name="nope", **fields)


def test_versions(target: Target) -> None:
    """Connect tells the version that GetVersion tells."""
    response = target.done("Connect", client_info=common.ClientInfo(sdk_type="Python"))
    assert response.server_info.build_tags == target.done("GetVersion").version
    assert response.identifier > 0


def test_timestamps_grow(target: Target) -> None:
    """AllocTimestamp never gives the same or a smaller timestamp again."""
    given = [target.done("AllocTimestamp").timestamp for _ in range(5)]
    assert sorted(set(given)) == given


def test_component_states(target: Target) -> None:
    """GetComponentStates says healthy."""
    response = target.ask("GetComponentStates")
    check_accepted(response)
    assert response.state.state_code == common.StateCode.Healthy
