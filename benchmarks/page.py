"""The page and README's table, made of the figures that a run has kept.

`python -m benchmarks.page FILE` writes docs/benchmarks.md anew, and what stands between the two marks of README.md.
"""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.parts import PARTS
from benchmarks.report import Report
from benchmarks.table import markdown, tables

ROOT = Path(__file__).parent.parent
PAGE, README = ROOT / "docs" / "benchmarks.md", ROOT / "README.md"
BEGIN, END = "<!-- benchmarks: begin -->", "<!-- benchmarks: end -->"
HEADLINES = [
    "start",
    "idle_mib",
    "unit_test_fast",
    "insert",
    "build",
    "progress_values",
    "recall_4",
    "indexed_mib",
    "search_p50",
    "batch",
    "hnsw_single",
    "hybrid_ratio",
    "bm25_found",
    "query_p50",
    "inside_start",
    "reset",
]
HEAD = """# Benchmarks

`python -m benchmarks --json FILE` runs them, with Milvus and milvus-lite where they are installed beside fakemilvus;
`python -m benchmarks.page FILE` makes this page of what it found. `--only NAME,NAME` runs some parts, `--quick` is
faster and rougher.

This run: {described}.

In brackets: fakemilvus' figure divided by this one. Ratios within one run count more than figures. Servers ran one
after the other, each alone on the machine, driven through generated stubs with requests made beforehand. Raw FAISS has
fakemilvus' parameters and threads, unless a row says otherwise; bare gRPC is a server in Python that does nothing. A
cell is empty where a target has no such thing, refuses it, or would take minutes to be filled.

"""


def main() -> None:
    report = Report.read(Path(sys.argv[1]))
    PAGE.write_text(page(report))
    README.write_text(with_headlines(README.read_text(), report))


def page(report: Report) -> str:
    """All that was found, part by part."""
    groups = [(part.title, part.rows) for part in PARTS]
    return HEAD.format(described=report.describe()) + tables(groups, list(report.columns.values())) + "\n"


def with_headlines(readme: str, report: Report) -> str:
    """The text with the few rows that matter most between the marks."""
    rows = {row.key: row for part in PARTS for row in part.rows}
    table = markdown([rows[key] for key in HEADLINES], list(report.columns.values()))
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{report.describe()}.\n\n{table}\n{END}{after}"


if __name__ == "__main__":
    main()
