"""Collections that are there, changed: what is kept, told and refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from pymilvus.grpc_gen import milvus_pb2, schema_pb2

from tests.conformance.making import T, column, field, id_field, plain_rows, vector_column, vector_field
from tests.conformance.refusals import Refusal, check_accepted, check_refused, invalid, missing
from tests.conformance.target import Collections, Target
from tests.conformance.test_structs import struct, sub

ANSWERED_SINCE_LONG = ("test_nothing_changed", "test_by_alias", "test_while_loaded", "test_rename")
SchemaRequest = milvus_pb2.AlterCollectionSchemaRequest
MISSING = Refusal(100, 4, "collection not found[database=default][collection=nope]", input_error=True)


def refusal(text: str, **others: Any) -> Refusal:
    """Pinned for 3.0 alone."""
    return invalid(text, before=None, **others)


def loaded(change: str, name: str) -> Refusal:
    return Refusal(104, 1, f"{change}: collection already loaded[collection={name}]", input_error=True, since="3.0")


@pytest.fixture(autouse=True)
def _only_new(target: Target, request: pytest.FixtureRequest) -> None:
    if request.node.name not in ANSWERED_SINCE_LONG:
        target.needs("3.0", "2.3.5 changes and deletes no fields, deletes no properties, and tells no changes")


@pytest.fixture
def name(target: Target, collections: Collections) -> str:
    """id, vec, n, vc and arr; ten rows, five of them flushed; loaded."""
    fields = [id_field(), vector_field(), field("n", T.Int64), field("vc", T.VarChar, max_length=8)]
    if target.version >= (3, 0):  # older ones know no null
        fields.append(field("arr", T.Array, element_type=T.Int64, max_capacity=4, nullable=True))
    made = collections.make(fields)
    target.done("CreateIndex", collection_name=made, field_name="vec", extra_params={"metric_type": "L2"})
    target.load(made)
    check_accepted(target.insert(made, rows(5), 5))
    target.flush(made)
    check_accepted(target.insert(made, rows(5, 5), 5))
    return made


def rows(count: int, start: int = 0) -> list[Any]:
    keys = range(start, start + count)
    return [*plain_rows(count, start), column("n", T.Int64, keys), column("vc", T.VarChar, [f"t{key}" for key in keys])]


def describe(target: Target, name: str) -> Any:
    return target.done("DescribeCollection", collection_name=name)


def properties(target: Target, name: str) -> dict[str, str]:
    return {pair.key: pair.value for pair in describe(target, name).properties}


def add(target: Target, name: str, added: Any) -> Any:
    return target.ask("AddCollectionField", collection_name=name, schema=added.SerializeToString())


def drop(target: Target, name: str, **dropped: Any) -> Any:
    action = SchemaRequest.Action(drop_request=SchemaRequest.DropRequest(**dropped))
    return target.ask("AlterCollectionSchema", collection_name=name, action=action)


def alter(target: Target, name: str, given: dict[str, Any] | None = None, gone: Sequence[str] = ()) -> Any:
    return target.ask("AlterCollection", collection_name=name, properties=given or {}, delete_keys=gone)


def keys(target: Target, name: str, filter: str) -> list[int]:
    found = target.query(name, filter, ["id"])
    check_accepted(found)
    return list(found.fields_data[0].scalars.long_data.data)


def output(target: Target, name: str, field_name: str, filter: str = "id >= 0") -> Any:
    found = target.query(name, filter, [field_name])
    check_accepted(found)
    return next(data for data in found.fields_data if data.field_name == field_name)


# -- properties --------------------------------------------------------------------------------------------------


def test_properties(target: Target, name: str) -> None:
    """Properties are set, changed and deleted, and any change is told by a new update_timestamp."""
    before = describe(target, name).update_timestamp
    check_accepted(alter(target, name, {"a": 1, "b": 2}))
    check_accepted(alter(target, name, {"a": 3}))
    assert {key: properties(target, name)[key] for key in ("a", "b")} == {"a": "3", "b": "2"}
    check_accepted(alter(target, name, gone=["a", "never was"]))
    assert "a" not in properties(target, name)
    assert describe(target, name).update_timestamp > before


def test_nothing_changed(target: Target, name: str) -> None:
    """Setting what is set already changes nothing at all."""
    check_accepted(alter(target, name, {"a": 1}))
    before = describe(target, name)
    check_accepted(alter(target, name, {"a": 1}))
    assert describe(target, name) == before


def test_description_and_consistency(target: Target, name: str) -> None:
    """Two keys are no properties: the description, and the consistency level by name or number."""
    check_accepted(alter(target, name, {"collection.description": "new", "consistency_level": "Eventually"}))
    told = describe(target, name)
    assert (told.schema.description, told.consistency_level) == ("new", 3)
    assert not {"collection.description", "consistency_level"} & set(properties(target, name))
    check_accepted(alter(target, name, {"consistency_level": "0"}))
    assert describe(target, name).consistency_level == 0


def test_by_alias(target: Target, collections: Collections, name: str) -> None:
    """An alias names its collection."""
    alias = collections.alias()
    target.done("CreateAlias", alias=alias, collection_name=name)
    check_accepted(alter(target, alias, {"a": 1}))
    assert properties(target, name)["a"] == "1"


WARMUP = "invalid warmup policy: x, must be 'disable', 'sync' or 'async': invalid parameter"
REFUSED = {
    "both": ({"a": 1}, ["b"], refusal("cannot provide both DeleteKeys and ExtraParams")),
    "nothing": ({}, [], refusal("no properties or delete keys provided")),
    "external source": (
        {"collection.external_source": "x"},
        [],
        refusal(
            "cannot alter collection.external_source via alter_collection_properties; "
            "use RefreshExternalCollection instead"
        ),
    ),
    "no external spec": (
        {},
        ["collection.external_spec"],
        refusal(
            "cannot delete collection.external_spec; external source/spec are immutable post-create "
            "except via RefreshExternalCollection"
        ),
    ),
    "sharding": (
        {"namespace.sharding.enabled": "true"},
        [],
        refusal("cannot alter namespace.sharding.enabled after collection creation"),
    ),
    "no sharding": (
        {},
        ["namespace.sharding.enabled"],
        refusal("cannot delete namespace.sharding.enabled after collection creation"),
    ),
    "misspelt": (
        {"Namespace.Mode": "x"},
        [],
        refusal('invalid property key "Namespace.Mode", did you mean "namespace.mode"?'),
    ),
    "mode": (
        {"namespace.mode": "partition"},
        [],
        refusal(
            "cannot alter namespace.mode via alter_collection_properties; "
            "namespace mode is immutable after collection creation"
        ),
    ),
    "no mode": (
        {},
        ["namespace.mode"],
        refusal("cannot delete namespace.mode; namespace mode is immutable after collection creation"),
    ),
    "description": (
        {"collection.description": "x" * 1025},
        [],
        refusal("the length of a collection description must not exceed 1024 bytes"),
    ),
    "keys": (
        {"allow_insert_auto_id": "true"},
        [],
        refusal("the value for allow_insert_auto_id must be false when autoID is false"),
    ),
    "timezone": ({"timezone": "Nowhere"}, [], refusal("unknown or invalid IANA Time Zone ID: Nowhere")),
    "no dynamic field": (
        {},
        ["dynamicfield.enabled"],
        refusal("cannot delete key dynamicfield.enabled, dynamic field schema could support set to true/false"),
    ),
    "dynamic field": ({"dynamicfield.enabled": "x"}, [], refusal("invalid dynamic schema property value: x")),
    "dynamic field and more": (
        {"dynamicfield.enabled": "true", "a": 1},
        [],
        refusal("cannot alter dynamic schema with other properties at the same time"),
    ),
    "ttl of text": (
        {"collection.ttl.seconds": "x"},
        [],
        refusal("collection TTL is not a valid positive integer"),
    ),
    "ttl too small": (
        {"collection.ttl.seconds": -2},
        [],
        refusal("collection TTL is out of range, expect [-1, 3155760000], got -2"),
    ),
    "ttl too large": (
        {"collection.ttl.seconds": 3155760001},
        [],
        refusal("collection TTL is out of range, expect [-1, 3155760000], got 3155760001"),
    ),
    "ttl field": ({"ttl_field": "nope"}, [], refusal("ttl field name nope not found in schema")),
    "ttl field of another type": (
        {"ttl_field": "n"},
        [],
        refusal("ttl field must be timestamptz, field name = n"),
    ),
}


@pytest.mark.parametrize(("given", "gone", "wanted"), REFUSED.values(), ids=REFUSED)
def test_refused_properties(target: Target, name: str, given: Any, gone: Any, wanted: Refusal) -> None:
    """Properties that Milvus refuses; nothing changes."""
    before = describe(target, name)
    check_refused(alter(target, name, given, gone), wanted, target.version)
    assert describe(target, name) == before


def test_while_loaded(target: Target, name: str) -> None:
    """mmap and warmup are not altered while the collection is loaded, but afterwards."""
    change = "can not alter mmap properties if collection loaded"
    check_refused(alter(target, name, {"mmap.enabled": "true"}), loaded(change, name), target.version)
    change = "can not alter warmup properties if collection loaded"
    check_refused(alter(target, name, {"warmup.vectorField": "sync"}), loaded(change, name), target.version)
    change = "can not delete mmap properties if collection loaded"
    check_refused(alter(target, name, gone=["mmap.enabled"]), loaded(change, name), target.version)
    change = "can not delete warmup.vectorField properties if collection loaded"
    check_refused(alter(target, name, gone=["warmup.vectorField"]), loaded(change, name), target.version)
    target.done("ReleaseCollection", collection_name=name)
    check_accepted(alter(target, name, {"mmap.enabled": "true", "warmup.vectorField": "sync"}))
    wanted = refusal(f"invalid warmup value for key warmup.vectorField: {WARMUP}")
    check_refused(alter(target, name, {"warmup.vectorField": "x"}), wanted, target.version)
    wanted = refusal(
        "warmup key 'warmup' is only allowed at field level, use warmup.scalarField/warmup.scalarIndex/"
        "warmup.vectorField/warmup.vectorIndex at collection level"
    )
    check_refused(alter(target, name, {"warmup": "sync"}), wanted, target.version)


def test_unknown_collections(target: Target) -> None:
    """Each rpc refuses a collection that is not there; those that describe it first say so in those words."""
    check_refused(alter(target, "nope", {"a": 1}), MISSING, target.version)
    answer = target.ask("AlterCollectionField", collection_name="nope", field_name="n", properties={"max_length": 1})
    check_refused(answer, MISSING, target.version)
    check_refused(target.ask("TruncateCollection", collection_name="nope"), MISSING, target.version)
    described = Refusal(
        100,
        4,
        "can't find collection[database=default][collection=nope]",
        input_error=True,
        detail="collection not found[database=default][collection=nope]",
    )
    check_refused(add(target, "nope", field("x", T.Int64, nullable=True)), described, target.version)


# -- the dynamic field -------------------------------------------------------------------------------------------


def test_dynamic_field_enabled(target: Target, name: str) -> None:
    """The dynamic field can be enabled: rows that are there have no keys, new ones may."""
    check_accepted(alter(target, name, {"dynamicfield.enabled": "true"}))
    told = describe(target, name)
    assert told.schema.enable_dynamic_field
    assert (told.schema.version, properties(target, name)["max_field_id"]) == (1, "105")
    assert "dynamicfield.enabled" not in properties(target, name)
    check_accepted(target.insert(name, [*rows(1, 50), column("$meta", T.JSON, [b'{"k": 1}'], dynamic=True)], 1))
    assert keys(target, name, "k == 1") == [50]
    assert keys(target, name, "exists k or id == 3") == [3, 50]


def test_dynamic_field_disabled(target: Target, collections: Collections) -> None:
    """It can be disabled again, and its values are gone for good."""
    name = collections.make(dynamic=True)
    target.done("CreateIndex", collection_name=name, field_name="vec", extra_params={"metric_type": "L2"})
    target.load(name)
    check_accepted(target.insert(name, [*plain_rows(1), column("$meta", T.JSON, [b'{"k": 1}'], dynamic=True)], 1))
    check_accepted(alter(target, name, {"dynamicfield.enabled": "false"}))
    assert target.query(name, "k == 1", ["id"]).status.code == 1100
    check_accepted(alter(target, name, {"dynamicfield.enabled": "true"}))
    assert keys(target, name, "k == 1") == []
    assert properties(target, name)["max_field_id"] == "103"


# -- fields added ------------------------------------------------------------------------------------------------


def test_added_field_is_null(target: Target, name: str) -> None:
    """Rows that were there show null in an added field, flushed or not, and are filtered so."""
    check_accepted(add(target, name, field("x", T.Int64, nullable=True)))
    assert list(output(target, name, "x").valid_data) == [False] * 10
    assert keys(target, name, "x is null and id < 7") == list(range(7))
    assert keys(target, name, "x == 0") == []


def test_added_field_has_its_default(target: Target, name: str) -> None:
    """Where it has a default, they show that."""
    default = schema_pb2.ValueField(long_data=7)
    check_accepted(add(target, name, field("x", T.Int64, nullable=True, default_value=default)))
    assert list(output(target, name, "x").scalars.long_data.data) == [7] * 10
    assert keys(target, name, "x == 7 and id in [1, 8]") == [1, 8]


def test_added_field_takes_values(target: Target, name: str) -> None:
    """New rows bring it or leave it out; rows without it can be inserted on."""
    check_accepted(add(target, name, field("x", T.VarChar, nullable=True, max_length=9)))
    given = column("x", T.VarChar, ["new"])
    given.valid_data.append(True)
    check_accepted(target.insert(name, [*rows(1, 20), given], 1))
    check_accepted(target.insert(name, rows(1, 21), 1))
    assert keys(target, name, "x == 'new'") == [20]
    target.flush(name)
    assert keys(target, name, "x is not null") == [20]
    assert target.count(name) == 12


def test_added_field_is_told(target: Target, name: str) -> None:
    """DescribeCollection tells the field, the schema's version, the highest field id, and a new update_timestamp."""
    before = describe(target, name)
    check_accepted(add(target, name, field("x", T.Int64, nullable=True, description="new")))
    told = describe(target, name)
    added = told.schema.fields[-1]
    assert (added.name, added.fieldID, added.nullable, added.description) == ("x", 105, True, "new")
    assert (before.schema.version, told.schema.version) == (0, 1)
    assert properties(target, name)["max_field_id"] == "105"
    assert told.update_timestamp > before.update_timestamp


def test_stale_client(target: Target, name: str) -> None:
    """A client with the schema of before is told so."""
    known = describe(target, name).update_timestamp
    check_accepted(add(target, name, field("x", T.Int64, nullable=True)))
    wanted = Refusal(109, 62, f"collection schema mismatch[collection={name}]", input_error=True)
    check_refused(target.insert(name, rows(1, 30), 1, schema_timestamp=known), wanted, target.version)


def test_added_field_is_indexed(target: Target, name: str) -> None:
    """An added field can get an index, and is filtered by it."""
    check_accepted(add(target, name, field("x", T.Int64, nullable=True)))
    target.done("CreateIndex", collection_name=name, field_name="x", extra_params={"index_type": "INVERTED"})
    target.wait_until_indexed(name)
    assert keys(target, name, "x is null and id < 3") == [0, 1, 2]


def test_added_beside_a_dynamic_field(target: Target, collections: Collections) -> None:
    """The dynamic field keeps its values when a field is added."""
    name = collections.make(dynamic=True)
    target.done("CreateIndex", collection_name=name, field_name="vec", extra_params={"metric_type": "L2"})
    target.load(name)
    check_accepted(target.insert(name, [*plain_rows(1), column("$meta", T.JSON, [b'{"k": 1}'], dynamic=True)], 1))
    check_accepted(add(target, name, field("x", T.Int64, nullable=True)))
    assert describe(target, name).schema.fields[-1].fieldID == 103
    assert keys(target, name, "k == 1 and x is null") == [0]


def test_added_vector(target: Target, name: str) -> None:
    """A nullable vector field can be added, and new rows have it."""
    check_accepted(add(target, name, field("v2", T.FloatVector, nullable=True, dim=4)))
    assert list(output(target, name, "v2", "id < 2").valid_data) == [False, False]
    given = vector_column(np.ones((1, 4), np.float32), "v2")
    given.valid_data.append(True)
    check_accepted(target.insert(name, [*rows(1, 40), given], 1))
    assert list(output(target, name, "v2", "id == 40").vectors.float_vector.data) == [1.0] * 4


def test_added_by_the_newer_rpc(target: Target, name: str) -> None:
    """AlterCollectionSchema adds a field too."""
    info = SchemaRequest.FieldInfo(field_schema=field("x", T.Int64, nullable=True))
    action = SchemaRequest.Action(add_request=SchemaRequest.AddRequest(field_infos=[info]))
    answer = target.ask("AlterCollectionSchema", collection_name=name, action=action)
    assert (answer.alter_status.code, answer.HasField("alter_status")) == (0, True)
    assert list(output(target, name, "x").valid_data) == [False] * 10


REFUSED_FIELDS = {
    "twice": (field("n", T.Int64, nullable=True), refusal("duplicated field name n")),
    "no type": (
        field("x", 0, nullable=True),
        Refusal(
            1100,
            5,
            "invalid parameter[expected=valid field][actual=field data type: None is not supported]",
            True,
            since="3.0",
        ),
    ),
    "system name": (
        field("RowID", T.Int64, nullable=True),
        refusal("not support to add system field, field name = RowID"),
    ),
    "dynamic name": (
        field("$meta", T.JSON, nullable=True),
        refusal("not support to add system field, field name = $meta"),
    ),
    "primary": (
        field("x", T.Int64, primary=True, nullable=True),
        refusal("not support to add pk field, field name = x"),
    ),
    "automatic": (
        field("x", T.Int64, autoID=True, nullable=True),
        refusal("only primary field can speficy AutoID with true, field name = x"),
    ),
    "partition key": (
        field("x", T.Int64, is_partition_key=True, nullable=True),
        refusal("not support to add partition key field, field name  = x"),
    ),
    "not nullable": (
        field("x", T.Int64),
        refusal("added field must be nullable, please check it, field name = x"),
    ),
    "vector without dim": (
        field("x", T.FloatVector, nullable=True),
        refusal("vector field must have dimension specified, field name = x"),
    ),
    "name": (
        field("1x", T.Int64, nullable=True),
        Refusal(
            1701,
            1,
            "Invalid field name: 1x. The first character of a field name must be an underscore or letter."
            ": field name invalid[field=1x]",
            since="3.0",
        ),
    ),
    "default": (
        field("x", T.Int64, nullable=True, default_value=schema_pb2.ValueField(bool_data=True)),
        refusal(
            "failed to check field schema: "
            "type (Int64) of field (x) is not equal to the type(DataType_Bool) of default_value"
        ),
    ),
    "text without length": (
        field("x", T.VarChar, nullable=True),
        missing("type param(max_length) should be specified for the field(x) of collection {name}", before=None),
    ),
}


@pytest.mark.parametrize(("added", "wanted"), REFUSED_FIELDS.values(), ids=REFUSED_FIELDS)
def test_refused_fields(target: Target, name: str, added: Any, wanted: Refusal) -> None:
    """Fields that cannot be added; the schema stays."""
    before = describe(target, name)
    check_refused(add(target, name, added), wanted, target.version, name=name)
    assert describe(target, name) == before


def test_too_many_fields(target: Target, collections: Collections) -> None:
    """No more fields than a collection may have."""
    name = collections.make([id_field(), vector_field(), *(field(f"f{i}", T.Int64) for i in range(62))])
    wanted = refusal("The number of fields has reached the maximum value 64")
    check_refused(add(target, name, field("x", T.Int64, nullable=True)), wanted, target.version)


REFUSED_ACTIONS = {
    "nothing": (None, refusal("action is nil in alter schema task")),
    "no action": (SchemaRequest.Action(), refusal("unknown action type in alter collection schema request")),
    "adds nothing": (
        SchemaRequest.Action(add_request=SchemaRequest.AddRequest()),
        refusal("fieldInfos and function schema are both empty"),
    ),
    "two fields": (
        SchemaRequest.Action(
            add_request=SchemaRequest.AddRequest(field_infos=[SchemaRequest.FieldInfo(), SchemaRequest.FieldInfo()])
        ),
        refusal("For now, only one field info is supported"),
    ),
    "no field": (
        SchemaRequest.Action(add_request=SchemaRequest.AddRequest(field_infos=[SchemaRequest.FieldInfo()])),
        refusal("fieldSchema is nil in fieldInfos"),
    ),
    "drops nothing": (
        SchemaRequest.Action(drop_request=SchemaRequest.DropRequest()),
        missing("drop request must specify field_name, field_id, or function_name", before=None),
    ),
}


@pytest.mark.parametrize(("action", "wanted"), REFUSED_ACTIONS.values(), ids=REFUSED_ACTIONS)
def test_refused_actions(target: Target, name: str, action: Any, wanted: Refusal) -> None:
    """Requests for changes of the schema that ask for nothing, or for too much."""
    fields = {} if action is None else {"action": action}
    check_schema_refused(target, target.ask("AlterCollectionSchema", collection_name=name, **fields), wanted)


def check_schema_refused(target: Target, answer: Any, wanted: Refusal) -> None:
    """The status of this rpc has a name of its own."""
    check_refused(answer.alter_status, wanted, target.version)


# -- fields dropped ----------------------------------------------------------------------------------------------


def test_dropped_field(target: Target, name: str) -> None:
    """A dropped field is gone from schema, filters and rows; its id is not given again."""
    assert drop(target, name, field_name="n").alter_status.code == 0
    assert [held.name for held in describe(target, name).schema.fields] == ["id", "vec", "vc", "arr"]
    assert target.query(name, "n == 1", ["id"]).status.code == 1100
    assert keys(target, name, "vc == 't3'") == [3]
    check_accepted(add(target, name, field("n", T.Int64, nullable=True)))
    assert describe(target, name).schema.fields[-1].fieldID == 105
    assert list(output(target, name, "n").valid_data) == [False] * 10
    assert describe(target, name).schema.version == 2


def test_dropped_by_id(target: Target, name: str) -> None:
    """A field may be named by its id."""
    assert drop(target, name, field_id=102).alter_status.code == 0
    assert "n" not in [held.name for held in describe(target, name).schema.fields]
    check_schema_refused(target, drop(target, name, field_id=102), refusal("field not found with id: 102"))


def test_dropped_with_its_index(target: Target, name: str) -> None:
    """The indexes of a dropped field go with it."""
    target.done("CreateIndex", collection_name=name, field_name="n", index_name="of_n")
    assert drop(target, name, field_name="n").alter_status.code == 0
    assert target.ask("DescribeIndex", collection_name=name, index_name="of_n").status.code == 700


def test_rows_after_a_drop(target: Target, name: str) -> None:
    """Rows without the dropped field are inserted beside the others."""
    assert drop(target, name, field_name="n").alter_status.code == 0
    check_accepted(target.insert(name, [held for held in rows(1, 60) if held.field_name != "n"], 1))
    assert target.count(name) == 11


REFUSED_DROPS = {
    "empty": ("", refusal("field name is empty")),
    "unknown": ("nope", refusal("field not found: nope")),
    "primary key": ("id", refusal("cannot drop primary key field: id")),
    "last vector": ("vec", refusal("cannot drop the last vector field: vec")),
}


@pytest.mark.parametrize(("dropped", "wanted"), REFUSED_DROPS.values(), ids=REFUSED_DROPS)
def test_refused_drops(target: Target, name: str, dropped: str, wanted: Refusal) -> None:
    """Fields that cannot be dropped."""
    check_schema_refused(target, drop(target, name, field_name=dropped), wanted)


def test_partition_key_stays(target: Target, collections: Collections) -> None:
    """A partition key cannot be dropped."""
    name = collections.make([id_field(), vector_field(), field("key", T.Int64, is_partition_key=True)])
    wanted = refusal("cannot drop partition key field: key")
    check_schema_refused(target, drop(target, name, field_name="key"), wanted)


def test_dropped_struct(target: Target, collections: Collections) -> None:
    """A struct is dropped whole; one field of it, or the only vectors there are, cannot be."""
    structs = [struct("s", sub("n", T.Int64), sub("v", T.FloatVector)), struct("t", sub("n", T.Int64))]
    name = collections.name()
    encoded = schema_pb2.CollectionSchema(name=name, fields=[id_field(), vector_field()], struct_array_fields=structs)
    target.done("CreateCollection", collection_name=name, schema=encoded.SerializeToString())
    assert drop(target, name, field_name="t").alter_status.code == 0
    told = describe(target, name).schema
    assert [one.name for one in told.struct_array_fields] == ["s"]
    wanted = refusal("cannot drop sub-field of struct array field: s.n")
    check_schema_refused(target, drop(target, name, field_name="n"), wanted)
    check_schema_refused(target, drop(target, name, field_id=told.struct_array_fields[0].fields[0].fieldID), wanted)
    assert drop(target, name, field_name="vec").alter_status.code == 0
    wanted = refusal("cannot drop struct array field s: it would leave no vector field in the collection")
    check_schema_refused(target, drop(target, name, field_id=told.struct_array_fields[0].fieldID), wanted)


# -- fields altered ----------------------------------------------------------------------------------------------


def alter_field(target: Target, name: str, of: str, given: dict[str, Any] | None = None, gone: Any = ()) -> Any:
    return target.ask(
        "AlterCollectionField", collection_name=name, field_name=of, properties=given or {}, delete_keys=gone
    )


def test_max_length(target: Target, name: str) -> None:
    """A text may become longer."""
    texts = [*plain_rows(1, 70), column("n", T.Int64, [0]), column("vc", T.VarChar, ["x" * 12])]
    assert target.insert(name, texts, 1).status.code == 1100
    check_accepted(alter_field(target, name, "vc", {"max_length": 12}))
    check_accepted(target.insert(name, texts, 1))
    params = {pair.key: pair.value for pair in describe(target, name).schema.fields[3].type_params}
    assert params == {"max_length": "12"}
    assert describe(target, name).schema.version == 1


def test_field_description(target: Target, name: str) -> None:
    """A description is changed, and is no parameter."""
    check_accepted(alter_field(target, name, "n", {"field.description": "new"}))
    altered = describe(target, name).schema.fields[2]
    assert (altered.description, list(altered.type_params)) == ("new", [])


def test_max_capacity(target: Target, name: str) -> None:
    """An array may hold more."""
    check_accepted(alter_field(target, name, "arr", {"max_capacity": 5}))
    params = {pair.key: pair.value for pair in describe(target, name).schema.fields[4].type_params}
    assert params == {"max_capacity": "5"}


def test_mmap_of_a_field(target: Target, name: str) -> None:
    """mmap is set under both of its names, and deleted, once the collection is released."""
    change = "can not alter collection field properties if collection loaded"
    check_refused(alter_field(target, name, "n", {"mmap.enabled": "true"}), loaded(change, name), target.version)
    change = "can not drop collection field properties if collection loaded"
    check_refused(alter_field(target, name, "n", gone=["mmap_enabled"]), loaded(change, name), target.version)
    change = "can not alter warmup if collection loaded"
    check_refused(alter_field(target, name, "n", {"warmup": "sync"}), loaded(change, name), target.version)
    target.done("ReleaseCollection", collection_name=name)
    check_accepted(alter_field(target, name, "n", {"mmap_enabled": "true"}))
    (told,) = describe(target, name).schema.fields[2].type_params
    assert (told.key, told.value) == ("mmap.enabled", "true")
    check_accepted(alter_field(target, name, "n", gone=["mmap.enabled"]))
    assert not describe(target, name).schema.fields[2].type_params
    check_refused(alter_field(target, name, "n", {"warmup": "x"}), refusal(WARMUP), target.version)


REFUSED_PARAMS = {
    "unknown": ("n", {"dim": 4}, (), refusal("dim does not allow update in collection field param")),
    "not droppable": (
        "vc",
        {},
        ["max_length"],
        refusal("max_length is not allowed to drop in collection field param"),
    ),
    "length of a number": ("n", {"max_length": 4}, (), refusal(" can not modify the maxlength for non-string types")),
    "length of text": ("vc", {"max_length": "x"}, (), refusal("max_length should be an integer, but got string")),
    "length": ("vc", {"max_length": 65536}, (), refusal("65536 exceeds the maximum allowed value 65535")),
    "capacity of a number": (
        "n",
        {"max_capacity": 4},
        (),
        refusal(" can not modify the maxcapacity for non-array types"),
    ),
    "capacity of text": (
        "arr",
        {"max_capacity": "x"},
        (),
        refusal("the value for max_capacity of field arr must be an integer"),
    ),
    "capacity": (
        "arr",
        {"max_capacity": 4097},
        (),
        refusal("the maximum capacity specified for a Array should be in (0, 4096]"),
    ),
    "no field": ("nope", {"field.description": "x"}, (), refusal("field nope does not exist in collection")),
}


@pytest.mark.parametrize(("of", "given", "gone", "wanted"), REFUSED_PARAMS.values(), ids=REFUSED_PARAMS)
def test_refused_params(target: Target, name: str, of: str, given: Any, gone: Any, wanted: Refusal) -> None:
    """Changes of a field that Milvus refuses."""
    check_refused(alter_field(target, name, of, given, gone), wanted, target.version)


# -- names -------------------------------------------------------------------------------------------------------


def rename(target: Target, old: str, new: str, **fields: Any) -> Any:
    return target.ask("RenameCollection", oldName=old, newName=new, **fields)


def test_rename(target: Target, collections: Collections, name: str) -> None:
    """A renamed collection keeps id, rows, indexes and aliases; the old name is free."""
    alias, new = collections.alias(), collections.name()
    target.done("CreateAlias", alias=alias, collection_name=name)
    before = describe(target, name)
    check_accepted(rename(target, name, new))
    told = describe(target, new)
    assert (told.collectionID, told.schema.name, list(told.aliases)) == (before.collectionID, new, [alias])
    assert target.count(new) == 10
    assert target.count(alias) == 10
    assert not target.done("HasCollection", collection_name=name).value
    assert target.describe_index(new).field_name == "vec"


def test_rename_into_another_database(target: Target, collections: Collections, name: str) -> None:
    """With another database it moves there, but not while it has aliases."""
    database = collections.name()
    target.done("CreateDatabase", db_name=database)
    alias = collections.alias()
    target.done("CreateAlias", alias=alias, collection_name=name)
    wanted = refusal("fail to rename db name, must drop all aliases of this collection before rename")
    check_refused(rename(target, name, name, newDBName=database), wanted, target.version)
    target.done("DropAlias", alias=alias)
    check_accepted(rename(target, name, name, newDBName=database))
    assert not target.done("HasCollection", collection_name=name).value
    assert target.done("HasCollection", collection_name=name, db_name=database).value
    check_accepted(target.ask("DropCollection", collection_name=name, db_name=database))
    check_accepted(target.ask("DropDatabase", db_name=database))


def test_refused_names(target: Target, collections: Collections, name: str) -> None:
    """Names that are taken, wrong, or the same."""
    other, alias = collections.make(), collections.alias()
    target.done("CreateAlias", alias=alias, collection_name=name)
    same = refusal("collection name or database name should be different")
    check_refused(rename(target, name, name), same, target.version)
    taken = refusal(f"duplicated new collection name default:{other} with other collection name or alias")
    check_refused(rename(target, name, other), taken, target.version)
    by_alias = refusal(f"unsupported use an alias to rename collection, alias:{alias}")
    check_refused(rename(target, alias, "fresh"), by_alias, target.version)
    conflict = Refusal(1601, 1, f"alias and collection name conflict[database=default][alias={alias}]", True)
    check_refused(rename(target, name, alias), conflict, target.version)
    missing_one = Refusal(100, 4, "collection not found[database=default][collection=nope]")
    check_refused(rename(target, "nope", "fresh"), missing_one, target.version)
    nowhere = Refusal(800, 1, "database not found[database=nope]")
    check_refused(rename(target, name, "fresh", newDBName="nope"), nowhere, target.version)
    bad = refusal("Invalid collection name. The first character of a collection name must be an underscore or letter")
    assert rename(target, name, "1bad").code == bad.code


# -- all rows gone -----------------------------------------------------------------------------------------------


def test_truncate(target: Target, collections: Collections, name: str) -> None:
    """A truncated collection has no rows, flushed or not, but its schema, indexes and aliases, and stays loaded."""
    alias = collections.alias()
    target.done("CreateAlias", alias=alias, collection_name=name)
    before = describe(target, name)
    check_accepted(target.ask("TruncateCollection", collection_name=name))
    assert target.count(name) == 0
    assert describe(target, name) == before
    assert target.counters(name) == (0, 0, 0)
    stats = target.done("GetCollectionStatistics", collection_name=name).stats
    assert {pair.key: pair.value for pair in stats}["row_count"] == "0"
    check_accepted(target.insert(name, rows(2), 2))
    assert target.count(alias) == 2


# -- several at once ---------------------------------------------------------------------------------------------


def test_batch_describe(target: Target, collections: Collections, name: str) -> None:
    """Several are described in one answer, each with its own status."""
    other = collections.make()
    answer = target.done("BatchDescribeCollection", collection_name=[name, "nope", other])
    assert [one.collection_name for one in answer.responses] == [name, "", other]
    assert [one.status.code for one in answer.responses] == [0, 100, 0]
    assert answer.responses[0] == describe(target, name)
    wanted = missing("collection names cannot be empty", before=None)
    check_refused(target.ask("BatchDescribeCollection"), wanted, target.version)
