"""Query iterators: pages by primary key, all of one moment, as stock clients ask for them."""

from __future__ import annotations

import asyncio
import json
import random
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from pymilvus import AsyncMilvusClient, MilvusClient, MilvusException
from pymilvus.grpc_gen import common_pb2

from fakemilvus import FakeMilvus
from tests.conformance.making import T, column, field, id_field, random_vectors, vector_column, vector_field
from tests.conformance.refusals import Refusal, check_accepted, check_refused, invalid
from tests.conformance.target import Collections, Target, until

ROWS = 500
COMPLETED = common_pb2.Completed


@pytest.fixture
def loaded(target: Target, collections: Collections) -> str:
    """Keys 0 to 499, half of them flushed."""
    name = collections.make([id_field(), field("n", T.Int64), vector_field()])
    target.done("CreateIndex", collection_name=name, field_name="vec", extra_params={"metric_type": "L2"})
    target.load(name)
    insert(target, name, range(ROWS // 2))
    target.flush(name)
    insert(target, name, range(ROWS // 2, ROWS))
    return name


@pytest.fixture
def client(target: Target) -> Any:
    made = MilvusClient(target.uri, token=target.token)
    yield made
    made.close()


def since_3_0(target: Target) -> None:
    if target.version < (3, 0):
        pytest.skip("2.3.5 knows no sessions: pages are of different moments")


def insert(target: Target, name: str, ids: Any) -> None:
    ids = list(ids)
    columns = [column("id", T.Int64, ids), column("n", T.Int64, ids), vector_column(random_vectors(len(ids)))]
    check_accepted(target.insert(name, columns, len(ids)))


def page(target: Target, name: str, session: int, last: int, limit: int = 100) -> Any:
    """A page as clients ask for it: behind the last key, at the session's timestamp."""
    return target.ask(
        "Query",
        collection_name=name,
        expr=f"id > {last}",
        output_fields=["id"],
        guarantee_timestamp=session,
        use_default_consistency=True,
        query_params={"iterator": "True", "reduce_stop_for_best": "True", "limit": limit},
    )


def keys(response: Any) -> list[int]:
    check_accepted(response)
    return list(response.fields_data[0].scalars.long_data.data)


def test_the_first_page_tells_the_session(target: Target, loaded: str) -> None:
    """A first page has a session's timestamp, later ones and other queries have none."""
    since_3_0(target)
    session = page(target, loaded, 0, -1).session_ts
    assert session > 0
    assert page(target, loaded, session, 99).session_ts == 0
    assert target.query(loaded, "", ["id"], limit=3).session_ts == 0


def test_pages_are_of_one_moment(target: Target, loaded: str) -> None:
    """What is inserted and deleted after the first page changes no later page."""
    since_3_0(target)
    session = page(target, loaded, 0, -1, limit=1).session_ts
    found = keys(page(target, loaded, session, -1))
    insert(target, loaded, range(1_000, 1_100))
    target.done("Delete", collection_name=loaded, expr="id >= 50 and id < 450")
    target.flush(loaded)
    while more := keys(page(target, loaded, session, found[-1])):
        found += more
    assert found == list(range(ROWS))


def test_merged_segments_are_of_the_moment_too(target: Target, loaded: str) -> None:
    """A compaction that drops what was deleted since the first page takes nothing from later pages."""
    since_3_0(target)
    session = page(target, loaded, 0, -1, limit=1).session_ts
    target.done("Delete", collection_name=loaded, expr="id >= 10")
    target.flush(loaded)
    collection_id = target.done("DescribeCollection", collection_name=loaded).collectionID
    started = target.done("ManualCompaction", collectionID=collection_id).compactionID
    until(lambda: target.done("GetCompactionState", compactionID=started).state == COMPLETED)
    assert keys(page(target, loaded, session, -1, limit=ROWS)) == list(range(ROWS))
    assert keys(target.query(loaded, "id >= 0", ["id"])) == list(range(10))


def test_replaced_rows_stay_as_they_were(target: Target, loaded: str) -> None:
    """A row that is upserted after the first page keeps its old values for the iterator."""
    since_3_0(target)
    session = page(target, loaded, 0, -1, limit=1).session_ts
    given = [column("id", T.Int64, [7]), column("n", T.Int64, [-1]), vector_column(random_vectors(1))]
    target.done("Upsert", collection_name=loaded, fields_data=given, num_rows=1)
    asked = {"collection_name": loaded, "expr": "id == 7", "output_fields": ["n"], "use_default_consistency": True}
    then = target.done("Query", **asked, guarantee_timestamp=session, query_params={"iterator": "True", "limit": 1})
    now = target.done("Query", **{**asked, "use_default_consistency": False}, query_params={"limit": 1})
    assert [number_of(response) for response in (then, now)] == [7, -1]


def number_of(response: Any) -> int:
    data = next(data for data in response.fields_data if data.field_name == "n")
    return int(data.scalars.long_data.data[0])


def test_before_any_row(target: Target, loaded: str) -> None:
    """At a timestamp before every row there is none."""
    since_3_0(target)
    assert keys(page(target, loaded, 1_000, -1)) == []


REFUSED: dict[str, tuple[dict[str, Any], Refusal]] = {
    "iterator": (
        {"iterator": "yes"},
        invalid("value for iterator field is invalid", before=None, ending="[expected=true or false][actual=yes]"),
    ),
    "reduce_stop_for_best": (
        {"reduce_stop_for_best": "2"},
        invalid("value for reduce_stop_for_best is invalid", before=None, ending="[expected=true or false][actual=2]"),
    ),
    "collection_id": (
        {"collection_id": "x"},
        invalid(
            "value for collection id is invalid",
            before=None,
            ending="[expected=int value for collection_id][actual=collection_id]",
        ),
    ),
    "another collection": (
        {"collection_id": 3},
        invalid(
            "Input collection id is not consistent to collectionID in the context,alias or database may have changed",
            before=None,
        ),
    ),
    "cursor without iterator": (
        {"query_iter_last_pk": 3},
        invalid(
            "invalid query iterator cursor params: query_iter_last_pk and query_iter_last_element_offset can only be "
            "used when iterator=true",
            before=None,
        ),
    ),
    "half a cursor": (
        {"query_iter_last_pk": 3, "iterator": "true"},
        invalid(
            "incomplete query iterator cursor params: query_iter_last_pk and query_iter_last_element_offset must be "
            "provided together, has_last_pk=true, has_last_element_offset=false",
            before=None,
        ),
    ),
    "cursor's offset": (
        {"query_iter_last_pk": 3, "query_iter_last_element_offset": -1, "iterator": "true"},
        invalid(
            "value for query iterator last element offset is invalid",
            before=None,
            ending="[expected=non-negative int value][actual=-1]",
        ),
    ),
    "cursor's key": (
        {"query_iter_last_pk": "k", "query_iter_last_element_offset": 1, "iterator": "true"},
        invalid(
            "value for query iterator last primary key is invalid",
            before=None,
            ending="[expected=int64 primary key][actual=k]",
        ),
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(target: Target, loaded: str, case: str) -> None:
    """Milvus' codes and texts."""
    given, refusal = REFUSED[case]
    check_refused(target.query(loaded, "id >= 0", ["id"], limit=3, **given), refusal, target.version)


# -- stock clients ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(6))
def test_pymilvus_iterator(target: Target, loaded: str, client: MilvusClient, seed: int) -> None:
    """Whatever the page's size, limit and filter, and whatever is written meanwhile, it gives each row of its moment
    once, in the order of the keys.
    """
    since_3_0(target)
    chance = random.Random(seed)
    low, batch, limit = chance.randint(0, 200), chance.randint(1, 170), chance.choice([-1, 40, 333])
    iterator = client.query_iterator(loaded, batch, limit, f"n >= {low}", ["n"], consistency_level="Strong")
    pages: list[list[int]] = []
    while rows := iterator.next():
        pages.append([row["id"] for row in rows])
        insert(target, loaded, [1_000 + len(pages)])
        target.done("Delete", collection_name=loaded, expr=f"id in [{chance.randrange(ROWS)}]")
    iterator.close()
    expected = list(range(low, ROWS))
    assert [key for one in pages for key in one] == (expected if limit < 0 else expected[:limit])
    assert {len(one) for one in pages[:-1]} <= {batch}


def test_pymilvus_iterator_with_an_offset(loaded: str, client: MilvusClient) -> None:
    """The offset is passed over first."""
    iterator = client.query_iterator(loaded, 90, filter="", output_fields=["id"], offset=120)
    found = []
    while rows := iterator.next():
        found += [row["id"] for row in rows]
    assert found == list(range(120, ROWS))


def test_pymilvus_iterator_goes_on_from_a_file(
    target: Target, loaded: str, client: MilvusClient, tmp_path: Path
) -> None:
    """A second iterator goes on from the first one's checkpoint, at the first one's moment."""
    since_3_0(target)
    file = str(tmp_path / "checkpoint")
    first = client.query_iterator(loaded, 100, filter="", output_fields=["id"], iterator_cp_file=file)
    found = [row["id"] for row in first.next()]
    target.done("Delete", collection_name=loaded, expr="id >= 0")
    second = client.query_iterator(loaded, 150, filter="", output_fields=["id"], iterator_cp_file=file)
    while rows := second.next():
        found += [row["id"] for row in rows]
    second.close()
    with suppress(MilvusException):  # the file, which both remove, is gone
        first.close()
    assert found == list(range(ROWS))


def test_text_keys(target: Target, collections: Collections, client: MilvusClient) -> None:
    """Text keys are gone through in the order of their bytes."""
    name = collections.make([field("key", T.VarChar, primary=True, max_length=8), vector_field()])
    target.done("CreateIndex", collection_name=name, field_name="vec", extra_params={"metric_type": "L2"})
    target.load(name)
    given = ["b", "a", "B", "é", "aa", "10", "9"]
    check_accepted(target.insert(name, [column("key", T.VarChar, given), vector_column(random_vectors(7))], 7))
    iterator = client.query_iterator(name, 2, filter="", output_fields=["key"], consistency_level="Strong")
    found = []
    while rows := iterator.next():
        found += [row["key"] for row in rows]
    assert found == ["10", "9", "B", "a", "aa", "b", "é"]


def test_other_clients_ask_alike(fake: FakeMilvus) -> None:
    """Orders, groups and aggregates are answered alike to the synchronous and the asynchronous client."""
    client = MilvusClient(fake.uri)
    client.create_collection("alike", dimension=4, consistency_level="Strong")
    client.insert("alike", [{"id": key, "vector": [0.0] * 4, "colour": "red"} for key in range(5)])
    asked: list[dict[str, Any]] = [
        {"filter": "", "output_fields": ["colour"], "limit": 2, "order_by_fields": [{"field": "id", "order": "desc"}]},
        {"filter": "", "output_fields": ["colour"], "limit": 2, "order_by": ["id:desc"]},
        {"filter": "id > 1", "output_fields": ["max(id)", "count(*)"]},
        {"filter": "", "output_fields": ["id", "count(*)"], "group_by_fields": ["id"], "limit": 9},
    ]

    async def ask() -> list[Any]:
        asynchronous = AsyncMilvusClient(fake.uri)
        found = [list(await asynchronous.query("alike", **fields)) for fields in asked]
        await asynchronous.close()
        return found

    found = [list(client.query("alike", **fields)) for fields in asked]
    assert json.dumps(asyncio.run(ask())) == json.dumps(found)
    client.drop_collection("alike")
    client.close()
    assert [row["id"] for row in found[0]] == [row["id"] for row in found[1]] == [4, 3]
    assert found[2] == [{"max(id)": 4, "count(*)": 3}]
    assert found[3] == [{"id": key, "count(*)": 1} for key in range(5)]
