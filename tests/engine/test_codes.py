"""Small numbers that stand for values."""

from __future__ import annotations

import numpy as np
import pytest

from fakemilvus.datatypes import TEXT_DTYPE
from fakemilvus.engine.codes import coded, compact

INT8, INT64 = np.int8, np.int64
CASES = {
    "narrow": np.array([7, -3, 7, 0], INT64),
    "wide": np.array([2**62, -(2**62), 5, 2**62], INT64),
    "the ends": np.array([2**63 - 1, -(2**63), 0], INT64),
    "small": np.array([-128, 127, -128], INT8),
    "few texts": np.array(["b", "a", "é", "Z", ""] * 10, TEXT_DTYPE),
    "many texts": np.array(["b", "ä", "Z", "a" * 40], TEXT_DTYPE),
    "floats": np.array([0.5, -1.0, 0.5]),
    "booleans": np.array([True, False, True]),
    "nothing": np.empty(0, INT64),
    "no text": np.empty(0, TEXT_DTYPE),
}


@pytest.mark.parametrize("case", CASES)
def test_codes_are_places(case):
    """A value's code is its place among the different values, which stand ascending and keep their type."""
    found, codes = coded(CASES[case])
    assert found.dtype == CASES[case].dtype
    assert found.tolist() == sorted(set(CASES[case].tolist()))
    assert found[codes].tolist() == CASES[case].tolist()


@pytest.mark.parametrize("count", [10, 2**40])
def test_compact(count):
    """Numbers become places among those that are used, whether a table of all is short or would be long."""
    used, codes = compact(np.array([9, 2, 9, 4]), count)
    assert used.tolist() == [2, 4, 9]
    assert codes.tolist() == [2, 0, 2, 1]
