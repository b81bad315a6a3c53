"""The column of a field that rows did not bring: its default in every row, or null.

It takes no memory for its rows, because every row is the same one; whoever writes behind it has to copy it first.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from fakemilvus.datatypes import TYPES, Column, DataType, nulls
from fakemilvus.engine.geometry import read_texts
from fakemilvus.engine.schema import Field

EMPTY_OBJECT = b"{}"


def absent_column(field: Field, rows: int) -> Column:
    """``rows`` times the field's default, an empty object for the dynamic field, else null; read-only."""
    default = stored_default(field)
    if field.row_shape:
        one = np.zeros((1, *field.row_shape), TYPES[field.type].dtype)
    else:
        one = nulls(field.type, 1, field.element_type)
        if default is not None:
            one.fill(default)
    values = np.broadcast_to(one, (rows, *field.row_shape))
    return Column(field.type, values, np.broadcast_to(np.False_, rows) if default is None else None)


def stored_default(field: Field) -> Any:
    """What stands in the values of a row that brought nothing, None for null."""
    if field.is_dynamic:
        return EMPTY_OBJECT
    if field.type is DataType.GEOMETRY and field.default is not None:
        return read_texts([field.default])[0]
    return field.default
