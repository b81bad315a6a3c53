"""Which partitions a request is about: where its rows go, and where it looks for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fakemilvus import errors
from fakemilvus.datatypes import Column
from fakemilvus.engine.collection import Shares
from fakemilvus.engine.partitions import check_partition_name, find_named
from fakemilvus.engine.snapshot import Partition, Snapshot


def share_rows(snapshot: Snapshot, partition: str, columns: Mapping[int, Column]) -> Shares:
    """Where rows go: into the named partition, the empty name meaning the default one."""
    return ((find_written(snapshot, partition).id, None),)


def find_written(snapshot: Snapshot, partition: str) -> Partition:
    """The partition that a write names, the empty name meaning the default one."""
    if partition:
        check_partition_name(partition)
    return snapshot.find_partition(partition)


def find_deleted(snapshot: Snapshot, partition: str) -> frozenset[int]:
    """The ids of the partitions that a delete looks at: the named one, or all."""
    if partition:
        return frozenset([find_written(snapshot, partition).id])
    return frozenset(held.id for held in snapshot.partitions)


def find_read(snapshot: Snapshot, names: Iterable[str]) -> tuple[Partition, ...]:
    """The partitions that a search or a query names; none means all that are loaded."""
    return tuple(find_named(snapshot, names))


def readable(snapshot: Snapshot, partitions: Iterable[Partition], channel: str, within: str) -> Snapshot:
    """What a reader of these partitions may see; ``channel`` is what the refusal of unloaded ones names."""
    wanted = frozenset(partition.id for partition in partitions)
    missing = wanted - snapshot.loaded
    if missing:
        raise errors.UnloadedPartitionRead(channel=channel, partition=min(missing), within=within)
    if not wanted and len(snapshot.loaded) == len(snapshot.partitions):
        return snapshot
    return snapshot.within(wanted or snapshot.loaded)
