"""Aliases: second names of collections."""

from __future__ import annotations

from typing import Any

from fakemilvus.engine.instance import Instance
from fakemilvus.engine.names import check_name
from fakemilvus.wire.dispatch import Call
from fakemilvus.wire.messages import milvus


def create_alias(instance: Instance, call: Call) -> None:
    """Binds an alias to a collection."""
    _check_names(call)
    instance.create_alias(call.database, call.request.alias, call.request.collection_name)


def alter_alias(instance: Instance, call: Call) -> None:
    """Binds an existing alias to another collection."""
    _check_names(call)
    instance.alter_alias(call.database, call.request.alias, call.request.collection_name)


def drop_alias(instance: Instance, call: Call) -> None:
    """Drops an alias; a missing one is no error, not even under a name that no alias can have."""
    instance.drop_alias(call.database, call.request.alias)


def describe_alias(instance: Instance, call: Call) -> Any:
    """The collection behind an alias."""
    alias = call.request.alias
    check_name(alias, "alias")
    collection = instance.find_alias(call.database, alias)
    return milvus.DescribeAliasResponse(db_name=call.database, alias=alias, collection=collection)


def list_aliases(instance: Instance, call: Call) -> Any:
    """The aliases of one collection, or of the whole database."""
    name = call.request.collection_name
    if name:
        check_name(name, "name")
    aliases = instance.aliases(call.database, name)
    return milvus.ListAliasesResponse(db_name=call.database, collection_name=name, aliases=aliases)


def _check_names(call: Call) -> None:
    check_name(call.request.alias, "alias")
    check_name(call.request.collection_name, "name")


RPCS = {
    "CreateAlias": create_alias,
    "AlterAlias": alter_alias,
    "DropAlias": drop_alias,
    "DescribeAlias": describe_alias,
    "ListAliases": list_aliases,
}
