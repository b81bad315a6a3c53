"""Rankers: how the hits of several searches, or of one, become one ranking.

Source: BuildRerankChain and MergeOp of Milvus 3.0's function chains. Scores are 32 bit floats, added in the order of
the searches.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from fakemilvus.datatypes import Column
from fakemilvus.engine.grouping import Grouping, Groups
from fakemilvus.engine.keys import ranks
from fakemilvus.engine.metrics import METRICS, Distances
from fakemilvus.engine.schema import Field
from fakemilvus.engine.search import Hits

Places = NDArray[np.intp]
Scores = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Rrf:
    """A hit's score is the sum of 1 / (k + rank), ranks from 1, over the searches that found it."""

    k: float = 60.0


@dataclass(frozen=True, slots=True)
class Weighted:
    """The weighted sum of the distances; ``normalise`` brings each metric to 0..1 first, larger being better."""

    weights: tuple[float, ...]
    normalise: bool = False


@dataclass(frozen=True, slots=True)
class Decay:
    """The distances, combined by ``mode`` (max, sum or avg), times how near a number field is to ``origin``."""

    field: Field
    function: str
    origin: float
    scale: float
    offset: float = 0.0
    decay: float = 0.5
    mode: str = "max"
    normalise: bool = False

    def factors(self, column: Column) -> Scores:
        """How much of a hit's score is left, from 0 to 1; nothing where the field is null."""
        away = np.maximum(0.0, np.abs(column.values.astype(np.float64) - self.origin) - self.offset)
        factors = _DECAYS[self.function](away, self.scale, self.decay).astype(np.float32)
        return factors if column.valid is None else np.where(column.valid, factors, np.float32(0))


Ranker: TypeAlias = Rrf | Weighted | Decay


@dataclass(frozen=True, slots=True)
class Ranking:
    """Hits of all queries, in no order yet, each key once a query; ``larger_is_better`` says how to order them."""

    hits: Hits
    queries: Places
    larger_is_better: bool

    def ordered(self) -> Hits:
        """Best first, query by query, equal scores by primary key."""
        worth = -self.hits.distances if self.larger_is_better else self.hits.distances
        order = np.lexsort((ranks(self.hits.keys), worth, self.queries))
        return self.hits.taken(order, self.hits.counts)

    def page(self, limit: int, offset: int) -> Hits:
        """The ordered hits of each query from ``offset`` on, at most ``limit``."""
        hits = self.ordered()
        places = np.arange(len(hits.rows)) - np.repeat(np.cumsum(hits.counts) - hits.counts, hits.counts)
        shown = np.flatnonzero((places >= offset) & (places < offset + limit))
        queries = np.repeat(np.arange(len(hits.counts)), hits.counts)
        return hits.taken(shown, np.bincount(queries[shown], minlength=len(hits.counts)))

    def groups(self, grouping: Grouping, limit: int, offset: int, scorer: str = "max") -> tuple[Hits, list[Column]]:
        """The best groups of each query, best first, as their ``scorer`` says: the best, the sum or the average of the
        scores that they show. Of equal groups the larger comes first, then the one with the smaller first key.
        """
        hits = self.ordered()
        columns = grouping.columns(hits)
        found = Groups.of(hits, columns)
        shown = np.flatnonzero(found.members < grouping.size)
        groups = np.unique(found.queries * (len(hits.rows) + 1) + found.numbers, return_inverse=True)[1]
        worth, sizes, heads = self._worths(hits.distances, groups, found.members, shown, scorer)
        order = np.lexsort((ranks(hits.keys)[heads], -sizes, worth, found.queries[heads]))
        place = np.empty(len(heads), np.intp)
        starts = np.searchsorted(found.queries[heads][order], np.arange(len(hits.counts)))
        place[order] = np.arange(len(heads)) - starts[found.queries[heads][order]]
        shown = shown[(place[groups[shown]] >= offset) & (place[groups[shown]] < offset + limit)]
        shown = shown[np.lexsort((found.members[shown], place[groups[shown]], found.queries[shown]))]
        counts = np.bincount(found.queries[shown], minlength=len(hits.counts))
        return hits.taken(shown, counts), [column.take(shown) for column in columns]

    def _worths(
        self, scores: Scores, groups: Places, members: Places, shown: Places, scorer: str
    ) -> tuple[Scores, Places, Places]:
        """Of each group: its score so that smaller is better, how many of its hits are shown, and the first of them."""
        heads = np.flatnonzero(members == 0)
        heads = heads[np.argsort(groups[heads])]
        sizes = np.bincount(groups[shown], minlength=len(heads))
        if scorer == "max":
            total = scores[heads]
        else:
            total = np.zeros(len(heads), np.float32)
            np.add.at(total, groups[shown], scores[shown])
            if scorer == "avg":
                total /= sizes.astype(np.float32)
        return (-total if self.larger_is_better else total), sizes, heads


def ranked(hits: Hits, metric: str) -> Hits:
    """The hits of each query best first, which those of groups are not."""
    queries = np.repeat(np.arange(len(hits.counts)), hits.counts)
    return Ranking(hits, queries, METRICS[metric].larger_is_better).ordered()


def fuse(inputs: Sequence[Hits], metrics: Sequence[str], ranker: Ranker) -> Ranking:
    """One ranking of the hits of several searches, which had these metrics and as many queries each."""
    converted, larger_is_better = _converted([hits.distances for hits in inputs], metrics, ranker)
    scores = [
        _scores(hits, values, place, ranker) for place, (hits, values) in enumerate(zip(inputs, converted, strict=True))
    ]
    joined = _joined(inputs)
    queries = np.concatenate([np.repeat(np.arange(len(hits.counts)), hits.counts) for hits in inputs])
    codes = np.unique(ranks(joined.keys), return_inverse=True)[1]
    if joined.places is not None:
        codes = codes * (int(joined.places.max(initial=0)) + 1) + joined.places
    _, first, inverse = np.unique(
        queries * (int(codes.max(initial=0)) + 1) + codes, return_index=True, return_inverse=True
    )
    total = _combined(np.concatenate(scores), inverse, len(first), getattr(ranker, "mode", "sum"))
    counts = np.bincount(queries[first], minlength=len(inputs[0].counts))
    merged = joined.taken(first, counts).scored(total)
    if isinstance(ranker, Decay):
        merged = merged.scored(total * ranker.factors(merged.column(ranker.field)))
    return Ranking(merged, queries[first], larger_is_better)


# -- private ---------------------------------------------------------------------------------------------------


def _converted(distances: Sequence[Distances], metrics: Sequence[str], ranker: Ranker) -> tuple[list[Distances], bool]:
    """The distances as the ranker adds them, and whether larger is better then.

    Without normalising, distances stay as they are, unless some of them have to be turned to fit the others.
    """
    if isinstance(ranker, Rrf):
        return list(distances), True
    larger = [METRICS[metric].larger_is_better for metric in metrics]
    if ranker.normalise:
        return [
            _NORMALISED.get(m, _squashed if up else _turned)(d)
            for d, m, up in zip(distances, metrics, larger, strict=True)
        ], True
    if isinstance(ranker, Decay) or len(set(larger)) > 1:
        return [d if up else _turned(d) for d, up in zip(distances, larger, strict=True)], True
    return list(distances), all(larger)


def _scores(hits: Hits, distances: Distances, place: int, ranker: Ranker) -> Scores:
    """What one search gives to the score of each of its hits."""
    match ranker:
        case Rrf(k):
            starts = np.cumsum(hits.counts) - hits.counts
            rank = np.arange(len(distances)) - np.repeat(starts, hits.counts) + 1
            return (1.0 / (k + rank)).astype(np.float32)
        case Weighted(weights):
            return np.float32(weights[place]) * distances
        case Decay():
            return distances


def _joined(inputs: Sequence[Hits]) -> Hits:
    """All hits behind one another, whatever their queries."""
    offsets = np.cumsum([0, *(len(hits.segments) for hits in inputs)])
    return Hits(
        counts=sum((hits.counts for hits in inputs), np.zeros_like(inputs[0].counts)),
        distances=np.concatenate([hits.distances for hits in inputs]),
        keys=np.concatenate([hits.keys for hits in inputs]),
        segments=tuple(segment for hits in inputs for segment in hits.segments),
        segment_numbers=np.concatenate([hits.segment_numbers + at for hits, at in zip(inputs, offsets, strict=False)]),
        rows=np.concatenate([hits.rows for hits in inputs]),
        places=_joined_places(inputs),
    )


def _joined_places(inputs: Sequence[Hits]) -> NDArray[np.int64] | None:
    """The elements that the hits are, where they are elements; a search that found nothing does not say."""
    places = [hits.places for hits in inputs if len(hits.rows)]
    found = [one for one in places if one is not None]
    return np.concatenate(found) if found and len(found) == len(places) else None


def _combined(scores: Scores, inverse: Places, hits: int, mode: str) -> Scores:
    """One score a hit of those that the searches gave it."""
    if mode == "max":
        best = np.full(hits, -np.inf, np.float32)
        np.maximum.at(best, inverse, scores)
        return best
    total = np.zeros(hits, np.float32)
    np.add.at(total, inverse, scores)
    if mode == "avg":
        total /= np.bincount(inverse, minlength=hits).astype(np.float32)
    return total


def _turned(distances: Distances) -> Distances:
    """Distances, of which small is good, as numbers up to 1 of which large is good."""
    return np.float32(1) - 2 * np.arctan(distances.astype(np.float64)).astype(np.float32) / np.float32(np.pi)


def _squashed(distances: Distances) -> Distances:
    return np.float32(0.5) + np.arctan(distances.astype(np.float64)).astype(np.float32) / np.float32(np.pi)


_NORMALISED: dict[str, Callable[[Distances], Distances]] = {
    "COSINE": lambda cosine: (1 + cosine) * np.float32(0.5),
    "BM25": lambda score: 2 * np.arctan(score.astype(np.float64)).astype(np.float32) / np.float32(np.pi),
}
"""The metrics that are brought to 0..1 in a way of their own."""

_DECAYS: dict[str, Callable[[NDArray[np.float64], float, float], NDArray[np.float64]]] = {
    "gauss": lambda away, scale, decay: np.exp(away**2 / (scale**2 / np.log(decay))),
    "exp": lambda away, scale, decay: np.exp(np.log(decay) / scale * away),
    "linear": lambda away, scale, decay: np.maximum(decay, 1 - (1 - decay) / scale * away),
}
