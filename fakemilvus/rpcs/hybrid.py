"""Hybrid search: several searches of one collection, made one ranking."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from fakemilvus import errors, limits
from fakemilvus.datatypes import Column
from fakemilvus.engine.collection import Collection
from fakemilvus.engine.embedding import Embed
from fakemilvus.engine.grouping import Grouping, search_groups
from fakemilvus.engine.instance import Instance
from fakemilvus.engine.property_checks import most_hits
from fakemilvus.engine.rankers import Ranker, fuse, ranked
from fakemilvus.engine.routing import find_read, readable
from fakemilvus.engine.schema import Schema
from fakemilvus.engine.search import Hits, SearchRequest
from fakemilvus.engine.search import search as find_nearest
from fakemilvus.engine.snapshot import Partition, Snapshot
from fakemilvus.rpcs.hybrid_elements import are_of_one_struct, as_rows, check_part, check_together
from fakemilvus.rpcs.outputs import decode_outputs, refuse_aggregates
from fakemilvus.rpcs.search import checked_request, decode_queries, find_vector_field
from fakemilvus.rpcs.wishes import check_grouped
from fakemilvus.wire.consistency import decode_consistency
from fakemilvus.wire.dispatch import Call
from fakemilvus.wire.groups import decode_grouping, encode_group_values, is_singular
from fakemilvus.wire.hybrid import HybridCall, decode_hybrid
from fakemilvus.wire.iterators import decode_page
from fakemilvus.wire.messages import milvus
from fakemilvus.wire.orders import decode_order
from fakemilvus.wire.rankers import decode_function_score, decode_rank_params
from fakemilvus.wire.reads import SearchCall, encode_hits
from fakemilvus.wire.structs import put_together


def hybrid_search(instance: Instance, call: Call) -> Any:
    """The hits of several searches in one ranking, by rank, by weighted distance or as a function scores them."""
    collection = instance.look_up(call.database, call.request.collection_name)
    snapshot = collection.seen(decode_consistency(call.request))
    schema = snapshot.schema
    asked = decode_hybrid(call.request, most_hits(collection.properties))
    partitions = find_read(snapshot, asked.partitions)
    refuse_aggregates(asked.output_fields)
    outputs = decode_outputs(schema, asked.output_fields, with_primary=False)
    queries = _decode_queries(asked, schema, instance.options.embed)
    grouping = decode_grouping(asked.pairs, schema)
    if decode_order(asked.pairs, schema):
        raise errors.HitOrderOfHybrid
    requests = [
        _checked(collection, snapshot, search, vectors, call.request.function_score, grouping)
        for search, vectors in zip(asked.searches, queries, strict=True)
    ]
    check_together(asked.searches, requests, grouping)
    if grouping is not None:
        for request in requests:
            check_grouped(grouping, request.field)
    ranker = _decode_ranker(call.request, asked, schema)
    found = [_search(collection, snapshot, partitions, request, grouping) for request in requests]
    if not are_of_one_struct(requests):
        found = [as_rows(*one) for one in zip(found, asked.searches, requests, strict=True)]
    fused = fuse(found, [request.metric for request in requests], ranker)
    groups: list[Column] = []
    if grouping is None:
        hits = fused.page(asked.limit, asked.offset)
    else:
        scorer = asked.pairs.get("rank_group_scorer", "max")
        hits, groups = fused.groups(grouping, asked.limit, asked.offset, scorer)
    response = milvus.SearchResults(collection_name=asked.collection, session_ts=instance.clock.timestamp())
    shown = outputs.of(hits.column, asked.times.within(collection.properties))
    encode_hits(hits, asked, schema.primary, shown, response.results)
    if grouping is not None:
        encode_group_values(groups, grouping, is_singular(asked.pairs), response.results)
    put_together(response.results.fields_data, schema)
    response.results.output_fields.extend(outputs.names)
    return response


# -- private ---------------------------------------------------------------------------------------------------


def _decode_queries(asked: HybridCall, schema: Schema, embed: Embed) -> list[NDArray[Any]]:
    """The query vectors of each search, as many in each."""
    queries: list[NDArray[Any]] = []
    for search in asked.searches:
        vectors = decode_queries(search, schema, find_vector_field(schema, search.field), embed)
        if queries and len(vectors) != len(queries[0]):
            raise errors.SearchNqDiffers(expected=len(queries[0]), actual=len(vectors))
        queries.append(vectors)
    return queries


def _checked(
    collection: Collection,
    snapshot: Snapshot,
    search: SearchCall,
    queries: NDArray[Any],
    score: Any,
    grouping: Grouping | None,
) -> SearchRequest:
    if decode_page(search.pairs, 0, limits.MAX_TOPK) is not None:
        raise errors.IteratorOfHybrid
    field = find_vector_field(snapshot.schema, search.field)
    request = checked_request(collection, snapshot, search, field, queries, score, grouping is not None)
    check_part(search, request)
    return request


def _search(
    collection: Collection,
    snapshot: Snapshot,
    partitions: tuple[Partition, ...],
    request: SearchRequest,
    grouping: Grouping | None,
) -> Hits:
    """The hits of one search; with a grouping, the best of so many groups."""
    seen = readable(snapshot, partitions, request.filter, collection.channels[0], "failed to search")
    if grouping is None:
        return find_nearest(seen, request)
    return ranked(search_groups(seen, request, grouping)[0], request.metric)


def _decode_ranker(request: Any, asked: HybridCall, schema: Schema) -> Ranker:
    """A FunctionScore wins over the parameters; one that only boosts ranks by the default."""
    searches = len(asked.searches)
    if request.HasField("function_score"):
        scored = decode_function_score(request.function_score, searches, asked.searches[0].nq, schema)
        if scored is not None:
            return scored
        return decode_rank_params({}, searches, schema)
    return decode_rank_params(asked.pairs, searches, schema)


RPCS = {"HybridSearch": hybrid_search}
