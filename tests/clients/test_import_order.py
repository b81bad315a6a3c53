"""pymilvus and fakemilvus in one process, and pymilvus' asynchronous client."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.clients import flow

if TYPE_CHECKING:
    from fakemilvus.server import FakeMilvus

HERE = Path(__file__).parent


@pytest.mark.parametrize("first", ["fakemilvus", "pymilvus"])
def test_import_order(first: str) -> None:
    """Whichever is imported first, both work in one process: the whole job, through every face of the client."""
    ended = subprocess.run(
        [sys.executable, HERE / "together.py", first], capture_output=True, text=True, timeout=90, check=False
    )
    assert ended.returncode == 0, ended.stderr
    assert {"schema", "quick", "alias", "orm", "async"} <= set(json.loads(ended.stdout)["done"])


async def test_asynchronous_client(fakemilvus: FakeMilvus) -> None:
    """AsyncMilvusClient creates, fills, indexes, describes, searches and drops."""
    assert await flow.work_asynchronously(fakemilvus.uri) == ["async", "async describe_index"]


async def test_asynchronous_progress(fakemilvus: FakeMilvus) -> None:
    """While a build is held, describe_index of the asynchronous client reads the counters exactly."""
    figures = await _held_figures(fakemilvus)
    assert figures["state"] == "InProgress"
    assert (figures["total_rows"], figures["indexed_rows"], figures["pending_index_rows"]) == (flow.ROWS, 1_200, 1_800)


async def _held_figures(server: FakeMilvus) -> dict[str, Any]:
    from pymilvus import AsyncMilvusClient

    client = AsyncMilvusClient(uri=server.uri)
    schema, index = flow.make_plan()
    await client.create_collection("held", schema=schema)
    await client.insert("held", flow.make_rows())
    await client.flush("held")
    server.builds.hold_at(fraction=0.4)
    built = asyncio.create_task(client.create_index("held", index))  # answers when the index is finished
    await _until_submitted(server)
    await asyncio.to_thread(server.builds.wait)
    figures = dict(await client.describe_index("held", "vector"))
    server.builds.release()
    await built
    await client.close()
    return figures


async def _until_submitted(server: FakeMilvus) -> None:
    """The build is queued before CreateIndex answers, on a thread of the server."""
    async with asyncio.timeout(30):
        while not server.builds.status():
            await asyncio.sleep(0)
