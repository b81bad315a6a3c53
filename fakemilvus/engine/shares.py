"""How the rows of one write are shared among partitions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fakemilvus.datatypes import Column
from fakemilvus.engine.keys import Rows

Shares = Sequence[tuple[int, Rows | None]]
"""Partition ids, each with the numbers of the rows that it gets, or None for all of them."""


def divided(columns: Mapping[int, Column], rows: int, shares: Shares) -> list[tuple[int, Mapping[int, Column], int]]:
    """The rows of each partition: its id, its columns, their number."""
    return [
        (partition_id, columns, rows)
        if chosen is None
        else (partition_id, {i: column.take(chosen) for i, column in columns.items()}, len(chosen))
        for partition_id, chosen in shares
    ]
