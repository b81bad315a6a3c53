"""Insert, delete and flush: what is stored, counted and answered."""

from __future__ import annotations

import pytest
from pymilvus.grpc_gen import common_pb2 as common

from tests.conformance.making import T, column, field, id_field, plain_rows, random_vectors, vector_column, vector_field
from tests.conformance.refusals import Accepted, Refusal, check_accepted, check_refused, invalid, old
from tests.conformance.target import Collections, Target

NO_COLLECTION = Refusal(100, 4, "collection not found[database=default][collection={name}]", input_error=True)


@pytest.fixture
def name(target: Target, collections: Collections) -> str:
    """A collection with an index, loaded."""
    name = collections.make()
    target.done("CreateIndex", collection_name=name, field_name="vec", extra_params={"metric_type": "L2"})
    target.load(name)
    return name


# -- insert ------------------------------------------------------------------------------------------------------


def test_insert_answers(target: Target, name: str) -> None:
    """Insert answers the keys, the count, every place, and a timestamp."""
    response = target.insert(name, plain_rows(3, 5), 3)
    check_accepted(response)
    assert list(response.IDs.int_id.data) == [5, 6, 7]
    assert (response.insert_cnt, list(response.succ_index), list(response.err_index)) == (3, [0, 1, 2], [])
    assert response.timestamp > 0


def test_success_says_nothing_else(target: Target, name: str) -> None:
    """A success carries no extra_info that a client does not know: pymilvus raises ValueError for it."""
    assert set(target.insert(name, plain_rows(1), 1).status.extra_info) <= {"report_value"}


def test_automatic_ids(target: Target, collections: Collections) -> None:
    """Automatic ids are positive, consecutive inside a request, and never repeat."""
    name = collections.make([id_field(autoID=True), vector_field()])
    first = target.insert(name, [vector_column(random_vectors(3))], 3).IDs.int_id.data
    second = target.insert(name, [vector_column(random_vectors(3))], 3).IDs.int_id.data
    assert list(first) == list(range(first[0], first[0] + 3))
    assert 0 < first[-1] < second[0]


def test_automatic_text_ids(target: Target, collections: Collections) -> None:
    """An automatic text id is the decimal text of a number."""
    name = collections.make([field("key", T.VarChar, primary=True, autoID=True, max_length=32), vector_field()])
    given = target.insert(name, [vector_column(random_vectors(2))], 2).IDs.str_id.data
    assert int(given[1]) == int(given[0]) + 1


def test_column_order_does_not_matter(target: Target, name: str) -> None:
    """Columns are found by their names."""
    response = target.insert(name, list(reversed(plain_rows(2))), 2)
    check_accepted(response)
    assert target.count(name) == 2


def test_nan_in_a_scalar(target: Target, collections: Collections) -> None:
    """A scalar may be NaN."""
    name = collections.make([id_field(), vector_field(), field("f", T.Float)])
    refusal = invalid("value 'NaN' is not a number or infinity", before=Accepted())
    response = target.insert(name, [*plain_rows(1), column("f", T.Float, [float("nan")])], 1)
    check_refused(response, refusal, target.version)


def test_duplicate_keys(target: Target, name: str) -> None:
    """A key may be inserted twice: counted twice, found once. (2.3.5 may lose its neighbours in the answer.)"""
    target.insert(name, [column("id", T.Int64, [1, 1, 2]), vector_column(random_vectors(3))], 3)
    assert target.count(name) == 3
    found = target.query(name, "id in [1, 2]", ["id"])
    wanted = [1, 2] if target.version >= (3, 0) else [1]
    assert list(found.fields_data[0].scalars.long_data.data)[: len(wanted)] == wanted


def test_insert_into_nothing(target: Target, collections: Collections) -> None:
    """A missing collection is 4/100."""
    name = collections.name()
    check_refused(target.insert(name, plain_rows(1), 1), NO_COLLECTION, target.version, name=name)


def test_insert_into_a_missing_partition(target: Target, name: str) -> None:
    """A missing partition is 15/200."""
    response = target.insert(name, plain_rows(1), 1, partition_name="nope")
    check_refused(response, Refusal(200, 15, "partition not found[partition=nope]", input_error=True), target.version)


def test_insert_into_the_default_partition(target: Target, name: str) -> None:
    """The default partition may be named."""
    check_accepted(target.insert(name, plain_rows(1), 1, partition_name="_default"))
    assert target.count(name) == 1


# -- delete ------------------------------------------------------------------------------------------------------


COUNTS = {
    "id in [2, 3]": 2,
    "id == 4": 1,
    "id in [9999]": 1,
    "id > 7": 2,
    "id >= 0 and id < 3": 3,
    "id > 100": 0,
}


@pytest.mark.parametrize("filter", COUNTS)
def test_delete_counts(target: Target, name: str, filter: str) -> None:
    """A list of keys is counted whether they exist or not, other filters by the rows that they match."""
    target.insert(name, plain_rows(10), 10)
    assert target.count(name) == 10
    assert target.done("Delete", collection_name=name, expr=filter).delete_cnt == COUNTS[filter]


def test_delete_counts_a_repeated_key(target: Target, name: str) -> None:
    """A key that is listed twice counts once; 2.3.5 counts it twice."""
    deleted = target.done("Delete", collection_name=name, expr="id in [2, 2]")
    assert deleted.delete_cnt == (1 if target.version >= (3, 0) else 2)


def test_deleted_rows_are_gone(target: Target, name: str) -> None:
    """Deleted rows are not counted, flushed or growing."""
    target.insert(name, plain_rows(5), 5)
    target.flush(name)
    target.insert(name, plain_rows(5, 5), 5)
    target.done("Delete", collection_name=name, expr="id in [0, 1, 7]")
    assert target.count(name) == 7


def test_delete_and_insert_again(target: Target, name: str) -> None:
    """A deleted key can be inserted again."""
    target.insert(name, plain_rows(2), 2)
    target.done("Delete", collection_name=name, expr="id in [0]")
    target.insert(name, plain_rows(1), 1)
    assert target.count(name) == 2


def test_delete_all_copies(target: Target, name: str) -> None:
    """A delete removes every copy of a key."""
    target.insert(name, [column("id", T.Int64, [1, 1, 2]), vector_column(random_vectors(3))], 3)
    target.done("Delete", collection_name=name, expr="id in [1]")
    assert target.count(name) == 1


def test_delete_keys_unloaded(target: Target, collections: Collections) -> None:
    """A list of keys needs no load."""
    name = collections.make()
    target.insert(name, plain_rows(3), 3)
    assert target.done("Delete", collection_name=name, expr="id in [1]").delete_cnt == 1


def test_delete_by_filter_unloaded(target: Target, collections: Collections) -> None:
    """Any other filter does."""
    name = collections.make()
    described = target.done("DescribeCollection", collection_name=name)
    refusal = Refusal(
        101,
        1,
        "failed to query: collection not loaded[collection={id}]",
        since="3.0",
        before=Refusal(101, 1, "collection not loaded[collection={id}]"),
    )
    target.refused("Delete", refusal, {"id": described.collectionID}, collection_name=name, expr="id > 1")


def test_delete_from_nothing(target: Target, collections: Collections) -> None:
    """A missing collection is 4/100; 2.3.5 says more around it."""
    name = collections.name()
    text = "collection not found[database=default][collection={name}]"
    before = Refusal(100, 4, f"Failed to get collection id: {text}")
    refusal = Refusal(100, 4, text, input_error=True, since="3.0", before=before)
    target.refused("Delete", refusal, {"name": name}, collection_name=name, expr="id in [1]")


def test_delete_from_a_missing_partition(target: Target, name: str) -> None:
    """A missing partition is 15/200, with where it was looked for."""
    refusal = Refusal(200, 15, "Failed to get partition id: partition not found[partition=nope]", input_error=True)
    target.refused("Delete", refusal, collection_name=name, partition_name="nope", expr="id in [1]")


BAD_DELETES = {
    "": invalid("delete plan can't be empty or always true : ", before=None),
    "nope in [1]": invalid(
        "failed to create delete plan: cannot parse expression: nope in [1]: *",
        before=old("failed to create expr plan, expr = nope in [1]"),
    ),
    "id in [1": invalid(
        "failed to create delete plan: cannot parse expression: id in [1: *",
        before=old("failed to create expr plan, expr = id in [1"),
    ),
    "id in ['a']": invalid(
        "failed to create delete plan: cannot parse expression: id in ['a']: *",
        before=old("failed to create expr plan, expr = id in ['a']"),
    ),
}


@pytest.mark.parametrize("filter", BAD_DELETES)
def test_bad_filters(target: Target, name: str, filter: str) -> None:
    """A filter that is wrong, or means everything, is refused, and nothing is deleted."""
    target.insert(name, plain_rows(2), 2)
    target.refused("Delete", BAD_DELETES[filter], collection_name=name, expr=filter)
    assert target.count(name) == 2


# -- flush -------------------------------------------------------------------------------------------------------


def test_flush_answers(target: Target, name: str) -> None:
    """Flush names the segments it seals, and when; a second one has nothing left to seal."""
    target.insert(name, plain_rows(3), 3)
    first = target.done("Flush", collection_names=[name])
    assert len(first.coll_segIDs[name].data) == 1
    assert first.coll_flush_ts[name] > 0
    assert first.coll_seal_times[name] > 1_600_000_000
    target.flush(name)
    second = target.done("Flush", collection_names=[name])
    assert list(second.coll_segIDs[name].data) == []


def test_persistent_segments(target: Target, name: str) -> None:
    """GetPersistentSegmentInfo tells the flushed segments and their rows."""
    target.insert(name, plain_rows(3), 3)
    target.flush(name)
    (info,) = target.done("GetPersistentSegmentInfo", collectionName=name).infos
    described = target.done("DescribeCollection", collection_name=name)
    assert (info.collectionID, info.num_rows, info.state) == (described.collectionID, 3, common.Flushed)
    assert info.segmentID > 0
    assert info.partitionID > 0


def test_no_persistent_segments(target: Target, name: str) -> None:
    """An empty collection has none."""
    assert list(target.done("GetPersistentSegmentInfo", collectionName=name).infos) == []


def test_row_count(target: Target, name: str) -> None:
    """row_count counts flushed rows."""
    target.insert(name, plain_rows(3), 3)
    target.flush(name)
    (pair,) = target.done("GetCollectionStatistics", collection_name=name).stats
    assert (pair.key, pair.value) == ("row_count", "3")


def test_flush_of_nothing(target: Target, collections: Collections) -> None:
    """A missing collection is 4/100, whatever stands beside it."""
    there, missing = collections.make(), collections.name()
    target.refused("Flush", NO_COLLECTION, {"name": missing}, collection_names=[there, missing])


def test_flush_state_of_nothing(target: Target) -> None:
    """No segments at all are flushed."""
    assert target.done("GetFlushState").flushed
