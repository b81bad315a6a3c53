"""random_sample: how many rows it takes, of which, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest

from fakemilvus import errors
from fakemilvus.filters import compile_filter
from tests.filters.making import batch, fields


def drawn(text: str, rows: int) -> list[int]:
    """The numbers of the rows that pass."""
    return np.flatnonzero(compile_filter(text, fields()).mask(batch(id=range(rows)))).tolist()


@pytest.mark.parametrize(
    ("text", "rows", "expected"),
    [
        ("random_sample(0.1)", 3000, 300),
        ("RANDOM_SAMPLE(0.01)", 3000, 30),
        ("random_sample(0.999)", 3000, 2998),
        ("random_sample(0.5)", 3, 1),
        ("random_sample(0.6)", 1, 0),
        ("random_sample(0.001)", 10, 1),
        ("random_sample(0.5)", 0, 0),
        ("id < 1000 and random_sample(0.1)", 3000, 100),
        ("id < 10 && random_sample(0.9)", 3000, 9),
        ("id < 3 and id >= 0 and random_sample(0.001)", 3000, 1),
        ("id < 0 and random_sample(0.5)", 3000, 0),
        ("true and random_sample(0.1)", 3000, 300),
    ],
)
def test_how_many(text: str, rows: int, expected: int) -> None:
    """The share is rounded down, at least one row comes; of more than half, the others are drawn and left out."""
    assert len(drawn(text, rows)) == expected


def test_only_rows_that_pass_are_drawn() -> None:
    """What stands before the sample says which rows it is drawn from."""
    assert set(drawn("id % 2 == 0 and random_sample(0.3)", 1000)) <= set(range(0, 1000, 2))


def test_the_seed_decides() -> None:
    """Another seed draws other rows, as many, also of those that pass and of the larger share; and the same again."""
    for text in ("random_sample(0.1)", "random_sample(0.9)", "id < 500 and random_sample(0.1)"):
        made, rows = compile_filter(text, fields()), batch(id=range(1000))
        first, second, again = (made.seeded(seed).mask(rows) for seed in (1, 2, 1))
        assert first.sum() == second.sum()
        assert (first != second).any()
        assert (first == again).all()


def test_the_same_rows_again() -> None:
    """A sample of equally many rows is always the same, and no run of neighbours."""
    first = drawn("random_sample(0.1)", 1000)
    assert first == drawn("random_sample(0.1)", 1000)
    assert first[-1] - first[0] > 500


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("random_sample(0.0)", "the sample factor should be between 0 and 1 and not too close to 0 or 1"),
        ("random_sample(1.0)", "larger than 1e-10), but got 1.0"),
        ("random_sample(1)", "larger than 1e-10), but got 1"),
        ("random_sample('a')", "larger than 1e-10), but got 'a'"),
        ("random_sample(id)", '"float factor" should be a const float expression: "float factor" passed: id'),
        ("random_sample(no)", "cannot parse expression: no, error: field no not exist"),
        (
            "random_sample(0.1) and id > 3",
            "random sample expression can only be the last expression in the logical and expression",
        ),
        ("random_sample(0.1) or id > 3", "random sample expression cannot be used in logical and expression"),
        ("id > 3 or random_sample(0.1)", "random sample expression cannot be used in logical and expression"),
        ("random_sample()", "expecting"),
    ],
)
def test_refusals(text: str, complaint: str) -> None:
    """The share is a constant float between zero and one, and the sample the end of the filter."""
    with pytest.raises(errors.FilterError) as raised:
        drawn(text, 0)
    assert complaint in raised.value.message


def test_no_complement() -> None:
    """A sample under a ``not`` is planned, and refused when it runs."""
    with pytest.raises(errors.FilterRun):
        drawn("not random_sample(0.1)", 10)
