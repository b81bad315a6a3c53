"""Loading: what may be searched and queried. A load is done when its rpc has answered."""

from __future__ import annotations

from typing import Any

from fakemilvus import errors
from fakemilvus.engine.instance import Instance
from fakemilvus.engine.loading import LoadCall, check_loaded_partitions
from fakemilvus.engine.routing import refuse_managing
from fakemilvus.engine.snapshot import Snapshot
from fakemilvus.wire.dispatch import Call
from fakemilvus.wire.messages import common, milvus

DEFAULT_RESOURCE_GROUP = "__default_resource_group"


def load_collection(instance: Instance, call: Call) -> None:
    """Loads a whole collection; refused while a vector field has no index."""
    instance.find_collection(call.database, call.request.collection_name).load(_decode_load(call.request))


def load_partitions(instance: Instance, call: Call) -> None:
    """Loads some partitions beside those that are loaded already."""
    asked = _decode_load(call.request, tuple(call.request.partition_names))
    collection = instance.find_collection(call.database, call.request.collection_name)
    refuse_managing(collection.snapshot.schema, "load partitions")
    collection.load(asked)


def release_collection(instance: Instance, call: Call) -> None:
    """Ends searching and querying; releasing what is not loaded is no error."""
    instance.find_collection(call.database, call.request.collection_name).release()


def release_partitions(instance: Instance, call: Call) -> None:
    """Ends reading of some partitions; with the last one the collection is released."""
    collection = instance.find_collection(call.database, call.request.collection_name)
    refuse_managing(collection.snapshot.schema, "release partitions")
    collection.release(tuple(call.request.partition_names))


def get_load_state(instance: Instance, call: Call) -> Any:
    """NotExist for a missing collection, NotLoad where any of the named partitions is not loaded, else Loaded."""
    try:
        collection = instance.find_collection(call.database, call.request.collection_name)
    except (errors.CollectionNotFound, errors.DatabaseNotFound):
        return milvus.GetLoadStateResponse(state=common.LoadState.Value("LoadStateNotExist"))
    try:
        _check_loaded(collection.id, collection.snapshot, call)
    except (errors.CollectionNotLoaded, errors.PartitionNotLoaded):
        return milvus.GetLoadStateResponse(state=common.LoadState.Value("LoadStateNotLoad"))
    return milvus.GetLoadStateResponse(state=common.LoadState.Value("LoadStateLoaded"))


def get_loading_progress(instance: Instance, call: Call) -> Any:
    """100 for what is loaded; what is not is refused, as in Milvus."""
    collection = instance.find_collection(call.database, call.request.collection_name)
    _check_loaded(collection.id, collection.snapshot, call)
    return milvus.GetLoadingProgressResponse(progress=100, refresh_progress=100)


def _decode_load(request: Any, partitions: tuple[str, ...] | None = None) -> LoadCall:
    if set(request.resource_groups) - {DEFAULT_RESOURCE_GROUP}:
        raise errors.Unimplemented("resource groups (resource_groups of a load)")
    return LoadCall(
        partitions=partitions,
        fields=tuple(request.load_fields),
        skip_dynamic=request.skip_load_dynamic_field,
        replicas=max(1, request.replica_number),
        refresh=request.refresh,
    )


def _check_loaded(collection_id: int, snapshot: Snapshot, call: Call) -> None:
    """Raises unless the named partitions, or without names anything, are loaded."""
    partitions = [snapshot.find_partition(name) for name in call.request.partition_names]
    check_loaded_partitions(snapshot, partitions)
    if not snapshot.loaded:
        raise errors.CollectionNotLoaded(collection=collection_id)


RPCS = {
    "LoadCollection": load_collection,
    "LoadPartitions": load_partitions,
    "ReleaseCollection": release_collection,
    "ReleasePartitions": release_partitions,
    "GetLoadState": get_load_state,
    "GetLoadingProgress": get_loading_progress,
}
