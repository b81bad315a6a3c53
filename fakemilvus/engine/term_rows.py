"""The rows that a BM25 makes, as postings: for each term the rows that have it and how often; and their scores.

A segment keeps one for each such field while it has no index, and adds rows as it grows; an index is the same. A score
is the sum over the query's terms of ``weight * (k1 + 1) * tf / (tf + k1 * (1 - b + b * length / avgdl))``, as in
knowhere, where the weights hold how rare a term is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fakemilvus.datatypes import Mask
from fakemilvus.engine.keys import Keys, ranks
from fakemilvus.engine.metrics import Distances, Metric, RowNumbers
from fakemilvus.engine.postings import Parts, Postings, find, grown
from fakemilvus.engine.vector_checks import SPARSE_ELEMENT, sparse_elements

BM25 = "BM25"
K1, B, AVERAGE = "bm25_k1", "bm25_b", "bm25_avgdl"
NOTHING = -1
Values = NDArray[Any]


@dataclass(frozen=True, slots=True)
class TermRows:
    """``lengths`` counts the terms of each row that is held; ``rows`` are seen, which may be fewer."""

    rows: int = 0
    parts: Parts = ()
    lengths: NDArray[np.float32] = field(default_factory=lambda: np.empty(0, np.float32))

    def followed_by(self, values: Values) -> TermRows:
        """The same with more rows, in the form of a column."""
        elements, stops = sparse_elements(values)
        sizes = np.diff(stops, prepend=0)
        rows = np.repeat(np.arange(len(values), dtype=np.int32), sizes)
        counts = np.ascontiguousarray(elements["value"])
        lengths = np.bincount(rows, weights=counts, minlength=len(values)).astype(np.float32)
        more = Postings.of(len(self.lengths), len(values), elements["index"], rows, counts)
        total = len(self.lengths) + len(values)
        return TermRows(total, grown(self.parts, more), np.concatenate([self.lengths, lengths]))

    def first(self, rows: int) -> TermRows:
        return replace(self, rows=rows)

    def having(self, term: int) -> int:
        """How many rows have a term."""
        return sum(len(rows) for rows, _ in find(self.parts, term, self.rows))

    @property
    def total_length(self) -> float:
        return float(self.lengths[: self.rows].sum(dtype=np.float64))

    def search(
        self, queries: Values, top: int, params: Mapping[str, Any], allowed: Mask | None, keys: Keys | None = None
    ) -> tuple[Distances, RowNumbers]:
        """The best rows of each query, whose values are weights; equal ones by their key, or by their number."""
        distances = np.full((len(queries), top), -np.inf, np.float32)
        numbers = np.full((len(queries), top), NOTHING, np.int64)
        k1, b = float(params[K1]), float(params[B])
        norms = np.float32(k1 * (1 - b)) + np.float32(k1 * b / params[AVERAGE]) * self.lengths[: self.rows]
        for number, encoded in enumerate(queries):
            query = np.frombuffer(encoded, SPARSE_ELEMENT)
            kept = query[query["value"] >= threshold(query["value"], float(params.get("drop_ratio_search", 0)))]
            scores = self._scores(kept, norms, k1)
            chosen = best(scores, top, allowed, keys)
            distances[number, : len(chosen)], numbers[number, : len(chosen)] = scores[chosen], chosen
        return distances, numbers

    def exact_below(self, rows: int, params: Mapping[str, Any]) -> int:
        return 0

    def _scores(self, query: Values, norms: NDArray[np.float32], k1: float) -> Distances:
        scores = np.zeros(self.rows, np.float32)
        for term, weight in zip(query["index"].tolist(), query["value"].tolist(), strict=True):
            for rows, counts in find(self.parts, term, self.rows):
                scores[rows] += np.float32(weight * (k1 + 1)) * counts / (counts + norms[rows])
        return scores


class TermBuilder:
    """Rows of terms, added chunk by chunk; there is nothing to train."""

    train_steps = 0

    def __init__(self, vectors: Values, metric: Metric, params: Mapping[str, Any], seed: int) -> None:
        self._vectors = vectors
        self._made = TermRows()

    def train(self, step: int) -> None:
        raise AssertionError("an inverted index has no training step")

    def add(self, start: int, stop: int) -> None:
        self._made = self._made.followed_by(self._vectors[start:stop])

    def finished(self) -> TermRows:
        return self._made


def threshold(values: Values, ratio: float) -> float:
    """The smallest value that is kept when this part of a query's values is dropped."""
    dropped = int(np.float32(ratio) * len(values))
    return float(np.partition(values, dropped)[dropped]) if dropped else -np.inf


def best(scores: Distances, top: int, allowed: Mask | None, keys: Keys | None = None) -> NDArray[np.intp]:
    """The rows with the best scores above 0, best first, equal ones by their key, or without keys by their number."""
    among = np.flatnonzero(scores > 0 if allowed is None else (scores > 0) & allowed)
    found = scores[among]
    if len(among) > top:
        kept = found >= np.partition(found, len(found) - top)[len(found) - top]
        among, found = among[kept], found[kept]
    return among[np.lexsort((among if keys is None else ranks(keys[among]), -found))][:top]
