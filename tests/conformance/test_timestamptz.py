"""TIMESTAMPTZ fields: texts in and out, time zones of collections and requests, defaults, indexes. Since Milvus 3.0."""

from __future__ import annotations

from typing import Any

import pytest
from pymilvus.grpc_gen import schema_pb2

from tests.conformance.making import T, column, field, id_field, plain_rows, random_vectors, schema, vector_field
from tests.conformance.refusals import Refusal, check_accepted, check_refused, invalid
from tests.conformance.target import Collections, Target

SHANGHAI = {"timezone": "Asia/Shanghai"}
INVALID = (
    "got invalid timestamptz string '{}': invalid timezone name; must be a valid IANA Time Zone ID "
    "(e.g., 'Asia/Shanghai' or 'UTC')"
)


@pytest.fixture(autouse=True)
def _since(target: Target) -> None:
    if target.version < (3, 0):
        pytest.skip("since Milvus 3.0")


def time_field(**params: Any) -> schema_pb2.FieldSchema:
    return field("t", T.Timestamptz, **params)


def times(texts: list[str], valid: tuple[bool, ...] = ()) -> schema_pb2.FieldData:
    data = schema_pb2.FieldData(field_name="t", type=T.Timestamptz, valid_data=valid)
    data.scalars.string_data.data.extend(texts)
    return data


def make(target: Target, collections: Collections, of: schema_pb2.FieldSchema, **properties: str) -> str:
    name = collections.name()
    sent = schema(name, [id_field(), vector_field(), of])
    target.done("CreateCollection", collection_name=name, schema=sent, properties=properties)
    target.done("CreateIndex", collection_name=name, field_name="vec", extra_params={"metric_type": "L2"})
    target.load(name)
    return name


def shown(response: Any) -> list[str | None]:
    """The times of an answer to a query or a search."""
    check_accepted(response)
    found = response.results.fields_data if hasattr(response, "results") else response.fields_data
    (data,) = (data for data in found if data.field_name == "t")
    assert data.type == T.Timestamptz
    texts = list(data.scalars.string_data.data)
    return [text if valid else None for text, valid in zip(texts, data.valid_data or [True] * len(texts), strict=True)]


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({}, ["2025-01-01T12:00:00Z", "2025-01-01T04:00:00.5Z"]),
        (SHANGHAI, ["2025-01-01T12:00:00+08:00", "2025-01-01T12:00:00.5+08:00"]),
    ],
)
def test_time_zone_of_the_collection(
    target: Target, collections: Collections, properties: dict[str, str], expected: list[str]
) -> None:
    """Times without an offset are read in the collection's time zone, and all are shown in it."""
    name = make(target, collections, time_field(), **properties)
    sent = times(["2025-01-01T12:00:00", "2025-01-01T12:00:00.500+08:00"])
    check_accepted(target.insert(name, [*plain_rows(2), sent], 2))
    assert shown(target.query(name, "id >= 0", ["t"])) == expected
    assert sorted(map(str, shown(target.search(name, random_vectors(1), 2, outputs=["t"])))) == sorted(expected)


def test_time_zone_of_the_request(target: Target, collections: Collections) -> None:
    """A request's time zone comes before the collection's."""
    name = make(target, collections, time_field(), **SHANGHAI)
    check_accepted(target.insert(name, [*plain_rows(1), times(["2025-07-01T00:00:00Z"])], 1))
    expected = ["2025-06-30T20:00:00-04:00"]
    assert shown(target.query(name, "id >= 0", ["t"], timezone="America/New_York")) == expected
    assert shown(target.search(name, random_vectors(1), outputs=["t"], timezone="America/New_York")) == expected


def test_time_fields(target: Target, collections: Collections) -> None:
    """A request may ask for parts of the time; they come as an array of numbers."""
    name = make(target, collections, time_field())
    check_accepted(target.insert(name, [*plain_rows(1), times(["2025-07-01T01:02:03.5Z"])], 1))
    asked = {"time_fields": "year, hour,microsecond", "timezone": "Asia/Shanghai"}
    (data,) = (d for d in target.query(name, "id >= 0", ["t"], **asked).fields_data if d.field_name == "t")
    assert (data.type, data.scalars.array_data.element_type) == (T.Array, T.Int64)
    assert list(data.scalars.array_data.data[0].long_data.data) == [2025, 9, 500_000]


def test_nulls(target: Target, collections: Collections) -> None:
    """A nullable time may be null or left out."""
    name = make(target, collections, time_field(nullable=True))
    sent = times(["2025-01-01T00:00:00Z"], (False, True))
    check_accepted(target.insert(name, [*plain_rows(2), sent], 2))
    check_accepted(target.insert(name, plain_rows(1, 2), 1))
    assert shown(target.query(name, "id >= 0", ["t"])) == [None, "2025-01-01T00:00:00Z", None]


def test_default(target: Target, collections: Collections) -> None:
    """A default without an offset is in UTC, whatever the collection's time zone; it is shown in that."""
    default = schema_pb2.ValueField(string_data="2025-01-01T00:00:00")
    name = make(target, collections, time_field(default_value=default), **SHANGHAI)
    check_accepted(target.insert(name, plain_rows(1), 1))
    assert shown(target.query(name, "id >= 0", ["t"])) == ["2025-01-01T08:00:00+08:00"]
    described = target.done("DescribeCollection", collection_name=name).schema.fields[2]
    assert described.default_value.string_data == "2025-01-01T08:00:00+08:00"


@pytest.mark.parametrize(
    ("default", "refusal"),
    [
        (
            schema_pb2.ValueField(string_data="soon"),
            invalid("invalid timestamp string: 'soon'. Does not match any known format", before=None),
        ),
        (
            schema_pb2.ValueField(string_data="2025-01-01T00:00:00+15:00"),
            invalid("UTC offset hour 15 is out of the valid range [-12, 14]", before=None),
        ),
        (
            schema_pb2.ValueField(long_data=1),
            invalid(
                "type (Timestamptz) of field (t) is not equal to the type(DataType_Int64) of default_value", before=None
            ),
        ),
    ],
)
def test_defaults_refused(
    target: Target, collections: Collections, default: schema_pb2.ValueField, refusal: Refusal
) -> None:
    """A default is a time with a possible offset."""
    name = collections.name()
    sent = schema(name, [id_field(), vector_field(), time_field(default_value=default)])
    target.refused("CreateCollection", refusal, collection_name=name, schema=sent)


@pytest.mark.parametrize("text", ["", "yesterday", "2025-02-30T00:00:00Z", "2025-01-01T00:00:00+15:00", "1735689600"])
def test_texts_refused(target: Target, collections: Collections, text: str) -> None:
    """A text that is no time is refused, with a text that blames the time zone."""
    name = make(target, collections, time_field())
    answer = target.insert(name, [*plain_rows(2), times(["2025-01-01T00:00:00Z", text])], 2)
    check_refused(answer, invalid(INVALID.format(text), before=None), target.version)
    assert target.count(name) == 0


def test_numbers_refused(target: Target, collections: Collections) -> None:
    """Times are sent as texts, not as numbers."""
    name = make(target, collections, time_field())
    answer = target.insert(name, [*plain_rows(1), column("t", T.Int64, [1])], 1)
    check_refused(answer, invalid("timestamptz field data must be a string array", before=None), target.version)


@pytest.mark.parametrize("zone", ["Mars/Base", "UTC+8"])
def test_time_zones_refused(target: Target, collections: Collections, zone: str) -> None:
    """A time zone is an IANA name, for a collection, a query and a search."""
    refusal = invalid(f"unknown or invalid IANA Time Zone ID: {zone}", before=None)
    name = collections.name()
    target.refused(
        "CreateCollection", refusal, collection_name=name, schema=schema(name), properties={"timezone": zone}
    )
    name = make(target, collections, time_field())
    check_refused(target.query(name, "id >= 0", ["t"], timezone=zone), refusal, target.version)
    check_refused(target.search(name, random_vectors(1), timezone=zone), refusal, target.version)


@pytest.mark.parametrize("index_type", ["STL_SORT", "AUTOINDEX"])
def test_index(target: Target, collections: Collections, index_type: str) -> None:
    """A time takes a sorted index."""
    name = make(target, collections, time_field())
    target.done("CreateIndex", collection_name=name, field_name="t", extra_params={"index_type": index_type})
    assert target.describe_index(name, "t").index_name == "t"


@pytest.mark.parametrize(
    ("index_type", "text"),
    [
        ("INVERTED", "INVERTED are not supported on Timestamptz field"),
        ("BITMAP", "bitmap index are only supported on bool, int, string and array field"),
    ],
)
def test_indexes_refused(target: Target, collections: Collections, index_type: str, text: str) -> None:
    """No other index is for times."""
    name = make(target, collections, time_field())
    target.refused(
        "CreateIndex",
        invalid(text, before=None),
        collection_name=name,
        field_name="t",
        extra_params={"index_type": index_type},
    )
