"""Searches that ask more than the nearest rows: groups, and all within a radius; beside a plain search."""

from __future__ import annotations

import json
from itertools import cycle, islice
from typing import Any

import numpy as np

from benchmarks.client import found_ids, pairs, search_request
from benchmarks.dataset import BUCKETS, TOP_K
from benchmarks.session import NAME, WARM_CALLS, Session, median, patiently, settled, timed
from benchmarks.table import Row, milliseconds, times

NPROBE = 16
ROWS: list[Row] = [
    Row("plain", "plain search nq=1 top 10, p50", milliseconds, ""),
    Row("grouped", "search that groups by a scalar of 100 values, p50", milliseconds, ""),
    Row("grouped_ratio", "grouped / plain", times, ""),
    Row("ranged", "range search, 10 best of those within a radius, p50", milliseconds, ""),
    Row("ranged_ratio", "range / plain", times, ""),
]


def measure(session: Session) -> None:
    """The three take turns, over the collection that was built before; whoever ignores the wish has no figure."""
    if not session.stores:
        return
    radius = float(np.median(_radii(session)))
    asked = {"plain": (_plain, True), "grouped": (_grouped, _groups(session)), "ranged": (_ranged, True)}
    took: dict[str, list[float]] = {name: [] for name, (_, honoured) in asked.items() if honoured}
    for query in patiently(islice(cycle(session.data.queries), WARM_CALLS + session.effort.calls // 2)):
        for name, values in took.items():
            request = asked[name][0](query[None], radius)
            values.append(timed(lambda request=request: session.client.call("Search", request)))  # type: ignore[misc]
    figures = {name: median(settled(values)) for name, values in took.items()}
    session.figures |= figures | {f"{name}_ratio": value / figures["plain"] for name, value in figures.items()}
    del session.figures["plain_ratio"]


def _radii(session: Session) -> list[float]:
    """How far the tenth neighbours of some queries are: about half of a range search's rows are within the middle."""
    answer = session.client.call("Search", _plain(session.data.queries[:100], 0))
    return list(answer.results.scores[TOP_K - 1 :: TOP_K])


def _groups(session: Session) -> bool:
    """Whether no two hits of a grouped search have the same value."""
    found = found_ids(session.client.call("Search", _grouped(session.data.queries[:10], 0)))
    return all(len(np.unique(line[line >= 0] % BUCKETS)) == TOP_K for line in found)


def _plain(queries: Any, radius: float) -> Any:
    return search_request(NAME, queries, NPROBE)


def _grouped(queries: Any, radius: float) -> Any:
    request = search_request(NAME, queries, NPROBE)
    request.search_params.extend(pairs({"group_by_field": "bucket"}))
    return request


def _ranged(queries: Any, radius: float) -> Any:
    request = search_request(NAME, queries, NPROBE)
    (params,) = [pair for pair in request.search_params if pair.key == "params"]
    params.value = json.dumps({"nprobe": NPROBE, "radius": radius, "range_filter": 0.0})
    return request


if __name__ == "__main__":
    from benchmarks.compare import print_part

    print_part("searching")
