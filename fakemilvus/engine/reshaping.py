"""A collection's state under another schema: the rows stay where they are, and get or lose columns.

A column that rows did not bring is its field's default in every row, or null, and takes no memory for it. A field that
was altered keeps its column. Indexes of fields that are gone go with them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from fakemilvus.engine.schema import Schema
from fakemilvus.engine.segment import Segment
from fakemilvus.engine.snapshot import Snapshot


def reshaped(snapshot: Snapshot, schema: Schema, growing: Sequence[Segment]) -> Snapshot:
    """The snapshot under this schema; ``growing`` are its growing segments, which have its columns already."""
    kept = schema.by_id
    indexes = tuple(index for index in snapshot.indexes if index.field.id in kept)
    gone = {index.id for index in snapshot.indexes if index.field.id not in kept}
    sealed = [_without_built(segment.reshaped(schema), gone) for segment in snapshot.segments if segment.sealed]
    fields = None if snapshot.load_fields is None else snapshot.load_fields & kept.keys()
    return replace(snapshot, schema=schema, segments=(*sealed, *growing), indexes=indexes, load_fields=fields)


def computed_bytes(before: Snapshot, after: Snapshot) -> int:
    """The memory of the columns that functions made of rows which were there when their fields were added."""
    added = after.schema.by_id.keys() - before.schema.by_id.keys()
    made = [field_id for field_id in added if after.schema.by_id[field_id].name in after.schema.computed]
    return sum(segment.columns[field_id].size_bytes for segment in after.segments for field_id in made)


def lost_bytes(snapshot: Snapshot, schema: Schema) -> int:
    """The memory of the columns that the snapshot has and this schema has not."""
    lost = snapshot.schema.by_id.keys() - schema.by_id.keys()
    return sum(segment.columns[field_id].size_bytes for segment in snapshot.segments for field_id in lost)


def _without_built(segment: Segment, gone: set[int]) -> Segment:
    return replace(segment, built={i: built for i, built in segment.built.items() if i not in gone})
