"""Buckets: the hits of a search in groups within groups, each with metrics over its hits and its best hits.

Source: the proxy's search_agg, Milvus 3.0. As there, hits that the sort leaves equal come with the larger score first,
whether that is a similarity or a distance.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cmp_to_key
from typing import Any

import numpy as np

from fakemilvus.engine.grouping import Grouping, search_groups
from fakemilvus.engine.schema import Field
from fakemilvus.engine.search import Hits, SearchRequest
from fakemilvus.engine.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Measure:
    """A metric of the hits of a bucket: of their ``field``, or where it is None of their scores; "count" without
    either counts them all.
    """

    alias: str
    operator: str
    field: Field | None = None
    of_score: bool = False


@dataclass(frozen=True, slots=True)
class HitSort:
    """One key by which the hits of a bucket are sorted; the score where ``field`` is None."""

    field: Field | None
    descending: bool
    nulls_first: bool


@dataclass(frozen=True, slots=True)
class Level:
    """One level of buckets: the ``size`` first of those that are found among ``search_size`` groups.

    ``orders`` are pairs of "_count", "_key" or a metric's alias, and whether it goes down; ``top_hits`` is how many
    hits a bucket shows, None for none.
    """

    fields: tuple[Field, ...]
    size: int
    search_size: int
    measures: tuple[Measure, ...] = ()
    orders: tuple[tuple[str, bool], ...] = ()
    top_hits: int | None = None
    sorts: tuple[HitSort, ...] = ()


@dataclass(slots=True)
class Bucket:
    """``hits`` are those shown, as numbers of hits."""

    key: tuple[Any, ...]
    count: int
    measures: dict[str, Any]
    hits: list[int]
    buckets: list[Bucket]


def search_buckets(
    snapshot: Snapshot, request: SearchRequest, levels: Sequence[Level]
) -> tuple[Hits, list[list[Bucket]]]:
    """The hits that were looked at, and the buckets of each query."""
    top = int(np.prod([level.search_size for level in levels]))
    fields = tuple(field for level in levels for field in level.fields)
    grouping = Grouping(fields, size=max(level.top_hits or 1 for level in levels), strict=True)
    hits, _ = search_groups(snapshot, replace(request, limit=top, offset=0), grouping)
    values = _Values(hits, levels)
    ends = np.cumsum(hits.counts).tolist()
    starts = [0, *ends[:-1]]
    return hits, [_made(values, levels, list(range(start, end))) for start, end in zip(starts, ends, strict=True)]


class _Values:
    """The values of the fields that some level needs, as Python lists, null as None."""

    def __init__(self, hits: Hits, levels: Sequence[Level]) -> None:
        self.scores: list[float] = hits.distances.tolist()
        self.keys: list[Any] = hits.keys.tolist()
        self._lists: dict[int, list[Any]] = {}
        for level in levels:
            used = [*level.fields, *(m.field for m in level.measures), *(sort.field for sort in level.sorts)]
            for field in used:
                if field is not None and field.id not in self._lists:
                    self._lists[field.id] = _listed(hits, field)

    def of(self, field: Field | None) -> list[Any]:
        """The values of a field, or the scores."""
        return self.scores if field is None else self._lists[field.id]


def _listed(hits: Hits, field: Field) -> list[Any]:
    column = hits.column(field)
    values: list[Any] = column.values.tolist()
    if column.valid is None:
        return values
    return [value if valid else None for value, valid in zip(values, column.valid.tolist(), strict=True)]


def _made(values: _Values, levels: Sequence[Level], hits: list[int]) -> list[Bucket]:
    """The buckets of one level, with those of the levels below in them."""
    level, *below = levels
    members: dict[tuple[Any, ...], list[int]] = {}
    for hit in hits:
        members.setdefault(tuple(values.of(field)[hit] for field in level.fields), []).append(hit)
    buckets = [
        Bucket(key, len(own), {m.alias: _measured(m, values, own) for m in level.measures}, own, [])
        for key, own in members.items()
    ]
    for name, descending in reversed(level.orders):
        buckets.sort(key=cmp_to_key(_by(name, descending)))
    del buckets[level.size :]
    for bucket in buckets:
        own = bucket.hits
        bucket.buckets = _made(values, below, own) if below else []
        bucket.hits = [] if level.top_hits is None else _best(values, level, own)
    return buckets


def _by(name: str, descending: bool) -> Callable[[Bucket, Bucket], int]:
    """How two buckets compare in one order."""

    def compare(one: Bucket, other: Bucket) -> int:
        pairs = zip(_ordered_by(one, name), _ordered_by(other, name), strict=True)
        found = next((result for a, b in pairs if (result := _compared(a, b))), 0)
        return -found if descending else found

    return compare


def _ordered_by(bucket: Bucket, name: str) -> tuple[Any, ...]:
    if name == "_key":
        return bucket.key
    return (bucket.count if name == "_count" else bucket.measures[name],)


def _compared(one: Any, other: Any) -> int:
    """-1, 0 or 1; None is before all else."""
    if one is None or other is None:
        return (one is not None) - (other is not None)
    return int(one > other) - int(one < other)


def _best(values: _Values, level: Level, hits: list[int]) -> list[int]:
    """The hits that a bucket shows."""
    ordered = sorted(hits, key=lambda hit: (-values.scores[hit], values.keys[hit]))
    for sort in reversed(level.sorts):
        own = values.of(sort.field)
        there = [hit for hit in ordered if own[hit] is not None]
        there.sort(key=lambda hit: own[hit], reverse=sort.descending)
        nulls = [hit for hit in ordered if own[hit] is None]
        ordered = nulls + there if sort.nulls_first else there + nulls
    return ordered[: level.top_hits]


def _measured(measure: Measure, values: _Values, hits: list[int]) -> Any:
    """The metric over the hits that have a value; None where none has, but 0 where they are counted."""
    if measure.field is None and not measure.of_score:
        return len(hits)
    own = values.of(measure.field)
    there = [own[hit] for hit in hits if own[hit] is not None]
    if measure.operator == "count":
        return len(there)
    return _OPERATORS[measure.operator](there) if there else None


_OPERATORS: dict[str, Callable[[list[Any]], Any]] = {
    "sum": sum,
    "avg": lambda values: sum(values) / len(values),
    "min": min,
    "max": max,
}
