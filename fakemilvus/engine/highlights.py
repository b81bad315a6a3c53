"""Highlights: where a text has some terms, and the pieces of it that show them between tags.

Source: mergeOffsets and fetchFragmentsFromOffsets of the delegator's util.go, and highlighter.go, Milvus 3.0.
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fakemilvus.engine.analysis import Analyzer


Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Style:
    """``size`` characters a piece, beginning ``offset`` before a term, at most ``number`` pieces; tags take turns."""

    before: tuple[str, ...] = ("<em>",)
    after: tuple[str, ...] = ("</em>",)
    size: int = 100
    offset: int = 0
    number: int = 5


def highlight(text: str, terms: AbstractSet[str], analyzer: Analyzer, style: Style) -> list[str]:
    """The pieces of a text around the terms that it has, those between tags."""
    spans = _merged([(word.start, word.stop) for word in analyzer.tokens(text) if word.text in terms])
    return [_tagged(text, piece, style) for piece in _pieces(_in_characters(text, spans), len(text), style)]


# -- private ---------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Piece:
    start: int
    stop: int
    spans: list[Span]


def _merged(spans: list[Span]) -> list[Span]:
    """Spans that touch or overlap are one."""
    merged: list[Span] = []
    for start, stop in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], stop))
        else:
            merged.append((start, stop))
    return merged


def _in_characters(text: str, spans: Sequence[Span]) -> list[Span]:
    """Offsets in bytes as offsets in characters."""
    if text.isascii():
        return list(spans)
    encoded = text.encode()
    return [(len(encoded[:start].decode()), len(encoded[:stop].decode())) for start, stop in spans]


def _pieces(spans: Sequence[Span], length: int, style: Style) -> list[_Piece]:
    pieces: list[_Piece] = []
    for start, stop in spans:
        if pieces and start <= pieces[-1].stop:
            pieces[-1].spans.append((start, stop))
            pieces[-1].stop = max(pieces[-1].stop, stop)
        elif len(pieces) < style.number:
            first = max(0, start - style.offset)
            pieces.append(_Piece(first, min(max(stop, first + style.size), length), [(start, stop)]))
        else:
            break
    return pieces


def _tagged(text: str, piece: _Piece, style: Style) -> str:
    parts, at = [], piece.start
    for number, (start, stop) in enumerate(piece.spans):
        before, after = style.before[number % len(style.before)], style.after[number % len(style.after)]
        parts += [text[at:start], before, text[start:stop], after]
        at = stop
    return "".join([*parts, text[at : piece.stop]])
