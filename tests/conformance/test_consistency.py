"""Consistency levels: everything is seen at once, and on a server that lags only by those who ask for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from fakemilvus import FakeMilvus
from tests.conformance.making import T, column, field, id_field, plain_rows, random_vectors, schema, vector_field
from tests.conformance.refusals import check_accepted
from tests.conformance.target import Target

STRONG, SESSION, BOUNDED, EVENTUALLY, CUSTOMIZED = range(5)
FUTURE = 2**63 - 1


@pytest.fixture
def lagging(request: pytest.FixtureRequest) -> Iterator[Target]:
    """A server whose time stands still, and whose readers lag two seconds behind, or as long as the test says."""
    lag = getattr(request, "param", 2.0)
    with FakeMilvus(clock="manual", read_lag_s=lag) as fake:
        target = Target(fake.uri, fake=fake)
        fields = [id_field(), vector_field(), field("n", T.Int64, nullable=True)]
        target.done("CreateCollection", collection_name="c", schema=schema("c", fields), consistency_level=BOUNDED)
        target.done("CreateIndex", collection_name="c", field_name="vec", extra_params={"metric_type": "L2"})
        target.load("c")
        fake.advance(60)
        yield target
        target.close()
        assert not fake.bugs


def seen(target: Target, level: int, timestamp: int = 0, **fields: Any) -> int:
    """How many rows such a reader counts."""
    answer = target.ask(
        "Query",
        collection_name="c",
        output_fields=["count(*)"],
        consistency_level=level,
        guarantee_timestamp=timestamp,
        **fields,
    )
    check_accepted(answer)
    return int(answer.fields_data[0].scalars.long_data.data[0])


def put(target: Target, rows: int = 1, start: int = 0) -> int:
    """Inserts rows; the write's timestamp."""
    answer = target.insert("c", plain_rows(rows, start), rows)
    check_accepted(answer)
    return int(answer.timestamp)


@pytest.mark.parametrize("lagging", [0.0], indirect=True)
@pytest.mark.parametrize("level", range(5))
def test_no_lag(lagging: Target, level: int) -> None:
    """By default every level sees every acknowledged row at once."""
    put(lagging, 3)
    assert seen(lagging, level, 1) == 3


def test_lag(lagging: Target) -> None:
    """Bounded, Eventually and Customized readers see a row after the lag, Strong ones at once."""
    put(lagging)
    assert [seen(lagging, level, 1) for level in (BOUNDED, EVENTUALLY, CUSTOMIZED)] == [0, 0, 0]
    assert seen(lagging, STRONG) == 1
    lagging.fake.advance(1.999)
    assert seen(lagging, BOUNDED) == 0
    lagging.fake.advance(0.001)
    assert [seen(lagging, level, 1) for level in (BOUNDED, EVENTUALLY, CUSTOMIZED)] == [1, 1, 1]


def test_session(lagging: Target) -> None:
    """A reader sees the write whose timestamp it tells, and what was before, not what came after."""
    first = put(lagging, 1, 0)
    second = put(lagging, 1, 1)
    assert [seen(lagging, SESSION, timestamp) for timestamp in (1, first, second)] == [0, 1, 2]
    assert seen(lagging, CUSTOMIZED, first) == 1


def test_the_future(lagging: Target) -> None:
    """A timestamp from the future makes nobody wait: such a reader sees everything."""
    put(lagging)
    assert seen(lagging, SESSION, FUTURE) == 1


def test_timestamps_that_say_a_level(lagging: Target) -> None:
    """Without a level, 0 is Strong, 2 Bounded, and any other the last write that is known."""
    last = put(lagging)
    assert [seen(lagging, STRONG, timestamp) for timestamp in (0, 2, 1, last)] == [1, 0, 0, 1]


def test_the_collections_own(lagging: Target) -> None:
    """A reader that leaves it to the collection gets its level, also after that was altered."""
    put(lagging)
    assert seen(lagging, STRONG, 0, use_default_consistency=True) == 0
    lagging.done("AlterCollection", collection_name="c", properties={"consistency_level": "Strong"})
    assert seen(lagging, BOUNDED, 0, use_default_consistency=True) == 1


def test_changed_rows(lagging: Target) -> None:
    """Who lags sees deleted and replaced rows as they were."""
    put(lagging, 2)
    lagging.fake.advance(2)
    lagging.done("Delete", collection_name="c", expr="id == 0")
    replaced = [*plain_rows(1, 1), column("n", T.Int64, [7])]
    replaced[-1].valid_data.append(True)
    check_accepted(lagging.ask("Upsert", collection_name="c", fields_data=replaced, num_rows=1))
    assert (seen(lagging, BOUNDED), seen(lagging, STRONG)) == (2, 1)
    old = lagging.query("c", "n is null", ["id"], consistency=BOUNDED).fields_data[0].scalars.long_data.data
    assert list(old) == [0, 1]
    lagging.fake.advance(2)
    assert seen(lagging, BOUNDED) == 1


def test_search(lagging: Target) -> None:
    """Searches lag as queries do."""
    put(lagging, 2)
    found = lagging.search("c", random_vectors(1), consistency=EVENTUALLY).results.ids.int_id.data
    assert list(found) == []
    assert len(lagging.search("c", random_vectors(1), consistency=STRONG).results.ids.int_id.data) == 2


@pytest.mark.parametrize("lagging", [60.0], indirect=True)
def test_bounded_is_bounded(lagging: Target) -> None:
    """However much a server lags, a Bounded reader misses no more than the last five seconds, as in Milvus."""
    put(lagging)
    lagging.fake.advance(5.001)
    assert (seen(lagging, BOUNDED), seen(lagging, EVENTUALLY)) == (1, 0)


def test_truncated(lagging: Target) -> None:
    """Rows of a truncated collection are gone for everyone."""
    put(lagging, 2)
    lagging.fake.advance(2)
    lagging.done("TruncateCollection", collection_name="c")
    assert seen(lagging, EVENTUALLY, 1) == 0


def test_changed_schema(lagging: Target) -> None:
    """A change of the schema is seen at once, with the rows that were there before it."""
    put(lagging, 2)
    added = field("x", T.Int64, nullable=True)
    lagging.done("AddCollectionField", collection_name="c", schema=added.SerializeToString())
    assert seen(lagging, EVENTUALLY, 1, expr="x is null") == 2


def test_session_timestamps(lagging: Target) -> None:
    """Searches, and the first page of a query iterator, tell a timestamp later than every write that they saw."""
    last = put(lagging)
    assert lagging.query("c", "id >= 0", ["id"], iterator="True").session_ts > last
    assert lagging.search("c", random_vectors(1)).session_ts > last
