"""The reference page of utility.index_building_progress: its calls, in their order, on the stock ORM client."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterator

import pytest
from pymilvus import Collection, CollectionSchema, DataType, FieldSchema, connections, utility
from pymilvus.exceptions import AmbiguousIndexName, MilvusException

from fakemilvus import FakeMilvus
from tests.conformance.target import Target

pytestmark = pytest.mark.filterwarnings("ignore:.*will be removed in PyMilvus 3.1")
NAME = f"test_collection_{uuid.uuid4().hex[:8]}"
IVF = {"index_type": "IVF_FLAT", "metric_type": "COSINE", "params": {"nlist": 128}}
FIELDS = [
    FieldSchema(name="id", dtype=DataType.INT64, is_primary=True),
    FieldSchema(name="vector", dtype=DataType.FLOAT_VECTOR, dim=5),
]
FIGURES = {"total_rows": 0, "indexed_rows": 0, "pending_index_rows": 0}


@pytest.fixture(scope="module")
def page(target: Target) -> Iterator[Collection]:
    """Calls 1 to 4 of the page, on a server where they are the default's."""
    with the_page(target.uri) as collection:
        yield collection


@contextlib.contextmanager
def the_page(uri: str) -> Iterator[Collection]:
    """connect with no argument, create the collection, index "id", index "vector"."""
    host, port = uri.removeprefix("http://").split(":")
    connections.add_connection(default={"host": host, "port": port})
    connections.connect()
    collection = Collection(name=NAME, schema=CollectionSchema(FIELDS))
    collection.create_index(field_name="id")
    collection.create_index(field_name="vector", index_params=IVF, timeout=None)
    yield collection
    utility.drop_collection(NAME)
    connections.remove_connection("default")


def test_list_indexes(page: Collection) -> None:
    """Call 5: Milvus names an unnamed index after its field."""
    assert sorted(utility.list_indexes(collection_name=NAME)) == ["id", "vector"]


def test_index_building_progress(page: Collection, fake: FakeMilvus) -> None:
    """Call 6: the page's name of the vector's index, _default_idx_101, finds it."""
    progress = utility.index_building_progress(collection_name=NAME, index_name="_default_idx_101")
    assert progress.items() >= FIGURES.items()


def test_index_building_progress_by_field_name(page: Collection) -> None:
    """The same figures by the name that list_indexes tells."""
    assert utility.index_building_progress(NAME, "vector").items() >= FIGURES.items()


def test_no_name_is_ambiguous(page: Collection) -> None:
    """Several indexes and no name: AmbiguousIndexName, as the page promises."""
    with pytest.raises(AmbiguousIndexName):
        utility.index_building_progress(NAME)


def test_unknown_collection(page: Collection) -> None:
    """An unknown collection: stock pymilvus raises a bare MilvusException with code 100."""
    with pytest.raises(MilvusException) as caught:
        utility.index_building_progress("no_such_collection")
    assert caught.value.code == 100


def test_unknown_index(page: Collection) -> None:
    """An unknown index: stock pymilvus raises a bare MilvusException with code 700."""
    with pytest.raises(MilvusException) as caught:
        utility.index_building_progress(NAME, "nope")
    assert caught.value.code == 700


def test_has_index(page: Collection) -> None:
    """has_index knows an index by its name, and a name that is none."""
    assert page.has_index(index_name="vector")
    assert not page.has_index(index_name="nope")


def test_index(page: Collection) -> None:
    """index() tells name, field and parameters."""
    index = page.index(index_name="vector")
    assert (index.index_name, index.field_name) == ("vector", "vector")
    assert index.params == IVF


def test_wait_for_index_building_complete(page: Collection) -> None:
    """wait_for_index_building_complete returns once no row is pending."""
    assert utility.wait_for_index_building_complete(NAME, "vector") is not False
    assert utility.index_building_progress(NAME, "vector")["pending_index_rows"] == 0


def test_drop_index(page: Collection) -> None:
    """drop_index drops the named one, which list_indexes then misses."""
    page.drop_index(index_name="id")
    try:
        assert utility.list_indexes(NAME) == ["vector"]
    finally:
        page.create_index(field_name="id")


def test_names_of_the_page(page: Collection, fake: FakeMilvus) -> None:
    """With default_index_names="field-id", list_indexes prints _default_idx_<field id>, as the page does."""
    with FakeMilvus(default_index_names="field-id") as server:
        connections.connect("names", uri=server.uri)
        collection = Collection(name=NAME, schema=CollectionSchema(FIELDS), using="names")
        collection.create_index(field_name="id")
        collection.create_index(field_name="vector", index_params=IVF)
        assert sorted(utility.list_indexes(NAME, using="names")) == ["_default_idx_100", "_default_idx_101"]
        connections.remove_connection("names")
