"""Filters on TIMESTAMPTZ fields: in queries, searches and deletes, in the time zone of request and collection."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conformance.making import plain_rows, random_vectors
from tests.conformance.refusals import check_accepted, check_refused, invalid
from tests.conformance.target import Collections, Target
from tests.conformance.test_timestamptz import SHANGHAI, make, time_field, times

TEXTS = ["2024-12-31T16:00:00Z", "2025-01-01T00:00:00Z", "2025-01-31T12:00:00.5Z"]
VALID = (True, True, False, True)


@pytest.fixture(autouse=True)
def _since(target: Target) -> None:
    if target.version < (3, 0):
        pytest.skip("since Milvus 3.0")


@pytest.fixture
def name(target: Target, collections: Collections) -> str:
    """Keys 0 to 3, the time of 2 being null, in the time zone of Shanghai."""
    made = make(target, collections, time_field(nullable=True), **SHANGHAI)
    check_accepted(target.insert(made, [*plain_rows(4), times(TEXTS, VALID)], 4))
    return made


def keys(response: Any) -> list[int]:
    check_accepted(response)
    (data,) = (data for data in response.fields_data if data.field_name == "id")
    return list(data.scalars.long_data.data)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("t == ISO '2025-01-01T00:00:00Z'", [1]),
        ("t != ISO '2025-01-01T00:00:00Z'", [0, 3]),
        ("t > ISO '2024-12-31T16:00:00Z'", [1, 3]),
        ("ISO '2025-01-01T08:00:00+08:00' >= t", [0, 1]),
        ("t == ISO '2025-01-01 00:00:00'", [0]),
        ("t + INTERVAL 'P1D' > ISO '2025-01-02T00:00:00Z'", [3]),
        ("t - INTERVAL 'P1M' == ISO '2024-12-31T12:00:00.5Z'", [3]),
        ("ISO '2025-03-03T12:00:00.5Z' == t + INTERVAL 'P1M'", [3]),
        ("not (t > ISO '2024-12-31T16:00:00Z')", [0]),
        ("t is null or t < ISO '2025-01-01T00:00:00Z'", [0, 2]),
    ],
)
def test_queries(target: Target, name: str, text: str, expected: list[int]) -> None:
    """Times compare with times, from either side and moved by intervals; nulls compare with nothing."""
    assert keys(target.query(name, text, ["id"])) == expected


def test_time_zone_of_the_request(target: Target, name: str) -> None:
    """A time without an offset is in the request's time zone where it names one, else in the collection's."""
    asked = {"collection_name": name, "expr": "t == ISO '2025-01-01 00:00:00'", "output_fields": ["id"]}
    assert keys(target.ask("Query", **asked)) == [0]
    assert keys(target.ask("Query", **asked, query_params={"timezone": "UTC"})) == [1]


def test_searches_and_deletes(target: Target, name: str) -> None:
    """A search finds and a delete removes only what passes."""
    found = target.search(name, random_vectors(1), 10, filter="t >= ISO '2025-01-01T00:00:00Z'")
    assert sorted(found.results.ids.int_id.data) == [1, 3]
    target.done("Delete", collection_name=name, expr="t == ISO '2025-01-01 00:00:00'")
    assert keys(target.query(name, "id >= 0", ["id"])) == [1, 2, 3]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("id > ISO '2025-01-01T00:00:00Z'", "field '%!s(<nil>)' is not a timestamptz datatype: invalid parameter"),
        ("ISO '2025-01-01T00:00:00Z' > id", "field 'id' is not a timestamptz datatype: invalid parameter"),
        ("no > ISO '2025-01-01T00:00:00Z'", "can not translate identifier: %!s(<nil>): invalid parameter"),
        (
            "t > ISO 'yesterday'",
            "invalid timestamp string: 'yesterday'. Does not match any known format: invalid parameter",
        ),
        ("t + INTERVAL '1D' > ISO '2025-01-01T00:00:00Z'", "invalid ISO 8601 duration: 1D: query plan failed"),
        (
            "t > '2025-01-01T00:00:00Z'",
            "comparisons between Timestamptz and VarChar are not supported: query plan failed",
        ),
        ("t == t", "comparisons between Timestamptz and Timestamptz are not supported: query plan failed"),
    ],
)
def test_refusals(target: Target, name: str, text: str, problem: str) -> None:
    """Only a time is compared with a time."""
    whole = invalid(f"failed to create query plan: cannot parse expression: {text}: {problem}", before=None)
    check_refused(target.query(name, text, ["id"]), whole, target.version)
