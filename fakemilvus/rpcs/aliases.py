"""Aliases: second names of collections."""

from __future__ import annotations

from typing import Any

from fakemilvus.engine.instance import Instance
from fakemilvus.engine.schema_checks import check_name
from fakemilvus.wire.dispatch import Call
from fakemilvus.wire.messages import milvus


def create_alias(instance: Instance, call: Call) -> None:
    """Binds an alias to a collection."""
    check_name(call.request.alias, "alias")
    instance.create_alias(call.database, call.request.alias, call.request.collection_name)


def alter_alias(instance: Instance, call: Call) -> None:
    """Binds an existing alias to another collection."""
    check_name(call.request.alias, "alias")
    instance.alter_alias(call.database, call.request.alias, call.request.collection_name)


def drop_alias(instance: Instance, call: Call) -> None:
    """Drops an alias; a missing one is no error."""
    check_name(call.request.alias, "alias")
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
    aliases = instance.aliases(call.database, name)
    return milvus.ListAliasesResponse(db_name=call.database, collection_name=name, aliases=aliases)


RPCS = {
    "CreateAlias": create_alias,
    "AlterAlias": alter_alias,
    "DropAlias": drop_alias,
    "DescribeAlias": describe_alias,
    "ListAliases": list_aliases,
}
