"""The moments at which iterators began, kept so that their later pages see nothing that was written since.

Guarded by its own lock, which is never held while anything else is waited for. Where too many iterators are under way,
those that were not read for the longest time lose their moment: they go on with the rows of then that are still there.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import replace

import numpy as np

from fakemilvus.engine.history import as_of
from fakemilvus.engine.snapshot import Snapshot

MAX_SESSIONS = 64  # a collection; each keeps alive the segments that it saw


class Sessions:
    """The states that iterators of one collection began with, by their session's timestamp."""

    def __init__(self) -> None:
        self._states: OrderedDict[int, Snapshot] = OrderedDict()  # least recently read first
        self._lock = threading.Lock()  # guards _states

    def begin(self, timestamp: int, seen: Snapshot) -> None:
        """Keeps what an iterator's first page saw."""
        with self._lock:
            self._states[timestamp] = seen
            if len(self._states) > MAX_SESSIONS:
                self._states.popitem(last=False)

    def seen(self, timestamp: int, now: Snapshot) -> Snapshot:
        """The rows of a session under the schema, indexes and partitions of ``now``.

        Of a moment that is not kept, those rows of ``now`` that were written until then.
        """
        with self._lock:
            held = self._states.get(timestamp)
            if held is not None:
                self._states.move_to_end(timestamp)
        return _written_until(timestamp, now) if held is None else as_of(held, now)

    def clear(self) -> None:
        """Forgets all, for rows that are gone for every reader."""
        with self._lock:
            self._states.clear()


def _written_until(timestamp: int, now: Snapshot) -> Snapshot:
    segments = []
    for segment in now.segments:
        written = np.asarray(segment.timestamps <= np.uint64(timestamp), np.bool_)
        if not written.all():
            segment = replace(segment, alive=written if segment.alive is None else written & segment.alive)
        segments.append(segment)
    return replace(now, segments=tuple(segments))
