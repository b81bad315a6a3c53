"""Collections that are there, changed: properties, fields, name, and all rows gone."""

from __future__ import annotations

from typing import Any

from fakemilvus import errors
from fakemilvus.engine.alterations import with_field, with_field_params, with_properties, with_struct, without_field
from fakemilvus.engine.collection import Collection
from fakemilvus.engine.definition import Definition
from fakemilvus.engine.field_changes import check_added, check_dropped, check_field_params
from fakemilvus.engine.function_changes import with_added, with_computed_field, with_detached
from fakemilvus.engine.index_checks import define_index
from fakemilvus.engine.instance import Instance
from fakemilvus.engine.names import check_name
from fakemilvus.engine.options import Options
from fakemilvus.engine.property_checks import MMAP, check_altered
from fakemilvus.engine.snapshot import Snapshot
from fakemilvus.engine.struct_changes import check_added_struct
from fakemilvus.rpcs.collections import find_described
from fakemilvus.timestamptz import timezone_of
from fakemilvus.wire.dispatch import Call
from fakemilvus.wire.messages import UNREADABLE
from fakemilvus.wire.messages import schema as schemas
from fakemilvus.wire.pairs import decode_pairs
from fakemilvus.wire.schemas import decode_field, decode_function, decode_struct, refuse_unbuilt_properties


def alter_collection(instance: Instance, call: Call) -> None:
    """Sets properties, or deletes them; description, consistency level and dynamic field are set so too."""
    request = call.request
    given, gone = decode_pairs(request.properties), tuple(request.delete_keys)
    collection = instance.look_up(call.database, request.collection_name)

    def change(definition: Definition, snapshot: Snapshot) -> Definition:
        check_altered(definition, snapshot, request.collection_name, given, gone)
        refuse_unbuilt_properties(given)
        return with_properties(definition, given, gone)

    collection.redefine(change)


def alter_collection_field(instance: Instance, call: Call) -> None:
    """Sets or deletes type parameters of a field, or its description."""
    request = call.request
    given = tuple((_param(key), value) for key, value in decode_pairs(request.properties))
    gone = tuple(_param(key) for key in request.delete_keys)
    collection = instance.look_up(call.database, request.collection_name)

    def change(definition: Definition, snapshot: Snapshot) -> Definition:
        check_field_params(snapshot, request.collection_name, request.field_name, given, gone)
        return with_field_params(definition, request.field_name, given, gone)

    collection.redefine(change)


def add_collection_field(instance: Instance, call: Call) -> None:
    """Adds a nullable field; rows that are there show its default, or null."""
    collection = _find(instance, call)
    try:
        message = schemas.FieldSchema.FromString(call.request.schema)
    except UNREADABLE as problem:
        raise errors.AddedFieldUnreadable(problem=problem) from None
    _add(collection, message)


def add_collection_struct_field(instance: Instance, call: Call) -> None:
    """Adds a nullable struct array field; rows that are there show null."""
    collection = _find(instance, call)
    if not call.request.HasField("struct_array_field_schema"):
        raise errors.AddedStructMissing
    struct = decode_struct(call.request.struct_array_field_schema, timezone_of(collection.properties))

    def change(definition: Definition, snapshot: Snapshot) -> Definition:
        check_added_struct(definition, struct)
        return with_struct(definition, struct)

    collection.redefine(change)


def alter_collection_schema(instance: Instance, call: Call) -> None:
    """Adds a nullable field, a function, or both in one; or drops a field with its indexes, or a function."""
    collection = _find(instance, call)
    if not call.request.HasField("action"):
        raise errors.SchemaActionMissing
    action = call.request.action
    match action.WhichOneof("op"):
        case "add_request":
            _add_to_schema(collection, action.add_request)
        case "drop_request":
            _drop(collection, action.drop_request)
        case _:
            raise errors.SchemaActionUnknown


def rename_collection(instance: Instance, call: Call) -> None:
    """Gives a collection another name, and moves it into another database where one is named."""
    request = call.request
    check_name(request.newName, "name")
    instance.rename_collection(call.database, request.oldName, request.newDBName or call.database, request.newName)


def truncate_collection(instance: Instance, call: Call) -> None:
    """Forgets all rows at once; schema, indexes, aliases and what is loaded stay."""
    check_name(call.request.collection_name, "name")
    instance.truncate_collection(call.database, call.request.collection_name)


# -- private ---------------------------------------------------------------------------------------------------


def _find(instance: Instance, call: Call) -> Collection:
    try:
        return find_described(instance, call)[0]
    except errors.CollectionNotFound as missing:
        raise errors.AlteredCollectionNotFound(**missing.facts) from None


def _add(collection: Collection, message: Any) -> None:
    field = decode_field(message, timezone_of(collection.properties))

    def change(definition: Definition, snapshot: Snapshot) -> Definition:
        check_added(definition, field)
        return with_field(definition, field)

    collection.redefine(change)


def _add_to_schema(collection: Collection, request: Any) -> None:
    """Adds a field, a function, or both: then the function makes the field, which gets an index."""
    _check_added(request)
    if not request.func_schema:
        _add(collection, request.field_infos[0].field_schema)
        return
    function = decode_function(request.func_schema[0])
    if not request.field_infos:
        collection.redefine(lambda definition, snapshot: with_added(definition, function, errors.AddedBm25Alone))
        return
    info = request.field_infos[0]
    field = decode_field(info.field_schema, timezone_of(collection.properties))
    index = decode_pairs(info.extra_params)

    def change(definition: Definition, snapshot: Snapshot) -> Definition:
        check_added(definition, field, computed=True)
        return with_computed_field(definition, function, field, index)

    snapshot = collection.snapshot
    made = change(collection.definition, snapshot).schema
    define_index(made, field.name, info.index_name, index, (), Options())
    for segment in snapshot.segments:
        segment.reshaped(made)  # takes long, and not again when everybody waits for it
    collection.redefine(change)
    collection.create_index(field.name, info.index_name, index)


def _check_added(request: Any) -> None:
    if len(request.func_schema) > 1:
        raise errors.AddedTooManyFunctions
    if len(request.field_infos) > 1:
        raise errors.AddedTooManyInfos
    for info in request.field_infos:
        if not info.HasField("field_schema"):
            raise errors.AddedInfoWithoutField
    if not request.field_infos and not request.func_schema:
        raise errors.AddedNothing


def _drop(collection: Collection, request: Any) -> None:
    def change(definition: Definition, snapshot: Snapshot) -> Definition:
        if request.WhichOneof("identifier") == "function_name":
            return with_detached(definition, request.function_name, request.drop_function_output_fields)
        name = _dropped_name(definition, request)
        check_dropped(definition, name)
        return without_field(definition, name)

    collection.redefine(change)


def _dropped_name(definition: Definition, request: Any) -> str:
    match request.WhichOneof("identifier"):
        case "field_name":
            return str(request.field_name)
        case "field_id":
            schema = definition.schema
            names = {held.id: held.name for held in (*schema.fields, *schema.sub_fields)}
            names |= {struct.id: struct.name for struct in schema.structs}
            if request.field_id not in names:
                raise errors.DroppedFieldIdNotFound(field_id=request.field_id)
            return names[request.field_id].rpartition("[")[2].removesuffix("]")
        case _:
            raise errors.DropUnspecified


def _param(key: str) -> str:
    """A type parameter's own name."""
    return MMAP if key == "mmap_enabled" else key


RPCS = {
    "AlterCollection": alter_collection,
    "AlterCollectionField": alter_collection_field,
    "AddCollectionField": add_collection_field,
    "AddCollectionStructField": add_collection_struct_field,
    "AlterCollectionSchema": alter_collection_schema,
    "RenameCollection": rename_collection,
    "TruncateCollection": truncate_collection,
}
