"""What each rpc does, one file per Milvus noun; each file ends in its table, and the tables are merged here.

A handler decodes, acts and encodes. It returns a message or None and never mentions status: the dispatcher does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fakemilvus.rpcs import (
    access,
    aliases,
    alterations,
    analyzers,
    collections,
    compactions,
    databases,
    functions,
    hybrid,
    indexes,
    loading,
    nodes,
    partitions,
    query,
    rows,
    search,
    segments,
    system,
    upserts,
)
from fakemilvus.wire.dispatch import Handler


def _merged(tables: Iterable[Mapping[str, Handler]]) -> dict[str, Handler]:
    merged: dict[str, Handler] = {}
    for table in tables:
        twice = merged.keys() & table.keys()
        if twice:
            raise ValueError(f"two handlers for {', '.join(sorted(twice))}")
        merged.update(table)
    return merged


HANDLERS = _merged(
    module.RPCS
    for module in (
        system,
        databases,
        collections,
        alterations,
        functions,
        analyzers,
        aliases,
        indexes,
        partitions,
        loading,
        rows,
        upserts,
        search,
        hybrid,
        query,
        segments,
        compactions,
        nodes,
        access,
    )
)
