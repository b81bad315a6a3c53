"""The queue of builds, its thread, and the verbs that steer them."""

from __future__ import annotations

import threading

import pytest

from fakemilvus.clock import ManualClock
from fakemilvus.engine.builds import Builds, HoldNotReached
from fakemilvus.engine.index import IndexState, SegmentProgress
from fakemilvus.engine.scripts import Reading
from tests.engine.making import ObedientBuilder, make_build, make_index


def _counted(index):
    return index.tracker.progress.indexed_rows


def _phases(builds):
    return [status.phase for status in builds.status()]


def test_builds_finish_in_order(builds):
    """Every submitted build finishes, in the order of submission."""
    indexes = [make_index(i, f"i{i}") for i in range(3)]
    for index in indexes:
        builds.submit(make_build(index))
    ended = builds.wait(10)
    assert [(s.index, s.phase) for s in ended] == [("i0", "finished"), ("i1", "finished"), ("i2", "finished")]
    assert [_counted(index) for index in indexes] == [3_200] * 3


def test_progress_is_consistent_and_only_grows(builds):
    """Every reading adds up to the total, and indexed rows only grow."""
    index, readings = make_index(), []
    publish = index.tracker._locked_publish

    def recording():
        publish()
        readings.append(index.tracker.progress)

    index.tracker._locked_publish = recording
    builds.submit(make_build(index))
    builds.wait(10)
    assert all(p.total_rows == p.indexed_rows + p.pending_index_rows for p in readings)
    assert [p.indexed_rows for p in readings] == sorted({p.indexed_rows for p in readings})
    assert len(readings) > 20


# -- hold, release, step -----------------------------------------------------------------------------------------


def test_hold_before_training(builds):
    """A hold that stands before a build comes keeps it from even training."""
    builder = ObedientBuilder(train_steps=2)
    builds.hold()
    builds.submit(make_build(make_index(), builder=builder))
    (status,) = builds.wait(10)
    assert (status.phase, status.trained, status.indexed_rows) == ("held", 0, 0)
    assert not builder.trained


def test_hold_during_training(builds):
    """A hold in the middle of training lets the iteration end and stands before the next."""
    gate = threading.Event()
    builder = ObedientBuilder(train_steps=5, gate=gate)
    builds.submit(make_build(make_index(), builder=builder))
    assert builder.entered.wait(10)
    builds.hold()
    gate.set()
    (status,) = builds.wait(10)
    assert (status.phase, status.trained) == ("held", 1)


def test_release_finishes(builds):
    """Released builds run to their end."""
    index = make_index()
    builds.hold()
    builds.submit(make_build(index))
    builds.wait(10)
    builds.release()
    assert [s.phase for s in builds.wait(10)] == ["finished"]
    assert _counted(index) == 3_200


@pytest.mark.parametrize(
    ("rows", "fraction", "expected"), [(5_000, 0.4, 2_000), (1_003, 0.5, 502), (10_000, 0.29, 2_900)]
)
def test_hold_at_fraction_is_exact(builds, rows, fraction, expected):
    """hold_at(fraction) stops at exactly that share of the rows."""
    index = make_index()
    builds.hold_at(fraction=fraction)
    builds.submit(make_build(index, rows=rows))
    (status,) = builds.wait(10)
    assert (status.phase, status.indexed_rows, _counted(index)) == ("held", expected, expected)
    assert index.tracker.progress.pending_index_rows == rows - expected


def test_hold_at_rows_is_exact(builds):
    """hold_at(rows) stops at exactly so many rows."""
    index = make_index()
    builds.hold_at(rows=1_234)
    builds.submit(make_build(index))
    builds.wait(10)
    assert _counted(index) == 1_234


def test_hold_at_counts_all_segments_of_an_index(builds):
    """A fraction is of the whole index: with segments of 1,000, 2,000 and 3,000 rows, 40 % is 2,400 rows."""
    index = make_index()
    made = [make_build(index, rows, segment_id=i) for i, rows in enumerate((1_000, 2_000, 3_000))]
    builds.hold_at(fraction=0.4)
    for build in made:
        builds.submit(build)
    builds.wait(10)
    assert _counted(index) == 2_400


def test_hold_at_counts_each_index(builds):
    """Two indexes stop each at its own share; neither keeps the other from it."""
    first, second = make_index(1), make_index(2)
    builds.hold_at(fraction=0.5)
    builds.submit(make_build(first, 1_000))
    builds.submit(make_build(second, 500))
    builds.wait(10)
    assert (_counted(first), _counted(second)) == (500, 250)


def test_hold_at_the_whole_is_no_hold(builds):
    """hold_at(fraction=1) is reached by finishing, so waiting for it is no error."""
    builds.hold_at(fraction=1)
    builds.submit(make_build(make_index()))
    assert [s.phase for s in builds.wait(10)] == ["finished"]


def test_step_is_exact(builds):
    """A step of 10 counts exactly 10 rows, again and again, and the build is held after each."""
    index = make_index()
    builds.hold_at(fraction=0.4)
    builds.submit(make_build(index, 5_000))
    for expected in (2_010, 2_020, 2_030):
        builds.step(10, 10)
        assert (_counted(index), _phases(builds)) == (expected, ["held"])


def test_step_trains_first(builds):
    """Stepping a build that was held before training trains it and counts exactly the rows."""
    index, builder = make_index(), ObedientBuilder(train_steps=3)
    builds.hold()
    builds.submit(make_build(index, builder=builder))
    builds.step(10, 10)
    assert builder.trained == [0, 1, 2]
    assert _counted(index) == 10


def test_step_moves_each_index_by_the_rows(builds):
    """Each index with held builds counts the step's rows, spread over its segments in order."""
    first, second = make_index(1), make_index(2)
    made = [make_build(first, 6, 1), make_build(first, 100, 2), make_build(second, 100, 3)]
    builds.hold()
    for build in made:
        builds.submit(build)
    builds.step(10, 10)
    assert (_counted(first), _counted(second)) == (10, 10)


def test_step_may_finish(builds):
    """A step past the end finishes the build."""
    index = make_index()
    builds.hold()
    builds.submit(make_build(index, 30))
    builds.step(1_000, 10)
    assert _phases(builds) == ["finished"]
    assert _counted(index) == 30


def test_step_without_a_hold_says_so(builds):
    """A step where nothing is held raises, and names the missing hold."""
    with pytest.raises(HoldNotReached, match="call hold or hold_at first"):
        builds.step(10)


def test_hold_takes_back_a_step(builds):
    """A hold while a step is under way ends the step after the chunk."""
    gate = threading.Event()
    builder = ObedientBuilder(train_steps=1, gate=gate)
    index = make_index()
    builds.hold()
    builds.submit(make_build(index, builder=builder))
    stepping = threading.Thread(target=builds.step, args=(10, 10))
    stepping.start()
    assert builder.entered.wait(10)
    builds.hold()
    gate.set()
    stepping.join(10)
    assert _counted(index) == 0
    assert _phases(builds) == ["held"]


def test_a_held_build_gives_its_thread_back(builds):
    """A build that is held at its share does not keep the next index from finishing."""
    first, second = make_index(1), make_index(2)
    builds.hold_at(rows=100)
    builds.submit(make_build(first, 1_000))
    builds.wait(10)
    builds.submit(make_build(second, 50))
    builds.wait(10)
    assert (_counted(first), _counted(second)) == (100, 50)


@pytest.mark.parametrize(
    "arguments", [{}, {"fraction": 0.5, "rows": 3}, {"fraction": 1.5}, {"fraction": -0.1}, {"rows": -1}]
)
def test_hold_at_refuses_nonsense(builds, arguments):
    """hold_at takes exactly one of a fraction between 0 and 1 and a row count."""
    with pytest.raises(ValueError, match=r"hold_at takes|fraction must|rows must"):
        builds.hold_at(**arguments)


# -- waiting -----------------------------------------------------------------------------------------------------


def test_wait_times_out_naming_the_build(builds):
    """A wait that takes too long raises TimeoutError with what still runs."""
    gate = threading.Event()
    builder = ObedientBuilder(train_steps=1, gate=gate)
    builds.submit(make_build(make_index(), builder=builder))
    assert builder.entered.wait(10)
    with pytest.raises(TimeoutError, match=r"c\.i, segment 7: training"):
        builds.wait(0.01)
    gate.set()


def test_a_missed_hold_says_that_the_builds_ended(builds):
    """A hold that comes too late raises HoldNotReached with what ended."""
    builds.submit(make_build(make_index()))
    builds.wait(10)
    builds.hold()
    with pytest.raises(HoldNotReached, match=r"c\.i, segment 7: finished, 3200 of 3200 rows"):
        builds.wait(10)


def test_a_missed_hold_says_what_was_counted_without_a_build(builds):
    """A hold that never applied names the segment that was too small."""
    builds.hold()
    builds.note_skipped(
        make_build(make_index()).subject, "c.i: a segment of 900 rows has fewer than min_index_rows=1024"
    )
    with pytest.raises(HoldNotReached, match="900 rows has fewer"):
        builds.wait(10)


def test_a_hold_without_any_build_says_so(builds):
    """Waiting for a hold where no build was ever started says what starts one."""
    builds.hold()
    with pytest.raises(HoldNotReached, match="none was started"):
        builds.wait(10)


# -- rate --------------------------------------------------------------------------------------------------------


def test_rate_follows_the_clock():
    """With 100 rows a second on a clock that stands still, rows come only as the clock is moved."""
    clock = ManualClock()
    builds = Builds(clock, threads=1)
    index = make_index()
    builds.rate(100)
    builds.submit(make_build(index, 50))
    builds.wait(10)
    assert _counted(index) == 0
    for expected in (2, 4, 6):
        clock.advance(0.02)
        builds.wait(10)
        assert _counted(index) == expected
    builds.stop()


def test_release_ends_a_rate():
    """Released builds do not wait for their rate's next moment."""
    clock = ManualClock()
    builds = Builds(clock, threads=1)
    index = make_index()
    builds.rate(0.001)
    builds.submit(make_build(index, 5))
    clock.advance(1_000)
    builds.wait(10)
    assert _counted(index) == 1
    builds.release()
    builds.wait(10)
    assert _counted(index) == 5
    builds.stop()


def test_a_new_rate_counts_from_now_on():
    """A faster rate does not wait for the slower one's next moment, and counts no time before it."""
    clock = ManualClock()
    builds = Builds(clock, threads=1)
    index = make_index()
    builds.rate(0.001)
    builds.submit(make_build(index, 5))
    clock.advance(500)
    builds.rate(40)
    clock.advance(0.05)
    builds.wait(10)
    assert _counted(index) == 2
    builds.stop()


def test_rate_must_be_positive(builds):
    """A rate of zero is refused: that is a hold."""
    with pytest.raises(ValueError, match="positive"):
        builds.rate(0)


# -- failing, cancelling, ending ---------------------------------------------------------------------------------


def test_fail_next_fails_one_build(builds):
    """fail_next fails the next build with its reason, as Milvus words it; the one after it finishes."""
    first, second = make_index(1), make_index(2)
    builds.fail_next("disk full")
    builds.submit(make_build(first, segment_id=41))
    builds.submit(make_build(second, segment_id=42))
    builds.wait(10)
    assert first.tracker.progress.state(created=100) == (IndexState.FAILED, "41: disk full;")
    assert second.tracker.progress.state(created=100) == (IndexState.FINISHED, "")
    assert (_counted(first), first.tracker.progress.pending_index_rows) == (0, 3_200)


def test_fail_next_twice_fails_two(builds):
    """Each call fails one more build."""
    builds.fail_next("one")
    builds.fail_next("two")
    indexes = [make_index(i) for i in range(3)]
    for index in indexes:
        builds.submit(make_build(index))
    builds.wait(10)
    assert [i.tracker.progress.state(100)[1] for i in indexes] == ["7: one;", "7: two;", ""]


def test_a_held_build_fails_when_released(builds):
    """A failure asked for while a build is held strikes once it goes on, and its counted rows are pending again."""
    index = make_index()
    builds.hold_at(rows=500)
    builds.submit(make_build(index))
    builds.wait(10)
    builds.fail_next("disk full")
    assert _counted(index) == 500
    builds.release()
    builds.wait(10)
    assert _phases(builds) == ["failed"]
    assert _counted(index) == 0


def test_a_crash_fails_the_build_and_is_a_bug(builds, bugs):
    """An exception inside a build fails that build, is reported, and leaves the thread working."""
    broken, sound = make_index(1), make_index(2)
    builds.submit(make_build(broken, builder=ObedientBuilder(broken=True)))
    builds.submit(make_build(sound))
    builds.wait(10)
    assert broken.tracker.progress.state(100) == (IndexState.FAILED, "7: ZeroDivisionError: no such thing;")
    assert _counted(sound) == 3_200
    ((where, trace),) = bugs
    assert where == "index build of c.i"
    assert "no such thing" in trace
    bugs.clear()


def test_cancel_forgets_queued_builds(builds):
    """A cancelled build that waits is forgotten; those of other indexes stay."""
    builds.hold()
    gone = make_index(1, "gone")
    builds.submit(make_build(gone))
    builds.submit(make_build(make_index(2, "kept")))
    builds.cancel([gone])
    assert [s.index for s in builds.wait(10)] == ["kept"]


def test_cancel_answers_during_an_iteration(builds):
    """Cancelling answers while an iteration runs; the build ends after it, is not listed, and counts nothing."""
    gate = threading.Event()
    builder = ObedientBuilder(train_steps=5, gate=gate)
    index = make_index()
    builds.submit(make_build(index, builder=builder))
    assert builder.entered.wait(10)
    builds.cancel([index])
    gate.set()
    assert builds.wait(10) == []
    assert builder.trained == [0]
    assert _counted(index) == 0


def test_reset_forgets_everything(builds):
    """After a reset there is no build, no hold, no failure to come and no history."""
    builds.submit(make_build(make_index(1)))
    builds.wait(10)
    builds.hold()
    builds.fail_next("x")
    builds.submit(make_build(make_index(2)))
    builds.reset()
    assert builds.status() == []
    builds.submit(make_build(make_index(3)))
    assert [s.phase for s in builds.wait(10)] == ["finished"]


def test_a_build_that_reset_forgot_leaves_no_trace(builds):
    """A build under way at a reset does not appear in the new history when it ends."""
    gate = threading.Event()
    builder = ObedientBuilder(train_steps=1, gate=gate)
    builds.submit(make_build(make_index(), builder=builder))
    assert builder.entered.wait(10)
    builds.reset()
    gate.set()
    assert builds.wait(10) == []


@pytest.mark.parametrize("steer", [lambda b: None, lambda b: b.hold(), lambda b: b.rate(0.0001)])
def test_stop_ends_the_thread(steer):
    """Stopping ends the thread whether builds are idle, held or slowed."""
    builds = Builds(ManualClock(), threads=1)
    steer(builds)
    builds.submit(make_build(make_index()))
    builds.stop()
    assert not builds._queue.worker.is_alive()


def test_no_build_no_thread():
    """A server on which nothing is built has no build thread."""
    builds = Builds(ManualClock())
    builds.stop()
    assert builds._queue.worker is None


def test_an_idle_thread_keeps_nothing(builds):
    """The thread refers to no build once it ended, so dropped rows leave memory."""
    import gc
    import weakref

    builder = ObedientBuilder()
    alive = weakref.ref(builder)
    builds.submit(make_build(make_index(), builder=builder))
    builds.wait(10)
    del builder
    gc.collect()
    assert alive() is None


def test_small_segments_count_for_a_hold(builds):
    """Rows that were indexed at once count towards a hold's target."""
    index = make_index()
    index.tracker.add(SegmentProgress(1, 100, 50, indexed_rows=100, state=IndexState.FINISHED))
    build = make_build(index, 900)
    builds.hold_at(fraction=0.4)
    builds.submit(build)
    builds.wait(10)
    assert _counted(index) == 400


# -- selecting ---------------------------------------------------------------------------------------------------


def test_release_of_some(builds):
    """A release of one index leaves the others held."""
    first, second = make_index(1, "first"), make_index(2, "second")
    builds.hold()
    for index in (first, second):
        builds.submit(make_build(index))
    builds.release(index="first")
    assert [(s.index, s.phase) for s in builds.wait(10)] == [("second", "held"), ("first", "finished")]


def test_step_of_some(builds):
    """A step of one index leaves the others where they are."""
    first, second = make_index(1, "first"), make_index(2, "second")
    builds.hold()
    for index in (first, second):
        builds.submit(make_build(index))
    builds.step(10, 10, index="second")
    assert (_counted(first), _counted(second)) == (0, 10)


def test_wait_for_some(builds):
    """A wait for one index does not wait for another that is still being built."""
    gate = threading.Event()
    builder = ObedientBuilder(train_steps=1, gate=gate)
    builds.hold(index="held")
    builds.submit(make_build(make_index(1, "held")))
    builds.submit(make_build(make_index(2, "busy"), builder=builder))
    assert builder.entered.wait(10)
    assert [s.index for s in builds.wait(10, index="held")] == ["held"]
    gate.set()


def test_status_of_some(builds):
    """Status lists the selected builds, those that ended too."""
    for number, name in enumerate(("first", "second")):
        builds.submit(make_build(make_index(number, name)))
    builds.wait(10)
    assert [s.index for s in builds.status(index="sec*", collection="c", field="vector")] == ["second"]


def test_fail_next_passes_over_others(builds):
    """A failure waits for a build that it selects."""
    first, second = make_index(1, "first"), make_index(2, "second")
    builds.fail_next("disk full", index="second")
    for index in (first, second):
        builds.submit(make_build(index))
    builds.wait(10)
    assert [i.tracker.progress.state(100)[1] for i in (first, second)] == ["", "7: disk full;"]


def test_a_wrong_keyword_is_refused(builds):
    """A misspelt selector is an error, not a rule for everything."""
    with pytest.raises(TypeError, match="colection"):
        builds.hold(colection="c")


def test_status_says_what_holds(builds):
    """A held build names the verb that holds it, and its mode."""
    builds.hold_at(fraction=0.5, index="i")
    builds.submit(make_build(make_index()))
    (status,) = builds.wait(10)
    assert (status.mode, status.why, status.field) == (
        "hold_at(fraction=0.5)",
        "held by hold_at(fraction=0.5)",
        "vector",
    )
    assert str(status).endswith("1600 of 3200 rows, held by hold_at(fraction=0.5)")


# -- trying again ------------------------------------------------------------------------------------------------


def test_retry_starts_from_nothing(builds):
    """A build that is tried again trains and adds all its rows anew, and its counters fall to 0 meanwhile."""
    index, made = make_index(), [ObedientBuilder(train_steps=1), ObedientBuilder(train_steps=1)]
    build = make_build(index, 100)
    build.make = iter(made).__next__
    builds.hold_at(rows=40)
    builds.submit(build)
    builds.wait(10)
    builds.retry_next("node lost")
    builds.hold_at(rows=41)
    builds.wait(10)
    assert [b.ranges[-1][1] for b in made] == [40, 41]
    builds.hold()
    assert index.tracker.progress.state(100) == (IndexState.IN_PROGRESS, "")


def test_retry_goes_behind_the_others(builds):
    """A build that is tried again goes to the end of the queue."""
    gate = threading.Event()
    blocker = ObedientBuilder(train_steps=1, gate=gate)
    builds.submit(make_build(make_index(0, "blocker"), builder=blocker))
    assert blocker.entered.wait(10)
    builds.retry_next("x", index="first")
    for number, name in enumerate(("first", "second")):
        builds.submit(make_build(make_index(number, name)))
    gate.set()
    assert [s.index for s in builds.wait(10)] == ["blocker", "second", "first"]


def test_retries_come_before_a_failure(builds):
    """Mishaps strike in the order in which they were asked for."""
    index = make_index()
    builds.retry_next("node lost", times=3)
    builds.fail_next("disk full")
    builds.submit(make_build(index))
    (status,) = builds.wait(10)
    assert (status.phase, status.why) == ("failed", "tried again 3 times: node lost")


def test_retries_are_counted(builds):
    """No retry at all is refused."""
    with pytest.raises(ValueError, match="at least 1"):
        builds.retry_next("x", times=0)


# -- modes -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seconds", [0.29, 2.9])
def test_seconds_are_exact(seconds):
    """At every moment exactly the share of the time that has passed is counted."""
    clock = ManualClock()
    builds = Builds(clock, threads=1)
    index = make_index()
    builds.mode(seconds=seconds)
    builds.submit(make_build(index, 1_000))
    for tenth in range(1, 11):
        clock.advance(seconds / 10)
        builds.wait(10)
        assert _counted(index) == 100 * tenth
    assert _phases(builds) == ["finished"]
    builds.stop()


def test_a_hold_stops_the_clock_of_a_rate():
    """Time in which a build with a rate was held is not caught up with."""
    clock = ManualClock()
    builds = Builds(clock, threads=1)
    index = make_index()
    builds.rate(10)
    builds.hold()
    builds.submit(make_build(index))
    clock.advance(100)
    builds.hold_at(rows=3_000)
    clock.advance(1)
    builds.wait(10)
    assert _counted(index) == 10
    builds.stop()


def test_a_step_ignores_the_pace():
    """A step's rows count at once, also where the clock stands still."""
    builds = Builds(ManualClock(), threads=1)
    index = make_index()
    builds.mode(seconds=5)
    builds.hold()
    builds.submit(make_build(index))
    builds.step(10, 10)
    assert _counted(index) == 10
    builds.stop()


def test_a_build_that_waits_for_the_clock_says_so():
    """On a clock that stands still a wait returns, and the status says what the build waits for."""
    builds = Builds(ManualClock(), threads=1)
    builds.mode(rate=10)
    builds.submit(make_build(make_index()))
    (status,) = builds.wait(10)
    assert (status.mode, status.why) == ("rate=10", "waits for the clock")
    builds.stop()


def test_immediate_builds_come_first(builds):
    """An immediate build passes those that are under way, and settle waits for it alone."""
    builds.hold()
    slow = make_build(make_index(1, "slow"))
    builds.submit(slow)
    builds.mode("immediate", index="quick")
    quick = make_build(make_index(2, "quick"))
    builds.submit(quick)
    builds.settle([slow, quick])
    assert (quick.phase, slow.phase) == ("finished", "queued")


def test_the_last_describe_waits_for_the_build(builds):
    """The n-th reading shows a finished build, the ones before it a build that has not begun."""
    index, builder = make_index(), ObedientBuilder(train_steps=3)
    builds.mode(after_describes=2)
    builds.submit(make_build(index, builder=builder))
    assert (builds.read("c", index).indexed_rows, builder.trained) == (0, [])
    read = builds.read("c", index)
    assert (read.indexed_rows, read.pending_index_rows, read.state) == (3_200, 0, IndexState.FINISHED)


def test_each_batch_of_builds_is_described_anew(builds):
    """Segments that come when the others are done wait for as many readings again."""
    index = make_index()
    builds.mode(after_describes=2)
    read = []
    for segment in (1, 2):
        builds.submit(make_build(index, 100, segment_id=segment))
        read += [builds.read("c", index).indexed_rows for _ in range(2)]
    assert read == [0, 100, 100, 200]


def test_step_moves_what_waits_for_readings(builds):
    """A step counts rows of a build that waits to be described."""
    index = make_index()
    builds.mode(after_describes=5)
    builds.submit(make_build(index))
    builds.step(10, 10)
    assert _counted(index) == 10


def test_mode_takes_a_name_or_a_value(builds):
    """Both at once are refused."""
    with pytest.raises(ValueError, match="either a name or"):
        builds.mode("real", rate=3)


# -- readings ----------------------------------------------------------------------------------------------------


def test_readings_take_no_lock(builds):
    """Without a script or a count of readings a reading is answered while the lock is held elsewhere."""
    index, read = make_index(), []
    builds.hold()
    with builds._changed:
        reader = threading.Thread(target=lambda: read.append(builds.read("c", index)))
        reader.start()
        reader.join(10)
        assert [counters.total_rows for counters in read] == [0]


def test_each_index_has_its_own_place_in_a_script(builds):
    """A script that selects several indexes is read by each from its beginning."""
    first, second = make_index(1, "first"), make_index(2, "second")
    builds.script([Reading(rows, 0, rows) for rows in (1, 2, 3)])
    read = [builds.read("c", index).total_rows for index in (first, first, second, first)]
    assert read == [1, 2, 1, 3]


def test_a_new_script_starts_anew(builds):
    """Another script, or the same one again, is read from its beginning."""
    index, read = make_index(), []
    for _ in range(2):
        builds.script([Reading(1, 0, 1), Reading(2, 0, 2)])
        read += [builds.read("c", index).total_rows for _ in range(2)]
    assert read == [1, 2, 1, 2]


def test_the_build_goes_on_under_a_script(builds):
    """What clients read changes nothing of the build."""
    index = make_index()
    builds.script("never-ends")
    builds.submit(make_build(index))
    assert builds.read("c", index).state is IndexState.IN_PROGRESS
    assert [s.phase for s in builds.wait(10)] == ["finished"]
    assert builds.read("c", index).indexed_rows == 0
