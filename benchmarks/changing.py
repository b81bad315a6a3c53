"""Changing what is there: upsert and delete among a million rows, and all of them gone at once.

Only fakemilvus is measured: filling the others with as many rows takes minutes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from pymilvus.grpc_gen import milvus_pb2

from benchmarks.client import Client, insert_requests
from benchmarks.dataset import Ints, make_dataset
from benchmarks.session import Session, timed
from benchmarks.table import OURS, Row, milliseconds

NAME = "changing"
ROWS_PER_CALL = 5_000
DELETED = 10_000
REPEATS = 5
FILL_ROWS = 100_000
ROWS: list[Row] = [
    Row("upsert", f"upsert of {ROWS_PER_CALL:,} rows among 1,000,000, worst of {REPEATS}", milliseconds, "50 ms"),
    Row("delete", f"delete of {DELETED:,} keys among 1,000,000, worst of {REPEATS}", milliseconds, "50 ms"),
    Row("truncate", "truncate with 1,000,000 rows inside", milliseconds, "5 ms"),
    Row("drop", "drop with 1,000,000 rows inside", milliseconds, "5 ms"),
]


def measure(session: Session) -> None:
    """Keys come in no order. All is flushed but the last insert, so that both kinds of segments are looked at."""
    if session.running.target.key != OURS:
        return
    rows = 10 * session.effort.rows
    random = np.random.default_rng(3)
    client, keys = session.client, random.permutation(rows)
    requests = insert_requests(NAME, make_dataset(FILL_ROWS), ROWS_PER_CALL)
    _warm_up(client, requests)
    _fill(client, requests, keys)
    upserts = [_upsert_request(requests[0], random.choice(keys, ROWS_PER_CALL, replace=False)) for _ in range(REPEATS)]
    deletes = [_delete_request(random.choice(keys, DELETED, replace=False)) for _ in range(REPEATS)]
    session.figures["upsert"] = _worst(client, "Upsert", upserts)
    session.figures["delete"] = _worst(client, "Delete", deletes)
    truncate = milvus_pb2.TruncateCollectionRequest(collection_name=NAME)
    session.figures["truncate"] = timed(lambda: client.call("TruncateCollection", truncate))
    client.drop(NAME)
    _fill(client, requests, keys)
    session.figures["drop"] = timed(lambda: client.drop(NAME))


def _warm_up(client: Client, requests: list[Any]) -> None:
    """Calls everything once over few rows: what an rpc imports when it is first called is not measured."""
    keys = np.arange(2 * ROWS_PER_CALL)
    _fill(client, requests, keys)
    client.call("Upsert", _upsert_request(requests[0], keys[:ROWS_PER_CALL]))
    client.call("Delete", _delete_request(keys[:DELETED]))
    client.call("TruncateCollection", milvus_pb2.TruncateCollectionRequest(collection_name=NAME))
    client.drop(NAME)


def _worst(client: Client, rpc: str, requests: list[Any]) -> float:
    def call(request: Any) -> float:
        return timed(lambda: client.call(rpc, request))

    return max(map(call, requests))


def _fill(client: Client, requests: list[Any], keys: Ints) -> None:
    client.create(NAME)
    last = len(keys) - ROWS_PER_CALL
    for number, start in enumerate(range(0, len(keys), ROWS_PER_CALL)):
        if start == last:
            client.flush(NAME)
        client.call("Insert", _with_keys(requests[number % len(requests)], keys[start : start + ROWS_PER_CALL]))


def _with_keys(request: Any, keys: Ints) -> Any:
    """The same rows under these keys."""
    (column,) = [column for column in request.fields_data if column.field_name == "id"]
    column.scalars.long_data.data[:] = keys.tolist()
    return request


def _upsert_request(insert: Any, keys: Ints) -> Any:
    fields = _with_keys(insert, keys).fields_data
    return milvus_pb2.UpsertRequest(collection_name=NAME, fields_data=fields, num_rows=len(keys))


def _delete_request(keys: Ints) -> Any:
    return milvus_pb2.DeleteRequest(collection_name=NAME, expr=f"id in {keys.tolist()}")


if __name__ == "__main__":
    from benchmarks.compare import print_part

    print_part("changing")
