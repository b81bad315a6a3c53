"""What may stand behind an expression: the operators, from the loosest to the tightest, each with its reader."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from fakemilvus.filters.cursor import Reading
from fakemilvus.filters.syntax import Between, Binary, In, Like, Logical, Node, Regex

if TYPE_CHECKING:
    from fakemilvus.filters.parser import Parser


def _binary(parser: Parser, left: Node, kind: str, precedence: int) -> Reading:
    parser.at += 1
    if kind in RELATIONAL and not parser.begins():
        raise parser.no_viable(left)
    right = yield precedence + 1
    return Binary((left.span[0], parser.at), kind, left, right)


def _logical(parser: Parser, left: Node, kind: str, precedence: int) -> Reading:
    parser.at += 1
    right = yield precedence + 1
    span = (left.span[0], parser.at)
    if isinstance(left, Logical) and left.operator == kind:
        left.operands.append(right)
        return Logical(span, kind, left.operands)
    return Logical(span, kind, [left, right])


def _in(parser: Parser, left: Node, kind: str, precedence: int) -> Reading:
    parser.at += 1
    if kind == "not":
        if parser.kind() != "in":
            raise parser.complaint("missing IN at '{}'")
        parser.at += 1
    items = yield precedence + 1
    return In((left.span[0], parser.at), left, items, kind == "not")


def _like(parser: Parser, left: Node, kind: str, precedence: int) -> Reading:
    parser.at += 1
    pattern = yield precedence + 1
    return Like((left.span[0], parser.at), left, pattern)


def _range(parser: Parser, left: Node, kind: str, precedence: int) -> Reading:
    parser.at += 1
    column = parser.field()
    second = parser.take()[0]
    right = yield precedence + 1
    span = (left.span[0], parser.at)
    if kind in ("<", "<="):
        return Between(span, left, kind == "<=", column, second == "<=", right)
    return Between(span, right, second == ">=", column, kind == ">=", left)


def _regex(parser: Parser, left: Node, kind: str, precedence: int) -> Reading:
    parser.at += 1
    pattern = yield precedence + 1
    return Regex((left.span[0], parser.at), left, pattern, kind == "!~")


Infix: TypeAlias = Callable[["Parser", Node, str, int], Reading]
"""Reads an operator, at which the parser stands, and what stands right of it."""

RELATIONAL = {"<": ("<", "<="), "<=": ("<", "<="), ">": (">", ">="), ">=": (">", ">=")}
NO_INFIX: tuple[int, Infix | None] = (-1, None)
RANGE: tuple[int, Infix | None] = (9, _range)
INFIX: dict[str, tuple[int, Infix | None]] = {
    "or": (1, _logical),
    "and": (2, _logical),
    "|": (3, _binary),
    "^": (4, _binary),
    "&": (5, _binary),
    **dict.fromkeys(("==", "!="), (6, _binary)),
    **dict.fromkeys(RELATIONAL, (7, _binary)),
    **dict.fromkeys(("in", "not"), (10, _in)),
    **dict.fromkeys(("<<", ">>"), (11, _binary)),
    **dict.fromkeys("+-", (12, _binary)),
    **dict.fromkeys("*/%", (13, _binary)),
    "**": (15, _binary),
    **dict.fromkeys(("=~", "!~"), (16, _regex)),
    "like": (17, _like),
}
"""How tightly each binds, and its reader."""
