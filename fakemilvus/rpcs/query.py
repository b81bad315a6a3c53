"""Query: the rows that pass a filter, in the order of their primary keys."""

from __future__ import annotations

from typing import Any

from fakemilvus import errors
from fakemilvus.engine.instance import Instance
from fakemilvus.engine.loading import check_loaded_fields
from fakemilvus.engine.query import count
from fakemilvus.engine.query import query as find_rows
from fakemilvus.engine.routing import find_read, readable
from fakemilvus.engine.snapshot import Snapshot
from fakemilvus.filters import Filter, compile_filter
from fakemilvus.rpcs.outputs import decode_outputs, refuse_aggregates
from fakemilvus.wire.columns import encode_column
from fakemilvus.wire.consistency import decode_consistency
from fakemilvus.wire.dispatch import Call
from fakemilvus.wire.messages import milvus
from fakemilvus.wire.reads import COUNT, QueryCall, decode_query, encode_count
from fakemilvus.wire.structs import put_together


def query(instance: Instance, call: Call) -> Any:
    """The rows that pass, each primary key once; or their number for the output field count(*)."""
    collection = instance.find_collection(call.database, call.request.collection_name)
    snapshot = collection.seen(decode_consistency(call.request))
    asked = decode_query(call.request)
    partitions = find_read(snapshot, asked.partitions)
    refuse_aggregates(asked.output_fields)
    counting = any(name.replace(" ", "").lower() == COUNT for name in asked.output_fields)
    outputs = decode_outputs(snapshot.schema, () if counting else asked.output_fields, with_primary=True)
    times = asked.times.within(collection.properties)
    wanted = _checked(snapshot, asked, times.timezone, counting)
    if asked.ignore_growing:
        snapshot = snapshot.flushed()
    if not snapshot.loaded:
        raise errors.CollectionNotLoaded(collection=collection.id, within="failed to query")
    check_loaded_fields(snapshot, outputs.fields, wanted, within="failed to query")
    snapshot = readable(snapshot, partitions, wanted, collection.channels[0], "failed to query")
    response = milvus.QueryResults(
        collection_name=asked.collection,
        session_ts=instance.clock.timestamp(),
        primary_field_name=snapshot.schema.primary.name,
    )
    if counting:
        encode_count(count(snapshot, wanted), response)
        return response
    found = find_rows(snapshot, wanted, asked.limit, asked.offset)
    for output in outputs.of(found.column, times):
        encode_column(output.column, output.field, response.fields_data.add())
    put_together(response.fields_data, snapshot.schema)
    response.output_fields.extend(outputs.names)
    return response


def _checked(snapshot: Snapshot, asked: QueryCall, timezone: str, counting: bool) -> Filter:
    wanted = compile_filter(asked.filter, snapshot.schema.filterable, errors.QueryPlanFailed, timezone)
    if counting and asked.limit is not None:
        raise errors.CountWithLimit
    if wanted.always_true and asked.limit is None and not counting:
        raise errors.QueryWithoutLimit
    return wanted


RPCS = {"Query": query}
