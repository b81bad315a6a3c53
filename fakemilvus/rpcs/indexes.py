"""Indexes: define, describe, watch and drop. The request's field_name is passed over by all but CreateIndex, as in
Milvus: only the index's name selects.
"""

from __future__ import annotations

from typing import Any

from fakemilvus import errors
from fakemilvus.engine.index import Counters, Index
from fakemilvus.engine.index_changes import altered, check_changes
from fakemilvus.engine.instance import Instance
from fakemilvus.wire.dispatch import Call
from fakemilvus.wire.indexes import encode_index
from fakemilvus.wire.messages import milvus
from fakemilvus.wire.pairs import decode_pairs


def create_index(instance: Instance, call: Call) -> None:
    """Defines an index and returns at once; its segments are built in the background."""
    request = call.request
    collection = instance.look_up(call.database, request.collection_name)
    collection.create_index(request.field_name, request.index_name, decode_pairs(request.extra_params))


def alter_index(instance: Instance, call: Call) -> None:
    """Sets or deletes how an index is kept (mmap.enabled, warmup), while nothing is loaded; no build starts anew."""
    request = call.request
    given, gone = decode_pairs(request.extra_params), list(request.delete_keys)
    check_changes(given, gone)
    collection = instance.look_up(call.database, request.collection_name)
    collection.change(lambda of: altered(of, request.index_name, given, gone, request.collection_name))


def describe_index(instance: Instance, call: Call) -> Any:
    """Definition, state and row counters of one index, or of all: the progress that clients watch."""
    request = call.request
    collection = instance.find_collection(call.database, request.collection_name)
    found = collection.snapshot.find_index(request.index_name)
    if not found and not request.index_name:
        raise errors.IndexNotFoundOnCollection(collection=request.collection_name)
    response = milvus.DescribeIndexResponse()
    for index in found or _none(request.index_name):
        counters = instance.builds.read(collection.definition.name, index, request.timestamp)
        encode_index(index, counters, response.index_descriptions.add())
    return response


def get_index_statistics(instance: Instance, call: Call) -> Any:
    """Like DescribeIndex, but the state is that of every segment and no row is called pending, as in Milvus."""
    response = milvus.GetIndexStatisticsResponse()
    collection, found = _find_named(instance, call)
    for index in found:
        description = response.index_descriptions.add()
        encode_index(index, instance.builds.read(collection, index, _NEWEST), description)
        description.field_name = index.field.name
        description.pending_index_rows = 0
    return response


def get_index_state(instance: Instance, call: Call) -> Any:
    """The state of one index; ambiguous without a name where there are several."""
    counters = _read_only(instance, call)
    return milvus.GetIndexStateResponse(state=int(counters.state), fail_reason=counters.fail_reason)


def get_index_build_progress(instance: Instance, call: Call) -> Any:
    """Total and indexed rows of one index; ambiguous without a name where there are several."""
    counters = _read_only(instance, call)
    return milvus.GetIndexBuildProgressResponse(total_rows=counters.total_rows, indexed_rows=counters.indexed_rows)


def drop_index(instance: Instance, call: Call) -> None:
    """Drops an index at once, in the middle of its build too; a missing one is no error."""
    collection = instance.look_up(call.database, call.request.collection_name)
    collection.drop_index(call.request.index_name)


def _find_named(instance: Instance, call: Call) -> tuple[str, tuple[Index, ...]]:
    """The collection's own name, and its indexes that the request means."""
    name = call.request.index_name
    collection = instance.find_collection(call.database, call.request.collection_name)
    return collection.definition.name, collection.snapshot.find_index(name) or _none(name)


def _read_only(instance: Instance, call: Call) -> Counters:
    """A reading of the one index that the request means."""
    collection, found = _find_named(instance, call)
    if len(found) > 1:
        raise errors.IndexDuplicate(index=call.request.index_name)
    return instance.builds.read(collection, found[0])


def _none(name: str) -> tuple[Index, ...]:
    raise errors.IndexNotFound(index=name)


_NEWEST = 2**64 - 1

RPCS = {
    "CreateIndex": create_index,
    "AlterIndex": alter_index,
    "DescribeIndex": describe_index,
    "GetIndexStatistics": get_index_statistics,
    "GetIndexState": get_index_state,
    "GetIndexBuildProgress": get_index_build_progress,
    "DropIndex": drop_index,
}
