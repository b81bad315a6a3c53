"""InsertRequest and DeleteRequest, decoded; and the columns of an insert by field id."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fakemilvus import errors
from fakemilvus.datatypes import Column, DataType
from fakemilvus.engine.schema import Schema
from fakemilvus.filters.compiled import Given
from fakemilvus.wire.columns import decode_column
from fakemilvus.wire.nested import check_array_data
from fakemilvus.wire.structs import flattened
from fakemilvus.wire.templates import decode_templates
from fakemilvus.wire.times import read_timestamps


@dataclass(frozen=True, slots=True)
class InsertCall:
    """An insert as it was asked for; ``fields`` are FieldData messages that wait for their schema."""

    collection: str
    partition: str
    rows: int
    schema_timestamp: int
    fields: Any


@dataclass(frozen=True, slots=True)
class DeleteCall:
    collection: str
    partition: str
    filter: str
    values: Given | None  # of the filter's templates


def decode_insert(request: Any) -> InsertCall:
    if request.namespace:
        raise errors.Unimplemented("namespaces")
    return InsertCall(
        request.collection_name,
        request.partition_name,
        request.num_rows,
        request.schema_timestamp,
        request.fields_data,
    )


def decode_columns(insert: InsertCall, schema: Schema, timezone: str) -> Mapping[int, Column]:
    """The columns that were sent, by field id; each is of its field's type and has the request's row count.

    Times without an offset are in ``timezone``, the collection's.
    """
    if insert.rows <= 0:
        raise errors.NoRows
    columns: dict[int, Column] = {}
    for message, field in flattened(insert.fields, schema, insert.collection):
        if field.id in columns:
            raise errors.FieldRepeated(field=field.name)
        check_array_data(message, field, insert.collection)
        column = decode_column(message, field, insert.rows)
        if field.type is DataType.TIMESTAMPTZ:
            column = read_timestamps(column, timezone)
        columns[field.id] = column
    return columns


def decode_delete(request: Any) -> DeleteCall:
    if request.namespace:
        raise errors.Unimplemented("namespaces")
    return DeleteCall(
        request.collection_name, request.partition_name, request.expr, decode_templates(request.expr_template_values)
    )
