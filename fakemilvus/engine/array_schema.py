"""What Milvus refuses in the declaration of an ARRAY: its elements and how many of them a row may hold.

Knows one field at a time. Source: validateElementType and getMaxCapacityPerRow of the proxy's util.go, Milvus 3.0.
"""

from __future__ import annotations

import re

from fakemilvus import errors, limits
from fakemilvus.datatypes import DataType, type_name
from fakemilvus.engine.schema import Field

ELEMENT_TYPES = frozenset(
    (
        DataType.BOOL,
        DataType.INT8,
        DataType.INT16,
        DataType.INT32,
        DataType.INT64,
        DataType.FLOAT,
        DataType.DOUBLE,
        DataType.VARCHAR,
    )
)
"""What an ARRAY may hold; neither JSON nor another array."""


def check_element_type(field: Field) -> None:
    """The elements of an ARRAY are numbers, bools or texts."""
    if field.element_type is DataType.STRING:
        raise errors.StringTypeNotSupported
    if field.element_type is DataType.NONE:
        raise errors.ElementTypeMissing
    if field.element_type not in ELEMENT_TYPES:
        raise errors.ElementTypeNotSupported(type=type_name(field.element_type))


def check_capacity(field: Field, collection: str) -> int:
    """The max_capacity of a field, which must be there; of several the last."""
    given = [value for key, value in field.type_params if key == "max_capacity"]
    if not given:
        raise errors.MaxCapacityMissing(field=field.name, collection=collection)
    for text in given:
        if not re.fullmatch("[+-]?[0-9]+", text) or not -(2**63) <= int(text) < 2**63:
            raise errors.MaxCapacityNotInteger(field=field.name)
        if not 0 < int(text) <= limits.MAX_ARRAY_CAPACITY:
            raise errors.MaxCapacityOutOfRange(limit=limits.MAX_ARRAY_CAPACITY)
    return int(given[-1])
