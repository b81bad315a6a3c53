"""Compaction: what is merged, what becomes of rows, deletes, counters and memory."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from fakemilvus import errors
from fakemilvus.engine.compaction import CompactionRequest, merge, plan_compaction
from fakemilvus.engine.compactions import Compactions, TaskState, compact
from fakemilvus.engine.query import count, query
from fakemilvus.engine.schema import Schema
from tests.engine.making import (
    ID,
    NUMBER,
    VECTOR,
    Where,
    create_ivf,
    find,
    make_columns,
    make_definition,
    make_schema,
    make_vectors,
    put,
)

EVERY = Where(always_true=True)


@pytest.fixture
def clock(make_collection):
    """The clock of every collection: ids come from it, so there must not be two."""
    return make_collection()._clock


@pytest.fixture
def compactions(clock):
    made = Compactions(clock)
    yield made
    made.stop()


@pytest.fixture
def collection(make_collection):
    """Two flushed segments of 1,500 rows with keys from 0 and from 1,500, without an index."""
    made = make_collection()
    vectors = make_vectors(3_000)
    for start in (0, 1_500):
        keys = np.arange(start, start + 1_500)
        put(made, keys, vectors[keys], keys * 10)
        made.flush()
    return made


def delete(collection, keys):
    collection.delete(lambda segment: segment.find_keys(np.asarray(keys)))


def plans(collection, **asked):
    return plan_compaction(collection.snapshot, CompactionRequest(**asked), collection.segment_rows)


def keys_of(collection):
    snapshot = collection.snapshot
    return query(snapshot, EVERY).column(snapshot.schema.primary).values.tolist()


def run(compactions, collection, **asked):
    """Compacts and waits; the tasks."""
    compaction_id, number = compactions.start(collection, CompactionRequest(**asked))
    until(lambda: all(task.state > TaskState.PIPELINING for task in compactions.tasks(compaction_id)))
    tasks = compactions.tasks(compaction_id)
    assert len(tasks) == number
    return tasks


def until(reached):
    deadline = time.monotonic() + 30
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def test_segments_become_one(collection, compactions):
    """The flushed segments of a partition become one, with every row and value, and tell where they came from."""
    before = [segment.id for segment in collection.snapshot.segments]
    (task,) = run(compactions, collection)
    (segment,) = collection.snapshot.segments
    assert task.sources == segment.origin.parents == tuple(before)
    assert task.targets == (segment.id,)
    assert task.state is TaskState.COMPLETED
    assert segment.columns[ID].values.tolist() == list(range(3_000))
    assert (segment.columns[NUMBER].values == np.arange(3_000) * 10).all()
    assert (segment.columns[VECTOR].values == make_vectors(3_000)).all()


def test_deleted_rows_are_gone(collection, compactions):
    """Deleted rows are not only hidden afterwards: they are there no more, and their memory is given back."""
    delete(collection, range(1_000, 2_000))
    size_bytes = collection.size_bytes
    run(compactions, collection)
    (segment,) = collection.snapshot.segments
    assert (segment.rows, segment.alive) == (2_000, None)
    assert collection.size_bytes == size_bytes * 2 // 3


def test_a_single_segment_is_merged_too(collection, compactions):
    """Asked for by a client, also a single segment is written anew, as in Milvus."""
    run(compactions, collection)
    delete(collection, [5])
    (task,) = run(compactions, collection)
    assert len(task.sources) == 1
    assert collection.snapshot.segments[0].rows == 2_999


def test_growing_rows_stay(make_collection, compactions):
    """Rows that are not flushed are not merged; with nothing to merge the id is -1."""
    collection = make_collection()
    put(collection, range(10), make_vectors(10))
    assert compactions.start(collection, CompactionRequest()) == (-1, 0)
    assert not collection.snapshot.segments[0].sealed


def test_nothing_lives(collection, compactions):
    """Where every row was deleted no segment remains, and an index counts nothing."""
    index = create_ivf(collection)
    collection._builds.wait(30)
    delete(collection, range(3_000))
    (task,) = run(compactions, collection)
    assert (task.state, task.targets) == (TaskState.COMPLETED, ())
    assert collection.snapshot.segments == ()
    assert (index.tracker.progress.total_rows, index.tracker.progress.indexed_rows) == (0, 0)


def test_segments_without_their_index_are_left_alone(collection, builds):
    """A segment whose vector index is not done yet is not merged."""
    builds.hold()
    create_ivf(collection)
    assert plans(collection) == []
    builds.release()
    builds.wait(30)
    assert len(plans(collection)) == 1


def test_a_vector_field_without_an_index(make_collection):
    """Where some vector field has an index and another has none, nothing is merged; without any index all is."""
    schema = make_schema()
    second = replace(schema.find("vector"), name="other")
    schema = Schema((*schema.fields, second)).with_ids()
    collection = make_collection(make_definition(schema=schema))
    rows = make_columns(range(5), make_vectors(5))
    collection.insert({**rows, VECTOR + 1: rows[VECTOR]}, 5)
    collection.flush()
    assert len(plans(collection)) == 1
    collection.create_index("other", "other", (("index_type", "FLAT"), ("metric_type", "L2")))
    assert plans(collection) == []


def test_merged_segments_are_not_too_large(make_collection):
    """Neighbours are merged as long as their living rows make no more than a full segment."""
    collection = make_collection(segment_rows=100)
    for start in (0, 60, 120, 180):
        put(collection, range(start, start + 60), make_vectors(60))
        collection.flush()
    delete(collection, range(60, 90))
    assert [len(plan.parents) for plan in plans(collection)] == [2, 1, 1]


def test_target_size(make_collection, compactions):
    """A target size merges everything, into segments as much larger than usual as it is larger than 1,024 MB."""
    collection = make_collection(segment_rows=100)
    for start in (0, 60, 120, 180):
        put(collection, range(start, start + 60), make_vectors(60))
        collection.flush()
    (task,) = run(compactions, collection, target_mb=2_048)
    assert len(task.sources) == 4
    assert [segment.rows for segment in collection.snapshot.segments] == [200, 40]


def test_target_size_is_too_small(collection):
    """A target size below Milvus' 1,024 MB is refused."""
    with pytest.raises(errors.TargetSizeTooSmall):
        plans(collection, target_mb=1_023)


def test_level_zero(collection):
    """There are no deletes that wait in segments of their own, so nothing to compact of that kind."""
    delete(collection, [1])
    assert plans(collection, level_zero=True) == []


def test_named_segments(collection):
    """Only named segments are merged; one that cannot be is refused."""
    first = collection.snapshot.segments[0].id
    assert [plan.parents[0].id for plan in plans(collection, segment_ids=(first,))] == [first]
    with pytest.raises(errors.SegmentsNotCompactable):
        plans(collection, segment_ids=(first, 1))


def test_counters(collection, compactions, builds):
    """As in Milvus: total falls, the old segments' rows go on counting as indexed, and all of total is pending; then
    all three are the new segment's.
    """
    index = create_ivf(collection)
    builds.wait(30)
    delete(collection, range(1_000))
    builds.hold_at(rows=500)
    run(compactions, collection)
    progress = index.tracker.progress
    assert (progress.total_rows, progress.indexed_rows) == (2_000, 3_000)
    builds.wait(30)
    assert index.tracker.progress.pending_index_rows == 1_500
    assert progress.state(index.created) == index.tracker.progress.state(index.created)
    builds.release()
    builds.wait(30)
    progress = index.tracker.progress
    assert (progress.total_rows, progress.indexed_rows, progress.pending_index_rows) == (2_000, 2_000, 0)


def test_state_while_the_new_index_is_built(collection, compactions, builds):
    """The merged segment is newer than the index, so its state stays Finished; asked at a later time, it is not."""
    index = create_ivf(collection)
    builds.wait(30)
    builds.hold()
    run(compactions, collection)
    progress = index.tracker.progress
    assert progress.state(index.created)[0].name == "FINISHED"
    assert progress.state(index.created, 1 << 62)[0].name == "IN_PROGRESS"
    builds.release()


def test_searches_are_exact_until_the_new_index_is_there(collection, compactions, builds):
    """Between the merge and the new index a search with one probe finds exactly the nearest rows."""
    create_ivf(collection, nlist=64)
    builds.wait(30)
    builds.hold()
    run(compactions, collection)
    queries = make_vectors(20, seed=5)
    hits = find(collection, queries, params={"nprobe": 1})
    exact = find(collection, queries, params={"nprobe": 64})
    assert (hits.keys == exact.keys).all()
    builds.release()


def test_deletes_during_a_merge_are_not_lost(collection, clock):
    """Rows that are deleted after they were read, and before the merged segment is there, are deleted in it."""
    snapshot = collection.snapshot
    (plan,) = plans(collection)
    delete(collection, [0])
    merged = merge(plan, snapshot.schema, clock.timestamp(), clock.timestamp)
    delete(collection, [7, 1_507, 2_999])
    ids = [segment.id for segment in plan.parents]
    assert collection.exchange(snapshot.schema, ids, merged.caught_up, 0)
    assert keys_of(collection) == [key for key in range(3_000) if key not in (0, 7, 1_507, 2_999)]


def test_a_delete_between_reading_and_taking_place(collection, clock):
    """A delete that comes while the deletes before it are carried over is carried over too."""
    snapshot = collection.snapshot
    (plan,) = plans(collection)
    merged = merge(plan, snapshot.schema, clock.timestamp(), clock.timestamp)
    late = iter([1, 2])

    def caught_up(now):
        made = merged.caught_up(now)
        for key in late:
            delete(collection, [key])
            break
        return made

    assert collection.exchange(snapshot.schema, [s.id for s in plan.parents], caught_up, 0)
    assert keys_of(collection) == [0, *range(3, 3_000)]


def test_a_dropped_collection_is_not_merged(collection, clock):
    """A merge whose collection was dropped changes nothing."""
    (plan,) = plans(collection)
    collection.close()
    assert compact(collection, plan, clock) is None


def test_segments_are_merged_once(collection, clock):
    """A plan whose segments were merged by another is given up."""
    (plan,) = plans(collection)
    assert compact(collection, plan, clock)
    assert compact(collection, plan, clock) is None


def test_expired_rows_are_dropped(make_collection, clock, monkeypatch):
    """Rows whose time to live is over are gone after a compaction, those that live on stay."""
    definition = replace(make_definition(), properties=(("collection.ttl.seconds", "100"),))
    collection = make_collection(definition)
    now_ms = clock.unix_ms()
    put(collection, range(20), make_vectors(20))
    collection.flush()
    monkeypatch.setattr(clock, "unix_ms", lambda: now_ms + 90_000)
    put(collection, range(20, 30), make_vectors(10))
    collection.flush()
    (plan,) = plans(collection)
    monkeypatch.setattr(clock, "unix_ms", lambda: now_ms + 120_000)
    (merged,) = compact(collection, plan, clock)
    (segment,) = collection.snapshot.segments
    assert (segment.id, segment.columns[ID].values.tolist()) == (merged, list(range(20, 30)))


def test_clustering(make_collection, compactions):
    """A clustering compaction orders the rows by the clustering key, nulls first, across the segments it makes."""
    fields = [replace(field, is_clustering_key=field.name == "number") for field in make_schema().fields]
    collection = make_collection(make_definition(schema=Schema(tuple(fields))), segment_rows=100)
    numbers = np.random.default_rng(3).permutation(150)
    for start in (0, 75):
        put(collection, range(start, start + 75), make_vectors(75), numbers[start : start + 75])
        collection.flush()
    (task,) = run(compactions, collection, clustering=True)
    first, second = collection.snapshot.segments
    assert task.targets == (first.id, second.id)
    assert first.columns[NUMBER].values.tolist() == list(range(100))
    assert second.columns[NUMBER].values.tolist() == list(range(100, 150))
    assert (numbers[second.columns[ID].values] == second.columns[NUMBER].values).all()
    assert first.clustered
    assert plans(collection) == []


def test_clustering_deletes_are_carried_over(make_collection, clock):
    """Deletes that arrive while rows are being reordered hit the right rows."""
    fields = [replace(field, is_clustering_key=field.name == "number") for field in make_schema().fields]
    collection = make_collection(make_definition(schema=Schema(tuple(fields))), segment_rows=100)
    numbers = np.random.default_rng(3).permutation(90)
    put(collection, range(90), make_vectors(90), numbers)
    collection.flush()
    snapshot = collection.snapshot
    (plan,) = plans(collection, clustering=True)
    merged = merge(plan, snapshot.schema, clock.timestamp(), clock.timestamp)
    delete(collection, [4, 50])
    assert collection.exchange(snapshot.schema, [s.id for s in plan.parents], merged.caught_up, 0)
    assert keys_of(collection) == [key for key in range(90) if key not in (4, 50)]


def test_no_clustering_key(collection):
    """Without a clustering key a clustering compaction has nothing to do, as in Milvus."""
    assert plans(collection, clustering=True) == []


def test_a_crash_fails_the_task(collection, compactions, monkeypatch):
    """A bug in a merge fails its task and is told to the server; the thread goes on."""
    told = []
    compactions.on_bug = lambda where, trace: told.append(where)

    def broken(*given):
        raise ZeroDivisionError("no such thing")

    monkeypatch.setattr("fakemilvus.engine.compactions.compact", broken)
    (task,) = run(compactions, collection)
    assert (task.state, task.reason) == (TaskState.FAILED, "ZeroDivisionError: no such thing")
    monkeypatch.undo()
    (task,) = run(compactions, collection)
    assert task.state is TaskState.COMPLETED
    assert told == ["compaction of c"]


def test_old_tasks_are_forgotten(collection, compactions, monkeypatch):
    """Only the newest tasks are remembered."""
    monkeypatch.setattr("fakemilvus.engine.compactions.TASKS_KEPT", 2)
    made = [run(compactions, collection)[0] for _ in range(4)]
    assert compactions.tasks_of(collection.id) == made[-2:]


def test_everything_at_once(make_collection, compactions):
    """While rows are inserted, deleted, flushed and merged all the time, no row is lost and none comes back."""
    collection = make_collection(min_index_rows=1)
    create_ivf(collection, nlist=4)
    deleted: list[int] = []
    stop = threading.Event()

    def write():
        try:
            for start in range(0, 6_000, 50):
                keys = np.arange(start, start + 50)
                put(collection, keys, make_vectors(50, seed=start), keys)
                if start % 200 == 150:
                    collection.flush()
                gone = keys[::5] - 100
                delete(collection, gone[gone >= 0])
                deleted.extend(gone[gone >= 0].tolist())
        finally:
            stop.set()

    def merge_all():
        while not stop.is_set():
            compactions.start(collection, CompactionRequest())

    def read():
        while not stop.is_set():
            snapshot = collection.snapshot
            keys = query(snapshot, EVERY).column(snapshot.schema.primary).values.tolist()
            assert len(set(keys)) == len(keys) == count(snapshot, EVERY)

    with ThreadPoolExecutor(3) as pool:
        for running in [pool.submit(act) for act in (write, merge_all, read)]:
            running.result(60)
    collection._builds.wait(60)
    until(lambda: all(task.state > TaskState.PIPELINING for task in compactions.tasks_of(collection.id)))
    assert keys_of(collection) == sorted(set(range(6_000)) - set(deleted))
