"""Requests that are no requests, rpcs that are not built, headers that mean nothing."""

from __future__ import annotations

import random
from typing import Any

import grpc
import pytest
from pymilvus.grpc_gen import milvus_pb2

from fakemilvus import FakeMilvus
from tests.conformance.making import (
    T,
    column,
    id_field,
    pairs,
    placeholders,
    plain_rows,
    random_vectors,
    scalar_columns,
    scalar_fields,
    schema,
    vector_column,
    vector_field,
)
from tests.conformance.refusals import check_accepted
from tests.conformance.target import Collections, Target

SERVICE = "/milvus.proto.milvus.MilvusService/"
ROUNDS = 100
HOSTILE = [
    "Insert",
    "Search",
    "Query",
    "CreateCollection",
    "CreateIndex",
    "DescribeIndex",
    "Flush",
    "Delete",
    "Connect",
]


def send(target: Target, rpc: str, encoded: bytes, **call: Any) -> bytes:
    """Sends bytes as they are; a gRPC error is an answer too."""
    ask = target.channel.unary_unary(f"{SERVICE}{rpc}")
    try:
        return bytes(ask(encoded, timeout=20, **call))
    except grpc.RpcError as error:
        if error.code() is grpc.StatusCode.DEADLINE_EXCEEDED:
            raise
        return b""


@pytest.mark.parametrize("rpc", HOSTILE)
def test_random_bytes(target: Target, fake: FakeMilvus, rpc: str) -> None:
    """Random bytes kill no worker: after a hundred, more than there are workers, the server answers."""
    source = random.Random(rpc)
    for _ in range(ROUNDS):
        send(target, rpc, source.randbytes(source.randrange(1, 200)))
    assert target.done("GetVersion").version


@pytest.mark.parametrize("rpc", ["Insert", "Search"])
def test_truncated_messages(target: Target, fake: FakeMilvus, collections: Collections, rpc: str) -> None:
    """A message that was cut anywhere kills no worker and stores no row."""
    name = collections.make()
    if rpc == "Insert":
        request = milvus_pb2.InsertRequest(collection_name=name, fields_data=plain_rows(3), num_rows=3)
    else:
        request = milvus_pb2.SearchRequest(collection_name=name, placeholder_group=b"x" * 40, nq=1)
    encoded = request.SerializeToString()
    for stop in range(1, len(encoded), max(1, len(encoded) // ROUNDS)):
        send(target, rpc, encoded[:stop])
    assert target.done("GetVersion").version
    target.flush(name)
    (pair,) = target.done("GetCollectionStatistics", collection_name=name).stats
    assert pair.value == "0"


def good_requests(name: str) -> dict[str, Any]:
    """One request of each rpc that reads much of what it gets."""
    vectors = placeholders(random_vectors(1))
    search = pairs({"topk": 3, "params": '{"nprobe": 8}', "anns_field": "vec", "offset": 1})
    index = pairs({"index_type": "IVF_FLAT", "metric_type": "L2", "params": '{"nlist": 8}'})
    columns = [*plain_rows(3), *scalar_columns(3), column("$meta", T.JSON, [b'{"x": 1}'] * 3, dynamic=True)]
    made = schema("hostile", [id_field(), vector_field(), *scalar_fields()], dynamic=True)
    return {
        "Insert": milvus_pb2.InsertRequest(collection_name=name, fields_data=columns, num_rows=3),
        "Search": milvus_pb2.SearchRequest(
            collection_name=name, placeholder_group=vectors, nq=1, dsl="i64 < 5 and x == 1", search_params=search
        ),
        "Query": milvus_pb2.QueryRequest(collection_name=name, expr='vc in ["s1", "s2"] or x > 3', output_fields=["*"]),
        "Delete": milvus_pb2.DeleteRequest(collection_name=name, expr='js["a"] == 1 or id in [9]'),
        "CreateIndex": milvus_pb2.CreateIndexRequest(collection_name=name, field_name="i64", extra_params=index),
        "CreateCollection": milvus_pb2.CreateCollectionRequest(collection_name="hostile", schema=made, shards_num=1),
    }


@pytest.mark.parametrize("rpc", good_requests(""))
def test_changed_bytes(target: Target, fake: FakeMilvus, collections: Collections, rpc: str) -> None:
    """A good request with a few bytes changed is answered, well or badly, and is no bug of the server's."""
    name = collections.make([id_field(), vector_field(), *scalar_fields()], dynamic=True)
    target.done("CreateIndex", collection_name=name, field_name="vec", extra_params={"metric_type": "L2"})
    target.load(name)
    source = random.Random(rpc)
    encoded = good_requests(name)[rpc].SerializeToString()
    for _ in range(3 * ROUNDS):
        changed = bytearray(encoded)
        for _ in range(source.randrange(1, 4)):
            changed[source.randrange(len(changed))] = source.randrange(256)
        send(target, rpc, bytes(changed))
    assert target.done("GetVersion").version
    for shown in target.done("ShowCollections").collection_names:
        if "ostil" in shown:
            target.done("DropCollection", collection_name=shown)


def test_half_a_float(target: Target, fake: FakeMilvus, collections: Collections) -> None:
    """Vectors of a length that is no multiple of four bytes are refused as unreadable."""
    name = collections.make()
    request = milvus_pb2.InsertRequest(collection_name=name, num_rows=1)
    request.fields_data.append(column("id", T.Int64, [1]))
    request.fields_data.append(vector_column(random_vectors(1)))
    encoded = request.SerializeToString().replace(b"\x0a\x20", b"\x0a\x1f", 1)
    send(target, "Insert", encoded)
    assert target.done("GetVersion").version


def test_unimplemented_rpc(target: Target, fake: FakeMilvus) -> None:
    """An rpc of Milvus that is not built is answered UNIMPLEMENTED, and named."""
    with pytest.raises(grpc.RpcError) as caught:
        target.ask("CreateSnapshot", name="p")
    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED
    assert "CreateSnapshot" in caught.value.details()
    assert "CreateSnapshot" in fake.unimplemented


def test_unknown_rpc(target: Target) -> None:
    """So is one that nobody knows yet."""
    with pytest.raises(grpc.RpcError) as caught:
        target.channel.unary_unary(f"{SERVICE}SomethingNew")(b"", timeout=10)
    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED
    assert "SomethingNew" in caught.value.details()


def test_unknown_service(target: Target) -> None:
    """And one of another service."""
    with pytest.raises(grpc.RpcError) as caught:
        target.channel.unary_unary("/some.Service/Something")(b"", timeout=10)
    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED


METADATA = {
    "root": [("authorization", "cm9vdDpNaWx2dXM=")],
    "wrong password": [("authorization", "cm9vdDpub3Bl")],
    "no base64": [("authorization", "?")],
    "unknown identifier": [("identifier", "12345")],
    "identifier that is no number": [("identifier", "x")],
    "default database": [("dbname", "default")],
    "anything": [("x-anything", "1")],
}


@pytest.mark.parametrize("case", METADATA)
def test_metadata(target: Target, case: str) -> None:
    """While authorization is off nobody looks at its header, and an identifier may be unknown."""
    request = milvus_pb2.ShowCollectionsRequest()
    check_accepted(target.stub.ShowCollections(request, timeout=20, metadata=METADATA[case]))


def test_database_in_the_metadata(target: Target) -> None:
    """The header dbname names the database of a request that names none."""
    request = milvus_pb2.ShowCollectionsRequest()
    response = target.stub.ShowCollections(request, timeout=20, metadata=[("dbname", "nope")])
    if target.version < (3, 0):
        assert response.status.code != 0
        return
    assert (response.status.code, response.status.reason) == (800, "database not found[database=nope]")


def test_unknown_fields(target: Target, collections: Collections) -> None:
    """Fields that the server does not know are passed over."""
    name = collections.make()
    encoded = milvus_pb2.HasCollectionRequest(collection_name=name).SerializeToString() + b"\xc2\x3e\x03abc"
    answer = milvus_pb2.BoolResponse.FromString(send(target, "HasCollection", encoded))
    check_accepted(answer)
    assert answer.value
