"""The instance: every collection and alias by name, and what all of them share (clock, builds, options).

Lock order is instance -> collection: the instance's lock guards names only and is never held across work on rows.
At most it waits for a writer that copies its own: where the whole is kept, replaced or forgotten, or a collection is.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from fakemilvus import errors, limits
from fakemilvus.clock import Clock
from fakemilvus.engine.builds import Builds
from fakemilvus.engine.compactions import Compactions
from fakemilvus.engine.database import (
    DEFAULT_DATABASE,
    Database,
    check_database_name,
    check_properties,
    check_renamable,
)
from fakemilvus.engine.disposal import Disposal
from fakemilvus.engine.names import check_name
from fakemilvus.engine.options import Options
from fakemilvus.engine.quota import Quota
from fakemilvus.engine.state import DatabaseState, State, freeze

if TYPE_CHECKING:
    from fakemilvus.engine.collection import Collection
    from fakemilvus.engine.definition import Definition
    from fakemilvus.engine.schema import Pairs


class Instance:
    """One simulated Milvus."""

    def __init__(self, options: Options, clock: Clock) -> None:
        self.options = options
        self.clock = clock
        self.builds = Builds(clock, options.build_threads, options.builds)
        self.compactions = Compactions(clock)
        self.quota = Quota(options.memory_limit_mib)
        self.identifiers = count(1)  # of clients: their number, since a client that asks twice must not move the clock
        self._first_options = options
        self._owner = object()  # tells this instance's states from those of others
        self._disposal = Disposal()
        self._lock = threading.Lock()  # guards the names in _databases, and the replacement of _databases
        self._databases = _fresh(self.clock)
        self._by_id: WeakValueDictionary[int, Collection] = WeakValueDictionary()  # of any database, dropped ones too
        self._kept: State | None = None  # what a stopped instance holds

    # -- databases -------------------------------------------------------------------------------------------------

    def create_database(self, name: str, properties: Pairs) -> None:
        """Makes a database; one of that name that exists is refused."""
        check_database_name(name)
        check_properties(properties)
        with self._lock:
            if name in self._databases:
                raise errors.DatabaseExists(database=name)
            if len(self._databases) > limits.MAX_DATABASES:
                raise errors.DatabaseNumLimitExceeded(limit=limits.MAX_DATABASES)
            created = self.clock.timestamp()
            self._databases[name] = Database(name, self.clock.timestamp(), created, properties)

    def drop_database(self, name: str) -> None:
        """Forgets an empty database; the default one stays."""
        check_database_name(name)
        with self._lock:
            if name == DEFAULT_DATABASE:
                raise errors.DefaultDatabaseDropped
            if self._find_database(name).collections:
                raise errors.DatabaseNotEmpty(database=name)
            del self._databases[name]

    def databases(self) -> list[DatabaseState]:
        """What each database is called and has been given, without its collections; oldest first."""
        with self._lock:
            return [_described(database) for database in self._databases.values()]

    def describe_database(self, name: str) -> DatabaseState:
        """A database without its collections; the empty name means the default one."""
        with self._lock:
            return _described(self._find_database(name or DEFAULT_DATABASE))

    def alter_database(self, name: str, given: Pairs, gone: Iterable[str]) -> None:
        """Sets properties, or deletes some."""
        check_properties(given)
        if not name:
            raise errors.AlterDatabaseUnnamed
        with self._lock:
            try:
                found = self._find_database(name)
            except errors.DatabaseNotFound as missing:
                raise errors.DatabaseNotFound(within="failed to get database by name", **missing.facts) from None
            found.properties = found.altered(given, gone)

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
        (found,) = self.look_up_all(database, [name])
        return found

    def look_up_all(self, database: str, names: Iterable[str]) -> list[Collection]:
        """The collections of several names or aliases, all of one moment."""
        with self._lock:
            return [_look_up(self._find_database(database), name) for name in names]

    def describe(self, database: str, name: str, collection_id: int = 0) -> tuple[Collection, list[str]]:
        """A collection by name or alias, or by id where there is no name; and its aliases of the same moment."""
        with self._lock:
            names = self._find_database(database)
            found = _look_up(names, name or self._locked_name_of(names, collection_id))
            return found, names.aliases_of(found.definition.name)

    def collections(self, database: str) -> list[Collection]:
        """Every collection of a database, oldest first."""
        with self._lock:
            names = self._find_database(database)
            return list(names.collections.values())

    def all_collections(self) -> list[Collection]:
        """Every collection of every database."""
        with self._lock:
            return list(_collections(self._databases))

    def create_collection(self, database: str, definition: Definition) -> None:
        """Makes a collection; an identical one is there already without complaint, any other is refused."""
        with self._lock:
            names = self._find_database(database)
            if definition.name in names.aliases:
                raise errors.CollectionNameIsAlias(database=database, alias=definition.name)
            held = names.collections.get(definition.name)
            if held is not None and held.definition != definition:
                raise errors.CollectionDiffers(collection=definition.name)
            if held is None:
                self._locked_check_room(names)
                made = self._new(definition)
                self._by_id[made.id] = names.collections[definition.name] = made

    def drop_collection(self, database: str, name: str) -> None:
        """Forgets a collection at once; one that does not exist is dropped without complaint."""
        with self._lock:
            names = self._find_database(database)
            if name in names.aliases:
                raise errors.DropByAlias(alias=name)
            aliases = names.aliases_of(name)
            if aliases:
                raise errors.CollectionHasAliases(collection=name, aliases=" ".join(aliases))
            if name not in names.collections:
                return
            names.collections[name].close()
            self._disposal.dispose(names.collections.pop(name))

    def rename_collection(self, database: str, name: str, new_database: str, new_name: str) -> None:
        """Gives a collection another name, or another database; its aliases stay with it, but only inside one."""
        if (database, name) == (new_database, new_name):
            raise errors.RenamedToItself
        with self._lock:
            names, target = self._find_database(database), self._databases.get(new_database)
            if target is None:
                raise errors.RenamedDatabaseNotFound(database=new_database)
            check_renamable(names, name, target, new_name)
            held = names.collections.pop(name)
            target.collections[new_name] = held
            for alias in names.aliases_of(name):
                names.bind(alias, new_name)
            held.redefine(lambda definition, _: replace(definition, name=new_name))

    def truncate_collection(self, database: str, name: str) -> None:
        """Forgets every row of a collection at once."""
        self._disposal.dispose(self.find_collection(database, name).truncate())

    # -- aliases ---------------------------------------------------------------------------------------------------

    def aliases(self, database: str, collection: str = "") -> list[str]:
        """The aliases of a collection, which may itself be named by an alias, or of the whole database."""
        with self._lock:
            names = self._find_database(database)
            collection = names.aliases.get(collection, collection)
            if collection and collection not in names.collections:
                raise errors.ListedCollectionNotFound(collection=collection)
            return names.aliases_of(collection) if collection else list(names.aliases)

    def find_alias(self, database: str, alias: str) -> str:
        """The name of the collection behind an alias."""
        with self._lock:
            names = self._find_database(database)
            found = names.aliases.get(alias)
        if found is None:
            raise errors.AliasNotFound(database=database, alias=alias)
        return found

    def create_alias(self, database: str, alias: str, collection: str) -> None:
        """Binds a new alias; binding it to the same collection again is no complaint. An alias names its collection."""
        with self._lock:
            names = self._find_database(database)
            collection = names.aliases.get(collection, collection)
            if alias in names.collections:
                raise errors.AliasCollectionNameConflict(database=database, alias=alias)
            if collection not in names.collections:
                raise errors.AliasedCollectionNotFound(database=database, collection=collection)
            other = names.aliases.get(alias, collection)
            if other != collection:
                raise errors.AliasAlreadyExist(database=database, alias=alias, collection=other)
            names.bind(alias, collection)

    def alter_alias(self, database: str, alias: str, collection: str) -> None:
        """Binds an existing alias to another collection."""
        with self._lock:
            names = self._find_database(database)
            collection = names.aliases.get(collection, collection)
            if alias in names.collections:
                raise errors.AliasCollectionNameConflict(database=database, alias=alias)
            if collection not in names.collections:
                raise errors.CollectionNotFoundAnywhere(collection=collection)
            if alias not in names.aliases:
                raise errors.AliasNotFound(database=database, alias=alias)
            names.bind(alias, collection)

    def drop_alias(self, database: str, alias: str) -> None:
        """Forgets an alias; one that does not exist is dropped without complaint."""
        with self._lock:
            names = self._find_database(database)
            names.unbind(alias)

    # -- the whole -------------------------------------------------------------------------------------------------

    def reset(self) -> None:
        """Forgets everything at once; timestamps and ids go on, so nothing a client kept can match again."""
        with self._lock:
            self._locked_replace(_fresh(self.clock))
            self.builds.reset()
            self.compactions.reset()
            self.options = self._first_options

    def snapshot(self) -> State:
        """Everything that is stored and defined, at one moment between two writes."""
        with self._lock, ExitStack() as pauses:
            for collection in _collections(self._databases):
                pauses.enter_context(collection.paused)
            return State(self._owner, tuple(_freeze(database) for database in self._databases.values()))

    def restore(self, state: State) -> None:
        """Makes everything what it was; whoever is at work on what was there until now keeps that, and is not seen.

        Builds that were not finished start anew. Raises ValueError for the state of another instance.
        """
        if state.owner is not self._owner:
            raise ValueError("a state can be restored only to the server that it was taken from (see save and load)")
        with self._lock:
            self._locked_replace({database.name: self._thaw(database) for database in state.databases})
            builds = [
                build
                for database in state.databases
                for name, collection in database.collections.items()
                for build in self._databases[database.name].collections[name].rebuild(collection.failures)
            ]
        self.builds.settle(builds)

    def replace_by(self, databases: tuple[DatabaseState, ...]) -> None:
        """Makes everything what ``databases`` say, which come from a file; every index is built anew."""
        self.restore(State(self._owner, databases))

    def seed(self, seed: int) -> None:
        """Trains the indexes that are started from now on with this seed, until the next reset."""
        with self._lock:
            self.options = replace(self.options, seed=seed)
            for collection in _collections(self._databases):
                collection.reseed(seed)

    def start(self) -> None:
        """Goes on where ``stop`` left off: all that was stored is there, and unfinished builds start anew."""
        if self._kept is not None:
            self.builds.start()
            self.compactions.resume()
            self.restore(self._kept)
            self._kept = None

    def stop(self) -> None:
        """Ends the builds and waits until memory is freed; only ``start`` may be called then."""
        if self._kept is None:
            self._kept = self.snapshot()
            _close(self._databases)
            self.compactions.stop()
            self.builds.stop()
        self._disposal.wait()

    def database_id(self, database: str) -> int:
        return self._find_database(database).id

    def _locked_check_room(self, database: Database) -> None:
        """Raises where one more collection is too many, for the database or for the whole server."""
        database.check_room()
        if sum(len(held.collections) for held in self._databases.values()) >= limits.MAX_COLLECTIONS:
            raise errors.CollectionNumLimitExceeded(database=database.name, limit=limits.MAX_COLLECTIONS)

    def _thaw(self, state: DatabaseState) -> Database:
        thawed = Database(state.name, state.id, state.created, state.properties)
        for alias, collection in state.aliases.items():
            thawed.bind(alias, collection)
        for name, kept in state.collections.items():
            made = self._new(kept.definition)
            made.resume(kept)
            self._by_id[made.id] = thawed.collections[name] = made
        return thawed

    def _new(self, definition: Definition) -> Collection:
        from fakemilvus.engine.collection import Collection  # late: half of the engine, and the whole of numpy

        return Collection(definition, self.clock, self.builds, self.options, self.quota)

    def _locked_name_of(self, names: Database, collection_id: int) -> str:
        """The name of the collection with this id, or the id itself where the database has none."""
        found = self._by_id.get(collection_id)
        known = found is not None and names.collections.get(found.definition.name) is found
        return found.definition.name if found is not None and known else str(collection_id)

    def _locked_replace(self, databases: dict[str, Database]) -> None:
        """Puts other databases in the place of those that are there, whose builds end and whose memory is freed."""
        _close(self._databases)
        self._disposal.dispose(self._locked_swap(databases))

    def _locked_swap(self, databases: dict[str, Database]) -> dict[str, Database]:
        """Puts other databases in place and returns the old ones, so that no frame but the caller's refers to them."""
        forgotten, self._databases = self._databases, databases
        return forgotten

    def _find_database(self, name: str) -> Database:
        found = self._databases.get(name)
        if found is None:
            raise errors.DatabaseNotFound(database=name)
        return found


def _look_up(names: Database, name: str) -> Collection:
    found = names.collections.get(names.aliases.get(name, name))
    if found is None and not name:
        raise errors.CollectionNotFoundAnywhere(collection=0)  # Milvus then looks for an id, and there is none
    if found is None:
        raise errors.CollectionNotFound(database=names.name, collection=name)
    return found


def _collections(databases: dict[str, Database]) -> Iterator[Collection]:
    for database in databases.values():
        yield from database.collections.values()


def _close(databases: dict[str, Database]) -> None:
    for collection in _collections(databases):
        collection.close()


def _freeze(database: Database) -> DatabaseState:
    collections = {name: freeze(collection) for name, collection in database.collections.items()}
    return replace(_described(database), collections=collections, aliases=dict(database.aliases))


def _described(database: Database) -> DatabaseState:
    return DatabaseState(database.name, database.id, database.created, database.properties, {}, {})


def _fresh(clock: Clock) -> dict[str, Database]:
    return {DEFAULT_DATABASE: Database(DEFAULT_DATABASE, 1, clock.timestamp())}
