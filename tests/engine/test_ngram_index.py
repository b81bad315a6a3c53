"""The NGRAM index of texts."""

from __future__ import annotations

import numpy as np
import pytest

from fakemilvus.datatypes import TEXT_DTYPE, Column, DataType
from fakemilvus.engine.ngram_index import NgramBuilder, NgramIndex
from fakemilvus.filters import scalars

FILLER = [f"{number:04} of many" for number in range(60)]
TEXTS = [
    "database",
    "data base",
    "",
    "bat",
    "ab",
    "übermut",
    "mutüber",
    "tabasco",
    "a%b",
    "\U0001f600x\U0001f600",
    *FILLER,
]


def built(low: int = 2, high: int = 4, valid: list[bool] | None = None, chunk: int = 7) -> NgramIndex:
    column = Column(DataType.VARCHAR, np.array(TEXTS, TEXT_DTYPE), None if valid is None else np.array(valid))
    builder = NgramBuilder(column, low, high)
    for start in range(0, len(TEXTS), chunk):
        builder.add(start, min(start + chunk, len(TEXTS)))
    return builder.finished()


@pytest.mark.parametrize("sizes", [(1, 1), (1, 3), (2, 2), (2, 4), (3, 5)])
@pytest.mark.parametrize(
    "pattern", ["%bas%", "data%", "%base", "%dat%bas%", "%über%", "d_tabase", "%atab%se", "%\U0001f600x%", "%absent%"]
)
def test_patterns_are_answered_as_by_a_scan(sizes: tuple[int, int], pattern: str) -> None:
    """Wherever a part of the pattern is as long as min_gram, the rows are those that the pattern matches."""
    index = built(*sizes)
    matches = index.look_up("like", pattern)
    if matches is None:
        assert len(max(pattern.replace("_", "%").split("%"), key=len)) < sizes[0]
        return
    assert np.array_equal(matches.mask(), scalars.like(index.texts, pattern))
    assert index.look_ups == 1


@pytest.mark.parametrize(
    ("pattern", "operator"), [("%a%", "like"), ("%", "like"), ("a_b_a", "like"), ("database", "==")]
)
def test_what_no_piece_tells_is_left_to_the_filter(pattern: str, operator: str) -> None:
    """A pattern whose parts are all shorter than min_gram, and any other operator, are not answered."""
    index = built()
    assert index.look_up(operator, pattern) is None
    assert index.look_ups == 0


def test_what_most_rows_hold_is_left_to_the_filter() -> None:
    """Where a piece stands in more than a fourth of the rows, the index does not help."""
    assert built().look_up("like", "%many%") is None


def test_a_percent_sign_in_the_text() -> None:
    """An escaped wildcard is a character like any other."""
    matches = built().look_up("like", "%a\\%b%")
    assert matches is not None
    assert matches.rows().tolist() == [TEXTS.index("a%b")]


def test_null_rows_are_left_out() -> None:
    """A null row is not found, whatever stands in its place."""
    matches = built(valid=[False] + [True] * (len(TEXTS) - 1)).look_up("like", "%base%")
    assert matches is not None
    assert matches.rows().tolist() == [TEXTS.index("data base")]


def test_pieces_do_not_reach_over_rows() -> None:
    """The end of one row and the beginning of the next are no piece."""
    matches = built(2, 2).look_up("like", "%td%")
    assert matches is not None
    assert matches.rows().tolist() == []
