"""Which words a few edits away are: a character put in, left out, changed, or swapped with its neighbour."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def within_edits(names: Sequence[str], word: str, edits: int) -> NDArray[np.int64]:
    """The numbers of the names that at most so many edits make the word."""
    lengths = np.fromiter(map(len, names), np.int64, len(names))
    near = np.flatnonzero(np.abs(lengths - len(word)) <= edits)
    if not len(near):
        return near
    wide = max(1, int(lengths[near].max()))
    letters = np.array([names[number] for number in near.tolist()], f"U{wide}").view(np.uint32).reshape(-1, wide)
    return near[_distances(letters, lengths[near], word) <= edits]


# -- private ---------------------------------------------------------------------------------------------------


def _distances(letters: NDArray[np.uint32], lengths: NDArray[np.int64], word: str) -> NDArray[np.int64]:
    """The distance of each row of letters from the word, all rows at a time."""
    asked = [ord(character) for character in word]
    count, wide = letters.shape
    earlier = row = np.broadcast_to(np.arange(wide + 1), (count, wide + 1))
    for number, letter in enumerate(asked):
        made = np.empty((count, wide + 1), np.int64)
        made[:, 0] = number + 1
        same = letters == letter
        for place in range(1, wide + 1):
            best = np.minimum(row[:, place] + 1, made[:, place - 1] + 1)
            best = np.minimum(best, row[:, place - 1] + ~same[:, place - 1])
            if number and place > 1:
                swapped = same[:, place - 2] & (letters[:, place - 1] == asked[number - 1])
                best = np.where(swapped, np.minimum(best, earlier[:, place - 2] + 1), best)
            made[:, place] = best
        earlier, row = row, made
    return np.take_along_axis(row, lengths[:, None], axis=1)[:, 0]
