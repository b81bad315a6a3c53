"""Hits among elements made hits among rows, as a hybrid search wants them beside hits of other fields.

Source: collapseElementLevelResult of the proxy's search_pipeline.go, Milvus 3.0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fakemilvus.engine.metrics import METRICS
from fakemilvus.engine.search import Hits

SUMS = ("sum", "topk_sum")


@dataclass(frozen=True, slots=True)
class Collapse:
    """How the distances of a row's elements become one; ``topk`` of the best where the strategy says so, else 0."""

    strategy: str = "max"
    topk: int = 0


def collapsed(hits: Hits, metric: str, how: Collapse) -> Hits:
    """Each row once a query, best first, equal ones in the order of their best elements."""
    if hits.places is None:
        return hits
    queries = np.repeat(np.arange(len(hits.counts)), hits.counts)
    codes = np.unique(hits.keys, return_inverse=True)[1]
    _, first, numbers = np.unique(
        queries * (int(codes.max(initial=0)) + 1) + codes, return_index=True, return_inverse=True
    )
    scores = _combined(hits.distances, numbers, len(first), how)
    order = np.lexsort((first, METRICS[metric].worth(scores), queries[first]))
    counts = np.bincount(queries[first], minlength=len(hits.counts))
    rows = hits.taken(first[order], counts).scored(scores[order])
    return Hits(rows.counts, rows.distances, rows.keys, rows.segments, rows.segment_numbers, rows.rows)


def _combined(scores: NDArray[np.float32], numbers: NDArray[np.intp], rows: int, how: Collapse) -> NDArray[np.float32]:
    """One score a row of those of its elements, which come best first."""
    order = np.argsort(numbers, kind="stable")
    sizes = np.bincount(numbers, minlength=rows)
    within = np.arange(len(order)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    kept = order[within < _KEPT[how.strategy](how.topk, len(order) + 1)]
    total = np.zeros(rows, np.float32)
    np.add.at(total, numbers[kept], scores[kept])
    if how.strategy.endswith("avg"):
        total /= np.bincount(numbers[kept], minlength=rows).astype(np.float32)
    return total


_KEPT: dict[str, Callable[[int, int], int]] = {
    "max": lambda topk, every: 1,
    "sum": lambda topk, every: every,
    "avg": lambda topk, every: every,
    "topk_sum": lambda topk, every: topk,
    "topk_avg": lambda topk, every: topk,
}
"""How many of a row's best elements count, by strategy."""
STRATEGIES = tuple(_KEPT)
