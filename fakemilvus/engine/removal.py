"""Which rows a delete or an upsert takes out: looked for outside the collection's lock, completed inside.

Looking for rows may take long (a filter over a million rows, keys that are sorted for the first time), so it is done
on a snapshot before the lock is taken. What was written meanwhile is then looked at under the lock: a few rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from fakemilvus.engine.keys import Rows
from fakemilvus.engine.segment import Segment

Finder = Callable[[Segment], Rows]
"""Row numbers, ascending, of the living rows of a segment that are to go."""

NOTHING = np.empty(0, np.intp)


@dataclass(frozen=True, slots=True)
class Removal:
    """The rows to take out. ``found`` maps a segment's id to how many rows it had then, and which of them go.

    ``within`` are the ids of the partitions that they may lie in; the segments of all others are not looked at.
    """

    find: Finder
    found: dict[int, tuple[int, Rows]]
    within: frozenset[int] | None = None

    @classmethod
    def of(cls, segments: Iterable[Segment], find: Finder, within: frozenset[int] | None = None) -> Removal:
        """What ``find`` says of these segments now."""
        looked_at = segments if within is None else [s for s in segments if s.partition_id in within]
        return cls(find, {segment.id: (segment.rows, find(segment)) for segment in looked_at}, within)

    def concerns(self, partition_id: int) -> bool:
        """Whether rows of a partition may go."""
        return self.within is None or partition_id in self.within

    def known(self, segment: Segment) -> Rows:
        """Of the rows that were there then, those that go; a segment that was made since is looked at now."""
        if segment.id in self.found:
            return self.found[segment.id][1]
        return self.find(segment) if segment.sealed else NOTHING

    def complete(self, segment: Segment) -> Rows:
        """Of the rows that are there now, those that go."""
        rows, found = self.found.get(segment.id, (-1, NOTHING))
        return found if rows == segment.rows else self.find(segment)

    @property
    def count(self) -> int:
        """How many rows were found at first."""
        return sum(len(found) for _, found in self.found.values())
