"""Starting: from the process to its first answered rpc, and what it holds in memory before there is work.

compare.py starts every server once before, uncounted, so that its files are in the cache.
"""

from __future__ import annotations

from benchmarks.session import Session
from benchmarks.table import Row, mib, seconds

ROWS: list[Row] = [
    Row("start", "process start to first answered rpc, warm", seconds, "0.35 s"),
    Row("idle_mib", "resident, idle", mib, "70 MiB"),
]


def measure(session: Session) -> None:
    session.figures |= {"start": session.running.start_s, "idle_mib": session.running.resident_mib()}


if __name__ == "__main__":
    from benchmarks.compare import print_part

    print_part("starting")
