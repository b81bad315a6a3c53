"""The moments that iterators began with."""

from __future__ import annotations

import numpy as np
import pytest

from fakemilvus.engine import sessions
from fakemilvus.engine.query import count, query
from tests.engine.making import Where, make_vectors, put

ALL = Where(always_true=True)


@pytest.fixture
def collection(make_collection):
    """Keys 0 to 5, four of them flushed."""
    made = make_collection(segment_rows=4)
    put(made, np.arange(6), make_vectors(6))
    return made


def _keys(snapshot):
    return query(snapshot, ALL).column(snapshot.schema.primary).values.tolist()


def _delete(collection, *keys):
    collection.delete(lambda segment: segment.find_keys(np.array(keys)))


def test_a_session_sees_its_moment(collection):
    """What was inserted and deleted since it began is not there for a session, and is for others."""
    session = collection.begin_session(collection.snapshot)
    put(collection, [10], make_vectors(1))
    _delete(collection, 1, 5)
    assert _keys(collection.seen_in_session(session)) == [0, 1, 2, 3, 4, 5]
    assert _keys(collection.snapshot) == [0, 2, 3, 4, 10]


def test_sessions_are_apart(collection):
    """Each session has its own moment."""
    first = collection.begin_session(collection.snapshot)
    _delete(collection, 0)
    second = collection.begin_session(collection.snapshot)
    _delete(collection, 1)
    assert _keys(collection.seen_in_session(first)) == [0, 1, 2, 3, 4, 5]
    assert _keys(collection.seen_in_session(second)) == [1, 2, 3, 4, 5]


def test_any_other_moment(collection):
    """At a timestamp that no session began with, rows are seen that were written until then and are still there."""
    then = int(collection.snapshot.segments[-1].timestamps[-1])
    put(collection, [10], make_vectors(1))
    _delete(collection, 1)
    assert _keys(collection.seen_in_session(then)) == [0, 2, 3, 4, 5]
    assert count(collection.seen_in_session(then - 1), ALL) == 0


def test_truncated_rows_are_gone(collection):
    """Rows that were truncated are gone for sessions too."""
    session = collection.begin_session(collection.snapshot)
    collection.truncate()
    assert _keys(collection.seen_in_session(session)) == []


def test_too_many_sessions(collection, monkeypatch):
    """Of too many sessions the one that was not read for the longest time loses its moment."""
    monkeypatch.setattr(sessions, "MAX_SESSIONS", 2)
    first = collection.begin_session(collection.snapshot)
    second = collection.begin_session(collection.snapshot)
    collection.seen_in_session(first)
    collection.begin_session(collection.snapshot)
    _delete(collection, 0)
    assert 0 in _keys(collection.seen_in_session(first))
    assert 0 not in _keys(collection.seen_in_session(second))
