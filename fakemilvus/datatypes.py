"""The vocabulary every layer shares: Milvus' data types and the Column that holds rows of one field.

Knows numpy and nothing of ours but the errors. A Column never changes once it is published: writers make new
ones, so readers need no lock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]


class DataType(IntEnum):
    """Milvus' data types with their numbers on the wire (schema.proto, DataType)."""

    NONE = 0
    BOOL = 1
    INT8 = 2
    INT16 = 3
    INT32 = 4
    INT64 = 5
    FLOAT = 10
    DOUBLE = 11
    STRING = 20
    VARCHAR = 21
    ARRAY = 22
    JSON = 23
    GEOMETRY = 24
    TEXT = 25
    TIMESTAMPTZ = 26
    MOL = 27
    BINARY_VECTOR = 100
    FLOAT_VECTOR = 101
    FLOAT16_VECTOR = 102
    BFLOAT16_VECTOR = 103
    SPARSE_FLOAT_VECTOR = 104
    INT8_VECTOR = 105
    ARRAY_OF_VECTOR = 106
    ARRAY_OF_STRUCT = 200
    STRUCT = 201


@dataclass(frozen=True, slots=True)
class TypeRow:
    """What the engine has to know of one data type."""

    name: str  # as Milvus prints it in messages: "Int64", "FloatVector"
    dtype: np.dtype[Any]  # of Column.values; a vector's values have shape (rows, dim)
    null: Any  # the placeholder that stands in values where a row is null
    is_vector: bool = False
    is_integer: bool = False
    is_float: bool = False
    dims_per_value: int = 1  # how many dimensions of a vector one element of values holds


TEXT_DTYPE = np.dtypes.StringDType()

TYPES: dict[DataType, TypeRow] = {
    DataType.BOOL: TypeRow("Bool", np.dtype(np.bool_), False),
    DataType.INT8: TypeRow("Int8", np.dtype(np.int8), 0, is_integer=True),
    DataType.INT16: TypeRow("Int16", np.dtype(np.int16), 0, is_integer=True),
    DataType.INT32: TypeRow("Int32", np.dtype(np.int32), 0, is_integer=True),
    DataType.INT64: TypeRow("Int64", np.dtype(np.int64), 0, is_integer=True),
    DataType.FLOAT: TypeRow("Float", np.dtype(np.float32), 0.0, is_float=True),
    DataType.DOUBLE: TypeRow("Double", np.dtype(np.float64), 0.0, is_float=True),
    DataType.VARCHAR: TypeRow("VarChar", TEXT_DTYPE, ""),
    DataType.TEXT: TypeRow("Text", TEXT_DTYPE, ""),
    DataType.JSON: TypeRow("JSON", np.dtype(object), b"null"),  # bytes, parsed only when a filter asks
    DataType.TIMESTAMPTZ: TypeRow("Timestamptz", np.dtype(np.int64), 0),  # microseconds since 1970 in UTC
    DataType.GEOMETRY: TypeRow("Geometry", np.dtype(object), b""),  # well-known binary
    DataType.ARRAY: TypeRow("Array", np.dtype(object), None),  # of arrays; see ``nulls`` for the null
    DataType.ARRAY_OF_VECTOR: TypeRow("ArrayOfVector", np.dtype(object), None),  # of the vectors of a row, end to end
    DataType.FLOAT_VECTOR: TypeRow("FloatVector", np.dtype(np.float32), 0.0, is_vector=True),
    DataType.FLOAT16_VECTOR: TypeRow("Float16Vector", np.dtype(np.float16), 0.0, is_vector=True),
    DataType.BFLOAT16_VECTOR: TypeRow("BFloat16Vector", np.dtype(np.uint16), 0, is_vector=True),  # high halves
    DataType.INT8_VECTOR: TypeRow("Int8Vector", np.dtype(np.int8), 0, is_vector=True),
    DataType.BINARY_VECTOR: TypeRow("BinaryVector", np.dtype(np.uint8), 0, is_vector=True, dims_per_value=8),
    # bytes of (uint32 index, float32 value) pairs by ascending index, shape (rows,)
    DataType.SPARSE_FLOAT_VECTOR: TypeRow("SparseFloatVector", np.dtype(object), b"", is_vector=True),
}
"""The types that are built; one that is missing here is refused by name when a collection is created."""


ARRAYS = frozenset((DataType.ARRAY, DataType.ARRAY_OF_VECTOR))
"""The types whose values are numpy arrays, one a row."""


@dataclass(frozen=True, slots=True)
class Column:
    """The values of one field over some rows.

    ``values`` has shape (rows,), or (rows, dim) for a vector; ``valid`` has shape (rows,) and is False where the
    row is null, or is None when no row is.
    """

    type: DataType
    values: NDArray[Any]
    valid: Mask | None = None

    def __len__(self) -> int:
        return len(self.values)

    @property
    def size_bytes(self) -> int:
        """What the rows take in memory; text and JSON by their length."""
        if len(self.values) > 1 and self.values.strides[0] == 0:  # every row is the same one, and takes no memory
            return 0
        size = self.values.nbytes + (0 if self.valid is None else self.valid.nbytes)
        if self.values.dtype.kind == "T":
            size += int(np.strings.str_len(self.values).sum())
        elif self.values.dtype.kind == "O":
            size += sum(map(_size_bytes, self.values.tolist()))
        return size

    def take(self, rows: NDArray[np.integer[Any]] | Mask | slice) -> Column:
        """The column of these rows; a slice shares memory, anything else copies."""
        return Column(self.type, self.values[rows], None if self.valid is None else self.valid[rows])


def nulls(type: DataType, rows: int, element: DataType = DataType.NONE) -> NDArray[Any]:
    """What stands in the values of ``rows`` rows that are null; for arrays of ``element`` the empty one."""
    values = np.empty(rows, TYPES[type].dtype)
    values.fill(np.empty(0, TYPES[element].dtype) if type in ARRAYS else TYPES[type].null)
    return values


def as_objects(items: Sequence[Any]) -> NDArray[Any]:
    """An array of objects, shape (rows,), also where the items are arrays of one length."""
    return np.fromiter(items, np.dtype(object), len(items))


def concatenate(columns: Sequence[Column]) -> Column:
    """One column of all rows, in order; the columns share one type and one dim."""
    if len(columns) == 1:
        return columns[0]
    values = np.concatenate([column.values for column in columns])
    if all(column.valid is None for column in columns):
        return Column(columns[0].type, values)
    valid = [np.ones(len(c), np.bool_) if c.valid is None else c.valid for c in columns]
    return Column(columns[0].type, values, np.concatenate(valid))


def _size_bytes(value: Any) -> int:
    """Of one value of an array of objects: bytes, or an array."""
    if not isinstance(value, np.ndarray):
        return len(value)
    texts = int(np.strings.str_len(value).sum()) if value.dtype.kind == "T" else 0
    return int(value.nbytes) + texts


def as_floats(vectors: NDArray[Any]) -> NDArray[np.float32]:
    """Dense vectors of numbers as float32; BFLOAT16 stands in uint16. What is float32 already is not copied."""
    if vectors.dtype == np.uint16:
        wide = vectors.astype(np.uint32)
        wide <<= 16
        return wide.view(np.float32)
    return vectors.astype(np.float32, copy=False)


def from_floats(floats: NDArray[np.float32], type: DataType) -> NDArray[Any]:
    """float32 as the values of a FLOAT16_VECTOR (rounded) or BFLOAT16_VECTOR (cut off, as Milvus does).

    What is too large for FLOAT16 becomes infinite.
    """
    if type is DataType.BFLOAT16_VECTOR:
        return (np.ascontiguousarray(floats).view(np.uint32) >> 16).astype(np.uint16)
    with np.errstate(over="ignore"):
        return floats.astype(TYPES[type].dtype, copy=False)


def type_name(number: int) -> str:
    """Milvus' name of a data type, or its number where Milvus has no such type."""
    return _NAMES.get(number, str(number))


_NAMES = {type.value: TYPES[type].name if type in TYPES else type.name.title().replace("_", "") for type in DataType}
