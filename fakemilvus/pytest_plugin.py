"""The pytest fixtures ``fakemilvus``, a server that every test finds empty, and ``fakemilvus_client``, a client of it.

Every test run on a machine with this package loads this file, so it imports nothing but pytest: numpy, grpc and
pymilvus come with the first test that asks for a fixture.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from fakemilvus.server import FakeMilvus

_SERVER: pytest.StashKey[FakeMilvus] = pytest.StashKey()


@pytest.fixture(scope="session")
def fakemilvus_options() -> dict[str, Any]:
    """The server's knobs, as FakeMilvus' keyword arguments; override it in a conftest.py to turn one."""
    return {}


@pytest.fixture(scope="session")
def fakemilvus_server(fakemilvus_options: dict[str, Any]) -> Iterator[FakeMilvus]:
    """The one server of this run, or of this xdist worker; tests want ``fakemilvus``, which is reset for each."""
    from fakemilvus.server import FakeMilvus

    with FakeMilvus(**fakemilvus_options) as server:
        yield server


@pytest.fixture
def fakemilvus(request: pytest.FixtureRequest, fakemilvus_server: FakeMilvus) -> Iterator[FakeMilvus]:
    """An empty server: ``fakemilvus.uri`` is its address. A bug of the server fails the test at its teardown."""
    fakemilvus_server.reset()
    request.node.stash[_SERVER] = fakemilvus_server
    yield fakemilvus_server
    del request.node.stash[_SERVER]
    bugs = list(fakemilvus_server.bugs)
    if bugs:
        tracebacks = "\n".join(f"in {bug.where}:\n{bug.traceback}" for bug in bugs)
        pytest.fail(f"fakemilvus itself has a bug, {len(bugs)} time(s) in this test\n{tracebacks}", pytrace=False)


@pytest.fixture
def fakemilvus_client(fakemilvus: FakeMilvus) -> Iterator[Any]:
    """A pymilvus.MilvusClient of the ``fakemilvus`` server, closed after the test."""
    from pymilvus import MilvusClient

    client = MilvusClient(fakemilvus.uri)
    yield client
    client.close()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    """Lists in the test's report what it asked of the server that is not built."""
    yield
    server = item.stash.get(_SERVER, None)
    if server is not None and server.unimplemented:
        refused = "\n".join(dict.fromkeys(server.unimplemented))
        item.add_report_section("call", "fakemilvus", f"answered UNIMPLEMENTED, because it is not built:\n{refused}\n")
