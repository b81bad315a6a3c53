"""Partition keys: the hash against a plain implementation, and pruning against looking everywhere."""

from __future__ import annotations

import zlib

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from fakemilvus.clock import Clock
from fakemilvus.datatypes import TEXT_DTYPE, Column, DataType
from fakemilvus.engine.builds import Builds
from fakemilvus.engine.collection import Collection
from fakemilvus.engine.definition import Definition
from fakemilvus.engine.options import Options
from fakemilvus.engine.partition_keys import hashed
from fakemilvus.engine.query import query
from fakemilvus.engine.routing import find_deleted, readable, share_rows
from fakemilvus.engine.schema import Field, Schema
from fakemilvus.filters import compile_filter
from tests.engine.making import make_vectors

SCHEMA = Schema(
    (
        Field("id", DataType.INT64, is_primary=True),
        Field("key", DataType.INT64, is_partition_key=True),
        Field("vector", DataType.FLOAT_VECTOR, type_params=(("dim", "8"),)),
    )
).with_ids()
PARTITIONS = 5


@given(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1), st.integers(1, 1024))
def test_integers(keys, partitions):
    """Integers are hashed by MurmurHash3 of their bytes, without the sign bit."""
    expected = [murmur3(key.to_bytes(8, "little", signed=True)) % partitions for key in keys]
    assert hashed(Column(DataType.INT64, np.array(keys, np.int64)), partitions).tolist() == expected


@given(st.lists(st.text(max_size=120), min_size=1), st.integers(1, 1024))
def test_texts(keys, partitions):
    """Texts are hashed by CRC-32 of their first hundred bytes."""
    expected = [zlib.crc32(key.encode()[:100]) % partitions for key in keys]
    assert hashed(Column(DataType.VARCHAR, np.array(keys, TEXT_DTYPE)), partitions).tolist() == expected


def make_filters():
    """Filters over the fields id and key, as texts."""
    keys = st.integers(-3, 12)
    leaves = st.one_of(
        st.builds("key == {}".format, keys),
        st.builds("key != {}".format, keys),
        st.builds("key > {}".format, keys),
        st.builds("key in {}".format, st.lists(keys, min_size=1, max_size=4)),
        st.builds("id < {}".format, st.integers(0, 60)),
    )
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.builds("({} and {})".format, inner, inner),
            st.builds("({} or {})".format, inner, inner),
            st.builds("(not ({}))".format, inner),
        ),
        max_leaves=6,
    )


@settings(max_examples=150, deadline=None)
@given(make_filters(), st.integers(0, 50))
def test_pruned_reads_find_all(text, seed):
    """Whatever a filter says, looking in the partitions of its keys finds and deletes what looking everywhere does."""
    collection = make_filled(seed)
    snapshot, wanted = collection.snapshot, compile_filter(text, SCHEMA.filterable)
    everywhere = found_ids(snapshot, wanted)
    everything = frozenset(partition.id for partition in snapshot.partitions)
    loaded = collection.change(lambda was: type(was)(was.schema, was.segments, (), was.partitions, everything))
    assert found_ids(readable(loaded, (), wanted, "channel", ""), wanted) == everywhere
    assert found_ids(snapshot.within(find_deleted(snapshot, "", wanted)), wanted) == everywhere


def test_pruning_leaves_partitions_out():
    """A filter on one key looks at one partition."""
    collection = make_filled(1)
    chosen = find_deleted(collection.snapshot, "", compile_filter("key == 3 and id > 1", SCHEMA.filterable))
    assert len(chosen) == 1


def test_rows_lie_in_the_partition_of_their_key():
    """Every row is in the partition that its key is hashed to."""
    collection = make_filled(2)
    numbers = {partition.id: number for number, partition in enumerate(collection.snapshot.partitions)}
    for segment in collection.snapshot.segments:
        assert set(hashed(segment.columns[101], PARTITIONS).tolist()) == {numbers[segment.partition_id]}


def make_filled(seed):
    """A collection of 50 rows whose keys lie between 0 and 9."""
    collection = Collection(Definition("c", SCHEMA, partitions=PARTITIONS), Clock(), Builds(Clock(), 1), Options())
    columns = {
        100: Column(DataType.INT64, np.arange(50)),
        101: Column(DataType.INT64, np.random.default_rng(seed).integers(0, 10, 50)),
        102: Column(DataType.FLOAT_VECTOR, make_vectors(50)),
    }
    collection.insert(columns, 50, share_rows(collection.snapshot, "", columns))
    return collection


def found_ids(snapshot, wanted):
    return query(snapshot, wanted).column(SCHEMA.primary).values.tolist()


def murmur3(data):
    """MurmurHash3, 32 bit, of whole blocks of four bytes, step by step."""
    state = 0
    for start in range(0, len(data), 4):
        block = int.from_bytes(data[start : start + 4], "little") * 0xCC9E2D51 % 2**32
        block = (block << 15 | block >> 17) % 2**32 * 0x1B873593 % 2**32
        state ^= block
        state = ((state << 13 | state >> 19) % 2**32 * 5 + 0xE6546B64) % 2**32
    state ^= len(data)
    state = (state ^ state >> 16) * 0x85EBCA6B % 2**32
    state = (state ^ state >> 13) * 0xC2B2AE35 % 2**32
    return (state ^ state >> 16) & 0x7FFFFFFF
