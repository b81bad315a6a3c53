"""The vectors of ARRAY_OF_VECTOR fields on the wire: each row is a VectorField of its own.

In a column a row is one flat array, its vectors end to end, in the numpy type of a column of such vectors.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fakemilvus import errors
from fakemilvus.datatypes import TYPES, DataType, as_objects
from fakemilvus.engine.schema import Field
from fakemilvus.wire import arrays


@dataclass(frozen=True, slots=True)
class Member:
    """The oneof's member for a type of vectors, and what Milvus calls an array of them."""

    name: str
    needed: str


def has_vectors(message: Any) -> bool:
    """Whether a FieldData carries vectors of arrays."""
    return bool(message.WhichOneof("field") == "vectors" and message.vectors.WhichOneof("data") == "vector_array")


def decode_vector_arrays(message: Any, field: Field) -> NDArray[Any]:
    """The rows of a VectorArray; how long they are is the engine's to check."""
    member = MEMBERS[field.element_type]
    rows = []
    for row in message.data:
        if row.WhichOneof("data") != member.name:
            raise errors.VectorArrayMissing(field=field.name, needed=member.needed)
        rows.append(_decode(row, member.name, TYPES[field.element_type].dtype))
    if message.dim != field.dim:
        raise errors.VectorDimMismatch(field=field.name, actual=message.dim, expected=field.dim)
    return as_objects(rows)


def encode_vector_arrays(message: Any, values: NDArray[Any], field: Field) -> None:
    """Fills a VectorField with a VectorArray; a row without vectors keeps its oneof."""
    name = MEMBERS[field.element_type].name
    message.dim = message.vector_array.dim = field.dim
    message.vector_array.element_type = int(field.element_type)
    for row in values:
        filled = message.vector_array.data.add(dim=field.dim)
        if name == "float_vector":
            filled.float_vector.SetInParent()
            arrays.fill_floats(filled.float_vector, row)
        else:
            setattr(filled, name, np.ascontiguousarray(row, row.dtype.newbyteorder("<")).tobytes())


# -- private ---------------------------------------------------------------------------------------------------


def _decode(row: Any, name: str, dtype: np.dtype[Any]) -> NDArray[Any]:
    if name == "float_vector":
        return arrays.floats(row.float_vector)
    sent = getattr(row, name)
    if len(sent) % dtype.itemsize:
        raise errors.VectorLengthNotDivisible(length=len(sent), dim=dtype.itemsize)
    return np.frombuffer(sent, dtype.newbyteorder("<")).astype(dtype, copy=False)


MEMBERS = {
    DataType.FLOAT_VECTOR: Member("float_vector", "float vector array"),
    DataType.BINARY_VECTOR: Member("binary_vector", "binary vector array"),
    DataType.FLOAT16_VECTOR: Member("float16_vector", "float16 vector array"),
    DataType.BFLOAT16_VECTOR: Member("bfloat16_vector", "bfloat16 vector array"),
    DataType.INT8_VECTOR: Member("int8_vector", "int8 vector array"),
}
