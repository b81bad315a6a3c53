"""Hits among elements that become hits among rows."""

from __future__ import annotations

import numpy as np
import pytest

from fakemilvus.engine.element_collapse import Collapse, collapsed
from fakemilvus.engine.search import Hits


def hits(keys: list[int], distances: list[float], counts: list[int], *, places: bool = True) -> Hits:
    """Hits without segments."""
    rows = np.array(keys, np.int64)
    return Hits(
        counts=np.array(counts, np.int64),
        distances=np.array(distances, np.float32),
        keys=rows,
        segments=(),
        segment_numbers=np.zeros(len(rows), np.intp),
        rows=rows,
        places=np.arange(len(rows)) if places else None,
    )


@pytest.mark.parametrize(
    ("how", "keys", "scores"),
    [
        (Collapse(), [7, 8, 9], [9, 8, 1]),
        (Collapse("sum"), [8, 7, 9], [15, 9, 1]),
        (Collapse("avg"), [7, 8, 9], [9, 5, 1]),
        (Collapse("topk_sum", 2), [8, 7, 9], [13, 9, 1]),
        (Collapse("topk_avg", 2), [7, 8, 9], [9, 6.5, 1]),
    ],
)
def test_similarities(how: Collapse, keys: list[int], scores: list[float]) -> None:
    """A row is worth its best element, or the sum or the average of all or of the best."""
    found = collapsed(hits([7, 8, 8, 8, 9], [9, 8, 5, 2, 1], [5]), "IP", how)
    assert (found.keys.tolist(), found.distances.tolist()) == (keys, scores)
    assert found.places is None


def test_distances_of_several_queries() -> None:
    """Each query's hits are collapsed for themselves; of distances the smallest is the best."""
    found = collapsed(hits([1, 2, 1, 2, 2, 3], [1, 2, 3, 1, 4, 5], [3, 3]), "L2", Collapse())
    assert found.keys.tolist() == [1, 2, 2, 3]
    assert found.distances.tolist() == [1, 2, 1, 5]
    assert found.counts.tolist() == [2, 2]


def test_hits_among_rows_stay() -> None:
    """Where hits are rows there is nothing to collapse."""
    given = hits([1, 2], [1, 2], [2], places=False)
    assert collapsed(given, "L2", Collapse()) is given


def test_no_hits() -> None:
    """Queries that found nothing find nothing."""
    found = collapsed(hits([], [], [0, 0]), "L2", Collapse("avg"))
    assert found.counts.tolist() == [0, 0]
