"""Struct arrays in a schema: fields whose rows are lists of structs, kept as one array for each of the struct's fields.

A sub-field is stored under Milvus' name of it, ``struct[sub]``, as an ARRAY or an ARRAY_OF_VECTOR; clients see ``sub``.
Source: ValidateStructArrayField of the proxy's util.go, checkStructArrayFieldSchema of rootcoord's util.go, Milvus 3.0.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from fakemilvus import errors
from fakemilvus.datatypes import DataType, type_name
from fakemilvus.engine.array_schema import check_capacity, check_element_type
from fakemilvus.engine.schema import Field, StructArray

ARRAYS = (DataType.ARRAY, DataType.ARRAY_OF_VECTOR)
NESTED = (DataType.ARRAY, DataType.ARRAY_OF_VECTOR, DataType.ARRAY_OF_STRUCT)
DENSE_VECTORS = frozenset(
    (
        DataType.FLOAT_VECTOR,
        DataType.FLOAT16_VECTOR,
        DataType.BFLOAT16_VECTOR,
        DataType.INT8_VECTOR,
        DataType.BINARY_VECTOR,
    )
)


def check_types(structs: Iterable[StructArray]) -> None:
    """No sub-field has an automatic id, and each is an array."""
    fields = [field for struct in structs for field in struct.fields]
    for field in fields:
        if field.auto_id:
            raise errors.StructAutoId(field=field.raw_name)
    for field in fields:
        if field.type not in ARRAYS:
            raise errors.StructFieldType(field=field.raw_name, type=type_name(field.type))


def check_no_clustering_key(structs: Iterable[StructArray], collection: str) -> None:
    for struct in structs:
        for field in struct.fields:
            if field.is_clustering_key:
                raise errors.ClusteringKeyInStruct(field=field.raw_name, collection=collection)


def check_capacities(struct: StructArray, collection: str) -> None:
    """Every sub-field may hold as much as the others."""
    expected: int | None = None
    for field in struct.fields:
        capacity = check_capacity(replace(field, name=field.raw_name), collection)
        if expected is not None and capacity != expected:
            raise errors.StructCapacitiesDiffer(
                struct=struct.name, field=field.raw_name, capacity=capacity, expected=expected
            )
        expected = capacity


def check_nulls(struct: StructArray) -> None:
    """A struct is null as a whole or not at all."""
    for field in struct.fields:
        if field.nullable and not struct.nullable:
            raise errors.StructFieldNullable(struct=struct.name, field=field.raw_name)


def check_elements(field: Field) -> None:
    """An ARRAY holds what an ARRAY field may hold, an ARRAY_OF_VECTOR dense vectors."""
    if field.element_type in NESTED:
        raise errors.StructNested(field=field.raw_name)
    if field.type is DataType.ARRAY:
        check_element_type(field)
    elif field.element_type not in DENSE_VECTORS:
        raise errors.StructVectorType(type=type_name(field.element_type), field=field.raw_name)


def check_keys_and_defaults(struct: StructArray) -> None:
    """What rootcoord refuses: keys inside a struct, and defaults."""
    for field in struct.fields:
        facts = {"type": type_name(field.type), "element": type_name(field.element_type), "field": field.name}
        if field.is_partition_key or field.is_primary:
            raise errors.StructKey(**facts)
        if field.default is not None:
            raise errors.StructDefault(**facts)
