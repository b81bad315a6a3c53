"""What Milvus refuses, in its words, without any data; and what is not built, by its name."""

from __future__ import annotations

import pytest

from fakemilvus import errors
from fakemilvus.filters import compile_filter
from fakemilvus.filters.fields import Fields
from tests.filters.making import TYPES_OF, fields

PLAN, PARAMETER = ": query plan failed", ": invalid parameter"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("nope > 3", "field nope not exist" + PARAMETER),
        ("ID > 3", "field ID not exist" + PARAMETER),
        ("$meta['a'] == 1", "field $meta not exist" + PARAMETER),
        ("id > 'a'", "comparisons between Int64 and VarChar are not supported" + PLAN),
        ("3 < s", "comparisons between Int64 and VarChar are not supported" + PLAN),
        ("b == 1", "comparisons between Bool and Int64 are not supported" + PLAN),
        ("vec == 1", "comparisons between FloatVector and Int64 are not supported" + PLAN),
        ("vec == vec", "comparisons between FloatVector and FloatVector are not supported" + PLAN),
        ("id == ['a']", "comparisons between Int64 and Array[VarChar] are not supported" + PLAN),
        ("id > 3 > 2", "comparisons between Bool and Int64 are not supported" + PLAN),
        ("i32 == 1.5", "cannot cast value to Int32, value: float_val:1.5" + PLAN),
        ("i32 == 1e6", "cannot cast value to Int32, value: float_val:1e+06" + PLAN),
        ("(id > 3) == true", "not supported to combine multiple fields" + PLAN),
        ("(id > 3) > (i32 > 2)", "only comparison between two fields is supported" + PLAN),
        ("meta['a'] == i32", "two column comparison with JSON type is not supported" + PLAN),
        ("'a' == 1", "comparison operations cannot be applied to two incompatible operands: 'a'==1" + PARAMETER),
        ("id in ['a']", "value 'string_val:\"a\"' in list cannot be casted to Int64" + PARAMETER),
        ("id in [1.0, 2.0]", "value 'float_val:1' in list cannot be casted to Int64" + PARAMETER),
        ("id in [1, 2.0]", "value 'float_val:2' in list cannot be casted to Int64" + PARAMETER),
        ("b in [0]", "value 'int64_val:0' in list cannot be casted to Bool" + PARAMETER),
        ("f in [true]", "value 'bool_val:true' in list cannot be casted to Float" + PARAMETER),
        ("id in 1", "the right-hand side of 'in' must be a list, but got: 1" + PARAMETER),
        ("id in (i32)", "value '(i32)' in list cannot be a non-const expression" + PARAMETER),
        ("id in [i32]", "array element type must be generic value, but got: i32" + PARAMETER),
        ("1 in [1]", "'term' can only be used on non-const expression, but got: 1" + PARAMETER),
        ("i32 + 1 in [1]", "'term' can only be used on single field, but got: i32+1" + PARAMETER),
        ("id in not [1]", "not can only apply on boolean" + PLAN),
        ("not b", "not op can only be applied on boolean expression" + PARAMETER),
        ("id and i32 > 1", "'and' can only be used between boolean expressions" + PLAN),
        ("i32 > 1 or b", "'or' can only be used between boolean expressions" + PLAN),
        ("1 and true", "and can only apply on boolean" + PLAN),
        ("1 or i32 > 1", "'or' can only be used between boolean expressions" + PLAN),
        ("5 < i32 < 3", "invalid range: lowerbound is greater than upperbound" + PLAN),
        ("3 < i32 <= 3", "invalid range: lowerbound is greater than upperbound" + PLAN),
        ("1 < i32 < 2.5", "invalid range operations" + PLAN),
        ("false < b < true", "invalid range operations on boolean expr" + PLAN),
        ("i8 < i32 < 2", "lowerbound cannot be a non-const expression: i8" + PARAMETER),
        ("id like 'a%'", "like operation on non-string or no-json field is unsupported" + PLAN),
        ("'a' like 'a%'", "like operation on complicated expr is unsupported" + PLAN),
        ("s like 3", "like pattern should be a string literal or template variable, got: 3" + PARAMETER),
        ("vec is null", "IsNull/IsNotNull operations are not supported on vector fields" + PARAMETER),
        ("exists id", "exists operations are only supportted on json field, got:Int64" + PARAMETER),
        ("exists meta", "exists operations are only supportted on json key" + PARAMETER),
        ("i32[0] == 1", "Int32 data type not supported accessed with []" + PARAMETER),
        ("meta[''] == 1", "invalid identifier: meta['']" + PARAMETER),
        ("i32 / 0 == 1", "division or modulus by zero" + PLAN),
        ("1 / 0 == i32", "cannot divide by zero" + PLAN),
        ("i32 + i8 == 2", "not supported to do arithmetic operations between multiple fields" + PLAN),
        ("2 - i32 == 1", "module field is not yet supported" + PLAN),
        ("(i32 + 1) * 2 == 4", "complicated arithmetic operations are not supported" + PLAN),
        ("d % 2 == 0", "modulo can only apply on integer types" + PLAN),
        ("1.5 % 2 == i32", "modulo can only apply on integer" + PLAN),
        ("b + 1 == 2", f"'add' cannot perform arithmetic between Bool field and Int64{PLAN}" + PARAMETER),
        ("1.5 * i32 == 2", f"'multiply' cannot perform arithmetic between Int32 field and Double{PLAN}" + PARAMETER),
        ("'a' + 1 == 2", "add cannot apply on string field" + PLAN),
        ("i32 ** 2 == 4", "power can only apply on constants: i32**2" + PARAMETER),
        ("i32 << 1 == 2", "shift is not supported: i32<<1" + PARAMETER),
        ("-i32 > 3", "unexpected op: -" + PARAMETER),
        ("~i32 == 1", "unexpected op: ~" + PARAMETER),
        ("id > 9223372036854775808", "int64 overflow: 9223372036854775808"),
        ("id > 9223372036854775809", 'strconv.ParseInt: parsing "9223372036854775809": value out of range'),
        ("id in [1, 9223372036854775809]", 'strconv.ParseInt: parsing "9223372036854775809": value out of range'),
        ("d > 1e999", 'strconv.ParseFloat: parsing "1e999": value out of range'),
        (r"s == '\q'", "invalid syntax"),
        (r"s == '\xff'", "invalid syntax"),
        ("id > 3)", "invalid expression: id > 3)" + PLAN),
        ("id = 3", "invalid expression: id = 3" + PLAN),
        ("id between 1 and 3", "invalid expression: id between 1 and 3" + PLAN),
        ("id inn [1, 2]", "invalid expression: id inn [1, 2]" + PLAN),
        ("(id > 3", "line 1:7 missing ')' at '<EOF>'" + PLAN),
        ("id >", "line 1:4 no viable alternative at input 'id>'" + PLAN),
        ("id > 3;", "line 1:6 token recognition error at: ';'" + PLAN),
        ("id > 3\n and `x`", "line 2:5 token recognition error at: '`'" + PLAN),
    ],
)
def test_refused_in_milvus_words(text: str, complaint: str) -> None:
    """The complaint follows the filter, and the class is a FilterError of code 2201."""
    with pytest.raises(errors.FilterError) as caught:
        compile_filter(text, fields())
    assert caught.value.message == f"cannot parse expression: {text}: {complaint}"
    assert caught.value.code == 2201


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("id > 3 and", "line 1:10 mismatched input '<EOF>' expecting {'('"),
        ("> 3", "line 1:0 extraneous input '>' expecting {'('"),
        ("()", "line 1:1 mismatched input ')' expecting {'('"),
        ("id in [1", "line 1:8 mismatched input '<EOF>' expecting {',', ']'}"),
    ],
)
def test_syntax_names_what_was_expected(text: str, start: str) -> None:
    """A token in the way is extraneous, any other mismatched."""
    with pytest.raises(errors.FilterSyntax) as caught:
        compile_filter(text, fields())
    assert caught.value.message.startswith(f"cannot parse expression: {text}: {start}")


@pytest.mark.parametrize(
    ("text", "type"),
    [
        ("id", "Int64"),
        ("b", "Bool"),
        ("'a'", "VarChar"),
        ("1", "Int64"),
        ("i32 + 1", "Int64"),
        ("[1]", "Array"),
        ("meta['a']", "JSON"),
    ],
)
def test_no_predicate(text: str, type: str) -> None:
    """What is no condition is named with its type."""
    with pytest.raises(errors.FilterNotBoolean) as caught:
        compile_filter(text, fields())
    assert caught.value.message == f"predicate is not a boolean expression: {text}, data type: {type}{PLAN}"


@pytest.mark.parametrize("text", ["null == 1", "id == NULL", "id in [null]", "null is null", "NULL['x'] == 1"])
def test_null_is_no_value(text: str) -> None:
    """A bare null is refused even where it could be a dynamic key."""
    with pytest.raises(errors.FilterNullLiteral, match="NULL literal is not supported"):
        compile_filter(text, fields(dynamic=True))


@pytest.mark.parametrize("text", ["id == {}", "id in [1, {}]", "id in [{}, 'a']", "id in [1, -{}]"])
def test_integers_of_thousands_of_digits(text: str) -> None:
    """They are out of range like any other."""
    digits = "1" * 5_000
    with pytest.raises(errors.FilterIntegerRange) as caught:
        compile_filter(text.format(digits), fields())
    assert f'strconv.ParseInt: parsing "{digits}": value out of range' in caught.value.message


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("meta[{digits}] == 1", "json key must be enclosed"),
        ("match_least(st, $[x] > 1, threshold = {digits})", "invalid count"),
        ("text_match(s, 'a', minimum_should_match = {digits})", "invalid minimum_should_match value"),
        ("text_match_fuzzy(s, 'a', max_edit_distance = {digits})", "invalid max_edit_distance value"),
        ("f > 0x1p99999", "strconv.ParseFloat"),
    ],
)
def test_numbers_beyond_all_bounds(text: str, complaint: str) -> None:
    """A number that Python does not even read is refused like any that is too large."""
    known = Fields(TYPES_OF, False, "id", matched=frozenset("s"))
    with pytest.raises(errors.FilterError, match=complaint):
        compile_filter(text.replace("{digits}", "9" * 5_000), known)
