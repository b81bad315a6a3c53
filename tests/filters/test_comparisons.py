"""Plain columns against constants and against each other: values, nulls, ranges of types, no rows."""

from __future__ import annotations

import numpy as np
import pytest

from fakemilvus.filters import compile_filter
from tests.filters.making import batch, fields, passing


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("i32 == 2", [2]),
        ("i32 != 2", [0, 1, 4]),
        ("i32 < 2", [0, 1]),
        ("i32 <= 2", [0, 1, 2]),
        ("i32 > 1", [2, 4]),
        ("i32 >= 1", [1, 2, 4]),
        ("2 < i32", [4]),
        ("2 >= i32", [0, 1, 2]),
        ("i32 in [0, 4, 4, 9]", [0, 4]),
        ("i32 not in [0, 4]", [1, 2]),
        ("i32 in []", []),
        ("i32 not in []", [0, 1, 2, 4]),
        ("0 < i32 <= 2", [1, 2]),
        ("4 > i32 >= 1", [1, 2]),
        ("i32 is null", [3]),
        ("i32 is not null", [0, 1, 2, 4]),
        ("i32 IS NULL", [3]),
        ("not (i32 == 2)", [0, 1, 4]),
        ("i32 % 2 == 0", [0, 2, 4]),
    ],
)
def test_null_passes_nothing_but_is_null(text: str, expected: list[int]) -> None:
    """A null is neither equal nor unequal to anything, in either direction of the comparison."""
    assert passing(text, i32=[0, 1, 2, None, 4]) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("i8 > 300", []),
        ("i8 < 300", [0, 1]),
        ("i8 <= -300", []),
        ("i8 >= -300", [0, 1]),
        ("i8 == 300", []),
        ("i8 != 300", [0, 1]),
        ("i8 in [300, 127]", [1]),
        ("-300 < i8 < 300", [0, 1]),
    ],
)
def test_integer_beyond_the_columns_range(text: str, expected: list[int]) -> None:
    """A constant that the column cannot hold compares as a number, and never with a null."""
    assert passing(text, i8=[-128, 127, None]) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("f == 0.1", [0]),
        ("f in [0.1, 3]", [0, 2]),
        ("f < 0.1", []),
        ("f >= 0.3", [1, 2]),
        ("f == 3", [2]),
        ("f < 1e300", [0, 1, 2]),
    ],
)
def test_float_column_compares_in_32_bits(text: str, expected: list[int]) -> None:
    """A constant is cast to the width of a FLOAT column, so 0.1 finds what 0.1 was stored as."""
    assert passing(text, f=[0.1, 0.3, 3.0]) == expected


def test_double_column_compares_in_64_bits() -> None:
    """A DOUBLE column takes integers as floats and rounds nothing."""
    assert passing("d in [0.3, 2] or d == 0.5", d=[0.1 + 0.2, 0.3, 2.0, 0.5]) == [1, 2, 3]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("s == 'ab'", [1]),
        ('s == "\\u00e9"', [3]),
        ("s != 'ab'", [0, 2, 3, 5]),
        ("s > 'a'", [1, 2, 3]),
        ("s <= 'b'", [0, 1, 2, 5]),
        ("s in ['a', \"é\"]", [0, 3]),
        ("s not in ['a']", [1, 2, 3, 5]),
        ("s in ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i']", [0, 2]),
        ("'a' < s <= 'b'", [1, 2]),
        ("s == ''", [5]),
    ],
)
def test_text_compares_by_its_bytes(text: str, expected: list[int]) -> None:
    """VARCHAR orders by UTF-8 bytes; the empty text is a value, null is none."""
    assert passing(text, s=["a", "ab", "b", "é", None, ""]) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("b == true", [0]), ("b != True", [1]), ("b == FALSE", [1]), ("b in [true, false]", [0, 1]), ("b > false", [0])],
)
def test_bools_in_every_spelling(text: str, expected: list[int]) -> None:
    """Milvus knows true, True and TRUE; bools also have an order."""
    assert passing(text, b=[True, False, None]) == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("i32 < i8", [0]), ("i32 == d", [1]), ("d > i8", []), ("i32 != i8", [0])]
)
def test_column_with_column(text: str, expected: list[int]) -> None:
    """Two columns compare row by row; where either is null nothing holds."""
    assert (
        passing(text, i32=[1, 2, None], i8=[2, 2, 2], d=[1.5, 2.0, 9.0] if "i32" in text else [1, 2, None]) == expected
    )


def test_integer_beside_a_float_column_rounds_as_cpp_does() -> None:
    """An integer column meets a FLOAT column in 32 bits: 16777217 is then 16777216."""
    assert passing("id == f", id=[16777217], f=[16777216.0]) == [0]


EVERY_KIND = (
    "i32 == 1, i32 in [1], 1 < i32 < 3, not (i32 == 1), i32 + 1 == 2, i32 is null, i32 == i8, s like 'a%', s in ['a'], "
    "meta['a'] == 1, meta['a'] in [1], exists meta['a'], meta['a'] == [1], true, i32 == 1 or s == 'a'"
)


@pytest.mark.parametrize("text", ["", *EVERY_KIND.split(", ")])
def test_no_rows(text: str) -> None:
    """Over no rows every kind of filter answers an empty mask."""
    mask = compile_filter(text, fields()).mask(batch(i32=[], i8=[], s=[], meta=[]))
    assert (mask.dtype, mask.shape) == (np.dtype(np.bool_), (0,))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("i32 == 0x1F", [0]),
        ("i32 == 0b11111", [0]),
        ("i32 == 037", [0]),
        ("i32 == -0x1F", [1]),
        ("i32 == 2 ** 5 - 1", [0]),
        ("i32 == +31", [0]),
        ("i32 in [-31, 0x1f,]", [0, 1]),
    ],
)
def test_integers_in_every_base(text: str, expected: list[int]) -> None:
    """Decimal, hexadecimal, binary and octal (a leading zero); constants calculate."""
    assert passing(text, i32=[31, -31, 37]) == expected


@pytest.mark.parametrize("literal", ["1.5", "15e-1", ".15E1", "0x1.8p0", "3 / 2.0"])
def test_floats_in_every_spelling(literal: str) -> None:
    """Fractions, exponents and hexadecimal floats name the same number."""
    assert passing(f"d == {literal}", d=[1.5, 2.5]) == [0]


@pytest.mark.parametrize(
    ("literal", "value"),
    [
        (r"'a\'b'", "a'b"),
        ("'a\"b'", 'a"b'),
        (r'"\x41\102\u0043\U00000044"', "ABCD"),
        (r"'\xc3\xa9'", "é"),
        (r"'tab\tnew\n'", "tab\tnew\n"),
        (r"r'\n'", "\\n"),
        ("'中文'", "中文"),
        ("'a b'", "a b"),
    ],
)
def test_strings_in_every_spelling(literal: str, value: str) -> None:
    """Both quotes, C's escapes, bytes of UTF-8, and raw strings that have no escapes."""
    assert passing(f"s == {literal}", s=["x", value]) == [1]
