"""Broken filters for minutes: each is refused in order, or runs."""

from __future__ import annotations

import random
import time

import numpy as np
import pytest

from fakemilvus import errors
from fakemilvus.datatypes import DataType
from fakemilvus.filters import compile_filter
from tests.filters.making import column, fields
from tests.filters.test_random import PIECES, SEEDS
from tests.filters.test_random_whole import random_batch
from tests.filters.whole import random_tree, render

MORE_PIECES = [
    *(
        "{x}",
        "{y}",
        "{",
        "}",
        "=~",
        "!~",
        "~=",
        "r'\\\\d+'",
        "'(a'",
        "'[[:alpha:]]*'",
        "starts_with(",
        "empty(s)",
        "f()",
    ),
    *("array_contains(", "array_length(ints)", "ints[0]", "ints", "texts[1]", "[1, 'a', [2.5]]", "text_match(s, 'a')"),
    *("random_sample(0.5)", "st_within(s, 'POINT(0 0)')", "match_any(a, $[b] > 1)", "$[b]", "a[b]", "a[0][b]"),
    *(
        "-9223372036854775808",
        "1e308",
        ".5",
        "0b101",
        "0777",
        "08",
        "0x1p-2",
        "u8'a'",
        "\\",
        "is not null",
        "threshold=1",
    ),
    *(
        "phrase_match(s, 'a', 1)",
        "minimum_should_match=2",
        "ISO '2025-01-01'",
        "INTERVAL 'P1D'",
        "**",
        "%",
        "!",
        "&",
        "|",
    ),
]
VALUES = [0, 1, -1, 2**63 - 1, 1.5, "a", "", "%", "(", True, [], [1], [1.5, 2], ["a"], [[1]], [True, 1, "a"]]


@pytest.mark.fuzz
@pytest.mark.timeout(0)
def test_nothing_crashes(fuzz_seconds: float) -> None:
    """Whatever is written and whatever values come beside it: a mask, or an error that Milvus has too."""
    seed = random.randrange(2**32)
    choose = random.Random(seed)
    end = time.monotonic() + fuzz_seconds
    while time.monotonic() < end:
        rows, _ = random_batch(choose)
        rows.columns["id"] = column(DataType.INT64, range(rows.rows))
        rows.columns["f"] = column(DataType.FLOAT, [None if row % 5 == 0 else row / 2 for row in range(rows.rows)])
        known = fields(dynamic=False)
        for _ in range(500):
            text = mutated(choose)
            values = {name: choose.choice(VALUES) for name in "xy" if choose.random() < 0.8}
            try:
                mask = compile_filter(text, known, values=lambda given=values: given).mask(rows)  # type: ignore[misc,arg-type]
            except (errors.MilvusError, errors.Unimplemented):
                continue
            except BaseException as crash:
                raise AssertionError(f"seed {seed}: {text!r} with {values!r}") from crash
            assert mask.shape == (rows.rows,)
            assert mask.dtype == np.bool_


def mutated(choose: random.Random) -> str:
    text = choose.choice(SEEDS) if choose.random() < 0.3 else render(random_tree(choose, 2), choose)
    for _ in range(choose.randint(0, 4)):
        start = choose.randrange(len(text) + 1)
        stop = min(len(text), start + choose.choice([0, 0, 1, 3, 10]))
        piece = choose.choice([*PIECES, *MORE_PIECES, text[stop : stop + 8], " "])
        text = text[:start] + piece + text[stop:]
    return text
