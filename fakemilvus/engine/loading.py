"""What is loaded of a collection: pure steps from one snapshot to the next, in Milvus' words where it refuses."""

from __future__ import annotations

from dataclasses import replace

from fakemilvus import errors
from fakemilvus.engine.snapshot import Snapshot


def check_indexed(snapshot: Snapshot, collection: str) -> None:
    """Raises as long as there is no index at all, or a vector field has none."""
    if not snapshot.indexes:
        raise errors.IndexNotFoundOnCollection(collection=collection)
    bare = [field.name for field in snapshot.schema.vector_fields if snapshot.index_of(field.id) is None]
    if bare:
        raise errors.VectorFieldNotIndexed(fields=" ".join(bare))


def loaded(snapshot: Snapshot) -> Snapshot:
    """The whole collection loaded, partitions to come included."""
    everything = frozenset(partition.id for partition in snapshot.partitions)
    return replace(snapshot, loaded=everything, loaded_whole=True, replicas=1)


def released(snapshot: Snapshot) -> Snapshot:
    """Nothing loaded."""
    return replace(snapshot, loaded=frozenset(), loaded_whole=False, load_fields=None, replicas=0)
