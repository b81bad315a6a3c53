"""Flushing, and what clients are told of segments, replicas and the node."""

from __future__ import annotations

import json
from types import MappingProxyType

import pytest
from pymilvus import MilvusClient
from pymilvus.grpc_gen import common_pb2 as common

from tests.conformance.making import plain_rows
from tests.conformance.refusals import Refusal, invalid, missing
from tests.conformance.target import Collections, Target, until

FUTURE = 1 << 62


@pytest.fixture
def growing(target: Target, collections: Collections) -> str:
    """A loaded collection with one flushed segment of 3 rows and a growing one of 2."""
    name = collections.make()
    target.done("CreateIndex", collection_name=name, field_name="vec", extra_params={"metric_type": "L2"})
    target.insert(name, plain_rows(3), 3)
    target.flush(name)
    target.load(name)
    target.insert(name, plain_rows(2, start=3), 2)
    return name


def growing_id(target: Target, name: str) -> int:
    infos = target.done("GetPersistentSegmentInfo", collectionName=name, states=[common.SegmentState.Growing]).infos
    return int(infos[0].segmentID)


def test_flushed_segments(target: Target, growing: str) -> None:
    """GetPersistentSegmentInfo tells flushed segments, with every field."""
    target.needs("2.6", "2.3.5 tells neither levels and channels nor how segments are stored")
    described = target.done("DescribeCollection", collection_name=growing)
    (info,) = target.done("GetPersistentSegmentInfo", collectionName=growing).infos
    assert (info.num_rows, info.state, info.level) == (3, common.SegmentState.Flushed, common.SegmentLevel.L1)
    assert (info.collectionID, info.is_sorted) == (described.collectionID, True)
    assert info.insert_channel in described.virtual_channel_names
    assert (info.storage_version, list(info.compaction_from)) == (2, [])
    (partition,) = target.done("ShowPartitions", collection_name=growing).partitionIDs
    assert info.partitionID == partition


def test_loaded_segments(target: Target, growing: str) -> None:
    """GetQuerySegmentInfo tells loaded segments but not those that grow, and none after a release."""
    (info,) = target.done("GetQuerySegmentInfo", collectionName=growing).infos
    assert (info.num_rows, info.state) == (3, common.SegmentState.Sealed)
    assert len(info.nodeIds) == 1
    target.done("ReleaseCollection", collection_name=growing)
    assert not target.done("GetQuerySegmentInfo", collectionName=growing).infos


def test_flush_state_by_segment(target: Target, growing: str) -> None:
    """A segment that grows is not flushed; one that is flushed or unknown is."""
    target.needs("3.0", "2.3.5 takes a segment for flushed while no collection is named")
    segment = growing_id(target, growing)
    assert not target.done("GetFlushState", segmentIDs=[segment]).flushed
    assert not target.done("GetFlushState", segmentIDs=[segment], collection_name=growing).flushed
    assert target.done("GetFlushState", segmentIDs=[1]).flushed
    target.flush(growing)
    assert target.done("GetFlushState", segmentIDs=[segment], collection_name=growing).flushed


def test_flush_state_by_time(target: Target, growing: str) -> None:
    """Rows up to a timestamp are flushed or not; a time that has not come is not reached."""
    now = target.done("AllocTimestamp").timestamp
    assert target.done("GetFlushState", collection_name=growing, flush_ts=1).flushed
    assert not target.done("GetFlushState", collection_name=growing, flush_ts=now).flushed
    target.flush(growing)
    assert target.done("GetFlushState", collection_name=growing, flush_ts=now).flushed
    assert not target.done("GetFlushState", collection_name=growing, flush_ts=FUTURE).flushed


def test_flush_state_of_a_missing_collection(target: Target, collections: Collections) -> None:
    """A collection that is not there is refused."""
    name = collections.name()
    refusal = Refusal(
        100, 4, "collection not found[database=default][collection={name}]", input_error=True, since="3.0"
    )
    target.refused("GetFlushState", refusal, {"name": name}, collection_name=name)


def test_flush_all(target: Target, growing: str, collections: Collections) -> None:
    """FlushAll seals what grows in every collection, and its timestamp is reached."""
    target.needs("3.0", "2.3.5 may take minutes to reach it")
    other = collections.make()
    target.insert(other, plain_rows(1), 1)
    timestamp = target.done("FlushAll").flush_all_ts
    until(lambda: target.done("GetFlushAllState", flush_all_ts=timestamp).flushed)
    for name, rows in ((growing, 5), (other, 1)):
        infos = target.done("GetPersistentSegmentInfo", collectionName=name).infos
        assert sum(info.num_rows for info in infos) == rows


def test_flush_all_state(target: Target, growing: str) -> None:
    """Rows that came before the timestamp and still grow make it False; per channel too."""
    target.needs("3.0", "2.3.5 knows no timestamps by channel")
    timestamp = target.done("AllocTimestamp").timestamp
    assert not target.done("GetFlushAllState", flush_all_ts=timestamp).flushed
    channels = MappingProxyType({f"by-dev-rootcoord-dml_{number}": timestamp for number in range(16)})
    assert not target.done("GetFlushAllState", flush_all_tss=channels).flushed
    target.done("FlushAll")
    assert target.done("GetFlushAllState", flush_all_tss=channels).flushed


def test_flush_all_state_without_a_time(target: Target, growing: str) -> None:
    """Which time is meant has to be said, as soon as there is a collection."""
    target.refused("GetFlushAllState", missing("FlushAllTss or FlushAllTs is required", before=None))
    refusal = invalid("FlushAllTs not found for pchannel by-dev-rootcoord-dml_0", before=None)
    target.refused("GetFlushAllState", refusal, flush_all_tss=MappingProxyType({"elsewhere": 1}))


def test_replicas(target: Target, growing: str) -> None:
    """A loaded collection has one replica, with its partitions and a leader for each channel; else it has none."""
    described = target.done("DescribeCollection", collection_name=growing)
    (replica,) = target.done("GetReplicas", collectionID=described.collectionID).replicas
    assert replica.collectionID == described.collectionID
    assert len(replica.partition_ids) == (1 if target.version >= (3, 0) else 0)  # those that were loaded by name
    assert [shard.dm_channel_name for shard in replica.shard_replicas] == list(described.virtual_channel_names)
    target.done("ReleaseCollection", collection_name=growing)
    if target.version >= (3, 0):  # 2.3.5 refuses to tell of what is not loaded
        assert not target.done("GetReplicas", collection_name=growing).replicas


def test_load_balance(target: Target, growing: str) -> None:
    """With one node, segments can only be moved from it to itself; other nodes are not known."""
    (info,) = target.done("GetQuerySegmentInfo", collectionName=growing).infos
    (node,) = info.nodeIds
    target.done("LoadBalance", collectionName=growing, src_nodeID=node, sealed_segmentIDs=[info.segmentID])
    text = "destination node not found in the same replica: node not found[node=999]"
    fields = {"collectionName": growing, "src_nodeID": node}
    target.refused("LoadBalance", Refusal(901, 1, text, since="3.0"), dst_nodeIDs=[999], **fields)
    text = "source node not found in any replica of collection {id}: node not found[node=999]"
    facts = {"id": info.collectionID}
    refusal = Refusal(901, 1, text, since="3.0")
    target.refused("LoadBalance", refusal, facts, collectionName=growing, src_nodeID=999)
    target.done("ReleaseCollection", collection_name=growing)
    status = target.ask("LoadBalance", **fields)
    assert (status.code, status.retriable) == (103, True)
    assert status.reason == f"collection not fully loaded[collection={info.collectionID}]"


def test_metrics(target: Target) -> None:
    """system_info tells the one node as JSON; another kind is not found, and none is refused."""
    told = json.loads(target.done("GetMetrics", request='{"metric_type": "system_info"}').response)
    assert any(node["infos"]["type"] for node in told["nodes_info"])
    refusal = Refusal(1200, 1, "metric not found[metric=nope]", since="3.0")
    target.refused("GetMetrics", refusal, request='{"metric_type": "nope"}')
    refusal = invalid("metric_type or req_type not found in request", before=None)
    target.refused("GetMetrics", refusal, request="{}")


def test_clients(target: Target, growing: str) -> None:
    """MilvusClient's flush_all, segment lists and replicas work."""
    target.needs("3.0", "2.3.5 loads a flushed segment later")
    client = MilvusClient(target.uri)
    client.flush_all(timeout=10)
    assert [info.num_rows for info in client.list_persistent_segments(growing)] == [3, 2]
    assert [info.num_rows for info in client.list_loaded_segments(growing)] == [3, 2]
    assert len(client.describe_replica(growing)) == 1
    client.close()
