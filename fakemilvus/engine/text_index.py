"""Where the terms of a text field stand: what text_match and phrase_match ask.

A segment makes it when a filter first asks and keeps it; rows that were appended since are added. It remembers its
analyzer, whose numbers of terms are its keys. Source: index_reader_text.rs of Milvus' tantivy-binding, Milvus 3.0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fakemilvus.datatypes import Column, Mask
from fakemilvus.engine.edits import within_edits
from fakemilvus.engine.field_analyzers import analyzers_of
from fakemilvus.engine.postings import Parts, Postings, find, grown
from fakemilvus.engine.schema import Field

if TYPE_CHECKING:
    from fakemilvus.engine.analysis import Analyzer

ROWS_AT_ONCE = 1 << 16
Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class TextIndex:
    """``parts`` may hold rows that were appended after those that are seen, ``rows`` of them."""

    analyzer: Analyzer
    rows: int = 0
    parts: Parts = ()

    @property
    def held(self) -> int:
        return self.parts[-1].stop if self.parts else 0

    def grown(self, column: Column) -> TextIndex:
        """The same with the rows of a longer column too."""
        parts = self.parts
        for start in range(self.held, len(column), ROWS_AT_ONCE):
            texts = column.values[start : start + ROWS_AT_ONCE].tolist()
            found = self.analyzer.occurrences(texts)
            parts = grown(parts, Postings.of(start, len(texts), found.terms, found.rows, found.positions))
        return TextIndex(self.analyzer, len(column), parts)

    def matching(self, text: str, minimum: int = 1) -> Mask:
        """The rows with at least so many of the text's terms; a term that it has twice counts twice."""
        terms, times = np.unique(self.analyzer.occurrences([text]).terms, return_counts=True)
        had = np.zeros(self.rows, np.int64)
        for term, count in zip(terms.tolist(), times.tolist(), strict=True):
            had += count * self._with_term(term)
        return had >= max(1, minimum)

    def with_phrase(self, text: str, slop: int) -> Mask:
        """The rows where the text's terms stand as in the text, or moved by at most ``slop`` places in all."""
        asked = self.analyzer.occurrences([text])
        if len(asked.terms) < 2:
            return self.matching(text)
        terms, moved = asked.terms.tolist(), (asked.positions.max() - asked.positions).tolist()
        every = np.logical_and.reduce([self._with_term(term) for term in set(terms)])
        places = [self._places(term, every) + shift for term, shift in zip(terms, moved, strict=True)]
        mask = np.zeros(self.rows, np.bool_)
        mask[_near(places, min(slop, _FARTHEST)) >> _ROW] = True
        return mask

    def nearly_matching(self, text: str, edits: int) -> Mask:
        """The rows with a term that at most so many edits make one of the text's."""
        if not edits:
            return self.matching(text)
        known = np.unique(np.concatenate([part.keys for part in self.parts] or [np.empty(0, np.int64)]))
        names = self.analyzer.names_of(known.tolist())
        mask = np.zeros(self.rows, np.bool_)
        for word in {word.text for word in self.analyzer.tokens(text)}:
            for term in known[within_edits(names, word, edits)].tolist():
                mask |= self._with_term(term)
        return mask

    def _with_term(self, term: int) -> Mask:
        mask = np.zeros(self.rows, np.bool_)
        for rows, _ in find(self.parts, term, self.rows):
            mask[rows] = True
        return mask

    def _places(self, term: int, among: Mask) -> Places:
        """Each row and position of a term in some rows, as one number, ascending."""
        found = [
            (rows[kept] << _ROW) + positions[kept]
            for rows, positions in find(self.parts, term, self.rows)
            for kept in (among[rows],)
        ]
        places = np.concatenate(found) if found else np.empty(0, np.int64)
        if len(places) and (places[1:] < places[:-1]).any():  # words within words come late
            places.sort()
        return places


class TextForms:
    """The text indexes of a segment that only grows; replaced whole, so readers take no lock."""

    __slots__ = ("_held",)

    def __init__(self) -> None:
        self._held: Mapping[int, TextIndex] = {}

    def index(self, field: Field, column: Column) -> TextIndex:
        """The index of a column, which may be longer or shorter than when it was last asked for."""
        held = self._held.get(field.id)
        if held is None or held.held < len(column):
            held = (held or TextIndex(analyzers_of(field).named())).grown(column)
            self._held = {**self._held, field.id: held}
        return replace(held, rows=len(column))


# -- private ---------------------------------------------------------------------------------------------------


def _near(places: list[Places], slop: int) -> Places:
    """The smallest places of windows, ``slop`` long, in which each of the sorted lists has a place."""
    places = sorted(places, key=len)
    starts = np.concatenate(places) if slop else places[0]
    for one in places:
        if not len(one):
            return one
        following = np.minimum(np.searchsorted(one, starts), len(one) - 1)
        starts = starts[(one[following] >= starts) & (one[following] <= starts + slop)]
    return starts


_ROW = 32  # a place's row is in its upper half
_FARTHEST = (1 << 31) - 1  # no text is longer
