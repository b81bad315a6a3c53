"""Filters: what each operator finds, nulls and wrong types among the rows, and what is refused, in Milvus' words."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import pytest
from pymilvus.grpc_gen import common_pb2 as common
from pymilvus.grpc_gen.schema_pb2 import TemplateValue

from tests.conformance.making import T, column, field, id_field, random_vectors, vector_column, vector_field
from tests.conformance.refusals import Refusal, check_accepted, check_refused, invalid, old
from tests.conformance.target import Collections, Target

PLAN, PARAMETER = ": query plan failed", ": invalid parameter"
TEXTS = ["", "a", "ab", "b%", "a_", "é", "line\nend", "\\"]
DOCUMENTS = [b"{}", b'{"k": 1}', b'{"k": 2.5}', b'{"k": "a"}', b'{"k": true}', b'{"k": [1, "a"]}', b'{"k": {"x": 1}}']
ROWS = len(TEXTS)


@pytest.fixture(scope="module")
def rows(target: Target, shared: Collections) -> str:
    """Keys 0 to 7; numbers from -3 to 4, halves, texts, every second bool true, and documents."""
    fields = [field("i", T.Int64), field("i8", T.Int8), field("d", T.Double), field("b", T.Bool)]
    fields += [field("s", T.VarChar, max_length=16), field("js", T.JSON)]
    name = shared.make([id_field(), *fields, vector_field()])
    columns = [
        column("id", T.Int64, range(ROWS)),
        column("i", T.Int64, range(-3, ROWS - 3)),
        column("i8", T.Int8, range(-3, ROWS - 3)),
        column("d", T.Double, [number / 2 for number in range(ROWS)]),
        column("b", T.Bool, [number % 2 == 0 for number in range(ROWS)]),
        column("s", T.VarChar, TEXTS),
        column("js", T.JSON, [*DOCUMENTS, b"{}"]),
        vector_column(random_vectors(ROWS)),
    ]
    return loaded(target, name, columns)


@pytest.fixture(scope="module")
def nulls(target: Target, shared: Collections) -> str:
    """Keys 0 to 3; every field is null in the rows 1 and 3, else 0 or 2, "" or "a"."""
    target.needs("2.5", "2.3.5 has no nulls")
    fields = [field("i", T.Int64, nullable=True), field("s", T.VarChar, max_length=8, nullable=True)]
    name = shared.make([id_field(), *fields, vector_field()])
    numbers, texts = column("i", T.Int64, [0, 2]), column("s", T.VarChar, ["", "a"])
    for data in (numbers, texts):
        data.valid_data.extend([True, False, True, False])
    return loaded(target, name, [column("id", T.Int64, range(4)), numbers, texts, vector_column(random_vectors(4))])


def loaded(target: Target, name: str, columns: list[Any]) -> str:
    target.done("CreateIndex", collection_name=name, field_name="vec", extra_params={"metric_type": "L2"})
    check_accepted(target.insert(name, columns, len(columns[0].scalars.long_data.data)))
    target.load(name)
    return name


def keys(response: Any) -> list[int]:
    check_accepted(response)
    return sorted(
        key for data in response.fields_data if data.field_name == "id" for key in data.scalars.long_data.data
    )


def found(target: Target, name: str, text: str, **values: Any) -> list[int]:
    return keys(asked(target, name, text, **values))


def asked(target: Target, name: str, text: str, **values: Any) -> Any:
    given = MappingProxyType({key: template(value) for key, value in values.items()})
    fields = {"collection_name": name, "expr": text, "output_fields": ["id"], "expr_template_values": given}
    return target.ask("Query", consistency_level=common.Strong, **fields)


def template(value: Any) -> TemplateValue:
    slots = {bool: "bool_val", int: "int64_val", float: "float_val", str: "string_val"}
    if not isinstance(value, list):
        return TemplateValue(**{slots[type(value)]: value})
    made = TemplateValue()
    lists = {bool: "bool_data", int: "long_data", float: "double_data", str: "string_data"}
    getattr(made.array_val, lists[type(value[0])]).data.extend(value)
    return made


EVERYWHERE = [
    ("i == -3", [0]),
    ("i != 0 and i8 >= 3", [6, 7]),
    ("-1 <= i < 2", [2, 3, 4]),
    ("2 > i >= -1", [2, 3, 4]),
    ("i in [-3, 4, 9]", [0, 7]),
    ("i not in [-3, 4, 9]", [1, 2, 3, 4, 5, 6]),
    ("i in []", []),
    ("i8 == 300", []),
    ("i8 < 300", [0, 1, 2, 3, 4, 5, 6, 7]),
    ("i + 1 == 0", [2]),
    ("2 * i == 4", [5]),
    ("i / 2 == -1", [0, 1]),
    ("i % 2 == -1", [0, 2]),
    ("d == 2 ** 1", [4]),
    ("d > 0x3", [7]),
    ("i == 011 - 9", [3]),
    ("i == 0b11", [6]),
    ("d > 2.5e0 && !(d >= 3.5)", [6]),
    ("b == true || i == 4", [0, 2, 4, 6, 7]),
    ("b not in [true]", [1, 3, 5, 7]),
    ("i < i8", []),
    ("s == \"ab\" or s == 'a'", [1, 2]),
    ("s >= 'b'", [3, 5, 6]),
    ("s like 'a%'", [1, 2, 4]),
    ("s == ''", [0]),
    ("s in ['\\u00e9', 'a']", [1, 5]),
    ("js['k'] == 1", [1]),
    ("js['k'] > 0.5", [1, 2]),
    ("js['k'] == 'a'", [3]),
    ("js['k'] == true", [4]),
    ("js['k'] in [1, 2]", [1]),
    ("json_contains(js['k'], 'a')", [5]),
    ("exists js['k']['x']", [6]),
]
SINCE_3_0 = [
    ("s like '%d'", [6]),
    ("s like '%b%'", [2, 3]),
    ("(i & 1) == 1", [0, 2, 4, 6]),
    ("(i8 | 1) == -1", [1, 2]),
    ("(i ^ 3) == 0", [6]),
    ("(js['k'] & 1) == 1", [1]),
    ("i == (6 & 3)", [5]),
    ("s like r'%\\%'", [3]),
    ("s like 'a\\\\_'", [4]),
    ("s =~ '^a'", [1, 2, 4]),
    ("s =~ 'b$'", [2]),
    ("s =~ r'e.e'", [6]),
    ("s =~ ''", [0, 1, 2, 3, 4, 5, 6, 7]),
    ("s !~ '[a-z]'", [0, 5, 7]),
    ("s =~ '(?i)^A$'", [1]),
    ("js['k'] =~ 'a'", [3]),
    ("js['k'] !~ 'b'", [3]),
    ("empty(s)", [0]),
    ("STARTS_WITH(s, 'a')", [1, 2, 4]),
    ("starts_with(s, s)", [0, 1, 2, 3, 4, 5, 6, 7]),
    ("not starts_with('ab', s)", [3, 4, 5, 6, 7]),
    ("js['k'] in [1, 2.5]", [1, 2]),
    ("js['k'] is null", [0, 7]),
    ("not (js['k'] == 1)", [2]),
]
OVER_NULLS = [
    ("i == 0", [0]),
    ("i != 0", [2]),
    ("not (i == 0)", [2]),
    ("i in [0]", [0]),
    ("i not in [0]", [2]),
    ("i in []", []),
    ("not (i in [])", [0, 2]),
    ("i > 1 or id == 1", [1, 2]),
    ("(i & 2) == 2", [2]),
    ("i + 1 == 3", [2]),
    ("-1 < i < 1", [0]),
    ("i is null", [1, 3]),
    ("i is not null", [0, 2]),
    ("not (i is null)", [0, 2]),
    ("s like '%'", [0, 2]),
    ("s =~ 'a'", [2]),
    ("s !~ 'a'", [0]),
    ("empty(s)", [0]),
    ("not empty(s)", [2]),
    ("starts_with(s, '')", [0, 2]),
    ("i == 0 and true", [0]),
    ("id > 0 and (i == 0 or true)", [1, 2, 3]),
]


@pytest.mark.parametrize(("text", "expected"), EVERYWHERE)
def test_finds(target: Target, rows: str, text: str, expected: list[int]) -> None:
    """Operators as every version of Milvus has them."""
    assert found(target, rows, text) == expected


@pytest.mark.parametrize(("text", "expected"), SINCE_3_0)
def test_finds_since(target: Target, rows: str, text: str, expected: list[int]) -> None:
    """Operators that 2.3.5 has not, or has with other answers."""
    target.needs("3.0", "no bits, no regular expressions, no functions by name; not (a == 1) of a missing key")
    assert found(target, rows, text) == expected


@pytest.mark.parametrize(("text", "expected"), OVER_NULLS)
def test_nulls(target: Target, nulls: str, text: str, expected: list[int]) -> None:
    """A null is neither equal nor unequal to anything, and its negation is as unknown."""
    assert found(target, nulls, text) == expected


@pytest.mark.parametrize("text", [text for text, _ in (*EVERYWHERE, *SINCE_3_0)])
def test_empty_collections(target: Target, collections: Collections, text: str) -> None:
    """Over no rows every filter is answered, with nothing."""
    target.needs("3.0", "the filters of both lists")
    fields = [field("i", T.Int64), field("i8", T.Int8), field("d", T.Double), field("b", T.Bool)]
    name = collections.make(
        [id_field(), *fields, field("s", T.VarChar, max_length=9), field("js", T.JSON), vector_field()]
    )
    target.done("CreateIndex", collection_name=name, field_name="vec", extra_params={"metric_type": "L2"})
    target.load(name)
    assert found(target, name, text) == []


@pytest.mark.parametrize(
    ("text", "complaint", "before"),
    [
        ("s == 1", "comparisons between VarChar and Int64 are not supported" + PLAN, None),
        ("i == 'a'", "comparisons between Int64 and VarChar are not supported" + PLAN, None),
        ("i like 'a'", "like operation on non-string or no-json field is unsupported" + PLAN, None),
        ("s in [1]", "value 'int64_val:1' in list cannot be casted to VarChar" + PARAMETER, None),
        ("i % 0 == 1", "division or modulus by zero" + PLAN, None),
        ("1 / 0 == i", "cannot divide by zero" + PLAN, None),
        ("d % 2 == 1", "modulo can only apply on integer types" + PLAN, None),
        (
            "i ** 2 == 4",
            "power can only apply on constants: i**2" + PARAMETER,
            "power can only apply on constants: i**2",
        ),
        ("i << 1 == 2", "shift is not supported: i<<1" + PARAMETER, "shift is not supported: i<<1"),
        ("~1 == i", "unexpected op: ~" + PARAMETER, "unexpected op: ~"),
        ("i & 1 == 1", "'bitand' cannot perform arithmetic between Int64 field and Bool" + PLAN + PARAMETER, None),
        ("(d & 1) == 1", "bitwise operations can only apply on integer types" + PLAN, "BitAnd is not supported: d&1"),
        ("(1 | 1.5) == i", "bitor can only apply on integer fields" + PLAN, "BitOr is not supported: 1|1.5"),
        ("i =~ 'a'", "regex match on non-string or non-json field is unsupported" + PLAN, None),
        ("'a' =~ 'a'", "regex match on complicated expr is unsupported" + PLAN, None),
        ("s =~ i", "regex pattern should be a string literal or template variable, got: i" + PARAMETER, None),
        ("s =~ '('", "invalid regex pattern: error parsing regexp: missing closing ): `(`", None),
        ("s =~ '*'", "invalid regex pattern: error parsing regexp: missing argument to repetition operator: `*`", None),
        (
            "s =~ '(?=a)'",
            "invalid regex pattern: error parsing regexp: invalid or unsupported Perl syntax: `(?=`",
            None,
        ),
        ("s =~ '中'", "invalid regex pattern: error parsing regexp: invalid escape sequence: `\\u`", None),
        ("i == {x}", "", None),
    ],
)
def test_refused(target: Target, rows: str, text: str, complaint: str, before: str | None) -> None:
    """What a field cannot be asked is refused before any row is looked at."""
    if not complaint:
        whole = invalid(
            "failed to create query plan: the value of expression template variable name {x} is not found" + PLAN,
            before=None,
        )
    else:
        older = None if before is None else old(f"cannot parse expression: {text}, error: {before}")
        shown = f"failed to create query plan: cannot parse expression: {text}: {complaint}"
        whole = Refusal(1100, 5, shown + PARAMETER, input_error=True, since="3.0", before=older)
    check_refused(target.query(rows, text, ["id"]), whole, target.version)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("unheard_of(i)", "function unheard_of(int64_t) not found."),
        ("Empty(i, 1.5, js, 'a', true)", "function empty(int64_t, float, json, varChar, bool) not found."),
        ("starts_with(s)", "function starts_with(varChar) not found."),
    ],
)
def test_refused_by_the_core(target: Target, rows: str, text: str, problem: str) -> None:
    """Any name may be called; that nobody knows it with such arguments is found when it runs over rows."""
    target.needs("3.0", "the parser of 2.3.5 refuses functions by name")
    status = asked(target, rows, text).status
    assert (status.code, status.error_code) == (2000, 1)
    assert f"{problem}: segcore error" in status.reason


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ("i > {x}", 2, [6, 7]),
        ("{x} <= i <= {x}", 2, [5]),
        ("i in {x}", [0, 1], [3, 4]),
        ("d == {x}", 1, [2]),
        ("b == {x}", False, [1, 3, 5, 7]),
        ("s like {x}", "a%", [1, 2, 4]),
        ("s =~ {x}", "^a.", [2, 4]),
        ("(i & {x}) == {x}", 4, [0, 1, 2, 7]),
        ("js['k'] == {x}", 2.5, [2]),
        ("json_contains_any(js['k'], {x})", ["a", "b"], [5]),
    ],
)
def test_templates(target: Target, rows: str, text: str, value: Any, expected: list[int]) -> None:
    """Constants may come beside the filter."""
    target.needs("3.0", "2.3.5 has no templates")
    assert found(target, rows, text, x=value) == expected


@pytest.mark.parametrize(
    ("text", "value", "complaint"),
    [
        ("i == {x}", "a", 'cannot cast value to Int64, value: string_val:"a"' + PLAN),
        ("i in {x}", 1, "the value of term expression template variable {x} is not array" + PLAN),
        ("i % {x} == 1", 0, "division or modulus by zero" + PLAN),
        ("s like {x}", 1, "the value of like expression template variable {x} is not string" + PLAN),
        ("5 < i < {x}", 1, "invalid range: lowerbound is greater than upperbound" + PLAN),
    ],
)
def test_templates_refused(target: Target, rows: str, text: str, value: Any, complaint: str) -> None:
    """Their types are checked when they are filled in, and the filter is not quoted any more."""
    target.needs("3.0", "2.3.5 has no templates")
    whole = Refusal(
        1100, 5, f"failed to create query plan: {complaint}{PARAMETER}".replace("{x}", "{{x}}"), input_error=True
    )
    response = asked(target, rows, text, x=value)
    whole = Refusal(1100, 5, f"failed to create query plan: {complaint}{PARAMETER}", input_error=True)
    check_refused(response, whole, target.version)


def test_templates_in_searches_and_deletes(target: Target, collections: Collections) -> None:
    """Searches and deletes take them as queries do."""
    target.needs("3.0", "2.3.5 has no templates")
    name = loaded(target, collections.make(), [column("id", T.Int64, range(6)), vector_column(random_vectors(6))])
    values = MappingProxyType({"low": template(3)})
    refused = Refusal(1100, 5, "*{y} is not found*", input_error=True)
    check_refused(
        target.ask("Delete", collection_name=name, expr="id > {y}", expr_template_values=values), refused, (3, 0)
    )
    target.done("Delete", collection_name=name, expr="id > {low}", expr_template_values=values)
    assert found(target, name, "id >= {x}", x=0) == [0, 1, 2, 3]
