"""What the benchmarks measure, and what becomes of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import compare, index_kinds, sizes
from benchmarks.page import BEGIN, END, HEADLINES, page, with_headlines
from benchmarks.parts import BY_NAME, PARTS, with_needs
from benchmarks.report import Report
from benchmarks.session import Effort
from benchmarks.table import OURS, Column, Row, markdown, seconds

ROWS = {row.key: row for part in PARTS for row in part.rows}


@pytest.fixture
def report() -> Report:
    made = Report("a machine", "2026-01-01", rows=1_000, dim=128)
    made.add(OURS, "fakemilvus 1", {"build": 2.0, "start": 0.5})
    made.add("faiss", "raw FAISS", {"build": 1.0})
    return made


def test_keys_are_unique() -> None:
    """No two rows of any parts have the same key, so that none overwrites another's figure."""
    assert len(ROWS) == sum(len(part.rows) for part in PARTS)


def test_headlines_are_rows() -> None:
    """Every headline of README is a row that some part has."""
    assert set(HEADLINES) <= set(ROWS)


def test_ratio_beside_a_peer() -> None:
    """A peer's cell has the ratio of fakemilvus' figure to it; a column without a figure is left out."""
    columns = [Column("lite", "lite", {"x": 4.0}), Column(OURS, "ours", {"x": 1.0}), Column("grpc", "grpc", {"y": 1.0})]
    table = markdown([Row("x", "what it is", seconds, "2 s")], columns)
    assert table.splitlines()[0] == "| what | wanted | ours | lite |"
    assert table.splitlines()[2] == "| what it is | 2 s | 1.00 s | 4.00 s (0.25 x) |"


def test_report_of_a_file(report: Report, tmp_path: Path) -> None:
    """A report that was written is read as it was."""
    report.took("building", 1.5)
    report.write(tmp_path / "report.json")
    assert Report.read(tmp_path / "report.json") == report


def test_page_names_the_machine(report: Report) -> None:
    """The page says on what and when it was measured, and has the tables of the parts that were."""
    made = page(report)
    assert "a machine; 1,000 x 128 clustered vectors; 2026-01-01" in made
    assert f"## {BY_NAME['building'].title}" in made
    assert f"## {BY_NAME['hybrid'].title}" not in made


def test_readme_between_the_marks(report: Report) -> None:
    """Only what stands between the marks of README is replaced."""
    made = with_headlines(f"before\n{BEGIN}\nold\n{END}\nafter", report)
    assert made.startswith(f"before\n{BEGIN}\n")
    assert made.endswith(f"{END}\nafter")
    assert "old" not in made
    assert "2.00 s" in made


def test_readme_has_the_marks() -> None:
    """README.md has a place for the headlines."""
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    assert readme.count(BEGIN) == readme.count(END) == 1


def test_needs_come_first() -> None:
    """What a part needs is done before it, in the order of the table."""
    assert [part.name for part in with_needs([BY_NAME["searching"]])] == ["writing", "building", "searching"]


def test_parts_of_a_run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A quick run over few rows finds a figure for every row of its parts, and prints them."""
    monkeypatch.setattr(compare, "QUICK", Effort(rows=2_000, repeats=1, calls=20, throughput_s=0.1))
    path, parts = tmp_path / "report.json", ["searching", "hybrid", "full_text"]
    compare.main(["--quick", "--targets", OURS, "--only", ",".join(parts), "--json", str(path)])
    figures = Report.read(path).columns[OURS].figures
    assert {row.key for part in parts for row in BY_NAME[part].rows} <= set(figures)
    assert BY_NAME["hybrid"].title in capsys.readouterr().out


def test_a_kind_beside_faiss() -> None:
    """A kind of index has the same figures of FAISS and of fakemilvus, and their recalls are alike."""
    found = index_kinds.run(2_000, ["IVF_FLAT"])
    assert set(found["faiss"]) == set(found[OURS]) == {row.key for row in index_kinds.ROWS[:4]}
    assert found[OURS]["ivf_flat_recall"] == pytest.approx(found["faiss"]["ivf_flat_recall"], abs=0.05)


@pytest.mark.slow
def test_sizes_have_ratios() -> None:
    """Two sizes give the larger one's figures and what it costs per row against the smaller."""
    assert set(sizes.run(2_000, 4_000)[OURS]) == {row.key for row in sizes.ROWS}
