"""The memory limit: what counts, what is refused, and what gives memory back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fakemilvus import errors
from fakemilvus.clock import Clock
from fakemilvus.datatypes import TEXT_DTYPE, Column, DataType
from fakemilvus.engine.instance import Instance
from fakemilvus.engine.options import Options
from fakemilvus.engine.query import count
from fakemilvus.engine.quota import MIB, Quota
from fakemilvus.engine.schema import Field, Function, Schema
from tests.engine.making import DIM, Where, make_definition, make_vectors, put

DB = "default"
ROW_BYTES = 8 + 8 + 4 * DIM  # id, number, vector
HALF = MIB // ROW_BYTES // 2


@pytest.fixture
def instance():
    made = Instance(Options(memory_limit_mib=1), Clock())
    made.create_collection(DB, make_definition())
    yield made
    made.stop()


def fill(instance, rows, name="c"):
    put(instance.find_collection(DB, name), np.arange(rows), make_vectors(rows))


def rows_in(instance):
    return count(instance.find_collection(DB, "c").snapshot, Where(always_true=True))


def test_an_insert_over_the_limit_is_refused_whole(instance):
    """Rows that would exceed the limit are refused, and none of them is stored; fewer still fit."""
    fill(instance, HALF)
    with pytest.raises(errors.MemoryQuotaExceeded):
        fill(instance, 2 * HALF)
    assert rows_in(instance) == HALF
    fill(instance, HALF - 10)
    assert rows_in(instance) == 2 * HALF - 10


def test_all_collections_count(instance):
    """The limit is the server's: rows of every collection count."""
    instance.create_collection(DB, make_definition("d"))
    fill(instance, HALF, "d")
    with pytest.raises(errors.MemoryQuotaExceeded):
        fill(instance, HALF + 10)


def test_deletes_work_and_give_nothing_back(instance):
    """Deletes are not refused at the limit; as the rows' memory is not freed, they still count."""
    fill(instance, 2 * HALF - 1)
    instance.find_collection(DB, "c").delete(lambda segment: np.arange(segment.rows))
    assert rows_in(instance) == 0
    with pytest.raises(errors.MemoryQuotaExceeded):
        fill(instance, HALF)


@pytest.mark.parametrize("forget", [lambda i: i.drop_collection(DB, "c"), lambda i: i.reset()], ids=["drop", "reset"])
def test_what_gives_memory_back(instance, forget):
    """A drop and a reset make room again."""
    fill(instance, 2 * HALF - 1)
    forget(instance)
    assert instance.quota.used_bytes == 0


def test_a_restore_counts_what_it_restores(instance):
    """After a restore exactly the restored rows count, also above the limit together with those before."""
    fill(instance, 2 * HALF - 1)
    kept = instance.snapshot()
    instance.reset()
    instance.create_collection(DB, make_definition("d"))
    fill(instance, HALF, "d")
    instance.restore(kept)
    assert instance.quota.used_bytes == ROW_BYTES * (2 * HALF - 1)


def test_late_writes_to_a_dropped_collection_do_not_count(instance):
    """Rows for a collection that was dropped meanwhile are not counted: nobody would give them back."""
    late = instance.find_collection(DB, "c")
    instance.drop_collection(DB, "c")
    put(late, np.arange(10), make_vectors(10))
    late.close()
    assert instance.quota.used_bytes == 0


def test_without_a_limit_everything_is_granted():
    """Without a limit bytes are counted and never refused."""
    quota = Quota()
    quota.take(1 << 60)
    assert quota.used_bytes == 1 << 60


@pytest.mark.parametrize(
    ("column", "size"),
    [
        (Column(DataType.INT64, np.zeros(3, np.int64)), 24),
        (Column(DataType.INT64, np.zeros(3, np.int64), np.ones(3, np.bool_)), 27),
        (Column(DataType.VARCHAR, np.array(["a" * 1_000, ""], TEXT_DTYPE)), 2 * TEXT_DTYPE.itemsize + 1_000),
        (Column(DataType.JSON, np.array([b"{}", b"null"], object)), 2 * 8 + 6),
        (Column(DataType.FLOAT_VECTOR, np.zeros((3, 4), np.float32)), 48),
    ],
    ids=["numbers", "nulls", "text", "JSON", "vectors"],
)
def test_what_rows_take(column, size):
    """Numbers and vectors take their width, text and JSON their length as well, null flags a byte."""
    assert column.size_bytes == size


@pytest.mark.parametrize("limit", [0, -1])
def test_the_limit_is_positive(limit):
    """A limit that is not positive is refused when the server is made."""
    with pytest.raises(ValueError, match="memory_limit_mib must be positive"):
        Options(memory_limit_mib=limit)


def test_columns_computed_later_count(instance):
    """What a BM25 makes of rows that are there when it is added counts, until its field is dropped."""
    key, text = Field("id", DataType.INT64, is_primary=True), Field("text", DataType.VARCHAR)
    plain = Schema((key, text)).with_ids()
    sparse = Field("sparse", DataType.SPARSE_FLOAT_VECTOR)
    more = Schema((key, text, sparse), functions=(Function("f", "BM25", ("text",), ("sparse",)),)).with_ids()
    instance.create_collection(DB, make_definition("texts", plain))
    collection = instance.find_collection(DB, "texts")
    values = np.array(["a b"] * 10, TEXT_DTYPE)
    collection.insert({100: Column(DataType.INT64, np.arange(10)), 101: Column(DataType.VARCHAR, values)}, 10)
    before = instance.quota.used_bytes
    collection.redefine(lambda definition, snapshot: replace(definition, schema=more))
    assert instance.quota.used_bytes == before + collection.snapshot.segments[0].columns[102].size_bytes > before
    collection.redefine(lambda definition, snapshot: replace(definition, schema=plain))
    assert instance.quota.used_bytes == before
