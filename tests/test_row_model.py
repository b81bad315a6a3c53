"""Random inserts, upserts, deletes, truncations, flushes and changes of the schema, against a dictionary of rows."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pymilvus import DataType, MilvusClient

from fakemilvus import FakeMilvus

KEYS = st.integers(0, 12)
VALUES = st.none() | st.integers(-3, 3)
OPERATIONS = st.one_of(
    st.tuples(st.just("upsert"), st.dictionaries(KEYS, VALUES, min_size=1, max_size=6)),
    st.tuples(st.just("update"), st.dictionaries(KEYS, VALUES, min_size=1, max_size=3)),
    st.tuples(st.just("delete"), st.sets(KEYS, min_size=1, max_size=5)),
    st.tuples(st.just("delete where"), st.integers(-3, 3)),
    st.tuples(st.just("add field"), st.none() | st.integers(-3, 3)),
    st.tuples(st.just("drop field"), st.none()),
    st.tuples(st.just("truncate"), st.none()),
    st.tuples(st.just("flush"), st.none()),
)


@pytest.fixture(scope="module")
def server() -> Iterator[FakeMilvus]:
    with FakeMilvus(min_index_rows=4) as fake:
        yield fake
        assert not fake.bugs


class Pair:
    """A collection and the rows that it should hold, as {key: {field: value}}; ``fields`` are the numbers beside it."""

    def __init__(self, client: MilvusClient, name: str) -> None:
        self.client = client
        self.name = name
        self.rows: dict[int, dict[str, Any]] = {}
        self.fields = ["n"]
        self.names = (f"f{number}" for number in itertools.count())
        self.defaults: dict[str, Any] = {"n": None}
        schema = client.create_schema()
        schema.add_field("id", DataType.INT64, is_primary=True)
        schema.add_field("vec", DataType.FLOAT_VECTOR, dim=2)
        schema.add_field("n", DataType.INT64, nullable=True)
        index = client.prepare_index_params()
        index.add_index("vec", index_type="FLAT", metric_type="L2")
        client.create_collection(name, schema=schema, index_params=index, consistency_level="Strong")

    def upsert(self, values: dict[int, Any]) -> None:
        """Whole rows: every field beside the last one is left out, so that it is null or its default."""
        last = self.fields[-1]
        self.client.upsert(self.name, [{"id": key, "vec": [key, 1.0], last: value} for key, value in values.items()])
        for key, value in values.items():
            given = self.defaults[last] if value is None else value
            self.rows[key] = {**{field: self.defaults[field] for field in self.fields}, last: given}

    def update(self, values: dict[int, Any]) -> None:
        """Partial: of the rows that are there, the first field."""
        first = self.fields[0]
        known = {key: value for key, value in values.items() if key in self.rows}
        if known:
            rows = [{"id": key, first: value} for key, value in known.items()]
            self.client.upsert(self.name, rows, partial_update=True)
        for key, value in known.items():
            self.rows[key][first] = self.defaults[first] if value is None else value

    def delete(self, keys: set[int]) -> None:
        self.client.delete(self.name, ids=sorted(keys))
        self.rows = {key: row for key, row in self.rows.items() if key not in keys}

    def delete_where(self, value: int) -> None:
        first = self.fields[0]
        self.client.delete(self.name, filter=f"{first} == {value}")
        self.rows = {key: row for key, row in self.rows.items() if row[first] != value}

    def add_field(self, default: Any) -> None:
        name = next(self.names)
        more = {} if default is None else {"default_value": default}
        self.client.add_collection_field(self.name, name, DataType.INT64, nullable=True, **more)
        self.fields.append(name)
        self.defaults[name] = default
        for row in self.rows.values():
            row[name] = default

    def drop_field(self, _: None) -> None:
        if len(self.fields) > 1:
            name = self.fields.pop(0)
            self.client.drop_collection_field(self.name, name)
            for row in self.rows.values():
                del row[name]

    def truncate(self, _: None) -> None:
        self.client.truncate_collection(self.name)
        self.rows.clear()

    def flush(self, _: None) -> None:
        self.client.flush(self.name)

    def check(self) -> None:
        """Rows, counts, filters and searches agree with the dictionary."""
        found = self.client.query(self.name, filter="id >= 0", output_fields=["id", *self.fields])
        assert [dict(row) for row in found] == [{"id": key, **self.rows[key]} for key in sorted(self.rows)]
        (counted,) = self.client.query(self.name, filter="", output_fields=["count(*)"])
        assert counted["count(*)"] == len(self.rows)
        last = self.fields[-1]
        missing = self.client.query(self.name, filter=f"{last} is null", output_fields=["id"])
        assert [row["id"] for row in missing] == [key for key in sorted(self.rows) if self.rows[key][last] is None]
        (hits,) = self.client.search(self.name, [[0.0, 1.0]], limit=20)
        assert [hit["id"] for hit in hits] == sorted(self.rows)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(operations=st.lists(OPERATIONS, min_size=1, max_size=12))
def test_rows_are_those_of_a_dictionary(server: FakeMilvus, operations: list[tuple[str, Any]]) -> None:
    """After every operation the collection holds what a plain dictionary holds."""
    server.reset()
    client = MilvusClient(server.uri)
    pair = Pair(client, "model")
    acts = {
        "upsert": pair.upsert,
        "update": pair.update,
        "delete": pair.delete,
        "delete where": pair.delete_where,
        "add field": pair.add_field,
        "drop field": pair.drop_field,
        "truncate": pair.truncate,
        "flush": pair.flush,
    }
    for name, argument in operations:
        acts[name](argument)  # type: ignore[operator]
        pair.check()
    client.close()
