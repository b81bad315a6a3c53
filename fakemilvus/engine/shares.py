"""How the rows of one write are shared among partitions, and in each among the shards of the collection."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fakemilvus.datatypes import Column
from fakemilvus.engine.keys import Rows
from fakemilvus.engine.partition_keys import hashed

Shares = Sequence[tuple[int, Rows | None]]
"""Partition ids, each with the numbers of the rows that it gets, or None for all of them."""


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of one shard of one partition, in their order."""

    partition_id: int
    shard: int
    columns: Mapping[int, Column]
    rows: int


def divided(columns: Mapping[int, Column], rows: int, shares: Shares, primary: int, shards: int) -> list[Part]:
    """The rows of each shard of each partition; the hash of its primary key says which shard a row is of."""
    whole = [
        Part(partition_id, 0, columns, rows)
        if chosen is None
        else Part(partition_id, 0, {i: column.take(chosen) for i, column in columns.items()}, len(chosen))
        for partition_id, chosen in shares
    ]
    return whole if shards == 1 else [part for one in whole for part in _by_shard(one, primary, shards)]


def _by_shard(whole: Part, primary: int, shards: int) -> Iterable[Part]:
    """As Milvus' HashPK2Channels, which hashes primary keys as it does partition keys."""
    numbers = hashed(whole.columns[primary], shards)
    for shard in np.unique(numbers).tolist():
        rows = np.flatnonzero(numbers == shard)
        columns = {i: column.take(rows) for i, column in whole.columns.items()}
        yield Part(whole.partition_id, shard, columns, len(rows))
