"""Gives memory that was freed back to the system, where the C library can be asked to.

FAISS' work space of tens of megabytes, and rows that were dropped, otherwise stay with the process as free memory.
"""

from __future__ import annotations

import ctypes


def give_back() -> None:
    """Takes from a tenth of a millisecond to some milliseconds, without the interpreter's lock; glibc only."""
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):  # another C library, or none that can be opened so
        return
    trim(0)
