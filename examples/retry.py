"""Calls that survive a Milvus which is busy for a moment: code as an application has it."""

import time

import grpc
from pymilvus import MilvusException


def with_retry(act, attempts=3, pause_s=0.1):
    """What ``act()`` returns; it is called again after an error, ``attempts`` times in all."""
    while True:
        attempts -= 1
        try:
            return act()
        except (MilvusException, grpc.RpcError):
            if not attempts:
                raise
        time.sleep(pause_s)


def store(client, collection, rows):
    """Writes rows so that it does no harm to write them twice."""
    client.delete(collection, ids=[row["id"] for row in rows])
    client.insert(collection, rows)
