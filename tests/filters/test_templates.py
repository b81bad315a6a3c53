"""Templates: constants beside the text, their checks, and what Milvus refuses of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from fakemilvus import errors
from fakemilvus.filters import compile_filter
from tests.filters.making import batch, fields

PLAN, PARAMETER = ": query plan failed", ": invalid parameter"
ROWS: dict[str, Any] = {
    "id": [1, 2, 3, 4],
    "i32": [1, 2, None, -7],
    "d": [0.5, 2.0, 3.0, None],
    "s": ["a", "ab", None, ""],
    "b": [True, False, None, True],
    "ints": [[1, 2], [3], None, []],
    "meta": ['{"k": 1, "l": [1, "a"]}', '{"k": 2.5}', None, '{"k": "x", "l": [[1]]}'],
}


def passing(text: str, **values: Any) -> list[int]:
    made = compile_filter(text, fields(), values=lambda: values)
    return (np.flatnonzero(made.mask(batch(**ROWS))) + 1).tolist()


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ("id == {x}", 2, [2]),
        ("id != {x}", 2, [1, 3, 4]),
        ("{x} < id", 2, [3, 4]),
        ("not (i32 > {x})", 1, [1, 4]),
        ("d >= {x}", 2, [2, 3]),
        ("d == {x}", 0.5, [1]),
        ("s == {x}", "ab", [2]),
        ("b == {x}", True, [1, 4]),
        ("id in {x}", [1, 9, 4], [1, 4]),
        ("id not in {x}", [1, 4], [2, 3]),
        ("id in {x}", [], []),
        ("s in {x}", ["a", ""], [1, 4]),
        ("d in {x}", [2, 3], [2, 3]),
        ("{x} <= id < 3", 2, [2]),
        ("3 > id >= {x}", 2, [2]),
        ("{x} <= b <= {x}", False, [2]),
        ("i32 + {x} == 2", 1, [1]),
        ("i32 % {x} == -1", 2, [4]),
        ("{x} * i32 > 2", 2, [2]),
        ("i32 & {x} == 1", 1, None),
        ("(i32 & {x}) == 1", 1, [1, 4]),
        ("i32 + 1 == {x}", 2, [1]),
        ("d * {x} == 1", 2, [1]),
        ("s like {x}", "a%", [1, 2]),
        ("s =~ {x}", "^.b", [2]),
        ("s !~ {x}", "^.b", [1, 4]),
        ("array_length(ints) == {x}", 2, [1]),
        ("json_contains(meta['l'], {x})", "a", [1]),
        ("json_contains_any(meta['l'], {x})", ["a", [1]], [1, 4]),
        ("array_contains(ints, {x})", 3, [2]),
        ("array_contains_all(ints, {x})", [1, 2], [1]),
        ("ints == {x}", [3], [2]),
        ("ints[0] == {x}", 3, [2]),
        ("meta['k'] == {x}", "x", [4]),
        ("meta['k'] in {x}", [1, 2], [1]),
        ("+{x} == id", 3, [3]),
        ("id == {x} or id == 4", 1, [1, 4]),
        ("id == {x} and {x} == id", 1, [1]),
        ("true and id == {x}", 1, [1]),
    ],
)
def test_filled(text: str, value: Any, expected: list[int] | None) -> None:
    """A template is the constant that comes under its name, wherever one may stand beside a field."""
    if expected is None:
        with pytest.raises(errors.FilterError):
            passing(text, x=value)
        return
    assert passing(text, x=value) == expected


@pytest.mark.parametrize(
    "text",
    [
        "id > 3",
        "id == {x}",
    ],
)
def test_unused_values_are_passed_over(text: str) -> None:
    """A value that the text does not name changes nothing."""
    assert passing(text, x=4, y="never") == passing(text, x=4)


@pytest.mark.parametrize(
    ("text", "value", "complaint"),
    [
        ("id == {y}", 1, "the value of expression template variable name {y} is not found" + PLAN),
        ("id in {y}", 1, "the value of expression template variable name {y} is not found" + PLAN),
        ("{y} < id < 3", 1, "the lower value of expression template variable name {y} is not found" + PLAN),
        ("1 < id < {y}", 1, "the upper value of expression template variable name {y} is not found" + PLAN),
        ("id + {y} == 1", 1, "the right operand value of expression template variable name {y} is not found" + PLAN),
        ("id == {x}", "a", 'cannot cast value to Int64, value: string_val:"a"' + PLAN),
        ("id == {x}", 1.5, "cannot cast value to Int64, value: float_val:1.5" + PLAN),
        ("s == {x}", 1, "cannot cast value to VarChar, value: int64_val:1" + PLAN),
        ("vec == {x}", 1, "cannot cast value to FloatVector, value: int64_val:1" + PLAN),
        ("id in {x}", 1, "the value of term expression template variable {x} is not array" + PLAN),
        ("id in {x}", [1, "a"], 'cannot cast value to Int64, value: string_val:"a"' + PLAN),
        ("5 < id < {x}", 3, "invalid range: lowerbound is greater than upperbound" + PLAN),
        ("id % {x} == 1", 0, "division or modulus by zero" + PLAN),
        ("id / {x} == 1", 0, "division or modulus by zero" + PLAN),
        ("d % {x} == 1", 2, "modulo can only apply on integer types" + PLAN),
        ("(id & {x}) == 1", 1.5, "bitwise operations can only apply on integer types" + PLAN),
        ("s + {x} == 'a'", 1, "incompatible data type, VarChar, Int64" + PLAN),
        ("id + {x} == 1", "a", "incompatible data type, Int64, VarChar" + PLAN),
        ("id + {x} == 1", [1], "can not comparisons array directly" + PLAN),
        ("s like {x}", 1, "the value of like expression template variable {x} is not string" + PLAN),
        ("s =~ {x}", 1, "the value of regex expression template variable {x} is not string" + PLAN),
        ("s =~ {x}", "(a", "invalid regex pattern: error parsing regexp: missing closing ): `(a`"),
        ("json_contains_all(meta['l'], {x})", 1, "ContainsAll operation element must be an array" + PLAN),
        ("array_contains(ints, {x})", "a", 'cannot cast value to Int64, value: string_val:"a"' + PLAN),
        ("array_contains_any(ints, {x})", [1.5], "cannot cast value to Int64, value: float_val:1.5" + PLAN),
    ],
)
def test_refused_after_reading(text: str, value: Any, complaint: str) -> None:
    """What is wrong with a value is told without the text, which has been read by then."""
    with pytest.raises(errors.FilterError) as caught:
        compile_filter(text, fields(), values=lambda: {"x": value})
    assert caught.value.message == complaint


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("{x} == 1", "placeholder was not supported between two constants with operator: ==" + PARAMETER),
        ("{x} + 1 == id", "placeholder was not supported between two constants with operator: +" + PARAMETER),
        ("({x} & 1) == id", "placeholder was not supported between two constants with operator: {x}&1" + PARAMETER),
        ("{x} ** 2 == id", "power can only apply on constants: {x}**2" + PARAMETER),
        ("id in [{x}]", "array element type must be generic value, but got: {x}" + PARAMETER),
        ("{x} in [1]", "'term' can only be used on single field, but got: {x}" + PARAMETER),
        ("-{x} == id", "unexpected op: -" + PARAMETER),
        ("not {x}", "not op can only be applied on boolean expression" + PARAMETER),
        ("{x} and id > 1", "'and' can only be used between boolean expressions" + PLAN),
        ("{x} like 'a'", "like operation on complicated expr is unsupported" + PLAN),
        ("{x} =~ 'a'", "regex match on complicated expr is unsupported" + PLAN),
        ("{x} - id == 1", "module field is not yet supported" + PLAN),
        ("i32 + id == {x}", "not supported to do arithmetic operations between multiple fields" + PLAN),
        ("id + {x} + 1 == 2", "complicated arithmetic operations are not supported" + PLAN),
        ("ints > {x}", "can not comparisons array fields directly" + PLAN),
        ("{1} == id", "line 1:1 mismatched input '1' expecting Identifier" + PLAN),
        ("{x == id", "line 1:3 mismatched input '==' expecting '}'" + PLAN),
    ],
)
def test_refused_while_reading(text: str, complaint: str) -> None:
    """A template stands for a constant beside a field; in other places it is refused whatever its value."""
    with pytest.raises(errors.FilterError) as caught:
        compile_filter(text, fields(), values=lambda: {"x": 1})
    assert caught.value.message == f"cannot parse expression: {text}: {complaint}"


def test_no_predicate() -> None:
    """A template alone is no condition, not even of a bool."""
    with pytest.raises(errors.FilterNotBoolean) as caught:
        compile_filter("{x}", fields(), values=lambda: {"x": True})
    assert caught.value.message == "predicate is not a boolean expression: {x}, data type: None" + PLAN


def test_compiled_once_for_all_values() -> None:
    """The text is kept without its values, and another value gives another filter."""
    shared = fields()
    first = compile_filter("id in {x}", shared, values=lambda: {"x": [1]})
    second = compile_filter("id in {x}", shared, values=lambda: {"x": [2, 3]})
    assert first.keys is not None
    assert second.keys is not None
    assert (first.keys.tolist(), second.keys.tolist()) == ([1], [2, 3])
    assert [text for text, _ in shared.compiled] == ["id in {x}"]


def test_bad_values_are_refused_even_if_unused() -> None:
    """All values are decoded once the text has been read."""

    def values() -> dict[str, Any]:
        raise errors.FilterTemplateNoScalar

    with pytest.raises(errors.FilterTemplateNoScalar):
        compile_filter("id > 1", fields(), values=values)
    with pytest.raises(errors.FilterTypesDiffer):
        compile_filter("id > 'a'", fields(), values=values)


def test_forgotten_by_samples() -> None:
    """Milvus does not fill what a sample is drawn from, and stumbles over it when it runs."""
    made = compile_filter("id == {x} and random_sample(0.5)", fields(), values=lambda: {"x": 1})
    with pytest.raises(errors.FilterRun, match="kInt64Val"):
        made.mask(batch(**ROWS))
