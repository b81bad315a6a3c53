"""Searches among elements within a hybrid search: of one struct throughout, or made searches of rows.

Source: initAdvancedSearchRequest of the proxy's task_search.go, Milvus 3.0.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

from fakemilvus import errors
from fakemilvus.datatypes import DataType
from fakemilvus.engine.element_collapse import SUMS, Collapse, collapsed
from fakemilvus.engine.grouping import Grouping
from fakemilvus.engine.metrics import METRICS
from fakemilvus.engine.ranges import RADIUS
from fakemilvus.engine.search import Hits, SearchRequest
from fakemilvus.engine.vector_list_checks import are_lists
from fakemilvus.wire.element_scope import decode_element_scope
from fakemilvus.wire.iterators import is_iterator
from fakemilvus.wire.reads import SearchCall


def check_part(search: SearchCall, request: SearchRequest) -> None:
    """What one search within may not ask for of lists of vectors."""
    scope = decode_element_scope(search.params)
    if scope is not None and not _by_element(request):
        raise errors.ElementScopeOfRows
    if scope is not None and scope.strategy in SUMS and not METRICS[request.metric].larger_is_better:
        raise errors.ElementScopeSum(strategy=scope.strategy)
    if request.field.type is not DataType.ARRAY_OF_VECTOR:
        return
    kind = "element-level" if _by_element(request) else "embedding-list"
    facts = {"kind": kind, "field": request.field.name}
    if not _by_element(request) and RADIUS in search.params:
        raise errors.HybridListWish(wish="range search", **facts)
    if is_iterator(search.pairs):
        raise errors.HybridListWish(wish="search iterator", **facts)


def check_together(
    searches: Sequence[SearchCall], requests: Sequence[SearchRequest], grouping: Grouping | None
) -> None:
    """What a hybrid search may not ask for of lists of vectors."""
    same = are_of_one_struct(requests)
    if grouping is not None:
        _check_groups(requests, grouping, same)
    if same and any(decode_element_scope(search.params) is not None for search in searches):
        raise errors.ElementScopeOfOneStruct


def are_of_one_struct(requests: Sequence[SearchRequest]) -> bool:
    """Whether all look among the elements of one struct, so that elements are what is ranked."""
    return all(map(_by_element, requests)) and len({request.field.struct_name for request in requests}) == 1


def as_rows(hits: Hits, search: SearchCall, request: SearchRequest) -> Hits:
    """Hits among elements as the search wants its rows."""
    return collapsed(hits, request.metric, decode_element_scope(search.params) or Collapse())


def _check_groups(requests: Sequence[SearchRequest], grouping: Grouping, same: bool) -> None:
    for request in requests:
        if request.field.type is DataType.ARRAY_OF_VECTOR and not _by_element(request):
            raise errors.HybridListGroups(field=request.field.name)
        if _by_element(request) and not same:
            raise errors.HybridElementGroups(field=request.field.name)
    if same and (len(grouping.fields) != 1 or not grouping.fields[0].is_primary):
        raise errors.HybridElementGroupKey


def _by_element(request: SearchRequest) -> bool:
    queries: NDArray[Any] = request.queries
    return request.field.type is DataType.ARRAY_OF_VECTOR and not are_lists(queries)
