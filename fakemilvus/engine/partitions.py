"""Partitions come and go: names that may be, and pure steps from one snapshot to the next, in Milvus' words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from fakemilvus import errors, limits
from fakemilvus.engine.snapshot import DEFAULT_PARTITION, Partition, Snapshot


def check_partition_name(given: str, *, strict: bool = True, within: str = "") -> None:
    """The rules for the name of a partition; reading rpcs look at emptiness and length only, which is not strict."""
    name = given.strip()
    if not name:
        raise errors.PartitionNameEmpty(within=within)
    if len(name.encode()) > limits.MAX_NAME_LENGTH:
        raise errors.PartitionNameTooLong(name=name, limit=limits.MAX_NAME_LENGTH, within=within)
    if strict and not _START.match(name):
        raise errors.PartitionNameStart(name=name, within=within)
    if strict and not _NAME.fullmatch(name):
        raise errors.PartitionNameCharacters(name=name, within=within)


def with_partition(snapshot: Snapshot, partition: Partition, collection: str) -> Snapshot:
    """The snapshot with one more partition, loaded if anything is; a name that is there already is no complaint."""
    if any(held.name == partition.name for held in snapshot.partitions):
        return snapshot
    if len(snapshot.partitions) >= limits.MAX_PARTITIONS:
        held = len(snapshot.partitions)
        raise errors.TooManyPartitions(number=held, limit=limits.MAX_PARTITIONS, collection=collection)
    loaded = snapshot.loaded | {partition.id} if snapshot.loaded else snapshot.loaded
    return replace(snapshot, partitions=(*snapshot.partitions, partition), loaded=loaded)


def without_partition(snapshot: Snapshot, name: str) -> Snapshot:
    """The snapshot without a partition; a missing one is no complaint, a loaded one and the default one are refused."""
    found = next((partition for partition in snapshot.partitions if partition.name == name), None)
    if found is None:
        return snapshot
    if found.id in snapshot.loaded:
        raise errors.PartitionIsLoaded
    if name == DEFAULT_PARTITION:
        raise errors.DefaultPartitionDropped
    return replace(snapshot, partitions=tuple(held for held in snapshot.partitions if held is not found))


def find_named(snapshot: Snapshot, names: Iterable[str]) -> list[Partition]:
    """The partitions that a search or a query names, which words a missing one in its own way."""
    names = tuple(names)
    for name in names:
        check_partition_name(name, strict=False)
    known = {partition.name: partition for partition in snapshot.partitions} if names else {}
    missing = next((name for name in names if name not in known), None)
    if missing is not None:
        raise errors.PartitionNameNotFound(partition=missing)
    return [known[name] for name in dict.fromkeys(names)]


_START = re.compile("[A-Za-z0-9_]")
_NAME = re.compile("[A-Za-z0-9_-]*")
