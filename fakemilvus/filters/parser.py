"""Tokens to syntax: precedence climbing over Milvus' grammar (Plan.g4).

Knows no fields and no types. No text exhausts Python's stack: what waits for an operand stands on a stack of the
parser's own, and ``and`` / ``or`` are kept flat. A tree deeper than MAX_FILTER_DEPTH is refused as Milvus refuses what
its own parser cannot take. What begins an expression is read by ``prefixes``, what continues one by ``infixes``.
"""

from __future__ import annotations

from fakemilvus import errors, limits
from fakemilvus.filters import prefixes
from fakemilvus.filters.cursor import Cursor, Reading
from fakemilvus.filters.infixes import INFIX, NO_INFIX, RANGE, RELATIONAL
from fakemilvus.filters.syntax import Node, is_shallow
from fakemilvus.filters.tokens import END, EXPECTED

MAX_OPEN = 4_096  # parentheses and operators that wait for what comes; beyond that nothing sane is written


class Parser(Cursor):
    """One parse of one text; ``tokens`` stays for those who quote from it."""

    def parse(self) -> Node:
        """The whole text as one expression; raises FilterSyntax, FilterInvalid, FilterUnsupported."""
        node = self._run(self._expression(0))
        if self.kind() != END:
            raise errors.FilterInvalid(expression=self.text)
        if len(self.tokens) > limits.MAX_FILTER_DEPTH and not is_shallow(node, limits.MAX_FILTER_DEPTH):
            raise errors.FilterUnsupported(expression=self.text)
        return node

    def begins(self, ahead: int = 0) -> bool:
        """Whether an expression may begin with the token that comes, or one behind it."""
        kind = self.kind(ahead)
        return kind in prefixes.LEAVES or kind in prefixes.COMPOUNDS

    def close(self) -> None:
        """ANTLR calls a parenthesis missing where what comes instead may stand behind one."""
        kind = self.kind()
        if kind != ")":
            word = "missing ')' at '{}'" if kind == END or kind in INFIX else "mismatched input '{}' expecting ')'"
            raise self.complaint(word)
        self.at += 1

    def _run(self, first: Reading) -> Node:
        """Runs a reading and the readings that it waits for, on a stack of our own instead of Python's."""
        waiting, value = [first], None
        while True:
            try:
                least = waiting[-1].send(value)
            except StopIteration as done:
                waiting.pop()
                value = done.value
                if not waiting:
                    return value  # type: ignore[no-any-return]
            else:
                if len(waiting) >= MAX_OPEN:
                    raise errors.FilterUnsupported(expression=self.text)
                waiting.append(self._expression(least))
                value = None

    def _expression(self, least: int) -> Reading:
        """An operand and every operator behind it that binds at least so tightly."""
        leaf = prefixes.LEAVES.get(self.kind())
        if leaf is None or (self.kind() == "name" and self.kind(1) == "("):
            left = yield from self._compound()
        else:
            left = leaf(self)
        while True:
            kind = self.kind()
            precedence, reader = INFIX.get(kind, NO_INFIX)
            if kind in RELATIONAL and self._is_range(kind):
                precedence, reader = RANGE
            if precedence < least or reader is None:
                return left
            left = yield from reader(self, left, kind, precedence)

    def _compound(self) -> Reading:
        if self.kind() == "name":
            return (yield from prefixes.invocation(self))
        begin = prefixes.COMPOUNDS.get(self.kind())
        if begin is None:
            raise self._operand_expected()
        return (yield from begin(self))

    def _is_range(self, kind: str) -> bool:
        """``< column <`` or ``> column >`` comes: the grammar prefers a range to two comparisons."""
        return self.kind(1) in ("name", "path", "struct") and self.kind(2) in RELATIONAL[kind]

    def _operand_expected(self) -> errors.FilterSyntax:
        """ANTLR calls a token that is merely in the way extraneous, any other mismatched."""
        word = "extraneous" if self.kind() != END and self.begins(1) else "mismatched"
        return self.complaint(f"{word} input '{{}}' expecting {{{{{EXPECTED}}}}}")
