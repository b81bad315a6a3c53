"""TextEmbedding functions with a model that a test brings: rows and queries are texts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from pymilvus import Function as ClientFunction
from pymilvus import FunctionType, MilvusClient, MilvusException

from fakemilvus import FakeMilvus, errors
from fakemilvus.datatypes import TEXT_DTYPE, Column, DataType
from fakemilvus.engine.embedding import OUTPUTS_ALLOWED, embed_by_hash, with_embedded
from fakemilvus.engine.schema import Field, Function, Schema

DIM = 16
TEXTS = ["the quick brown fox", "a lazy dog sleeps", "the quick red fox"]


def lengths(texts: list[str], dim: int) -> list[list[float]]:
    """A model whose vectors tell how long a text is."""
    return [[float(len(text))] * dim for text in texts]


@pytest.fixture(scope="module")
def server() -> Iterator[FakeMilvus]:
    with FakeMilvus(embed=lengths) as running:
        yield running


@pytest.fixture(scope="module")
def hashing() -> Iterator[FakeMilvus]:
    with FakeMilvus(embed="hash") as running:
        yield running


@pytest.fixture
def client(server: FakeMilvus) -> Iterator[MilvusClient]:
    made = MilvusClient(server.uri)
    yield made
    made.close()
    server.reset()


def make(client: MilvusClient, name: str, *, type: DataType = DataType.FLOAT_VECTOR, provider: str = "openai") -> str:
    schema = MilvusClient.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("text", DataType.VARCHAR, max_length=100)
    schema.add_field("n", DataType.INT64, nullable=True)
    schema.add_field("v", type, dim=DIM)
    params = {"provider": provider, "model_name": "m"}
    schema.add_function(ClientFunction("f", FunctionType.TEXTEMBEDDING, ["text"], ["v"], params=params))
    index = MilvusClient.prepare_index_params()
    index.add_index("v", index_type="FLAT" if type is DataType.FLOAT_VECTOR else "HNSW", metric_type="L2")
    client.create_collection(name, schema=schema, index_params=index, consistency_level="Strong")
    return name


def put(client: MilvusClient, name: str, texts: list[str]) -> None:
    client.insert(name, [{"id": number, "text": text} for number, text in enumerate(texts)])


def vectors(client: MilvusClient, name: str) -> dict[int, list[float]]:
    return {row["id"]: row["v"] for row in client.query(name, filter="id >= 0", output_fields=["v"])}


def found(client: MilvusClient, name: str, query: Any) -> list[tuple[int, float]]:
    (hits,) = client.search(name, [query], anns_field="v", limit=3)
    return [(hit["id"], hit["distance"]) for hit in hits]


def test_rows_and_queries(client: MilvusClient) -> None:
    """The model makes the vectors of rows and of the texts of a search; a field is searched by vectors too."""
    name = make(client, "rows")
    put(client, name, ["a", "bb", "cccc"])
    assert vectors(client, name) == {n: [float(size)] * DIM for n, size in enumerate((1, 2, 4))}
    expected = [(1, 0.0), (0, 16.0), (2, 64.0)]
    assert found(client, name, "xx") == expected
    assert found(client, name, [2.0] * DIM) == expected


def test_upserts(client: MilvusClient) -> None:
    """A row that is replaced, or gets another text, gets another vector; one that gets something else keeps its own."""
    name = make(client, "upserts")
    put(client, name, ["a", "bb", "cccc"])
    client.upsert(name, [{"id": 0, "text": "aaaaa"}])
    client.upsert(name, [{"id": 1, "text": "bbb"}], partial_update=True)
    client.upsert(name, [{"id": 2, "n": 1}], partial_update=True)
    assert {number: vector[0] for number, vector in vectors(client, name).items()} == {0: 5, 1: 3, 2: 4}


def test_given_vectors() -> None:
    """Vectors may be sent only where the collection's property says so, and are then kept."""
    params = (("provider", "openai"),)
    fields = (
        Field("id", DataType.INT64, is_primary=True),
        Field("text", DataType.VARCHAR, type_params=(("max_length", "9"),)),
        Field("v", DataType.FLOAT_VECTOR, type_params=(("dim", "2"),)),
    )
    schema = Schema(fields, functions=(Function("f", "TextEmbedding", ("text",), ("v",), params=params),)).with_ids()
    texts = Column(DataType.VARCHAR, np.array(["a"], TEXT_DTYPE))
    given = {101: texts, 102: Column(DataType.FLOAT_VECTOR, np.full((1, 2), 9, np.float32))}
    with pytest.raises(errors.FunctionOutputGiven):
        with_embedded(schema, given, 1, lengths)
    assert with_embedded(schema, given, 1, lengths, ((OUTPUTS_ALLOWED, "true"),)) is given
    assert with_embedded(schema, {101: texts}, 1, lengths)[102].values.tolist() == [[1.0, 1.0]]


@pytest.mark.parametrize(
    ("texts", "provider", "problem"),
    [
        (["a", ""], "openai", "there is an empty string in the input data, TextEmbedding function does not support "
         "empty text"),
        (["a"] * 6, "bedrock", "numRows [6] > function [f]'s max batch [5]"),
    ],
)  # fmt: skip
def test_rows_refused(client: MilvusClient, texts: list[str], provider: str, problem: str) -> None:
    """A text may not be empty, and a request may have no more than five batches of the provider's."""
    name = make(client, f"refused_{provider}", provider=provider)
    with pytest.raises(MilvusException) as raised:
        put(client, name, texts)
    assert problem in raised.value.message


@pytest.mark.parametrize(
    ("texts", "problem"),
    [
        ([""], "there is an empty string in the queries, TextEmbedding function does not support empty text"),
        (["a"] * 6, "nq [6] > function [f]'s max batch [5]"),
    ],
)
def test_queries_refused(client: MilvusClient, texts: list[str], problem: str) -> None:
    """The same holds of the texts of a search."""
    name = make(client, "queries", provider="bedrock")
    with pytest.raises(MilvusException) as raised:
        client.search(name, texts, anns_field="v", limit=3)
    assert problem in raised.value.message


@pytest.mark.parametrize("params", [{"model_name": "m"}, {"provider": "mine", "model_name": "m"}])
def test_providers_refused(client: MilvusClient, params: dict[str, str]) -> None:
    """A function names a service, and one that Milvus knows."""
    schema = MilvusClient.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("text", DataType.VARCHAR, max_length=100)
    schema.add_field("v", DataType.FLOAT_VECTOR, dim=DIM)
    schema.add_function(ClientFunction("f", FunctionType.TEXTEMBEDDING, ["text"], ["v"], params=params))
    with pytest.raises(MilvusException, match="text embedding service provider") as raised:
        client.create_collection("unknown", schema=schema)
    assert raised.value.code == 1100


def broken(texts: list[str], dim: int) -> Any:
    raise RuntimeError("no such model")


@pytest.mark.parametrize(
    ("model", "problem"),
    [
        (broken, "RuntimeError: no such model"),
        (lambda texts, dim: np.zeros((len(texts), dim + 1)), "dim in schema is 16, dim of model is 17"),
        (lambda texts, dim: np.zeros(dim), "the model made float64 of shape (16,) of 1 texts"),
    ],
    ids=["broken", "dim", "shape"],
)
def test_a_model_that_fails(model: Callable[[list[str], int], Any], problem: str) -> None:
    """What a model does wrong is told to the client, and nothing is stored."""
    with FakeMilvus(embed=model) as server:
        client = MilvusClient(server.uri)
        name = make(client, "failing")
        with pytest.raises(MilvusException) as raised:
            put(client, name, ["a"])
        assert problem in raised.value.message
        assert vectors(client, name) == {}
        client.close()


@pytest.mark.parametrize("type", [DataType.FLOAT_VECTOR, DataType.INT8_VECTOR])
def test_hashed_words(hashing: FakeMilvus, type: DataType) -> None:
    """Without a model texts that share words are near one another, as floats and as small integers."""
    client = MilvusClient(hashing.uri)
    name = make(client, f"hashed_{type.name}", type=type)
    put(client, name, TEXTS)
    assert [number for number, _ in found(client, name, "a quick fox")] == [2, 0, 1]
    ((number, distance), *_) = found(client, name, TEXTS[1])
    assert (number, distance) == (1, pytest.approx(0, abs=1e-6))
    client.close()


def test_hashes_are_the_same_everywhere() -> None:
    """Vectors of hashed words are of length one and depend on the texts alone."""
    made = embed_by_hash([*TEXTS, "...", ""], DIM)
    assert np.linalg.norm(made, axis=1) == pytest.approx(1)
    assert (embed_by_hash(TEXTS[::-1], DIM)[::-1] == made[:3]).all()
    assert made[0, :2].tolist() == pytest.approx(embed_by_hash(TEXTS[:1], DIM)[0, :2].tolist())
