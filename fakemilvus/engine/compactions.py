"""The compactions of one server: what clients asked for, and the thread in which segments are merged.

Readers and writers go on meanwhile: a merge works on segments that never change, and deletes that arrive while it
runs are carried over when the merged segments take their place. The thread starts with the first compaction and ends
when there is nothing left to do.
"""

from __future__ import annotations

import threading
import traceback
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import TYPE_CHECKING

from fakemilvus.clock import Clock
from fakemilvus.engine.memory import give_back

if TYPE_CHECKING:
    from fakemilvus.engine.collection import Collection
    from fakemilvus.engine.compaction import CompactionRequest, Plan
    from fakemilvus.engine.segment import Segment

TASKS_KEPT = 1_000
NOTHING_TO_DO = -1


class TaskState(IntEnum):
    """How far a task is, with Milvus' numbers on the wire."""

    EXECUTING = 1
    PIPELINING = 2
    COMPLETED = 3
    FAILED = 4


LIVE = frozenset({TaskState.PIPELINING, TaskState.EXECUTING})


@dataclass(frozen=True, slots=True)
class Task:
    """One plan of a compaction and what became of it: segment ids before and after."""

    plan_id: int
    compaction_id: int
    collection_id: int
    partition_id: int
    shard: int
    sources: tuple[int, ...]
    clustering: bool
    state: TaskState = TaskState.PIPELINING
    targets: tuple[int, ...] = ()
    reason: str = ""


class Compactions:
    """Starts compactions and remembers the last of them. Every method may be called from any thread."""

    def __init__(self, clock: Clock) -> None:
        self.on_bug: Callable[[str, str], None] = lambda where, trace: None
        self._clock = clock
        self._lock = threading.Lock()  # guards everything below
        self._tasks: dict[int, Task] = {}  # by plan id, oldest first
        self._waiting: deque[tuple[int, Collection, Plan]] = deque()
        self._worker: threading.Thread | None = None
        self._stopped = False

    def start(self, collection: Collection, request: CompactionRequest) -> tuple[int, int]:
        """Starts merging; the compaction's id and how many plans it has, -1 and 0 when there is nothing to merge."""
        from fakemilvus.engine.compaction import plan_compaction

        with self._lock:
            busy = {i for task in self._tasks.values() if task.state in LIVE for i in task.sources}
            plans = plan_compaction(collection.snapshot, request, collection.segment_rows, busy)
            if not plans:
                return NOTHING_TO_DO, 0
            compaction_id = self._clock.timestamp()
            for plan in plans:
                self._locked_add(compaction_id, collection, plan)
            if self._worker is None and not self._stopped:
                self._worker = threading.Thread(target=self._work, name="fakemilvus-compaction", daemon=True)
                self._worker.start()
        return compaction_id, len(plans)

    def tasks(self, compaction_id: int) -> list[Task]:
        """The tasks of one compaction; none, for an id that is unknown."""
        with self._lock:
            return [task for task in self._tasks.values() if task.compaction_id == compaction_id]

    def tasks_of(self, collection_id: int) -> list[Task]:
        """All tasks of a collection that are remembered, oldest first."""
        with self._lock:
            return [task for task in self._tasks.values() if task.collection_id == collection_id]

    def reset(self) -> None:
        """Forgets everything; a merge that is running finds its collection gone."""
        with self._lock:
            self._tasks.clear()
            self._waiting.clear()

    def stop(self) -> None:
        """Ends the thread after the merge at hand; only ``resume`` may be called then."""
        with self._lock:
            self._stopped = True
            self._waiting.clear()
            worker = self._worker
        if worker is not None:
            worker.join()

    def resume(self) -> None:
        """Takes compactions again after ``stop``."""
        with self._lock:
            self._stopped = False

    # -- the thread ------------------------------------------------------------------------------------------------

    def _locked_add(self, compaction_id: int, collection: Collection, plan: Plan) -> None:
        plan_id = self._clock.timestamp()
        self._tasks[plan_id] = Task(
            plan_id=plan_id,
            compaction_id=compaction_id,
            collection_id=collection.id,
            partition_id=plan.parents[0].partition_id,
            shard=plan.parents[0].shard,
            sources=tuple(segment.id for segment in plan.parents),
            clustering=plan.order_by is not None,
        )
        ended = [i for i, task in self._tasks.items() if task.state not in LIVE]
        for old in ended[: max(0, len(self._tasks) - TASKS_KEPT)]:
            del self._tasks[old]
        self._waiting.append((plan_id, collection, plan))

    def _work(self) -> None:
        while self._work_once():
            give_back()

    def _work_once(self) -> bool:
        """Merges what is first in the queue; False when nothing is. Of its own, so that no frame keeps old rows."""
        with self._lock:
            if not self._waiting:
                self._worker = None
                return False
            plan_id, collection, plan = self._waiting.popleft()
        self._set(plan_id, state=TaskState.EXECUTING)
        try:
            targets = compact(collection, plan, self._clock)
        except Exception as problem:  # noqa: BLE001 - a merge must never take the thread with it
            self._set(plan_id, state=TaskState.FAILED, reason=f"{type(problem).__name__}: {problem}")
            self.on_bug(f"compaction of {collection.definition.name}", traceback.format_exc())
            return True
        if targets is None:
            self._set(plan_id, state=TaskState.FAILED, reason="a segment was dropped meanwhile")
        else:
            self._set(plan_id, state=TaskState.COMPLETED, targets=targets)
        return True

    def _set(self, plan_id: int, **changes: object) -> None:
        with self._lock:
            if plan_id in self._tasks:
                self._tasks[plan_id] = replace(self._tasks[plan_id], **changes)  # type: ignore[arg-type]


def compact(collection: Collection, plan: Plan, clock: Clock) -> tuple[int, ...] | None:
    """Merges a plan's segments and puts the merged ones in their place; returns their ids, None when one is gone.

    Rows whose time to live is over go too. Starts again where the schema changed meanwhile, and with it every segment.
    """
    from fakemilvus.engine.compaction import merge
    from fakemilvus.engine.visibility import unexpired

    ids = [segment.id for segment in plan.parents]
    while True:
        snapshot = collection.snapshot
        parents = tuple(segment for segment in snapshot.segments if segment.id in ids)
        if len(parents) < len(ids) or collection.dropped:
            return None
        living = unexpired(replace(snapshot, segments=parents), collection.definition, clock.unix_ms()).segments
        merged = merge(replace(plan, parents=living), snapshot.schema, clock.timestamp(), clock.timestamp)
        freed_bytes = _size_bytes(parents) - _size_bytes(merged.made)
        if collection.exchange(snapshot.schema, ids, merged.caught_up, freed_bytes):
            return tuple(segment.id for segment in merged.made)


def _size_bytes(segments: Iterable[Segment]) -> int:
    return sum(column.size_bytes for segment in segments for column in segment.columns.values())
