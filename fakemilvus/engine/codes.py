"""Small numbers that stand for values, in the values' order: what is grouped and sorted by instead of them.

Sorting is avoided where it can be: whole numbers in a narrow range are told apart by a table, and text of which much
repeats by a dictionary, both several times faster than numpy's ``unique``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fakemilvus.datatypes import TEXT_DTYPE

Codes = NDArray[np.intp]
Values = NDArray[Any]

WIDE = 1 << 16  # a table this long is always made
REPEATS = 4  # of text, from how many rows a value on the dictionary is faster


def coded(values: Values) -> tuple[Values, Codes]:
    """The different values, ascending, and for each value its place among them."""
    if values.dtype.kind == "T":
        return _coded_texts(values)
    if values.dtype.kind == "i" and len(values):
        low, high = int(values.min()), int(values.max())
        if high - low < max(WIDE, 4 * len(values)):
            places, codes = compact(values.astype(np.intp) - low, high - low + 1)
            return (places + low).astype(values.dtype), codes
    found, codes = np.unique(values, return_inverse=True)
    return found, codes.reshape(-1)


def compact(codes: Codes, count: int) -> tuple[Codes, Codes]:
    """Which of the numbers below ``count`` are used, ascending, and for each code its place among them."""
    if count > max(WIDE, 4 * len(codes)):
        used, placed = np.unique(codes, return_inverse=True)
        return used, placed.reshape(-1)
    used = np.flatnonzero(np.bincount(codes, minlength=count))
    places = np.zeros(count, np.intp)
    places[used] = np.arange(len(used))
    return used, places[codes]


def _coded_texts(values: Values) -> tuple[Values, Codes]:
    texts = values.tolist()
    different = set(texts)
    if REPEATS * len(different) > len(texts):
        found, codes = np.unique(values, return_inverse=True)
        return found, codes.reshape(-1)
    ordered = sorted(different)  # by code point, which is the order of the bytes too
    places = dict(zip(ordered, range(len(ordered)), strict=True))
    return np.array(ordered, TEXT_DTYPE), np.fromiter(map(places.__getitem__, texts), np.intp, len(texts))
