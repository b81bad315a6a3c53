"""Indexes over paths of JSON documents."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from fakemilvus.datatypes import Column, DataType
from fakemilvus.engine.json_index import FlatBuilder, FlatIndex, JsonBuilder, JsonIndex
from fakemilvus.engine.json_paths import path_of, pointer_of

DOCUMENTS = [
    b'{"a": {"b": 1}, "t": "x"}',
    b'{"a": {"b": 2.5}, "t": "xy"}',
    b'{"a": {"b": "3"}, "t": null}',
    b'{"a": {"b": true}, "t": "z"}',
    b'{"a": {}, "t": ["x", 1]}',
    b'{"a": {"b": [1, 2]}, "t": "x"}',
    b"null",
    b'{"a": {"b": 1.0}, "t": 5}',
]


def column(documents: list[bytes], valid: list[bool] | None = None) -> Column:
    values = np.empty(len(documents), object)
    values[:] = documents
    return Column(DataType.JSON, values, None if valid is None else np.array(valid))


def built(path: str, cast: str, kind: str = "INVERTED", of: Column | None = None, **more: Any) -> JsonIndex:
    of = of or column(DOCUMENTS)
    builder = JsonBuilder(of, kind, {"json_path": path, "json_cast_type": cast, **more})
    for start in range(0, len(of), 3):
        builder.add(start, min(start + 3, len(of)))
    return builder.finished()


def rows_of(index: JsonIndex | FlatIndex, path: tuple[str, ...], operator: str, value: Any) -> list[int]:
    matches = index.look_up_at(path, operator, value)
    assert matches is not None
    return [int(row) for row in matches.rows()]


def known_of(index: JsonIndex | FlatIndex, path: tuple[str, ...], operator: str, value: Any) -> list[int]:
    matches = index.look_up_at(path, operator, value)
    assert matches is not None
    assert matches.known is not None
    return [int(row) for row in np.flatnonzero(matches.known)]


@pytest.mark.parametrize("kind", ["INVERTED", "STL_SORT", "HYBRID"])
def test_numbers(kind: str) -> None:
    """Integers and floats are numbers alike; a document with anything else there is unknown."""
    index = built("/a/b", "DOUBLE", kind, bitmap_cardinality_limit=100)
    assert rows_of(index, ("a", "b"), "==", 1) == [0, 7]
    assert rows_of(index, ("a", "b"), ">", 1) == [1]
    assert rows_of(index, ("a", "b"), "in", np.array([1.0, 2.5])) == [0, 1, 7]
    assert known_of(index, ("a", "b"), "==", 1) == [0, 1, 7]
    assert index.look_ups == 4


@pytest.mark.parametrize("kind", ["INVERTED", "STL_SORT", "BITMAP", "HYBRID"])
def test_texts(kind: str) -> None:
    """Texts are found by value and by their beginning."""
    index = built("/t", "VARCHAR", kind, bitmap_cardinality_limit=100)
    assert rows_of(index, ("t",), "==", "x") == [0, 5]
    assert rows_of(index, ("t",), "like", "x%") == [0, 1, 5]
    assert known_of(index, ("t",), "==", "x") == [0, 1, 3, 5]


def test_bools() -> None:
    """True is no number."""
    index = built("/a/b", "BOOL", "BITMAP")
    assert rows_of(index, ("a", "b"), "==", True) == [3]
    assert index.look_up_at(("a", "b"), "==", 1) is None


@pytest.mark.parametrize(("value", "found"), [(1, [0]), (9, [])])
def test_arrays(value: int, found: list[int]) -> None:
    """An index of arrays tells which of them hold a value; what is no array is unknown."""
    documents = column([b'{"n": [1, "a", 2]}', b'{"n": [3]}', b'{"n": 1}', b'{"n": []}'])
    index = built("/n", "ARRAY_DOUBLE", of=documents)
    assert rows_of(index, ("n",), "contains", value) == found
    assert known_of(index, ("n",), "contains", value) == [0, 1, 3]


def test_null_rows_are_unknown() -> None:
    """A null row is not found, whatever stands in its place."""
    index = built("/a/b", "DOUBLE", of=column(DOUBLED, [False, True]))
    assert rows_of(index, ("a", "b"), "==", 1) == [1]
    assert known_of(index, ("a", "b"), "==", 1) == [1]


DOUBLED = [DOCUMENTS[0]] * 2


@pytest.mark.parametrize(("path", "value"), [(("a",), 1), (("a", "b", "c"), 1), (("a", "b"), "x"), (("a", "b"), True)])
def test_other_paths_and_types_are_left_to_the_filter(path: tuple[str, ...], value: object) -> None:
    """An index answers for its own path and constants of its own cast type."""
    assert built("/a/b", "DOUBLE").look_up_at(path, "==", value) is None


def test_integers_that_no_double_holds_are_left_to_the_filter() -> None:
    """One integer beyond 2^53 in a segment, and the index of doubles answers nothing there."""
    large = column([b'{"n": 9007199254740993}', b'{"n": 1}'])
    assert built("/n", "DOUBLE", of=large).look_up_at(("n",), "==", 1) is None


def test_texts_that_are_read_as_numbers() -> None:
    """STRING_TO_DOUBLE reads a text as far as it is a number, as stod does, and leaves out one that is none."""
    texts = column([b'{"n": "1.5"}', b'{"n": 1.5}', b'{"n": " 1.5e0 kg"}', b'{"n": "many"}', b'{"n": true}'])
    index = built("/n", "DOUBLE", of=texts, json_cast_function="STRING_TO_DOUBLE")
    assert rows_of(index, ("n",), "==", 1.5) == [0, 1, 2]
    assert known_of(index, ("n",), "==", 1.5) == [0, 1, 2]


def test_ngrams_of_a_path() -> None:
    """An NGRAM index tells which texts at its path match a pattern."""
    documents = column([b'{"t": "database"}', b'{"t": 1}', *[b'{"t": "filler"}'] * 8])
    index = built("/t", "VARCHAR", "NGRAM", of=documents, min_gram=2, max_gram=3)
    assert rows_of(index, ("t",), "like", "%tab%") == [0]
    assert known_of(index, ("t",), "like", "%tab%") == [0, *range(2, 10)]


def flat(path: str = "") -> FlatIndex:
    builder = FlatBuilder(column(DOCUMENTS), path_of(path))
    builder.add(0, 3)
    builder.add(3, len(DOCUMENTS))
    return builder.finished()


def test_whole_documents() -> None:
    """The cast JSON answers for every path below its own, by the type of the constant."""
    index = flat()
    assert rows_of(index, ("a", "b"), "==", 1) == [0, 7]
    assert rows_of(index, ("a", "b"), "==", "3") == [2]
    assert rows_of(index, ("a", "b"), "==", True) == [3]
    assert rows_of(index, ("t",), "like", "x%") == [0, 1, 5]
    assert known_of(index, ("t",), "like", "x%") == [0, 1, 3, 5]
    assert index.look_ups == 5


def test_paths_that_no_document_has() -> None:
    """Nothing is found there, and nothing is known."""
    assert rows_of(flat(), ("a", "c"), "==", 1) == []
    assert known_of(flat(), ("a", "c"), "==", 1) == []


def test_below_a_path() -> None:
    """An index of what stands below a key does not answer for others, nor for items of lists."""
    index = flat("/a")
    assert rows_of(index, ("a", "b"), "==", 1) == [0, 7]
    assert index.look_up_at(("t",), "==", "x") is None
    assert index.look_up_at(("a", "b", "0"), "==", 1) is None


@pytest.mark.parametrize("path", [(), ("a",), ("a", "b"), ("x/y", "~1", "~"), ("",)])
def test_pointers(path: tuple[str, ...]) -> None:
    """A path is what its JSON pointer reads as."""
    assert path_of(pointer_of(path)) == path
