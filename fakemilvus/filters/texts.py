"""Texts in filters: text_match, text_match_fuzzy and phrase_match on fields that are analyzed and may be matched.

What knows the terms of a column is the batch's. Source: VisitTextMatch and its neighbours in parser_visitor.go, and
ExecTextMatch of UnaryExpr.cpp, Milvus 3.0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fakemilvus import errors
from fakemilvus.datatypes import DataType
from fakemilvus.filters import literals, plan, rules, syntax, templates
from fakemilvus.filters.operands import Known, Open
from fakemilvus.filters.refused import wrong_kind
from fakemilvus.filters.templates import Unfilled, Values
from fakemilvus.filters.truth import Truth, known_where

if TYPE_CHECKING:
    from fakemilvus.filters.checker import Checker
    from fakemilvus.filters.evaluator import Evaluation

MAX_MINIMUM = 1_000
MAX_EDITS = 2
MAX_SLOP = 2**32 - 1


@dataclass(frozen=True, slots=True)
class TextMatch(plan.Predicate):
    """The column has at least so many of the text's terms."""

    column: plan.Column
    text: str
    minimum: int


@dataclass(frozen=True, slots=True)
class FuzzyMatch(plan.Predicate):
    """The column has a term that at most so many edits make one of the text's."""

    column: plan.Column
    text: str
    edits: int


@dataclass(frozen=True, slots=True)
class PhraseMatch(plan.Predicate):
    """The column has the text's terms in their order, but for so many places that they are moved."""

    column: plan.Column
    text: str
    slop: int


def check_match(checker: Checker, call: syntax.Call) -> plan.Predicate:
    column, text = _operands(checker, call, "text match")
    minimum = 1
    for _, given in call.options:
        minimum = _integer(given, "minimum_should_match")
        if minimum < 1:
            raise errors.FilterMinimumTooSmall(value=minimum)
        if minimum > MAX_MINIMUM:
            raise errors.FilterMinimumTooLarge(value=minimum, high=MAX_MINIMUM)
    return _of(text, lambda given: TextMatch(column, given, minimum))


def check_fuzzy(checker: Checker, call: syntax.Call) -> plan.Predicate:
    column, text = _operands(checker, call, "text match fuzzy")
    ((name, given),) = call.options
    if name != "max_edit_distance":
        raise errors.FilterFuzzyOption(option=name)
    edits = _integer(given, "max_edit_distance")
    if not 0 <= edits <= MAX_EDITS:
        raise errors.FilterEditsOutOfRange(value=edits, high=MAX_EDITS)
    return _of(text, lambda given: FuzzyMatch(column, given, edits))


def check_phrase(checker: Checker, call: syntax.Call) -> plan.Predicate:
    column, text = _operands(checker, call, "phrase match")
    if len(call.arguments) == 2:
        return _of(text, lambda given: PhraseMatch(column, given, 0))
    quoted = checker.quoted(call.arguments[2])
    slop = checker.check(call.arguments[2])
    if not isinstance(slop, Known):
        raise errors.FilterSlopNotConstant(slop=quoted)
    value = slop.value if isinstance(slop.value, int) and not isinstance(slop.value, bool) else 0
    if value < 0:
        raise errors.FilterSlopNegative(slop=quoted)
    if value > MAX_SLOP:
        raise errors.FilterSlopTooLarge(slop=quoted)
    return _of(text, lambda given: PhraseMatch(column, given, value))


def evaluate_match(evaluation: Evaluation, node: TextMatch) -> Truth:
    index = evaluation.batch.text_index(node.column.name)
    return known_where(index.matching(node.text, node.minimum), evaluation.column(node.column).valid)


def evaluate_fuzzy(evaluation: Evaluation, node: FuzzyMatch) -> Truth:
    index = evaluation.batch.text_index(node.column.name)
    return known_where(index.nearly_matching(node.text, node.edits), evaluation.column(node.column).valid)


def evaluate_phrase(evaluation: Evaluation, node: PhraseMatch) -> Truth:
    index = evaluation.batch.text_index(node.column.name)
    return known_where(index.with_phrase(node.text, node.slop), evaluation.column(node.column).valid)


# -- private ---------------------------------------------------------------------------------------------------


def _operands(checker: Checker, call: syntax.Call, operation: str) -> tuple[plan.Column, Known | Open]:
    """The column, which must be analyzed for matching, and the text."""
    named = call.arguments[0]
    assert isinstance(named, syntax.Name)
    if checker.fields.types.get(named.name) is DataType.TEXT:
        column = plan.Column(named.name, DataType.TEXT)
    else:
        column = checker.column(named.name)
    if column.type not in (DataType.VARCHAR, DataType.TEXT):
        raise errors.FilterMatchType(operation=operation)
    if column.name not in checker.fields.matched:
        raise errors.FilterMatchNotEnabled(field=named.name)
    text = checker.check(call.arguments[1])
    if isinstance(text, Open):
        return column, text
    if not isinstance(text, Known) or not isinstance(text.value, str):
        raise errors.FilterMatchText(argument=f"{call.name} query", given=checker.quoted(call.arguments[1]))
    return column, text


def _of(text: Known | Open, make: Callable[[str], plan.Predicate]) -> plan.Predicate:
    """What is made of the text, now or when its template is filled."""

    def fill(values: Values) -> plan.Predicate:
        given = rules.converted(DataType.VARCHAR, templates.value_of(text, values))
        assert isinstance(given, str)
        return make(given)

    return fill({}) if isinstance(text, Known) else Unfilled(fill, wrong_kind(str))


def _integer(text: str, option: str) -> int:
    """An integer as Go reads it, where a 0 in front means octal."""
    try:
        return literals.integer(text)
    except (errors.FilterIntegerRange, errors.FilterIntegerOverflow):
        raise errors.FilterOptionUnreadable(option=option, value=text) from None
