"""Gives memory that was freed back to the system, where the C library can be asked to.

FAISS' work space of tens of megabytes, and rows that were dropped, otherwise stay with the process as free memory.
"""

from __future__ import annotations

import contextlib
import ctypes


def give_back() -> None:
    """Takes from a tenth of a millisecond to some milliseconds, without the interpreter's lock; glibc only."""
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):  # another C library, or none that can be opened so
        return
    trim(0)


def share_arenas() -> None:
    """Lets all threads share two heaps instead of one each, for a process that is nothing but a server.

    Each of 32 workers would keep some megabytes of its own: with 49 MiB of vectors indexed, 27 MiB less. glibc only.
    """
    with contextlib.suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 2)


_M_ARENA_MAX = -8  # malloc.h
