"""Partitions: what becomes of them, what names them, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from pymilvus.grpc_gen import common_pb2 as common
from pymilvus.grpc_gen import milvus_pb2 as milvus

from tests.conformance.making import plain_rows, random_vectors
from tests.conformance.refusals import Refusal, check_accepted, check_refused, invalid
from tests.conformance.target import Collections, Target, until

NO_PARTITION = Refusal(200, 15, "partition not found[partition={partition}]", input_error=True)
IN_MEMORY = milvus.ShowType.Value("InMemory")


@pytest.fixture
def name(target: Target, collections: Collections) -> str:
    """An indexed collection, not loaded, with the partitions a and b, of 3 and 5 flushed rows, and 2 in the default."""
    name = collections.make()
    start = 0
    for partition, rows in (("a", 3), ("b", 5), ("", 2)):
        if partition:
            target.done("CreatePartition", collection_name=name, partition_name=partition)
        check_accepted(target.insert(name, plain_rows(rows, start), rows, partition_name=partition))
        start += rows
    target.flush(name)
    target.done("CreateIndex", collection_name=name, field_name="vec", extra_params={"metric_type": "L2"})
    return name


def ids(response: Any) -> list[int]:
    """The primary keys of a query's answer."""
    check_accepted(response)
    (column,) = (data for data in response.fields_data if data.field_name == "id")
    return sorted(column.scalars.long_data.data)


def load_partitions(target: Target, name: str, *partitions: str) -> None:
    """Loads partitions, and waits until they are."""
    target.done("LoadPartitions", collection_name=name, partition_names=partitions, replica_number=1)
    asked = {"collection_name": name, "partition_names": partitions}
    until(lambda: target.done("GetLoadingProgress", **asked).progress == 100)


def state(target: Target, name: str, *partitions: str) -> str:
    response = target.done("GetLoadState", collection_name=name, partition_names=partitions)
    return str(common.LoadState.Name(response.state))


def partition_id(target: Target, name: str, partition: str) -> int:
    shown = target.done("ShowPartitions", collection_name=name)
    return int(dict(zip(shown.partition_names, shown.partitionIDs, strict=True))[partition])


# -- definitions -----------------------------------------------------------------------------------------------


def test_show(target: Target, name: str) -> None:
    """ShowPartitions tells names, ids and times, oldest first; the collection counts them."""
    shown = target.done("ShowPartitions", collection_name=name)
    assert list(shown.partition_names) == ["_default", "a", "b"]
    assert len(set(shown.partitionIDs)) == 3
    assert list(shown.created_timestamps) == sorted(shown.created_timestamps)
    assert [stamp >> 18 for stamp in shown.created_timestamps] == list(shown.created_utc_timestamps)
    assert not shown.inMemory_percentages
    assert target.done("DescribeCollection", collection_name=name).num_partitions == 3


def test_create_twice(target: Target, name: str) -> None:
    """Creating a partition that is there is no error, and makes no second one."""
    target.done("CreatePartition", collection_name=name, partition_name="a")
    assert list(target.done("ShowPartitions", collection_name=name).partition_names) == ["_default", "a", "b"]


def test_has(target: Target, name: str) -> None:
    """HasPartition tells which there are."""
    assert target.done("HasPartition", collection_name=name, partition_name="a").value
    assert not target.done("HasPartition", collection_name=name, partition_name="c").value


def test_drop(target: Target, name: str) -> None:
    """A dropped partition is gone with its rows; dropping it again is no error."""
    target.done("DropPartition", collection_name=name, partition_name="b")
    target.done("DropPartition", collection_name=name, partition_name="b")
    assert list(target.done("ShowPartitions", collection_name=name).partition_names) == ["_default", "a"]
    target.load(name)
    assert ids(target.query(name, "id >= 0", ["id"])) == [0, 1, 2, 8, 9]


def test_drop_default(target: Target, name: str) -> None:
    """The default partition stays."""
    refusal = invalid("default partition cannot be deleted")
    target.refused("DropPartition", refusal, collection_name=name, partition_name="_default")


def test_drop_loaded(target: Target, name: str) -> None:
    """A loaded partition cannot be dropped before it is released."""
    load_partitions(target, name, "a")
    refusal = invalid("partition cannot be dropped, partition is loaded, please release it first")
    target.refused("DropPartition", refusal, collection_name=name, partition_name="a")
    target.done("ReleasePartitions", collection_name=name, partition_names=["a"])
    target.done("DropPartition", collection_name=name, partition_name="a")


def test_statistics(target: Target, name: str) -> None:
    """GetPartitionStatistics counts the flushed rows of one partition."""
    stats = target.done("GetPartitionStatistics", collection_name=name, partition_name="b").stats
    assert {pair.key: pair.value for pair in stats} == {"row_count": "5"}


@pytest.mark.parametrize(
    ("partition", "problem"),
    [
        ("", "Partition name should not be empty."),
        ("p" * 256, "The length of a partition name must be less than 255 characters."),
        ("!a", "The first character of a partition name must be an underscore or letter."),
        ("a b", "Partition name can only contain numbers, letters and underscores."),
    ],
)
def test_bad_name(target: Target, name: str, partition: str, problem: str) -> None:
    """What is no name is refused by whoever makes, drops or looks for a partition."""
    refusal = invalid(f"Invalid partition name: {partition}. {problem}")
    for rpc in ("CreatePartition", "DropPartition", "HasPartition"):
        target.refused(rpc, refusal, collection_name=name, partition_name=partition)


@pytest.mark.parametrize("rpc", ["CreatePartition", "DropPartition", "HasPartition", "ShowPartitions"])
def test_missing_collection(target: Target, collections: Collections, rpc: str) -> None:
    """A missing collection is 4/100."""
    missing = collections.name()
    refusal = Refusal(100, 4, "collection not found[database=default][collection={name}]", input_error=True)
    fields = {} if rpc == "ShowPartitions" else {"partition_name": "a"}
    target.refused(rpc, refusal, {"name": missing}, collection_name=missing, **fields)


# -- rows ------------------------------------------------------------------------------------------------------


def test_read_by_names(target: Target, name: str) -> None:
    """Queries and searches see the named partitions only."""
    target.load(name)
    assert ids(target.query(name, "id >= 0", ["id"], partitions=["a"])) == [0, 1, 2]
    assert ids(target.query(name, "id >= 0", ["id"], partitions=["a", "_default", "a"])) == [0, 1, 2, 8, 9]
    found = target.search(name, random_vectors(1), 10, partitions=["b"])
    assert sorted(found.results.ids.int_id.data) == [3, 4, 5, 6, 7]


def test_delete_in_a_partition(target: Target, name: str) -> None:
    """A delete that names a partition spares the same keys elsewhere."""
    target.load(name)
    target.done("Delete", collection_name=name, partition_name="a", expr="id in [0, 4]")
    assert ids(target.query(name, "id >= 0", ["id"])) == [1, 2, 3, 4, 5, 6, 7, 8, 9]


def test_write_into_a_missing_partition(target: Target, name: str) -> None:
    """Writes refuse a missing partition with 15/200; a delete says more."""
    response = target.insert(name, plain_rows(1), 1, partition_name="c")
    check_refused(response, NO_PARTITION, target.version, partition="c")
    text = "Failed to get partition id: partition not found[partition=c]"
    refusal = Refusal(200, 15, text, True, detail=text)
    target.refused("Delete", refusal, collection_name=name, partition_name="c", expr="id in [1]")


def test_read_a_missing_partition(target: Target, name: str) -> None:
    """Reads refuse a missing partition in words of their own."""
    target.load(name)
    refusal = invalid("partition name c not found")
    check_refused(target.query(name, "id >= 0", ["id"], partitions=["a", "c"]), refusal, target.version)
    check_refused(target.search(name, random_vectors(1), partitions=["c"]), refusal, target.version)


# -- loading ---------------------------------------------------------------------------------------------------


def test_load_some(target: Target, name: str) -> None:
    """With some partitions loaded, reads that name none see those; states and progress tell of each."""
    load_partitions(target, name, "a")
    assert ids(target.query(name, "id >= 0", ["id"])) == [0, 1, 2]
    assert (state(target, name), state(target, name, "a")) == ("LoadStateLoaded", "LoadStateLoaded")
    assert state(target, name, "a", "b") == "LoadStateNotLoad"
    assert target.done("GetLoadingProgress", collection_name=name, partition_names=["a"]).progress == 100
    load_partitions(target, name, "b")
    until(lambda: ids(target.query(name, "id >= 0", ["id"])) == [0, 1, 2, 3, 4, 5, 6, 7])


def test_show_loaded(target: Target, name: str) -> None:
    """With type InMemory ShowPartitions tells the loaded ones, each at 100, and refuses another by name."""
    load_partitions(target, name, "b")
    shown = target.done("ShowPartitions", collection_name=name, type=IN_MEMORY)
    assert (list(shown.partition_names), list(shown.inMemory_percentages)) == (["b"], [100])
    refusal = Refusal(201, 1, "partition not loaded[partition={id}]")
    facts = {"id": partition_id(target, name, "a")}
    target.refused("ShowPartitions", refusal, facts, collection_name=name, type=IN_MEMORY, partition_names=["a"])


def test_progress_unloaded(target: Target, name: str) -> None:
    """GetLoadingProgress of a partition that is not loaded is 201, with its id."""
    load_partitions(target, name, "a")
    facts = {"id": partition_id(target, name, "b")}
    refusal = Refusal(201, 1, "partition not loaded[partition={id}]")
    target.refused("GetLoadingProgress", refusal, facts, collection_name=name, partition_names=["b"])


def test_read_unloaded(target: Target, name: str) -> None:
    """A read that names a partition which is not loaded is refused by the query node."""
    load_partitions(target, name, "a")
    text = "{within}: failed to search/query delegator 1 for channel *: *: partition not loaded[partition={id}]"
    refusal = Refusal(201, 1, text, since="3.0")
    facts = {"id": partition_id(target, name, "b")}
    response = target.search(name, random_vectors(1), partitions=["b"])
    check_refused(response, refusal, target.version, within="failed to search", **facts)
    response = target.query(name, "id >= 0", ["id"], partitions=["b"])
    check_refused(response, refusal, target.version, within="failed to query", **facts)


def test_release_some(target: Target, name: str) -> None:
    """Released partitions are seen no more; with the last one the collection is released."""
    target.load(name)
    target.done("ReleasePartitions", collection_name=name, partition_names=["a", "_default"])
    assert ids(target.query(name, "id >= 0", ["id"])) == [3, 4, 5, 6, 7]
    target.done("ReleasePartitions", collection_name=name, partition_names=["b"])
    assert state(target, name) == "LoadStateNotLoad"
    target.done("ReleasePartitions", collection_name=name, partition_names=["b"])


def test_new_partition_of_a_loaded_collection(target: Target, name: str) -> None:
    """A partition that is made while the collection is loaded is loaded too."""
    target.load(name)
    target.done("CreatePartition", collection_name=name, partition_name="c")
    check_accepted(target.insert(name, plain_rows(2, 20), 2, partition_name="c"))
    assert ids(target.query(name, "id >= 20", ["id"], partitions=["c"])) == [20, 21]


def test_load_nothing(target: Target, name: str) -> None:
    """LoadPartitions wants a name, and so does ReleasePartitions of what is loaded."""
    refusal = invalid("failed to load partition, due to no partition specified")
    target.refused("LoadPartitions", refusal, collection_name=name)
    target.load(name)
    refusal = Refusal(
        1100, 5, "invalid parameter[expected=any partition][actual=empty partition list]", True, since="3.0"
    )
    target.refused("ReleasePartitions", refusal, collection_name=name)


@pytest.mark.parametrize("rpc", ["LoadPartitions", "ReleasePartitions", "GetLoadState"])
def test_load_a_missing_partition(target: Target, name: str, rpc: str) -> None:
    """A missing partition is 15/200."""
    target.refused(rpc, NO_PARTITION, {"partition": "c"}, collection_name=name, partition_names=["a", "c"])


def test_load_partitions_without_an_index(target: Target, collections: Collections) -> None:
    """Partitions of a collection without an index cannot be loaded."""
    bare = collections.make()
    refusal = Refusal(700, 25, "index not found[collection={name}]")
    target.refused("LoadPartitions", refusal, {"name": bare}, collection_name=bare, partition_names=["_default"])


def test_replicas_of_loaded_partitions(target: Target, name: str) -> None:
    """What is loaded keeps its number of replicas when more partitions are loaded."""
    load_partitions(target, name, "a")
    text = "can't change the replica number for loaded partitions"
    refusal = Refusal(1100, 5, f"{text}: invalid parameter[expected=1][actual=2]", True, since="3.0")
    target.refused("LoadPartitions", refusal, collection_name=name, partition_names=["b"], replica_number=2)


def test_partition_statistics_of_a_missing_partition(target: Target, name: str) -> None:
    """A missing partition has no statistics: 15/200."""
    facts = {"partition": "c"}
    target.refused("GetPartitionStatistics", NO_PARTITION, facts, collection_name=name, partition_name="c")
