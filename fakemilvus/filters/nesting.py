"""How deep the text of a geometry may nest: GEOS reads it by recursion, which would end the process."""

from __future__ import annotations

from itertools import accumulate

from fakemilvus import errors

MAX_NESTING = 1_000


def check_nesting(text: str) -> None:
    """Raises Unimplemented where more than MAX_NESTING parentheses are open at once."""
    if text.count("(") <= MAX_NESTING:
        return
    opened = accumulate((character == "(") - (character == ")") for character in text)
    if max(opened) > MAX_NESTING:
        raise errors.Unimplemented(f"a geometry of more than {MAX_NESTING:,} collections in each other")
