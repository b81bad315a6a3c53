"""Range search: bounds, and how an index is asked until they are met."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from fakemilvus import errors
from fakemilvus.engine.metrics import METRICS
from fakemilvus.engine.ranges import Bounds, check_bounds_given, find_bounds, search_within

L2, IP = METRICS["L2"], METRICS["IP"]


def _bounds(metric: Any, radius: float, inner: float | None = None) -> Bounds:
    return Bounds(metric, np.float32(radius), None if inner is None else np.float32(inner))


@pytest.mark.parametrize(
    ("bounds", "kept"),
    [
        (_bounds(L2, 3), [1, 2]),
        (_bounds(L2, 3, 2), [2]),
        (_bounds(L2, 3.5, 1), [1, 2, 3]),
        (_bounds(IP, 1), [2, 3, 4]),
        (_bounds(IP, 1, 3), [2, 3]),
    ],
)
def test_bounds_hold(bounds: Bounds, kept: list[int]) -> None:
    """Distances lie in [range_filter, radius), similarities in (radius, range_filter]."""
    distances = np.array([1, 2, 3, 4], np.float32)
    assert distances[bounds.holds(distances)].tolist() == kept


class _Line:
    """Rows at the distances 0, 1, 2, ..., and how many were asked for."""

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self.asked: list[int] = []

    def find(self, top: int) -> tuple[Any, Any]:
        self.asked.append(top)
        rows = np.arange(min(top, self.rows))
        return rows[None].astype(np.float32), rows[None]


def test_a_radius_needs_one_search() -> None:
    """Without a second bound the nearest rows are enough; those beyond the radius are left out."""
    line = _Line(1_000)
    assert search_within(line.find, _bounds(L2, 5), 10, 1_000)[1].tolist() == [[0, 1, 2, 3, 4, -1, -1, -1, -1, -1]]
    assert line.asked == [10]


def test_a_second_bound_is_reached_by_asking_for_more() -> None:
    """More and more rows are asked for until enough lie beyond the second bound."""
    line = _Line(1_000)
    assert search_within(line.find, _bounds(L2, 500, 200), 3, 1_000)[1].tolist() == [[200, 201, 202]]
    assert line.asked == [3, 12, 48, 192, 768]


def test_asking_ends_with_the_rows() -> None:
    """Where there are no more rows, those found are all."""
    line = _Line(40)
    assert search_within(line.find, _bounds(L2, 500, 38), 5, 40)[1].tolist() == [[38, 39, -1, -1, -1]]
    assert max(line.asked) == 40


@pytest.mark.parametrize(
    ("params", "metric", "error"),
    [
        ({"radius": 1, "range_filter": 1}, "L2", errors.RangeBoundsCrossed),
        ({"radius": 1, "range_filter": 1}, "IP", errors.RangeBoundsCrossed),
        ({"radius": "1"}, "L2", errors.RangeNotNumber),
        ({"radius": 1, "range_filter": [1]}, "L2", errors.RangeNotNumber),
        ({"radius": 0.5}, "MHJACCARD", errors.RangeOfSignatures),
    ],
)
def test_bounds_are_checked(params: dict[str, Any], metric: str, error: type[Exception]) -> None:
    """Bounds are numbers in the metric's order; signatures have no ranges."""
    with pytest.raises(error):
        find_bounds(params, metric, "channel")


def test_no_radius_is_no_range() -> None:
    """Without a radius, or with null, it is an ordinary search; a second bound alone is refused."""
    assert find_bounds({"nprobe": 8}, "L2", "channel") is None
    assert find_bounds({"radius": None}, "L2", "channel") is None
    with pytest.raises(errors.RangeWithoutRadius):
        check_bounds_given({"range_filter": 1})
