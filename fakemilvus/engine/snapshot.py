"""One moment of a collection as a frozen value: schema, segments, indexes, partitions, and what is loaded.

Pure: what changes a snapshot gives a new one. It knows no locks, no builds, and not the collection it belongs to.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from fakemilvus import errors
from fakemilvus.engine.index import Index
from fakemilvus.engine.schema import Schema
from fakemilvus.engine.segment import Segment

DEFAULT_PARTITION = "_default"


@dataclass(frozen=True, slots=True)
class Partition:
    """A named part of a collection's rows; ``created`` is a hybrid timestamp."""

    id: int
    name: str
    created: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One consistent state of a collection: what a reader sees from beginning to end.

    ``partitions`` stand oldest first, and are never none. ``loaded`` has the ids of those that may be searched.
    ``load_fields`` has the ids of the loaded fields, or is None for all. ``replicas`` is what the load asked for.
    """

    schema: Schema
    segments: tuple[Segment, ...] = ()
    indexes: tuple[Index, ...] = ()
    partitions: tuple[Partition, ...] = ()
    loaded: frozenset[int] = frozenset()
    load_fields: frozenset[int] | None = None
    replicas: int = 0

    def flushed(self) -> Snapshot:
        """The same state without the rows of growing segments."""
        return replace(self, segments=tuple(segment for segment in self.segments if segment.sealed))

    def within(self, partition_ids: Iterable[int]) -> Snapshot:
        """The same state with the rows of these partitions only."""
        wanted = frozenset(partition_ids)
        return replace(self, segments=tuple(segment for segment in self.segments if segment.partition_id in wanted))

    def find_index(self, name: str) -> tuple[Index, ...]:
        """Every index that answers to a name; the empty name means all."""
        return tuple(index for index in self.indexes if index.answers_to(name))

    def index_of(self, field_id: int) -> Index | None:
        return next((index for index in self.indexes if index.field.id == field_id), None)

    def find_partition(self, name: str, within: str = "") -> Partition:
        """The partition of this name, the empty one meaning the default; PartitionNotFound when there is none."""
        name = name or DEFAULT_PARTITION
        found = next((partition for partition in self.partitions if partition.name == name), None)
        if found is None:
            raise errors.PartitionNotFound(partition=name, within=within)
        return found
