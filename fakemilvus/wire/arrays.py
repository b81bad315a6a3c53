"""Repeated numbers between protobuf and numpy without a Python object per element.

A packed array of fixed-width numbers serialises to one tag, one length and the raw little-endian values, so
serialising the small message that holds it again gives numpy its bytes; that also joins arrays which a client
sent split or unpacked. The same trick backwards fills a message from an array.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

_LENGTH_DELIMITED = 2


def floats(message: Any) -> NDArray[np.float32]:
    """The values of a FloatArray message; a read-only view of a fresh copy."""
    return _fixed(message, np.dtype("<f4"))


def doubles(message: Any) -> NDArray[np.float64]:
    """The values of a DoubleArray message."""
    return _fixed(message, np.dtype("<f8"))


def integers(repeated: Any, dtype: np.dtype[Any]) -> NDArray[Any]:
    """The values of a repeated integer or bool field."""
    if hasattr(repeated, "__array__"):
        return np.array(repeated, dtype)
    return np.fromiter(repeated, dtype, len(repeated))


def fill_floats(message: Any, values: NDArray[np.float32], number: int = 1) -> None:
    """Adds an array to the packed repeated float field ``number`` of a message."""
    _fill(message, np.ascontiguousarray(values, "<f4"), number)


def fill_doubles(message: Any, values: NDArray[np.float64], number: int = 1) -> None:
    """Adds an array to the packed repeated double field ``number`` of a message."""
    _fill(message, np.ascontiguousarray(values, "<f8"), number)


def _fixed(message: Any, dtype: np.dtype[Any]) -> NDArray[Any]:
    encoded = message.SerializeToString()
    if not encoded:
        return np.empty(0, dtype)
    start = 1
    while encoded[start] & 0x80:  # the length, a varint
        start += 1
    return np.frombuffer(encoded, dtype, offset=start + 1)


def _fill(message: Any, values: NDArray[Any], number: int) -> None:
    if values.size:
        header = _varint(number << 3 | _LENGTH_DELIMITED) + _varint(values.nbytes)
        message.MergeFromString(header + values.tobytes())


def _varint(value: int) -> bytes:
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)
