"""Tests of a time to live, in milliseconds instead of half an hour."""

import pytest
from sessions import HALF_AN_HOUR, make_sessions, touch, users

pytestmark = pytest.mark.fakemilvus(clock="manual")


@pytest.fixture
def sessions(fakemilvus_client, fakemilvus_name):
    """An empty collection of sessions."""
    name = fakemilvus_name("sessions")
    make_sessions(fakemilvus_client, name)
    return name


def test_a_session_ends(fakemilvus, fakemilvus_client, sessions):
    """A session is there for half an hour, and then no more."""
    touch(fakemilvus_client, sessions, "ada", [1.0] * 4)
    fakemilvus.advance(HALF_AN_HOUR - 1)
    assert users(fakemilvus_client, sessions) == ["ada"]
    fakemilvus.advance(1)
    assert users(fakemilvus_client, sessions) == []


def test_a_session_goes_on(fakemilvus, fakemilvus_client, sessions):
    """Who comes back in time stays."""
    for user in ("ada", "bob"):
        touch(fakemilvus_client, sessions, user, [1.0] * 4)
    fakemilvus.advance(HALF_AN_HOUR / 2)
    touch(fakemilvus_client, sessions, "bob", [2.0] * 4)
    fakemilvus.advance(HALF_AN_HOUR / 2)
    assert users(fakemilvus_client, sessions) == ["bob"]


def test_nobody_else_is_found(fakemilvus, fakemilvus_client, sessions):
    """A search does not find those whose session has ended either."""
    touch(fakemilvus_client, sessions, "ada", [1.0] * 4)
    fakemilvus.advance(HALF_AN_HOUR)
    assert fakemilvus_client.search(sessions, [[1.0] * 4], limit=5)[0] == []
