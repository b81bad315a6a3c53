"""The state of a whole server at one moment, as frozen values: what ``snapshot`` gives and ``restore`` takes.

It shares rows, schemas and finished indexes with the collections that it was taken from, so that taking and restoring
it costs the same whatever its size. It holds no counters, no running builds, and nothing else that changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fakemilvus.engine.collection import Collection
    from fakemilvus.engine.definition import Definition
    from fakemilvus.engine.schema import Pairs
    from fakemilvus.engine.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class CollectionState:
    """What a collection was at one moment.

    ``failures`` maps (index id, segment id) to the reason of a build that had failed.
    """

    definition: Definition
    id: int
    created: int
    updated: int
    snapshot: Snapshot
    size_bytes: int
    failures: Mapping[tuple[int, int], str]


@dataclass(frozen=True, slots=True)
class DatabaseState:
    """The collections by name, oldest first, and the aliases by name with the collection of each."""

    name: str
    id: int
    created: int
    properties: Pairs
    collections: Mapping[str, CollectionState]
    aliases: Mapping[str, str]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class State:
    """Every database of one server; it can be restored as often as wanted, but only to that ``owner``."""

    owner: object
    databases: tuple[DatabaseState, ...]

    def __repr__(self) -> str:
        held = [
            f"{name}: {sum(segment.rows for segment in collection.snapshot.segments)} rows"
            for database in self.databases
            for name, collection in database.collections.items()
        ]
        return f"<State of {', '.join(held) or 'an empty server'}>"


def freeze(collection: Collection) -> CollectionState:
    """The state at this moment; the caller holds ``collection.paused``. Copies no row: no view of them ever changes."""
    from fakemilvus.engine.index import IndexState

    snapshot = collection.snapshot
    failures = {
        (index.id, segment.segment_id): segment.reason
        for index in snapshot.indexes
        for segment in index.tracker.progress.segments
        if segment.state is IndexState.FAILED
    }
    return CollectionState(
        definition=collection.definition,
        id=collection.id,
        created=collection.created,
        updated=collection.definition.updated,
        snapshot=_marked(snapshot),
        size_bytes=collection.size_bytes,
        failures=failures,
    )


def _marked(snapshot: Snapshot) -> Snapshot:
    """The snapshot with None attached where rows count as indexed and are searched exactly.

    So they are restored as finished too, also while a rule would make them wait if they came anew.
    """
    from fakemilvus.engine.index import IndexState

    counted = [
        (index.id, {s.segment_id for s in index.tracker.progress.segments if s.state is IndexState.FINISHED})
        for index in snapshot.indexes
    ]
    segments = list(snapshot.segments)
    for number, segment in enumerate(segments):
        exact = [i for i, finished in counted if segment.id in finished and i not in segment.built]
        if exact:
            segments[number] = replace(segment, built={**segment.built, **dict.fromkeys(exact)})
    return replace(snapshot, segments=tuple(segments))
