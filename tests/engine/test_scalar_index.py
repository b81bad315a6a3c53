"""The scalar index."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from fakemilvus.datatypes import TEXT_DTYPE, Column, DataType
from fakemilvus.engine.scalar_index import SortedBuilder, SortedIndex

COMPARE = {
    "==": lambda a, b: a == b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def _build(type_, values, valid=None, dtype=None, chunk=3):
    column = Column(type_, np.array(values, dtype), None if valid is None else np.array(valid))
    builder = SortedBuilder(column)
    for start in range(0, len(column), chunk):
        builder.add(start, min(len(column), start + chunk))
    return builder.finished()


def _find(built: SortedIndex, operator: str, value: Any) -> Any:
    """The mask of a look-up, or None."""
    matches = built.look_up(operator, value)
    return None if matches is None else matches.mask()


@pytest.mark.parametrize("operator", COMPARE)
@pytest.mark.parametrize("value", [-1, 0, 3, 4, 99])
def test_integers_compare_as_numpy_does(operator, value):
    """Every ordering over integers gives numpy's mask, for values inside and outside the range."""
    values = np.random.default_rng(0).integers(0, 7, 100)
    built = _build(DataType.INT64, values, dtype=np.int64, chunk=9)
    assert np.array_equal(_find(built, operator, value), COMPARE[operator](values, value))


@pytest.mark.parametrize("operator", COMPARE)
def test_text_compares_by_bytes(operator):
    """Text is ordered by its bytes."""
    values = ["b", "", "ä", "Z", "aa", "b"]
    built = _build(DataType.VARCHAR, values, dtype=TEXT_DTYPE)
    expected = [COMPARE[operator](v.encode(), b"b") for v in values]
    assert _find(built, operator, "b").tolist() == expected


def test_in_takes_a_list():
    """``in`` finds the rows of every value in the list, repeats included."""
    built = _build(DataType.INT32, [4, 1, 4, 2], dtype=np.int32)
    assert _find(built, "in", [4, 2, 4, 77]).tolist() == [True, False, True, True]


def test_long_text():
    """Text that numpy keeps outside the element is found as well."""
    values = [f"some text that is longer than fifteen bytes, number {i}" for i in (3, 1, 2)]
    built = _build(DataType.VARCHAR, values, dtype=TEXT_DTYPE)
    assert _find(built, "in", values[:2]).tolist() == [True, True, False]
    assert _find(built, "<", values[2]).tolist() == [False, True, False]


def test_text_in():
    """``in`` works over text."""
    built = _build(DataType.VARCHAR, ["a", "b", "c"], dtype=TEXT_DTYPE)
    assert _find(built, "in", ["c", "a"]).tolist() == [True, False, True]


def test_bools():
    """Booleans are found by value; a number is not one."""
    built = _build(DataType.BOOL, [True, False, True], dtype=np.bool_)
    assert _find(built, "==", True).tolist() == [True, False, True]
    assert _find(built, "==", 1) is None


def test_nulls_never_match():
    """A null row matches no comparison, not even the one its placeholder would pass."""
    built = _build(DataType.INT64, [0, 1, 0], valid=[False, True, True], dtype=np.int64)
    assert _find(built, "==", 0).tolist() == [False, False, True]
    assert _find(built, "<=", 9).tolist() == [False, True, True]


def test_nan_never_matches():
    """NaN matches no comparison, as in numpy."""
    built = _build(DataType.DOUBLE, [np.nan, 1.0, np.nan, 2.0], dtype=np.float64)
    assert _find(built, ">=", -1e300).tolist() == [False, True, False, True]
    assert _find(built, "==", np.nan) is None


@pytest.mark.parametrize("value", [1.5, 2**40, 2**70, "1", True, -(2**31) - 1])
def test_a_value_that_does_not_fit_is_left_to_the_filter(value):
    """A value that is not exactly one of the field's type is not answered, so that the filter compares itself."""
    assert _find(_build(DataType.INT32, [1, 2], dtype=np.int32), "==", value) is None


def test_a_float_that_is_not_exact_is_left_to_the_filter():
    """0.1 is no 32-bit float, 0.5 is."""
    built = _build(DataType.FLOAT, [0.1, 0.5], dtype=np.float32)
    assert _find(built, "==", 0.1) is None
    assert _find(built, "==", 0.5).tolist() == [False, True]


def test_other_operators_are_left_to_the_filter():
    """What an order cannot tell is not answered; the evaluator turns ``==`` around for ``!=``."""
    assert _find(_build(DataType.INT64, [1], dtype=np.int64), "!=", 1) is None


def test_look_ups_are_counted():
    """Each answered look-up counts, a refused one does not."""
    built = _build(DataType.INT64, [1, 2], dtype=np.int64)
    _find(built, "==", 1)
    _find(built, "in", [1, 2])
    _find(built, "!=", 1)
    assert built.look_ups == 2


def test_every_row_null():
    """An index over nothing but nulls finds nothing."""
    assert _find(_build(DataType.INT64, [0, 0], valid=[False, False], dtype=np.int64), "<", 9).tolist() == [
        False,
        False,
    ]


TEXTS = ["abc", "ab", "", "b", "a_c", "abd", "\U0010ffff", "a\U0010ffffx", "ab"]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("ab%", ["abc", "ab", "abd", "ab"]),
        ("ab", ["ab", "ab"]),
        ("a\\_c", ["a_c"]),
        ("a\U0010ffff%", ["a\U0010ffffx"]),
        ("\U0010ffff%", ["\U0010ffff"]),
        ("", [""]),
    ],
)
def test_beginnings_of_texts(pattern: str, found: list[str]) -> None:
    """A pattern without a wildcard, or with % at its end only, is answered by the order of the texts."""
    built = _build(DataType.VARCHAR, TEXTS, dtype=TEXT_DTYPE)
    mask = _find(built, "like", pattern)
    assert [text for text, matches in zip(TEXTS, mask, strict=True) if matches] == found


def test_other_patterns_are_tried_on_distinct_texts() -> None:
    """Where texts repeat, any pattern is answered from the distinct ones; where they do not, the rows are scanned."""
    texts = ["red", "green", "blue"] * 10
    built = _build(DataType.VARCHAR, texts, dtype=TEXT_DTYPE)
    assert _find(built, "like", "%e_").tolist() == [True, True, False] * 10
    numbers = [str(number) for number in range(100)]
    assert _find(_build(DataType.VARCHAR, numbers, dtype=TEXT_DTYPE), "like", "%1_") is None


def test_between() -> None:
    """Both ends of a range are one look-up."""
    built = _build(DataType.INT64, [5, 1, 3, 2, 4], dtype=np.int64)
    assert _find(built, "between", (2, True, 4, False)).tolist() == [False, False, True, True, False]
    assert _find(built, "between", (4, False, 4, False)).tolist() == [False] * 5
    assert built.look_ups == 2


def test_wide_ranges_of_numbers_are_scanned() -> None:
    """A look-up that would name much of a large column is left to the comparison, which is faster."""
    built = _build(DataType.INT64, np.arange(20_000), dtype=np.int64, chunk=20_000)
    assert _find(built, ">", 100) is None
    assert _find(built, "<", 100).sum() == 100


def test_rows_come_in_order() -> None:
    """The numbers of the rows ascend, whatever their values are."""
    built = _build(DataType.INT64, [3, 1, 2, 1, 3], dtype=np.int64)
    matches = built.look_up("in", [3, 1])
    assert matches is not None
    assert matches.rows().tolist() == [0, 1, 3, 4]
