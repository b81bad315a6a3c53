"""Which rows a reader may see: not those whose time to live is over.

Source: the proxy's task_search.go and task_query.go, and segcore's Expr.cpp, Milvus 3.0. A collection's rows live for
``collection.ttl.seconds`` after they were written; with ``ttl_field``, each until the time in that field, or for ever
where it is null. What is hidden stays in memory until its collection or partition goes. A delete by filter finds it:
the request that the proxy's task_delete.go makes carries no time to live.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fakemilvus.clock import compose
from fakemilvus.datatypes import Mask
from fakemilvus.engine.definition import Definition
from fakemilvus.engine.segment import Segment
from fakemilvus.engine.snapshot import Snapshot


def unexpired(snapshot: Snapshot, definition: Definition, unix_ms: int) -> Snapshot:
    """The snapshot without the rows that have lived their time by this millisecond."""
    seconds, name = definition.ttl_seconds, definition.ttl_field
    if seconds <= 0 and name is None:
        return snapshot
    written = compose(max(0, unix_ms - 1000 * seconds + 1)) if seconds > 0 else 0
    field = snapshot.schema.by_name.get(name or "")
    field_id = None if field is None else field.id
    segments = tuple(_hidden(segment, _expired(segment, written, field_id, unix_ms)) for segment in snapshot.segments)
    return replace(snapshot, segments=segments)


def _expired(segment: Segment, written: int, field_id: int | None, unix_ms: int) -> Mask:
    """The rows that were written before a timestamp, or whose field says a time that is not to come."""
    if field_id is None:
        return np.asarray(segment.timestamps < np.uint64(written), np.bool_)
    column = segment.columns[field_id]
    over = np.asarray(column.values <= 1000 * unix_ms, np.bool_)
    return over if column.valid is None else over & column.valid


def _hidden(segment: Segment, expired: Mask) -> Segment:
    """The segment as if these rows were deleted."""
    if not expired.any():
        return segment
    return replace(segment, alive=~expired if segment.alive is None else segment.alive & ~expired)
