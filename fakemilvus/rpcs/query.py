"""Query: the rows that pass a filter, in the order of their primary keys or as asked; or aggregates of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fakemilvus import errors, limits
from fakemilvus.engine.calculation import Calculation, calculate
from fakemilvus.engine.collection import Collection
from fakemilvus.engine.element_query import Places, query_elements
from fakemilvus.engine.instance import Instance
from fakemilvus.engine.ordering import SortKey
from fakemilvus.engine.property_checks import most_hits
from fakemilvus.engine.query import query as find_rows
from fakemilvus.engine.routing import find_read, readable, refuse_names
from fakemilvus.engine.snapshot import Snapshot
from fakemilvus.filters import Filter, compile_filter
from fakemilvus.rpcs.aggregates import (
    check_order,
    check_outputs,
    decode_aggregates,
    decode_groups,
    is_aggregate,
    shown,
)
from fakemilvus.rpcs.outputs import Outputs, decode_outputs
from fakemilvus.wire.columns import encode_column
from fakemilvus.wire.consistency import decode_consistency
from fakemilvus.wire.dispatch import Call
from fakemilvus.wire.messages import milvus
from fakemilvus.wire.queries import QueryCall, check_collection_id, decode_order, decode_query
from fakemilvus.wire.reads import Output
from fakemilvus.wire.structs import encode_places, put_together
from fakemilvus.wire.times import Times

WITHIN = "failed to query"


@dataclass(frozen=True, slots=True)
class _Plan:
    """A query whose names were looked up; ``calculation`` is None where rows are asked for, not aggregates."""

    wanted: Filter
    outputs: Outputs
    order: tuple[SortKey, ...]
    calculation: Calculation | None


def query(instance: Instance, call: Call) -> Any:
    """The rows that pass, each primary key once; or aggregates of all that pass."""
    collection = instance.find_collection(call.database, call.request.collection_name)
    snapshot = collection.seen(decode_consistency(call.request))
    refuse_names(snapshot.schema, tuple(call.request.partition_names))
    asked = decode_query(call.request, snapshot.schema.primary.type, most_hits(collection.properties))
    check_collection_id(asked, collection.id)
    if asked.session:
        snapshot = collection.seen_in_session(asked.session)
    times = asked.times.within(collection.properties)
    plan = _planned(snapshot, asked, times, instance.options.seed)
    response = milvus.QueryResults(collection_name=asked.collection, primary_field_name=snapshot.schema.primary.name)
    outputs, places = _answer(_readable(collection, snapshot, asked, plan), asked, plan, times)
    for output in outputs:
        encode_column(output.column, output.field, response.fields_data.add())
    put_together(response.fields_data, snapshot.schema)
    encode_places(places, response)
    response.output_fields.extend(plan.outputs.names if plan.calculation is None else asked.output_fields)
    if asked.session == 0:
        response.session_ts = collection.begin_session(snapshot)
    return response


def _planned(snapshot: Snapshot, asked: QueryCall, times: Times, seed: int) -> _Plan:
    """Looks names up and raises Milvus' refusals, in its order."""
    schema = snapshot.schema
    wanted = compile_filter(asked.filter, schema.filterable, errors.QueryPlanFailed, times.timezone, asked.values)
    aggregates = decode_aggregates(schema, asked.output_fields)
    plain = [name for name in asked.output_fields if not is_aggregate(name)]
    outputs = decode_outputs(schema, plain, with_primary=True)
    groups = decode_groups(schema, asked.groups)
    calculating = bool(groups or aggregates)
    if calculating:
        check_order(asked.order, asked.groups)
    order = decode_order(asked.order, schema)
    if calculating:
        check_outputs(asked.output_fields, asked.groups)
    if wanted.always_true and asked.limit is None and not aggregates:
        raise errors.QueryWithoutLimit
    calculation = Calculation(groups, aggregates, order) if calculating else None
    return _Plan(wanted.seeded(seed), outputs, order, calculation)


def _check_count(calculation: Calculation | None, limit: int | None) -> None:
    """One number cannot be cut into pages."""
    if calculation is None or calculation.groups or limit is None:
        return
    if any(aggregate.field is None for aggregate in calculation.aggregates):
        raise errors.CountWithLimit


def _readable(collection: Collection, snapshot: Snapshot, asked: QueryCall, plan: _Plan) -> Snapshot:
    """What the query may look at, if it may look at anything."""
    partitions = find_read(snapshot, asked.partitions)
    _check_count(plan.calculation, asked.limit)
    if asked.ignore_growing:
        snapshot = snapshot.flushed()
    if not snapshot.loaded:
        raise errors.CollectionNotLoaded(collection=collection.id, within=WITHIN)
    return readable(snapshot, partitions, plan.wanted, collection.channels[0], WITHIN)


def _answer(snapshot: Snapshot, asked: QueryCall, plan: _Plan, times: Times) -> tuple[list[Output], tuple[Places, ...]]:
    """The columns, and of a query by element which elements of each row are meant."""
    if plan.calculation is not None:
        columns = calculate(snapshot, plan.wanted, plan.calculation, asked.limit, asked.offset)
        return shown(asked.output_fields, plan.calculation, columns, times), ()
    if asked.cursor is not None and not plan.wanted.by_element:
        raise errors.IteratorCursorWithoutElements
    places: tuple[Places, ...] = ()
    if plan.wanted.by_element:
        elements = query_elements(snapshot, plan.wanted, asked.limit, asked.offset, plan.order, asked.cursor)
        found, places = elements.found, elements.places
    else:
        found = find_rows(snapshot, plan.wanted, asked.limit, asked.offset, plan.order)
    outputs = plan.outputs.of(found.column, times)
    if sum(output.column.size_bytes for output in outputs) > limits.MAX_QUERY_BYTES:
        raise errors.QueryResultTooLarge(high=limits.MAX_QUERY_BYTES, within=WITHIN)
    return outputs, places


RPCS = {"Query": query}
