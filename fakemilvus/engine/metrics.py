"""The metrics, one row each, in Milvus' conventions.

Of numbers, FLOAT16, BFLOAT16 and INT8 too: L2 is the squared distance, IP the raw dot product, COSINE the cosine of
the vectors as they were given. Of bits: HAMMING counts those that differ, JACCARD is 1 - intersection / union;
SUBSTRUCTURE and SUPERSTRUCTURE find, at distance 0, the rows that contain the query or are contained in it; MHJACCARD
compares MinHash signatures (see ``minhash``). Sparse vectors have IP, what a BM25 makes has BM25.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fakemilvus.datatypes import DataType, as_floats

Vectors = NDArray[np.float32]
Rows = NDArray[Any]  # vectors of numbers as a column has them, which as_floats reads
Distances = NDArray[np.float32]
RowNumbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Metric:
    """How a metric compares; ``spherical`` metrics are inner products of normalised vectors."""

    name: str
    larger_is_better: bool
    spherical: bool = False

    def prepared(self, vectors: Rows) -> Vectors:
        """Vectors of numbers as an index stores and compares them."""
        floats = as_floats(vectors)
        return normalised(floats) if self.spherical else floats

    def worth(self, distances: Distances) -> Distances:
        """The distances so that smaller is better."""
        return -distances if self.larger_is_better else distances


METRICS = {
    "L2": Metric("L2", larger_is_better=False),
    "IP": Metric("IP", larger_is_better=True),
    "COSINE": Metric("COSINE", larger_is_better=True, spherical=True),
    "BM25": Metric("BM25", larger_is_better=True),
    "HAMMING": Metric("HAMMING", larger_is_better=False),
    "JACCARD": Metric("JACCARD", larger_is_better=False),
    "SUBSTRUCTURE": Metric("SUBSTRUCTURE", larger_is_better=False),
    "SUPERSTRUCTURE": Metric("SUPERSTRUCTURE", larger_is_better=False),
    "MHJACCARD": Metric("MHJACCARD", larger_is_better=True),
    "MAX_SIM": Metric("MAX_SIM", larger_is_better=True),
    "MAX_SIM_COSINE": Metric("MAX_SIM_COSINE", larger_is_better=True),
    "MAX_SIM_IP": Metric("MAX_SIM_IP", larger_is_better=True),
    "MAX_SIM_L2": Metric("MAX_SIM_L2", larger_is_better=False),
    "MAX_SIM_HAMMING": Metric("MAX_SIM_HAMMING", larger_is_better=False),
    "MAX_SIM_JACCARD": Metric("MAX_SIM_JACCARD", larger_is_better=False),
}
NUMBERS = ("L2", "IP", "COSINE")
BITS = ("HAMMING", "JACCARD", "SUBSTRUCTURE", "SUPERSTRUCTURE")
SPARSE = ("IP", "BM25")

METRICS_OF = {
    DataType.FLOAT_VECTOR: NUMBERS,
    DataType.FLOAT16_VECTOR: NUMBERS,
    DataType.BFLOAT16_VECTOR: NUMBERS,
    DataType.INT8_VECTOR: NUMBERS,
    DataType.BINARY_VECTOR: BITS,
    DataType.SPARSE_FLOAT_VECTOR: SPARSE,
}
"""The metrics of each vector type; the first of BITS and of SPARSE is the default, of NUMBERS it is COSINE."""


def inverse_norms(vectors: Vectors) -> Vectors:
    """1 / length of each row, shape (rows,); 0 for a zero vector, whose cosine with anything counts as 0."""
    norms = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    inverse: Vectors = np.divide(1.0, norms, out=np.zeros_like(norms), where=norms > 0)
    return inverse


def normalised(vectors: Vectors) -> Vectors:
    """A copy with rows of length 1; zero vectors stay zero."""
    with np.errstate(invalid="ignore"):  # an infinite vector has no direction: NaN, which is found nowhere
        return vectors * inverse_norms(vectors)[:, None]
