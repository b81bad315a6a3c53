"""Compiled filters: keys, the always true, the cache, indexes, and the errors of rpcs."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from fakemilvus import errors, limits
from fakemilvus.datatypes import DataType
from fakemilvus.filters import compile_filter
from tests.filters.making import batch, fields


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("id in [3, 1, 3]", [3, 1, 3]),
        ("id == 7", [7]),
        ("7 == id", [7]),
        ("(id in [1])", [1]),
        ("id in []", []),
        ("id in [0x10, -1]", [16, -1]),
    ],
)
def test_keys_as_written(text: str, keys: list[int]) -> None:
    """A filter that only lists primary keys names them, repeats kept."""
    found = compile_filter(text, fields()).keys
    assert found is not None
    assert (found.dtype, found.tolist()) == (np.dtype(np.int64), keys)


@pytest.mark.parametrize("text", ["id > 3", "id not in [1]", "i32 in [1]", "id in [1] and i32 == 1", "id != 1", ""])
def test_no_keys(text: str) -> None:
    """Any other filter names none."""
    assert compile_filter(text, fields()).keys is None


@pytest.mark.parametrize("text", ["s in ['b', 'a', 'b']", "s in ['b', \"a\", '\\x62']"])
def test_keys_of_a_text_primary(text: str) -> None:
    """VARCHAR keys come as numpy's variable-width strings."""
    found = compile_filter(text, fields(primary="s")).keys
    assert found is not None
    assert (found.dtype.kind, found.tolist()) == ("T", ["b", "a", "b"])


@pytest.mark.parametrize("text", ["", "  \n", "true", "1 == 1", "id > 3 or true", "TRUE and true"])
def test_always_true(text: str) -> None:
    """The empty filter and one that folds to true pass every row and say so."""
    made = compile_filter(text, fields())
    assert made.always_true
    assert made.mask(batch(id=[1, 2])).tolist() == [True, True]


def test_false_is_not_always_true() -> None:
    """A filter that folds to false passes none."""
    made = compile_filter("false", fields())
    assert not made.always_true
    assert made.mask(batch(id=[1])).tolist() == [False]


def test_compiled_once_per_fields() -> None:
    """The same text gives the same filter, until the schema changes."""
    first = fields()
    assert compile_filter("id > 3", first) is compile_filter("id > 3", first)
    assert compile_filter("id > 3", fields()) is not compile_filter("id > 3", first)


def test_the_cache_is_bounded() -> None:
    """The oldest filters go, long ones are never kept, and threads do not trip over each other."""
    shared = fields()

    def compile_many(start: int) -> None:
        for n in range(start, start + 400):
            compile_filter(f"id > {n}", shared)

    threads = [threading.Thread(target=compile_many, args=(start,)) for start in range(0, 1_600, 400)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    compile_filter(f"id in {list(range(10_000))}", shared)
    assert len(shared.compiled) == limits.MAX_COMPILED_FILTERS
    assert max(len(text) for text, _ in shared.compiled) < 20


@pytest.mark.parametrize("operator", ["==", "<", "<=", ">", ">="])
def test_a_scalar_index_answers_comparisons(operator: str) -> None:
    """What an index finds is the answer, and the constant reaches it as given."""
    rows = batch(i32=[1, 2, None])
    rows.answers["i32", operator] = np.array([False, True, False])
    assert compile_filter(f"i32 {operator} 2", fields()).mask(rows).tolist() == [False, True, False]
    assert rows.asked == [("i32", operator, 2)]


@pytest.mark.parametrize(
    ("text", "operator", "expected"),
    [
        ("i32 != 2", "==", [True, False, False]),
        ("i32 not in [2, 3]", "in", [True, False, False]),
        ("i32 in [2, 3]", "in", [False, True, False]),
    ],
)
def test_negations_come_from_the_index_too(text: str, operator: str, expected: list[bool]) -> None:
    """The rows that an index does not find are the answer of != and not in, nulls excepted."""
    rows = batch(i32=[1, 2, None])
    rows.answers["i32", operator] = np.array([False, True, False])
    assert compile_filter(text, fields()).mask(rows).tolist() == expected


def test_a_range_asks_for_both_ends() -> None:
    """A range joins what the index finds for its two ends, and scans where it declines one."""
    rows = batch(i32=[1, 2, 3])
    rows.answers["i32", ">"] = np.array([False, True, True])
    assert compile_filter("1 < i32 <= 2", fields()).mask(rows).tolist() == [False, True, False]
    rows.answers["i32", "<="] = np.array([True, True, False])
    assert compile_filter("1 < i32 <= 2", fields()).mask(rows).tolist() == [False, True, False]


def test_an_index_on_float_is_asked_in_32_bits() -> None:
    """The constant is rounded as the column was, so that the index can find it."""
    rows = batch(f=[0.1])
    compile_filter("f == 0.1", fields()).mask(rows)
    assert rows.asked == [("f", "==", float(np.float32(0.1)))]


@pytest.mark.parametrize(
    ("within", "text"),
    [
        (errors.QueryPlanFailed, "failed to create query plan: "),
        (errors.DeletePlanFailed, "failed to create delete plan: "),
    ],
)
def test_wrapped_for_an_rpc(within: type[errors.ParameterInvalid], text: str) -> None:
    """Search, query and delete answer code 1100, legacy 5, around the parser's words."""
    with pytest.raises(within) as caught:
        compile_filter("s == 1", fields(), within=within)
    inner = "cannot parse expression: s == 1: comparisons between VarChar and Int64 are not supported"
    assert caught.value.message == f"{text}{inner}: query plan failed: invalid parameter"
    assert (caught.value.code, caught.value.legacy, caught.value.input_error) == (1100, 5, True)


def test_a_refused_filter_can_be_mended() -> None:
    """A failure is not remembered."""
    with pytest.raises(errors.FilterError):
        compile_filter("later == 1", fields())
    assert compile_filter("later == 1", fields(later=DataType.INT64)).keys is None
