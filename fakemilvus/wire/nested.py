"""The arrays of ARRAY fields on the wire: each row is a ScalarField of its own.

Only pairs messages and numpy arrays; how many elements a row may hold, and which, is the engine's to check.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fakemilvus import errors
from fakemilvus.datatypes import TEXT_DTYPE, DataType, as_objects
from fakemilvus.engine.schema import Field
from fakemilvus.wire import arrays


@dataclass(frozen=True, slots=True)
class Element:
    """How the elements of a row travel: the oneof's member, and what Milvus calls such an array."""

    name: str
    needed: str
    decode: Callable[[Any], NDArray[Any]]


def check_array_data(message: Any, field: Field, collection: str) -> None:
    """A message for an ARRAY field carries arrays; what it says of their elements is passed over, as in Milvus."""
    if field.type is DataType.ARRAY and message.scalars.WhichOneof("data") != "array_data":
        raise errors.ArrayDataMissing(field=field.name, collection=collection)


def decode_arrays(message: Any, field: Field) -> NDArray[Any]:
    """The rows of an ArrayArray, each a numpy array; 8 and 16 bit integers as 32 bit ones."""
    element = ELEMENTS[field.element_type]
    rows = []
    for row in message.data:
        kind = row.WhichOneof("data")
        if kind != element.name:
            raise errors.ArrayElementMismatch(needed=element.needed, actual=_go_type(kind))
        rows.append(element.decode(getattr(row, element.name)))
    return as_objects(rows)


def encode_arrays(message: Any, values: NDArray[Any], field: Field) -> None:
    """Fills an ArrayArray; an array without elements keeps its oneof."""
    name = ELEMENTS[field.element_type].name
    message.element_type = int(field.element_type)
    for array in values:
        filled = getattr(message.data.add(), name)
        filled.SetInParent()
        filled.data.extend(array.tolist())


# -- private ---------------------------------------------------------------------------------------------------


def _go_type(kind: str | None) -> str:
    """How Go prints the type of a oneof's member, as ``*schemapb.ScalarField_LongData``."""
    return "nil" if kind is None else f"*schemapb.ScalarField_{kind.title().replace('_', '')}"


def _bools(message: Any) -> NDArray[Any]:
    return arrays.integers(message.data, np.dtype(np.bool_))


def _ints(message: Any) -> NDArray[Any]:
    return arrays.integers(message.data, np.dtype(np.int32))


def _longs(message: Any) -> NDArray[Any]:
    return arrays.integers(message.data, np.dtype(np.int64))


def _texts(message: Any) -> NDArray[Any]:
    return np.array(list(message.data), TEXT_DTYPE)


_INT = Element("int_data", "int", _ints)

ELEMENTS = {
    DataType.BOOL: Element("bool_data", "bool", _bools),
    DataType.INT8: _INT,
    DataType.INT16: _INT,
    DataType.INT32: _INT,
    DataType.INT64: Element("long_data", "int64", _longs),
    DataType.FLOAT: Element("float_data", "float", arrays.floats),
    DataType.DOUBLE: Element("double_data", "double", arrays.doubles),
    DataType.VARCHAR: Element("string_data", "string", _texts),
}
