"""Arithmetic and comparison between constants, which Milvus does while it parses."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import TypeGuard

import numpy as np

from fakemilvus import errors
from fakemilvus.filters.literals import INT64_MAX, wrapped
from fakemilvus.filters.syntax import Value

NAMES = {
    "+": "add",
    "-": "subtract",
    "*": "multiply",
    "/": "divide",
    "%": "modulo",
    "&": "bitand",
    "|": "bitor",
    "^": "bitxor",
}


def folded(symbol: str, left: Value, right: Value) -> int | float:
    """The result of ``+ - * / % & | ^`` between two constants; integers stay integers and wrap at 64 bits."""
    if symbol == "%":
        return _modulo(left, right)
    if symbol in BITS:
        return _bits(symbol, left, right)
    a, b = _numbers(symbol, left, right)
    if symbol == "/" and b == 0:
        raise errors.FilterZeroConstant(operation="divide")
    if isinstance(a, int) and isinstance(b, int):
        return wrapped(truncated(a, b) if symbol == "/" else int(_FOLD[symbol](a, b)))
    return float(_FOLD[symbol](float(a), float(b)))


def power(left: Value, right: Value) -> int | float:
    """``left ** right``: an integer where both are, the exponent is not negative and the result fits."""
    if not (_is_number(left) and _is_number(right)):
        raise errors.FilterNoResult
    with np.errstate(all="ignore"):
        result = float(np.power(np.float64(left), np.float64(right)))
    whole = isinstance(left, int) and isinstance(right, int) and right >= 0
    return wrapped(int(result)) if whole and -math.inf < result <= INT64_MAX else result


def compared(symbol: str, left: Value, right: Value) -> bool | None:
    """A comparison of two constants, or None where they cannot be compared."""
    if _is_number(left) and _is_number(right):
        a, b = (left, right) if type(left) is type(right) else (float(left), float(right))
        return bool(COMPARE[symbol](a, b))
    if isinstance(left, str) and isinstance(right, str):
        return bool(COMPARE[symbol](left, right))
    if isinstance(left, bool) and isinstance(right, bool) and symbol in ("==", "!="):
        return bool(COMPARE[symbol](left, right))
    return None


def truncated(a: int, b: int) -> int:
    """Division of integers towards zero, as Go and C++ divide."""
    return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)


def _modulo(left: Value, right: Value) -> int:
    if not _is_integer(left) or not _is_integer(right):
        raise errors.FilterModuloConstant
    if right == 0:
        raise errors.FilterZeroConstant(operation="modulo")
    return left - right * truncated(left, right)


def _bits(symbol: str, left: Value, right: Value) -> int:
    if not _is_integer(left) or not _is_integer(right):
        raise errors.FilterBitsConstant(operation=NAMES[symbol])
    return BITS[symbol](left, right)


def _numbers(symbol: str, left: Value, right: Value) -> tuple[int | float, int | float]:
    """Both sides, which must be numbers; Milvus complains of a bool on either side before it does of a string."""
    for kind, name in ((bool, "bool"), (str, "string")):
        if isinstance(left, kind) or isinstance(right, kind):
            raise errors.FilterArithmeticConstant(operation=NAMES[symbol], type=name)
    if isinstance(left, list | str) or isinstance(right, list | str):
        raise errors.FilterNoResult
    return left, right


def _is_integer(value: Value) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Value) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


COMPARE: dict[str, Callable[..., bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
BITS: dict[str, Callable[[int, int], int]] = {"&": operator.and_, "|": operator.or_, "^": operator.xor}
_FOLD: dict[str, Callable[..., int | float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}
