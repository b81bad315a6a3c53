"""What a collection looked like a while ago: for readers that lag behind, on a server that simulates the lag.

Without a lag nothing is kept. Guarded by the write lock of its collection; what readers get is one frozen value.
"""

from __future__ import annotations

from dataclasses import replace

from fakemilvus.clock import Clock, compose
from fakemilvus.engine.snapshot import Snapshot


class History:
    """The states of the last ``lag_ms`` milliseconds, each with the timestamp of the write that made it."""

    def __init__(self, clock: Clock, lag_ms: int) -> None:
        self.lag_ms = lag_ms
        self._clock = clock
        self._states: tuple[tuple[int, Snapshot], ...] = ()  # oldest first; replaced whole

    def note(self, written: int, snapshot: Snapshot) -> None:
        """Keeps the state after the write of this timestamp; what changed no rows takes the place of the last one."""
        if not self.lag_ms:
            return
        states = self._states
        if states and states[-1][0] == written:
            states = states[:-1]
        seen = sum(timestamp <= self._overdue for timestamp, _ in states)
        self._states = (*states[max(0, seen - 1) :], (written, snapshot))

    def seen(self, now: Snapshot, needed: int) -> Snapshot:
        """What a reader sees who lags, but sees every write up to the timestamp ``needed``."""
        if not self.lag_ms:
            return now
        horizon = max(needed, self._overdue)
        states = [snapshot for timestamp, snapshot in self._states if timestamp <= horizon]
        return as_of(states[-1] if states else replace(now, segments=()), now)

    def clear(self) -> None:
        """Forgets what was, for rows that are gone for every reader."""
        self._states = ()

    @property
    def _overdue(self) -> int:
        """What was written up to this timestamp is seen by everyone."""
        return compose(max(0, self._clock.unix_ms() - self.lag_ms) + 1) - 1


def as_of(then: Snapshot, now: Snapshot) -> Snapshot:
    """The rows of ``then`` under the schema, indexes and partitions of ``now``."""
    if then is now:
        return now
    held = {partition.id for partition in now.partitions}
    segments = [segment for segment in then.segments if segment.partition_id in held]
    if then.schema is not now.schema:
        segments = [segment.reshaped(now.schema) for segment in segments]
    return replace(now, segments=tuple(segments))
