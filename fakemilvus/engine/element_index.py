"""The scalar index of an ARRAY: every distinct element in sorted order, with the rows that it stands in.

It stands behind INVERTED, BITMAP and AUTOINDEX on arrays, STL_SORT on those of structs, and the ARRAY casts of JSON
paths. Null rows have no elements, so a look-up never finds one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fakemilvus.datatypes import Column, Mask
from fakemilvus.engine.scalar_index import SortedIndex, fitted, sorted_index
from fakemilvus.filters.matches import Matches, Rows


class ElementsBuilder:
    """Collects the elements of ranges of rows as they come; the last call sorts them."""

    train_steps = 0

    def __init__(self, column: Column) -> None:
        self._column = column
        self._elements: list[NDArray[Any]] = []
        self._rows: list[Rows] = []

    def train(self, step: int) -> None:
        raise AssertionError("a scalar index has no training step")

    def add(self, start: int, stop: int) -> None:
        arrays = self._column.values[start:stop].tolist()
        lengths = np.fromiter(map(len, arrays), np.intp, len(arrays))
        self._elements.append(np.concatenate(arrays))
        self._rows.append(np.repeat(np.arange(start, stop), lengths))

    def finished(self) -> ElementIndex:
        elements, rows = np.concatenate(self._elements), np.concatenate(self._rows)
        return ElementIndex(sorted_index(len(self._column), elements, rows))


@dataclass(slots=True)
class ElementIndex:
    """The built index; ``look_ups`` counts how often a filter was answered from it."""

    elements: SortedIndex
    look_ups: int = field(default=0)

    def look_up(self, operator: str, value: Any) -> Matches | None:
        """The rows that hold a value ("contains"), any or all of a list ("contains_any", "contains_all").

        Values are of the elements' own kind, a text for texts, a number for numbers; None where one is not, and for any
        other operator.
        """
        if operator not in ("contains", "contains_any", "contains_all"):
            return None
        wanted = fitted(self.elements.values, [value] if operator == "contains" else value)
        if wanted is None or not len(wanted):
            return None
        self.look_ups += 1
        if len(wanted) == 1:
            return Matches(self.elements.total_rows, np.unique(self._rows_of(wanted[0])))
        masks = map(self._holding, wanted)
        total = next(masks)
        for mask in masks:
            if operator == "contains_all":
                total &= mask
            else:
                total |= mask
        return Matches(self.elements.total_rows, total)

    def _holding(self, value: Any) -> Mask:
        """The rows in which an element stands, once or more often."""
        mask = np.zeros(self.elements.total_rows, np.bool_)
        mask[self._rows_of(value)] = True
        return mask

    def _rows_of(self, value: Any) -> Rows:
        index = self.elements
        parts = [index.rows[index.starts[first] : index.starts[last]] for first, last in index.spans("==", value) or ()]
        return parts[0] if parts else index.rows[:0]
