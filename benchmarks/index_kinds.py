"""Each kind of index, built and searched through the server, against FAISS called directly with the same parameters.

`python -m benchmarks.index_kinds ROWS [KIND ...]` prints the figures as JSON; compare.py runs it in a fresh process
for fakemilvus, server and client and FAISS in one. Builds follow one another and searches take turns, so that a busy
machine slows both. FAISS has as many iterations and sampled rows as fakemilvus; builds have all cores but one,
searches of 200 vectors all of them. The peers are asked as any part asks them, of the kinds that they know
and build within a minute; IVF_FLAT is what building.py measures.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import faiss
from pymilvus.grpc_gen import milvus_pb2

from benchmarks.client import INDEX, Client, Refused, found_ids
from benchmarks.dataset import TOP_K, Dataset, make_dataset, recall
from benchmarks.raw_faiss import CORES
from benchmarks.raw_kinds import KINDS, Measured, build_raw
from benchmarks.serving import Serving, build_kind, kind_search
from benchmarks.session import NAME, Session, median, note, timed
from benchmarks.table import OURS, Figures, Row, milliseconds, per_second, seconds, share

NQ = 200
TURNS, PEER_TURNS = 15, 5
SINGLES = 200
HNSW_P50 = "1 ms"


def _rows() -> list[Row]:
    rows = []
    for kind in KINDS:
        name = kind.name if kind.share == 1 else f"{kind.name}, 1/{kind.share} of the rows"
        rows += [
            Row(f"{kind.key}_build", f"{name}: build", seconds, "1.2 x raw"),
            Row(f"{kind.key}_batch", f"{name}: search nq={NQ}, vectors/s", per_second, "0.75 x raw", True),
            Row(f"{kind.key}_recall", f"{name}: recall@{TOP_K}", share, "raw - 0.01", True),
            Row(f"{kind.key}_single", f"{name}: search nq=1, p50", milliseconds, HNSW_P50 * (kind.name == "HNSW")),
        ]
    return rows


ROWS: list[Row] = _rows()


def run(rows: int, kinds: list[str] | None = None) -> dict[str, Figures]:
    """The figures of FAISS and of fakemilvus, measured in a process of their own."""
    command = [sys.executable, "-m", "benchmarks.index_kinds", str(rows), *(kinds or [])]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    figures: dict[str, Figures] = json.loads(done.stdout)
    return figures


def main() -> None:
    rows, kinds = int(sys.argv[1]), sys.argv[2:]
    whole = make_dataset(rows)
    part = {kind.share: _part(whole, rows // kind.share) for kind in KINDS}
    figures: dict[str, Figures] = {"faiss": {}, OURS: {}}
    for kind in KINDS:
        if not kinds or kind.name in kinds:
            _measure(kind, part[kind.share], figures["faiss"], figures[OURS])
    print(json.dumps(figures))


def _part(data: Dataset, rows: int) -> Dataset:
    return data if rows == data.rows else Dataset(data.vectors[:rows], data.queries, data.serials[:rows])


def _measure(kind: Measured, data: Dataset, theirs: Figures, ours: Figures) -> None:
    note(f"  {kind.name}")
    raw, theirs[f"{kind.key}_build"] = build_raw(kind, data)
    queries, truth = data.queries[:NQ], data.truth[:NQ]
    with Serving(data, kind, NAME) as (client, ours[f"{kind.key}_build"]):
        request = kind_search(NAME, kind, queries)
        faiss.omp_set_num_threads(CORES)
        client.call("Search", request)
        took = [
            (
                timed(lambda: client.call("Search", request)),
                timed(lambda: raw.index.search(queries, TOP_K, params=raw.params)),
            )
            for _ in range(TURNS)
        ]
        ours[f"{kind.key}_batch"] = NQ / median([mine for mine, _ in took])
        ours[f"{kind.key}_recall"] = recall(found_ids(client.call("Search", request)), truth)
        ours[f"{kind.key}_single"] = _single_s(client, kind, data)
    theirs[f"{kind.key}_batch"] = NQ / median([its for _, its in took])
    theirs[f"{kind.key}_recall"] = recall(raw.index.search(queries, TOP_K, params=raw.params)[1], truth)
    alone = [timed(lambda one=one: raw.index.search(one[None], TOP_K, params=raw.params)) for one in queries]  # type: ignore[misc]
    theirs[f"{kind.key}_single"] = median(alone)


def measure(session: Session) -> None:
    """A peer's kinds, one after the other over the rows that are there; those that it refuses have no figures."""
    if not session.stores or session.running.target.key == OURS:
        return
    for kind in KINDS:
        if kind.on_peers:
            try:
                session.figures |= _of_peer(session.client, kind, session.data)
            except Refused as refusal:
                note(f"  {kind.name} refused: {str(refusal)[:100]}")


def _of_peer(client: Client, kind: Measured, data: Dataset) -> Figures:
    client.call("ReleaseCollection", milvus_pb2.ReleaseCollectionRequest(collection_name=NAME))
    drop = milvus_pb2.DropIndexRequest(collection_name=NAME, index_name=INDEX)
    client.call("DropIndex", drop)
    figures = {f"{kind.key}_build": timed(lambda: build_kind(client, NAME, kind))}
    client.load(NAME)
    request = kind_search(NAME, kind, data.queries[:NQ])
    found = found_ids(client.call("Search", request))
    batch_s = median([timed(lambda: client.call("Search", request)) for _ in range(PEER_TURNS)])
    return figures | {
        f"{kind.key}_batch": NQ / batch_s,
        f"{kind.key}_recall": recall(found, data.truth[:NQ]),
        f"{kind.key}_single": _single_s(client, kind, data),
    }


def _single_s(client: Client, kind: Measured, data: Dataset) -> float:
    requests: list[Any] = [kind_search(NAME, kind, query[None]) for query in data.queries[:SINGLES]]
    return median([timed(lambda request=request: client.call("Search", request)) for request in requests])  # type: ignore[misc]


if __name__ == "__main__":
    main()
