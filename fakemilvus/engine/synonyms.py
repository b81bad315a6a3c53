r"""Lists of synonyms as Milvus reads them: ``a, b, c`` mean the same, ``a => b, c`` puts others in a word's place.

A comma, a blank, ``=>`` and a backslash are parts of a word behind a backslash. Source: synonym_filter.rs of Milvus'
tantivy-binding, Milvus 3.0.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from fakemilvus.engine.tokenizers import Refused


def read_synonyms(rows: Iterable[str], expand: bool) -> Mapping[str, tuple[str, ...]]:
    """What becomes of each word; with ``expand`` the word itself is among it. Raises Refused."""
    table: dict[str, dict[str, None]] = {}
    for row in rows:
        left, right = _read(row)
        if right is None:
            meant = left if expand else left[:1]
            right = meant
        for word in left:
            known = table.setdefault(word, {word: None} if expand else {})
            known.update(dict.fromkeys(right))
    return {word: tuple(meant) for word, meant in table.items()}


# -- private ---------------------------------------------------------------------------------------------------


def _read(row: str) -> tuple[list[str], list[str] | None]:
    """The words before ``=>`` and behind it, None where there is none."""
    sides: list[list[str]] = [[]]
    current, spaced = "", False
    for escaped, mark, text in _pieces(row):
        if mark in (",", "=>"):
            sides[-1] += [current] if current else []
            current, spaced = "", False
            if mark == "=>":
                if len(sides) == 2:
                    raise Refused(f'read synonym dict failed, has more than one "=>" in {row}')
                sides.append([])
        elif mark == " ":
            spaced = bool(current)
        else:
            if spaced and not escaped:
                raise Refused(f"read synonym dict failed, has space between words {row}, please use \\ to escape space")
            current += escaped[1:] or text
    sides[-1] += [current] if current else []
    return sides[0], sides[1] if len(sides) == 2 else None


def _pieces(row: str) -> Iterable[tuple[str, str, str]]:
    """Escaped text, a mark, or a character, each in its place and the others empty."""
    at = 0
    while at < len(row):
        found = _PIECE.match(row, at)
        if found is None:
            after = row[at + 1 : at + 2]
            raise Refused(
                f"invalid synonym escaped: \\{after} in {row}"
                if after
                else f"invalid synonym escaped in the end: {row}"
            )
        yield found.group(1) or "", found.group(2) or "", found.group(3) or ""
        at = found.end()


_PIECE = re.compile(r"(\\(?:[,\\ ]|=>))|(,|=>| )|([^\\])", re.DOTALL)
