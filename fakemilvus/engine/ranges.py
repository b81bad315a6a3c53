"""Range search: the nearest rows within a radius and, where a second bound is given, not within that.

Milvus' conventions: of distances ``range_filter <= d < radius``, of similarities ``radius < d <= range_filter``. An
index is asked for more and more rows until it has given all within the radius, or as many as are wanted; where it would
have to give a large part of its rows, comparing with each is faster. Source: Milvus' RangeSearchHelper.cpp.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from fakemilvus import errors
from fakemilvus.datatypes import Mask
from fakemilvus.engine.exact import NOTHING, Found
from fakemilvus.engine.metrics import METRICS, Distances, Metric

RADIUS = "radius"
RANGE_FILTER = "range_filter"
GROWTH = 4  # so many times as many rows are asked for when those found were not enough


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a distance must keep to; ``inner`` None is no second bound."""

    metric: Metric
    radius: np.float32
    inner: np.float32 | None

    def holds(self, distances: Distances) -> Mask:
        """Which of the distances lie between the bounds."""
        mask = self.reached(distances)
        if self.inner is not None:
            mask &= distances <= self.inner if self.metric.larger_is_better else distances >= self.inner
        return mask

    def reached(self, distances: Distances) -> Mask:
        """Which of the distances lie within the radius."""
        mask: Mask = distances > self.radius if self.metric.larger_is_better else distances < self.radius
        return mask


def check_bounds_given(params: Mapping[str, Any]) -> None:
    """The one refusal that comes before all others."""
    if RADIUS not in params and RANGE_FILTER in params:
        raise errors.RangeWithoutRadius()


def find_bounds(params: Mapping[str, Any], metric: str, channel: str) -> Bounds | None:
    """The bounds among a search's parameters; None where it is no range search. ``channel`` stands in complaints."""
    radius, inner = (_number(params, name, channel) for name in (RADIUS, RANGE_FILTER))
    if radius is None:
        return None
    similar = METRICS[metric].larger_is_better
    if inner is not None and not (inner > radius if similar else inner < radius):
        raise errors.RangeBoundsCrossed(
            channel=channel,
            sign=">" if similar else "<",
            line=129 if similar else 136,
            metric=metric,
            inner=_shown(inner),
            relation="greater" if similar else "less",
            radius=_shown(radius),
        )
    if metric == "MHJACCARD":
        raise errors.RangeOfSignatures(channel=channel)
    return Bounds(METRICS[metric], radius, inner)


def search_within(find: Callable[[int], Found], bounds: Bounds, top: int, rows: int) -> Found:
    """The ``top`` best rows between the bounds for each query; -1 where there are fewer.

    ``find`` gives so many nearest rows, best first; there are ``rows`` in all.
    """
    asked = top
    while True:
        distances, found = find(asked)
        if not found.shape[1]:
            return distances, found
        kept = (found >= 0) & bounds.holds(distances)
        ended = (found[:, -1] < 0) | ~bounds.reached(distances[:, -1])
        if asked >= rows or found.shape[1] < asked or (ended | (kept.sum(axis=1) >= top)).all():
            break
        asked = min(GROWTH * asked, rows)
    order = np.argsort(~kept, axis=1, kind="stable")[:, :top]
    best = np.where(np.take_along_axis(kept, order, axis=1), np.take_along_axis(found, order, axis=1), NOTHING)
    return np.take_along_axis(distances, order, axis=1), best


def _number(params: Mapping[str, Any], name: str, channel: str) -> np.float32 | None:
    value = params.get(name)
    if value is None:
        return None
    if not isinstance(value, int | float):
        raise errors.RangeNotNumber(
            channel=channel,
            name=name,
            type="string" if isinstance(value, str) else "array" if isinstance(value, list) else "object",
        )
    return np.float32(value)


def _shown(value: np.float32) -> str:
    return np.format_float_positional(value, trim="-")
