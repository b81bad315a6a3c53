"""The scalar index of an ARRAY."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from fakemilvus.datatypes import TEXT_DTYPE, Column, DataType, as_objects
from fakemilvus.engine.element_index import ElementIndex, ElementsBuilder


def built(arrays: list[Any], chunk: int = 2) -> ElementIndex:
    builder = ElementsBuilder(Column(DataType.ARRAY, as_objects(arrays)))
    for start in range(0, len(arrays), chunk):
        builder.add(start, min(len(arrays), start + chunk))
    return builder.finished()


def test_rows_that_hold_a_number() -> None:
    """A look-up finds each row that holds the value, whatever the chunks were, and counts itself."""
    arrays = [np.array(items, np.int64) for items in ([1, 2], [], [2, 2], [3], [2])]
    index = built(arrays)
    found = index.find("contains", 2)
    assert found is not None
    assert np.flatnonzero(found).tolist() == [0, 2, 4]
    assert index.look_ups == 1


def test_rows_that_hold_a_text() -> None:
    """Texts are found by their whole."""
    found = built([np.array(items, TEXT_DTYPE) for items in (["a", "ab"], ["b"], ["a"])]).find("contains", "a")
    assert found is not None
    assert found.tolist() == [True, False, True]


def test_arrays_without_elements() -> None:
    """Rows without any element are never found."""
    found = built([np.empty(0, np.float32)] * 3).find("contains", 0.0)
    assert found is not None
    assert not found.any()


@pytest.mark.parametrize("operator", ["==", "in", "<"])
def test_other_operators_are_declined(operator: str) -> None:
    """What an array as a whole is compared with cannot be answered from its elements."""
    assert built([np.array([1])]).find(operator, 1) is None
