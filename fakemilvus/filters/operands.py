"""What a checked piece of a filter can be, and its type: a constant, a column, a calculation or a predicate."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TypeAlias, TypeGuard

from fakemilvus.datatypes import TYPES, DataType, type_name
from fakemilvus.filters import plan
from fakemilvus.filters.syntax import Value


@dataclass(frozen=True, slots=True)
class Known:
    """A constant."""

    value: Value


@dataclass(frozen=True, slots=True)
class Open:
    """A constant that comes beside the text."""

    name: str


@dataclass(frozen=True, slots=True)
class Calculation:
    """Arithmetic with at least one field in it; only a comparison makes a predicate of it."""

    arithmetic: str
    left: Operand
    right: Operand
    type: DataType


Operand: TypeAlias = Known | Open | Calculation | plan.Column | plan.Predicate


def type_of(operand: Operand) -> DataType:
    """The type that Milvus gives it; a list is an ARRAY."""
    match operand:
        case Known(value):
            return value_type(value)
        case Calculation(type=type) | plan.Column(type=type):
            return type
        case Open():
            return DataType.NONE
        case _:
            return DataType.BOOL


def compared_type(operand: Operand) -> DataType:
    """The type that a constant beside it is cast to: an array's element stands for itself."""
    return operand.element if is_array(operand) and operand.path else type_of(operand)


def is_array(operand: Operand) -> TypeGuard[plan.Column]:
    """Whether it is a field of arrays, or an element of one."""
    return isinstance(operand, plan.Column) and operand.type is DataType.ARRAY


def is_whole_array(operand: Operand) -> bool:
    return is_array(operand) and not operand.path


def widened(column: plan.Column) -> plan.Column:
    """The column as lists, ranges and arithmetic look at it: the elements of a FLOAT array as DOUBLE."""
    return dataclasses.replace(column, element=DataType.DOUBLE) if column.element is DataType.FLOAT else column


def value_type(value: Value) -> DataType:
    return _VALUE_TYPES[type(value)]


def element_type(operand: Operand) -> DataType:
    """The type of a list's items, NONE where they differ or there are none, and of an array's elements; of anything
    else its own type.
    """
    if is_array(operand):
        return operand.element
    if not isinstance(operand, Known) or not isinstance(operand.value, list):
        return type_of(operand)
    types = {value_type(item) for item in operand.value}
    return types.pop() if len(types) == 1 else DataType.NONE


def type_text(operand: Operand) -> str:
    """The type as comparisons print it: ``Int64``, ``Array[VarChar]``."""
    name = type_name(type_of(operand))
    return f"{name}[{type_name(element_type(operand))}]" if type_of(operand) is DataType.ARRAY else name


def is_integer(type: DataType) -> bool:
    return type in TYPES and TYPES[type].is_integer


def is_float(type: DataType) -> bool:
    return type in TYPES and TYPES[type].is_float and not TYPES[type].is_vector


def is_number(type: DataType) -> bool:
    return is_integer(type) or is_float(type)


def is_vector(type: DataType) -> bool:
    return type.name.endswith("_VECTOR")


_VALUE_TYPES = {
    bool: DataType.BOOL,
    int: DataType.INT64,
    float: DataType.DOUBLE,
    str: DataType.VARCHAR,
    list: DataType.ARRAY,
}
