"""Segments: flush, what was flushed, and what is loaded. A flush is done when its rpc has answered."""

from __future__ import annotations

from typing import Any

from fakemilvus import errors
from fakemilvus.clock import physical_ms
from fakemilvus.engine.collection import Collection
from fakemilvus.engine.instance import Instance
from fakemilvus.engine.names import check_name
from fakemilvus.engine.segment import Segment
from fakemilvus.rpcs.nodes import NODE_ID
from fakemilvus.wire.dispatch import Call
from fakemilvus.wire.messages import common, milvus

STORAGE_VERSION = 2  # what Milvus 3.0 writes
PCHANNELS = [f"by-dev-rootcoord-dml_{number}" for number in range(16)]


def flush(instance: Instance, call: Call) -> Any:
    """Seals what is growing in each collection, all names being checked first."""
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


def flush_all(instance: Instance, call: Call) -> Any:
    """Seals what is growing in every collection of every database, whichever database the request names."""
    for collection in instance.all_collections():
        collection.flush()
    response = milvus.FlushAllResponse(flush_all_ts=instance.clock.timestamp())
    response.cluster_info.cluster_id = "by-dev"
    response.cluster_info.cchannel = f"{PCHANNELS[0]}_vcchan"
    response.cluster_info.pchannels.extend(PCHANNELS)
    return response


def get_flush_state(instance: Instance, call: Call) -> Any:
    """Whether these segments are flushed, and all rows of a collection up to a timestamp; unknown segments are."""
    request = call.request
    if not request.collection_name:
        found = [segment for collection in instance.all_collections() for segment in collection.snapshot.segments]
        return milvus.GetFlushStateResponse(flushed=_none_grows(found, request.segmentIDs))
    check_name(request.collection_name, "name")
    collection = instance.look_up(call.database, request.collection_name)
    flushed = _none_grows(collection.snapshot.segments, request.segmentIDs) and _reached(
        collection, request.flush_ts, instance.clock.timestamp()
    )
    return milvus.GetFlushStateResponse(flushed=flushed)


def get_flush_all_state(instance: Instance, call: Call) -> Any:
    """Whether all rows up to a timestamp, one for all channels or one each, are flushed in every database."""
    request, now = call.request, instance.clock.timestamp()
    flushed = True
    for collection in instance.all_collections():
        channels = [PCHANNELS[shard] for shard in range(collection.definition.shards)]
        timestamps = [request.flush_all_tss.get(c, 0) for c in channels] if request.flush_all_tss else []
        missing = [channel for channel, timestamp in zip(channels, timestamps, strict=False) if not timestamp]
        if missing:
            raise errors.FlushTimestampOfChannelMissing(channel=missing[0])
        if not timestamps and not request.flush_all_ts:
            raise errors.FlushTimestampMissing
        flushed = flushed and _reached(collection, max(timestamps, default=request.flush_all_ts), now)
    return milvus.GetFlushAllStateResponse(flushed=flushed)


def get_persistent_segment_info(instance: Instance, call: Call) -> Any:
    """The flushed segments of a collection, or those in the states that the request names."""
    collection = instance.look_up(call.database, call.request.collectionName)
    states = set(call.request.states) or {FLUSHED}
    response = milvus.GetPersistentSegmentInfoResponse()
    for segment in collection.snapshot.segments:
        state = FLUSHED if segment.sealed else GROWING
        if state in states:
            response.infos.add(
                state=state,
                insert_channel=collection.channels[segment.shard],
                compaction_from=segment.origin.parents if segment.origin else (),
                **_described(collection, segment),
            )
    return response


def get_query_segment_info(instance: Instance, call: Call) -> Any:
    """The loaded segments of a collection; those that grow are not listed, as in Milvus since 2.4."""
    collection = instance.look_up(call.database, call.request.collectionName)
    snapshot = collection.snapshot
    response = milvus.GetQuerySegmentInfoResponse()
    for segment in snapshot.segments:
        if segment.sealed and segment.partition_id in snapshot.loaded:
            response.infos.add(
                state=common.SegmentState.Value("Sealed"),
                nodeIds=[NODE_ID],
                mem_size=sum(column.size_bytes for column in segment.columns.values()),
                **_described(collection, segment),
            )
    return response


# -- private ---------------------------------------------------------------------------------------------------


def _described(collection: Collection, segment: Segment) -> dict[str, Any]:
    """What both kinds of answer tell. Flushed rows are found in the order of their keys, which Milvus calls sorted."""
    return {
        "segmentID": segment.id,
        "collectionID": collection.id,
        "partitionID": segment.partition_id,
        "num_rows": segment.rows,
        "level": common.SegmentLevel.Value("L2" if segment.clustered else "L1"),
        "is_sorted": segment.sealed,
        "storage_version": STORAGE_VERSION,
    }


def _none_grows(segments: Any, wanted: Any) -> bool:
    return not any(segment.id in wanted and not segment.sealed for segment in segments)


def _reached(collection: Collection, timestamp: int, now: int) -> bool:
    """Whether every row up to a timestamp is flushed, and the clock is there."""
    growing = [segment for segment in collection.snapshot.segments if not segment.sealed and segment.rows]
    return timestamp <= now and all(int(segment.timestamps[0]) > timestamp for segment in growing)


FLUSHED = common.SegmentState.Value("Flushed")
GROWING = common.SegmentState.Value("Growing")

RPCS = {
    "Flush": flush,
    "FlushAll": flush_all,
    "GetFlushState": get_flush_state,
    "GetFlushAllState": get_flush_all_state,
    "GetPersistentSegmentInfo": get_persistent_segment_info,
    "GetQuerySegmentInfo": get_query_segment_info,
}
