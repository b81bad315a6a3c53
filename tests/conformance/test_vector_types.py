"""Vectors of every type through stock pymilvus: what goes in comes out, and the nearest are found."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from pymilvus import DataType, MilvusClient

from fakemilvus import FakeMilvus
from tests.conformance.target import Collections, Target
from tests.conformance.vector_types import TYPES, VectorType, needs_type, reference

ROWS = 60
SEARCHES = [
    (name, metric) for name, kind in TYPES.items() for metric in kind.metrics if not metric.endswith("STRUCTURE")
]


@pytest.fixture(scope="module")
def client(target: Target) -> Iterator[MilvusClient]:
    made = MilvusClient(target.uri, token=target.token)
    yield made
    made.close()


def make_collection(
    client: MilvusClient, collections: Collections, kind: VectorType, *, nullable: bool = False, metric: str = ""
) -> str:
    """A loaded collection with "id" and the vector field "v"; without a metric it has the type's default."""
    needs_type(collections.target, kind, nullable)
    schema = MilvusClient.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("v", kind.type, nullable=nullable, **kind.params)
    params = MilvusClient.prepare_index_params()
    params.add_index("v", index_type="AUTOINDEX", **({"metric_type": metric} if metric else {}))
    name = collections.name()
    client.create_collection(name, schema=schema, index_params=params, consistency_level="Strong")
    return name


def rows_of(vectors: list[Any], start: int = 0) -> list[dict[str, Any]]:
    return [{"id": start + number, "v": vector} for number, vector in enumerate(vectors)]


@pytest.mark.parametrize("name", TYPES)
def test_a_type_round_trips(client: MilvusClient, collections: Collections, name: str) -> None:
    """A query gives vectors of each type back bit for bit."""
    kind = TYPES[name]
    collection = make_collection(client, collections, kind)
    vectors = kind.make(5, 1)
    client.insert(collection, rows_of(vectors))
    answered = client.query(collection, filter="id >= 0", output_fields=["v"])
    assert [row["v"] for row in answered] == [kind.answered(vector) for vector in vectors]


@pytest.mark.parametrize("name", TYPES)
def test_nulls_round_trip(client: MilvusClient, collections: Collections, name: str) -> None:
    """Of a nullable field of each type the rows without a vector come back as None, the others as they are."""
    kind = TYPES[name]
    collection = make_collection(client, collections, kind, nullable=True)
    vectors = kind.make(2, 1)
    client.insert(collection, rows_of([None, vectors[0], None, vectors[1]]))
    answered = client.query(collection, filter="id >= 0", output_fields=["v"])
    first, second = (kind.answered(vector) for vector in vectors)
    assert [row["v"] for row in answered] == [None, first, None, second]


@pytest.mark.parametrize("name", TYPES)
def test_direct_reads_are_those_of_a_query(
    client: MilvusClient, collections: Collections, fake: FakeMilvus, name: str
) -> None:
    """``rows()`` gives vectors of each type, and nulls, as a query does; ``column`` as one array."""
    kind = TYPES[name]
    collection = make_collection(client, collections, kind, nullable=True)
    client.insert(collection, rows_of([None, *kind.make(3, 1)]))
    answered = client.query(collection, filter="id >= 0", output_fields=["v"])
    assert fake.collection(collection).rows() == list(answered)
    assert fake.collection(collection).column("v").tolist() == [row["v"] for row in answered]


@pytest.mark.parametrize("name", TYPES)
def test_only_nulls_round_trip(client: MilvusClient, collections: Collections, name: str) -> None:
    """A request may hold no vector at all, or leave the field out."""
    collection = make_collection(client, collections, TYPES[name], nullable=True)
    client.insert(collection, rows_of([None, None]))
    client.insert(collection, [{"id": 7}])
    answered = client.query(collection, filter="id >= 0", output_fields=["v"])
    assert [(row["id"], row["v"]) for row in answered] == [(0, None), (1, None), (7, None)]


@pytest.mark.parametrize("name", TYPES)
def test_nothing_found(client: MilvusClient, collections: Collections, name: str) -> None:
    """A query that finds nothing and a search in an empty collection answer nothing, with each type."""
    kind = TYPES[name]
    collection = make_collection(client, collections, kind)
    assert client.query(collection, filter="id >= 0", output_fields=["v"]) == []
    (found,) = client.search(collection, kind.make(1, 2), limit=3, output_fields=["v"], anns_field="v")
    assert list(found) == []


@pytest.mark.parametrize("name", TYPES)
def test_hits_bring_their_vectors(client: MilvusClient, collections: Collections, name: str) -> None:
    """Hits bring their vectors along, of a nullable field as well, and never one without."""
    kind = TYPES[name]
    collection = make_collection(client, collections, kind, nullable=True)
    vectors = kind.make(3, 1)
    client.insert(collection, rows_of([None, *vectors, None]))
    (found,) = client.search(collection, [vectors[1]], limit=5, output_fields=["v"], anns_field="v")
    expected = {number + 1: kind.answered(vector) for number, vector in enumerate(vectors)}
    listed = {hit["id"]: hit["entity"]["v"] for hit in found}
    assert found[0]["id"] == 2
    assert {key: value if isinstance(value, list | dict) else [value] for key, value in listed.items()} == {
        key: expected[key] for key in listed
    }


@pytest.mark.parametrize("flushed", [False, True], ids=["growing", "flushed"])
@pytest.mark.parametrize(("name", "metric"), SEARCHES)
def test_the_nearest_are_found(
    client: MilvusClient, collections: Collections, name: str, metric: str, flushed: bool
) -> None:
    """Every type and metric answers the distances that the definition gives, best first."""
    kind = TYPES[name]
    collection = make_collection(client, collections, kind, metric=metric)
    vectors, queries = kind.make(ROWS, 1), kind.make(3, 2)
    client.insert(collection, rows_of(vectors))
    if flushed:
        client.flush(collection)
    found = client.search(collection, queries, limit=10, anns_field="v")
    for query, hits in zip(queries, found, strict=True):
        check_hits(hits, reference(kind, vectors, query, metric), metric, 10)


def check_hits(hits: Any, distances: np.ndarray[Any, Any], metric: str, limit: int) -> None:
    """Fails unless the hits are the best rows by these distances, NaN and no product being no hit."""
    better_is_larger = metric in ("IP", "COSINE")
    best = np.sort(distances[~np.isnan(distances)])
    best = best[::-1][:limit] if better_is_larger else best[:limit]
    assert [hit["distance"] for hit in hits] == pytest.approx(best.tolist(), rel=1e-4, abs=1e-4)
    assert [distances[hit["id"]] for hit in hits] == pytest.approx(best.tolist(), rel=1e-4, abs=1e-4)
