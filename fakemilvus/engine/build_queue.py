"""The queue of builds and the one thread that advances them, one training iteration or chunk of rows at a time.

Between two of these a build may be cancelled, fail, start again, or have to wait: for a test, for clients' readings,
or for the clock. One that waits gives the thread back, so nothing stands behind it. What a test asks for is kept here
too, as rules and mishaps; ``builds`` has the verbs. ``changed`` guards everything, and its ``locked_`` methods expect
it to be held.
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
from collections.abc import Callable
from dataclasses import dataclass

from fakemilvus.clock import Clock
from fakemilvus.engine.build import CHUNK_S, ENDED, Build, BuildStatus
from fakemilvus.engine.memory import give_back
from fakemilvus.engine.modes import Rules
from fakemilvus.engine.selection import Selector

STATUSES_KEPT = 1_000


@dataclass(frozen=True, slots=True)
class Mishap:
    """What shall befall the next build that is selected: it fails for good, or starts again."""

    selector: Selector
    reason: str
    again: bool


class BuildQueue:
    """The builds that wait, the one that is being advanced, and the statuses of those that ended."""

    def __init__(self, clock: Clock, threads: int | None, mode: str) -> None:
        self.changed = threading.Condition()  # guards everything below
        self.clock = clock
        self.rules = Rules(mode)
        self.mishaps: deque[Mishap] = deque()
        self.waiting: deque[Build] = deque()
        self.active: Build | None = None
        self.finished: deque[BuildStatus] = deque(maxlen=STATUSES_KEPT)
        self.stopped = False
        self.worker: threading.Thread | None = None
        self.on_bug: Callable[[str, str], None] = lambda where, trace: None
        self._omp_threads = threads or max(1, (os.cpu_count() or 2) - 1)

    def submit(self, build: Build) -> None:
        """Queues a build; the thread is started with the first one."""
        with self.changed:
            build.steer(self.rules.steering(build.subject), self.clock.now_s())
            build.pace_from(self.clock.now_s())
            self.waiting.append(build)
            if self.worker is None:
                self.worker = threading.Thread(target=self._work, name="fakemilvus-build", daemon=True)
                self.worker.start()
            self.changed.notify_all()

    def start(self) -> None:
        """Takes builds again after ``stop``."""
        with self.changed:
            self.stopped = False
            self.worker = None

    def stop(self) -> None:
        """Ends the thread; builds that are not finished never will be."""
        with self.changed:
            self.stopped = True
            self.locked_cancel(lambda build: True)
            worker = self.worker
        if worker is not None:
            worker.join()

    def locked_steer(self) -> None:
        """Makes every live build obey the rules as they are now."""
        now_s = self.clock.now_s()
        for build in self.locked_live():
            build.steer(self.rules.steering(build.subject), now_s)
        self.changed.notify_all()

    def locked_cancel(self, unwanted: Callable[[Build], bool]) -> None:
        for build in self.locked_live():
            build.cancelled = build.cancelled or unwanted(build)
        self.waiting = deque(build for build in self.waiting if not build.cancelled)
        self.changed.notify_all()

    def locked_live(self) -> list[Build]:
        return [*([self.active] if self.active else []), *self.waiting]

    def locked_stands(self, build: Build) -> bool:
        """Whether a build goes on only when somebody does something: a test, a client, or whoever moves the clock."""
        if build is self.active or build.credit:
            return False
        now_s = self.clock.now_s()
        if build.steering.pace.follows_clock and build.to_stop():
            return not self.clock.runs and build.is_trained and not build.to_pace(now_s)
        return not build.allowance(now_s)

    def locked_settle(self, chosen: Callable[[Build], bool], timeout_s: float) -> bool:
        """Waits until each chosen build has ended or stands; False when that takes too long, or builds were stopped."""
        deadline = time.monotonic() + timeout_s
        while any(chosen(build) and not self.locked_stands(build) for build in self.locked_live()):
            left = deadline - time.monotonic()
            if left <= 0 or self.stopped:
                return False
            self.changed.wait(left)
        return True

    # -- the thread ------------------------------------------------------------------------------------------------

    def _work(self) -> None:
        _prepare_thread(self._omp_threads)
        while self._work_once():
            pass

    def _work_once(self) -> bool:
        """Waits for a build that may go on and advances it; False when the server stops.

        A function of its own so that the idle thread refers to no build, whose rows it would keep in memory.
        """
        with self.changed:
            picked = self._locked_pick()
        if picked is None:
            return False
        from fakemilvus.engine.training import Unbuildable  # late: numpy is not needed before the first build

        build, allowance, mishap = picked
        chunk, failure = 0, "" if mishap is None else mishap.reason
        try:
            if mishap is None:
                chunk = build.advance(allowance)
                if chunk and not build.cancelled:
                    build.publish()
        except Unbuildable as refusal:
            mishap = Mishap(Selector(), failure := str(refusal), again=False)
        except Exception as problem:  # noqa: BLE001 - a build must never take the thread with it
            mishap = Mishap(Selector(), failure := f"{type(problem).__name__}: {problem}", again=False)
            self.on_bug(f"index build of {build.collection}.{build.index.name}", traceback.format_exc())
        if mishap is not None and not mishap.again and not build.cancelled:
            build.fail(failure)
        if build.phase in ENDED or build.cancelled:
            build.builder = None
            give_back()
        with self.changed:
            self._locked_put_back(build, chunk, mishap)
        return True

    def _locked_put_back(self, build: Build, chunk: int, mishap: Mishap | None) -> None:
        """Files a build that was advanced by some rows where it belongs now."""
        self.active = None
        build.credit = max(0, build.credit - chunk)
        if build.phase in ENDED and not build.cancelled:
            self.finished.append(build.status())
        elif not build.cancelled and mishap is not None:
            build.retry(mishap.reason)
            build.pace_from(self.clock.now_s())
            self.waiting.append(build)
        elif not build.cancelled:
            self.waiting.appendleft(build)
        self.changed.notify_all()

    def _locked_pick(self) -> tuple[Build, int, Mishap | None] | None:
        """Waits for a build that may go on; None when the server stops."""
        while not self.stopped:
            picked, due_s = self._locked_look()
            if picked is not None:
                return picked
            self.clock.wait_until(self.changed, None if due_s == math.inf else due_s)
        return None

    def _locked_look(self) -> tuple[tuple[Build, int, Mishap | None] | None, float]:
        """The first build that may go on, those before all others that an rpc waits for; else when one may."""
        now_s, due_s = self.clock.now_s(), math.inf
        for build in sorted(self.waiting, key=lambda build: build.steering.pace.kind != "immediate"):
            ready_s = self._locked_ready_s(build, now_s)
            if ready_s <= now_s:
                self.waiting.remove(build)
                self.active = build
                build.picked_s = now_s
                return (build, build.allowance(now_s), self._locked_mishap(build)), due_s
            due_s = min(due_s, ready_s)
        return None, due_s

    def _locked_ready_s(self, build: Build, now_s: float) -> float:
        """When a build may go on, as far as time can tell: now, at a moment, or never."""
        if build.credit:
            return now_s
        if not build.to_stop():
            return math.inf
        if not build.steering.pace.follows_clock:
            return now_s if build.to_pace(now_s) else math.inf
        if not build.is_trained:
            return now_s
        breath_s = build.picked_s + CHUNK_S if self.clock.runs else 0.0
        return max(now_s if build.to_pace(now_s) else build.due_s(), breath_s)

    def _locked_mishap(self, build: Build) -> Mishap | None:
        """The first mishap that was asked for a build like this, which is then asked for no longer."""
        found = next((mishap for mishap in self.mishaps if mishap.selector.selects(build.subject)), None)
        if found is not None:
            self.mishaps.remove(found)
        return found


def _prepare_thread(omp_threads: int) -> None:
    """Sets this thread's share of the machine: OpenMP's thread count is per thread, and so is Linux' priority."""
    import faiss

    faiss.omp_set_num_threads(omp_threads)
    if sys.platform == "linux":
        with contextlib.suppress(OSError):  # some sandboxes refuse it
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 5)
