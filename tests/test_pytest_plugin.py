"""pytest_plugin: the fixtures, seen by a test suite that uses them."""

from __future__ import annotations

import subprocess
import sys

import pymilvus  # noqa: F401 - what the inner runs import first is unloaded after them, and numpy loads only once
import pytest

import fakemilvus.server  # noqa: F401 - the same
from fakemilvus.rpcs import HANDLERS

HEAVY = {"numpy", "grpc", "pymilvus", "faiss", "google.protobuf"}
QUIET = ("-p", "no:asyncio")  # it warns that the inner suites do not configure it


def test_import_is_cheap() -> None:
    """Loading the plugin imports none of numpy, grpc, protobuf, faiss and pymilvus."""
    script = f"import sys, fakemilvus.pytest_plugin; print(*{HEAVY!r} & set(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert loaded.stdout.split() == []


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

    monkeypatch.setitem(HANDLERS, "HasCollection", broken)
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


def test_unused(pytester: pytest.Pytester) -> None:
    """A suite that uses no fixture of ours starts no server."""
    pytester.makepyfile("""
        import threading

        def test_elsewhere():
            assert not [thread for thread in threading.enumerate() if thread.name.startswith("fakemilvus")]
    """)
    pytester.runpytest_subprocess().assert_outcomes(passed=1)
