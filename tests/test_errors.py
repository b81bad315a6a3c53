"""The errors: every class is found by its name, in one file, and a server that starts reads only the first file."""

from __future__ import annotations

import inspect
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from fakemilvus import errors

NAMES = ("core", *errors.FILES)


def defined(file: str) -> dict[str, object]:
    """The classes that a file defines itself."""
    module = import_module(f"fakemilvus.errors.{file}")
    return {
        name: kind for name, kind in inspect.getmembers(module, inspect.isclass) if kind.__module__ == module.__name__
    }


def test_every_file_is_listed() -> None:
    """No file has errors that cannot be found."""
    assert {path.stem for path in Path(errors.__file__).parent.glob("*.py")} == {"__init__", *NAMES}


def test_every_file_is_seen_by_type_checkers() -> None:
    """The package names each file for type checkers too, to which an error that is not there is a mistake."""
    text = Path(errors.__file__).read_text()
    assert [file for file in NAMES if f"from fakemilvus.errors.{file} import *" not in text] == []


@pytest.mark.parametrize("file", NAMES)
def test_every_name_resolves(file: str) -> None:
    """Each class is the package's own by its name, unless it is private."""
    assert defined(file)
    for name, kind in defined(file).items():
        assert name.startswith("_") or getattr(errors, name) is kind


def test_no_name_is_defined_twice() -> None:
    """A name stands in one file, and there once."""
    lines = [line for path in Path(errors.__file__).parent.glob("*.py") for line in path.read_text().splitlines()]
    names = [line.partition("(")[0] for line in lines if line.startswith("class ")]
    assert len(names) == len(set(names))


def test_unknown_name() -> None:
    """A name that no file has is an AttributeError, as of any module."""
    with pytest.raises(AttributeError, match="no attribute 'NoSuchError'"):
        errors.NoSuchError  # type: ignore[attr-defined]  # noqa: B018


def test_a_start_reads_the_core_alone() -> None:
    """The files of refusals are imported only when one of theirs is needed."""
    script = "import sys, fakemilvus.server; print(*(name for name in sys.modules if 'fakemilvus.errors.' in name))"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert loaded.stdout.split() == ["fakemilvus.errors.core"]
