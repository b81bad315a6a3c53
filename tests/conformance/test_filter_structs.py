"""Filters on struct arrays, by row and by element; and samples. Since Milvus 3.0."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conformance.making import T, array_column, plain_rows, random_vectors
from tests.conformance.refusals import Refusal, check_accepted, check_refused, invalid
from tests.conformance.target import Collections, Target
from tests.conformance.test_filter_timestamps import keys
from tests.conformance.test_structs import make, struct, structs, sub

PLAN = "failed to create query plan: cannot parse expression: "
FAILED = "fail to search on QueryNode *: worker(*) query failed: "


@pytest.fixture(autouse=True)
def _since(target: Target) -> None:
    if target.version < (3, 0):
        pytest.skip("since Milvus 3.0")


@pytest.fixture
def name(target: Target, collections: Collections) -> str:
    """Keys 0 to 4; the structs of 2 are null, those of 1 none."""
    declared = struct("s", sub("n", T.Int64), sub("c", T.VarChar, max_length=9), nullable=True)
    made = make(target, collections, declared)
    valid = (True, True, False, True, True)
    numbers = array_column("n", T.Int64, [[10, 20], [], [30], [10, 10, 40]], valid=valid)
    colours = array_column("c", T.VarChar, [["red", "blue"], [], ["red"], ["green", "red", "blue"]], valid=valid)
    check_accepted(target.insert(made, [*plain_rows(5), structs(numbers, colours)], 5))
    return made


def places(response: Any) -> list[tuple[int, list[int]]]:
    """Each key with the places of its elements."""
    found = keys(response)
    assert len(response.element_indices) == len(found)
    return [(key, list(row.indices.data)) for key, row in zip(found, response.element_indices, strict=True)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("match_any(s, $[n] == 10)", [0, 4]),
        ('MATCH_ANY(s, $[n] == 10 && $[c] == "green")', [4]),
        ("match_all(s, $[n] <= 20)", [0, 1, 2]),
        ("match_least(s, $[n] == 10, threshold = 2)", [4]),
        ("match_most(s, $[n] == 10, threshold = 0)", [1, 2, 3]),
        ("match_exact(s, $[n] == 10, threshold = 1)", [0]),
        ("s[0][n] == 30", [3]),
        ("10 <= s[1][n] < 20", [4]),
        ('array_contains(s[c], "green")', [4]),
        ("array_contains_all(s[n], [10, 20])", [0]),
        ("array_length(s[n]) == 0", [1]),
        ("array_length(s) > 1", [0, 4]),
        ("s is null", [2]),
    ],
)
def test_queries(target: Target, name: str, text: str, expected: list[int]) -> None:
    """Conditions hold of one element; fields are arrays; a null struct has no elements and no arrays."""
    response = target.query(name, text, ["id"])
    assert keys(response) == expected
    assert not response.element_indices


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, [(0, [0]), (4, [0, 1])]),
        ({"limit": 2}, [(0, [0]), (4, [0])]),
        ({"limit": 2, "offset": 1}, [(4, [0, 1])]),
        ({"limit": 2, "offset": 2}, [(4, [1])]),
        ({"limit": 5, "offset": 3}, []),
        ({"limit": 5, "order_by_fields": "id:desc"}, [(4, [0]), (4, [1]), (0, [0])]),
        (
            {
                "limit": 5,
                "iterator": True,
                "query_iter_last_pk": 4,
                "query_iter_last_element_offset": 0,
            },
            [(0, [0]), (4, [1])],
        ),
    ],
    ids=str,
)
def test_elements(target: Target, name: str, params: dict[str, Any], expected: list[tuple[int, list[int]]]) -> None:
    """An element filter answers each row with the places of its elements; limit and offset count elements."""
    response = target.ask(
        "Query",
        collection_name=name,
        expr="element_filter(s, $[n] == 10)",
        output_fields=["id"],
        guarantee_timestamp=1,
        query_params=params,
    )
    assert places(response) == expected


def test_elements_are_counted(target: Target, name: str) -> None:
    """count(*) counts elements."""
    response = target.query(name, "id >= 0 and element_filter(s, $[n] == 10)", ["count(*)"])
    check_accepted(response)
    assert list(response.fields_data[0].scalars.long_data.data) == [3]


def test_searches_and_deletes(target: Target, name: str) -> None:
    """A search and a delete take a match of elements."""
    found = target.search(name, random_vectors(1), 10, filter="match_any(s, $[n] == 10)")
    assert sorted(found.results.ids.int_id.data) == [0, 4]
    target.done("Delete", collection_name=name, expr="match_any(s, $[n] == 30)")
    assert keys(target.query(name, "id >= 0", ["id"])) == [0, 1, 2, 4]


def test_no_element_filter_in_a_search_of_rows(target: Target, name: str) -> None:
    """A search of rows has no elements to filter."""
    whole = invalid(
        "element_filter is only supported for element-level search on vector sub-fields of the same struct array; "
        "use MATCH_ANY/MATCH_* for row-level vector search",
        before=None,
    )
    response = target.search(name, random_vectors(1), 10, filter="element_filter(s, $[n] == 10)")
    check_refused(response, whole, target.version)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("$[n] > 5", "$[n] syntax can only be used inside ElementFilter or MATCH_*: invalid parameter"),
        (
            "s[x] == 5",
            "struct field not found: s[x], error: failed to get field schema by name: fieldName(s[x]) not found"
            ": invalid parameter: invalid parameter",
        ),
        (
            "match_any(s, $[x] > 5)",
            "cannot parse predicate expression: $[x]>5, error: array field not found: s[x], error: "
            "failed to get field schema by name: fieldName(s[x]) not found: invalid parameter: invalid parameter"
            ": invalid parameter",
        ),
        (
            "match_any(s, match_any(s, $[n] > 5))",
            "cannot parse predicate expression: match_any(s,$[n]>5), error: nested MATCH_ANY is not supported, "
            "already inside match expression for field: s: invalid parameter: invalid parameter",
        ),
        (
            "match_least(s, $[n] > 5, threshold = 0)",
            "count in MATCH_LEAST must be positive, got: 0: invalid parameter",
        ),
        (
            "element_filter(s, $[n] > 5) and id > 3",
            "element filter expression can only be the last expression in the logical and expression"
            ": query plan failed",
        ),
        (
            "random_sample(0.1) and id > 3",
            "random sample expression can only be the last expression in the logical and expression: query plan failed",
        ),
        (
            "id > 3 or random_sample(0.1)",
            "random sample expression cannot be used in logical and expression: query plan failed",
        ),
        (
            "random_sample(1.5)",
            "the sample factor should be between 0 and 1 and not too close to 0 or 1(the difference should be "
            "larger than 1e-10), but got 1.5: invalid parameter",
        ),
    ],
)
def test_refusals(target: Target, name: str, text: str, problem: str) -> None:
    """What the parser refuses of elements and samples."""
    check_refused(target.query(name, text, ["id"]), invalid(f"{PLAN}{text}: {problem}", before=None), target.version)


@pytest.mark.parametrize("text", ["not element_filter(s, $[n] > 5)", "id > 3 or element_filter(s, $[n] > 5)"])
def test_what_runs_into_a_refusal(target: Target, name: str, text: str) -> None:
    """The core knows element filters at the end of a filter only."""
    problem = (
        "ElementFilterExpr should be handled at PlanNode level, not in ParseExprs: segcore error[segcoreCode=2028]"
    )
    refusal = Refusal(2000, 1, FAILED + problem, input_error=True)
    check_refused(target.query(name, text, ["id"]), refusal, target.version)


@pytest.mark.parametrize(("text", "expected"), [("random_sample(0.4)", 2), ("id > 2 and random_sample(0.01)", 1)])
def test_samples(target: Target, name: str, text: str, expected: int) -> None:
    """A share of the rows, rounded down but at least one."""
    assert len(keys(target.query(name, text, ["id"]))) == expected
