"""Finding rows by primary key."""

from __future__ import annotations

import numpy as np
import pytest

from fakemilvus.datatypes import TEXT_DTYPE
from fakemilvus.engine.keys import SCAN_ROWS, SCANNED_KEYS, SCANS, KeyOrder, ranks


@pytest.fixture(params=[np.int64, TEXT_DTYPE], ids=["int64", "text"])
def dtype(request):
    return request.param


def _keys(values, dtype):
    return (
        np.array([f"a key longer than numpy keeps inline {v:06}" for v in values], dtype)
        if dtype is TEXT_DTYPE
        else np.array(values, dtype)
    )


def test_finds_rows_in_their_order(dtype):
    """Rows come ascending, whatever the order of the keys and of the question."""
    keys = _keys([30, 10, 20, 40], dtype)
    assert KeyOrder().find(keys, _keys([40, 10], dtype)).tolist() == [1, 3]


def test_missing_keys_find_nothing(dtype):
    """Keys below, between and above those that exist find no row."""
    keys = _keys([10, 20, 30], dtype)
    assert KeyOrder().find(keys, _keys([5, 15, 99], dtype)).tolist() == []


def test_every_row_of_a_key(dtype):
    """A key that several rows have finds them all, and each once however often it is asked for."""
    keys = _keys([7, 1, 7, 2, 7], dtype)
    assert KeyOrder().find(keys, _keys([7, 7, 1], dtype)).tolist() == [0, 1, 2, 4]


def test_no_keys_wanted(dtype):
    """An empty list finds nothing, also beyond the sorted part."""
    order, keys = KeyOrder(), _keys(range(10), dtype)
    order.find(keys[:2], keys[:1])
    assert order.find(keys, _keys([], dtype)).tolist() == []


def test_no_rows(dtype):
    """A segment without rows has none."""
    assert KeyOrder().find(_keys([], dtype), _keys([1], dtype)).tolist() == []


def test_rows_beyond_the_sorted_part(dtype):
    """Rows that were appended after the keys were sorted are found by scanning, without sorting anew."""
    order, keys = KeyOrder(), _keys([5, 3, 1, 3, 9], dtype)
    order.find(keys[:2], _keys([5], dtype))
    assert order.find(keys, _keys([3, 9], dtype)).tolist() == [1, 3, 4]
    assert len(order._sorted[0]) == 2


def test_older_views_never_see_newer_rows(dtype):
    """A view of fewer rows than were sorted finds only its own."""
    order, keys = KeyOrder(), _keys([5, 3, 3], dtype)
    order.find(keys, _keys([3], dtype))
    assert order.find(keys[:2], _keys([3], dtype)).tolist() == [1]


def test_sorts_anew_when_much_was_added():
    """Once the unsorted tail is long and was looked through often, the keys are sorted again."""
    order, keys = KeyOrder(), np.arange(SCAN_ROWS + 10)[::-1].copy()
    order.find(keys[:1], keys[:1])
    for _ in range(SCANS):
        assert order.find(keys, np.array([0])).tolist() == [SCAN_ROWS + 9]
        assert len(order._sorted[0]) == 1
    assert order.find(keys, np.array([0])).tolist() == [SCAN_ROWS + 9]
    assert len(order._sorted[0]) == len(keys)


@pytest.mark.parametrize("wanted", [1, 50, SCANNED_KEYS + 1])
def test_unsorted_keys(wanted):
    """Many keys are found before they are sorted too, negative ones and repeats among them, as numpy finds them."""
    random = np.random.default_rng(1)
    keys = random.integers(-(2**63), 2**63 - 1, 20_000)
    keys[5_000:6_000] = keys[:1_000]
    asked = np.concatenate([random.choice(keys, wanted), random.integers(-(2**63), 2**63 - 1, wanted - 1)])
    assert np.array_equal(KeyOrder().find(keys, asked), np.flatnonzero(np.isin(keys, asked)))


def test_finds_what_numpy_finds():
    """On random keys with repeats the rows are those of numpy's isin, at every stage of growth."""
    random = np.random.default_rng(0)
    order, keys = KeyOrder(), random.integers(0, 3_000, 20_000)
    for rows in (100, 150, 6_000, 20_000, 5_000):
        wanted = random.integers(-100, 3_100, 50)
        assert np.array_equal(order.find(keys[:rows], wanted), np.flatnonzero(np.isin(keys[:rows], wanted)))


def test_ranks_order_text_by_bytes():
    """Ranks sort as the keys do, and equal keys share one."""
    keys = np.array([["b", "a"], ["ab", "b"]], TEXT_DTYPE)
    assert ranks(keys).tolist() == [[2, 0], [1, 2]]
