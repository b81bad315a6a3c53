"""What each rpc does, one file per Milvus noun; each file ends in its table, and the tables are one here.

A handler decodes, acts and encodes. It returns a message or None and never mentions status: the dispatcher does.
A file is imported when one of its rpcs is first called, so that a server is up before it knows how to do everything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module

from fakemilvus.wire.dispatch import Handler

_FILES = {
    "system": ("Connect", "GetVersion", "CheckHealth", "AllocTimestamp", "GetComponentStates"),
    "databases": ("CreateDatabase", "DropDatabase", "ListDatabases", "DescribeDatabase", "AlterDatabase"),
    "collections": (
        "CreateCollection",
        "DropCollection",
        "HasCollection",
        "DescribeCollection",
        "BatchDescribeCollection",
        "ShowCollections",
        "GetCollectionStatistics",
    ),
    "alterations": (
        "AlterCollection",
        "AlterCollectionField",
        "AddCollectionField",
        "AddCollectionStructField",
        "AlterCollectionSchema",
        "RenameCollection",
        "TruncateCollection",
    ),
    "functions": ("AddCollectionFunction", "AlterCollectionFunction", "DropCollectionFunction"),
    "analyzers": ("RunAnalyzer",),
    "aliases": ("CreateAlias", "AlterAlias", "DropAlias", "DescribeAlias", "ListAliases"),
    "indexes": (
        "CreateIndex",
        "AlterIndex",
        "DescribeIndex",
        "GetIndexStatistics",
        "GetIndexState",
        "GetIndexBuildProgress",
        "DropIndex",
    ),
    "partitions": ("CreatePartition", "DropPartition", "HasPartition", "ShowPartitions", "GetPartitionStatistics"),
    "loading": (
        "LoadCollection",
        "LoadPartitions",
        "ReleaseCollection",
        "ReleasePartitions",
        "GetLoadState",
        "GetLoadingProgress",
    ),
    "rows": ("Insert", "Delete"),
    "upserts": ("Upsert",),
    "search": ("Search",),
    "hybrid": ("HybridSearch",),
    "query": ("Query",),
    "segments": (
        "Flush",
        "FlushAll",
        "GetFlushState",
        "GetFlushAllState",
        "GetPersistentSegmentInfo",
        "GetQuerySegmentInfo",
    ),
    "compactions": ("ManualCompaction", "GetCompactionState", "GetCompactionStateWithPlans"),
    "nodes": ("GetReplicas", "LoadBalance", "GetMetrics"),
    "access": ("SelectRole", "SelectUser", "ListResourceGroups"),
}
"""The files and the rpcs of their tables, as these say it themselves: tests/test_tables.py compares the two."""


class _Handlers(Mapping[str, Handler]):
    """Every handler by its rpc's name, without the files that were not yet asked for."""

    def __init__(self, files: Mapping[str, tuple[str, ...]]) -> None:
        self._files = {rpc: file for file, rpcs in files.items() for rpc in rpcs}

    def __getitem__(self, rpc: str) -> Handler:
        handler: Handler = import_module(f"{__name__}.{self._files[rpc]}").RPCS[rpc]
        return handler

    def __contains__(self, rpc: object) -> bool:
        return rpc in self._files

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)


HANDLERS: Mapping[str, Handler] = _Handlers(_FILES)
