"""LIKE patterns: ``%`` is any text, ``_`` one character, a backslash takes the next character as it is."""

from __future__ import annotations

import re
from collections.abc import Callable

from fakemilvus import errors

Piece = tuple[str, bool]  # a character, and whether it is a wildcard


def checked(pattern: str) -> str:
    """The pattern, which must not end in a backslash that escapes nothing."""
    if _pieces(pattern) is None:
        raise errors.FilterLikeEscape
    return pattern


def affix(pattern: str) -> tuple[bool, str, bool] | None:
    """``(open before, text, open behind)`` where the only wildcards are ``%`` at the ends, else None."""
    pieces = _pieces(pattern) or []
    start, stop = 0, len(pieces)
    while start < stop and pieces[start] == ("%", True):
        start += 1
    while stop > start and pieces[stop - 1] == ("%", True):
        stop -= 1
    if any(wild for _, wild in pieces[start:stop]):
        return None
    return start > 0, "".join(character for character, _ in pieces[start:stop]), stop < len(pieces)


def literals(pattern: str) -> list[str]:
    """The parts between the wildcards, each of which a text must hold; wildcards are all that may stand between."""
    parts = [""]
    for character, wild in _pieces(pattern) or []:
        if wild:
            parts.append("")
        else:
            parts[-1] += character
    return [part for part in parts if part]


def matcher(pattern: str) -> Callable[[str], bool]:
    """Whether a text matches the pattern, in time that grows with the text only.

    The first place where a part between two ``%`` fits is as good as any later one, so it is never reconsidered.
    """
    parts = [""]
    for character, wild in _pieces(pattern) or []:
        if (character, wild) == ("%", True):
            parts.append("")
        else:
            parts[-1] += "." if wild else re.escape(character)
    if len(parts) > 1:
        parts[1:-1] = [f"(?>.*?{part})" for part in parts[1:-1] if part]
        parts[-1] = f".*{parts[-1]}"
    fullmatch = re.compile("".join(parts), re.DOTALL).fullmatch
    return lambda text: fullmatch(text) is not None


def _pieces(pattern: str) -> list[Piece] | None:
    """The pattern's characters with their escapes resolved, or None when the last escape escapes nothing."""
    pieces: list[Piece] = []
    characters = iter(pattern)
    for character in characters:
        if character == "\\":
            escaped = next(characters, None)
            if escaped is None:
                return None
            pieces.append((escaped, False))
        else:
            pieces.append((character, character in "%_"))
    return pieces
