"""Segments: flush, and what was flushed."""

from __future__ import annotations

from typing import Any

from fakemilvus.clock import physical_ms
from fakemilvus.engine.instance import Instance
from fakemilvus.wire.dispatch import Call
from fakemilvus.wire.messages import common, milvus


def flush(instance: Instance, call: Call) -> Any:
    """Seals what is growing in each collection; done when this answers, all names being checked first."""
    names = call.request.collection_names
    collections = dict(zip(names, instance.look_up_all(call.database, names), strict=True))
    response = milvus.FlushResponse(db_name=call.database)
    for name, collection in collections.items():
        sealed, timestamp = collection.flush()
        earlier = [s.id for s in collection.snapshot.segments if s.sealed and s.id not in sealed]
        response.coll_segIDs[name].data.extend(sealed)
        response.flush_coll_segIDs[name].data.extend(earlier)
        response.coll_seal_times[name] = physical_ms(timestamp) // 1000
        response.coll_flush_ts[name] = timestamp
    return response


def get_flush_state(instance: Instance, call: Call) -> Any:
    """Always flushed: a flush is done when its rpc has answered, and Milvus says so of unknown segments too."""
    return milvus.GetFlushStateResponse(flushed=True)


def get_persistent_segment_info(instance: Instance, call: Call) -> Any:
    """The flushed segments of a collection."""
    collection = instance.look_up(call.database, call.request.collectionName)
    response = milvus.GetPersistentSegmentInfoResponse()
    for segment in collection.snapshot.segments:
        if segment.sealed:
            response.infos.add(
                segmentID=segment.id,
                collectionID=collection.id,
                partitionID=segment.partition_id,
                num_rows=segment.rows,
                state=common.SegmentState.Value("Flushed"),
                level=common.SegmentLevel.Value("L1"),
            )
    return response


RPCS = {
    "Flush": flush,
    "GetFlushState": get_flush_state,
    "GetPersistentSegmentInfo": get_persistent_segment_info,
}
