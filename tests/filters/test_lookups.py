"""What a filter tells a scalar index to look for."""

from __future__ import annotations

import re

import pytest

from fakemilvus.filters.matching import needed_parts


@pytest.mark.parametrize(
    ("expression", "parts"),
    [
        ("abc", ["abc"]),
        ("^abc$", ["abc"]),
        ("ab.*cd", ["ab", "cd"]),
        ("abc?d", ["ab", "d"]),
        ("ab*", ["a"]),
        ("ab+c", ["ab", "c"]),
        ("ab+?c??d", ["ab", "d"]),
        (".", []),
        ("", []),
        *[(intricate, []) for intricate in ("(abc)", "a|b", "[ab]c", "a\\d", "ab{0}", "(?i)abc")],
    ],
)
def test_parts_of_an_expression(expression: str, parts: list[str]) -> None:
    """The texts that every match holds; none of an expression that is not plain."""
    assert needed_parts(expression) == parts
    for text in ("abc", "ab..cd", "abd", "a", "abbc", "abbcd", "xabcdx"):
        if re.search(expression, text):
            assert all(part in text for part in parts)
