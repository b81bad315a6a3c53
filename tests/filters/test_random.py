"""Random filters over random rows against the naive reading, and broken filters that must be refused in order."""

from __future__ import annotations

import json
import random

import numpy as np
import pytest

from fakemilvus import errors
from fakemilvus.filters import compile_filter
from tests.filters.making import FakeBatch, batch, fields
from tests.filters.reference import judge, random_row, random_tree, render

ROWS = 60
SEEDS = [
    "id in [1, 2, 3] and s like 'a%' or not (b == true)",
    "1 < i32 <= 5 and meta['a'][\"b\"][0] != 1.5e3",
    "exists meta['a'] or s is not null",
    "s in [\"a\", 'b\\x41'] && i8 % 3 == 0x1F || !(f > .5)",
    "((id) == -9223372036854775808) and true",
]
PIECES = [
    *(
        "(",
        ")",
        "[",
        "]",
        "'",
        '"',
        "\\",
        ",",
        "<",
        ">",
        "=",
        "!",
        "&",
        "|",
        "^",
        "{",
        "}",
        "$",
        "+",
        "-",
        "*",
        "/",
        "%",
    ),
    *("~", "**", "<<", "==", "not", "in", "and", "or", "is", "null", "1", "0x", "1e999", "9223372036854775808", "2.5"),
    *("中", "é", "\n", "nope", "id", "s", "b", "meta['a']", "true", "like", "exists", "iso", "json_contains(", "'x'"),
    *("[]", "[1]", "r'", "'%_'", "\x00", "\\x", "\\u00e9", "**-1", "0.0", "[['x']]"),
]


def random_batch(choose: random.Random) -> tuple[FakeBatch, list[dict[str, object]]]:
    rows = [random_row(choose) for _ in range(ROWS)]
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    columns["meta"] = [None if document is None else json.dumps(document) for document in columns["meta"]]
    return batch(**columns), rows


@pytest.mark.parametrize("seed", range(10))
def test_random_filters_agree_with_the_naive_reading(seed: int) -> None:
    """Exactly those rows pass for which the naive reading says True."""
    choose = random.Random(seed)
    rows, naive = random_batch(choose)
    for _ in range(60):
        tree = random_tree(choose, 3)
        text = render(tree)
        mask = compile_filter(text, fields()).mask(rows)
        assert np.flatnonzero(mask).tolist() == [n for n, row in enumerate(naive) if judge(tree, row) is True], text


@pytest.mark.parametrize("seed", range(4))
def test_mutated_filters_are_refused_or_run(seed: int) -> None:
    """Whatever is done to a filter's text, it is refused as Milvus refuses or evaluates to a mask; nothing else."""
    choose = random.Random(seed)
    rows = batch(
        id=[1, None],
        i8=[1, None],
        i32=[0, 5],
        f=[0.5, None],
        d=[1, 2],
        s=["a", None],
        b=[True, None],
        meta=['{"a": [1]}', None],
    )
    for _ in range(1_000):
        text = mutated(choose.choice(SEEDS), choose)
        try:
            mask = compile_filter(text, fields(dynamic=False)).mask(rows)
        except (errors.FilterError, errors.Unimplemented):
            continue
        assert mask.shape == (2,)
        assert mask.dtype == np.bool_


def mutated(text: str, choose: random.Random) -> str:
    for _ in range(choose.randint(1, 4)):
        start = choose.randrange(len(text) + 1)
        stop = min(len(text), start + choose.choice([0, 0, 1, 3, 10]))
        text = text[:start] + choose.choice([*PIECES, text[stop : stop + 8], " "]) + text[stop:]
    return text
