"""Time to live: what is hidden when, by the server's clock; and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pymilvus.grpc_gen import schema_pb2

from fakemilvus import FakeMilvus
from tests.conformance.making import T, column, field, id_field, plain_rows, random_vectors, schema, vector_field
from tests.conformance.refusals import check_accepted, check_refused, invalid
from tests.conformance.target import Collections, Target

SECONDS = "collection.ttl.seconds"
YEAR_2000_US = 946_684_800_000_000


@pytest.fixture
def still() -> Iterator[Target]:
    """A server whose time stands still."""
    with FakeMilvus(clock="manual") as fake:
        target = Target(fake.uri, fake=fake)
        yield target
        target.close()
        assert not fake.bugs


def make(target: Target, fields: Any = (), **properties: Any) -> str:
    """A loaded collection "c" with these properties."""
    target.done("CreateCollection", collection_name="c", schema=schema("c", fields), properties=properties)
    target.done("CreateIndex", collection_name="c", field_name="vec", extra_params={"metric_type": "L2"})
    target.load("c")
    return "c"


def keys(target: Target) -> list[int]:
    return list(target.query("c", "id >= 0", ["id"]).fields_data[0].scalars.long_data.data)


def test_query_and_count(still: Target) -> None:
    """Queries and counts do not see rows whose time is over, flushed or not; other rows they do."""
    make(still, **{SECONDS: 10})
    check_accepted(still.insert("c", plain_rows(3), 3))
    still.flush("c")
    check_accepted(still.insert("c", plain_rows(3, 3), 3))
    still.fake.advance(6)
    check_accepted(still.insert("c", plain_rows(2, 6), 2))
    still.fake.advance(3.999)
    assert (keys(still), still.count("c")) == (list(range(8)), 8)
    still.fake.advance(0.001)
    assert (keys(still), still.count("c")) == ([6, 7], 2)


def test_search(still: Target) -> None:
    """Searches do not find them, with or without an index."""
    make(still, **{SECONDS: 10})
    check_accepted(still.insert("c", plain_rows(3), 3))
    still.fake.advance(5)
    check_accepted(still.insert("c", plain_rows(2, 3), 2))
    still.fake.advance(5)
    assert sorted(still.search("c", random_vectors(1)).results.ids.int_id.data) == [3, 4]


def test_upsert_lives_anew(still: Target) -> None:
    """A row that is upserted lives anew."""
    make(still, **{SECONDS: 10})
    check_accepted(still.insert("c", plain_rows(2), 2))
    still.fake.advance(9)
    check_accepted(still.ask("Upsert", collection_name="c", fields_data=plain_rows(1), num_rows=1))
    still.fake.advance(9)
    assert keys(still) == [0]


def test_delete_by_filter(still: Target) -> None:
    """A delete by filter finds, and counts, rows whose time is over: the query behind it has no time to live."""
    make(still, **{SECONDS: 10})
    check_accepted(still.insert("c", plain_rows(3), 3))
    still.fake.advance(10)
    check_accepted(still.insert("c", plain_rows(2, 3), 2))
    assert still.count("c") == 2
    assert still.done("Delete", collection_name="c", expr="id > 0").delete_cnt == 4
    assert still.count("c") == 0


def test_partial_update_of_an_expired_row(still: Target) -> None:
    """A partial update does not find a row whose time is over."""
    make(still, [id_field(), vector_field(), field("n", T.Int64, nullable=True)], **{SECONDS: 10})
    check_accepted(still.insert("c", plain_rows(1), 1))
    still.fake.advance(10)
    refusal = invalid("fieldSchema(vec) has no corresponding fieldData pass in")
    given = [column("id", T.Int64, [0])]
    answer = still.ask("Upsert", collection_name="c", fields_data=given, num_rows=1, partial_update=True)
    check_refused(answer, refusal, still.version)


@pytest.mark.parametrize("seconds", [0, -1])
def test_for_ever(still: Target, seconds: int) -> None:
    """0 and -1 are for ever."""
    make(still, **{SECONDS: seconds})
    check_accepted(still.insert("c", plain_rows(1), 1))
    still.fake.advance(10_000_000)
    assert keys(still) == [0]


def test_altered(still: Target) -> None:
    """The property may be set, changed and deleted while there are rows."""
    make(still)
    check_accepted(still.insert("c", plain_rows(1), 1))
    still.fake.advance(60)
    still.done("AlterCollection", collection_name="c", properties={SECONDS: 60})
    assert keys(still) == []
    still.done("AlterCollection", collection_name="c", properties={SECONDS: 61})
    assert keys(still) == [0]
    still.fake.advance(5)
    assert keys(still) == []
    still.done("AlterCollection", collection_name="c", delete_keys=[SECONDS])
    assert keys(still) == [0]


def times(values: list[int | None]) -> schema_pb2.FieldData:
    """TIMESTAMPTZ values in seconds after 2000, as texts."""
    data = schema_pb2.FieldData(field_name="until", type=T.Timestamptz, valid_data=[v is not None for v in values])
    data.scalars.string_data.data.extend(f"2000-01-01T00:00:{v:02}Z" for v in values if v is not None)
    return data


def test_field() -> None:
    """With ttl_field each row lives until the time in that field, or for ever where it is null."""
    from fakemilvus.clock import ManualClock

    with FakeMilvus(clock=ManualClock(start_ms=YEAR_2000_US // 1000)) as fake:
        target = Target(fake.uri, fake=fake)
        make(target, [id_field(), vector_field(), field("until", T.Timestamptz, nullable=True)], ttl_field="until")
        check_accepted(target.insert("c", [*plain_rows(3), times([10, None, 20])], 3))
        fake.advance(9.999)
        assert keys(target) == [0, 1, 2]
        fake.advance(0.001)
        assert keys(target) == [1, 2]
        fake.advance(10)
        assert keys(target) == [1]
        target.close()


REFUSED = {
    "text": (
        {SECONDS: "x"},
        invalid(
            'collection ttl property value not valid, parse error: strconv.ParseInt: parsing "x": invalid syntax',
            before=None,
        ),
    ),
    "warmup": (
        {"warmup.vectorIndex": "x"},
        invalid(
            "invalid warmup value for key warmup.vectorIndex: invalid warmup policy: x, must be 'disable', 'sync' or "
            "'async': invalid parameter",
            before=None,
        ),
    ),
    "too small": (
        {SECONDS: -2},
        invalid("collection TTL is out of range, expect [-1, 3155760000], got -2", before=None),
    ),
    "too large": (
        {SECONDS: 3155760001},
        invalid("collection TTL is out of range, expect [-1, 3155760000], got 3155760001", before=None),
    ),
    "unknown field": ({"ttl_field": "nope"}, invalid("ttl field name nope not found in schema", before=None)),
    "number": ({"ttl_field": "id"}, invalid("ttl field must be timestamptz, field name = id", before=None)),
    "both": (
        {SECONDS: 1, "ttl_field": "until"},
        invalid("collection TTL and ttl field cannot be set at the same time", before=None),
    ),
}
FIELDS = [id_field(), vector_field(), field("until", T.Timestamptz, nullable=True)]


@pytest.mark.parametrize(("properties", "refusal"), REFUSED.values(), ids=REFUSED)
def test_refused(target: Target, collections: Collections, properties: Any, refusal: Any) -> None:
    """What Milvus refuses when a collection is created."""
    if target.version < (3, 0):
        pytest.skip("2.3.5 checks less")
    name = collections.name()
    encoded = schema(name, FIELDS)
    answer = target.ask("CreateCollection", collection_name=name, schema=encoded, properties=properties)
    check_refused(answer, refusal, target.version)


def test_one_of_the_two(target: Target, collections: Collections) -> None:
    """A collection that has one of the two properties refuses the other."""
    if target.version < (3, 0):
        pytest.skip("2.3.5 has no ttl_field")
    by_seconds = collections.make(FIELDS, properties={SECONDS: 5})
    by_field = collections.make(FIELDS, properties={"ttl_field": "until"})
    answer = target.ask("AlterCollection", collection_name=by_seconds, properties={"ttl_field": "until"})
    refusal = invalid("collection TTL is already set, cannot be set ttl field", before=None)
    check_refused(answer, refusal, target.version)
    answer = target.ask("AlterCollection", collection_name=by_field, properties={SECONDS: 5})
    refusal = invalid("ttl field is already exists, cannot be set collection TTL", before=None)
    check_refused(answer, refusal, target.version)


def test_the_field_stays(target: Target, collections: Collections) -> None:
    """A ttl_field cannot be dropped."""
    if target.version < (3, 0):
        pytest.skip("2.3.5 cannot drop fields")
    from pymilvus.grpc_gen import milvus_pb2

    name = collections.make(FIELDS, properties={"ttl_field": "until"})
    request = milvus_pb2.AlterCollectionSchemaRequest
    action = request.Action(drop_request=request.DropRequest(field_name="until"))
    answer = target.ask("AlterCollectionSchema", collection_name=name, action=action)
    text = "cannot drop field until because it is referenced by collection property ttl_field, drop the property first"
    check_refused(answer.alter_status, invalid(text, before=None), target.version)
