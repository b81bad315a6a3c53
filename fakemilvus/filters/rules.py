"""Milvus' rules for putting operands together: what may be compared, cast, calculated and joined, and into what.

Each function makes one plan node, or raises the complaint that Milvus has at this place.
"""

from __future__ import annotations

import numpy as np

from fakemilvus import errors
from fakemilvus.datatypes import TYPES, DataType, type_name
from fakemilvus.filters import endings, patterns, plan, templates
from fakemilvus.filters.arithmetic import NAMES
from fakemilvus.filters.literals import INT64_MAX, INT64_MIN, printed, wrapped
from fakemilvus.filters.operands import (
    Calculation,
    Known,
    Open,
    Operand,
    compared_type,
    element_type,
    is_array,
    is_float,
    is_integer,
    is_number,
    is_whole_array,
    type_of,
    type_text,
    value_type,
    widened,
)
from fakemilvus.filters.refused import DATA_TYPE_INVALID, Refused, unknown_kind, unset_kind, wrong_kind
from fakemilvus.filters.syntax import Value
from fakemilvus.filters.templates import Unfilled, Values


def comparison(operator: str, left: Operand, right: Operand) -> plan.Predicate:
    """A comparison of which at most one side is constant."""
    is_open = templates.is_open(left) or templates.is_open(right)
    if not is_open and not comparable(element_type(left), element_type(right)):
        raise errors.FilterTypesDiffer(left=type_text(left), right=type_text(right))
    if isinstance(left, Known | Open):
        return _with_constant(_TURNED[operator], right, left)
    if isinstance(right, Known | Open):
        return _with_constant(operator, left, right)
    if templates.is_open(left):
        return nothing(right)
    if not isinstance(left, plan.Column) or not isinstance(right, plan.Column):
        raise errors.FilterNotTwoFields
    if DataType.JSON in (left.type, right.type):
        raise errors.FilterCompareJson
    if DataType.ARRAY in (left.type, right.type):
        return Refused("unsupported data type: ARRAY", DATA_TYPE_INVALID)
    return plan.CompareColumns(left, operator, right)


def calculation(arithmetic: str, left: Operand, right: Operand) -> Calculation:
    """``+ - * / % & | ^`` with at least one side that is not constant."""
    if templates.is_open(left):
        return Calculation(arithmetic, left, right, type_of(right))
    if templates.is_open(right):
        return Calculation(arithmetic, left, right, type_of(left))
    first, second = (element_type(side) if is_array(side) else type_of(side) for side in (left, right))
    if isinstance(left, Known):
        first, second = second, first
    if not _calculable(first, second):
        raise errors.FilterArithmeticTypes(operation=NAMES[arithmetic], left=type_name(first), right=type_name(second))
    _check_whole_numbers(arithmetic, first, second)
    number = second if first is DataType.JSON else first
    result = DataType.DOUBLE if is_float(number) else DataType.INT64
    return Calculation(arithmetic, left, right, result)


def joined(operator: str, left: Operand, right: Operand, chain: list[plan.Predicate]) -> Operand:
    """``and`` or ``or`` of two operands; constants fold away, predicates go to the end of the chain."""
    if isinstance(left, Known) and isinstance(right, Known):
        if not (isinstance(left.value, bool) and isinstance(right.value, bool)):
            raise errors.FilterLogicalConstant(operator=operator)
        return Known(left.value and right.value if operator == "and" else left.value or right.value)
    if isinstance(left, Known) or isinstance(right, Known):
        return _short_circuited(operator, left, right)
    ended = endings.joined(operator, left, right)
    if ended is not None:
        return ended
    if not isinstance(left, plan.Predicate) or not isinstance(right, plan.Predicate):
        raise errors.FilterLogicalOperand(operator=operator)
    made = plan.All if operator == "and" else plan.AnyOf
    if isinstance(left, made) and left.operands is chain:
        chain.append(right)
        return left
    chain[:] = [left, right]
    return made(chain)


def membership(column: plan.Column, values: list[Value]) -> plan.Predicate:
    """``column in values``."""
    if column.type is DataType.JSON:
        return _json_membership(column, values)
    if is_whole_array(column):
        _check_items(column.type, values, {list})
        return unknown_kind(list) if values else plan.Within(column, np.empty(0, np.int64))
    column = widened(column)
    type = compared_type(column)
    _check_items(type, values, {EXACT.get(type), int if is_float(type) else None})
    with np.errstate(over="ignore"):
        return plan.Within(column, np.array(values, np.int64 if is_integer(type) else TYPES[type].dtype))


def open_membership(column: plan.Column, items: Open) -> plan.Predicate:
    """``column in {items}``; numbers of both kinds are left as they are, even at a JSON key."""

    def fill(values: Values) -> plan.Predicate:
        fits = [converted(compared_type(column), item) for item in templates.list_of(items, values)]
        return (
            _json_membership(column, fits, mixing=False) if column.type is DataType.JSON else membership(column, fits)
        )

    return Unfilled(fill, membership(column, []))


def open_like(column: plan.Column, pattern: Open) -> plan.Predicate:
    def fill(values: Values) -> plan.Predicate:
        return plan.Like(column, patterns.checked(templates.text_of(pattern, values, "like expression")))

    return Unfilled(fill, nothing(column))


def nothing(column: Operand) -> plan.Predicate:
    """A node on a column without a constant, over which Milvus' core stumbles when it runs."""
    kind = EXACT.get(compared_type(column))
    return unset_kind() if kind is None else wrong_kind(kind)


def converted(type: DataType, value: Value) -> Value:
    """The constant in a column's type; raises FilterCast where Milvus does not convert."""
    fit = cast(type, value)
    if fit is None:
        raise errors.FilterCast(type=type_name(type), value=printed(value))
    return fit


def cast(type: DataType, value: Value) -> Value | None:
    """The constant in a column's type, or None where Milvus does not convert: integers become floats, no more."""
    if type is DataType.JSON or value.__class__ is EXACT.get(type):
        return value
    if is_float(type) and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return None


def applied(operator: str, value: Value) -> Value:
    """A unary operator on a constant."""
    if operator == "not":
        if not isinstance(value, bool):
            raise errors.FilterLogicalConstant(operator="not")
        return not value
    if operator != "-":
        raise errors.FilterUnexpectedOperator(operator=operator)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise errors.FilterNoResult
    return wrapped(-value) if isinstance(value, int) else -value


def check_no_whole_array(*operands: Operand) -> None:
    """Refuses arrays where only their elements would do."""
    if any(map(is_whole_array, operands)):
        raise errors.FilterArrayDirectly


def check_integers(values: list[Value]) -> None:
    """Refuses a list of integers that leaves 64 bits, naming the first that does."""
    if max(values) <= INT64_MAX and min(values) >= INT64_MIN:  # type: ignore[operator]
        return
    for value in values:
        assert isinstance(value, int)
        if value == INT64_MAX + 1:
            raise errors.FilterIntegerOverflow(literal=value)
        if not INT64_MIN <= value <= INT64_MAX:
            raise errors.FilterIntegerRange(literal=abs(value))


def _with_constant(operator: str, left: Operand, constant: Known | Open) -> plan.Predicate:
    type = compared_type(left)
    if isinstance(constant, Known) and not templates.is_open(left):
        constant = Known(converted(type, constant.value))
    if isinstance(left, Calculation):
        from fakemilvus.filters import calculations  # late: it stands above these rules

        return calculations.compared(operator, left, constant)
    if not isinstance(left, plan.Column):
        raise errors.FilterManyFields
    if isinstance(constant, Known):
        return plan.Compare(left, operator, constant.value)

    def fill(values: Values) -> plan.Predicate:
        return plan.Compare(left, operator, converted(type, templates.value_of(constant, values)))

    return Unfilled(fill, nothing(left))


def _short_circuited(operator: str, left: Operand, right: Operand) -> Operand:
    """A constant beside something else: it decides, or it goes."""
    constant, other = (left, right) if isinstance(left, Known) else (right, left)
    assert isinstance(constant, Known)
    if not isinstance(constant.value, bool):
        raise errors.FilterLogicalOperand(operator=operator)
    if constant.value is (operator == "or"):
        return plan.Constant(constant.value)
    if not isinstance(other, plan.Predicate):
        raise errors.FilterLogicalOperand(operator=operator)
    return other


def _check_whole_numbers(arithmetic: str, *types: DataType) -> None:
    if arithmetic in WHOLE and not all(is_integer(t) or t is DataType.JSON for t in types):
        raise WHOLE[arithmetic]


def _check_items(expected: DataType, values: list[Value], taken: set[type | None]) -> None:
    if not set(map(type, values)) <= taken:
        wrong = next(value for value in values if cast(expected, value) is None)
        raise errors.FilterTermCast(value=printed(wrong), type=type_name(expected))


def _json_membership(column: plan.Column, values: list[Value], *, mixing: bool = True) -> plan.Predicate:
    """All items become one numpy array, since the first one's kind says what a key's value is read as."""
    kinds = set(map(type, values))
    if mixing and {int, float} <= kinds:
        values = [float(value) if value.__class__ is int else value for value in values]
        kinds.remove(int)
    if len(kinds) > 1:
        values = _in_order(values)
        kinds = set(map(type, values))
    if kinds and type(values[0]) is list:
        return unknown_kind(list)
    if len(kinds) > 1:
        return wrong_kind(type(values[0]))
    return plan.Within(column, np.array(values, TYPES[value_type(values[0]) if values else DataType.BOOL].dtype))


def _in_order(values: list[Value]) -> list[Value]:
    """A list of several kinds as Milvus' optimizer leaves it: in the order of the first kind that is no list, where any
    other kind counts as that kind's zero, and without those that look the same.
    """
    kind = next(type(value) for value in values if type(value) is not list)
    distinct: dict[Value, Value] = {}
    for value in sorted(values, key=lambda value: value if type(value) is kind else kind()):
        distinct.setdefault(value if type(value) is kind else kind(), value)
    return [*distinct.values()]


def comparable(left: DataType, right: DataType) -> bool:
    if left is DataType.JSON:
        return True
    if is_number(left):
        return is_number(right) or right is DataType.JSON
    return left in (DataType.BOOL, DataType.VARCHAR) and right in (left, DataType.JSON)


def _calculable(left: DataType, right: DataType) -> bool:
    if is_integer(left):
        return is_integer(right) or right is DataType.JSON
    if is_float(left):
        return is_number(right) or right is DataType.JSON
    return left is DataType.JSON and is_number(right)


WHOLE: dict[str, type[errors.FilterError]] = {
    "%": errors.FilterModulo,
    **dict.fromkeys("&|^", errors.FilterBits),
}
"""Arithmetic for integers only, and its complaint about others."""

_TURNED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
EXACT: dict[DataType, type] = {
    DataType.BOOL: bool,
    **dict.fromkeys((DataType.INT8, DataType.INT16, DataType.INT32, DataType.INT64), int),
    **dict.fromkeys((DataType.FLOAT, DataType.DOUBLE), float),
    DataType.VARCHAR: str,
    DataType.ARRAY: list,
    DataType.TIMESTAMPTZ: int,  # microseconds since 1970; only in lists and ranges
}
"""The type of constant that a column takes as it is."""
