"""IVF_FLAT over 1,000,000 rows against 100,000: what grows as the work does costs the same per row.

`python -m benchmarks.sizes ROWS` prints the figures of so many rows as JSON; compare.py runs it
in a fresh process for each size.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path

import faiss

from benchmarks.dataset import TOP_K, Dataset, make_dataset
from benchmarks.raw_faiss import CORES
from benchmarks.raw_kinds import KINDS, build_raw
from benchmarks.serving import Serving, kind_search
from benchmarks.session import median, note, timed
from benchmarks.table import OURS, Figures, Row, mib, milliseconds, seconds, times

NAME = "sizes"
NQ = 200
TURNS = 15
MIB = 1 << 20
PER_ROW = ("build", "batch", "mib")
ROWS: list[Row] = [
    Row("many_build", "1,000,000 rows: build", seconds, ""),
    Row("many_batch", f"1,000,000 rows: one search nq={NQ}", milliseconds, ""),
    Row("many_single", "1,000,000 rows: search nq=1, p50", milliseconds, ""),
    Row("many_mib", "1,000,000 rows of 512 bytes: memory, vectors and index", mib, ""),
    Row("many_build_ratio", "build per row / per row of 100,000", times, "1.2 x"),
    Row("many_batch_ratio", f"search nq={NQ} per row / per row of 100,000", times, "1.2 x"),
    Row("many_mib_ratio", "memory per row / per row of 100,000", times, "1.2 x"),
]


def run(few: int, many: int) -> dict[str, Figures]:
    """The figures of the many, and their cost per row against that of the few: fakemilvus' and FAISS'."""
    small, large = _alone(few), _alone(many)
    return {key: _compared(small[key], large[key], many / few) for key in large}


def _compared(small: Figures, large: Figures, growth: float) -> Figures:
    ratios = {f"many_{what}_ratio": large[what] / growth / small[what] for what in PER_ROW if what in large}
    return {f"many_{what}": value for what, value in large.items()} | ratios


def _alone(rows: int) -> dict[str, Figures]:
    command = [sys.executable, "-m", "benchmarks.sizes", str(rows)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    figures: dict[str, Figures] = json.loads(done.stdout)
    return figures


def main() -> None:
    note(f"  IVF_FLAT over {sys.argv[1]} rows")
    kind, data = KINDS[0], make_dataset(int(sys.argv[1]))
    before = _resident_mib()
    with Serving(data, kind, NAME) as (client, build_s):
        request = kind_search(NAME, kind, data.queries[:NQ])
        single = [kind_search(NAME, kind, query[None]) for query in data.queries[:NQ]]
        client.call("Search", request)
        figures = {
            "build": build_s,
            "batch": median([timed(lambda: client.call("Search", request)) for _ in range(TURNS)]),
            "single": median([timed(lambda one=one: client.call("Search", one)) for one in single]),  # type: ignore[misc]
            "mib": _resident_mib() - before,
        }
    print(json.dumps({OURS: figures, "faiss": _of_faiss(data)}))


def _of_faiss(data: Dataset) -> Figures:
    """Its figures beside ours: lists that no longer fit into the processor's cache slow down both."""
    raw, build_s = build_raw(KINDS[0], data)

    def batch() -> None:
        raw.index.search(data.queries[:NQ], TOP_K, params=raw.params)

    faiss.omp_set_num_threads(CORES)
    batch()
    return {"build": build_s, "batch": median([timed(batch) for _ in range(TURNS)])}


def _resident_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / MIB


if __name__ == "__main__":
    main()
