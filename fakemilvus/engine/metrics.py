"""The metrics of float vectors, one row each, in Milvus' conventions.

L2 is the squared distance, IP the raw dot product, COSINE the cosine of the vectors as they were given.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
Distances = NDArray[np.float32]
RowNumbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Metric:
    """How a metric compares; ``spherical`` metrics are inner products of normalised vectors."""

    name: str
    larger_is_better: bool
    spherical: bool = False

    def prepared(self, vectors: Vectors) -> Vectors:
        """The vectors as an index stores and compares them."""
        return normalised(vectors) if self.spherical else vectors

    def worth(self, distances: Distances) -> Distances:
        """The distances so that smaller is better."""
        return -distances if self.larger_is_better else distances


METRICS = {
    "L2": Metric("L2", larger_is_better=False),
    "IP": Metric("IP", larger_is_better=True),
    "COSINE": Metric("COSINE", larger_is_better=True, spherical=True),
}


def inverse_norms(vectors: Vectors) -> Vectors:
    """1 / length of each row, shape (rows,); 0 for a zero vector, whose cosine with anything counts as 0."""
    norms = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    inverse: Vectors = np.divide(1.0, norms, out=np.zeros_like(norms), where=norms > 0)
    return inverse


def normalised(vectors: Vectors) -> Vectors:
    """A copy with rows of length 1; zero vectors stay zero."""
    with np.errstate(invalid="ignore"):  # an infinite vector has no direction: NaN, which is found nowhere
        return vectors * inverse_norms(vectors)[:, None]
