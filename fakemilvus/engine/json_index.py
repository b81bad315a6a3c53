"""Indexes over what stands at one path of JSON documents: its values of the cast type as in a plain field's index.

A document without a value of that type there is in no list, and its answer is unknown, as it is without an index. One
thing only an index does, because a client asks for it by name: the cast STRING_TO_DOUBLE reads texts as numbers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from fakemilvus.datatypes import TEXT_DTYPE, Column, Mask
from fakemilvus.engine.bitmap_index import MOST_BITMAPS, with_bits
from fakemilvus.engine.element_index import ElementIndex
from fakemilvus.engine.json_paths import Path, path_of
from fakemilvus.engine.ngram_index import NgramIndex, NgramPieces
from fakemilvus.engine.scalar_index import sorted_index
from fakemilvus.filters import documents
from fakemilvus.filters.matches import Matches, Rows

Values = NDArray[Any]

EXACT = 2**53  # integers beyond it are no doubles, so that an index of doubles does not answer for them


class Inner(Protocol):
    """The index of the values, as over a plain field."""

    def look_up(self, operator: str, value: Any) -> Matches | None: ...


@dataclass(frozen=True, slots=True)
class Cast:
    """How the values of a path are read: ``take`` gives the values of one document, none where it has none."""

    dtype: np.dtype[Any]
    take: Callable[[object], list[Any]]
    is_list: bool = False


class JsonBuilder:
    """Reads ranges of documents as they come; the last call makes the index of their values.

    ``build_params`` holds json_path, as a JSON pointer, json_cast_type, json_cast_function, and the kind's own.
    """

    train_steps = 0

    def __init__(self, column: Column, kind: str, build_params: Mapping[str, Any]) -> None:
        self._column = column
        self._kind = kind
        self._params = build_params
        self._path = path_of(build_params["json_path"])
        self._cast = find_cast(build_params)
        self._values: list[Values] = []
        self._rows: list[Rows] = []
        self._known = np.zeros(len(column), np.bool_)
        self._is_exact = True

    def train(self, step: int) -> None:
        raise AssertionError("a scalar index has no training step")

    def add(self, start: int, stop: int) -> None:
        found = documents.look_up(documents.read(self._column.take(slice(start, stop))), self._path)
        taken = [self._cast.take(value) for value in found]
        lengths = np.fromiter(map(len, taken), np.intp, len(taken))
        self._rows.append(np.repeat(np.arange(start, stop), lengths))
        self._values.append(self._array([value for values in taken for value in values]))
        lists = [type(value) is list for value in found] if self._cast.is_list else lengths > 0
        self._known[start:stop] = lists

    def finished(self) -> JsonIndex:
        values = np.concatenate([np.empty(0, self._cast.dtype), *self._values])
        rows = np.concatenate([np.empty(0, np.intp), *self._rows])
        inner = self._inner(values, rows) if self._is_exact else None
        return JsonIndex(self._path, inner, self._known, self._cast.dtype.kind)

    def _array(self, values: list[Any]) -> Values:
        if self._cast.dtype.kind == "f":
            self._is_exact &= all(type(value) is float or -EXACT <= value <= EXACT for value in values)
            values = values if self._is_exact else []
        return np.array(values, self._cast.dtype)

    def _inner(self, values: Values, rows: Rows) -> Inner:
        if self._kind == "NGRAM":
            return self._ngrams(values, rows)
        made = sorted_index(len(self._column), values, rows)
        if self._cast.is_list:
            return ElementIndex(made)
        limit = {"BITMAP": MOST_BITMAPS, "HYBRID": self._params.get("bitmap_cardinality_limit", 0)}
        return with_bits(made, limit.get(self._kind, 0))

    def _ngrams(self, values: Values, rows: Rows) -> NgramIndex:
        pieces = NgramPieces(self._params["min_gram"], self._params["max_gram"])
        pieces.add(values, rows)
        texts = np.full(len(self._column), "", TEXT_DTYPE)
        texts[rows] = values
        return NgramIndex(texts, pieces.merged())


@dataclass(slots=True)
class JsonIndex:
    """The built index of one path; ``inner`` is None where doubles could not hold what stands there.

    ``look_ups`` counts how often a filter was answered from it.
    """

    path: Path
    inner: Inner | None
    known: Mask
    kind: str
    look_ups: int = field(default=0)

    def look_up_at(self, path: Path, operator: str, value: Any) -> Matches | None:
        """As an index of a plain field, for this path and constants of the cast type."""
        if path != self.path or self.inner is None or _kind_of(operator, value) != self.kind:
            return None
        matches = self.inner.look_up(operator, value)
        if matches is None:
            return None
        self.look_ups += 1
        return replace(matches, known=self.known)


class FlatBuilder:
    """The cast JSON: every text, number and bool below the path, by the keys that lead to it."""

    train_steps = 0

    def __init__(self, column: Column, path: Path) -> None:
        self._column = column
        self._path = path
        self._rows: dict[tuple[Path, str], list[int]] = {}
        self._values: dict[tuple[Path, str], list[Any]] = {}

    def train(self, step: int) -> None:
        raise AssertionError("a scalar index has no training step")

    def add(self, start: int, stop: int) -> None:
        found = documents.look_up(documents.read(self._column.take(slice(start, stop))), self._path)
        for row, document in enumerate(found, start):
            for place, value in _leaves(document):
                self._rows.setdefault(place, []).append(row)
                self._values.setdefault(place, []).append(value)

    def finished(self) -> FlatIndex:
        total, leaves = len(self._column), {}
        for (path, kind), values in self._values.items():
            rows = np.array(self._rows[path, kind], np.intp)
            known = np.zeros(total, np.bool_)
            known[rows] = True
            exact = kind != "f" or all(type(value) is float or -EXACT <= value <= EXACT for value in values)
            inner = sorted_index(total, np.array(values, _DTYPES[kind]), rows) if exact else None
            leaves[path, kind] = JsonIndex(path, inner, known, kind)
        return FlatIndex(total, self._path, leaves)


@dataclass(slots=True)
class FlatIndex:
    """The built index of everything below a path; ``leaves`` by the keys below it and the kind of value."""

    total_rows: int
    path: Path
    leaves: dict[tuple[Path, str], JsonIndex]
    look_ups: int = field(default=0)

    def look_up_at(self, path: Path, operator: str, value: Any) -> Matches | None:
        """What stands at a path that begins with this one, if no key of the rest may be the number of an item."""
        below = path[len(self.path) :]
        kind = _kind_of(operator, value)
        if path[: len(self.path)] != self.path or kind is None or any(key.isdecimal() for key in below):
            return None
        leaf = self.leaves.get((below, kind))
        if leaf is None:
            matches: Matches | None = self._nothing(operator)
        else:
            matches = leaf.look_up_at(below, operator, value)
        self.look_ups += matches is not None
        return matches

    def _nothing(self, operator: str) -> Matches | None:
        if operator.startswith("contains"):
            return None
        return Matches(self.total_rows, np.empty(0, np.intp), np.zeros(self.total_rows, np.bool_))


def find_cast(build_params: Mapping[str, Any]) -> Cast:
    if build_params.get("json_cast_function"):
        return Cast(_DTYPES["f"], _numbers_of_texts)
    return _CASTS[build_params["json_cast_type"]]


def _leaves(document: object) -> Iterable[tuple[tuple[Path, str], Any]]:
    waiting: list[tuple[Path, object]] = [((), document)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, dict):
            waiting.extend(((*path, key), inner) for key, inner in value.items())
            continue
        kind = _LEAVES.get(type(value))
        if kind is not None and not (kind == "T" and _texts(value) == []):
            yield (path, kind), value


def _bools(value: object) -> list[Any]:
    return [value] if type(value) is bool else []


def _numbers(value: object) -> list[Any]:
    return [value] if type(value) is int or type(value) is float else []


def _texts(value: object) -> list[Any]:
    """A text, unless it has half a surrogate pair."""
    if type(value) is not str:
        return []
    return [value] if value.isascii() or not _SURROGATE.search(value) else []


def _numbers_of_texts(value: object) -> list[Any]:
    """Numbers, and texts that begin as C++'s stod reads one."""
    if type(value) is str:
        read = _STOD.match(value)
        return [float(read.group())] if read else []
    return _numbers(value)


def _items(take: Callable[[object], list[Any]]) -> Callable[[object], list[Any]]:
    return lambda value: [one for item in value for one in take(item)] if isinstance(value, list) else []


def _kind_of(operator: str, value: Any) -> str | None:
    """The kind of a constant, or of all in a list of them; what is searched for is text."""
    if operator == "search":
        return "T"
    if isinstance(value, tuple):  # the bounds of a range
        value = [value[0], value[2]]
    if isinstance(value, np.ndarray) and value.dtype.kind != "O":
        return "f" if value.dtype.kind == "i" else str(value.dtype.kind)
    if isinstance(value, list | np.ndarray):
        kinds = {_LEAVES.get(type(one)) for one in value}
        return kinds.pop() if len(kinds) == 1 else None
    return _LEAVES.get(type(value))


_SURROGATE = re.compile("[\ud800-\udfff]")
_STOD = re.compile(r"[ \t\n\v\f\r]*[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?|inf(?:inity)?|nan)", re.I)
_LEAVES = {bool: "b", int: "f", float: "f", str: "T"}
_DTYPES: dict[str, np.dtype[Any]] = {"b": np.dtype(np.bool_), "f": np.dtype(np.float64), "T": TEXT_DTYPE}
_CASTS = {
    "BOOL": Cast(_DTYPES["b"], _bools),
    "DOUBLE": Cast(_DTYPES["f"], _numbers),
    "VARCHAR": Cast(_DTYPES["T"], _texts),
    "ARRAY_BOOL": Cast(_DTYPES["b"], _items(_bools), True),
    "ARRAY_DOUBLE": Cast(_DTYPES["f"], _items(_numbers), True),
    "ARRAY_VARCHAR": Cast(_DTYPES["T"], _items(_texts), True),
}
