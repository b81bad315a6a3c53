"""Vectors between the wire and columns: the VectorField of an insert or an answer, and the placeholders of a search.

One row of a table for each vector type. Null rows do not travel: a column has a placeholder where they belong.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fakemilvus import errors
from fakemilvus.datatypes import TYPES, Column, DataType, Mask, as_objects, from_floats, type_name
from fakemilvus.engine.schema import Field
from fakemilvus.engine.vector_checks import check_floats, check_sparse_queries
from fakemilvus.wire import arrays

Values = NDArray[Any]


@dataclass(frozen=True, slots=True)
class VectorSlot:
    """Where a vector type lives in a VectorField, and how its values cross over.

    name: of the oneof's member. called: the type in Milvus' complaint about other data.
    decode: the member's values in a flat array; encode: the way back. wrong_length: Milvus' complaint about values
    that are no whole rows, given their number in the units of Milvus, ``unit`` of them for one element.
    """

    name: str
    called: str
    decode: Callable[[Any, np.dtype[Any]], Values]
    encode: Callable[[Any, str, Values], None]
    wrong_length: type[errors.MilvusError] = errors.VectorLengthNotDivisible
    unit: int = 1
    per_row: Callable[[Field], int] = lambda field: field.dim


def decode_vectors(message: Any, field: Field, rows: int, valid: Mask | None) -> Values:
    """The values of a vector field's FieldData, with zeros in the null rows."""
    slot, sent = VECTOR_SLOTS[field.type], rows if valid is None else int(np.count_nonzero(valid))
    values = _sent_values(message, field, slot, sent)
    if field.row_shape:
        values = _in_rows(message, field, slot, values)
    if len(values) != sent:
        raise errors.RowCountMismatch(field=field.name, actual=len(values), expected=rows)
    if valid is None:
        return values
    row = TYPES[field.type]
    spread = np.full((rows, *field.row_shape), row.null, row.dtype)
    spread[valid] = values
    return spread


def encode_vectors(column: Column, field: Field, message: Any) -> None:
    """Fills a FieldData message with the rows that are not null."""
    slot, vectors = VECTOR_SLOTS[field.type], message.vectors
    if field.row_shape:
        vectors.dim = field.dim
    slot.encode(vectors, slot.name, column.values if column.valid is None else column.values[column.valid])
    if field.nullable:
        message.valid_data.extend([True] * len(column) if column.valid is None else column.valid.tolist())


def decode_placeholders(type: int, rows: Sequence[bytes], field: Field) -> Values:
    """Query vectors as the values of a column of the field's type; float32 is converted for the half types."""
    within = "failed to search"
    if field.type in _HALVES and type != field.type:
        return _converted(type, rows, field)
    if type != field.type:
        actual = type_name(type)
        raise errors.QueryTypeMismatch(field=field.name, expected=type_name(field.type), actual=actual, within=within)
    if not field.row_shape:
        return check_sparse_queries(as_objects(rows))
    dtype = TYPES[field.type].dtype
    size = field.row_shape[0] * dtype.itemsize
    wrong = next((len(row) for row in rows if len(row) != size), None)
    if wrong is not None:
        raise errors.QueryDimMismatch(expected=size, actual=wrong, within=within)
    return np.frombuffer(b"".join(rows), dtype.newbyteorder("<")).reshape(len(rows), *field.row_shape)


# -- private ---------------------------------------------------------------------------------------------------


def _sent_values(message: Any, field: Field, slot: VectorSlot, sent: int) -> Values:
    """The flat values; float32 is converted for the half types, as Milvus 3.0 does."""
    kind = message.vectors.WhichOneof("data")
    row = TYPES[field.type]
    if kind == "float_vector" and field.type in _HALVES:
        floats = arrays.floats(message.vectors.float_vector)
        check_floats(floats)
        return from_floats(floats, field.type)
    if kind == slot.name:
        return slot.decode(getattr(message.vectors, kind), row.dtype)
    if not sent or field.nullable:
        return np.empty(0, row.dtype)
    called = f"{slot.called} vector"
    raise errors.FieldDataTypeMismatch(kind=f"{called} ", field=field.name, needed=called, actual="nil")


def _in_rows(message: Any, field: Field, slot: VectorSlot, values: Values) -> Values:
    """Dense values as (rows, elements of a row); ``dim`` need not be said where there is no row."""
    if len(values) % field.row_shape[0]:
        length = len(values) * slot.unit
        raise slot.wrong_length(length=length, dim=slot.per_row(field))
    if message.vectors.dim != field.dim and (len(values) or message.vectors.dim):
        raise errors.VectorDimMismatch(field=field.name, actual=message.vectors.dim, expected=field.dim)
    return values.reshape(-1, *field.row_shape)


def _converted(type: int, rows: Sequence[bytes], field: Field) -> Values:
    if type != DataType.FLOAT_VECTOR:
        name = type_name(field.type)
        raise errors.PlaceholderTypeMismatch(expected=name, actual=type_name(type))
    odd = next((row for row in rows if len(row) % 4), None)
    if odd is not None:
        raise errors.PlaceholderLengthInvalid(row=rows.index(odd), length=len(odd))
    size = 4 * field.dim
    wrong = next((len(row) for row in rows if len(row) != size), None)
    if wrong is not None:
        raise errors.QueryDimMismatch(expected=2 * field.dim, actual=wrong // 2, within="failed to search")
    floats = np.frombuffer(b"".join(rows), "<f4").reshape(len(rows), field.dim)
    check_floats(floats)
    return from_floats(floats, field.type)


def _decode_floats(member: Any, dtype: np.dtype[Any]) -> Values:
    return arrays.floats(member)


def _decode_bytes(member: bytes, dtype: np.dtype[Any]) -> Values:
    return np.frombuffer(member, dtype.newbyteorder("<"))


def _decode_sparse(member: Any, dtype: np.dtype[Any]) -> Values:
    return as_objects(member.contents)


def _encode_floats(vectors: Any, name: str, values: Values) -> None:
    vectors.float_vector.SetInParent()
    arrays.fill_floats(vectors.float_vector, values.ravel())


def _encode_bytes(vectors: Any, name: str, values: Values) -> None:
    setattr(vectors, name, np.ascontiguousarray(values, values.dtype.newbyteorder("<")).tobytes())


def _encode_sparse(vectors: Any, name: str, values: Values) -> None:
    """The dim is one more than the largest index, in the array and beside it, as Milvus says it."""
    rows = values.tolist()
    vectors.sparse_float_vector.SetInParent()
    vectors.sparse_float_vector.contents.extend(rows)
    dim = max((int.from_bytes(row[-8:-4], "little") + 1 for row in rows if row), default=0)
    vectors.sparse_float_vector.dim = dim
    vectors.dim = dim


_HALVES = frozenset((DataType.FLOAT16_VECTOR, DataType.BFLOAT16_VECTOR))

VECTOR_SLOTS = {
    DataType.FLOAT_VECTOR: VectorSlot("float_vector", "float", _decode_floats, _encode_floats),
    DataType.FLOAT16_VECTOR: VectorSlot(
        "float16_vector",
        "float16",
        _decode_bytes,
        _encode_bytes,
        errors.Float16LengthNotDivisible,
        unit=2,
        per_row=lambda field: 2 * field.dim,
    ),
    DataType.BFLOAT16_VECTOR: VectorSlot(
        "bfloat16_vector",
        "bfloat16",
        _decode_bytes,
        _encode_bytes,
        errors.BFloat16LengthNotDivisible,
        unit=2,
        per_row=lambda field: 2 * field.dim,
    ),
    DataType.INT8_VECTOR: VectorSlot(
        "int8_vector", "int8", _decode_bytes, _encode_bytes, errors.Int8LengthNotDivisible
    ),
    DataType.BINARY_VECTOR: VectorSlot(
        "binary_vector", "binary", _decode_bytes, _encode_bytes, errors.BinaryLengthNotDivisible, unit=8
    ),
    DataType.SPARSE_FLOAT_VECTOR: VectorSlot("sparse_float_vector", "sparse float", _decode_sparse, _encode_sparse),
}
