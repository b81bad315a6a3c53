"""Segments, and the growing buffer behind the one that still takes rows."""

from __future__ import annotations

import numpy as np
import pytest

from fakemilvus.datatypes import TEXT_DTYPE, Column, DataType
from fakemilvus.engine.segment import RESERVED_BYTES, GrowingSegment, _grown
from tests.engine.making import ID, NUMBER, VECTOR, make_columns, make_schema, make_vectors


@pytest.fixture
def growing():
    return GrowingSegment(1, 2, make_schema(), capacity=2)


def _append(growing, keys, numbers=None, valid=None):
    columns = make_columns(keys, make_vectors(len(keys)), numbers)
    if valid is not None:
        columns[NUMBER] = Column(DataType.INT64, columns[NUMBER].values, np.array(valid))
    growing.append(columns, len(growing.view.timestamps) + 1)


def test_a_view_never_changes(growing):
    """A view taken before an append shows the same rows after it, also when the buffer grew."""
    _append(growing, [1, 2])
    view = growing.view
    for key in range(3, 100):
        _append(growing, [key])
    assert (view.rows, view.keys.tolist()) == (2, [1, 2])
    assert growing.view.keys.tolist() == list(range(1, 100))


def test_vectors_survive_growth(growing):
    """Every vector is what was appended, whatever the buffer did."""
    parts = [make_vectors(rows, seed=rows) for rows in (1, 2, 5, 300, 7)]
    for part in parts:
        growing.append(make_columns(np.arange(len(part)), part), 1)
    assert np.array_equal(growing.view.columns[VECTOR].values, np.concatenate(parts))


def test_text_keys(growing):
    """Text columns are kept as text."""
    growing = GrowingSegment(1, 2, make_schema(DataType.VARCHAR), capacity=1)
    for keys in (["a"], ["b", "long enough not to be stored within the element itself"]):
        growing.append(make_columns(np.array(keys, TEXT_DTYPE), make_vectors(len(keys))), 1)
    assert growing.view.keys.tolist()[:2] == ["a", "b"]
    assert growing.view.find_keys(np.array(["b"], TEXT_DTYPE)).tolist() == [1]


def test_nulls_that_come_late(growing):
    """Rows appended before the first null are valid, those after it as they say."""
    _append(growing, [1, 2])
    _append(growing, [3, 4], valid=[False, True])
    _append(growing, range(5, 60))
    column = growing.view.columns[NUMBER]
    assert np.flatnonzero(~column.valid).tolist() == [2]
    assert len(column.valid) == 59


def test_each_row_has_its_timestamp(growing):
    """Rows carry the timestamp of their append; the newest is the segment's."""
    _append(growing, [1, 2])
    _append(growing, [3])
    assert growing.view.timestamps.tolist() == [1, 1, 3]
    assert growing.view.last_timestamp == 3


def test_deleting_leaves_the_older_view(growing):
    """A deletion copies the mask: the view before it still has the row."""
    _append(growing, [1, 2, 3])
    before = growing.view
    after = before.without(np.array([1])).without(np.array([2]))
    assert before.alive is None
    assert after.alive.tolist() == [True, False, False]


def test_rows_after_a_deletion_are_alive(growing):
    """Rows that are appended after a deletion live, and the deleted ones stay deleted."""
    _append(growing, [1, 2])
    growing.view = growing.view.without(np.array([0]))
    _append(growing, [3])
    assert growing.view.alive.tolist() == [False, True, True]


def test_find_keys_finds_the_living(growing):
    """A deleted row is not found by its key, another one with the same key is."""
    _append(growing, [5, 6, 5])
    view = growing.view.without(np.array([0]))
    assert view.find_keys(np.array([5])).tolist() == [2]


def test_seal_keeps_rows_id_and_mask(growing):
    """A sealed segment has the id, the rows and the deletions of the growing one."""
    _append(growing, [1, 2])
    growing.view = growing.view.without(np.array([0]))
    sealed = growing.seal()
    assert (sealed.id, sealed.sealed, sealed.rows, sealed.alive.tolist()) == (1, True, 2, [False, True])


def test_attaching_and_detaching():
    """An index is attached to a new segment value; the old one stays without."""
    segment = GrowingSegment(1, 2, make_schema()).seal()
    attached = segment.with_built(9, "built")
    assert (segment.built, attached.built, attached.without_built(9).built) == ({}, {9: "built"}, {})


def test_growth_copies_little():
    """Of fifty million rows that come in small batches not even half is ever copied."""
    buffer, copied = np.empty((5_000, 1), np.float32), 0
    for needed in range(5_000, 50_000_000, 5_000):
        if needed > len(buffer):
            copied += len(buffer)
            buffer = _grown(buffer, 0, needed)
    assert copied < 0.5 * 50_000_000


def test_growth_reserves_no_more_than_it_may():
    """From a gibibyte on a buffer only doubles."""
    row = np.empty((1, RESERVED_BYTES // 8), np.float32)
    assert len(_grown(row, 0, 2)) == 2
    assert len(_grown(np.empty((2, RESERVED_BYTES // 8), np.float32), 0, 3)) == 4


def test_columns_by_field(growing):
    """A view has one column for each stored field, in its own type."""
    _append(growing, [1])
    assert {i: c.values.dtype for i, c in growing.view.columns.items()} == {
        ID: np.int64,
        NUMBER: np.int64,
        VECTOR: np.float32,
    }
