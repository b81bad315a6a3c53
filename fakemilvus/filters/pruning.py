"""What a filter says about one field at a glance: the only values that can pass, and whether it names exactly one.

Milvus looks at a partition key so, before it looks at any row. Source: exprutil's expr_checker.go, Milvus 3.0.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from functools import reduce
from typing import Any

from fakemilvus import errors
from fakemilvus.filters import plan


def candidates(made: plan.Predicate | None, field: str) -> frozenset[Any] | None:
    """The values of a field beside which no row can pass, as far as ``==`` and ``in`` tell; None when any may."""
    match made:
        case plan.Compare(plan.Column(name), "==", value) if name == field:
            return frozenset([value])
        case plan.Within(plan.Column(name), values) if name == field:
            return frozenset(values.tolist())
        case plan.All(operands):
            known = [found for found in (candidates(one, field) for one in operands) if found is not None]
            return reduce(frozenset.intersection, known) if known else None
        case plan.AnyOf(operands):
            each = [candidates(one, field) for one in operands]
            return None if None in each else frozenset().union(*(found for found in each if found is not None))
        case _:
            return None


def names(made: object) -> frozenset[str]:
    """The fields that a filter looks at."""
    if isinstance(made, plan.Column):
        return frozenset([made.name])
    if isinstance(made, list | tuple):
        return frozenset().union(*(names(one) for one in made))
    if isinstance(made, plan.Predicate):
        return frozenset().union(*(names(getattr(made, part.name)) for part in dataclasses.fields(made)))
    return frozenset()


def check_isolated(made: plan.Predicate | None, field: str) -> None:
    """Raises unless the filter asks for one value of a field by ``==``, alone or in an ``and``."""
    if made is None or not _names(made, field):
        raise errors.IsolationKeyMissing


def _names(made: plan.Predicate, field: str) -> bool:
    """Whether the filter names the field in the one way that is allowed; raises where it does in another."""
    match made:
        case plan.Compare(plan.Column(name), operator) if name == field:
            if operator != "==":
                raise errors.IsolationOperator(operator=_OPERATORS[operator])
            return True
        case plan.Within(plan.Column(name)) if name == field:
            raise errors.IsolationOperator(operator="IN")
        case plan.Range(plan.Column(name)) if name == field:
            raise errors.IsolationOperator(operator="BinaryRange")
        case plan.Like(plan.Column(name)) if name == field:
            raise errors.IsolationOperator(operator="Match")
        case plan.All(operands):
            return any(_each(operands, field))
        case plan.AnyOf(operands):
            return _refused_if(any(_each(operands, field)), "OR")
        case plan.Not(operand):
            return _refused_if(_names(operand, field), "NOT")
        case _:
            return False


def _each(operands: Iterable[plan.Predicate], field: str) -> list[bool]:
    """What is said of every operand: all are looked at, because any may be refused."""
    return [_names(one, field) for one in operands]


def _refused_if(named: bool, operator: str) -> bool:
    if named:
        raise errors.IsolationOperator(operator=operator)
    return False


_OPERATORS = {
    "!=": "NotEqual",
    "<": "LessThan",
    "<=": "LessEqual",
    ">": "GreaterThan",
    ">=": "GreaterEqual",
}
