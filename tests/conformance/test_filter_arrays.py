"""Filters on arrays: what they hold, their elements by index, their lengths, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conformance.making import (
    T,
    array_column,
    column,
    field,
    id_field,
    random_vectors,
    vector_column,
    vector_field,
)
from tests.conformance.refusals import Accepted, Refusal, check_accepted, check_refused, invalid, old
from tests.conformance.target import Collections, Target

FIELDS = {
    "ints": T.Int64,
    "texts": T.VarChar,
    "floats": T.Float,
    "bools": T.Bool,
    "small": T.Int8,
}
ROWS: dict[str, list[list[Any]]] = {
    "ints": [[1, 2, 3], [], [3], [7], [2, 1]],
    "texts": [["a", "bc"], [], ["b"], ["x", "y"], ["", "abc"]],
    "floats": [[0.1, 2.0], [], [1.5], [0.1], [2.0]],
    "bools": [[True, False], [], [True], [False], [True, True]],
    "small": [[1, 2], [], [-3], [4], [5]],
}
NONE: list[int] = []


def make(target: Target, collections: Collections, **params: Any) -> str:
    """Loaded, with five rows, the keys of which are 0 to 4; ``params`` go to the array fields."""
    fields = [
        field(name, T.Array, element_type=type, max_capacity=10, max_length=10, **params)
        if type == T.VarChar
        else field(name, T.Array, element_type=type, max_capacity=10, **params)
        for name, type in FIELDS.items()
    ]
    name = collections.make([id_field(), *fields, vector_field()])
    target.done("CreateIndex", collection_name=name, field_name="vec", extra_params={"metric_type": "L2"})
    target.load(name)
    return name


def columns(valid: list[bool] | None = None) -> list[Any]:
    """The five rows; with ``valid``, the arrays of some are null."""
    arrays = []
    for name, type in FIELDS.items():
        rows = ROWS[name] if valid is None else [row for row, there in zip(ROWS[name], valid, strict=True) if there]
        arrays.append(array_column(name, type, rows, valid=valid or ()))
    return [column("id", T.Int64, range(5)), *arrays, vector_column(random_vectors(5))]


@pytest.fixture(scope="module")
def loaded(target: Target, shared: Collections) -> str:
    name = make(target, shared)
    check_accepted(target.insert(name, columns(), 5))
    return name


@pytest.fixture(scope="module")
def with_nulls(target: Target, shared: Collections) -> str:
    """The arrays of row 3 are null, and half of the rows are sealed."""
    if target.version < (3, 0):
        pytest.skip("arrays may be null since Milvus 2.5")
    name = make(target, shared, nullable=True)
    check_accepted(target.insert(name, columns([True, True, True, False, True]), 5))
    return name


def keys(response: Any) -> list[int]:
    check_accepted(response)
    return list(next(data for data in response.fields_data if data.field_name == "id").scalars.long_data.data)


ANSWERS = {
    "array_contains(ints, 3)": [0, 2],
    "json_contains(ints, 3)": [0, 2],
    "not array_contains(ints, 3)": [1, 3, 4],
    "array_contains_any(ints, [1, 9])": [0, 4],
    "array_contains_all(ints, [1, 2])": [0, 4],
    "not ARRAY_CONTAINS_ALL(ints, [1, 2])": [1, 2, 3],
    'array_contains(texts, "b")': [2],
    "array_contains(floats, 2)": [0, 4],
    "array_contains_all(bools, [true, false])": [0],
    "array_contains(small, 300)": NONE,
    "array_contains_any(small, [300, 1])": [0],
    "array_length(ints) == 0": [1],
    "array_length(ints) != 1": [0, 1, 4],
    "ints[0] == 3": [2],
    "ints[0] != 3": [0, 3, 4],
    "ints[0] > 1": [2, 3, 4],
    "1 <= ints[0] < 3": [0, 4],
    "ints[1] in [1, 2]": [0, 4],
    "ints[0] + 1 == 2": [0],
    "ints[1] % 2 == 1": [4],
    "ints[0] / 2 == 1": [2, 4],
    "ints == [1, 2, 3]": [0],
    "ints != [1, 2, 3]": [1, 2, 3, 4],
    "ints == [3.0]": NONE,
    'texts[0] >= "a"': [0, 2, 3],
    'texts[0] like "a%"': [0],
    'texts == ["a", "bc"]': [0],
    "bools[0] == true": [0, 2, 4],
    "floats[0] in [0.1]": NONE,
    "0.1 <= floats[0] <= 0.1": NONE,
    "floats[0] + 0 == 0.1": NONE,
    "floats[0] == 2": [4],
    "small[0] < 1000": [0, 2, 3, 4],
}
"""What every version answers."""


@pytest.mark.parametrize("text", ANSWERS)
def test_answers(target: Target, loaded: str, text: str) -> None:
    """Rows without an array to look into, or with one that is too short, never pass."""
    assert keys(target.query(loaded, text, ["id"])) == ANSWERS[text]


CHANGED: dict[str, tuple[list[int], list[int] | None]] = {
    "not (ints[0] == 3)": ([0, 3, 4], [0, 1, 3, 4]),
    "ints[1] not in [1]": ([0], [0, 1, 2, 3]),
    "array_contains(floats, 0.1)": ([0, 3], NONE),
    "array_contains_any(floats, [2, 0.5])": ([0, 4], None),
    "floats[0] == 0.1": ([0, 3], NONE),
    "floats[0] != 0.1": ([2, 4], [0, 2, 3, 4]),
    "floats == [0.1, 2.0]": ([0], NONE),
    "array_length(ints) > 1": ([0, 4], None),
    "2 > array_length(ints)": ([1, 2, 3], None),
    'texts[1] like "%bc"': ([0, 4], None),
    "array_contains_all(ints, [])": ([0, 1, 2, 3, 4], None),
    "array_contains_any(ints, [])": (NONE, None),
}
"""What 3.0 answers, and what 2.3.5: it knew no unknown elements, compared 32 bit elements with 64 bit constants, and
planned less; None is "otherwise"."""


@pytest.mark.parametrize("text", CHANGED)
def test_answers_that_changed(target: Target, loaded: str, text: str) -> None:
    """An element that is not there is unknown; elements are compared in their own width."""
    now, before = CHANGED[text]
    expected = now if target.version >= (3, 0) else before
    if expected is None:
        pytest.skip("pinned since Milvus 3.0 only")
    assert keys(target.query(loaded, text, ["id"])) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ints is null", [3]),
        ("ints is not null", [0, 1, 2, 4]),
        ("ints[0] == 7 or ints[0] != 7", [0, 2, 4]),
        ("not (ints[0] == 7)", [0, 2, 4]),
        ("not array_contains(ints, 3)", [1, 4]),
        ("not array_contains_any(ints, [1])", [1, 2]),
        ("not (ints == [3])", [0, 1, 4]),
        ("array_length(ints) <= 1", [1, 2]),
        ("not (array_length(ints) <= 1)", [0, 4]),
        ("array_contains_all(ints, [])", [0, 1, 2, 3, 4]),
        ("ints[0] not in []", [0, 1, 2, 3, 4]),
    ],
)
def test_nulls(target: Target, with_nulls: str, text: str, expected: list[int]) -> None:
    """Of a null nothing is known, but for lists of nothing."""
    assert keys(target.query(with_nulls, text, ["id"])) == expected


def test_searches_and_deletes(target: Target, collections: Collections) -> None:
    """A search finds and a delete removes only what passes, in sealed rows as in growing ones."""
    name = make(target, collections)
    check_accepted(target.insert(name, columns(), 5))
    target.flush(name)
    found = target.search(name, random_vectors(1), 10, filter="array_contains(ints, 3)")
    assert sorted(found.results.ids.int_id.data) == [0, 2]
    target.done("Delete", collection_name=name, expr="array_contains_any(ints, [1, 7])")
    assert keys(target.query(name, "id >= 0", ["id"])) == [1, 2]


def plan(text: str, now: str, before: Refusal | Accepted | str | None) -> Refusal:
    """The refusal of a filter: 3.0's complaint, and 2.3.5's, which had no class."""
    if isinstance(before, str):
        before = old(f"cannot parse expression: {text}, error: {before}")
    return invalid(f"failed to create query plan: cannot parse expression: {text}: {now}", before=before)


PLAN, PARAMETER = ": query plan failed", ": invalid parameter"
DIRECTLY = "can not comparisons array fields directly"
FIELDS_ONLY = "operation are only supported on json or array fields now, got: "
ITEMS_ONLY = "operation are only supported explicitly specified element, got: "
DIFFER = "comparisons between Array{} are not supported"

REFUSED: dict[str, tuple[str, Refusal | Accepted | str | None]] = {
    "ints > [1]": (DIRECTLY + PLAN, DIRECTLY),
    "ints + 1 == 2": (DIRECTLY + PLAN, DIRECTLY),
    "1 < ints < 3": (DIRECTLY + PLAN, DIRECTLY),
    "not ints": (DIRECTLY + PLAN, None),  # 2.3.5 reads "not in" and "ts"
    'texts like "a%"': (DIRECTLY + PLAN, DIRECTLY),
    "ints == 5": (
        "cannot cast value to Array, value: int64_val:5" + PLAN,
        "cannot cast value to Array, value: int64_val:5 ",
    ),
    'ints == "a"': (DIFFER.format("[Int64] and VarChar") + PLAN, None),
    'ints == ["a"]': (DIFFER.format("[Int64] and Array[VarChar]") + PLAN, None),
    'ints == [1, "a"]': (DIFFER.format("[Int64] and Array[None]") + PLAN, None),
    "ints == []": (DIFFER.format("[Int64] and Array[None]") + PLAN, None),
    "ints in [1]": (
        "value 'int64_val:1' in list cannot be casted to Array" + PARAMETER,
        "value '1' in list cannot be casted to Array",
    ),
    'ints["a"] == 1': (
        "can only access array field with integer index" + PLAN,
        "can only access array field with integer index",
    ),
    "ints[0] == 1.5": (
        "cannot cast value to Int64, value: float_val:1.5" + PLAN,
        "cannot cast value to Int64, value: float_val:1.5 ",
    ),
    "ints[0] == [1]": (
        "cannot cast value to Int64, value: array_val:{array:{int64_val:1}*same_type:true*element_type:Int64}" + PLAN,
        "cannot cast value to Int64, value: array_val:<array:<int64_val:1 > same_type:true element_type:Int64 > ",
    ),
    'ints[0] in ["a"]': (
        "value 'string_val:\"a\"' in list cannot be casted to Int64" + PARAMETER,
        "value '\"a\"' in list cannot be casted to Int64",
    ),
    "1 < ints[0] < 2.5": ("invalid range operations" + PLAN, "invalid range operations"),
    'ints[0] like "a"': (
        "like operation on non-string or no-json field is unsupported" + PLAN,
        "like operation on non-string or no-json field is unsupported",
    ),
    "ints[0] is null": (
        "IsNull/IsNotNull operations are not supported on array element access, got: ints[0]is null" + PARAMETER,
        None,
    ),
    "texts[0] + 1 == 2": (
        "'add' cannot perform arithmetic between VarChar field and Int64: query plan failed" + PARAMETER,
        "'add' can only be used between integer or floating or json field expressions",
    ),
    "floats[0] % 2 == 1": (
        "modulo can only apply on integer types" + PLAN,
        "modulo can only apply on integer types",
    ),
    "array_contains(id, 1)": (f"contains {FIELDS_ONLY}id" + PARAMETER, f"contains {FIELDS_ONLY}id"),
    "array_contains_all(id, [1])": (f"contains_all {FIELDS_ONLY}id" + PARAMETER, f"contains_all {FIELDS_ONLY}id"),
    "array_contains(ints, id)": (f"contains {ITEMS_ONLY}id" + PARAMETER, f"contains {ITEMS_ONLY}id"),
    "array_contains_any(ints, 1)": (
        "ContainsAny operation element must be an array" + PLAN,
        "contains_any operation element must be an array",
    ),
    'array_contains(ints, "a")': (
        'cannot cast value to Int64, value: string_val:"a"' + PLAN,
        "contains operation can't compare between array element type: Int64 and VarChar",
    ),
    "array_contains(ints, 1.5)": ("cannot cast value to Int64, value: float_val:1.5" + PLAN, Accepted()),
    'array_contains_any(ints, [1, "a"])': (
        "ContainsAny operation can't compare between array element type: Int64 and VarChar" + PLAN,
        "contains_any operation can't compare between array element type: Int64 and VarChar",
    ),
    "array_length(id) == 1": (
        "array_length operation are only supported on json, array or array-of-vector fields now, got: array_length(id)"
        + PARAMETER,
        f"array_length {FIELDS_ONLY}array_length(id)",
    ),
    "array_length(ints) == 1.5": (
        "cannot cast value to Int64, value: float_val:1.5" + PLAN,
        "cannot cast value to Int64, value: float_val:1.5 ",
    ),
    "array_length(ints) in [1]": (
        "'term' can only be used on single field, but got: array_length(ints)" + PARAMETER,
        "'term' can only be used on single field, but got: array_length(ints)",
    ),
    "array_length(ints) + 1 == 2": (
        "complicated arithmetic operations are not supported" + PLAN,
        "complicated arithmetic operations are not supported",
    ),
    "1 < array_length(ints) < 3": ("comparisons between Bool and Int64 are not supported" + PLAN, None),
    "array_length(ints) == array_length(small)": (
        "only comparison between two fields is supported" + PLAN,
        "only comparison between two fields is supported",
    ),
    "array_length(ints + 1) == 1": ("line 1:18 missing ')' at '+'" + PLAN, "line 1:18 missing ')' at '+'"),
    "array_length(ints": ("line 1:17 missing ')' at '<EOF>'" + PLAN, "line 1:17 missing ')' at '<EOF>'"),
    "array_contains(ints)": (
        "line 1:19 mismatched input ')' expecting ','" + PLAN,
        "line 1:19 mismatched input ')' expecting ','",
    ),
    "array_contains(ints, 1, 2)": (
        "line 1:22 mismatched input ',' expecting ')'" + PLAN,
        "line 1:22 mismatched input ',' expecting ')'",
    ),
    "array_length(1) == 1": (
        "line 1:13 mismatched input '1' expecting {Identifier, JSONIdentifier, StructFieldIdentifier}" + PLAN,
        "line 1:13 mismatched input '1' expecting {Identifier, JSONIdentifier}",
    ),
    "array_contains": (
        "line 1:14 mismatched input '<EOF>' expecting '('" + PLAN,
        "line 1:14 mismatched input '<EOF>' expecting '('",
    ),
}
"""3.0's complaint with its class, and 2.3.5's without any; None is "otherwise"."""


@pytest.mark.parametrize("text", REFUSED)
def test_refusals(target: Target, loaded: str, text: str) -> None:
    """Arrays are compared as wholes or by their elements, with constants of the elements' type."""
    check_refused(target.query(loaded, text, ["id"]), plan(text, *REFUSED[text]), target.version)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("ints in [[1]]", "unknown data type: 5*: segcore error[segcoreCode=2007]"),
        ("ints == small", "unsupported data type: ARRAY*: segcore error[segcoreCode=2007]"),
        ("array_contains_any(ints, [1, 1.5])", "Assert *kInt64Val*: segcore error[segcoreCode=2001]"),
        ("array_contains(ints[0], 1)", "*nested path must be null*: segcore error[segcoreCode=2001]"),
    ],
)
def test_refused_over_rows_only(target: Target, loaded: str, text: str, problem: str) -> None:
    """Some filters are planned and then refused by the core, which quotes its own sources."""
    if target.version < (3, 0):
        pytest.skip("such filters kill Milvus 2.3.5")
    core = Refusal(2000, 1, f"fail to * on QueryNode *: worker(*) query failed: {problem}", input_error=True)
    check_refused(target.query(loaded, text, ["id"]), core, target.version)
