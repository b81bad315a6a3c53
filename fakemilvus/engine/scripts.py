"""Scripts: what clients read of an index instead of its real counters, one reading after the other.

The real build goes on underneath. The presets replay what users meet in Milvus and a wait loop must survive; each
says where it was seen. Steps give rows as numbers, or as shares of the real total, so that a preset fits any size.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fakemilvus.engine.index import Counters, IndexState, Progress

Rows = int | float | Callable[[Progress], int]
"""Rows of a step: an int is a number of rows, a float a share of the real total, a callable gets the real counters."""

THEN = ("stay", "real")


@dataclass(frozen=True, slots=True)
class Reading:
    """One step of a script: what one reading says. ``state`` may be given by its name, such as "InProgress"."""

    total_rows: Rows
    indexed_rows: Rows
    pending_index_rows: Rows
    state: IndexState | str = IndexState.IN_PROGRESS
    fail_reason: str | Callable[[Progress], str] = ""

    def __post_init__(self) -> None:
        _find_state(self.state)
        for rows in (self.total_rows, self.indexed_rows, self.pending_index_rows):
            if not callable(rows) and rows < 0:
                raise ValueError(f"the rows of a reading must not be negative, not {rows}")

    def filled(self, progress: Progress) -> Counters:
        """The step in rows, beside the real counters at the time of the reading."""
        return Counters(
            _fill(self.total_rows, progress),
            _fill(self.indexed_rows, progress),
            _fill(self.pending_index_rows, progress),
            _find_state(self.state),
            self.fail_reason if isinstance(self.fail_reason, str) else self.fail_reason(progress),
        )


@dataclass(frozen=True, slots=True)
class Script:
    """Readings in their order. After the last one it stays, or the real counters are read again (``then="real"``)."""

    readings: tuple[Reading, ...] = ()
    then: str = "stay"

    def reading(self, number: int) -> Reading | None:
        """What the reading of this number says, from 0; None for the real counters."""
        if number < len(self.readings):
            return self.readings[number]
        return self.readings[-1] if self.readings and self.then == "stay" else None


NO_SCRIPT = Script()


@dataclass(frozen=True, slots=True)
class Preset:
    """A script with a name; ``seen`` says where Milvus behaved so."""

    readings: Callable[[str], tuple[Reading, ...]]
    seen: str


def make_script(steps: str | Sequence[Reading], reason: str, then: str) -> Script:
    """A script of steps, or of the preset of that name; ValueError when there is none, or nothing to read."""
    if then not in THEN:
        raise ValueError(f"then must be one of {', '.join(THEN)}, not {then!r}")
    if isinstance(steps, str):
        if steps not in PRESETS:
            raise ValueError(f"a preset is one of {', '.join(PRESETS)}, not {steps!r}")
        return Script(PRESETS[steps].readings(reason), then)
    if not steps:
        raise ValueError("a script takes at least one Reading; release() takes a script back")
    return Script(tuple(steps), then)


def _fill(rows: Rows, progress: Progress) -> int:
    if callable(rows):
        return rows(progress)
    return rows if isinstance(rows, int) else round(rows * progress.total_rows)


def _find_state(state: IndexState | int | str) -> IndexState:
    if isinstance(state, int):
        return IndexState(state)
    if state not in _STATES:
        raise ValueError(f"a state is one of {', '.join(_STATES)}, not {state!r}")
    return _STATES[state]


def _failed(reason: str) -> tuple[Reading, ...]:
    """Milvus' wording: the segment's id before its reason; 0 where no segment is counted yet."""

    def worded(progress: Progress) -> str:
        return f"{progress.segments[0].segment_id if progress.segments else 0}: {reason};"

    return (_WAITING, Reading(1.0, 0.0, 1.0, IndexState.FAILED, worded))


_STATES = {
    "IndexStateNone": IndexState.NONE,
    "Unissued": IndexState.UNISSUED,
    "InProgress": IndexState.IN_PROGRESS,
    "Finished": IndexState.FINISHED,
    "Failed": IndexState.FAILED,
    "Retry": IndexState.RETRY,
}

_BEFORE = 18 / 13  # the compaction that was watched left 6,500 of 9,000 rows; the script ends at the real total
_WAITING = Reading(1.0, 0.0, 1.0)
_DONE = Reading(1.0, 1.0, 0.0, IndexState.FINISHED)
_BEFORE_COMPACTION = Reading(_BEFORE, _BEFORE, 0.0, IndexState.FINISHED)

PRESETS = {
    "finished-while-pending": Preset(
        lambda reason: (*[Reading(1.0, 0.0, 1.0, IndexState.FINISHED)] * 3, _DONE),
        "Milvus 2.3.5: rows flushed after the index was created are pending, while the state says Finished throughout.",
    ),
    "pending-during-compaction": Preset(
        lambda reason: (_BEFORE_COMPACTION, *[Reading(1.0, _BEFORE, 1.0, IndexState.FINISHED)] * 2, _DONE),
        "Milvus 2.3.5, a compaction after deletes: total 9,000 -> 6,500 with 9,000 indexed and 6,500 pending, so that "
        "indexed is larger than total and pending larger than total - indexed; Finished throughout.",
    ),
    "counters-fall-after-compaction": Preset(
        lambda reason: (_BEFORE_COMPACTION, _DONE),
        "Milvus 2.3.5, as above, when nobody looked in between: total and indexed fall from 9,000 to 6,500.",
    ),
    "never-ends": Preset(
        lambda reason: (_WAITING,),
        "Milvus 2.3.5: a build that its worker cannot do (HNSW with M=1) is tried again for ever, InProgress.",
    ),
    "fails": Preset(
        _failed,
        "Milvus 3.0's source (never met on a running 2.3.5): Failed, with '<segment id>: <reason>;', rows pending.",
    ),
    "retried": Preset(
        lambda reason: (_WAITING, Reading(1.0, 0.5, 0.5), _WAITING, Reading(1.0, 0.5, 0.5), _DONE),
        "Milvus 3.0's source: a task whose worker asks for another try, or is lost, starts again, InProgress. Milvus "
        "counts whole segments; that counted rows fall, as here, is how this server shows a retry.",
    ),
}
"""The scripts that have a name."""
