"""One build: an index over one segment under construction, which may be left and gone on with between two calls.

It knows how to advance itself by one training iteration or one chunk of rows. Whether it may, and what became of
it, is the business of ``builds``.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fakemilvus.engine.index import Index
from fakemilvus.engine.kinds import Builder

CHUNK_S = 0.025
CHUNKS_PER_BUILD = 32
FIRST_CHUNK_ROWS = 256
ENDED = frozenset({"finished", "failed"})


@dataclass(frozen=True, slots=True)
class BuildStatus:
    """Where one build stands; ``phase`` is queued, training, assigning, held, finished or failed."""

    collection: str
    index: str
    segment_id: int
    phase: str
    trained: int
    train_steps: int
    indexed_rows: int
    total_rows: int

    def __str__(self) -> str:
        trained = f"trained {self.trained} of {self.train_steps}, " if self.train_steps else ""
        return (
            f"{self.collection}.{self.index}, segment {self.segment_id}: {self.phase}, "
            f"{trained}{self.indexed_rows} of {self.total_rows} rows"
        )


@dataclass(slots=True, eq=False)
class Build:
    """One index over one segment, under construction.

    ``make`` starts the construction; ``attach`` takes what was built and says whether it still had a place.
    ``credit`` and the two times are guarded by the lock of ``Builds``, ``cancelled`` is only ever set; what stands
    below them belongs to the thread that advances the build.
    """

    collection: str
    index: Index
    segment_id: int
    rows: int
    make: Callable[[], Builder]
    attach: Callable[[Any], bool]
    cancelled: bool = False
    credit: int = 0  # rows that a step still grants
    begun_s: float = 0.0  # when the build was last picked
    not_before_s: float = 0.0  # a rate lets it go on only then
    phase: str = "queued"
    builder: Builder | None = None
    trained: int = 0
    train_steps: int = 0
    done: int = 0
    rows_per_s: float = 0.0

    def advance(self, allowance: int) -> int:
        """One training iteration, or one chunk of at most ``allowance`` rows; returns the rows of the chunk."""
        if self.builder is None:
            self.builder = self.make()
            self.train_steps = self.builder.train_steps
        if self.trained < self.train_steps:
            self.phase = "training"
            self.builder.train(self.trained)
            self.trained += 1
            return 0
        self.phase = "assigning"
        chunk = min(self._chunk_rows(), allowance, self.rows - self.done)
        started = time.perf_counter()
        self.builder.add(self.done, self.done + chunk)
        self.rows_per_s = chunk / max(time.perf_counter() - started, 1e-9)
        self.done += chunk
        return chunk

    def publish(self) -> None:
        """Counts the rows that are done; the last ones only once the index is attached."""
        if self.done < self.rows:
            self.index.tracker.advance(self.segment_id, self.done)
            return
        assert self.builder is not None
        attached = self.attach(self.builder.finished())
        self.builder = None
        if attached:
            self.index.tracker.finish(self.segment_id)
            self.phase = "finished"
        else:
            self.cancelled = True

    def fail(self, reason: str) -> None:
        """Ends the build for good; its rows stay pending."""
        self.phase = "failed"
        self.builder = None
        self.index.tracker.fail(self.segment_id, reason)

    def status(self, phase: str = "") -> BuildStatus:
        return BuildStatus(
            self.collection,
            self.index.name,
            self.segment_id,
            phase or self.phase,
            self.trained,
            self.train_steps,
            self.done,
            self.rows,
        )

    def _chunk_rows(self) -> int:
        """The smaller of a 32nd of the rows and about 25 ms of work."""
        timed = int(self.rows_per_s * CHUNK_S) if self.rows_per_s else FIRST_CHUNK_ROWS
        return max(1, min(timed, -(-self.rows // CHUNKS_PER_BUILD)))
