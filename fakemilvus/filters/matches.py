"""What a scalar index answers to a filter: the rows that match, and where that is known at all.

Knows row numbers only, neither indexes nor columns.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fakemilvus.datatypes import Mask

Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Matches:
    """The matching rows among ``total_rows``: their numbers, each once and in any order, or a mask of shape
    (total_rows,).

    A row whose field is null never matches. ``known`` is for a JSON key, whose field says too little: False where there
    is nothing of the index's type. ``is_ordered`` where the numbers are known to ascend.
    """

    total_rows: int
    found: Rows | Mask
    known: Mask | None = None
    is_ordered: bool = False

    @property
    def is_mask(self) -> bool:
        return self.found.dtype == np.bool_

    def count(self) -> int:
        return int(np.count_nonzero(self.found)) if self.is_mask else len(self.found)

    def mask(self) -> Mask:
        """True where a row matches; an array of the caller's own."""
        if self.is_mask:
            return self.found.astype(np.bool_)
        mask = np.zeros(self.total_rows, np.bool_)
        mask[self.found] = True
        return mask

    def rows(self) -> Rows:
        """The numbers of the matching rows, ascending."""
        if self.is_mask:
            return np.flatnonzero(self.found)
        rows: Rows = self.found.astype(np.intp, copy=False)
        return rows if self.is_ordered else np.sort(rows)
