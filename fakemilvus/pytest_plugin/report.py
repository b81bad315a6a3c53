"""What a test's report says of its servers: calls, what is not built, bugs, and rules that were never used."""

from __future__ import annotations

import pytest

from fakemilvus.pytest_plugin.servers import Handle

SHOWN_CALLS = 20
CALL_CHARACTERS = 300
OUTCOME_CHARACTERS = 80  # of them, at the end


def sections(server: Handle) -> list[tuple[str, str]]:
    """Title and text of each section of a failing test's report."""
    found = []
    calls = server.calls
    if calls:
        found.append((f"fakemilvus: {_how_many(len(calls))}", "\n".join(map(_shown, calls[-SHOWN_CALLS:]))))
    if server.unimplemented:
        refused = "\n".join(dict.fromkeys(server.unimplemented))
        found.append(("fakemilvus", f"answered UNIMPLEMENTED, because it is not built:\n{refused}"))
    return found


def check_bugs(server: Handle) -> None:
    """Fails the test in which the server met a bug of its own."""
    bugs = server.bugs
    if bugs:
        tracebacks = "\n".join(f"in {bug.where}:\n{bug.traceback}" for bug in bugs)
        pytest.fail(f"fakemilvus itself has a bug, {len(bugs)} time(s) in this test\n{tracebacks}", pytrace=False)


def check_faults(server: Handle) -> None:
    """Fails the test that asked for a fault which never befell anything: it did not test what it says."""
    unused = server.faults.unused()
    if unused:
        rules = "\n".join(f"  {rule}" for rule in unused)
        pytest.fail(f"{len(unused)} fault rule(s) were never used (optional=True allows it):\n{rules}", pytrace=False)


def _how_many(calls: int) -> str:
    return f"{calls} calls" if calls <= SHOWN_CALLS else f"the last {SHOWN_CALLS} of {calls} calls"


def _shown(call: object) -> str:
    """One line; a long one without its middle, for the outcome stands at the end."""
    text = str(call)
    if len(text) <= CALL_CHARACTERS:
        return text
    return f"{text[: CALL_CHARACTERS - OUTCOME_CHARACTERS - 1]}…{text[-OUTCOME_CHARACTERS:]}"
