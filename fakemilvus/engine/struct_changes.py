"""What Milvus refuses when a struct array field is added to a collection.

Source: validateAddStructFieldRequest of the proxy's task.go, Milvus 3.0.
"""

from __future__ import annotations

from fakemilvus import errors, limits
from fakemilvus.datatypes import type_name
from fakemilvus.engine.definition import Definition
from fakemilvus.engine.field_changes import SYSTEM_FIELDS, count_vectors
from fakemilvus.engine.schema import Field, Schema, StructArray
from fakemilvus.engine.schema_checks import check_field_name, check_struct
from fakemilvus.engine.struct_schema import ARRAYS


def check_added_struct(definition: Definition, struct: StructArray) -> None:
    """Raises Milvus' complaint about a struct array field that is to be added."""
    schema = definition.schema
    if not struct.nullable:
        raise errors.AddedStructNotNullable(struct=struct.name)
    check_field_name(struct.name)
    if struct.name in SYSTEM_FIELDS:
        raise errors.AddedFieldSystem(field=struct.name)
    for field in struct.fields:
        check_field_name(field.raw_name)
        if field.type not in ARRAYS:
            raise errors.AddedSubFieldType(field=field.raw_name, type=type_name(field.type))
    check_struct(struct, definition.name)
    for field in struct.fields:
        _check_sub_field(field)
    _check_names(schema, struct)
    if len(schema.fields) + len(schema.structs) + len(schema.sub_fields) + len(struct.fields) + 1 > limits.MAX_FIELDS:
        raise errors.TooManyFields(limit=limits.MAX_FIELDS)
    if count_vectors((*schema.stored, *struct.fields)) > limits.MAX_VECTOR_FIELDS:
        raise errors.AddedTooManyVectorFields(limit=limits.MAX_VECTOR_FIELDS)


# -- private ---------------------------------------------------------------------------------------------------


def _check_sub_field(field: Field) -> None:
    if field.raw_name in SYSTEM_FIELDS:
        raise errors.AddedFieldSystem(field=field.raw_name)
    for kind, holds in (
        ("primary key", field.is_primary),
        ("autoID", field.auto_id),
        ("partition key", field.is_partition_key),
        ("clustering key", field.is_clustering_key),
        ("default value", field.default is not None),
    ):
        if holds:
            raise errors.AddedSubFieldKind(kind=kind, field=field.raw_name)


def _check_names(schema: Schema, struct: StructArray) -> None:
    names = {*(field.name for field in schema.stored), *(held.name for held in schema.structs)}
    if struct.name in names:
        raise errors.AddedFieldTwice(field=struct.name)
    seen: set[str] = set()
    for field in struct.fields:
        if field.raw_name in seen:
            raise errors.AddedFieldTwice(field=field.raw_name)
        seen.add(field.raw_name)
