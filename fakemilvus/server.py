"""FakeMilvus: a running server, and everything that a test may ask of it or steer."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from fakemilvus import limits
from fakemilvus.clock import Clock, ManualClock
from fakemilvus.engine.builds import Builds
from fakemilvus.engine.database import DEFAULT_DATABASE
from fakemilvus.engine.instance import Instance
from fakemilvus.engine.options import Options
from fakemilvus.faults import Faults
from fakemilvus.rpcs import HANDLERS
from fakemilvus.wire.calls import CallLog
from fakemilvus.wire.dispatch import Bug, Dispatcher, Journal
from fakemilvus.wire.listener import Listener
from fakemilvus.wire.misfortune import Misfortune

if TYPE_CHECKING:
    from fakemilvus.engine.contents import Contents
    from fakemilvus.engine.state import State

_CLOCKS: dict[str, type[Clock]] = {"system": Clock, "manual": ManualClock}
_EVERY_ADDRESS = ("0.0.0.0", "::", "[::]")


class FakeMilvus:
    """An in-memory Milvus on a port of this machine; a context manager, or ``start`` and ``stop``.

    host, port: where to listen; port 0 picks a free one.
    control: whether other processes of this machine may steer it (``fakemilvus ctl``, RemoteFakeMilvus).
    clock: "system", "manual" (time stands still until ``advance``), or a Clock to share among servers.
    The other arguments are those of ``fakemilvus.engine.options.Options``, which says what each means.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        segment_rows: int = limits.SEGMENT_ROWS,
        min_index_rows: int = limits.MIN_INDEX_ROWS,
        seal: str = "flush",
        progress: str = "rows",
        builds: str = "real",
        default_index_names: str = "field",
        build_threads: int | None = None,
        seed: int = 1234,
        memory_limit_mib: float | None = None,
        read_lag_s: float = 0.0,
        query_nodes: int | None = None,
        embed: Callable[[list[str], int], Any] | str | None = None,
        clock: Clock | str = "system",
        control: bool = False,
    ) -> None:
        self.host = host
        self._wanted_port = port
        options = Options(
            segment_rows=segment_rows,
            min_index_rows=min_index_rows,
            seal=seal,
            progress=progress,
            builds=builds,
            default_index_names=default_index_names,
            build_threads=build_threads,
            seed=seed,
            memory_limit_mib=memory_limit_mib,
            read_lag_s=read_lag_s,
            query_nodes=query_nodes,
            embed=embed,
        )
        self.clock = _make_clock(clock)
        self.faults = Faults(seed)
        self._control = control
        self._first_seed = seed
        self._journal = Journal(self.clock)
        self._misfortune = Misfortune(self.faults, self.clock)
        self._instance = Instance(options, self.clock)
        self._instance.builds.on_bug = lambda where, trace: self._journal.bugs.append(Bug(where, trace))
        self._instance.compactions.on_bug = self._instance.builds.on_bug
        self._listener: Listener | None = None

    # -- life ------------------------------------------------------------------------------------------------------

    def start(self) -> Self:
        """Listens; raises OSError when the port is taken. The server answers when this returns.

        Started again after ``stop`` it is the same server, as after a restart of Milvus: on the same port, with all
        its rows and indexes; builds that were not finished start anew.
        """
        if self._listener is None:
            self._instance.start()
            self._misfortune = Misfortune(self.faults, self.clock)
            dispatcher = Dispatcher(HANDLERS, self._instance, self._journal, self._misfortune)
            self._listener = Listener([*self._control_handlers(), dispatcher], self.host, self._wanted_port)
            self._wanted_port = self._listener.port
        return self

    def stop(self) -> None:
        """Ends the server and its builds, and every thread of theirs; stopping twice is no error."""
        listener, self._listener = self._listener, None
        if listener is not None:
            self._misfortune.stop()
            listener.stop()
        self._instance.stop()
        if listener is not None:
            listener.join()

    def _control_handlers(self) -> list[Any]:
        if not self._control:
            return []
        from fakemilvus.control import Control
        from fakemilvus.wire.control import ControlHandler

        return [ControlHandler(Control(self).do)]

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def port(self) -> int:
        """The port it listens on; RuntimeError while it does not run."""
        if self._listener is None:
            raise RuntimeError("this FakeMilvus is not running: use it as a context manager, or call start()")
        return self._listener.port

    @property
    def uri(self) -> str:
        """What to give to a client, such as http://127.0.0.1:19530."""
        host = "127.0.0.1" if self.host in _EVERY_ADDRESS else self.host
        return f"http://{host}:{self.port}"

    # -- what a test may steer and read -----------------------------------------------------------------------------

    @property
    def builds(self) -> Builds:
        """The index builds: hold, step, slow down, script, fail, wait."""
        return self._instance.builds

    @property
    def calls(self) -> CallLog:
        """The last 10,000 rpcs."""
        return self._journal.calls

    @property
    def bugs(self) -> Sequence[Bug]:
        """Exceptions inside the server that nobody expected, oldest first."""
        return tuple(self._journal.bugs)

    @property
    def unimplemented(self) -> Sequence[str]:
        """What clients asked for and were refused because it is not built."""
        return tuple(self._journal.unimplemented)

    def advance(self, seconds: float) -> None:
        """Moves time forward, on a server with ``clock="manual"``: delays, rates and timestamps follow it."""
        if not isinstance(self.clock, ManualClock):
            raise RuntimeError('this server follows the system\'s time: make it with clock="manual" to move time')
        self.clock.advance(seconds)

    def reset(self) -> None:
        """Everything is gone at once: collections, indexes, builds and what steers them, faults, calls, bugs.

        Time does not go back. The seed is again the one that the server was made with.
        """
        self.faults.clear()
        self.faults.reseed(self._first_seed)
        self._instance.reset()
        self._journal.clear()

    def seed(self, seed: int) -> None:
        """Starts the server's randomness anew: the training of later builds, ``random_sample``, faults' probabilities.

        Ids and timestamps follow the clock; with ``clock=ManualClock(start_ms=...)`` they repeat from run to run too.
        """
        self._instance.seed(seed)
        self.faults.reseed(seed)

    # -- state -----------------------------------------------------------------------------------------------------

    def snapshot(self) -> State:
        """What is stored and defined at this moment, in milliseconds whatever its size."""
        return self._instance.snapshot()

    def restore(self, state: State) -> None:
        """Makes everything what it was, in milliseconds; as often as wanted, after a reset too.

        Finished indexes are there at once; builds that were not finished start anew. Faults, calls, the clock and
        what steers builds stay as they are; timestamps and new ids go on. Raises ValueError for another server's state.
        """
        self._instance.restore(state)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes what is stored and defined to a file, in the format of docs/state-file.md."""
        from fakemilvus.engine.portable import write_state

        write_state(self._instance.snapshot(), path)

    def load(self, path: str | os.PathLike[str]) -> None:
        """Replaces everything by what a saved file holds, and builds its indexes anew.

        Raises StateFileInvalid, and changes nothing, when the file is damaged, foreign or of another version.
        """
        from fakemilvus.engine.portable import read_state

        self._instance.replace_by(read_state(path, self.clock, self._instance.options))

    def collection(self, name: str, database: str = DEFAULT_DATABASE) -> Contents:
        """What a collection holds, for assertions; raises CollectionNotFound."""
        from fakemilvus.engine.contents import Contents

        return Contents(self._instance.find_collection(database, name))

    def collections(self, database: str = DEFAULT_DATABASE) -> list[str]:
        """The names of the collections, oldest first."""
        return [collection.definition.name for collection in self._instance.collections(database)]

    def dump(self) -> dict[str, Any]:
        """What the server holds, as plain dicts and lists, for reading while debugging a test.

        ``collections`` and ``aliases`` are the default database's; ``databases`` has those of the others.
        """
        others = [held for held in self._instance.databases() if held.name != DEFAULT_DATABASE]
        return {
            **self._dump_database(DEFAULT_DATABASE),
            "databases": {
                held.name: {"properties": dict(held.properties), **self._dump_database(held.name)} for held in others
            },
            "builds": [_dump_slots(status) for status in self.builds.status()],
            "bugs": [bug.traceback for bug in self.bugs],
        }

    def _dump_database(self, name: str) -> dict[str, Any]:
        from fakemilvus.engine.contents import dump_collection

        aliases = self._instance.aliases(name)
        return {
            "collections": [dump_collection(collection) for collection in self._instance.collections(name)],
            "aliases": {alias: self._instance.find_alias(name, alias) for alias in aliases},
        }


def _make_clock(wanted: Clock | str) -> Clock:
    if isinstance(wanted, Clock):
        return wanted
    if wanted not in _CLOCKS:
        raise ValueError(f"clock must be a Clock or one of {', '.join(_CLOCKS)}, not {wanted!r}")
    return _CLOCKS[wanted]()


def _dump_slots(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__slots__}
