"""Schemas as the manifest of a state file tells them, and how its values are read; see docs/state-file.md."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from fakemilvus.datatypes import TYPES, DataType
from fakemilvus.engine.schema import FIRST_FIELD_ID, Field, Function, Pairs, Schema, StructArray

MANIFEST = "manifest.json"
MAX_FIELD_ID = 2**31 - 1


def write_schema(schema: Schema) -> dict[str, Any]:
    """A schema as plain dicts and lists."""
    return {
        "fields": [_write_field(field) for field in schema.fields],
        "description": schema.description,
        "enable_dynamic_field": schema.enable_dynamic_field,
        "properties": schema.properties,
        "version": schema.version,
        "dynamic_id": schema.dynamic_id,
        "max_id": schema.max_id,
        "functions": [asdict(function) for function in schema.functions],
        "structs": [
            asdict(struct) | {"fields": [_write_field(field) for field in struct.fields]} for struct in schema.structs
        ],
    }


def read_schema(told: Mapping[str, Any]) -> Schema:
    """Raises KeyError or ValueError where it is told wrong."""
    fields = tuple(_field(one) for one in take(told, "fields", list))
    schema = Schema(
        fields=fields,
        description=take(told, "description", str),
        enable_dynamic_field=take(told, "enable_dynamic_field", bool),
        properties=read_pairs(told, "properties"),
        version=take(told, "version", int),
        dynamic_id=take(told, "dynamic_id", int),
        max_id=take(told, "max_id", int),
        structs=tuple(_struct(one) for one in take(told, "structs", list)),
        functions=tuple(_function(one) for one in take(told, "functions", list)),
    )
    _check_ids(schema)
    return schema


def read_pairs(told: Mapping[str, Any], key: str) -> Pairs:
    """A list of pairs of texts."""
    pairs = tuple((name, value) for name, value in take(told, key, list))
    if not all(isinstance(text, str) for pair in pairs for text in pair):
        raise ValueError(f"{key} are not pairs of texts")
    return pairs


def take(told: Mapping[str, Any], key: str, kind: type) -> Any:
    """A value of the manifest; raises KeyError or ValueError where it is absent or of another type."""
    value = told[key]
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise ValueError(f"{key} is {value!r} in its {MANIFEST}")
    return value


# -- private ---------------------------------------------------------------------------------------------------


def _function(told: Mapping[str, Any]) -> Function:
    return Function(
        name=take(told, "name", str),
        type=take(told, "type", str),
        inputs=tuple(take(told, "inputs", list)),
        outputs=tuple(take(told, "outputs", list)),
        description=take(told, "description", str),
        params=read_pairs(told, "params"),
    )


def _check_ids(schema: Schema) -> None:
    """Ids count from 100 in a schema that was never changed; in any other they are none of Milvus' own, and differ."""
    if not schema.version and schema.with_ids() != schema:
        raise ValueError("field ids do not count from 100")
    ids = [field.id for field in schema.stored] + [struct.id for struct in schema.structs]
    if len(ids) > len(set(ids)) or not all(FIRST_FIELD_ID <= field_id <= MAX_FIELD_ID for field_id in ids):
        raise ValueError("a field id comes twice, or is none")
    if not 0 <= schema.version <= MAX_FIELD_ID or not 0 <= schema.max_id <= MAX_FIELD_ID:
        raise ValueError("the schema's version or highest id is none")


def _struct(told: Mapping[str, Any]) -> StructArray:
    return StructArray(
        name=take(told, "name", str),
        fields=tuple(_field(one) for one in take(told, "fields", list)),
        id=take(told, "id", int),
        description=take(told, "description", str),
        nullable=take(told, "nullable", bool),
        type_params=read_pairs(told, "type_params"),
    )


def _field(told: Mapping[str, Any]) -> Field:
    field = Field(
        name=take(told, "name", str),
        type=DataType[take(told, "type", str)],
        id=take(told, "id", int),
        description=take(told, "description", str),
        is_primary=take(told, "is_primary", bool),
        auto_id=take(told, "auto_id", bool),
        nullable=take(told, "nullable", bool),
        default=told["default"],
        is_dynamic=take(told, "is_dynamic", bool),
        is_partition_key=take(told, "is_partition_key", bool),
        is_clustering_key=take(told, "is_clustering_key", bool),
        element_type=DataType[take(told, "element_type", str)],
        type_params=read_pairs(told, "type_params"),
        index_params=read_pairs(told, "index_params"),
    )
    if field.default is not None:
        np.array([field.default]).astype(TYPES[field.type].dtype)  # raises where it is no such value
    return field


def _write_field(field: Field) -> dict[str, Any]:
    return asdict(field) | {"type": field.type.name, "element_type": field.element_type.name}
