"""Default values of fields between Milvus' ValueField and plain Python values.

A default that is of another type than its field, or no time, is decoded into a value that says so; whether the schema
is refused for it, and when, is the engine's to decide.
"""

from __future__ import annotations

from typing import Any

from fakemilvus import errors
from fakemilvus.datatypes import DataType
from fakemilvus.engine.schema import Field, Mistyped, UnreadTime
from fakemilvus.timestamptz import parse, printed


def decode_default(message: Any, type: DataType, timezone: str) -> Any:
    """The value, None where there is none; a time without an offset is in ``timezone``."""
    kind = message.WhichOneof("data")
    if kind is None:
        return None
    value = getattr(message, kind)
    if type not in _TAKEN_BY[kind]:
        return Mistyped(_NAMES[kind])
    if type is DataType.TIMESTAMPTZ and isinstance(value, str):
        return _time(value, timezone)
    return value


def encode_default(field: Field, message: Any, timezone: str) -> None:
    """Fills a ValueField; a time is a text in ``timezone``."""
    value = printed(field.default, timezone) if field.type is DataType.TIMESTAMPTZ else field.default
    setattr(message, _SLOTS[field.type], value)


# -- private ---------------------------------------------------------------------------------------------------


def _time(text: str, timezone: str) -> Any:
    """Microseconds; what is no time stays as it is, for the check of the schema."""
    try:
        return parse(text, timezone) if text else 0
    except (errors.TimestampUnreadable, errors.TimestampOffsetOutOfRange):
        return UnreadTime(text, timezone)


_NAMES = {
    "bool_data": "DataType_Bool",
    "int_data": "DataType_Int",
    "long_data": "DataType_Int64",
    "float_data": "DataType_Float",
    "double_data": "DataType_Double",
    "timestamptz_data": "DataType_Timestamptz",
    "string_data": "DataType_VarChar",
    "bytes_data": "DataType_SJON",
    "date_data": "DataType_Date",
    "time_data": "DataType_Time",
}
"""What Milvus calls a default of each kind."""

_SLOTS = {
    DataType.BOOL: "bool_data",
    DataType.INT8: "int_data",
    DataType.INT16: "int_data",
    DataType.INT32: "int_data",
    DataType.INT64: "long_data",
    DataType.FLOAT: "float_data",
    DataType.DOUBLE: "double_data",
    DataType.TIMESTAMPTZ: "string_data",
    DataType.VARCHAR: "string_data",
    DataType.GEOMETRY: "string_data",
    DataType.JSON: "bytes_data",
}

_TAKEN_BY = {kind: {type for type, slot in _SLOTS.items() if slot == kind} for kind in _NAMES}
_TAKEN_BY["timestamptz_data"] = {DataType.TIMESTAMPTZ}
