"""The handle by which a test steers and watches the index builds of a server; the engine hands its builds in here.

Every verb takes ``collection=``, ``field=`` and ``index=``, names or globs, and is about all builds without them. What
a verb asks for holds for builds running and to come, until ``release`` takes it back; where several rules select a
build, the newest decides. Small segments and FLAT, which Milvus counts as indexed at once, obey too: as soon as a
rule selects them there is a build of nothing, whose rows are counted as the rule says.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Unpack
from weakref import WeakKeyDictionary

from fakemilvus.clock import Clock
from fakemilvus.engine.build import ENDED, Build, BuildStatus
from fakemilvus.engine.build_queue import BuildQueue, Mishap
from fakemilvus.engine.modes import FREE, REAL, Pace, Stop, paced_mode, simple_mode
from fakemilvus.engine.selection import Selector, Subject, Where

if TYPE_CHECKING:
    from fakemilvus.engine.index import Counters, Index, Tracker
    from fakemilvus.engine.scripts import Reading, Script

REASONS_KEPT = 3
READING_WAIT_S = 30.0
IMMEDIATE_WAIT_S = 600.0


class HoldNotReached(RuntimeError):
    """A hold was asked for and no build stands at it; the text says why."""


class Builds:
    """The builds of one server. Every method may be called from any thread.

    Rows are counted per index, as describe_index shows them. ``mode`` is the mode without any rule.
    """

    def __init__(self, clock: Clock, threads: int | None = None, mode: str = "real") -> None:
        self._queue = BuildQueue(clock, threads, mode)
        self._changed = self._queue.changed  # guards everything below, as it does the queue
        self._skipped: deque[tuple[Subject, str]] = deque(maxlen=REASONS_KEPT)  # segments counted without a build
        self._describes: WeakKeyDictionary[Tracker, int] = WeakKeyDictionary()  # readings since builds wait for them
        self._cursors: WeakKeyDictionary[Tracker, tuple[int, int]] = WeakKeyDictionary()  # script's rule, next reading
        self._watching = False  # read without the lock

    # -- what a test says ------------------------------------------------------------------------------------------

    def hold(self, **where: Unpack[Where]) -> None:
        """Stops builds where they stand, training included, after at most one iteration or chunk."""
        self._steer(Selector(**where), stop=Stop("hold()", rows=0))

    def release(self, **where: Unpack[Where]) -> None:
        """Takes back every rule: builds run freely, and clients read the truth.

        Failures and retries that were asked for stay asked for. Builds of a server made with ``builds="manual"`` run
        freely too, until ``reset``.
        """
        from fakemilvus.engine.scripts import NO_SCRIPT

        self._steer(Selector(**where), stop=FREE, pace=REAL, script=NO_SCRIPT)

    def hold_at(self, *, fraction: float | None = None, rows: int | None = None, **where: Unpack[Where]) -> None:
        """Stops builds when their index counts exactly so many rows; ``fraction`` is of the index's total rows."""
        if (fraction is None) == (rows is None):
            raise ValueError("hold_at takes either fraction= or rows=")
        if fraction is not None and not 0 <= fraction <= 1:
            raise ValueError(f"fraction must lie between 0 and 1, not {fraction}")
        if rows is not None and rows < 0:
            raise ValueError(f"rows must not be negative, not {rows}")
        if rows is not None:
            self._steer(Selector(**where), stop=Stop(f"hold_at(rows={rows})", rows=rows))
        else:
            self._steer(Selector(**where), stop=Stop(f"hold_at(fraction={fraction:g})", fraction=fraction))

    def mode(
        self,
        name: str | None = None,
        *,
        after_describes: int | None = None,
        seconds: float | None = None,
        rate: float | None = None,
        **where: Unpack[Where],
    ) -> None:
        """Says how builds go, whatever was said of holds and modes before.

        "real": as fast as the machine allows. "immediate": finished before the rpc that starts them answers.
        "manual": held until stepped or released. ``after_describes``: counters stand until clients read the index so
        often; the last of these readings waits for the real build. ``seconds``: a segment's rows are counted evenly
        in so much time of the server's clock. ``rate``: in rows per second of that clock.
        """
        if name is None:
            pace = paced_mode(after_describes=after_describes, seconds=seconds, rate=rate)
            self._steer(Selector(**where), stop=FREE, pace=pace)
        elif (after_describes, seconds, rate) != (None, None, None):
            raise ValueError("mode takes either a name or one of after_describes=, seconds=, rate=")
        else:
            self._steer(Selector(**where), *simple_mode(name))

    def rate(self, rows_per_s: float | None, **where: Unpack[Where]) -> None:
        """Slows builds down to so many rows per second of the server's clock; None is full speed. Holds stay."""
        self._steer(Selector(**where), pace=REAL if rows_per_s is None else paced_mode(rate=rows_per_s))

    def script(
        self, steps: str | Sequence[Reading], *, reason: str = "", then: str = "stay", **where: Unpack[Where]
    ) -> None:
        """Makes clients read steps instead of the real counters, which go on underneath: one step per reading.

        ``steps`` are Readings or the name of a preset (``fakemilvus.engine.scripts.PRESETS``); ``reason`` is what the
        preset "fails" fails with. The last step stays, or ``then="real"`` goes back to the real counters. A reading is
        any answer of DescribeIndex, GetIndexState, GetIndexBuildProgress or GetIndexStatistics about the index.
        """
        from fakemilvus.engine.scripts import make_script

        self._steer(Selector(**where), script=make_script(steps, reason, then))

    def step(self, rows: int, timeout_s: float = 60.0, **where: Unpack[Where]) -> None:
        """Lets each index with held builds count exactly so many rows more, or all it has, and waits until it did.

        Raises HoldNotReached when no build is held, TimeoutError when the rows take longer.
        """
        if rows < 1:
            raise ValueError(f"step takes a positive number of rows, not {rows}")
        selector = Selector(**where)
        with self._changed:
            if not self._queue.rules.may_stand(selector):
                raise HoldNotReached(self._locked_why_not_held(selector))
        self.wait(timeout_s, **where)
        with self._changed:
            left: dict[Tracker, int] = {}
            for build in self._locked_held(selector):
                build.credit = min(left.setdefault(build.index.tracker, rows), build.rows - build.done)
                left[build.index.tracker] -= build.credit
            if not left:
                raise HoldNotReached(self._locked_why_not_held(selector))
            self._changed.notify_all()
        self.wait(timeout_s, check_hold=False, **where)

    def fail_next(self, reason: str, **where: Unpack[Where]) -> None:
        """The next build to be advanced fails for good with this reason; call it again for one more."""
        self._ask(Mishap(Selector(**where), reason, again=False), 1)

    def retry_next(self, reason: str, times: int = 1, **where: Unpack[Where]) -> None:
        """The next build to be advanced goes back to the queue and starts again, so many times.

        As in Milvus clients then read InProgress, without a reason, and the rows it had counted are pending again.
        """
        if times < 1:
            raise ValueError(f"times must be at least 1, not {times}")
        self._ask(Mishap(Selector(**where), reason, again=True), times)

    def wait(self, timeout_s: float = 60.0, *, check_hold: bool = True, **where: Unpack[Where]) -> list[BuildStatus]:
        """Waits until no build can go on by itself: each is finished, failed or held. Returns ``status()``.

        On a clock that a test moves, a build that waits for the clock cannot go on either. Raises TimeoutError, and
        HoldNotReached when a hold was asked for but no build stands at it.
        """
        selector = Selector(**where)
        with self._changed:
            if not self._queue.locked_settle(lambda build: selector.selects(build.subject), timeout_s):
                raise TimeoutError(self._locked_why_not_done(timeout_s, selector))
            if check_hold:
                self._locked_check_holds(selector)
            return self._locked_status(selector)

    def status(self, **where: Unpack[Where]) -> list[BuildStatus]:
        """Every build that runs or waits, then those that ended since the last reset, newest last."""
        with self._changed:
            return self._locked_status(Selector(**where))

    # -- what the engine says --------------------------------------------------------------------------------------

    @property
    def on_bug(self) -> Callable[[str, str], None]:
        """Told of every crash inside a build: where, and the traceback."""
        return self._queue.on_bug

    @on_bug.setter
    def on_bug(self, told: Callable[[str, str], None]) -> None:
        self._queue.on_bug = told

    def submit(self, build: Build) -> None:
        """Queues a build."""
        self._queue.submit(build)

    def steers(self, subject: Subject) -> bool:
        """Whether builds of an index are to obey something, so that even rows without a real build need one."""
        with self._changed:
            steering = self._queue.rules.steering(subject)
            return not steering.is_real or any(mishap.selector.selects(subject) for mishap in self._queue.mishaps)

    def note_skipped(self, subject: Subject, why: str) -> None:
        """Remembers why a segment was counted without a build, for a hold that then never applies."""
        with self._changed:
            self._skipped.append((subject, why))

    def settle(self, builds: Iterable[Build]) -> None:
        """Waits for those builds that are to be finished before the rpc which started them answers."""
        awaited = {id(build) for build in builds if build.steering.pace.kind == "immediate"}
        if awaited:
            with self._changed:
                self._queue.locked_settle(lambda build: id(build) in awaited, IMMEDIATE_WAIT_S)

    def read(self, collection: str, index: Index, timestamp: int = 0) -> Counters:
        """What a client's reading of an index says; takes no lock unless a rule has to know of readings."""
        scripted = self._observe(collection, index) if self._watching else None
        progress = index.tracker.progress
        return scripted.filled(progress) if scripted else progress.counters(index.created, timestamp)

    def cancel(self, indexes: Collection[Index]) -> None:
        """Forgets the builds of indexes at once; one that is being advanced ends after its iteration or chunk.

        These very objects are meant: in a restored collection, others have the same ids.
        """
        with self._changed:
            self._queue.locked_cancel(lambda build: any(build.index.tracker is index.tracker for index in indexes))

    def cancel_segments(self, segment_ids: Collection[int]) -> None:
        """Forgets the builds over segments that are gone."""
        with self._changed:
            self._queue.locked_cancel(lambda build: build.segment_id in segment_ids)

    def reset(self) -> None:
        """Forgets every build and everything that a test asked for."""
        with self._changed:
            self._queue.locked_cancel(lambda build: True)
            self._queue.rules.clear()
            self._queue.mishaps.clear()
            self._queue.finished.clear()
            self._skipped.clear()
            self._watching = False

    def start(self) -> None:
        """Takes builds again after ``stop``."""
        self._queue.start()

    def stop(self) -> None:
        """Ends the thread; builds that are not finished never will be."""
        self._queue.stop()

    # -- private ---------------------------------------------------------------------------------------------------

    def _steer(
        self, selector: Selector, stop: Stop | None = None, pace: Pace | None = None, script: Script | None = None
    ) -> None:
        with self._changed:
            self._queue.rules.add(selector, stop, pace, script)
            self._watching = self._queue.rules.watches(self._queue.clock.runs)
            self._queue.locked_steer()

    def _ask(self, mishap: Mishap, times: int) -> None:
        with self._changed:
            self._queue.mishaps.extend([mishap] * times)
            self._changed.notify_all()

    def _observe(self, collection: str, index: Index) -> Reading | None:
        """Takes note of a reading, and waits for what it is to show; the script's step, if there is a script."""
        with self._changed:
            script = self._queue.rules.script(index.subject(collection))
            reading = None
            if script is not None:
                rule, steps = script
                began, number = self._cursors.get(index.tracker, (rule, 0))
                number = number if began == rule else 0
                self._cursors[index.tracker] = (rule, number + 1)
                reading = steps.reading(number)
            self._locked_describe(index)
            awaited = self._locked_is_awaited(index)
            self._queue.locked_settle(awaited, READING_WAIT_S)
            return reading

    def _locked_describe(self, index: Index) -> None:
        """Counts a reading for the builds that wait for readings, and lets them go when it is the last."""
        waiting = [
            build
            for build in self._queue.waiting
            if build.index.tracker is index.tracker
            and build.steering.pace.kind == "after_describes"
            and not build.described
        ]
        if not waiting:
            return
        self._describes[index.tracker] = count = self._describes.get(index.tracker, 0) + 1
        for build in waiting:
            build.described = count >= build.steering.pace.value
        if any(build.described for build in waiting):
            self._describes.pop(index.tracker)
            self._changed.notify_all()

    def _locked_is_awaited(self, index: Index) -> Callable[[Build], bool]:
        """Which builds a reading waits for: those it set free, and those that owe rows to a clock that stands still."""
        runs = self._queue.clock.runs
        return lambda build: (
            build.index.tracker is index.tracker
            and (build.described or (build.steering.pace.follows_clock and not runs))
        )

    def _locked_held(self, selector: Selector) -> list[Build]:
        """The builds that wait for a test or for a client, not for the clock."""
        return [
            build
            for build in self._queue.waiting
            if selector.selects(build.subject)
            and (not build.to_stop() or build.steering.pace.kind == "after_describes")
        ]

    def _locked_check_holds(self, selector: Selector) -> None:
        waiting = [build.subject for build in self._queue.waiting if selector.selects(build.subject)]
        for rule in self._queue.rules.holding(selector):
            if not any(rule.selector.selects(subject) for subject in waiting):
                raise HoldNotReached(self._locked_why_not_held(rule.selector))

    def _locked_status(self, selector: Selector) -> list[BuildStatus]:
        live = [build for build in self._queue.locked_live() if selector.selects(build.subject)]
        ended = [status for status in self._queue.finished if selector.selects(status.subject)]
        return [*(self._locked_described(build) for build in live), *ended]

    def _locked_described(self, build: Build) -> BuildStatus:
        """A build's status, with what it waits for."""
        if not self._queue.locked_stands(build):
            return build.status()
        if not build.to_stop():
            return build.status("held", f"held by {build.steering.stop.asked}")
        if build.steering.pace.follows_clock:
            return build.status(why="waits for the clock")
        left = int(build.steering.pace.value) - self._describes.get(build.index.tracker, 0)
        return build.status("held", f"held until described {left} more time{'s' if left > 1 else ''}")

    def _locked_why_not_held(self, selector: Selector) -> str:
        whose = f"no build of {selector} is held" if str(selector) else "no build is held"
        if not self._queue.rules.holding(selector):
            return f"{whose}: nothing asked for it (call hold or hold_at first, or choose a mode)"
        skipped = [why for subject, why in self._skipped if selector.selects(subject)]
        ended = [str(status) for status in self._queue.finished if selector.selects(status.subject)]
        others = {f"{build.collection}.{build.index.name}" for build in self._queue.waiting}
        why = [*skipped, *ended[-REASONS_KEPT:]]
        if not why and others:
            why = [f"only builds of {', '.join(sorted(others))} are"]
        return f"{whose}: " + ("; ".join(why) or "none was started (flushed rows that have an index are built)")

    def _locked_why_not_done(self, timeout_s: float, selector: Selector) -> str:
        if self._queue.stopped:
            return "builds were stopped before they ended"
        running = [str(status) for status in self._locked_status(selector) if status.phase not in {*ENDED, "held"}]
        return f"builds still run after {timeout_s} s: " + "; ".join(running)
