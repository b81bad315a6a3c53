"""Indexes through MilvusClient and AsyncMilvusClient, where the client's own behaviour matters."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from pymilvus import AsyncMilvusClient, DataType, MilvusClient
from pymilvus.exceptions import MilvusException

from tests.conformance.making import plain_rows
from tests.conformance.target import Collections, Target

ROWS = 1_500
FIGURES = {"total_rows": ROWS, "indexed_rows": ROWS, "pending_index_rows": 0, "state": "Finished"}
IVF = {"index_type": "IVF_FLAT", "metric_type": "L2", "params": {"nlist": 16}}


@pytest.fixture(scope="module")
def client(target: Target) -> Iterator[MilvusClient]:
    client = MilvusClient(target.uri)
    yield client
    client.close()


@pytest.fixture
async def async_client(target: Target) -> AsyncIterator[AsyncMilvusClient]:
    client = AsyncMilvusClient(target.uri)
    yield client
    await client.close()


def index_params(**index: Any) -> Any:
    params = MilvusClient.prepare_index_params()
    params.add_index("vec", **(index or IVF))
    return params


def fill(target: Target, collections: Collections) -> str:
    """1,500 flushed rows."""
    name = collections.make()
    target.insert(name, plain_rows(ROWS), ROWS)
    target.flush(name)
    return name


@pytest.fixture(scope="module")
def indexed(target: Target, client: MilvusClient, shared: Collections) -> str:
    """1,500 flushed rows and an index, which create_index waited for."""
    name = fill(target, shared)
    client.create_index(name, index_params())
    return name


def test_describe_index(client: MilvusClient, indexed: str) -> None:
    """describe_index carries the four figures, and create_index waited until no row was pending."""
    described = client.describe_index(indexed, "vec")
    assert described.items() >= FIGURES.items()
    assert (described["index_name"], described["field_name"], described["index_type"]) == ("vec", "vec", "IVF_FLAT")


async def test_describe_index_async(async_client: AsyncMilvusClient, indexed: str) -> None:
    """So it does of AsyncMilvusClient."""
    assert (await async_client.describe_index(indexed, "vec")).items() >= FIGURES.items()


def test_list_indexes(client: MilvusClient, indexed: str) -> None:
    """list_indexes tells the names."""
    assert client.list_indexes(indexed) == ["vec"]


async def test_list_indexes_async(async_client: AsyncMilvusClient, indexed: str) -> None:
    """And to AsyncMilvusClient."""
    assert await async_client.list_indexes(indexed) == ["vec"]


def test_describe_unknown_index(client: MilvusClient, indexed: str) -> None:
    """describe_index of an unknown name is None: the client swallows code 700."""
    assert client.describe_index(indexed, "nope") is None


def test_describe_index_of_an_unknown_collection(client: MilvusClient, collections: Collections) -> None:
    """An unknown collection is a MilvusException with code 100, legacy 4."""
    with pytest.raises(MilvusException) as caught:
        client.describe_index(collections.name(), "vec")
    assert (caught.value.code, caught.value.compatible_code) == (100, 4)


def test_drop_index(target: Target, client: MilvusClient, collections: Collections) -> None:
    """drop_index leaves nothing to list."""
    name = collections.make()
    client.create_index(name, index_params(), sync=False)
    client.drop_index(name, "vec")
    assert client.list_indexes(name) == []


async def test_create_and_drop_index_async(async_client: AsyncMilvusClient, collections: Collections) -> None:
    """AsyncMilvusClient creates and drops."""
    name = collections.make()
    await async_client.create_index(name, index_params())
    assert await async_client.list_indexes(name) == ["vec"]
    await async_client.drop_index(name, "vec")
    assert await async_client.list_indexes(name) == []


def test_collection_stats(client: MilvusClient, indexed: str) -> None:
    """get_collection_stats tells the flushed rows."""
    assert client.get_collection_stats(indexed) == {"row_count": ROWS}


def test_segments(client: MilvusClient, indexed: str) -> None:
    """list_persistent_segments tells the segment."""
    (segment,) = client.list_persistent_segments(indexed)
    assert (segment.num_rows, segment.collection_name) == (ROWS, indexed)


def test_whole_flow(client: MilvusClient, collections: Collections) -> None:
    """Quick create, insert, search, query, get, delete, count and drop."""
    name = collections.name()
    client.create_collection(name, dimension=4, metric_type="L2", consistency_level="Strong")
    rows = [{"id": number, "vector": [float(number)] * 4, "color": f"c{number % 3}"} for number in range(20)]
    assert client.insert(name, rows)["insert_count"] == 20
    (hits,) = client.search(name, data=[[3.0] * 4], limit=2, output_fields=["color"])
    assert (hits[0]["id"], hits[0]["entity"]["color"], hits[0]["distance"]) == (3, "c0", 0.0)
    assert [row["id"] for row in client.query(name, 'color == "c1" and id < 5')] == [1, 4]
    assert [row["vector"] for row in client.get(name, [2, 5])] == [[2.0] * 4, [5.0] * 4]
    assert client.delete(name, ids=[1, 2])["delete_count"] == 2
    assert client.query(name, "", output_fields=["count(*)"]) == [{"count(*)": 18}]
    client.drop_collection(name)
    assert not client.has_collection(name)


async def test_whole_flow_async(async_client: AsyncMilvusClient, collections: Collections) -> None:
    """The same with AsyncMilvusClient."""
    name = collections.name()
    schema = AsyncMilvusClient.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("vec", DataType.FLOAT_VECTOR, dim=4)
    await async_client.create_collection(
        name, schema=schema, index_params=index_params(index_type="FLAT", metric_type="L2"), consistency_level="Strong"
    )
    inserted = await async_client.insert(name, [{"id": number, "vec": [float(number)] * 4} for number in range(5)])
    assert inserted["insert_count"] == 5
    (hits,) = await async_client.search(name, data=[[3.0] * 4], limit=1)
    assert hits[0]["id"] == 3
    assert [row["id"] for row in await async_client.query(name, "id > 2", output_fields=["id"])] == [3, 4]
    await async_client.drop_collection(name)
