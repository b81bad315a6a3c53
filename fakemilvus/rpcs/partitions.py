"""Partitions: create, drop, has, show and count."""

from __future__ import annotations

from typing import Any

from fakemilvus.clock import physical_ms
from fakemilvus.engine.collection import Collection
from fakemilvus.engine.instance import Instance
from fakemilvus.engine.loading import check_loaded_partitions
from fakemilvus.engine.partitions import check_partition_name, with_partition, without_partition
from fakemilvus.engine.routing import refuse_managing
from fakemilvus.engine.snapshot import Partition, Snapshot
from fakemilvus.wire.dispatch import Call
from fakemilvus.wire.messages import milvus
from fakemilvus.wire.pairs import add_pairs


def create_partition(instance: Instance, call: Call) -> None:
    """Makes a partition; one of that name that exists is no error."""
    collection, name = _find(instance, call), call.request.partition_name
    refuse_managing(collection.snapshot.schema, "create partition")
    check_partition_name(name)
    made = Partition(instance.clock.timestamp(), name, instance.clock.timestamp())
    collection.change(lambda snapshot: with_partition(snapshot, made, collection.definition.name))


def drop_partition(instance: Instance, call: Call) -> None:
    """Drops a partition with its rows; a missing one is no error, a loaded one is refused."""
    collection, name = _find(instance, call), call.request.partition_name
    refuse_managing(collection.snapshot.schema, "drop partition")
    check_partition_name(name)
    collection.forget_partitions(lambda snapshot: without_partition(snapshot, name))


def has_partition(instance: Instance, call: Call) -> Any:
    """Whether a partition of this name exists; a missing collection is an error."""
    collection, name = _find(instance, call), call.request.partition_name
    check_partition_name(name)
    found = any(partition.name == name for partition in collection.snapshot.partitions)
    return milvus.BoolResponse(value=found)


def show_partitions(instance: Instance, call: Call) -> Any:
    """All partitions, or with type InMemory the loaded ones, of which those that are named have to be loaded."""
    snapshot = _find(instance, call).snapshot
    in_memory = call.request.type == milvus.ShowType.Value("InMemory")
    shown = _find_loaded(snapshot, call) if in_memory else snapshot.partitions
    return milvus.ShowPartitionsResponse(
        partition_names=[partition.name for partition in shown],
        partitionIDs=[partition.id for partition in shown],
        created_timestamps=[partition.created for partition in shown],
        created_utc_timestamps=[physical_ms(partition.created) for partition in shown],
        inMemory_percentages=[100] * len(shown) if in_memory else [],
    )


def get_partition_statistics(instance: Instance, call: Call) -> Any:
    """row_count: the rows of flushed segments of one partition; deletes are not subtracted, as in Milvus."""
    snapshot = instance.look_up(call.database, call.request.collection_name).snapshot
    partition = snapshot.find_partition(call.request.partition_name)
    rows = sum(segment.rows for segment in snapshot.within([partition.id]).segments if segment.sealed)
    response = milvus.GetPartitionStatisticsResponse()
    add_pairs(response.stats, [("row_count", str(rows))])
    return response


def _find(instance: Instance, call: Call) -> Collection:
    return instance.find_collection(call.database, call.request.collection_name)


def _find_loaded(snapshot: Snapshot, call: Call) -> list[Partition]:
    for name in call.request.partition_names:
        check_partition_name(name)
    named = [snapshot.find_partition(name) for name in call.request.partition_names]
    check_loaded_partitions(snapshot, named)
    return named or [partition for partition in snapshot.partitions if partition.id in snapshot.loaded]


RPCS = {
    "CreatePartition": create_partition,
    "DropPartition": drop_partition,
    "HasPartition": has_partition,
    "ShowPartitions": show_partitions,
    "GetPartitionStatistics": get_partition_statistics,
}
