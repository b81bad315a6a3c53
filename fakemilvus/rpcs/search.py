"""Search: the nearest rows to some query vectors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fakemilvus import errors
from fakemilvus.datatypes import DataType
from fakemilvus.engine.collection import Collection
from fakemilvus.engine.index import Index
from fakemilvus.engine.index_checks import check_search_params
from fakemilvus.engine.instance import Instance
from fakemilvus.engine.routing import check_isolation, find_read, readable
from fakemilvus.engine.schema import Field, Schema
from fakemilvus.engine.search import SearchRequest
from fakemilvus.engine.search import search as find_nearest
from fakemilvus.engine.snapshot import Snapshot
from fakemilvus.filters import compile_filter
from fakemilvus.rpcs.outputs import decode_outputs, refuse_aggregates
from fakemilvus.wire.consistency import decode_consistency
from fakemilvus.wire.dispatch import Call
from fakemilvus.wire.messages import milvus
from fakemilvus.wire.reads import SearchCall, decode_query_vectors, decode_search, encode_hits
from fakemilvus.wire.structs import put_together


def search(instance: Instance, call: Call) -> Any:
    """The best rows for each query vector, best first; exact until the index of a segment is attached."""
    collection = instance.look_up(call.database, call.request.collection_name)
    snapshot = collection.seen(decode_consistency(call.request))
    schema = snapshot.schema
    asked = decode_search(call.request)
    partitions = find_read(snapshot, asked.partitions)
    refuse_aggregates(asked.output_fields)
    outputs = decode_outputs(schema, asked.output_fields, with_primary=False)
    request = _checked(collection, snapshot, asked)
    hits = find_nearest(
        readable(snapshot, partitions, request.filter, collection.channels[0], "failed to search"), request
    )
    response = milvus.SearchResults(collection_name=asked.collection, session_ts=instance.clock.timestamp())
    shown = outputs.of(hits.column, asked.times.within(collection.properties))
    encode_hits(hits, asked, schema.primary, shown, response.results)
    put_together(response.results.fields_data, schema)
    response.results.output_fields.extend(outputs.names)
    return response


def _checked(collection: Collection, snapshot: Snapshot, asked: SearchCall) -> SearchRequest:
    field = _find_field(snapshot.schema, asked.field)
    timezone = asked.times.within(collection.properties).timezone
    wanted = compile_filter(asked.filter, snapshot.schema.filterable, errors.QueryPlanFailed, timezone)
    check_isolation(snapshot, collection.properties, wanted)
    queries = decode_query_vectors(asked, field)
    if not snapshot.loaded:
        raise errors.CollectionNotLoaded(collection=collection.id, within="failed to search")
    index = snapshot.index_of(field.id)
    if index is None:  # left out when the collection was loaded, or added since
        raise errors.FieldIndexNotLoaded(field=field.name, within="failed to search")
    return SearchRequest(
        field=field,
        index=index,
        queries=queries,
        limit=asked.limit,
        offset=asked.offset,
        metric=_metric(index, asked.metric),
        params=_search_params(collection, snapshot, index, asked),
        filter=wanted,
        ignore_growing=asked.ignore_growing,
    )


def _find_field(schema: Schema, name: str) -> Field:
    """The vector field that is searched: the only one where the request names none."""
    if not name and len(schema.vector_fields) > 1:
        raise errors.AnnsFieldMissing
    field = schema.by_name.get(name) if name else schema.vector_fields[0]
    if field is None:
        raise errors.AnnsFieldNotFound(field=name)
    if field.type is DataType.ARRAY_OF_VECTOR:
        raise errors.Unimplemented(f"a search among the vectors of a struct array (field {name})")
    if not field.is_vector:
        raise errors.FieldNotVector(field=name)
    return field


def _metric(index: Index, asked: str) -> str:
    """The index's metric; a request that names another is refused."""
    if asked and asked.upper() != index.metric:
        raise errors.MetricTypeMismatch(expected=index.metric, actual=asked, within="failed to search")
    return index.metric


def _search_params(collection: Collection, snapshot: Snapshot, index: Index, asked: SearchCall) -> Mapping[str, Any]:
    """Checked only where an index was really built: brute force takes anything, as in Milvus."""
    if all(index.id not in segment.built for segment in snapshot.segments):
        return {}
    return check_search_params(index.kind, asked.params, asked.limit + asked.offset, collection.channels[0])


RPCS = {"Search": search}
