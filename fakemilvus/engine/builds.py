"""Index builds: resumable objects, the threads that advance them, and the verbs that steer them.

A Build is worked on by one thread at a time, one training iteration or one chunk of rows at a time. Between two
of these it may be held, cancelled, failed or rate-limited; a held build gives its thread back, so nothing waits
behind it. All steering is decided in ``_locked_allowance``: how many more rows a build may count right now.
"""

from __future__ import annotations

import os
import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from fakemilvus.clock import Clock
from fakemilvus.engine.index import Index
from fakemilvus.engine.kinds import Builder

CHUNK_S = 0.025
CHUNKS_PER_BUILD = 32
FIRST_CHUNK_ROWS = 256
UNLIMITED = sys.maxsize


class HoldNotReached(Exception):
    """A hold was asked for and no build stands at it; the text says why."""


@dataclass(frozen=True, slots=True)
class BuildStatus:
    """Where one build stands; ``phase`` is queued, training, assigning, held, finished or failed."""

    collection: str
    index: str
    segment_id: int
    phase: str
    trained: int
    train_steps: int
    indexed_rows: int
    total_rows: int


@dataclass(slots=True, eq=False)
class Build:
    """One index over one segment, under construction.

    ``make`` starts the construction; ``attach`` takes what was built and says whether it still had a place.
    The fields below ``credit`` belong to the thread that advances the build.
    """

    collection: str
    index: Index
    segment_id: int
    rows: int
    make: Callable[[], Builder]
    attach: Callable[[Any], bool]
    phase: str = "queued"
    cancelled: bool = False
    credit: int = 0
    builder: Builder | None = None
    trained: int = 0
    train_steps: int = 0
    done: int = 0
    rows_per_s: float = 0.0
    not_before_s: float = 0.0

    def advance(self, allowance: int) -> int:
        """One training iteration, or one chunk of at most ``allowance`` rows; returns the rows of the chunk."""
        if self.builder is None:
            self.builder = self.make()
            self.train_steps = self.builder.train_steps
        if self.trained < self.train_steps:
            self.phase = "training"
            self.builder.train(self.trained)
            self.trained += 1
            return 0
        self.phase = "assigning"
        chunk = min(self._chunk_rows(), allowance, self.rows - self.done)
        started = time.perf_counter()
        self.builder.add(self.done, self.done + chunk)
        self.rows_per_s = chunk / max(time.perf_counter() - started, 1e-9)
        self.done += chunk
        return chunk

    def status(self, phase: str = "") -> BuildStatus:
        return BuildStatus(
            self.collection,
            self.index.name,
            self.segment_id,
            phase or self.phase,
            self.trained,
            self.train_steps,
            self.done,
            self.rows,
        )

    def _chunk_rows(self) -> int:
        """The smaller of a 32nd of the rows and about 25 ms of work."""
        timed = int(self.rows_per_s * CHUNK_S) if self.rows_per_s else FIRST_CHUNK_ROWS
        return max(1, min(timed, -(-self.rows // CHUNKS_PER_BUILD)))


@dataclass(slots=True)
class _Steering:
    """What a test asked of the builds."""

    hold: bool = False
    at_rows: int | None = None
    at_fraction: float | None = None
    rows_per_s: float | None = None
    failures: deque[str] = field(default_factory=deque)
    skipped: list[str] = field(default_factory=list)  # why segments were counted without a build

    @property
    def holds(self) -> bool:
        return self.hold or self.at_rows is not None or self.at_fraction is not None


class Builds:
    """The builds of one server: a queue, its threads, and the handle that tests steer them with.

    Every method may be called from any thread. Holds and rates apply to all builds, running and to come, until
    ``release``; rows are counted per index, as describe_index shows them.
    """

    def __init__(self, clock: Clock, threads: int | None = None) -> None:
        self._clock = clock
        self._omp_threads = threads or max(1, (os.cpu_count() or 2) - 1)
        self._changed = threading.Condition()  # guards everything below
        self._queue: deque[Build] = deque()
        self._active: Build | None = None
        self._finished: deque[BuildStatus] = deque(maxlen=1_000)
        self._steering = _Steering()
        self._worker: threading.Thread | None = None
        self._stopped = False
        self.on_bug: Callable[[str, str], None] = lambda where, trace: None

    # -- what a test says ------------------------------------------------------------------------------------------

    def hold(self) -> None:
        """Stops every build where it stands, training included, after at most one iteration or chunk."""
        self._steer(hold=True)

    def release(self) -> None:
        """Lets every build run freely: no hold, no rate."""
        with self._changed:
            self._steering = _Steering(failures=self._steering.failures)
            for build in self._queue:
                build.credit = 0
            self._changed.notify_all()

    def hold_at(self, *, fraction: float | None = None, rows: int | None = None) -> None:
        """Stops builds when their index counts exactly so many rows; ``fraction`` is of the index's total rows."""
        if (fraction is None) == (rows is None):
            raise ValueError("hold_at takes either fraction= or rows=")
        if fraction is not None and not 0 <= fraction <= 1:
            raise ValueError(f"fraction must lie between 0 and 1, not {fraction}")
        if rows is not None and rows < 0:
            raise ValueError(f"rows must not be negative, not {rows}")
        self._steer(at_fraction=fraction, at_rows=rows)

    def step(self, rows: int) -> None:
        """Lets the held builds, each, count exactly so many rows more, and waits until they did."""
        if rows < 1:
            raise ValueError(f"step takes a positive number of rows, not {rows}")
        self.wait()
        with self._changed:
            if not self._queue:
                raise HoldNotReached(self._locked_why_not_held())
            for build in self._queue:
                build.credit = min(rows, build.rows - build.done)
            self._changed.notify_all()
        self.wait(check_hold=False)

    def rate(self, rows_per_s: float | None) -> None:
        """Slows every build down to so many rows per second; None is full speed."""
        if rows_per_s is not None and rows_per_s <= 0:
            raise ValueError(f"a rate must be positive, not {rows_per_s}")
        with self._changed:
            self._steering.rows_per_s = rows_per_s
            for build in self._queue:
                build.not_before_s = 0.0
            self._changed.notify_all()

    def fail_next(self, reason: str) -> None:
        """The next build to be advanced fails for good with this reason; call it again for one more."""
        with self._changed:
            self._steering.failures.append(reason)
            self._changed.notify_all()

    def wait(self, timeout_s: float = 60.0, *, check_hold: bool = True) -> list[BuildStatus]:
        """Waits until no build can go on: each is finished, failed or held. Returns ``status()``.

        Raises TimeoutError, and HoldNotReached when a hold was asked for but no build stands at it.
        """
        deadline = time.monotonic() + timeout_s
        with self._changed:
            while self._active is not None or any(self._locked_allowance(b) for b in self._queue):
                left = deadline - time.monotonic()
                if left <= 0 or self._stopped:
                    raise TimeoutError(f"builds still running after {timeout_s} s: {self._locked_status()}")
                self._changed.wait(left)
            if check_hold and self._steering.holds and not self._queue:
                raise HoldNotReached(self._locked_why_not_held())
            return self._locked_status()

    def status(self) -> list[BuildStatus]:
        """Every build that runs or waits, then those that ended since the last reset, newest last."""
        with self._changed:
            return self._locked_status()

    # -- what the engine says --------------------------------------------------------------------------------------

    def submit(self, build: Build) -> None:
        """Queues a build; the thread is started with the first one."""
        with self._changed:
            self._queue.append(build)
            if self._worker is None:
                self._worker = threading.Thread(target=self._work, name="fakemilvus-build", daemon=True)
                self._worker.start()
            self._changed.notify_all()

    def note_skipped(self, why: str) -> None:
        """Remembers why a segment was counted without a build, for a hold that then never applies."""
        with self._changed:
            self._steering.skipped.append(why)

    def cancel(self, unwanted: Callable[[Build], bool]) -> None:
        """Forgets builds at once; one that is being advanced ends after its iteration or chunk."""
        with self._changed:
            for build in (*self._queue, *([self._active] if self._active else [])):
                build.cancelled = build.cancelled or unwanted(build)
            self._queue = deque(b for b in self._queue if not b.cancelled)
            self._changed.notify_all()

    def reset(self) -> None:
        """Forgets every build and everything that a test asked for."""
        self.cancel(lambda build: True)
        with self._changed:
            self._steering = _Steering()
            self._finished.clear()

    def stop(self) -> None:
        """Ends the thread; builds that are not finished never will be."""
        self.cancel(lambda build: True)
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
            worker = self._worker
        if worker is not None:
            worker.join()

    # -- the thread ------------------------------------------------------------------------------------------------

    def _work(self) -> None:
        _prepare_thread(self._omp_threads)
        while True:
            with self._changed:
                picked = self._locked_pick()
                if picked is None:
                    return
            self._run(*picked)

    def _run(self, build: Build, allowance: int, failure: str | None) -> None:
        """Advances a build once and files it where it belongs now."""
        try:
            if failure is None:
                self._count(build, build.advance(allowance))
        except Exception as problem:  # noqa: BLE001 - a build must never take the thread with it
            failure = f"{type(problem).__name__}: {problem}"
            self.on_bug(f"index build of {build.collection}.{build.index.name}", traceback.format_exc())
        if failure is not None and not build.cancelled:
            build.phase = "failed"
            build.index.tracker.fail(build.segment_id, failure)
        with self._changed:
            self._active = None
            if build.phase in ("finished", "failed"):
                self._finished.append(build.status())
            elif not build.cancelled:
                self._queue.appendleft(build)
            self._changed.notify_all()

    def _count(self, build: Build, chunk: int) -> None:
        """Publishes a chunk; the last one only once the index is attached."""
        build.credit = max(0, build.credit - chunk)
        rate = self._steering.rows_per_s
        if rate and chunk:
            build.not_before_s = self._clock.now_s() + chunk / rate
        if build.trained < build.train_steps or build.cancelled:
            return
        if build.done < build.rows:
            build.index.tracker.advance(build.segment_id, build.done)
            return
        assert build.builder is not None
        if build.attach(build.builder.finished()):
            build.index.tracker.finish(build.segment_id)
        build.builder = None
        build.phase = "finished"

    def _locked_pick(self) -> tuple[Build, int, str | None] | None:
        """Waits for a build that may go on; None when the server stops."""
        while not self._stopped:
            due_s: float | None = None
            for build in self._queue:
                allowance = self._locked_allowance(build)
                wait_s = build.not_before_s - self._clock.now_s()
                if allowance and wait_s <= 0:
                    self._queue.remove(build)
                    self._active = build
                    failures = self._steering.failures
                    return build, allowance, failures.popleft() if failures else None
                if allowance:
                    due_s = wait_s if due_s is None else min(due_s, wait_s)
            self._changed.notify_all()
            self._clock.wait(self._changed, due_s)
        return None

    def _locked_allowance(self, build: Build) -> int:
        """How many rows the build may count right now; 0 holds it, training included."""
        steering = self._steering
        limit = build.credit if build.credit else UNLIMITED
        if steering.rows_per_s:
            limit = min(limit, max(1, int(steering.rows_per_s * CHUNK_S)))
        if build.credit:
            return limit
        if steering.hold:
            return 0
        target = steering.at_rows
        if steering.at_fraction is not None:
            target = round(steering.at_fraction * build.index.tracker.progress.total_rows)
        if target is None:
            return limit
        elsewhere = build.index.tracker.indexed_elsewhere(build.segment_id)
        to_target = target - elsewhere - build.done
        if to_target <= 0 and build.rows == build.done:
            return limit
        return min(limit, max(0, to_target))

    def _locked_status(self) -> list[BuildStatus]:
        waiting = [b.status("" if self._locked_allowance(b) else "held") for b in self._queue]
        return [*([self._active.status()] if self._active else []), *waiting, *self._finished]

    def _locked_why_not_held(self) -> str:
        ended = [f"{s.collection}.{s.index}: {s.phase}, {s.indexed_rows} of {s.total_rows} rows" for s in self._finished]
        if self._steering.skipped:
            return "no build is held: " + "; ".join(self._steering.skipped[-3:])
        if ended:
            return "no build is held: every build has already ended (" + "; ".join(ended[-3:]) + ")"
        return "no build is held: none was started (rows are indexed once they are flushed and have an index)"

    def _steer(self, hold: bool = False, at_rows: int | None = None, at_fraction: float | None = None) -> None:
        with self._changed:
            steering = self._steering
            steering.hold, steering.at_rows, steering.at_fraction = hold, at_rows, at_fraction
            for build in self._queue:
                build.credit = 0
            self._changed.notify_all()


def _prepare_thread(omp_threads: int) -> None:
    """Sets this thread's share of the machine: OpenMP's thread count is per thread, and so is Linux' priority."""
    import faiss

    faiss.omp_set_num_threads(omp_threads)
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 5)
