"""The plan of a filter: typed, checked, with constants in place; what the evaluator runs.

A plan is made by the checker only, so the evaluator trusts every type in it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from fakemilvus.datatypes import DataType
from fakemilvus.filters.syntax import Value


@dataclass(frozen=True, slots=True)
class Column:
    """A field; for JSON ``path`` holds the keys below the root, list indexes as their digits.

    For ARRAY the path is empty or begins with the index of one element, as digits, and ``element`` is the type that
    an element is looked at in: FLOAT becomes DOUBLE in lists, ranges and arithmetic.
    """

    name: str
    type: DataType
    path: tuple[str, ...] = ()
    element: DataType = DataType.NONE


@dataclass(frozen=True, slots=True)
class Predicate:
    """A node that is true, false or unknown for each row."""


@dataclass(frozen=True, slots=True)
class Constant(Predicate):
    value: bool


@dataclass(frozen=True, slots=True)
class Compare(Predicate):
    """A column with a constant of a type that fits it; the operator is one of == != < <= > >=."""

    column: Column
    operator: str
    value: Value


@dataclass(frozen=True, slots=True)
class CompareColumns(Predicate):
    left: Column
    operator: str
    right: Column


@dataclass(frozen=True, slots=True)
class Range(Predicate):
    column: Column
    lower: Value
    lower_inclusive: bool
    upper: Value
    upper_inclusive: bool


@dataclass(frozen=True, slots=True, eq=False)
class Within(Predicate):
    """The column's value is one of these: integers as int64, floats in the column's width, in the order written."""

    column: Column
    values: NDArray[Any]


@dataclass(frozen=True, slots=True)
class Like(Predicate):
    column: Column
    pattern: str


@dataclass(frozen=True, slots=True)
class Computed(Predicate):
    """``column arithmetic operand operator value``, for example ``a % 3 == 1``."""

    column: Column
    arithmetic: str
    operand: int | float
    operator: str
    value: int | float


@dataclass(frozen=True, slots=True)
class Length(Predicate):
    """``array_length(column) operator value``."""

    column: Column
    operator: str
    value: int


@dataclass(frozen=True, slots=True)
class Null(Predicate):
    column: Column


@dataclass(frozen=True, slots=True)
class Exists(Predicate):
    """The JSON key is there and holds more than nulls and empty lists and objects."""

    column: Column


@dataclass(frozen=True, slots=True)
class Not(Predicate):
    operand: Predicate


@dataclass(frozen=True, slots=True)
class All(Predicate):
    operands: list[Predicate] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class AnyOf(Predicate):
    operands: list[Predicate] = field(default_factory=list)
