"""Hybrid search of two vector fields, ranked by RRF, against the two searches that it is made of."""

from __future__ import annotations

import json
from itertools import cycle, islice
from typing import Any

from pymilvus.grpc_gen import common_pb2, milvus_pb2, schema_pb2

from benchmarks.client import EVENTUALLY, INDEX, Client, pairs, search_request
from benchmarks.dataset import DIM, TOP_K
from benchmarks.session import WARM_CALLS, Session, median, patiently, settled, timed
from benchmarks.table import Row, milliseconds, times

NAME = "hybrid"
FIELDS = ("first", "second")
NLIST, NPROBE = 512, 16
ROWS_PER_CALL = 5_000
ROWS: list[Row] = [
    Row("hybrid_parts", "the two searches, one after the other, p50", milliseconds, ""),
    Row("hybrid", "hybrid search of both fields, p50", milliseconds, ""),
    Row("hybrid_ratio", "hybrid search / the sum of its parts", times, "1.3 x"),
]


def measure(session: Session) -> None:
    """Half of the dataset in one field, half in the other; the three requests take turns."""
    if not session.stores:
        return
    client, rows = session.client, session.data.rows // 2
    client.call("CreateCollection", _create_request())
    for start in range(0, rows, ROWS_PER_CALL):
        client.call("Insert", _insert_request(session, start, min(start + ROWS_PER_CALL, rows), rows))
    client.flush(NAME)
    for field in FIELDS:
        _build(client, field)
    client.load(NAME)
    parts, whole = _ask(session)
    client.drop(NAME)
    session.figures |= {"hybrid_parts": parts, "hybrid": whole, "hybrid_ratio": whole / parts}


def _ask(session: Session) -> tuple[float, float]:
    """Medians of both searches together and of the hybrid search."""
    client, parts, whole = session.client, list[float](), list[float]()
    for query in patiently(islice(cycle(session.data.queries), WARM_CALLS + session.effort.calls // 2)):
        searches = [search_request(NAME, query[None], NPROBE, field=field) for field in FIELDS]
        rank = pairs({"strategy": "rrf", "params": json.dumps({"k": 60}), "limit": str(TOP_K)})
        both = milvus_pb2.HybridSearchRequest(
            collection_name=NAME,
            requests=searches,
            rank_params=rank,
            guarantee_timestamp=1,
            consistency_level=EVENTUALLY,
        )
        parts.append(sum(timed(lambda one=one: client.call("Search", one)) for one in searches))  # type: ignore[misc]
        whole.append(timed(lambda both=both: client.call("HybridSearch", both)))  # type: ignore[misc]
    return median(settled(parts)), median(settled(whole))


def _create_request() -> Any:
    dim = pairs({"dim": str(DIM)})
    fields = [
        schema_pb2.FieldSchema(name="id", data_type=schema_pb2.Int64, is_primary_key=True),
        *(schema_pb2.FieldSchema(name=field, data_type=schema_pb2.FloatVector, type_params=dim) for field in FIELDS),
    ]
    schema = schema_pb2.CollectionSchema(name=NAME, fields=fields)
    return milvus_pb2.CreateCollectionRequest(
        collection_name=NAME, schema=schema.SerializeToString(), shards_num=1, consistency_level=EVENTUALLY
    )


def _insert_request(session: Session, start: int, stop: int, rows: int) -> Any:
    ids = schema_pb2.ScalarField(long_data=schema_pb2.LongArray(data=range(start, stop)))
    columns = [schema_pb2.FieldData(type=schema_pb2.Int64, field_name="id", scalars=ids)]
    for field, vectors in zip(FIELDS, (session.data.vectors[:rows], session.data.vectors[rows:]), strict=True):
        floats = schema_pb2.FloatArray(data=vectors[start:stop].ravel().tolist())
        held = schema_pb2.VectorField(dim=DIM, float_vector=floats)
        columns.append(schema_pb2.FieldData(type=schema_pb2.FloatVector, field_name=field, vectors=held))
    return milvus_pb2.InsertRequest(
        base=common_pb2.MsgBase(msg_type=common_pb2.Insert),
        collection_name=NAME,
        partition_name="_default",
        fields_data=columns,
        num_rows=stop - start,
    )


def _build(client: Client, field: str) -> None:
    given = {"index_type": "IVF_FLAT", "metric_type": "L2", "params": json.dumps({"nlist": NLIST})}
    name = f"{field}_{INDEX}"
    request = milvus_pb2.CreateIndexRequest(
        collection_name=NAME, field_name=field, index_name=name, extra_params=pairs(given)
    )
    client.call("CreateIndex", request)
    client.await_index(NAME, name)


if __name__ == "__main__":
    from benchmarks.compare import print_part

    print_part("hybrid")
