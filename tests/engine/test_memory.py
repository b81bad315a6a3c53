"""Giving freed memory back."""

from __future__ import annotations

import ctypes

from fakemilvus.engine.memory import give_back


def test_asks_the_c_library(monkeypatch):
    """Where the C library can trim, it is asked to trim everything."""
    asked = []

    class Library:
        malloc_trim = staticmethod(asked.append)

    monkeypatch.setattr(ctypes, "CDLL", lambda name: Library)
    give_back()
    assert asked == [0]


def test_is_silent_where_there_is_nothing_to_ask(monkeypatch):
    """Another C library is left alone."""
    monkeypatch.setattr(ctypes, "CDLL", lambda name: object())
    give_back()
