"""Carries faults out: what befalls an rpc before its work, and what is left to do after it.

A fault that waits holds a worker thread, so only so many may wait at a time that clients are still answered.
"""

from __future__ import annotations

import base64
import binascii
import os
import socket
import threading
from collections.abc import Iterable
from typing import Any

import grpc

from fakemilvus.clock import Clock
from fakemilvus.errors import InjectedFailure, RpcAborted
from fakemilvus.faults import Abort, Caller, Delay, Disconnect, Fail, Faults, Hang, LoseReply

WAITING_AT_MOST = 28  # of the 32 workers
_MAPPED = "::ffff:"  # how a socket that speaks both prints an IPv4 address


class Misfortune:
    """The faults of one server, as the dispatcher meets them."""

    def __init__(self, faults: Faults, clock: Clock) -> None:
        self._faults = faults
        self._clock = clock
        self._places = threading.BoundedSemaphore(WAITING_AT_MOST)
        self._stopped = threading.Event()
        self._waiting: set[threading.Condition] = set()  # guarded by _lock
        self._lock = threading.Lock()

    def befall(self, rpc: str, request: Any, context: grpc.ServicerContext) -> LoseReply | None:
        """What happens before the work: an error is raised, a wait is waited; a lost reply is for later."""
        if not len(self._faults):
            return None
        match self._faults.due(describe_caller(rpc, request, context)):
            case Abort(status, details):
                raise RpcAborted(status, details)
            case Fail(reason, code, legacy, retriable):
                raise InjectedFailure(reason, code, legacy, retriable)
            case Delay() as delay:
                self._wait(context, self._clock.now_s() + self._faults.jittered(delay))
            case Hang():
                self._wait(context, None)
                raise RpcAborted("DEADLINE_EXCEEDED", "this rpc hung, as a fault wanted")
            case Disconnect():
                _cut(context.peer())
                raise RpcAborted("UNAVAILABLE", "the connection was cut by a fault")
            case LoseReply() as lost:
                return lost
        return None

    def stop(self) -> None:
        """Ends every wait; the server is going down."""
        self._stopped.set()
        with self._lock:
            waiting = list(self._waiting)
        for condition in waiting:
            _wake(condition)

    def _wait(self, context: grpc.ServicerContext, due_s: float | None) -> None:
        """Until the time has come, the client has gone, or the server stops."""
        if not self._places.acquire(blocking=False):
            raise RpcAborted("RESOURCE_EXHAUSTED", f"{WAITING_AT_MOST} rpcs wait in faults already")
        condition = threading.Condition()
        try:
            with self._lock:
                self._waiting.add(condition)
            context.add_callback(lambda: _wake(condition))
            with condition:
                while context.is_active() and not self._stopped.is_set() and not self._is_over(due_s):
                    self._clock.wait_until(condition, due_s)
        finally:
            with self._lock:
                self._waiting.discard(condition)
            self._places.release()

    def _is_over(self, due_s: float | None) -> bool:
        return due_s is not None and self._clock.now_s() >= due_s


def describe_caller(rpc: str, request: Any, context: grpc.ServicerContext) -> Caller:
    """What the rules may look at."""
    metadata = {key: value if isinstance(value, str) else "" for key, value in context.invocation_metadata()}
    return Caller(rpc, tuple(_collections(request)), _token(metadata), context.peer(), metadata)


def _collections(request: Any) -> Iterable[str]:
    for attribute in ("collection_name", "collectionName"):
        name = getattr(request, attribute, "")
        if name:
            yield name
    yield from getattr(request, "collection_names", ())


def _token(metadata: dict[str, str]) -> str:
    """The token that a client was made with; clients send it as base64."""
    try:
        return base64.b64decode(metadata.get("authorization", ""), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _wake(condition: threading.Condition) -> None:
    with condition:
        condition.notify_all()


def _cut(peer: str) -> None:
    """Shuts the connection to a peer such as ipv4:127.0.0.1:54321; gRPC offers no way, so the socket is sought."""
    for name in os.listdir("/proc/self/fd"):
        try:
            connection = socket.socket(fileno=os.dup(int(name)))
        except OSError:
            continue
        with connection:
            try:
                address = connection.getpeername()
            except OSError:
                continue
            if isinstance(address, tuple) and peer.endswith(f":{address[0].removeprefix(_MAPPED)}:{address[1]}"):
                connection.shutdown(socket.SHUT_RDWR)
