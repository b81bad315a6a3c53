"""A client without comfort: pymilvus' generated stub, and requests that are made before the clock runs.

Asks every server the same way and refuses to go on when one says no, so a figure never measures a refusal.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import grpc
import numpy as np
from pymilvus.grpc_gen import common_pb2, milvus_pb2, milvus_pb2_grpc, schema_pb2

from benchmarks.dataset import DIM, NLIST, TOP_K, Dataset, Floats, Ints

FIELD = "vector"
INDEX = "vector_index"
EVENTUALLY = 3
CHANNEL_OPTIONS = [
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
    ("grpc.initial_reconnect_backoff_ms", 20),
    ("grpc.min_reconnect_backoff_ms", 20),
    ("grpc.max_reconnect_backoff_ms", 100),
]


class Refused(Exception):
    """The server answered that it will not."""


class Client:
    """One channel and its stub."""

    def __init__(self, address: str) -> None:
        self.channel = grpc.insecure_channel(address, options=CHANNEL_OPTIONS)
        self.stub = milvus_pb2_grpc.MilvusServiceStub(self.channel)

    def call(self, rpc: str, request: Any, timeout_s: float = 120.0) -> Any:
        return checked(getattr(self.stub, rpc)(request, timeout=timeout_s))

    def wait(self, done: Callable[[], bool], pause_s: float, timeout_s: float = 120.0) -> None:
        """Asks until the answer is yes."""
        deadline = time.perf_counter() + timeout_s
        while not done():
            if time.perf_counter() > deadline:
                raise TimeoutError(f"not done after {timeout_s} s")
            time.sleep(pause_s)

    def create(self, name: str) -> None:
        self.call("CreateCollection", create_request(name))

    def drop(self, name: str) -> None:
        self.call("DropCollection", milvus_pb2.DropCollectionRequest(collection_name=name))

    def flush(self, name: str) -> None:
        """Returns when the flush is done, which Milvus says in GetFlushState."""
        answer = self.call("Flush", milvus_pb2.FlushRequest(collection_names=[name]))
        segments = list(answer.coll_segIDs[name].data)
        request = milvus_pb2.GetFlushStateRequest(
            segmentIDs=segments, collection_name=name, flush_ts=answer.coll_flush_ts[name]
        )
        self.wait(lambda: self.call("GetFlushState", request).flushed, pause_s=0.002)

    def load(self, name: str) -> None:
        self.call("LoadCollection", milvus_pb2.LoadCollectionRequest(collection_name=name, replica_number=1))
        state = milvus_pb2.GetLoadStateRequest(collection_name=name)
        self.wait(lambda: self.call("GetLoadState", state).state == common_pb2.LoadStateLoaded, pause_s=0.02)

    def await_index(self, name: str, index: str = INDEX, timeout_s: float = 300.0) -> None:
        """Returns when no row is pending, which some servers say once all are counted."""
        request = milvus_pb2.DescribeIndexRequest(collection_name=name, index_name=index)

        def built() -> bool:
            described = self.call("DescribeIndex", request).index_descriptions
            finished = common_pb2.Finished
            return bool(described) and described[0].state == finished and not described[0].pending_index_rows

        self.wait(built, pause_s=0.01, timeout_s=timeout_s)

    def version(self) -> str:
        return str(self.call("GetVersion", milvus_pb2.GetVersionRequest()).version)

    def close(self) -> None:
        self.channel.close()


def checked(answer: Any) -> Any:
    """The answer itself, or Refused with what the server said."""
    status = answer if isinstance(answer, common_pb2.Status) else answer.status
    if status.error_code or status.code:
        raise Refused(f"{status.error_code}/{status.code} {status.reason}")
    return answer


def list_request() -> Any:
    return milvus_pb2.ShowCollectionsRequest()


def create_request(name: str) -> Any:
    """A collection of an id, two scalars and a vector."""
    fields = [
        schema_pb2.FieldSchema(name=field, data_type=schema_pb2.Int64, is_primary_key=field == "id")
        for field in ("id", "bucket", "serial")
    ]
    dim = [common_pb2.KeyValuePair(key="dim", value=str(DIM))]
    fields.append(schema_pb2.FieldSchema(name=FIELD, data_type=schema_pb2.FloatVector, type_params=dim))
    schema = schema_pb2.CollectionSchema(name=name, fields=fields)
    return milvus_pb2.CreateCollectionRequest(
        collection_name=name, schema=schema.SerializeToString(), shards_num=1, consistency_level=EVENTUALLY
    )


def insert_requests(name: str, data: Dataset, rows: int) -> list[Any]:
    """The whole dataset in calls of so many rows."""
    return [insert_request(name, data, start, min(start + rows, data.rows)) for start in range(0, data.rows, rows)]


def insert_request(name: str, data: Dataset, start: int, stop: int) -> Any:
    columns = [
        _long_column(field, values[start:stop])
        for field, values in (("id", data.ids), ("bucket", data.buckets), ("serial", data.serials))
    ]
    floats = schema_pb2.FloatArray(data=data.vectors[start:stop].ravel().tolist())
    vectors = schema_pb2.VectorField(dim=DIM, float_vector=floats)
    columns.append(schema_pb2.FieldData(type=schema_pb2.FloatVector, field_name=FIELD, vectors=vectors))
    return milvus_pb2.InsertRequest(
        base=common_pb2.MsgBase(msg_type=common_pb2.Insert),
        collection_name=name,
        partition_name="_default",
        fields_data=columns,
        num_rows=stop - start,
    )


def _long_column(field: str, values: Ints) -> Any:
    scalars = schema_pb2.ScalarField(long_data=schema_pb2.LongArray(data=values.tolist()))
    return schema_pb2.FieldData(type=schema_pb2.Int64, field_name=field, scalars=scalars)


def index_request(name: str, nlist: int = NLIST) -> Any:
    params = {"index_type": "IVF_FLAT", "metric_type": "L2", "params": json.dumps({"nlist": nlist})}
    return milvus_pb2.CreateIndexRequest(
        collection_name=name, field_name=FIELD, index_name=INDEX, extra_params=pairs(params)
    )


def describe_index_request(name: str) -> Any:
    return milvus_pb2.DescribeIndexRequest(collection_name=name, index_name=INDEX)


def search_request(name: str, queries: Floats, nprobe: int, filter_text: str = "", field: str = FIELD) -> Any:
    values = [np.ascontiguousarray(query, np.float32).tobytes() for query in queries]
    placeholder = common_pb2.PlaceholderValue(tag="$0", type=common_pb2.FloatVector, values=values)
    params = {
        "anns_field": field,
        "topk": str(TOP_K),
        "metric_type": "L2",
        "round_decimal": "-1",
        "params": json.dumps({"nprobe": nprobe}),
    }
    return milvus_pb2.SearchRequest(
        collection_name=name,
        dsl=filter_text,
        dsl_type=common_pb2.BoolExprV1,
        placeholder_group=common_pb2.PlaceholderGroup(placeholders=[placeholder]).SerializeToString(),
        search_params=pairs(params),
        nq=len(values),
        guarantee_timestamp=1,
        consistency_level=EVENTUALLY,
    )


def found_ids(answer: Any) -> Ints:
    """The ids of a search's answer, one line per query; -1 where a query found fewer than asked."""
    lines = np.full((answer.results.num_queries, TOP_K), -1, np.int64)
    ids, start = answer.results.ids.int_id.data, 0
    for line, count in zip(lines, answer.results.topks, strict=True):
        line[:count] = ids[start : start + count]
        start += count
    return lines


def query_request(name: str, filter_text: str) -> Any:
    return milvus_pb2.QueryRequest(
        collection_name=name,
        expr=filter_text,
        output_fields=["id", "bucket", "serial"],
        guarantee_timestamp=1,
        consistency_level=EVENTUALLY,
    )


def pairs(params: dict[str, str]) -> list[Any]:
    return [common_pb2.KeyValuePair(key=key, value=value) for key, value in params.items()]
