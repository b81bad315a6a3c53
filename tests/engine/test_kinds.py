"""The kinds of vector index, really built with FAISS."""

from __future__ import annotations

import faiss
import numpy as np
import pytest

from fakemilvus.engine.kinds import KINDS
from fakemilvus.engine.metrics import METRICS
from fakemilvus.engine.training import TRAIN_ITERATIONS, TRAIN_ROWS_PER_LIST
from tests.engine.making import make_vectors

SEED = 1234


def _build(kind, vectors, metric="L2", **params):
    builder = KINDS[kind].make(vectors, METRICS[metric], params, SEED)
    for step in range(builder.train_steps):
        builder.train(step)
    for start in range(0, len(vectors), 300):
        builder.add(start, min(len(vectors), start + 300))
    return builder.finished()


def _exact(vectors, queries, metric, top):
    """Row numbers by numpy, best first."""
    if metric == "L2":
        worth = ((queries[:, None] - vectors[None]) ** 2).sum(axis=2)
    elif metric == "IP":
        worth = -(queries @ vectors.T)
    else:
        unit = vectors / np.linalg.norm(vectors, axis=1)[:, None]
        worth = -(queries @ unit.T)
    return np.argsort(worth, axis=1)[:, :top]


@pytest.mark.parametrize("metric", ["L2", "IP", "COSINE"])
def test_stepwise_training_is_that_of_one_call(metric):
    """Ten single iterations give bit for bit the centroids of one FAISS clustering with ten."""
    vectors, nlist = make_vectors(39 * 20, dim=24), 20
    builder = KINDS["IVF_FLAT"].make(vectors, METRICS[metric], {"nlist": nlist}, SEED)
    for step in range(builder.train_steps):
        builder.train(step)
    once = faiss.Clustering(24, nlist)
    once.niter, once.seed, once.spherical = TRAIN_ITERATIONS, SEED, metric != "L2"
    quantizer = faiss.IndexFlatL2(24) if metric == "L2" else faiss.IndexFlatIP(24)
    once.train(METRICS[metric].prepared(vectors), quantizer)
    expected = quantizer.reconstruct_n(0, nlist)
    assert np.array_equal(builder._quantizer.reconstruct_n(0, nlist), expected)


def test_training_takes_a_sample():
    """Training sees at most 39 rows a list, the same ones for the same seed."""
    vectors = make_vectors(2_000)
    first, second = (KINDS["IVF_FLAT"].make(vectors, METRICS["L2"], {"nlist": 4}, SEED) for _ in range(2))
    first.train(0)
    second.train(0)
    assert len(first._sample) == 4 * TRAIN_ROWS_PER_LIST
    assert np.array_equal(first._sample, second._sample)


@pytest.mark.parametrize(("rows", "nlist"), [(1, 1), (38, 1), (39 * 7 + 5, 7), (39 * 200, 128)])
def test_nlist_shrinks_to_what_rows_can_feed(rows, nlist):
    """There are never more lists than a 39th of the rows, and at least one."""
    builder = KINDS["IVF_FLAT"].make(make_vectors(rows), METRICS["L2"], {"nlist": 128}, SEED)
    assert builder.nlist == nlist


@pytest.mark.parametrize("metric", ["L2", "IP", "COSINE"])
def test_ivf_over_every_list_is_exact(metric):
    """With nprobe = nlist IVF_FLAT answers as comparing with every row does."""
    vectors, queries = make_vectors(1_500), make_vectors(20, seed=1)
    built = _build("IVF_FLAT", vectors, metric, nlist=16)
    _, rows = built.search(queries, 10, {"nprobe": 16}, None)
    assert np.array_equal(rows, _exact(vectors, queries, metric, 10))


def test_ivf_recall_is_that_of_faiss():
    """At a small nprobe the recall is within 0.03 of an index that FAISS trained with its defaults."""
    vectors, queries = make_vectors(8_000, dim=16), make_vectors(200, dim=16, seed=1)
    truth = _exact(vectors, queries, "L2", 10)
    theirs = faiss.index_factory(16, "IVF100,Flat")
    theirs.train(vectors)
    theirs.add(vectors)
    theirs.nprobe = 4
    ours = _build("IVF_FLAT", vectors, nlist=100).search(queries, 10, {"nprobe": 4}, None)[1]
    assert _recall(ours, truth) > _recall(theirs.search(queries, 10)[1], truth) - 0.03


def test_a_smaller_nprobe_finds_less():
    """nprobe is really used: one list finds fewer neighbours than all."""
    vectors, queries = make_vectors(3_000), make_vectors(50, seed=1)
    built = _build("IVF_FLAT", vectors, nlist=32)
    truth = _exact(vectors, queries, "L2", 10)
    assert _recall(built.search(queries, 10, {"nprobe": 1}, None)[1], truth) < 0.9


@pytest.mark.parametrize("metric", ["L2", "IP", "COSINE"])
def test_sq8_is_nearly_exact(metric):
    """IVF_SQ8 keeps a byte a number: its neighbours are nearly the true ones, its distances nearly theirs."""
    vectors, queries = make_vectors(1_500), make_vectors(20, seed=1)
    distances, rows = _build("IVF_SQ8", vectors, metric, nlist=16).search(queries, 10, {"nprobe": 16}, None)
    exact, _ = _build("IVF_FLAT", vectors, metric, nlist=16).search(queries, 10, {"nprobe": 16}, None)
    assert _recall(rows, _exact(vectors, queries, metric, 10)) > 0.9
    assert np.abs(distances - exact).max() < 0.05 * np.abs(exact).max()
    assert not np.array_equal(distances, exact)


@pytest.mark.parametrize("kind", ["IVF_FLAT", "IVF_SQ8", "HNSW"])
def test_only_allowed_rows_are_found(kind):
    """A mask leaves only its rows in the answer, whatever the number of rows."""
    vectors = make_vectors(1_003)
    allowed = np.arange(1_003) % 3 == 0
    built = _build(kind, vectors, nlist=8, M=8, efConstruction=40)
    _, rows = built.search(vectors[:50], 10, {"nprobe": 8, "ef": 200}, allowed)
    assert allowed[rows].all()
    assert (rows[:, 0][allowed[:50]] == np.flatnonzero(allowed[:50])).all()


@pytest.mark.parametrize("metric", ["L2", "IP", "COSINE"])
def test_hnsw_finds_neighbours(metric):
    """HNSW built chunk by chunk has a high recall under every metric."""
    vectors, queries = make_vectors(2_000), make_vectors(50, seed=1)
    built = _build("HNSW", vectors, metric, M=16, efConstruction=100)
    _, rows = built.search(queries, 10, {"ef": 100}, None)
    assert _recall(rows, _exact(vectors, queries, metric, 10)) > 0.95


def test_hnsw_has_nothing_to_train():
    """HNSW starts to count rows at once."""
    assert KINDS["HNSW"].make(make_vectors(10), METRICS["L2"], {"M": 4, "efConstruction": 8}, SEED).train_steps == 0


def test_missing_rows_are_minus_one():
    """Where an index finds fewer rows than were asked for, the rest is row -1."""
    built = _build("IVF_FLAT", make_vectors(200), nlist=2)
    _, rows = built.search(make_vectors(1), 300, {"nprobe": 2}, None)
    assert (rows[0] >= 0).sum() == 200
    assert (rows[0, 200:] == -1).all()


def test_cosine_distances_are_similarities():
    """Under COSINE an index answers the similarity, 1 for the same direction whatever the length."""
    vectors = make_vectors(500)
    distances, rows = _build("IVF_FLAT", vectors, "COSINE", nlist=4).search(3 * vectors[:5], 1, {"nprobe": 4}, None)
    assert list(rows[:, 0]) == [0, 1, 2, 3, 4]
    assert distances[:, 0] == pytest.approx(1, abs=1e-5)


def test_the_built_index_keeps_no_raw_copy():
    """Once built, an IVF index holds its own rows; the builder's references are gone with it."""
    built = _build("IVF_FLAT", make_vectors(100), nlist=2)
    assert not any(isinstance(value, np.ndarray) for value in vars(built).values())


def test_flat_builds_nothing():
    """FLAT has nothing to build: every search is exact."""
    assert KINDS["FLAT"].make is None


def _recall(found, truth):
    return np.mean([len(np.intersect1d(a, b)) / len(b) for a, b in zip(found, truth, strict=True)])
