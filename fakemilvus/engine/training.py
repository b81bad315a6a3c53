"""K-means in steps, for every kind of index that has lists: how many lists, and on which rows they are trained."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

TRAIN_ITERATIONS = 10  # recall at nprobe 4 is within 0.03 of full training, in a third of its time
TRAIN_ROWS_PER_LIST = 39  # below that many rows a list, knowhere makes fewer lists
ENCODER_ROWS = 20_000  # an encoder learns its range from as many, lest it cut off what few rows do not show


class Unbuildable(Exception):
    """What knowhere accepts as a definition and then fails to build, with its reason: the build fails for good."""


def fed_lists(nlist: int, rows: int) -> int:
    """So many of the wanted lists as rows can feed."""
    return min(nlist, max(1, rows // TRAIN_ROWS_PER_LIST))


def draw_sample(vectors: NDArray[Any], wanted: int, seed: int) -> NDArray[Any]:
    """Some rows, in their order; the same ones for the same seed. Every row, not copied, where there are no more."""
    rows = len(vectors)
    if rows <= wanted:
        return vectors
    chosen = np.random.default_rng(seed).choice(rows, wanted, replace=False)
    chosen.sort()
    return vectors[chosen]


def make_clustering(dim: int, nlist: int, rows: int, seed: int, *, spherical: bool = False) -> Any:
    """A faiss.Clustering whose every ``train`` is one iteration, over a sample that was drawn already."""
    import faiss

    clustering = faiss.Clustering(dim, nlist)
    clustering.niter = 1
    clustering.seed = seed
    clustering.spherical = spherical
    clustering.min_points_per_centroid = 1
    clustering.max_points_per_centroid = rows
    return clustering
