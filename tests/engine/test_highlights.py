"""Highlights: the pieces of a text that show its terms."""

from __future__ import annotations

import pytest

from fakemilvus.engine.analysis import find_analyzer
from fakemilvus.engine.highlights import Style, highlight

TEXT = "one two three four five two six"


@pytest.mark.parametrize(
    ("terms", "style", "pieces"),
    [
        ({"two"}, Style(), ["<em>two</em> three four five <em>two</em> six"]),
        ({"two"}, Style(size=5), ["<em>two</em> t", "<em>two</em> s"]),
        ({"two"}, Style(size=5, number=1), ["<em>two</em> t"]),
        ({"two"}, Style(number=0), []),
        ({"two"}, Style(size=5, offset=3), ["ne <em>two</em>", "ve <em>two</em>"]),
        ({"two"}, Style(size=8, offset=100), ["one <em>two</em> ", "one two three four five <em>two</em>"]),
        ({"one", "three"}, Style(size=9), ["<em>one</em> two <em>three</em>"]),
        ({"two", "five"}, Style(("<1>", "<2>"), ("</1>", "</2>")),
         ["<1>two</1> three four <2>five</2> <1>two</1> six"]),
        ({"none"}, Style(), []),
        (set(), Style(), []),
    ],
)  # fmt: skip
def test_pieces(terms: set[str], style: Style, pieces: list[str]) -> None:
    """A piece begins before a term, is as long as it was asked to be or its terms are, and is shown with tags."""
    assert highlight(TEXT, terms, find_analyzer(""), style) == pieces


def test_terms_are_compared() -> None:
    """What is shown is the text as it was written, where its terms are those that are wanted."""
    analyzer = find_analyzer('{"type": "english"}')
    assert highlight("A Dog, the DOGS", {"dog"}, analyzer, Style()) == ["<em>Dog</em>, the <em>DOGS</em>"]


def test_sizes_are_characters() -> None:
    """Pieces are cut between characters, whatever their bytes."""
    assert highlight("äöü two ßß", {"two"}, find_analyzer(""), Style(size=6, offset=2)) == ["ü <em>two</em> "]


def test_words_within_words() -> None:
    """Words that overlap are shown as one."""
    analyzer = find_analyzer('{"tokenizer": "jieba"}')
    assert highlight("系统安全吗", {"系统", "安全", "系统安全"}, analyzer, Style()) == ["<em>系统安全</em>吗"]
