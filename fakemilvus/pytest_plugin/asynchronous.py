"""The asynchronous client of one test: made before its event loop runs, closed after it has ended."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest


def make_client(uri: str, token: str) -> Any:
    """A pymilvus.AsyncMilvusClient that has not connected yet.

    Its connection is its own: pymilvus shares connections by the id of the event loop, which the next test's loop may
    have again when the first is gone.
    """
    from pymilvus import AsyncMilvusClient
    from pymilvus.client import async_grpc_handler

    if not hasattr(async_grpc_handler.AsyncGrpcHandler, "reconnect"):
        pytest.fail("fakemilvus_async_client needs pymilvus 2.6: older ones connect before there is a loop")
    return AsyncMilvusClient(uri, token=token, dedicated=True)


def close_client(client: Any) -> None:
    """Closes it, whether the loop that it was used in still exists or not; a second time is no error."""
    loop = asyncio.new_event_loop()
    try:
        loop.run_until_complete(client.close())
    finally:
        loop.close()
