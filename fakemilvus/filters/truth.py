"""Three-valued logic over rows: true, false, or unknown where a value is null.

A ``Truth`` is a mask that is True where the answer is certainly true, and ``known``, False where it is unknown, or
None when it is known for every row. The mask is never True where the answer is unknown. Its arrays belong to whoever
got it: an evaluation may write into what it made, never into a column.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fakemilvus.datatypes import Mask


@dataclass(frozen=True, slots=True)
class Truth:
    mask: Mask
    known: Mask | None = None


def constant(value: bool, rows: int) -> Truth:
    return Truth(np.full(rows, value, np.bool_))


def known_where(mask: Mask, valid: Mask | None) -> Truth:
    """A comparison that was made for every row, kept only where the row is not null."""
    return Truth(mask, None) if valid is None else Truth(mask & valid, valid)


def negated(truth: Truth) -> Truth:
    return Truth(~truth.mask if truth.known is None else ~truth.mask & truth.known, truth.known)


def both(left: Truth, right: Truth) -> Truth:
    """False and unknown is false."""
    mask = left.mask & right.mask
    if left.known is None and right.known is None:
        return Truth(mask)
    return Truth(mask, mask | _false(left) | _false(right))


def either(left: Truth, right: Truth) -> Truth:
    """True or unknown is true."""
    mask = left.mask | right.mask
    if left.known is None and right.known is None:
        return Truth(mask)
    return Truth(mask, mask | (_false(left) & _false(right)))


def _false(truth: Truth) -> Mask:
    return negated(truth).mask
