"""Collection schemas between Milvus' messages and the engine's Schema.

What a schema may ask for and fakemilvus does not build is refused here, by name, because the engine's Field has no
place for it.
"""

from __future__ import annotations

from typing import Any

from fakemilvus.datatypes import DataType
from fakemilvus.engine.definition import Definition
from fakemilvus.engine.schema import Field, Schema
from fakemilvus.errors import (
    DataTypeUnknown,
    ElementTypeNotSupported,
    PartitionsWithoutKey,
    SchemaNameDiffers,
    SchemaUnreadable,
    Unimplemented,
)
from fakemilvus.wire.messages import schema
from fakemilvus.wire.pairs import add_pairs, decode_pairs


def decode_definition(request: Any) -> Definition:
    """What a CreateCollectionRequest asks for, unchecked; field ids are given in declaration order."""
    try:
        message = schema.CollectionSchema.FromString(request.schema)
    except Exception as problem:  # noqa: BLE001 - protobuf raises DecodeError, or ValueError where text is no UTF-8
        raise SchemaUnreadable(problem=problem) from None
    if message.name != request.collection_name:
        raise SchemaNameDiffers(collection=request.collection_name, schema=message.name)
    if request.num_partitions and not any(field.is_partition_key for field in message.fields):
        raise PartitionsWithoutKey
    for attribute, feature in _UNBUILT.items():
        if getattr(message, attribute):
            raise Unimplemented(feature)
    properties = decode_pairs(request.properties)
    for key, value in properties:
        if key in _UNBUILT_PROPERTIES and value.lower() not in ("", "false"):
            raise Unimplemented(f"the collection property {key}")
    fields = tuple(_decode_field(field) for field in message.fields)
    return Definition(
        name=request.collection_name,
        schema=Schema(fields, message.description, message.enable_dynamic_field).with_ids(),
        shards=max(1, request.shards_num),
        consistency_level=request.consistency_level,
        properties=properties,
    )


def encode_schema(name: str, database: str, described: Schema, message: Any) -> None:
    """Fills a CollectionSchema message as DescribeCollection shows it: the dynamic field stays hidden."""
    message.name = name
    message.dbName = database
    message.description = described.description
    message.enable_dynamic_field = described.enable_dynamic_field
    for field in described.fields:
        _encode_field(field, message.fields.add())


def _decode_field(message: Any) -> Field:
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
        default=_decode_default(message),
        element_type=_decode_element_type(message),
        type_params=decode_pairs(message.type_params),
        index_params=decode_pairs(message.index_params),
    )


def _decode_element_type(message: Any) -> DataType:
    if message.element_type not in _KNOWN_TYPES:
        raise ElementTypeNotSupported(type=message.element_type)
    return DataType(message.element_type)


def _decode_default(message: Any) -> Any:
    kind = message.default_value.WhichOneof("data")
    return None if kind is None else getattr(message.default_value, kind)


def _encode_field(field: Field, message: Any) -> None:
    message.fieldID = field.id
    message.name = field.name
    message.description = field.description
    message.data_type = int(field.type)
    message.element_type = int(field.element_type)
    message.is_primary_key = field.is_primary
    message.autoID = field.auto_id
    message.nullable = field.nullable
    add_pairs(message.type_params, field.type_params)
    add_pairs(message.index_params, field.index_params)
    if field.default is not None:
        setattr(message.default_value, _DEFAULT_SLOTS[field.type], field.default)


_KNOWN_TYPES = frozenset(int(known) for known in DataType)

_DEFAULT_SLOTS = {
    DataType.BOOL: "bool_data",
    DataType.INT8: "int_data",
    DataType.INT16: "int_data",
    DataType.INT32: "int_data",
    DataType.INT64: "long_data",
    DataType.FLOAT: "float_data",
    DataType.DOUBLE: "double_data",
    DataType.VARCHAR: "string_data",
    DataType.JSON: "bytes_data",
}

_UNBUILT = {
    "functions": "functions in a schema",
    "struct_array_fields": "struct array fields",
    "external_source": "external collections",
    "external_spec": "external collections",
    "enable_namespace": "namespaces",
}

_UNBUILT_OF_FIELDS = {
    "is_partition_key": "partition keys",
    "is_clustering_key": "clustering keys",
    "is_function_output": "function outputs",
    "external_field": "external collections",
}

_UNBUILT_PROPERTIES = frozenset(
    (
        "collection.ttl.seconds",
        "ttl_field",
        "partitionkey.isolation",
        "namespace.mode",
        "query_mode",
    )
)
"""Properties that would change answers; any other is kept and shown again, as in Milvus."""
