"""What tests run against: a fakemilvus in this process, one in a process of its own, or a real Milvus.

Each kind of ``Servers`` lives as long as the run, or its xdist worker, and gives every test an empty ``Target``. The
same options get the same server. What a real Milvus holds already is never touched: only names with the run's own
prefix are dropped there.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

from fakemilvus.remote import RemoteFakeMilvus
from fakemilvus.server import FakeMilvus

STOP_S = 10.0

Handle = FakeMilvus | RemoteFakeMilvus


@dataclass(frozen=True, slots=True)
class Target:
    """What one test talks to. ``server`` is its handle, None for a real Milvus."""

    uri: str
    token: str = ""
    server: Handle | None = None
    real: bool = False


class Servers(ABC):
    """``unsteerable`` says why a test cannot have the handle of its server, or is empty."""

    unsteerable = ""
    takes_options = True

    @abstractmethod
    def begin(self, options: dict[str, Any]) -> Target:
        """An empty server with these options of FakeMilvus."""

    def start(self, options: dict[str, Any]) -> Handle:
        """One more server, for one test; it has ``stop``."""
        raise NotImplementedError(self.unsteerable)

    @abstractmethod
    def end(self, target: Target) -> None:
        """Takes it back after the test."""

    @abstractmethod
    def close(self) -> None:
        """Ends what runs."""


class InProcess(Servers):
    """Servers in this process."""

    def __init__(self) -> None:
        self._running: dict[str, FakeMilvus] = {}

    def begin(self, options: dict[str, Any]) -> Target:
        server = self._running.get(_key(options))
        if server is None:
            server = self._running[_key(options)] = FakeMilvus(**options).start()
        server.reset()
        return Target(server.uri, server=server)

    def start(self, options: dict[str, Any]) -> FakeMilvus:
        return FakeMilvus(**options).start()

    def end(self, target: Target) -> None:
        """Nothing: what the test left may still be wanted for its report."""

    def close(self) -> None:
        for server in self._running.values():
            server.stop()


class Subprocess(Servers):
    """Servers in processes of their own, steered over their control services."""

    def __init__(self) -> None:
        self._running: dict[str, Process] = {}

    def begin(self, options: dict[str, Any]) -> Target:
        server = self._running.get(_key(options))
        if server is None:
            server = self._running[_key(options)] = Process(options)
        server.reset()
        return Target(server.uri, server=server)

    def start(self, options: dict[str, Any]) -> Process:
        return Process(options)

    def end(self, target: Target) -> None:
        """Nothing: what the test left may still be wanted for its report."""

    def close(self) -> None:
        for process in self._running.values():
            process.stop()


class Real(Servers):
    """One real Milvus, which has other users."""

    unsteerable = "a real Milvus (--milvus-uri) cannot be steered"
    takes_options = False

    def __init__(self, uri: str, token: str, prefix: str) -> None:
        self._target = Target(uri, token, real=True)
        self._prefix = prefix

    def begin(self, options: dict[str, Any]) -> Target:
        return self._target

    def end(self, target: Target) -> None:
        _drop_own(target.uri, target.token, self._prefix)

    def close(self) -> None:
        """Nothing: it is not ours to end."""


class Process(RemoteFakeMilvus):
    """``fakemilvus serve`` on a free port, and the handle of it."""

    def __init__(self, options: dict[str, Any]) -> None:
        flags = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
        command = [sys.executable, "-m", "fakemilvus", "serve", "--control", "--port=0", "--management-port=0", *flags]
        self._log = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed by stop
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self._log, text=True)
        super().__init__(self._await_ready())

    def stop(self) -> None:
        """Ends the process."""
        self.close()
        self._end()

    def _end(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._log.close()

    def _await_ready(self) -> str:
        """The address, from the line that it prints once it answers."""
        assert self._process.stdout is not None
        ready = re.match(r"fakemilvus is ready at (\S+)", self._process.stdout.readline())
        if ready is None:
            self._process.wait(STOP_S)
            self._log.seek(0)
            said = self._log.read()
            self._end()
            raise RuntimeError(f"`fakemilvus serve` did not start:\n{said}")
        return ready[1]


def _drop_own(uri: str, token: str, prefix: str) -> None:
    """Drops the collections whose names begin with the prefix, with all their aliases, and aliases that do."""
    from pymilvus import MilvusClient

    client = MilvusClient(uri, token=token)
    own = [name for name in client.list_collections() if name.startswith(prefix)]
    aliases = {alias for name in own for alias in client.describe_collection(name)["aliases"]}
    aliases |= {alias for alias in client.list_aliases()["aliases"] if alias.startswith(prefix)}
    for alias in aliases:
        client.drop_alias(alias)
    for name in own:
        client.drop_collection(name)
    client.close()


def _key(options: dict[str, Any]) -> str:
    """Equal for equal options; an object without a value, such as a clock, is equal to itself."""
    return repr(sorted(options.items(), key=lambda option: option[0]))
