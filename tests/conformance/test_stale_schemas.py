"""Clients that remember an older schema: they are told, and heal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pymilvus import DataType, MilvusClient

from fakemilvus import FakeMilvus
from tests.conformance.making import plain_rows, schema
from tests.conformance.refusals import Refusal, check_accepted, check_refused
from tests.conformance.target import Collections, Target

MISMATCH = Refusal(109, 62, "collection schema mismatch[collection={name}]", input_error=True, since="3.0")


def update_timestamp(target: Target, name: str) -> int:
    return int(target.done("DescribeCollection", collection_name=name).update_timestamp)


def test_the_right_timestamp(target: Target, collections: Collections) -> None:
    """An insert may carry the timestamp that DescribeCollection told."""
    name = collections.make()
    check_accepted(target.insert(name, plain_rows(1), 1, schema_timestamp=update_timestamp(target, name)))


def test_the_timestamp_of_a_dropped_collection(target: Target, collections: Collections) -> None:
    """After drop and create, the older timestamp is refused with SchemaMismatch: 109, legacy 62."""
    name = collections.make()
    known = update_timestamp(target, name)
    target.done("DropCollection", collection_name=name)
    target.done("CreateCollection", collection_name=name, schema=schema(name))
    check_refused(target.insert(name, plain_rows(1), 1, schema_timestamp=known), MISMATCH, target.version, name=name)


@pytest.fixture
def own() -> Iterator[FakeMilvus]:
    """A server that a test may reset."""
    with FakeMilvus() as fake:
        yield fake


def make(client: Any, dim: int, extra: str) -> None:
    """Collection "c" with a vector of this dim and one more field."""
    made = MilvusClient.create_schema()
    made.add_field("id", DataType.INT64, is_primary=True)
    made.add_field("vec", DataType.FLOAT_VECTOR, dim=dim)
    made.add_field(extra, DataType.INT64)
    client.create_collection("c", schema=made)


def use(client: Any, dim: int, extra: str) -> list[dict[str, Any]]:
    """Inserts a row, indexes, loads, and gives back what a search finds."""
    client.insert("c", [{"id": 1, "vec": [1.0] * dim, extra: 5}])
    params = client.prepare_index_params()
    params.add_index("vec", index_type="FLAT", metric_type="L2")
    client.create_index("c", params, sync=False)
    client.load_collection("c")
    (hits,) = client.search("c", data=[[1.0] * dim], limit=1, output_fields=[extra])
    return [hit["entity"] for hit in hits]


def test_the_same_name_after_reset(own: FakeMilvus) -> None:
    """After reset(), one client process creates the same name with another schema, and nothing stale survives."""
    client = MilvusClient(own.uri)
    make(client, 4, "a")
    assert use(client, 4, "a") == [{"a": 5}]
    own.reset()
    assert client.list_collections() == []
    make(client, 8, "b")
    assert use(client, 8, "b") == [{"b": 5}]


def test_another_process_recreates(own: FakeMilvus, target: Target) -> None:
    """When another client drops and creates a name, a client with the older schema heals by itself."""
    client = MilvusClient(own.uri)
    make(client, 4, "a")
    client.insert("c", [{"id": 1, "vec": [1.0] * 4, "a": 5}])
    other = Target(own.uri, fake=own)
    other.done("DropCollection", collection_name="c")
    other.done("CreateCollection", collection_name="c", schema=schema("c"))
    assert client.insert("c", [{"id": 1, "vec": [1.0] * 8}])["insert_count"] == 1
    other.close()
