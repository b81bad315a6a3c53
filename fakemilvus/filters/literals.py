"""What a literal means, and how Milvus prints a constant in a complaint."""

from __future__ import annotations

import re
from decimal import Decimal

from fakemilvus import errors
from fakemilvus.filters.syntax import Value
from fakemilvus.filters.unicodes import HAN

INT64_MIN, INT64_MAX = -(2**63), 2**63 - 1


def integer(text: str) -> int:
    """An integer in the bases of Go's ParseInt, where a leading zero means octal; FilterIntegerRange past int64."""
    try:
        value = int(text, 8) if text[0] == "0" and text.isdigit() else int(text, 0)
    except ValueError:  # thousands of digits, which Python does not read
        raise errors.FilterIntegerRange(literal=text) from None
    if value == INT64_MAX + 1 and text == str(value):
        raise errors.FilterIntegerOverflow(literal=text)
    if value > INT64_MAX:
        raise errors.FilterIntegerRange(literal=text)
    return value


def natural(digits: str) -> int | None:
    """Decimal digits as a number; None beyond 64 bits, however many there are."""
    value = int(digits) if len(digits.lstrip("0")) < 20 else INT64_MAX + 1
    return value if value <= INT64_MAX else None


def string(text: str) -> str:
    """The text between the quotes with its escapes resolved as Go's Unquote does.

    ``\\x`` and octal escapes are bytes of UTF-8. Milvus strips one character at each end, so that of a prefixed
    string (u8"a") the rest of the prefix and the quote stay in; so they do here.
    """
    if "\\" not in text:
        return text
    try:
        return _ESCAPE.sub(_resolved, text).encode("utf-8", "surrogateescape").decode("utf-8")
    except UnicodeError as error:
        raise errors.FilterBadString from error


def escapes_han(text: str) -> bool:
    """Whether Milvus writes the Han characters of a filter as escapes before it reads it: not where it meets a
    backslash before anything that it does not know, outside of raw strings.
    """
    at, quote, is_raw = 0, "", False
    while at < len(text):
        character = text[at]
        if character == "\\":
            if not is_raw and text[at + 1 : at + 2] not in _KNOWN_ESCAPES:
                return False
            at += 1
        elif quote:
            quote = "" if character == quote else quote
            is_raw = is_raw and bool(quote)
        elif character in "'\"":
            quote = character
            is_raw = _RAW_PREFIX.search(text, max(0, at - 2), at) is not None
        at += 1
    return True


def escape_han(text: str) -> str:
    """Han characters as escapes of four digits, cut off to those where there are more."""
    return _HAN.sub(lambda found: f"\\u{ord(found[0]) & 0xFFFF:04x}", text)


def key(text: str) -> str:
    """A JSON key as written between its quotes: Milvus resolves nothing in it but ``\\uXXXX``."""
    return _UNICODE.sub(lambda match: chr(int(match[1], 16)), text) if "\\" in text else text


def wrapped(value: int) -> int:
    """An integer as it is after an overflow in 64 bits."""
    return (value - INT64_MIN) % 2**64 + INT64_MIN


def printed(value: Value) -> str:
    """A constant as protobuf prints it: ``int64_val:5``."""
    match value:
        case bool():
            return f"bool_val:{str(value).lower()}"
        case int():
            return f"int64_val:{value}"
        case float():
            return f"float_val:{_go_float(value)}"
        case str():
            return f'string_val:"{_escaped(value)}"'
        case _:
            kinds = set(map(type, value))
            parts = [f"array:{{{printed(item)}}}" for item in value]
            parts += ["same_type:true"] if len(kinds) < 2 else []
            parts += [f"element_type:{_ELEMENTS[kinds.pop()]}"] if len(kinds) == 1 else []
            return f"array_val:{{{' '.join(parts)}}}"


def _resolved(match: re.Match[str]) -> str:
    escape = match[0][1:]
    if escape in _SIMPLE:
        return _SIMPLE[escape]
    base = {"x": 16, "u": 16, "U": 16}.get(escape[0], 8)
    code = int(escape if base == 8 else escape[1:], base) if match[1] else -1
    if escape[0] in "uU" and 0 <= code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF:
        return chr(code)
    if escape[0] not in "uU" and 0 <= code < 256:
        return chr(code) if code < 128 else chr(0xDC00 + code)
    raise errors.FilterBadString


def _go_float(value: float) -> str:
    """Go's shortest %g: with an exponent below 1e-4 and from 1e6 on."""
    if value != value or value in (float("inf"), float("-inf")):
        return {"inf": "inf", "-inf": "-inf"}.get(str(value), "nan")
    sign, digits, exponent = Decimal(repr(value)).as_tuple()
    figures = "".join(map(str, digits)).rstrip("0") or "0"
    leading = len(digits) + int(exponent) - 1
    minus = "-" if sign else ""
    if figures == "0":
        return f"{minus}0"
    if leading < -4 or leading >= 6:
        mantissa = figures[0] + ("." + figures[1:] if len(figures) > 1 else "")
        return f"{minus}{mantissa}e{leading:+03d}"
    return minus + format(Decimal(repr(value)).copy_abs().normalize(), "f")


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")


_ELEMENTS: dict[type, str] = {bool: "Bool", int: "Int64", float: "Double", str: "VarChar", list: "Array"}
_ESCAPE = re.compile(r"\\(?:(x[0-9a-fA-F]{2}|[0-7]{3}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})|[\s\S])", re.DOTALL)
_UNICODE = re.compile(r"\\u([0-9a-fA-F]{4})")
_HAN = re.compile(f"[{HAN}]")
_KNOWN_ESCAPES = ("", "\\", "n", "t", "r", "f", '"', "'")
_RAW_PREFIX = re.compile(r"(?:^|[^A-Za-z_0-9])[rR]$")
_SIMPLE = {
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
    "\\": "\\",
    '"': '"',
    "'": "'",
}
