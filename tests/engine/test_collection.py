"""A collection: its rows, its segments and what is built over them."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from fakemilvus.datatypes import DataType
from fakemilvus.engine.builds import HoldNotReached
from fakemilvus.engine.index import IndexState
from fakemilvus.engine.query import count, query
from fakemilvus.engine.schema import Field, Schema
from tests.engine.making import (
    DIM,
    VECTOR,
    Where,
    create,
    create_ivf,
    find,
    make_columns,
    make_definition,
    make_vectors,
    put,
)

EVERY = Where(always_true=True)


def _filled(collection, rows=2_000, start=0):
    put(collection, np.arange(start, start + rows), make_vectors(rows, seed=start))
    return collection


def _counts(index):
    progress = index.tracker.progress
    return progress.total_rows, progress.indexed_rows, progress.pending_index_rows


def _shape(collection):
    return [(segment.rows, segment.sealed) for segment in collection.snapshot.segments]


# -- rows --------------------------------------------------------------------------------------------------------


def test_a_snapshot_never_changes(make_collection):
    """A snapshot taken before a write, a delete and a flush shows what it showed."""
    collection = _filled(make_collection(), 10)
    before = collection.snapshot
    _filled(collection, 10, start=10)
    collection.delete(lambda segment: np.arange(segment.rows))
    collection.flush()
    assert (count(before, EVERY), count(collection.snapshot, EVERY)) == (10, 0)


def test_flush_seals_and_names_segments(make_collection):
    """A flush seals what was growing and answers its segment's id; the next one has nothing to seal."""
    collection = _filled(make_collection(), 10)
    (segment_id,), timestamp = collection.flush()
    assert [(s.id, s.sealed) for s in collection.snapshot.segments] == [(segment_id, True)]
    assert timestamp > collection.snapshot.segments[0].last_timestamp
    assert collection.flush()[0] == []


def test_full_segments_are_sealed(make_collection):
    """Rows beyond segment_rows begin a new segment; full ones are flushed by themselves."""
    collection = make_collection(segment_rows=4)
    _filled(collection, 3)
    _filled(collection, 8, start=3)
    assert _shape(collection) == [(4, True), (4, True), (3, False)]


def test_rows_that_just_fit_leave_nothing_growing(make_collection):
    """A segment that is exactly full leaves no empty growing one behind."""
    assert _shape(_filled(make_collection(segment_rows=4), 8)) == [(4, True), (4, True)]


def test_every_insert_is_sealed_on_request(make_collection):
    """seal="insert" makes a flushed segment of every insert."""
    collection = make_collection(seal="insert")
    _filled(collection, 3)
    _filled(collection, 2, start=3)
    assert _shape(collection) == [(3, True), (2, True)]


def test_write_timestamps_grow(make_collection):
    """Each insert has one timestamp, larger than the one before, and its rows carry it."""
    collection = make_collection()
    stamps = [collection.insert(make_columns([i], make_vectors(1)), 1).timestamp for i in range(3)]
    assert stamps == sorted(set(stamps))
    assert collection.snapshot.segments[0].timestamps.tolist() == stamps


@pytest.mark.parametrize("type_", [DataType.INT64, DataType.VARCHAR])
def test_automatic_keys(make_collection, type_):
    """Automatic keys are positive, consecutive within an insert and never given twice; as text they are decimal."""
    schema = Schema(
        (
            Field("id", type_, is_primary=True, auto_id=True, type_params=(("max_length", "64"),)),
            Field("vector", DataType.FLOAT_VECTOR, type_params=(("dim", str(DIM)),)),
        )
    ).with_ids()
    collection = make_collection(make_definition(schema=schema))
    columns = {101: make_columns(range(5), make_vectors(5))[VECTOR]}
    keys = [[int(key) for key in collection.insert(columns, 5).keys] for _ in range(2)]
    assert all(part == list(range(part[0], part[0] + 5)) and part[0] > 0 for part in keys)
    assert keys[1][0] > keys[0][-1]


def test_deletes_in_every_kind_of_segment(make_collection):
    """A delete reaches sealed and growing rows, counts them, and takes every copy of a key."""
    collection = make_collection(segment_rows=4)
    put(collection, [1, 2, 3, 4, 1, 5], make_vectors(6))
    deleted, timestamp = collection.delete(lambda segment: segment.find_keys(np.array([1, 5, 99])))
    assert deleted == 3
    assert timestamp > collection.snapshot.segments[-1].last_timestamp
    found = query(collection.snapshot, EVERY)
    assert found.column(collection.schema.primary).values.tolist() == [2, 3, 4]


@pytest.mark.parametrize("between", ["flush", "insert", "both"])
def test_a_delete_survives_what_happens_meanwhile(make_collection, between):
    """Rows found before a flush or an insert are deleted after it: segments keep their ids, rows their numbers."""
    collection = _filled(make_collection(), 10)

    def find_then_others_write(segment):
        rows = segment.find_keys(np.array([3]))
        if between != "flush":
            _filled(collection, 500, start=10)
        if between != "insert":
            collection.flush()
        return rows

    collection.delete(find_then_others_write)
    assert len(query(collection.snapshot, Where(keys=np.array([3]))).rows) == 0
    assert count(collection.snapshot, EVERY) == (9 if between == "flush" else 509)


def test_finding_what_to_delete_holds_no_lock(make_collection):
    """While a delete looks for its rows, others write."""
    collection = _filled(make_collection(), 10)
    writer = threading.Thread(target=_filled, args=(collection, 5, 10))

    def look(segment):
        writer.start()
        writer.join(10)
        assert not writer.is_alive()
        return segment.find_keys(np.array([1]))

    collection.delete(look)
    assert count(collection.snapshot, EVERY) == 14


# -- counters and builds -----------------------------------------------------------------------------------------


def test_growing_rows_do_not_count(make_collection, builds):
    """Rows that are not flushed do not exist for an index."""
    collection = _filled(make_collection())
    index = create_ivf(collection)
    assert _counts(index) == (0, 0, 0)
    collection.flush()
    builds.wait(20)
    assert _counts(index) == (2_000, 2_000, 0)


def test_small_segments_are_indexed_at_once(make_collection, builds):
    """A segment under min_index_rows counts as indexed from the first reading, and nothing is built."""
    collection = _filled(make_collection(), 1_023)
    collection.flush()
    index = create_ivf(collection)
    builds.hold()
    assert _counts(index) == (1_023, 1_023, 0)
    with pytest.raises(HoldNotReached, match=r"c\.vector: a segment of 1023 rows has fewer than min_index_rows=1024"):
        builds.wait(10)


def test_segments_of_the_least_size_are_built(make_collection, builds):
    """A segment of min_index_rows rows is really built."""
    collection = _filled(make_collection(min_index_rows=100), 100)
    collection.flush()
    builds.hold()
    index = create_ivf(collection)
    builds.wait(10)
    assert _counts(index) == (100, 0, 100)


def test_flat_is_indexed_at_once(make_collection, builds):
    """FLAT counts as indexed at once, whatever the size, and a hold that comes later says why it never applied."""
    collection = _filled(make_collection())
    collection.flush()
    index = create(collection, "vector", "vector", index_type="FLAT", metric_type="L2")
    builds.hold()
    assert _counts(index) == (2_000, 2_000, 0)
    with pytest.raises(HoldNotReached, match="searched exactly"):
        builds.wait(10)


def test_index_first_rows_later_is_finished_with_pending_rows(make_collection, builds):
    """Rows flushed after the index was created are pending while the state reads finished, as in Milvus."""
    builds.hold()
    collection = make_collection()
    index = create_ivf(collection)
    _filled(collection).flush()
    builds.wait(10)
    assert _counts(index) == (2_000, 0, 2_000)
    assert index.tracker.progress.state(index.created) == (IndexState.FINISHED, "")
    assert index.tracker.progress.state(index.created, 2**63 - 1) == (IndexState.IN_PROGRESS, "")


def test_rows_first_index_later_is_in_progress(make_collection, builds):
    """Rows that were flushed before the index was created keep it in progress until they are built."""
    builds.hold()
    collection = _filled(make_collection())
    collection.flush()
    index = create_ivf(collection)
    assert index.tracker.progress.state(index.created) == (IndexState.IN_PROGRESS, "")
    builds.release()
    builds.wait(20)
    assert index.tracker.progress.state(index.created) == (IndexState.FINISHED, "")


def test_deletes_leave_the_counters(make_collection, builds):
    """A delete lowers no counter."""
    collection = _filled(make_collection())
    collection.flush()
    index = create_ivf(collection)
    builds.wait(20)
    collection.delete(lambda segment: np.arange(700))
    collection.flush()
    assert _counts(index) == (2_000, 2_000, 0)


def test_a_new_index_is_never_seen_without_its_rows(make_collection, builds):
    """When an index is published its counters already hold every flushed row, so no reading says finished too early."""
    collection = _filled(make_collection(segment_rows=500, min_index_rows=1))
    seen = []
    submit = builds.submit
    builds.submit = lambda build: (seen.append(_counts(collection.snapshot.indexes[0])), submit(build))
    create_ivf(collection)
    assert seen[0] == (2_000, 0, 2_000)


def test_several_segments_reach_a_fraction_of_the_whole(make_collection, builds):
    """A real build over four segments stops at exactly 40 % of all rows."""
    builds.hold_at(fraction=0.4)
    collection = _filled(make_collection(segment_rows=500, min_index_rows=1))
    index = create_ivf(collection, nlist=4)
    builds.wait(20)
    assert _counts(index) == (2_000, 800, 1_200)


def test_every_index_of_a_segment_is_built(make_collection, builds):
    """A flushed segment is built for each index of the collection."""
    collection = make_collection()
    indexes = [create_ivf(collection), create(collection, "number", "number", index_type="STL_SORT")]
    _filled(collection).flush()
    builds.wait(20)
    assert [_counts(index) for index in indexes] == [(2_000, 2_000, 0)] * 2
    assert set(collection.snapshot.segments[0].built) == {index.id for index in indexes}


def test_failed_segments_are_searched_exactly(make_collection, builds):
    """Where a build failed, the reason names the segment and searches are right all the same."""
    collection = _filled(make_collection())
    (segment_id,), _ = collection.flush()
    builds.fail_next("disk full")
    index = create_ivf(collection)
    builds.wait(20)
    assert index.tracker.progress.state(index.created) == (IndexState.FAILED, f"{segment_id}: disk full;")
    assert find(collection, make_vectors(1), limit=1, params={"nprobe": 1}).keys.tolist() == [0]


def test_deletes_during_a_build_are_kept(make_collection, builds):
    """Attaching an index keeps what was deleted while it was built."""
    builds.hold_at(fraction=0.5)
    collection = _filled(make_collection())
    collection.flush()
    create_ivf(collection)
    builds.wait(20)
    collection.delete(lambda segment: segment.find_keys(np.arange(0, 2_000, 2)))
    builds.release()
    builds.wait(20)
    (segment,) = collection.snapshot.segments
    assert segment.built
    assert count(collection.snapshot, EVERY) == 1_000
    assert (find(collection, make_vectors(20, seed=9)).keys % 2 == 1).all()


def test_flushing_during_a_build(make_collection, builds):
    """A segment that is flushed while another is built is counted at once and built after it."""
    builds.hold_at(rows=100)
    collection = _filled(make_collection())
    collection.flush()
    index = create_ivf(collection)
    builds.wait(20)
    _filled(collection, start=2_000).flush()
    assert _counts(index) == (4_000, 100, 3_900)
    builds.release()
    builds.wait(20)
    assert _counts(index) == (4_000, 4_000, 0)


def test_dropping_an_index_ends_its_builds(make_collection, builds):
    """A dropped index is gone at once, with its builds, and is detached from the segments that had it."""
    collection = _filled(make_collection(segment_rows=1_500))
    index = create_ivf(collection)
    builds.wait(20)
    builds.hold()
    collection.flush()
    collection.drop_index("vector")
    builds.release()
    assert [s.total_rows for s in builds.wait(20) if s.phase != "finished"] == []
    assert collection.snapshot.indexes == ()
    assert all(index.id not in segment.built for segment in collection.snapshot.segments)


def test_recreating_an_index_builds_anew(make_collection, builds):
    """After a drop and a new creation the total is back and nothing is indexed yet, under a new id."""
    collection = _filled(make_collection())
    collection.flush()
    first = create_ivf(collection)
    builds.wait(20)
    collection.drop_index("vector")
    builds.hold()
    second = create_ivf(collection)
    assert _counts(second) == (2_000, 0, 2_000)
    assert second.id != first.id


def test_closing_ends_the_builds(make_collection, builds):
    """A dropped collection's builds are forgotten, and a late flush starts no other."""
    builds.hold()
    collection = _filled(make_collection(segment_rows=1_500), 2_700)
    create_ivf(collection)
    collection.close()
    collection.flush()
    assert builds.status() == []


def test_what_was_built_for_a_dropped_collection_is_not_attached(make_collection, builds):
    """A build that ends after its collection was dropped attaches nothing and is not listed."""
    collection = _filled(make_collection())
    collection.flush()
    attach, entered, go_on = collection._attach, threading.Event(), threading.Event()

    def slow_attach(*arguments):
        entered.set()
        assert go_on.wait(10)
        return attach(*arguments)

    collection._attach = slow_attach
    create_ivf(collection)
    assert entered.wait(20)
    collection.close()
    go_on.set()
    assert builds.wait(10) == []
    assert not collection.snapshot.segments[0].built


def test_whole_segment_steps_on_request(make_collection, builds):
    """With progress="segment" a held build shows nothing of a segment that is half done."""
    builds.hold_at(fraction=0.5)
    collection = _filled(make_collection(progress="segment"))
    collection.flush()
    index = create_ivf(collection)
    builds.wait(20)
    assert _counts(index) == (2_000, 0, 2_000)
    builds.release()
    builds.wait(20)
    assert _counts(index) == (2_000, 2_000, 0)
