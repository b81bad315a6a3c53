"""Tokens to syntax: precedence climbing over Milvus' grammar (Plan.g4).

Knows no fields and no types. No text exhausts Python's stack: what waits for an operand stands on a stack of the
parser's own, and ``and`` / ``or`` are kept flat. A tree deeper than MAX_FILTER_DEPTH is refused as Milvus refuses what
its own parser cannot take.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import replace
from typing import Any, TypeAlias

from fakemilvus import errors, limits
from fakemilvus.filters import elements, features, timestamps
from fakemilvus.filters.functions import FUNCTIONS
from fakemilvus.filters.syntax import (
    Between,
    Binary,
    Call,
    Exists,
    In,
    IntegerText,
    IsNull,
    Items,
    Like,
    Literal,
    Logical,
    Name,
    Node,
    Path,
    Span,
    StringText,
    Unary,
    Value,
    is_shallow,
)
from fakemilvus.filters.tokens import END, EXPECTED, Token, place

Reading: TypeAlias = Generator[int, Any, Node]
"""Yields how tightly the operators of an expression that it needs must bind, and is sent the expression."""


class Parser:
    """One parse of one text; ``tokens`` stays for those who quote from it."""

    def __init__(self, text: str, tokens: list[Token]) -> None:
        self.text = text
        self.tokens = tokens
        self._at = 0

    def parse(self) -> Node:
        """The whole text as one expression; raises FilterSyntax, FilterInvalid, FilterUnsupported, Unimplemented."""
        node = self._run(self._expression(0))
        if self._kind() != END:
            _refuse_unbuilt(self._kind())
            raise errors.FilterInvalid(expression=self.text)
        if len(self.tokens) > limits.MAX_FILTER_DEPTH and not is_shallow(node, limits.MAX_FILTER_DEPTH):
            raise errors.FilterUnsupported(expression=self.text)
        return node

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
        leaf = _LEAVES.get(self._kind())
        left = leaf(self) if leaf is not None else (yield from self._compound())
        while True:
            kind = self._kind()
            precedence, reader = _INFIX.get(kind, _NO_INFIX)
            if kind in _RELATIONAL and self._is_range(kind):
                precedence, reader = _RANGE
            if precedence < least or reader is None:
                return left
            left = yield from reader(self, left, kind, precedence)

    def _compound(self) -> Reading:
        begin = _COMPOUNDS.get(self._kind())
        if begin is None:
            raise self._operand_expected()
        return (yield from begin(self))

    # -- operands ----------------------------------------------------------------------------------------------

    def _name(self) -> Node:
        if timestamps.begins(self._kind(2)):
            return self._moment()
        name = Name(self._span(), self._take()[1])
        if self._kind() == "(":
            raise features.refuse_call(name.name)
        return self._null_test(name)

    def _moment(self) -> Node:
        node, self._at = timestamps.read(self.text, self.tokens, self._at)
        return node

    def _struct(self) -> Node:
        return elements.read(self._span(), self._take()[1])

    def _path(self) -> Node:
        return self._null_test(self._path_only())

    def _path_only(self) -> Path:
        span = self._span()
        text = self._take()[1]
        bracket = text.index("[")
        return Path(span, text[:bracket], text[bracket:])

    def _null_test(self, operand: Name | Path) -> Node:
        kind = self._kind()
        if kind not in ("null", "not_null"):
            return operand
        self._at += 1
        return IsNull((operand.span[0], self._at), operand, kind == "not_null")

    def _integer(self) -> Node:
        span = self._span()
        return IntegerText(span, self._take()[1])

    def _float(self) -> Node:
        span, text = self._span(), self._take()[1]
        value = float.fromhex(text) if text[:2] in ("0x", "0X") else float(text)
        if value == float("inf"):
            raise errors.FilterFloatRange(literal=text)
        return Literal(span, value)

    def _bool(self) -> Node:
        span = self._span()
        return Literal(span, self._take()[1].lower() == "true")

    def _string(self) -> Node:
        span = self._span()
        return StringText(span, self._take()[1][1:-1])

    def _raw_string(self) -> Node:
        span = self._span()
        return Literal(span, self._take()[1][2:-1])

    def _integers(self) -> Node:
        span = self._span()
        return Literal(span, [int(item) for item in _inside(self._take()[1]).split(",")])

    def _strings(self) -> Node:
        span = self._span()
        return Literal(span, _plain_strings(_inside(self._take()[1])))

    def _parenthesis(self) -> Reading:
        start = self._at
        self._at += 1
        inner = yield 0
        self._close()
        return _with_span(inner, (start, self._at))

    def _items(self) -> Reading:
        start = self._at
        self._at += 1
        items: list[Node] = []
        while self._kind() != "]":
            items.append((yield 0))
            if self._kind() == ",":
                self._at += 1
                if self._kind() == END:
                    raise self._complaint("no viable alternative at input ','")
            elif self._kind() != "]":
                raise self._complaint("mismatched input '{}' expecting {{',', ']'}}")
        self._at += 1
        return Items((start, self._at), tuple(items))

    def _unary(self) -> Reading:
        start = self._at
        operator = self._take()[0]
        operand = yield _UNARY
        return Unary((start, self._at), operator, operand)

    def _exists(self) -> Reading:
        start = self._at
        self._at += 1
        operand = yield _EXISTS
        return Exists((start, self._at), operand)

    def _call(self) -> Reading:
        function = FUNCTIONS.get(self.tokens[self._at][1].lower())
        start = self._at
        name = self._take()[1].lower()
        if self._kind() != "(":
            raise self._complaint("mismatched input '{}' expecting '('")
        if function is None:
            raise features.refuse_call(name)
        self._at += 1
        if function.first and self._kind() not in function.first:
            raise self._complaint(f"mismatched input '{{}}' expecting {function.expected}")
        arguments: list[Node] = []
        options: list[tuple[str, str]] = []
        while not arguments or self._kind() == ",":
            self._at += bool(arguments)
            if function.option and len(arguments) == function.most:
                options.append(self._option(function.option))
                break
            arguments.append((yield 0) if arguments or not function.first else self._named())
            if len(arguments) == function.most and not function.option:
                break
        if len(arguments) < function.least or (function.needs_option and not options):
            raise self._complaint("mismatched input '{}' expecting ','")
        self._close()
        return Call((start, self._at), name, tuple(arguments), tuple(options))

    def _close(self) -> None:
        """ANTLR calls a parenthesis missing where what comes instead may stand behind one."""
        if self._kind() != ")":
            missing = self._kind() == END or self._kind() in _INFIX
            raise self._complaint("missing ')' at '{}'" if missing else "mismatched input '{}' expecting ')'")
        self._at += 1

    def _named(self) -> Node:
        """A field and nothing behind it."""
        if self._kind() == "name":
            return Name(self._span(), self._take()[1])
        return self._path_only() if self._kind() == "path" else _LEAVES[self._kind()](self)

    def _option(self, name: str) -> tuple[str, str]:
        """``name = integer``; a function with the option ``*`` takes any name."""
        kind, expected = ("name", "Identifier") if name == "*" else (name, name.upper())
        if self._kind() != kind:
            raise self._complaint(f"mismatched input '{{}}' expecting {expected}")
        given = self._take()[1].lower()
        for kind, expected in (("=", "'='"), ("integer", "IntegerConstant")):
            if self._kind() != kind:
                raise self._complaint(f"mismatched input '{{}}' expecting {expected}")
            value = self._take()[1]
        return given, value

    def _unbuilt(self) -> Node:
        raise features.refuse(self._kind())

    # -- operators ---------------------------------------------------------------------------------------------

    def _binary(self, left: Node, kind: str, precedence: int) -> Reading:
        self._at += 1
        if kind in _RELATIONAL and self._kind() not in _OPERANDS:
            raise self._no_viable(left)
        right = yield precedence + 1
        return Binary((left.span[0], self._at), kind, left, right)

    def _logical(self, left: Node, kind: str, precedence: int) -> Reading:
        self._at += 1
        right = yield precedence + 1
        span = (left.span[0], self._at)
        if isinstance(left, Logical) and left.operator == kind:
            left.operands.append(right)
            return Logical(span, kind, left.operands)
        return Logical(span, kind, [left, right])

    def _in(self, left: Node, kind: str, precedence: int) -> Reading:
        self._at += 1
        if kind == "not":
            if self._kind() != "in":
                raise self._complaint("missing IN at '{}'")
            self._at += 1
        items = yield precedence + 1
        return In((left.span[0], self._at), left, items, kind == "not")

    def _like(self, left: Node, kind: str, precedence: int) -> Reading:
        self._at += 1
        pattern = yield precedence + 1
        return Like((left.span[0], self._at), left, pattern)

    def _range(self, left: Node, kind: str, precedence: int) -> Reading:
        self._at += 1
        column = self._named()
        second = self._take()[0]
        right = yield precedence + 1
        span = (left.span[0], self._at)
        if kind in ("<", "<="):
            return Between(span, left, kind == "<=", column, second == "<=", right)
        return Between(span, right, second == ">=", column, kind == ">=", left)

    def _unbuilt_infix(self, left: Node, kind: str, precedence: int) -> Reading:
        raise features.refuse(kind)
        yield  # a reader like the others

    def _is_range(self, kind: str) -> bool:
        """``< column <`` or ``> column >`` comes: the grammar prefers a range to two comparisons."""
        return self._kind(1) in ("name", "path", "struct") and self._kind(2) in _RELATIONAL[kind]

    # -- tokens ------------------------------------------------------------------------------------------------

    def _kind(self, ahead: int = 0) -> str:
        at = self._at + ahead
        return self.tokens[at][0] if at < len(self.tokens) else END

    def _take(self) -> Token:
        token = self.tokens[self._at]
        self._at += 1
        return token

    def _span(self) -> Span:
        return self._at, self._at + 1

    def _complaint(self, complaint: str) -> errors.FilterSyntax:
        _, word, position = self.tokens[self._at]
        return errors.FilterSyntax(place=place(self.text, position), complaint=complaint.format(word))

    def _operand_expected(self) -> errors.FilterSyntax:
        """ANTLR calls a token that is merely in the way extraneous, any other mismatched."""
        in_the_way = self._kind() != END and self._kind(1) in _OPERANDS
        word = "extraneous" if in_the_way else "mismatched"
        return self._complaint(f"{word} input '{{}}' expecting {{{{{EXPECTED}}}}}")

    def _no_viable(self, left: Node) -> errors.FilterSyntax:
        """ANTLR quotes from where it had to decide: a bare field in front belongs to the decision."""
        start = left.span[0] if isinstance(left, Name) else self._at - 1
        quoted = "".join(word for kind, word, _ in self.tokens[start : self._at + 1] if kind != END)
        _, _, position = self.tokens[self._at]
        complaint = f"no viable alternative at input '{quoted}'"
        return errors.FilterSyntax(place=place(self.text, position), complaint=complaint)


def _inside(text: str) -> str:
    """What stands between the brackets of a list, without a comma at its end."""
    return text[1:-1].strip().rstrip(",")


def _plain_strings(text: str) -> list[Value]:
    """The items of a list of strings without escapes: every second piece between quotes."""
    return [*text.replace("'", '"').split('"')[1::2]]


def _with_span(node: Node, span: Span) -> Node:
    """The node with its parentheses in the span, since Milvus quotes them."""
    return replace(node, span=span)


def _refuse_unbuilt(kind: str) -> None:
    if kind in features.NOT_BUILT:
        raise features.refuse(kind)


MAX_OPEN = 4_096  # parentheses and operators that wait for what comes; beyond that nothing sane is written

Infix = Callable[[Parser, Node, str, int], Reading]

_UNARY = 14
_EXISTS = 18
_SIGNS = ("+", "-")
_RELATIONAL = {"<": ("<", "<="), "<=": ("<", "<="), ">": (">", ">="), ">=": (">", ">=")}
_NO_INFIX: tuple[int, Infix | None] = (-1, None)
_RANGE: tuple[int, Infix | None] = (9, Parser._range)
_INFIX: dict[str, tuple[int, Infix | None]] = {
    "or": (1, Parser._logical),
    "and": (2, Parser._logical),
    "|": (3, Parser._unbuilt_infix),
    "^": (4, Parser._unbuilt_infix),
    "&": (5, Parser._unbuilt_infix),
    **dict.fromkeys(("==", "!="), (6, Parser._binary)),
    **dict.fromkeys(_RELATIONAL, (7, Parser._binary)),
    **dict.fromkeys(("in", "not"), (10, Parser._in)),
    **dict.fromkeys(("<<", ">>"), (11, Parser._binary)),
    **dict.fromkeys(_SIGNS, (12, Parser._binary)),
    **dict.fromkeys("*/%", (13, Parser._binary)),
    "**": (15, Parser._binary),
    **dict.fromkeys(("=~", "!~"), (16, Parser._unbuilt_infix)),
    "like": (17, Parser._like),
}
_LEAVES: dict[str, Callable[[Parser], Node]] = {
    "name": Parser._name,
    "path": Parser._path,
    "integer": Parser._integer,
    "float": Parser._float,
    "bool": Parser._bool,
    "string": Parser._string,
    "raw": Parser._raw_string,
    "integers": Parser._integers,
    "strings": Parser._strings,
    "iso": Parser._moment,
    "struct": Parser._struct,
    "{": Parser._unbuilt,
}
_COMPOUNDS: dict[str, Callable[[Parser], Reading]] = {
    "(": Parser._parenthesis,
    "call": Parser._call,
    "[": Parser._items,
    **dict.fromkeys(("+", "-", "~", "not"), Parser._unary),
    "exists": Parser._exists,
}
_OPERANDS = _LEAVES.keys() | _COMPOUNDS.keys()
