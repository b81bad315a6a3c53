"""Loading, releasing, and what is refused before and after."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from pymilvus.grpc_gen import common_pb2 as common
from pymilvus.grpc_gen import schema_pb2

from fakemilvus import FakeMilvus
from tests.conformance.making import T, column, field, id_field, plain_rows, random_vectors, vector_column, vector_field
from tests.conformance.refusals import Refusal, always_invalid, check_accepted, check_refused, invalid
from tests.conformance.target import Collections, Target

NOT_LOADED = Refusal(101, 1, "collection not loaded[collection={id}]")


@pytest.fixture(scope="module")
def bare(shared: Collections) -> str:
    """A collection without an index."""
    return shared.make()


@pytest.fixture
def indexed(target: Target, collections: Collections) -> str:
    """A collection of one flushed row, with an index, not loaded."""
    name = collections.make()
    target.insert(name, plain_rows(1), 1)
    target.done("CreateIndex", collection_name=name, field_name="vec", extra_params={"metric_type": "L2"})
    return name


def collection_id(target: Target, name: str) -> int:
    return int(target.done("DescribeCollection", collection_name=name).collectionID)


def state(target: Target, name: str) -> str:
    return str(common.LoadState.Name(target.done("GetLoadState", collection_name=name).state))


def test_load_without_an_index(target: Target, bare: str) -> None:
    """A collection without an index cannot be loaded."""
    refusal = Refusal(700, 25, "index not found[collection={name}]")
    target.refused("LoadCollection", refusal, {"name": bare}, collection_name=bare)


def test_state_of_what_is_not_there(target: Target, collections: Collections) -> None:
    """GetLoadState of a missing collection succeeds and says NotExist."""
    assert state(target, collections.name()) == "LoadStateNotExist"


def test_state_before(target: Target, bare: str) -> None:
    """NotLoad before a load."""
    assert state(target, bare) == "LoadStateNotLoad"


def test_progress_before(target: Target, bare: str) -> None:
    """GetLoadingProgress of what is not loaded is 101."""
    facts = {"id": collection_id(target, bare)}
    target.refused("GetLoadingProgress", NOT_LOADED, facts, collection_name=bare)


def test_state_and_progress_after(target: Target, indexed: str) -> None:
    """Loaded and 100 after one; loading again is no error; NotLoad after a release, which may be repeated."""
    target.load(indexed)
    assert state(target, indexed) == "LoadStateLoaded"
    progress = target.done("GetLoadingProgress", collection_name=indexed)
    assert (progress.progress, progress.refresh_progress) == (100, 100)
    target.load(indexed)
    target.done("ReleaseCollection", collection_name=indexed)
    assert state(target, indexed) == "LoadStateNotLoad"
    target.done("ReleaseCollection", collection_name=indexed)


@pytest.mark.parametrize("rpc", ["LoadCollection", "ReleaseCollection", "GetLoadingProgress"])
def test_missing_collection(target: Target, collections: Collections, rpc: str) -> None:
    """A missing collection is 4/100."""
    name = collections.name()
    refusal = Refusal(100, 4, "collection not found[database=default][collection={name}]", input_error=True)
    target.refused(rpc, refusal, {"name": name}, collection_name=name)


@pytest.mark.parametrize("rpc", ["LoadCollection", "ReleaseCollection", "GetLoadingProgress"])
def test_empty_name(target: Target, rpc: str) -> None:
    """The empty name is refused as such."""
    target.refused(rpc, always_invalid("collection name should not be empty"), collection_name="")


def test_progress_of_a_missing_partition(target: Target, bare: str) -> None:
    """A missing partition is 15/200."""
    refusal = Refusal(200, 15, "partition not found[partition=nope]", input_error=True)
    target.refused("GetLoadingProgress", refusal, collection_name=bare, partition_names=["nope"])


def test_search_unloaded(target: Target, bare: str) -> None:
    """What is not loaded cannot be searched: 101, with the collection's id."""
    refusal = Refusal(101, 1, "failed to search: collection not loaded[collection={id}]")
    response = target.search(bare, random_vectors(1))
    check_refused(response, refusal, target.version, id=collection_id(target, bare))


def test_query_unloaded(target: Target, bare: str) -> None:
    """What is not loaded cannot be queried: 101, with the collection's id."""
    refusal = Refusal(101, 1, "failed to query: collection not loaded[collection={id}]")
    response = target.query(bare, "id in [1]", ["id"])
    check_refused(response, refusal, target.version, id=collection_id(target, bare))


# -- refreshing, and loading some fields -----------------------------------------------------------------------


def test_refresh(target: Target, indexed: str) -> None:
    """A refresh wants something loaded, and then changes nothing."""
    refusal = Refusal(101, 1, "{within}collection not loaded[collection={id}]", since="3.0")
    facts = {"id": collection_id(target, indexed), "within": "call query coordinator LoadCollection: "}
    target.refused("LoadCollection", refusal, facts, collection_name=indexed, refresh=True)
    facts["within"] = ""
    asked = {"collection_name": indexed, "partition_names": ["_default"], "refresh": True}
    target.refused("LoadPartitions", refusal, facts, **asked)
    target.load(indexed)
    target.done("LoadCollection", collection_name=indexed, refresh=True)
    assert state(target, indexed) == "LoadStateLoaded"


@pytest.fixture
def partial(target: Target, collections: Collections) -> str:
    """An indexed collection with the fields id, i64, vc and vec and a dynamic one, of one flushed row."""
    if target.version < (3, 0):
        pytest.skip("loading some fields came with Milvus 2.5")
    fields = [id_field(), field("i64", T.Int64), field("vc", T.VarChar, max_length=8), vector_field()]
    name = collections.make(fields, dynamic=True)
    dynamic = column("", T.JSON, [b'{"extra": 1}'], dynamic=True)
    columns = [*plain_rows(1), column("i64", T.Int64, [5]), column("vc", T.VarChar, ["x"]), dynamic]
    check_accepted(target.insert(name, columns, 1))
    target.flush(name)
    target.done("CreateIndex", collection_name=name, field_name="vec", extra_params={"metric_type": "L2"})
    return name


def test_load_some_fields(target: Target, partial: str) -> None:
    """What was left out can be read all the same: it is fetched when it is asked for."""
    asked: dict[str, Any] = {"load_fields": ["id", "i64", "vec"], "skip_load_dynamic_field": True}
    target.done("LoadCollection", collection_name=partial, replica_number=1, **asked)
    for filter in ("i64 == 5", "vc == 'x'", "extra == 1"):
        outputs = ["id", "i64", "vc", "extra"]
        assert len(target.query(partial, filter, outputs).fields_data) == 4
        assert list(target.search(partial, random_vectors(1), filter=filter, outputs=outputs).results.topks) == [1]


def test_search_of_a_vector_that_was_left_out(target: Target, collections: Collections) -> None:
    """A vector without an index may be left out of a load, and then not be searched."""
    if target.version < (3, 0):
        pytest.skip("2.3.5 has one vector field a collection, and loads all fields")
    name = collections.make([id_field(), vector_field(), vector_field("other")])
    target.done("CreateIndex", collection_name=name, field_name="vec", extra_params={"metric_type": "L2"})
    target.done("LoadCollection", collection_name=name, load_fields=["id", "vec"], replica_number=1)
    status = target.search(name, random_vectors(1), anns_field="other").status
    assert (status.code, status.error_code, status.retriable) == (2000, 1, True)
    text = "field index of the field: other is not loaded, please reload the collection"
    assert status.reason.startswith("failed to search: ")
    assert status.reason.endswith(f": {text}: segcore error[segcoreCode=2027]")


def test_reload_everything(target: Target, partial: str) -> None:
    """Another load, and a release in between, replace the list of fields."""
    target.done("LoadCollection", collection_name=partial, load_fields=["id", "vec"], replica_number=1)
    target.done("LoadCollection", collection_name=partial, replica_number=1)
    check_accepted(target.query(partial, "id >= 0", ["vc", "i64", "extra"]))


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        (["vec"], "load field list [vec] does not contain primary key field id"),
        (["id", "vc"], "load field list [id vc] does not contain vector field"),
        (["id", "vec", "nope"], "failed to get field schema by name: fieldName(nope) not found"),
    ],
)
def test_bad_lists_of_fields(target: Target, partial: str, fields: list[str], text: str) -> None:
    """A list has the primary key, a vector, and no field that is none."""
    asked: dict[str, Any] = {"collection_name": partial, "load_fields": fields}
    target.refused("LoadCollection", always_invalid(text), **asked)
    target.refused("LoadPartitions", always_invalid(text), partition_names=["_default"], **asked)


# -- replicas --------------------------------------------------------------------------------------------------


def test_more_replicas_than_nodes() -> None:
    """With ``query_nodes`` a load of more replicas is refused, by partitions too; without, any number is taken."""
    with FakeMilvus(query_nodes=1) as fake:
        target = Target(fake.uri, fake=fake)
        collections = Collections(target, "replicas")
        name = collections.make()
        target.done("CreateIndex", collection_name=name, field_name="vec", extra_params={"metric_type": "L2"})
        text = (
            "when load 2 replica count: service resource insufficient[currentStreamingNode=1][expectedStreamingNode=2]"
        )
        status = target.ask("LoadCollection", collection_name=name, replica_number=2)
        assert (status.code, status.error_code, status.retriable) == (12, 1, True)
        assert status.reason == f"call query coordinator LoadCollection: {text}"
        status = target.ask("LoadPartitions", collection_name=name, partition_names=["_default"], replica_number=2)
        assert (status.code, status.reason) == (12, text)
        target.load(name)
        target.close()


def test_replicas_of_what_is_loaded(target: Target, indexed: str) -> None:
    """A loaded collection takes another number of replicas; 2.3.5 refused to change it."""
    target.load(indexed)
    refusal = always_invalid("can't change the replica number for loaded collection", "[expected=1][actual=2]")
    response = target.ask("LoadCollection", collection_name=indexed, replica_number=2)
    if target.version < (3, 0):
        refusal = replace(refusal, detail=f"failed to load collection: {refusal.text}")
        check_refused(response, refusal, target.version)
        return
    check_accepted(response)
    assert len(target.done("GetReplicas", collection_name=indexed).replicas) == 2


def skipping(name: str, value: str = "true", **fields: Any) -> Any:
    """A schema in which loads leave one field out."""
    made = schema_pb2.CollectionSchema(name=name, fields=[id_field(), vector_field(), field("n", T.Int64)])
    for kept in made.fields:
        for key, wanted in fields.items():
            if kept.name == key:
                kept.type_params.add(key="field.skipLoad", value=value)
                for flag in wanted:
                    setattr(kept, flag, True)
    return made.SerializeToString()


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"id": ()}, "Primary key field id cannot skip loading"),
        ({"n": ("is_partition_key",)}, "Partition Key field n cannot skip loading"),
        ({"n": ("is_clustering_key",)}, "Clustering Key field n cannot skip loading"),
        ({"vec": ()}, "cannot config all vector field(s) skip loading"),
    ],
)
def test_fields_that_loads_may_not_leave_out(
    target: Target, collections: Collections, fields: dict[str, Any], text: str
) -> None:
    """A schema may not have its keys left out by loads, nor all of its vectors."""
    if target.version < (3, 0):
        pytest.skip("since Milvus 2.5")
    name = collections.name()
    sent = skipping(name, **fields)
    target.refused("CreateCollection", invalid(text, before=None), collection_name=name, schema=sent)


def test_a_field_that_loads_leave_out(target: Target, collections: Collections) -> None:
    """A field that a schema has left out is read like any other."""
    if target.version < (3, 0):
        pytest.skip("since Milvus 2.5")
    name = collections.name()
    target.done("CreateCollection", collection_name=name, schema=skipping(name, n=()))
    target.done("CreateIndex", collection_name=name, field_name="vec", extra_params={"metric_type": "L2"})
    vectors = vector_column(random_vectors(2))
    target.insert(name, [column("id", T.Int64, [1, 2]), vectors, column("n", T.Int64, [7, 8])], 2)
    target.load(name)
    found = target.done("Query", collection_name=name, expr="n == 8", output_fields=["n"], consistency_level=0)
    assert [list(read.scalars.long_data.data) for read in found.fields_data if read.field_name == "n"] == [[8]]
