"""MinHash signatures in binary vectors (the metric MHJACCARD), and the index that finds equal bands of them.

A vector is a row of hash values of ``mh_element_bit_width`` bits each; the similarity of two is the part of their
values that are equal. The index cuts a signature into ``mh_lsh_band`` bands and keeps the hashes of each band in order:
a row is found where some band of its equals the query's. As in knowhere such a hit has the distance 1, unless the
search asks for the true similarity (``mh_search_with_jaccard``), by which the hits are then ranked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fakemilvus.datatypes import Mask
from fakemilvus.engine.metrics import Distances, Metric, RowNumbers

Bits = NDArray[np.uint8]
Hashes = NDArray[np.uint64]
KIND = "MINHASH_LSH"
METRIC = "MHJACCARD"
WITH_ROWS, WITH_JACCARD = "with_raw_data", "mh_search_with_jaccard"
NOTHING = -1
HIT = 1.0


class Signatures:
    """The rows of a segment without an index: every band of every row is compared."""

    def __init__(self, vectors: Bits, params: Mapping[str, Any]) -> None:
        self._vectors = vectors
        self._bands = _Bands(vectors.shape[1], params)

    def search(
        self, queries: Bits, top: int, params: Mapping[str, Any], allowed: Mask | None
    ) -> tuple[Distances, RowNumbers]:
        rows = np.arange(len(self._vectors)) if allowed is None else np.flatnonzero(allowed)
        vectors = self._vectors if allowed is None else self._vectors[rows]
        found = [self._search_one(query, vectors, rows, params) for query in np.ascontiguousarray(queries)]
        return _ranked(found, top)

    def _search_one(
        self, query: Bits, vectors: Bits, rows: NDArray[np.intp], params: Mapping[str, Any]
    ) -> tuple[Distances, NDArray[np.intp]]:
        if params.get("mh_search_with_jaccard"):
            return self._bands.similarity(vectors, query), rows
        hit = self._bands.hit(vectors, query)
        return hit[hit].astype(np.float32), rows[hit]


class LshBuilder:
    """Hashes the bands of ranges of rows as they come; the last call sorts them."""

    train_steps = 0

    def __init__(self, vectors: Bits, metric: Metric, params: Mapping[str, Any], seed: int) -> None:
        self._vectors = vectors
        self._bands = _Bands(vectors.shape[1], params)
        self._keeps_rows = bool(params["with_raw_data"])
        self._hashes: list[Hashes] = []

    def train(self, step: int) -> None:
        raise AssertionError("MINHASH_LSH has no training step")

    def add(self, start: int, stop: int) -> None:
        self._hashes.append(self._bands.hashes(self._vectors[start:stop]))

    def finished(self) -> BuiltLsh:
        hashes = np.concatenate(self._hashes)
        self._hashes = []
        return BuiltLsh(self._bands, hashes, self._vectors if self._keeps_rows else None)


class BuiltLsh:
    """Each band's hashes in order, with the rows they are of; the vectors too where the index was to keep them."""

    def __init__(self, bands: _Bands, hashes: Hashes, vectors: Bits | None) -> None:
        self._bands = bands
        self._vectors = vectors
        self._order = np.argsort(hashes, axis=0, kind="stable")
        self._hashes = np.take_along_axis(hashes, self._order, axis=0)

    def search(
        self, queries: Bits, top: int, params: Mapping[str, Any], allowed: Mask | None
    ) -> tuple[Distances, RowNumbers]:
        exact = bool(params.get("mh_search_with_jaccard")) and self._vectors is not None
        wanted = max(int(params.get("refine_k", 1)), top) if exact else top
        queries = np.ascontiguousarray(queries)
        found = []
        for query, hashes in zip(queries, self._bands.hashes(queries), strict=True):
            rows = self._candidates(hashes, wanted, allowed)
            distances = np.full(len(rows), HIT, np.float32)
            if exact and self._vectors is not None:
                distances = self._bands.similarity(self._vectors[rows], query)
            found.append((distances, rows))
        return _ranked(found, top)

    def exact_below(self, rows: int, params: Mapping[str, Any]) -> int:
        """Never: comparing each row would find other ones."""
        return -1

    def _candidates(self, hashes: Hashes, wanted: int, allowed: Mask | None) -> NDArray[np.intp]:
        """The first rows that share a band with the query, band by band, each once."""
        rows = np.empty(0, np.intp)
        for matching in self._matching(hashes):
            kept = matching if allowed is None else matching[allowed[matching]]
            rows = np.concatenate([rows, kept[~np.isin(kept, rows)]])
            if len(rows) >= wanted:
                break
        return rows[:wanted]

    def _matching(self, hashes: Hashes) -> Iterator[NDArray[np.intp]]:
        for band, value in enumerate(hashes):
            start, stop = (int(np.searchsorted(self._hashes[:, band], value, side=side)) for side in ("left", "right"))
            yield self._order[start:stop, band]


class _Bands:
    """How a signature is cut: ``band`` bands of as many whole values as fit; what is left over counts in no band."""

    def __init__(self, width: int, params: Mapping[str, Any]) -> None:
        self._value_bytes = int(params["mh_element_bit_width"]) // 8
        self._values = width // self._value_bytes
        wanted = int(params["mh_lsh_band"])
        self.count = 1 if wanted <= 0 else min(wanted, self._values)
        self._band_bytes = self._values // self.count * self._value_bytes
        self._weights = np.random.default_rng(_SEED).integers(1, 2**63, self._band_bytes, np.uint64) | np.uint64(1)

    def hashes(self, vectors: Bits) -> Hashes:
        """A hash for each band of each row, shape (rows, bands)."""
        hashes: Hashes = (self._cut(vectors).astype(np.uint64) * self._weights).sum(axis=2, dtype=np.uint64)
        return hashes

    def hit(self, vectors: Bits, query: Bits) -> Mask:
        """The rows of which some band equals the query's."""
        hit: Mask = (self._cut(vectors) == self._cut(query[None])).all(axis=2).any(axis=1)
        return hit

    def similarity(self, vectors: Bits, query: Bits) -> Distances:
        """The part of each row's values that equal the query's."""
        shape = (-1, self._values, self._value_bytes)
        used = self._values * self._value_bytes
        equal = (vectors[:, :used].reshape(shape) == query[None, :used].reshape(shape)).all(axis=2)
        similarity: Distances = equal.mean(axis=1, dtype=np.float32)
        return similarity

    def _cut(self, vectors: Bits) -> Bits:
        used = vectors[:, : self.count * self._band_bytes]
        return np.ascontiguousarray(used).reshape(len(vectors), self.count, self._band_bytes)


def _ranked(found: list[tuple[Distances, NDArray[np.intp]]], top: int) -> tuple[Distances, RowNumbers]:
    """The most similar rows of each query, in the order of rows where they are equally so; none without similarity."""
    distances = np.zeros((len(found), top), np.float32)
    rows = np.full((len(found), top), NOTHING, np.int64)
    for number, (similarities, named) in enumerate(found):
        best = np.argsort(-similarities, kind="stable")[:top]
        best = best[similarities[best] > 0]
        distances[number, : len(best)], rows[number, : len(best)] = similarities[best], named[best]
    return distances, rows


_SEED = 7
