"""The rows of a collection that are not flushed yet: one growing segment for each partition that has such rows.

Guarded by the write lock of its collection. What readers see of it are ``views``, once the collection published them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping

from fakemilvus.clock import Clock
from fakemilvus.datatypes import Column
from fakemilvus.engine.removal import Finder
from fakemilvus.engine.schema import Schema
from fakemilvus.engine.segment import GrowingSegment, Segment

MAX_FIRST_CAPACITY = 1 << 16


class Growing:
    """The growing segments by the id of their partition; one of ``segment_rows`` rows is full, and is sealed."""

    def __init__(self, clock: Clock, segment_rows: int) -> None:
        self._clock = clock
        self._segment_rows = segment_rows
        self._segments: dict[int, GrowingSegment] = {}

    @property
    def views(self) -> list[Segment]:
        return [growing.view for growing in self._segments.values()]

    def resume(self, views: Iterable[Segment]) -> None:
        """Goes on from the views of another collection, which may go on elsewhere."""
        self._segments = {view.partition_id: GrowingSegment.resumed(view) for view in views}

    def append(
        self, schema: Schema, partition_id: int, columns: Mapping[int, Column], rows: int, timestamp: int
    ) -> list[Segment]:
        """Appends rows to a partition's segment, sealing it whenever it is full; returns what was sealed."""
        sealed: list[Segment] = []
        start = 0
        while start < rows:
            growing = self._segments.get(partition_id)
            if growing is None:
                growing = GrowingSegment(self._clock.timestamp(), partition_id, schema, min(rows, MAX_FIRST_CAPACITY))
                self._segments[partition_id] = growing
            stop = min(rows, start + self._segment_rows - growing.view.rows)
            whole = start == 0 and stop == rows
            part = columns if whole else {i: column.take(slice(start, stop)) for i, column in columns.items()}
            growing.append(part, timestamp)
            if growing.view.rows >= self._segment_rows:
                sealed.append(self._segments.pop(partition_id).seal())
            start = stop
        return sealed

    def seal(self) -> list[Segment]:
        """Everything as flushed segments; nothing grows any more."""
        sealed = [growing.seal() for growing in self._segments.values() if growing.view.rows]
        self._segments.clear()
        return sealed

    def remove(self, gone: Finder, concerns: Callable[[int], bool]) -> None:
        """Takes rows out of the partitions that this concerns."""
        for partition_id, growing in self._segments.items():
            if concerns(partition_id):
                growing.view = growing.view.without(gone(growing.view))

    def keep_partitions(self, kept: Collection[int]) -> None:
        """Forgets the rows of all other partitions."""
        self._segments = {i: growing for i, growing in self._segments.items() if i in kept}

    def reshape(self, schema: Schema) -> None:
        """Gives the rows the columns of another schema."""
        for growing in self._segments.values():
            growing.reshape(schema)
