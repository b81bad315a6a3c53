"""Nodes: there is one, which does everything; its replicas of what is loaded, and what it says of itself."""

from __future__ import annotations

import json
import os
from typing import Any

from fakemilvus import errors
from fakemilvus.engine.instance import Instance
from fakemilvus.rpcs.system import MILVUS_VERSION
from fakemilvus.wire.dispatch import Call
from fakemilvus.wire.messages import milvus

NODE_ID = 1
ROLES = ("proxy", "rootcoord", "datacoord", "querycoord", "querynode", "datanode")  # one process has them all
RESOURCE_GROUP = "__default_resource_group"


def get_replicas(instance: Instance, call: Call) -> Any:
    """The replicas of a loaded collection, as many as its load asked for; none where nothing is loaded."""
    request = call.request
    collection, _ = instance.describe(call.database, request.collection_name, request.collectionID)
    snapshot = collection.snapshot
    response = milvus.GetReplicasResponse()
    for number in range(max(1, snapshot.replicas) if snapshot.loaded else 0):
        replica = response.replicas.add(
            replicaID=collection.id + 1 + number,
            collectionID=collection.id,
            partition_ids=sorted(snapshot.loaded),
            node_ids=[NODE_ID],
            resource_group_name=RESOURCE_GROUP,
        )
        for channel in collection.channels:
            shard = replica.shard_replicas.add(leaderID=NODE_ID, dm_channel_name=channel)
            if request.with_shard_nodes:
                shard.node_ids.append(NODE_ID)
    return response


def load_balance(instance: Instance, call: Call) -> None:
    """Moves loaded segments between nodes: from the only one to itself, which changes nothing."""
    request = call.request
    collection = instance.look_up(call.database, request.collectionName)
    snapshot = collection.snapshot
    if not snapshot.loaded:
        raise errors.CollectionNotFullyLoaded(collection=collection.id)
    if request.src_nodeID != NODE_ID:
        within = f"source node not found in any replica of collection {collection.id}"
        raise errors.NodeNotFound(node=request.src_nodeID, within=within)
    for node in request.dst_nodeIDs:
        if node != NODE_ID:
            raise errors.NodeNotFound(node=node, within="destination node not found in the same replica")
    held = {segment.id for segment in snapshot.segments if segment.sealed and segment.partition_id in snapshot.loaded}
    for segment_id in request.sealed_segmentIDs:
        if segment_id not in held:
            raise errors.SegmentNotFound(segment=segment_id, within="segment not found in source node")


def get_metrics(instance: Instance, call: Call) -> Any:
    """What the only node says of itself, once for each of its roles, as the JSON of Milvus' system_info.

    Other kinds of metrics are refused.
    """
    kind = _metric_type(call.request.request)
    if kind != "system_info":
        raise errors.MetricNotFound(metric=kind)
    nodes = [{"identifier": NODE_ID, "connected": [], "infos": _infos(instance, role)} for role in ROLES]
    return milvus.GetMetricsResponse(response=json.dumps({"nodes_info": nodes}), component_name=f"proxy{NODE_ID}")


def _infos(instance: Instance, role: str) -> dict[str, Any]:
    return {
        "name": f"{role}{NODE_ID}",
        "type": role,
        "id": NODE_ID,
        "has_error": False,
        "error_reason": "",
        "hardware_infos": {"cpu_core_count": os.cpu_count() or 1, "memory_usage": instance.quota.used_bytes},
        "system_info": {"deploy_mode": "STANDALONE", "build_version": MILVUS_VERSION},
    }


def _metric_type(text: str) -> str:
    try:
        asked = json.loads(text)
    except ValueError:
        asked = None
    if isinstance(asked, dict):
        for key in ("req_type", "metric_type"):
            if key in asked:
                return str(asked[key])
    raise errors.MetricTypeMissing


RPCS = {
    "GetReplicas": get_replicas,
    "LoadBalance": load_balance,
    "GetMetrics": get_metrics,
}
