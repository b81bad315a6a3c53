"""One build: an index over one segment under construction, which may be left and gone on with between two calls.

It knows how to advance itself by one training iteration or one chunk of rows. Whether it may, and what became of
it, is the business of ``builds``.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from fakemilvus.engine.modes import UNLIMITED, UNSTEERED, Steering
from fakemilvus.engine.selection import Subject

if TYPE_CHECKING:
    from fakemilvus.engine.families import Builder
    from fakemilvus.engine.index import Index

CHUNK_S = 0.025
CHUNKS_PER_BUILD = 32
FIRST_CHUNK_ROWS = 256
ROUNDING = 1e-6  # rows: times are binary fractions, and 0.29 s at 100 rows a second shall be 29 rows
ENDED = frozenset({"finished", "failed"})


@dataclass(frozen=True, slots=True)
class BuildStatus:
    """Where one build stands; ``phase`` is queued, training, assigning, held, finished or failed.

    ``mode`` is what steers it; ``why`` says what a build that stands still waits for, or why it was tried again;
    ``other_name`` is a second name that the index answers to.
    """

    collection: str
    index: str
    segment_id: int
    phase: str
    trained: int
    train_steps: int
    indexed_rows: int
    total_rows: int
    field: str = ""
    mode: str = "real"
    why: str = ""
    other_name: str = ""

    @property
    def subject(self) -> Subject:
        return Subject(self.collection, self.field, self.index, self.other_name)

    def __str__(self) -> str:
        trained = f"trained {self.trained} of {self.train_steps}, " if self.train_steps else ""
        return (
            f"{self.collection}.{self.index}, segment {self.segment_id}: {self.phase}, "
            f"{trained}{self.indexed_rows} of {self.total_rows} rows{f', {self.why}' if self.why else ''}"
        )


@dataclass(slots=True, eq=False)
class Build:
    """One index over one segment, under construction.

    ``make`` starts the construction; ``attach`` takes what was built and says whether it still had a place.
    ``cancelled`` is only ever set. From ``steering`` to ``retries`` everything is guarded by the lock of the queue;
    what stands below belongs to the thread that advances the build.
    """

    collection: str
    index: Index
    segment_id: int
    rows: int
    make: Callable[[], Builder]
    attach: Callable[[Any], bool]
    cancelled: bool = False
    steering: Steering = UNSTEERED
    credit: int = 0  # rows that a step still grants
    described: bool = False  # clients read the index as often as after_describes wants
    picked_s: float = 0.0  # when it was last picked
    paced_from_s: float = 0.0  # when a pace that follows the clock began,
    paced_from_rows: int = 0  # and how many rows were done then
    retries: list[str] = field(default_factory=list)
    phase: str = "queued"
    builder: Builder | None = None
    trained: int = 0
    train_steps: int = 0
    done: int = 0
    rows_per_s: float = 0.0

    @property
    def subject(self) -> Subject:
        return self.index.subject(self.collection)

    @property
    def is_trained(self) -> bool:
        return self.builder is not None and self.trained >= self.train_steps

    def to_stop(self) -> int:
        """How many rows may still count before the index is where it shall stop."""
        target = self.steering.stop.target(self.index.tracker.progress.total_rows)
        if target >= UNLIMITED:
            return UNLIMITED
        return max(0, target - self.index.tracker.indexed_elsewhere(self.segment_id) - self.done)

    def to_pace(self, now_s: float) -> int:
        """How many more rows the pace lets count at this moment."""
        pace = self.steering.pace
        if pace.follows_clock:
            due = self.paced_from_rows + (now_s - self.paced_from_s) * self._rows_per_s()
            return max(0, min(self.rows, math.floor(due + ROUNDING)) - self.done)
        return 0 if pace.kind == "after_describes" and not self.described else UNLIMITED

    def allowance(self, now_s: float) -> int:
        """How many rows may count at this moment; a step's rows count whatever the mode."""
        return self.credit or min(self.to_stop(), self.to_pace(now_s))

    def due_s(self) -> float:
        """When a pace that follows the clock lets the next row count."""
        return self.paced_from_s + (self.done + 1 - self.paced_from_rows) / self._rows_per_s()

    def steer(self, steering: Steering, now_s: float) -> None:
        """Obeys other rules from now on: a new stop takes back what a step granted, a new pace starts here."""
        held, paced = self.steering.stop_rule != steering.stop_rule, self.steering.pace_rule != steering.pace_rule
        self.steering = steering
        if held:
            self.credit = 0
        if paced:
            self.described = False
        if paced or (held and steering.pace.kind == "rate"):
            self.pace_from(now_s)

    def pace_from(self, now_s: float) -> None:
        """Starts the pace here, so that rows which were not counted while the build stood are not caught up with."""
        self.paced_from_s, self.paced_from_rows = now_s, self.done

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
        if not chunk:
            return 0
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

    def retry(self, reason: str) -> None:
        """Starts again from nothing, as Milvus does when the worker asks for another try."""
        self.phase = "queued"
        self.builder = None
        self.trained = self.done = 0
        self.index.tracker.retry(self.segment_id)
        self.retries.append(reason)

    def status(self, phase: str = "", why: str = "") -> BuildStatus:
        return BuildStatus(
            self.collection,
            self.index.name,
            self.segment_id,
            phase or self.phase,
            self.trained,
            self.train_steps,
            self.done,
            self.rows,
            self.index.field.name,
            str(self.steering),
            "; ".join(part for part in (why, self._retried()) if part),
            self.subject.other,
        )

    def _retried(self) -> str:
        if not self.retries:
            return ""
        times = "once" if len(self.retries) == 1 else f"{len(self.retries)} times"
        return f"tried again {times}: {self.retries[-1]}"

    def _rows_per_s(self) -> float:
        return self.steering.pace.rows_per_s(self.rows - self.paced_from_rows)

    def _chunk_rows(self) -> int:
        """The smaller of a 32nd of the rows and about 25 ms of work."""
        timed = int(self.rows_per_s * CHUNK_S) if self.rows_per_s else FIRST_CHUNK_ROWS
        return max(1, min(timed, -(-self.rows // CHUNKS_PER_BUILD)))
