"""Repeated numbers cross between protobuf and numpy whole, whatever form a client sent them in."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from fakemilvus.wire import arrays
from fakemilvus.wire.messages import schema


@pytest.mark.parametrize("count", [0, 1, 31, 32, 33, 5_000])
def test_floats_round_trip(count: int) -> None:
    """Any number of floats comes back bit for bit."""
    values = np.random.default_rng(1).standard_normal(count).astype(np.float32)
    message = schema.FloatArray()
    arrays.fill_floats(message, values)
    assert np.array_equal(arrays.floats(schema.FloatArray.FromString(message.SerializeToString())), values)


def test_doubles_round_trip() -> None:
    """Doubles keep all their bits."""
    message = schema.DoubleArray()
    arrays.fill_doubles(message, np.array([0.1, -1e300]))
    assert arrays.doubles(message).tolist() == [0.1, -1e300]


def test_unpacked_floats_are_joined() -> None:
    """Floats that were sent one by one are read like packed ones."""
    unpacked = b"".join(b"\x0d" + struct.pack("<f", value) for value in (1.0, 2.0, 3.0))
    assert arrays.floats(schema.FloatArray.FromString(unpacked)).tolist() == [1.0, 2.0, 3.0]


def test_split_floats_are_joined() -> None:
    """A packed array in two pieces is read as one."""
    pieces = b"\x0a\x08" + struct.pack("<2f", 1, 2) + b"\x0a\x04" + struct.pack("<f", 3)
    assert arrays.floats(schema.FloatArray.FromString(pieces)).tolist() == [1.0, 2.0, 3.0]


def test_integers_and_bools() -> None:
    """Integers and bools become arrays of the wanted type."""
    assert arrays.integers(schema.LongArray(data=[-1, 2**63 - 1]).data, np.dtype(np.int64)).tolist() == [-1, 2**63 - 1]
    assert arrays.integers(schema.BoolArray(data=[True, False]).data, np.dtype(np.bool_)).tolist() == [True, False]


def test_other_fields_stay() -> None:
    """Filling one field of a message leaves the others."""
    message = schema.SearchResultData(num_queries=3)
    arrays.fill_floats(message, np.array([1.5], np.float32), 4)
    assert (message.num_queries, list(message.scores)) == (3, [1.5])
