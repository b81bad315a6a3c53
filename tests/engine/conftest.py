"""Fixtures of the engine's tests: builds that are stopped afterwards, and that fail the test where they crashed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from fakemilvus.clock import Clock
from fakemilvus.engine.builds import Builds
from fakemilvus.engine.collection import Collection
from fakemilvus.engine.options import Options
from tests.engine.making import make_definition


@pytest.fixture
def bugs() -> list[tuple[str, str]]:
    return []


@pytest.fixture
def builds(bugs: list[tuple[str, str]]) -> Iterator[Builds]:
    made = Builds(Clock(), threads=1)
    made.on_bug = lambda where, trace: bugs.append((where, trace))
    yield made
    made.stop()
    assert not bugs


@pytest.fixture
def make_collection(builds: Builds) -> Callable[..., Collection]:
    """Makes collections that share one clock and the builds; options are given by keyword."""
    clock = Clock()

    def make(definition: object = None, **options: object) -> Collection:
        return Collection(definition or make_definition(), clock, builds, Options(**options))

    return make
