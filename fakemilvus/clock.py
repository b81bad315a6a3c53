"""The one clock: wall time as Milvus' hybrid timestamps, monotonic time for waiting, and a manual clock for tests.

Nothing else in the package asks what time it is; others only measure their work and bound their waits. A hybrid
timestamp is milliseconds since the epoch << 18 | a counter; the timestamps of one clock never repeat and never go
back, whatever the wall clock does, because clients keep them.
"""

from __future__ import annotations

import threading
import time

LOGICAL_BITS = 18


class Clock:
    """The system's time; ``runs`` says whether time passes by itself."""

    runs = True

    def __init__(self) -> None:
        self._lock = threading.Lock()  # guards _last
        self._last = 0

    def unix_ms(self) -> int:
        """Milliseconds since the epoch."""
        return time.time_ns() // 1_000_000

    def now_s(self) -> float:
        """Monotonic seconds; only differences mean anything."""
        return time.monotonic()

    def wait_until(self, condition: threading.Condition, due_s: float | None) -> None:
        """Waits on a condition that the caller holds, at the latest until ``now_s`` reads so; None waits for ever."""
        condition.wait(None if due_s is None else max(0.0, due_s - self.now_s()))

    def timestamp(self, count: int = 1) -> int:
        """The first of ``count`` fresh hybrid timestamps, all larger than any given before."""
        with self._lock:
            first = max(self.unix_ms() << LOGICAL_BITS, self._last + 1)
            self._last = first + count - 1
            return first

    def pass_by(self, timestamp: int) -> None:
        """Makes every timestamp from now on larger than this one, which another clock gave."""
        with self._lock:
            self._last = max(self._last, timestamp)


class ManualClock(Clock):
    """Time that stands still until a test moves it.

    It starts at ``start_ms`` after the epoch, by default at the system's time. With a fixed start, the same requests
    get the same ids and timestamps in every run.
    """

    runs = False

    def __init__(self, start_ms: int | None = None) -> None:
        super().__init__()
        self._elapsed_s = 0.0
        self._started_ms = time.time_ns() // 1_000_000 if start_ms is None else start_ms
        self._waiting: set[threading.Condition] = set()  # guarded by _lock, as _elapsed_s is

    def unix_ms(self) -> int:
        return self._started_ms + int(self._elapsed_s * 1_000)

    def now_s(self) -> float:
        return self._elapsed_s

    def advance(self, seconds: float) -> None:
        """Moves time forward and wakes whoever waits for it."""
        if seconds < 0:
            raise ValueError(f"time never goes back, not by {seconds} s")
        with self._lock:
            self._elapsed_s += seconds
            waiting = list(self._waiting)
        for condition in waiting:
            with condition:
                condition.notify_all()

    def wait_until(self, condition: threading.Condition, due_s: float | None) -> None:
        """Waits until the condition is notified or this clock is moved at all; the caller looks again."""
        with self._lock:
            self._waiting.add(condition)
            if due_s is not None and self._elapsed_s >= due_s:
                return
        condition.wait()


def physical_ms(timestamp: int) -> int:
    """The milliseconds since the epoch inside a hybrid timestamp."""
    return timestamp >> LOGICAL_BITS


def compose(unix_ms: int) -> int:
    """The smallest hybrid timestamp of a millisecond."""
    return unix_ms << LOGICAL_BITS
