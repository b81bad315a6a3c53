"""The scalar index of an ARRAY: every element of every row in sorted order, with the row that it stands in.

It stands behind INVERTED and AUTOINDEX on arrays. Null rows have no elements, so a look-up never finds one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fakemilvus.datatypes import Column, Mask
from fakemilvus.engine.keys import sortable


class ElementsBuilder:
    """Collects the elements of ranges of rows as they come; the last call sorts them."""

    train_steps = 0

    def __init__(self, column: Column) -> None:
        self._column = column
        self._elements: list[NDArray[Any]] = []
        self._rows: list[NDArray[np.intp]] = []

    def train(self, step: int) -> None:
        raise AssertionError("a scalar index has no training step")

    def add(self, start: int, stop: int) -> None:
        arrays = self._column.values[start:stop].tolist()
        lengths = np.fromiter(map(len, arrays), np.intp, len(arrays))
        self._elements.append(np.concatenate(arrays))
        self._rows.append(np.repeat(np.arange(start, stop), lengths))

    def finished(self) -> ElementIndex:
        elements, rows = np.concatenate(self._elements), np.concatenate(self._rows)
        order = np.argsort(elements, kind="stable")
        return ElementIndex(len(self._column), sortable(elements[order]), rows[order])


@dataclass(slots=True)
class ElementIndex:
    """The built index; ``look_ups`` counts how often a filter was answered from it."""

    total_rows: int
    elements: NDArray[Any]
    rows: NDArray[np.intp]
    look_ups: int = field(default=0)

    def find(self, operator: str, value: Any) -> Mask | None:
        """The rows that hold a value, for the operator "contains"; None for any other.

        ``value`` is of the elements' own kind: a text for texts, a number for numbers.
        """
        if operator != "contains":
            return None
        self.look_ups += 1
        mask = np.zeros(self.total_rows, np.bool_)
        start, stop = (int(np.searchsorted(self.elements, value, side=side)) for side in ("left", "right"))
        mask[self.rows[start:stop]] = True
        return mask
