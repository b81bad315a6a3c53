"""The rows every target is given: deterministic clustered vectors, two scalars, queries, and the exact answers.

The vectors lie around 1,000 centres of a 16-dimensional space that is laid into the full one, with a little noise
in every dimension: neighbours then straddle cells, so that nprobe matters, as it does with embeddings.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

DIM = 128
NLIST = 1024
TOP_K = 10
BUCKETS = 100  # a filter on one bucket leaves 1 % of the rows
BUCKET = 7  # the bucket that is asked for
LATENT_DIM = 16
CENTRES = 1_000
SPREAD = 0.55  # of a cluster, where the centres themselves spread by 1
NOISE = 0.1
QUERIES = 1_000


@dataclass(frozen=True)
class Dataset:
    """``rows`` vectors; row i has id i, bucket i % 100, and a serial that is a permutation of the ids."""

    vectors: Floats
    queries: Floats
    serials: Ints

    @property
    def rows(self) -> int:
        return len(self.vectors)

    @property
    def ids(self) -> Ints:
        return np.arange(self.rows)

    @property
    def buckets(self) -> Ints:
        return self.ids % BUCKETS

    @cached_property
    def truth(self) -> Ints:
        """The ids of the exact nearest rows, one line per query."""
        return exact(self.vectors, self.queries)

    @cached_property
    def bucket_truth(self) -> Ints:
        """The same among the rows of one bucket."""
        rows = np.flatnonzero(self.buckets == BUCKET)
        return rows[exact(self.vectors[rows], self.queries)]


def make_dataset(rows: int) -> Dataset:
    """The same rows for the same number, on every machine."""
    random = np.random.default_rng(7)
    plane = random.standard_normal((LATENT_DIM, DIM), dtype=np.float32) / np.float32(np.sqrt(LATENT_DIM))
    centres = random.standard_normal((CENTRES, LATENT_DIM), dtype=np.float32)
    total = rows + QUERIES
    latent = centres[random.integers(0, CENTRES, total)]
    latent += np.float32(SPREAD) * random.standard_normal((total, LATENT_DIM), dtype=np.float32)
    points = latent @ plane + np.float32(NOISE) * random.standard_normal((total, DIM), dtype=np.float32)
    return Dataset(points[:rows], points[rows:], random.permutation(rows))


def exact(vectors: Floats, queries: Floats) -> Ints:
    """The positions of the nearest vectors, by comparing with every one."""
    import faiss

    index = faiss.IndexFlatL2(vectors.shape[1])
    index.add(vectors)
    return np.asarray(index.search(queries, TOP_K)[1])


def recall(found: Ints, truth: Ints) -> float:
    """The share of the true neighbours that were found."""
    hits = [len(np.intersect1d(one, other)) for one, other in zip(found, truth, strict=True)]
    return float(np.sum(hits) / truth.size)
