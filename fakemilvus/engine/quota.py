"""The memory limit of one server: how many bytes its rows may take, and the refusal of those that would exceed it.

Counts what the rows of living collections take by their length, not the room that buffers reserve, and not indexes.
Deleted rows count until their collection goes, as their memory does.
"""

from __future__ import annotations

import threading

from fakemilvus import errors

MIB = 1 << 20


class Quota:
    """Bytes in use, and at most how many; without a limit everything is granted."""

    def __init__(self, limit_mib: float | None = None) -> None:
        self.limit_bytes = None if limit_mib is None else int(limit_mib * MIB)
        self._lock = threading.Lock()  # guards _used
        self._used = 0

    @property
    def used_bytes(self) -> int:
        return self._used

    def take(self, size_bytes: int) -> None:
        """Counts rows that are about to be stored; refuses them whole when they would exceed the limit."""
        with self._lock:
            if self.limit_bytes is not None and self._used + size_bytes > self.limit_bytes:
                raise errors.MemoryQuotaExceeded
            self._used += size_bytes

    def adopt(self, size_bytes: int) -> None:
        """Counts rows that are there already, whatever the limit is: those of a restored state."""
        with self._lock:
            self._used += size_bytes

    def give_back(self, size_bytes: int) -> None:
        """The rows of a collection are gone."""
        with self._lock:
            self._used -= size_bytes


class Account:
    """What one collection takes of a quota; guarded by the collection's lock. A closed one takes nothing any more."""

    def __init__(self, quota: Quota) -> None:
        self.size_bytes = 0
        self._quota = quota
        self._closed = False

    def take(self, size_bytes: int) -> None:
        """Counts rows that are about to be stored; MemoryQuotaExceeded when they would exceed the limit."""
        if not self._closed:
            self._quota.take(size_bytes)
            self.size_bytes += size_bytes

    def adopt(self, size_bytes: int) -> None:
        """Counts rows that are there already."""
        self._quota.adopt(size_bytes)
        self.size_bytes += size_bytes

    def give_back(self, size_bytes: int) -> None:
        """At most what was taken: columns of fields that were added later take memory that was never counted."""
        size_bytes = min(size_bytes, self.size_bytes)
        self._quota.give_back(size_bytes)
        self.size_bytes -= size_bytes

    def close(self) -> None:
        """Gives everything back."""
        self.give_back(self.size_bytes)
        self._closed = True
