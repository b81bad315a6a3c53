"""The query vectors of a search among lists of vectors: plain vectors, or lists of them end to end.

Source: ParsePlaceholderGroup of Plan.cpp, Milvus 3.0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fakemilvus import errors
from fakemilvus.datatypes import TYPES, DataType, as_objects, type_name
from fakemilvus.engine.schema import Field
from fakemilvus.wire.vectors import decode_placeholders

OF_LISTS = 200  # what the number of a placeholder of lists has more than that of its vectors


def decode_lists(type: int, rows: Sequence[bytes], field: Field) -> NDArray[Any]:
    """Queries as values of the vectors' own type: shape (queries, width), or for lists an object array of such."""
    element = replace(field, type=field.element_type)
    if type < OF_LISTS:
        return decode_placeholders(type, rows, element)
    size = _size(type - OF_LISTS, field)
    odd = next((len(row) for row in rows if len(row) % size), None)
    if odd is not None:
        raise errors.ListQueryLength(length=odd, dim=field.dim, size=size)
    pieces = [row[start : start + size] for row in rows for start in range(0, len(row), size)]
    if not pieces:
        raise errors.Unimplemented("a search with nothing but empty lists of vectors")
    vectors = decode_placeholders(type - OF_LISTS, pieces, element)
    ends = np.cumsum([len(row) // size for row in rows])
    return as_objects(np.split(vectors, ends[:-1]))


def _size(type: int, field: Field) -> int:
    """Bytes of one query vector."""
    if type not in TYPES or not TYPES[DataType(type)].is_vector or type == DataType.SPARSE_FLOAT_VECTOR:
        raise errors.QueryTypeMismatch(
            field=field.name, expected=type_name(field.type), actual=str(type + OF_LISTS), within="failed to search"
        )
    row = TYPES[DataType(type)]
    return max(1, field.dim // row.dims_per_value * row.dtype.itemsize)
