"""What a search asks for beside the nearest rows: groups, the page of an iterator, a ranker, an order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from fakemilvus import errors
from fakemilvus.datatypes import Column, DataType
from fakemilvus.engine.metrics import METRICS
from fakemilvus.engine.ordering import ordered
from fakemilvus.engine.schema import Field, Schema
from fakemilvus.engine.search import Hits, SearchRequest, search
from fakemilvus.engine.snapshot import Snapshot
from fakemilvus.wire.groups import decode_grouping, encode_group_values, is_singular
from fakemilvus.wire.iterators import Page, decode_page, encode_page, is_iterator
from fakemilvus.wire.orders import HitOrder, decode_order
from fakemilvus.wire.reads import SearchCall

if TYPE_CHECKING:
    from fakemilvus.engine.boosts import Boosts
    from fakemilvus.engine.buckets import Bucket, Level
    from fakemilvus.engine.grouping import Grouping
    from fakemilvus.engine.rankers import Ranker


@dataclass(frozen=True, slots=True)
class Answer:
    """Hits, and what they were grouped by where they were; or the buckets of each query that they were put into."""

    hits: Hits
    groups: tuple[Column, ...] = ()
    buckets: tuple[list[Bucket], ...] = ()


@dataclass(frozen=True, slots=True)
class Wishes:
    """At most one of a page, groups and a ranker goes with an order, see ``decode_wishes``."""

    grouping: Grouping | None = None
    singular: bool = False
    page: Page | None = None
    ranker: Ranker | None = None
    order: tuple[HitOrder, ...] = ()
    levels: tuple[Level, ...] = ()

    def answer(self, snapshot: Snapshot, request: SearchRequest) -> Answer:
        """The hits as they are wished for."""
        if self.levels:
            from fakemilvus.engine.buckets import search_buckets  # late, as all that few searches wish for

            hits, buckets = search_buckets(snapshot, request, self.levels)
            return Answer(hits, buckets=tuple(buckets))
        if self.page is not None:
            from fakemilvus.engine.pages import search_page

            return Answer(search_page(snapshot, request, self.page.size, self.page.last_bound))
        if self.order:
            return self._ordered(snapshot, request)
        if self.ranker is not None:
            return self._ranked(snapshot, request, self.ranker)
        if self.grouping is not None:
            from fakemilvus.engine.grouping import search_groups

            hits, groups = search_groups(snapshot, request, self.grouping)
            return Answer(hits, tuple(groups))
        return Answer(search(snapshot, request))

    def check_boosted(self, boosts: Boosts | None) -> None:
        """Boosts go with plain searches only."""
        if boosts is not None and (self.grouping is not None or self.page is not None):
            raise errors.BoostOfGroups

    def encode(self, answer: Answer, metric: str, message: Any) -> None:
        """Adds to a SearchResultData what goes with the hits; nothing where no row could ask."""
        if not len(answer.hits.counts):
            return
        if self.page is not None:
            encode_page(self.page, answer.hits.distances, METRICS[metric].larger_is_better, message)
        if self.grouping is not None:
            encode_group_values(answer.groups, self.grouping, self.singular, message)
            message.top_k = int(answer.hits.counts[-1])

    def _ordered(self, snapshot: Snapshot, request: SearchRequest) -> Answer:
        """The nearest hits, or groups, in the order of some fields; the offset counts in that order."""
        wide = replace(request, limit=request.limit + request.offset, offset=0)
        groups: list[Column] = []
        if self.grouping is None:
            hits = search(snapshot, wide)
            numbers = np.arange(len(hits.rows))
        else:
            from fakemilvus.engine.grouping import search_groups

            hits, groups = search_groups(snapshot, wide, self.grouping)
            numbers = _group_numbers(hits, groups)
        heads = np.unique(numbers, return_index=True)[1]
        queries = np.repeat(np.arange(len(hits.counts)), hits.counts)
        columns = [key.values(hits.column(key.field)).take(heads) for key in self.order]
        order = ordered(columns, [key.direction for key in self.order])
        order = order[np.argsort(queries[heads][order], kind="stable")]
        shown = _window(queries[heads][order], request.offset)
        places = _members(heads, len(numbers), order[shown])
        counts = np.bincount(queries[places], minlength=len(hits.counts))
        return Answer(hits.taken(places, counts), tuple(column.take(places) for column in groups))

    def _ranked(self, snapshot: Snapshot, request: SearchRequest, ranker: Ranker) -> Answer:
        from fakemilvus.engine.rankers import fuse

        wide = replace(request, limit=request.limit + request.offset, offset=0)
        if self.grouping is None:
            return Answer(fuse([search(snapshot, wide)], [request.metric], ranker).page(request.limit, request.offset))
        from fakemilvus.engine.grouping import search_groups

        hits, _ = search_groups(snapshot, wide, self.grouping)
        fused = fuse([hits], [request.metric], ranker)
        shown, groups = fused.groups(self.grouping, request.limit, request.offset)
        return Answer(shown, tuple(groups))


def decode_wishes(request: Any, asked: SearchCall, schema: Schema, field: Field, most: int) -> Wishes:
    """Raises what Milvus refuses of each, and together, in its order; ``most`` hits may be asked for."""
    pairs = asked.pairs
    levels: tuple[Level, ...] = ()
    if request.HasField("search_aggregation"):
        from fakemilvus.wire.buckets import check_aggregated, decode_levels

        check_aggregated(pairs, request)
        levels = decode_levels(request.search_aggregation, schema, asked.nq)
    grouping = decode_grouping(pairs, schema)
    ranged = "radius" in asked.params
    if grouping is not None and is_iterator(pairs):
        raise errors.GroupsOfIterator
    if grouping is not None and ranged:
        raise errors.GroupsInRange
    page = decode_page(pairs, asked.offset, most)
    order = decode_order(pairs, schema)
    if grouping is not None and len(grouping.fields) > 1 and order:
        raise errors.HitOrderOfGroups
    if is_iterator(pairs) and order:
        raise errors.HitOrderOfIterator
    if grouping is not None:
        check_grouped(grouping, field)
    ranker = _decode_ranker(request, asked, schema)
    if order and ranker is not None:
        raise errors.HitOrderOfRanker
    if levels and is_iterator(pairs):
        raise errors.BucketsOfIterator
    if levels and asked.offset:
        raise errors.BucketsWithOffset
    return Wishes(grouping, is_singular(pairs), page, ranker, order, levels)


def check_grouped(grouping: Grouping, field: Field) -> None:
    """What hits among the vectors of ``field`` may not be grouped by."""
    if field.type is DataType.BINARY_VECTOR:
        raise errors.GroupsOfBits
    for one in grouping.fields:
        if one.type not in _GROUPED:
            raise errors.GroupFieldType(type=_CORE_NAMES.get(one.type, one.type.name), within="failed to search")


def check_iterated(pairs: Mapping[str, str], collection_id: int) -> None:
    """An iterator goes on in the collection that it began in."""
    asked = pairs.get("collection_id", "")
    if asked.isdecimal() and 0 < int(asked) != collection_id:
        raise errors.IteratorOfAnother(asked=int(asked), actual=collection_id)


# -- private ---------------------------------------------------------------------------------------------------


def _decode_ranker(request: Any, asked: SearchCall, schema: Schema) -> Ranker | None:
    if not request.function_score.functions:
        return None
    from fakemilvus.wire.rankers import decode_function_score

    return decode_function_score(request.function_score, 1, asked.nq, schema)


def _group_numbers(hits: Hits, groups: list[Column]) -> Any:
    """A number for each group, in the order in which groups stand behind one another."""
    from fakemilvus.engine.grouping import Groups

    found = Groups.of(hits, groups)
    heads = found.members == 0
    return np.cumsum(heads) - 1


def _members(heads: Any, total: int, groups: Any) -> Any:
    """The places of these groups' hits, group by group, of ``total`` in groups that begin at ``heads``."""
    sizes = np.diff(heads, append=total)[groups]
    starts = np.cumsum(sizes) - sizes
    return np.arange(int(sizes.sum())) + np.repeat(heads[groups] - starts, sizes)


def _window(queries: Any, offset: int) -> Any:
    """The places that are left of each query's entries without the first ``offset``."""
    starts = np.searchsorted(queries, queries, side="left")
    return np.flatnonzero(np.arange(len(queries)) - starts >= offset)


_CORE_NAMES = {
    DataType.BINARY_VECTOR: "VECTOR_BINARY",
    DataType.FLOAT_VECTOR: "VECTOR_FLOAT",
    DataType.FLOAT16_VECTOR: "VECTOR_FLOAT16",
    DataType.BFLOAT16_VECTOR: "VECTOR_BFLOAT16",
    DataType.SPARSE_FLOAT_VECTOR: "VECTOR_SPARSE_U32_F32",
    DataType.INT8_VECTOR: "VECTOR_INT8",
    DataType.ARRAY_OF_VECTOR: "VECTOR_ARRAY",
}
"""What Milvus' core calls types otherwise than its schemas."""

_GROUPED = frozenset(
    (
        *(DataType.BOOL, DataType.INT8, DataType.INT16, DataType.INT32, DataType.INT64),
        *(DataType.TIMESTAMPTZ, DataType.VARCHAR, DataType.JSON),
    )
)
