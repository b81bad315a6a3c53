"""A column between two constants: ``1 < a <= 5``. Source: VisitRange of parser_visitor.go and
FillBinaryRangeExpressionValue, Milvus 3.0.
"""

from __future__ import annotations

from dataclasses import dataclass

from fakemilvus import errors
from fakemilvus.datatypes import DataType, type_name
from fakemilvus.filters import arithmetic, plan, rules, templates
from fakemilvus.filters.operands import Known, Open, compared_type, is_vector, value_type, widened
from fakemilvus.filters.refused import unsupported_kind, wrong_kind
from fakemilvus.filters.syntax import Value
from fakemilvus.filters.templates import Unfilled, Values


@dataclass(frozen=True, slots=True)
class Bound:
    constant: Known | Open
    inclusive: bool


def between(column: plan.Column, lower: Bound, upper: Bound) -> plan.Predicate:
    """Literals are cast by rules of ranges, templates as in any comparison."""
    lower, upper = _cast(column, lower), _cast(column, upper)
    if isinstance(lower.constant, Known) and isinstance(upper.constant, Known):
        return _made(column, lower.constant.value, lower.inclusive, upper.constant.value, upper.inclusive)

    def fill(values: Values) -> plan.Predicate:
        low, high = (
            _filled(column, bound.constant, values, name) for bound, name in ((lower, "lower"), (upper, "upper"))
        )
        return _made(column, low, lower.inclusive, high, upper.inclusive)

    return Unfilled(fill, rules.nothing(column))


def _cast(column: plan.Column, bound: Bound) -> Bound:
    if isinstance(bound.constant, Open):
        return bound
    return Bound(Known(_literal(column, bound.constant.value)), bound.inclusive)


def _literal(column: plan.Column, value: Value) -> Value:
    type = compared_type(column)
    if type is DataType.JSON:
        return value
    if is_vector(type):
        raise errors.FilterTypesDiffer(left=type_name(type), right=type_name(value_type(value)))
    if type is DataType.BOOL:
        raise errors.FilterRangeBool
    fit = rules.cast(type, value)
    if fit is None:
        raise errors.FilterRangeType
    return fit


def _filled(column: plan.Column, constant: Known | Open, values: Values, name: str) -> Value:
    if isinstance(constant, Known):
        return constant.value
    what = f"{name} value of expression template variable name"
    return rules.converted(compared_type(column), templates.value_of(constant, values, what))


def _made(column: plan.Column, low: Value, low_inclusive: bool, high: Value, high_inclusive: bool) -> plan.Predicate:
    symbol = ">" if low_inclusive and high_inclusive else ">="
    if not isinstance(low, bool) and arithmetic.compared(symbol, low, high):
        raise errors.FilterRangeEmpty
    kinds = {type(low), type(high)}
    if kinds <= {int, float} or kinds == {str} or column.type is DataType.BOOL:
        return plan.Range(widened(column), low, low_inclusive, high, high_inclusive)
    if isinstance(low, bool | list):
        return unsupported_kind(type(low))
    return wrong_kind(type(low))
