"""fast_waits: pymilvus polls soon and often where it would sleep, and is itself again afterwards."""

from __future__ import annotations

import ast
import asyncio
import inspect
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pymilvus import MilvusClient
from pymilvus.client import async_grpc_handler, grpc_handler

from fakemilvus import FakeMilvus
from fakemilvus.fast_waits import _HANDLERS, _LOOPS, _loop_pauses, fast_waits

HANDLERS = {grpc_handler: grpc_handler.GrpcHandler, async_grpc_handler: async_grpc_handler.AsyncGrpcHandler}
NOT_LOOPS = {"check_state_and_reconnect_later"}  # of the old ORM's connections


@pytest.fixture
def sleeps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long time.sleep and asyncio.sleep were asked to sleep; time.sleep does not."""
    asked: list[float] = []
    sleep = asyncio.sleep

    async def sleep_async(seconds: float, result: Any = None) -> Any:
        asked.append(seconds)
        return await sleep(0, result)

    monkeypatch.setattr(time, "sleep", asked.append)
    monkeypatch.setattr(asyncio, "sleep", sleep_async)
    return asked


class Handler:
    """As much of a handler as its wait loop for an index needs: it is done at the ``polls``-th poll."""

    def __init__(self, polls: int, address: str = "127.0.0.1:1") -> None:
        self.server_address = address
        self._left = polls

    def alloc_timestamp(self, **_: Any) -> int:
        return 0

    def get_index_state(self, *_: Any, **__: Any) -> tuple[int, str]:
        self._left -= 1
        return (1 if self._left else 3), ""  # InProgress, Finished


class AsyncHandler(Handler):
    async def alloc_timestamp(self, **_: Any) -> int:  # type: ignore[override]
        return 0

    async def get_index_state(self, *_: Any, **__: Any) -> tuple[int, str]:  # type: ignore[override]
        return Handler.get_index_state(self)


def wait(handler: Handler) -> None:
    assert grpc_handler.GrpcHandler.wait_for_creating_index(handler, "docs", "vector")[0]


async def wait_async(handler: AsyncHandler) -> None:
    assert (await async_grpc_handler.AsyncGrpcHandler.wait_for_creating_index(handler, "docs", "vector"))[0]


GROWING = [0.0, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.05, 0.05]


def test_first_poll_at_once(sleeps: list[float]) -> None:
    """The first poll comes without a pause; then pauses double from 1 ms to 50 ms."""
    with fast_waits():
        wait(Handler(polls=9))
    assert sleeps == GROWING


async def test_asynchronous(sleeps: list[float]) -> None:
    """The asynchronous client's loops have the same pauses, each its own where several wait at a time."""
    with fast_waits():
        await asyncio.gather(wait_async(AsyncHandler(polls=9)), wait_async(AsyncHandler(polls=9)))
    assert sorted(sleeps) == sorted(GROWING * 2)


def test_pauses_start_again(sleeps: list[float]) -> None:
    """Each wait begins with the shortest pauses again."""
    with fast_waits():
        wait(Handler(polls=3))
        wait(Handler(polls=2))
    assert sleeps == [0.0, 0.001, 0.002, 0.0, 0.001]


def test_loops_that_poll_first() -> None:
    """A loop that polls before it sleeps does not poll twice in a row."""
    pauses = _loop_pauses(sleeps_first=False)
    assert next(pauses) == 0.001


def test_afterwards(sleeps: list[float]) -> None:
    """Afterwards pymilvus sleeps as it always does."""
    with fast_waits():
        pass
    wait(Handler(polls=2))
    assert sleeps == [0.5, 0.5]


def test_restored() -> None:
    """Every patched name is the same object as before, also when several overlapped."""
    before = {module: (vars(module).copy(), vars(handler).copy()) for module, handler in HANDLERS.items()}
    outer = fast_waits()
    outer.__enter__()
    with fast_waits("http://127.0.0.1:1"):
        outer.__exit__(None, None, None)
        assert grpc_handler.time is not time
    for module, handler in HANDLERS.items():
        assert (vars(module), dict(vars(handler))) == (before[module][0], dict(before[module][1]))


def test_only_these_servers(sleeps: list[float]) -> None:
    """Given addresses, only their clients poll fast."""
    with fast_waits("http://127.0.0.1:1"):
        wait(Handler(polls=2, address="127.0.0.1:1"))
        wait(Handler(polls=2, address="127.0.0.1:2"))
    assert sleeps == [0.0, 0.001, 0.5, 0.5]


def test_only_in_loops(sleeps: list[float]) -> None:
    """Elsewhere, in the same module too, a sleep is as long as it was asked to be, and the modules are as they are."""
    with fast_waits():
        grpc_handler.time.sleep(3.0)
        time.sleep(4.0)
        assert grpc_handler.time.monotonic is time.monotonic
        assert async_grpc_handler.asyncio.Lock is asyncio.Lock
    assert sleeps == [3.0, 4.0]


def test_other_threads(sleeps: list[float]) -> None:
    """A thread that waits through pymilvus meanwhile polls fast too, whoever entered."""
    with fast_waits():
        thread = threading.Thread(target=wait, args=[Handler(polls=2)])
        thread.start()
        thread.join()
    assert sleeps == [0.0, 0.001]


@pytest.mark.parametrize("module", HANDLERS, ids=lambda module: module.__name__)
def test_every_loop_is_known(module: Any) -> None:
    """The installed pymilvus' handler sleeps in the loops that we know, and nowhere else."""
    sleeping = {function.name for function in _functions(module) if _sleeps(function)}
    assert sleeping - NOT_LOOPS
    assert sleeping - NOT_LOOPS <= _LOOPS.keys()
    assert module.__name__ in {name for name, *_ in _HANDLERS}


def test_real_wait(fakemilvus: FakeMilvus, index_later: Callable[[MilvusClient], None]) -> None:
    """A wait for a real build polls until it is done, and not as often as it can."""
    client = MilvusClient(fakemilvus.uri)
    with fast_waits(fakemilvus.uri):
        index_later(client)
    assert client.describe_index("docs", "vector")["state"] == "Finished"
    assert 3 <= len(fakemilvus.calls.of("DescribeIndex")) < 100
    client.close()


@pytest.fixture
def index_later(fakemilvus: FakeMilvus) -> Iterator[Callable[[MilvusClient], None]]:
    """Indexes 2,000 rows whose build is released a little later."""
    later = threading.Timer(0.2, fakemilvus.builds.release)

    def index(client: MilvusClient) -> None:
        client.create_collection("docs", dimension=4, auto_id=True)
        client.release_collection("docs")
        client.drop_index("docs", "vector")
        client.insert("docs", [{"vector": [i, 1.0, 2.0, 3.0]} for i in range(2_000)])
        client.flush("docs")
        params = client.prepare_index_params()
        params.add_index("vector", index_type="IVF_FLAT", metric_type="L2", params={"nlist": 8})
        fakemilvus.builds.hold()
        later.start()
        client.create_index("docs", params)

    yield index
    later.join()


def _functions(module: Any) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(inspect.getsource(module))
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def _sleeps(function: ast.AST) -> bool:
    calls = (node.func for node in ast.walk(function) if isinstance(node, ast.Call))
    return any(isinstance(called, ast.Attribute) and called.attr == "sleep" for called in calls)
