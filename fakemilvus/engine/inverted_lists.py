"""Indexes with inverted lists over numbers: k-means, then every row goes to the list of its nearest centroid.

The kinds differ in what the lists hold: the rows themselves, or codes of theirs. FAISS builds and searches them; a
kind with a finer copy of the rows ranks its candidates again by that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from fakemilvus.datatypes import Mask
from fakemilvus.engine.metrics import Distances, Metric, RowNumbers, Vectors
from fakemilvus.engine.quantizers import ProductTraining, fed_bits, is_refined, make_refiner, scalar_type
from fakemilvus.engine.selecting import selector
from fakemilvus.engine.training import (
    ENCODER_ROWS,
    TRAIN_ITERATIONS,
    TRAIN_ROWS_PER_LIST,
    Unbuildable,
    draw_sample,
    fed_lists,
    make_clustering,
)

SCANN_LEAST_ROWS = 16


@dataclass(slots=True)
class Lists:
    """FAISS' index of one kind: ``index`` has the lists, ``product`` is what trains its codes in steps.

    ``turned`` is a rotation that rows go through before they reach the lists.
    """

    index: Any
    product: ProductTraining | None = None
    turned: Any = None
    outer: Any = field(init=False)

    def __post_init__(self) -> None:
        import faiss

        self.outer = self.index if self.turned is None else faiss.IndexPreTransform(self.turned, self.index)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the lists of a kind are made from; ``kind`` is FAISS' number of the metric."""

    quantizer: Any
    dim: int
    nlist: int
    kind: int
    rows: int
    seed: int
    params: Mapping[str, Any]


class ListsBuilder:
    """Trains centroids one iteration at a time, then what the lists hold; adds rows range by range.

    ``fills`` says whether a search goes on through further lists until it has found enough.
    """

    def __init__(
        self,
        vectors: NDArray[Any],
        metric: Metric,
        params: Mapping[str, Any],
        seed: int,
        *,
        lists: Callable[[Wanted], Lists],
        fills: bool = False,
    ) -> None:
        import faiss

        rows, dim = vectors.shape
        self.nlist = fed_lists(int(params["nlist"]), rows)
        self._vectors = vectors
        self._metric = metric
        self._seed = seed
        self._fills = fills
        kind = faiss.METRIC_INNER_PRODUCT if metric.larger_is_better else faiss.METRIC_L2
        self._quantizer = faiss.IndexFlatIP(dim) if metric.larger_is_better else faiss.IndexFlatL2(dim)
        self._lists = lists(Wanted(self._quantizer, dim, self.nlist, kind, rows, seed, params))
        self._refiner = make_refiner(vectors, kind, params) if is_refined(params) else None
        self._index = (
            self._lists.outer if self._refiner is None else faiss.IndexRefine(self._lists.outer, self._refiner)
        )
        self._clustering = make_clustering(dim, self.nlist, rows, seed, spherical=metric.larger_is_better)
        self._sample: Vectors | None = None
        product = self._lists.product
        self.train_steps = TRAIN_ITERATIONS + (0 if product is None else product.steps)

    def train(self, step: int) -> None:
        """One iteration of k-means; FAISS goes on from the centroids that the last one left.

        The last one also trains what the lists hold: the index sees its centroids ready and leaves them alone. A
        product quantizer has steps of its own, after those.
        """
        if step >= TRAIN_ITERATIONS:
            self._train_product(step - TRAIN_ITERATIONS)
            return
        if self._sample is None:
            self._sample = self._draw_sample(TRAIN_ROWS_PER_LIST * self.nlist)
        self._clustering.train(self._sample, self._quantizer)
        if step == TRAIN_ITERATIONS - 1:
            self._train_codes()

    def add(self, start: int, stop: int) -> None:
        self._index.add(self._metric.prepared(self._vectors[start:stop]))

    def finished(self) -> BuiltLists:
        parts = (self._lists, self._quantizer, self._refiner)
        refines = self._refiner is not None
        return BuiltLists(self._index, self._metric, self.nlist, refines=refines, fills=self._fills, parts=parts)

    def _train_codes(self) -> None:
        assert self._sample is not None
        if self._refiner is not None:
            self._refiner.train(self._metric.prepared(draw_sample(self._vectors, ENCODER_ROWS, self._seed)))
        product = self._lists.product
        if product is None:
            enough = len(self._sample) >= ENCODER_ROWS
            self._lists.index.train(self._sample if enough else self._draw_sample(ENCODER_ROWS))
            self._ready()
        else:
            self._sample = self._residuals(self._draw_sample(product.rows))

    def _train_product(self, step: int) -> None:
        product = self._lists.product
        assert product is not None
        assert self._sample is not None
        product.train(step, self._sample)
        if step == product.steps - 1:
            self._lists.index.is_trained = True
            self._lists.index.precompute_table()
            self._ready()

    def _ready(self) -> None:
        self._sample = None
        self._lists.outer.is_trained = self._index.is_trained = True

    def _residuals(self, sample: Vectors) -> Vectors:
        """How far rows are from their centroids, which is what a product quantizer encodes."""
        _, nearest = self._quantizer.search(sample, 1)
        residuals: Vectors = sample - self._quantizer.reconstruct_n(0, self.nlist)[nearest[:, 0]]
        return residuals

    def _draw_sample(self, wanted: int) -> Vectors:
        sample = self._metric.prepared(draw_sample(self._vectors, wanted, self._seed))
        if self._lists.turned is None:
            return sample
        turned: Vectors = self._lists.turned.apply(sample)
        return turned


class BuiltLists:
    """An index with lists that can be searched; ``parts`` are what FAISS refers to and Python has to keep."""

    def __init__(
        self, index: Any, metric: Metric, nlist: int, *, refines: bool, fills: bool, parts: tuple[Any, ...]
    ) -> None:
        self._index = index
        self._parts = parts
        self._metric = metric
        self._nlist = nlist
        self._refines = refines
        self._fills = fills

    def search(
        self, queries: NDArray[Any], top: int, params: Mapping[str, Any], allowed: Mask | None
    ) -> tuple[Distances, RowNumbers]:
        queries = self._metric.prepared(queries)
        nprobe = min(int(params["nprobe"]), self._nlist)
        chosen = selector(allowed)
        distances, rows = self._index.search(queries, top, params=self._wanted(nprobe, top, params, chosen))
        while self._fills and nprobe < self._nlist and rows[:, -1].min() < 0 and params.get("ensure_topk_full", True):
            nprobe = min(2 * nprobe, self._nlist)
            distances, rows = self._index.search(queries, top, params=self._wanted(nprobe, top, params, chosen))
        return distances, rows

    def exact_below(self, rows: int, params: Mapping[str, Any]) -> int:
        return 2 * int(params["nprobe"]) * rows // self._nlist

    def _wanted(self, nprobe: int, top: int, params: Mapping[str, Any], chosen: Any) -> Any:
        import faiss

        bits = params.get("rbq_bits_query")
        if bits is None:
            wanted = faiss.SearchParametersIVF(nprobe=nprobe, sel=chosen)
        else:
            wanted = faiss.IVFRaBitQSearchParameters(nprobe=nprobe, sel=chosen, qb=int(bits))
        if not self._refines:
            return wanted
        return faiss.IndexRefineSearchParameters(k_factor=refine_factor(top, params), base_index_params=wanted)


def refine_factor(top: int, params: Mapping[str, Any]) -> float:
    """How many times as many candidates as wanted rows are ranked again: refine_k, or SCANN's reorder_k over ``top``.

    FAISS cuts the product with ``top`` to a whole number, hence the half.
    """
    if "reorder_k" in params:
        return max(1.0, (float(params["reorder_k"]) + 0.5) / top)
    return max(1.0, float(params.get("refine_k", 1)))


def flat_lists(wanted: Wanted) -> Lists:
    """The rows as they are."""
    import faiss

    return Lists(faiss.IndexIVFFlat(wanted.quantizer, wanted.dim, wanted.nlist, wanted.kind))


def scalar_lists(wanted: Wanted) -> Lists:
    """Some bits for each number: how far a row is from its centroid, so that distances are near the true ones."""
    import faiss

    number = scalar_type(wanted.params.get("sq_type", "sq8"))
    return Lists(faiss.IndexIVFScalarQuantizer(wanted.quantizer, wanted.dim, wanted.nlist, number, wanted.kind))


def sized_scalar_lists(wanted: Wanted) -> Lists:
    """The same by ``code_size``, the bits of a number; 16 are a float of half the length."""
    import faiss

    number = scalar_type("fp16" if wanted.params["code_size"] == 16 else f"sq{wanted.params['code_size']}")
    return Lists(faiss.IndexIVFScalarQuantizer(wanted.quantizer, wanted.dim, wanted.nlist, number, wanted.kind))


def product_lists(wanted: Wanted) -> Lists:
    """For each of ``m`` parts of a row the nearest of 2^nbits centroids; fewer bits where rows cannot feed them."""
    import faiss

    bits = fed_bits(wanted.params["nbits"], wanted.rows)
    index = faiss.IndexIVFPQ(
        wanted.quantizer, wanted.dim, wanted.nlist, wanted.params["m"] or _parts(wanted.dim), bits, wanted.kind
    )
    return Lists(index, ProductTraining(index.pq, wanted.seed))


def fast_scan_lists(wanted: Wanted) -> Lists:
    """Four bits for each ``sub_dim`` numbers, in blocks that are compared many rows at once."""
    import faiss

    if wanted.rows < SCANN_LEAST_ROWS:
        raise Unbuildable(f"{wanted.rows} rows is not enough, scann needs at least 16 rows to build index")
    parts = wanted.dim // wanted.params["sub_dim"]
    index = faiss.IndexIVFPQFastScan(wanted.quantizer, wanted.dim, wanted.nlist, parts, 4, wanted.kind)
    return Lists(index, ProductTraining(index.pq, wanted.seed))


def rabitq_lists(wanted: Wanted) -> Lists:
    """A few bits for each number of the turned row, and factors that make unbiased distances of them."""
    import faiss

    bits = wanted.params["rbq_bits"]
    index = faiss.IndexIVFRaBitQ(wanted.quantizer, wanted.dim, wanted.nlist, wanted.kind, True, bits)
    return Lists(index, turned=_rotation(wanted))


def fast_rabitq_lists(wanted: Wanted) -> Lists:
    """The same with one bit, in blocks that are compared many rows at once."""
    import faiss

    index = faiss.IndexIVFRaBitQFastScan(wanted.quantizer, wanted.dim, wanted.nlist, wanted.kind)
    return Lists(index, turned=_rotation(wanted))


def _rotation(wanted: Wanted) -> Any:
    import faiss

    rotation = faiss.RandomRotationMatrix(wanted.dim, wanted.dim)
    rotation.init(wanted.seed)
    rotation.is_trained = True
    return rotation


def _parts(dim: int) -> int:
    """How many parts where the kind chooses itself: half the dimensions from 128 on, else a quarter, that divide it."""
    most = max(1, dim // 2 if dim >= 128 else dim // 4)
    return next(parts for parts in range(most, 0, -1) if dim % parts == 0)
