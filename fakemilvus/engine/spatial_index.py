"""The RTREE index of a GEOMETRY: the bounding boxes of all rows in a tree. Null rows are left out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fakemilvus.datatypes import Column
from fakemilvus.engine.geometry import build_tree, find_intersecting, read_binaries
from fakemilvus.filters.matches import Matches


class SpatialBuilder:
    """Reads ranges of rows as they come; the last call packs the tree."""

    train_steps = 0

    def __init__(self, column: Column) -> None:
        self._column = column
        self._shapes: list[NDArray[Any]] = []
        self._rows: list[NDArray[np.intp]] = []

    def train(self, step: int) -> None:
        raise AssertionError("a scalar index has no training step")

    def add(self, start: int, stop: int) -> None:
        rows = np.arange(start, stop)
        if self._column.valid is not None:
            rows = rows[self._column.valid[start:stop]]
        self._rows.append(rows)
        self._shapes.append(read_binaries(self._column.values[rows]))

    def finished(self) -> SpatialIndex:
        return SpatialIndex(len(self._column), build_tree(np.concatenate(self._shapes)), np.concatenate(self._rows))


@dataclass(slots=True)
class SpatialIndex:
    """The built index; ``look_ups`` counts how often a filter was answered from it."""

    total_rows: int
    tree: Any
    rows: NDArray[np.intp]
    look_ups: int = field(default=0)

    def look_up(self, operator: str, value: Any) -> Matches | None:
        """The rows that intersect a geometry, given as text, for the operator "st_intersects"; None for any other."""
        if operator != "st_intersects":
            return None
        self.look_ups += 1
        return Matches(self.total_rows, self.rows[find_intersecting(self.tree, value)])
