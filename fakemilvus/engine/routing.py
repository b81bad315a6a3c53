"""Which partitions a request is about: where its rows go, and where it looks for them.

With a partition key, a row's value decides and requests may name no partition; a filter that tells which values can
pass is looked for in their partitions only. Without one, requests may name partitions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from fakemilvus import errors
from fakemilvus.datatypes import TYPES, Column
from fakemilvus.engine.keys import Rows
from fakemilvus.engine.partition_keys import hashed, is_isolated
from fakemilvus.engine.partitions import check_partition_name, find_named
from fakemilvus.engine.schema import Pairs, Schema
from fakemilvus.engine.shares import Shares
from fakemilvus.engine.snapshot import Partition, Snapshot
from fakemilvus.filters import Filter


def share_rows(snapshot: Snapshot, partition: str, columns: Mapping[int, Column]) -> Shares:
    """Where rows go: by their partition key, or into the named partition, the empty name meaning the default one."""
    key = snapshot.schema.partition_key
    if key is None:
        return ((find_written(snapshot, partition).id, None),)
    numbers = hashed(columns[key.id], len(snapshot.partitions))
    return tuple((snapshot.partitions[number].id, rows) for number, rows in _grouped(numbers))


def find_written(snapshot: Snapshot, partition: str) -> Partition:
    """The partition that a write names, the empty name meaning the default one, or with a partition key the first."""
    refuse_names(snapshot.schema, (partition,) if partition else ())
    if snapshot.schema.partition_key is not None:
        return snapshot.partitions[0]
    if partition:
        check_partition_name(partition)
    return snapshot.find_partition(partition)


def find_replaced(snapshot: Snapshot, partition: str) -> frozenset[int]:
    """The ids of the partitions where an upsert looks for the rows that it replaces: where it writes, or with a
    partition key, which may be another now, all.
    """
    written = find_written(snapshot, partition)
    return frozenset(held.id for held in (snapshot.partitions if snapshot.schema.partition_key else (written,)))


def find_deleted(snapshot: Snapshot, partition: str, wanted: Filter) -> frozenset[int]:
    """The ids of the partitions that a delete looks at: the named one, those of its keys, or all."""
    refuse_names(snapshot.schema, (partition,) if partition else ())
    if partition:
        check_partition_name(partition, within="Invalid partition name")
        return frozenset([snapshot.find_partition(partition, within="Failed to get partition id").id])
    return frozenset(held.id for held in _of_keys(snapshot, wanted) or snapshot.partitions)


def find_read(snapshot: Snapshot, names: Iterable[str]) -> tuple[Partition, ...]:
    """The partitions that a search or a query names; none means all that are loaded."""
    names = tuple(names)
    refuse_names(snapshot.schema, names)
    return tuple(find_named(snapshot, names))


def readable(
    snapshot: Snapshot, partitions: Iterable[Partition], wanted: Filter | None, channel: str, within: str
) -> Snapshot:
    """What a reader of these partitions may see and its filter may let pass.

    ``channel`` is what the refusal of partitions that are not loaded names.
    """
    chosen = frozenset(partition.id for partition in tuple(partitions) or _of_keys(snapshot, wanted))
    missing = chosen - snapshot.loaded
    if missing:
        raise errors.UnloadedPartitionRead(channel=channel, partition=min(missing), within=within)
    if not chosen and len(snapshot.loaded) == len(snapshot.partitions):
        return snapshot
    return snapshot.within(chosen or snapshot.loaded)


def refuse_names(schema: Schema, names: tuple[str, ...]) -> None:
    """With a partition key nobody but the key chooses a partition."""
    if names and schema.partition_key is not None:
        raise errors.PartitionNamedWithKey


def refuse_managing(schema: Schema, verb: str) -> None:
    """With a partition key the partitions stay as they are."""
    if schema.partition_key is not None:
        raise errors.PartitionManagedWithKey(verb=verb)


def check_isolation(snapshot: Snapshot, properties: Pairs, wanted: Filter) -> None:
    """With the property of isolation a search has to ask for one value of the partition key."""
    key = snapshot.schema.partition_key
    if key is not None and is_isolated(properties):
        from fakemilvus.filters import pruning  # late, as all that reads filters

        pruning.check_isolated(wanted.plan, key.name)


# -- private ---------------------------------------------------------------------------------------------------


def _grouped(numbers: Rows) -> Iterable[tuple[int, Rows | None]]:
    """The rows of each partition number, in their order; None where all rows have the same."""
    used = np.unique(numbers)
    if len(used) == 1:
        return [(int(used[0]), None)]
    order = np.argsort(numbers, kind="stable")
    starts = np.searchsorted(numbers[order], used)
    return zip(used.tolist(), np.split(order, starts[1:]), strict=True)


def _of_keys(snapshot: Snapshot, wanted: Filter | None) -> tuple[Partition, ...]:
    """The partitions of the only keys that can pass; none where any key can, and as in Milvus where none can."""
    key = snapshot.schema.partition_key
    if key is None or wanted is None:
        return ()
    from fakemilvus.filters import pruning

    values = pruning.candidates(wanted.plan, key.name)
    if not values:
        return ()
    column = Column(key.type, np.array(sorted(values), TYPES[key.type].dtype))
    numbers = np.unique(hashed(column, len(snapshot.partitions)))
    return tuple(snapshot.partitions[number] for number in numbers)
