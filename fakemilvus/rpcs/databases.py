"""Databases: create, drop, list, describe and alter. The request alone names them, never the client's own database."""

from __future__ import annotations

from typing import Any

from fakemilvus.engine.instance import Instance
from fakemilvus.wire.dispatch import Call
from fakemilvus.wire.messages import milvus
from fakemilvus.wire.pairs import add_pairs, decode_pairs


def create_database(instance: Instance, call: Call) -> None:
    """Makes a database."""
    instance.create_database(call.request.db_name, decode_pairs(call.request.properties))


def drop_database(instance: Instance, call: Call) -> None:
    """Drops an empty database; a missing one is refused."""
    instance.drop_database(call.request.db_name)


def list_databases(instance: Instance, call: Call) -> Any:
    """Every database, oldest first."""
    listed = instance.databases()
    return milvus.ListDatabasesResponse(
        db_names=[database.name for database in listed],
        created_timestamp=[database.created for database in listed],
        db_ids=[database.id for database in listed],
    )


def describe_database(instance: Instance, call: Call) -> Any:
    """Id, time of creation and properties; the empty name means the default database."""
    found = instance.describe_database(call.request.db_name)
    response = milvus.DescribeDatabaseResponse(db_name=found.name, dbID=found.id, created_timestamp=found.created)
    add_pairs(response.properties, found.properties)
    return response


def alter_database(instance: Instance, call: Call) -> None:
    """Sets properties or deletes some; those that are not there may be deleted too."""
    request = call.request
    instance.alter_database(request.db_name, decode_pairs(request.properties), request.delete_keys)


RPCS = {
    "CreateDatabase": create_database,
    "DropDatabase": drop_database,
    "ListDatabases": list_databases,
    "DescribeDatabase": describe_database,
    "AlterDatabase": alter_database,
}
