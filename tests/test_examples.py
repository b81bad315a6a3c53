"""examples/ runs as it stands, on fakemilvus and on a real Milvus, and docs/ quotes it word for word."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from pymilvus import MilvusClient

from fakemilvus import FakeMilvus
from fakemilvus.fast_waits import fast_waits

ROOT = Path(__file__).parent.parent
EXAMPLES = sorted((ROOT / "examples").glob("test_*.py"))
PAGES = sorted((ROOT / "docs").glob("*.md"))
QUOTE = re.compile(r"(?:^`(examples/\w+\.py)`:\n\n)?^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)
QUIET = (
    "-p",
    "no:asyncio",
    "-p",
    "no:hypothesispytest",
    "-p",
    "no:cacheprovider",
    "-W",
    "error",
    "-W",
    "ignore::pytest.PytestAssertRewriteWarning",
)


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A copy of the examples, run without this project's settings."""
    monkeypatch.delenv("MILVUS_URI", raising=False)
    shutil.copytree(ROOT / "examples", pytester.path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    return pytester


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_example(example: Path, suite: pytest.Pytester) -> None:
    """Every test of an example passes, and none is skipped."""
    outcomes = suite.runpytest_inprocess(*QUIET, example.name).parseoutcomes()
    assert outcomes.keys() <= {"passed"}


def test_on_a_real_milvus(suite: pytest.Pytester, fakemilvus: FakeMilvus) -> None:
    """With --milvus-uri the examples that steer are skipped, the others pass, and nothing of theirs stays behind."""
    with fast_waits(fakemilvus.uri):
        result = suite.runpytest_inprocess(*QUIET, "--milvus-uri", fakemilvus.uri)
    assert result.parseoutcomes().keys() == {"passed", "skipped"}
    assert fakemilvus.calls.of("Search")
    client = MilvusClient(fakemilvus.uri)
    assert client.list_collections() == client.list_aliases()["aliases"] == []
    client.close()


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_quotes(page: Path) -> None:
    """Each block of Python in a page stands in the example that it names."""
    for example, block in QUOTE.findall(page.read_text()):
        assert example, f"no example is named for:\n{block}"
        assert block in (ROOT / example).read_text()


def test_every_example_is_quoted() -> None:
    """There is a page about each example, and a quote in each page of examples."""
    quoted = {example for page in PAGES for example, _ in QUOTE.findall(page.read_text())}
    assert {f"examples/{path.name}" for path in EXAMPLES} <= quoted
