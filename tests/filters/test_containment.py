"""json_contains and its kin, whose other names begin with array, and array_length."""

from __future__ import annotations

import random

import numpy as np
import pytest

from fakemilvus import errors
from fakemilvus.filters import compile_filter
from tests.filters.making import batch, fields, passing

INTS = [[1, 2, 3], [], [3], None, [2, 1]]
META = [
    '{"a": [1, "x", [2, 3], true, 1.5, null, {"b": 1}]}',
    '{"a": []}',
    '{"a": 1}',
    "{}",
    None,
    '{"a": null}',
    '{"a": [1.0, 2, "X"]}',
    '{"a": [[], [2, 3.0], false]}',
]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("array_contains(ints, 3)", [0, 2]),
        ("json_contains(ints, 3)", [0, 2]),
        ("ARRAY_CONTAINS(ints, 3)", [0, 2]),
        ("not array_contains(ints, 3)", [1, 4]),
        ("array_contains(ints, 9)", []),
        ("array_contains_any(ints, [1, 9])", [0, 4]),
        ("JSON_CONTAINS_ANY(ints, [3, 1])", [0, 2, 4]),
        ("array_contains_any(ints, [3])", [0, 2]),
        ("not array_contains_any(ints, [1, 9])", [1, 2]),
        ("array_contains_all(ints, [1, 2])", [0, 4]),
        ("array_contains_all(ints, [2, 1, 2])", [0, 4]),
        ("json_contains_all(ints, [3])", [0, 2]),
        ("array_contains_all(ints, [1, 9])", []),
        ("not array_contains_all(ints, [1, 2])", [1, 2]),
        ("array_contains_all(ints, [])", [0, 1, 2, 3, 4]),
        ("array_contains_any(ints, [])", []),
        ("not array_contains_any(ints, [])", [0, 1, 2, 3, 4]),
        ("array_contains_any(ints[0], [])", []),
        ("array_contains(ints, 3) and array_length(ints) == 1", [2]),
        ("array_length(ints) == 0", [1]),
        ("array_length(ints) != 0", [0, 2, 4]),
        ("array_length(ints) > 1", [0, 4]),
        ("1 >= array_length(ints)", [1, 2]),
        ("not (array_length(ints) > 1)", [1, 2]),
        ("ARRAY_LENGTH(ints) == 1 + 1", [4]),
        ("array_length(ints[0]) == 3", [0]),
    ],
)
def test_arrays(text: str, expected: list[int]) -> None:
    """A null holds nothing that is known; without items the answer is the same for every row."""
    assert passing(text, ints=INTS) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("array_contains(texts, 'b')", [0]),
        ("array_contains_any(texts, ['c', ''])", [1]),
        ("array_contains_all(texts, ['a', 'b'])", [0]),
        ("array_contains(bools, true)", [0]),
        ("array_contains_all(bools, [true, false])", [0]),
        ("array_contains(floats, 0.1)", [0]),
        ("array_contains(floats, 2)", [0]),
        ("array_contains_any(floats, [0.5, 2])", [0]),
        ("array_contains_any(floats, [1e300])", []),
        ("array_contains(doubles, 0.1)", [0]),
        ("array_contains(small, 300)", []),
        ("array_contains_all(small, [1, 300])", []),
        ("array_contains_any(small, [1, 300])", [0]),
    ],
)
def test_every_type_of_element(text: str, expected: list[int]) -> None:
    """Items become the elements' type; one that is too large for it is in no array."""
    columns = {
        "texts": [["a", "b"], [""], None],
        "bools": [[True, False], [False], None],
        "floats": [[0.1, 2.0], [], None],
        "doubles": [[0.1, 2.0], [], None],
        "small": [[1], [], None],
    }
    assert passing(text, **columns) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("json_contains(meta['a'], 1)", [0, 6]),
        ("array_contains(meta['a'], 1)", [0, 6]),
        ("not json_contains(meta['a'], 1)", [1, 7]),
        ("json_contains(meta['a'], 1.5)", [0]),
        ("json_contains(meta['a'], 2.0)", [6]),
        ("json_contains(meta['a'], 'x')", [0]),
        ("json_contains(meta['a'], true)", [0]),
        ("json_contains(meta['a'], false)", [7]),
        ("json_contains(meta['a'], [2, 3])", [0]),
        ("json_contains(meta['a'], [2, 3.0])", [0, 7]),
        ("json_contains(meta['a'], [])", [7]),
        ("json_contains(meta['a'], ['x'])", []),
        ("json_contains(meta['a'][2], 3)", [0]),
        ("json_contains_any(meta['a'], [2, 'x'])", [0, 6]),
        ("json_contains_any(meta['a'], [[9], 1.5, false])", [0, 7]),
        ("json_contains_any(meta['a'], [])", []),
        ("json_contains_all(meta['a'], [])", list(range(8))),
        ("json_contains_all(meta['a'], [1, 2])", [6]),
        ("json_contains_all(meta['a'], [1, 'x', [2, 3], true, 1.5])", [0]),
        ("json_contains_all(meta['a'], [[2, 3.0], []])", [7]),
        ("not json_contains_all(meta['a'], [1, 2])", [0, 1, 7]),
        ("json_contains_any(meta['b'], [1])", []),
        ("not json_contains_any(meta['b'], [1])", []),
        ("array_length(meta['a']) == 0", [1]),
        ("array_length(meta['a']) >= 3", [0, 6, 7]),
        ("not (array_length(meta['a']) >= 3)", [1]),
        ("array_length(meta['a'][2]) == 2", [0]),
        ("array_length(meta) == 2", []),
    ],
)
def test_documents(text: str, expected: list[int]) -> None:
    """What is no list is unknown; numbers are found by their value, lists item by item with integers beside floats."""
    assert passing(text, meta=META) == expected


def test_whole_documents_and_dynamic_keys() -> None:
    """A document may be a list itself, and a dynamic key one too."""
    assert passing("json_contains(meta, 1) and array_length(meta) == 2", meta=["[1, 2]", "[1]", "1"]) == [0]
    assert passing("json_contains(tags, 'a')", dynamic=['{"tags": ["a"]}', '{"tags": "a"}', "{}"]) == [0]
    assert passing("array_length($meta['tags']) == 1", dynamic=['{"tags": ["a"]}', '{"tags": "a"}']) == [0]


def test_long_lists_of_items() -> None:
    """Many items are found as few are, in arrays of numbers and texts and in documents."""
    choose = random.Random(7)
    rows = [choose.sample(range(60), choose.randint(0, 60)) for _ in range(200)]
    texts = [[str(item) for item in row] for row in rows]
    documents = [f'{{"a": {row}}}' for row in rows]
    for count in (7, 9, 30):
        wanted = choose.sample(range(60), count)
        all_of = [number for number, row in enumerate(rows) if set(wanted) <= set(row)]
        any_of = [number for number, row in enumerate(rows) if set(wanted) & set(row)]
        for column, items in (("ints", wanted), ("texts", list(map(str, wanted))), ("meta['a']", wanted)):
            values = {"ints": rows, "texts": texts, "meta": documents}
            assert passing(f"array_contains_all({column}, {items})", **values) == all_of
            assert passing(f"array_contains_any({column}, {items})", **values) == any_of


@pytest.mark.parametrize(
    "text", ["array_contains(ints, 1)", "array_contains_all(meta['a'], [1])", "array_length(ints) == 0"]
)
def test_no_rows(text: str) -> None:
    """A batch of no rows has no row that passes."""
    assert passing(text, ints=[], meta=[]) == []


def test_an_index_is_asked_first() -> None:
    """One item is asked for as such; what the index does not know stays unknown."""
    made = compile_filter("not array_contains_all(ints, [3])", fields())
    rows = batch(ints=INTS)
    rows.answers["ints", "contains"] = np.array([False, False, True, False, False])
    assert np.flatnonzero(made.mask(rows)).tolist() == [0, 1, 4]
    assert rows.asked == [("ints", "contains", 3)]


def test_an_index_gets_lists_as_they_are() -> None:
    """Several items go to the index as a list."""
    rows = batch(ints=INTS)
    compile_filter("array_contains_any(ints, [3, 4])", fields()).mask(rows)
    assert rows.asked == [("ints", "contains_any", [3, 4])]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (
            "array_contains(id, 1)",
            "contains operation are only supported on json or array fields now, got: id: invalid parameter",
        ),
        (
            "json_contains_all(meta['a'] == 1, [1])",
            "contains_all operation are only supported on json or array fields now, got: meta['a']==1"
            ": invalid parameter",
        ),
        (
            "array_contains_any(1, [1])",
            "contains_any operation are only supported on json or array fields now, got: 1: invalid parameter",
        ),
        (
            "array_contains(ints, id)",
            "contains operation are only supported explicitly specified element, got: id: invalid parameter",
        ),
        ("array_contains_any(ints, 1)", "ContainsAny operation element must be an array: query plan failed"),
        ("json_contains_all(meta, 'a')", "ContainsAll operation element must be an array: query plan failed"),
        ("array_contains(ints, 'a')", 'cannot cast value to Int64, value: string_val:"a": query plan failed'),
        ("array_contains(ints, 1.5)", "cannot cast value to Int64, value: float_val:1.5: query plan failed"),
        (
            "array_contains(ints, [1, 'a'])",
            'cannot cast value to Int64, value: array_val:{array:{int64_val:1} array:{string_val:"a"}}'
            ": query plan failed",
        ),
        ("array_contains(texts, 1)", "cannot cast value to VarChar, value: int64_val:1: query plan failed"),
        (
            "array_contains(ints, [])",
            "cannot cast value to Int64, value: array_val:{same_type:true}: query plan failed",
        ),
        (
            "array_contains_any(ints, [1, 'a'])",
            "ContainsAny operation can't compare between array element type: Int64 and VarChar: query plan failed",
        ),
        (
            "array_contains_all(texts, [true])",
            "ContainsAll operation can't compare between array element type: VarChar and Bool: query plan failed",
        ),
        (
            "array_contains_all(ints, [[1]])",
            "ContainsAll operation can't compare between array element type: Int64 and Array: query plan failed",
        ),
        ("array_contains(ints)", "line 1:19 mismatched input ')' expecting ',': query plan failed"),
        ("array_contains(ints, 1, 2)", "line 1:22 mismatched input ',' expecting ')': query plan failed"),
        (
            "array_length(id) == 1",
            "array_length operation are only supported on json, array or array-of-vector fields now, got: "
            "array_length(id): invalid parameter",
        ),
        ("array_length(nope) == 1", "field nope not exist: invalid parameter"),
        ("array_length(ints) == 1.5", "cannot cast value to Int64, value: float_val:1.5: query plan failed"),
        ("array_length(ints) == 'a'", "comparisons between Int64 and VarChar are not supported: query plan failed"),
        (
            "array_length(ints) in [1]",
            "'term' can only be used on single field, but got: array_length(ints): invalid parameter",
        ),
        ("array_length(ints) + 1 == 2", "complicated arithmetic operations are not supported: query plan failed"),
        ("2 + array_length(ints) == 2", "complicated arithmetic operations are not supported: query plan failed"),
        ("array_length(ints) % 2 == 0", "complicated arithmetic operations are not supported: query plan failed"),
        ("1 < array_length(ints) < 3", "comparisons between Bool and Int64 are not supported: query plan failed"),
        (
            "array_length(ints) == array_length(small)",
            "only comparison between two fields is supported: query plan failed",
        ),
        ("array_length(ints + 1) == 1", "line 1:18 missing ')' at '+': query plan failed"),
        ("array_length(ints", "line 1:17 missing ')' at '<EOF>': query plan failed"),
        ("array_contains", "line 1:14 mismatched input '<EOF>' expecting '(': query plan failed"),
        (
            "array_length(1) == 1",
            "line 1:13 mismatched input '1' expecting {Identifier, JSONIdentifier, StructFieldIdentifier}"
            ": query plan failed",
        ),
        ("not array_length(ints)", "not op can only be applied on boolean expression: invalid parameter"),
    ],
)
def test_refused_in_milvus_words(text: str, complaint: str) -> None:
    """Without any data."""
    with pytest.raises(errors.FilterError) as caught:
        compile_filter(text, fields())
    assert caught.value.message == f"cannot parse expression: {text}: {complaint}"


def test_length_is_no_predicate() -> None:
    """A length is a number."""
    with pytest.raises(errors.FilterNotBoolean, match="data type: Int64"):
        compile_filter("array_length(ints)", fields())


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("array_contains(ints[0], 1)", "[ExecArrayContains]nested path must be null"),
        (
            "array_contains_any(ints, [1, 1.5])",
            'Assert "value_proto.val_case() == milvus::proto::plan::GenericValue::kInt64Val"',
        ),
    ],
)
def test_refused_over_rows_only(text: str, problem: str) -> None:
    """Milvus plans these, and its core refuses them once there is a row."""
    made = compile_filter(text, fields())
    assert made.mask(batch(ints=[])).tolist() == []
    with pytest.raises(errors.FilterRun) as caught:
        made.mask(batch(ints=INTS))
    assert caught.value.message.endswith(f"worker(1) query failed: {problem}: segcore error[segcoreCode=2001]")


def test_lists_in_lists_are_refused_where_they_would_be_compared() -> None:
    """A list within a wanted list stops the query at the first row whose list gets so far."""
    made = compile_filter("json_contains(meta['a'], [1, [2]])", fields())
    assert made.mask(batch(meta=['{"a": [[1]]}', '{"a": [[2, [2]]]}'])).tolist() == [False, False]
    with pytest.raises(errors.FilterRun, match="unsupported data type 5"):
        made.mask(batch(meta=['{"a": [[1, [2]]]}']))
