"""Query over a whole snapshot."""

from __future__ import annotations

import numpy as np
import pytest

from fakemilvus.datatypes import TEXT_DTYPE, DataType
from fakemilvus.engine.query import count, query
from tests.engine.making import Where, make_definition, make_schema, make_vectors, put, where_number


@pytest.fixture
def collection(make_collection):
    """Keys 9 to 0 over three segments, the last of them growing."""
    made = make_collection(segment_rows=4)
    put(made, np.arange(10)[::-1], make_vectors(10))
    return made


def _keys(collection, wanted=None, **more):
    found = query(collection.snapshot, wanted or Where(always_true=True), **more)
    return found.column(collection.schema.primary).values.tolist()


def test_rows_come_by_key(collection):
    """Rows come ascending by primary key, whatever their segment and place."""
    assert _keys(collection) == list(range(10))


def test_limit_and_offset(collection):
    """The offset skips rows of that order, the limit ends it."""
    assert _keys(collection, limit=3, offset=2) == [2, 3, 4]
    assert _keys(collection, limit=3, offset=9) == [9]


def test_filters_by_mask(collection):
    """Only rows that pass are there."""
    assert _keys(collection, where_number(lambda n: n < 3)) == [7, 8, 9]


def test_looks_keys_up(collection):
    """A filter that is a list of keys finds them in every segment, without evaluating anything."""
    assert _keys(collection, Where(lambda batch: 1 / 0, keys=np.array([7, 0, 99, 7]))) == [0, 7]


def test_a_key_comes_once(collection):
    """A key with several rows comes once; count counts each row, as Milvus does."""
    put(collection, [3, 3], make_vectors(2))
    assert _keys(collection) == list(range(10))
    assert count(collection.snapshot, Where(always_true=True)) == 12


def test_the_newest_row_of_a_key_is_the_answer(make_collection):
    """Of rows with the same key the one that was written last is found, in one segment and over several."""
    made = make_collection(segment_rows=3)
    put(made, [1, 1, 2, 1, 2], make_vectors(5), [10, 11, 20, 12, 21])
    found = query(made.snapshot, Where(always_true=True))
    assert found.column(made.schema.find("number")).values.tolist() == [12, 21]


def test_deleted_rows_are_gone(collection):
    """Deleted rows are neither found nor counted."""
    collection.delete(lambda segment: segment.find_keys(np.array([0, 5])))
    assert _keys(collection) == [1, 2, 3, 4, 6, 7, 8, 9]
    assert count(collection.snapshot, Where(always_true=True)) == 8


def test_nothing_passes(collection):
    """Where nothing passes, columns have no rows."""
    assert _keys(collection, where_number(lambda n: n < 0)) == []


def test_an_empty_collection(make_collection):
    """A collection without rows answers none, and counts 0."""
    empty = make_collection()
    assert _keys(empty) == []
    assert count(empty.snapshot, Where(always_true=True)) == 0


def test_text_keys_come_by_bytes(make_collection):
    """Text keys are ordered by their bytes."""
    collection = make_collection(make_definition(schema=make_schema(DataType.VARCHAR)))
    put(collection, np.array(["b", "a", "ä", "Z"], TEXT_DTYPE), make_vectors(4))
    assert _keys(collection) == ["Z", "a", "b", "ä"]


@pytest.mark.parametrize("values", [1_000_000, 3_000, 5])
def test_the_first_keys_of_many(make_collection, values):
    """Of many rows in no order the first keys are found without sorting them all, however often keys repeat."""
    made = make_collection(segment_rows=4_000)
    keys = np.random.default_rng(values).integers(-values, values, 10_000)
    put(made, keys, make_vectors(10_000), np.arange(10_000))
    found = query(made.snapshot, Where(always_true=True), limit=50, offset=7)
    newest = {key: place for place, key in enumerate(keys.tolist())}
    expected = sorted(newest.items())[7:57]
    assert found.column(made.schema.primary).values.tolist() == [key for key, _ in expected]
    assert found.column(made.schema.find("number")).values.tolist() == [place for _, place in expected]
