"""Struct arrays in filters: their fields as arrays, one element of them, and questions to every element."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from fakemilvus import errors
from fakemilvus.datatypes import TYPES, Column, DataType
from fakemilvus.filters import Fields, compile_filter
from tests.filters.making import TYPES_OF, FakeBatch

ELEMENTS = {
    "people[age]": DataType.INT64,
    "people[name]": DataType.VARCHAR,
    "people[score]": DataType.FLOAT,
    "people[face]": DataType.FLOAT_VECTOR,
    "faces[face]": DataType.FLOAT_VECTOR,
}
ARRAYS = {name: DataType.ARRAY_OF_VECTOR if name.endswith("[face]") else DataType.ARRAY for name in ELEMENTS}
FIELDS = Fields({**TYPES_OF, **ARRAYS}, False, "id", elements=ELEMENTS)
DYNAMIC = Fields({**TYPES_OF, **ARRAYS, "$meta": DataType.JSON}, True, "id", elements=ELEMENTS)

People = list[tuple[int, str, float]] | None
ROWS: list[People] = [
    [(10, "ann", 0.5), (20, "bob", 1.5)],
    [],
    None,
    [(30, "ann", 2.5)],
    [(10, "cid", 0.5), (10, "ann", 3.5), (40, "bob", 0.1)],
]


def batch_of(rows: list[People]) -> FakeBatch:
    valid = np.array([row is not None for row in rows], np.bool_)

    def column(place: int, type: DataType) -> Column:
        values = np.empty(len(rows), object)
        for number, row in enumerate(rows):
            values[number] = np.array([person[place] for person in row or []], TYPES[type].dtype)
        return Column(DataType.ARRAY, values, None if valid.all() else valid)

    columns = {name: column(place, ELEMENTS[name]) for place, name in enumerate(list(ELEMENTS)[:3])}
    columns["id"] = Column(DataType.INT64, np.arange(len(rows)), None)
    return FakeBatch(columns, len(rows))


def passing(text: str, rows: list[People] = ROWS) -> list[int]:
    """The numbers of the rows that pass."""
    return np.flatnonzero(compile_filter(text, FIELDS).mask(batch_of(rows))).tolist()


def chosen(text: str, rows: list[People] = ROWS) -> list[tuple[int, int]]:
    """The row and place of each element that passes."""
    found = compile_filter(text, FIELDS).elements(batch_of(rows))
    return list(zip(found.rows.tolist(), found.places.tolist(), strict=True))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("match_any(people, $[age] == 10)", [0, 4]),
        ("MATCH_ANY(people, $[age] == 10 && $[name] == 'cid')", [4]),
        ("match_any(people, $[age] == 20 and $[name] == 'ann')", []),
        ("match_any(people, $[name] like 'a%')", [0, 3, 4]),
        ("match_any(people, $[age] in [20, 30])", [0, 3]),
        ("match_any(people, 15 < $[age] <= 30)", [0, 3]),
        ("match_any(people, $[score] > 3)", [4]),
        ("match_any(people, $[age] + 5 == 25)", [0]),
        ("match_any(people, not ($[name] in ['ann', 'bob']))", [4]),
        ("match_all(people, $[age] <= 20)", [0, 1, 2]),
        ("match_least(people, $[age] == 10, threshold = 2)", [4]),
        ("match_most(people, $[age] == 10, threshold=1)", [0, 1, 2, 3]),
        ("MATCH_EXACT(people, $[age] == 10, THRESHOLD = 1)", [0]),
        ("match_exact(people, $[age] == 10, threshold = 0)", [1, 2, 3]),
        ("not match_any(people, $[age] == 10)", [1, 2, 3]),
        ("match_any(people, $[age] == 10) or match_any(people, $[age] == 30)", [0, 3, 4]),
        ("id > 0 and match_any(people, $[age] == 10)", [4]),
        ("element_filter(people, $[age] == 10)", [0, 4]),
        ("id > 0 and id < 9 and element_filter(people, $[age] == 10)", [4]),
    ],
)
def test_matches(text: str, expected: list[int]) -> None:
    """All conditions are asked of one element; a row that is null is a row without elements."""
    assert passing(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("people[0][age] == 10", [0, 4]),
        ("people[1][name] == 'bob'", [0]),
        ("people[2][age] > 0", [4]),
        ("5 < people[0][age] < 15", [0, 4]),
        ("people[0][age] in [30]", [3]),
        ("array_contains(people[name], 'bob')", [0, 4]),
        ("array_contains_all(people[age], [10, 20])", [0]),
        ("array_contains_any(people[age], [20, 30])", [0, 3]),
        ("array_length(people[age]) == 2", [0]),
        ("array_length(people[face]) == 3", [4]),
        ("array_length(people) == 0", [1]),
        ("people is null", [2]),
        ("people is not null", [0, 1, 3, 4]),
    ],
)
def test_fields_are_arrays(text: str, expected: list[int]) -> None:
    """A field of a struct is an array of its own; the struct itself has a length and may be null."""
    assert passing(text) == expected


def test_elements_of_an_element_filter() -> None:
    """Every element that passes is found, with its place in its row; rows that fail the rest give none."""
    assert chosen("element_filter(people, $[name] == 'ann')") == [(0, 0), (3, 0), (4, 1)]
    assert chosen("id > 0 && element_filter(people, $[age] == 10)") == [(4, 0), (4, 1)]
    assert chosen("element_filter(people, $[age] > 99)") == []


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("$[age] > 5", "$[age] syntax can only be used inside ElementFilter or MATCH_*"),
        ("people[none] == 5", "struct field not found: people[none], error: failed to get field schema by name"),
        ("people[0][none] == 5", "struct field not found: people[none], error: failed to get field schema by name"),
        ("people[age] == 5", "cannot cast value to Array, value: int64_val:5"),
        ("people[age] > 5", "can not comparisons array fields directly"),
        (
            "match_any(people, $[none] > 5)",
            "cannot parse predicate expression: $[none]>5, error: array field not found: people[none], error: failed",
        ),
        ("match_any(none, $[age] > 5)", "array field not found: none[age]"),
        (
            "element_filter(people, $[none] > 5)",
            "cannot parse element expression: $[none]>5, error: array field not found: people[none], error: failed",
        ),
        ("match_any(people, $[age] == 'x')", "comparisons between Int64 and VarChar are not supported"),
        (
            "match_any(people, match_all(people, $[age] > 5))",
            "nested MATCH_ALL is not supported, already inside match expression for field: people",
        ),
        (
            "element_filter(people, element_filter(people, $[age] > 5))",
            "nested ElementFilter is not supported, already inside ElementFilter for field: people",
        ),
        ("match_least(people, $[age] > 5, threshold = 0)", "count in MATCH_LEAST must be positive, got: 0"),
        ("match_least(people, $[age] > 5)", "mismatched input ')' expecting ','"),
        ("match_any('people', $[age] > 5)", "expecting Identifier"),
        (
            "element_filter(people, $[age] > 5) and id > 3",
            "element filter expression can only be the last expression in the logical and expression",
        ),
        (
            "element_filter(people, $[age] > 5) || id > 3",
            "element filter expression can only be the last expression in the logical or expression",
        ),
    ],
)
def test_refusals(text: str, complaint: str) -> None:
    """Elements are asked inside a function over a struct, which is not nested, and an element filter comes last."""
    with pytest.raises(errors.FilterError) as raised:
        passing(text, [])
    assert complaint in raised.value.message


@pytest.mark.parametrize(
    "text", ["not element_filter(people, $[age] > 5)", "id > 3 or element_filter(people, $[age] > 5)"]
)
def test_an_element_filter_is_no_condition(text: str) -> None:
    """An element filter under a ``not`` or an ``or`` is planned, and refused when it runs."""
    assert passing(text, []) == []
    with pytest.raises(errors.FilterRun, match="ElementFilterExpr should be handled at PlanNode level"):
        passing(text)


@pytest.mark.parametrize(
    "text", ["match_any(people, id > 5)", "array_length(faces[face]) > 1", "element_filter(faces, 1 < 2)"]
)
def test_what_is_not_built(text: str) -> None:
    """A field of rows among elements, and counting structs of nothing but vectors, are refused by name."""
    with pytest.raises((errors.Unimplemented, errors.FilterRun)):
        passing(text)


@pytest.mark.parametrize("rows", [[], [None], [[]], [None, []]])
@pytest.mark.parametrize("text", ["match_any(people, $[age] > 0)", "element_filter(people, $[name] == 'ann')"])
def test_no_elements(text: str, rows: list[People]) -> None:
    """Where there are no elements, none passes."""
    assert passing(text, rows) == []


def test_the_name_of_a_struct_is_no_dynamic_key() -> None:
    """A struct may be asked for null also where unknown names are keys."""
    batch: Any = batch_of(ROWS)
    assert np.flatnonzero(compile_filter("people is null", DYNAMIC).mask(batch)).tolist() == [2]
