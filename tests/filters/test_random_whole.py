"""Random filters of every kind of leaf against the naive reading, with and without templates."""

from __future__ import annotations

import json
import random

import numpy as np
import pytest

from fakemilvus.filters import compile_filter
from tests.filters import reference_containers
from tests.filters.making import FakeBatch, batch, fields
from tests.filters.whole import Row, judge, random_row, random_tree, render

ROWS = 30


def random_batch(choose: random.Random) -> tuple[FakeBatch, list[Row]]:
    rows = [random_row(choose) for _ in range(ROWS)]
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    columns["meta"] = [None if document is None else json.dumps(document) for document in columns["meta"]]
    return batch(**columns), rows


def check(seed: int, filters: int) -> None:
    choose = random.Random(seed)
    rows, naive = random_batch(choose)
    known = fields()
    for number in range(filters):
        tree = random_tree(choose, 3)
        values: dict[str, object] | None = {} if number % 2 else None
        text = render(tree, choose, values)
        made = compile_filter(text, known, values=None if values is None else lambda given=values: given)  # type: ignore[misc]
        wanted = [row for row, facts in enumerate(naive) if judge(tree, facts) is True]
        assert np.flatnonzero(made.mask(rows)).tolist() == wanted, (text, values)  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(4))
def test_agrees(seed: int) -> None:
    """Exactly those rows pass for which the naive reading says True."""
    check(seed, 150)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 140))
def test_agrees_on_many(seed: int) -> None:
    """The same over twenty thousand filters."""
    check(seed, 500)


def test_every_kind_of_leaf_is_drawn() -> None:
    """The trees are made of leaves of all families."""
    choose = random.Random(1)
    words = {random_tree(choose, 0)[0] for _ in range(1_000)}
    assert words >= reference_containers.WORDS | {"like", "regex", "bits", "compare", "in", "null", "exists"}
