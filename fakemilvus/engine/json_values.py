"""What stands at a path of JSON documents, as a column: what a search groups and sorts by."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np

from fakemilvus import errors
from fakemilvus.datatypes import TEXT_DTYPE, TYPES, Column, DataType
from fakemilvus.filters import documents


def json_column(column: Column, path: tuple[str, ...], cast: DataType | None, strict: bool) -> Column:
    """The values at the path: those of the type ``cast``, or as text where it is None; all others are null.

    ``strict`` raises JsonCastFailed for a value of another type. Source: JSON_TYPE_CASE of SearchGroupByOperator.
    """
    if cast is not None and cast not in _CASTS:
        raise errors.GroupJsonType(type=cast.name)
    read = _text if cast is None else _CASTS[cast]
    values = [read(found) for found in documents.look_up(documents.read(column), path)]
    valid = np.fromiter((value is not None for value in values), np.bool_, len(values))
    if strict and not valid.all():
        raise errors.JsonCastFailed(type="string" if cast in (None, DataType.VARCHAR) else str(cast and cast.name))
    type = cast or DataType.VARCHAR
    dtype = TEXT_DTYPE if type is DataType.VARCHAR else TYPES[type].dtype
    plain = (
        [dtype.type() if value is None else value for value in values]
        if dtype.kind != "T"
        else ["" if value is None else value for value in values]
    )
    return Column(type, np.array(plain, dtype), None if valid.all() else valid)


def json_sort_column(column: Column, path: tuple[str, ...]) -> Column:
    """The values at the path as they are sorted: numbers, texts or booleans where all are, else as their JSON texts.

    Nothing and a null are null. Source: compareJSONValues of the proxy's search_pipeline.go.
    """
    found = documents.look_up(documents.read(column), path)
    valid = np.fromiter((value is not documents.MISSING and value is not None for value in found), np.bool_, len(found))
    there = [value for value, is_there in zip(found, valid.tolist(), strict=True) if is_there]
    type, dtype, read = _sorting(there)
    values = np.zeros(len(found), dtype)
    values[valid] = np.array([read(value) for value in there], dtype)
    return Column(type, values, valid)


def _sorting(values: list[Any]) -> tuple[DataType, Any, Callable[[Any], Any]]:
    kinds = {type(value) for value in values}
    if kinds <= {bool}:
        return DataType.BOOL, np.bool_, bool
    if kinds <= {int, float}:
        return DataType.DOUBLE, np.float64, float
    if kinds <= {str}:
        return DataType.VARCHAR, TEXT_DTYPE, str
    return DataType.VARCHAR, TEXT_DTYPE, _raw


def _raw(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _text(found: object) -> str | None:
    """Any value as text: a string as it is, anything else as JSON."""
    if found is documents.MISSING:
        return None
    return found if isinstance(found, str) else json.dumps(found, separators=(",", ":"))


def _only_text(found: object) -> str | None:
    return found if isinstance(found, str) else None


def _bool(found: object) -> bool | None:
    return found if isinstance(found, bool) else None


def _integer(bits: int) -> Callable[[object], int | None]:
    """Integers, wrapped into the width as C++ casts them."""

    def read(found: object) -> int | None:
        if not isinstance(found, int) or isinstance(found, bool) or not -(2**63) <= found < 2**63:
            return None
        wrapped: int = (found + 2 ** (bits - 1)) % 2**bits - 2 ** (bits - 1)
        return wrapped

    return read


_CASTS: dict[DataType, Callable[[object], bool | int | str | None]] = {
    DataType.BOOL: _bool,
    DataType.INT8: _integer(8),
    DataType.INT16: _integer(16),
    DataType.INT32: _integer(32),
    DataType.INT64: _integer(64),
    DataType.VARCHAR: _only_text,
}
