"""The four rpcs that tell of an index, and how each refuses."""

from __future__ import annotations

from typing import Any

import pytest
from pymilvus.grpc_gen import common_pb2 as common

from tests.conformance.making import T, field, id_field, plain_rows, vector_field
from tests.conformance.refusals import Accepted, Refusal, always_invalid, check_accepted, invalid
from tests.conformance.target import Collections, Target

IVF = {"index_type": "IVF_FLAT", "metric_type": "L2", "params": '{"nlist": 16}'}
RPCS = ("DescribeIndex", "GetIndexBuildProgress", "GetIndexState", "GetIndexStatistics")
NO_INDEX = Refusal(700, 25, "index not found[collection={collection}]")
NO_SUCH_INDEX = Refusal(700, 25, "index not found[indexName={index}]")
NO_COLLECTION = Refusal(100, 4, "collection not found[database=default][collection={collection}]", input_error=True)
NO_NAME = always_invalid("collection name should not be empty")
DUPLICATES = Refusal(702, 1, "index duplicates[indexName=]", input_error=True)
NO_ALTER = "2.3.5 answers AlterIndex with nothing that gRPC can send"
SILENT_STATE = Accepted()  # 2.3.5's GetIndexState knows no missing or ambiguous index


def since_3(refusal: Refusal) -> Refusal:
    return Refusal(refusal.code, refusal.legacy, refusal.text, refusal.input_error, since="3.0", before=SILENT_STATE)


@pytest.fixture(scope="module")
def bare(shared: Collections) -> str:
    """A collection without an index."""
    return shared.make()


@pytest.fixture(scope="module")
def one(shared: Collections, target: Target) -> str:
    """A collection with the index "one" on "vec"."""
    name = shared.make()
    target.done("CreateIndex", collection_name=name, field_name="vec", index_name="one", extra_params=IVF)
    return name


@pytest.fixture(scope="module")
def several(shared: Collections, target: Target) -> str:
    """A collection with the indexes "one" on "vec" and "two" on "vc"."""
    name = shared.make([id_field(), vector_field(), field("vc", T.VarChar, max_length=8)])
    target.done("CreateIndex", collection_name=name, field_name="vec", index_name="one", extra_params=IVF)
    target.done("CreateIndex", collection_name=name, field_name="vc", index_name="two")
    return name


WITHOUT_INDEX = {
    "DescribeIndex": NO_INDEX,
    "GetIndexBuildProgress": NO_SUCH_INDEX,
    "GetIndexState": since_3(NO_SUCH_INDEX),
    "GetIndexStatistics": NO_SUCH_INDEX,
}


@pytest.mark.parametrize("rpc", RPCS)
def test_no_index(target: Target, bare: str, rpc: str) -> None:
    """Where there is no index, DescribeIndex names the collection and the others the empty index name."""
    target.refused(rpc, WITHOUT_INDEX[rpc], {"collection": bare, "index": ""}, collection_name=bare)


@pytest.mark.parametrize("rpc", RPCS)
def test_no_index_and_a_name(target: Target, bare: str, rpc: str) -> None:
    """A named index where there is none at all is refused like any unknown name."""
    refusal = since_3(NO_SUCH_INDEX) if rpc == "GetIndexState" else NO_SUCH_INDEX
    target.refused(rpc, refusal, {"index": "nope"}, collection_name=bare, index_name="nope")


@pytest.mark.parametrize("rpc", RPCS)
def test_unknown_index(target: Target, one: str, rpc: str) -> None:
    """An unknown index is 25/700 with the index' name."""
    refusal = since_3(NO_SUCH_INDEX) if rpc == "GetIndexState" else NO_SUCH_INDEX
    target.refused(rpc, refusal, {"index": "nope"}, collection_name=one, index_name="nope")


@pytest.mark.parametrize("rpc", RPCS)
def test_unknown_collection(target: Target, collections: Collections, rpc: str) -> None:
    """An unknown collection is 4/100."""
    name = collections.name()
    target.refused(rpc, NO_COLLECTION, {"collection": name}, collection_name=name)


@pytest.mark.parametrize("rpc", RPCS)
def test_empty_collection_name(target: Target, rpc: str) -> None:
    """The empty collection name is refused before anything is looked up."""
    target.refused(rpc, NO_NAME, collection_name="")


@pytest.mark.parametrize("rpc", ["DescribeIndex", "GetIndexStatistics"])
def test_several_are_described(target: Target, several: str, rpc: str) -> None:
    """Without a name, all indexes are described, in any order."""
    response = target.done(rpc, collection_name=several)
    assert sorted(description.index_name for description in response.index_descriptions) == ["one", "two"]


@pytest.mark.parametrize("rpc", ["GetIndexBuildProgress", "GetIndexState"])
def test_several_are_ambiguous(target: Target, several: str, rpc: str) -> None:
    """Without a name, several indexes are 702 where only one can be answered."""
    target.refused(rpc, since_3(DUPLICATES) if rpc == "GetIndexState" else DUPLICATES, collection_name=several)


@pytest.mark.parametrize("rpc", ["DescribeIndex", "GetIndexBuildProgress", "GetIndexState"])
def test_field_name_is_passed_over(target: Target, several: str, rpc: str) -> None:
    """Only index_name selects: a wrong field_name changes nothing."""
    target.done(rpc, collection_name=several, index_name="one", field_name="vc")


@pytest.mark.parametrize("rpc", RPCS)
def test_alias(target: Target, one: str, shared: Collections, rpc: str) -> None:
    """An alias works where a collection's name does."""
    alias = shared.alias()
    target.done("CreateAlias", collection_name=one, alias=alias)
    target.done(rpc, collection_name=alias, index_name="one")


def test_descriptions_carry_field_and_id(target: Target, several: str) -> None:
    """A description tells the index' field, a positive id, and the user's parameters."""
    description = target.describe_index(several, "one")
    assert description.field_name == "vec"
    assert description.indexID > 0
    assert [(pair.key, pair.value) for pair in description.params] == list(IVF.items())


@pytest.fixture(scope="module")
def filled(shared: Collections, target: Target) -> str:
    """1,500 flushed rows, indexed."""
    name = shared.make()
    target.insert(name, plain_rows(1_500), 1_500)
    target.flush(name)
    target.done("CreateIndex", collection_name=name, field_name="vec", extra_params=IVF)
    target.wait_until_indexed(name)
    return name


def test_build_progress_of_a_finished_index(target: Target, filled: str) -> None:
    """GetIndexBuildProgress tells total and indexed rows."""
    response = target.done("GetIndexBuildProgress", collection_name=filled)
    assert (response.total_rows, response.indexed_rows) == (1_500, 1_500)


def test_state_of_a_finished_index(target: Target, filled: str) -> None:
    """GetIndexState says Finished, without a reason, once the index is named."""
    response = target.done("GetIndexState", collection_name=filled, index_name="vec")
    assert (response.state, response.fail_reason) == (common.Finished, "")


def test_statistics_of_a_finished_index(target: Target, filled: str) -> None:
    """GetIndexStatistics tells the counters, pending always 0."""
    (description,) = target.done("GetIndexStatistics", collection_name=filled).index_descriptions
    assert (description.total_rows, description.indexed_rows, description.pending_index_rows) == (1_500, 1_500, 0)


def test_describe_after_drop(target: Target, collections: Collections) -> None:
    """A collection that was just dropped is not found, by name or by its id."""
    name = collections.make()
    target.done("CreateIndex", collection_name=name, field_name="vec", extra_params=IVF)
    target.done("DropCollection", collection_name=name)
    refusal = Refusal(100, 4, "collection not found[*collection=*]", input_error=True)
    target.refused("DescribeIndex", refusal, collection_name=name)


UNKNOWN_COLLECTION: dict[str, dict[str, Any]] = {
    "CreateIndex": {"field_name": "vec", "extra_params": IVF},
    "DropIndex": {},
    "GetCollectionStatistics": {},
    "LoadCollection": {},
    "ReleaseCollection": {},
    "GetLoadingProgress": {},
    "GetPersistentSegmentInfo": {},
}


@pytest.mark.parametrize("rpc", UNKNOWN_COLLECTION)
def test_unknown_collection_elsewhere(target: Target, collections: Collections, rpc: str) -> None:
    """Other rpcs say the same of an unknown collection."""
    name = collections.name()
    key = "collectionName" if rpc == "GetPersistentSegmentInfo" else "collection_name"
    target.refused(rpc, NO_COLLECTION, {"collection": name}, **{key: name}, **UNKNOWN_COLLECTION[rpc])


def test_check_health(target: Target) -> None:
    """A server that answers is healthy, and its status is present on success."""
    response = target.ask("CheckHealth")
    check_accepted(response)
    assert response.isHealthy


def test_alter_index(target: Target, collections: Collections) -> None:
    """AlterIndex sets and deletes how an index is kept; the parameters come back with DescribeIndex."""
    target.needs("2.4", NO_ALTER)
    name = collections.make()
    params = {"index_type": "IVF_FLAT", "metric_type": "L2", "nlist": "8"}
    target.done("CreateIndex", collection_name=name, field_name="vec", extra_params=params)
    altered = {"collection_name": name, "index_name": "vec"}
    target.done("AlterIndex", extra_params={"mmap.enabled": "true", "warmup": "disable"}, **altered)
    kept = {pair.key: pair.value for pair in target.describe_index(name).params}
    assert kept == {**params, "mmap.enabled": "true", "warmup": "disable"}
    target.done("AlterIndex", delete_keys=["mmap.enabled", "warmup"], **altered)
    assert {pair.key: pair.value for pair in target.describe_index(name).params} == params
    target.done("CreateIndex", collection_name=name, field_name="vec", extra_params=params)


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"extra_params": {"nlist": "4"}}, invalid("nlist is not a configable index property", before=None)),
        ({"delete_keys": ["nlist"]}, invalid("nlist is not a configable index property", before=None)),
        (
            {"extra_params": {"warmup": "sync"}, "delete_keys": ["warmup"]},
            invalid("cannot provide both DeleteKeys and ExtraParams", before=None),
        ),
        ({"extra_params": {"warmup": "sync"}, "index_name": ""}, invalid("index name is empty", before=None)),
        (
            {"extra_params": {"warmup": "sync"}, "index_name": "nope"},
            Refusal(700, 25, "index not found[indexName=nope]", since="3.0"),
        ),
        (
            {"extra_params": {"mmap.enabled": "new_value"}},
            invalid(
                "invalid mmap index params: invalid mmap.enabled value: new_value, expected: true, false: "
                "invalid parameter",
                before=None,
            ),
        ),
    ],
)
def test_alter_index_is_refused(
    target: Target, collections: Collections, fields: dict[str, Any], refusal: Refusal
) -> None:
    """What is no setting, no value of it, or no index."""
    target.needs("2.4", NO_ALTER)
    name = collections.make()
    target.done("CreateIndex", collection_name=name, field_name="vec", extra_params={"metric_type": "L2"})
    target.refused("AlterIndex", refusal, **{"collection_name": name, "index_name": "vec", **fields})


def test_alter_index_of_what_is_loaded(target: Target, collections: Collections) -> None:
    """A loaded collection has to be released first."""
    target.needs("2.4", NO_ALTER)
    name = collections.make()
    target.done("CreateIndex", collection_name=name, field_name="vec", extra_params={"metric_type": "L2"})
    target.load(name)
    text = "can't alter index on loaded collection, please release the collection first: collection already loaded"
    refusal = Refusal(104, 1, f"{text}[collection={{name}}]", input_error=True, since="3.0")
    altered = {"collection_name": name, "index_name": "vec", "extra_params": {"warmup": "sync"}}
    target.refused("AlterIndex", refusal, {"name": name}, **altered)
