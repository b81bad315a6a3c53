"""Counting a flushed segment for an index, and the build that it needs, if any."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from fakemilvus.engine.build import Build
from fakemilvus.engine.builders import find_builder
from fakemilvus.engine.builds import Builds
from fakemilvus.engine.index import Index, IndexState, SegmentProgress
from fakemilvus.engine.options import Options
from fakemilvus.engine.segment import Segment
from fakemilvus.engine.selection import Subject


def count_segment(
    builds: Builds,
    options: Options,
    subject: Subject,
    index: Index,
    segment: Segment,
    attach: Callable[[Any], bool],
    gone: Sequence[int] = (),
) -> Build | None:
    """Counts the segment, instead of those that are gone; what needs no build is counted as indexed at once."""
    progress = SegmentProgress(segment.id, segment.rows, segment.last_timestamp)
    make, why = find_builder(index, segment, options)
    if why and not builds.steers(subject):
        builds.note_skipped(subject, f"{subject.collection}.{index.name}: {why} and was indexed at once")
        index.tracker.exchange(gone, (replace(progress, indexed_rows=segment.rows, state=IndexState.FINISHED),))
        return None
    index.tracker.exchange(gone, (progress,))
    return Build(subject.collection, index, segment.id, segment.rows, make, attach)
