"""What an expression may begin with: names, literals, lists, templates, parentheses, unary operators and calls.

Each function reads one such piece, at whose first token the parser stands.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from fakemilvus import errors
from fakemilvus.filters import elements, timestamps
from fakemilvus.filters.cursor import Reading
from fakemilvus.filters.functions import FUNCTIONS
from fakemilvus.filters.syntax import (
    Call,
    Exists,
    IntegerText,
    Invocation,
    IsNull,
    Items,
    Literal,
    Name,
    Node,
    Path,
    StringText,
    Template,
    Unary,
    Value,
)
from fakemilvus.filters.tokens import END

if TYPE_CHECKING:
    from fakemilvus.filters.parser import Parser


def invocation(parser: Parser) -> Reading:
    """A name with parentheses behind it: a function that only Milvus' core knows, or nobody."""
    start = parser.at
    name = parser.take()[1].lower()
    parser.at += 1
    arguments: list[Node] = []
    while parser.kind() != ")":
        arguments.append((yield 0))
        if parser.kind() != ",":
            break
        parser.at += 1
    parser.close()
    return Invocation((start, parser.at), name, tuple(arguments))


def _name(parser: Parser) -> Node:
    if timestamps.begins(parser.kind(2)):
        return _moment(parser)
    name = Name(parser.span(), parser.take()[1])
    return _null_test(parser, name)


def _moment(parser: Parser) -> Node:
    node, parser.at = timestamps.read(parser.text, parser.tokens, parser.at)
    return node


def _struct(parser: Parser) -> Node:
    return elements.read(parser.span(), parser.take()[1])


def _path(parser: Parser) -> Node:
    return _null_test(parser, parser.path())


def _null_test(parser: Parser, operand: Name | Path) -> Node:
    kind = parser.kind()
    if kind not in ("null", "not_null"):
        return operand
    parser.at += 1
    return IsNull((operand.span[0], parser.at), operand, kind == "not_null")


def _integer(parser: Parser) -> Node:
    span = parser.span()
    return IntegerText(span, parser.take()[1])


def _float(parser: Parser) -> Node:
    span, text = parser.span(), parser.take()[1]
    try:
        value = float.fromhex(text) if text[:2] in ("0x", "0X") else float(text)
    except OverflowError:
        value = math.inf
    if value == math.inf:
        raise errors.FilterFloatRange(literal=text)
    return Literal(span, value)


def _bool(parser: Parser) -> Node:
    span = parser.span()
    return Literal(span, parser.take()[1].lower() == "true")


def _string(parser: Parser) -> Node:
    span = parser.span()
    return StringText(span, parser.take()[1][1:-1])


def _raw_string(parser: Parser) -> Node:
    span = parser.span()
    return Literal(span, parser.take()[1][2:-1])


def _integers(parser: Parser) -> Node:
    span = parser.span()
    text = _inside(parser.take()[1])
    try:
        return Literal(span, json.loads(f"[{text}]"))  # the quickest reader of many integers
    except ValueError:  # thousands of digits, which Python does not read
        raise errors.FilterIntegerRange(literal=max(text.split(","), key=len).strip(" \t\r\n-")) from None


def _strings(parser: Parser) -> Node:
    span = parser.span()
    return Literal(span, _plain_strings(_inside(parser.take()[1])))


def _parenthesis(parser: Parser) -> Reading:
    start = parser.at
    parser.at += 1
    inner: Node = yield 0
    parser.close()
    return replace(inner, span=(start, parser.at))


def _items(parser: Parser) -> Reading:
    start = parser.at
    parser.at += 1
    items: list[Node] = []
    while parser.kind() != "]":
        items.append((yield 0))
        if parser.kind() == ",":
            parser.at += 1
            if parser.kind() == END:
                raise parser.complaint("no viable alternative at input ','")
        elif parser.kind() != "]":
            raise parser.mismatched("{',', ']'}")
    parser.at += 1
    return Items((start, parser.at), tuple(items))


def _unary(parser: Parser) -> Reading:
    start = parser.at
    operator = parser.take()[0]
    operand = yield _UNARY
    return Unary((start, parser.at), operator, operand)


def _exists(parser: Parser) -> Reading:
    start = parser.at
    parser.at += 1
    operand = yield _EXISTS
    return Exists((start, parser.at), operand)


def _call(parser: Parser) -> Reading:
    function = FUNCTIONS[parser.tokens[parser.at][1].lower()]
    start = parser.at
    name = parser.take()[1].lower()
    if parser.kind() != "(":
        raise parser.mismatched("'('")
    parser.at += 1
    if function.first and parser.kind() not in function.first:
        raise parser.mismatched(function.expected)
    arguments: list[Node] = []
    options: list[tuple[str, str]] = []
    while not arguments or parser.kind() == ",":
        parser.at += bool(arguments)
        if function.option and len(arguments) == function.most:
            options.append(_option(parser, function.option))
            break
        arguments.append((yield 0) if arguments or not function.first else parser.field())
        if len(arguments) == function.most and not function.option:
            break
    if len(arguments) < function.least or (function.needs_option and not options):
        raise parser.mismatched("','")
    parser.close()
    return Call((start, parser.at), name, tuple(arguments), tuple(options))


def _option(parser: Parser, name: str) -> tuple[str, str]:
    """``name = integer``; a function with the option ``*`` takes any name."""
    given = parser.expect("name", "Identifier") if name == "*" else parser.expect(name, name.upper())
    parser.expect("=", "'='")
    return given.lower(), parser.expect("integer", "IntegerConstant")


def _template(parser: Parser) -> Node:
    start = parser.at
    parser.at += 1
    name = parser.expect("name", "Identifier")
    parser.expect("}", "'}'")
    return Template((start, parser.at), name)


def _inside(text: str) -> str:
    """What stands between the brackets of a list, without a comma at its end."""
    return text[1:-1].strip().rstrip(",")


def _plain_strings(text: str) -> list[Value]:
    """The items of a list of strings without escapes: every second piece between quotes."""
    return [*text.replace("'", '"').split('"')[1::2]]


_UNARY = 14
_EXISTS = 18

LEAVES: dict[str, Callable[[Parser], Node]] = {
    "name": _name,
    "path": _path,
    "integer": _integer,
    "float": _float,
    "bool": _bool,
    "string": _string,
    "raw": _raw_string,
    "integers": _integers,
    "strings": _strings,
    "iso": _moment,
    "struct": _struct,
    "{": _template,
}
COMPOUNDS: dict[str, Callable[[Parser], Reading]] = {
    "(": _parenthesis,
    "call": _call,
    "[": _items,
    **dict.fromkeys(("+", "-", "~", "not"), _unary),
    "exists": _exists,
}
"""Pieces that hold expressions."""
