"""UpsertRequest, decoded; and its refusals of operations on fields, in Milvus' order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from fakemilvus import errors
from fakemilvus.datatypes import DataType, type_name
from fakemilvus.engine.merging import ArrayOp
from fakemilvus.engine.schema import Field, Schema
from fakemilvus.wire.messages import schema as schemas
from fakemilvus.wire.rows import InsertCall, decode_insert


@dataclass(frozen=True, slots=True)
class UpsertCall:
    """An upsert as it was asked for; ``ops`` are FieldPartialUpdateOp messages that wait for their schema."""

    rows: InsertCall
    partial: bool
    ops: Any


def decode_upsert(request: Any) -> UpsertCall:
    return UpsertCall(decode_insert(request), request.partial_update, request.field_ops)


def decode_ops(upsert: UpsertCall, schema: Schema) -> Mapping[str, ArrayOp]:
    """What is to be done to which arrays; a request that replaces a field says nothing by that."""
    given = {message.field_name: message for message in upsert.rows.fields}
    found: dict[str, ArrayOp] = {}
    seen: set[str] = set()
    for message in upsert.ops:
        if not message.field_name:
            raise errors.UpdateOpWithoutField
        if message.field_name in seen:
            raise errors.UpdateOpTwice(field=message.field_name)
        seen.add(message.field_name)
        if message.op != REPLACE:
            found[message.field_name] = _decode_op(message, schema, given.get(message.field_name))
    return found


def check_keys_given(upsert: UpsertCall, primary: Field) -> None:
    """Refuses fields without the primary key among them; a request without any field is refused later."""
    names = [message.field_name for message in upsert.rows.fields]
    if names and primary.name not in names:
        raise errors.UpsertKeyMissing(field=primary.name)


# -- private ---------------------------------------------------------------------------------------------------


def _decode_op(message: Any, schema: Schema, data: Any) -> ArrayOp:
    name = message.field_name
    if name == schema.primary.name:
        raise errors.UpdateOpOnPrimaryKey(field=name)
    field = next((field for field in schema.fields if field.name == name), None)
    if field is None:
        raise errors.UpdateOpFieldNotFound(field=name)
    op = _OPS.get(message.op)
    if op is None:
        raise errors.UpdateOpUnknown(op=message.op)
    if field.type is not DataType.ARRAY:
        raise errors.UpdateOpNotOnArray(op=op.value, field=name, type=type_name(field.type))
    if data is None:
        raise errors.UpdateOpWithoutData(field=name)
    if data.WhichOneof("field") != "scalars" or data.scalars.WhichOneof("data") != "array_data":
        raise errors.UpdateOpPayloadNotArray(field=name)
    element = data.scalars.array_data.element_type
    if element not in (DataType.NONE, field.element_type):
        expected, actual = type_name(field.element_type), type_name(element)
        raise errors.UpdateOpElementType(field=name, expected=expected, actual=actual)
    if op is ArrayOp.APPEND:
        _check_lengths(field, data.scalars.array_data.data)
    return op


def _check_lengths(field: Field, arrays: Iterable[Any]) -> None:
    """No array that is appended may be longer than the field takes."""
    for row, array in enumerate(arrays):
        kind = array.WhichOneof("data")
        length = 0 if kind is None else len(getattr(array, kind).data)
        if length > field.max_capacity:
            raise errors.ArrayAppendTooLong(field=field.name, row=row, length=length, limit=field.max_capacity)


REPLACE = schemas.FieldPartialUpdateOp.REPLACE
_OPS = {
    schemas.FieldPartialUpdateOp.ARRAY_APPEND: ArrayOp.APPEND,
    schemas.FieldPartialUpdateOp.ARRAY_REMOVE: ArrayOp.REMOVE,
}
