"""Struct arrays in filters: ``structs[sub]``, ``structs[0][sub]``, ``match_*`` and ``element_filter`` over ``$[sub]``.

A sub-field is stored as an ARRAY named ``structs[sub]``; all sub-fields of a struct have as many elements in a row.
What stands inside a ``match_*`` is asked of all elements, laid end to end, as of the rows of a batch of their own. A
null row has no elements. Source: visitors of struct fields in parser_visitor.go, MatchExpr.cpp, Milvus 3.0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fakemilvus import errors
from fakemilvus.datatypes import Column, DataType, Mask
from fakemilvus.filters import lists, literals, plan, syntax
from fakemilvus.filters.pruning import names
from fakemilvus.filters.refused import Refused
from fakemilvus.filters.templates import never_filled
from fakemilvus.filters.truth import Truth

if TYPE_CHECKING:
    from fakemilvus.filters.checker import Checker
    from fakemilvus.filters.evaluator import Evaluation
    from fakemilvus.filters.fields import TextIndex
    from fakemilvus.filters.matches import Matches

Counts = NDArray[np.intp]
EXPR_INVALID = 2028


@dataclass(frozen=True, slots=True)
class Matched(plan.Predicate):
    """So many of a row's elements pass the predicate, which looks at these columns; there is at least one."""

    columns: tuple[plan.Column, ...]
    function: str
    predicate: plan.Predicate
    threshold: int = 0


@dataclass(frozen=True, slots=True)
class ElementFilter(plan.Predicate):
    """The elements that pass the predicate, in rows that pass the condition; a row passes where any element does."""

    struct: str
    columns: tuple[plan.Column, ...]
    predicate: plan.Predicate
    condition: plan.Predicate | None = None


@dataclass(frozen=True, slots=True)
class Elements:
    """Chosen elements: the row and the place in its row of each, in order."""

    rows: NDArray[np.intp]
    places: NDArray[np.intp]


def read(span: syntax.Span, text: str) -> syntax.Element | syntax.SubField:
    """What ``$[sub]``, ``structs[sub]`` or ``structs[0][sub]`` is."""
    struct, *index, name = text.replace("]", "").split("[")
    if struct == "$":
        return syntax.Element(span, name)
    return syntax.SubField(span, f"{struct}[{name}]", "".join(index))


def check_element(checker: Checker, node: syntax.Element) -> plan.Column:
    """A sub-field of the struct that the function around it is about, element by element."""
    if not checker.struct:
        raise errors.FilterElementOutside(field=node.name)
    name = f"{checker.struct}[{node.name}]"
    if name not in checker.fields.types:
        raise errors.FilterElementUnknown(field=name)
    return plan.Column(name, checker.fields.elements[name])


def check_sub_field(checker: Checker, node: syntax.SubField) -> plan.Column:
    """A sub-field as an array, or one element of it."""
    declared = checker.fields.types.get(node.name)
    if declared is None:
        raise errors.FilterSubFieldUnknown(field=node.name)
    path = (node.index,) if node.index else ()
    return plan.Column(node.name, declared, path, checker.fields.elements[node.name])


def find_parent(checker: Checker, name: str) -> plan.Column | None:
    """A sub-field of a struct that stands for the whole; None where no struct has this name."""
    fields = checker.fields
    if name in fields.types:
        return None
    inside = [field for field in fields.types if field.startswith(f"{name}[")]
    inside.sort(key=lambda field: fields.types[field] is not DataType.ARRAY)
    return plan.Column(inside[0], fields.types[inside[0]], (), fields.elements[inside[0]]) if inside else None


def find_counted(checker: Checker, column: plan.Column) -> plan.Column:
    """A column of arrays as long as this one's: lists of vectors are counted by a scalar field of their struct."""
    if column.type is not DataType.ARRAY_OF_VECTOR:
        return column
    parent = find_parent(checker, column.name.partition("[")[0])
    if parent is None or parent.type is not DataType.ARRAY:
        raise errors.Unimplemented(f"the length of {column.name}, whose struct has no scalar fields")
    return parent


def check_match(checker: Checker, call: syntax.Call) -> plan.Predicate:
    """``match_any(structs, predicate)``, and with a threshold those that count."""
    shown = call.name.upper()
    threshold = _threshold(call, shown)
    if checker.struct:
        raise errors.FilterMatchNested(function=shown, struct=checker.struct)
    struct = checker.field_of(call)
    made = _inside(checker, call.arguments[1], struct, errors.FilterMatchPredicate)
    if isinstance(made, Refused):
        return made
    return Matched(_columns(checker, struct, made), call.name, made, threshold)


def check_filter(checker: Checker, call: syntax.Call) -> plan.Predicate:
    """``element_filter(structs, predicate)``."""
    if checker.struct:
        raise errors.FilterElementFilterNested(struct=checker.struct)
    struct = checker.field_of(call)
    made = _inside(checker, call.arguments[1], struct, errors.FilterElementPredicate)
    if isinstance(made, Refused):
        return made
    return ElementFilter(struct, _columns(checker, struct, made), made)


def evaluate_match(evaluation: Evaluation, node: Matched) -> Truth:
    """Elements whose answer is unknown count for nothing; a null row is one without elements, and not unknown."""
    bounds = evaluation.arrays(node.columns[0]).bounds
    truth = _answers(evaluation, node.columns, node.predicate)
    hits = _counted(bounds, truth.mask)
    asked = bounds.lengths if truth.known is None else _counted(bounds, truth.known)
    return Truth(np.asarray(_MATCHES[node.function](hits, asked, node.threshold), np.bool_))


def evaluate_filter(evaluation: Evaluation, node: ElementFilter) -> Truth:
    mask = np.zeros(evaluation.batch.rows, np.bool_)
    mask[chosen(evaluation, node).rows] = True
    return Truth(mask)


def chosen(evaluation: Evaluation, node: ElementFilter) -> Elements:
    """The elements that pass, of the rows that pass."""
    bounds = evaluation.arrays(node.columns[0]).bounds
    hits = np.flatnonzero(_answers(evaluation, node.columns, node.predicate).mask)
    rows = np.repeat(np.arange(len(bounds.lengths)), bounds.lengths)[hits]
    if node.condition is not None:
        passing = evaluation.truth(node.condition).mask[rows]
        hits, rows = hits[passing], rows[passing]
    return Elements(rows, hits - bounds.starts[rows])


# -- private ---------------------------------------------------------------------------------------------------


class _ElementBatch:
    """The elements of some sub-fields of a struct as rows; nothing is indexed."""

    def __init__(self, evaluation: Evaluation, columns: tuple[plan.Column, ...]) -> None:
        self._columns = {column.name: Column(column.element, evaluation.arrays(column).items) for column in columns}
        self.rows = len(self._columns[columns[0].name])

    def column(self, name: str) -> Column:
        return self._columns[name]

    def find(self, name: str, operator: str, value: object) -> Mask | None:
        return None

    def look_up(self, name: str, path: tuple[str, ...], operator: str, value: object) -> Matches | None:
        return None

    def text_index(self, name: str) -> TextIndex:
        raise errors.Unimplemented(f"a match of terms on the elements of {name}")


def _answers(evaluation: Evaluation, columns: tuple[plan.Column, ...], predicate: plan.Predicate) -> Truth:
    """What the predicate says of every element."""
    return type(evaluation)(_ElementBatch(evaluation, columns)).truth(predicate)


def _counted(bounds: lists.Bounds, hits: Mask) -> Counts:
    """How many of each row's elements are hits."""
    before = np.zeros(len(hits) + 1, np.intp)
    np.cumsum(hits, out=before[1:])
    counts: Counts = before[bounds.starts + bounds.lengths] - before[bounds.starts]
    return counts


def _inside(checker: Checker, node: syntax.Node, struct: str, refusal: type[errors.FilterError]) -> plan.Predicate:
    """The predicate over elements; whatever is wrong in it is told inside the refusal."""
    checker.struct = struct
    shown = checker.quoted(node)
    try:
        made = checker.check(node)
    except errors.FilterError as problem:
        raise refusal(expression=shown, problem=problem.message) from None
    finally:
        checker.struct = ""
    if isinstance(made, plan.Predicate):
        return never_filled(made)
    return Refused("expr type check failed, actual type: the predicate over elements is no comparison", EXPR_INVALID)


def _columns(checker: Checker, struct: str, predicate: plan.Predicate) -> tuple[plan.Column, ...]:
    """The sub-fields that the predicate looks at; where it looks at none, any that is an ARRAY."""
    used = names(predicate)
    fields = checker.fields
    arrays = [name for name, type in fields.types.items() if type is DataType.ARRAY and name.startswith(f"{struct}[")]
    wanted = [name for name in arrays if name in used] or arrays[:1]
    if not wanted:
        raise errors.Unimplemented(f"a filter on the elements of {struct}, which has no scalar fields")
    return tuple(plan.Column(name, DataType.ARRAY, (), fields.elements[name]) for name in wanted)


def _threshold(call: syntax.Call, function: str) -> int:
    least = _LEAST_THRESHOLDS.get(call.name)
    if least is None:
        return 0
    ((_, text),) = call.options
    count = literals.natural(text) if text.isdigit() else None
    if count is None:
        raise errors.FilterMatchCount(count=text)
    if count < least:
        raise errors.FilterMatchThreshold(function=function, count=text)
    return count


_LEAST_THRESHOLDS = {"match_least": 1, "match_most": 0, "match_exact": 0}
_MATCHES: dict[str, Callable[[Counts, Counts, int], Any]] = {
    "match_all": lambda hits, asked, threshold: hits == asked,
    "match_any": lambda hits, asked, threshold: hits > 0,
    "match_least": lambda hits, asked, threshold: hits >= threshold,
    "match_most": lambda hits, asked, threshold: hits <= threshold,
    "match_exact": lambda hits, asked, threshold: hits == threshold,
}
"""From how many elements pass, and how many were asked, to whether the row passes."""
