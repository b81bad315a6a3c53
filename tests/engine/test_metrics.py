"""The metrics."""

from __future__ import annotations

import numpy as np
import pytest

from fakemilvus.engine.metrics import METRICS, normalised
from tests.engine.making import make_vectors


def test_normalised_rows_have_length_one():
    """Every row of a normalised copy has length 1, and the original is as it was."""
    vectors = 5 * make_vectors(50)
    kept = vectors.copy()
    assert np.linalg.norm(normalised(vectors), axis=1) == pytest.approx(1)
    assert np.array_equal(vectors, kept)


def test_zero_vectors_stay_zero():
    """A zero vector has no direction and stays zero, without a warning."""
    assert normalised(np.zeros((2, 3), np.float32)).tolist() == [[0, 0, 0]] * 2


def test_only_cosine_changes_vectors():
    """L2 and IP compare the vectors as they are, without a copy."""
    vectors = make_vectors(3)
    assert [METRICS[name].prepared(vectors) is vectors for name in ("L2", "IP", "COSINE")] == [True, True, False]


def test_worth_is_smaller_where_better():
    """The worth of a distance is smaller where the metric calls it better."""
    distances = np.array([1, 2], np.float32)
    assert METRICS["L2"].worth(distances).tolist() == [1, 2]
    assert METRICS["IP"].worth(distances).tolist() == [-1, -2]
