"""Many definitions: what operations on one collection cost beside 10 and beside 1,000 others.

Milvus itself is left out: making 1,000 collections there takes minutes.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import count
from typing import Any

from pymilvus.grpc_gen import milvus_pb2

from benchmarks.client import Client, index_request
from benchmarks.session import Session, median
from benchmarks.table import Row, per_second, times

FEW, MANY = 10, 1_000
CALLS = 40
ROUNDS = 7
ROWS = [
    Row("create_few", f"create and drop a collection beside {FEW}", per_second, "", more_is_better=True),
    Row("create_many", f"the same beside {MANY:,}", per_second, "", more_is_better=True),
    Row("create_ratio", f"how much slower: create and drop beside {MANY:,}, not {FEW}", times, "1.3 x"),
    Row("describe_ratio", "the same of describe (by name and by id), has, list aliases, describe index and flush, at worst", times, "1.3 x"),
]


def measure(session: Session) -> None:
    if not session.stores or session.running.target.key == "milvus":
        return
    client, names = session.client, [f"scale_{number}" for number in range(MANY)]
    _make(client, names[:FEW])
    few = _durations(client)
    _make(client, names[FEW:])
    many = _durations(client)
    for name in names:
        client.call("DropAlias", milvus_pb2.DropAliasRequest(alias=f"alias_of_{name}"))
        client.drop(name)
    create = "create and drop"
    session.figures |= {
        "create_few": 1 / few[create],
        "create_many": 1 / many[create],
        "create_ratio": many[create] / few[create],
        "describe_ratio": max(many[what] / few[what] for what in few if what != create),
    }


def _make(client: Client, names: list[str]) -> None:
    """Collections with an index and an alias each."""
    for name in names:
        client.create(name)
        client.call("CreateIndex", index_request(name))
        alias = milvus_pb2.CreateAliasRequest(collection_name=name, alias=f"alias_of_{name}")
        client.call("CreateAlias", alias)


def _durations(client: Client) -> dict[str, float]:
    """Seconds of one call of each kind: the median over rounds of the mean of some calls."""
    fresh = count()

    def create_and_drop() -> None:
        name = f"fresh_{next(fresh)}"
        client.create(name)
        client.drop(name)

    acts: dict[str, Callable[[], Any]] = {"create and drop": create_and_drop}
    acts |= {rpc: _asking(client, rpc, request) for rpc, request in _REQUESTS.items()}
    described = client.call("DescribeCollection", _REQUESTS["DescribeCollection"])
    by_id = milvus_pb2.DescribeCollectionRequest(collectionID=described.collectionID)
    acts["DescribeCollection by id"] = _asking(client, "DescribeCollection", by_id)
    return {what: median([_mean(act) for _ in range(ROUNDS)]) for what, act in acts.items()}


def _asking(client: Client, rpc: str, request: Any) -> Callable[[], Any]:
    return lambda: client.call(rpc, request)


def _mean(act: Callable[[], Any]) -> float:
    started = time.perf_counter()
    for _ in range(CALLS):
        act()
    return (time.perf_counter() - started) / CALLS


_REQUESTS = {
    "DescribeCollection": milvus_pb2.DescribeCollectionRequest(collection_name="scale_5"),
    "HasCollection": milvus_pb2.HasCollectionRequest(collection_name="scale_5"),
    "ListAliases": milvus_pb2.ListAliasesRequest(collection_name="scale_5"),
    "DescribeIndex": milvus_pb2.DescribeIndexRequest(collection_name="scale_5"),
    "Flush": milvus_pb2.FlushRequest(collection_names=["scale_5"]),
}


if __name__ == "__main__":
    from benchmarks.compare import print_part

    print_part("scale")
