"""pytest_plugin: the same tests against a real Milvus, where a FakeMilvus stands in for it, and a server elsewhere."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator

import pytest
from pymilvus import MilvusClient

from fakemilvus import Delay, FakeMilvus, Fault
from fakemilvus.fast_waits import fast_waits

QUIET = ("-p", "no:asyncio", "-p", "no:hypothesispytest", "-p", "no:cacheprovider")


@pytest.fixture
def real(fakemilvus: FakeMilvus, monkeypatch: pytest.MonkeyPatch) -> FakeMilvus:
    """What the inner suite takes for a real Milvus."""
    monkeypatch.delenv("MILVUS_URI", raising=False)
    monkeypatch.delenv("MILVUS_TOKEN", raising=False)
    return fakemilvus


@pytest.fixture
def _fast(real: FakeMilvus) -> Iterator[None]:
    """The inner suite would wait for it as long as for a real Milvus."""
    with fast_waits(real.uri):
        yield


@pytest.fixture
def client(real: FakeMilvus) -> Iterator[MilvusClient]:
    client = MilvusClient(real.uri)
    yield client
    client.close()


PORTABLE = """
    import pytest

    @pytest.mark.parametrize("turn", range(2))
    def test_portable(turn, fakemilvus_client, fakemilvus_name, fakemilvus_prefix, fakemilvus_uri):
        name, alias = fakemilvus_name("docs"), fakemilvus_name("docs")
        assert name != alias
        assert not [other for other in fakemilvus_client.list_collections() if other.startswith(fakemilvus_prefix)]
        fakemilvus_client.create_collection(name, dimension=4)
        fakemilvus_client.create_alias(name, alias)
        assert fakemilvus_client.describe_collection(alias)["aliases"] == [alias]
"""


@pytest.mark.usefixtures("_fast")
def test_portable_tests(pytester: pytest.Pytester, real: FakeMilvus, client: MilvusClient) -> None:
    """A test that steers nothing runs against the real Milvus, which afterwards holds what it held before."""
    client.create_collection("somebody_elses", dimension=4)
    client.create_alias("somebody_elses", "an_alias")
    pytester.makepyfile(PORTABLE)
    pytester.runpytest_inprocess(*QUIET, "--milvus-uri", real.uri).assert_outcomes(passed=2)
    assert real.calls.of("CreateAlias", alias="an_alias")
    assert len(real.calls.of("CreateCollection")) == 3
    assert client.list_collections() == ["somebody_elses"]
    assert client.list_aliases()["aliases"] == ["an_alias"]


@pytest.mark.usefixtures("_fast")
def test_own_aliases_on_others(pytester: pytest.Pytester, real: FakeMilvus, client: MilvusClient) -> None:
    """An alias with the run's prefix is dropped from somebody else's collection too."""
    client.create_collection("somebody_elses", dimension=4)
    pytester.makepyfile("""
        def test_alias(fakemilvus_client, fakemilvus_name):
            fakemilvus_client.create_alias("somebody_elses", fakemilvus_name("alias"))
    """)
    pytester.runpytest_inprocess(*QUIET, "--milvus-uri", real.uri).assert_outcomes(passed=1)
    assert client.list_collections() == ["somebody_elses"]
    assert client.list_aliases()["aliases"] == []


@pytest.mark.usefixtures("_fast")
def test_failing_tests_are_cleaned_up(pytester: pytest.Pytester, real: FakeMilvus, client: MilvusClient) -> None:
    """What a failing test made is dropped as well, though it only asked for a name."""
    pytester.makepyfile("""
        from pymilvus import MilvusClient

        def test_fails(fakemilvus_name, fakemilvus_uri):
            MilvusClient(fakemilvus_uri).create_collection(fakemilvus_name("docs"), dimension=4)
            assert False
    """)
    pytester.runpytest_inprocess(*QUIET, "--milvus-uri", real.uri).assert_outcomes(failed=1)
    assert real.calls.of("CreateCollection")
    assert client.list_collections() == []


def test_steering_is_skipped(pytester: pytest.Pytester, real: FakeMilvus) -> None:
    """Tests that steer their server, start some or want other options are skipped, and say why."""
    pytester.makepyfile("""
        import pytest

        def test_steers(fakemilvus):
            assert False

        def test_starts(fakemilvus_factory):
            assert False

        @pytest.mark.fakemilvus(min_index_rows=1)
        def test_options(fakemilvus_client):
            assert False
    """)
    result = pytester.runpytest_inprocess(*QUIET, "-rs", "--milvus-uri", real.uri)
    result.assert_outcomes(skipped=3)
    result.stdout.fnmatch_lines_random(
        [
            "SKIPPED*steers its server, and a real Milvus (--milvus-uri) cannot be steered",
            "SKIPPED*starts servers of its own, and a real Milvus (--milvus-uri) cannot be steered",
            "SKIPPED*a server with options of its own, and a real Milvus (--milvus-uri) cannot be steered",
        ]
    )
    assert not real.calls


def test_environment(pytester: pytest.Pytester, real: FakeMilvus, monkeypatch: pytest.MonkeyPatch) -> None:
    """MILVUS_URI and MILVUS_TOKEN say the same as the options, and clients log in with the token."""
    monkeypatch.setenv("MILVUS_URI", real.uri)
    monkeypatch.setenv("MILVUS_TOKEN", "somebody:secret")
    rule = real.faults.add(Fault("ShowCollections", Delay(0.0), client="somebody:secret"))
    pytester.makepyfile("def test_client(fakemilvus_client): fakemilvus_client.list_collections()")
    pytester.runpytest_inprocess(*QUIET).assert_outcomes(passed=1)
    assert rule.hits


def test_a_real_milvus_is_polled_as_ever(pytester: pytest.Pytester, real: FakeMilvus) -> None:
    """There are no fast waits against a real Milvus."""
    pytester.makepyfile("""
        import time
        from pymilvus.client import grpc_handler

        def test_client(fakemilvus_client):
            assert grpc_handler.time is time
    """)
    pytester.runpytest_inprocess(*QUIET, "--milvus-uri", real.uri).assert_outcomes(passed=1)


def test_workers(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each xdist worker has a server and a prefix of its own."""
    monkeypatch.delenv("MILVUS_URI", raising=False)
    pytester.makepyfile("""
        import pathlib
        import pytest

        @pytest.mark.parametrize("turn", range(8))
        def test_who(turn, fakemilvus_client, fakemilvus_uri, fakemilvus_prefix, worker_id):
            assert fakemilvus_client.list_collections() == []
            fakemilvus_client.create_collection("docs", dimension=4)
            pathlib.Path(f"worker-{worker_id}").write_text(f"{fakemilvus_uri} {fakemilvus_prefix}")
    """)
    pytester.runpytest_subprocess(*QUIET, "-n", "2").assert_outcomes(passed=8)
    seen = [path.read_text().split() for path in pytester.path.glob("worker-*")]
    assert len({uri for uri, _ in seen}) == len({prefix for _, prefix in seen}) == len(seen) == 2


@pytest.fixture
def elsewhere(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A suite whose server runs in a process of its own."""
    monkeypatch.delenv("MILVUS_URI", raising=False)
    pytester.makeini("[pytest]\nfakemilvus_mode = subprocess\nfakemilvus_options = default_index_names = field-id")
    return pytester


def test_subprocess(elsewhere: pytest.Pytester) -> None:
    """A server in a process of its own has the options, is found empty by every test, and is gone in the end."""
    elsewhere.makepyfile("""
        import pathlib
        import threading
        import pytest

        @pytest.mark.parametrize("turn", range(3))
        def test_empty(turn, fakemilvus_client, fakemilvus_uri, fakemilvus_name):
            assert fakemilvus_client.list_collections() == []
            fakemilvus_client.create_collection("docs", dimension=4)
            fakemilvus_client.create_collection(fakemilvus_name("docs"), dimension=4)
            fakemilvus_client.create_alias("docs", "an_alias")
            assert fakemilvus_client.list_indexes("docs") == ["_default_idx_101"]
            assert not [thread for thread in threading.enumerate() if thread.name.startswith("fakemilvus")]
            pathlib.Path("uri").write_text(fakemilvus_uri)
    """)
    elsewhere.runpytest_subprocess(*QUIET, "-W", "error").assert_outcomes(passed=3)
    assert not _listens((elsewhere.path / "uri").read_text())


def test_subprocess_steering(elsewhere: pytest.Pytester) -> None:
    """A server elsewhere is steered over its control service, by the same names."""
    elsewhere.makepyfile("""
        from fakemilvus import Fail, Fault

        def test_steers(fakemilvus, fakemilvus_client):
            fakemilvus.builds.mode("immediate")
            with fakemilvus.faults.add(Fault("ListAliases", Fail("not now"), first=1)) as rule:
                try:
                    fakemilvus_client.list_aliases()
                except Exception as problem:
                    assert "not now" in str(problem)
            assert rule.hits == 1
            fakemilvus.calls.assert_called("ListAliases", times=1)
            assert not fakemilvus.bugs

        def test_starts(fakemilvus_factory):
            one, other = fakemilvus_factory(), fakemilvus_factory(seal="insert")
            assert one.uri != other.uri
            assert other.dump()["collections"] == []
    """)
    elsewhere.runpytest_subprocess(*QUIET, "-W", "error").assert_outcomes(passed=2)


def test_subprocess_faults_must_be_used(elsewhere: pytest.Pytester) -> None:
    """A rule that never befell anything fails its test, wherever the server is."""
    elsewhere.makepyfile("""
        from fakemilvus import Fail, Fault

        def test_unused(fakemilvus):
            fakemilvus.faults.add(Fault("Search", Fail()))
    """)
    result = elsewhere.runpytest_subprocess(*QUIET)
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*1 fault rule(s) were never used*", "*rpc='Search'*"])


def test_subprocess_marker(elsewhere: pytest.Pytester) -> None:
    """A marker's options reach a server elsewhere, and one that it cannot have is named."""
    elsewhere.makepyfile("""
        import pytest

        @pytest.mark.fakemilvus(default_index_names="field")
        def test_known(fakemilvus_client):
            fakemilvus_client.create_collection("docs", dimension=4)
            assert fakemilvus_client.list_indexes("docs") == ["vector"]

        @pytest.mark.fakemilvus(colour="red")
        def test_unknown(fakemilvus_client):
            pass
    """)
    result = elsewhere.runpytest_inprocess(*QUIET)
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*`fakemilvus serve` did not start*", "*--colour=red*"])


def _listens(uri: str) -> bool:
    """Whether anybody answers there."""
    host, _, port = uri.rpartition("//")[2].partition(":")
    with socket.socket() as probe:
        return probe.connect_ex((host, int(port))) == os.EX_OK
