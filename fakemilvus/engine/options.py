"""The knobs of one server, as a frozen value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fakemilvus import limits


@dataclass(frozen=True, slots=True)
class Options:
    """How a server differs from Milvus' defaults.

    segment_rows: a segment of so many rows is flushed by itself.
    min_index_rows: segments with fewer rows count as indexed at once and are searched exactly, as in Milvus.
    seal: when rows become a flushed segment; "flush" (Milvus: when asked to) or "insert" (with every insert).
    progress: how indexed rows are counted; "rows" (chunk by chunk) or "segment" (Milvus: whole segments).
    builds: how indexes are built unless a rule of ``server.builds`` says otherwise; "real", "immediate" (before the rpc
        that starts a build answers) or "manual" (when a test steps or releases them).
    default_index_names: what list_indexes calls an index that was given no name; "field" (Milvus since 2.3: the
        field's name) or "field-id" (the reference page: _default_idx_<field id>).
    build_threads: OpenMP threads of the build thread; None is all cores but one, at least one.
    seed: makes training and sampling deterministic.
    read_lag_s: how many seconds it takes until readers see a write that they do not wait for, as those of consistency
        Bounded and Eventually; 0 is at once.
    query_nodes: how many query nodes there are said to be: a load with more replicas is refused as Milvus refuses it;
        None takes any number.
    memory_limit_mib: inserts whose rows would exceed it are refused as Milvus refuses them; None is no limit.
    embed: stands for the models that TextEmbedding functions name: a callable that takes a list of texts and the dim of
        the field, and returns an array of shape (texts, dim); "hash" (vectors of the words' hashes, without a model);
        None refuses rows of such functions.
    """

    segment_rows: int = limits.SEGMENT_ROWS
    min_index_rows: int = limits.MIN_INDEX_ROWS
    seal: str = "flush"
    progress: str = "rows"
    builds: str = "real"
    default_index_names: str = "field"
    build_threads: int | None = None
    seed: int = 1234
    memory_limit_mib: float | None = None
    read_lag_s: float = 0.0
    query_nodes: int | None = None
    embed: Callable[[list[str], int], Any] | str | None = None

    def __post_init__(self) -> None:
        for name, allowed in _CHOICES.items():
            if getattr(self, name) not in allowed:
                raise ValueError(f"{name} must be one of {', '.join(allowed)}, not {getattr(self, name)!r}")
        for name in ("segment_rows", "min_index_rows"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, not {getattr(self, name)}")
        if isinstance(self.embed, str) and self.embed != "hash":
            raise ValueError(f"embed must be a callable, 'hash' or None, not {self.embed!r}")
        if self.build_threads is not None and self.build_threads < 1:
            raise ValueError(f"build_threads must be at least 1, or None, not {self.build_threads}")
        if self.query_nodes is not None and self.query_nodes < 1:
            raise ValueError(f"query_nodes must be at least 1, or None, not {self.query_nodes}")
        if self.memory_limit_mib is not None and self.memory_limit_mib <= 0:
            raise ValueError(f"memory_limit_mib must be positive, or None, not {self.memory_limit_mib}")
        if not 0 <= self.read_lag_s <= MAX_LAG_S:
            raise ValueError(f"read_lag_s must lie between 0 and {MAX_LAG_S:,}, not {self.read_lag_s}")
        if not 0 <= self.seed <= MAX_SEED:
            raise ValueError(f"seed must lie between 0 and {MAX_SEED}, not {self.seed}")


MAX_LAG_S = 86_400
MAX_SEED = 2**31 - 1  # FAISS takes a C int

_CHOICES = {
    "seal": ("flush", "insert"),
    "progress": ("rows", "segment"),
    "builds": ("real", "immediate", "manual"),
    "default_index_names": ("field", "field-id"),
}
