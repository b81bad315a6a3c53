"""Keeping and restoring a whole instance: what is shared, what starts anew, and that nothing is ever overwritten."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakemilvus import errors
from fakemilvus.clock import Clock
from fakemilvus.datatypes import Column, DataType
from fakemilvus.engine.collection import Collection
from fakemilvus.engine.index import IndexState
from fakemilvus.engine.instance import Instance
from fakemilvus.engine.options import Options
from fakemilvus.engine.query import query
from tests.engine.making import (
    NUMBER,
    Where,
    create,
    create_ivf,
    find,
    make_columns,
    make_definition,
    make_vectors,
    put,
)

DB = "default"
EVERY = Where(always_true=True)


@pytest.fixture
def make_instance() -> Iterator[Callable[..., Instance]]:
    """Makes instances whose builds and freeing end with the test."""
    made: list[Instance] = []

    def make(clock: Clock | None = None, **options: Any) -> Instance:
        made.append(Instance(Options(**options), clock or Clock()))
        return made[-1]

    yield make
    for instance in made:
        instance.stop()


@pytest.fixture
def instance(make_instance: Callable[..., Instance]) -> Instance:
    made = make_instance()
    made.create_collection(DB, make_definition())
    return made


def collection_of(instance: Instance, name: str = "c") -> Collection:
    return instance.find_collection(DB, name)


def fill(instance: Instance, keys: Any, numbers: Any = None, name: str = "c") -> None:
    put(collection_of(instance, name), keys, make_vectors(len(keys)), numbers)


def held(instance: Instance, name: str = "c") -> dict[Any, Any]:
    """The number of each living row by its key."""
    snapshot = collection_of(instance, name).snapshot
    found = query(snapshot, EVERY)
    keys = found.column(snapshot.schema.primary).values.tolist()
    return dict(zip(keys, found.column(snapshot.schema.find("number")).values.tolist(), strict=True))


def delete(instance: Instance, *keys: int) -> None:
    collection_of(instance).delete(lambda segment: segment.find_keys(np.array(keys)))


# -- rows ------------------------------------------------------------------------------------------------------


def test_restore_brings_rows_back(instance):
    """Rows that were deleted after the snapshot are there again, rows that were inserted are gone."""
    fill(instance, [1, 2, 3])
    kept = instance.snapshot()
    delete(instance, 1)
    fill(instance, [4])
    instance.restore(kept)
    assert held(instance).keys() == {1, 2, 3}


def test_two_snapshots_never_overwrite_each_other(instance):
    """Two states that grew differently from one growing segment each keep their own rows."""
    fill(instance, range(300))
    first = instance.snapshot()
    fill(instance, [1_000, 1_001], [10, 11])
    second = instance.snapshot()
    instance.restore(first)
    fill(instance, [2_000, 2_001, 2_002], [20, 21, 22])
    third = instance.snapshot()
    for state, added in ((second, {1_000: 10, 1_001: 11}), (third, {2_000: 20, 2_001: 21, 2_002: 22}), (first, {})):
        instance.restore(state)
        assert held(instance) == dict(zip(range(300), range(300), strict=True)) | added


def test_keys_sorted_in_one_branch_do_not_reach_another(instance):
    """Looking keys up after growing differently finds each branch's own rows, for the sorted keys are not shared."""
    fill(instance, [1])
    kept = instance.snapshot()
    fill(instance, range(100, 6_000))
    delete(instance, 100)
    instance.restore(kept)
    fill(instance, range(10_000, 16_000))
    delete(instance, 10_500, 200)
    assert held(instance).keys() == {1, *range(10_000, 16_000)} - {10_500}


def test_a_state_is_restored_many_times(instance):
    """The same state can be restored again and again, also after a reset, whatever is written meanwhile."""
    fill(instance, [1, 2])
    kept = instance.snapshot()
    for turn in range(3):
        fill(instance, [10 + turn])
        delete(instance, 1)
        collection_of(instance).flush()
        instance.reset()
        instance.restore(kept)
        assert held(instance).keys() == {1, 2}


def test_writes_after_a_restore_go_on(instance):
    """A restored growing segment takes rows, deletes and a flush like any other."""
    fill(instance, range(10))
    instance.restore(instance.snapshot())
    fill(instance, [10], [100])
    delete(instance, 0)
    collection_of(instance).flush()
    fill(instance, [11])
    assert held(instance).keys() == set(range(1, 12))
    assert [segment.sealed for segment in collection_of(instance).snapshot.segments] == [True, False]


def test_nulls_of_branches_are_their_own(instance):
    """Null flags are copied with the values: a null that one branch appends is not seen in another."""

    def add(keys: list[int], valid: list[bool]) -> None:
        columns = make_columns(keys, make_vectors(len(keys)))
        columns[NUMBER] = Column(DataType.INT64, columns[NUMBER].values, np.array(valid))
        collection_of(instance).insert(columns, len(keys))

    add([1, 2], [True, False])
    kept = instance.snapshot()
    first = collection_of(instance)
    add([3], [False])
    instance.restore(kept)
    add([4], [True])
    seen = [c.snapshot.segments[0].columns[NUMBER].valid.tolist() for c in (first, collection_of(instance))]
    assert seen == [[True, False, False], [True, False, True]]


def test_writers_that_came_too_late_vanish(instance):
    """A write to the collection object of before the restore is seen by nobody, and never reaches the snapshot."""
    fill(instance, [1])
    kept = instance.snapshot()
    late = collection_of(instance)
    instance.restore(kept)
    put(late, [2], make_vectors(1))
    late.delete(lambda segment: segment.find_keys(np.array([1])))
    late.flush()
    assert held(instance).keys() == {1}
    instance.restore(kept)
    assert held(instance).keys() == {1}


def test_nothing_is_copied(instance):
    """Taking and restoring a state copies no row: the columns are the same memory."""
    fill(instance, range(2_000))
    collection_of(instance).flush()
    fill(instance, range(2_000, 2_100))
    before = collection_of(instance).snapshot.segments
    instance.restore(instance.snapshot())
    after = collection_of(instance).snapshot.segments
    for old, new in zip(before, after, strict=True):
        assert all(np.shares_memory(new.columns[i].values, column.values) for i, column in old.columns.items())


# -- names, ids and timestamps ---------------------------------------------------------------------------------


def test_names_come_back(instance):
    """Collections, aliases and what is loaded are what they were."""
    instance.create_collection(DB, make_definition("d"))
    instance.create_alias(DB, "a", "c")
    create_ivf(collection_of(instance))
    collection_of(instance).load()
    kept = instance.snapshot()
    collection_of(instance).release()
    instance.drop_alias(DB, "a")
    instance.drop_collection(DB, "c")
    instance.create_collection(DB, make_definition("e"))
    instance.restore(kept)
    assert [c.definition.name for c in instance.collections(DB)] == ["c", "d"]
    assert instance.find_alias(DB, "a") == "c"
    assert collection_of(instance).snapshot.loaded


def test_schema_timestamps_tell_schemas_apart(instance):
    """The restored collection has its old timestamp of update, which no other schema of this name ever had."""
    old = collection_of(instance)
    kept = instance.snapshot()
    instance.drop_collection(DB, "c")
    instance.create_collection(DB, make_definition())
    between = collection_of(instance)
    instance.restore(kept)
    restored = collection_of(instance)
    assert (restored.id, restored.created, restored.updated) == (old.id, old.created, old.updated)
    assert between.updated != restored.updated
    assert between.id != restored.id


def test_time_goes_on_over_a_restore(instance):
    """Timestamps and automatic ids after a restore are larger than all before it."""
    kept = instance.snapshot()
    before = instance.clock.timestamp()
    instance.restore(kept)
    instance.create_collection(DB, make_definition("d"))
    assert collection_of(instance, "d").id > before


def test_states_of_others_are_refused(instance, make_instance):
    """A state can only be restored to the instance that it was taken from."""
    with pytest.raises(ValueError, match="only to the server that it was taken from"):
        make_instance().restore(instance.snapshot())


def test_a_state_says_what_it_holds(instance):
    """Printed, a state names its collections and their rows."""
    fill(instance, [1, 2])
    assert repr(instance.snapshot()) == "<State of c: 2 rows>"


# -- indexes ---------------------------------------------------------------------------------------------------


def test_finished_indexes_come_back_at_once(instance):
    """A finished index is attached and counted right after the restore, without being built again."""
    fill(instance, range(2_000))
    collection_of(instance).flush()
    create_ivf(collection_of(instance))
    instance.builds.wait(30)
    (built,) = [dict(s.built) for s in collection_of(instance).snapshot.segments]
    kept = instance.snapshot()
    collection_of(instance).drop_index("vector")
    instance.builds.hold()
    instance.restore(kept)
    index = collection_of(instance).snapshot.indexes[0]
    assert [dict(s.built) for s in collection_of(instance).snapshot.segments] == [built]
    assert index.tracker.progress.indexed_rows == 2_000
    assert index.tracker.progress.state(index.created)[0] is IndexState.FINISHED


def test_unfinished_builds_start_again(instance):
    """A build that was under way is queued anew, its counters at 0, and ends like any other."""
    fill(instance, range(2_000))
    collection_of(instance).flush()
    instance.builds.hold_at(rows=500)
    create_ivf(collection_of(instance))
    instance.builds.wait(30)
    kept = instance.snapshot()
    instance.builds.hold()
    instance.restore(kept)
    index = collection_of(instance).snapshot.indexes[0]
    assert (index.tracker.progress.indexed_rows, index.tracker.progress.pending_index_rows) == (0, 2_000)
    assert [(s.phase, s.indexed_rows) for s in instance.builds.wait(30)] == [("held", 0)]
    instance.builds.release()
    instance.builds.wait(30)
    assert index.tracker.progress.indexed_rows == 2_000
    assert find(collection_of(instance), make_vectors(1), params={"nprobe": 16}).keys[0] == 0


def test_a_build_that_ended_later_is_not_in_the_state(instance):
    """A state taken during a build stays without the index, also when that build has ended since."""
    fill(instance, range(2_000))
    collection_of(instance).flush()
    instance.builds.hold_at(rows=500)
    create_ivf(collection_of(instance))
    instance.builds.wait(30)
    kept = instance.snapshot()
    instance.builds.release()
    instance.builds.wait(30)
    instance.builds.hold()
    instance.restore(kept)
    assert not collection_of(instance).snapshot.segments[0].built


def test_rows_that_counted_at_once_come_back_so(instance):
    """A small segment that counted as indexed is restored as indexed, also under a hold that came later."""
    collection = collection_of(instance)
    put(collection, range(100), make_vectors(100))
    collection.flush()
    create_ivf(collection)
    state = instance.snapshot()
    instance.builds.hold()
    instance.restore(state)
    (index,) = collection_of(instance).snapshot.indexes
    assert (index.tracker.progress.indexed_rows, instance.builds.status()) == (100, [])
    assert len(find(collection_of(instance), make_vectors(1)).keys) == 10


def test_failed_builds_stay_failed(instance):
    """A build that had failed when the state was taken has failed after the restore, for the same reason."""
    fill(instance, range(2_000))
    collection_of(instance).flush()
    instance.builds.fail_next("no room")
    create_ivf(collection_of(instance))
    instance.builds.wait(30)
    kept = instance.snapshot()
    instance.reset()
    instance.restore(kept)
    index = collection_of(instance).snapshot.indexes[0]
    state, reason = index.tracker.progress.state(index.created)
    assert state is IndexState.FAILED
    assert "no room" in reason


def test_a_restored_state_has_counters_of_its_own(instance):
    """What is flushed after a restore is counted in the restored collection alone."""
    create_ivf(collection_of(instance))
    kept = instance.snapshot()
    old = collection_of(instance).snapshot.indexes[0]
    instance.restore(kept)
    fill(instance, range(10))
    collection_of(instance).flush()
    assert collection_of(instance).snapshot.indexes[0].tracker.progress.total_rows == 10
    assert old.tracker.progress.total_rows == 0


def test_dropping_what_is_replaced_spares_the_restored_builds(instance):
    """A late drop of an index of the replaced collection does not end the restored one's builds."""
    fill(instance, range(2_000))
    collection_of(instance).flush()
    instance.builds.hold()
    create_ivf(collection_of(instance))
    late = collection_of(instance)
    instance.restore(instance.snapshot())
    late.drop_index("vector")
    late.close()
    instance.builds.release()
    instance.builds.wait(30)
    assert collection_of(instance).snapshot.indexes[0].tracker.progress.indexed_rows == 2_000


# -- seeds -----------------------------------------------------------------------------------------------------


def test_a_seed_lasts_until_the_reset(instance):
    """A new seed holds for collections that exist and that come; a reset brings the first one back."""
    instance.seed(7)
    assert instance.options.seed == 7
    instance.reset()
    assert instance.options.seed == Options().seed


def centroids_after(instance: Instance, seed: int) -> Any:
    """What training gave, as the vectors' lists: which of 3,000 rows landed in which."""
    instance.reset()
    instance.create_collection(DB, make_definition())
    fill(instance, range(3_000))
    collection_of(instance).flush()
    instance.seed(seed)
    create_ivf(collection_of(instance))
    instance.builds.wait(30)
    return find(collection_of(instance), make_vectors(50, seed=9), params={"nprobe": 1}).keys.tolist()


def test_the_seed_decides_training(instance):
    """The same seed trains the same index, another seed another."""
    assert centroids_after(instance, 7) == centroids_after(instance, 7) != centroids_after(instance, 8)


# -- everything at once ----------------------------------------------------------------------------------------

OPERATIONS = st.lists(
    st.one_of(
        st.tuples(st.just("insert"), st.integers(1, 40)),
        st.tuples(st.just("delete"), st.lists(st.integers(0, 200), min_size=1, max_size=20)),
        st.tuples(st.just("flush"), st.none()),
        st.tuples(st.just("index"), st.sampled_from(["vector", "number"])),
        st.tuples(st.just("drop index"), st.sampled_from(["vector", "number"])),
        st.tuples(st.just("snapshot"), st.none()),
        st.tuples(st.just("restore"), st.integers(0, 5)),
        st.tuples(st.just("reset"), st.none()),
    ),
    max_size=25,
)


class Model:
    """A dictionary beside an instance, and copies of it beside its states."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._rows: dict[int, int] = {}
        self._kept: list[tuple[Any, dict[int, int]]] = []
        self._next = 0
        self._number = 0
        instance.create_collection(DB, make_definition())

    def insert(self, rows: int) -> None:
        keys = [(self._next + i) % 201 for i in range(rows)]
        keys = [key for key in keys if key not in self._rows]
        self._next += rows
        if keys:
            numbers = [self._number + i for i in range(len(keys))]
            self._number += len(keys)
            fill(self._instance, keys, numbers)
            self._rows.update(zip(keys, numbers, strict=True))

    def delete(self, keys: list[int]) -> None:
        delete(self._instance, *sorted(set(keys)))
        for key in keys:
            self._rows.pop(key, None)

    def flush(self, _: None) -> None:
        collection_of(self._instance).flush()

    def index(self, field: str) -> None:
        if field == "vector":
            create_ivf(collection_of(self._instance), nlist=2)
        else:
            create(collection_of(self._instance), "number", "number", index_type="STL_SORT")

    def drop_index(self, field: str) -> None:
        collection_of(self._instance).drop_index(field)

    def snapshot(self, _: None) -> None:
        self._kept.append((self._instance.snapshot(), dict(self._rows)))

    def restore(self, number: int) -> None:
        if self._kept:
            state, rows = self._kept[number % len(self._kept)]
            self._instance.restore(state)
            self._rows = dict(rows)

    def reset(self, _: None) -> None:
        self._instance.reset()
        self._instance.create_collection(DB, make_definition())
        self._rows = {}

    def check(self) -> None:
        assert held(self._instance) == self._rows
        snapshot = collection_of(self._instance).snapshot
        flushed = sum(segment.rows for segment in snapshot.segments if segment.sealed)
        for index in snapshot.indexes:
            assert index.tracker.progress.total_rows == flushed

    def check_all(self) -> None:
        """Every state still holds what it held, and its builds come to an end."""
        for state, rows in self._kept:
            self._instance.restore(state)
            self._rows = rows
            self.check()
            self._instance.builds.wait(30)
            for index in collection_of(self._instance).snapshot.indexes:
                assert index.tracker.progress.pending_index_rows == 0


@settings(max_examples=60, deadline=None)
@given(operations=OPERATIONS)
def test_any_history_agrees_with_a_dictionary(operations):
    """Whatever is inserted, deleted, flushed, indexed, kept and restored, in any order: the rows are those of a plain
    dictionary that went the same way, and in the end every state still holds what it held.
    """
    instance = Instance(Options(min_index_rows=8, segment_rows=50, build_threads=1), Clock())
    try:
        model = Model(instance)
        for name, argument in operations:
            getattr(model, name.replace(" ", "_"))(argument)
            model.check()
        model.check_all()
    finally:
        instance.stop()


def test_states_taken_beside_writers_are_whole(make_instance):
    """Beside writers, flushes and builds, a state holds whole inserts only, everything that was acknowledged before it,
    and the same each time it is restored.
    """
    instance = make_instance(segment_rows=700, min_index_rows=100, build_threads=1)
    batch, names = 20, ("c", "d")
    for name in names:
        instance.create_collection(DB, make_definition(name))
    ended = threading.Event()
    acknowledged = dict.fromkeys(names, 0)

    def write(name: str) -> None:
        turn = 0
        while not ended.is_set():
            keys = range(turn * batch, turn * batch + batch)
            try:
                fill(instance, keys, name=name)
            except errors.CollectionNotFound:
                continue
            turn += 1
            acknowledged[name] = turn * batch
            if turn % 5 == 0:
                collection_of(instance, name).flush()
            if turn % 7 == 0:
                create_ivf(collection_of(instance, name), nlist=4)

    with ThreadPoolExecutor(len(names)) as pool:
        writers = [pool.submit(write, name) for name in names]
        try:
            kept = []
            for _ in range(30):
                before = dict(acknowledged)
                state = instance.snapshot()
                kept.append((state, before))
        finally:
            ended.set()
        for writer in writers:
            writer.result(30)
    for state, before in kept:
        seen = []
        for _ in range(2):
            instance.restore(state)
            seen.append({name: sorted(held(instance, name)) for name in names})
            fill(instance, [10**6])
        assert seen[0] == seen[1]
        for name in names:
            assert seen[0][name] == list(range(len(seen[0][name])))
            assert len(seen[0][name]) % batch == 0
            assert len(seen[0][name]) >= before[name]
    instance.builds.wait(30)


def test_restores_beside_writers_show_whole_states(make_instance):
    """While states are restored beside a writer, a reader sees one state or the other in its two collections' rows, and
    the states themselves stay what they were.
    """
    instance = make_instance(segment_rows=500, min_index_rows=100, build_threads=1)
    instance.create_collection(DB, make_definition())
    fill(instance, range(100))
    few = instance.snapshot()
    fill(instance, range(100, 1_000))
    many = instance.snapshot()
    ended = threading.Event()

    def write() -> None:
        key = 10_000
        while not ended.is_set():
            fill(instance, [key])
            key += 1

    def read() -> None:
        while not ended.is_set():
            own = {key for key in held(instance) if key < 10_000}
            assert own in (set(range(100)), set(range(1_000)))

    with ThreadPoolExecutor(3) as pool:
        running = [pool.submit(act) for act in (write, write, read)]
        try:
            for turn in range(60):
                instance.restore(few if turn % 2 else many)
        finally:
            ended.set()
        for act in running:
            act.result(30)
    for state, rows in ((few, 100), (many, 1_000)):
        instance.restore(state)
        assert held(instance).keys() == set(range(rows))
