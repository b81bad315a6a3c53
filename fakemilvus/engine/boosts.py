"""Boosts: rows that pass a filter have their distances multiplied, or added to, before a segment's best are chosen.

Source: RescoresNode, Scorer and Murmur3 of Milvus 3.0's segcore. What is boosted are the hits of each segment, so a row
that was not among them is not found however much it would be boosted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fakemilvus.engine.batch import ScalarIndexes, SegmentBatch
from fakemilvus.engine.exact import Found
from fakemilvus.engine.metrics import Distances, Metric
from fakemilvus.engine.schema import Field
from fakemilvus.engine.segment import Segment
from fakemilvus.filters import Filter

Scores = NDArray[np.float32]
Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Chance:
    """A number from 0 to 1 that depends on the seed and on a number of the row: its ``field``, or where it lies."""

    seed: int
    field: Field | None

    def values(self, segment: Segment, rows: Rows) -> NDArray[np.float64]:
        keys = rows + segment.id if self.field is None else segment.columns[self.field.id].values[rows]
        return _as_fractions(_murmur(keys.astype(np.int64).view(np.uint64), self.seed))


@dataclass(frozen=True, slots=True)
class Boost:
    """``weight`` for the rows that pass the filter, which None is for all; with a chance, so much of it."""

    weight: float
    wanted: Filter | None = None
    chance: Chance | None = None


@dataclass(frozen=True, slots=True)
class Boosts:
    """Several boosts of one row are multiplied, or added, and so is the result and the distance."""

    functions: tuple[Boost, ...]
    add_weights: bool = False
    add_score: bool = False

    def applied(self, segment: Segment, scalars: ScalarIndexes, found: Found, metric: Metric) -> Found:
        """The hits of a segment with their distances changed, best first."""
        distances, rows = found
        real = rows >= 0
        scores = np.full(rows.shape, np.nan, np.float32)  # rows that no boost is for
        for boost in self.functions:
            scores[real] = self._joined(boost, segment, scalars, rows[real], scores[real])
        joined = self._scored(distances, scores, metric)
        distances = np.where(np.isnan(scores), distances, joined)
        worth = np.where(real, metric.worth(distances), np.float32(np.inf))
        order = np.argsort(worth, axis=1, kind="stable")
        return np.take_along_axis(distances, order, axis=1), np.take_along_axis(rows, order, axis=1)

    def _scored(self, distances: Distances, scores: Scores, metric: Metric) -> Distances:
        """Milvus boosts how good a hit is: what is added to that is taken from a distance."""
        if not self.add_score:
            return distances * scores
        return distances + scores if metric.larger_is_better else distances - scores

    def _joined(self, boost: Boost, segment: Segment, scalars: ScalarIndexes, rows: Rows, scores: Scores) -> Scores:
        weights = np.full(len(rows), boost.weight, np.float32)
        if boost.chance is not None:
            weights = (boost.chance.values(segment, rows) * boost.weight).astype(np.float32)
        join: Callable[[Scores, Scores], Scores] = np.add if self.add_weights else np.multiply
        joined = np.where(np.isnan(scores), weights, join(scores, weights))
        if boost.wanted is None:
            return joined
        return np.where(boost.wanted.mask(SegmentBatch(segment, scalars))[rows], joined, scores)


def _murmur(keys: NDArray[np.uint64], seed: int) -> NDArray[np.uint64]:
    """MurmurHash3 (x64, 128 bits, of which the first 64) of a number and the seed, as Milvus mixes them."""
    first, second = np.uint64(0x87C37B91114253D5), np.uint64(0x4CF5AD432745937F)
    mixed_seed = np.full_like(keys, seed % 2**64)
    one = (keys ^ mixed_seed) ^ (_rotated(keys * first, 31) * second)
    one = (_rotated(one, 27) + mixed_seed) * np.uint64(5) + np.uint64(0x52DCE729)
    two = mixed_seed ^ (_rotated(mixed_seed * second, 33) * first)
    two = (_rotated(two, 31) + one) * np.uint64(5) + np.uint64(0x38495AB5)
    one, two = one ^ np.uint64(16), two ^ np.uint64(16)
    one = one + two
    two = two + one
    return _finished(one) + _finished(two)


def _rotated(values: NDArray[np.uint64], bits: int) -> NDArray[np.uint64]:
    return (values << np.uint64(bits)) | (values >> np.uint64(64 - bits))


def _finished(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    values = (values ^ (values >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    values = (values ^ (values >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)
    return values ^ (values >> np.uint64(33))


def _as_fractions(hashed: NDArray[np.uint64]) -> NDArray[np.float64]:
    """52 bits of a hash as a number from 0 to 1."""
    bits = (hashed & np.uint64(0xFFFFFFFFFFFFF)) | np.uint64(0x3FF << 52)
    return bits.view(np.float64) - 1.0
