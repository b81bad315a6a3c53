"""And, or, not: three-valued, and which binds tighter."""

from __future__ import annotations

import itertools
import threading

import pytest

from fakemilvus import errors
from fakemilvus.filters import compile_filter
from tests.filters.making import fields, passing

TRUTHS = [True, False, None]


def kleene_and(a: bool | None, b: bool | None) -> bool | None:
    return False if a is False or b is False else None if a is None or b is None else True


def kleene_or(a: bool | None, b: bool | None) -> bool | None:
    return True if a is True or b is True else None if a is None or b is None else False


@pytest.mark.parametrize(("word", "rule"), [("and", kleene_and), ("or", kleene_or)])
def test_truth_tables(word: str, rule: object) -> None:
    """And and or follow Kleene's tables, and so does what stands under a not."""
    pairs = list(itertools.product(TRUTHS, TRUTHS))
    rows = {
        "i8": [None if a is None else int(a) for a, _ in pairs],
        "i32": [None if b is None else int(b) for _, b in pairs],
    }
    answers = [rule(a, b) for a, b in pairs]  # type: ignore[operator]
    assert passing(f"i8 == 1 {word} i32 == 1", **rows) == [n for n, answer in enumerate(answers) if answer is True]
    assert passing(f"not (i8 == 1 {word} i32 == 1)", **rows) == [
        n for n, answer in enumerate(answers) if answer is False
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("i8 == 0 or i8 == 1 and i32 == 1", [0, 1, 3]),
        ("(i8 == 0 or i8 == 1) and i32 == 1", [1, 3]),
        ("i8 == 0 || i8 == 1 && i32 == 1", [0, 1, 3]),
        ("i8 == 0 OR i8 == 1 AND i32 == 1", [0, 1, 3]),
        ("!(i8 == 0) && NOT (i32 == 0)", [3]),
        ("i8 + 1 * 2 == 3", [2, 3]),
        ("not (i8 in [1]) and i32 in [0]", [0]),
        ("i8 == 1 and true", [2, 3]),
        ("i8 == 1 and false", []),
        ("false or i8 == 1", [2, 3]),
        ("i8 == 1 or true", [0, 1, 2, 3]),
    ],
)
def test_precedence(text: str, expected: list[int]) -> None:
    """Arithmetic before comparison before and before or; constants short-circuit."""
    assert passing(text, i8=[0, 0, 1, 1], i32=[0, 1, 0, 1]) == expected


@pytest.mark.parametrize("opening", ["(", "not (", "(id < 5 and ", "!("])
def test_deep_nesting_in_a_small_thread(opening: str) -> None:
    """200 levels are parsed, checked and run."""
    text = opening * 200 + "id > 1" + ")" * 200
    answers: list[list[int]] = []
    thread = threading.Thread(target=lambda: answers.append(passing(text, id=[1, 2])))
    thread.start()
    thread.join()
    assert answers == [[1]]


@pytest.mark.parametrize(
    "text",
    [
        "(" * 5_000,
        "[" * 5_000,
        "not " * 5_000 + "true",
        "-" * 5_000 + "1",
        "1+" * 5_000 + "1",
        "1 < id < " * 5_000 + "3",
        "exists " * 5_000,
    ],
)
def test_nesting_without_end_is_refused(text: str) -> None:
    """What is too deep for the parser is refused as Milvus refuses what its own cannot take."""
    with pytest.raises(errors.FilterUnsupported, match="unsupported expression"):
        compile_filter(text, fields())


def test_a_megabyte_of_filter() -> None:
    """A chain of 15,000 comparisons is no deep tree."""
    text = " or ".join(f"id == {n:>60}" for n in range(15_001))
    assert len(text) > 1_000_000
    assert passing(text, id=[5, 15_001]) == [0]
