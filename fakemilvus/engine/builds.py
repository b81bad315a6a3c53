"""Index builds: their queue, the thread that advances them, and the verbs that steer them.

A Build is worked on by one thread at a time, one training iteration or one chunk of rows at a time. Between two
of these it may be held, cancelled, failed or rate-limited; a held build gives its thread back, so nothing waits
behind it. All steering is decided in ``_locked_allowance``: how many more rows a build may count right now.
"""

from __future__ import annotations

import contextlib
import math
import os
import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from fakemilvus.clock import Clock
from fakemilvus.engine.build import CHUNK_S, ENDED, Build, BuildStatus
from fakemilvus.engine.index import Index
from fakemilvus.engine.memory import give_back

UNLIMITED = sys.maxsize
REASONS_KEPT = 3


class HoldNotReached(Exception):
    """A hold was asked for and no build stands at it; the text says why."""


@dataclass(slots=True)
class _Steering:
    """What a test asked of the builds."""

    hold: bool = False
    at_rows: int | None = None
    at_fraction: float | None = None
    rows_per_s: float | None = None
    failures: deque[str] = field(default_factory=deque)
    skipped: deque[str] = field(default_factory=lambda: deque(maxlen=REASONS_KEPT))  # segments counted without a build

    @property
    def holds(self) -> bool:
        """Whether builds are meant to stop somewhere before their end."""
        return self.hold or self.at_rows is not None or (self.at_fraction is not None and self.at_fraction < 1)


class Builds:
    """The builds of one server: a queue, its thread, and the handle that tests steer them with.

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
        with self._changed:
            self._locked_steer(_Steering(hold=True, rows_per_s=self._steering.rows_per_s))

    def release(self) -> None:
        """Lets every build run freely: no hold, no rate. Failures that were asked for stay asked for."""
        with self._changed:
            self._locked_steer(_Steering())

    def hold_at(self, *, fraction: float | None = None, rows: int | None = None) -> None:
        """Stops builds when their index counts exactly so many rows; ``fraction`` is of the index's total rows."""
        if (fraction is None) == (rows is None):
            raise ValueError("hold_at takes either fraction= or rows=")
        if fraction is not None and not 0 <= fraction <= 1:
            raise ValueError(f"fraction must lie between 0 and 1, not {fraction}")
        if rows is not None and rows < 0:
            raise ValueError(f"rows must not be negative, not {rows}")
        with self._changed:
            self._locked_steer(_Steering(at_fraction=fraction, at_rows=rows, rows_per_s=self._steering.rows_per_s))

    def step(self, rows: int, timeout_s: float = 60.0) -> None:
        """Lets each index with held builds count exactly so many rows more, or all it has, and waits until it did.

        Raises HoldNotReached when no build is held, TimeoutError when the rows take longer.
        """
        if rows < 1:
            raise ValueError(f"step takes a positive number of rows, not {rows}")
        with self._changed:
            if not self._steering.holds:
                raise HoldNotReached(self._locked_why_not_held())
        self.wait(timeout_s)
        with self._changed:
            left: dict[int, int] = {}
            for build in self._queue:
                build.credit = min(left.setdefault(build.index.id, rows), build.rows - build.done)
                left[build.index.id] -= build.credit
            self._changed.notify_all()
        self.wait(timeout_s, check_hold=False)

    def rate(self, rows_per_s: float | None) -> None:
        """Slows every build down to so many rows per second; None is full speed."""
        if rows_per_s is not None and rows_per_s <= 0:
            raise ValueError(f"a rate must be positive, not {rows_per_s}")
        with self._changed:
            self._steering.rows_per_s = rows_per_s
            for build in self._locked_live():
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
                    raise TimeoutError(self._locked_why_not_done(timeout_s))
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

    def cancel(self, indexes: Collection[Index]) -> None:
        """Forgets the builds of indexes at once; one that is being advanced ends after its iteration or chunk.

        These very objects are meant: in a restored collection, others have the same ids.
        """
        with self._changed:
            self._locked_cancel(lambda build: any(build.index is index for index in indexes))

    def reset(self) -> None:
        """Forgets every build and everything that a test asked for."""
        with self._changed:
            self._locked_cancel(lambda build: True)
            self._steering = _Steering()
            self._finished.clear()

    def stop(self) -> None:
        """Ends the thread; builds that are not finished never will be."""
        with self._changed:
            self._stopped = True
            self._locked_cancel(lambda build: True)
            worker = self._worker
        if worker is not None:
            worker.join()

    # -- the thread ------------------------------------------------------------------------------------------------

    def _work(self) -> None:
        _prepare_thread(self._omp_threads)
        while self._work_once():
            pass

    def _work_once(self) -> bool:
        """Waits for a build that may go on and advances it; False when the server stops.

        A function of its own so that the idle thread refers to no build, whose rows it would keep in memory.
        """
        with self._changed:
            picked = self._locked_pick()
        if picked is None:
            return False
        build, allowance, failure = picked
        chunk = 0
        try:
            if failure is None:
                chunk = build.advance(allowance)
                if chunk and not build.cancelled:
                    build.publish()
        except Exception as problem:  # noqa: BLE001 - a build must never take the thread with it
            failure = f"{type(problem).__name__}: {problem}"
            self.on_bug(f"index build of {build.collection}.{build.index.name}", traceback.format_exc())
        if failure is not None and not build.cancelled:
            build.fail(failure)
        if build.phase in ENDED or build.cancelled:
            build.builder = None
            give_back()
        with self._changed:
            self._locked_put_back(build, chunk)
        return True

    def _locked_put_back(self, build: Build, chunk: int) -> None:
        """Files a build that was advanced by some rows where it belongs now."""
        self._active = None
        build.credit = max(0, build.credit - chunk)
        rate = self._steering.rows_per_s
        if rate and chunk:
            late = build.begun_s - build.not_before_s > CHUNK_S
            build.not_before_s = (build.begun_s if late else build.not_before_s) + chunk / rate
        if build.phase in ENDED and not build.cancelled:
            self._finished.append(build.status())
        elif not build.cancelled:
            self._queue.appendleft(build)
        self._changed.notify_all()

    def _locked_pick(self) -> tuple[Build, int, str | None] | None:
        """Waits for a build that may go on; None when the server stops."""
        while not self._stopped:
            now_s, due_s = self._clock.now_s(), math.inf
            for build in self._queue:
                allowance = self._locked_allowance(build)
                if allowance and build.not_before_s <= now_s:
                    self._queue.remove(build)
                    self._active = build
                    build.begun_s = now_s
                    failures = self._steering.failures
                    return build, allowance, failures.popleft() if failures else None
                if allowance:
                    due_s = min(due_s, build.not_before_s)
            self._clock.wait_until(self._changed, None if due_s == math.inf else due_s)
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
        return min(limit, max(0, to_target))

    def _locked_status(self) -> list[BuildStatus]:
        waiting = [build.status("" if self._locked_allowance(build) else "held") for build in self._queue]
        return [*([self._active.status()] if self._active else []), *waiting, *self._finished]

    def _locked_why_not_held(self) -> str:
        if not self._steering.holds:
            return "no build is held: nothing asked for it (call hold or hold_at first)"
        why = [*self._steering.skipped, *(str(status) for status in list(self._finished)[-REASONS_KEPT:])]
        return "no build is held: " + ("; ".join(why) or "none was started (flushed rows that have an index are built)")

    def _locked_why_not_done(self, timeout_s: float) -> str:
        if self._stopped:
            return "builds were stopped before they ended"
        running = [str(status) for status in self._locked_status() if status.phase not in {*ENDED, "held"}]
        return f"builds still run after {timeout_s} s: " + "; ".join(running)

    def _locked_steer(self, wanted: _Steering) -> None:
        """Replaces holds and rate; what was noted and the failures to come stay."""
        wanted.failures, wanted.skipped = self._steering.failures, self._steering.skipped
        self._steering = wanted
        for build in self._locked_live():
            build.credit = 0
            if wanted.rows_per_s is None:
                build.not_before_s = 0.0
        self._changed.notify_all()

    def _locked_cancel(self, unwanted: Callable[[Build], bool]) -> None:
        for build in self._locked_live():
            build.cancelled = build.cancelled or unwanted(build)
        self._queue = deque(build for build in self._queue if not build.cancelled)
        self._changed.notify_all()

    def _locked_live(self) -> list[Build]:
        return [*([self._active] if self._active else []), *self._queue]


def _prepare_thread(omp_threads: int) -> None:
    """Sets this thread's share of the machine: OpenMP's thread count is per thread, and so is Linux' priority."""
    import faiss

    faiss.omp_set_num_threads(omp_threads)
    if sys.platform == "linux":
        with contextlib.suppress(OSError):  # some sandboxes refuse it
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 5)
