"""Selectors, stops, paces, and the rules of which the newest that selects a build decides."""

from __future__ import annotations

import pytest

from fakemilvus.engine.modes import FREE, MODES, PACES, REAL, UNLIMITED, Pace, Rules, Stop, paced_mode, simple_mode
from fakemilvus.engine.scripts import NO_SCRIPT, Reading, Script
from fakemilvus.engine.selection import Selector, Subject

ONE = Subject("docs_a", "vector", "i")
HOLD = Stop("hold()", rows=0)
STEPS = Script((Reading(1, 0, 1),))


# -- selectors ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("selector", "selected"),
    [
        (Selector(), True),
        (Selector(collection="docs_a"), True),
        (Selector(collection="docs_*", index="?"), True),
        (Selector(field="vec*"), True),
        (Selector(collection="docs"), False),
        (Selector(collection="DOCS_A"), False),
        (Selector(collection="docs_a", index="other"), False),
    ],
)
def test_selectors(selector, selected):
    """A selector selects by names and globs, in their own case, all of which must fit."""
    assert selector.selects(ONE) is selected


@pytest.mark.parametrize("given", ["", None, 3])
def test_a_selector_is_a_name(given):
    """What is no name is refused rather than selecting nothing."""
    with pytest.raises(ValueError, match="collection= takes a name or a glob"):
        Selector(collection=given)


def test_selectors_meet_where_both_may_select():
    """Two selectors meet unless one part of them rules the other out."""
    assert Selector(collection="docs_a").meets(Selector(collection="docs_*", index="i"))
    assert not Selector(collection="docs_a", index="j").meets(Selector(collection="docs_*", index="i"))


def test_selectors_say_what_was_given():
    """A selector reads like the keywords that made it."""
    assert str(Selector(collection="c", index="i*")) == "collection='c', index='i*'"


# -- stops and paces ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stop", "target", "holds"),
    [
        (HOLD, 0, True),
        (Stop("x", rows=7), 7, True),
        (Stop("x", fraction=0.29), 29, True),
        (Stop("x", fraction=1), 100, False),
        (FREE, UNLIMITED, False),
    ],
)
def test_stops(stop, target, holds):
    """A stop is a number of rows or a share of the total; the whole is no hold."""
    assert (stop.target(100), stop.holds) == (target, holds)


def test_modes_have_stop_and_pace():
    """Manual is a hold at 0 at full pace; the others are paces without a hold."""
    assert {name: (stop.holds, pace.kind) for name, (stop, pace) in MODES.items()} == {
        "real": (False, "real"),
        "immediate": (False, "immediate"),
        "manual": (True, "real"),
    }


def test_an_unknown_mode_names_the_known():
    """A name that is no mode is refused with those that are."""
    with pytest.raises(ValueError, match=r"real, immediate, manual.*after_describes, seconds, rate.*'quick'"):
        simple_mode("quick")


@pytest.mark.parametrize("kind", PACES)
def test_paces(kind):
    """Each pace is asked for by its keyword and shows its value."""
    assert str(paced_mode(**{kind: 3})) == f"{kind}=3"


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"rate": None},
        {"rate": 1, "seconds": 1},
        {"rate": 0},
        {"seconds": -1},
        {"seconds": float("inf")},
        {"after_describes": 0},
        {"after_describes": 1.5},
    ],
)
def test_paces_refuse_nonsense(given):
    """A mode takes exactly one keyword, with a value that can happen."""
    with pytest.raises(ValueError, match=r"exactly one|must be"):
        paced_mode(**given)


def test_seconds_are_for_what_is_left():
    """So many seconds are a rate of the rows that are left."""
    assert Pace("seconds", 5).rows_per_s(100) == 20
    assert Pace("rate", 5).rows_per_s(100) == 5


# -- rules -------------------------------------------------------------------------------------------------------


def test_the_newest_rule_that_selects_decides():
    """A newer rule wins where it selects, and only there."""
    rules = Rules()
    rules.add(Selector(), stop=HOLD)
    rules.add(Selector(collection="docs_a"), stop=Stop("x", rows=7))
    rules.add(Selector(collection="other"), stop=FREE)
    assert rules.steering(ONE).stop.rows == 7
    assert rules.steering(Subject("docs_b", "vector", "i")).stop is HOLD


def test_each_matter_is_decided_by_itself():
    """A rule that says nothing of pace leaves the older one in force."""
    rules = Rules()
    rules.add(Selector(), pace=Pace("rate", 3))
    rules.add(Selector(), stop=HOLD)
    steering = rules.steering(ONE)
    assert (steering.stop, steering.pace, str(steering)) == (HOLD, Pace("rate", 3), "hold(), rate=3")


def test_without_rules_the_servers_mode_decides():
    """The mode of the server stands behind all rules, and again when they are gone."""
    rules = Rules("manual")
    rules.add(Selector(), FREE, REAL, NO_SCRIPT)
    assert rules.steering(ONE).is_real
    rules.clear()
    assert not rules.steering(ONE).is_real


def test_rules_do_not_pile_up():
    """A rule that a newer one replaces wholly is forgotten, however often a test repeats itself."""
    rules = Rules()
    rules.add(Selector(), pace=Pace("rate", 3))
    for _ in range(100):
        rules.add(Selector(index="i"), stop=HOLD)
        rules.add(Selector(index="i"), FREE, REAL, NO_SCRIPT)
    assert len(rules._rules) == 2


def test_scripts_are_found_and_taken_back():
    """A script is found by the names it was given for; what takes it back has no readings."""
    rules = Rules()
    rules.add(Selector(index="i"), script=STEPS)
    assert rules.script(ONE) == (1, STEPS)
    assert rules.script(Subject("docs_a", "vector", "j")) is None
    rules.add(Selector(collection="docs_*"), script=NO_SCRIPT)
    assert rules.script(ONE) is None


def test_holds_that_were_taken_back_hold_no_longer():
    """A hold counts as asked for until a newer rule takes it back, for some builds or all."""
    rules = Rules()
    rules.add(Selector(), stop=HOLD)
    assert len(rules.holding(Selector(index="i"))) == 1
    rules.add(Selector(index="i"), stop=FREE)
    assert not rules.holding(Selector(index="i"))


@pytest.mark.parametrize(
    ("rule", "running", "standing"),
    [
        ({"stop": HOLD}, False, False),
        ({"pace": Pace("immediate")}, False, False),
        ({"pace": Pace("rate", 1)}, False, True),
        ({"pace": Pace("seconds", 1)}, False, True),
        ({"pace": Pace("after_describes", 1)}, True, True),
        ({"script": STEPS}, True, True),
    ],
)
def test_readings_are_watched_only_for_some_rules(rule, running, standing):
    """Readings matter to scripts and after_describes, and to rates on a clock that stands still; to nothing else."""
    rules = Rules()
    rules.add(Selector(index="x"), **rule)
    assert (rules.watches(clock_runs=True), rules.watches(clock_runs=False)) == (running, standing)
