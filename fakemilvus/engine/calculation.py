"""Aggregation over a snapshot: the groups of the rows that pass a filter, and one value a function and group."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fakemilvus.datatypes import Column
from fakemilvus.engine.aggregation import Groups, aggregated, everything, grouped
from fakemilvus.engine.element_query import find_elements
from fakemilvus.engine.ordering import SortKey, ordered
from fakemilvus.engine.query import find_all
from fakemilvus.engine.schema import Field
from fakemilvus.engine.snapshot import Snapshot
from fakemilvus.filters import Filter


@dataclass(frozen=True, slots=True)
class Aggregate:
    """A function over the values of a field, or, where that is None, over the rows; ``name`` as it was asked for."""

    name: str
    operator: str
    field: Field | None


@dataclass(frozen=True, slots=True)
class Calculation:
    """``order`` is of fields among ``groups``; without it groups come ascending, by the first field first."""

    groups: tuple[Field, ...]
    aggregates: tuple[Aggregate, ...]
    order: tuple[SortKey, ...] = ()


def calculate(
    snapshot: Snapshot, wanted: Filter, asked: Calculation, limit: int | None = None, offset: int = 0
) -> list[Column]:
    """The columns of the groups' fields, then those of the functions, of the groups from ``offset`` to ``limit``.

    Rows with the same primary key count each, as in Milvus, and so do the elements of a filter by element. Without
    fields to group by all rows are one group.
    """
    found = find_elements(snapshot, wanted)[0] if wanted.by_element else find_all(snapshot, wanted)
    columns = {field.id: found.column(field) for field in _fields(asked)}
    keys = [columns[field.id] for field in asked.groups]
    groups = grouped(keys) if keys else everything(len(found.rows))
    shown = _shown(asked, keys, groups)[offset : None if limit is None else offset + limit]
    made = [key.take(groups.first[shown]) for key in keys]
    for function in asked.aggregates:
        values = None if function.field is None else columns[function.field.id]
        made.append(aggregated(function.operator, values, groups).take(shown))
    return made


def _fields(asked: Calculation) -> tuple[Field, ...]:
    return (*asked.groups, *(function.field for function in asked.aggregates if function.field is not None))


def _shown(asked: Calculation, keys: list[Column], groups: Groups) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """The numbers of the groups in the order of the answer."""
    if not asked.order:
        return np.arange(groups.count)
    places = {field.id: place for place, field in enumerate(asked.groups)}
    firsts = [keys[places[key.field.id]].take(groups.first) for key in asked.order]
    return ordered(firsts, [key.direction for key in asked.order])
