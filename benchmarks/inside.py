"""In one process with the server, as the pytest fixture has it: start, snapshot, restore, reset, drop during a build.

`python -m benchmarks.inside ROWS` prints the figures as JSON; compare.py runs it in a fresh process, so that what
was imported or allocated before does not count. Only fakemilvus has such a handle.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.client import Client, describe_index_request, index_request, insert_requests, list_request
from benchmarks.dataset import DIM, Dataset, make_dataset
from benchmarks.session import median, note, timed
from benchmarks.table import Row, milliseconds, seconds

BIG, SMALL = "big", "small"
SMALL_ROWS = 2_000  # enough that its index is really built, in a few milliseconds
SMALL_NLIST = 16
DROP_AFTER_S = (0.05, 0.2, 0.5, 0.8)  # into the training and into the assigning of a build of about a second
STARTS = 5
RESTORES = 5
ROWS_PER_CALL = 5_000
POLL_S = 0.002
ROWS: list[Row] = [
    Row("inside_start", "start in process, after imports", milliseconds, "20 ms"),
    Row("reset", "reset with 1,000,000 rows inside", milliseconds, "5 ms"),
    Row("snapshot", "snapshot with 1,000,000 rows inside", milliseconds, "5 ms"),
    Row("restore", "restore with 1,000,000 rows inside, worst of 5", milliseconds, "5 ms"),
    Row("dropped", "drop during a build: the call", milliseconds, ""),
    Row("freed", "drop during a build: the next build is done after, worst of 4", seconds, "0.5 s"),
    Row("freed_baseline", "that next build alone", seconds, ""),
]


def run(rows: int, total_rows: int) -> dict[str, float]:
    """The figures, measured in a process of their own."""
    command = [sys.executable, "-m", "benchmarks.inside", str(rows), str(total_rows)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def main() -> None:
    rows, total_rows = int(sys.argv[1]), int(sys.argv[2])
    figures = {"inside_start": _start_s()}
    _measure_state(figures, total_rows)
    _measure_drop(figures, make_dataset(rows))
    print(json.dumps(figures))


def _serve(act: Callable[[Any, Client], None]) -> None:
    from fakemilvus import FakeMilvus

    with FakeMilvus() as server:
        client = Client(server.uri.removeprefix("http://"))
        client.call("ShowCollections", list_request())
        act(server, client)
        client.close()


def _start_s() -> float:
    """From the call to the first answered rpc; the first time, which imports what is imported late, is not counted."""
    return median([_one_start_s() for _ in range(STARTS + 1)][1:])


def _one_start_s() -> float:
    ended = []
    started = time.perf_counter()
    _serve(lambda server, client: ended.append(time.perf_counter()))
    return ended[0] - started


def _measure_state(figures: dict[str, float], total_rows: int) -> None:
    """Snapshot, restore and reset, all with everything flushed but the last insert."""
    note("  snapshot, restore, reset")
    random = np.random.default_rng(7)
    part = Dataset(random.standard_normal((100_000, DIM), dtype=np.float32), np.empty((0, DIM)), np.arange(100_000))
    requests = insert_requests(BIG, part, ROWS_PER_CALL)

    def fill(client: Client) -> None:
        client.create(BIG)
        for number in range(total_rows // ROWS_PER_CALL):
            client.call("Insert", requests[number % len(requests)])
        client.flush(BIG)
        client.call("Insert", requests[0])

    def act(server: Any, client: Client) -> None:
        fill(client)
        kept = []
        figures["snapshot"] = timed(lambda: kept.append(server.snapshot()))
        figures["restore"] = max(_restore_s(server, client, requests[0], kept[0]) for _ in range(RESTORES))
        server.reset()
        del kept[:]
        fill(client)
        figures["reset"] = timed(server.reset)
        client.call("ShowCollections", list_request())

    _serve(act)


def _restore_s(server: Any, client: Client, request: Any, state: Any) -> float:
    """Over a collection that has gone another way meanwhile."""
    client.call("Insert", request)
    restore_s = timed(lambda: server.restore(state))
    client.call("ShowCollections", list_request())
    return restore_s


def _measure_drop(figures: dict[str, float], data: Dataset) -> None:
    """Two collections: the big one is dropped while its index is built; then the small one's turn comes."""
    small = Dataset(data.vectors[:SMALL_ROWS], data.queries, data.serials[:SMALL_ROWS])

    def act(server: Any, client: Client) -> None:
        _fill(client, SMALL, small)
        figures["freed_baseline"] = _build_small(client)
        took = [_drop_during_build(server, client, data, small, after_s) for after_s in DROP_AFTER_S]
        figures["dropped"] = max(drop for drop, _ in took)
        figures["freed"] = max(freed for _, freed in took)

    _serve(act)


def _drop_during_build(
    server: Any, client: Client, data: Dataset, small: Dataset, after_s: float
) -> tuple[float, float]:
    """Seconds of the drop, and from its answer until an index created then is built."""
    server.reset()
    _fill(client, SMALL, small)
    _fill(client, BIG, data)
    client.call("CreateIndex", index_request(BIG))
    time.sleep(after_s)
    note(f"  drop after {after_s} s, at {_progress(client, BIG)} rows")
    drop_s = timed(lambda: client.drop(BIG))
    return drop_s, _build_small(client)


def _build_small(client: Client) -> float:
    def build() -> None:
        client.call("CreateIndex", index_request(SMALL, SMALL_NLIST))
        client.wait(lambda: _progress(client, SMALL) >= SMALL_ROWS, POLL_S)

    return timed(build)


def _progress(client: Client, name: str) -> int:
    answer = client.call("DescribeIndex", describe_index_request(name))
    return int(answer.index_descriptions[0].indexed_rows)


def _fill(client: Client, name: str, data: Dataset) -> None:
    client.create(name)
    for request in insert_requests(name, data, ROWS_PER_CALL):
        client.call("Insert", request)
    client.flush(name)


if __name__ == "__main__":
    main()
