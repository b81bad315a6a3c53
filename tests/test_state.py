"""Keeping, restoring, saving, reading and limiting a server's state, as a stock client meets it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pymilvus import DataType, MilvusClient, MilvusException

from fakemilvus import Fail, FakeMilvus, Fault, ManualClock, StateFileInvalid
from fakemilvus.errors import CollectionNotFound

DIM = 8
Make = Callable[..., tuple[FakeMilvus, Any]]


@pytest.fixture
def make_server() -> Iterator[Make]:
    """Makes servers of their own, each with a client."""
    made: list[tuple[FakeMilvus, Any]] = []

    def make(**options: Any) -> tuple[FakeMilvus, Any]:
        server = FakeMilvus(**options).start()
        made.append((server, MilvusClient(server.uri)))
        return made[-1]

    yield make
    for server, client in made:
        client.close()
        server.stop()


def create(client: Any, name: str = "docs", *, auto_id: bool = False, **fields: DataType) -> None:
    schema = client.create_schema(auto_id=auto_id)
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=DIM)
    for field, kind in fields.items():
        schema.add_field(field, kind)
    client.create_collection(name, schema=schema)


def vectors(rows: int, seed: int = 0) -> Any:
    return np.random.default_rng(seed).random((rows, DIM), dtype=np.float32)


def insert(client: Any, start: int, rows: int, name: str = "docs", **more: Any) -> Any:
    return client.insert(name, [{"id": start + i, "vector": v, **more} for i, v in enumerate(vectors(rows))])


def create_index(client: Any, name: str = "docs", nlist: int = 16) -> None:
    params = client.prepare_index_params()
    params.add_index("vector", index_type="IVF_FLAT", metric_type="L2", params={"nlist": nlist})
    client.create_index(name, params, sync=False)


def ids(client: Any, name: str = "docs") -> list[int]:
    return [row["id"] for row in client.query(name, "id >= 0", output_fields=["id"])]


# -- snapshot and restore --------------------------------------------------------------------------------------


def test_restore(fakemilvus: FakeMilvus, fakemilvus_client: Any) -> None:
    """Collections, rows, indexes, aliases and load state are what they were at the snapshot, and the client goes on."""
    client = fakemilvus_client
    create(client)
    insert(client, 0, 2_000)
    client.flush("docs")
    create_index(client)
    fakemilvus.builds.wait()
    client.create_alias("docs", "alias")
    client.load_collection("docs")
    state = fakemilvus.snapshot()

    client.delete("docs", ids=[0, 1])
    client.drop_alias("alias")
    client.drop_collection("docs")
    create(client, "other")
    fakemilvus.restore(state)

    assert client.list_collections() == ["docs"]
    assert client.describe_index("docs", "vector")["indexed_rows"] == 2_000
    assert ids(client, "alias") == list(range(2_000))
    found = client.search("docs", vectors(1).tolist(), limit=1, search_params={"params": {"nprobe": 16}})
    assert found[0][0]["id"] == 0
    insert(client, 2_000, 1)
    assert ids(client)[-1] == 2_000


def test_restore_after_reset(fakemilvus: FakeMilvus, fakemilvus_client: Any) -> None:
    """A state outlives a reset, and can be restored again and again."""
    client = fakemilvus_client
    create(client)
    insert(client, 0, 3)
    state = fakemilvus.snapshot()
    for _ in range(2):
        fakemilvus.reset()
        assert client.list_collections() == []
        fakemilvus.restore(state)
        insert(client, 3, 1)
        assert fakemilvus.collection("docs").count == 4


def test_clients_schemas_stay_right(fakemilvus: FakeMilvus, fakemilvus_client: Any) -> None:
    """A client that knows another schema under the same name, of before the restore, learns the restored one."""
    client = fakemilvus_client
    create(client)
    insert(client, 0, 1)
    state = fakemilvus.snapshot()
    client.drop_collection("docs")
    create(client, extra=DataType.INT64)
    insert(client, 0, 1, extra=1)
    fakemilvus.restore(state)
    insert(client, 1, 1)
    assert fakemilvus.collection("docs").column("id").tolist() == [0, 1]
    fakemilvus.reset()
    create(client, extra=DataType.INT64)
    insert(client, 5, 1, extra=7)
    assert fakemilvus.collection("docs").rows(output_fields=["id", "extra"]) == [{"id": 5, "extra": 7}]


def test_a_schema_of_the_other_state_is_answered_mismatch(fakemilvus: FakeMilvus, fakemilvus_client: Any) -> None:
    """Rows that a client packed by the schema of before the restore are refused, which makes it look again."""
    client = fakemilvus_client
    create(client, extra=DataType.DOUBLE)
    state = fakemilvus.snapshot()
    client.drop_collection("docs")
    create(client, extra=DataType.INT64)
    insert(client, 0, 1, extra=1)
    fakemilvus.restore(state)
    insert(client, 1, 1, extra=2)
    assert [call.code for call in fakemilvus.calls if call.rpc == "Insert"] == [0, 109, 0]
    assert fakemilvus.collection("docs").rows(output_fields=["extra"]) == [{"extra": 2.0}]


def test_a_restored_build_starts_again(fakemilvus: FakeMilvus, fakemilvus_client: Any) -> None:
    """A build that was held half-way begins at 0 after the restore, and can be held, stepped and ended."""
    client = fakemilvus_client
    create(client)
    insert(client, 0, 2_000)
    client.flush("docs")
    fakemilvus.builds.hold_at(rows=800)
    create_index(client)
    fakemilvus.builds.wait()
    state = fakemilvus.snapshot()
    fakemilvus.builds.hold()
    fakemilvus.restore(state)
    assert client.describe_index("docs", "vector")["pending_index_rows"] == 2_000
    fakemilvus.builds.step(50)
    assert client.describe_index("docs", "vector")["indexed_rows"] == 50
    fakemilvus.builds.release()
    fakemilvus.builds.wait()
    assert client.describe_index("docs", "vector")["state"] == "Finished"


def test_restore_leaves_what_steers(fakemilvus: FakeMilvus, fakemilvus_client: Any) -> None:
    """Faults and the call log are no part of the state."""
    create(fakemilvus_client)
    state = fakemilvus.snapshot()
    rule = fakemilvus.faults.add(Fault("Insert", Fail("no"), first=1))
    fakemilvus.restore(state)
    with pytest.raises(MilvusException, match="no"):
        insert(fakemilvus_client, 0, 1)
    assert rule.hits == 1
    assert "CreateCollection" in [call.rpc for call in fakemilvus.calls]


def test_automatic_ids_never_repeat(fakemilvus: FakeMilvus, fakemilvus_client: Any) -> None:
    """Automatic ids after a restore are none of those that were given between snapshot and restore."""
    client = fakemilvus_client
    create(client, auto_id=True)

    def add() -> set[int]:
        return set(client.insert("docs", [{"vector": v} for v in vectors(5)])["ids"])

    state = fakemilvus.snapshot()
    first = add()
    fakemilvus.restore(state)
    assert not first & add()


def test_another_servers_state_is_refused(fakemilvus: FakeMilvus, make_server: Make) -> None:
    """A state goes back only to its own server; save and load are for others."""
    other, _ = make_server()
    with pytest.raises(ValueError, match="see save and load"):
        other.restore(fakemilvus.snapshot())


def test_clients_beside_restores_see_whole_states(fakemilvus: FakeMilvus, fakemilvus_client: Any) -> None:
    """Whoever describes, counts or inserts while states are restored gets the one or the other, and no bug."""
    client = fakemilvus_client
    create(client, "a")
    client.create_alias("a", "one")
    first = fakemilvus.snapshot()
    client.create_alias("a", "two")
    second = fakemilvus.snapshot()
    ended = threading.Event()
    seen: set[tuple[str, ...]] = set()

    def look() -> None:
        with_own_connection = MilvusClient(fakemilvus.uri)
        while not ended.is_set():
            seen.add(tuple(with_own_connection.describe_collection("a")["aliases"]))
            insert(with_own_connection, 0, 1, "a")
        with_own_connection.close()

    threads = [threading.Thread(target=look) for _ in range(3)]
    for thread in threads:
        thread.start()
    for turn in range(100):
        fakemilvus.restore(second if turn % 2 else first)
    ended.set()
    for thread in threads:
        thread.join(30)
    assert seen <= {("one",), ("one", "two")}
    assert not fakemilvus.bugs
    fakemilvus.restore(first)
    assert fakemilvus.collection("a").count == 0


# -- save and load ---------------------------------------------------------------------------------------------


def test_save_and_load(make_server: Make, tmp_path: Path) -> None:
    """Another server answers as the one that saved: rows, search and index progress."""
    source, client = make_server()
    create(client)
    insert(client, 0, 2_000)
    client.flush("docs")
    create_index(client)
    client.load_collection("docs")
    client.delete("docs", ids=[5])
    source.save(tmp_path / "state.zip")

    target, other = make_server()
    create(other, "old")
    target.builds.hold_at(fraction=0.5)
    target.load(tmp_path / "state.zip")
    target.builds.wait()
    assert other.list_collections() == ["docs"]
    assert other.describe_index("docs", "vector")["indexed_rows"] == 1_000
    target.builds.release()
    target.builds.wait()
    assert ids(other) == [i for i in range(2_000) if i != 5]
    found = other.search("docs", vectors(2)[1:].tolist(), limit=1, search_params={"params": {"nprobe": 16}})
    assert found[0][0]["id"] == 1


def test_a_client_learns_a_loaded_schema(make_server: Make, tmp_path: Path) -> None:
    """A client that knew another schema of the same name inserts rightly after a load."""
    server, client = make_server()
    create(client)
    server.save(tmp_path / "s")
    client.drop_collection("docs")
    create(client, extra=DataType.INT64)
    insert(client, 0, 1, extra=1)
    server.load(tmp_path / "s")
    insert(client, 3, 1)
    assert server.collection("docs").column("id").tolist() == [3]


def test_a_bad_file_changes_nothing(fakemilvus: FakeMilvus, fakemilvus_client: Any, tmp_path: Path) -> None:
    """A file that is no state is refused by name, and everything stays."""
    create(fakemilvus_client)
    (tmp_path / "bad").write_text("no state")
    with pytest.raises(StateFileInvalid, match="bad cannot be loaded"):
        fakemilvus.load(tmp_path / "bad")
    assert fakemilvus.collections() == ["docs"]


def test_load_before_start(make_server: Make, tmp_path: Path) -> None:
    """A server can be loaded before it listens."""
    source, client = make_server()
    create(client)
    insert(client, 0, 3)
    source.save(str(tmp_path / "s"))
    server = FakeMilvus()
    server.load(str(tmp_path / "s"))
    with server:
        assert MilvusClient(server.uri).list_collections() == ["docs"]


# -- direct reads ----------------------------------------------------------------------------------------------


def test_direct_reads(fakemilvus: FakeMilvus, fakemilvus_client: Any) -> None:
    """What a client wrote can be read without an rpc, by alias too, and without a load."""
    client = fakemilvus_client
    create(client, number=DataType.INT32)
    insert(client, 0, 3, number=7)
    client.create_alias("docs", "alias")
    calls = len(fakemilvus.calls)
    docs = fakemilvus.collection("alias")
    assert (docs.name, docs.count, fakemilvus.collections()) == ("docs", 3, ["docs"])
    assert docs.rows("id == 1", output_fields=["id", "number"]) == [{"id": 1, "number": 7}]
    assert np.array_equal(docs.column("vector"), vectors(3))
    assert docs.schema["number"] == "Int32"
    assert len(fakemilvus.calls) == calls


def test_a_missing_collection_raises(fakemilvus: FakeMilvus) -> None:
    """Reading a collection that is not there raises Milvus' error."""
    with pytest.raises(CollectionNotFound):
        fakemilvus.collection("nothing")


# -- the memory limit ------------------------------------------------------------------------------------------


def test_memory_limit(make_server: Make) -> None:
    """An insert above the limit is refused with Milvus' code and text and stores nothing; deletes and drops work, and a
    drop makes room.
    """
    server, client = make_server(memory_limit_mib=0.05)
    create(client)
    insert(client, 0, 1_000)
    with pytest.raises(MilvusException) as refused:
        insert(client, 1_000, 1_000)
    assert refused.value.code == 9
    assert refused.value.compatible_code == 48
    assert "memory quota exceeded, please allocate more resources" in refused.value.message
    assert server.collection("docs").count == 1_000
    client.delete("docs", ids=[1])
    assert server.collection("docs").count == 999
    client.drop_collection("docs")
    create(client)
    insert(client, 0, 1_000)


# -- seeds -----------------------------------------------------------------------------------------------------


def play(make_server: Make, seed: int) -> Any:
    """Ids, automatic keys and what a coarse index finds, on a server of its own."""
    server, client = make_server(clock=ManualClock(start_ms=1_700_000_000_000))
    server.seed(seed)
    create(client, auto_id=True)
    keys = client.insert("docs", [{"vector": v} for v in vectors(3_000)])["ids"]
    client.flush("docs")
    create_index(client)
    server.builds.wait()
    client.load_collection("docs")
    found = client.search("docs", vectors(20, seed=1).tolist(), limit=10, search_params={"params": {"nprobe": 1}})
    return (
        client.describe_collection("docs")["collection_id"],
        list(keys),
        [[hit["id"] for hit in hits] for hits in found],
    )


def test_runs_repeat(make_server: Make) -> None:
    """With the same seed and a clock that starts at the same moment, ids, keys and approximate answers repeat."""
    assert play(make_server, 5) == play(make_server, 5)


def test_the_seed_matters(make_server: Make) -> None:
    """Another seed trains another index; the ids are the clock's and stay."""
    one, other = play(make_server, 5), play(make_server, 6)
    assert one[:2] == other[:2]
    assert one[2] != other[2]


def test_the_seed_decides_samples(fakemilvus: FakeMilvus, fakemilvus_client: Any) -> None:
    """A query draws its sample with the server's seed."""
    fakemilvus_client.create_collection("c", dimension=2)
    fakemilvus_client.insert("c", [{"id": row, "vector": [row, 1.0]} for row in range(200)])

    def drawn(seed: int) -> list[int]:
        fakemilvus.seed(seed)
        return [row["id"] for row in fakemilvus_client.query("c", "random_sample(0.1)", output_fields=["id"])]

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)


def test_the_seed_decides_faults(fakemilvus: FakeMilvus, fakemilvus_client: Any) -> None:
    """The same seed lets faults with a probability befall the same calls; a reset brings the first seed back."""

    def befallen() -> list[bool]:
        results = []
        with fakemilvus.faults.add(Fault("GetVersion", Fail("no"), probability=0.5, optional=True)):
            for _ in range(30):
                try:
                    fakemilvus_client.get_server_version()
                    results.append(False)
                except MilvusException:
                    results.append(True)
        return results

    fakemilvus.reset()
    first = befallen()
    fakemilvus.seed(1)
    again = befallen()
    fakemilvus.seed(1)
    assert befallen() == again != first
    fakemilvus.reset()
    assert befallen() == first


# -- the end ---------------------------------------------------------------------------------------------------


def test_no_thread_is_left() -> None:
    """After a stop none of the threads that build and that free memory is left."""
    others = set(threading.enumerate())
    server = FakeMilvus().start()
    client = MilvusClient(server.uri)
    create(client)
    insert(client, 0, 2_000)
    client.flush("docs")
    create_index(client)
    server.builds.wait()
    client.drop_collection("docs")
    client.close()
    named = ("fakemilvus-build", "fakemilvus-disposal")
    own = {thread for thread in set(threading.enumerate()) - others if thread.name in named}
    assert own
    server.stop()
    assert not [thread for thread in own if thread.is_alive()]
