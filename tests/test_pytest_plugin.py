"""pytest_plugin: the fixtures, seen by a test suite that uses them."""

from __future__ import annotations

import subprocess
import sys

import pymilvus  # noqa: F401 - what the inner runs import first is unloaded after them, and numpy loads only once
import pytest

import fakemilvus.server  # noqa: F401 - the same
from fakemilvus.rpcs import collections

CREATE = 'fakemilvus_client.create_collection("docs", dimension=4)'
HEAVY = {"numpy", "grpc", "pymilvus", "faiss", "google.protobuf"}
QUIET = ("-p", "no:asyncio", "-p", "no:hypothesispytest")  # the one warns that it is not configured, the other is slow


@pytest.fixture(autouse=True)
def _no_real_milvus(monkeypatch: pytest.MonkeyPatch) -> None:
    """The inner suites are about fakemilvus, whatever this one runs against."""
    monkeypatch.delenv("MILVUS_URI", raising=False)


def test_import_is_cheap() -> None:
    """Loading the plugin imports none of numpy, grpc, protobuf, faiss and pymilvus."""
    script = f"import sys, fakemilvus.pytest_plugin; print(*{HEAVY!r} & set(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert loaded.stdout.split() == []


def test_import_is_small() -> None:
    """Beside pytest, loading the plugin loads its own file and the empty package, and nothing else."""
    script = "import sys, pytest; before = set(sys.modules); import fakemilvus.pytest_plugin; "
    script += "print(*sorted(set(sys.modules) - before))"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert loaded.stdout.split() == ["fakemilvus", "fakemilvus.pytest_plugin"]


def test_one_empty_server(pytester: pytest.Pytester) -> None:
    """All tests of a run share one server, and each finds it empty."""
    pytester.makepyfile("""
        import pytest
        uris = set()

        @pytest.mark.parametrize("turn", range(3))
        def test_shared(turn, fakemilvus, fakemilvus_client):
            assert fakemilvus_client.list_collections() == []
            fakemilvus_client.create_collection("same_name", dimension=4 + turn)
            uris.add(fakemilvus.uri)
            assert len(uris) == 1
    """)
    pytester.runpytest_inprocess(*QUIET).assert_outcomes(passed=3)


def test_steering_is_reset(pytester: pytest.Pytester) -> None:
    """Holds, and the log of calls, do not survive into the next test."""
    pytester.makepyfile("""
        def test_first(fakemilvus, fakemilvus_client):
            fakemilvus.builds.hold()
            fakemilvus_client.list_collections()
            assert fakemilvus.calls.of("ShowCollections")

        def test_second(fakemilvus):
            assert not fakemilvus.calls.of("ShowCollections")
    """)
    pytester.runpytest_inprocess(*QUIET).assert_outcomes(passed=2)


def test_bug_fails_the_test(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug of the server fails the test in which it showed, with its traceback, and only that one."""

    def broken(*_: object) -> None:
        raise ZeroDivisionError("a bug of ours")

    monkeypatch.setitem(collections.RPCS, "HasCollection", broken)
    pytester.makepyfile("""
        import contextlib
        import grpc

        def test_guilty(fakemilvus):
            with grpc.insecure_channel(fakemilvus.uri.removeprefix("http://")) as channel:
                ask = channel.unary_unary("/milvus.proto.milvus.MilvusService/HasCollection")
                with contextlib.suppress(grpc.RpcError):
                    ask(b"")

        def test_innocent(fakemilvus):
            pass
    """)
    result = pytester.runpytest_inprocess(*QUIET)
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["*at teardown of test_guilty*", "*fakemilvus itself has a bug*", "*a bug of ours*"])


def test_unimplemented_is_listed(pytester: pytest.Pytester) -> None:
    """A failing test lists the rpcs that it called and that are not built."""
    pytester.makepyfile("""
        import grpc

        def test_asks(fakemilvus):
            with grpc.insecure_channel(fakemilvus.uri.removeprefix("http://")) as channel:
                channel.unary_unary("/milvus.proto.milvus.MilvusService/NeverBuilt")(b"")
    """)
    result = pytester.runpytest_inprocess(*QUIET)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*fakemilvus*", "*answered UNIMPLEMENTED*", "*NeverBuilt*"])


def test_options(pytester: pytest.Pytester) -> None:
    """A suite turns the server's knobs by overriding ``fakemilvus_options``."""
    pytester.makeconftest("""
        import pytest

        @pytest.fixture(scope="session")
        def fakemilvus_options():
            return {"default_index_names": "field-id"}
    """)
    pytester.makepyfile("""
        def test_names(fakemilvus_client):
            fakemilvus_client.create_collection("books", dimension=4)
            assert fakemilvus_client.list_indexes("books") == ["_default_idx_101"]
    """)
    pytester.runpytest_inprocess(*QUIET).assert_outcomes(passed=1)


def test_ini_options(pytester: pytest.Pytester) -> None:
    """The ini file turns the server's knobs too: numbers are numbers, and anything else is text."""
    pytester.makeini("""
        [pytest]
        fakemilvus_options =
            min_index_rows = 7
            default_index_names = field-id
    """)
    pytester.makepyfile("""
        def test_names(fakemilvus_options, fakemilvus_client):
            assert fakemilvus_options == {"min_index_rows": 7, "default_index_names": "field-id"}
            fakemilvus_client.create_collection("books", dimension=4)
            assert fakemilvus_client.list_indexes("books") == ["_default_idx_101"]
    """)
    pytester.runpytest_inprocess(*QUIET).assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("fakemilvus_options = min_index_rows", "*takes `name = value` lines*"),
        ("fakemilvus_mode = elsewhere", "*must be in-process or subprocess*"),
    ],
)
def test_misspelt_ini(pytester: pytest.Pytester, line: str, complaint: str) -> None:
    """An ini line that says nothing is refused before any test runs."""
    pytester.makeini(f"[pytest]\n{line}")
    result = pytester.runpytest_inprocess(*QUIET)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([complaint])


def test_marker(pytester: pytest.Pytester) -> None:
    """A marker gives a test or class its own options, the closest has the last word; same options, same server."""
    pytester.makepyfile("""
        import pytest
        uris = {}

        def test_plain(fakemilvus_uri):
            uris["plain"] = fakemilvus_uri

        @pytest.mark.fakemilvus(default_index_names="field-id", seed=5)
        class TestMarked:
            def test_class(self, fakemilvus_client, fakemilvus_uri):
                uris["class"] = fakemilvus_uri
                fakemilvus_client.create_collection("books", dimension=4)
                assert fakemilvus_client.list_indexes("books") == ["_default_idx_101"]

            @pytest.mark.fakemilvus(default_index_names="field")
            def test_closest(self, fakemilvus_client, fakemilvus_uri):
                uris["closest"] = fakemilvus_uri
                fakemilvus_client.create_collection("books", dimension=4)
                assert fakemilvus_client.list_indexes("books") == ["vector"]

        @pytest.mark.fakemilvus(seed=5, default_index_names="field-id")
        def test_same(fakemilvus_client, fakemilvus_uri):
            assert fakemilvus_uri == uris["class"]
            assert fakemilvus_client.list_collections() == []
            assert len(set(uris.values())) == 3
    """)
    pytester.runpytest_inprocess(*QUIET).assert_outcomes(passed=4)


def test_factory(pytester: pytest.Pytester) -> None:
    """A test starts as many servers as it likes, and none is left after it."""
    pytester.makepyfile("""
        import pytest
        started = []

        def test_two(fakemilvus_factory, fakemilvus):
            started.extend([fakemilvus_factory(), fakemilvus_factory(min_index_rows=1)])
            assert len({server.uri for server in [fakemilvus, *started]}) == 3

        def test_stopped():
            for server in started:
                with pytest.raises(RuntimeError, match="not running"):
                    server.port
    """)
    pytester.runpytest_inprocess(*QUIET).assert_outcomes(passed=2)


def test_factory_is_checked(pytester: pytest.Pytester) -> None:
    """What goes wrong on a server of the factory fails the test too."""
    pytester.makepyfile("""
        from fakemilvus import Fail, Fault

        def test_unused(fakemilvus_factory):
            fakemilvus_factory().faults.add(Fault("Search", Fail()))
    """)
    pytester.runpytest_inprocess(*QUIET).assert_outcomes(passed=1, errors=1)


def test_unused_faults(pytester: pytest.Pytester) -> None:
    """A rule that befell nothing fails its test, unless it may, or the test has failed anyway."""
    pytester.makepyfile("""
        from fakemilvus import Fail, Fault

        def test_guilty(fakemilvus):
            fakemilvus.faults.add(Fault("Search", Fail("never seen")))

        def test_optional(fakemilvus):
            fakemilvus.faults.add(Fault("Search", Fail(), optional=True))

        def test_failed(fakemilvus):
            fakemilvus.faults.add(Fault("Search", Fail()))
            assert False

        def test_innocent(fakemilvus):
            pass
    """)
    result = pytester.runpytest_inprocess(*QUIET)
    result.assert_outcomes(passed=3, failed=1, errors=1)
    result.stdout.fnmatch_lines(["*at teardown of test_guilty*", "*1 fault rule(s) were never used*", "*never seen*"])


def test_calls_are_shown(pytester: pytest.Pytester) -> None:
    """A failing test's report shows the last calls, with what came of them; a passing one's does not."""
    pytester.makepyfile(f"""
        def test_fails(fakemilvus_client):
            {CREATE}
            for _ in range(30):
                fakemilvus_client.has_collection("missing")
            assert False

        def test_passes(fakemilvus_client):
            {CREATE}
    """)
    result = pytester.runpytest_inprocess(*QUIET, "-rA")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*fakemilvus: the last 20 of 3? calls*", "DescribeCollection(*missing*) -> 100 *"])
    assert result.stdout.str().count("DescribeCollection(") == 20
    result.stdout.no_fnmatch_line("CreateCollection(*")


def test_few_calls_are_shown(pytester: pytest.Pytester) -> None:
    """Where there were few, all are shown, each on a line of bounded length; a failing fixture shows them too."""
    pytester.makepyfile("""
        import pytest

        @pytest.fixture
        def broken(fakemilvus_client):
            fakemilvus_client.has_collection("x" * 1_000)
            raise ZeroDivisionError

        def test_fails(broken):
            pass
    """)
    result = pytester.runpytest_inprocess(*QUIET)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*fakemilvus: 2 calls*", "Connect(*", "DescribeCollection(*xxx…*(* ms)"])


ASYNC_WORK = """
    await client.create_collection("docs", dimension=4)
    await client.insert("docs", [{"id": 1, "vector": [1, 2, 3, 4]}])
    found = await client.search("docs", [[1, 2, 3, 4]], limit=1)
    assert found[0][0]["id"] == 1
"""


@pytest.mark.parametrize("mode", ["auto", "strict"])
def test_async_client(pytester: pytest.Pytester, mode: str) -> None:
    """The asynchronous client works in the loop of each test that pytest-asyncio runs, and is closed after it."""
    marker = "@pytest.mark.asyncio" if mode == "strict" else ""
    pytester.makepyfile(f"""
import pytest
clients = []

{marker}
@pytest.mark.parametrize("turn", range(3))
async def test_work(turn, fakemilvus_async_client):
    client = fakemilvus_async_client
    clients.append(client)
    {ASYNC_WORK}

def test_closed():
    assert all(client._closed and client._handler is None for client in clients)
    """)
    options = (
        "-p",
        "no:hypothesispytest",
        "-W",
        "error",
        "-o",
        f"asyncio_mode={mode}",
        "-o",
        "asyncio_default_fixture_loop_scope=function",
    )
    pytester.runpytest_subprocess(*options).assert_outcomes(passed=4)


def test_async_client_without_a_plugin(pytester: pytest.Pytester) -> None:
    """Without a plugin for asynchronous tests it is an object to be used in asyncio.run, beside the other client."""
    pytester.makepyfile(f"""
import asyncio
import pytest

async def work(client):
    {ASYNC_WORK}

@pytest.mark.parametrize("turn", range(3))
def test_work(turn, fakemilvus_async_client, fakemilvus_client):
    asyncio.run(work(fakemilvus_async_client))
    assert fakemilvus_client.list_collections() == ["docs"]

def test_never_used(fakemilvus_async_client):
    pass
    """)
    strict = ("-W", "error", "-W", "ignore::pytest.PytestAssertRewriteWarning")  # the outer run has loaded the plugin
    pytester.runpytest_inprocess(*strict, *QUIET).assert_outcomes(passed=4)


@pytest.mark.parametrize(("setting", "fast"), [("true", True), ("false", False)])
def test_fast_waits(pytester: pytest.Pytester, setting: str, fast: bool) -> None:
    """While a client fixture lives, pymilvus polls its server fast, unless the ini file says otherwise."""
    pytester.makeini(f"[pytest]\nfakemilvus_fast_waits = {setting}")
    pytester.makepyfile(f"""
        import time
        from pymilvus.client import async_grpc_handler, grpc_handler

        def test_client(fakemilvus_client):
            assert (grpc_handler.time is not time) == {fast}

        def test_async_client(fakemilvus_async_client):
            assert (grpc_handler.time is not time) == {fast}

        def test_none(fakemilvus):
            assert grpc_handler.time is time
    """)
    pytester.runpytest_inprocess(*QUIET).assert_outcomes(passed=3)


def test_unused(pytester: pytest.Pytester) -> None:
    """A suite that uses no fixture of ours starts no server."""
    pytester.makepyfile("""
        import threading

        def test_elsewhere():
            assert not [thread for thread in threading.enumerate() if thread.name.startswith("fakemilvus")]
    """)
    pytester.runpytest_subprocess().assert_outcomes(passed=1)
