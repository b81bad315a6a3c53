"""Templates: constants that come beside a filter's text, named in it in braces, ``{name}``.

The text is checked without them, so that it is compiled once for all values. What a constant may be is checked when
it comes, by rules of its own, which are laxer here and stricter there than those for literals. Source:
fill_expression_value.go, Milvus 3.0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from fakemilvus import errors
from fakemilvus.filters import plan
from fakemilvus.filters.operands import Calculation, Known, Open, Operand
from fakemilvus.filters.syntax import Value

Values: TypeAlias = Mapping[str, Value]
Fill: TypeAlias = Callable[[Values], plan.Predicate]


@dataclass(frozen=True, slots=True, eq=False)
class Unfilled(plan.Predicate):
    """A node without its constants. ``fill`` makes it of them, or raises FilterError; ``bare`` is what it comes to
    where Milvus forgets to fill it.
    """

    fill: Fill
    bare: plan.Predicate


def filled(made: plan.Predicate, values: Values) -> plan.Predicate:
    """The plan with its constants in place."""
    return _replaced(made, lambda node: node.fill(values))


def never_filled(made: plan.Predicate) -> plan.Predicate:
    """The plan as Milvus leaves it inside of what it does not look into for templates."""
    return _replaced(made, lambda node: node.bare) if is_open(made) else made


def is_open(operand: Operand) -> bool:
    """Whether constants are missing in it."""
    match operand:
        case Open() | Unfilled():
            return True
        case Calculation(left=left, right=right):
            return is_open(left) or is_open(right)
        case plan.Not(inner):
            return is_open(inner)
        case plan.All(inner) | plan.AnyOf(inner):
            return any(map(is_open, inner))
        case _:
            return False


def value_of(operand: Known | Open, values: Values, what: str = "value of expression template variable name") -> Value:
    """The constant; ``what`` says in a complaint what it is missing for."""
    if isinstance(operand, Known):
        return operand.value
    if operand.name not in values:
        raise errors.FilterTemplateMissing(what=what, name=operand.name)
    return values[operand.name]


def text_of(operand: Known | Open, values: Values, what: str) -> str:
    """The constant, which must be a text."""
    value = value_of(operand, values)
    if not isinstance(value, str):
        assert isinstance(operand, Open)
        raise errors.FilterTemplateNoText(what=what, name=operand.name)
    return value


def list_of(operand: Open, values: Values) -> list[Value]:
    """The constant of an ``in``, which must be a list."""
    value = value_of(operand, values)
    if not isinstance(value, list):
        raise errors.FilterTemplateNoList(name=operand.name)
    return value


def _replaced(made: plan.Predicate, replacement: Callable[[Unfilled], plan.Predicate]) -> plan.Predicate:
    match made:
        case Unfilled():
            return replacement(made)
        case plan.Not(inner):
            return plan.Not(_replaced(inner, replacement))
        case plan.All(operands):
            return plan.All([_replaced(one, replacement) for one in operands])
        case plan.AnyOf(operands):
            return plan.AnyOf([_replaced(one, replacement) for one in operands])
        case _:
            return made
