"""Arithmetic on a column, compared with a constant: ``a % 3 == 1``, ``array_length(a) > 2``. Source:
handleBinaryArithExpr of utils.go and FillBinaryArithOpEvalRangeExpressionValue, Milvus 3.0.
"""

from __future__ import annotations

from fakemilvus import errors
from fakemilvus.datatypes import DataType, type_name
from fakemilvus.filters import plan, rules, templates
from fakemilvus.filters.operands import (
    Calculation,
    Known,
    Open,
    is_array,
    is_float,
    is_integer,
    is_number,
    value_type,
    widened,
)
from fakemilvus.filters.syntax import Value
from fakemilvus.filters.templates import Unfilled, Values

LENGTH = "length"  # the arithmetic of array_length, which has no second operand
RIGHT = "right operand value of expression template variable name"


def compared(operator: str, made: Calculation, value: Known | Open) -> plan.Predicate:
    """The comparison; a constant that is no template has been cast already."""
    if made.arithmetic == LENGTH and isinstance(made.left, plan.Column):
        return _length(made.left, operator, value)
    column, operand = _sides(made)
    if isinstance(operand, Known) and isinstance(value, Known):
        right = rules.converted(made.type, operand.value)
        _check_divisor(made.arithmetic, right)
        return _computed(column, made.arithmetic, right, operator, value.value)
    if isinstance(operand, Known):
        operand = Known(rules.converted(made.type, operand.value))
        _check_divisor(made.arithmetic, operand.value)

    def fill(values: Values) -> plan.Predicate:
        right = templates.value_of(operand, values, RIGHT)
        type = _target(made.arithmetic, column, right)
        right = rules.converted(type, right)
        _check_divisor(made.arithmetic, right)
        fit = rules.converted(type, templates.value_of(value, values))
        return _computed(column, made.arithmetic, right, operator, fit)

    return Unfilled(fill, rules.nothing(column))


def _length(column: plan.Column, operator: str, value: Known | Open) -> plan.Predicate:
    def fill(values: Values) -> plan.Predicate:
        wanted = rules.converted(DataType.INT64, templates.value_of(value, values))
        assert isinstance(wanted, int)
        return plan.Length(column, operator, wanted)

    return fill({}) if isinstance(value, Known) else Unfilled(fill, rules.nothing(column))


def _sides(made: Calculation) -> tuple[plan.Column, Known | Open]:
    """The column, and what it is put together with, from whichever side."""
    left, right = made.left, made.right
    if isinstance(left, plan.Column) and isinstance(right, plan.Column):
        raise errors.FilterArithmeticFields
    if isinstance(left, Known | Open) and isinstance(right, plan.Column):
        if made.arithmetic not in "+*":
            raise errors.FilterArithmeticReversed
        left, right = right, left
    if not isinstance(left, plan.Column) or not isinstance(right, Known | Open):
        raise errors.FilterArithmeticNested
    return left, right


def _target(arithmetic: str, column: plan.Column, operand: Value) -> DataType:
    """The type that a column and a template's value are put together in."""
    given = value_type(operand)
    type = column.element if is_array(column) else column.type
    if arithmetic in rules.WHOLE and not (_is_whole(type) and is_integer(given)):
        raise rules.WHOLE[arithmetic]
    if isinstance(operand, list):
        raise errors.FilterTemplateArray
    if is_number(given) and type is DataType.JSON:
        return DataType.DOUBLE if is_float(given) else DataType.INT64
    if is_number(given) and is_number(type):
        return DataType.DOUBLE if is_float(given) or is_float(type) else DataType.INT64
    raise errors.FilterTemplateTypes(left=type_name(type), right=type_name(given))


def _is_whole(type: DataType) -> bool:
    return is_integer(type) or type in (DataType.JSON, DataType.TIMESTAMPTZ)


def _check_divisor(arithmetic: str, operand: Value) -> None:
    if arithmetic in "/%" and operand == 0:
        raise errors.FilterZero


def _computed(column: plan.Column, arithmetic: str, operand: Value, operator: str, value: Value) -> plan.Predicate:
    assert isinstance(operand, int | float)
    assert isinstance(value, int | float)
    return plan.Computed(widened(column), arithmetic, operand, operator, value)
