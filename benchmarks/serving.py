"""A server in this process with the dataset inside and one index built: for measuring beside FAISS, turn by turn."""

from __future__ import annotations

import json
from typing import Any

from pymilvus.grpc_gen import milvus_pb2

from benchmarks.client import FIELD, INDEX, Client, insert_request, pairs, search_request
from benchmarks.dataset import Dataset
from benchmarks.raw_kinds import NPROBE, Measured
from benchmarks.session import timed

ROWS_PER_CALL = 5_000
BUILD_TIMEOUT_S = 3_600.0


class Serving:
    """A context manager that gives a client and the seconds of the build."""

    def __init__(self, data: Dataset, kind: Measured, name: str) -> None:
        from fakemilvus import FakeMilvus

        self._server = FakeMilvus()
        self._data, self._kind, self._name = data, kind, name

    def __enter__(self) -> tuple[Client, float]:
        self._server.start()
        client = self._client = Client(self._server.uri.removeprefix("http://"))
        client.create(self._name)
        for start in range(0, self._data.rows, ROWS_PER_CALL):  # made one by one, lest requests fill the memory
            stop = min(start + ROWS_PER_CALL, self._data.rows)
            client.call("Insert", insert_request(self._name, self._data, start, stop))
        client.flush(self._name)
        build_s = timed(lambda: build_kind(client, self._name, self._kind))
        client.load(self._name)
        return client, build_s

    def __exit__(self, *problem: object) -> None:
        self._client.close()
        self._server.stop()


def build_kind(client: Client, name: str, kind: Measured) -> None:
    """Returns when the index is built."""
    given = {"index_type": kind.name, "metric_type": "L2", "params": json.dumps(kind.build)}
    client.call(
        "CreateIndex",
        milvus_pb2.CreateIndexRequest(
            collection_name=name, field_name=FIELD, index_name=INDEX, extra_params=pairs(given)
        ),
    )
    client.await_index(name, timeout_s=BUILD_TIMEOUT_S)


def kind_search(name: str, kind: Measured, queries: Any) -> Any:
    """A search with the kind's own parameters."""
    request = search_request(name, queries, NPROBE)
    (params,) = [pair for pair in request.search_params if pair.key == "params"]
    params.value = json.dumps(kind.search)
    return request
