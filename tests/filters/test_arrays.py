"""Arrays: their elements by index, whole arrays, and what is unknown about them."""

from __future__ import annotations

import numpy as np
import pytest

from fakemilvus import errors
from fakemilvus.datatypes import DataType
from fakemilvus.filters import compile_filter
from tests.filters.making import batch, fields, passing

INTS = [[1, 2, 3], [], [3], None, [2, 1]]
TEXTS = [["a", "bc"], [], ["b"], None, ["", "abc"]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ints[0] == 3", [2]),
        ("3 == ints[0]", [2]),
        ("ints[0] != 3", [0, 4]),
        ("not (ints[0] == 3)", [0, 4]),
        ("ints[0] > 1", [2, 4]),
        ("1 < ints[0]", [2, 4]),
        ("ints[0] <= 2", [0, 4]),
        ("ints[2] >= 0", [0]),
        ("ints[9] == 0", []),
        ("not (ints[9] == 0)", []),
        ("ints[0] < 3 or ints[9] == 0", [0, 4]),
        ("ints[9223372036854775807] == 0", []),
        ("ints[1][7] == 2", [0]),
        ("1 <= ints[0] < 3", [0, 4]),
        ("3 > ints[0] >= 2", [4]),
        ("ints[1] in [1, 2]", [0, 4]),
        ("ints[1] not in [1]", [0]),
        ("ints[1] in []", []),
        ("ints[1] not in []", [0, 1, 2, 3, 4]),
        ("ints[0] + 1 == 2", [0]),
        ("2 * ints[0] > 4", [2]),
        ("ints[1] % 2 == 1", [4]),
        ("-3 / 2 == ints[0] - 2", [0]),
        ("ints == [1, 2, 3]", [0]),
        ("[3] == ints", [2]),
        ("ints != [3]", [0, 1, 4]),
        ("not (ints == [3])", [0, 1, 4]),
        ("ints == [3, 3]", []),
        ("ints == [3.0]", []),
        ("ints in []", []),
        ("ints not in []", [0, 1, 2, 3, 4]),
        ("ints is null", [3]),
        ("ints is not null", [0, 1, 2, 4]),
    ],
)
def test_integers(text: str, expected: list[int]) -> None:
    """An element beyond an array's end is unknown, as is any of a null; a list of no values has nothing, not even
    unknown rows.
    """
    assert passing(text, ints=INTS) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("texts[0] == 'a'", [0]),
        ("texts[0] >= 'a'", [0, 2]),
        ("texts[0] in ['a', '']", [0, 4]),
        ("'a' < texts[1] <= 'bc'", [0, 4]),
        ("texts[1] like '%bc'", [0, 4]),
        ("texts[1] like 'b_'", [0]),
        ("not (texts[1] like 'b%')", [4]),
        ("texts == ['a', 'bc']", [0]),
        ("texts != ['a', 'bc']", [1, 2, 4]),
    ],
)
def test_texts(text: str, expected: list[int]) -> None:
    """Texts compare as elsewhere, and match patterns."""
    assert passing(text, texts=TEXTS) == expected


def test_bools() -> None:
    """Elements are bools, not numbers."""
    rows = [[True, False], [False], [], None]
    assert passing("bools[0] == true", bools=rows) == [0]
    assert passing("bools[0] in [false]", bools=rows) == [1]
    assert passing("bools == [true, false]", bools=rows) == [0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("floats[0] == 0.1", [0]),
        ("floats[0] != 0.1", [1]),
        ("floats == [0.1]", [0]),
        ("floats[0] in [0.1]", []),
        ("0.1 <= floats[0] <= 0.1", []),
        ("floats[0] + 0 == 0.1", []),
        ("floats[0] in [2]", [1]),
        ("floats[0] == 2", [1]),
        ("doubles[0] == 0.1", [0]),
        ("doubles[0] in [0.1]", [0]),
        ("0.1 <= doubles[0] <= 0.1", [0]),
    ],
)
def test_width_of_floats(text: str, expected: list[int]) -> None:
    """A 32 bit element is compared with a 32 bit constant, but in lists, ranges and arithmetic with a 64 bit one."""
    rows = [[0.1], [2.0], [], None]
    assert passing(text, floats=rows, doubles=rows) == expected


def test_constants_of_another_kind_in_a_whole_array() -> None:
    """Milvus reads a float among integers and an integer among floats as zero."""
    assert passing("ints == [7.5]", ints=[[0], [7], [8]]) == [0]
    assert passing("floats == [7]", floats=[[0.0], [7.0]]) == [0]


def test_integers_beyond_the_width_of_the_elements() -> None:
    """They compare as they would in wider elements."""
    assert passing("small[0] < 1000", small=[[1], [], [-128]]) == [0, 2]
    assert passing("small[0] in [1000, 1]", small=[[1], [], [-128]]) == [0]
    assert passing("small == [257]", small=[[1], [], [-128]]) == []


@pytest.mark.parametrize(
    "text", ["ints[0] == 1", "ints == [1]", "ints[0] in [1]", "texts[0] like 'a%'", "ints is null"]
)
def test_no_rows(text: str) -> None:
    """A batch of no rows has no row that passes."""
    assert passing(text, ints=[], texts=[]) == []


def test_only_nulls() -> None:
    """Of nothing but nulls nothing is known."""
    assert passing("ints[0] == 1 or not (ints[0] == 1)", ints=[None, None]) == []


def test_elements_are_laid_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """However often a filter names an array, its elements are laid end to end once for each run."""
    calls = []
    concatenate = np.concatenate
    monkeypatch.setattr(np, "concatenate", lambda *given, **named: calls.append(1) or concatenate(*given, **named))
    assert passing("ints[0] == 1 or ints[1] == 2 or array_contains(ints, 3)", ints=INTS) == [0, 2]
    assert len(calls) == 1


def test_no_index_answers_for_an_element() -> None:
    """An index over all elements is not asked about those at one place."""
    rows = batch(ints=INTS)
    compile_filter("ints[0] == 3 and ints[0] in [3] and 2 < ints[0] < 4", fields()).mask(rows)
    assert rows.asked == []


DIRECTLY = "can not comparisons array fields directly: query plan failed"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("ints > [1]", DIRECTLY),
        ("[1] <= ints", DIRECTLY),
        ("ints + 1 == 2", DIRECTLY),
        ("2 * ints == 2", DIRECTLY),
        ("1 < ints < 3", DIRECTLY),
        ("not ints", DIRECTLY),
        ("-ints == 1", DIRECTLY),
        ("texts like 'a%'", DIRECTLY),
        ("ints == 5", "cannot cast value to Array, value: int64_val:5: query plan failed"),
        ("ints == 'a'", "comparisons between Array[Int64] and VarChar are not supported: query plan failed"),
        ("ints == []", "comparisons between Array[Int64] and Array[None] are not supported: query plan failed"),
        ("ints == ['a']", "comparisons between Array[Int64] and Array[VarChar] are not supported: query plan failed"),
        ("ints == [1, 'a']", "comparisons between Array[Int64] and Array[None] are not supported: query plan failed"),
        ("ints in [1]", "value 'int64_val:1' in list cannot be casted to Array: invalid parameter"),
        ("ints['a'] == 1", "can only access array field with integer index: query plan failed"),
        ('ints["0"] == 1', "can only access array field with integer index: query plan failed"),
        ("ints[''] == 1", "invalid identifier: ints['']: invalid parameter"),
        ("ints[-1] == 1", "invalid expression: ints[-1] == 1: query plan failed"),
        ("ints[0] == 'a'", "comparisons between Array[Int64] and VarChar are not supported: query plan failed"),
        ("ints[0] == 1.5", "cannot cast value to Int64, value: float_val:1.5: query plan failed"),
        (
            "ints[0] == [1]",
            "cannot cast value to Int64, value: array_val:{array:{int64_val:1} same_type:true element_type:Int64}"
            ": query plan failed",
        ),
        ("ints[0] in ['a']", "value 'string_val:\"a\"' in list cannot be casted to Int64: invalid parameter"),
        ("1 < ints[0] < 2.5", "invalid range operations: query plan failed"),
        ("false < bools[0] < true", "invalid range operations on boolean expr: query plan failed"),
        ("ints[0] like 'a'", "like operation on non-string or no-json field is unsupported: query plan failed"),
        (
            "texts[0] + 1 == 2",
            "'add' cannot perform arithmetic between VarChar field and Int64: query plan failed: invalid parameter",
        ),
        ("floats[0] % 2 == 1", "modulo can only apply on integer types: query plan failed"),
        ("ints[0] / 0 == 1", "division or modulus by zero: query plan failed"),
        (
            "ints[0] is null",
            "IsNull/IsNotNull operations are not supported on array element access, got: ints[0]is null"
            ": invalid parameter",
        ),
        ("exists ints[0]", "exists operations are only supportted on json field, got:Array: invalid parameter"),
    ],
)
def test_refused_in_milvus_words(text: str, complaint: str) -> None:
    """Without any data."""
    with pytest.raises(errors.FilterError) as caught:
        compile_filter(text, fields())
    assert caught.value.message == f"cannot parse expression: {text}: {complaint}"


@pytest.mark.parametrize("text", ["ints", "ints[0]"])
def test_no_predicate(text: str) -> None:
    """An array is no condition, and neither is its element."""
    with pytest.raises(errors.FilterNotBoolean, match="data type: Array"):
        compile_filter(text, fields())


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("ints in [[1]]", "unknown data type: 5: segcore error[segcoreCode=2007]"),
        ("ints == small", "unsupported data type: ARRAY: segcore error[segcoreCode=2007]"),
        ("ints[0] == id", "unsupported data type: ARRAY: segcore error[segcoreCode=2007]"),
    ],
)
def test_refused_over_rows_only(text: str, problem: str) -> None:
    """Milvus plans these, and its core refuses them once there is a row."""
    made = compile_filter(text, fields())
    assert made.mask(batch(ints=[])).tolist() == []
    with pytest.raises(errors.FilterRun) as caught:
        made.mask(batch(ints=INTS))
    assert caught.value.message.endswith(f"worker(1) query failed: {problem}")
    assert caught.value.code == 2000


def test_a_declared_array_hides_no_dynamic_key() -> None:
    """A key of the same name is reached through the dynamic field."""
    assert passing("$meta['ints'][0] == 5", ints=[[1]], dynamic=['{"ints": [5]}']) == [0]
    assert compile_filter("ints[0] == 5", fields(dynamic=True)).mask(batch(ints=[[5]])).tolist() == [True]
    assert fields().types["ints"] is DataType.ARRAY
