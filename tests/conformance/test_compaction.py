"""Compaction through stock clients: ids, states, plans, counters, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pymilvus import MilvusClient
from pymilvus.grpc_gen import common_pb2 as common
from pymilvus.grpc_gen import schema_pb2

from fakemilvus import FakeMilvus
from tests.conformance.making import T, column, field, id_field, plain_rows, random_vectors, schema, vector_field
from tests.conformance.refusals import Refusal
from tests.conformance.target import Collections, Target, until


@pytest.fixture
def flushed(target: Target, collections: Collections) -> str:
    """Two flushed segments of 1,200 rows, indexed and loaded."""
    name = collections.make()
    for start in (0, 1_200):
        assert target.insert(name, plain_rows(1_200, start), 1_200).insert_cnt == 1_200
        target.flush(name)
    params = {"index_type": "IVF_FLAT", "metric_type": "L2", "nlist": "8"}
    target.done("CreateIndex", collection_name=name, field_name="vec", extra_params=params)
    target.wait_until_indexed(name)
    target.load(name)
    return name


def compact(target: Target, name: str, **asked: object) -> int:
    """The id of a compaction that is over."""
    compaction = target.done("ManualCompaction", collection_name=name, **asked)
    state = lambda: target.done("GetCompactionState", compactionID=compaction.compactionID).state  # noqa: E731
    until(lambda: state() == common.CompactionState.Completed)
    return int(compaction.compactionID)


def segments(target: Target, name: str) -> list[tuple[int, int]]:
    infos = target.done("GetPersistentSegmentInfo", collectionName=name).infos
    return sorted((info.segmentID, info.num_rows) for info in infos)


def test_segments_are_merged(target: Target, flushed: str) -> None:
    """Two segments become one, deleted rows are gone from the statistics too, and the plan tells all of it."""
    target.needs("3.0", "2.3.5 compacts by itself beside it, and keeps several segments for a while")
    before = [segment for segment, _ in segments(target, flushed)]
    target.done("Delete", collection_name=flushed, expr="id < 400")
    compaction = compact(target, flushed)
    ((after, rows),) = segments(target, flushed)
    (plan,) = target.done("GetCompactionStateWithPlans", compactionID=compaction).mergeInfos
    assert (sorted(plan.sources), plan.target, rows) == (before, after, 2_000)
    (told,) = target.done("GetPersistentSegmentInfo", collectionName=flushed).infos
    assert sorted(told.compaction_from) == before
    stats = target.done("GetCollectionStatistics", collection_name=flushed).stats
    assert {pair.key: pair.value for pair in stats} == {"row_count": "2000"}
    assert target.count(flushed) == 2_000


def test_state_of_a_compaction(target: Target, flushed: str) -> None:
    """A compaction that is over says Completed, and how many plans it had."""
    target.needs("3.0", "2.3.5 takes one plan or several, of which some may fail")
    state = target.done("GetCompactionState", compactionID=compact(target, flushed))
    counts = (state.executingPlanNo, state.failedPlanNo, state.timeoutPlanNo)
    assert (state.state, counts) == (common.CompactionState.Completed, (0, 0, 0))
    assert state.completedPlanNo == 1


def test_unknown_compaction(target: Target) -> None:
    """An id that no compaction has is Completed, without any plan."""
    state = target.done("GetCompactionState", compactionID=1)
    assert (state.state, state.completedPlanNo) == (common.CompactionState.Completed, 0)
    assert not target.done("GetCompactionStateWithPlans", compactionID=1).mergeInfos


def test_nothing_to_merge(target: Target, collections: Collections) -> None:
    """Without flushed rows there is nothing to do: no plan, and id -1 where 2.3.5 gave one."""
    answer = target.done("ManualCompaction", collection_name=collections.make())
    assert answer.compactionPlanCount == 0
    assert answer.compactionID == -1 or target.version < (3, 0)


def test_counters(target: Target, flushed: str, fake: FakeMilvus) -> None:
    """Milvus' own counters: total without the deleted rows, indexed with them, all pending; then done."""
    target.done("Delete", collection_name=flushed, expr="id < 400")
    fake.builds.hold(collection=flushed)
    compact(target, flushed)
    assert target.counters(flushed) == (2_000, 2_400, 2_000)
    assert target.describe_index(flushed).state == common.Finished
    hits = target.search(flushed, random_vectors(1, seed=1)[:1], params='{"nprobe": 1}')
    fake.builds.release(collection=flushed)
    target.wait_until_indexed(flushed)
    assert target.counters(flushed) == (2_000, 2_000, 0)
    full = target.search(flushed, random_vectors(1, seed=1)[:1], params='{"nprobe": 8}')
    assert list(hits.results.ids.int_id.data) == list(full.results.ids.int_id.data)


def test_missing_collection(target: Target, collections: Collections) -> None:
    """Compacting a collection that is not there is refused."""
    name = collections.name()
    refusal = Refusal(
        100, 4, "collection not found[database=default][collection={name}]", input_error=True, since="3.0"
    )
    target.refused("ManualCompaction", refusal, {"name": name}, collection_name=name)


def test_target_size(target: Target, flushed: str) -> None:
    """A target size below the size of a full segment, in MB, is refused."""
    text = "targetSize 512 MB should be greater than or equal to configMaxSize 1024 MB: invalid parameter"
    refusal = Refusal(1100, 5, text, input_error=True, since="3.0")
    target.refused("ManualCompaction", refusal, collection_name=flushed, target_size=512)


def test_named_segments(target: Target, flushed: str) -> None:
    """A segment id that cannot be compacted is refused."""
    text = "not all segment ids provided could be compacted: service internal error"
    refusal = Refusal(5, 1, text, since="3.0")
    target.refused("ManualCompaction", refusal, collection_name=flushed, segment_ids=[1])


def test_optimize(target: Target, flushed: str) -> None:
    """MilvusClient.optimize runs through: merged, built anew, and loaded."""
    client = MilvusClient(target.uri)
    result = client.optimize(flushed, timeout=60)
    client.close()
    assert (result.status, len(segments(target, flushed))) == ("success", 1)
    assert target.counters(flushed) == (2_400, 2_400, 0)


def test_tasks_of_a_collection(target: Target, flushed: str, fake: FakeMilvus) -> None:
    """MilvusClient.list_compaction_tasks tells every compaction of a collection."""
    ids = [compact(target, flushed), compact(target, flushed, target_size=2_048)]
    client = MilvusClient(target.uri)
    plans = client.list_compaction_tasks(flushed).plans
    client.close()
    assert [plan.trigger_id for plan in plans] == ids


CLUSTERED = Refusal(105, 1, "*: illegal collection schema[collection={name}]", input_error=True, since="3.0")


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ([field("js", T.JSON, is_clustering_key=True)], "clustering key field js has unsupported data type JSON"),
        (
            [field("a", T.Int64, is_clustering_key=True), field("b", T.Int64, is_clustering_key=True)],
            "there are more than one clustering key, field name = a, b",
        ),
    ],
)
def test_clustering_key_is_refused(
    target: Target, collections: Collections, fields: list[schema_pb2.FieldSchema], text: str
) -> None:
    """A clustering key is one number or text."""
    name = collections.name()
    encoded = schema(name, [id_field(), vector_field(), *fields])
    refusal = replace(CLUSTERED, text=CLUSTERED.text.replace("*", text))
    target.refused("CreateCollection", refusal, {"name": name}, collection_name=name, schema=encoded)


def test_vector_as_clustering_key(target: Target, collections: Collections) -> None:
    """A vector is no clustering key, unless Milvus was configured so."""
    name = collections.name()
    vector = field("vec", T.FloatVector, dim=8, is_clustering_key=True)
    refusal = Refusal(107, 1, "vector clustering key not allowed[collection={name}]", input_error=True, since="3.0")
    encoded = schema(name, [id_field(), vector])
    target.refused("CreateCollection", refusal, {"name": name}, collection_name=name, schema=encoded)


@pytest.fixture
def sharded(target: Target, collections: Collections) -> str:
    """Two shards: eight rows flushed, and eight more; by the hash of their keys 4 and 4, then 3 and 5."""
    name = collections.make(shards_num=2)
    for start in (0, 8):
        assert target.insert(name, plain_rows(8, start), 8).insert_cnt == 8
        target.flush(name)
    return name


def test_rows_of_the_shards(target: Target, sharded: str) -> None:
    """The hash of a row's primary key says which shard it is in; each has segments of its own."""
    assert sorted(rows for _, rows in segments(target, sharded)) == [3, 4, 4, 5]


def test_channels_of_the_shards(target: Target, sharded: str) -> None:
    """Segments tell the channel of their shard; a compaction has a plan for each, or for the channel that is named."""
    target.needs("3.0", "2.3.5 tells no channels")
    first, second = target.done("DescribeCollection", collection_name=sharded).virtual_channel_names
    infos = target.done("GetPersistentSegmentInfo", collectionName=sharded).infos
    assert sorted((info.insert_channel, info.num_rows) for info in infos) == sorted(
        [(first, 4), (second, 4), (first, 3), (second, 5)]
    )
    assert target.done("ManualCompaction", collection_name=sharded, channel="nope").compactionID == -1
    for asked, channels in (({"channel": second}, [second]), ({}, [first])):
        compaction = compact(target, sharded, **asked)
        plans = target.done("GetCompactionStateWithPlans", compactionID=compaction).mergeInfos
        assert [len(plan.sources) for plan in plans if plan.channel in channels] == [2]
    assert sorted(rows for _, rows in segments(target, sharded)) == [7, 9]


def test_clustering(target: Target, collections: Collections, fake: FakeMilvus) -> None:
    """A clustering compaction orders the rows by the clustering key, in a segment of level 2; the schema tells it."""
    name = collections.make([id_field(), vector_field(), field("number", T.Int64, is_clustering_key=True)])
    described = target.done("DescribeCollection", collection_name=name).schema
    assert [field.name for field in described.fields if field.is_clustering_key] == ["number"]
    numbers = [5, 1, 4, 2, 3]
    target.insert(name, [*plain_rows(5), column("number", T.Int64, numbers)], 5)
    target.flush(name)
    compact(target, name, majorCompaction=True)
    (info,) = target.done("GetPersistentSegmentInfo", collectionName=name).infos
    assert info.level == common.SegmentLevel.L2
    assert [row["number"] for row in fake.collection(name).rows()] == numbers
