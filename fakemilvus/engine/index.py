"""An index of a collection and the counters that clients watch.

Counting follows Milvus: only flushed segments count; ``total``, ``indexed`` and ``pending`` are sums over them;
the state looks only at segments that are no newer than the index (or than the request's timestamp). One choice
is ours: rows move from pending to indexed chunk by chunk inside a segment, not segment by segment.
"""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import TYPE_CHECKING

from fakemilvus.engine.json_paths import path_of
from fakemilvus.engine.selection import Subject

if TYPE_CHECKING:
    from fakemilvus.engine.schema import Field, Pairs


class IndexState(IntEnum):
    """Milvus' IndexState with its numbers on the wire."""

    NONE = 0
    UNISSUED = 1
    IN_PROGRESS = 2
    FINISHED = 3
    FAILED = 4
    RETRY = 5


@dataclass(frozen=True, slots=True)
class SegmentProgress:
    """How far one segment is for one index; ``newest`` is the timestamp of the segment's newest row.

    ``inherited_rows`` counted as indexed in the segments that were merged into this one: as in Milvus they do so until
    this one is indexed, deleted rows and all.
    """

    segment_id: int
    rows: int
    newest: int
    indexed_rows: int = 0
    state: IndexState = IndexState.IN_PROGRESS
    reason: str = ""
    inherited_rows: int = 0


@dataclass(frozen=True, slots=True)
class Counters:
    """What one rpc reads of an index: rows, state, and why it failed."""

    total_rows: int
    indexed_rows: int
    pending_index_rows: int
    state: IndexState
    fail_reason: str


@dataclass(frozen=True, slots=True)
class Progress:
    """One consistent reading of an index's counters, all in rows."""

    segments: tuple[SegmentProgress, ...] = ()
    total_rows: int = 0
    indexed_rows: int = 0
    pending_index_rows: int = 0

    def state(self, created: int, timestamp: int = 0) -> tuple[IndexState, str]:
        """The state and the fail reason, over the segments no newer than ``timestamp`` (0: than the index)."""
        seen = [s for s in self.segments if s.newest <= (timestamp or created)]
        failed = [s for s in seen if s.state is IndexState.FAILED]
        if failed:
            return IndexState.FAILED, "".join(f"{s.segment_id}: {s.reason};" for s in failed)
        if any(s.state is IndexState.IN_PROGRESS for s in seen):
            return IndexState.IN_PROGRESS, ""
        return IndexState.FINISHED, ""

    def counters(self, created: int, timestamp: int = 0) -> Counters:
        """The rows with the state, which alone looks at the timestamps."""
        return Counters(self.total_rows, self.indexed_rows, self.pending_index_rows, *self.state(created, timestamp))


class Tracker:
    """The counters of one index: written by its builds, read without a lock as one frozen Progress."""

    def __init__(self, whole_segments: bool = False) -> None:
        self.progress = Progress()
        self._lock = threading.Lock()  # guards _segments and the replacement of progress
        self._segments: dict[int, SegmentProgress] = {}
        self._whole_segments = whole_segments

    def add(self, segment: SegmentProgress) -> None:
        """Counts a segment that was flushed."""
        self.exchange((), (segment,))

    def exchange(self, gone: Iterable[int], come: Sequence[SegmentProgress]) -> None:
        """Counts some segments instead of others, which were merged into them, in one step."""
        with self._lock:
            parents = [self._segments.pop(i) for i in gone if i in self._segments]
            inherited = sum(self._counted(parent) for parent in parents)
            for number, segment in enumerate(come):
                heir = replace(segment, inherited_rows=inherited) if inherited and not number else segment
                self._segments[segment.segment_id] = heir
            self._locked_publish()

    def remove(self, segment_ids: Iterable[int]) -> None:
        """Counts segments no more, which were dropped or merged into others."""
        with self._lock:
            for segment_id in segment_ids:
                self._segments.pop(segment_id, None)
            self._locked_publish()

    def advance(self, segment_id: int, indexed_rows: int) -> None:
        """Moves rows of a segment from pending to indexed."""
        self._change(segment_id, indexed_rows=indexed_rows)

    def finish(self, segment_id: int) -> None:
        """Every row of the segment is indexed and the index is attached."""
        held = self._segments.get(segment_id)
        if held is not None:
            self._change(segment_id, indexed_rows=held.rows, state=IndexState.FINISHED)

    def fail(self, segment_id: int, reason: str) -> None:
        """The build of the segment failed for good; its rows stay pending."""
        self._change(segment_id, indexed_rows=0, state=IndexState.FAILED, reason=reason)

    def retry(self, segment_id: int) -> None:
        """The build of the segment starts again: its rows are pending and, as in Milvus, in progress."""
        self._change(segment_id, indexed_rows=0, state=IndexState.IN_PROGRESS, reason="")

    def indexed_elsewhere(self, segment_id: int) -> int:
        """The rows that count as indexed in all segments but this one."""
        return sum(s.indexed_rows for s in self.progress.segments if s.segment_id != segment_id)

    def _change(self, segment_id: int, **changes: object) -> None:
        with self._lock:
            held = self._segments.get(segment_id)
            if held is not None:
                self._segments[segment_id] = replace(held, **changes)  # type: ignore[arg-type]
                self._locked_publish()

    def _locked_publish(self) -> None:
        segments = tuple(self._segments.values())
        total = sum(s.rows for s in segments)
        indexed = sum(self._counted(s) for s in segments)
        pending = total - sum(self._done(s) for s in segments)
        self.progress = Progress(segments, total, indexed, pending)

    def _done(self, segment: SegmentProgress) -> int:
        if self._whole_segments and segment.state is not IndexState.FINISHED:
            return 0
        return segment.indexed_rows

    def _counted(self, segment: SegmentProgress) -> int:
        """The rows that count as indexed; they and those that are pending may be more than there are."""
        if segment.state is IndexState.FINISHED:
            return segment.rows
        return max(self._done(segment), segment.inherited_rows)


@dataclass(frozen=True, slots=True)
class Index:
    """The definition of an index; ``params`` are the client's, verbatim and in order.

    ``kind`` names the row of the kind tables that is really built, ``build_params`` its checked parameters;
    ``named`` is False when the client gave no name.
    """

    id: int
    name: str
    field: Field
    params: Pairs
    kind: str
    metric: str
    build_params: Mapping[str, object]
    created: int
    named: bool = True
    tracker: Tracker = dataclasses.field(default_factory=Tracker, compare=False)

    @property
    def default_name(self) -> str:
        """What the reference page calls an index without a name: by the id of its field, and its path."""
        return f"_default_idx_{self.field.id}{self.build_params.get('json_path', '')}"

    @property
    def asked_field(self) -> str:
        """What CreateIndex called the field; a key of the dynamic field has no field of its own."""
        return str(self.build_params.get("field_name", self.field.name))

    @property
    def described_field(self) -> str:
        """What DescribeIndex calls the field: the first key of a path, where that leads into the dynamic field."""
        path = path_of(str(self.build_params.get("json_path", "")))
        return path[0] if self.field.is_dynamic and path else self.field.name

    def subject(self, collection: str) -> Subject:
        """The names by which a rule may select its builds."""
        return Subject(collection, self.field.name, self.name, "" if self.named else self.default_name)

    def answers_to(self, name: str) -> bool:
        """Whether a look-up by this name means this index; the empty name means every index."""
        return name in ("", self.name) or (not self.named and name == self.default_name)
