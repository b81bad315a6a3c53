"""Replacing rows: one publish for what goes and what comes, beside readers and other writers."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from fakemilvus.engine.query import count, query
from fakemilvus.filters import Filter, compile_filter
from tests.engine.making import ID, NUMBER, make_columns, make_vectors, put

SECONDS = 0.5


def _upsert(collection, keys, numbers):
    keys = np.asarray(keys)
    columns = make_columns(keys, make_vectors(len(keys)), numbers)
    partition = collection.snapshot.partitions[0].id
    return collection.insert(columns, len(keys), ((partition, None),), replaced=lambda s: s.find_keys(keys))


def _numbers(collection):
    """Every living row, repeated keys too."""
    return [
        (int(key), int(number))
        for segment in collection.snapshot.segments
        for key, number, alive in zip(
            segment.columns[ID].values,
            segment.columns[NUMBER].values,
            np.ones(segment.rows, bool) if segment.alive is None else segment.alive,
            strict=True,
        )
        if alive
    ]


def test_replaces_in_growing_and_sealed_segments(make_collection):
    """An upsert takes the place of rows wherever they are, and adds what was not there."""
    collection = make_collection()
    put(collection, [1, 2], make_vectors(2), [10, 20])
    collection.flush()
    put(collection, [3, 4], make_vectors(2), [30, 40])
    _upsert(collection, [2, 3, 5], [21, 31, 51])
    assert sorted(_numbers(collection)) == [(1, 10), (2, 21), (3, 31), (4, 40), (5, 51)]


def test_older_snapshots_stay(make_collection):
    """A snapshot that was taken before an upsert shows the old rows, and only them."""
    collection = make_collection()
    put(collection, [1], make_vectors(1), [10])
    before = collection.snapshot
    _upsert(collection, [1], [11])
    found = query(before, Filter("", keys=np.array([1])))
    assert found.column(before.schema.by_name["number"]).values.tolist() == [10]


def test_every_copy_goes(make_collection):
    """Rows that were inserted twice under one key are replaced by one."""
    collection = make_collection()
    put(collection, [1, 1], make_vectors(2), [10, 20])
    _upsert(collection, [1], [11])
    assert _numbers(collection) == [(1, 11)]


def test_concurrent_upserts(make_collection):
    """While many threads replace the same keys, flush and read, every reader sees each key exactly once."""
    collection = make_collection(segment_rows=500, min_index_rows=10_000)
    keys = np.arange(50)
    _upsert(collection, keys, np.zeros(50))
    everything = compile_filter("", collection.schema.filterable)
    until = time.monotonic() + SECONDS

    def write(number):
        turn = 0
        while time.monotonic() < until:
            turn += 1
            _upsert(collection, keys[turn % 7 :: 2], np.full(len(keys[turn % 7 :: 2]), number))

    def read(_):
        seen = 0
        while time.monotonic() < until:
            snapshot = collection.snapshot
            assert count(snapshot, everything) == 50
            assert query(snapshot, everything).column(snapshot.schema.primary).values.tolist() == keys.tolist()
            seen += 1
        return seen

    def flush(_):
        while time.monotonic() < until:
            collection.flush()

    with ThreadPoolExecutor(6) as pool:
        running = [pool.submit(act, n) for n, act in enumerate((write, write, write, read, read, flush))]
        results = [one.result(30) for one in running]
    assert results[3] > 0
    assert sorted(key for key, _ in _numbers(collection)) == keys.tolist()
