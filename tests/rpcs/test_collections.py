"""Collections as a stock client describes them."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize(("asked", "described"), [(-256, 1), (0, 1), (16, 16)])
def test_shards(fakemilvus_client: Any, asked: int, described: int) -> None:
    """No shard, or fewer, asks for the default."""
    schema = fakemilvus_client.create_schema()
    schema.add_field("id", 5, is_primary=True)
    schema.add_field("vector", 101, dim=4)
    fakemilvus_client.create_collection("c", schema=schema, num_shards=asked)
    assert fakemilvus_client.describe_collection("c")["num_shards"] == described


def test_properties(fakemilvus_client: Any) -> None:
    """Milvus 3.0 notes three properties on every collection; the highest id may be the dynamic field's."""
    fakemilvus_client.create_collection("c", dimension=4)
    noted = {"timezone": "UTC", "namespace.sharding.enabled": "false", "max_field_id": "102"}
    assert fakemilvus_client.describe_collection("c")["properties"] == noted


def test_given_properties_stay(fakemilvus_client: Any) -> None:
    """A property that the client gives is shown as it was given."""
    fakemilvus_client.create_collection("c", dimension=4, properties={"timezone": "Asia/Tokyo", "mine": "x"})
    shown = fakemilvus_client.describe_collection("c")["properties"]
    assert (shown["timezone"], shown["mine"]) == ("Asia/Tokyo", "x")
