"""Rows: insert and delete."""

from __future__ import annotations

from typing import Any

import numpy as np

from fakemilvus import errors
from fakemilvus.engine.batch import scalar_indexes
from fakemilvus.engine.collection import Collection
from fakemilvus.engine.embedding import with_embedded
from fakemilvus.engine.instance import Instance
from fakemilvus.engine.keys import Rows, sortable
from fakemilvus.engine.query import matching_rows
from fakemilvus.engine.routing import find_deleted, find_written, share_rows
from fakemilvus.engine.row_checks import check_rows
from fakemilvus.engine.segment import Segment
from fakemilvus.filters import compile_filter
from fakemilvus.timestamptz import timezone_of
from fakemilvus.wire.columns import encode_keys
from fakemilvus.wire.dispatch import Call
from fakemilvus.wire.messages import milvus
from fakemilvus.wire.rows import InsertCall, decode_columns, decode_delete, decode_insert


def insert(instance: Instance, call: Call) -> Any:
    """Stores rows, all or none; they are visible to every reader before this answers."""
    asked = decode_insert(call.request)
    collection = instance.find_collection(call.database, asked.collection)
    check_schema_timestamp(collection, asked)
    find_written(collection.snapshot, asked.partition)
    schema, embed = collection.schema, instance.options.embed
    given = decode_columns(asked, schema, timezone_of(collection.properties))
    given = with_embedded(schema, given, asked.rows, embed, collection.definition.properties)
    columns = check_rows(schema, given, asked.rows, keys_allowed=collection.definition.allows_keys)
    stored = collection.insert(columns, asked.rows, share_rows(collection.snapshot, asked.partition, columns))
    response = milvus.MutationResult(succ_index=range(asked.rows), insert_cnt=asked.rows, timestamp=stored.timestamp)
    encode_keys(stored.keys, response.IDs)
    return response


def delete(instance: Instance, call: Call) -> Any:
    """Deletes by filter; a list of primary keys is counted whether they exist or not, and needs no load."""
    asked = decode_delete(call.request)
    collection = instance.find_collection(call.database, asked.collection)
    wanted = compile_filter(
        asked.filter,
        collection.schema.filterable,
        errors.DeletePlanFailed,
        timezone_of(collection.properties),
        asked.values,
    ).seeded(instance.options.seed)
    if wanted.always_true:
        raise errors.DeletePlanAlwaysTrue(expression=asked.filter)
    snapshot = collection.snapshot
    partitions = find_deleted(snapshot, asked.partition, wanted)
    if wanted.keys is None and not snapshot.loaded:
        raise errors.CollectionNotLoaded(collection=collection.id, within="failed to query")
    scalars = scalar_indexes(snapshot.indexes)

    def find(segment: Segment) -> Rows:
        return matching_rows(segment, wanted, scalars)

    deleted, timestamp = collection.delete(find, partitions)
    count = deleted if wanted.keys is None else len(np.unique(sortable(wanted.keys)))
    return milvus.MutationResult(delete_cnt=count, timestamp=timestamp)


def check_schema_timestamp(collection: Collection, asked: InsertCall) -> None:
    """Refuses rows from a client that remembers another schema."""
    if asked.schema_timestamp not in (0, collection.definition.updated):
        raise errors.SchemaMismatch(collection=asked.collection)


RPCS = {"Insert": insert, "Delete": delete}
