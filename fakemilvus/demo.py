"""The main job, shown: a stock client fills a collection, builds a real IVF_FLAT index and watches its rows count.

The server runs in this process, so that the bar can say what no client can see: how far the training is.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from pymilvus import DataType, MilvusClient
from tqdm import tqdm

from fakemilvus.server import FakeMilvus

Vectors = npt.NDArray[np.float32]

NAME = "demo"
DIM, LATENT_DIM, CLUSTERS, SPREAD = 128, 16, 1_000, 0.55
BATCH_ROWS = 5_000
NLIST, NPROBE, TOP = 1024, 16, 10
QUERIES = 200
POLL_S = 0.01
BAR = "  {desc:<16.16} {percentage:3.0f} % |{bar:40}| {n_fmt:>6} of {total_fmt} {unit}  {elapsed}"


@dataclass(frozen=True, slots=True)
class Summary:
    """What the demo measured; times in seconds."""

    inserted_per_s: float
    build_s: float
    progress_values: int
    recall: float
    search_p50_s: float


def run(rows: int) -> int:
    """Shows the main job on so many vectors; returns the exit code."""
    data = clustered(rows + QUERIES)
    vectors, queries = data[:rows], data[rows:]
    with FakeMilvus() as server, closing(MilvusClient(server.uri)) as client:
        print(f"fakemilvus at {server.uri}, used through pymilvus\n")
        _create(client)
        inserted_per_s = _insert(client, vectors)
        build_s, seen = _build(server, client)
        found, search_p50_s = _search(client, queries)
    recall = _recall(found, _exact(vectors, queries))
    _print_summary(rows, Summary(inserted_per_s, build_s, seen, recall, search_p50_s))
    return 0


def clustered(rows: int, seed: int = 7) -> Vectors:
    """Vectors, shape (rows, DIM), around centres in a space of few dimensions, as embeddings are.

    Independent random numbers would have no neighbours worth finding, and far centres none that are hard to find.
    """
    rng = np.random.default_rng(seed)
    centres = rng.standard_normal((CLUSTERS, LATENT_DIM), dtype=np.float32)
    latent = centres[rng.integers(CLUSTERS, size=rows)]
    latent += np.float32(SPREAD) * rng.standard_normal((rows, LATENT_DIM), dtype=np.float32)
    return latent @ rng.standard_normal((LATENT_DIM, DIM), dtype=np.float32)


def _create(client: Any) -> None:
    schema = client.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=DIM)
    client.create_collection(NAME, schema=schema)


def _insert(client: Any, vectors: Vectors) -> float:
    """Inserts in batches and flushes; returns rows per second of client and server together."""
    started = time.perf_counter()
    with _bar("insert", len(vectors)) as bar:
        for first in range(0, len(vectors), BATCH_ROWS):
            batch = vectors[first : first + BATCH_ROWS]
            client.insert(NAME, [{"id": first + row, "vector": vector} for row, vector in enumerate(batch)])
            bar.update(len(batch))
    inserted_per_s = len(vectors) / (time.perf_counter() - started)
    client.flush(NAME)
    return inserted_per_s


def _build(server: FakeMilvus, client: Any) -> tuple[float, int]:
    """Builds the index and shows what describe_index reports; returns seconds and the distinct row counts seen."""
    index = client.prepare_index_params()
    index.add_index("vector", index_type="IVF_FLAT", metric_type="L2", params={"nlist": NLIST})
    started = time.perf_counter()
    client.create_index(NAME, index, sync=False)
    seen = set()
    with _bar("build", 0) as bar:
        for figures in _figures(client):
            seen.add(figures["indexed_rows"])
            bar.total = figures["total_rows"]
            bar.set_description_str(_phase(server, figures), refresh=False)
            bar.update(figures["indexed_rows"] - bar.n)
    return time.perf_counter() - started, len(seen)


def _figures(client: Any) -> Iterator[dict[str, Any]]:
    """What describe_index says, until the build has ended."""
    while True:
        figures = client.describe_index(NAME, "vector")
        yield figures
        if figures["state"] != "InProgress" and not figures["pending_index_rows"]:
            return
        time.sleep(POLL_S)


def _phase(server: FakeMilvus, figures: dict[str, Any]) -> str:
    """In words: training i/n until rows begin to count."""
    if figures["indexed_rows"]:
        return "index"
    build = server.builds.status()[0]
    return f"training {build.trained}/{build.train_steps}" if build.train_steps else build.phase


def _search(client: Any, queries: Vectors) -> tuple[list[list[int]], float]:
    """The ids found for each query, one query a call, and the median seconds of a call."""
    client.load_collection(NAME)
    found, seconds = [], []
    with _bar("search", len(queries), "queries") as bar:
        for query in queries:
            started = time.perf_counter()
            hits = client.search(NAME, [query], limit=TOP, search_params={"params": {"nprobe": NPROBE}})
            seconds.append(time.perf_counter() - started)
            found.append([hit["id"] for hit in hits[0]])
            bar.update()
    return found, float(np.median(seconds))


def _exact(vectors: Vectors, queries: Vectors) -> npt.NDArray[np.int64]:
    """The true nearest neighbours by brute force, shape (queries, TOP)."""
    distances = (vectors**2).sum(axis=1) - 2 * queries @ vectors.T
    return np.argpartition(distances, TOP, axis=1)[:, :TOP]


def _recall(found: list[list[int]], exact: npt.NDArray[np.int64]) -> float:
    """The share of the true neighbours that was found."""
    return sum(len(set(ids) & set(true.tolist())) for ids, true in zip(found, exact, strict=True)) / exact.size


@contextmanager
def _bar(name: str, total: int, unit: str = "rows") -> Iterator[Any]:
    with tqdm(desc=name, total=total, unit=unit, bar_format=BAR, unit_scale=True, mininterval=0.05) as bar:
        yield bar
        bar.refresh()


def _print_summary(rows: int, summary: Summary) -> None:
    lines = {
        "inserted": f"{summary.inserted_per_s:,.0f} rows/s through pymilvus",
        "built": f"IVF_FLAT, nlist {NLIST}, in {summary.build_s:.1f} s",
        "progress": f"{summary.progress_values} distinct row counts were seen on the way",
        f"recall@{TOP}": f"{summary.recall:.3f} against exact search, nprobe {NPROBE}",
        "search": f"{1000 * summary.search_p50_s:.2f} ms, the median of {QUERIES}",
    }
    print(f"\n{rows:,} vectors of {DIM} dimensions")
    for name, value in lines.items():
        print(f"  {name:<10} {value}")
