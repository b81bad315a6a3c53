"""Databases: what they hold apart, and what is refused."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from pymilvus.grpc_gen import milvus_pb2 as milvus

from tests.conformance.making import plain_rows, schema
from tests.conformance.refusals import Refusal, check_accepted, invalid
from tests.conformance.target import Target

NO_DATABASE = Refusal(800, 1, "database not found[database={db}]", input_error=True)


@pytest.fixture
def db(target: Target) -> Iterator[str]:
    """An empty database, which is dropped in the end with what is in it."""
    name = f"conformance_{uuid.uuid4().hex[:8]}"
    target.done("CreateDatabase", db_name=name)
    yield name
    for alias in target.ask("ListAliases", db_name=name).aliases:
        target.ask("DropAlias", db_name=name, alias=alias)
    for collection in target.ask("ShowCollections", db_name=name).collection_names:
        target.ask("DropCollection", db_name=name, collection_name=collection)
    target.ask("DropDatabase", db_name=name)


@pytest.fixture
def described(target: Target) -> None:
    """Skips where databases have no properties yet."""
    if target.version < (2, 4):
        pytest.skip("DescribeDatabase and AlterDatabase came with Milvus 2.4")


def create(target: Target, db: str, name: str = "docs", **fields: Any) -> Any:
    return target.ask("CreateCollection", db_name=db, collection_name=name, schema=schema(name), **fields)


def names(target: Target, **fields: Any) -> list[str]:
    return sorted(target.done("ShowCollections", **fields).collection_names)


def test_list(target: Target, db: str) -> None:
    """ListDatabases tells the default one and those that were made, with ids and times."""
    listed = target.done("ListDatabases")
    assert {"default", db} <= set(listed.db_names)
    assert len(listed.db_names) == len(listed.created_timestamp)


def test_collections_are_apart(target: Target, db: str) -> None:
    """The same name is another collection in another database, with rows of its own."""
    check_accepted(create(target, db))
    check_accepted(target.insert("docs", plain_rows(3), 3, db_name=db))
    assert names(target, db_name=db) == ["docs"]
    assert "docs" not in names(target)
    described = target.done("DescribeCollection", db_name=db, collection_name="docs")
    assert described.db_name == db
    target.done("Flush", db_name=db, collection_names=["docs"])


def test_metadata_names_the_database(target: Target, db: str) -> None:
    """Without a name in the request the client's metadata decides; the request's own name comes first."""
    check_accepted(create(target, db))
    assert [r for r in _shown(target, db) if r == "docs"] == ["docs"]
    assert "docs" not in _shown(target, db, db_name="default")


def test_aliases_are_apart(target: Target, db: str) -> None:
    """An alias belongs to its database."""
    check_accepted(create(target, db))
    target.done("CreateAlias", db_name=db, collection_name="docs", alias="news")
    assert target.done("DescribeAlias", db_name=db, alias="news").collection == "docs"
    refusal = Refusal(1600, 1, "alias not found[database=default][alias=news]", input_error=True)
    target.refused("DescribeAlias", refusal, alias="news")


@pytest.mark.usefixtures("described")
def test_describe(target: Target, db: str) -> None:
    """DescribeDatabase tells id, time and properties; with no name the default database is meant."""
    target.done("AlterDatabase", db_name=db, properties={"database.replica.number": "2"})
    described = target.done("DescribeDatabase", db_name=db)
    assert (described.db_name, described.dbID > 0, described.created_timestamp > 0) == (db, True, True)
    assert {pair.key: pair.value for pair in described.properties} == {"database.replica.number": "2"}
    assert target.done("DescribeDatabase").db_name == "default"


@pytest.mark.usefixtures("described")
def test_alter(target: Target, db: str) -> None:
    """AlterDatabase adds, replaces and deletes properties."""
    target.done("AlterDatabase", db_name=db, properties={"a": "1", "b": "2"})
    target.done("AlterDatabase", db_name=db, properties={"b": "3"})
    target.done("AlterDatabase", db_name=db, delete_keys=["a", "never"])
    described = target.done("DescribeDatabase", db_name=db)
    assert {pair.key: pair.value for pair in described.properties} == {"b": "3"}


@pytest.mark.usefixtures("described")
def test_create_with_properties(target: Target, db: str) -> None:
    """CreateDatabase takes properties, and one of them bounds the number of collections."""
    name = f"{db}_few"
    target.done("CreateDatabase", db_name=name, properties={"database.max.collections": "1"})
    check_accepted(create(target, name))
    text = f"exceeded the limit number of collections[dbName={name}][limit=1]"
    refusal = Refusal(102, 1, text, input_error=True)
    target.refused("CreateCollection", refusal, db_name=name, collection_name="second", schema=schema("second"))
    target.done("DropCollection", db_name=name, collection_name="docs")
    target.done("DropDatabase", db_name=name)


def test_create_twice(target: Target, db: str) -> None:
    """A database that is there is not made again."""
    target.refused("CreateDatabase", invalid(f"database already exist: {db}"), db_name=db)


def test_drop(target: Target, db: str) -> None:
    """A dropped database is there no more."""
    target.done("DropDatabase", db_name=db)
    assert db not in target.done("ListDatabases").db_names
    target.refused("CreateAlias", _since_3(NO_DATABASE), {"db": db}, db_name=db, alias="a", collection_name="c")


def test_drop_what_is_not_empty(target: Target, db: str) -> None:
    """A database with a collection stays."""
    check_accepted(create(target, db))
    refusal = invalid(f"database:{db} not empty, must drop all collections before drop database")
    target.refused("DropDatabase", refusal, db_name=db)


def test_drop_default(target: Target) -> None:
    """The default database stays."""
    target.refused("DropDatabase", invalid("can not drop default database"), db_name="default")


@pytest.mark.parametrize("rpc", ["DropDatabase", "ShowCollections", "ListAliases"])
def test_missing_database(target: Target, rpc: str) -> None:
    """A database that is not there is 800."""
    db = f"nope_{uuid.uuid4().hex[:8]}"
    target.refused(rpc, _since_3(NO_DATABASE), {"db": db}, db_name=db)


@pytest.mark.parametrize("rpc", ["DescribeCollection", "DropCollection", "LoadCollection", "GetCollectionStatistics"])
def test_collection_of_a_missing_database(target: Target, rpc: str) -> None:
    """Whoever looks for a collection there is told the database is not there."""
    db = f"nope_{uuid.uuid4().hex[:8]}"
    target.refused(rpc, _since_3(NO_DATABASE), {"db": db}, db_name=db, collection_name="docs")


@pytest.mark.parametrize(
    ("db", "problem"),
    [
        ("", "database name couldn't be empty"),
        ("d" * 256, "the length of a database name must be less than 255 characters"),
        ("1a", "the first character of a database name must be an underscore or letter"),
        ("a b", "database name can only contain numbers, letters and underscores"),
        ("a-b", "database name can only contain numbers, letters and underscores"),
    ],
)
def test_bad_name(target: Target, db: str, problem: str) -> None:
    """What is no name can neither be made nor dropped: 802."""
    refusal = Refusal(802, 1, f"{problem}: invalid database name[database={db}]", input_error=True)
    target.refused("CreateDatabase", refusal, db_name=db)
    target.refused("DropDatabase", refusal, db_name=db)


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({}, "alter database with empty properties and delete keys, expected to set either properties or delete keys"),
        (
            {"properties": {"a": "1"}, "delete_keys": ["b"]},
            "alter database cannot modify properties and delete keys at the same time",
        ),
        ({"properties": {"timezone": "Nowhere/Else"}}, "unknown or invalid IANA Time Zone ID: Nowhere/Else"),
    ],
)
@pytest.mark.usefixtures("described")
def test_bad_alterations(target: Target, db: str, fields: dict[str, Any], text: str) -> None:
    """AlterDatabase wants properties or keys to delete, and time zones that exist."""
    target.refused("AlterDatabase", invalid(text, before=None), db_name=db, **fields)


@pytest.mark.usefixtures("described")
def test_alter_a_missing_database(target: Target) -> None:
    """AlterDatabase says where it looked."""
    db = f"nope_{uuid.uuid4().hex[:8]}"
    text = "failed to get database by name: database not found[database={db}]"
    refusal = Refusal(800, 1, text, input_error=True, since="3.0")
    target.refused("AlterDatabase", refusal, {"db": db}, db_name=db, properties={"a": "1"})
    target.refused("DescribeDatabase", NO_DATABASE, {"db": db}, db_name=db)
    target.refused("AlterDatabase", invalid("alter database failed, database name does not exists", before=None))


def _since_3(refusal: Refusal) -> Refusal:
    return Refusal(refusal.code, refusal.legacy, refusal.text, refusal.input_error, since="3.0")


def _shown(target: Target, metadata_db: str, **fields: Any) -> list[str]:
    """What ShowCollections tells a client whose metadata names a database."""
    request = milvus.ShowCollectionsRequest(**fields)
    return list(target.stub.ShowCollections(request, metadata=[("dbname", metadata_db)]).collection_names)
