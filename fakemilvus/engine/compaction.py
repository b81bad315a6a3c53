"""Compaction: which segments are merged, and the merged ones, without their deleted rows.

Pure: it knows segments and snapshots, no locks, no threads and no collection. Following Milvus 3.0, a compaction that
a client asks for takes every flushed segment of a partition whose vector indexes are done, a single one too.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from fakemilvus import errors, limits
from fakemilvus.datatypes import Column, Mask, concatenate
from fakemilvus.engine.index import IndexState
from fakemilvus.engine.keys import KeyOrder, Rows, ranks
from fakemilvus.engine.schema import Field, Schema
from fakemilvus.engine.segment import Origin, Segment
from fakemilvus.engine.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class CompactionRequest:
    """What a client asks for; what is 0, empty or False it did not say.

    level_zero: only deletes that wait in segments of their own, of which there are none here: deletes apply at once.
    shard: only segments of this one; None is any.
    target_mb: merge up to so large segments, as large as a million rows when it says Milvus' usual 1,024.
    """

    partition_id: int = 0
    segment_ids: tuple[int, ...] = ()
    clustering: bool = False
    level_zero: bool = False
    target_mb: int = 0
    shard: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Segments of one shard of a partition to be merged, into segments of at most ``limit_rows`` rows.

    ``order_by`` is the clustering key by which the rows are ordered, if any.
    """

    parents: tuple[Segment, ...]
    limit_rows: int
    order_by: Field | None = None


@dataclass(frozen=True, slots=True)
class Merge:
    """Merged segments, and where their rows come from.

    ``kept`` holds, for each parent, the numbers of the rows that were not deleted; ``order`` maps the places of all
    made rows to places among all kept ones, or is None where they are the same.
    """

    parents: tuple[Segment, ...]
    kept: tuple[Rows, ...]
    order: Rows | None
    made: tuple[Segment, ...]

    def caught_up(self, now: Sequence[Segment]) -> tuple[Segment, ...]:
        """The merged segments without the rows that were deleted from the parents meanwhile; ``now`` is what the
        parents have become.
        """
        if all(one.alive is other.alive for one, other in zip(now, self.parents, strict=True)):
            return self.made
        dead = np.concatenate([~_alive(parent)[rows] for parent, rows in zip(now, self.kept, strict=True)])
        if self.order is not None:
            dead = dead[self.order]
        stops = np.cumsum([segment.rows for segment in self.made])[:-1]
        parts = np.split(dead, stops)
        return tuple(
            segment.without(np.flatnonzero(part)) if part.any() else segment
            for segment, part in zip(self.made, parts, strict=True)
        )


def plan_compaction(
    snapshot: Snapshot, request: CompactionRequest, segment_rows: int, busy: Collection[int] = ()
) -> list[Plan]:
    """What is to be merged; ``busy`` has the ids of segments that are being merged already.

    Raises TargetSizeTooSmall, and SegmentsNotCompactable when segments were named that cannot be merged now.
    """
    if request.target_mb and request.target_mb < limits.SEGMENT_MB:
        raise errors.TargetSizeTooSmall(target=request.target_mb, least=limits.SEGMENT_MB)
    chosen = [s for s in snapshot.segments if s.sealed and s.id not in busy and _is_wanted(s, request)]
    if request.target_mb:
        limit_rows = segment_rows * request.target_mb // limits.SEGMENT_MB
        return [Plan(tuple(group), limit_rows) for group in _by_shard(chosen)]
    if request.level_zero:
        return []
    if request.clustering:
        key = snapshot.schema.clustering_key
        groups = _by_shard(chosen) if key is not None else []
        return [Plan(tuple(group), segment_rows, key) for group in groups]
    ready = _indexed(snapshot, chosen)
    if request.segment_ids and len(ready) < len(request.segment_ids):
        raise errors.SegmentsNotCompactable
    groups = _by_shard(ready)
    return [Plan(packed, segment_rows) for group in groups for packed in _packed(group, segment_rows)]


def merge(plan: Plan, schema: Schema, timestamp: int, new_id: Callable[[], int]) -> Merge:
    """The living rows of the plan's segments as new segments; none, when no row lives."""
    kept = tuple(np.flatnonzero(_alive(parent)) for parent in plan.parents)
    columns = {field.id: _join(plan.parents, kept, field) for field in schema.stored}
    times = np.concatenate([parent.timestamps[rows] for parent, rows in zip(plan.parents, kept, strict=True)])
    order = None if plan.order_by is None else _order(columns[plan.order_by.id])
    origin = Origin(tuple(parent.id for parent in plan.parents), timestamp, clustered=plan.order_by is not None)
    made = []
    for start in range(0, len(times), plan.limit_rows):
        part = slice(start, min(start + plan.limit_rows, len(times)))
        rows = part if order is None else order[part]
        made.append(
            Segment(
                id=new_id(),
                partition_id=plan.parents[0].partition_id,
                shard=plan.parents[0].shard,
                schema=schema,
                columns={i: column.take(rows) for i, column in columns.items()},
                timestamps=times[rows],
                key_order=KeyOrder(),
                sealed=True,
                origin=origin,
            )
        )
    return Merge(plan.parents, kept, order, tuple(made))


# -- private ---------------------------------------------------------------------------------------------------


def _is_wanted(segment: Segment, request: CompactionRequest) -> bool:
    """Milvus leaves clustered segments alone, but for clustering again."""
    return (
        (request.partition_id in (0, segment.partition_id))
        and (request.shard in (None, segment.shard))
        and (not request.segment_ids or segment.id in request.segment_ids)
        and (request.clustering or not segment.clustered)
    )


def _indexed(snapshot: Snapshot, segments: Iterable[Segment]) -> list[Segment]:
    """The segments whose vector fields are all indexed; all segments of a collection without any index."""
    if not snapshot.indexes:
        return list(segments)
    indexes = [snapshot.index_of(field.id) for field in snapshot.schema.vector_fields]
    done = [
        set() if index is None else {s.segment_id for s in index.tracker.progress.segments if s.state is _FINISHED}
        for index in indexes
    ]
    return [segment for segment in segments if all(segment.id in ids for ids in done)]


def _by_shard(segments: Iterable[Segment]) -> list[list[Segment]]:
    groups: dict[tuple[int, int], list[Segment]] = {}
    for segment in segments:
        groups.setdefault((segment.partition_id, segment.shard), []).append(segment)
    return list(groups.values())


def _packed(segments: Iterable[Segment], limit_rows: int) -> list[tuple[Segment, ...]]:
    """Neighbours together as long as their living rows make no more than one segment."""
    packs: list[list[Segment]] = []
    room = 0
    for segment in segments:
        rows = int(_alive(segment).sum())
        if not packs or rows > room:
            packs.append([])
            room = limit_rows
        packs[-1].append(segment)
        room -= rows
    return [tuple(pack) for pack in packs]


def _alive(segment: Segment) -> Mask:
    return np.ones(segment.rows, np.bool_) if segment.alive is None else segment.alive


def _join(segments: Sequence[Segment], kept: Sequence[Rows], field: Field) -> Column:
    return concatenate([segment.columns[field.id].take(rows) for segment, rows in zip(segments, kept, strict=True)])


def _order(column: Column) -> Rows:
    """The rows by ascending value, those that are null first."""
    keys = ranks(column.values)
    if column.valid is None:
        return np.argsort(keys, kind="stable")
    return np.lexsort((keys, column.valid))


_FINISHED = IndexState.FINISHED
