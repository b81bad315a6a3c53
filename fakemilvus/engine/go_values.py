"""Texts as Go's strconv reads them, because Milvus reads its properties so."""

from __future__ import annotations


def parse_bool(text: str) -> bool | None:
    """True or False, or None where Go would refuse the text."""
    return _BOOLEANS.get(text)


_BOOLEANS = {
    **dict.fromkeys(("1", "t", "T", "true", "TRUE", "True"), True),
    **dict.fromkeys(("0", "f", "F", "false", "FALSE", "False"), False),
}
