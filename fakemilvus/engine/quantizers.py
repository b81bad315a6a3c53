"""What rows are encoded with: scalar and product quantizers, how they are trained in steps, and what refines a search.

FAISS' own classes do the work. A product quantizer is trained some sub-spaces at a time, so that a build may be
reported, held and cancelled in between; the centroids are those of FAISS for the same rows and iterations.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from fakemilvus.engine.metrics import Rows, Vectors
from fakemilvus.engine.training import TRAIN_ITERATIONS, TRAIN_ROWS_PER_LIST, Unbuildable

CENTROIDS_PER_STEP = 256  # one sub-space of 8 bits, or 16 of 4 bits
SCALAR_TYPES = {
    "sq4": "QT_4bit",
    "sq4u": "QT_4bit_uniform",
    "sq6": "QT_6bit",
    "sq8": "QT_8bit",
    "fp16": "QT_fp16",
    "bf16": "QT_bf16",
}
_FLAT = ("fp32", "flat")
# Rows of two bytes are refined by their own type or a smaller one.
_UNREFINED = {
    np.dtype(np.float16): ("fp16 input data does not accept bf16 or fp32 as a refine index.", (*_FLAT, "bf16")),
    np.dtype(np.uint16): ("bf16 input data does not accept fp16 or fp32 as a refine index.", (*_FLAT, "fp16")),
}


class ProductTraining:
    """Trains a faiss.ProductQuantizer; the last step leaves the centroids in it."""

    def __init__(self, quantizer: Any, seed: int) -> None:
        self._quantizer = quantizer
        self._seed = seed
        self._at_once = max(1, CENTROIDS_PER_STEP // quantizer.ksub)
        self._centroids: list[Vectors] = []
        self.steps = -(-quantizer.M // self._at_once)
        self.rows = TRAIN_ROWS_PER_LIST * quantizer.ksub

    def train(self, step: int, sample: Vectors) -> None:
        import faiss

        sample = sample[: self.rows]
        width, stop = self._quantizer.dsub, min(self._quantizer.M, (step + 1) * self._at_once)
        for part in range(step * self._at_once, stop):
            clustering = faiss.Clustering(width, self._quantizer.ksub)
            clustering.niter, clustering.seed = TRAIN_ITERATIONS, self._seed
            clustering.min_points_per_centroid, clustering.max_points_per_centroid = 1, len(sample)
            clustering.train(
                np.ascontiguousarray(sample[:, part * width : (part + 1) * width]), faiss.IndexFlatL2(width)
            )
            self._centroids.append(faiss.vector_to_array(clustering.centroids))
        if step == self.steps - 1:
            faiss.copy_array_to_vector(np.concatenate(self._centroids), self._quantizer.centroids)
            self._centroids = []


def scalar_type(name: str) -> int:
    """FAISS' number of a scalar quantizer, by knowhere's name in any case."""
    import faiss

    number: int = getattr(faiss.ScalarQuantizer, SCALAR_TYPES[name.lower()])
    return number


def is_refined(params: Mapping[str, Any]) -> bool:
    """Whether an index keeps a second, finer copy of its rows.

    As in knowhere that takes two parameters; SCANN's ``with_raw_data`` alone keeps the rows themselves.
    """
    return bool(params.get("with_raw_data")) or (bool(params.get("refine")) and params.get("refine_type") is not None)


def make_refiner(vectors: Rows, kind: int, params: Mapping[str, Any]) -> Any:
    """An index of the rows as ``refine_type`` wants them; raises Unbuildable where knowhere will not build it."""
    import faiss

    dim = vectors.shape[1]
    if params.get("with_raw_data"):
        return faiss.IndexFlat(dim, kind)
    name = params["refine_type"].lower()
    problem, refused = _UNREFINED.get(vectors.dtype, ("", ()))
    if name in refused:
        raise Unbuildable(problem)
    if name in _FLAT:
        return faiss.IndexFlat(dim, kind)
    refiner = faiss.IndexScalarQuantizer(dim, scalar_type(name), kind)
    narrow(refiner.sq, kind)
    return refiner


def narrow(quantizer: Any, kind: int) -> None:
    """Four uniform bits reach farther when they leave out the outermost hundredth; knowhere does so under L2."""
    import faiss

    if quantizer.qtype == faiss.ScalarQuantizer.QT_4bit_uniform and kind == faiss.METRIC_L2:
        quantizer.rangestat, quantizer.rangestat_arg = faiss.ScalarQuantizer.RS_quantiles, 0.01


def fed_bits(nbits: int, rows: int) -> int:
    """So many of the wanted bits as rows can feed: each code needs a row, as knowhere's MatchNbits has it."""
    if rows >= 1 << nbits:
        return nbits
    return next((fewer for fewer in (8, 4, 2) if rows >= 1 << fewer), 1)
