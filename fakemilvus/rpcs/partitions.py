"""Partitions: a collection has the default one; requests that name another are refused as Milvus refuses them."""

from __future__ import annotations

from collections.abc import Iterable

from fakemilvus.errors import MilvusError

DEFAULT_PARTITION = "_default"


def check_partitions(names: Iterable[str], refusal: type[MilvusError]) -> None:
    """Raises ``refusal`` for the first name that is no partition; the empty name means the default one."""
    for name in names:
        if name not in ("", DEFAULT_PARTITION):
            raise refusal(partition=name)
