"""Filters: Milvus' boolean expressions, from their text to a mask over columns.

Knows columns and data types, not segments, collections or rpcs: a filter is evaluated over a ``Batch``, which a
segment answers from its columns and its scalar indexes.

The way of a text: ``tokens`` cuts it, ``parser`` makes ``syntax`` nodes of it, ``checker`` gives them types and
makes a ``plan``, ``evaluator`` runs the plan over a batch. An rpc calls ``compile_filter(text, fields, within=...)``
with the error of its own: ``errors.QueryPlanFailed`` for search and query, ``errors.DeletePlanFailed`` for delete.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__all__ = ["Batch", "Fields", "Filter", "compile_filter"]

if TYPE_CHECKING:
    from fakemilvus.filters.compiled import Filter, compile_filter
    from fakemilvus.filters.fields import Batch, Fields


def __getattr__(name: str) -> Any:
    """The names above, from their files when they are first used: a package that imports nothing is in no cycle."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(home), name)
    return value


_HOMES = {
    "Batch": "fakemilvus.filters.fields",
    "Fields": "fakemilvus.filters.fields",
    "Filter": "fakemilvus.filters.compiled",
    "compile_filter": "fakemilvus.filters.compiled",
}
