"""Collections: create, drop, describe, list and count."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fakemilvus import errors
from fakemilvus.clock import physical_ms
from fakemilvus.engine.collection import Collection
from fakemilvus.engine.instance import Instance
from fakemilvus.engine.names import check_name
from fakemilvus.engine.property_checks import check_time_to_live
from fakemilvus.engine.schema_checks import check_collection
from fakemilvus.timestamptz import timezone_of
from fakemilvus.wire.dispatch import Call, fill_status
from fakemilvus.wire.messages import milvus
from fakemilvus.wire.pairs import add_pairs
from fakemilvus.wire.schemas import decode_definition, encode_schema


def create_collection(instance: Instance, call: Call) -> None:
    """Creates a collection; an identical one that exists is no error."""
    definition = decode_definition(call.request)
    check_collection(definition)
    check_time_to_live(definition.properties, definition.schema)
    instance.create_collection(call.database, definition)


def drop_collection(instance: Instance, call: Call) -> None:
    """Drops a collection at once, in the middle of a build too; a missing one is no error."""
    instance.drop_collection(call.database, call.request.collection_name)


def has_collection(instance: Instance, call: Call) -> Any:
    """Whether a collection or alias of this name exists."""
    try:
        instance.find_collection(call.database, call.request.collection_name)
    except errors.CollectionNotFound:
        return milvus.BoolResponse(value=False)
    return milvus.BoolResponse(value=True)


def describe_collection(instance: Instance, call: Call) -> Any:
    """Schema, ids, timestamps and aliases, by name, alias or collection id; the name is given back as it was asked."""
    found, aliases = find_described(instance, call)
    return _described(instance, call.database, call.request.collection_name, found, aliases)


def batch_describe_collection(instance: Instance, call: Call) -> Any:
    """Several collections by name, each with a status of its own."""
    if not call.request.collection_name:
        raise errors.CollectionNamesEmpty
    response = milvus.BatchDescribeCollectionResponse()
    for name in call.request.collection_name:
        asked = milvus.DescribeCollectionRequest(collection_name=name)
        one = response.responses.add()
        try:
            one.CopyFrom(describe_collection(instance, replace(call, request=asked)))
            one.status.SetInParent()
        except errors.MilvusError as refusal:
            fill_status(one.status, refusal)
    return response


def find_described(instance: Instance, call: Call) -> tuple[Collection, list[str]]:
    """The collection and its aliases; a name that no collection can have is refused first."""
    name, collection_id = call.request.collection_name, call.request.collectionID
    if name or not collection_id:
        check_name(name, "name")
    try:
        return instance.describe(call.database, name, collection_id)
    except errors.CollectionNotFound as missing:
        raise errors.CollectionNotFoundByDescribe(**missing.facts) from None


def show_collections(instance: Instance, call: Call) -> Any:
    """All collections, or with type InMemory the loaded ones among those that are named."""
    in_memory = call.request.type == milvus.ShowType.Value("InMemory")
    if call.request.collection_names:
        for name in call.request.collection_names:
            check_name(name, "name")
        shown = instance.look_up_all(call.database, call.request.collection_names)
    else:
        shown = instance.collections(call.database)
    response = milvus.ShowCollectionsResponse()
    for collection in shown:
        loaded = collection.snapshot.loaded
        if in_memory and not loaded:
            continue
        response.collection_names.append(collection.definition.name)
        response.collection_ids.append(collection.id)
        response.created_timestamps.append(collection.created)
        response.created_utc_timestamps.append(physical_ms(collection.created))
        response.shards_num.append(collection.definition.shards)
        if in_memory:
            response.inMemory_percentages.append(100)
            response.query_service_available.append(True)
    return response


def get_collection_statistics(instance: Instance, call: Call) -> Any:
    """row_count: the rows of flushed segments; deletes are not subtracted, as in Milvus."""
    snapshot = instance.look_up(call.database, call.request.collection_name).snapshot
    rows = sum(segment.rows for segment in snapshot.segments if segment.sealed)
    response = milvus.GetCollectionStatisticsResponse()
    add_pairs(response.stats, [("row_count", str(rows))])
    return response


# -- private ---------------------------------------------------------------------------------------------------


def _described(instance: Instance, database: str, asked: str, found: Collection, aliases: list[str]) -> Any:
    """A collection as DescribeCollection tells it; ``asked`` is the name that it was asked for."""
    definition = found.definition
    name, schema = definition.name, definition.schema
    response = milvus.DescribeCollectionResponse(
        collectionID=found.id,
        collection_name=asked or name,
        db_name=database,
        db_id=instance.database_id(database),
        shards_num=definition.shards,
        consistency_level=definition.consistency_level,
        created_timestamp=found.created,
        created_utc_timestamp=physical_ms(found.created),
        update_timestamp=definition.updated,
        update_timestamp_str=str(definition.updated),
        num_partitions=len(found.snapshot.partitions),
        aliases=aliases,
    )
    encode_schema(name, database, schema, timezone_of(found.properties), response.schema)
    add_pairs(response.properties, definition.noted())
    for shard in range(definition.shards):
        response.physical_channel_names.append(f"by-dev-rootcoord-dml_{shard}")
    response.virtual_channel_names.extend(found.channels)
    return response


RPCS = {
    "CreateCollection": create_collection,
    "DropCollection": drop_collection,
    "HasCollection": has_collection,
    "DescribeCollection": describe_collection,
    "BatchDescribeCollection": batch_describe_collection,
    "ShowCollections": show_collections,
    "GetCollectionStatistics": get_collection_statistics,
}
