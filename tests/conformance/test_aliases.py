"""Aliases: second names of collections, and what they refuse."""

from __future__ import annotations

import pytest

from tests.conformance.making import plain_rows, random_vectors, schema
from tests.conformance.refusals import Refusal, always_invalid, check_accepted, invalid
from tests.conformance.target import Collections, Target

NO_COLLECTION = Refusal(100, 4, "collection not found[database=default][collection={collection}]")
NO_ALIAS = Refusal(1600, 1, "alias not found[database=default][alias={alias}]", input_error=True)
CONFLICT = Refusal(1601, 1, "alias and collection name conflict[database=default][alias={alias}]")


@pytest.fixture
def name(collections: Collections) -> str:
    return collections.make()


@pytest.fixture
def alias(target: Target, name: str, collections: Collections) -> str:
    """An alias of that collection."""
    alias = collections.alias()
    target.done("CreateAlias", collection_name=name, alias=alias)
    return alias


def test_describe(target: Target, name: str, alias: str) -> None:
    """DescribeAlias tells the collection."""
    response = target.done("DescribeAlias", alias=alias)
    assert (response.alias, response.collection) == (alias, name)


def test_list_of_a_collection(target: Target, name: str, alias: str, collections: Collections) -> None:
    """ListAliases tells the aliases of one collection."""
    second = collections.alias()
    target.done("CreateAlias", collection_name=name, alias=second)
    assert sorted(target.done("ListAliases", collection_name=name).aliases) == sorted([alias, second])


def test_list_of_the_database(target: Target, alias: str) -> None:
    """Without a collection, those of the whole database."""
    assert alias in target.done("ListAliases").aliases


def test_collection_knows_its_aliases(target: Target, name: str, alias: str) -> None:
    """DescribeCollection tells them too."""
    assert list(target.done("DescribeCollection", collection_name=name).aliases) == [alias]


def test_describe_collection_by_alias(target: Target, name: str, alias: str) -> None:
    """By its alias, a collection is described with the alias as its name; the schema has its own."""
    described = target.done("DescribeCollection", collection_name=alias)
    assert (described.collection_name, described.schema.name) == (alias, name)


def test_has_collection_by_alias(target: Target, alias: str) -> None:
    """HasCollection takes an alias for a collection."""
    assert target.done("HasCollection", collection_name=alias).value


def test_alter(target: Target, alias: str, collections: Collections) -> None:
    """AlterAlias binds the alias to another collection."""
    other = collections.make()
    target.done("AlterAlias", collection_name=other, alias=alias)
    assert target.done("DescribeAlias", alias=alias).collection == other


def test_drop(target: Target, alias: str) -> None:
    """A dropped alias is not found any more."""
    target.done("DropAlias", alias=alias)
    target.refused("DescribeAlias", NO_ALIAS, {"alias": alias}, alias=alias)


def test_drop_nothing(target: Target, collections: Collections) -> None:
    """Dropping an alias that is not there succeeds."""
    target.done("DropAlias", alias=collections.alias())


def test_create_again(target: Target, name: str, alias: str) -> None:
    """The same alias of the same collection again is no error."""
    target.done("CreateAlias", collection_name=name, alias=alias)


def test_create_for_another(target: Target, alias: str, name: str, collections: Collections) -> None:
    """An alias that is taken cannot be created for another collection."""
    other = collections.make()
    text = "{alias} is alias to another collection: {name}: alias already exist[database=default][alias={alias}]"
    refusal = Refusal(1602, 1, text)
    target.refused("CreateAlias", refusal, {"alias": alias, "name": name}, collection_name=other, alias=alias)


def test_create_for_nothing(target: Target, collections: Collections) -> None:
    """An alias needs a collection."""
    missing = collections.name()
    target.refused(
        "CreateAlias", NO_COLLECTION, {"collection": missing}, collection_name=missing, alias=collections.alias()
    )


def test_create_for_an_alias(target: Target, name: str, alias: str, collections: Collections) -> None:
    """An alias of an alias means the collection; 2.3.5 refused it."""
    if target.version < (3, 0):
        pytest.skip("since Milvus 3.0")
    second = collections.alias()
    target.done("CreateAlias", collection_name=alias, alias=second)
    assert target.done("DescribeAlias", alias=second).collection == name


def test_create_by_the_name_of_a_collection(target: Target, name: str, collections: Collections) -> None:
    """A collection's name cannot be an alias."""
    other = collections.make()
    target.refused("CreateAlias", CONFLICT, {"alias": other}, collection_name=name, alias=other)


def test_alter_nothing(target: Target, name: str, collections: Collections) -> None:
    """An alias that does not exist cannot be altered."""
    alias = collections.alias()
    target.refused("AlterAlias", NO_ALIAS, {"alias": alias}, collection_name=name, alias=alias)


def test_alter_to_nothing(target: Target, alias: str, collections: Collections) -> None:
    """An alias cannot be bound to a collection that does not exist."""
    missing = collections.name()
    refusal = Refusal(100, 4, "collection not found[*collection={collection}]", input_error=target.version >= (3, 0))
    target.refused("AlterAlias", refusal, {"collection": missing}, collection_name=missing, alias=alias)


def test_describe_nothing(target: Target, collections: Collections) -> None:
    """An unknown alias is 1600."""
    alias = collections.alias()
    target.refused("DescribeAlias", NO_ALIAS, {"alias": alias}, alias=alias)


def test_list_of_nothing(target: Target, collections: Collections) -> None:
    """The aliases of a collection that does not exist are refused."""
    missing = collections.name()
    refusal = Refusal(100, 4, "collection not found[*collection={collection}]")
    target.refused("ListAliases", refusal, {"collection": missing}, collection_name=missing)


BAD_ALIASES = {
    "empty": ("", "collection alias should not be empty"),
    "hyphen": (
        "a-b",
        "Invalid collection alias: a-b.*collection alias can only contain numbers, letters and underscores",
    ),
    "digit first": (
        "1a",
        "Invalid collection alias: 1a.*the first character of a collection alias must be an underscore or letter",
    ),
    "too long": (
        "x" * 256,
        f"Invalid collection alias: {'x' * 256}.*the length of a collection alias must be less than 255 characters",
    ),
}


@pytest.mark.parametrize("case", BAD_ALIASES)
def test_bad_names(target: Target, name: str, case: str) -> None:
    """A name that breaks a rule is refused with that rule."""
    alias, text = BAD_ALIASES[case]
    target.refused("CreateAlias", always_invalid(text), collection_name=name, alias=alias)


def test_drop_the_collection_by_its_alias(target: Target, alias: str) -> None:
    """A collection cannot be dropped by its alias."""
    refusal = invalid("cannot drop the collection via alias = {alias}")
    target.refused("DropCollection", refusal, {"alias": alias}, collection_name=alias)


def test_drop_a_collection_that_has_aliases(target: Target, name: str, alias: str) -> None:
    """A collection that has aliases cannot be dropped; 2.3.5 did it."""
    text = (
        "unable to drop the collection [{name}] because it has associated aliases [{alias}], "
        "please remove all aliases before dropping the collection"
    )
    refusal = invalid(text, before=None)
    target.refused("DropCollection", refusal, {"name": name, "alias": alias}, collection_name=name)


def test_create_a_collection_by_the_name_of_an_alias(target: Target, alias: str) -> None:
    """A collection cannot be called like an alias."""
    text = "alias and collection name conflict[database=default][alias={alias}]"
    refusal = Refusal(1601, 1, f"please choose a unique name: {text}", input_error=True, since="3.0", before=None)
    target.refused("CreateCollection", refusal, {"alias": alias}, collection_name=alias, schema=schema(alias))


def test_rows_by_alias(target: Target, name: str, alias: str) -> None:
    """Insert, flush, load, search, query, delete and release take an alias for a collection."""
    assert target.insert(alias, plain_rows(3), 3).insert_cnt == 3
    target.flush(alias)
    target.done("CreateIndex", collection_name=alias, field_name="vec", extra_params={"metric_type": "L2"})
    target.load(alias)
    assert target.count(alias) == 3
    found = target.search(alias, random_vectors(1), 1)
    check_accepted(found)
    assert list(found.results.ids.int_id.data) == [0]
    target.done("Delete", collection_name=alias, expr="id in [0]")
    assert target.count(name) == 2
    target.done("ReleaseCollection", collection_name=alias)


@pytest.mark.parametrize("rpc", ["GetCollectionStatistics", "GetLoadState", "GetIndexState"])
def test_reads_by_alias(target: Target, name: str, alias: str, rpc: str) -> None:
    """So do the rpcs that tell of a collection."""
    target.done("CreateIndex", collection_name=name, field_name="vec", extra_params={"metric_type": "L2"})
    target.done(rpc, collection_name=alias)
