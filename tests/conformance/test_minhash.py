"""MinHash functions: rows made of texts, searched with texts. Since Milvus 3.0."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import grpc
import numpy as np
import pytest
from pymilvus import MilvusClient, MilvusException
from pymilvus.grpc_gen import common_pb2, milvus_pb2, schema_pb2

from tests.conformance.making import T, column, field, pairs
from tests.conformance.refusals import check_refused, invalid
from tests.conformance.target import Collections, Target
from tests.conformance.test_functions import F, function, serialized, text_field

INDEX = {"index_type": "MINHASH_LSH", "metric_type": "MHJACCARD", "mh_lsh_band": "16", "with_raw_data": "true"}
TEXTS = [
    "the quick brown fox jumps over the lazy dog",
    "a stitch in time saves nine as they say",
    "the quick brown fox jumps over the lazy cat",
]
JACCARD = {"metric_type": "MHJACCARD", "params": {"mh_search_with_jaccard": True}}


@pytest.fixture(autouse=True)
def _since(target: Target) -> None:
    if target.version < (3, 0):
        pytest.skip("since Milvus 3.0")


@pytest.fixture(scope="module")
def client(target: Target) -> Iterator[MilvusClient]:
    made = MilvusClient(target.uri, token=target.token)
    yield made
    made.close()


def minhash(**params: Any) -> Any:
    given = [{"key": key, "value": str(value)} for key, value in params.items()]
    return function(F.MinHash, outputs=["hashes"], params=given)


def hashes(dim: int = 512) -> Any:
    return field("hashes", T.BinaryVector, dim=dim)


def made(target: Target, collections: Collections, *, fields: Any = (), index: Mapping[str, str] = INDEX) -> str:
    name = collections.name()
    sent = serialized(name, [text_field(enable_analyzer=None), hashes(), *fields], minhash(shingle_size=2))
    target.done("CreateCollection", collection_name=name, schema=sent)
    target.done("CreateIndex", collection_name=name, field_name="hashes", extra_params=pairs(index))
    target.load(name)
    return name


def put(target: Target, name: str, texts: list[str], first: int = 0) -> None:
    ids = list(range(first, first + len(texts)))
    target.insert(name, [column("id", T.Int64, ids), column("text", T.VarChar, texts)], len(texts))


def group(value: bytes, type: int = common_pb2.PlaceholderType.VarChar) -> bytes:
    placeholder = common_pb2.PlaceholderValue(tag="$0", type=type, values=[value])
    return bytes(common_pb2.PlaceholderGroup(placeholders=[placeholder]).SerializeToString())


def found(client: MilvusClient, name: str, text: str, field: str = "hashes") -> dict[int, float]:
    client.load_collection(name)
    (hits,) = client.search(name, [text], anns_field=field, limit=5, search_params=JACCARD)
    return {hit["id"]: hit["distance"] for hit in hits}


@pytest.mark.parametrize("flushed", [False, True])
def test_search_by_text(client: MilvusClient, target: Target, collections: Collections, flushed: bool) -> None:
    """A text finds itself at 1, and texts that share shingles with it nearer than those that do not."""
    name = made(target, collections)
    put(target, name, TEXTS)
    if flushed:
        target.flush(name)
    near = found(client, name, TEXTS[0])
    assert near[0] == 1.0
    assert 0.2 < near[2] < 1
    assert near.get(1, 0.0) < 0.2


def test_signatures_are_read(client: MilvusClient, target: Target, collections: Collections) -> None:
    """What a MinHash makes can be read, equal for equal texts, and empty texts have the greatest values."""
    name = made(target, collections)
    put(target, name, ["a b c", "a b c", "x y z", ""])
    rows = client.query(name, filter="id >= 0", output_fields=["hashes"])
    one, same, other, empty = (row["hashes"][0] for row in sorted(rows, key=lambda row: row["id"]))
    assert one == same != other
    assert len(one) == 64
    assert empty == b"\xff" * 64


def test_upserts_are_computed(client: MilvusClient, target: Target, collections: Collections) -> None:
    """A row that is upserted, or updated in part, has the signature of its text."""
    name = made(target, collections, fields=[field("n", T.Int64, nullable=True)])
    put(target, name, TEXTS)
    client.upsert(name, [{"id": 0, "text": TEXTS[1], "n": 1}])
    client.upsert(name, [{"id": 1, "n": 5}], partial_update=True)
    client.upsert(name, [{"id": 2, "text": TEXTS[1]}], partial_update=True)
    assert found(client, name, TEXTS[1]) == {0: 1.0, 1: 1.0, 2: 1.0}


def test_field_added_later(client: MilvusClient, target: Target, collections: Collections) -> None:
    """A field that is added with its MinHash is computed for the rows that are there."""
    name = made(target, collections)
    put(target, name, TEXTS)
    target.flush(name)
    request = milvus_pb2.AlterCollectionSchemaRequest(collection_name=name)
    add = request.action.add_request
    add.func_schema.append(function(F.MinHash, outputs=["more"], name="g"))
    more = field("more", T.BinaryVector, dim=256)
    add.field_infos.add(field_schema=more, index_name="more", extra_params=pairs({**INDEX, "mh_lsh_band": "8"}))
    status = target.stub.AlterCollectionSchema(request, timeout=60).alter_status
    assert status.code == 0, status.reason
    put(target, name, [TEXTS[0]], first=7)
    target.done("ReleaseCollection", collection_name=name)
    near = found(client, name, TEXTS[0], "more")
    assert near[0] == near[7] == 1.0


def test_queries_refused(target: Target, collections: Collections) -> None:
    """The field is searched by texts only, and by its metric only."""
    name = made(target, collections)
    given = {"anns_field": "hashes", "metric_type": "MHJACCARD"}
    binary = group(bytes(64), type=common_pb2.PlaceholderType.BinaryVector)
    response = target.search(name, np.zeros((1, 1), np.float32), group=binary, **given)
    text = "please provide varchar/text for MinHash Function based search, got BinaryVector"
    assert (response.status.code, text in response.status.reason) == (1100, True)
    given["metric_type"] = "HAMMING"
    response = target.search(name, np.zeros((1, 1), np.float32), group=group(b"x"), **given)
    text = "must use MHJACCARD metric type when searching against MinHash Function output field"
    assert (response.status.code, text in response.status.reason) == (1100, True)


@pytest.mark.parametrize(
    ("params", "dim", "text"),
    [
        ({"num_hashes": "x"}, 512, "param num_hashes:x is not a number"),
        ({"NUM_hashes": 0}, 512, "param num_hashes:0 must be positive"),
        ({"shingle_size": "1.5"}, 512, "param shingle_size:1.5 is not a number"),
        ({"shingle_size": -1}, 512, "param shingle_size:-1 must be positive"),
        ({"seed": "x"}, 512, "param seed:x is not a number"),
        ({"hash_function": "md5"}, 512, "unknown hash function: md5 (expected 'xxhash64' or 'sha1')"),
        ({"token_level": "line"}, 512, "unknown token_level: line (expected 'char' or 'word')"),
        ({"num_hashes": 8}, 512, "minhash function output field 'hashes' dim 512 does not match expected dim 256 "
         "(numHashes 8 * one minhash signature size of 32bit)"),
        ({}, 40, "minhash function output field 'hashes' dim 40 is not multiple of 32 (one minhash signature size)"),
    ],
)  # fmt: skip
def test_parameters_refused(
    target: Target, collections: Collections, params: dict[str, Any], dim: int, text: str
) -> None:
    """Milvus' rules for the parameters of a MinHash and the dim of what it makes."""
    name = collections.name()
    sent = serialized(name, [text_field(), hashes(dim)], minhash(**params))
    target.refused("CreateCollection", invalid(text, before=None), collection_name=name, schema=sent)


def test_text_input_refused(target: Target, collections: Collections) -> None:
    """A MinHash reads VARCHAR, not TEXT."""
    name = collections.name()
    text = text_field(max_length=None)
    text.data_type = T.Text
    expected = invalid("minhash function input field 'text' is not string type, is Text", before=None)
    sent = serialized(name, [text, hashes()], minhash())
    target.refused("CreateCollection", expected, collection_name=name, schema=sent)


def test_given_output_refused(target: Target, collections: Collections) -> None:
    """Nobody may bring what a MinHash makes."""
    name = made(target, collections)
    given = schema_pb2.FieldData(field_name="hashes", type=T.BinaryVector)
    given.vectors.dim, given.vectors.binary_vector = 512, bytes(64)
    columns = [column("id", T.Int64, [1]), column("text", T.VarChar, ["a"]), given]
    response = target.insert(name, columns, 1)
    expected = (
        "Insert data has function output field, but collection's property "
        "`collection.function.allowInsertNonBM25FunctionOutputs` is not enable"
    )
    check_refused(response.status, invalid(expected), target.version)


@pytest.mark.parametrize("rows", [10, 1_100], ids=["compared", "built"])
def test_similarities_need_rows(client: MilvusClient, target: Target, collections: Collections, rows: int) -> None:
    """An index that does not keep the rows is not asked for similarities; rows without an index are compared."""
    if target.fake is None:
        pytest.skip("a real Milvus answers with the first row over and over")
    name = made(target, collections, index={**INDEX, "with_raw_data": "false"})
    put(target, name, [f"some words of row {number}" for number in range(rows)])
    target.flush(name)
    target.wait_until_indexed(name)
    if rows > 1_024:
        with pytest.raises(MilvusException, match="fail to search with jaccard distance without raw data"):
            found(client, name, "some words of row 7")
    else:
        assert found(client, name, "some words of row 7")[7] == 1.0


@pytest.mark.parametrize(("kind", "metric"), [("BIN_FLAT", "MHJACCARD"), ("MINHASH_LSH", "HAMMING")])
def test_metrics_not_built(target: Target, collections: Collections, kind: str, metric: str) -> None:
    """What Milvus takes and answers wrongly is refused by name."""
    if target.fake is None:
        pytest.skip("a real Milvus takes it")
    name = collections.name()
    sent = serialized(name, [text_field(), hashes()], minhash())
    target.done("CreateCollection", collection_name=name, schema=sent)
    with pytest.raises(grpc.RpcError) as raised:
        target.ask(
            "CreateIndex",
            collection_name=name,
            field_name="hashes",
            extra_params=pairs({"index_type": kind, "metric_type": metric}),
        )
    assert f"the metric {metric} with the index type {kind}" in str(raised.value.details())
