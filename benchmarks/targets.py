"""The servers that are compared: how each is found, started on a free port, watched and stopped."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import grpc

from benchmarks.client import Client, Refused, list_request

ROOT = Path(__file__).parent.parent
START_S = 30.0
STOP_S = 10.0
POLL_S = 0.002

Command = Callable[[int, str], list[str]]


@dataclass(frozen=True, slots=True)
class Target:
    """A server: ``command`` takes a port and an empty directory; ``installed`` says whether it can be run here."""

    key: str
    name: str
    command: Command
    installed: Callable[[], bool]
    stores: bool = True  # False for the bare server, which can only be asked
    port: int = 0  # 0: any free one
    attempts: int = 1

    def start(self) -> Running:
        """A server that answers; a start that was tried again is timed from its last attempt."""
        for _ in range(1, self.attempts):
            try:
                return Running(self)
            except NotStarted:
                print(f"  {self.name} never answered: once more", file=sys.stderr, flush=True)
        return Running(self)


class NotStarted(Exception):
    """The server ended or never answered; the text is the end of its log."""


class Running:
    """A started server; a context manager that ends its process and removes its files."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.address = f"127.0.0.1:{target.port or free_port()}"
        if self._listening():
            raise NotStarted(f"{self.address} is taken: stop the server that listens there first")
        self.directory = tempfile.mkdtemp(prefix="benchmark-")
        command = target.command(int(self.address.rpartition(":")[2]), self.directory)
        with Path(self.directory, "log").open("wb") as log:
            started = time.perf_counter()
            self.process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log, start_new_session=True)
        try:
            self.client = self._await_answer()
        except BaseException:
            self.stop()
            raise
        self.start_s = time.perf_counter() - started

    def _await_answer(self) -> Client:
        """The first rpc that succeeds; until then the port is closed or the answer is a refusal."""
        deadline = time.perf_counter() + START_S
        while time.perf_counter() < deadline and self.process.poll() is None:
            with contextlib.suppress(grpc.RpcError, Refused):
                if self._listening():
                    return self._first_answer()
            time.sleep(POLL_S)
        raise NotStarted(f"{self.target.name} did not start:\n{self.log()[-2000:]}")

    def _first_answer(self) -> Client:
        client = Client(self.address)
        try:
            client.call("ShowCollections", list_request(), timeout_s=5)
        except BaseException:
            client.close()
            raise
        return client

    def _listening(self) -> bool:
        host, _, port = self.address.rpartition(":")
        with socket.socket() as probe:
            return probe.connect_ex((host, int(port))) == 0

    def log(self) -> str:
        return Path(self.directory, "log").read_text(errors="replace")

    def resident_mib(self) -> float:
        """Resident memory of the process and of those it started, once it has settled."""
        time.sleep(1)
        return sum(self._group()) / 1024

    def _group(self) -> list[int]:
        """The KiB of each living process of the server; its process group is its own."""
        columns = ["ps", "-A", "-o", "pgid=,stat=,rss="]
        listing = subprocess.run(columns, capture_output=True, text=True, check=True).stdout
        rows = [line.split() for line in listing.splitlines()]
        return [int(size) for group, state, size in rows if int(group) == self.process.pid and state[0] != "Z"]

    def _lives(self) -> bool:
        """A dead leader may still have threads that listen, so the port is asked too."""
        return self.process.poll() is None or bool(self._group()) or self._listening()

    def stop(self) -> None:
        """Ends the whole group and returns when it is gone: milvus-server, ended alone, leaves its child running."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)
            deadline = time.perf_counter() + STOP_S
            while self._lives() and time.perf_counter() < deadline:
                time.sleep(0.05)
        shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self) -> Running:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.client.close()
        self.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _milvus_server() -> str:
    return os.environ.get("MILVUS_SERVER") or shutil.which("milvus-server") or ""


def _importable(module: str) -> Callable[[], bool]:
    return lambda: importlib.util.find_spec(module) is not None


def _python(*arguments: str) -> list[str]:
    return [sys.executable, "-m", *arguments]


TARGETS = [
    Target("grpc", "bare gRPC", lambda port, _: _python("benchmarks.bare_server", str(port)), lambda: True, False),
    Target(
        "milvus",
        "Milvus",
        lambda port, data: [_milvus_server(), "--data", data, "--proxy-port", str(port)],
        lambda: bool(_milvus_server()),
        port=19530,
        attempts=5,  # now and then its etcd changes its leader while Milvus starts, and a role stays away for good
    ),
    Target(
        "lite",
        "milvus-lite",
        lambda port, data: _python("milvus_lite", "server", "--data-dir", data + "/db", "--port", str(port)),
        _importable("milvus_lite"),
    ),
    Target(
        "fakemilvus",
        "fakemilvus",
        lambda port, _: _python("fakemilvus", "serve", "--port", str(port), "--management-port", str(free_port())),
        _importable("fakemilvus.server"),
    ),
]
