"""Every verb and mode that steers builds, through stock clients, on a hundred rows as well as on three thousand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from pymilvus import AsyncMilvusClient, MilvusClient
from pymilvus.milvus_client.index import IndexParams

from fakemilvus import FakeMilvus, HoldNotReached, Reading

DIM = 8
KINDS = ("IVF_FLAT", "HNSW", "FLAT", "AUTOINDEX")


@dataclass
class Stage:
    """A server, a client of it, and a collection with flushed rows."""

    server: FakeMilvus
    client: MilvusClient
    rows: int
    name: str = "docs"

    def index(self, kind: str = "IVF_FLAT", field: str = "vector") -> None:
        """Creates an index and does not wait for it."""
        self.client.create_index(self.name, make_params(kind, field), sync=False)

    def read(self, index: str = "vector") -> tuple[int, int, int, str]:
        """What describe_index says: total, indexed, pending, state."""
        found = self.client.describe_index(self.name, index)
        return found["total_rows"], found["indexed_rows"], found["pending_index_rows"], found["state"]

    @property
    def waiting(self) -> tuple[int, int, int, str]:
        return self.rows, 0, self.rows, "InProgress"

    @property
    def done(self) -> tuple[int, int, int, str]:
        return self.rows, self.rows, 0, "Finished"


def make_params(kind: str, field: str = "vector") -> IndexParams:
    params = MilvusClient.prepare_index_params()
    if field == "number":
        params.add_index(field, index_type="STL_SORT")
    else:
        params.add_index(field, index_type=kind, metric_type="L2", params={"nlist": 4} if "IVF" in kind else {})
    return params


def fill(client: MilvusClient, rows: int, name: str = "docs", flush: bool = True) -> None:
    """A collection with rows and no index."""
    from pymilvus import DataType

    schema = client.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("number", DataType.INT64)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=DIM)
    client.create_collection(name, schema=schema)
    vectors = np.random.default_rng(3).standard_normal((rows, DIM), dtype=np.float32)
    client.insert(name, [{"id": i, "number": i, "vector": vector} for i, vector in enumerate(vectors)])
    if flush:
        client.flush(name)


@pytest.fixture(params=[100, 3_000])
def stage(request: pytest.FixtureRequest, fakemilvus: FakeMilvus, fakemilvus_client: MilvusClient) -> Stage:
    fill(fakemilvus_client, request.param)
    return Stage(fakemilvus, fakemilvus_client, request.param)


@pytest.fixture
def serve() -> Iterator[Callable[..., Stage]]:
    """Starts a server of its own with some options and an empty stage on it."""
    started: list[tuple[FakeMilvus, MilvusClient]] = []

    def start(rows: int, **options: Any) -> Stage:
        server = FakeMilvus(**options).start()
        client = MilvusClient(server.uri)
        started.append((server, client))
        fill(client, rows)
        return Stage(server, client, rows)

    yield start
    for server, client in started:
        client.close()
        server.stop()
        assert not server.bugs


# -- hold, hold_at, step, release, rate ---------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_hold_and_release(stage: Stage, kind: str) -> None:
    """A held build counts nothing whatever its kind and size; a released one counts all."""
    stage.server.builds.hold()
    stage.index(kind)
    stage.server.builds.wait()
    assert stage.read() == stage.waiting
    stage.server.builds.release()
    stage.server.builds.wait()
    assert stage.read() == stage.done


@pytest.mark.parametrize("kind", KINDS)
def test_hold_at_and_step(stage: Stage, kind: str) -> None:
    """hold_at and step are exact to the row whatever the kind and size."""
    stage.server.builds.hold_at(fraction=0.37)
    stage.index(kind)
    stage.server.builds.wait()
    expected = stage.rows * 37 // 100
    assert stage.read()[1:3] == (expected, stage.rows - expected)
    stage.server.builds.step(7)
    assert stage.read()[1:3] == (expected + 7, stage.rows - expected - 7)


def test_hold_at_rows_of_a_scalar_index(stage: Stage) -> None:
    """A scalar index obeys as a vector index does."""
    stage.server.builds.hold_at(rows=42)
    stage.index(field="number")
    stage.server.builds.wait()
    assert stage.read("number")[1] == 42


def test_searches_of_held_rows_are_right(stage: Stage) -> None:
    """While builds stand, and after builds of nothing, searches find what exact search finds."""
    stage.server.builds.mode("manual")
    stage.index()
    stage.client.load_collection("docs")
    for finish in (False, True):
        if finish:
            stage.server.builds.release()
            stage.server.builds.wait()
        query = np.random.default_rng(3).standard_normal((1, DIM), dtype=np.float32)
        (hits,) = stage.client.search("docs", query.tolist(), limit=1, search_params={"params": {"nprobe": 64}})
        assert (hits[0]["id"], hits[0]["distance"]) == (0, 0.0)


def test_selected_by_the_other_name(stage: Stage) -> None:
    """An index without a name of its own is selected by both names that it answers to, also once it is built."""
    other = "_default_idx_102"
    stage.server.builds.hold(index=other)
    stage.index()
    stage.server.builds.wait(index=other)
    assert [status.phase for status in stage.server.builds.status(index="vector")] == ["held"]
    stage.server.builds.release(index=other)
    stage.server.builds.wait()
    assert [status.phase for status in stage.server.builds.status(index=other)] == ["finished"]


def test_selected_collection(fakemilvus: FakeMilvus, fakemilvus_client: MilvusClient) -> None:
    """A hold on one collection leaves every other alone."""
    for name in ("docs_a", "other"):
        fill(fakemilvus_client, 100, name)
    fakemilvus.builds.hold(collection="docs_*")
    held, free = (Stage(fakemilvus, fakemilvus_client, 100, name) for name in ("docs_a", "other"))
    held.index()
    free.index()
    fakemilvus.builds.wait()
    assert held.read() == held.waiting
    assert free.read() == free.done


def test_selected_field(stage: Stage) -> None:
    """A hold on one field's indexes leaves those of other fields alone; the newest rule that selects wins."""
    stage.server.builds.hold()
    stage.server.builds.hold_at(rows=10, field="number")
    stage.server.builds.release(index="vec*")
    stage.index()
    stage.index(field="number")
    stage.server.builds.wait()
    assert stage.read() == stage.done
    assert stage.read("number")[1] == 10


def test_a_missed_hold_names_what_was_selected(stage: Stage) -> None:
    """HoldNotReached repeats the selector that nothing matched, and says what is held instead."""
    stage.server.builds.hold()
    stage.server.builds.hold(collection="typo")
    stage.index()
    with pytest.raises(HoldNotReached, match=r"no build of collection='typo' is held: only builds of docs\.vector are"):
        stage.server.builds.wait()


def test_rate(serve: Callable[..., Stage]) -> None:
    """With a clock that stands still, a client reads exactly the rows that are due, without waiting for builds."""
    stage = serve(100, clock="manual")
    stage.server.builds.rate(10)
    stage.index()
    read = [stage.read()[1]]
    for seconds in (0.1, 0.25, 3, 6.65):
        stage.server.advance(seconds)
        read.append(stage.read()[1])
    assert read == [0, 1, 3, 33, 100]


# -- modes --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_immediate(stage: Stage, kind: str) -> None:
    """An immediate build is finished before CreateIndex answers."""
    stage.server.builds.mode("immediate")
    stage.index(kind)
    assert stage.read() == stage.done


@pytest.mark.parametrize("rows", [100, 3_000])
def test_immediate_flush(serve: Callable[..., Stage], rows: int) -> None:
    """With builds="immediate" rows of an index that exists are built before Flush answers."""
    stage = serve(1, builds="immediate")
    stage.index()
    fill(stage.client, rows, "more", flush=False)
    more = Stage(stage.server, stage.client, rows, "more")
    more.index()
    assert more.read() == (0, 0, 0, "Finished")
    stage.client.flush("more")
    assert more.read() == more.done


def test_immediate_does_not_wait_for_held_builds(stage: Stage) -> None:
    """A hold that is newer than the mode wins, and the rpc answers."""
    stage.server.builds.mode("immediate")
    stage.server.builds.hold()
    stage.index()
    assert stage.read() == stage.waiting


@pytest.mark.parametrize("rows", [100, 3_000])
def test_manual_option(serve: Callable[..., Stage], rows: int) -> None:
    """With builds="manual" every build stands at 0 until it is stepped or released; reset goes back to that."""
    stage = serve(rows, builds="manual")
    stage.index("FLAT")
    stage.server.builds.wait()
    assert stage.read() == stage.waiting
    stage.server.builds.step(5)
    assert stage.read()[1] == 5
    stage.server.builds.release()
    stage.server.builds.wait()
    assert stage.read() == stage.done
    stage.server.reset()
    fill(stage.client, rows)
    stage.index()
    stage.server.builds.wait()
    assert stage.read() == stage.waiting


@pytest.mark.parametrize("kind", KINDS)
def test_after_describes(stage: Stage, kind: str) -> None:
    """Counters stand until the index was described so often; the last of these readings says finished."""
    stage.server.builds.mode(after_describes=3)
    stage.index(kind)
    assert [stage.read() for _ in range(4)] == [stage.waiting, stage.waiting, stage.done, stage.done]


def test_after_describes_counts_each_index(stage: Stage) -> None:
    """Readings of one index do not count for another."""
    stage.server.builds.mode(after_describes=2)
    stage.index()
    stage.index(field="number")
    assert [stage.read()[3], stage.read("number")[3]] == ["InProgress"] * 2
    assert stage.read()[3] == "Finished"
    (status,) = [s for s in stage.server.builds.status() if s.index == "number"]
    assert (status.phase, status.mode, status.why) == ("held", "after_describes=2", "held until described 1 more time")


def test_after_describes_ends_create_index(stage: Stage) -> None:
    """A client that waits inside create_index does the describing itself."""
    stage.server.builds.mode(after_describes=2)
    stage.client.create_index("docs", make_params("IVF_FLAT"))
    assert stage.read() == stage.done


@pytest.mark.parametrize("rows", [100, 3_000])
def test_seconds(serve: Callable[..., Stage], rows: int) -> None:
    """A build of so many seconds counts evenly on the server's clock and ends when they are over."""
    stage = serve(rows, clock="manual")
    stage.server.builds.mode(seconds=5.0)
    stage.index("HNSW")
    assert stage.read() == stage.waiting
    for second in (1, 2, 3, 4):
        stage.server.advance(1.0)
        assert stage.read()[1] == rows * second // 5
    stage.server.advance(1.0)
    assert stage.read() == stage.done


def test_seconds_over_several_segments(serve: Callable[..., Stage]) -> None:
    """Segments that were there together are counted together, evenly."""
    stage = serve(300, clock="manual", segment_rows=100)
    stage.server.builds.mode(seconds=2)
    stage.index()
    stage.server.advance(1.0)
    assert stage.read()[1] == 150


def test_seconds_on_the_systems_clock(stage: Stage) -> None:
    """On the system's clock such a build ends by itself."""
    stage.server.builds.mode(seconds=0.05)
    stage.index()
    stage.server.builds.wait()
    assert stage.read() == stage.done


def test_sealed_inserts_obey(serve: Callable[..., Stage]) -> None:
    """With seal="insert" each insert is a segment whose build obeys."""
    stage = serve(100, seal="insert")
    stage.server.builds.hold_at(fraction=0.5)
    stage.index()
    stage.server.builds.wait()
    assert stage.read()[1] == 50
    rows = [{"id": 100 + i, "number": i, "vector": [0.5] * DIM} for i in range(100)]
    stage.client.insert("docs", rows)
    stage.server.builds.wait()
    assert stage.read()[:3] == (200, 100, 100)


# -- failing and trying again --------------------------------------------------------------------------------------


def test_fail_next(stage: Stage) -> None:
    """The selected build fails with its reason; another one does not."""
    stage.server.builds.fail_next("disk full", field="vector")
    stage.index(field="number")
    stage.index()
    stage.server.builds.wait()
    _, reason = stage.client._get_connection().get_index_state("docs", "vector")
    segment = stage.client.list_persistent_segments("docs")[0].segment_id
    assert (stage.read()[3], reason) == ("Failed", f"{segment}: disk full;")
    assert stage.read("number")[3] == "Finished"


def test_retry_next(stage: Stage) -> None:
    """A build that is tried again reads as in progress with nothing counted, and then finishes."""
    stage.server.builds.hold_at(fraction=0.5)
    stage.index()
    stage.server.builds.wait()
    stage.server.builds.retry_next("node lost", times=2, index="vector")
    assert stage.read()[1] == stage.rows // 2
    stage.server.builds.hold_at(rows=stage.rows // 2 + 1)
    stage.server.builds.wait()
    (status,) = stage.server.builds.status()
    assert status.why == f"held by hold_at(rows={stage.rows // 2 + 1}); tried again 2 times: node lost"
    stage.server.builds.release()
    stage.server.builds.wait()
    assert stage.read() == stage.done


# -- scripts ------------------------------------------------------------------------------------------------------


def test_script_of_readings(stage: Stage) -> None:
    """Clients read one step after the other, in rows or shares of the real total; the last one stays."""
    stage.server.builds.script([Reading(7, 0, 7), Reading(1.0, 0.25, 0.75, "Retry")])
    stage.index()
    quarter = stage.rows // 4
    assert stage.read() == (7, 0, 7, "InProgress")
    assert [stage.read()] * 2 == [(stage.rows, quarter, stage.rows - quarter, "Retry")] * 2


def test_script_then_real(stage: Stage) -> None:
    """After the last step of such a script the real counters are read."""
    stage.index()
    stage.server.builds.wait()
    stage.server.builds.script("never-ends", then="real", collection="docs")
    assert [stage.read(), stage.read()] == [stage.waiting, stage.done]


def test_script_in_every_rpc(stage: Stage) -> None:
    """All rpcs about an index read the same script, one step each."""
    stage.index()
    stage.server.builds.script([Reading(9, i, 9 - i, "Failed", f"no {i}") for i in range(4)])
    handler = stage.client._get_connection()
    assert stage.client.describe_index("docs", "vector")["indexed_rows"] == 0
    assert handler.get_index_build_progress("docs", "vector") == {
        "total_rows": 9,
        "indexed_rows": 1,
        "pending_index_rows": 8,
        "state": "Failed",
    }
    assert handler.get_index_state("docs", "vector")[1] == "no 2"


def test_script_leaves_others_alone(stage: Stage) -> None:
    """A script for one index changes nothing of another."""
    stage.server.builds.script("fails", reason="disk full", index="number")
    stage.index(field="number")
    stage.index()
    stage.server.builds.wait()
    stage.read("number")
    assert stage.read("number")[3] == "Failed"
    assert stage.read() == stage.done


def test_release_ends_a_script(stage: Stage) -> None:
    """Release takes a script back."""
    stage.server.builds.script("never-ends")
    stage.index()
    stage.server.builds.wait()
    assert stage.read() == stage.waiting
    stage.server.builds.release()
    assert stage.read() == stage.done


def test_reset_forgets_rules(stage: Stage) -> None:
    """After a reset nothing that was asked for is in force."""
    stage.server.builds.mode(after_describes=9)
    stage.server.builds.script("never-ends")
    stage.server.builds.retry_next("x")
    stage.server.reset()
    fill(stage.client, stage.rows)
    stage.index()
    assert not any(status.why for status in stage.server.builds.wait())
    assert stage.read() == stage.done


def test_async_client(stage: Stage) -> None:
    """The asynchronous client meets the same."""

    async def watch() -> list[tuple[int, str]]:
        client = AsyncMilvusClient(stage.server.uri)
        await client.create_index("docs", make_params("IVF_FLAT"))
        readings = [await client.describe_index("docs", "vector") for _ in range(2)]
        await client.close()
        return [(reading["indexed_rows"], reading["state"]) for reading in readings]

    stage.server.builds.mode(after_describes=2)
    assert asyncio.run(watch()) == [(stage.rows, "Finished")] * 2
