"""A place among the tokens of a filter: what comes, taking it, and complaining of it as ANTLR does."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, TypeAlias

from fakemilvus import errors
from fakemilvus.filters import elements
from fakemilvus.filters.syntax import Name, Node, Path, Span
from fakemilvus.filters.tokens import END, Token, place

Reading: TypeAlias = Generator[int, Any, Node]
"""Yields how tightly the operators of an expression that it needs must bind, and is sent the expression."""


class Cursor:
    """``at`` is the number of the token that comes."""

    def __init__(self, text: str, tokens: list[Token]) -> None:
        self.text = text
        self.tokens = tokens
        self.at = 0

    def kind(self, ahead: int = 0) -> str:
        at = self.at + ahead
        return self.tokens[at][0] if at < len(self.tokens) else END

    def take(self) -> Token:
        token = self.tokens[self.at]
        self.at += 1
        return token

    def expect(self, kind: str, shown: str) -> str:
        """Takes a token of this kind, and answers its text."""
        if self.kind() != kind:
            raise self.mismatched(shown)
        return self.take()[1]

    def span(self) -> Span:
        """The token that comes."""
        return self.at, self.at + 1

    def path(self) -> Path:
        """A JSON key below a field, which comes."""
        span = self.span()
        text = self.take()[1]
        bracket = text.index("[")
        return Path(span, text[:bracket], text[bracket:])

    def field(self) -> Node:
        """A field, a JSON key or a field of a struct, which comes, and nothing behind it."""
        if self.kind() == "name":
            return Name(self.span(), self.take()[1])
        return self.path() if self.kind() == "path" else elements.read(self.span(), self.take()[1])

    def mismatched(self, expected: str) -> errors.FilterSyntax:
        """What comes stands where something else was expected."""
        return self.complaint(f"mismatched input '{{}}' expecting {expected.replace('{', '{{').replace('}', '}}')}")

    def complaint(self, complaint: str) -> errors.FilterSyntax:
        """``{}`` in it is the token that comes."""
        _, word, position = self.tokens[self.at]
        return errors.FilterSyntax(place=place(self.text, position), complaint=complaint.format(word))

    def no_viable(self, left: Node) -> errors.FilterSyntax:
        """ANTLR quotes from where it had to decide: a bare field in front belongs to the decision."""
        start = left.span[0] if isinstance(left, Name) else self.at - 1
        quoted = "".join(word for kind, word, _ in self.tokens[start : self.at + 1] if kind != END)
        _, _, position = self.tokens[self.at]
        complaint = f"no viable alternative at input '{quoted}'"
        return errors.FilterSyntax(place=place(self.text, position), complaint=complaint)
