"""The one clock: wall time as Milvus' hybrid timestamps, monotonic time for waiting, and a manual clock for tests.

Nothing else in the package reads time. A hybrid timestamp is milliseconds since the epoch << 18 | a counter; the
timestamps of one clock never repeat and never go back, whatever the wall clock does, because clients keep them.
"""

from __future__ import annotations

import threading
import time

LOGICAL_BITS = 18


class Clock:
    """The system's time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()  # guards _last
        self._last = 0

    def unix_ms(self) -> int:
        """Milliseconds since the epoch."""
        return time.time_ns() // 1_000_000

    def now_s(self) -> float:
        """Monotonic seconds; only differences mean anything."""
        return time.monotonic()

    def wait(self, condition: threading.Condition, timeout_s: float | None) -> None:
        """Waits on a condition that the caller holds, for at most so long on this clock."""
        condition.wait(timeout_s)

    def timestamp(self, count: int = 1) -> int:
        """The first of ``count`` fresh hybrid timestamps, all larger than any given before."""
        with self._lock:
            first = max(self.unix_ms() << LOGICAL_BITS, self._last + 1)
            self._last = first + count - 1
            return first


def physical_ms(timestamp: int) -> int:
    """The milliseconds since the epoch inside a hybrid timestamp."""
    return timestamp >> LOGICAL_BITS


def compose(unix_ms: int) -> int:
    """The smallest hybrid timestamp of a millisecond."""
    return unix_ms << LOGICAL_BITS
