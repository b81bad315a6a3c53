"""Functions that are no words of the grammar: ``empty`` and ``starts_with``, which Milvus' core has; any other is
planned as well, and refused as soon as there is a row. Source: VisitCall of parser_visitor.go and FunctionFactory.cpp.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from fakemilvus.datatypes import TEXT_DTYPE, Column, DataType
from fakemilvus.filters import plan, scalars, syntax
from fakemilvus.filters.elements import EXPR_INVALID
from fakemilvus.filters.operands import Calculation, Known, Operand, is_vector, type_of
from fakemilvus.filters.refused import Refused
from fakemilvus.filters.truth import Truth, known_where

if TYPE_CHECKING:
    from fakemilvus.filters.checker import Checker
    from fakemilvus.filters.evaluator import Evaluation

Text = plan.Column | str


@dataclass(frozen=True, slots=True)
class Begins(plan.Predicate):
    """One text begins with another; either may be a column."""

    text: Text
    start: Text


def check(checker: Checker, node: syntax.Invocation) -> plan.Predicate:
    """The functions of Milvus' core by what they take; a field of arrays or a JSON key is no text there."""
    arguments = [checker.check(argument) for argument in node.arguments]
    if any(isinstance(argument, Calculation) for argument in arguments):
        return Refused("unsupported expr proto node: binary_arith_expr", EXPR_INVALID)
    texts = [_text(argument) for argument in arguments]
    match node.name, texts:
        case "empty", [plan.Column() as column]:
            return plan.Compare(column, "==", "")
        case "empty", [str() as text]:
            return plan.Constant(not text)
        case "starts_with", [plan.Column() | str() as text, plan.Column() | str() as start]:
            return Begins(text, start)
    return Refused(f"function {node.name}({', '.join(map(_shown, arguments))}) not found.", EXPR_INVALID)


def begins(evaluation: Evaluation, node: Begins) -> Truth:
    text, start = _column(evaluation, node.text), _column(evaluation, node.start)
    mask = scalars.starting_with(text.values, start.values)
    if text.valid is None or start.valid is None:
        return known_where(mask, start.valid if text.valid is None else text.valid)
    return known_where(mask, text.valid & start.valid)


def _column(evaluation: Evaluation, text: Text) -> Column:
    if isinstance(text, plan.Column):
        return evaluation.column(text)
    values: Any = np.full(evaluation.batch.rows, np.array(text, TEXT_DTYPE))
    return Column(DataType.VARCHAR, values, None)


def _text(operand: Operand) -> Text | None:
    if isinstance(operand, plan.Column):
        return operand if operand.type is DataType.VARCHAR else None
    return operand.value if isinstance(operand, Known) and isinstance(operand.value, str) else None


def _shown(operand: Operand) -> str:
    """The type as the core names it; a constant float is one of 32 bits there."""
    type = type_of(operand)
    if isinstance(operand, Known) and type is DataType.DOUBLE:
        return "float"
    name = type.name.lower()
    if is_vector(type):
        return f"vector_{name.removesuffix('_vector')}"
    return _SHOWN.get(name, name)


_SHOWN = {"int8": "int8_t", "int16": "int16_t", "int32": "int32_t", "int64": "int64_t", "varchar": "varChar"}
