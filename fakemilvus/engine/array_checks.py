"""What Milvus refuses in the rows of an ARRAY field: too many elements, elements out of range, texts too long.

Works on all elements of a column at once; only the complaint looks for the row. A column's values are numpy arrays,
one a row, and 8 and 16 bit integers come as 32 bit ones until they were checked. Source: verifyCapacityPerRow and
checkArrayElement of the proxy's validate_util.go, Milvus 3.0.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fakemilvus import errors
from fakemilvus.datatypes import TYPES, Column, DataType, as_objects, type_name
from fakemilvus.engine.schema import Field
from fakemilvus.engine.vector_checks import check_floats

MAX_BYTES_PER_CHARACTER = 4


def check_arrays(field: Field, column: Column) -> None:
    """Raises Milvus' complaint about the first row that has one; rows are counted as they were sent."""
    sent = column.values if column.valid is None else column.values[column.valid]
    lengths = np.fromiter(map(len, sent), np.int64, len(sent))
    too_long = lengths > field.max_capacity
    if too_long.any():
        row = int(too_long.argmax())
        raise errors.ArrayTooLong(length=int(lengths[row]), row=row, limit=field.max_capacity)
    if not lengths.any():
        return
    elements = np.concatenate(sent.tolist())
    if field.element_type in (DataType.INT8, DataType.INT16):
        _check_range(field, elements, lengths)
    if field.element_type is DataType.VARCHAR:
        _check_texts(field, elements, lengths)


def check_vector_arrays(field: Field, column: Column) -> None:
    """The same for the vectors of an ARRAY_OF_VECTOR; floats have to be finite."""
    width = field.vector_width
    for row in column.values if column.valid is None else column.values[column.valid]:
        if len(row) % width:
            raise errors.VectorArrayLength(field=field.name, length=len(row), width=width)
        if len(row) // width > field.max_capacity:
            raise errors.VectorArrayTooLong(length=len(row) // width, field=field.name, limit=field.max_capacity)
        if field.element_type is DataType.FLOAT_VECTOR:
            check_floats(row)


def fitted(field: Field, values: NDArray[Any]) -> NDArray[Any]:
    """The arrays in the numpy type of the field's elements."""
    dtype = TYPES[field.element_type].dtype
    if all(array.dtype == dtype for array in values):
        return values
    return as_objects([array.astype(dtype, copy=False) for array in values])


# -- private ---------------------------------------------------------------------------------------------------


def _check_range(field: Field, elements: NDArray[Any], lengths: NDArray[np.int64]) -> None:
    span = np.iinfo(TYPES[field.element_type].dtype)
    outside = (elements < span.min) | (elements > span.max)
    if outside.any():
        first = int(outside.argmax())
        _, index = _place(first, lengths)
        raise errors.IntegerOverflow(row=index, value=int(elements[first]), low=span.min, high=span.max)


def _check_texts(field: Field, elements: NDArray[Any], lengths: NDArray[np.int64]) -> None:
    longest = int(np.strings.str_len(elements).max())
    if longest * MAX_BYTES_PER_CHARACTER <= field.max_length:
        return
    sizes = np.fromiter((len(text.encode()) for text in elements.tolist()), np.int64, len(elements))
    too_long = sizes > field.max_length
    if too_long.any():
        first = int(too_long.argmax())
        row, index = _place(first, lengths)
        raise errors.ArrayTextTooLong(
            type=type_name(field.type),
            field=field.name,
            row=row,
            index=index,
            length=int(sizes[first]),
            limit=field.max_length,
        )


def _place(element: int, lengths: NDArray[np.int64]) -> tuple[int, int]:
    """The row of an element among all, and its index in that row."""
    ends = np.cumsum(lengths)
    row = int(np.searchsorted(ends, element, side="right"))
    return row, element - int(ends[row] - lengths[row])
