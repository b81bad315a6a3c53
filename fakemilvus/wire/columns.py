"""FieldData between the wire and columns: one row of a table for each data type.

Decoding refuses what cannot be a column of the field (another type's data, a row count or dim that does not fit);
what may stand in the column is the engine's to check.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fakemilvus import errors
from fakemilvus.datatypes import TEXT_DTYPE, TYPES, Column, DataType, Mask, nulls
from fakemilvus.engine.geometry import read_texts, show_texts
from fakemilvus.engine.schema import Field
from fakemilvus.wire import arrays
from fakemilvus.wire.nested import decode_arrays, encode_arrays
from fakemilvus.wire.vector_arrays import decode_vector_arrays, encode_vector_arrays
from fakemilvus.wire.vectors import decode_vectors, encode_vectors

Values = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a scalar type lives in a ScalarField, and how its values cross over."""

    name: str
    decode: Callable[[Any, Field], Values]
    encode: Callable[[Any, Values, Field], None]
    needed: str  # in Milvus' refusal of other data
    kind: str = ""


def decode_column(message: Any, field: Field, rows: int) -> Column:
    """The column of a field that a FieldData message carries, with a placeholder in every null row."""
    valid = _decode_valid(message, field, rows)
    sent = rows if valid is None else int(np.count_nonzero(valid))
    if field.is_vector:
        return Column(field.type, decode_vectors(message, field, rows, valid), valid)
    if field.type is DataType.ARRAY_OF_VECTOR:
        return _decode_vector_arrays(message, field, valid, rows)
    kind = message.scalars.WhichOneof("data")
    slot = SLOTS[field.type]
    if field.type is DataType.TIMESTAMPTZ and kind != slot.name:
        raise errors.TimestampsNotTexts
    if kind not in (slot.name, None):
        raise errors.FieldDataTypeMismatch(kind=slot.kind, field=field.name, needed=slot.needed, actual=kind)
    values = slot.decode(getattr(message.scalars, slot.name), field)
    if valid is not None and len(values) == sent != rows:
        values = _spread(values, valid, field)
    if len(values) != rows:
        raise errors.RowCountMismatch(field=field.name, actual=len(values), expected=rows)
    return Column(field.type, values, valid)


def encode_column(column: Column, field: Field, message: Any) -> None:
    """Fills a FieldData message; the oneof is set even when there is no row, as clients insist."""
    message.type = int(field.type)
    message.field_name = field.name
    message.field_id = field.id
    message.is_dynamic = field.is_dynamic
    if field.is_vector:
        encode_vectors(column, field, message)
        return
    if field.type is DataType.ARRAY_OF_VECTOR:
        encode_vector_arrays(message.vectors, column.values, field)
        _encode_valid(column, field, message)
        return
    slot = SLOTS[field.type]
    filled = getattr(message.scalars, slot.name)
    filled.SetInParent()
    slot.encode(filled, column.values, field)
    _encode_valid(column, field, message)


def encode_keys(keys: Values, message: Any) -> None:
    """Fills an IDs message with primary keys."""
    if keys.dtype.kind == "T":
        message.str_id.data.extend(keys.tolist())
    else:
        message.int_id.data.extend(keys.tolist())


def _decode_valid(message: Any, field: Field, rows: int) -> Mask | None:
    if not len(message.valid_data):
        return None
    valid = arrays.integers(message.valid_data, np.dtype(np.bool_))
    if len(valid) != rows:
        raise errors.RowCountMismatch(field=field.name, actual=len(valid), expected=rows)
    if valid.all():
        return None
    return valid


def _decode_vector_arrays(message: Any, field: Field, valid: Mask | None, rows: int) -> Column:
    values = decode_vector_arrays(message.vectors.vector_array, field)
    if valid is not None and len(values) == np.count_nonzero(valid):
        values = _spread(values, valid, field)
    if len(values) != rows:
        raise errors.RowCountMismatch(field=field.name, actual=len(values), expected=rows)
    return Column(field.type, values, valid)


def _encode_valid(column: Column, field: Field, message: Any) -> None:
    if field.nullable and not field.is_dynamic:
        message.valid_data.extend([True] * len(column) if column.valid is None else column.valid.tolist())


def _spread(values: Values, valid: Mask, field: Field) -> Values:
    """Values that were sent for valid rows only, each in its row."""
    of_objects = values.dtype.kind == "O"
    spread = nulls(field.type, len(valid), field.element_type) if of_objects else np.zeros(len(valid), values.dtype)
    spread[valid] = values
    return spread


def _decode_numbers(message: Any, field: Field) -> Values:
    return arrays.integers(message.data, TYPES[field.type].dtype)


def _decode_small_integers(message: Any, field: Field) -> Values:
    """INT8 and INT16 travel as int32 and are kept so until their range was checked."""
    return arrays.integers(message.data, np.dtype(np.int32))


def _decode_floats(message: Any, field: Field) -> Values:
    return arrays.floats(message)


def _decode_doubles(message: Any, field: Field) -> Values:
    return arrays.doubles(message)


def _decode_text(message: Any, field: Field) -> Values:
    return np.array(list(message.data), TEXT_DTYPE)


def _decode_bytes(message: Any, field: Field) -> Values:
    values = np.empty(len(message.data), np.dtype(object))
    values[:] = list(message.data)
    return values


def _decode_geometries(message: Any, field: Field) -> Values:
    return read_texts(message.data)


def _encode_geometries(message: Any, values: Values, field: Field) -> None:
    message.data.extend(show_texts(values).tolist())


def _encode_list(message: Any, values: Values, field: Field) -> None:
    message.data.extend(values.tolist())


def _encode_floats(message: Any, values: Values, field: Field) -> None:
    arrays.fill_floats(message, values)


def _encode_doubles(message: Any, values: Values, field: Field) -> None:
    arrays.fill_doubles(message, values)


_INT = "int array"

SLOTS = {
    DataType.BOOL: Slot("bool_data", _decode_numbers, _encode_list, "bool array"),
    DataType.INT8: Slot("int_data", _decode_small_integers, _encode_list, _INT),
    DataType.INT16: Slot("int_data", _decode_small_integers, _encode_list, _INT),
    DataType.INT32: Slot("int_data", _decode_numbers, _encode_list, _INT),
    DataType.INT64: Slot("long_data", _decode_numbers, _encode_list, "long int array"),
    DataType.FLOAT: Slot("float_data", _decode_floats, _encode_floats, "float32 array"),
    DataType.DOUBLE: Slot("double_data", _decode_doubles, _encode_doubles, "float64(double) array"),
    DataType.VARCHAR: Slot("string_data", _decode_text, _encode_list, "string array", "varchar "),
    DataType.TEXT: Slot("string_data", _decode_text, _encode_list, "text array", "text "),
    DataType.JSON: Slot("json_data", _decode_bytes, _encode_list, "json array", "json "),
    DataType.TIMESTAMPTZ: Slot("string_data", _decode_text, _encode_list, "string array"),  # see wire.times
    DataType.GEOMETRY: Slot("geometry_wkt_data", _decode_geometries, _encode_geometries, "geometry array", "geometry "),
    DataType.ARRAY: Slot("array_data", decode_arrays, encode_arrays, "array"),
}
