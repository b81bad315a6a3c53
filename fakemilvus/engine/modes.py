"""What a test may ask of builds, as values: where they stop, at what pace they go, and the rules that say so.

A rule has a selector and says something about stops, paces, scripts or several of these. Where several rules select
a build, the newest one that says something about a matter decides that matter. Nothing here knows a build.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fakemilvus.engine.selection import Selector, Subject

if TYPE_CHECKING:
    from fakemilvus.engine.scripts import Script

UNLIMITED = sys.maxsize


@dataclass(frozen=True, slots=True)
class Stop:
    """Builds stop when their index counts so many rows, or this share of its total; ``asked`` is the verb."""

    asked: str
    rows: int = UNLIMITED
    fraction: float | None = None

    @property
    def holds(self) -> bool:
        """Whether builds are meant to stop somewhere before their end."""
        return self.rows < UNLIMITED if self.fraction is None else self.fraction < 1

    def target(self, total_rows: int) -> int:
        """The counted rows of an index at which its builds stop."""
        return self.rows if self.fraction is None else round(self.fraction * total_rows)


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast builds go; ``kind`` is a key of PACES, ``value`` what goes with it."""

    kind: str = "real"
    value: float = 0

    @property
    def follows_clock(self) -> bool:
        """Whether the server's clock says how many rows may count."""
        return self.kind in ("seconds", "rate")

    def rows_per_s(self, rows: int) -> float:
        """The rate of a pace that follows the clock, for a build with so many rows left."""
        return rows / self.value if self.kind == "seconds" else self.value

    def __str__(self) -> str:
        return f"{self.kind}={self.value:g}" if self.kind in PACES else self.kind


FREE = Stop("release()")
REAL = Pace()


@dataclass(frozen=True, slots=True)
class Steering:
    """What the rules say of one build; the numbers are those of the rules that decide."""

    stop: Stop = FREE
    pace: Pace = REAL
    stop_rule: int = 0
    pace_rule: int = 0

    @property
    def is_real(self) -> bool:
        """Whether a build may count whatever it can at once."""
        return not self.stop.holds and self.pace.kind in ("real", "immediate")

    def __str__(self) -> str:
        return f"{self.stop.asked}, {self.pace}" if self.stop.holds and self.pace != REAL else self._short()

    def _short(self) -> str:
        return self.stop.asked if self.stop.holds else str(self.pace)


UNSTEERED = Steering()


@dataclass(frozen=True, slots=True)
class Rule:
    """What was asked of some builds; None says nothing about that matter."""

    number: int
    selector: Selector
    stop: Stop | None = None
    pace: Pace | None = None
    script: Script | None = None

    def replaces(self, other: Rule) -> bool:
        """Whether nothing that the older rule says can ever decide again."""
        said = ((self.stop, other.stop), (self.pace, other.pace), (self.script, other.script))
        return self.selector.covers(other.selector) and all(mine is not None or not its for mine, its in said)


class Rules:
    """The rules in force, oldest first, on top of the server's own mode. Guarded by the lock of the builds."""

    def __init__(self, mode: str = "real") -> None:
        self._mode = Rule(0, Selector(), *simple_mode(mode))
        self._rules: list[Rule] = []
        self._number = 0

    def add(
        self, selector: Selector, stop: Stop | None = None, pace: Pace | None = None, script: Script | None = None
    ) -> None:
        """Puts a rule before all others, and forgets those that it replaces."""
        self._number += 1
        rule = Rule(self._number, selector, stop, pace, script)
        self._rules = [*(old for old in self._rules if not rule.replaces(old)), rule]

    def clear(self) -> None:
        """Forgets every rule; numbers go on, so nothing that was counted under a rule is counted under another."""
        self._rules = []

    def steering(self, subject: Subject) -> Steering:
        """What the rules say about stop and pace of an index's builds."""
        stopping = next(rule for rule in self._newest(subject) if rule.stop is not None)
        pacing = next(rule for rule in self._newest(subject) if rule.pace is not None)
        assert stopping.stop is not None
        assert pacing.pace is not None
        return Steering(stopping.stop, pacing.pace, stopping.number, pacing.number)

    def script(self, subject: Subject) -> tuple[int, Script] | None:
        """The script that clients read instead of an index's counters, with the number of its rule."""
        found = next((rule for rule in self._newest(subject) if rule.script is not None), None)
        return (found.number, found.script) if found and found.script and found.script.readings else None

    def watches(self, clock_runs: bool) -> bool:
        """Whether some rule wants to know of, or to answer, a client's reading."""
        paces = [rule.pace for rule in self._rules if rule.pace]
        waited = any(pace.follows_clock for pace in paces) and not clock_runs
        return (
            waited
            or any(pace.kind == "after_describes" for pace in paces)
            or any(r.script and r.script.readings for r in self._rules)
        )

    def holding(self, selector: Selector) -> list[Rule]:
        """The rules that meant builds within the selector to stop, and that no newer one took back for some of them."""
        kept: list[Rule] = []
        for rule in self._rules:
            if rule.stop is None or not rule.selector.meets(selector):
                continue
            if rule.stop.holds:
                kept.append(rule)
            else:
                kept = [old for old in kept if not old.selector.meets(rule.selector)]
        return kept

    def may_stand(self, selector: Selector) -> bool:
        """Whether some rule, or the server's mode, lets builds within the selector wait for a test or a client."""
        return any(
            (rule.stop is not None and rule.stop.holds) or (rule.pace is not None and rule.pace.kind in PACES)
            for rule in (self._mode, *self._rules)
            if rule.selector.meets(selector)
        )

    def _newest(self, subject: Subject) -> Iterator[Rule]:
        yield from (rule for rule in reversed(self._rules) if rule.selector.selects(subject))
        yield self._mode


def simple_mode(name: str) -> tuple[Stop, Pace]:
    """Stop and pace of a mode that is only a name; ValueError names those that there are."""
    if name not in MODES:
        raise ValueError(
            f"a mode is one of {', '.join(MODES)}, or one of {', '.join(PACES)} with a value, not {name!r}"
        )
    return MODES[name]


def paced_mode(**given: float | None) -> Pace:
    """The pace that one of the keywords of PACES asks for; ValueError unless it is exactly one, in its range."""
    asked = {kind: value for kind, value in given.items() if value is not None}
    if len(asked) != 1:
        raise ValueError(f"mode takes one of {', '.join(MODES)}, or exactly one of {', '.join(f'{k}=' for k in PACES)}")
    ((kind, value),) = asked.items()
    if kind == "after_describes" and (value < 1 or value != int(value)):
        raise ValueError(f"after_describes must be a whole number of at least 1, not {value}")
    if not 0 < value < float("inf"):
        raise ValueError(f"{PACES[kind]} must be positive, not {value}")
    return Pace(kind, value)


MODES = {
    "real": (FREE, REAL),
    "immediate": (FREE, Pace("immediate")),
    "manual": (Stop('mode("manual")', rows=0), REAL),
}
"""The modes that are only a name: as fast as it goes; before the rpc answers; not before a test says so."""

PACES = {"after_describes": "a count", "seconds": "a time", "rate": "a rate"}
"""The modes that take a value, and what the value is called."""
