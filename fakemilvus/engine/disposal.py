"""Frees large arrays in a background thread, so that a drop or a reset answers at once.

Giving memory back to the system takes tens of milliseconds per gigabyte; whoever lets go of a collection hands
it here instead of waiting. The thread starts with the first load and ends when there is nothing left. Freeing holds
the interpreter's lock, so it begins when the answer is likely to be on its way.
"""

from __future__ import annotations

import threading
from collections import deque

from fakemilvus.engine.memory import give_back

GRACE_S = 0.02


class Disposal:
    """A queue of things nobody uses any more."""

    def __init__(self) -> None:
        self._lock = threading.Lock()  # guards _waiting, _running and the replacement of _worker
        self._waiting: deque[object] = deque()
        self._running = False
        self._hurry = threading.Event()  # somebody waits
        self._worker: threading.Thread | None = None

    def dispose(self, thing: object) -> None:
        """Lets go of a thing later; the caller keeps no reference to it."""
        with self._lock:
            self._waiting.append(thing)
            del thing  # or this frame would hold it, and free it, when the thread is the faster one
            if self._running:
                return
            self._running = True
            self._worker = threading.Thread(target=self._work, name="fakemilvus-disposal", daemon=True)
            self._worker.start()

    def wait(self) -> None:
        """Waits until everything that was let go of is freed."""
        with self._lock:
            worker = self._worker
        if worker is not None:
            self._hurry.set()
            worker.join()
            self._hurry.clear()

    def _work(self) -> None:
        while True:
            self._hurry.wait(GRACE_S)
            with self._lock:
                freed, self._waiting = self._waiting, deque()
                if not freed:
                    self._running = False
                    return
            freed.clear()
            give_back()
