"""Tests of a retry: it tries again, it gives up, and nothing is written twice when only the reply is lost."""

import pytest
from pymilvus import MilvusException
from retry import store, with_retry

from fakemilvus import Fail, Fault, LoseReply, rate_limited

NEW = [{"id": 5_000 + i, "vector": [float(i)] * 8} for i in range(3)]
BUSY = Fail("channel not available", code=503, retriable=True)


@pytest.fixture
def searchable(fakemilvus_client, docs, index):
    """The collection, indexed and loaded."""
    fakemilvus_client.create_index(docs, index)
    fakemilvus_client.load_collection(docs)
    return docs


def search(client, collection):
    return client.search(collection, [[0.5] * 8], limit=3)[0]


def test_tries_again(fakemilvus, fakemilvus_client, searchable):
    """A search that is refused twice succeeds at the third attempt."""
    fakemilvus.faults.add(Fault("Search", BUSY, first=2))
    assert len(with_retry(lambda: search(fakemilvus_client, searchable), pause_s=0)) == 3
    fakemilvus.calls.assert_called("Search", collection_name=searchable, times=3)


def test_gives_up(fakemilvus, fakemilvus_client, searchable):
    """A server that stays busy is asked three times, not for ever."""
    fakemilvus.faults.add(Fault("Search", BUSY))
    with pytest.raises(MilvusException, match="channel not available"):
        with_retry(lambda: search(fakemilvus_client, searchable), pause_s=0)
    fakemilvus.calls.assert_called("Search", times=3)


def test_lost_reply(fakemilvus, fakemilvus_client, searchable):
    """The rows were written, only the reply got lost: writing them again leaves each there once."""
    fakemilvus.faults.add(Fault("Insert", LoseReply("DEADLINE_EXCEEDED"), first=1))
    with_retry(lambda: store(fakemilvus_client, searchable, NEW), pause_s=0)
    fakemilvus.calls.assert_called("Insert", num_rows=3, times=2)
    assert count_new(fakemilvus_client, searchable) == 3


def test_rate_limit(fakemilvus, fakemilvus_client, searchable):
    """pymilvus itself tries again after a rate limit, so an application never sees it."""
    fakemilvus.faults.add(Fault("Insert", rate_limited(), first=2))
    store(fakemilvus_client, searchable, NEW)
    fakemilvus.calls.assert_called("Insert", num_rows=3, times=3)


def test_stores(fakemilvus_client, searchable):
    """Storing twice leaves each row once, on a real Milvus too."""
    store(fakemilvus_client, searchable, NEW)
    store(fakemilvus_client, searchable, NEW)
    assert count_new(fakemilvus_client, searchable) == 3


def count_new(client, collection):
    found = client.query(collection, "id >= 5000", output_fields=["id"], consistency_level="Strong")
    return len(found)
