"""Many definitions: what operations cost beside 10 and beside 1,000 other collections, or other partitions.

Milvus itself is left out: making 1,000 collections there takes minutes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from itertools import count
from typing import Any

from pymilvus.grpc_gen import milvus_pb2

from benchmarks.client import Client, index_request, insert_requests
from benchmarks.dataset import make_dataset
from benchmarks.session import Session
from benchmarks.table import Row, per_second, times

FEW, MANY = 10, 1_000
CALLS = 40
ROUNDS = 15
ROWS: list[Row] = [
    Row("create_few", f"create and drop a collection beside {FEW}", per_second, "", more_is_better=True),
    Row("create_many", f"the same beside {MANY:,}", per_second, "", more_is_better=True),
    Row("create_ratio", f"how much slower: create and drop beside {MANY:,}, not {FEW}", times, "1.3 x"),
    Row(
        "describe_ratio",
        "the same of describe (by name and by id), has, list aliases, describe index and flush, at worst",
        times,
        "1.3 x",
    ),
    Row(
        "partition_ratio",
        f"the same with {MANY:,} partitions, not {FEW}: create and drop one, has, insert",
        times,
        "1.3 x",
    ),
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
    session.figures["partition_ratio"] = _partition_ratio(client)
    session.figures |= {
        "create_few": 1 / few[create],
        "create_many": 1 / many[create],
        "create_ratio": many[create] / few[create],
        "describe_ratio": max(many[what] / few[what] for what in few if what != create),
    }


def _partition_ratio(client: Client) -> float:
    """Of the operations on one partition, how much the slowest of them is slowed down by many others."""
    client.create("parted")
    client.call("CreateIndex", index_request("parted"))
    _make_partitions(client, range(FEW))
    client.load("parted")
    few = _partition_durations(client)
    _make_partitions(client, range(FEW, MANY))
    many = _partition_durations(client)
    client.call("ReleaseCollection", milvus_pb2.ReleaseCollectionRequest(collection_name="parted"))
    client.drop("parted")
    return max(many[what] / few[what] for what in few)


def _make_partitions(client: Client, numbers: Iterable[int]) -> None:
    for number in numbers:
        partition = milvus_pb2.CreatePartitionRequest(collection_name="parted", partition_name=f"p{number}")
        client.call("CreatePartition", partition)


def _partition_durations(client: Client) -> dict[str, float]:
    fresh = count()

    def create_and_drop() -> None:
        named = {"collection_name": "parted", "partition_name": f"fresh{next(fresh)}"}
        client.call("CreatePartition", milvus_pb2.CreatePartitionRequest(**named))
        client.call(
            "ReleasePartitions",
            milvus_pb2.ReleasePartitionsRequest(collection_name="parted", partition_names=[named["partition_name"]]),
        )
        client.call("DropPartition", milvus_pb2.DropPartitionRequest(**named))

    insert = insert_requests("parted", make_dataset(1), 1)[0]
    acts: dict[str, Callable[[], Any]] = {
        "create and drop": create_and_drop,
        "has": _asking(
            client, "HasPartition", milvus_pb2.HasPartitionRequest(collection_name="parted", partition_name="p5")
        ),
        "insert": _asking(client, "Insert", insert),
    }
    return {what: min(_mean(act) for _ in range(ROUNDS)) for what, act in acts.items()}


def _make(client: Client, names: list[str]) -> None:
    """Collections with an index and an alias each."""
    for name in names:
        client.create(name)
        client.call("CreateIndex", index_request(name))
        alias = milvus_pb2.CreateAliasRequest(collection_name=name, alias=f"alias_of_{name}")
        client.call("CreateAlias", alias)


def _durations(client: Client) -> dict[str, float]:
    """Seconds of one call of each kind: the best mean of some calls, for whatever else runs must not decide a ratio."""
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
    return {what: min(_mean(act) for _ in range(ROUNDS)) for what, act in acts.items()}


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
