"""Faults, as a stock client meets them."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from pymilvus.grpc_gen import milvus_pb2, milvus_pb2_grpc

from fakemilvus import Abort, Delay, Disconnect, Fail, FakeMilvus, Fault, Hang, LoseReply, not_ready, rate_limited
from fakemilvus.faults import Caller, Faults

TIMEOUT_S = 20
Version = milvus_pb2.GetVersionRequest


@pytest.fixture
def stub(fakemilvus: FakeMilvus) -> Iterator[Any]:
    """A bare stub of its own channel, which does not try again."""
    options = [("grpc.enable_retries", 0), ("grpc.use_local_subchannel_pool", 1)]
    with grpc.insecure_channel(fakemilvus.uri.removeprefix("http://"), options=options) as channel:
        yield milvus_pb2_grpc.MilvusServiceStub(channel)


def test_abort(fakemilvus: FakeMilvus, stub: Any) -> None:
    """An abort answers with its gRPC status, and the rpc does no work."""
    with fakemilvus.faults.add(Fault("GetVersion", Abort("INTERNAL", "boom"))), pytest.raises(grpc.RpcError) as raised:
        stub.GetVersion(Version())
    assert (raised.value.code(), raised.value.details()) == (grpc.StatusCode.INTERNAL, "boom")


def test_fail(fakemilvus: FakeMilvus, stub: Any) -> None:
    """A failure answers in-band with its codes and text."""
    with fakemilvus.faults.add(Fault("GetVersion", Fail("no", code=7, legacy=54, retriable=True))):
        status = stub.GetVersion(Version()).status
    assert (status.code, status.error_code, status.reason, status.retriable) == (7, 54, "no", True)


def test_fail_does_no_work(fakemilvus: FakeMilvus, fakemilvus_client: Any) -> None:
    """A collection whose creation failed does not exist."""
    fakemilvus.faults.add(Fault("CreateCollection", Fail("no"), first=1))
    with pytest.raises(Exception, match="no"):
        fakemilvus_client.create_collection("a", dimension=4)
    assert fakemilvus_client.list_collections() == []


def test_lost_reply_did_the_work(fakemilvus: FakeMilvus, fakemilvus_client: Any, stub: Any) -> None:
    """After a lost reply the work is done all the same."""
    fakemilvus_client.create_collection("a", dimension=4)
    fakemilvus.faults.add(Fault("DropCollection", LoseReply(), first=1))
    with pytest.raises(grpc.RpcError) as raised:
        stub.DropCollection(milvus_pb2.DropCollectionRequest(collection_name="a"))
    assert raised.value.code() is grpc.StatusCode.UNAVAILABLE
    assert fakemilvus_client.list_collections() == []


def test_hang_until_the_deadline(fakemilvus: FakeMilvus, stub: Any) -> None:
    """A hanging rpc ends at the client's deadline, and its worker is free again."""
    with fakemilvus.faults.add(Fault("GetVersion", Hang())):
        for _ in range(3):
            with pytest.raises(grpc.RpcError) as raised:
                stub.GetVersion(Version(), timeout=0.05)
            assert raised.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    assert stub.GetVersion(Version(), timeout=TIMEOUT_S).version


def test_hangs_leave_workers(fakemilvus: FakeMilvus, stub: Any) -> None:
    """However many rpcs hang, others are answered; the 29th is refused rather than hung."""
    with fakemilvus.faults.add(Fault("GetVersion", Hang())) as rule:
        hung = [stub.GetVersion.future(Version(), timeout=TIMEOUT_S) for _ in range(40)]
        assert stub.AllocTimestamp(milvus_pb2.AllocTimestampRequest(), timeout=TIMEOUT_S).timestamp
        refused = 0
        deadline = time.monotonic() + TIMEOUT_S
        while refused < 12 and time.monotonic() < deadline:
            ended = [call for call in hung if call.done()]
            refused = sum(call.code() is grpc.StatusCode.RESOURCE_EXHAUSTED for call in ended)
        assert (refused, rule.hits) == (12, 40)
        for call in hung:
            call.cancel()


def test_stop_ends_a_hang() -> None:
    """A server stops although an rpc hangs."""
    server = FakeMilvus().start()
    server.faults.add(Fault("GetVersion", Hang()))
    with grpc.insecure_channel(server.uri.removeprefix("http://")) as channel:
        call = milvus_pb2_grpc.MilvusServiceStub(channel).GetVersion.future(Version(), timeout=TIMEOUT_S)
        while not server.faults._rules[0].hits:
            assert not call.done()
        server.stop()
        with pytest.raises(grpc.RpcError):
            call.result()


def test_delay_on_a_manual_clock() -> None:
    """A delay lasts until the clock was moved so far."""
    with FakeMilvus(clock="manual") as server, grpc.insecure_channel(server.uri.removeprefix("http://")) as channel:
        rule = server.faults.add(Fault("GetVersion", Delay(60)))
        call = milvus_pb2_grpc.MilvusServiceStub(channel).GetVersion.future(Version(), timeout=TIMEOUT_S)
        while not rule.hits:
            assert not call.done()
        server.advance(59)
        assert not call.done()
        server.advance(1)
        assert call.result().version


def test_disconnect(fakemilvus: FakeMilvus, stub: Any) -> None:
    """A cut connection is UNAVAILABLE to the client, which then connects again by itself."""
    stub.GetVersion(Version(), timeout=TIMEOUT_S)
    before = fakemilvus.calls.of("GetVersion")[-1].client
    with fakemilvus.faults.add(Fault("GetVersion", Disconnect())), pytest.raises(grpc.RpcError) as raised:
        stub.GetVersion(Version(), timeout=TIMEOUT_S)
    assert raised.value.code() is grpc.StatusCode.UNAVAILABLE
    stub.GetVersion(Version(), timeout=TIMEOUT_S, wait_for_ready=True)
    assert fakemilvus.calls.of("GetVersion")[-1].client != before


def test_rate_limit_is_survived_by_pymilvus(fakemilvus: FakeMilvus, fakemilvus_client: Any) -> None:
    """pymilvus tries a rate-limited call again until it passes."""
    rule = fakemilvus.faults.add(Fault("CreateCollection", rate_limited(), first=2))
    fakemilvus_client.create_collection("a", dimension=4)
    assert rule.hits == 2
    assert len(fakemilvus.calls.of("CreateCollection", collection_name="a")) == 3


def test_not_ready(fakemilvus: FakeMilvus, stub: Any) -> None:
    """A server that is not ready says so with Milvus' code, and is ready afterwards."""
    fakemilvus.faults.add(Fault("*", not_ready(), first=1))
    status = stub.GetVersion(Version()).status
    assert (status.code, status.error_code, status.retriable) == (1, 56, True)
    assert stub.GetVersion(Version()).version


def test_collection_selects(fakemilvus: FakeMilvus, fakemilvus_client: Any) -> None:
    """A fault of one collection leaves the others alone."""
    for name in ("a_1", "b_1"):
        fakemilvus_client.create_collection(name, dimension=4)
    fakemilvus.faults.add(Fault("Insert", Fail("not here"), collection="a_*"))
    assert fakemilvus_client.insert("b_1", [{"id": 1, "vector": [0.0] * 4}])["insert_count"] == 1
    with pytest.raises(Exception, match="not here"):
        fakemilvus_client.insert("a_1", [{"id": 1, "vector": [0.0] * 4}])


def test_metadata_selects(fakemilvus: FakeMilvus, stub: Any) -> None:
    """A fault addressed by metadata befalls only the requests that carry it."""
    fakemilvus.faults.add(Fault("GetVersion", Fail("yours"), metadata={"x-test": "t-*"}))
    assert not stub.GetVersion(Version()).status.code
    assert stub.GetVersion(Version(), metadata=[("x-test", "t-1")]).status.reason == "yours"


def test_token_selects(fakemilvus: FakeMilvus) -> None:
    """A fault addressed by a client's token befalls only that client."""
    from pymilvus import MilvusClient

    fakemilvus.faults.add(Fault("ListAliases", Fail("yours"), client="mine:*"))
    mine, other = (MilvusClient(fakemilvus.uri, token=token) for token in ("mine:secret", "other:secret"))
    assert other.list_aliases()["aliases"] == []
    with pytest.raises(Exception, match="yours"):
        mine.list_aliases()


def test_reset_takes_faults_back(fakemilvus: FakeMilvus, stub: Any) -> None:
    """After a reset no fault is in force."""
    fakemilvus.faults.add(Fault("*", Fail()))
    fakemilvus.reset()
    assert not stub.GetVersion(Version()).status.code


CALL = Caller("Search", ("a",), "", "", {})


@pytest.mark.parametrize(
    ("rule", "befallen"),
    [
        ({}, [1, 2, 3, 4, 5, 6]),
        ({"first": 2}, [1, 2]),
        ({"skip": 2}, [3, 4, 5, 6]),
        ({"every": 2}, [1, 3, 5]),
        ({"every": 2, "skip": 1}, [2, 4, 6]),
        ({"every": 2, "first": 2}, [1, 3]),
    ],
)
def test_counting(rule: dict[str, Any], befallen: list[int]) -> None:
    """skip, every and first say which of the matching calls are befallen."""
    faults = Faults()
    faults.add(Fault("Search", Fail(), **rule))
    assert [n for n in range(1, 7) if faults.due(CALL)] == befallen


def test_probability_follows_the_seed() -> None:
    """The same seed befalls the same calls, about as many as the probability says."""

    def befallen() -> list[bool]:
        faults = Faults(seed=5)
        faults.add(Fault("Search", Fail(), probability=0.25))
        return [faults.due(CALL) is not None for _ in range(400)]

    assert befallen() == befallen()
    assert 60 < sum(befallen()) < 140


def test_unused() -> None:
    """A rule that never befell is unused, also after it was taken back, unless it is optional."""
    faults = Faults()
    with faults.add(Fault("Insert", Fail())) as rule:
        faults.add(Fault("Delete", Fail(), optional=True))
        used = faults.add(Fault("Search", Fail()))
        faults.due(CALL)
    assert faults.unused() == [rule]
    assert used.hits == 1


def test_first_rule_wins() -> None:
    """Of two rules that are due, the one that was added first befalls."""
    faults = Faults()
    faults.add(Fault("*", Fail("first"), first=1))
    faults.add(Fault("*", Fail("second")))
    effects = [faults.due(CALL) for _ in range(2)]
    assert [effect.reason for effect in effects if isinstance(effect, Fail)] == ["first", "second"]


@pytest.mark.parametrize("wrong", [{"skip": -1}, {"every": 0}, {"first": 0}, {"probability": 0}, {"probability": 1.5}])
def test_wrong_counts_are_refused(wrong: dict[str, Any]) -> None:
    """A rule that could never mean anything is refused when it is made."""
    with pytest.raises(ValueError, match=r"at least|probability"):
        Fault("Search", Fail(), **wrong)


def test_rules_count_exactly_under_threads() -> None:
    """first=100 befalls exactly 100 calls, however many threads call."""
    faults = Faults()
    faults.add(Fault("Search", Fail(), first=100))
    befallen: list[object] = []

    def work() -> None:
        befallen.extend(effect for _ in range(100) if (effect := faults.due(CALL)))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(befallen) == 100
