"""States hold vectors of every type: kept in memory and restored, saved to a file and loaded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pymilvus import DataType, MilvusClient

from fakemilvus import FakeMilvus
from fakemilvus.fast_waits import fast_waits
from tests.conformance.vector_types import TYPES, VectorType

ROWS = 1_200  # enough for an index that is really built


@pytest.fixture(scope="module")
def server() -> Iterator[FakeMilvus]:
    with FakeMilvus() as running, fast_waits(running.uri):
        yield running


@pytest.fixture
def client(server: FakeMilvus) -> Iterator[MilvusClient]:
    made = MilvusClient(server.uri)
    yield made
    made.close()
    server.reset()


def fill(client: MilvusClient, kind: VectorType) -> list[Any]:
    """A loaded collection with an index, nulls, flushed rows and growing ones; returns the vectors.

    It is named by the type, because clients keep schemas by name.
    """
    schema = MilvusClient.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("v", kind.type, nullable=True, **kind.params)
    params = MilvusClient.prepare_index_params()
    params.add_index("v", index_type="AUTOINDEX")
    client.create_collection(kind.type.name, schema=schema, index_params=params, consistency_level="Strong")
    vectors: list[Any] = [None, *kind.make(ROWS, 1)]
    client.insert(kind.type.name, [{"id": number, "v": vector} for number, vector in enumerate(vectors)])
    client.flush(kind.type.name)
    client.insert(kind.type.name, [{"id": 9_000 + number, "v": vector} for number, vector in enumerate(vectors[:3])])
    return vectors


def found(client: MilvusClient, name: str, query: Any) -> list[tuple[int, float]]:
    (hits,) = client.search(name, [query], limit=20, anns_field="v")
    return [(hit["id"], hit["distance"]) for hit in hits]


@pytest.mark.parametrize("name", TYPES)
def test_a_file_brings_vectors_back(server: FakeMilvus, client: MilvusClient, tmp_path: Path, name: str) -> None:
    """A saved file holds vectors and nulls of each type; loaded, the index is built anew and finds again."""
    vectors = fill(client, TYPES[name])
    server.builds.wait()
    rows = server.collection(name).rows()
    best = found(client, name, vectors[7])[0]
    server.save(tmp_path / "state")
    server.reset()
    server.load(tmp_path / "state")
    server.builds.wait()
    assert server.collection(name).rows() == rows
    assert found(client, name, vectors[7])[0] == best


@pytest.mark.parametrize("name", TYPES)
def test_a_restored_state_goes_its_own_way(server: FakeMilvus, client: MilvusClient, name: str) -> None:
    """What is written after a restore is found there, and what was written before it, over the same rows, is not."""
    kind = TYPES[name]
    vectors = fill(client, kind)
    other = kind.make(1, 99)[0]
    state = server.snapshot()
    client.insert(name, [{"id": 1_000_000, "v": other}])
    first = found(client, name, other)[0]
    server.restore(state)
    client.insert(name, [{"id": 2_000_000, "v": other}])
    assert (first[0], found(client, name, other)[0]) == (1_000_000, (2_000_000, first[1]))
    assert 1_000_000 not in dict(found(client, name, vectors[7]))
