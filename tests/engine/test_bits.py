"""Binary vectors: distances and the index with inverted lists."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from fakemilvus.engine import bits
from fakemilvus.engine.bits import bit_distances
from fakemilvus.engine.exact import nearest
from fakemilvus.engine.kinds import KINDS
from fakemilvus.engine.metrics import BITS, METRICS

SEED = 1234
Bits = NDArray[np.uint8]


def _make(rows: int, dim: int = 64, seed: int = 0) -> Bits:
    return np.random.default_rng(seed).integers(0, 256, (rows, dim // 8), dtype=np.uint8)


def _expected(vectors: Bits, query: Bits, metric: str) -> NDArray[np.float64]:
    rows, wanted = np.unpackbits(vectors, axis=1).astype(int), np.unpackbits(query).astype(int)
    if metric == "HAMMING":
        return np.asarray(np.abs(rows - wanted).sum(axis=1), np.float64)
    if metric == "JACCARD":
        return np.asarray(1 - (rows & wanted).sum(axis=1) / (rows | wanted).sum(axis=1))
    inside = rows >= wanted if metric == "SUBSTRUCTURE" else rows <= wanted
    return np.where(inside.all(axis=1), 0.0, np.inf)


def _build(vectors: Bits, metric: str, nlist: int) -> Any:
    make = KINDS["BIN_IVF_FLAT"].make
    assert make is not None
    builder = make(vectors, METRICS[metric], {"nlist": nlist}, SEED)
    for step in range(builder.train_steps):
        builder.train(step)
    for start in range(0, len(vectors), 300):
        builder.add(start, min(len(vectors), start + 300))
    return builder.finished()


@pytest.mark.parametrize("block_bytes", [1 << 22, 1])
@pytest.mark.parametrize("dim", [8, 24, 64, 128])
@pytest.mark.parametrize("metric", BITS)
def test_distances(metric: str, dim: int, block_bytes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every metric's distances are those of its definition, for any dim and in any blocks."""
    monkeypatch.setattr(bits, "BLOCK_BYTES", block_bytes)
    vectors = _make(600, dim)
    vectors[5], vectors[7] = 0xFF, 0
    query = vectors[3]
    assert np.allclose(bit_distances(vectors, METRICS[metric], query), _expected(vectors, query, metric))


def test_vectors_without_bits_are_apart() -> None:
    """The JACCARD distance of two vectors without any bit is 1, as in knowhere."""
    nothing = np.zeros((1, 4), np.uint8)
    assert bit_distances(nothing, METRICS["JACCARD"], nothing[0]).tolist() == [1]


def test_nearest_ranks_by_distance_then_key() -> None:
    """Exact search ranks equal distances by primary key, among the allowed rows only."""
    vectors = np.array([[1], [3], [1], [1]], np.uint8)
    keys = np.array([4, 3, 2, 1])
    _, rows = nearest(vectors, keys, METRICS["HAMMING"], np.array([[1]], np.uint8), 3, np.array([0, 1, 2]))
    assert rows.tolist() == [[2, 0, 1]]


def test_what_does_not_match_is_not_found() -> None:
    """A structure metric finds only the rows that match, all at distance 0."""
    vectors = np.array([[0b0110], [0b0111], [0b1000]], np.uint8)
    distances, rows = nearest(vectors, np.arange(3), METRICS["SUBSTRUCTURE"], np.array([[0b0110]], np.uint8), 3, None)
    assert (rows.tolist(), distances[0, :2].tolist()) == ([[0, 1, -1]], [0, 0])


@pytest.mark.parametrize("metric", ["HAMMING", "JACCARD"])
def test_every_list_is_exact(metric: str) -> None:
    """With nprobe = nlist the index finds the true nearest."""
    vectors, queries = _make(1_500), _make(10, seed=1)
    distances, _ = _build(vectors, metric, 16).search(queries, 10, {"nprobe": 16}, None)
    for query, found in zip(queries, distances, strict=True):
        assert np.allclose(found, np.sort(_expected(vectors, query, metric))[:10])


def test_fewer_lists_find_less() -> None:
    """nprobe is really used: rows lie in lists, of which a small nprobe looks at few."""
    vectors, queries = _make(3_000), _make(50, seed=1)
    built = _build(vectors, "HAMMING", 32)
    few, _ = built.search(queries, 10, {"nprobe": 1}, None)
    every, _ = built.search(queries, 10, {"nprobe": 32}, None)
    assert (few >= every).all()
    assert (few > every).any()


def test_a_row_is_near_its_centroid() -> None:
    """Assignment is real: rows that are alike lie in the same list, so that one list finds them."""
    centres = _make(8, dim=256)
    vectors = np.repeat(centres, 100, axis=0)
    vectors[:, 0] ^= np.random.default_rng(2).integers(0, 2, len(vectors), dtype=np.uint8)
    _, rows = _build(vectors, "HAMMING", 8).search(centres, 50, {"nprobe": 1}, None)
    assert (rows // 100 == np.arange(8)[:, None]).mean() > 0.95


def test_only_allowed_rows_are_found() -> None:
    """A mask leaves only its rows; where too few are left the rest is row -1."""
    vectors = _make(1_500)
    allowed = np.zeros(1_500, np.bool_)
    allowed[:4] = True
    _, rows = _build(vectors, "HAMMING", 8).search(vectors[:2], 6, {"nprobe": 8}, allowed)
    assert rows[0].tolist()[4:] == [-1, -1]
    assert sorted(rows[0].tolist()[:4]) == [0, 1, 2, 3]
