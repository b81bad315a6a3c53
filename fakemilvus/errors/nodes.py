"""What is refused of nodes, replicas and resource groups."""

from __future__ import annotations

from fakemilvus.errors.core import MilvusError


class CollectionNotFullyLoaded(MilvusError):
    code = 103
    retriable = True
    template = "collection not fully loaded[collection={collection}]"


class NodeNotFound(MilvusError):
    code = 901
    template = "node not found[node={node}]"


class SegmentNotFound(MilvusError):
    code = 600
    template = "segment not found[segment={segment}]"


class MetricNotFound(MilvusError):
    code = 1200
    template = "metric not found[metric={metric}]"
