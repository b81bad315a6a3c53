"""One build: its chunks, and when its rows count."""

from __future__ import annotations

from fakemilvus.engine.build import CHUNKS_PER_BUILD, FIRST_CHUNK_ROWS
from tests.engine.making import ObedientBuilder, make_build, make_index

ALL = 1 << 30


def _run(build, allowance=ALL):
    chunks = []
    while build.done < build.rows:
        chunks.append(build.advance(allowance))
    return chunks


def test_trains_step_by_step_before_any_row():
    """A build trains one iteration a call, in order, and only then adds rows."""
    builder = ObedientBuilder(train_steps=3)
    build = make_build(make_index(), builder=builder)
    assert [build.advance(ALL) for _ in range(3)] == [0, 0, 0]
    assert builder.trained == [0, 1, 2]
    assert not builder.ranges


def test_chunks_are_at_most_a_32nd():
    """No chunk holds more than a 32nd of the rows, so a build shows at least 32 values."""
    chunks = _run(make_build(make_index(), rows=3_200))
    assert max(chunks) <= 100
    assert len(chunks) >= CHUNKS_PER_BUILD


def test_first_chunk_is_small():
    """The first chunk is small whatever the segment's size, because the kind's speed is not known yet."""
    assert make_build(make_index(), rows=1_000_000).advance(ALL) == FIRST_CHUNK_ROWS


def test_ranges_join_without_gap():
    """The chunks cover every row once, in order."""
    builder = ObedientBuilder()
    _run(make_build(make_index(), rows=1_001, builder=builder), allowance=7)
    assert [start for start, _ in builder.ranges] == [0, *(stop for _, stop in builder.ranges[:-1])]
    assert builder.ranges[-1][1] == 1_001


def test_allowance_is_never_exceeded():
    """A chunk is clipped to the allowance."""
    assert max(_run(make_build(make_index(), rows=500), allowance=3)) == 3


def test_last_rows_count_after_attaching():
    """While the index is being attached, the last chunk is still pending."""
    index = make_index()
    seen = []

    def attach(built):
        seen.append((built, index.tracker.progress.indexed_rows))
        return True

    build = make_build(index, rows=100, attach=attach)
    while build.phase != "finished":
        build.advance(10)
        build.publish()
    ((built, counted),) = seen
    assert built == "built"
    assert counted < 100
    assert index.tracker.progress.indexed_rows == 100


def test_without_a_place_it_is_cancelled():
    """A build whose segment or index is gone when it ends is cancelled, not finished, and counts nothing more."""
    index = make_index()
    build = make_build(index, rows=10, attach=lambda built: False)
    _run(build)
    build.publish()
    assert build.cancelled
    assert build.phase != "finished"
    assert index.tracker.progress.indexed_rows == 0


def test_status_reads_as_a_sentence():
    """A status names collection, index, segment, phase and counts."""
    text = str(make_build(make_index(name="i"), rows=10, segment_id=7).status())
    assert text == "c.i, segment 7: queued, 0 of 10 rows"
