"""Syntax to plan: gives names their types, folds constants and refuses what Milvus refuses, in its words.

Needs the fields but no data, so an empty collection refuses the same filters. Follows Milvus' order of checks, since
of several mistakes in one filter the first is reported.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fakemilvus import errors
from fakemilvus.datatypes import DataType, type_name
from fakemilvus.filters import (
    arithmetic,
    elements,
    endings,
    functions,
    invocations,
    literals,
    matching,
    patterns,
    plan,
    ranges,
    rules,
    syntax,
    timestamps,
)
from fakemilvus.filters.fields import DYNAMIC_FIELD, Fields
from fakemilvus.filters.operands import Known, Open, Operand, compared_type, is_vector, type_of
from fakemilvus.filters.syntax import Node, Value
from fakemilvus.filters.tokens import Token


class Checker:
    """One check of one parsed filter."""

    def __init__(self, fields: Fields, text: str, tokens: list[Token], timezone: str) -> None:
        self.fields = fields
        self.timezone = timezone
        self.struct = ""  # the struct whose elements are looked at, inside a function that does so
        self.text = text
        self._tokens = tokens

    def predicate(self, node: Node) -> plan.Predicate:
        """The plan of a whole filter."""
        operand = self.check(node)
        if isinstance(operand, Known) and isinstance(operand.value, bool):
            return plan.Constant(operand.value)
        if not isinstance(operand, plan.Predicate):
            raise errors.FilterNotBoolean(expression=self.text, type=type_name(type_of(operand)))
        return operand

    def check(self, node: Node) -> Operand:
        """A piece of the filter with its type; raises FilterError."""
        return _CHECKS[type(node)](self, node)

    # -- operands ----------------------------------------------------------------------------------------------

    def _name(self, node: syntax.Name) -> plan.Column:
        return self.column(node.name)

    def column(self, name: str) -> plan.Column:
        """The field of this name, or the key of the dynamic field. A bare ``null`` is a field only where declared."""
        if self.struct:
            raise errors.Unimplemented(f"a field of rows ({name}) in a filter on the elements of {self.struct}")
        declared = self.fields.types.get(name)
        if declared is DataType.TEXT:
            raise errors.FilterText(field=name)
        if declared is None and name.lower() == "null":
            raise errors.FilterNullLiteral
        if declared is not None:
            return plan.Column(name, declared, (), self.fields.elements.get(name, DataType.NONE))
        if not self.fields.dynamic:
            raise errors.FilterFieldNotExist(field=name)
        return plan.Column(DYNAMIC_FIELD, DataType.JSON, (name,))

    def _path(self, node: syntax.Path) -> plan.Column:
        column = self.column(node.name)
        if column.type not in (DataType.JSON, DataType.ARRAY):
            raise errors.FilterNotSubscriptable(type=type_name(column.type))
        keys = tuple(_key(part, node, column.type) for part in node.keys.split("]["))
        return plan.Column(column.name, column.type, column.path + keys, column.element)

    def _literal(self, node: syntax.Literal) -> Known:
        if isinstance(node.value, list) and node.value and isinstance(node.value[0], int):
            rules.check_integers(node.value)
        return Known(node.value)

    def _integer(self, node: syntax.IntegerText) -> Known:
        return Known(literals.integer(node.text))

    def _string(self, node: syntax.StringText) -> Known:
        return Known(literals.string(node.text))

    def _items(self, node: syntax.Items) -> Known:
        values: list[Value] = []
        for item in node.items:
            operand = self.check(item)
            if not isinstance(operand, Known):
                raise errors.FilterListItem(item=self.quoted(item))
            values.append(operand.value)
        return Known(values)

    # -- operators ---------------------------------------------------------------------------------------------

    def _unary(self, node: syntax.Unary) -> Operand:
        try:
            operand = self.check(node.operand)
        except errors.FilterIntegerOverflow:
            if node.operator != "-":
                raise
            return Known(literals.INT64_MIN)
        rules.check_no_whole_array(operand)
        if node.operator == "+":
            return operand
        if isinstance(operand, Known):
            return Known(rules.applied(node.operator, operand.value))
        if node.operator != "not":
            raise errors.FilterUnexpectedOperator(operator=node.operator)
        if not isinstance(operand, plan.Predicate):
            raise errors.FilterNotOperand
        return endings.negated(operand)

    def _binary(self, node: syntax.Binary) -> Operand:
        if node.operator in ("<<", ">>"):
            raise errors.FilterShift(operands=self.quoted(node))
        left, right = self.check(node.left), self.check(node.right)
        if node.operator == "**":
            if isinstance(left, Known) and isinstance(right, Known):
                return Known(arithmetic.power(left.value, right.value))
            raise errors.FilterPower(operands=self.quoted(node))
        if isinstance(left, Known | Open) and isinstance(right, Known | Open):
            return self._constants(node, left, right)
        if node.operator not in ("==", "!="):
            rules.check_no_whole_array(left, right)
        if node.operator in arithmetic.COMPARE:
            return rules.comparison(node.operator, left, right)
        return rules.calculation(node.operator, left, right)

    def _constants(self, node: syntax.Binary, left: Known | Open, right: Known | Open) -> Known:
        if isinstance(left, Open) or isinstance(right, Open):
            operator = node.operator
            if operator in arithmetic.BITS:
                operator = self.quoted(node.left) + operator + self.quoted(node.right)
            raise errors.FilterTemplateConstants(operator=operator)
        if node.operator not in arithmetic.COMPARE:
            return Known(arithmetic.folded(node.operator, left.value, right.value))
        result = arithmetic.compared(node.operator, left.value, right.value)
        if result is None:
            raise errors.FilterConstantsDiffer(operands=self.quoted(node))
        return Known(result)

    def _logical(self, node: syntax.Logical) -> Operand:
        """Folds from the left, as Milvus' tree does; a chain becomes one flat node."""
        total = self.check(node.operands[0])
        chain: list[plan.Predicate] = []
        for operand in node.operands[1:]:
            total = rules.joined(node.operator, total, self.check(operand), chain)
        return total

    def _in(self, node: syntax.In) -> plan.Predicate:
        column = self.check(node.operand)
        if isinstance(column, Known):
            raise errors.FilterTermConstant(operand=self.quoted(node.operand))
        if not isinstance(column, plan.Column):
            raise errors.FilterTermField(operand=self.quoted(node.operand))
        items = self.check(node.items)
        if isinstance(items, Open):
            within: plan.Predicate = rules.open_membership(column, items)
        elif not isinstance(items, Known):
            raise errors.FilterTermNotConstant(items=self.quoted(node.items))
        elif not isinstance(items.value, list):
            raise errors.FilterTermNoList(items=self.quoted(node.items))
        else:
            within = rules.membership(column, items.value)
        return plan.Not(within) if node.negated else within

    def _between(self, node: syntax.Between) -> plan.Predicate:
        column = self.check(node.column)
        assert isinstance(column, plan.Column)
        rules.check_no_whole_array(column)
        lower, upper = self.check(node.lower), self.check(node.upper)
        if not isinstance(lower, Known | Open):
            raise errors.FilterRangeBound(bound="lowerbound", operand=self.quoted(node.lower))
        if not isinstance(upper, Known | Open):
            raise errors.FilterRangeBound(bound="upperbound", operand=self.quoted(node.upper))
        return ranges.between(
            column, ranges.Bound(lower, node.lower_inclusive), ranges.Bound(upper, node.upper_inclusive)
        )

    def _like(self, node: syntax.Like) -> plan.Predicate:
        column = self.check(node.operand)
        if not isinstance(column, plan.Column):
            raise errors.FilterLikeOperand
        rules.check_no_whole_array(column)
        if compared_type(column) not in (DataType.VARCHAR, DataType.JSON):
            raise errors.FilterLikeType
        pattern = self.check(node.pattern)
        if isinstance(pattern, Open):
            return rules.open_like(column, pattern)
        if not isinstance(pattern, Known) or not isinstance(pattern.value, str):
            raise errors.FilterLikePattern(pattern=self.quoted(node.pattern))
        return plan.Like(column, patterns.checked(pattern.value))

    def _template(self, node: syntax.Template) -> Open:
        return Open(node.name)

    def _is_null(self, node: syntax.IsNull) -> plan.Predicate:
        operand = node.operand
        if isinstance(operand, syntax.Name):
            column: Operand = elements.find_parent(self, operand.name) or self.column(operand.name)
        else:
            column = self.check(operand)
        assert isinstance(column, plan.Column)
        if is_vector(column.type):
            raise errors.FilterNullVector
        if column.path and column.type is DataType.ARRAY:
            raise errors.FilterNullElement(operand=self.quoted(node))
        if column.path:
            return plan.Exists(column) if node.negated else plan.Not(plan.Exists(column))
        return plan.Not(plan.Null(column)) if node.negated else plan.Null(column)

    def _exists(self, node: syntax.Exists) -> plan.Predicate:
        column = self.check(node.operand)
        if not isinstance(column, plan.Column):
            raise errors.FilterExistsOperand(operand=self.quoted(node.operand))
        if column.type is not DataType.JSON:
            raise errors.FilterExistsType(type=type_name(column.type))
        if not column.path:
            raise errors.FilterExistsKey
        return plan.Exists(column)

    def _call(self, node: syntax.Call) -> Operand:
        return functions.FUNCTIONS[node.name].check(self, node)

    def field_of(self, call: syntax.Call) -> str:
        """The name that a function's first argument is."""
        name = call.arguments[0]
        if not isinstance(name, syntax.Name):
            raise errors.FilterInvalid(expression=self.text)
        return name.name

    def quoted(self, node: Node) -> str:
        """The node as Milvus quotes it: its tokens without the space between."""
        return "".join(word for _, word, _ in self._tokens[slice(*node.span)])


def _key(part: str, node: syntax.Path, type: DataType) -> str:
    """One key of a path, from its text without the brackets between keys."""
    part = part.strip("[]")
    raw = part[:2] in ("r'", 'r"', "R'", 'R"')
    part = part[1:] if raw else part
    if part[:1] in ("'", '"') and part[-1:] == part[:1]:
        inner = part[1:-1]
        if not inner:
            raise errors.FilterBadPath(path=node.name + node.keys)
        if type is DataType.ARRAY:
            raise errors.FilterArrayKey
        return inner if raw else literals.key(inner)
    if not part.isdigit() or literals.natural(part) is None:
        raise errors.FilterUnquotedKey(key=part)
    return part


_CHECKS: dict[type[Node], Callable[[Checker, Any], Operand]] = {
    syntax.Name: Checker._name,
    syntax.Path: Checker._path,
    syntax.SubField: elements.check_sub_field,
    syntax.Element: elements.check_element,
    syntax.Literal: Checker._literal,
    syntax.IntegerText: Checker._integer,
    syntax.StringText: Checker._string,
    syntax.Items: Checker._items,
    syntax.Template: Checker._template,
    syntax.Unary: Checker._unary,
    syntax.Binary: Checker._binary,
    syntax.Logical: Checker._logical,
    syntax.In: Checker._in,
    syntax.Between: Checker._between,
    syntax.Like: Checker._like,
    syntax.Regex: matching.check,
    syntax.IsNull: Checker._is_null,
    syntax.Moment: timestamps.check,
    syntax.Exists: Checker._exists,
    syntax.Call: Checker._call,
    syntax.Invocation: invocations.check,
}
