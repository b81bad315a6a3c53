"""Arithmetic of a column with a constant, and between constants."""

from __future__ import annotations

import pytest

from tests.filters.making import passing


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("i32 + 1 == 8", [1]),
        ("i32 - 1 > 5", [1]),
        ("i32 * 2 == -14", [0]),
        ("2 * i32 == -14", [0]),
        ("i32 / 2 == -3", [0]),
        ("i32 % 3 == -1", [0]),
        ("i32 % -3 == 1", [1]),
        ("8 == 1 + i32", [1]),
    ],
)
def test_integers_divide_towards_zero(text: str, expected: list[int]) -> None:
    """Quotient and remainder have C++'s signs; a null stays unknown."""
    assert passing(text, i32=[-7, 7, None]) == expected


def test_narrow_integers_calculate_in_64_bits() -> None:
    """An INT8 does not overflow at 127."""
    assert passing("i8 + 100 == 227", i8=[127]) == [0]


def test_float_columns_calculate_in_their_width() -> None:
    """FLOAT calculates in 32 bits, so a sum of 0.1 and 0.2 is 0.3 there."""
    assert passing("f + 0.2 == 0.3", f=[0.1]) == [0]
    assert passing("d + 0.2 == 0.3", d=[0.1]) == []


def test_json_numbers_calculate_as_what_they_are() -> None:
    """An integer under a JSON key divides towards zero, a float does not; what is no number is unknown."""
    assert passing("meta['a'] / 2 == 3", meta=['{"a": 7}', '{"a": 6.0}', '{"a": 7.0}', '{"a": "7"}', "{}"]) == [0, 1]


@pytest.mark.parametrize(
    "constant",
    [
        "1 + 2 * 3",
        "(15 - 1) / 2",
        "-22 / 3 + 14",
        "22 % 15",
        "7 ** 1",
        "-(-7)",
        "9223372036854775807 + 8 + -9223372036854775808 - -9223372036854775808 - 9223372036854775807 - 1 + 0 * 2",
    ],
)
def test_constants_calculate_while_parsing(constant: str) -> None:
    """Constants fold with the usual precedence, integers wrapping at 64 bits."""
    assert passing(f"id == {constant}", id=[7]) == [0]


@pytest.mark.parametrize("text", ["1 == 1", "1 < 2.5", "'a' < 'b'", "true == True", "not false", "true and 1 == 1"])
def test_constant_comparisons_hold_for_every_row(text: str) -> None:
    """A filter of constants only is true or false for all rows."""
    assert passing(text, id=[1, 2]) == [0, 1]
