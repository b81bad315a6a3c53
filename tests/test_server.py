"""FakeMilvus: its life, from the first start to the last stop."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest
from pymilvus import MilvusClient

from fakemilvus import FakeMilvus, PortTaken


def own_threads() -> set[str]:
    return {thread.name for thread in threading.enumerate() if thread.name.startswith("fakemilvus")}


def fill(client: MilvusClient, rows: int = 200) -> None:
    """A flushed collection whose index is being built."""
    schema = client.create_schema()
    schema.add_field("id", 5, is_primary=True)
    schema.add_field("vector", 101, dim=4)
    client.create_collection("docs", schema=schema)
    vectors = np.random.default_rng(1).random((rows, 4), np.float32)
    client.insert("docs", [{"id": i, "vector": vector} for i, vector in enumerate(vectors)])
    client.flush("docs")
    index = client.prepare_index_params()
    index.add_index("vector", index_type="IVF_FLAT", metric_type="L2", params={"nlist": 2})
    client.create_index("docs", index, sync=False)


def test_uri_needs_a_running_server() -> None:
    """A server that does not run has no address, and says how to start it."""
    with pytest.raises(RuntimeError, match=r"not running.*start"):
        _ = FakeMilvus().uri


def test_taken_port(fakemilvus: FakeMilvus) -> None:
    """A taken port is refused with one clear line, and leaves no thread behind."""
    before = own_threads()
    with pytest.raises(PortTaken, match=f"{fakemilvus.port}: the port is taken"):
        FakeMilvus(port=fakemilvus.port).start()
    assert own_threads() <= before


def test_start_and_stop_twice() -> None:
    """Starting a running server and stopping a stopped one are no errors."""
    server = FakeMilvus()
    assert server.start() is server.start()
    server.stop()
    server.stop()


def test_restart_keeps_everything() -> None:
    """A restarted server listens on the same port and holds what it held; a client goes on by itself."""
    server = FakeMilvus(min_index_rows=1).start()
    client = MilvusClient(server.uri)
    server.builds.hold_at(rows=50)
    fill(client)
    server.builds.wait()
    uri = server.uri
    server.stop()
    server.builds.release()
    server.start()
    assert server.uri == uri
    server.builds.wait()
    described = client.describe_index("docs", "vector")
    assert (described["total_rows"], described["indexed_rows"], described["state"]) == (200, 200, "Finished")
    client.load_collection("docs")
    assert client.query("docs", output_fields=["count(*)"]) == [{"count(*)": 200}]
    client.close()
    server.stop()


def test_reset_while_building(fakemilvus: FakeMilvus, fakemilvus_client: Any) -> None:
    """After a reset in the middle of a build nothing is there, and nothing goes on."""
    fakemilvus.builds.hold_at(rows=10)
    fill(fakemilvus_client, 2_000)
    fakemilvus.builds.wait()
    fakemilvus.reset()
    assert fakemilvus_client.list_collections() == []
    assert fakemilvus.builds.status() == []


def test_same_name_with_another_schema_after_reset(fakemilvus: FakeMilvus, fakemilvus_client: Any) -> None:
    """pymilvus keeps schemas per process; after a reset nothing stale survives in them."""
    for dim in (4, 8):
        fakemilvus_client.create_collection("docs", dimension=dim)
        fakemilvus_client.insert("docs", [{"id": 1, "vector": [1.0] * dim}])
        (row,) = fakemilvus_client.query("docs", "id == 1", output_fields=["vector"])
        assert len(row["vector"]) == dim
        fakemilvus.reset()


@pytest.mark.parametrize(
    "wrong", [{"seal": "never"}, {"progress": "x"}, {"segment_rows": 0}, {"builds": "x"}, {"clock": "sundial"}]
)
def test_wrong_knobs_are_refused(wrong: dict[str, Any]) -> None:
    """A knob that means nothing is refused when the server is made."""
    with pytest.raises(ValueError, match=next(iter(wrong))):
        FakeMilvus(**wrong)
