"""What lists hold: ``json_contains``, ``json_contains_all`` and ``json_contains_any``, the same functions under
the names ``array_contains...``, and how long they are: ``array_length``.

Source: VisitJSONContains and its kin in parser_visitor.go, JsonContainsExpr.cpp and BinaryArithOpEvalRangeExpr.cpp.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fakemilvus import errors
from fakemilvus.datatypes import TYPES, DataType, Mask, type_name
from fakemilvus.filters import documents, elements, lists, plan, refused, rules, scalars, syntax, templates
from fakemilvus.filters.calculations import LENGTH
from fakemilvus.filters.literals import printed
from fakemilvus.filters.operands import Calculation, Known, Open, Operand, is_integer, value_type
from fakemilvus.filters.syntax import Value
from fakemilvus.filters.templates import Unfilled, Values
from fakemilvus.filters.truth import Truth, constant

if TYPE_CHECKING:
    from fakemilvus.filters.checker import Checker
    from fakemilvus.filters.evaluator import Evaluation

CONTAINS, ALL, ANY = "contains", "contains_all", "contains_any"
FEW_ITEMS = 8  # so many are looked for one after the other, more by their order


@dataclass(frozen=True, slots=True)
class Contains(plan.Predicate):
    """The column's list holds any of these items, or for ALL every one; no list, no answer. Without items the answer
    is the same for every row, nulls and all.
    """

    column: plan.Column
    operator: str
    items: tuple[Value, ...]


def check_contains(checker: Checker, call: syntax.Call) -> plan.Predicate:
    """Two arguments: a JSON or ARRAY field or a JSON key, and an item, or for ``_all`` and ``_any`` a list of them."""
    operator = call.name.partition("_")[2]
    where, what = call.arguments
    column = checker.check(where)
    if not isinstance(column, plan.Column) or column.type not in (DataType.JSON, DataType.ARRAY):
        raise errors.FilterContainsField(operation=operator, operand=checker.quoted(where))
    given = checker.check(what)
    if isinstance(given, Open):
        return _open_contains(column, operator, given)
    if not isinstance(given, Known):
        raise errors.FilterContainsItem(operation=operator, operand=checker.quoted(what))
    return _contains(column, operator, given.value)


def check_length(checker: Checker, call: syntax.Call) -> Calculation:
    """One argument: a JSON or ARRAY field, or a JSON key. An array's index is passed over, as in Milvus."""
    (where,) = call.arguments
    if isinstance(where, syntax.Name):
        column: Operand = elements.find_parent(checker, where.name) or checker.column(where.name)
    else:
        column = checker.check(where)
    if not isinstance(column, plan.Column) or column.type not in _COUNTED:
        raise errors.FilterLengthField(operand=checker.quoted(call))
    return Calculation(LENGTH, elements.find_counted(checker, column), Known(0), DataType.INT64)


def contains(evaluation: Evaluation, node: Contains) -> Truth:
    if not node.items:
        return constant(node.operator == ALL, evaluation.batch.rows)
    if node.column.type is DataType.ARRAY:
        return _array_contains(evaluation, node)
    return _document_contains(evaluation, node)


def length(evaluation: Evaluation, node: plan.Length) -> Truth:
    if node.column.type is DataType.ARRAY:
        bounds = evaluation.arrays(node.column).bounds
    else:
        _, bounds = lists.documents(evaluation.found(node.column))
    return bounds.truth(scalars.compare(bounds.lengths, node.operator, node.value))


def _open_contains(column: plan.Column, operator: str, given: Open) -> plan.Predicate:
    """What a template brings is cast to the elements' type, which nobody does with literals."""

    def fill(values: Values) -> plan.Predicate:
        value = templates.value_of(given, values)
        made = _contains(column, operator, value)
        if column.type is not DataType.ARRAY:
            return made
        items = value if operator != CONTAINS and isinstance(value, list) else [value]
        return _on_array(column, operator, [rules.converted(column.element, item) for item in items])

    return Unfilled(fill, Contains(column, operator, ()))


def _contains(column: plan.Column, operator: str, value: Value) -> plan.Predicate:
    items = [value] if operator == CONTAINS else value
    if not isinstance(items, list):
        raise errors.FilterContainsNoList(operation=_OPERATIONS[operator])
    if column.type is DataType.ARRAY:
        _check_items(column.element, operator, items)
        return _on_array(column, operator, items)
    return Contains(column, operator, tuple(items))


def _check_items(element: DataType, operator: str, items: list[Value]) -> None:
    for item in items:
        if operator == CONTAINS and rules.cast(element, item) is None:
            raise errors.FilterCast(type=type_name(element), value=printed(item))
        if not rules.comparable(element, value_type(item)):
            raise errors.FilterContainsType(
                operation=_OPERATIONS[operator], element=type_name(element), type=type_name(value_type(item))
            )


def _on_array(column: plan.Column, operator: str, items: list[Value]) -> plan.Predicate:
    """Milvus plans a float among integers and an element's list, and stumbles over them when it runs."""
    if items and column.path:
        return refused.Refused("[ExecArrayContains]nested path must be null", refused.UNEXPECTED)
    if is_integer(column.element) and any(isinstance(item, float) for item in items):
        return refused.wrong_kind(int)
    return Contains(column, operator, tuple(items))


def _array_contains(evaluation: Evaluation, node: Contains) -> Truth:
    one = len(node.items) == 1
    found = evaluation.indexed(node.column, CONTAINS if one else node.operator, node.items[0] if one else [*node.items])
    if found is not None:
        return found
    arrays = evaluation.arrays(node.column)
    with np.errstate(over="ignore"):
        type = np.dtype(np.int64) if is_integer(node.column.element) else TYPES[node.column.element].dtype
        wanted = np.array(node.items, type)
    if node.operator == ALL and not one:
        return arrays.bounds.truth(_holding_all(arrays, np.unique(wanted)))
    return arrays.bounds.truth(arrays.bounds.holding(scalars.within(arrays.items, wanted)))


def _holding_all(arrays: lists.Arrays, wanted: NDArray[Any]) -> Mask:
    """The rows that hold every one of the wanted values, which are sorted and distinct."""
    items, bounds = arrays.items, arrays.bounds
    if len(wanted) <= FEW_ITEMS:
        return reduce(np.logical_and, (bounds.holding(scalars.compare(items, "==", one)) for one in wanted.tolist()))
    if items.dtype.kind == "T":
        numbers = {text: number for number, text in enumerate(wanted.tolist())}
        places = np.fromiter((numbers.get(text, -1) for text in items.tolist()), np.intp, len(items))
    else:
        places = np.searchsorted(wanted, items)
        places[wanted[np.minimum(places, len(wanted) - 1)] != items] = -1
    return bounds.holding_all(places, len(wanted))


def _document_contains(evaluation: Evaluation, node: Contains) -> Truth:
    found = evaluation.indexed(
        node.column, node.operator, [*node.items] if node.operator != CONTAINS else node.items[0]
    )
    if found is not None:
        return found
    items, bounds = lists.documents(evaluation.found(node.column))
    if node.operator == ALL:
        each = (bounds.holding(_hits(items, [wanted])) for wanted in node.items)
        return bounds.truth(reduce(np.logical_and, each))
    return bounds.truth(bounds.holding(reduce(np.logical_or, _groups(items, node.items))))


def _groups(items: list[object], wanted: Iterable[Value]) -> Iterable[Mask]:
    """The hits among the items for the wanted values of each kind."""
    kinds: dict[type, list[Value]] = {}
    for value in wanted:
        kinds.setdefault(type(value), []).append(value)
    return [_hits(items, values) for values in kinds.values()]


def _hits(items: list[object], wanted: list[Any]) -> Mask:
    """Which items equal one of the wanted values, all of which are of one kind."""
    kind = type(wanted[0])
    if kind is list:
        same = [any(documents.same_items(item, one) for one in wanted) for item in items if type(item) is list]
        hits = np.fromiter((type(item) is list for item in items), np.bool_, len(items))
        hits[hits] = same
        return hits
    values = np.array(wanted, TYPES[value_type(wanted[0])].dtype)
    return documents.judged(items, kind, lambda found: scalars.within(found, values)).mask


_COUNTED = (DataType.JSON, DataType.ARRAY, DataType.ARRAY_OF_VECTOR)
_OPERATIONS = {CONTAINS: "Contains", ALL: "ContainsAll", ANY: "ContainsAny"}
"""The operators as Milvus' complaints name them."""
