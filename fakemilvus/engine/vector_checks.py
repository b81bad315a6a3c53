"""What Milvus refuses in vectors: numbers that are none, and sparse rows that are not in order.

Whole arrays at once; no Python per row. Source: typeutil's float_util.go and schema.go (ValidateSparseFloatRows) of
Milvus 3.0, and CopyAndWrapSparseRow of its core for queries.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fakemilvus import errors
from fakemilvus.datatypes import Column, DataType, Mask
from fakemilvus.engine.schema import Field

SPARSE_ELEMENT = np.dtype([("index", "<u4"), ("value", "<f4")])
Values = NDArray[Any]


def check_vectors(field: Field, column: Column) -> None:
    """Raises Milvus' complaint about the first vector that cannot be stored; null rows hold what can."""
    _CHECKS[field.type](column.values)


def check_floats(values: Values) -> None:
    """Raises NotANumber for the first NaN or infinite value."""
    finite = np.isfinite(values)
    if not finite.all():
        raise errors.NotANumber(value=_printed(float(values[~finite].ravel()[0])))


def check_sparse_queries(rows: Values) -> Values:
    """The rows, if each is a sparse vector that the core takes as a query."""
    fault = _find_fault(rows)
    if fault is not None:
        raise errors.SparseQueryInvalid(problem=_QUERY_TEXTS[fault.kind], within="failed to search")
    return rows


def sparse_elements(rows: Values) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """The elements of all rows one behind the other, and where each row ends."""
    lengths = np.fromiter(map(len, rows), np.int64, len(rows))
    return np.frombuffer(b"".join(rows), SPARSE_ELEMENT), np.cumsum(lengths) // SPARSE_ELEMENT.itemsize


# -- private ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Fault:
    """What is wrong with a sparse row: which rule, and the number that Milvus names, if any."""

    kind: str
    number: float = 0


def _check_float16(values: Values) -> None:
    if ((values.view(np.uint16) & 0x7C00) == 0x7C00).any():
        raise errors.Float16NotANumber


def _check_bfloat16(values: Values) -> None:
    if ((values & 0x7F80) == 0x7F80).any():
        raise errors.BFloat16NotANumber


def _check_sparse(rows: Values) -> None:
    fault = _find_fault(rows)
    if fault is None:
        return
    if fault.kind == "number":
        raise errors.NotANumber(value=_printed(fault.number))
    raise errors.SparseRowInvalid(problem=_ROW_TEXTS[fault.kind].format(fault.number))


def _find_fault(rows: Values) -> _Fault | None:
    """The first fault in the order in which Milvus looks: row by row, element by element."""
    lengths = np.fromiter(map(len, rows), np.int64, len(rows))
    odd = lengths % SPARSE_ELEMENT.itemsize != 0
    if odd.any():
        first = int(odd.argmax())
        return _find_fault(rows[:first]) or _Fault("length", int(lengths[first]))
    elements, stops = sparse_elements(rows)
    if _is_sound(elements, stops):
        return None
    wrong = _wrong_elements(elements["index"], elements["value"], stops)
    found = [(int(mask.argmax()), order) for order, mask in enumerate(wrong.values()) if mask.any()]
    if not found:
        return None
    place, order = min(found)
    return _Fault(list(wrong)[order], float(elements["value"][place]))


def _is_sound(elements: NDArray[Any], stops: NDArray[np.int64]) -> bool:
    """Whether no element breaks a rule, as nearly always: told from the bits in fewer steps than by which it does."""
    pairs = elements.view(np.uint32).reshape(-1, 2)
    indices, bits = pairs[:, 0].copy(), pairs[:, 1]
    if int(bits.max(initial=0)) >= _INFINITY or int(indices.max(initial=0)) == _NO_INDEX:  # negatives lie above it
        return False
    descends = indices[1:] <= indices[:-1]
    descends[stops[(stops > 0) & (stops < len(indices))] - 1] = False
    return not descends.any()


def _wrong_elements(indices: Values, values: Values, stops: NDArray[np.int64]) -> dict[str, Mask]:
    """For each rule, in Milvus' order, the elements that break it."""
    descends = np.zeros(len(indices), np.bool_)
    descends[1:] = indices[1:] <= indices[:-1]
    descends[stops[stops < len(indices)]] = False  # the first element of a row follows nothing
    return {
        "index": indices == _NO_INDEX,
        "order": descends,
        "number": ~np.isfinite(values),
        "negative": values < 0,
    }


def _printed(value: float) -> str:
    """As Go prints it with %f."""
    return "NaN" if np.isnan(value) else "+Inf" if value > 0 else "-Inf"


_INFINITY = 0x7F80_0000
_NO_INDEX = 0xFFFF_FFFF

_ROW_TEXTS = {
    "length": "invalid data length in sparse float vector: {}",
    "index": "invalid index in sparse float vector: must be less than 2^32-1",
    "order": "unsorted or same indices in sparse float vector",
    "negative": "negative value in sparse float vector",
}
_QUERY_TEXTS = {
    "length": "Invalid size for sparse row data",
    "index": "Invalid sparse row: id should be smaller than uint32 max",
    "order": "Invalid sparse row: id should be strict ascending",
    "number": "Invalid sparse row: NaN or Inf value",
    "negative": "Invalid sparse row: negative value",
}
VECTORS = (
    DataType.FLOAT_VECTOR,
    DataType.FLOAT16_VECTOR,
    DataType.BFLOAT16_VECTOR,
    DataType.SPARSE_FLOAT_VECTOR,
)
"""The types whose values can be wrong: every byte is an INT8_VECTOR's or BINARY_VECTOR's."""

_CHECKS: dict[DataType, Callable[[Values], None]] = {
    DataType.FLOAT_VECTOR: check_floats,
    DataType.FLOAT16_VECTOR: _check_float16,
    DataType.BFLOAT16_VECTOR: _check_bfloat16,
    DataType.SPARSE_FLOAT_VECTOR: _check_sparse,
}
