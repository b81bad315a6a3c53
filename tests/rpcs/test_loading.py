"""Loads: what they ask for and is not built is refused by name."""

from __future__ import annotations

from typing import Any

import grpc
import pytest


@pytest.fixture
def client(fakemilvus_client: Any) -> Any:
    fakemilvus_client.create_collection("docs", dimension=4)
    fakemilvus_client.release_collection("docs")
    return fakemilvus_client


def test_resource_groups_are_refused(client: Any) -> None:
    """A load into a resource group is refused, and nothing is loaded."""
    with pytest.raises(grpc.RpcError, match="resource groups"):
        client.load_collection("docs", resource_groups=["mine"])
    with pytest.raises(Exception, match="not loaded"):
        client.query("docs", "id == 1")


def test_the_default_resource_group_is_no_wish(client: Any) -> None:
    """A load that names the default resource group asks for nothing special."""
    client.load_collection("docs", resource_groups=["__default_resource_group"])
    assert client.query("docs", "id == 1") == []
