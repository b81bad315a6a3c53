"""Reading: searches one by one, from eight threads, many in a call, under a filter; and a query on a scalar."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice
from typing import Any

import numpy as np

from benchmarks.client import found_ids, query_request, search_request
from benchmarks.dataset import BUCKET, recall
from benchmarks.session import NAME, WARM_CALLS, Session, median, p99, patiently, settled, timed_each
from benchmarks.table import Row, milliseconds, per_second, share

NPROBE = 16
THREADS = 8
VECTORS_PER_CALL = 200
ROWS: list[Row] = [
    Row("search_p50", "search nq=1 top 10, p50", milliseconds, "1.9 x bare gRPC"),
    Row("search_p99", "search nq=1 top 10, p99", milliseconds, ""),
    Row(
        "threads",
        "the same from 8 threads, searches/s",
        per_second,
        "0.45 x bare gRPC and 1.2 x Milvus",
        more_is_better=True,
    ),
    Row("batch", "search nq=200, vectors/s; FAISS on all cores", per_second, "0.75 x raw", more_is_better=True),
    Row("batch_one", "search nq=200, vectors/s; FAISS on one thread", per_second, "", more_is_better=True),
    Row("filter_p50", "search, filter that leaves 1 %, p50", milliseconds, "1.0 ms"),
    Row("filter_recall", "search, filter that leaves 1 %, recall@10", share, "exact", more_is_better=True),
    Row("query_p50", "query on a scalar, p50", milliseconds, "1.0 ms"),
]


def measure(session: Session) -> None:
    single = [search_request(NAME, query[None], NPROBE) for query in session.data.queries]
    took = _ask(session, "Search", single)
    session.figures |= {"search_p50": median(took), "search_p99": p99(took), "threads": _throughput(session, single)}
    if session.stores:
        session.figures["batch"] = _batch_rate(session)
        _measure_filter(session)
        serials = [query_request(NAME, f"serial == {serial}") for serial in range(session.effort.calls)]
        session.figures["query_p50"] = median(_ask(session, "Query", serials))


def _ask(session: Session, rpc: str, requests: list[Any]) -> list[float]:
    """Seconds of each call, one after the other, after a few that are not counted."""
    many = islice(cycle(requests), WARM_CALLS + session.effort.calls)
    client = session.client
    return settled(timed_each((lambda request=request: client.call(rpc, request)) for request in patiently(many)))


def _throughput(session: Session, requests: list[Any]) -> float:
    """Searches per second of eight threads that share a channel, each asking as fast as it is answered."""
    client = session.client
    deadline = time.perf_counter() + session.effort.throughput_s

    def work(first: int) -> int:
        done = 0
        while time.perf_counter() < deadline:
            client.call("Search", requests[(first + done) % len(requests)])
            done += 1
        return done

    started = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as pool:
        total = sum(pool.map(work, range(0, len(requests), len(requests) // THREADS)))
    return total / (time.perf_counter() - started)


def _batch_rate(session: Session) -> float:
    queries = session.data.queries
    starts = range(0, len(queries), VECTORS_PER_CALL)
    requests = [search_request(NAME, queries[start : start + VECTORS_PER_CALL], NPROBE) for start in starts]
    calls = list(islice(cycle(requests), session.effort.batches + 1))
    took = timed_each((lambda request=request: session.client.call("Search", request)) for request in calls)
    return VECTORS_PER_CALL / median(took[1:])


def _measure_filter(session: Session) -> None:
    queries = session.data.queries[:VECTORS_PER_CALL]
    requests = [search_request(NAME, query[None], NPROBE, f"bucket == {BUCKET}") for query in queries]
    session.figures["filter_p50"] = median(_ask(session, "Search", requests))
    found = np.concatenate([found_ids(session.client.call("Search", request)) for request in requests])
    session.figures["filter_recall"] = recall(found, session.data.bucket_truth[: len(queries)])


if __name__ == "__main__":
    from benchmarks.compare import print_part

    print_part("reading")
