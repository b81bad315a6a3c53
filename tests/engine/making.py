"""What the engine's tests are made of: a small schema, rows for it, a filter without a parser, and builders that
do as they are told.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fakemilvus.datatypes import TEXT_DTYPE, Column, DataType
from fakemilvus.engine.build import Build
from fakemilvus.engine.collection import Collection
from fakemilvus.engine.definition import Definition
from fakemilvus.engine.index import Index, SegmentProgress
from fakemilvus.engine.schema import Field, Schema
from fakemilvus.engine.search import Hits, SearchRequest, search

ID, NUMBER, VECTOR = 100, 101, 102
DIM = 8
Vectors = NDArray[np.float32]


def make_schema(key: DataType = DataType.INT64, dim: int = DIM, number: DataType = DataType.INT64) -> Schema:
    """id, number, vector."""
    return Schema(
        (
            Field("id", key, is_primary=True, type_params=(("max_length", "64"),)),
            Field("number", number, nullable=True, type_params=(("max_length", "64"),)),
            Field("vector", DataType.FLOAT_VECTOR, type_params=(("dim", str(dim)),)),
        )
    ).with_ids()


def make_columns(keys: Any, vectors: Vectors, numbers: Any = None) -> dict[int, Column]:
    """One column per field; without ``numbers`` they are the positions."""
    keys = np.asarray(keys)
    text = keys.dtype.kind in "UT"
    key_column = Column(DataType.VARCHAR, keys.astype(TEXT_DTYPE)) if text else Column(DataType.INT64, keys)
    counted = np.arange(len(keys)) if numbers is None else np.asarray(numbers)
    return {
        ID: key_column,
        NUMBER: Column(DataType.INT64, counted),
        VECTOR: Column(DataType.FLOAT_VECTOR, np.ascontiguousarray(vectors, np.float32)),
    }


def make_vectors(rows: int, dim: int = DIM, seed: int = 0) -> Vectors:
    return np.random.default_rng(seed).standard_normal((rows, dim), dtype=np.float32)


def make_definition(name: str = "c", schema: Schema | None = None) -> Definition:
    return Definition(name, schema or make_schema())


def put(collection: Collection, keys: Any, vectors: Vectors, numbers: Any = None) -> None:
    collection.insert(make_columns(keys, vectors, numbers), len(vectors))


def create_ivf(collection: Collection, nlist: int = 16, metric: str = "L2", name: str = "vector") -> Index:
    return create(collection, "vector", name, index_type="IVF_FLAT", metric_type=metric, nlist=str(nlist))


def create(collection: Collection, field_name: str, name: str, **params: str) -> Index:
    collection.create_index(field_name, name, tuple(params.items()))
    return collection.snapshot.find_index(name)[0]


def find(collection: Collection, queries: Vectors, limit: int = 10, **more: Any) -> Hits:
    """A search of the collection as it is now."""
    snapshot = collection.snapshot
    asked: dict[str, Any] = {
        "field": snapshot.schema.find("vector"),
        "index": snapshot.index_of(VECTOR),
        "queries": queries,
        "limit": limit,
        "offset": 0,
        "metric": "L2",
        "params": {"nprobe": 1 << 16},
        **more,
    }
    return search(snapshot, SearchRequest(**asked))


@dataclass(frozen=True)
class Where:
    """A filter made of a function over the batch."""

    check: Callable[[Any], Any] = lambda batch: np.ones(batch.rows, np.bool_)
    keys: NDArray[Any] | None = None
    always_true: bool = False

    def mask(self, batch: Any) -> NDArray[np.bool_]:
        return np.asarray(self.check(batch), np.bool_)

    def rows(self, batch: Any) -> None:
        """It names no rows."""


def where_number(check: Callable[[Any], Any]) -> Any:
    return Where(lambda batch: check(batch.column("number").values))


@dataclass
class ObedientBuilder:
    """Counts what it is told to do; ``gate`` stops it inside a training iteration, ``broken`` makes adding fail."""

    train_steps: int = 0
    gate: threading.Event | None = None
    broken: bool = False
    entered: threading.Event = field(default_factory=threading.Event)
    ranges: list[tuple[int, int]] = field(default_factory=list)
    trained: list[int] = field(default_factory=list)

    def train(self, step: int) -> None:
        self.entered.set()
        if self.gate is not None:
            assert self.gate.wait(10)
        self.trained.append(step)

    def add(self, start: int, stop: int) -> None:
        if self.broken:
            raise ZeroDivisionError("no such thing")
        self.ranges.append((start, stop))

    def finished(self) -> str:
        return "built"


def make_index(index_id: int = 1, name: str = "i") -> Index:
    return Index(index_id, name, make_schema().find("vector"), (), "IVF_FLAT", "L2", {}, created=100)


def make_build(
    index: Index,
    rows: int = 3_200,
    segment_id: int = 7,
    builder: Any = None,
    attach: Callable[[Any], bool] = lambda built: True,
) -> Build:
    """A build whose rows are counted as pending already."""
    index.tracker.add(SegmentProgress(segment_id, rows, newest=50))
    made = builder or ObedientBuilder()
    return Build("c", index, segment_id, rows, lambda: made, attach)
