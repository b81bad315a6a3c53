"""Text indexes: terms, phrases and near terms of a column, against doing it text by text."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest

from fakemilvus.datatypes import TEXT_DTYPE, Column, DataType
from fakemilvus.engine import text_index
from fakemilvus.engine.edits import within_edits
from fakemilvus.engine.postings import Postings, find, grown
from fakemilvus.engine.schema import Field
from fakemilvus.engine.text_index import TextForms, TextIndex

FIELD = Field("text", DataType.VARCHAR, id=101)


def column(texts: list[str]) -> Column:
    return Column(DataType.VARCHAR, np.array(texts, TEXT_DTYPE))


def index(texts: list[str]) -> TextIndex:
    return TextForms().index(FIELD, column(texts))


def drawn(rows: int, words: int, seed: int = 0) -> list[str]:
    """Texts over few words, so that phrases happen."""
    draw = random.Random(seed)
    return [" ".join(draw.choices("abcde", k=draw.randint(0, words))) for _ in range(rows)]


def nearest(text: str, phrase: str) -> float:
    """How far the words of a phrase are moved at least in a text, by trying every choice of places."""
    words, asked = text.split(), phrase.split()
    places = [[n - k for n, word in enumerate(words) if word == wanted] for k, wanted in enumerate(asked)]
    return min((max(chosen) - min(chosen) for chosen in itertools.product(*places)), default=np.inf)


@pytest.mark.parametrize("minimum", [1, 2, 3])
@pytest.mark.parametrize("asked", ["a", "a b", "b a c", "a a", "x", ""])
def test_matching(asked: str, minimum: int) -> None:
    """A row matches when it has enough of the terms; a repeated term counts twice, and no terms match nothing."""
    texts = drawn(200, 4)
    expected = [sum(word in text.split() for word in asked.split()) >= minimum for text in texts]
    assert index(texts).matching(asked, minimum).tolist() == expected


@pytest.mark.parametrize("slop", [0, 1, 2, 5])
@pytest.mark.parametrize("phrase", ["a b", "b a", "a b c", "a b a", "a a", "x a"])
def test_phrases(phrase: str, slop: int) -> None:
    """A row has a phrase when its words are moved by no more than the slop, in any order."""
    texts = drawn(300, 7)
    assert index(texts).with_phrase(phrase, slop).tolist() == [nearest(text, phrase) <= slop for text in texts]


def test_longest_slop() -> None:
    """With the longest slop a phrase is all of its terms, in one row."""
    assert index(["a x b", "b a", "a", "b"]).with_phrase("a b", 2**32 - 1).tolist() == [True, True, False, False]


@pytest.mark.parametrize("phrase", ["a", ""])
def test_phrase_of_one_word(phrase: str) -> None:
    """A phrase of one word is that word; an empty one is nowhere."""
    assert index(["a b", "c"]).with_phrase(phrase, 0).tolist() == [phrase == "a", False]


def test_words_that_were_left_out_keep_their_place() -> None:
    """A stop word is no part of a phrase, but of the distance."""
    field = Field("text", DataType.VARCHAR, id=1, type_params=(("analyzer_params", '{"type":"english"}'),))
    made = TextForms().index(field, column(["king of spain", "king spain", "kings of the spain"]))
    assert made.with_phrase("king of spain", 0).tolist() == [True, False, False]
    assert made.with_phrase("king of spain", 1).tolist() == [True, True, True]


@pytest.mark.parametrize("edits", [1, 2])
def test_edits(edits: int) -> None:
    """Words within so many edits, against the textbook's distance; a swap of neighbours is one edit."""
    draw = random.Random(3)
    names = ["".join(draw.choices("abc", k=draw.randint(0, 6))) for _ in range(300)]
    for word in ("abcab", "ab", "", "cba"):
        expected = [number for number, name in enumerate(names) if distance(name, word) <= edits]
        assert within_edits(names, word, edits).tolist() == expected


def distance(one: str, other: str) -> int:
    """Optimal string alignment."""
    table = {(i, -1): i + 1 for i in range(-1, len(one))} | {(-1, j): j + 1 for j in range(-1, len(other))}
    for i, j in itertools.product(range(len(one)), range(len(other))):
        changed = table[i - 1, j - 1] + (one[i] != other[j])
        table[i, j] = min(table[i - 1, j] + 1, table[i, j - 1] + 1, changed)
        if i and j and one[i] == other[j - 1] and one[i - 1] == other[j]:
            table[i, j] = min(table[i, j], table[i - 2, j - 2] + 1)
    return table[len(one) - 1, len(other) - 1]


@pytest.mark.parametrize(("edits", "found"), [(0, [False] * 3), (1, [True, False, True]), (2, [True, False, True])])
def test_nearly_matching(edits: int, found: list[bool]) -> None:
    """A row is found by any term that is near any of the text's."""
    assert index(["my allergy", "allergic", "apples, an apple"]).nearly_matching("alergy aple", edits).tolist() == found


def test_rows_are_added(monkeypatch: pytest.MonkeyPatch) -> None:
    """A column that grew is indexed from where it was left, and an older, shorter one still has its own rows only."""
    monkeypatch.setattr(text_index, "ROWS_AT_ONCE", 7)
    texts, forms = drawn(100, 4, seed=1), TextForms()
    for rows in (0, 3, 4, 40, 100, 17):
        seen = forms.index(FIELD, column(texts[:rows]))
        assert seen.matching("a").tolist() == ["a" in text for text in texts[:rows]]
        assert seen.with_phrase("a b", 0).tolist() == [nearest(text, "a b") == 0 for text in texts[:rows]]


def test_postings_are_merged() -> None:
    """Parts are at least twice as large as the next one, and hold every posting by key and row."""
    draw, parts, whole = np.random.default_rng(5), (), []
    for first in range(0, 640, 10):
        rows = np.sort(draw.integers(0, 10, 30))
        keys, values = draw.integers(0, 5, 30), np.arange(30) + first
        parts = grown(parts, Postings.of(first, 10, keys, rows, values))
        whole += zip(keys.tolist(), (rows + first).tolist(), values.tolist(), strict=True)
    assert len(parts) < 8
    assert parts[-1].stop == 640
    for key in range(6):
        found = [(key, *one) for rows, values in find(parts, key, 640) for one in zip(rows, values, strict=True)]
        assert found == [one for one in whole if one[0] == key]
