"""LIKE: wildcards, escapes and what they may not cost."""

from __future__ import annotations

import pytest

from fakemilvus.filters import patterns
from tests.filters.making import passing

TEXTS = ["abc", "bcd", "b", "", "a%c", "aXc", "a\nc", None]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("a%", [0, 4, 5, 6]),
        ("%c", [0, 4, 5, 6]),
        ("%b%", [0, 1, 2]),
        ("b", [2]),
        ("", [3]),
        ("%", [0, 1, 2, 3, 4, 5, 6]),
        ("_", [2]),
        ("a_c", [0, 4, 5, 6]),
        ("_%c", [0, 4, 5, 6]),
        ("a%c", [0, 4, 5, 6]),
        (r"a\\%c", [4]),
        ("%b%d", [1]),
        ("%bc_", [1]),
    ],
)
def test_patterns(pattern: str, expected: list[int]) -> None:
    """A per cent sign is any text, an underscore one character; null matches nothing."""
    assert passing(f"s like '{pattern}'", s=TEXTS) == expected


@pytest.mark.parametrize("pattern", ["%a%a%a%a%a%a%a%a%a%a%a%a%b", "_%_%_%_%_%_%_%_%x", "%ab%ba%"])
def test_wildcards_match_as_the_plain_definition(pattern: str) -> None:
    """Not reconsidering earlier parts changes no answer."""
    matches = patterns.matcher(pattern)
    for text in ("a" * 60, "a" * 13 + "b", "ababba", "aba", "xyz" * 5 + "x"):
        assert matches(text) == defined(pattern, text)


def defined(pattern: str, text: str) -> bool:
    """LIKE by dynamic programming."""
    reached = {0}
    for sign in pattern:
        if sign == "%":
            reached = set(range(min(reached, default=len(text) + 1), len(text) + 1))
        else:
            reached = {at + 1 for at in reached if at < len(text) and sign in ("_", text[at])}
    return len(text) in reached
