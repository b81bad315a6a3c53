"""What was made of a column, kept for the next filter that asks, until the column's values are freed.

Columns never change, so what was made of one stays right. Something is kept from the second time on that it is made:
what is asked for once, such as a part of a column, pushes nothing out.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from numpy.typing import NDArray

from fakemilvus.datatypes import Column, Mask

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Entry(Generic[Made]):
    """``made`` is None where the column was seen once."""

    values: weakref.ref[NDArray[Any]]
    valid: Mask | None
    rows: int
    made: Made | None = None

    def is_of(self, column: Column) -> bool:
        return self.values() is column.values and self.valid is column.valid


class Remembered(Generic[Made]):
    """One kind of thing made of columns, for at most ``most_rows`` rows of them together; the oldest goes first."""

    def __init__(self, most_rows: int) -> None:
        self._most_rows = most_rows
        self._entries: dict[int, Entry[Made]] = {}
        self._keeping = threading.Lock()  # guards the eviction; look-ups need no lock

    def get(self, column: Column, make: Callable[[Column], Made]) -> Made:
        """What ``make`` makes of the column, or what it made of it before."""
        key = id(column.values)
        entry = self._entries.get(key)
        if entry is None or not entry.is_of(column):
            seen = weakref.ref(column.values, lambda _: self._entries.pop(key, None) and None)
            self._entries[key] = Entry(seen, column.valid, len(column))
            return make(column)
        if entry.made is not None:
            return entry.made
        made = make(column)
        if len(column) <= self._most_rows:
            self._keep(key, Entry(entry.values, entry.valid, entry.rows, made))
        return made

    @property
    def rows(self) -> int:
        """Of how many rows something is kept."""
        return sum(entry.rows for entry in [*self._entries.values()] if entry.made is not None)

    def _keep(self, key: int, entry: Entry[Made]) -> None:
        with self._keeping:
            self._entries.pop(key, None)  # so that it stands last
            for old in [*self._entries]:
                if self.rows + entry.rows <= self._most_rows:
                    break
                self._entries.pop(old, None)
            self._entries[key] = entry
