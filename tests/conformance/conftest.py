"""The server under test: a FakeMilvus of this worker, or with --milvus-uri a real Milvus."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from fakemilvus import FakeMilvus
from fakemilvus.fast_waits import fast_waits
from tests.conformance.target import Collections, Target


@pytest.fixture(scope="session")
def target(request: pytest.FixtureRequest) -> Iterator[Target]:
    """The one server of this worker."""
    uri = request.config.getoption("--milvus-uri")
    if uri:
        yield from _closing(Target(uri, request.config.getoption("--milvus-token")))
        return
    with FakeMilvus() as fake:
        yield from _closing(Target(fake.uri, fake=fake))


@pytest.fixture(scope="module", autouse=True)
def _fast_waits(target: Target) -> Iterator[None]:
    """Whoever waits for fakemilvus through pymilvus waits fast."""
    if target.fake is None:
        yield
        return
    with fast_waits(target.uri):
        yield


@pytest.fixture(autouse=True)
def _no_bugs(target: Target) -> Iterator[None]:
    """A bug of fakemilvus fails the test that met it."""
    known = len(target.fake.bugs) if target.fake else 0
    yield
    bugs = target.fake.bugs[known:] if target.fake else ()
    if bugs:
        pytest.fail("\n".join(bug.traceback for bug in bugs), pytrace=False)


@pytest.fixture(scope="module")
def shared(target: Target) -> Iterator[Collections]:
    """Collections that live as long as a module's tests, for tests that only read."""
    yield from _dropping(Collections(target, _prefix()))


@pytest.fixture
def collections(target: Target) -> Iterator[Collections]:
    """Collections of one test."""
    yield from _dropping(Collections(target, _prefix()))


@pytest.fixture
def fake(target: Target) -> FakeMilvus:
    """The handle of the server, for what only a FakeMilvus can do."""
    if target.fake is None:
        pytest.skip("of fakemilvus alone: a real Milvus is not steered, looked into or sent rubbish")
    return target.fake


def _prefix() -> str:
    return f"conformance_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"


def _closing(target: Target) -> Iterator[Target]:
    yield target
    target.close()


def _dropping(collections: Collections) -> Iterator[Collections]:
    yield collections
    collections.drop_all()
