"""What a filter sees of a segment: its columns by name, and its scalar indexes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from fakemilvus.datatypes import Column, DataType, Mask
from fakemilvus.engine.index import Index
from fakemilvus.engine.segment import Segment
from fakemilvus.engine.text_index import TextIndex
from fakemilvus.filters.matches import Matches

ScalarIndexes: TypeAlias = Mapping[str, tuple[Index, ...]]
"""The indexes of each field that has any: a JSON field may have one for each path."""


class SegmentBatch:
    """A segment as the ``filters`` package wants it."""

    __slots__ = ("_scalar_indexes", "_segment", "rows")

    def __init__(self, segment: Segment, scalar_indexes: ScalarIndexes) -> None:
        self._segment = segment
        self._scalar_indexes = scalar_indexes
        self.rows = segment.rows

    def column(self, name: str) -> Column:
        return self._segment.columns[self._segment.schema.by_name[name].id]

    def text_index(self, name: str) -> TextIndex:
        """The terms of a text field, from the segment, which makes it when first asked."""
        field = self._segment.schema.by_name[name]
        return self._segment.texts.index(field, self._segment.columns[field.id])

    def find(self, name: str, operator: str, value: object) -> Mask | None:
        """The rows of a whole field that compare so, from a scalar index; None when there is none that can tell."""
        matches = self.look_up(name, (), operator, value)
        return None if matches is None else matches.mask()

    def look_up(self, name: str, path: tuple[str, ...], operator: str, value: object) -> Matches | None:
        """The same, for what stands at a path of a JSON field too."""
        for index in self._scalar_indexes.get(name, ()):
            built = self._segment.built.get(index.id)
            if built is None:
                continue
            if index.field.type is DataType.JSON:
                matches: Matches | None = built.look_up_at(path, operator, value)
            else:
                matches = None if path else built.look_up(operator, value)
            if matches is not None:
                return matches
        return None


def scalar_indexes(indexes: tuple[Index, ...]) -> ScalarIndexes:
    """The scalar indexes by the name of their field."""
    found: dict[str, tuple[Index, ...]] = {}
    for index in indexes:
        if not index.field.is_vector:
            found[index.field.name] = (*found.get(index.field.name, ()), index)
    return found
