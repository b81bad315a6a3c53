"""The control service: every verb of the handle, from another process."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest
from pymilvus import MilvusClient

from fakemilvus import Delay, Fail, FakeMilvus, Fault, RemoteFakeMilvus
from fakemilvus.control import VERBS, Control
from fakemilvus.engine.scripts import Reading
from fakemilvus.remote import RemoteBuilds
from fakemilvus.wire.control import METHOD, ControlClient
from fakemilvus.wire.messages import control

ROWS = 100


@pytest.fixture
def server() -> Iterator[FakeMilvus]:
    with FakeMilvus(clock="manual", control=True, min_index_rows=1) as server:
        yield server


@pytest.fixture
def remote(server: FakeMilvus) -> Iterator[RemoteFakeMilvus]:
    with RemoteFakeMilvus(server.uri) as remote:
        yield remote


@pytest.fixture
def client(server: FakeMilvus) -> Iterator[MilvusClient]:
    """A client with a flushed collection of 100 rows and no index."""
    client = MilvusClient(server.uri)
    schema = client.create_schema()
    schema.add_field("id", 5, is_primary=True)
    schema.add_field("vector", 101, dim=4)
    client.create_collection("docs", schema=schema)
    vectors = np.random.default_rng(1).random((ROWS, 4), np.float32)
    client.insert("docs", [{"id": i, "vector": vector} for i, vector in enumerate(vectors)])
    client.flush("docs")
    yield client
    client.close()


def create_index(client: MilvusClient) -> None:
    """An index that nobody waits for: pymilvus' own wait would never end while builds are held."""
    index = client.prepare_index_params()
    index.add_index("vector", index_type="IVF_FLAT", metric_type="L2", params={"nlist": 2})
    client.create_index("docs", index, sync=False)


def indexed(client: MilvusClient) -> int:
    return int(client.describe_index("docs", "vector")["indexed_rows"])


def test_hold_step_release(remote: RemoteFakeMilvus, client: MilvusClient) -> None:
    """A build is held, stepped and released from outside, exact to the row."""
    remote.builds.hold_at(fraction=0.4, collection="docs")
    create_index(client)
    (status,) = remote.builds.wait()
    assert (status["phase"], status["indexed_rows"], indexed(client)) == ("held", 40, 40)
    remote.builds.step(7)
    assert indexed(client) == 47
    remote.builds.release()
    assert [s["phase"] for s in remote.builds.wait()] == ["finished"]


def test_hold_and_status(remote: RemoteFakeMilvus, client: MilvusClient) -> None:
    """A build that is held from the start counts nothing."""
    remote.builds.hold()
    create_index(client)
    assert [s["indexed_rows"] for s in remote.builds.wait()] == [0]
    assert [s["phase"] for s in remote.builds.status(collection="docs")] == ["held"]


def test_fail_and_retry(remote: RemoteFakeMilvus, client: MilvusClient) -> None:
    """A build fails with the reason that was asked for, after it was tried again."""
    remote.builds.retry_next("once more")
    create_index(client)
    assert [s["phase"] for s in remote.builds.wait()] == ["finished"]
    client.drop_index("docs", "vector")
    remote.builds.fail_next("disk full")
    create_index(client)
    remote.builds.wait()
    assert client.describe_index("docs", "vector")["state"] == "Failed"


def test_modes_and_rate(remote: RemoteFakeMilvus, client: MilvusClient) -> None:
    """A build of ten seconds on the server's clock is half done after five."""
    remote.builds.mode(seconds=10.0)
    create_index(client)
    remote.builds.wait()
    remote.advance(5)
    remote.builds.wait()
    assert indexed(client) == ROWS // 2
    remote.builds.rate(None)
    remote.builds.wait()
    assert indexed(client) == ROWS


def test_script(remote: RemoteFakeMilvus, client: MilvusClient) -> None:
    """Clients read the steps of a script, then the truth."""
    remote.builds.script([Reading(ROWS, 0.25, 0.75)], then="real")
    create_index(client)
    remote.builds.wait()
    assert [indexed(client) for _ in range(2)] == [25, 100]


def test_faults(remote: RemoteFakeMilvus, client: MilvusClient) -> None:
    """A fault is added, befalls, is counted and taken back."""
    with remote.faults.add(Fault("ListAliases", Fail("not now", code=7), first=1)) as rule:
        with pytest.raises(Exception, match="not now"):
            client.list_aliases()
        assert (rule.hits, remote.faults.unused()) == (1, [])
    client.list_aliases()
    with remote.faults.add(Fault("Search", Delay(1))):
        assert len(remote.faults.unused()) == 1


def test_snapshot_and_restore(remote: RemoteFakeMilvus, client: MilvusClient) -> None:
    """What was dropped after a snapshot is there again after the restore."""
    state = remote.snapshot()
    client.drop_collection("docs")
    remote.restore(state)
    assert client.list_collections() == ["docs"]
    assert len(remote.rows("docs", "id < 3")) == 3


def test_save_and_load(remote: RemoteFakeMilvus, client: MilvusClient, tmp_path: Path) -> None:
    """A saved state is loaded after a reset."""
    remote.save(str(tmp_path / "state"))
    remote.reset()
    assert client.list_collections() == []
    remote.load(str(tmp_path / "state"))
    assert client.list_collections() == ["docs"]


def test_seed(server: FakeMilvus, remote: RemoteFakeMilvus) -> None:
    """A seed from outside is the server's seed."""
    remote.seed(7)
    first = server.faults._random.random()
    remote.seed(7)
    assert server.faults._random.random() == first


def test_calls(remote: RemoteFakeMilvus, client: MilvusClient) -> None:
    """Calls are read and asserted from outside."""
    remote.calls.assert_called("Flush", collection_names=["docs"])
    assert remote.calls.of("CreateCollection")[0].request["collection_name"] == "docs"
    with pytest.raises(AssertionError, match="saw it 0 times"):
        remote.calls.assert_called("Search")


def test_reading(remote: RemoteFakeMilvus, client: MilvusClient) -> None:
    """Dump, bugs and what is not built are read from outside."""
    with pytest.raises(grpc.RpcError):
        client.create_role("nobody")
    assert remote.dump()["collections"][0]["name"] == "docs"
    assert remote.bugs == []
    assert remote.unimplemented


@pytest.mark.parametrize(
    ("verb", "arguments", "raised", "text"),
    [
        ("nope", {}, ValueError, "no such verb: 'nope'"),
        ("builds.hold_at", {}, ValueError, "either fraction= or rows="),
        ("builds.hold_at", {"fraction": 0.5, "fractoin": 1}, ValueError, "fractoin"),
        ("builds.step", {"rows": 1}, RuntimeError, "no build is held"),
        ("restore", {"state": 9}, ValueError, "there is no state 9"),
        ("faults.add", {"rpc": "*", "effect": "Explode"}, ValueError, "no such effect"),
        ("faults.add", {"rpc": "*", "effect": "Delay"}, ValueError, "seconds"),
        ("load", {"path": "/nowhere"}, RuntimeError, "/nowhere"),
        ("advance", {"seconds": -1}, ValueError, "never goes back"),
    ],
)
def test_refusals(server: FakeMilvus, verb: str, arguments: dict[str, Any], raised: type[Exception], text: str) -> None:
    """A wrong verb, argument or moment is refused, and says what was wrong."""
    client = ControlClient(server.uri)
    with pytest.raises(raised, match=text):
        client.do(verb, **arguments)
    client.close()


def test_off_unless_asked_for(fakemilvus: FakeMilvus) -> None:
    """Without control=True there is no service, and the refusal says how to turn it on."""
    with RemoteFakeMilvus(fakemilvus.uri) as remote, pytest.raises(RuntimeError, match="--control"):
        remote.reset()


def test_arguments_must_be_an_object(server: FakeMilvus) -> None:
    """Arguments that are no JSON object are refused."""
    with grpc.insecure_channel(server.uri.removeprefix("http://")) as channel:
        do = channel.unary_unary(METHOD, request_serializer=control.Command.SerializeToString)
        for text in ("[1]", "{"):
            with pytest.raises(grpc.RpcError) as refused:
                do(control.Command(verb="dump", arguments=text))
            assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT


def test_every_verb_of_the_handle_crosses() -> None:
    """Each public verb of builds stands in the table and in the remote handle, with a description."""
    from fakemilvus.engine.builds import Builds

    engine_only = {
        "submit",
        "steers",
        "note_skipped",
        "settle",
        "read",
        "cancel",
        "cancel_segments",
        "start",
        "stop",
        "reset",
        "on_bug",
    }
    own = {name for name, _ in inspect.getmembers(Builds, inspect.isfunction) if not name.startswith("_")} - engine_only
    assert own == {verb.removeprefix("builds.") for verb in VERBS if verb.startswith("builds.")}
    assert all(hasattr(RemoteBuilds, name) for name in own)
    assert all(verb.__doc__ for verb in VERBS.values())


def test_ctl(server: FakeMilvus, client: MilvusClient) -> None:
    """`fakemilvus ctl` carries verbs out and prints their result as JSON."""
    command = [sys.executable, "-m", "fakemilvus", "ctl", "--uri", server.uri]
    done = subprocess.run([*command, "rows", "collection=docs", "limit=2"], capture_output=True, text=True, check=True)
    assert [row["id"] for row in json.loads(done.stdout)] == [0, 1]
    refused = subprocess.run([*command, "restore", "state=5"], capture_output=True, text=True)
    assert (refused.returncode, refused.stderr) == (1, "fakemilvus: there is no state 5; there are []\n")
    listed = subprocess.run([*command, "verbs"], capture_output=True, text=True, check=True)
    assert listed.stdout.startswith("builds.hold ")


def test_control_of_a_plain_server(fakemilvus: FakeMilvus) -> None:
    """The table works on any server object, without the wire."""
    assert Control(fakemilvus).do("dump", {})["collections"] == []
