"""What is loaded of a collection: pure steps from one snapshot to the next, in Milvus' words where it refuses.

As in Milvus 3.0 a collection is loaded or not, with some of its partitions; a partition that is created while
anything is loaded is loaded too. Fields that are left out can be read all the same: Milvus 3.0 fetches them when they
are asked for (ShouldLoadField of segcore's Schema.h only chooses what is fetched at once).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from fakemilvus import errors
from fakemilvus.engine.go_values import parse_bool
from fakemilvus.engine.schema import Field
from fakemilvus.engine.snapshot import Partition, Snapshot


@dataclass(frozen=True, slots=True)
class LoadCall:
    """What a load asks for. No ``partitions`` means the whole collection, no ``fields`` every field."""

    partitions: tuple[str, ...] | None = None
    fields: tuple[str, ...] = ()
    skip_dynamic: bool = False
    replicas: int = 1
    refresh: bool = False


EVERYTHING = LoadCall()
SKIP_LOAD = "field.skipLoad"


def loaded(
    snapshot: Snapshot, collection: str, collection_id: int, asked: LoadCall, nodes: int | None = None
) -> Snapshot:
    """The snapshot after a load; refused while an index is missing, as long as there is no such field or partition.

    A refresh changes nothing, as everything is up to date always, but wants something to be loaded. ``nodes`` is how
    many replicas there can be, None for any number.
    """
    fields = _chosen_fields(snapshot, asked)
    _check_indexed(snapshot, collection, fields)
    partitions = _chosen_partitions(snapshot, asked)
    if asked.refresh:
        if not snapshot.loaded:
            raise errors.CollectionNotLoaded(collection=collection_id, within=_caller(asked))
        return snapshot
    _check_nodes(snapshot, asked, nodes)
    if asked.partitions is not None and snapshot.loaded and snapshot.replicas != asked.replicas:
        raise errors.ReplicasOfLoadedPartitions(loaded=snapshot.replicas, asked=asked.replicas)
    everything = len(fields) == len(snapshot.schema.stored)
    return replace(
        snapshot,
        loaded=snapshot.loaded | {partition.id for partition in partitions},
        load_fields=None if everything else frozenset(field.id for field in fields),
        replicas=asked.replicas,
    )


def released(snapshot: Snapshot, partitions: Sequence[str] | None = None) -> Snapshot:
    """The snapshot after a release, of everything or of some partitions; the last one releases the collection."""
    gone = snapshot.loaded
    if partitions is not None:
        gone = frozenset(snapshot.find_partition(name).id for name in partitions)
        if not gone:
            raise errors.NoPartitionToRelease
    left = snapshot.loaded - gone
    if left:
        return replace(snapshot, loaded=left)
    return replace(snapshot, loaded=left, load_fields=None, replicas=0)


def check_loaded_partitions(snapshot: Snapshot, partitions: Iterable[Partition]) -> None:
    """Raises for the first partition that is not loaded."""
    for partition in partitions:
        if partition.id not in snapshot.loaded:
            raise errors.PartitionNotLoaded(partition=partition.id)


def check_skipped(fields: Iterable[Field], sub_fields: Iterable[Field]) -> None:
    """Raises where a schema says of a key, or of every vector field, that loads leave it out."""
    vectors = sum(_is_skipped(field) is False for field in sub_fields if field.holds_vectors)
    for field in fields:
        if not _is_skipped(field):
            vectors += field.is_vector
            continue
        for kind, is_key in _KEYS.items():
            if is_key(field):
                raise errors.KeySkipped(kind=kind, field=field.name)
    if not vectors:
        raise errors.VectorsSkipped


# -- private ---------------------------------------------------------------------------------------------------


def _chosen_fields(snapshot: Snapshot, asked: LoadCall) -> list[Field]:
    """The fields that are to be loaded, the dynamic one among them unless it is to be skipped."""
    schema = snapshot.schema
    dynamic = [field for field in schema.stored if field.is_dynamic and not asked.skip_dynamic]
    if not asked.fields:
        return [field for field in (*schema.fields, *schema.sub_fields, *dynamic) if not _skips(field)]
    missing = next((name for name in asked.fields if name not in schema.by_name), None)
    if missing is not None:
        raise errors.LoadFieldNotFound(field=missing)
    chosen = [field for field in schema.stored if field.name in asked.fields or field in dynamic]
    listed = " ".join(asked.fields)
    if schema.primary not in chosen:
        raise errors.LoadWithoutPrimaryKey(fields=listed, primary=schema.primary.name)
    if not any(field.is_vector for field in chosen):
        raise errors.LoadWithoutVector(fields=listed)
    key = schema.partition_key
    if key is not None and key not in chosen:
        raise errors.LoadWithoutPartitionKey(fields=listed, key=key.name)
    return chosen


def _check_indexed(snapshot: Snapshot, collection: str, fields: Iterable[Field]) -> None:
    """Raises as long as there is no index at all, or a vector field has none."""
    if not snapshot.indexes:
        raise errors.IndexNotFoundOnCollection(collection=collection)
    bare = [field.name for field in fields if field.holds_vectors and snapshot.index_of(field.id) is None]
    if bare:
        raise errors.VectorFieldNotIndexed(fields=" ".join(bare))


def _check_nodes(snapshot: Snapshot, asked: LoadCall, nodes: int | None) -> None:
    """Refuses more replicas than nodes; a whole collection that is loaded already may be given more."""
    if nodes is None or asked.replicas <= nodes or (asked.partitions is None and snapshot.loaded):
        return
    within = ": ".join(filter(None, [_caller(asked), f"when load {asked.replicas} replica count"]))
    raise errors.TooFewNodes(nodes=nodes, replicas=asked.replicas, within=within)


def _caller(asked: LoadCall) -> str:
    """What Milvus' proxy wraps around what it was told of a load."""
    return "call query coordinator LoadCollection" if asked.partitions is None else ""


def _chosen_partitions(snapshot: Snapshot, asked: LoadCall) -> list[Partition]:
    if asked.partitions is None:
        return list(snapshot.partitions)
    if not asked.partitions:
        raise errors.NoPartitionToLoad
    return [snapshot.find_partition(name) for name in asked.partitions]


def _skips(field: Field) -> bool:
    """Whether loads that name no fields leave it out; what is no truth value says nothing."""
    return bool(parse_bool(dict(field.type_params).get(SKIP_LOAD, "false")))


def _is_skipped(field: Field) -> bool:
    text = dict(field.type_params).get(SKIP_LOAD, "false")
    if parse_bool(text) is None:
        raise errors.SkipUnreadable(value=text)
    return _skips(field)


_KEYS: dict[str, Callable[[Field], bool]] = {
    "Primary key": lambda field: field.is_primary,
    "Partition Key": lambda field: field.is_partition_key,
    "Clustering Key": lambda field: field.is_clustering_key,
}
