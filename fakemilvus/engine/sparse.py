"""Sparse vectors: their products with a query, from the rows themselves and from an inverted index.

A column holds rows as bytes, (uint32 index, float32 value) pairs by ascending index. ``SparseRows`` is the same in
three arrays; a segment makes it when it is first searched, and keeps it. A row whose product with the query is not
positive is not found, as in knowhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fakemilvus.datatypes import Mask
from fakemilvus.engine.keys import Keys
from fakemilvus.engine.metrics import Distances, Metric, RowNumbers
from fakemilvus.engine.term_rows import TermRows, best, threshold
from fakemilvus.engine.vector_checks import SPARSE_ELEMENT, sparse_elements

Values = NDArray[Any]
NOTHING = -1


@dataclass(frozen=True, slots=True)
class SparseRows:
    """Rows one behind the other; ``stops`` says where each ends."""

    indices: NDArray[np.uint32]
    values: NDArray[np.float32]
    stops: NDArray[np.int64]

    @classmethod
    def of(cls, rows: Values) -> SparseRows:
        elements, stops = sparse_elements(rows)
        return cls(np.ascontiguousarray(elements["index"]), np.ascontiguousarray(elements["value"]), stops)

    def __len__(self) -> int:
        return len(self.stops)

    def first(self, rows: int) -> SparseRows:
        stop = int(self.stops[rows - 1]) if rows else 0
        return SparseRows(self.indices[:stop], self.values[:stop], self.stops[:rows])

    def followed_by(self, more: SparseRows) -> SparseRows:
        return SparseRows(
            np.concatenate([self.indices, more.indices]),
            np.concatenate([self.values, more.values]),
            np.concatenate([self.stops, more.stops + len(self.indices)]),
        )

    def products(self, query: bytes) -> Distances:
        """The inner product of each row with the query; minus infinity where it is not positive."""
        wanted = np.frombuffer(query, SPARSE_ELEMENT)
        if not len(wanted) or not len(self.indices):
            return np.full(len(self), -np.inf, np.float32)
        place = np.minimum(np.searchsorted(wanted["index"], self.indices), len(wanted) - 1)
        shared = np.flatnonzero(wanted["index"][place] == self.indices)
        rows = np.searchsorted(self.stops, shared, side="right")
        return _positive(rows, self.values[shared].astype(np.float64) * wanted["value"][place[shared]], len(self))


class SparseForms:
    """The sparse columns of a segment that only grows, as SparseRows; replaced whole, so readers take no lock."""

    __slots__ = ("_held", "_terms", "computed")

    def __init__(self) -> None:
        self.computed: dict[int, Values] = {}  # what functions that were added later made, by the id of their field
        self._held: Mapping[int, SparseRows] = {}
        self._terms: Mapping[int, TermRows] = {}

    def terms(self, field_id: int, values: Values) -> TermRows:
        """The same for a column that a BM25 makes, as postings."""
        held = self._terms.get(field_id, TermRows())
        if len(held.lengths) < len(values):
            held = held.followed_by(values[len(held.lengths) :])
            self._terms = {**self._terms, field_id: held}
        return held.first(len(values))

    def rows(self, field_id: int, values: Values) -> SparseRows:
        """The rows of a column, which may be longer or shorter than when it was last asked for."""
        held = self._held.get(field_id)
        if held is None or len(held) < len(values):
            held = SparseRows.of(values) if held is None else held.followed_by(SparseRows.of(values[len(held) :]))
            self._held = {**self._held, field_id: held}
        return held if len(held) == len(values) else held.first(len(values))


@dataclass(frozen=True, slots=True)
class SparseColumn:
    """A sparse column where it is searched: few rows are read by themselves, many from what the segment keeps."""

    field_id: int
    values: Values
    forms: SparseForms

    def __len__(self) -> int:
        return len(self.values)

    def products(self, query: bytes, rows: NDArray[np.intp] | None) -> Distances:
        """The products of some rows, or of all, with a query."""
        if rows is not None and len(rows) * _FEW < len(self.values):
            return SparseRows.of(self.values[rows]).products(query)
        products = self.forms.rows(self.field_id, self.values).products(query)
        return products if rows is None else products[rows]


class InvertedBuilder:
    """Each index's rows and values, sorted chunk by chunk; there is nothing to train.

    With ``quant_type`` fp16 the values are kept as halves, and the scores are theirs.
    """

    train_steps = 0

    def __init__(self, vectors: Values, metric: Metric, params: Mapping[str, Any], seed: int) -> None:
        self._vectors = vectors
        self._dtype = np.dtype(np.float16 if params.get("quant_type") == "fp16" else np.float32)
        self._chunks: list[tuple[Values, Values, Values]] = []

    def train(self, step: int) -> None:
        raise AssertionError("an inverted index has no training step")

    def add(self, start: int, stop: int) -> None:
        part = SparseRows.of(self._vectors[start:stop])
        order = np.argsort(part.indices, kind="stable")
        rows = start + np.searchsorted(part.stops, order, side="right")
        with np.errstate(over="ignore"):
            self._chunks.append((part.indices[order], rows, part.values[order].astype(self._dtype)))

    def finished(self) -> InvertedIndex:
        indices, rows, values = (np.concatenate(parts) for parts in zip(*self._chunks, strict=True))
        order = np.argsort(indices, kind="stable")  # fast, for the chunks are sorted runs
        return InvertedIndex(indices[order], rows[order], values[order], len(self._vectors))


class InvertedIndex:
    """For each index that some row has, those rows and their values there."""

    def __init__(self, indices: Values, rows: Values, values: Values, total: int) -> None:
        self._indices, self._starts = np.unique(indices, return_index=True)
        self._stops = np.append(self._starts[1:], len(indices))
        self._rows = rows
        self._values = values
        self._total = total

    def search(
        self, queries: Values, top: int, params: Mapping[str, Any], allowed: Mask | None, keys: Keys | None = None
    ) -> tuple[Distances, RowNumbers]:
        """``drop_ratio_search`` leaves out the query's smallest values; ``refine_factor`` times as many candidates
        are then ranked by the whole query. Equal rows come by their key, or without keys by their number.
        """
        distances = np.full((len(queries), top), -np.inf, np.float32)
        rows = np.full((len(queries), top), NOTHING, np.int64)
        dropped, factor = float(params["drop_ratio_search"]), max(1, int(params["refine_factor"]))
        for number, encoded in enumerate(queries):
            query = np.frombuffer(encoded, SPARSE_ELEMENT)
            kept = query[query["value"] >= threshold(query["value"], dropped)]
            scores = self._scores(kept)
            refine = factor > 1 and len(kept) < len(query)
            chosen = best(scores, top * factor if refine else top, allowed, keys)
            if refine:
                scores, candidates = self._scores(query), np.zeros(self._total, np.bool_)
                candidates[chosen] = True
                chosen = best(scores, top, candidates, keys)
            distances[number, : len(chosen)], rows[number, : len(chosen)] = scores[chosen], chosen
        return distances, rows

    def exact_below(self, rows: int, params: Mapping[str, Any]) -> int:
        return 0

    def _scores(self, query: Values) -> Distances:
        place = np.minimum(np.searchsorted(self._indices, query["index"]), len(self._indices) - 1)
        if not len(query) or not len(self._indices):
            return np.full(self._total, -np.inf, np.float32)
        known = self._indices[place] == query["index"]
        spans = [slice(self._starts[n], self._stops[n]) for n in place[known].tolist()]
        if not spans:
            return np.full(self._total, -np.inf, np.float32)
        weights = [
            self._values[span].astype(np.float64) * weight
            for span, weight in zip(spans, query["value"][known].tolist(), strict=True)
        ]
        return _positive(np.concatenate([self._rows[span] for span in spans]), np.concatenate(weights), self._total)


# -- private ---------------------------------------------------------------------------------------------------

_FEW = 8  # below an eighth of the rows, reading them anew is cheaper than comparing with all


def _positive(rows: Values, parts: Values, total: int) -> Distances:
    """The sum of each row's parts, or minus infinity where it is not positive."""
    sums = np.bincount(rows, weights=parts, minlength=total).astype(np.float32)
    return np.where(sums > 0, sums, np.float32(-np.inf))
