"""The state of a whole server at one moment, as frozen values: what ``snapshot`` gives and ``restore`` takes.

It shares rows, schemas and finished indexes with the collections that it was taken from, so that taking and restoring
it costs the same whatever its size. It holds no counters, no running builds, and nothing else that changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fakemilvus.engine.collection import CollectionState


@dataclass(frozen=True, slots=True)
class DatabaseState:
    """The collections by name, oldest first, and the aliases by name with the collection of each."""

    name: str
    id: int
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
