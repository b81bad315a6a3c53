"""Search: the nearest rows to some query vectors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fakemilvus import errors
from fakemilvus.datatypes import DataType
from fakemilvus.engine import minhash
from fakemilvus.engine.collection import Collection
from fakemilvus.engine.computing import find_function, make_queries
from fakemilvus.engine.embedding import Embed, embed_queries, find_embedding
from fakemilvus.engine.index import Index
from fakemilvus.engine.index_checks import check_search_params
from fakemilvus.engine.instance import Instance
from fakemilvus.engine.property_checks import most_hits
from fakemilvus.engine.ranges import RADIUS, check_bounds_given, find_bounds
from fakemilvus.engine.rarity import check_scoring, weighted
from fakemilvus.engine.routing import check_isolation, find_read, readable
from fakemilvus.engine.schema import Field, Function, Schema
from fakemilvus.engine.search import SearchRequest, no_hits
from fakemilvus.engine.searched_keys import vectors_of
from fakemilvus.engine.shingles import MINHASH
from fakemilvus.engine.snapshot import Partition, Snapshot
from fakemilvus.engine.term_rows import BM25
from fakemilvus.engine.vector_list_checks import check_element_filter, check_lists, check_wishes
from fakemilvus.filters import Filter, compile_filter
from fakemilvus.rpcs.highlights import decode_highlights
from fakemilvus.rpcs.outputs import decode_outputs, refuse_aggregates
from fakemilvus.rpcs.wishes import Answer, Wishes, check_iterated, decode_wishes
from fakemilvus.wire.consistency import decode_consistency
from fakemilvus.wire.dispatch import Call
from fakemilvus.wire.iterators import decode_session, is_iterator
from fakemilvus.wire.messages import milvus
from fakemilvus.wire.reads import (
    SearchCall,
    asks_with_texts,
    decode_query_texts,
    decode_query_vectors,
    decode_search,
    encode_hits,
)
from fakemilvus.wire.searched_keys import decode_keys, encode_askers, has_keys
from fakemilvus.wire.structs import put_together

if TYPE_CHECKING:
    from fakemilvus.engine.boosts import Boosts


def search(instance: Instance, call: Call) -> Any:
    """The best rows for each query vector, best first; exact until the index of a segment is attached."""
    collection = instance.look_up(call.database, call.request.collection_name)
    snapshot = collection.seen(decode_consistency(call.request))
    asked = decode_search(call.request, most_hits(collection.properties))
    session = decode_session(call.request, asked)
    if session:
        snapshot = collection.seen_in_session(session)
    schema = snapshot.schema
    partitions = find_read(snapshot, asked.partitions)
    refuse_aggregates(asked.output_fields)
    outputs = decode_outputs(schema, asked.output_fields, with_primary=False)
    field = _find_asked(schema, asked.field, call.request.ids)
    check_iterated(asked.pairs, collection.id)
    wishes = decode_wishes(call.request, asked, schema, field, most_hits(collection.properties))
    highlights = decode_highlights(call.request, asked, schema, field)
    seen = _Reader(collection, snapshot, partitions)
    queries, asker = _decode_queries(call.request, asked, seen, field, instance.options.embed)
    if not len(queries):
        answer, metric = Answer(no_hits(0, schema.primary)), ""
    else:
        walked = wishes.grouping is not None or wishes.page is not None
        request = checked_request(collection, snapshot, asked, field, queries, call.request.function_score, walked)
        wishes.check_boosted(request.boosts)
        if field.type is DataType.ARRAY_OF_VECTOR:
            _check_wishes(asked, wishes, queries)
        answer, metric = wishes.answer(seen.of(request.filter), request), request.metric
    response = milvus.SearchResults(collection_name=asked.collection)
    response.session_ts = _session(instance, collection, snapshot, session)
    shown = outputs.of(answer.hits.column, asked.times.within(collection.properties))
    if wishes.levels:
        from fakemilvus.wire.buckets import encode_buckets  # late, as all that few searches wish for

        encode_buckets(answer.buckets, wishes.levels, answer.hits, shown, response.results)
        return response
    encode_hits(answer.hits, asked, schema.primary, shown, response.results)
    wishes.encode(answer, metric, response.results)
    if highlights is not None:
        highlights.encode(answer.hits, response.results)
    if asker is not None:
        encode_askers(asker, response.results)
    put_together(response.results.fields_data, schema)
    response.results.output_fields.extend(outputs.names)
    return response


@dataclass(frozen=True, slots=True)
class _Reader:
    """Who reads a snapshot, and which of its partitions."""

    collection: Collection
    snapshot: Snapshot
    partitions: tuple[Partition, ...]

    def of(self, wanted: Filter | None) -> Snapshot:
        """What it may see, of which the filter can let something pass."""
        channel = self.collection.channels[0]
        return readable(self.snapshot, self.partitions, wanted, channel, "failed to search")


def _session(instance: Instance, collection: Collection, snapshot: Snapshot, session: int | None) -> int:
    """The timestamp of the answer; an iterator says it again to see the same rows."""
    if session is None:
        return instance.clock.timestamp()
    return session or collection.begin_session(snapshot)


def _decode_queries(
    request: Any, asked: SearchCall, seen: _Reader, field: Field, embed: Embed
) -> tuple[NDArray[Any], NDArray[np.bool_] | None]:
    """The query vectors; where rows ask, by their keys, also which of them have a vector to ask with."""
    keys = decode_keys(request.ids, seen.snapshot.schema.primary)
    if keys is None:
        return decode_queries(asked, seen.snapshot.schema, field, embed), None
    if field.type is DataType.ARRAY_OF_VECTOR:
        raise errors.ListSearchByKeys
    if not seen.snapshot.loaded:
        raise errors.CollectionNotLoaded(collection=seen.collection.id, within="failed to query")
    column = vectors_of(seen.of(None), field, keys)
    valid = np.ones(len(column), np.bool_) if column.valid is None else column.valid
    return column.values[valid], valid


def decode_queries(asked: SearchCall, schema: Schema, field: Field, embed: Embed) -> NDArray[Any]:
    """The query vectors; where a function makes the field, what it makes of the query's texts.

    A field that a model makes is searched by vectors too.
    """
    model = find_embedding(schema, field)
    if model is not None and asks_with_texts(asked):
        return embed_queries(model, field, decode_query_texts(asked, model.type), embed)
    function = find_function(schema, field)
    if function is None:
        return decode_query_vectors(asked, field)
    texts = decode_query_texts(asked, function.type)
    return make_queries(schema, function, texts, asked.pairs.get("analyzer_name", ""))


def _decode_boosts(score: Any, schema: Schema, timezone: str, asked: SearchCall) -> Boosts | None:
    if not score.functions:
        return None
    from fakemilvus.wire.boosts import decode_boosts

    return decode_boosts(score, schema, timezone, asked.values)


def _check_wishes(asked: SearchCall, wishes: Wishes, queries: NDArray[Any]) -> None:
    groups = () if wishes.grouping is None else wishes.grouping.fields
    ranged, iterated = RADIUS in asked.params, is_iterator(asked.pairs)
    check_wishes(queries, ranged=ranged, iterated=iterated, paged=wishes.page is not None, groups=groups)


def checked_request(
    collection: Collection,
    snapshot: Snapshot,
    asked: SearchCall,
    field: Field,
    queries: NDArray[Any],
    score: Any,
    walked: bool,
) -> SearchRequest:
    """What the engine searches for; raises what Milvus refuses of filter, boosts, load state, metric and parameters.

    ``score`` is the request's FunctionScore. An index that is ``walked`` along, for groups and pages, is not asked for
    so many rows at once that its parameters would have to allow for them.
    """
    check_bounds_given(asked.params)
    timezone = asked.times.within(collection.properties).timezone
    wanted = compile_filter(asked.filter, snapshot.schema.filterable, errors.QueryPlanFailed, timezone, asked.values)
    check_isolation(snapshot, collection.properties, wanted)
    check_element_filter(wanted, field, queries)
    boosts = _decode_boosts(score, snapshot.schema, timezone, asked)
    if not snapshot.loaded:
        raise errors.CollectionNotLoaded(collection=collection.id, within="failed to search")
    if wanted.is_sample:
        raise errors.FilterRun(problem="unsupported expr proto node: random_sample_expr", core_code=2028)
    index = snapshot.index_of(field.id)
    if index is None:  # left out when the collection was loaded, or added since
        raise errors.FieldIndexNotLoaded(field=field.name, within="failed to search")
    metric = _metric(index, asked.metric, find_function(snapshot.schema, field))
    check_lists(field, metric, queries)
    params = _search_params(collection, snapshot, index, asked, walked)
    if metric == BM25:
        if params:
            check_scoring(index, params, collection.channels[0])
        queries, scoring = weighted(snapshot, field, index, queries, params)
        params = {**params, **scoring}
    return SearchRequest(
        field=field,
        index=index,
        queries=queries,
        limit=asked.limit,
        offset=asked.offset,
        boosts=boosts,
        metric=metric,
        params=params,
        filter=wanted,
        ignore_growing=asked.ignore_growing,
        within=find_bounds(asked.params, metric, collection.channels[0]),
    )


def find_vector_field(schema: Schema, name: str) -> Field:
    """The vector field that is searched: the only one where the request names none."""
    if not name and len(schema.vector_fields) > 1:
        raise errors.AnnsFieldMissing
    field = schema.by_name.get(name) if name else schema.vector_fields[0]
    if field is None:
        raise errors.AnnsFieldNotFound(field=name)
    if not field.holds_vectors:
        raise errors.FieldNotVector(field=name)
    return field


def _find_asked(schema: Schema, name: str, keys: Any) -> Field:
    """The vector field that is searched; where rows ask by ``keys``, Milvus says in other words that there is none."""
    if has_keys(keys):
        if not name and len(schema.vector_fields) > 1:
            raise errors.AskingFieldMissing
        if name and name not in schema.by_name:
            raise errors.AskingFieldNotFound(field=name)
        if name and not schema.by_name[name].holds_vectors:
            raise errors.AskingFieldNotVector(field=name)
    return find_vector_field(schema, name)


def _metric(index: Index, asked: str, function: Function | None) -> str:
    """The index's metric; a request may name no other, nor another than its field's function has."""
    if function is not None and asked and asked.upper() != _METRICS[function.type]:
        refusal = errors.Bm25SearchMetric if function.type == BM25 else errors.MinHashSearchMetric
        raise refusal(metric=asked, within="failed to search")
    if asked and asked.upper() != index.metric:
        raise errors.MetricTypeMismatch(expected=index.metric, actual=asked, within="failed to search")
    return index.metric


def _search_params(
    collection: Collection, snapshot: Snapshot, index: Index, asked: SearchCall, walked: bool
) -> Mapping[str, Any]:
    """Checked only where an index was really built: brute force takes anything, as in Milvus, but for MinHash's."""
    if index.kind != minhash.KIND and all(index.id not in segment.built for segment in snapshot.segments):
        return {}
    ranged, wanted = asked.params.get(RADIUS) is not None, 1 if walked else asked.limit + asked.offset
    params = check_search_params(index.kind, asked.params, wanted, collection.channels[0], ranged=ranged)
    if params.get(minhash.WITH_JACCARD) and not index.build_params[minhash.WITH_ROWS]:
        _refuse_similarities(collection, snapshot, index)
    return params


def _refuse_similarities(collection: Collection, snapshot: Snapshot, index: Index) -> None:
    """Raises where an index was built that does not keep what similarities are computed of.

    Knowhere notes the fault in its log, and then answers with the first row over and over.
    """
    if any(index.id in segment.built for segment in snapshot.segments):
        raise errors.SignaturesNotKept(channel=collection.channels[0])


_METRICS = {BM25: BM25, MINHASH: minhash.METRIC}

RPCS = {"Search": search}
