"""Partitions of one collection: their rows, what a drop leaves, limits, and many of them."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from fakemilvus import errors, limits
from fakemilvus.clock import Clock
from fakemilvus.engine.builds import Builds
from fakemilvus.engine.collection import Collection
from fakemilvus.engine.loading import LoadCall
from fakemilvus.engine.options import Options
from fakemilvus.engine.partitions import check_partition_name, find_named, with_partition, without_partition
from fakemilvus.engine.quota import Quota
from fakemilvus.engine.snapshot import Partition
from tests.engine.making import create_ivf, make_columns, make_definition, make_vectors, put

IDS = itertools.count(1)


def add(collection, name):
    """Makes a partition and returns its id."""
    made = Partition(next(IDS), name, 0)
    collection.change(lambda snapshot: with_partition(snapshot, made, "c"))
    return made.id


def put_into(collection, partition_id, keys):
    keys = np.asarray(keys)
    collection.insert(make_columns(keys, make_vectors(len(keys))), len(keys), ((partition_id, None),))


def rows_by_partition(collection):
    counted = {}
    for segment in collection.snapshot.segments:
        counted[segment.partition_id] = counted.get(segment.partition_id, 0) + segment.rows
    return counted


def test_rows_stay_apart(make_collection):
    """Each partition has segments of its own, growing and flushed."""
    collection = make_collection()
    default, a = collection.snapshot.partitions[0].id, add(collection, "a")
    put_into(collection, a, range(3))
    put(collection, range(10, 15), make_vectors(5))
    collection.flush()
    put_into(collection, a, range(3, 5))
    assert rows_by_partition(collection) == {default: 5, a: 5}


def test_shares_divide_one_insert(make_collection):
    """One insert may go to several partitions, each row where its share says, keys answered in the request's order."""
    collection = make_collection()
    default, a = collection.snapshot.partitions[0].id, add(collection, "a")
    shares = ((a, np.array([0, 2])), (default, np.array([1])))
    stored = collection.insert(make_columns(np.array([7, 8, 9]), make_vectors(3)), 3, shares)
    assert stored.keys.tolist() == [7, 8, 9]
    held = {segment.partition_id: segment.keys.tolist() for segment in collection.snapshot.segments}
    assert held == {a: [7, 9], default: [8]}


def test_a_full_segment_is_sealed_in_its_partition(make_collection):
    """Rows that fill a segment are flushed in their partition only."""
    collection = make_collection(segment_rows=4)
    a = add(collection, "a")
    put(collection, [100], make_vectors(1))
    put_into(collection, a, range(9))
    sealed = [(s.partition_id, s.rows) for s in collection.snapshot.segments if s.sealed]
    assert sealed == [(a, 4), (a, 4)]


def test_a_drop_takes_rows_memory_and_counters(builds):
    """With a partition go its rows, its share of the memory in use, and its rows in every index's counters."""
    quota = Quota()
    collection = Collection(make_definition(), Clock(), builds, Options(), quota)
    a = add(collection, "a")
    put(collection, range(100), make_vectors(100))
    used = quota.used_bytes
    put_into(collection, a, range(200, 300))
    collection.flush()
    index = create_ivf(collection)
    put_into(collection, a, range(300, 305))
    builds.wait()
    assert index.tracker.progress.total_rows == 200
    collection.forget_partitions(lambda snapshot: without_partition(snapshot, "a"))
    assert index.tracker.progress.total_rows == 100
    assert quota.used_bytes == collection.size_bytes == used
    assert a not in rows_by_partition(collection)


def test_a_drop_ends_builds(make_collection, builds: Builds):
    """A held build over a dropped partition is forgotten."""
    collection = make_collection(min_index_rows=10)
    a = add(collection, "a")
    put_into(collection, a, range(2_000))
    collection.flush()
    builds.hold()
    create_ivf(collection)
    assert builds.status()
    collection.forget_partitions(lambda snapshot: without_partition(snapshot, "a"))
    assert builds.status() == []


def test_writes_into_a_dropped_partition(make_collection):
    """Rows for a partition that went while they were checked are refused, all of them."""
    collection = make_collection()
    a = add(collection, "a")
    collection.forget_partitions(lambda snapshot: without_partition(snapshot, "a"))
    with pytest.raises(errors.PartitionNotFound):
        put_into(collection, a, range(3))
    assert not collection.snapshot.segments


def test_readers_keep_a_dropped_partition(make_collection):
    """Who holds a snapshot sees the rows that it had."""
    collection = make_collection()
    a = add(collection, "a")
    put_into(collection, a, range(3))
    before = collection.snapshot
    collection.forget_partitions(lambda snapshot: without_partition(snapshot, "a"))
    assert [segment.rows for segment in before.within([a]).segments] == [3]


def test_partitions_are_bounded(make_collection):
    """No collection has more than 1,024."""
    collection = make_collection()
    for number in range(1, limits.MAX_PARTITIONS):
        add(collection, f"p{number}")
    with pytest.raises(errors.TooManyPartitions, match=r"partition number \(1024\) exceeds max .* collection: c"):
        add(collection, "one_more")
    assert len(collection.snapshot.partitions) == 1_024


def test_a_write_touches_one_of_many_partitions(make_collection):
    """With 1,024 partitions of rows, an insert leaves the segments of all others as they are."""
    collection = make_collection()
    ids = [add(collection, f"p{number}") for number in range(1, limits.MAX_PARTITIONS)]
    for number, partition_id in enumerate(ids):
        put_into(collection, partition_id, [number])
    before = {segment.id: segment for segment in collection.snapshot.segments}
    put_into(collection, ids[500], [10_000])
    changed = [s for s in collection.snapshot.segments if before.get(s.id) is not s]
    assert [segment.partition_id for segment in changed] == [ids[500]]


@pytest.mark.parametrize("name", ["a", "_a", "1a", "a-b", "a_1", " a", "p" * 255])
def test_names(name):
    """Letters, digits, underscores, and a minus but for the first place."""
    check_partition_name(name)


def test_named_partitions_come_once(make_collection):
    """A name that a request repeats counts once, in the order of the request."""
    collection = make_collection()
    add(collection, "a")
    found = find_named(collection.snapshot, ["a", "_default", "a"])
    assert [partition.name for partition in found] == ["a", "_default"]


def test_load_counts(make_collection):
    """Loading partitions adds to those that are loaded; a whole load has all."""
    collection = make_collection()
    a, b = add(collection, "a"), add(collection, "b")
    create_ivf(collection)
    collection.load(LoadCall(partitions=("a",)))
    assert collection.snapshot.loaded == {a}
    collection.load(LoadCall(partitions=("b", "a")))
    assert collection.snapshot.loaded == {a, b}
    collection.load()
    assert len(collection.snapshot.loaded) == 3
    collection.release(["a", "_default"])
    assert collection.snapshot.loaded == {b}
