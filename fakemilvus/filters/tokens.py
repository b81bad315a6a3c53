"""Cuts a filter's text into tokens, as Milvus' grammar does (Plan.g4): the longest match wins, earlier rules first.

A token is ``(kind, text, position)``. Operators and keywords have themselves, in lower case, as their kind; a list
of plain integers or plain strings is one token, because key lists of many thousands are common.
"""

from __future__ import annotations

import re

from fakemilvus import errors
from fakemilvus.filters.features import CALLS

Token = tuple[str, str, int]

END = "<EOF>"


def tokenize(text: str) -> list[Token]:
    """The tokens, the last of kind END; raises FilterSyntax where no token begins."""
    tokens: list[Token] = []
    expected = 0
    for match in _TOKEN.finditer(text):
        kind, position = match.lastgroup or "", match.start()
        if position != expected:
            raise unrecognised(text, expected)
        expected = match.end()
        if kind == "space":
            continue
        word = match.group()
        if kind == "symbol":
            kind = _SAME.get(word, word)
        elif kind == "name":
            kind = _KEYWORDS.get(word, "name")
        tokens.append((kind, word, position))
    if expected != len(text):
        raise unrecognised(text, expected)
    tokens.append((END, END, len(text)))
    return tokens


def place(text: str, position: int) -> str:
    """A position as Milvus prints it: the line from 1, the column from 0."""
    start = text.rfind("\n", 0, position) + 1
    return f"line {text.count(chr(10), 0, position) + 1}:{position - start}"


def unrecognised(text: str, position: int) -> errors.FilterSyntax:
    """A quote that is never closed is quoted to the end, anything else by its character."""
    bad = text[position:] if text[position] in "'\"" else text[position]
    return errors.FilterSyntax(place=place(text, position), complaint=f"token recognition error at: '{bad}'")


def _both_cases(words: str) -> dict[str, str]:
    """Milvus accepts a keyword all in lower or all in upper case, never mixed."""
    return {spelling: word for word in words.split() for spelling in (word, word.upper())}


_NAME = r"[A-Za-z_][A-Za-z_0-9]*+"
_DECIMAL = r"(?:0|[1-9][0-9]*+)"
_STRING = r"""(?:u8|[uUL])?(?:"(?:[^"\\\r\n]|\\[^\r\n]|\\\r?\n)*+"|'(?:[^'\\\r\n]|\\[^\r\n]|\\\r?\n)*+')"""
_RAW = r"""[rR](?:"(?:[^"\\\r\n]|\\[^\r\n])*+"|'(?:[^'\\\r\n]|\\[^\r\n])*+')"""
_PLAIN_STRING = r"""(?:"[^"'\\\r\n]*+"|'[^"'\\\r\n]*+')"""
_SPACE = r"[ \t\r\n]*+"


def _list_of(item: str) -> str:
    return rf"\[{_SPACE}{item}{_SPACE}(?:,{_SPACE}{item}{_SPACE})*+(?:,{_SPACE})?\]"


_TOKEN = re.compile(
    "|".join(
        f"(?P<{kind}>{pattern})"
        for kind, pattern in {
            "space": r"[ \t\r\n]++",
            "struct": rf"\$\[{_NAME}\]|{_NAME}\[(?:{_DECIMAL}\]\[)?{_NAME}\]",
            "path": rf"(?:{_NAME}|\$meta)(?:\[(?:{_STRING}|{_RAW}|{_DECIMAL})\])++",
            "raw": _RAW,
            "string": _STRING,
            "null": r"is null|IS NULL",
            "not_null": r"is not null|IS NOT NULL",
            "name": rf"{_NAME}|\$meta",
            "integers": _list_of(rf"-?{_DECIMAL}"),
            "strings": _list_of(_PLAIN_STRING),
            "float": r"0[xX](?:[0-9a-fA-F]*\.[0-9a-fA-F]+|[0-9a-fA-F]+\.?)[pP][+-]?[0-9]+"
            r"|(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+",
            "integer": r"0[xX][0-9a-fA-F]+|0[bB][01]+|0[0-7]*|[1-9][0-9]*+",
            "symbol": r"&&|\|\||==|!=|<=|>=|=~|!~|<<|>>|\*\*|[-+*/%<>=!~&|^(){}\[\],]",
        }.items()
    )
)
_SAME = {"&&": "and", "||": "or", "!": "not"}
_KEYWORDS = {
    **_both_cases("and or not in like exists iso interval minimum_should_match threshold"),
    **{spelling: "bool" for word in ("true", "false") for spelling in (word, word.capitalize(), word.upper())},
    **dict.fromkeys(_both_cases(" ".join(CALLS)), "call"),
}
EXPECTED = (
    "'(', '[', '{{', EXISTS, TEXTMATCH, TEXTMATCHFUZZY, PHRASEMATCH, RANDOMSAMPLE, MATCH_ALL, MATCH_ANY, MATCH_LEAST, "
    "MATCH_MOST, MATCH_EXACT, ISO, '+', '-', '~', NOT, EmptyArray, JSONContains, JSONContainsAll, JSONContainsAny, "
    "ArrayContains, ArrayContainsAll, ArrayContainsAny, ArrayLength, ElementFilter, STEuqals, STTouches, STOverlaps, "
    "STCrosses, STContains, STIntersects, STWithin, STDWithin, STIsValid, BooleanConstant, IntegerConstant, "
    "FloatingConstant, Identifier, '$meta', StringLiteral, RawStringLiteral, JSONIdentifier, "
    "StructIndexFieldIdentifier, StructFieldIdentifier, StructSubFieldIdentifier"
)
"""What may begin an expression, as ANTLR lists it; braces doubled, because the complaint is formatted."""
