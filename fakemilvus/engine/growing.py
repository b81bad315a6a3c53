"""The rows of a collection that are not flushed yet: a growing segment for each shard of a partition with such rows.

Guarded by the write lock of its collection. What readers see of it are ``views``, once the collection published them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from fakemilvus.clock import Clock
from fakemilvus.engine.removal import Finder
from fakemilvus.engine.schema import Schema
from fakemilvus.engine.segment import GrowingSegment, Segment
from fakemilvus.engine.shares import Part

MAX_FIRST_CAPACITY = 1 << 16


class Growing:
    """The growing segments by partition id and shard; one of ``segment_rows`` rows is full, and is sealed."""

    def __init__(self, clock: Clock, segment_rows: int) -> None:
        self._clock = clock
        self._segment_rows = segment_rows
        self._segments: dict[tuple[int, int], GrowingSegment] = {}

    @property
    def views(self) -> list[Segment]:
        return [growing.view for growing in self._segments.values()]

    def resume(self, views: Iterable[Segment]) -> None:
        """Goes on from the views of another collection, which may go on elsewhere."""
        self._segments = {(view.partition_id, view.shard): GrowingSegment.resumed(view) for view in views}

    def append(self, schema: Schema, part: Part, timestamp: int) -> list[Segment]:
        """Appends rows to their segment, sealing it whenever it is full; returns what was sealed."""
        sealed: list[Segment] = []
        place, start = (part.partition_id, part.shard), 0
        while start < part.rows:
            growing = self._segments.get(place)
            if growing is None:
                capacity = min(part.rows, MAX_FIRST_CAPACITY)
                growing = GrowingSegment(self._clock.timestamp(), part.partition_id, schema, capacity, part.shard)
                self._segments[place] = growing
            stop = min(part.rows, start + self._segment_rows - growing.view.rows)
            whole, cut = start == 0 and stop == part.rows, slice(start, stop)
            growing.append(part.columns if whole else {i: c.take(cut) for i, c in part.columns.items()}, timestamp)
            if growing.view.rows >= self._segment_rows:
                sealed.append(self._segments.pop(place).seal())
            start = stop
        return sealed

    def seal(self) -> list[Segment]:
        """Everything as flushed segments; nothing grows any more."""
        sealed = [growing.seal() for growing in self._segments.values() if growing.view.rows]
        self._segments.clear()
        return sealed

    def remove(self, gone: Finder, concerns: Callable[[int], bool]) -> None:
        """Takes rows out of the partitions that this concerns."""
        for (partition_id, _), growing in self._segments.items():
            if concerns(partition_id):
                growing.view = growing.view.without(gone(growing.view))

    def keep_partitions(self, kept: Collection[int]) -> None:
        """Forgets the rows of all other partitions."""
        self._segments = {place: growing for place, growing in self._segments.items() if place[0] in kept}

    def reshape(self, schema: Schema) -> None:
        """Gives the rows the columns of another schema."""
        for growing in self._segments.values():
            growing.reshape(schema)
