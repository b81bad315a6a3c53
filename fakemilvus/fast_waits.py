"""Fast waits: pymilvus' wait loops poll at once, and then often, where they would sleep half a second first.

While ``fast_waits`` is active, three things differ, and only inside pymilvus:

* The loops of ``_LOOPS``, methods of its synchronous and asynchronous handler, run with pauses of their own.
* Their two modules see ``time`` and ``asyncio`` through a shim whose ``sleep`` takes the loop's next pause. Outside of
  these loops, in other modules and for other servers, a sleep is what it was.
* Nothing else: what is asked, how often it is asked again after an error, and what a timeout means stay as they are.

Everything is put back when the last ``fast_waits`` ends. For pymilvus 2.3 to 3.0; this file knows no server.
"""

from __future__ import annotations

import asyncio
import functools
import importlib
import itertools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from types import ModuleType
from typing import Any

SHORTEST_PAUSE_S = 0.001
LONGEST_PAUSE_S = 0.05


@contextmanager
def fast_waits(*uris: str) -> Iterator[None]:
    """Within it, pymilvus waits for indexes, loads, flushes and compactions of these servers without its long sleeps.

    uris: as given to the client, such as http://127.0.0.1:19530; none means every server.

    The first poll comes at once, the next after 1 ms, and each pause is twice the last, up to 50 ms. May be nested, and
    used from several threads; whoever calls pymilvus meanwhile, from any thread, is served.
    """
    served = frozenset(uri.rpartition("://")[2].rstrip("/") for uri in uris)
    with _lock:
        if not _active:
            _patches.enter_context(_patched())
        _active.append(served)
    try:
        yield
    finally:
        with _lock:
            _active.remove(served)
            if not _active:
                _patches.close()


_lock = threading.Lock()  # guards _active and _patches
_active: list[frozenset[str]] = []  # the addresses of each fast_waits; an empty set is all
_patches = ExitStack()
_pauses: ContextVar[Iterator[float] | None] = ContextVar("fakemilvus_pauses", default=None)


class _Shim:
    """A module as one of pymilvus' modules sees it: all as it is, but for ``sleep``."""

    def __init__(self, module: ModuleType, sleep: Callable[[float], Any]) -> None:
        self._module = module
        self.sleep = sleep

    def __getattr__(self, name: str) -> Any:
        return getattr(self._module, name)


def _sleep(seconds: float) -> None:
    time.sleep(_pause(seconds))


async def _sleep_async(seconds: float, result: Any = None) -> Any:
    return await asyncio.sleep(_pause(seconds), result)


def _pause(seconds: float) -> float:
    """How long to sleep where pymilvus wants so many seconds: the loop's next pause, inside of a loop."""
    pauses = _pauses.get()
    return seconds if pauses is None else min(seconds, next(pauses))


def _loop_pauses(sleeps_first: bool) -> Iterator[float]:
    """0 where it comes before the first poll; then growing."""
    if sleeps_first:
        yield 0.0
    for doublings in itertools.count():
        yield min(SHORTEST_PAUSE_S * 2 ** min(doublings, 10), LONGEST_PAUSE_S)


@contextmanager
def _patched() -> Iterator[None]:
    """The shims and the loops in place, as long as it lasts."""
    with ExitStack() as undo:
        for name, handler, shimmed, wrap in _HANDLERS:
            try:
                module = importlib.import_module(name)
            except ModuleNotFoundError:  # 2.3 has no asynchronous handler
                continue
            _replace(undo, module, shimmed.__name__, _SHIMS[shimmed.__name__])
            methods = vars(getattr(module, handler))
            for loop in _LOOPS.keys() & methods.keys():
                _replace(undo, getattr(module, handler), loop, wrap(methods[loop], _LOOPS[loop]))
        yield


def _replace(undo: ExitStack, owner: Any, name: str, value: Any) -> None:
    undo.callback(setattr, owner, name, vars(owner)[name])
    setattr(owner, name, value)


def _wrap(loop: Callable[..., Any], sleeps_first: bool) -> Callable[..., Any]:
    """The loop, with pauses of its own where its handler's server is served."""

    @functools.wraps(loop)
    def wait(handler: Any, *args: Any, **kwargs: Any) -> Any:
        if not _serves(handler):
            return loop(handler, *args, **kwargs)
        token = _pauses.set(_loop_pauses(sleeps_first))
        try:
            return loop(handler, *args, **kwargs)
        finally:
            _pauses.reset(token)

    return wait


def _wrap_async(loop: Callable[..., Any], sleeps_first: bool) -> Callable[..., Any]:
    @functools.wraps(loop)
    async def wait(handler: Any, *args: Any, **kwargs: Any) -> Any:
        if not _serves(handler):
            return await loop(handler, *args, **kwargs)
        token = _pauses.set(_loop_pauses(sleeps_first))
        try:
            return await loop(handler, *args, **kwargs)
        finally:
            _pauses.reset(token)

    return wait


def _serves(handler: Any) -> bool:
    with _lock:
        return any(not served or handler.server_address in served for served in _active)


_LOOPS = {
    "wait_for_creating_index": True,
    "wait_for_compaction_completed": True,
    "wait_for_loading_collection": False,
    "wait_for_loading_partitions": False,
    "_wait_for_flushed": False,
    "_wait_for_flush_all": False,
}
"""pymilvus' wait loops, and whether each sleeps before it polls for the first time."""

_SHIMS = {"time": _Shim(time, _sleep), "asyncio": _Shim(asyncio, _sleep_async)}

_HANDLERS = [
    ("pymilvus.client.grpc_handler", "GrpcHandler", time, _wrap),
    ("pymilvus.client.async_grpc_handler", "AsyncGrpcHandler", asyncio, _wrap_async),
]
