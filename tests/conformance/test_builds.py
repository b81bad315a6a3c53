"""Builds as a client sees them while a test steers them; no real Milvus can be steered, so all of it is ours alone."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
import pytest
from pymilvus import MilvusClient
from pymilvus.grpc_gen import common_pb2 as common

from fakemilvus import FakeMilvus
from tests.conformance.making import Vectors, plain_rows, random_vectors
from tests.conformance.refusals import check_accepted
from tests.conformance.target import Collections, Target

ROWS = 5_000
NLIST = 16
IVF = {"index_type": "IVF_FLAT", "metric_type": "L2", "params": f'{{"nlist": {NLIST}}}'}
EVERY_LIST = f'{{"nprobe": {NLIST}}}'
NEWEST = 2**64 - 1


@pytest.fixture(scope="module")
def server(request: pytest.FixtureRequest) -> Iterator[Target]:
    """A server whose builds nobody else steers."""
    if request.config.getoption("--milvus-uri"):
        pytest.skip("a real Milvus cannot be steered")
    with FakeMilvus() as fake:
        made = Target(fake.uri, fake=fake)
        yield made
        made.close()


@pytest.fixture
def fake(server: Target) -> Iterator[FakeMilvus]:
    """Its handle; whatever a test asked for is forgotten afterwards."""
    assert server.fake is not None
    yield server.fake
    server.fake.reset()


@pytest.fixture
def name(server: Target, fake: FakeMilvus) -> str:
    """5,000 flushed rows without an index."""
    name = Collections(server, "builds").make()
    add_rows(server, name, ROWS)
    return name


def add_rows(server: Target, name: str, rows: int, start: int = 0) -> None:
    check_accepted(server.insert(name, plain_rows(rows, start), rows))
    server.flush(name)


def add_index(server: Target, name: str) -> None:
    server.done("CreateIndex", collection_name=name, field_name="vec", extra_params=IVF)


def state(server: Target, name: str, timestamp: int = 0) -> str:
    return str(common.IndexState.Name(server.describe_index(name, timestamp=timestamp).state))


# -- held --------------------------------------------------------------------------------------------------------


def test_hold_at_a_fraction(server: Target, fake: FakeMilvus, name: str) -> None:
    """A build that is held at 40 % reads exactly 40 %."""
    fake.builds.hold_at(fraction=0.4)
    add_index(server, name)
    fake.builds.wait()
    assert server.counters(name) == (5_000, 2_000, 3_000)


def test_hold_at_rows(server: Target, fake: FakeMilvus, name: str) -> None:
    """So does one that is held at a number of rows."""
    fake.builds.hold_at(rows=123)
    add_index(server, name)
    fake.builds.wait()
    assert server.counters(name) == (5_000, 123, 4_877)


def test_held_is_in_progress(server: Target, fake: FakeMilvus, name: str) -> None:
    """A held build looks as in Milvus: InProgress with standing counters, in every rpc."""
    fake.builds.hold_at(fraction=0.4)
    add_index(server, name)
    fake.builds.wait()
    seen = {(server.counters(name), state(server, name)) for _ in range(20)}
    assert seen == {((5_000, 2_000, 3_000), "InProgress")}
    progress = server.done("GetIndexBuildProgress", collection_name=name)
    assert (progress.total_rows, progress.indexed_rows) == (5_000, 2_000)
    assert server.done("GetIndexState", collection_name=name).state == common.InProgress


def test_held_before_training(server: Target, fake: FakeMilvus, name: str) -> None:
    """hold() stops a build before its first row: nothing is indexed, everything pending."""
    fake.builds.hold()
    add_index(server, name)
    fake.builds.wait()
    assert server.counters(name) == (5_000, 0, 5_000)
    assert state(server, name) == "InProgress"


def test_step(server: Target, fake: FakeMilvus, name: str) -> None:
    """A step of 10 rows counts exactly 10 rows."""
    fake.builds.hold_at(fraction=0.4)
    add_index(server, name)
    fake.builds.step(10)
    assert server.counters(name) == (5_000, 2_010, 2_990)


def test_release(server: Target, fake: FakeMilvus, name: str) -> None:
    """Once released, a build goes on to its end."""
    fake.builds.hold_at(fraction=0.4)
    add_index(server, name)
    fake.builds.wait()
    fake.builds.release()
    fake.builds.wait()
    assert server.counters(name) == (5_000, 5_000, 0)
    assert state(server, name) == "Finished"


def test_client_reads_the_same(server: Target, fake: FakeMilvus, name: str) -> None:
    """MilvusClient.describe_index carries the same figures and the state."""
    fake.builds.hold_at(fraction=0.4)
    add_index(server, name)
    fake.builds.wait()
    described = MilvusClient(server.uri).describe_index(name, "vec")
    wanted = {"total_rows": 5_000, "indexed_rows": 2_000, "pending_index_rows": 3_000, "state": "InProgress"}
    assert described.items() >= wanted.items()


def test_whole_segments(server: Target) -> None:
    """With progress="segment", counters step by whole segments, as in Milvus."""
    with FakeMilvus(progress="segment") as fake:
        whole = Target(fake.uri, fake=fake)
        name = Collections(whole, "whole").make()
        for start in (0, 1_500):
            add_rows(whole, name, 1_500, start)
        fake.builds.hold()
        add_index(whole, name)
        for done, counted in ((700, 0), (1_500, 1_500), (2_900, 1_500), (3_000, 3_000)):
            indexed_before = sum(status.indexed_rows for status in fake.builds.status())
            fake.builds.step(done - indexed_before)
            assert whole.counters(name) == (3_000, counted, 3_000 - counted)
        whole.close()


# -- failed ------------------------------------------------------------------------------------------------------


def test_failed(server: Target, fake: FakeMilvus, name: str) -> None:
    """A failed build is Failed, its reason "<segment id>: <reason>;", its rows pending."""
    fake.builds.fail_next("disk full")
    add_index(server, name)
    fake.builds.wait()
    (segment,) = server.done("GetPersistentSegmentInfo", collectionName=name).infos
    described = server.describe_index(name)
    assert described.state == common.Failed
    assert described.index_state_fail_reason == f"{segment.segmentID}: disk full;"
    assert server.counters(name) == (5_000, 0, 5_000)


def test_failed_state(server: Target, fake: FakeMilvus, name: str) -> None:
    """GetIndexState tells the same state and reason."""
    fake.builds.fail_next("disk full")
    add_index(server, name)
    fake.builds.wait()
    response = server.done("GetIndexState", collection_name=name)
    assert response.state == common.Failed
    assert response.fail_reason.endswith(": disk full;")


def test_failed_half_way(server: Target, fake: FakeMilvus, name: str) -> None:
    """A build that fails half-way is Failed too, and its rows are pending again."""
    fake.builds.hold_at(fraction=0.4)
    add_index(server, name)
    fake.builds.wait()
    fake.builds.fail_next("out of memory")
    fake.builds.release()
    fake.builds.wait()
    assert state(server, name) == "Failed"
    assert server.counters(name) == (5_000, 0, 5_000)


def test_failed_and_created_again(server: Target, fake: FakeMilvus, name: str) -> None:
    """After a failure, drop and create builds anew."""
    fake.builds.fail_next("disk full")
    add_index(server, name)
    fake.builds.wait()
    server.done("DropIndex", collection_name=name, index_name="vec")
    add_index(server, name)
    fake.builds.wait()
    assert (server.counters(name), state(server, name)) == ((5_000, 5_000, 0), "Finished")


# -- state and timestamp -----------------------------------------------------------------------------------------


def test_rows_first(server: Target, fake: FakeMilvus, name: str) -> None:
    """Rows first, index later: InProgress while rows are pending."""
    fake.builds.hold()
    add_index(server, name)
    assert (state(server, name), server.counters(name)) == ("InProgress", (5_000, 0, 5_000))


@pytest.fixture
def index_first(server: Target, fake: FakeMilvus) -> str:
    """Index first, rows later, the build held."""
    fake.builds.hold()
    name = Collections(server, "builds").make()
    add_index(server, name)
    add_rows(server, name, 2_000)
    return name


def test_index_first(server: Target, index_first: str) -> None:
    """Index first, rows later: Finished although every row is pending, as in Milvus."""
    assert (state(server, index_first), server.counters(index_first)) == ("Finished", (2_000, 0, 2_000))


def test_newer_timestamp(server: Target, index_first: str) -> None:
    """A timestamp after the rows makes their segments count: InProgress; the counters stay."""
    now = server.done("AllocTimestamp").timestamp
    states = [state(server, index_first, timestamp) for timestamp in (now, 2**63 - 1, NEWEST)]
    assert states == ["InProgress"] * 3
    assert server.counters(index_first) == (2_000, 0, 2_000)


def test_older_timestamp(server: Target, index_first: str) -> None:
    """A timestamp before the rows does not."""
    assert state(server, index_first, 1) == "Finished"


def test_statistics_tell_the_state_of_now(server: Target, index_first: str) -> None:
    """GetIndexStatistics is InProgress where DescribeIndex is Finished; its pending is always 0."""
    (described,) = server.done("GetIndexStatistics", collection_name=index_first).index_descriptions
    assert (described.state, described.pending_index_rows, described.total_rows) == (common.InProgress, 0, 2_000)


def test_more_rows_after_the_index_was_done(server: Target, fake: FakeMilvus, name: str) -> None:
    """Rows that are flushed later are pending, and the state stays Finished."""
    add_index(server, name)
    fake.builds.wait()
    fake.builds.hold()
    add_rows(server, name, 1_500, ROWS)
    assert (state(server, name), server.counters(name)) == ("Finished", (6_500, 5_000, 1_500))


# -- dropped -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rpc", ["DropIndex", "DropCollection"])
def test_drop_while_held(server: Target, fake: FakeMilvus, name: str, rpc: str) -> None:
    """A drop in the middle of a build answers, and the build is gone."""
    fake.builds.hold_at(fraction=0.4)
    add_index(server, name)
    fake.builds.wait()
    server.done(rpc, collection_name=name)
    assert fake.builds.status() == []


@pytest.mark.parametrize("rpc", ["DropIndex", "DropCollection"])
def test_drop_while_building(server: Target, fake: FakeMilvus, name: str, rpc: str) -> None:
    """So does one while the build runs, and the next build is not kept waiting."""
    fake.builds.rate(1_000)
    add_index(server, name)
    server.done(rpc, collection_name=name)
    fake.builds.release()
    other = Collections(server, "builds").make()
    add_rows(server, other, 1_100)
    add_index(server, other)
    fake.builds.wait()
    assert server.counters(other) == (1_100, 1_100, 0)


# -- searched meanwhile ------------------------------------------------------------------------------------------


def nearest(vectors: Vectors, query: Vectors, count: int) -> list[int]:
    return [int(row) for row in np.argsort(((vectors - query) ** 2).sum(axis=1), kind="stable")[:count]]


def test_searches_during_a_build(server: Target, fake: FakeMilvus, name: str) -> None:
    """500 searches during a build, nprobe = nlist: each finds exactly the nearest of the acknowledged rows."""
    queries, searches, steps = random_vectors(10, seed=3), 500, 25
    fake.builds.hold_at(rows=0)
    add_index(server, name)
    server.load(name)

    meeting = threading.Barrier(2, timeout=60)

    def step() -> None:
        for _ in range(steps):
            meeting.wait()
            fake.builds.step(ROWS // steps)

    server.search(name, queries[:1], 1, params=EVERY_LIST)  # the first one imports what searches need
    stepping = threading.Thread(target=step)
    stepping.start()
    seen, rows, wrong = set(), ROWS, []
    vectors = random_vectors(ROWS + searches)
    for number in range(searches):
        if number % (searches // steps) == 0:
            meeting.wait()  # the step before is done, and the next one runs beside the searches that follow
        if number % 25 == 0:
            check_accepted(server.insert(name, plain_rows(1, rows), 1))
            rows += 1
        query = queries[number % len(queries)]
        found = list(server.search(name, query[np.newaxis], 10, params=EVERY_LIST).results.ids.int_id.data)
        if found != nearest(vectors[:rows], query, 10):
            wrong.append((number, found))
        seen.add(server.counters(name)[1])
    stepping.join()
    assert wrong == []
    assert len(seen) >= 3


def test_search_beside_a_failed_build(server: Target, fake: FakeMilvus, name: str) -> None:
    """Rows whose build failed are still found, exactly."""
    fake.builds.fail_next("disk full")
    add_index(server, name)
    fake.builds.wait()
    server.load(name)
    query = random_vectors(1, seed=3)
    found = list(server.search(name, query, 10, params=EVERY_LIST).results.ids.int_id.data)
    assert found == nearest(random_vectors(ROWS), query[0], 10)
