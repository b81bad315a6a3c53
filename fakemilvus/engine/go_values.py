"""Texts as Go's strconv reads them, because Milvus reads its properties so."""

from __future__ import annotations

import re


def parse_bool(text: str) -> bool | None:
    """True or False, or None where Go would refuse the text."""
    return _BOOLEANS.get(text)


def parse_int(text: str) -> int | None:
    """A whole number of 64 bits, or None where Go would refuse the text."""
    if not _INTEGER.fullmatch(text) or len(text) > _LONGEST:
        return None
    number = int(text)
    return number if -(2**63) <= number < 2**63 else None


_BOOLEANS = {
    **dict.fromkeys(("1", "t", "T", "true", "TRUE", "True"), True),
    **dict.fromkeys(("0", "f", "F", "false", "FALSE", "False"), False),
}
_INTEGER = re.compile(r"[+-]?[0-9]+")
_LONGEST = 4_000  # longer ones are out of range, or zeros
