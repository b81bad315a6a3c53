"""Random filters on arrays and lists over random rows, against the naive reading."""

from __future__ import annotations

import json
import random

import numpy as np
import pytest

from fakemilvus.filters import compile_filter
from tests.filters.making import batch, fields
from tests.filters.reference_containers import ARRAYS, Row, judge_leaf, random_leaf, random_row, render_leaf

ROWS = 40
LEAVES = 120


def column(rows: list[Row], name: str) -> list[object]:
    values = [row[name] for row in rows]
    return values if name in ARRAYS else [None if value is None else json.dumps(value) for value in values]


@pytest.mark.parametrize("seed", range(10))
def test_leaves(seed: int) -> None:
    """What passes, and what passes the opposite, is what the naive reading says; the rest is unknown to both."""
    choose = random.Random(seed)
    rows = [random_row(choose) for _ in range(ROWS)]
    values = batch(**{name: column(rows, name) for name in rows[0]})
    for _ in range(LEAVES):
        leaf = random_leaf(choose)
        text = render_leaf(leaf)
        expected = [judge_leaf(leaf, row) for row in rows]
        for filter, answer in ((text, True), (f"not ({text})", False)):
            passing = compile_filter(filter, fields()).mask(values)
            wanted = [number for number, said in enumerate(expected) if said is answer]
            assert np.flatnonzero(passing).tolist() == wanted, (filter, leaf)
