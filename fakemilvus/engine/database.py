"""Databases: names of collections and aliases, and properties that bound what may be in them.

A Database is guarded by the lock of its instance. Source of the rules: the proxy's util.go and task_database.go, and
rootcoord's meta_table.go, ddl_callbacks_alter_database.go and create_collection_task.go, Milvus 3.0.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fakemilvus import errors, limits

if TYPE_CHECKING:
    from fakemilvus.engine.collection import Collection
    from fakemilvus.engine.schema import Pairs

DEFAULT_DATABASE = "default"
MAX_COLLECTIONS = "database.max.collections"


@dataclass(slots=True)
class Database:
    """The names of one database; an alias maps to the collection's own name. ``created`` is a hybrid timestamp.

    Aliases are bound and unbound by the methods only, which also keep ``bound``, the aliases of each collection: so
    nothing has to look through all names.
    """

    name: str
    id: int
    created: int = 0
    properties: Pairs = ()
    collections: dict[str, Collection] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    bound: dict[str, dict[str, None]] = field(default_factory=dict)

    def aliases_of(self, collection: str) -> list[str]:
        """The aliases of a collection, given by its own name."""
        return list(self.bound.get(collection, ()))

    def bind(self, alias: str, collection: str) -> None:
        """Lets an alias mean a collection, whatever it meant until now."""
        self.unbind(alias)
        self.aliases[alias] = collection
        self.bound.setdefault(collection, {})[alias] = None

    def unbind(self, alias: str) -> None:
        """Forgets an alias, if there is one."""
        collection = self.aliases.pop(alias, None)
        if collection is not None:
            del self.bound[collection][alias]
            if not self.bound[collection]:
                del self.bound[collection]

    def check_room(self) -> None:
        """Raises where one more collection is too many for this database."""
        wanted = dict(self.properties).get(MAX_COLLECTIONS) or str(limits.MAX_COLLECTIONS)
        if not re.fullmatch("[+-]?[0-9]+", wanted):
            raise errors.DatabasePropertyUnreadable(key=MAX_COLLECTIONS, value=wanted)
        if len(self.collections) >= int(wanted):
            raise errors.CollectionNumLimitExceeded(database=self.name, limit=int(wanted))

    def altered(self, given: Pairs, gone: Iterable[str]) -> Pairs:
        """The properties after AlterDatabase, which sets some or deletes some, never both."""
        gone = tuple(gone)
        if not given and not gone:
            raise errors.AlterDatabaseNothing
        if given and gone:
            raise errors.AlterDatabaseBoth
        return tuple(({**dict(self.properties), **dict(given)} if given else _without(self.properties, gone)).items())


def check_renamable(source: Database, name: str, target: Database, new_name: str) -> None:
    """Raises Milvus' complaint about giving a collection another name or database."""
    if name in source.aliases:
        raise errors.RenamedByAlias(alias=name)
    if new_name in target.aliases:
        raise errors.RenamedToAlias(database=target.name, alias=new_name)
    if new_name in target.collections:
        raise errors.RenamedToTaken(database=target.name, collection=new_name)
    if name not in source.collections:
        raise errors.RenamedNotFound(database=source.name, collection=name)
    if source is not target and name in source.aliases.values():
        raise errors.RenamedWithAliases


def check_database_name(name: str) -> None:
    """The rules for the name of a database."""
    problem = ""
    if not name:
        problem = "database name couldn't be empty"
    elif len(name.encode()) > limits.MAX_NAME_LENGTH:
        problem = f"the length of a database name must be less than {limits.MAX_NAME_LENGTH} characters"
    elif not _START.match(name):
        problem = "the first character of a database name must be an underscore or letter"
    elif not _NAME.fullmatch(name):
        problem = "database name can only contain numbers, letters and underscores"
    if problem:
        raise errors.DatabaseNameInvalid(problem=problem, database=name)


def check_properties(given: Pairs) -> None:
    """Raises for a time zone that is none; every other property is kept as it is."""
    zone = next((value for key, value in given if key == "timezone"), None)
    if zone is None:
        return
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise errors.TimeZoneInvalid(zone=zone) from None


def _without(properties: Pairs, gone: tuple[str, ...]) -> dict[str, str]:
    return {key: value for key, value in properties if key not in gone}


_START = re.compile("[A-Za-z_]")
_NAME = re.compile("[A-Za-z0-9_]*")
