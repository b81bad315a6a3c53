"""An index's definition and its counters."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fakemilvus.engine.index import IndexState, SegmentProgress, Tracker
from tests.engine.making import make_index

CREATED = 100


def _counts(tracker):
    progress = tracker.progress
    return progress.total_rows, progress.indexed_rows, progress.pending_index_rows


def test_no_segments_is_finished():
    """An index of an empty collection is finished, with nothing counted."""
    tracker = Tracker()
    assert _counts(tracker) == (0, 0, 0)
    assert tracker.progress.state(CREATED) == (IndexState.FINISHED, "")


def test_rows_move_from_pending_to_indexed():
    """Each chunk moves rows from pending to indexed, over all segments together."""
    tracker = Tracker()
    tracker.add(SegmentProgress(1, 100, newest=5))
    tracker.add(SegmentProgress(2, 50, newest=6))
    tracker.advance(1, 30)
    assert _counts(tracker) == (150, 30, 120)
    tracker.finish(1)
    tracker.finish(2)
    assert _counts(tracker) == (150, 150, 0)


def test_a_reading_never_changes():
    """A progress that was read stays as it was."""
    tracker = Tracker()
    tracker.add(SegmentProgress(1, 100, newest=5))
    read = tracker.progress
    tracker.finish(1)
    assert (read.indexed_rows, read.pending_index_rows) == (0, 100)


def test_whole_segments_on_request():
    """progress="segment" counts a segment's rows all at once when it is done, as Milvus does."""
    tracker = Tracker(whole_segments=True)
    tracker.add(SegmentProgress(1, 100, newest=5))
    tracker.advance(1, 99)
    assert _counts(tracker) == (100, 0, 100)
    tracker.finish(1)
    assert _counts(tracker) == (100, 100, 0)


def test_newer_segments_do_not_count_for_the_state():
    """Rows flushed after the index was created are pending, yet the state is finished, as in Milvus."""
    tracker = Tracker()
    tracker.add(SegmentProgress(1, 100, newest=CREATED + 1))
    assert tracker.progress.state(CREATED) == (IndexState.FINISHED, "")
    assert _counts(tracker) == (100, 0, 100)


@pytest.mark.parametrize("timestamp", [CREATED + 1, 2**63 - 1, 2**64 - 1])
def test_a_timestamp_takes_newer_segments_in(timestamp):
    """A request's timestamp decides which segments the state looks at."""
    tracker = Tracker()
    tracker.add(SegmentProgress(1, 100, newest=CREATED + 1))
    assert tracker.progress.state(CREATED, timestamp) == (IndexState.IN_PROGRESS, "")


def test_older_segments_count_for_the_state():
    """A segment that is no newer than the index keeps it in progress until it is done."""
    tracker = Tracker()
    tracker.add(SegmentProgress(1, 100, newest=CREATED))
    assert tracker.progress.state(CREATED)[0] is IndexState.IN_PROGRESS
    tracker.finish(1)
    assert tracker.progress.state(CREATED)[0] is IndexState.FINISHED


def test_failures_are_named_by_segment():
    """Failed goes before in progress; each failed segment adds its id and reason; its rows are pending."""
    tracker = Tracker()
    for segment_id in (1, 2, 3):
        tracker.add(SegmentProgress(segment_id, 10, newest=5))
    tracker.advance(1, 7)
    tracker.fail(1, "no space")
    tracker.fail(3, "no luck")
    assert tracker.progress.state(CREATED) == (IndexState.FAILED, "1: no space;3: no luck;")
    assert _counts(tracker) == (30, 0, 30)


def test_a_failure_in_a_newer_segment_is_not_seen():
    """The state overlooks the failure of a segment that is newer than the index."""
    tracker = Tracker()
    tracker.add(SegmentProgress(1, 10, newest=CREATED + 1))
    tracker.fail(1, "no space")
    assert tracker.progress.state(CREATED) == (IndexState.FINISHED, "")


def test_unknown_segments_are_passed_over():
    """Progress of a segment that nobody counted changes nothing."""
    tracker = Tracker()
    tracker.advance(1, 5)
    tracker.finish(1)
    assert _counts(tracker) == (0, 0, 0)


def test_indexed_elsewhere_leaves_one_out():
    """The rows counted elsewhere are those of every other segment."""
    tracker = Tracker()
    tracker.add(SegmentProgress(1, 100, 5, indexed_rows=40))
    tracker.add(SegmentProgress(2, 100, 5, indexed_rows=7))
    assert tracker.indexed_elsewhere(1) == 7


def test_names_an_index_answers_to():
    """A named index answers to its name and to the empty one; an unnamed one to the reference page's name too."""
    named = make_index(name="mine")
    assert [named.answers_to(name) for name in ("mine", "", "_default_idx_102", "other")] == [True, True, False, False]


def test_an_unnamed_index_answers_to_the_page_s_name():
    """An index without a name is found as _default_idx_<field id>."""
    assert replace(make_index(name="vector"), named=False).answers_to("_default_idx_102")
