"""JSON columns: reading the documents, finding keys in them, and putting what is found into plain arrays.

A key that is missing, a null and a value of another type than the constant's are all unknown, in Milvus 3.0 as here:
neither ``a == 1`` nor ``not (a == 1)`` holds for them. Integers and floats are compared as numbers.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import compress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fakemilvus import errors
from fakemilvus.datatypes import TEXT_DTYPE, Column, Mask
from fakemilvus.filters.literals import INT64_MAX, INT64_MIN
from fakemilvus.filters.refused import DATA_TYPE_INVALID
from fakemilvus.filters.truth import Truth

Found = list[object]

ROWS_AT_ONCE = 1 << 14
MISSING = object()


def read(column: Column) -> Found:
    """The parsed documents, MISSING where the row is null or no JSON."""
    documents: Found = []
    raw = column.values.tolist()
    for start in range(0, len(raw), ROWS_AT_ONCE):
        documents += _read_together(raw[start : start + ROWS_AT_ONCE])
    if column.valid is not None:
        for row in np.flatnonzero(~column.valid).tolist():
            documents[row] = MISSING
    return documents


def read_at(column: Column, path: tuple[str, ...]) -> Found:
    """What stands at the path in each document, for columns too large to hold all of their documents at once."""
    found: Found = []
    for start in range(0, len(column), ROWS_AT_ONCE):
        found += look_up(read(column.take(slice(start, start + ROWS_AT_ONCE))), path)
    return found


def look_up(documents: Found, path: tuple[str, ...]) -> Found:
    """What stands at the path in each document, MISSING where nothing does."""
    for key in path:
        documents = [d.get(key, MISSING) if type(d) is dict else _item(d, key) for d in documents]
    return documents


def exists(found: Found) -> Mask:
    """There, and more than null or a container of nothing but nulls and such containers."""
    return np.fromiter((not _is_hollow(value) for value in found), np.bool_, len(found))


def judged(found: Found, kind: type, judge: Callable[[NDArray[Any]], Mask]) -> Truth:
    """The judge's answers for the values of this kind; unknown for all others. A number is of kind int or float."""
    mask, known = np.zeros(len(found), np.bool_), np.zeros(len(found), np.bool_)
    for rows, values in _READERS[kind](found):
        mask[rows] = judge(values)
        known[rows] = True
    return Truth(mask, known)


def same_list(found: Found, wanted: list[Any], equal: bool) -> Truth:
    """Lists compared item by item: no item equals one of another type, except an integer a wanted float."""
    known = _of_types(found, {list})
    mask = np.zeros(len(found), np.bool_)
    mask[known] = [same_items(value, wanted) is equal for value in compress(found, known)]  # type: ignore[arg-type]
    return Truth(mask, known)


def same_items(items: list[Any], wanted: list[Any]) -> bool:
    """Item by item; Milvus refuses to compare with a list in a list, once it comes to it."""
    return len(items) == len(wanted) and all(map(_same, items, wanted))


def _read_together(raw: list[bytes]) -> Found:
    """One parse for many rows; row by row only where one of them is no JSON."""
    try:
        together = json.loads(b"[" + b",".join(raw) + b"]")
    except (ValueError, RecursionError):
        together = []
    return together if len(together) == len(raw) else [_read_one(text) for text in raw]


def _read_one(text: bytes) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return MISSING


def _item(document: object, key: str) -> object:
    """An item of a list, whose index is written without leading zeros."""
    if type(document) is not list or not key.isdecimal() or (key[0] == "0" and key != "0"):
        return MISSING
    return document[int(key)] if len(key) < 10 and int(key) < len(document) else MISSING


def _is_hollow(value: object) -> bool:
    if value is MISSING:
        return True
    waiting = [value]
    while waiting:
        inner = waiting.pop()
        if type(inner) is dict:
            waiting.extend(inner.values())
        elif type(inner) is list:
            waiting.extend(inner)
        elif inner is not None:
            return False
    return True


def _of_types(found: Found, types: set[type]) -> Mask:
    return np.fromiter(map(types.__contains__, map(type, found)), np.bool_, len(found))


def _bools(found: Found) -> Iterator[tuple[Mask, NDArray[Any]]]:
    rows = _of_types(found, {bool})
    yield rows, np.array(list(compress(found, rows)), np.bool_)


def _texts(found: Found) -> Iterator[tuple[Mask, NDArray[Any]]]:
    """Texts; one with half a surrogate pair is none, as for Milvus' reader."""
    rows = _of_types(found, {str})
    texts: list[Any] = list(compress(found, rows))
    try:
        yield rows, np.array(texts, TEXT_DTYPE)
    except UnicodeEncodeError:
        whole = [not any("\ud800" <= c <= "\udfff" for c in text) for text in texts]
        rows[rows] = whole
        yield rows, np.array(list(compress(texts, whole)), TEXT_DTYPE)


def _numbers(found: Found) -> Iterator[tuple[Mask, NDArray[Any]]]:
    """Integers that fit 64 bits keep their precision; unsigned ones are floats, and beyond those there are none."""
    rows = _of_types(found, {int})
    integers: list[Any] = list(compress(found, rows))
    unsigned = np.zeros_like(rows)
    if integers and (min(integers) < INT64_MIN or max(integers) > INT64_MAX):
        unsigned[rows] = [INT64_MAX < value < 2**64 for value in integers]
        small = [INT64_MIN <= value <= INT64_MAX for value in integers]
        rows[rows] = small
        integers = list(compress(integers, small))
    yield rows, np.array(integers, np.int64)
    yield from _finite(found, unsigned | _of_types(found, {float}))


def _floats(found: Found) -> Iterator[tuple[Mask, NDArray[Any]]]:
    yield from _finite(found, _of_types(found, {int, float}))


def _finite(found: Found, rows: Mask) -> Iterator[tuple[Mask, NDArray[Any]]]:
    """These numbers as floats; what is too large for one is no number, as for Milvus' reader."""
    numbers = _as_floats(list(compress(found, rows)))
    finite = np.isfinite(numbers)
    if not finite.all():
        rows[rows] = finite
        numbers = numbers[finite]
    yield rows, numbers


def _as_floats(numbers: list[Any]) -> NDArray[Any]:
    try:
        return np.array(numbers, np.float64)
    except OverflowError:
        return np.array([_as_float(number) for number in numbers], np.float64)


def _as_float(number: int | float) -> float:
    try:
        return float(number)
    except OverflowError:
        return np.inf if number > 0 else -np.inf


def _same(item: object, wanted: object) -> bool:
    if type(wanted) is list:
        raise errors.FilterRun(problem="unsupported data type 5", core_code=DATA_TYPE_INVALID)
    if type(wanted) is float and type(item) is int:
        return _as_float(item) == wanted
    return type(item) is type(wanted) and item == wanted


_READERS: dict[type, Callable[[Found], Iterator[tuple[Mask, NDArray[Any]]]]] = {
    bool: _bools,
    int: _numbers,
    float: _floats,
    str: _texts,
}
