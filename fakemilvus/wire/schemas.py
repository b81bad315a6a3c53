"""Collection schemas between Milvus' messages and the engine's Schema.

What a schema may ask for and fakemilvus does not build is refused here, by name, because the engine's Field has no
place for it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fakemilvus.datatypes import DataType
from fakemilvus.engine.definition import Definition
from fakemilvus.engine.schema import Field, Function, Pairs, Schema, StructArray
from fakemilvus.errors import (
    DataTypeUnknown,
    ElementTypeNotSupported,
    SchemaNameDiffers,
    SchemaUnreadable,
    Unimplemented,
)
from fakemilvus.timestamptz import DEFAULT_TIMEZONE
from fakemilvus.wire.defaults import decode_default, encode_default
from fakemilvus.wire.messages import UNREADABLE, schema
from fakemilvus.wire.pairs import add_pairs, decode_pairs


def decode_definition(request: Any) -> Definition:
    """What a CreateCollectionRequest asks for, unchecked; field ids are given in declaration order."""
    try:
        message = schema.CollectionSchema.FromString(request.schema)
    except UNREADABLE as problem:
        raise SchemaUnreadable(problem=problem) from None
    if message.name != request.collection_name:
        raise SchemaNameDiffers(collection=request.collection_name, schema=message.name)
    for attribute, feature in _UNBUILT.items():
        if getattr(message, attribute):
            raise Unimplemented(feature)
    properties = decode_pairs(request.properties)
    refuse_unbuilt_properties(properties)
    zone = dict(decode_pairs(message.properties)).get("timezone", DEFAULT_TIMEZONE)  # not the request's, as in Milvus
    fields = tuple(_decode_field(field, zone) for field in message.fields)
    return Definition(
        name=request.collection_name,
        schema=Schema(
            fields,
            message.description,
            message.enable_dynamic_field,
            structs=tuple(decode_struct(struct, zone) for struct in message.struct_array_fields),
            functions=tuple(decode_function(function) for function in message.functions),
        ).with_ids(),
        shards=max(1, request.shards_num),
        consistency_level=request.consistency_level,
        properties=properties,
        partitions=request.num_partitions,
    )


def refuse_unbuilt_properties(properties: Pairs) -> None:
    """Refuses by name what would change answers and is not built."""
    for key, value in properties:
        if key in _UNBUILT_PROPERTIES and value.lower() not in ("", "false"):
            raise Unimplemented(f"the collection property {key}")


def decode_field(message: Any, timezone: str) -> Field:
    """The field of a FieldSchema message, unchecked; its id is still to be given."""
    return _decode_field(message, timezone)


def encode_schema(name: str, database: str, described: Schema, timezone: str, message: Any) -> None:
    """Fills a CollectionSchema message as DescribeCollection shows it: the dynamic field stays hidden."""
    message.name = name
    message.dbName = database
    message.description = described.description
    message.enable_dynamic_field = described.enable_dynamic_field
    message.version = described.version
    for field in described.fields:
        _encode_field(field, message.fields.add(), timezone)
    for place, function in enumerate(described.functions):
        _encode_function(function, FIRST_FUNCTION_ID + place, described, message)
    for struct in described.structs:
        _encode_struct(struct, message.struct_array_fields.add(), timezone)


def decode_function(message: Any) -> Function:
    """A FunctionSchema; what the client says of ids is passed over, as in Milvus."""
    known = schema.FunctionType.values()
    return Function(
        name=message.name,
        type=schema.FunctionType.Name(message.type) if message.type in known else str(message.type),
        inputs=tuple(message.input_field_names),
        outputs=tuple(message.output_field_names),
        description=message.description,
        params=decode_pairs(message.params),
    )


def _encode_function(function: Function, function_id: int, described: Schema, message: Any) -> None:
    """Adds a function to a CollectionSchema whose fields are there, and marks those that it makes."""
    added = message.functions.add(
        name=function.name,
        id=function_id,
        description=function.description,
        type=schema.FunctionType.Value(function.type),
        input_field_names=function.inputs,
        input_field_ids=[described.by_name[name].id for name in function.inputs],
        output_field_names=function.outputs,
        output_field_ids=[described.by_name[name].id for name in function.outputs],
    )
    add_pairs(added.params, function.params)
    for field in message.fields:
        field.is_function_output = field.is_function_output or field.name in function.outputs


def decode_struct(message: Any, timezone: str) -> StructArray:
    """A StructArrayFieldSchema; its fields get Milvus' stored names, ``struct[sub]``."""
    fields = [_decode_field(field, timezone) for field in message.fields]
    nullable = message.nullable  # of the whole struct, and so of all its fields
    named = tuple(replace(f, name=f"{message.name}[{f.name}]", nullable=nullable or f.nullable) for f in fields)
    return StructArray(
        name=message.name,
        fields=named,
        description=message.description,
        nullable=nullable,
        type_params=decode_pairs(message.type_params),
    )


def _encode_struct(struct: StructArray, message: Any, timezone: str) -> None:
    message.fieldID = struct.id
    message.name = struct.name
    message.description = struct.description
    message.nullable = struct.nullable
    add_pairs(message.type_params, struct.type_params)
    for field in struct.fields:
        _encode_field(replace(field, name=field.raw_name), message.fields.add(), timezone)


def _decode_field(message: Any, timezone: str) -> Field:
    if message.data_type not in _KNOWN_TYPES:
        raise DataTypeUnknown(number=message.data_type)
    for attribute, feature in _UNBUILT_OF_FIELDS.items():
        if getattr(message, attribute):
            raise Unimplemented(f"{feature} (field {message.name})")
    return Field(
        name=message.name,
        type=DataType(message.data_type),
        description=message.description,
        is_primary=message.is_primary_key,
        auto_id=message.autoID,
        nullable=message.nullable,
        is_dynamic=message.is_dynamic,
        is_partition_key=message.is_partition_key,
        is_clustering_key=message.is_clustering_key,
        default=decode_default(message.default_value, DataType(message.data_type), timezone),
        element_type=_decode_element_type(message),
        type_params=decode_pairs(message.type_params),
        index_params=decode_pairs(message.index_params),
    )


def _decode_element_type(message: Any) -> DataType:
    if message.element_type not in _KNOWN_TYPES:
        raise ElementTypeNotSupported(type=message.element_type)
    return DataType(message.element_type)


def _encode_field(field: Field, message: Any, timezone: str) -> None:
    message.fieldID = field.id
    message.name = field.name
    message.description = field.description
    message.data_type = int(field.type)
    message.element_type = int(field.element_type)
    message.is_primary_key = field.is_primary
    message.autoID = field.auto_id
    message.nullable = field.nullable
    message.is_partition_key = field.is_partition_key
    message.is_clustering_key = field.is_clustering_key
    add_pairs(message.type_params, field.type_params)
    add_pairs(message.index_params, field.index_params)
    if field.default is not None:
        encode_default(field, message.default_value, timezone)


FIRST_FUNCTION_ID = 100
_KNOWN_TYPES = frozenset(int(known) for known in DataType)

_UNBUILT = {
    "external_source": "external collections",
    "external_spec": "external collections",
    "enable_namespace": "namespaces",
}

_UNBUILT_OF_FIELDS = {
    "external_field": "external collections",
}

_UNBUILT_PROPERTIES = frozenset(("namespace.mode",))
"""Properties that would change answers; any other is kept and shown again, as in Milvus."""
