"""Search over a whole snapshot."""

from __future__ import annotations

import os
import threading

import faiss
import numpy as np
import pytest

from fakemilvus.datatypes import TEXT_DTYPE, DataType
from fakemilvus.engine.search import MANY_QUERIES, allowed_rows
from tests.engine.making import (
    DIM,
    create,
    create_ivf,
    find,
    make_definition,
    make_schema,
    make_vectors,
    put,
    where_number,
)


def _keys(hits):
    """The keys of each query's hits."""
    return [part.tolist() for part in np.split(hits.keys, np.cumsum(hits.counts)[:-1])]


def _line(values):
    """One-dimensional vectors, laid into the schema's dimensions."""
    vectors = np.zeros((len(values), DIM), np.float32)
    vectors[:, 0] = values
    return vectors


@pytest.fixture
def scattered(make_collection):
    """3,000 rows over three sealed segments and a growing one, with their vectors."""
    collection, vectors = make_collection(segment_rows=800), make_vectors(3_000)
    put(collection, np.arange(3_000), vectors)
    return collection, vectors


@pytest.mark.parametrize("metric", ["L2", "IP", "COSINE"])
@pytest.mark.parametrize("nq", [1, 50])
def test_merges_segments_exactly(scattered, metric, nq):
    """Over several segments the answer is that of numpy over all rows."""
    collection, vectors = scattered
    queries = make_vectors(nq, seed=1)
    unit = vectors / np.linalg.norm(vectors, axis=1)[:, None]
    worth = {
        "L2": ((queries[:, None] - vectors) ** 2).sum(axis=2),
        "IP": -queries @ vectors.T,
        "COSINE": -queries @ unit.T,
    }
    assert len(collection.snapshot.segments) == 4
    hits = find(collection, queries, metric=metric)
    assert _keys(hits) == np.argsort(worth[metric], axis=1)[:, :10].tolist()


def test_equal_distances_come_by_key(make_collection):
    """Equal distances are ordered by primary key, across segments, and the smallest keys are in the answer."""
    collection = make_collection(seal="insert")
    for keys in ([9, 3, 7], [1, 8, 2], [6, 4, 5]):
        put(collection, keys, _line([1, 1, 1]))
    assert _keys(find(collection, _line([0]), limit=5)) == [[1, 2, 3, 4, 5]]


def test_equal_distances_come_by_text_key(make_collection):
    """Text keys are ordered by their bytes."""
    collection = make_collection(make_definition(schema=make_schema(DataType.VARCHAR)), seal="insert")
    put(collection, np.array(["b", "a10"], TEXT_DTYPE), _line([1, 1]))
    put(collection, np.array(["a9", "c"], TEXT_DTYPE), _line([1, 1]))
    assert _keys(find(collection, _line([0]), limit=3)) == [["a10", "a9", "b"]]


def test_a_key_appears_once(make_collection):
    """Of several rows with one key only the best is in the answer."""
    collection = make_collection(seal="insert")
    put(collection, [1, 2, 1], _line([5, 3, 1]))
    put(collection, [1, 3], _line([2, 4]))
    hits = find(collection, _line([0, 10]), limit=4)
    assert _keys(hits) == [[1, 2, 3], [1, 3, 2]]
    assert hits.distances.tolist() == [1, 9, 16, 25, 36, 49]


def test_offset_skips_the_best(make_collection):
    """The offset skips the best rows of each query, repeats of a key not counted."""
    collection = make_collection()
    put(collection, [1, 2, 2, 3, 4], _line([1, 2, 2.5, 3, 4]))
    assert _keys(find(collection, _line([0, 9]), limit=2, offset=1)) == [[2, 3], [3, 2]]


def test_offset_within_one_segment(make_collection):
    """The offset skips the best rows where nothing needs merging."""
    collection = make_collection()
    put(collection, range(5), _line(range(5)))
    assert _keys(find(collection, _line([0, 9]), limit=2, offset=1)) == [[1, 2], [3, 2]]


def test_offset_beyond_the_rows(make_collection):
    """An offset past the last row gives no hits."""
    collection = make_collection()
    put(collection, [1, 2], _line([1, 2]))
    assert find(collection, _line([0]), limit=2, offset=7).counts.tolist() == [0]


def test_fewer_rows_than_asked_for(make_collection):
    """Fewer rows than the limit give a short answer, and counts say how many."""
    collection = make_collection()
    put(collection, [1, 2], _line([1, 2]))
    assert find(collection, _line([0, 0]), limit=10).counts.tolist() == [2, 2]


@pytest.mark.parametrize("key", [DataType.INT64, DataType.VARCHAR])
def test_nothing_to_search(make_collection, key):
    """An empty collection answers no hits, and columns of no rows in the fields' types."""
    collection = make_collection(make_definition(schema=make_schema(key)))
    hits = find(collection, make_vectors(3))
    assert hits.counts.tolist() == [0, 0, 0]
    assert hits.keys.dtype.kind == ("T" if key is DataType.VARCHAR else "i")
    assert hits.column(collection.schema.find("vector")).values.shape == (0, DIM)


def test_deleted_rows_are_not_found(scattered):
    """A deleted row is found no more, in sealed and growing segments."""
    collection, vectors = scattered
    collection.delete(lambda segment: segment.find_keys(np.array([5, 2_999])))
    assert [keys[0] not in (5, 2_999) for keys in _keys(find(collection, vectors[[5, 2_999]], limit=1))] == [True, True]


def test_columns_belong_to_the_hits(scattered):
    """Fetched columns are those of the hits, in their order, across segments."""
    collection, vectors = scattered
    hits = find(collection, make_vectors(7, seed=3))
    assert np.array_equal(hits.column(collection.schema.find("vector")).values, vectors[hits.keys])
    assert np.array_equal(hits.column(collection.schema.find("number")).values, hits.keys)


def test_ignore_growing(scattered):
    """On request, growing rows are left out."""
    collection, vectors = scattered
    hits = find(collection, vectors[2_900:2_901], ignore_growing=True)
    assert hits.keys.max() < 2_400


def test_a_filter_leaves_its_rows(scattered):
    """Only rows that pass the filter are found."""
    collection, vectors = scattered
    hits = find(collection, vectors[:20], filter=where_number(lambda n: n % 7 == 3))
    assert (hits.keys % 7 == 3).all()
    assert hits.counts.tolist() == [10] * 20


def test_a_filter_that_nothing_passes(scattered):
    """A filter that no row passes gives no hits."""
    collection, vectors = scattered
    assert find(collection, vectors[:2], filter=where_number(lambda n: n < 0)).counts.tolist() == [0, 0]


@pytest.fixture
def indexed(make_collection, builds):
    """4,000 rows under a built IVF index."""
    collection, vectors = make_collection(), make_vectors(4_000)
    put(collection, np.arange(4_000), vectors)
    collection.flush()
    create_ivf(collection, nlist=32)
    builds.wait(20)
    return collection, vectors


def test_the_index_is_used(indexed):
    """An attached index answers: with nprobe 1 it misses neighbours that an exact search finds."""
    collection, _ = indexed
    queries = make_vectors(100, seed=1)
    few, all_ = (find(collection, queries, params={"nprobe": nprobe}) for nprobe in (1, 32))
    assert not np.array_equal(few.keys, all_.keys)


def test_few_allowed_rows_are_searched_exactly(indexed):
    """Where a filter leaves 1 % of the rows, every one of them is found, whatever nprobe says."""
    collection, vectors = indexed
    hits = find(collection, vectors[:5], limit=40, filter=where_number(lambda n: n % 100 == 7), params={"nprobe": 1})
    assert sorted(_keys(hits)[0]) == list(range(7, 4_000, 100))


def test_many_allowed_rows_are_searched_by_the_index(indexed):
    """With nprobe = nlist a filter that leaves half of the rows gives the exact answer through the index."""
    collection, vectors = indexed
    queries = make_vectors(20, seed=1)
    distances = ((queries[:, None] - vectors[::2]) ** 2).sum(axis=2)
    hits = find(collection, queries, filter=where_number(lambda n: n % 2 == 0), params={"nprobe": 32})
    assert _keys(hits) == (2 * np.argsort(distances, axis=1)[:, :10]).tolist()


def test_rows_deleted_under_an_index(indexed):
    """A row that was deleted after its index was built is found no more."""
    collection, vectors = indexed
    collection.delete(lambda segment: segment.find_keys(np.array([11])))
    assert 11 not in find(collection, vectors[11:12], params={"nprobe": 1}).keys


def test_a_scalar_index_is_asked(make_collection, builds):
    """A filter over a field with a built scalar index is answered from it."""
    collection = make_collection()
    put(collection, np.arange(2_000), make_vectors(2_000))
    collection.flush()
    index = create(collection, "number", "number", index_type="STL_SORT")
    builds.wait(20)
    (segment,) = collection.snapshot.segments

    class ByIndex:
        always_true, keys = False, None

        def mask(self, batch):
            return batch.find("number", "==", 7)

    assert np.flatnonzero(allowed_rows(segment, ByIndex(), {"number": (index,)})).tolist() == [7]
    assert segment.built[index.id].look_ups == 1


def test_threads_follow_the_number_of_queries(scattered):
    """A thread searches a few queries on one core and many on all, and changes no other thread's number."""
    collection, _ = scattered
    seen, here = {}, faiss.omp_get_max_threads()

    def look():
        for nq in (1, MANY_QUERIES):
            find(collection, make_vectors(nq))
            seen[nq] = faiss.omp_get_max_threads()

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert seen == {1: 1, MANY_QUERIES: os.cpu_count()}
    assert faiss.omp_get_max_threads() == here
