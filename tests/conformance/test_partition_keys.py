"""Partition keys: a field's value chooses the partition of a row, and a filter on it where to look."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from pymilvus.grpc_gen import schema_pb2 as schemas

from tests.conformance.making import T, column, field, id_field, random_vectors, schema, vector_column, vector_field
from tests.conformance.refusals import Refusal, check_accepted, check_refused, invalid
from tests.conformance.target import Collections, Target

TEXTS = ["a", "b", "", "ä", "x" * 120, "x" * 130]


def key_field(type: int = T.Int64, **params: Any) -> schemas.FieldSchema:
    if type == T.VarChar:
        params["max_length"] = 200
    return field("key", type, is_partition_key=True, **params)


def rows(keys: Sequence[Any], type: int = T.Int64) -> list[schemas.FieldData]:
    """Rows 0, 1, ... with these keys."""
    numbers = range(len(keys))
    return [column("id", T.Int64, numbers), column("key", type, keys), vector_column(random_vectors(len(keys)))]


@pytest.fixture
def name(target: Target, collections: Collections) -> str:
    """A loaded collection of eight rows with the keys 0 to 3, over four partitions."""
    name = collections.make([id_field(), key_field(), vector_field()], num_partitions=4)
    check_accepted(target.insert(name, rows([0, 1, 2, 3, 0, 1, 2, 3]), 8))
    target.flush(name)
    target.done("CreateIndex", collection_name=name, field_name="vec", extra_params={"metric_type": "L2"})
    target.load(name)
    return name


def ids(response: Any) -> list[int]:
    check_accepted(response)
    (found,) = (data for data in response.fields_data if data.field_name == "id")
    return sorted(found.scalars.long_data.data)


def counts(target: Target, name: str) -> list[int]:
    """The flushed rows of each partition, by number."""
    shown = target.done("ShowPartitions", collection_name=name).partition_names
    stats = [target.done("GetPartitionStatistics", collection_name=name, partition_name=p).stats for p in shown]
    return [int(one.value) for (one,) in stats]


def test_described(target: Target, name: str) -> None:
    """The field says that it is the key, the collection how many partitions there are; they are numbered."""
    described = target.done("DescribeCollection", collection_name=name)
    assert [f.is_partition_key for f in described.schema.fields] == [False, True, False]
    assert described.num_partitions == 4
    shown = target.done("ShowPartitions", collection_name=name)
    assert list(shown.partition_names) == [f"_default_{number}" for number in range(4)]


def test_default_number(target: Target, collections: Collections) -> None:
    """As many partitions as the server likes where none are asked for: 16, and 64 before 3.0."""
    name = collections.make([id_field(), key_field(), vector_field()])
    number = target.done("DescribeCollection", collection_name=name).num_partitions
    assert number == (16 if target.version >= (3, 0) else 64)


def test_integers_are_hashed(target: Target, collections: Collections) -> None:
    """Integers land where Milvus' hash puts them."""
    name = collections.make([id_field(), key_field(), vector_field()], num_partitions=7)
    keys = [-(2**63), -5, -1, 0, 1, 2, 3, 100, 10**6, 2**40, 2**63 - 1]
    check_accepted(target.insert(name, rows(keys), len(keys)))
    target.flush(name)
    assert counts(target, name) == [0, 2, 1, 1, 2, 3, 2]


def test_texts_are_hashed(target: Target, collections: Collections) -> None:
    """Texts land where Milvus' hash of their first 100 bytes puts them."""
    name = collections.make([id_field(), key_field(T.VarChar), vector_field()], num_partitions=5)
    check_accepted(target.insert(name, rows(TEXTS, T.VarChar), len(TEXTS)))
    target.flush(name)
    assert counts(target, name) == [2, 1, 1, 0, 2]


@pytest.mark.parametrize(
    ("filter", "expected"),
    [
        ("key == 1", [1, 5]),
        ("key in [1, 3]", [1, 3, 5, 7]),
        ("key == 1 and id > 1", [5]),
        ("key == 1 or id == 0", [0, 1, 5]),
        ("key in [1, 2] and key in [2, 3]", [2, 6]),
        ("key == 1 and key == 2", []),
        ("not (key == 1)", [0, 2, 3, 4, 6, 7]),
        ("key != 1", [0, 2, 3, 4, 6, 7]),
        ("key > 1", [2, 3, 6, 7]),
        ("key == 77", []),
    ],
)
def test_filters(target: Target, name: str, filter: str, expected: list[int]) -> None:
    """Whatever a filter says about the key, a query answers as if there were one partition."""
    assert ids(target.query(name, filter, ["id"])) == expected


def test_search(target: Target, name: str) -> None:
    """A search by key finds the rows of that key."""
    found = target.search(name, random_vectors(1), 10, filter="key == 2")
    assert sorted(found.results.ids.int_id.data) == [2, 6]


def test_delete(target: Target, name: str) -> None:
    """A delete by key takes the rows of that key."""
    target.done("Delete", collection_name=name, expr="key == 2 and id >= 0")
    assert ids(target.query(name, "id >= 0", ["id"])) == [0, 1, 3, 4, 5, 7]


def test_upsert_to_another_key(target: Target, name: str) -> None:
    """An upsert that changes the key of a row leaves one row of it, in its new partition."""
    if target.version < (3, 0):
        pytest.skip("2.3.5 leaves the new row where a filter on its key does not look")
    changed = [column("id", T.Int64, [0]), column("key", T.Int64, [3]), vector_column(random_vectors(1))]
    target.done("Upsert", collection_name=name, fields_data=changed, num_rows=1)
    assert ids(target.query(name, "key == 3", ["id"])) == [0, 3, 7]
    assert ids(target.query(name, "key == 0", ["id"])) == [4]


# -- refusals --------------------------------------------------------------------------------------------------


NAMED = invalid("not support manually specifying the partition names if partition key mode is used", before=None)


def test_naming_a_partition(target: Target, name: str) -> None:
    """No request names a partition where a key chooses it."""
    named = {"collection_name": name, "partition_name": "_default_0"}
    target.refused("Insert", NAMED, fields_data=rows([1]), num_rows=1, **named)
    target.refused("Delete", NAMED, expr="id in [1]", **named)
    check_refused(target.query(name, "id >= 0", ["id"], partitions=["_default_0"]), NAMED, target.version)
    check_refused(target.search(name, random_vectors(1), partitions=["_default_0"]), NAMED, target.version)


@pytest.mark.parametrize(
    ("rpc", "verb"),
    [
        ("CreatePartition", "create partition"),
        ("DropPartition", "drop partition"),
        ("LoadPartitions", "load partitions"),
        ("ReleasePartitions", "release partitions"),
    ],
)
def test_managing_partitions(target: Target, name: str, rpc: str, verb: str) -> None:
    """Nobody makes, drops, loads or releases single partitions there."""
    named = {"partition_names": ["_default_0"]} if rpc.endswith("s") else {"partition_name": "_default_0"}
    refusal = invalid(f"disable {verb} if partition key mode is used", before=None)
    target.refused(rpc, refusal, collection_name=name, **named)


def keyed(**changes: Any) -> list[schemas.FieldSchema]:
    return [id_field(), key_field(**changes), vector_field()]


REFUSED_SCHEMAS = {
    "two keys": (
        [*keyed(), field("more", T.Int64, is_partition_key=True)],
        {},
        "there are more than one partition key, field name = key, more",
    ),
    "primary": (
        [id_field(is_partition_key=True), vector_field()],
        {},
        "the partition key field must not be primary field",
    ),
    "nullable": (keyed(nullable=True), {}, "partition key field not support nullable"),
    "a float": (keyed(type=T.Float), {}, "the data type of partition key should be Int64 or VarChar"),
    "negative": (
        keyed(),
        {"num_partitions": -1},
        "the specified partitions should be greater than 0 if partition key is used",
    ),
    "too many": (keyed(), {"num_partitions": 1025}, "partition number (1025) exceeds max configuration (1024)"),
    "no key": (
        [id_field(), vector_field()],
        {"num_partitions": 2},
        "num_partitions should only be specified with partition key field enabled",
    ),
    "isolation of what": (
        keyed(),
        {"properties": {"partitionkey.isolation": "maybe"}},
        'failed to parse partition key isolation: strconv.ParseBool: parsing "maybe": invalid syntax',
    ),
}


@pytest.mark.parametrize("case", REFUSED_SCHEMAS)
def test_refused_schemas(target: Target, collections: Collections, case: str) -> None:
    """A schema's partition key has its rules."""
    fields, asked, text = REFUSED_SCHEMAS[case]
    name = collections.name()
    encoded = schema(name, fields)
    refusal = invalid(text, before=None)
    target.refused("CreateCollection", refusal, collection_name=name, schema=encoded, **asked)


# -- isolation -------------------------------------------------------------------------------------------------


@pytest.fixture
def isolated(target: Target, collections: Collections) -> str:
    """A loaded collection whose searches have to name one key."""
    if target.version < (3, 0):
        pytest.skip("isolation came with Milvus 2.4")
    properties = {"partitionkey.isolation": "true"}
    name = collections.make(keyed(), num_partitions=2, properties=properties)
    check_accepted(target.insert(name, rows([1, 2, 1, 2]), 4))
    target.done("CreateIndex", collection_name=name, field_name="vec", extra_params={"metric_type": "L2"})
    target.load(name)
    return name


@pytest.mark.parametrize("filter", ["key == 1", "key == 1 and id >= 0", "id >= 0 and key == 1"])
def test_isolated_search(target: Target, isolated: str, filter: str) -> None:
    """A search that names one key is answered."""
    found = target.search(isolated, random_vectors(1), 10, filter=filter)
    assert sorted(found.results.ids.int_id.data) == [0, 2]


@pytest.mark.parametrize(
    ("filter", "text"),
    [
        ("", "partition key not found in expr or the expr is invalid when validating partition key isolation"),
        ("id > 0", "partition key not found in expr or the expr is invalid when validating partition key isolation"),
        ("key in [1, 2]", "partition key isolation does not support IN"),
        ("key == 1 or id > 0", "partition key isolation does not support OR"),
        ("not (key == 1)", "partition key isolation does not support NOT"),
        ("key > 1", "partition key isolation does not support GreaterThan"),
        ("key != 1", "partition key isolation does not support NotEqual"),
        ("1 < key < 3", "partition key isolation does not support BinaryRange"),
        ("key == 1 and key in [1]", "partition key isolation does not support IN"),
    ],
)
def test_isolation_refusals(target: Target, isolated: str, filter: str, text: str) -> None:
    """A search that does not is refused."""
    check_refused(target.search(isolated, random_vectors(1), filter=filter), invalid(text), target.version)


def test_isolated_query(target: Target, isolated: str) -> None:
    """Queries need no key."""
    assert ids(target.query(isolated, "id >= 0", ["id"])) == [0, 1, 2, 3]


def test_isolation_is_not_altered_under_an_index(target: Target, isolated: str) -> None:
    """Isolation is neither ended nor deleted while there is a vector index; saying it again is no change."""
    text = (
        "can not alter partition key isolation mode if the collection already has a vector index. "
        "Please drop the index first: index duplicates[indexName=vec]"
    )
    refusal = Refusal(702, 1, text, input_error=True)
    ended = {"properties": {"partitionkey.isolation": "false"}}
    target.refused("AlterCollection", refusal, collection_name=isolated, **ended)
    deleted = {"delete_keys": ["partitionkey.isolation"]}
    target.refused("AlterCollection", refusal, collection_name=isolated, **deleted)
    target.done("AlterCollection", collection_name=isolated, properties={"partitionkey.isolation": "true"})
    target.done("ReleaseCollection", collection_name=isolated)
    target.done("DropIndex", collection_name=isolated, index_name="vec")
    target.done("AlterCollection", collection_name=isolated, **ended)


def test_isolation_without_a_key(target: Target, collections: Collections) -> None:
    """Isolation wants a partition key: 105."""
    name = collections.name()
    text = (
        "partition key isolation mode is enabled but no partition key field is set. "
        "Please set the partition key first: illegal collection schema[collection={name}]"
    )
    refusal = Refusal(105, 1, text, input_error=True, since="3.0")
    target.refused(
        "CreateCollection",
        refusal,
        {"name": name},
        collection_name=name,
        schema=schema(name),
        properties={"partitionkey.isolation": "true"},
    )
