"""What clients ask while they clean up: users, roles and resource groups, of which there are none."""

from __future__ import annotations

import pytest

from fakemilvus import FakeMilvus
from tests.conformance.target import Target

LISTS = {"ListResourceGroups": "resource_groups", "SelectRole": "results", "SelectUser": "results"}


@pytest.mark.parametrize("rpc", LISTS)
def test_there_is_nothing(target: Target, fake: FakeMilvus, rpc: str) -> None:
    """The lists are empty; a real server has its own role, user and group."""
    assert list(getattr(target.done(rpc), LISTS[rpc])) == []


@pytest.mark.parametrize("rpc", LISTS)
def test_they_can_be_asked(target: Target, rpc: str) -> None:
    """Asking is no error."""
    target.done(rpc)
