"""The instance: every collection and alias by name, and what all of them share (clock, builds, options).

Lock order is instance -> collection: the instance's lock guards names only and is never held across work on rows.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from fakemilvus import errors, limits
from fakemilvus.clock import Clock
from fakemilvus.engine.builds import Builds
from fakemilvus.engine.collection import Collection, Definition
from fakemilvus.engine.disposal import Disposal
from fakemilvus.engine.options import Options
from fakemilvus.engine.schema_checks import check_name

DEFAULT_DATABASE = "default"


@dataclass(slots=True)
class Database:
    """The names of one database; an alias maps to the collection's own name."""

    name: str
    id: int
    collections: dict[str, Collection] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)


class Instance:
    """One simulated Milvus."""

    def __init__(self, options: Options, clock: Clock) -> None:
        self.options = options
        self.clock = clock
        self.builds = Builds(clock, options.build_threads)
        self._disposal = Disposal()
        self._lock = threading.Lock()  # guards the names in _databases, and the replacement of _databases
        self._databases = _fresh()

    # -- collections -----------------------------------------------------------------------------------------------

    def check_database(self, name: str) -> None:
        """Raises DatabaseNotFound for the name of no database."""
        self._find_database(name)

    def find_collection(self, database: str, name: str) -> Collection:
        """Like ``look_up``, but a name that no collection can have is refused first, as most rpcs do."""
        check_name(name, "name")
        return self.look_up(database, name)

    def look_up(self, database: str, name: str) -> Collection:
        """The collection of this name or alias; CollectionNotFound when there is none."""
        names = self._find_database(database)
        with self._lock:
            found = names.collections.get(names.aliases.get(name, name))
        if found is None and not name:
            raise errors.CollectionNotFoundAnywhere(collection=0)  # Milvus then looks for an id, and there is none
        if found is None:
            raise errors.CollectionNotFound(database=database, collection=name)
        return found

    def collections(self, database: str) -> list[Collection]:
        """Every collection of a database, oldest first."""
        names = self._find_database(database)
        with self._lock:
            return list(names.collections.values())

    def create_collection(self, database: str, definition: Definition) -> None:
        """Makes a collection; an identical one is there already without complaint, any other is refused."""
        names = self._find_database(database)
        with self._lock:
            if definition.name in names.aliases:
                raise errors.CollectionNameIsAlias(database=database, alias=definition.name)
            held = names.collections.get(definition.name)
            if held is not None and held.definition != definition:
                raise errors.CollectionDiffers(collection=definition.name)
            if held is None:
                if len(names.collections) >= limits.MAX_COLLECTIONS:
                    raise errors.CollectionNumLimitExceeded(database=database, limit=limits.MAX_COLLECTIONS)
                made = Collection(definition, self.clock, self.builds, self.options)
                names.collections[definition.name] = made

    def drop_collection(self, database: str, name: str) -> None:
        """Forgets a collection at once; one that does not exist is dropped without complaint."""
        names = self._find_database(database)
        with self._lock:
            if name in names.aliases:
                raise errors.DropByAlias(alias=name)
            aliases = [alias for alias, of in names.aliases.items() if of == name]
            if aliases:
                raise errors.CollectionHasAliases(collection=name, aliases=" ".join(aliases))
            dropped = names.collections.pop(name, None)
        if dropped is not None:
            dropped.close()
            self._disposal.dispose(dropped)

    # -- aliases ---------------------------------------------------------------------------------------------------

    def aliases(self, database: str, collection: str = "") -> list[str]:
        """The aliases of a collection, which may itself be named by an alias, or of the whole database."""
        names = self._find_database(database)
        with self._lock:
            collection = names.aliases.get(collection, collection)
            if collection and collection not in names.collections:
                raise errors.ListedCollectionNotFound(collection=collection)
            return [alias for alias, of in names.aliases.items() if collection in ("", of)]

    def find_alias(self, database: str, alias: str) -> str:
        """The name of the collection behind an alias."""
        names = self._find_database(database)
        with self._lock:
            found = names.aliases.get(alias)
        if found is None:
            raise errors.AliasNotFound(database=database, alias=alias)
        return found

    def create_alias(self, database: str, alias: str, collection: str) -> None:
        """Binds a new alias; binding it to the same collection again is no complaint. An alias names its collection."""
        names = self._find_database(database)
        with self._lock:
            collection = names.aliases.get(collection, collection)
            if alias in names.collections:
                raise errors.AliasCollectionNameConflict(database=database, alias=alias)
            if collection not in names.collections:
                raise errors.AliasedCollectionNotFound(database=database, collection=collection)
            other = names.aliases.get(alias, collection)
            if other != collection:
                raise errors.AliasAlreadyExist(database=database, alias=alias, collection=other)
            names.aliases[alias] = collection

    def alter_alias(self, database: str, alias: str, collection: str) -> None:
        """Binds an existing alias to another collection."""
        names = self._find_database(database)
        with self._lock:
            collection = names.aliases.get(collection, collection)
            if alias in names.collections:
                raise errors.AliasCollectionNameConflict(database=database, alias=alias)
            if collection not in names.collections:
                raise errors.CollectionNotFoundAnywhere(collection=collection)
            if alias not in names.aliases:
                raise errors.AliasNotFound(database=database, alias=alias)
            names.aliases[alias] = collection

    def drop_alias(self, database: str, alias: str) -> None:
        """Forgets an alias; one that does not exist is dropped without complaint."""
        names = self._find_database(database)
        with self._lock:
            names.aliases.pop(alias, None)

    # -- the whole -------------------------------------------------------------------------------------------------

    def reset(self) -> None:
        """Forgets everything at once; timestamps and ids go on, so nothing a client kept can match again."""
        with self._lock:
            forgotten, self._databases = self._databases, _fresh()
        _close(forgotten)
        self.builds.reset()
        self._disposal.dispose(forgotten)

    def stop(self) -> None:
        """Ends the builds; the instance must not be used any more."""
        _close(self._databases)
        self.builds.stop()

    def database_id(self, database: str) -> int:
        return self._find_database(database).id

    def _find_database(self, name: str) -> Database:
        found = self._databases.get(name)
        if found is None:
            raise errors.DatabaseNotFound(database=name)
        return found


def _close(databases: dict[str, Database]) -> None:
    for database in databases.values():
        for collection in list(database.collections.values()):
            collection.close()


def _fresh() -> dict[str, Database]:
    return {DEFAULT_DATABASE: Database(DEFAULT_DATABASE, 1)}
