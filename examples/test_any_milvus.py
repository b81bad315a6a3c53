"""Tests that run on fakemilvus, and with ``--milvus-uri`` on a real Milvus."""

import asyncio

import pytest
from conftest import VECTORS


@pytest.fixture
def searchable(fakemilvus_client, docs, index):
    """The collection, indexed and loaded."""
    fakemilvus_client.create_index(docs, index)
    fakemilvus_client.load_collection(docs)
    return docs


def test_search(fakemilvus_client, searchable):
    """Each vector's nearest neighbour is itself."""
    hits = fakemilvus_client.search(searchable, [VECTORS[7], VECTORS[42]], limit=1, consistency_level="Strong")
    assert [hit[0]["id"] for hit in hits] == [7, 42]


def test_alias(fakemilvus_client, searchable, fakemilvus_name):
    """An alias answers as its collection does."""
    alias = fakemilvus_name("alias")
    fakemilvus_client.create_alias(searchable, alias)
    found = fakemilvus_client.query(alias, "id in [3, 4]", output_fields=["id"], consistency_level="Strong")
    assert [row["id"] for row in found] == [3, 4]


def test_async_search(fakemilvus_async_client, searchable):
    """The asynchronous client finds the same."""

    async def search():
        return await fakemilvus_async_client.search(searchable, [VECTORS[7]], limit=1, consistency_level="Strong")

    assert asyncio.run(search())[0][0]["id"] == 7


@pytest.mark.fakemilvus(builds="immediate")
def test_with_options(fakemilvus_client, docs, index):
    """What a server with these options does is no promise of a real one, so this test is skipped there."""
    fakemilvus_client.create_index(docs, index, sync=False)
    assert fakemilvus_client.describe_index(docs, "vector")["indexed_rows"] == 1_000


def test_steering(fakemilvus, fakemilvus_client, docs, index):
    """Only a fakemilvus has a handle: on a real Milvus a test that asks for it is skipped."""
    fakemilvus.builds.hold()
    fakemilvus_client.create_index(docs, index, sync=False)
    assert fakemilvus_client.describe_index(docs, "vector")["pending_index_rows"] == 1_000
