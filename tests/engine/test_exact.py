"""Exact search over vectors."""

from __future__ import annotations

import numpy as np
import pytest

from fakemilvus.datatypes import TEXT_DTYPE
from fakemilvus.engine import exact
from fakemilvus.engine.exact import nearest
from fakemilvus.engine.metrics import METRICS
from tests.engine.making import make_vectors


def _reference(vectors, queries, metric):
    """All distances in double precision, shape (queries, rows)."""
    vectors, queries = vectors.astype(np.float64), queries.astype(np.float64)
    if metric == "L2":
        return ((queries[:, None] - vectors[None]) ** 2).sum(axis=2)
    if metric == "COSINE":
        vectors = vectors / np.linalg.norm(vectors, axis=1)[:, None]
        queries = queries / np.linalg.norm(queries, axis=1)[:, None]
    return queries @ vectors.T


@pytest.fixture(params=[1 << 22, 1 << 10], ids=["one block", "many blocks"])
def _blocks(request, monkeypatch):
    monkeypatch.setattr(exact, "BLOCK_BYTES", request.param)


@pytest.mark.usefixtures("_blocks")
@pytest.mark.parametrize("metric", ["L2", "IP", "COSINE"])
@pytest.mark.parametrize("nq", [1, 40])
@pytest.mark.parametrize("some", [False, True])
def test_is_exact(metric, nq, some):
    """The distances are numpy's to float precision, best first, over all rows and over some."""
    vectors, queries = make_vectors(2_000, 12), make_vectors(nq, 12, seed=1)
    rows = np.flatnonzero(np.arange(2_000) % 3 == 1) if some else None
    distances, found = nearest(vectors, np.arange(2_000), METRICS[metric], queries, 20, rows)
    among = np.arange(2_000) if rows is None else rows
    reference = _reference(vectors[among], queries, metric)
    best = np.sort(reference if metric == "L2" else -reference, axis=1)[:, :20]
    assert distances == pytest.approx(best if metric == "L2" else -best, rel=1e-4, abs=1e-4)
    where = np.searchsorted(among, found)
    assert np.take_along_axis(reference, where, axis=1) == pytest.approx(distances, rel=1e-4, abs=1e-4)


@pytest.mark.usefixtures("_blocks")
@pytest.mark.parametrize("metric", ["L2", "IP", "COSINE"])
@pytest.mark.parametrize("nq", [1, 40])
def test_smallest_keys_win_ties(metric, nq):
    """Where more rows lie at the same distance than fit, those with the smallest primary keys are in."""
    vectors = np.ones((900, 4), np.float32)
    keys = np.random.default_rng(0).permutation(900)
    _, found = nearest(vectors, keys, METRICS[metric], np.ones((nq, 4), np.float32), 5, None)
    assert (np.sort(keys[found], axis=1) == np.arange(5)).all()


def test_smallest_text_keys_win_ties():
    """Text keys break ties in the order of their bytes."""
    keys = np.array(["b", "aa", "c", "a"], TEXT_DTYPE)
    _, found = nearest(np.ones((4, 2), np.float32), keys, METRICS["L2"], np.ones((1, 2), np.float32), 2, None)
    assert sorted(found[0]) == [1, 3]


def test_ties_among_some_rows():
    """Ties are settled among the allowed rows only."""
    rows = np.array([7, 3, 9, 5])
    _, found = nearest(np.ones((10, 2), np.float32), np.arange(10), METRICS["L2"], np.ones((1, 2), np.float32), 2, rows)
    assert sorted(found[0]) == [3, 5]


def test_better_rows_come_before_tied_ones():
    """A tie at the end of the ranking never pushes out a better row."""
    vectors = np.ones((50, 2), np.float32)
    vectors[40] = 0
    _, found = nearest(vectors, np.arange(50), METRICS["L2"], np.zeros((1, 2), np.float32), 3, None)
    assert found[0].tolist() == [40, 0, 1]


@pytest.mark.parametrize("rows", [None, np.empty(0, np.intp)])
def test_no_rows(rows):
    """No rows give no candidates, one empty line a query."""
    vectors = make_vectors(0 if rows is None else 10)
    distances, found = nearest(vectors, np.arange(len(vectors)), METRICS["COSINE"], make_vectors(3), 5, rows)
    assert distances.shape == found.shape == (3, 0)


def test_fewer_rows_than_asked():
    """Fewer rows than asked for are all there, best first."""
    vectors = np.array([[3.0], [1.0], [2.0]], np.float32)
    _, found = nearest(vectors, np.arange(3), METRICS["L2"], np.zeros((1, 1), np.float32), 10, None)
    assert found[0].tolist() == [1, 2, 0]


def test_zero_vectors_have_cosine_zero():
    """A zero vector's cosine with anything is 0, never NaN."""
    vectors = np.array([[0, 0], [1, 0], [-1, 0]], np.float32)
    distances, found = nearest(vectors, np.arange(3), METRICS["COSINE"], np.array([[2, 0]], np.float32), 3, None)
    assert (found[0].tolist(), distances[0].tolist()) == ([1, 0, 2], [1, 0, -1])


@pytest.mark.parametrize("top", [4, 10])
def test_equal_distances_come_by_key(top):
    """Rows at the same distance come in the order of their keys, whether or not all of them are asked for."""
    vectors = np.array([[1.0], [0.0], [1.0], [1.0], [2.0], [1.0]], np.float32)
    keys = np.array([5, 9, 3, 4, 1, 2])
    _, found = nearest(vectors, keys, METRICS["L2"], np.zeros((2, 1), np.float32), top, None)
    assert [keys[one].tolist() for one in found] == [[9, 2, 3, 4, 5, 1][:top]] * 2
