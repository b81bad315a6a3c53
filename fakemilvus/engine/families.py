"""The families of vector indexes: what a builder is, and how one of each family is made.

A family's file is imported with the first index of it that is really built: few servers build of all, and many of none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from numpy.typing import NDArray

from fakemilvus.datatypes import Mask
from fakemilvus.engine.metrics import Distances, Metric, RowNumbers


class Builder(Protocol):
    """An index under construction over ``vectors``; it may be left between any two calls and gone on with later."""

    train_steps: int

    def train(self, step: int) -> None: ...

    def add(self, start: int, stop: int) -> None: ...

    def finished(self) -> Any:
        """What is attached to the segment: a BuiltIndex, or a SortedIndex over scalars."""
        ...


class BuiltIndex(Protocol):
    """What a build attaches to its segment; row numbers are those of the segment."""

    def search(
        self, queries: NDArray[Any], top: int, params: Mapping[str, Any], allowed: Mask | None
    ) -> tuple[Distances, RowNumbers]: ...

    def exact_below(self, rows: int, params: Mapping[str, Any]) -> int:
        """Where a mask leaves fewer of the segment's rows than this, comparing each is faster, and exact."""
        ...


Make = Callable[[NDArray[Any], Metric, Mapping[str, Any], int], Builder]


def inverted(vectors: NDArray[Any], metric: Metric, params: Mapping[str, Any], seed: int) -> Builder:
    """Rows of terms are kept with what their scores need, other sparse rows with their values."""
    from fakemilvus.engine.sparse import InvertedBuilder
    from fakemilvus.engine.term_rows import TermBuilder

    made = TermBuilder if metric.name == "BM25" else InvertedBuilder
    return made(vectors, metric, params, seed)


def lists(lists: str, *, fills: bool = False) -> Make:
    """Makes builders of the lists of that name in ``inverted_lists``."""

    def make(vectors: NDArray[Any], metric: Metric, params: Mapping[str, Any], seed: int) -> Builder:
        from fakemilvus.engine import inverted_lists  # late, as every family: few servers build of all

        return inverted_lists.ListsBuilder(
            vectors, metric, params, seed, lists=getattr(inverted_lists, lists), fills=fills
        )

    return make


def graph(storage: str, **names: Any) -> Make:
    """Makes builders of graphs with the storage of that name in ``graphs``; ``names`` are of the parameters."""

    def make(vectors: NDArray[Any], metric: Metric, params: Mapping[str, Any], seed: int) -> Builder:
        from fakemilvus.engine import graphs

        return graphs.GraphBuilder(vectors, metric, params, seed, storage=getattr(graphs, storage), **names)

    return make


def bits(vectors: NDArray[Any], metric: Metric, params: Mapping[str, Any], seed: int) -> Builder:
    """Binary vectors in lists."""
    from fakemilvus.engine.bits import BitIvfBuilder

    return BitIvfBuilder(vectors, metric, params, seed)


def signatures(vectors: NDArray[Any], metric: Metric, params: Mapping[str, Any], seed: int) -> Builder:
    """Signatures by their bands."""
    from fakemilvus.engine.minhash import LshBuilder

    return LshBuilder(vectors, metric, params, seed)
