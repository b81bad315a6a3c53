"""The verbs of the control service: everything that a test may ask of a server in its own process, as a table.

A verb takes its arguments by name and answers with what JSON can write. States and rules stay in the server; callers
get numbers for them.
"""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from fakemilvus import faults
from fakemilvus.engine.scripts import Reading
from fakemilvus.faults import Fault, Rule

if TYPE_CHECKING:
    from fakemilvus.server import FakeMilvus

LAST_CALLS = 50


class Control:
    """Carries verbs out on one server."""

    def __init__(self, server: FakeMilvus) -> None:
        self.server = server
        self.states: dict[int, Any] = {}
        self.rules: dict[int, Rule] = {}

    def do(self, verb: str, arguments: Mapping[str, Any]) -> Any:
        """The result of a verb; ValueError for a wrong verb or argument, else what the verb itself raises."""
        act = VERBS.get(verb)
        if act is None:
            raise ValueError(f"no such verb: {verb!r}; there are {', '.join(VERBS)}")
        try:
            inspect.signature(act).bind(self, **arguments)
        except TypeError as problem:
            raise ValueError(f"{verb}: {problem}") from None
        return act(self, **arguments)


# -- builds ----------------------------------------------------------------------------------------------------


def builds_hold(control: Control, **where: str) -> None:
    """Stops builds where they stand. collection=, field=, index= (names or globs) select them, here and below."""
    control.server.builds.hold(**where)


def builds_hold_at(control: Control, fraction: float | None = None, rows: int | None = None, **where: str) -> None:
    """Stops builds when so many rows, or such a share of them, count as indexed."""
    control.server.builds.hold_at(fraction=fraction, rows=rows, **where)


def builds_step(control: Control, rows: int, timeout_s: float = 60.0, **where: str) -> None:
    """Lets held builds count exactly so many rows more."""
    control.server.builds.step(rows, timeout_s, **where)


def builds_release(control: Control, **where: str) -> None:
    """Takes back every rule for builds."""
    control.server.builds.release(**where)


def builds_rate(control: Control, rows_per_s: float | None = None, **where: str) -> None:
    """Slows builds down to so many rows per second; none for full speed."""
    control.server.builds.rate(rows_per_s, **where)


def builds_mode(control: Control, name: str | None = None, **rest: Any) -> None:
    """How builds go: name=real, immediate or manual; or after_describes=, seconds=, rate=."""
    control.server.builds.mode(name, **rest)


def builds_script(
    control: Control, steps: str | list[dict[str, Any]], reason: str = "", then: str = "stay", **where: str
) -> None:
    """What clients read instead of the counters: the name of a preset, or a list of readings."""
    readings = steps if isinstance(steps, str) else [Reading(**step) for step in steps]
    control.server.builds.script(readings, reason=reason, then=then, **where)


def builds_fail_next(control: Control, reason: str, **where: str) -> None:
    """The next build fails for good with this reason."""
    control.server.builds.fail_next(reason, **where)


def builds_retry_next(control: Control, reason: str, times: int = 1, **where: str) -> None:
    """The next build starts again, so many times."""
    control.server.builds.retry_next(reason, times, **where)


def builds_wait(control: Control, timeout_s: float = 60.0, **where: str) -> list[dict[str, Any]]:
    """Waits until no build can go on by itself; where each stands."""
    return [_fields(status) for status in control.server.builds.wait(timeout_s, check_hold=True, **where)]


def builds_status(control: Control, **where: str) -> list[dict[str, Any]]:
    """Where each build stands."""
    return [_fields(status) for status in control.server.builds.status(**where)]


# -- faults ----------------------------------------------------------------------------------------------------


def faults_add(control: Control, rpc: str, effect: str, **rest: Any) -> int:
    """Puts a rule into force: effect=Abort, Fail, Delay, Hang, LoseReply, Disconnect, not_ready or rate_limited, with
    the effect's own arguments and those of the rule (collection, client, metadata, skip, first, every, ...).
    """
    made = _EFFECTS.get(effect)
    if made is None:
        raise ValueError(f"no such effect: {effect!r}; there are {', '.join(_EFFECTS)}")
    of_rule = {field.name for field in dataclasses.fields(Fault)} - {"rpc", "effect"}
    of_effect = {name: value for name, value in rest.items() if name not in of_rule}
    rule = {name: value for name, value in rest.items() if name in of_rule}
    number = len(control.rules) + 1
    control.rules[number] = control.server.faults.add(Fault(rpc, made(**of_effect), **rule))
    return number


def faults_remove(control: Control, rule: int) -> None:
    """Takes a rule back."""
    _find_rule(control, rule).remove()


def faults_hits(control: Control, rule: int) -> int:
    """How often a rule has befallen an rpc."""
    return _find_rule(control, rule).hits


def faults_unused(control: Control) -> list[str]:
    """The rules that never befell anything."""
    return [str(rule) for rule in control.server.faults.unused()]


# -- state and time --------------------------------------------------------------------------------------------


def reset(control: Control) -> None:
    """Everything is gone."""
    control.server.reset()


def snapshot(control: Control) -> int:
    """Keeps the state of now; its number."""
    number = len(control.states) + 1
    control.states[number] = control.server.snapshot()
    return number


def restore(control: Control, state: int) -> None:
    """Goes back to a state that was kept."""
    if state not in control.states:
        raise ValueError(f"there is no state {state}; there are {sorted(control.states)}")
    control.server.restore(control.states[state])


def save(control: Control, path: str) -> None:
    """Writes everything to a file of the server's machine."""
    control.server.save(path)


def load(control: Control, path: str) -> None:
    """Replaces everything by what a file holds."""
    control.server.load(path)


def seed(control: Control, seed: int) -> None:
    """Makes ids and randomness follow a seed."""
    control.server.seed(seed)


def advance(control: Control, seconds: float) -> None:
    """Moves the time of a server with a manual clock."""
    control.server.advance(seconds)


# -- reading ---------------------------------------------------------------------------------------------------


def dump(control: Control) -> dict[str, Any]:
    """What the server holds."""
    return control.server.dump()


def rows(control: Control, collection: str, filter: str = "", limit: int | None = None) -> list[dict[str, Any]]:
    """The rows of a collection, read directly."""
    return control.server.collection(collection).rows(filter, limit)


def calls(control: Control, rpc: str = "*", last: int = LAST_CALLS, **fields: Any) -> list[dict[str, Any]]:
    """The last calls of an rpc, or a glob of them, whose request has these values in these fields."""
    found = control.server.calls.of(rpc, **fields)[-last:]
    return [{**_fields(call, but="_request"), "request": call.request} for call in found]


def assert_called(control: Control, rpc: str, times: int | None = None, **fields: Any) -> int:
    """How often an rpc was called so; refused, with what came close, where it never was, or not ``times``."""
    try:
        return len(control.server.calls.assert_called(rpc, times=times, **fields))
    except AssertionError as problem:
        raise RuntimeError(str(problem)) from None


def bugs(control: Control) -> list[dict[str, Any]]:
    """Crashes inside the server."""
    return [_fields(bug) for bug in control.server.bugs]


def unimplemented(control: Control) -> list[str]:
    """What was refused because it is not built."""
    return list(control.server.unimplemented)


def verbs(control: Control) -> dict[str, str]:
    """Every verb with what it does."""
    return {name: " ".join((act.__doc__ or "").split()) for name, act in VERBS.items()}


# -- private ---------------------------------------------------------------------------------------------------


def _find_rule(control: Control, number: int) -> Rule:
    if number not in control.rules:
        raise ValueError(f"there is no rule {number}; there are {sorted(control.rules)}")
    return control.rules[number]


def _fields(value: Any, but: str = "") -> dict[str, Any]:
    return {field.name: getattr(value, field.name) for field in dataclasses.fields(value) if field.name != but}


_EFFECTS: dict[str, Callable[..., faults.Effect]] = {
    "Abort": faults.Abort,
    "Fail": faults.Fail,
    "Delay": faults.Delay,
    "Hang": faults.Hang,
    "LoseReply": faults.LoseReply,
    "Disconnect": faults.Disconnect,
    "not_ready": faults.not_ready,
    "rate_limited": faults.rate_limited,
}

VERBS: dict[str, Callable[..., Any]] = {
    "builds.hold": builds_hold,
    "builds.hold_at": builds_hold_at,
    "builds.step": builds_step,
    "builds.release": builds_release,
    "builds.rate": builds_rate,
    "builds.mode": builds_mode,
    "builds.script": builds_script,
    "builds.fail_next": builds_fail_next,
    "builds.retry_next": builds_retry_next,
    "builds.wait": builds_wait,
    "builds.status": builds_status,
    "faults.add": faults_add,
    "faults.remove": faults_remove,
    "faults.hits": faults_hits,
    "faults.unused": faults_unused,
    "reset": reset,
    "snapshot": snapshot,
    "restore": restore,
    "save": save,
    "load": load,
    "seed": seed,
    "advance": advance,
    "dump": dump,
    "rows": rows,
    "calls": calls,
    "assert_called": assert_called,
    "bugs": bugs,
    "unimplemented": unimplemented,
    "verbs": verbs,
}
