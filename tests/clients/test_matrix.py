"""Stock clients of every age, and every protobuf: the same work, each in a virtual environment of its own.

The environments are made when first needed and kept in .matrix/, or where FAKEMILVUS_MATRIX says; remove one to
have the newest release of its client again.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tomllib
import venv
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from fakemilvus.server import FakeMilvus

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1_800)]

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
ENVIRONMENTS = Path(os.environ.get("FAKEMILVUS_MATRIX") or ROOT / ".matrix")

WORK = {"schema", "quick", "alias", "orm"}
ASYNC = WORK | {"async"}  # before 2.6 it has no describe_index
ALL = ASYNC | {"async describe_index"}


@dataclass(frozen=True, slots=True)
class Client:
    """A release line of pymilvus: what pip must be told beside it, and what of the work it can do."""

    line: str
    does: set[str]
    needs: tuple[str, ...] = ()


# What old lines need: pkg_resources, which left setuptools in 81; and an environs that still knows its marshmallow.
CLIENTS = [
    Client("2.3", WORK, ("setuptools<81", "marshmallow<4", "environs<=9.5")),
    Client("2.4", ASYNC, ("setuptools<81", "marshmallow<4")),
    Client("2.5", ASYNC, ("setuptools<81",)),
    Client("2.6", ALL),
    Client("3.0", ALL),
]
PROTOBUFS = [
    (CLIENTS[2], "4.25"),  # pymilvus 2.6 and later want protobuf 5
    (CLIENTS[4], "5"),
    (CLIENTS[4], "6"),
    (CLIENTS[4], "7"),
]


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.line)
def test_client(client: Client, fakemilvus: FakeMilvus) -> None:
    """The newest release of each line does the whole work, and meets nothing that is not built."""
    python = _environment(f"pymilvus=={client.line}.*", *client.needs)
    done = _run(python, "flow.py", fakemilvus.uri)
    assert done["pymilvus"].startswith(f"{client.line}.")
    assert set(done["done"]) == client.does
    assert fakemilvus.unimplemented == ()


@pytest.mark.parametrize(("client", "protobuf"), PROTOBUFS, ids=[protobuf for _, protobuf in PROTOBUFS])
def test_protobuf(client: Client, protobuf: str) -> None:
    """Client and server share a process on each protobuf, whichever of them is imported first."""
    python = _environment(f"pymilvus=={client.line}.*", *client.needs, f"protobuf=={protobuf}.*", *_own_needs())
    for first in ("fakemilvus", "pymilvus"):
        done = _run(python, "together.py", first)
        assert done["protobuf"].startswith(f"{protobuf}.")
        assert set(done["done"]) == client.does


def _run(python: Path, script: str, argument: str) -> dict[str, Any]:
    """What a script beside this file printed as JSON, run with the package of this checkout on the path."""
    ended = subprocess.run(
        [python, HERE / script, argument],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return dict(json.loads(ended.stdout))


def _environment(*requirements: str) -> Path:
    """The interpreter of a virtual environment with these requirements; pip's own complaint where it fails."""
    name = hashlib.sha256(" ".join(requirements).encode()).hexdigest()[:8]
    home = ENVIRONMENTS / f"{requirements[0].replace('==', '-').removesuffix('.*')}-{name}"
    python, ready = home / "bin" / "python", home / "ready"
    if ready.exists():
        return python
    venv.create(home, clear=True)  # without pip, whose bundle Debian packages apart; ours installs there too
    pip = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--disable-pip-version-check"]
    ended = subprocess.run([*pip, *requirements], capture_output=True, text=True, timeout=1_500, check=False)
    assert ended.returncode == 0, ended.stderr
    ready.write_text("\n".join(requirements))
    return python


def _own_needs() -> list[str]:
    """The package's dependencies but protobuf, which each case pins."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return [need for need in project["dependencies"] if not need.startswith("protobuf")]
