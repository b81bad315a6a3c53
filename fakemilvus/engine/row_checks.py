"""What Milvus refuses in the rows of an insert, and what it fills in.

Takes the columns that a client sent and returns one column for every stored field but an automatic primary key.
Works on whole columns: JSON alone is looked at row by row. Source: the proxy's util.go, task_insert.go and
validate_util.go, Milvus 3.0.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

import numpy as np

from fakemilvus import errors, limits
from fakemilvus.datatypes import TYPES, Column, DataType
from fakemilvus.engine.absent import absent_column, stored_default
from fakemilvus.engine.array_checks import check_arrays, check_vector_arrays, fitted
from fakemilvus.engine.computing import find_function, with_computed
from fakemilvus.engine.schema import DYNAMIC_FIELD, Field, Schema
from fakemilvus.engine.vector_checks import VECTORS, check_floats, check_vectors

EMPTY_OBJECT = b"{}"


def check_rows(
    schema: Schema, columns: Mapping[int, Column], rows: int, *, keys_allowed: bool = False, merged: bool = False
) -> Mapping[int, Column]:
    """The columns by field id, complete and checked; each has ``rows`` rows and its field's own numpy type.

    ``keys_allowed`` says that rows may bring their keys also where those are automatic, ``merged`` that they are
    those of a partial update, completed from rows that are there.
    """
    for field in schema.stored:
        if field.is_dynamic and field.id in columns:
            _check_dynamic(columns[field.id], schema, merged)
    given = _given(schema, columns, keys_allowed)
    for field, column in given:
        if column is not None:
            _check_shape(field, column, rows)
            _CHECKS.get(field.type, _anything)(field, column)
    return with_computed(schema, {field.id: _filled(field, column, rows) for field, column in given})


# -- private ---------------------------------------------------------------------------------------------------


def _given(schema: Schema, columns: Mapping[int, Column], keys_allowed: bool) -> list[tuple[Field, Column | None]]:
    """Every field that is to be stored with its column, or None where it will be filled."""
    found: list[tuple[Field, Column | None]] = []
    for field in schema.stored:
        column = columns.get(field.id)
        if field.name in schema.computed:
            if column is not None:
                made_by = find_function(schema, field, "BM25")
                raise errors.FunctionOutputGiven if made_by is None else errors.Bm25OutputGiven
            continue
        if field.auto_id and not (keys_allowed and column is not None):
            continue
        if column is None and field.default is None and not field.nullable:
            raise errors.FieldMissing(field=field.name)
        found.append((field, column))
    if schema.primary.auto_id and schema.primary.id in columns and not keys_allowed:
        raise errors.TooManyColumns(expected=len(schema.stored), actual=len(schema.stored) + 1)
    return found


def _check_shape(field: Field, column: Column, rows: int) -> None:
    if field.is_vector and column.values.shape[1:] != field.row_shape:
        raise errors.VectorDimMismatch(field=field.name, actual=column.values.shape[1], expected=field.dim)
    if len(column) != rows:
        raise errors.RowCountMismatch(field=field.name, actual=len(column), expected=rows)
    if column.valid is not None and not field.nullable and field.default is None:
        raise errors.NullsNotAllowed(field=field.name, rows=rows)


def _filled(field: Field, column: Column | None, rows: int) -> Column:
    """The column as it is stored: an absent one made, defaults in the null rows of a field that has one."""
    if column is None:
        return absent_column(field, rows)
    default = stored_default(field)
    values = column.values.astype(TYPES[field.type].dtype, copy=False)
    if field.type is DataType.ARRAY:
        values = fitted(field, values)
    if column.valid is None or default is None:
        return Column(field.type, values, column.valid)
    values = values.copy()
    values[~column.valid] = default
    return Column(field.type, values)


def _check_floats(field: Field, column: Column) -> None:
    check_floats(column.values)


def _check_small_integers(field: Field, column: Column) -> None:
    span = np.iinfo(TYPES[field.type].dtype)
    outside = (column.values < span.min) | (column.values > span.max)
    if outside.any():
        row = int(outside.argmax())
        value = int(column.values[row])
        raise errors.IntegerOverflow(row=_sent(column, row), value=value, low=span.min, high=span.max)


def _check_texts(field: Field, column: Column) -> None:
    """Lengths are in bytes of UTF-8: at most four for each character, so most columns need no closer look."""
    lengths = np.strings.str_len(column.values)
    if int(lengths.max(initial=0)) * _MAX_BYTES_PER_CHARACTER <= field.max_length:
        return
    texts = column.values.tolist()
    if not "".join(texts).isascii():
        lengths = np.fromiter((len(text.encode()) for text in texts), np.int64, len(texts))
    too_long = lengths > field.max_length
    if too_long.any():
        row = int(too_long.argmax())
        length = int(lengths[row])
        raise errors.VarCharTooLong(field=field.name, row=_sent(column, row), length=length, limit=field.max_length)


def _check_json(field: Field, column: Column) -> None:
    longest = max(map(len, column.values), default=0)
    if longest > limits.MAX_JSON_BYTES:
        length = next(len(value) for value in column.values if len(value) > limits.MAX_JSON_BYTES)
        refusal = errors.DynamicFieldTooLong if field.is_dynamic else errors.JsonTooLong
        raise refusal(length=length, field=field.name, limit=limits.MAX_JSON_BYTES)
    if field.is_dynamic:
        return  # was parsed already
    for value in set(column.values.tolist()):
        try:
            _parsed(value)
        except (ValueError, RecursionError) as complaint:
            row = column.values.tolist().index(value)
            raise errors.JsonInvalid(field=field.name, row=row, problem=complaint) from None


def _check_dynamic(column: Column, schema: Schema, merged: bool) -> None:
    """Every row is a JSON object none of whose keys is a declared field, but for rows that are older than the field."""
    for value in dict.fromkeys(column.values.tolist()):
        try:
            found = _parsed(value)
        except (ValueError, RecursionError) as complaint:
            raise errors.DynamicFieldNotObject(problem=complaint) from None
        if found is None:
            continue
        if not isinstance(found, dict):
            raise errors.DynamicFieldNotObject(problem=_not_object(found))
        if DYNAMIC_FIELD in found:
            raise errors.DynamicKeyReserved
        if not merged and not found.keys().isdisjoint(schema.by_name):
            raise errors.DynamicKeyIsField(field=next(f.name for f in schema.fields if f.name in found))


def _parsed(value: bytes) -> Any:
    return _DECODER.decode(value.decode())


def _not_object(found: Any) -> str:
    return f"json: cannot unmarshal {_JSON_KINDS[type(found)]} into Go value of type map[string]interface {{}}"


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _sent(column: Column, row: int) -> int:
    """The number of a row among those that were sent: clients leave null rows out, and Milvus counts before it
    fills them in."""
    return row if column.valid is None else int(np.count_nonzero(column.valid[:row]))


def _anything(field: Field, column: Column) -> None:
    """BOOL, INT32 and INT64 have no value that is refused."""


_MAX_BYTES_PER_CHARACTER = 4
_DECODER = json.JSONDecoder(parse_constant=_no_constant)  # Python alone reads NaN and Infinity
_JSON_KINDS = {list: "array", str: "string", bool: "bool", int: "number", float: "number"}

_CHECKS: dict[DataType, Callable[[Field, Column], None]] = {
    DataType.INT8: _check_small_integers,
    DataType.INT16: _check_small_integers,
    DataType.FLOAT: _check_floats,
    DataType.DOUBLE: _check_floats,
    DataType.VARCHAR: _check_texts,
    DataType.JSON: _check_json,
    DataType.ARRAY: check_arrays,
    DataType.ARRAY_OF_VECTOR: check_vector_arrays,
    **dict.fromkeys(VECTORS, check_vectors),
}
