"""Regular expressions in filters: ``=~`` and ``!~`` on texts, JSON keys and elements of arrays of texts.

An expression may match anywhere in a text. Source: VisitRegexMatch and its neighbours in parser_visitor.go,
PartialRegexMatcher of RegexQuery.h, Milvus 3.0.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from fakemilvus import errors
from fakemilvus.datatypes import DataType, Mask
from fakemilvus.filters import literals, plan, regexes, rules, syntax, templates
from fakemilvus.filters.operands import Open, compared_type
from fakemilvus.filters.scalars import Values as Texts
from fakemilvus.filters.templates import Unfilled, Values
from fakemilvus.filters.truth import Truth

if TYPE_CHECKING:
    from fakemilvus.filters.checker import Checker
    from fakemilvus.filters.evaluator import Evaluation

_INTRICATE = re.compile(r"[\\()\[\]{}|]")
_OPTIONAL = re.compile("[^.^$*+?][*?]")

compiled = lru_cache(maxsize=256)(regexes.compiled)


@dataclass(frozen=True, slots=True)
class Matching(plan.Predicate):
    """The expression matches somewhere in the column's text."""

    column: plan.Column
    expression: str


def check(checker: Checker, node: syntax.Regex) -> plan.Predicate:
    column = checker.check(node.operand)
    if not isinstance(column, plan.Column):
        raise errors.FilterRegexOperand
    rules.check_no_whole_array(column)
    if compared_type(column) not in (DataType.VARCHAR, DataType.JSON):
        raise errors.FilterRegexType
    made = _matching(checker, column, node.pattern)
    return plan.Not(made) if node.negated else made


def evaluate(evaluation: Evaluation, node: Matching) -> Truth:
    search = compiled(node.expression).search

    def judge(texts: Texts) -> Mask:
        return np.fromiter((search(text) is not None for text in texts.tolist()), np.bool_, len(texts))

    found = evaluation.indexed(node.column, "search", (needed_parts(node.expression), judge))
    return evaluation.judged(node.column, str, judge) if found is None else found


def needed_parts(expression: str) -> list[str]:
    """Texts that stand in whatever the expression matches: none where it has groups, sets, choices or escapes."""
    if _INTRICATE.search(expression):
        return []
    return [part for part in re.split("[.^$*+?]", _OPTIONAL.sub(".", expression)) if part]


def _matching(checker: Checker, column: plan.Column, node: syntax.Node) -> plan.Predicate:
    if not isinstance(node, syntax.StringText | syntax.Literal) or node.span[1] - node.span[0] != 1:
        pattern = checker.check(node)
        if not isinstance(pattern, Open):
            raise errors.FilterRegexPattern(pattern=checker.quoted(node))
        return Unfilled(lambda values: _filled(column, pattern, values), rules.nothing(column))
    if isinstance(node, syntax.Literal):
        if not isinstance(node.value, str):
            raise errors.FilterRegexPattern(pattern=checker.quoted(node))
        return _made(column, node.value)
    return _made(column, _unquoted(checker.quoted(node), checker.text))


def _filled(column: plan.Column, pattern: Open, values: Values) -> plan.Predicate:
    return _made(column, templates.text_of(pattern, values, "regex expression"))


def _made(column: plan.Column, expression: str) -> plan.Predicate:
    compiled(expression)
    return Matching(column, expression)


def _unquoted(token: str, text: str) -> str:
    """An expression between quotes keeps its backslashes, but for doubled ones and those before its own quote. Han
    characters have become escapes before the text is cut, which no regular expression knows.
    """
    if token[0] not in "'\"":
        raise errors.FilterRegexString(pattern=token)
    quote, inner = token[0], token[1:-1]
    pieces: list[str] = []
    characters = iter(literals.escape_han(inner) if literals.escapes_han(text) else inner)
    for character in characters:
        if character == "\\":
            following = next(characters, "")
            pieces.append(following if following in (quote, "\\") else character + following)
        else:
            pieces.append(character)
    return "".join(pieces)
