"""Loading: what may be searched and queried. A load is done when its rpc has answered."""

from __future__ import annotations

from typing import Any

from fakemilvus import errors
from fakemilvus.engine.instance import Instance
from fakemilvus.rpcs.partitions import check_partitions
from fakemilvus.wire.dispatch import Call
from fakemilvus.wire.messages import common, milvus


def load_collection(instance: Instance, call: Call) -> None:
    """Loads a whole collection; refused while a vector field has no index."""
    request = call.request
    if request.load_fields or request.skip_load_dynamic_field:
        raise errors.Unimplemented("loading only some fields (load_fields, skip_load_dynamic_field)")
    instance.find_collection(call.database, request.collection_name).load()


def release_collection(instance: Instance, call: Call) -> None:
    """Ends searching and querying; releasing what is not loaded is no error."""
    instance.find_collection(call.database, call.request.collection_name).release()


def get_load_state(instance: Instance, call: Call) -> Any:
    """NotExist for a missing collection, else NotLoad or Loaded."""
    try:
        collection = instance.find_collection(call.database, call.request.collection_name)
    except errors.CollectionNotFound:
        return milvus.GetLoadStateResponse(state=common.LoadState.Value("LoadStateNotExist"))
    check_partitions(call.request.partition_names, errors.PartitionNotFound)
    state = "LoadStateLoaded" if collection.snapshot.loaded else "LoadStateNotLoad"
    return milvus.GetLoadStateResponse(state=common.LoadState.Value(state))


def get_loading_progress(instance: Instance, call: Call) -> Any:
    """100 for what is loaded; what is not is refused, as in Milvus."""
    collection = instance.find_collection(call.database, call.request.collection_name)
    check_partitions(call.request.partition_names, errors.PartitionNotFound)
    if not collection.snapshot.loaded:
        raise errors.CollectionNotLoaded(collection=collection.id)
    return milvus.GetLoadingProgressResponse(progress=100, refresh_progress=100)


RPCS = {
    "LoadCollection": load_collection,
    "ReleaseCollection": release_collection,
    "GetLoadState": get_load_state,
    "GetLoadingProgress": get_loading_progress,
}
