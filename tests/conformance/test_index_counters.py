"""What an index counts: rows of flushed segments, indexed or pending, and the state beside them."""

from __future__ import annotations

import pytest
from pymilvus.grpc_gen import common_pb2 as common

from tests.conformance.making import plain_rows
from tests.conformance.target import Collections, Target

IVF = {"index_type": "IVF_FLAT", "metric_type": "L2", "params": '{"nlist": 16}'}
NEWEST = 2**63 - 1


def add_rows(target: Target, name: str, rows: int, start: int = 0, *, flush: bool = True) -> None:
    response = target.insert(name, plain_rows(rows, start), rows)
    assert response.insert_cnt == rows
    if flush:
        target.flush(name)


def add_index(target: Target, name: str) -> None:
    target.done("CreateIndex", collection_name=name, field_name="vec", extra_params=IVF)


@pytest.fixture(scope="module")
def grown(target: Target, shared: Collections) -> str:
    """1,100 flushed rows, 500 growing ones, and an index that is done."""
    name = shared.make()
    add_rows(target, name, 1_100)
    add_rows(target, name, 500, 1_100, flush=False)
    add_index(target, name)
    target.wait_until_indexed(name)
    return name


def test_empty_collection(target: Target, collections: Collections) -> None:
    """An index on an empty collection is finished at once and counts nothing."""
    name = collections.make()
    add_index(target, name)
    described = target.describe_index(name)
    assert (described.total_rows, described.indexed_rows, described.pending_index_rows) == (0, 0, 0)
    assert described.state == common.Finished


@pytest.mark.parametrize("first", ["rows", "index"])
def test_growing_rows_alone(target: Target, collections: Collections, first: str) -> None:
    """Rows that are not flushed do not exist for an index, whichever came first."""
    name = collections.make()
    if first == "index":
        add_index(target, name)
    add_rows(target, name, 1_200, flush=False)
    if first == "rows":
        add_index(target, name)
    described = target.describe_index(name)
    assert (described.total_rows, described.indexed_rows, described.pending_index_rows) == (0, 0, 0)
    assert described.state == common.Finished


def test_growing_rows_beside_flushed(target: Target, grown: str) -> None:
    """Growing rows are counted neither as total nor as pending."""
    assert target.counters(grown) == (1_100, 1_100, 0)


def test_growing_rows_and_row_count(target: Target, grown: str) -> None:
    """row_count, too, counts flushed rows only."""
    (pair,) = target.done("GetCollectionStatistics", collection_name=grown).stats
    assert (pair.key, pair.value) == ("row_count", "1100")


def test_growing_rows_are_counted_once_flushed(target: Target, collections: Collections) -> None:
    """A flush moves growing rows into total."""
    name = collections.make()
    add_index(target, name)
    add_rows(target, name, 1_100, flush=False)
    target.flush(name)
    target.wait_until_indexed(name)
    assert target.counters(name) == (1_100, 1_100, 0)


def test_small_segment(target: Target, collections: Collections) -> None:
    """A segment of less than 1,024 rows counts as indexed without a build."""
    name = collections.make()
    add_rows(target, name, 1_023)
    add_index(target, name)
    target.wait_until_indexed(name)
    assert target.counters(name) == (1_023, 1_023, 0)


def test_deleted_rows_stay_counted(target: Target, collections: Collections) -> None:
    """A delete lowers neither the index' counters nor row_count, flushed or not."""
    name = collections.make()
    add_rows(target, name, 1_100)
    add_index(target, name)
    target.wait_until_indexed(name)
    target.done("Delete", collection_name=name, expr=f"id in {list(range(100))}")
    target.flush(name)
    assert target.counters(name) == (1_100, 1_100, 0)
    (pair,) = target.done("GetCollectionStatistics", collection_name=name).stats
    assert pair.value == "1100"


def test_index_of_several_segments(target: Target, collections: Collections) -> None:
    """Each flush makes a segment, and an index counts the rows of all."""
    name = collections.make()
    add_rows(target, name, 1_100)
    add_rows(target, name, 300, 1_100)
    add_index(target, name)
    target.wait_until_indexed(name)
    assert target.counters(name) == (1_400, 1_400, 0)


def test_drop_and_recreate(target: Target, collections: Collections) -> None:
    """An index that is dropped and created again has a new id and counts from the beginning."""
    name = collections.make()
    add_rows(target, name, 1_100)
    add_index(target, name)
    target.wait_until_indexed(name)
    before = target.describe_index(name).indexID
    target.done("DropIndex", collection_name=name, index_name="vec")
    add_index(target, name)
    assert target.describe_index(name).indexID != before
    target.wait_until_indexed(name)
    assert target.counters(name) == (1_100, 1_100, 0)


@pytest.mark.parametrize("timestamp", [0, 1, NEWEST, 2 * NEWEST + 1])
def test_timestamp_leaves_the_counters(target: Target, grown: str, timestamp: int) -> None:
    """The request's timestamp never changes a counter."""
    described = target.describe_index(grown, timestamp=timestamp)
    assert (described.total_rows, described.indexed_rows, described.pending_index_rows) == (1_100, 1_100, 0)


def test_two_indexes_have_their_own_counters(target: Target, collections: Collections) -> None:
    """Indexes on two fields count the same rows, each for itself."""
    name = collections.make()
    add_rows(target, name, 1_100)
    add_index(target, name)
    target.done("CreateIndex", collection_name=name, field_name="id", index_name="key")
    target.wait_until_indexed(name)
    assert target.counters(name, "key") == target.counters(name, "vec") == (1_100, 1_100, 0)
