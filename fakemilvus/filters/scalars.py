"""Comparing an array of plain values with constants; the inner loops of the evaluator.

Knows numpy arrays only: no nulls, no names. ``values`` has shape (rows,) and one of the types of datatypes.TYPES (for
JSON those that its values were put into); every function answers a new mask of shape (rows,).

numpy takes NUL characters at the end of a text for padding, wherever it looks into texts and in every Python text that
it is given. So constants are put into TEXT_DTYPE first, and what looks into texts is asked again of Python.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fakemilvus.datatypes import TEXT_DTYPE, Mask
from fakemilvus.filters import patterns
from fakemilvus.filters.syntax import Value

Values = NDArray[Any]

FEW_TEXTS = 8  # so many are compared one after the other, more are looked up in a set


def compare(values: Values, symbol: str, value: Value) -> Mask:
    """``values symbol value``; an integer beyond the column's range compares as it would in a wider column."""
    if values.dtype.kind == "i" and isinstance(value, int) and not _fits(values, value):
        beyond = "<" if value > 0 else ">"
        return np.full(len(values), symbol == "!=" or symbol[0] == beyond, np.bool_)
    return np.asarray(COMPARE[symbol](values, _constant(values, value)), np.bool_)


def between(values: Values, lower: Value, lower_inclusive: bool, upper: Value, upper_inclusive: bool) -> Mask:
    mask = compare(values, ">=" if lower_inclusive else ">", lower)
    mask &= compare(values, "<=" if upper_inclusive else "<", upper)
    return mask


def within(values: Values, wanted: Values) -> Mask:
    if values.dtype.kind == "T":
        return _text_within(values, wanted.tolist())
    if values.dtype.kind == "i" and values.dtype != wanted.dtype:
        limits = np.iinfo(values.dtype)
        wanted = wanted[(wanted >= limits.min) & (wanted <= limits.max)].astype(values.dtype)
    if len(wanted) == 1:
        return np.asarray(values == wanted[0], np.bool_)
    return np.isin(values, wanted)


def like(values: Values, pattern: str) -> Mask:
    """``values`` are texts."""
    affix = patterns.affix(pattern)
    if affix is None or "\0" in affix[1]:
        return np.fromiter(map(patterns.matcher(pattern), values.tolist()), np.bool_, len(values))
    before, text, behind = affix
    if before and behind:
        return np.asarray(np.strings.find(values, text) >= 0, np.bool_)
    if before:
        return _ending_with(values, text)
    if behind:
        return np.asarray(np.strings.startswith(values, text), np.bool_)
    return compare(values, "==", text)


def starting_with(values: Values, starts: Values) -> Mask:
    """Row by row, of two arrays of texts."""
    mask = np.asarray(np.strings.startswith(values, starts), np.bool_)  # those without NUL at an end, and some more
    mask[mask] = list(map(str.startswith, values[mask].tolist(), starts[mask].tolist()))
    return mask


def computed(values: Values, arithmetic: str, operand: int | float, symbol: str, value: int | float) -> Mask:
    """``(values arithmetic operand) symbol value``: integers in 64 bits, floats in their own width."""
    if values.dtype.kind == "i":
        values = values.astype(np.int64, copy=False)
    with np.errstate(all="ignore"):
        return compare(_ARITHMETIC[arithmetic](values, _constant(values, operand)), symbol, value)


def compare_columns(left: Values, symbol: str, right: Values) -> Mask:
    """Row by row; an integer beside a 32 bit float becomes one too, as in C++."""
    if {left.dtype.kind, right.dtype.kind} == {"i", "f"} and np.float32 in (left.dtype, right.dtype):
        left, right = left.astype(np.float32, copy=False), right.astype(np.float32, copy=False)
    return np.asarray(COMPARE[symbol](left, right), np.bool_)


def _constant(values: Values, value: Value) -> Any:
    """The constant in the values' own type, so that a 32 bit column is compared with a 32 bit constant."""
    if values.dtype.kind == "T":
        return np.array(value, TEXT_DTYPE)
    if values.dtype.kind != "f":
        return value
    with np.errstate(over="ignore"):
        return values.dtype.type(value)


def _fits(values: Values, value: int) -> bool:
    limits = np.iinfo(values.dtype)
    return bool(limits.min <= value <= limits.max)


def _text_within(values: Values, wanted: list[str]) -> Mask:
    texts = set(wanted)
    if len(texts) > FEW_TEXTS:
        return np.fromiter(map(texts.__contains__, values.tolist()), np.bool_, len(values))
    mask = np.zeros(len(values), np.bool_)
    for text in texts:
        mask |= values == _constant(values, text)
    return mask


def _ending_with(values: Values, text: str) -> Mask:
    mask = np.asarray(np.strings.endswith(values, text), np.bool_)  # also texts with NUL behind that end
    mask[mask] = [value.endswith(text) for value in values[mask].tolist()]
    return mask


def _whole(values: Values) -> Values:
    """As integers, cut off."""
    return values.astype(np.int64, copy=False)


def _divided(values: Values, operand: Any) -> Values:
    """Integers divide towards zero."""
    if values.dtype.kind != "i":
        return np.asarray(values / operand)
    quotient = values // operand
    uneven = (quotient * operand != values) & ((values < 0) != (operand < 0))
    return np.asarray(quotient + uneven)


COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_ARITHMETIC: dict[str, Callable[[Any, Any], Values]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": _divided,
    "%": np.fmod,
    "&": lambda values, operand: np.bitwise_and(_whole(values), int(operand)),
    "|": lambda values, operand: np.bitwise_or(_whole(values), int(operand)),
    "^": lambda values, operand: np.bitwise_xor(_whole(values), int(operand)),
}
