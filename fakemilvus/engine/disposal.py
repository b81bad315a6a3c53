"""Frees large arrays in a background thread, so that a drop or a reset answers at once.

Giving memory back to the system takes tens of milliseconds per gigabyte; whoever lets go of a collection hands
it here instead of waiting. The thread starts with the first load and ends when there is nothing left.
"""

from __future__ import annotations

import threading
from collections import deque


class Disposal:
    """A queue of things nobody uses any more."""

    def __init__(self) -> None:
        self._lock = threading.Lock()  # guards _waiting and _running
        self._waiting: deque[object] = deque()
        self._running = False

    def dispose(self, thing: object) -> None:
        """Lets go of a thing later; the caller keeps no reference to it."""
        with self._lock:
            self._waiting.append(thing)
            if self._running:
                return
            self._running = True
        threading.Thread(target=self._work, name="fakemilvus-disposal", daemon=True).start()

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._running = False
                    return
                thing: object = self._waiting.popleft()
            del thing
