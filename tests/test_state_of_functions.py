"""States hold what functions made of texts."""

from __future__ import annotations

from pathlib import Path

from pymilvus import DataType, Function, FunctionType, MilvusClient

from fakemilvus import FakeMilvus
from fakemilvus.fast_waits import fast_waits

TEXTS = ["the quick brown fox", "a lazy dog sleeps", "the quick red fox"]


def fill(client: MilvusClient) -> None:
    schema = MilvusClient.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("text", DataType.VARCHAR, max_length=100, enable_analyzer=True)
    schema.add_field("terms", DataType.SPARSE_FLOAT_VECTOR)
    schema.add_field("hashes", DataType.BINARY_VECTOR, dim=512)
    for name, kind, output in (("f", FunctionType.BM25, "terms"), ("g", FunctionType.MINHASH, "hashes")):
        made = Function(name=name, function_type=kind, input_field_names=["text"], output_field_names=[output])
        schema.add_function(made)
    params = MilvusClient.prepare_index_params()
    params.add_index("terms", index_type="SPARSE_INVERTED_INDEX", metric_type="BM25")
    params.add_index("hashes", index_type="MINHASH_LSH", metric_type="MHJACCARD", mh_lsh_band=16)
    client.create_collection("texts", schema=schema, index_params=params, consistency_level="Strong")
    client.insert("texts", [{"id": number, "text": text} for number, text in enumerate(TEXTS)])


def found(client: MilvusClient) -> list[list[tuple[int, float]]]:
    searched = [client.search("texts", ["quick fox"], anns_field="terms", limit=3)]
    searched.append(client.search("texts", [TEXTS[1]], anns_field="hashes", limit=3))
    return [[(hit["id"], hit["distance"]) for hit in hits[0]] for hits in searched]


def test_a_file_brings_what_functions_made(tmp_path: Path) -> None:
    """A saved file holds what functions made; loaded, it is searched by texts as before, and takes more rows."""
    with FakeMilvus() as server, fast_waits(server.uri):
        client = MilvusClient(server.uri)
        fill(client)
        before = found(client)
        server.save(tmp_path / "state")
        server.reset()
        server.load(tmp_path / "state")
        assert found(client) == before
        assert [len(hits) for hits in before] == [2, 1]
        client.insert("texts", [{"id": 9, "text": TEXTS[1]}])
        assert (9, 1.0) in found(client)[1]
        client.close()
