"""Texts with NUL characters, which numpy takes for padding where they stand at the end of a text."""

from __future__ import annotations

import pytest

from tests.filters.making import passing

TEXTS = ["a\0", "a", "xa", "xa\0", "\0", "", "a\0b", None]
MANY = ", ".join(f"'{number}'" for number in range(20))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"s == 'a\x00'", [0]),
        ("s == 'a'", [1]),
        (r"s != 'a\x00'", [1, 2, 3, 4, 5, 6]),
        (r"s > 'a\x00'", [2, 3, 6]),
        (r"'a' < s <= 'a\x00'", [0]),
        (r"s in ['a\x00', '\x00']", [0, 4]),
        (rf"s in ['a\x00', {MANY}]", [0]),
        (r"s like 'a\x00'", [0]),
        (r"s like 'a\x00%'", [0, 6]),
        (r"s like '%\x00'", [0, 3, 4]),
        (r"s like '%\x00%'", [0, 3, 4, 6]),
        ("s like '%a'", [1, 2]),
        ("s like '%a%'", [0, 1, 2, 3, 6]),
        (r"starts_with(s, 'a\x00')", [0, 6]),
        (r"meta['k'] == 'a\x00'", []),
    ],
)
def test_a_nul_is_a_character(text: str, expected: list[int]) -> None:
    """It counts wherever a text is compared or looked into."""
    assert passing(text, s=TEXTS, meta=['{"k": "a"}'] * len(TEXTS)) == expected


def test_items_of_lists() -> None:
    """So it does in the items of an array and at a JSON key."""
    assert passing(r"array_contains(texts, 'a\x00')", texts=[["a"], ["a\0", "b"]]) == [1]
    assert passing(r"meta['k'] == 'a\x00'", meta=['{"k": "a\\u0000"}', '{"k": "a"}']) == [0]
