"""Upsert: rows that replace those with the same keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from fakemilvus import errors
from fakemilvus.datatypes import Column
from fakemilvus.engine.collection import Collection, Inserted
from fakemilvus.engine.embedding import Embed, with_embedded
from fakemilvus.engine.instance import Instance
from fakemilvus.engine.keys import Rows
from fakemilvus.engine.merging import merge_rows
from fakemilvus.engine.routing import find_replaced, share_rows
from fakemilvus.engine.row_checks import check_rows
from fakemilvus.engine.schema import Schema
from fakemilvus.engine.segment import Segment
from fakemilvus.rpcs.rows import check_schema_timestamp
from fakemilvus.timestamptz import timezone_of
from fakemilvus.wire.columns import encode_keys
from fakemilvus.wire.dispatch import Call
from fakemilvus.wire.messages import milvus
from fakemilvus.wire.rows import decode_columns
from fakemilvus.wire.upserts import UpsertCall, check_keys_given, decode_ops, decode_upsert


def upsert(instance: Instance, call: Call) -> Any:
    """Stores rows in the place of those with the same keys, in one step; automatic keys are given anew.

    Counts what was asked for, whether it was there or not; a partial update counts as deleted what was there.
    """
    asked = decode_upsert(call.request)
    collection = instance.find_collection(call.database, asked.rows.collection)
    check_schema_timestamp(collection, asked.rows)
    deleted, stored = _store(collection, asked, instance.options.embed)
    rows = asked.rows.rows
    response = milvus.MutationResult(
        succ_index=range(rows), insert_cnt=rows, upsert_cnt=rows, delete_cnt=deleted, timestamp=stored.timestamp
    )
    encode_keys(stored.keys, response.IDs)
    return response


# -- private ---------------------------------------------------------------------------------------------------


def _store(collection: Collection, asked: UpsertCall, embed: Embed) -> tuple[int, Inserted]:
    """How many keys were deleted, and what was stored."""
    snapshot, rows = collection.seen(), asked.rows
    schema = snapshot.schema
    ops = decode_ops(asked, schema)
    partitions = find_replaced(snapshot, rows.partition)
    columns = _decode_columns(asked, schema, timezone_of(collection.properties))
    replaced = columns[schema.primary.id].values
    partial = asked.partial or bool(ops)
    columns = with_embedded(schema, columns, rows.rows, embed, collection.definition.properties, partial=partial)
    if partial:
        if not partitions <= snapshot.loaded:
            raise errors.CollectionNotLoaded(collection=collection.id, within="failed to query")
        merged = merge_rows(snapshot.within(partitions), columns, rows.rows, ops)
        columns, replaced = merged.columns, merged.replaced
    checked = check_rows(schema, columns, rows.rows, keys_allowed=True, merged=partial)
    if schema.primary.auto_id:
        checked = {i: column for i, column in checked.items() if i != schema.primary.id}

    def find(segment: Segment) -> Rows:
        return segment.find_keys(replaced)

    shares = share_rows(snapshot, rows.partition, checked)
    return len(replaced), collection.insert(checked, rows.rows, shares, replaced=find, replaced_in=partitions)


def _decode_columns(asked: UpsertCall, schema: Schema, timezone: str) -> Mapping[int, Column]:
    """What was sent; the primary key is among it, and no key comes twice."""
    check_keys_given(asked, schema.primary)
    columns = decode_columns(asked.rows, schema, timezone)
    if schema.primary.id not in columns:
        raise errors.FieldMissing(field=schema.primary.name)
    keys = columns[schema.primary.id].values
    distinct = len(set(keys.tolist())) if keys.dtype.kind == "T" else len(np.unique(keys))
    if distinct < len(keys):
        raise errors.DuplicateKeys
    return columns


RPCS = {"Upsert": upsert}
