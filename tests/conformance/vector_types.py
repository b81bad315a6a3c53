"""The vector types as the conformance tests use them: values as a client gives and gets them, and what they mean."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pymilvus import DataType

from tests.conformance.target import Target

DIM = 16
Dense = NDArray[Any]


@dataclass(frozen=True, slots=True)
class VectorType:
    """One type: ``make`` gives so many vectors as a client sends them; ``floats`` what they mean, as dense numbers;
    ``answered`` what a query gives for one.
    """

    type: DataType
    make: Callable[[int, int], list[Any]]
    floats: Callable[[Any], Dense]
    answered: Callable[[Any], Any]
    params: dict[str, int] = field(default_factory=lambda: {"dim": DIM})
    metrics: tuple[str, ...] = ("L2", "IP", "COSINE")


def reference(kind: VectorType, vectors: list[Any], query: Any, metric: str) -> NDArray[np.float64]:
    """The distance of each vector from the query, by the definition; NaN where a row is not to be found."""
    rows = np.array([kind.floats(vector) for vector in vectors], np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        return _METRICS[metric](rows, kind.floats(query).astype(np.float64))


def needs_type(target: Target, kind: VectorType, nullable: bool = False) -> None:
    """Skips the test where the server is too old for vectors of a type; some kill a real Milvus 2.3.5."""
    if kind.type not in (DataType.FLOAT_VECTOR, DataType.BINARY_VECTOR):
        target.needs("2.6", f"2.3.5 does not know, or half knows, {kind.type.name}")
    if nullable:
        target.needs("3.0", "2.3.5 has no nullable vectors")


# -- private ---------------------------------------------------------------------------------------------------

SPARSE_WIDTH = 60


def _normal(rows: int, seed: int) -> NDArray[np.float32]:
    return np.random.default_rng(seed).standard_normal((rows, DIM), dtype=np.float32)


def _make_floats(rows: int, seed: int) -> list[Any]:
    return [vector.tolist() for vector in _normal(rows, seed)]


def _make_halves(rows: int, seed: int) -> list[Any]:
    return list(_normal(rows, seed).astype(np.float16))


def _make_brain(rows: int, seed: int) -> list[Any]:
    """bfloat16 as bytes: the upper halves of float32."""
    return [row.tobytes() for row in (_normal(rows, seed).view(np.uint32) >> 16).astype(np.uint16)]


def _make_bytes(rows: int, seed: int) -> list[Any]:
    return list(np.random.default_rng(seed).integers(-128, 128, (rows, DIM), dtype=np.int8))


def _make_bits(rows: int, seed: int) -> list[Any]:
    return [row.tobytes() for row in np.random.default_rng(seed).integers(0, 256, (rows, DIM // 8), dtype=np.uint8)]


def _make_sparse(rows: int, seed: int) -> list[Any]:
    random = np.random.default_rng(seed)
    return [
        {
            int(index) * 1_000_003: float(np.float32(random.random()))
            for index in sorted(random.choice(SPARSE_WIDTH, 6, False))
        }
        for _ in range(rows)
    ]


def _read_brain(vector: bytes) -> Dense:
    return (np.frombuffer(vector, np.uint16).astype(np.uint32) << 16).view(np.float32)


def _read_sparse(vector: dict[int, float]) -> Dense:
    dense = np.zeros(SPARSE_WIDTH, np.float32)
    for index, value in vector.items():
        dense[index // 1_000_003] = value
    return dense


def _read_bits(vector: bytes) -> Dense:
    return np.unpackbits(np.frombuffer(vector, np.uint8))


def _l2(rows: Dense, query: Dense) -> Dense:
    return np.asarray(((rows - query) ** 2).sum(axis=1))


def _ip(rows: Dense, query: Dense) -> Dense:
    return np.asarray(rows @ query)


def _cosine(rows: Dense, query: Dense) -> Dense:
    return np.asarray(rows @ query / np.linalg.norm(rows, axis=1) / np.linalg.norm(query))


def _hamming(rows: Dense, query: Dense) -> Dense:
    return np.asarray(np.abs(rows - query).sum(axis=1))


def _jaccard(rows: Dense, query: Dense) -> Dense:
    return np.asarray(1 - np.minimum(rows, query).sum(axis=1) / np.maximum(rows, query).sum(axis=1))


def _substructure(rows: Dense, query: Dense) -> Dense:
    return np.where((rows >= query).all(axis=1), 0, np.nan)


def _superstructure(rows: Dense, query: Dense) -> Dense:
    return np.where((rows <= query).all(axis=1), 0, np.nan)


_METRICS = {
    "L2": _l2,
    "IP": _ip,
    "COSINE": _cosine,
    "HAMMING": _hamming,
    "JACCARD": _jaccard,
    "SUBSTRUCTURE": _substructure,
    "SUPERSTRUCTURE": _superstructure,
}

FLOAT = VectorType(DataType.FLOAT_VECTOR, _make_floats, np.array, list)
FLOAT16 = VectorType(DataType.FLOAT16_VECTOR, _make_halves, np.asarray, lambda vector: [vector.tobytes()])
BFLOAT16 = VectorType(DataType.BFLOAT16_VECTOR, _make_brain, _read_brain, lambda vector: [vector])
INT8 = VectorType(DataType.INT8_VECTOR, _make_bytes, np.asarray, lambda vector: [vector.tobytes()])
BINARY = VectorType(
    DataType.BINARY_VECTOR,
    _make_bits,
    _read_bits,
    lambda vector: [vector],
    metrics=("HAMMING", "JACCARD", "SUBSTRUCTURE", "SUPERSTRUCTURE"),
)
SPARSE = VectorType(DataType.SPARSE_FLOAT_VECTOR, _make_sparse, _read_sparse, dict, params={}, metrics=("IP",))

TYPES = {kind.type.name: kind for kind in (FLOAT, FLOAT16, BFLOAT16, INT8, BINARY, SPARSE)}
