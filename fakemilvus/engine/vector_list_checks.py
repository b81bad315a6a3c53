"""What Milvus refuses of searches among the vectors of struct arrays.

Source: the proxy's task_search.go, ParsePlaceholderGroup of Plan.cpp, Milvus 3.0.
"""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from fakemilvus import errors
from fakemilvus.datatypes import DataType
from fakemilvus.engine.schema import Field
from fakemilvus.engine.vector_lists import LIST_METRICS
from fakemilvus.filters import Filter


def are_lists(queries: NDArray[Any]) -> bool:
    """Whether each query is a list of vectors."""
    return queries.dtype == object


def check_lists(field: Field, metric: str, queries: NDArray[Any]) -> None:
    """Lists are compared by the metrics of lists, and only they."""
    if field.type is DataType.ARRAY_OF_VECTOR and (metric in LIST_METRICS) != are_lists(queries):
        raise errors.ListSearchMismatch(
            field=field.name,
            metric=metric,
            verb="does not support" if are_lists(queries) else "requires",
            data="embedding list" if are_lists(queries) else "plain vector",
        )


def check_element_filter(wanted: Filter, field: Field, queries: NDArray[Any]) -> None:
    """Elements are filtered where the elements of the same struct are searched."""
    struct = wanted.struct
    if struct and (field.type is not DataType.ARRAY_OF_VECTOR or are_lists(queries) or field.struct_name != struct):
        raise errors.ElementFilterInSearch


def check_wishes(
    queries: NDArray[Any], *, ranged: bool, iterated: bool, paged: bool, groups: tuple[Field, ...]
) -> None:
    """Lists have no ranges, iterators and groups; elements have the groups of their rows, and only new iterators."""
    if are_lists(queries):
        if ranged:
            raise errors.ListSearchWish(wish="range search is not supported for")
        if iterated:
            raise errors.ListSearchWish(wish="search iterator is not supported for")
        if groups:
            raise errors.ListSearchWish(wish="group by is not supported for")
    elif iterated and not paged:
        raise errors.ElementSearchIterator
    elif any(not field.is_primary for field in groups):
        raise errors.ElementSearchGroups
