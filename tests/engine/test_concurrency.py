"""Everything at once: writers, a deleter, searches, flushes, builds and drops, on one collection."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from fakemilvus.engine.query import count, query
from tests.engine.making import Where, create_ivf, find, make_columns, make_vectors

EVERY = Where(always_true=True)
BATCH = 40
SECONDS = 1


class Crowd:
    """Threads that repeat what they do until time is up; what any of them raised is raised at the end."""

    def __init__(self):
        self._acts = []

    def keep(self, act):
        """Repeats ``act(turn)``."""
        self._acts.append(act)

    def run(self):
        until = time.monotonic() + SECONDS
        with ThreadPoolExecutor(len(self._acts)) as pool:
            for running in [pool.submit(_repeat, act, until) for act in self._acts]:
                running.result(30)


def _repeat(act, until):
    turn = 0
    while time.monotonic() < until:
        act(turn)
        turn += 1


def _batch_keys(writer, turn):
    """The keys of one insert; the first is a multiple of BATCH."""
    start = (writer * 1_000_000 + turn) * BATCH
    return np.arange(start, start + BATCH)


def _vectors_of(keys):
    """A vector that tells its key, so that a mixed-up row shows."""
    vectors = np.zeros((len(keys), 8), np.float32)
    vectors[:, 0] = keys % 100_000
    vectors[:, 1] = keys // 100_000
    return vectors


def _keys_in(snapshot):
    found = query(snapshot, EVERY)
    return found.column(snapshot.schema.primary).values, found


def test_no_row_is_lost_or_half_visible(make_collection, builds):
    """Beside deletes, flushes, builds and drops, every snapshot shows whole inserts, and no row that was acknowledged
    is lost or comes back.
    """
    collection = make_collection(segment_rows=1_100, min_index_rows=300)
    written = [[], []]
    gone: list[int] = []
    crowd = Crowd()

    def write(writer):
        def act(turn):
            keys = _batch_keys(writer, turn)
            collection.insert(make_columns(keys, _vectors_of(keys)), BATCH)
            written[writer].append(int(keys[0]))

        return act

    def delete(turn):
        start = written[0][-1] if written[0] else None
        if start is not None and gone[-1:] != [start]:
            deleted, _ = collection.delete(lambda segment: segment.find_keys(np.arange(start, start + BATCH)))
            assert deleted == BATCH
            gone.append(start)

    def look(turn):
        expected, deleted = len(written[1]), set(gone)
        keys, found = _keys_in(collection.snapshot)
        starts, sizes = np.unique(keys // BATCH, return_counts=True)
        assert (sizes == BATCH).all()
        assert (starts >= 1_000_000).sum() >= expected
        assert not deleted & set((starts * BATCH).tolist())
        vectors = found.column(collection.schema.find("vector")).values
        assert np.array_equal(vectors, _vectors_of(keys))

    def flush(turn):
        growing = [segment for segment in collection.snapshot.segments if not segment.sealed]
        if growing and growing[0].rows > 10 * BATCH:
            collection.flush()

    def index(turn):
        create_ivf(collection, nlist=8)
        builds.wait(20)
        collection.drop_index("vector")

    for act in (write(0), write(1), delete, look, flush, index):
        crowd.keep(act)
    crowd.run()
    builds.wait(20)
    assert gone
    kept = set(written[0]) - set(gone) | set(written[1])
    keys, _ = _keys_in(collection.snapshot)
    assert set(keys.tolist()) == {start + i for start in kept for i in range(BATCH)}
    assert count(collection.snapshot, EVERY) == len(kept) * BATCH


def test_searches_during_builds_are_exact(make_collection, builds):
    """With nprobe = nlist, searches beside a growing, flushed and indexed collection give what an exact search over
    the same snapshot gives.
    """
    collection = make_collection(segment_rows=1_500)
    create_ivf(collection, nlist=16)
    crowd = Crowd()
    seen_built = []

    def write(turn):
        keys = np.arange(turn * 100, turn * 100 + 100)
        collection.insert(make_columns(keys, make_vectors(100, seed=turn)), 100)

    def search(turn):
        queries = make_vectors(3, seed=-turn - 1 & 0xFFFF)
        frozen = collection.snapshot
        if not frozen.segments:
            return
        asked = {"limit": 7, "params": {"nprobe": 16}}
        ours = find(_Frozen(frozen), queries, **asked)
        exact = find(_Frozen(frozen), queries, **asked, index=None)
        assert ours.keys.tolist() == exact.keys.tolist()
        assert ours.distances == pytest.approx(exact.distances, rel=1e-4, abs=1e-5)
        seen_built.append(sum(bool(segment.built) for segment in frozen.segments))

    crowd.keep(write)
    crowd.keep(search)
    crowd.keep(search)
    crowd.run()
    builds.wait(30)
    assert max(seen_built) > 0


def test_readings_during_builds_add_up(make_collection, builds):
    """While segments come and are built, every reading adds up, indexed rows never fall, and the end is complete."""
    collection = make_collection(segment_rows=1_000, min_index_rows=1)
    index = create_ivf(collection, nlist=4)
    crowd = Crowd()
    last = [0]

    def write(turn):
        if turn < 40:
            keys = np.arange(turn * 500, turn * 500 + 500)
            collection.insert(make_columns(keys, make_vectors(500, seed=turn)), 500)

    def read(turn):
        progress = index.tracker.progress
        assert progress.total_rows == progress.indexed_rows + progress.pending_index_rows
        assert progress.indexed_rows >= last[0]
        last[0] = progress.indexed_rows

    crowd.keep(write)
    crowd.keep(read)
    crowd.run()
    builds.wait(30)
    flushed = sum(segment.rows for segment in collection.snapshot.segments if segment.sealed)
    assert index.tracker.progress.indexed_rows == index.tracker.progress.total_rows == flushed


def test_steering_beside_builds_never_blocks(make_collection, builds):
    """Holds, releases, rates, resets and drops beside running builds leave the builder working."""
    collection = make_collection(segment_rows=600, min_index_rows=1)
    crowd = Crowd()

    def write(turn):
        if turn < 30:
            keys = np.arange(turn * 200, turn * 200 + 200)
            collection.insert(make_columns(keys, make_vectors(200, seed=turn)), 200)

    def steer(turn):
        verbs = (builds.hold, builds.release, lambda: builds.hold_at(fraction=0.5), lambda: builds.rate(1e6))
        verbs[turn % len(verbs)]()
        builds.status()

    def index(turn):
        create_ivf(collection, nlist=4)
        collection.drop_index("vector")

    crowd.keep(write)
    crowd.keep(steer)
    crowd.keep(index)
    crowd.run()
    builds.release()
    made = create_ivf(collection, nlist=4)
    builds.wait(30)
    assert made.tracker.progress.pending_index_rows == 0
    assert made.tracker.progress.total_rows == sum(s.rows for s in collection.snapshot.segments if s.sealed)


class _Frozen:
    """A collection that stands still, for ``find``."""

    def __init__(self, snapshot):
        self.snapshot = snapshot
