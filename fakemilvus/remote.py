"""RemoteFakeMilvus: the handle of a server in another process, over its control service.

Its verbs have the names and arguments of FakeMilvus' own; what they answer comes as plain Python values.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

from fakemilvus.engine.scripts import Reading
from fakemilvus.faults import Fault
from fakemilvus.wire.calls import KEPT_CALLS, CallLog, RecordedCall
from fakemilvus.wire.control import ControlClient
from fakemilvus.wire.dispatch import Bug

WAIT_MARGIN_S = 5.0


class RemoteFakeMilvus:
    """Steers the server at ``uri``, which has to run on this machine with its control service on."""

    def __init__(self, uri: str) -> None:
        self.uri = uri
        self._client = ControlClient(uri)
        self.builds = RemoteBuilds(self._client)
        self.faults = RemoteFaults(self._client)

    def close(self) -> None:
        """Lets go of the connection; the server goes on."""
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def reset(self) -> None:
        self._client.do("reset")

    def snapshot(self) -> int:
        """Keeps the state of now in the server; the number is for ``restore``."""
        return int(self._client.do("snapshot"))

    def restore(self, state: int) -> None:
        self._client.do("restore", state=state)

    def save(self, path: str) -> None:
        self._client.do("save", path=path)

    def load(self, path: str) -> None:
        self._client.do("load", path=path)

    def seed(self, seed: int) -> None:
        self._client.do("seed", seed=seed)

    def advance(self, seconds: float) -> None:
        self._client.do("advance", seconds=seconds)

    def dump(self) -> dict[str, Any]:
        return dict(self._client.do("dump"))

    def rows(self, collection: str, filter: str = "", limit: int | None = None) -> list[dict[str, Any]]:
        """The rows of a collection, read directly."""
        return list(self._client.do("rows", collection=collection, filter=filter, limit=limit))

    @property
    def calls(self) -> CallLog:
        """The last 10,000 rpcs until now: a log of its own, which does not grow."""
        log = CallLog()
        for call in self._client.do("calls", last=KEPT_CALLS):
            log.keep(RecordedCall(**{"_request" if name == "request" else name: call[name] for name in call}))
        return log

    @property
    def bugs(self) -> Sequence[Bug]:
        return [Bug(**bug) for bug in self._client.do("bugs")]

    @property
    def unimplemented(self) -> Sequence[str]:
        return list(self._client.do("unimplemented"))


class RemoteBuilds:
    """The verbs of ``FakeMilvus.builds``."""

    def __init__(self, client: ControlClient) -> None:
        self._client = client

    def hold(self, **where: str) -> None:
        self._client.do("builds.hold", **where)

    def hold_at(self, *, fraction: float | None = None, rows: int | None = None, **where: str) -> None:
        self._client.do("builds.hold_at", fraction=fraction, rows=rows, **where)

    def step(self, rows: int, timeout_s: float = 60.0, **where: str) -> None:
        self._client.do("builds.step", timeout_s + WAIT_MARGIN_S, rows=rows, timeout_s=timeout_s, **where)

    def release(self, **where: str) -> None:
        self._client.do("builds.release", **where)

    def rate(self, rows_per_s: float | None, **where: str) -> None:
        self._client.do("builds.rate", rows_per_s=rows_per_s, **where)

    def mode(self, name: str | None = None, **rest: Any) -> None:
        self._client.do("builds.mode", name=name, **rest)

    def script(self, steps: str | Sequence[Reading], *, reason: str = "", then: str = "stay", **where: str) -> None:
        """``steps`` must be numbers or shares: a callable does not cross."""
        plain = steps if isinstance(steps, str) else [dataclasses.asdict(step) for step in steps]
        self._client.do("builds.script", steps=plain, reason=reason, then=then, **where)

    def fail_next(self, reason: str, **where: str) -> None:
        self._client.do("builds.fail_next", reason=reason, **where)

    def retry_next(self, reason: str, times: int = 1, **where: str) -> None:
        self._client.do("builds.retry_next", reason=reason, times=times, **where)

    def wait(self, timeout_s: float = 60.0, **where: str) -> list[dict[str, Any]]:
        return list(self._client.do("builds.wait", timeout_s + WAIT_MARGIN_S, timeout_s=timeout_s, **where))

    def status(self, **where: str) -> list[dict[str, Any]]:
        return list(self._client.do("builds.status", **where))


class RemoteRule:
    """A rule in force in the server."""

    def __init__(self, client: ControlClient, number: int) -> None:
        self._client = client
        self.number = number

    @property
    def hits(self) -> int:
        """How often it has befallen an rpc."""
        return int(self._client.do("faults.hits", rule=self.number))

    def remove(self) -> None:
        self._client.do("faults.remove", rule=self.number)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.remove()


class RemoteFaults:
    """The verbs of ``FakeMilvus.faults``."""

    def __init__(self, client: ControlClient) -> None:
        self._client = client

    def add(self, fault: Fault) -> RemoteRule:
        """Puts a rule into force; it is a context manager that takes it back."""
        rule = {name: value for name, value in dataclasses.asdict(fault).items() if name != "effect"}
        effect = {**dataclasses.asdict(fault.effect), "effect": type(fault.effect).__name__}
        return RemoteRule(self._client, int(self._client.do("faults.add", **rule, **effect)))

    def unused(self) -> list[str]:
        return list(self._client.do("faults.unused"))
