"""cli: the commands, each as a user runs it."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from pymilvus import MilvusClient

import fakemilvus as package
from fakemilvus import FakeMilvus, cli
from fakemilvus.engine.options import Options
from fakemilvus.rpcs import HANDLERS

READY = "fakemilvus is ready at "
Serve = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts ``fakemilvus serve`` on free ports, with more arguments where given."""
    running = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "fakemilvus", "serve", "--port", "0", "--management-port", "0", *arguments]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        running.append(process)
        return process

    yield start
    for process in running:
        process.kill()
        process.communicate()


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A loopback port that somebody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


def line_with(process: subprocess.Popen[str], start: str) -> str:
    """What follows ``start`` in the process' first line that begins so."""
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith(start):
            return line.removeprefix(start).strip()
    raise AssertionError(f"the process ended without a line {start!r}")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "fakemilvus", *arguments], capture_output=True, text=True, check=False)


def test_serve_is_ready(serve: Serve) -> None:
    """The ready line names a URI that a stock client can use."""
    client = MilvusClient(line_with(serve(), READY))
    assert client.list_collections() == []
    client.close()


def test_authorization_is_ignored(serve: Serve) -> None:
    """A token such as root:Milvus is ignored, as Milvus does while authorization is off."""
    client = MilvusClient(line_with(serve(), READY), token="root:Milvus")
    assert client.list_collections() == []
    client.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_ends_it_cleanly(serve: Serve, number: signal.Signals) -> None:
    """SIGTERM and SIGINT end the server with exit code 0 and not a word."""
    process = serve()
    line_with(process, READY)
    process.send_signal(number)
    _, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (0, "")


def test_taken_port(serve: Serve, taken_port: int) -> None:
    """A taken port is one line that names it, and exit code 1."""
    process = serve("--port", str(taken_port))
    output, errors = process.communicate(timeout=30)
    assert (process.returncode, output, errors.count("\n")) == (1, "", 1)
    assert str(taken_port) in errors


def test_taken_management_port(serve: Serve, taken_port: int) -> None:
    """A taken management port is a warning, and the server runs without /healthz."""
    process = serve("--management-port", str(taken_port))
    line_with(process, READY)
    process.terminate()
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "warning" in errors
    assert str(taken_port) in errors


def test_healthz(serve: Serve) -> None:
    """/healthz says OK."""
    with urllib.request.urlopen(line_with(serve(), "health is at ")) as response:
        assert response.read() == b"OK"


def test_knobs_reach_the_server(serve: Serve) -> None:
    """A knob given as a flag is the server's."""
    client = MilvusClient(line_with(serve("--default-index-names", "field-id"), READY))
    client.create_collection("books", dimension=4)
    assert client.list_indexes("books") == ["_default_idx_101"]
    client.close()


def test_every_knob_has_a_flag() -> None:
    """Each of Options' knobs is a flag of serve, with the same default."""
    chosen = cli._parser().parse_args(["serve"])
    assert Options(**{knob.name: getattr(chosen, knob.name) for knob in fields(Options)}) == Options()


def test_bad_knob(serve: Serve) -> None:
    """A knob's impossible value is one line that names the knob, and exit code 1."""
    process = serve("--segment-rows", "0")
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 1
    assert errors.startswith("fakemilvus: segment_rows must be")


def test_serve_imports_little() -> None:
    """A server that answers, and was asked for nothing yet, has imported only what it needs for that."""
    script = "import sys, fakemilvus.cli, fakemilvus.server as s; from fakemilvus.wire.probe import Probe\n"
    script += "with s.FakeMilvus() as server: assert Probe(server.uri.partition('://')[2]).answers(timeout_s=30)\n"
    script += "print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    assert {name for name in loaded if name.startswith("fakemilvus.")} <= START
    assert not {"faiss", "numpy", "pymilvus", "tqdm", "zoneinfo"} & set(loaded)


def test_rpcs(capsys: pytest.CaptureFixture[str]) -> None:
    """``rpcs`` lists every rpc that is built, and says of how many."""
    assert cli.main(["rpcs"]) == 0
    *table, _, sum_line = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in table] == sorted(HANDLERS)
    assert sum_line.startswith(f"{len(HANDLERS)} of the 149 rpcs")


def test_version() -> None:
    """``version`` prints the package's version."""
    assert run("version").stdout == f"fakemilvus {package.__version__}\n"


def test_no_command() -> None:
    """Without a command the usage is shown, with exit code 2."""
    result = run()
    assert result.returncode == 2
    assert "usage: fakemilvus" in result.stderr


def test_watch(fakemilvus: FakeMilvus, fakemilvus_client: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """``watch`` ends with the build and says how many rows are indexed; the URI's http:// may be left out."""
    fakemilvus_client.create_collection("books", dimension=4)
    vectors = np.random.default_rng(1).random((1_500, 4), dtype=np.float32)
    fakemilvus_client.insert("books", [{"id": row, "vector": vector} for row, vector in enumerate(vectors)])
    fakemilvus_client.flush("books")
    assert cli.main(["watch", f"127.0.0.1:{fakemilvus.port}", "books"]) == 0
    assert capsys.readouterr().out == "1,500 of 1,500 rows are indexed\n"


def test_watch_unknown_collection(fakemilvus: FakeMilvus) -> None:
    """``watch`` of an unknown collection is one line and exit code 1."""
    result = run("watch", fakemilvus.uri, "films")
    assert (result.returncode, result.stdout, result.stderr.count("\n")) == (1, "", 1)
    assert "collection not found" in result.stderr


@pytest.mark.parametrize("command", [["demo"], ["watch", "http://127.0.0.1:1", "books"]])
def test_client_is_an_extra(command: list[str]) -> None:
    """Where pymilvus is not installed, the commands that need it say what to install."""
    script = f"import sys; sys.modules['pymilvus'] = None; import fakemilvus.cli as c; sys.exit(c.main({command!r}))"
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert "pip install 'fakemilvus[client]'" in result.stderr


def test_demo(capsys: pytest.CaptureFixture[str]) -> None:
    """``demo`` shows training, then rows, and ends with a summary of all that it measured."""
    assert cli.main(["demo", "--rows", "4000"]) == 0
    output, bars = capsys.readouterr()
    assert "100 % " in bars
    for measured in ("rows/s", "IVF_FLAT, nlist 1024", "distinct row counts", "recall@10", "ms, the median"):
        assert measured in output


def test_demo_of_too_little() -> None:
    """``demo`` refuses so few rows that Milvus would not index them."""
    result = run("demo", "--rows", "10")
    assert result.returncode == 2
    assert "at least 1024" in result.stderr


START = {
    f"fakemilvus.{name}"
    for name in (
        *("cli", "clock", "errors", "errors.core", "faults", "limits", "rpcs", "rpcs.system", "server"),
        *(f"wire{file}" for file in ("", ".calls", ".dispatch", ".listener", ".messages", ".misfortune", ".probe")),
        *("engine", "engine.build", "engine.build_queue", "engine.builds", "engine.compactions", "engine.database"),
        *("engine.disposal", "engine.instance", "engine.memory", "engine.modes", "engine.names", "engine.options"),
        *("engine.quota", "engine.selection", "engine.state"),
    )
}
"""What a start may import of ours. Think before adding: each file costs a millisecond, some what they import too."""
