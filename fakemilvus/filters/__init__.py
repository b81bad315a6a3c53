"""Filters: Milvus' boolean expressions, from their text to a mask over columns.

Knows columns and data types, not segments, collections or rpcs: a filter is evaluated over a ``Batch``, which a
segment answers from its columns and its scalar indexes.

The way of a text: ``tokens`` cuts it, ``parser`` makes ``syntax`` nodes of it, ``checker`` gives them types and
makes a ``plan``, ``evaluator`` runs the plan over a batch. An rpc calls ``compile_filter(text, fields, within=...)``
with the error of its own: ``errors.QueryPlanFailed`` for search and query, ``errors.DeletePlanFailed`` for delete.
"""

from fakemilvus.filters.compiled import Filter, compile_filter
from fakemilvus.filters.fields import Batch, Fields

__all__ = ["Batch", "Fields", "Filter", "compile_filter"]
