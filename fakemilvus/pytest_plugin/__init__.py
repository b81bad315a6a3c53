"""The pytest plugin: a Milvus for every test, which is a fakemilvus, or a real Milvus with ``--milvus-uri``.

Every test run on a machine with this package loads this file, so it imports nothing but pytest: numpy, grpc and
pymilvus come with the first test that asks for a fixture. ``servers`` runs what is tested against, ``report`` says what
happened there.
"""

from __future__ import annotations

import ast
import itertools
import os
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, nullcontext
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from fakemilvus.pytest_plugin.servers import Handle, Servers, Target

MODES = ("in-process", "subprocess")
_MARKER = "fakemilvus(**options): a server with these options of FakeMilvus, for one test or class"
_STEERED: pytest.StashKey[list[Handle]] = pytest.StashKey()  # the servers of a test that has one
_FAILED: pytest.StashKey[bool] = pytest.StashKey()
_SECTIONS: pytest.StashKey[list[tuple[str, str]]] = pytest.StashKey()  # of a server that may have ended since


# -- options -------------------------------------------------------------------------------------------------------


def pytest_addoption(parser: pytest.Parser) -> None:
    """The command line's and the ini file's options."""
    group = parser.getgroup("fakemilvus")
    uri, token = os.environ.get("MILVUS_URI", ""), os.environ.get("MILVUS_TOKEN", "")
    group.addoption("--milvus-uri", default=uri, help="test against this real Milvus (default: $MILVUS_URI)")
    group.addoption("--milvus-token", default=token, help="user:password of that Milvus (default: $MILVUS_TOKEN)")
    parser.addini("fakemilvus_options", "options of FakeMilvus, one `name = value` a line", type="linelist", default=[])
    parser.addini("fakemilvus_mode", f"where the server runs: {' or '.join(MODES)}", default=MODES[0])
    parser.addini("fakemilvus_fast_waits", "pymilvus' waits poll without long sleeps", type="bool", default=True)


def pytest_configure(config: pytest.Config) -> None:
    """Refuses what is misspelt, before any test runs."""
    config.addinivalue_line("markers", _MARKER)
    if config.getini("fakemilvus_mode") not in MODES:
        raise pytest.UsageError(f"fakemilvus_mode must be {' or '.join(MODES)}: {config.getini('fakemilvus_mode')!r}")
    _parse_options(config.getini("fakemilvus_options"))


# -- fixtures ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def fakemilvus_options(pytestconfig: pytest.Config) -> dict[str, Any]:
    """FakeMilvus' keyword arguments, from the ini file; may be overridden in a conftest.py."""
    return _parse_options(pytestconfig.getini("fakemilvus_options"))


@pytest.fixture(scope="session")
def fakemilvus_prefix() -> str:
    """What the names of this run and worker begin with; on a real Milvus only such names are cleaned up."""
    return f"fakemilvus_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{os.urandom(3).hex()}_"


@pytest.fixture(scope="session")
def _fakemilvus_servers(pytestconfig: pytest.Config, fakemilvus_prefix: str) -> Iterator[Servers]:
    from fakemilvus.pytest_plugin.servers import InProcess, Real, Subprocess

    uri, token = pytestconfig.getoption("--milvus-uri"), pytestconfig.getoption("--milvus-token")
    mode = pytestconfig.getini("fakemilvus_mode")
    servers = Real(uri, token, fakemilvus_prefix) if uri else InProcess() if mode == MODES[0] else Subprocess()
    yield servers
    servers.close()


@pytest.fixture
def _fakemilvus_target(
    request: pytest.FixtureRequest, _fakemilvus_servers: Servers, fakemilvus_options: dict[str, Any]
) -> Iterator[Target]:
    """What this test talks to, empty at its start, checked and cleaned at its end."""
    asked = [mark.kwargs for mark in request.node.iter_markers("fakemilvus")]
    options = dict(fakemilvus_options)
    for kwargs in reversed(asked):  # the closest marker comes first and has the last word
        options |= kwargs
    if asked and not _fakemilvus_servers.takes_options:
        pytest.skip(f"asks for a server with options of its own, and {_fakemilvus_servers.unsteerable}")
    target = _fakemilvus_servers.begin(options)
    if target.server is not None:
        _attach(request.node, target.server)
    yield target
    _fakemilvus_servers.end(target)
    if target.server is not None:
        _check(request.node, target.server)


@pytest.fixture
def fakemilvus(_fakemilvus_servers: Servers, request: pytest.FixtureRequest) -> Handle:
    """The server, empty, to be steered; a bug of it, and a fault rule that was never used, fail the test.

    With ``fakemilvus_mode = subprocess`` it is a RemoteFakeMilvus.
    """
    if _fakemilvus_servers.unsteerable:
        pytest.skip(f"steers its server, and {_fakemilvus_servers.unsteerable}")
    server: Handle = request.getfixturevalue("_fakemilvus_target").server
    return server


@pytest.fixture
def fakemilvus_uri(_fakemilvus_target: Target) -> str:
    """The address to give to a client."""
    return _fakemilvus_target.uri


@pytest.fixture
def fakemilvus_name(_fakemilvus_target: Target, fakemilvus_prefix: str) -> Callable[[str], str]:
    """A function from "docs" to a name that nobody else uses, and that is cleaned up on a real Milvus too."""
    return lambda name: f"{fakemilvus_prefix}{next(_NUMBERS)}_{name}"


@pytest.fixture
def fakemilvus_client(_fakemilvus_target: Target, pytestconfig: pytest.Config) -> Iterator[Any]:
    """A pymilvus.MilvusClient, closed after the test."""
    from pymilvus import MilvusClient

    with _fast_waits(_fakemilvus_target, pytestconfig):
        client = MilvusClient(_fakemilvus_target.uri, token=_fakemilvus_target.token)
        yield client
        client.close()


@pytest.fixture
def fakemilvus_async_client(_fakemilvus_target: Target, pytestconfig: pytest.Config) -> Iterator[Any]:
    """A pymilvus.AsyncMilvusClient, closed after the test; it connects when first used, in the loop that uses it."""
    from fakemilvus.pytest_plugin.asynchronous import close_client, make_client

    with _fast_waits(_fakemilvus_target, pytestconfig):
        client = make_client(_fakemilvus_target.uri, _fakemilvus_target.token)
        yield client
        close_client(client)


@pytest.fixture
def fakemilvus_factory(
    request: pytest.FixtureRequest, _fakemilvus_servers: Servers, fakemilvus_options: dict[str, Any]
) -> Iterator[Callable[..., Handle]]:
    """A function that starts one more server, with options of FakeMilvus; checked and stopped after the test."""
    if _fakemilvus_servers.unsteerable:
        pytest.skip(f"starts servers of its own, and {_fakemilvus_servers.unsteerable}")
    with ExitStack() as stop:

        def start(**options: Any) -> Any:
            server: Any = _fakemilvus_servers.start({**fakemilvus_options, **options})
            stop.callback(server.stop)
            stop.callback(_check, request.node, server)
            _attach(request.node, server)
            return server

        yield start


# -- what a test's report says -------------------------------------------------------------------------------------


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[Any]) -> Generator[None, Any, None]:
    """Adds to a failure what was asked of the servers, and what of it is not built."""
    outcome = yield
    servers = item.stash.get(_STEERED, None)
    if servers is None:
        return
    report = outcome.get_result()
    if call.when == "teardown":
        report.sections.extend(item.stash.get(_SECTIONS, []))
        del item.stash[_STEERED]
    elif report.failed:
        from fakemilvus.pytest_plugin.report import sections

        item.stash[_FAILED] = True
        for server in servers:
            report.sections.extend(sections(server))


def _attach(item: pytest.Item, server: Handle) -> None:
    item.stash.setdefault(_STEERED, []).append(server)


def _check(item: pytest.Item, server: Handle) -> None:
    """A test that failed already is not blamed for rules that it never came to."""
    from fakemilvus.pytest_plugin.report import check_bugs, check_faults, sections

    try:
        check_bugs(server)
        if not item.stash.get(_FAILED, False):
            check_faults(server)
    except pytest.fail.Exception:
        item.stash[_SECTIONS] = sections(server)
        raise


# -- private -------------------------------------------------------------------------------------------------------


def _fast_waits(target: Target, config: pytest.Config) -> Any:
    """A real Milvus is polled as pymilvus pleases."""
    if target.real or not config.getini("fakemilvus_fast_waits"):
        return nullcontext()
    from fakemilvus.fast_waits import fast_waits

    return fast_waits(target.uri)


def _parse_options(lines: list[str]) -> dict[str, Any]:
    """``name = value`` each; a value is a Python literal, or else text."""
    options = {}
    for line in lines:
        name, separator, value = (part.strip() for part in line.partition("="))
        if not separator or not name.isidentifier():
            raise pytest.UsageError(f"fakemilvus_options takes `name = value` lines, not {line!r}")
        try:
            options[name] = ast.literal_eval(value)
        except (ValueError, SyntaxError):
            options[name] = value
    return options


_NUMBERS = itertools.count(1)
