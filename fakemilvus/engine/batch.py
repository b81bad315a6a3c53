"""What a filter sees of a segment: its columns by name, and its scalar indexes."""

from __future__ import annotations

from fakemilvus.datatypes import Column, Mask
from fakemilvus.engine.index import Index
from fakemilvus.engine.segment import Segment


class SegmentBatch:
    """A segment as the ``filters`` package wants it; ``scalar_indexes`` maps a field's name to its index."""

    __slots__ = ("_scalar_indexes", "_segment", "rows")

    def __init__(self, segment: Segment, scalar_indexes: dict[str, Index]) -> None:
        self._segment = segment
        self._scalar_indexes = scalar_indexes
        self.rows = segment.rows

    def column(self, name: str) -> Column:
        return self._segment.columns[self._segment.schema.by_name[name].id]

    def find(self, name: str, operator: str, value: object) -> Mask | None:
        """The rows that compare so, from a scalar index; None when there is none that can tell."""
        index = self._scalar_indexes.get(name)
        built = self._segment.built.get(index.id) if index is not None else None
        mask: Mask | None = None if built is None else built.find(operator, value)
        return mask


def scalar_indexes(indexes: tuple[Index, ...]) -> dict[str, Index]:
    """The scalar indexes by the name of their field."""
    return {index.field.name: index for index in indexes if not index.field.is_vector}
