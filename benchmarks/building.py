"""Building: an IVF_FLAT index with nlist 1024, watched while it grows, and its recall afterwards.

A client asks DescribeIndex every few milliseconds from another rpc than the one that creates the index, because
some servers build inside CreateIndex. The build ends when no row is pending and CreateIndex has answered.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from benchmarks.client import checked, describe_index_request, found_ids, index_request, search_request
from benchmarks.dataset import recall
from benchmarks.session import NAME, Session, median, p99, timed
from benchmarks.table import Row, count, mib, milliseconds, seconds, share

POLL_S = 0.005
BUILD_TIMEOUT_S = 300.0
QUERIES_PER_CALL = 200
NPROBES = (4, 16)
ROWS: list[Row] = [
    Row("build", "build; FAISS with fakemilvus' parameters and threads", seconds, "1.15 x raw; 0.6 x Milvus"),
    Row("build_defaults", "build; FAISS' defaults, all cores", seconds, ""),
    Row("recall_4", "recall@10, nprobe 4", share, "within 0.03 of defaults", more_is_better=True),
    Row("recall_16", "recall@10, nprobe 16", share, "", more_is_better=True),
    Row("recall_defaults_4", "recall@10, nprobe 4; FAISS' defaults", share, "", more_is_better=True),
    Row("recall_defaults_16", "recall@10, nprobe 16; FAISS' defaults", share, "", more_is_better=True),
    Row("progress_values", "distinct progress values seen", count, "20", more_is_better=True),
    Row("describe_p50", "DescribeIndex while building, p50", milliseconds, "1.2 ms"),
    Row("describe_p99", "DescribeIndex while building, p99", milliseconds, "5 ms"),
    Row("load", "load", seconds, ""),
    Row("indexed_mib", "resident, with the vectors indexed", mib, "230 MiB"),
]


@dataclass(slots=True)
class Watched:
    """One build: how long it took, how long each question took, and what the answers said."""

    took_s: float = 0.0
    asked_s: list[float] = field(default_factory=list)
    values: set[int] = field(default_factory=set)


def measure(session: Session) -> None:
    if not session.stores:
        _measure_bare(session)
        return
    build = watch_build(session)
    session.figures |= {
        "build": build.took_s,
        "progress_values": len(build.values),
        "describe_p50": median(build.asked_s),
        "describe_p99": p99(build.asked_s),
        "load": timed(lambda: session.client.load(NAME)),
        "indexed_mib": session.running.resident_mib(),
    }
    for nprobe in NPROBES:
        session.figures[f"recall_{nprobe}"] = _recall(session, nprobe)


def _measure_bare(session: Session) -> None:
    request = describe_index_request(NAME)
    asked = []
    for _ in range(session.effort.calls):
        asked.append(timed(lambda: session.client.call("DescribeIndex", request)))
        time.sleep(POLL_S)
    session.figures |= {"describe_p50": median(asked), "describe_p99": p99(asked)}


def watch_build(session: Session) -> Watched:
    """Creates the index and asks for its progress until it is complete."""
    stub, request = session.client.stub, describe_index_request(NAME)
    watched, done = Watched(), False
    started = time.perf_counter()
    create = stub.CreateIndex.future(index_request(NAME), timeout=BUILD_TIMEOUT_S)
    while not done and time.perf_counter() < started + BUILD_TIMEOUT_S:
        time.sleep(POLL_S)
        answered = create.done()
        asked = time.perf_counter()
        answer = stub.DescribeIndex(request, timeout=BUILD_TIMEOUT_S)
        ended = time.perf_counter()
        watched.asked_s.append(ended - asked)
        done = _record(answer, watched, session.data.rows) and answered
        watched.took_s = ended - started
    checked(create.result())
    return watched


def _record(answer: Any, watched: Watched, rows: int) -> bool:
    """Notes the rows counted so far; True when all of them are. No description yet means no row is counted."""
    if not answer.index_descriptions:
        return False
    index = answer.index_descriptions[0]
    watched.values.add(index.indexed_rows)
    return bool(index.indexed_rows >= rows and not index.pending_index_rows)


def _recall(session: Session, nprobe: int) -> float:
    queries = session.data.queries
    parts = [queries[start : start + QUERIES_PER_CALL] for start in range(0, len(queries), QUERIES_PER_CALL)]
    found = [found_ids(session.client.call("Search", search_request(NAME, part, nprobe))) for part in parts]
    return recall(np.concatenate(found), session.data.truth)


if __name__ == "__main__":
    from benchmarks.compare import print_part

    print_part("building")
