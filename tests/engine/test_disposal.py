"""Freeing in the background."""

from __future__ import annotations

import threading
import weakref

from fakemilvus.engine.disposal import Disposal


class Thing:
    """Something that notes which thread frees it."""

    def __init__(self, freed_by):
        self._freed_by = freed_by

    def __del__(self):
        self._freed_by.append(threading.current_thread().name)


def test_frees_in_its_own_thread():
    """What was let go of is freed by the disposal's thread, not by the caller."""
    disposal, freed_by = Disposal(), []
    disposal.dispose(Thing(freed_by))
    disposal.wait()
    assert freed_by == ["fakemilvus-disposal"]


def test_frees_everything():
    """Many things from many threads are all freed, and the thread ends."""
    disposal, refs = Disposal(), []

    def let_go():
        for _ in range(200):
            thing = Thing([])
            refs.append(weakref.ref(thing))
            disposal.dispose(thing)
            del thing

    threads = [threading.Thread(target=let_go) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    disposal.wait()
    assert len(refs) == 800
    assert not any(ref() for ref in refs)
    assert not disposal._worker.is_alive()


def test_waiting_for_nothing():
    """Waiting where nothing was let go of returns at once."""
    Disposal().wait()
