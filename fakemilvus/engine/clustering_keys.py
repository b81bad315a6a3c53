"""Clustering keys: the one scalar field by whose values a clustering compaction orders the rows.

Source of the rules: the proxy's task.go, Milvus 3.0, whose configuration keeps vectors from being one.
"""

from __future__ import annotations

from collections.abc import Iterable

from fakemilvus import errors
from fakemilvus.datatypes import DataType, type_name
from fakemilvus.engine.schema import Field


def check_clustering_key(fields: Iterable[Field], collection: str) -> None:
    """Raises Milvus' complaint about the clustering key, or about a second one."""
    first: Field | None = None
    for field in fields:
        if not field.is_clustering_key:
            continue
        if field.type is DataType.FLOAT_VECTOR:
            raise errors.ClusteringKeyVector(collection=collection)
        if field.type not in _TYPES:
            raise errors.ClusteringKeyType(field=field.name, type=type_name(field.type), collection=collection)
        if first is not None:
            raise errors.ClusteringKeyTwice(first=first.name, second=field.name, collection=collection)
        first = field


_TYPES = frozenset(
    (
        *(DataType.INT8, DataType.INT16, DataType.INT32, DataType.INT64),
        *(DataType.FLOAT, DataType.DOUBLE, DataType.VARCHAR),
    )
)
