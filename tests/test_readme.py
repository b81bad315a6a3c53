"""What README shows runs as it stands."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

README = (Path(__file__).parent.parent / "README.md").read_text()
BLOCKS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
TESTS = [block for block in BLOCKS if "def test_" in block]
SCRIPTS = [block for block in BLOCKS if "with FakeMilvus" in block]


@pytest.mark.parametrize("block", TESTS)
def test_example_test(block: str, fakemilvus: Any, fakemilvus_client: Any) -> None:
    """An example that is a test passes."""
    names: dict[str, Any] = {}
    exec(block, names)
    for name, function in list(names.items()):
        if name.startswith("test_"):
            function(fakemilvus, fakemilvus_client)


@pytest.mark.parametrize("block", SCRIPTS)
def test_example_script(block: str, capsys: pytest.CaptureFixture[str]) -> None:
    """An example that is a script runs."""
    exec(block, {})
    assert "http://127.0.0.1:" in capsys.readouterr().out


def test_examples_are_found() -> None:
    """There is at least one example of each sort."""
    assert TESTS
    assert SCRIPTS
