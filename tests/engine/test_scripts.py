"""Scripts: steps in rows and shares, what comes after the last, and the presets."""

from __future__ import annotations

import pytest

from fakemilvus.engine.index import IndexState, Progress, SegmentProgress
from fakemilvus.engine.scripts import PRESETS, Reading, Script, make_script

REAL = Progress((SegmentProgress(41, 100, 5, 30),), 100, 30, 70)


def _read(script, times, progress=REAL):
    found = []
    for number in range(times):
        counters = script.reading(number).filled(progress)
        found.append((counters.total_rows, counters.indexed_rows, counters.pending_index_rows, counters.state.name))
    return found


def test_steps_are_rows_shares_or_functions():
    """An int is rows, a float a share of the real total, a callable gets the real counters."""
    step = Reading(7, 0.25, lambda progress: progress.indexed_rows + 1)
    assert _read(Script((step,)), 1) == [(7, 25, 31, "IN_PROGRESS")]


def test_a_state_may_be_named():
    """A state is Milvus' own name or the enum's member; any other is refused with those that there are."""
    assert Reading(0, 0, 0, "Failed", "x").filled(REAL).state is IndexState.FAILED
    with pytest.raises(ValueError, match=r"Finished.*'finished'"):
        Reading(0, 0, 0, "finished")


def test_rows_are_not_negative():
    """Negative rows are refused where they are written."""
    with pytest.raises(ValueError, match="negative"):
        Reading(1, -1, 0)


def test_the_last_step_stays():
    """After the last step it is read for ever."""
    script = make_script([Reading(1, 0, 1), Reading(2, 0, 2)], "", "stay")
    assert [total for total, *_ in _read(script, 4)] == [1, 2, 2, 2]


def test_then_real():
    """With then="real" nothing is read after the last step but the real counters."""
    script = make_script([Reading(1, 0, 1)], "", "real")
    assert (script.reading(0), script.reading(1)) == (Reading(1, 0, 1), None)


@pytest.mark.parametrize(
    ("steps", "then", "said"),
    [([], "stay", "at least one Reading"), ("no-such", "stay", "never-ends.*'no-such'"), ("fails", "x", "stay, real")],
)
def test_scripts_refuse_nonsense(steps, then, said):
    """No steps, no such preset, no such ending: each refusal says what there is."""
    with pytest.raises(ValueError, match=said):
        make_script(steps, "", then)


@pytest.mark.parametrize("name", PRESETS)
def test_presets_say_where_they_were_seen(name):
    """Every preset names the Milvus that behaved so."""
    assert PRESETS[name].seen.startswith("Milvus ")


@pytest.mark.parametrize("total", [100, 6_500])
@pytest.mark.parametrize("name", PRESETS)
def test_presets_fit_any_size(name, total):
    """On any number of rows a preset ends at the real total."""
    script = make_script(name, "x", "stay")
    assert _read(script, 9, Progress((), total, 0, total))[-1][0] == total


def test_finished_while_pending():
    """The state says finished while every row is pending."""
    assert _read(make_script("finished-while-pending", "", "stay"), 4)[2:] == [
        (100, 0, 100, "FINISHED"),
        (100, 100, 0, "FINISHED"),
    ]


def test_pending_during_compaction():
    """With the rows that were watched the readings are those of Milvus 2.3.5, row for row."""
    script = make_script("pending-during-compaction", "", "stay")
    assert _read(script, 4, Progress((), 6_500, 6_500, 0)) == [
        (9_000, 9_000, 0, "FINISHED"),
        (6_500, 9_000, 6_500, "FINISHED"),
        (6_500, 9_000, 6_500, "FINISHED"),
        (6_500, 6_500, 0, "FINISHED"),
    ]


def test_counters_fall_after_compaction():
    """Total and indexed rows fall together, with nothing pending."""
    script = make_script("counters-fall-after-compaction", "", "stay")
    assert _read(script, 2, Progress((), 6_500, 6_500, 0)) == [
        (9_000, 9_000, 0, "FINISHED"),
        (6_500, 6_500, 0, "FINISHED"),
    ]


def test_never_ends():
    """In progress with everything pending, however often it is read."""
    assert set(_read(make_script("never-ends", "", "stay"), 50)) == {(100, 0, 100, "IN_PROGRESS")}


def test_fails():
    """It fails with the reason behind the segment's id, as Milvus words it, and the rows stay pending."""
    failed = make_script("fails", "disk full", "stay").reading(5).filled(REAL)
    assert (failed.state, failed.fail_reason, failed.pending_index_rows) == (IndexState.FAILED, "41: disk full;", 100)


def test_retried():
    """Counted rows fall back to 0 in the middle, and the build finishes in the end."""
    read = _read(make_script("retried", "", "stay"), 5)
    assert [indexed for _, indexed, _, _ in read] == [0, 50, 0, 50, 100]
    assert [state for *_, state in read] == ["IN_PROGRESS"] * 4 + ["FINISHED"]
