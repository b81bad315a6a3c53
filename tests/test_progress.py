"""progress: the reference page's function and the watching of a build, through stock pymilvus."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from pymilvus import DataType, MilvusClient, connections
from pymilvus.exceptions import (
    AmbiguousIndexName,
    CollectionNotExistException,
    IndexNotExistException,
    MilvusException,
    ParamError,
)

from fakemilvus import FakeMilvus
from fakemilvus.progress import index_building_progress, watch

ROWS = 2_000
DONE = {"total_rows": ROWS, "indexed_rows": ROWS, "pending_index_rows": 0}
orm_is_deprecated = pytest.mark.filterwarnings("ignore:.*will be removed in PyMilvus 3.1")


@pytest.fixture
def client(fakemilvus_client: Any) -> Any:
    """A client of a server with one collection, "books", of 2,000 flushed rows and no index."""
    schema = MilvusClient.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=8)
    fakemilvus_client.create_collection("books", schema=schema)
    vectors = np.random.default_rng(1).random((ROWS, 8), dtype=np.float32)
    fakemilvus_client.insert("books", [{"id": row, "vector": vector} for row, vector in enumerate(vectors)])
    fakemilvus_client.flush("books")
    return fakemilvus_client


@pytest.fixture
def alias(fakemilvus: FakeMilvus, request: pytest.FixtureRequest) -> Iterator[str]:
    """An ORM connection of the server."""
    name = f"progress-{request.node.name}"
    connections.connect(name, uri=fakemilvus.uri)
    yield name
    connections.disconnect(name)


def add_index(client: Any, field: str = "vector", **index: Any) -> None:
    """Creates an index and does not wait for it."""
    params = client.prepare_index_params()
    params.add_index(field, **(index or {"index_type": "IVF_FLAT", "metric_type": "L2", "params": {"nlist": 16}}))
    client.create_index("books", params, sync=False)


class ScriptedClient:
    """Stands for a client of a Milvus that answers what a test wants: figures and states, the last one forever."""

    def __init__(self, figures: list[Any], states: list[int]) -> None:
        self.figures, self.states = figures, states

    def _get_connection(self) -> ScriptedClient:
        return self

    def get_index_build_progress(self, *_: str, timeout: float | None) -> dict[str, Any]:
        total, indexed, pending = self.figures.pop(0) if len(self.figures) > 1 else self.figures[0]
        return {"total_rows": total, "indexed_rows": indexed, "pending_index_rows": pending}

    def get_index_state(self, *_: str, timeout: float | None) -> tuple[int, str]:
        return self.states.pop(0) if len(self.states) > 1 else self.states[0], ""


class RefusingClient(ScriptedClient):
    """Stands for a client of a Milvus that refuses with a code and a legacy code."""

    def __init__(self, code: int, legacy: int) -> None:
        self.error = MilvusException(code, "refused", legacy)

    def get_index_build_progress(self, *_: str, timeout: float | None) -> dict[str, Any]:
        raise self.error


def test_figures(fakemilvus: FakeMilvus, client: Any) -> None:
    """The result is exactly the page's three figures, here of a build that is held at 40 %."""
    fakemilvus.builds.hold_at(fraction=0.4)
    add_index(client)
    fakemilvus.builds.wait()
    expected = {"total_rows": ROWS, "indexed_rows": 800, "pending_index_rows": 1_200}
    assert index_building_progress("books", "vector", using=client) == expected


@orm_is_deprecated
def test_connection_alias(client: Any, alias: str) -> None:
    """``using`` may be the alias of an ORM connection, as on the page."""
    add_index(client)
    assert index_building_progress("books", using=alias)["total_rows"] == ROWS


@orm_is_deprecated
def test_unknown_connection() -> None:
    """An alias that was never connected is refused by pymilvus' own exception."""
    with pytest.raises(MilvusException, match="create connection first"):
        index_building_progress("books", using="never connected")


def test_collection_alias(client: Any) -> None:
    """An alias works where a collection name does."""
    add_index(client)
    client.create_alias("books", "novels")
    assert index_building_progress("novels", using=client)["total_rows"] == ROWS


def test_unknown_collection(client: Any) -> None:
    """An unknown collection is CollectionNotExistException, with Milvus' code and text."""
    with pytest.raises(CollectionNotExistException, match="collection not found") as caught:
        index_building_progress("films", using=client)
    assert caught.value.code == 100


def test_unknown_index(client: Any) -> None:
    """An unknown index is IndexNotExistException, with Milvus' code and text."""
    add_index(client)
    with pytest.raises(IndexNotExistException, match="index not found") as caught:
        index_building_progress("books", "title", using=client)
    assert caught.value.code == 700


def test_no_index(client: Any) -> None:
    """A collection without an index is IndexNotExistException, too."""
    with pytest.raises(IndexNotExistException):
        index_building_progress("books", using=client)


def test_several_indexes(client: Any) -> None:
    """Several indexes and no name is AmbiguousIndexName; with a name each is found."""
    add_index(client)
    add_index(client, "id", index_name="by_id")
    with pytest.raises(AmbiguousIndexName):
        index_building_progress("books", using=client)
    assert index_building_progress("books", "by_id", using=client)["total_rows"] == ROWS


@pytest.mark.parametrize(("legacy", "promised"), [(4, CollectionNotExistException), (25, IndexNotExistException)])
def test_legacy_codes(legacy: int, promised: type[Exception]) -> None:
    """A Milvus that knows only the legacy codes raises the promised classes as well."""
    with pytest.raises(promised):
        index_building_progress("books", using=RefusingClient(0, legacy))


def test_other_errors_stay() -> None:
    """An error that is none of the page's stays the exception that it was."""
    client = RefusingClient(8, 49)
    with pytest.raises(MilvusException) as caught:
        index_building_progress("books", using=client)
    assert caught.value is client.error


def test_empty_collection_name(client: Any) -> None:
    """An empty collection name is refused as Milvus or pymilvus does, not as an unknown collection."""
    with pytest.raises((ParamError, MilvusException)) as caught:
        index_building_progress("", using=client)
    assert not isinstance(caught.value, CollectionNotExistException)


def test_watch(client: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """watch ends with the build: it returns the last figures, and the bar is full."""
    add_index(client)
    assert watch("books", "vector", client, poll_s=0.01) == DONE
    last_drawn = capsys.readouterr().err.rpartition("\r")[2]
    assert "books.vector" in last_drawn
    assert "100%" in last_drawn
    assert "2.00k/2.00k" in last_drawn


def test_watch_failed_build(fakemilvus: FakeMilvus, client: Any) -> None:
    """watch raises the reason of a build that failed."""
    fakemilvus.builds.fail_next("out of luck")
    add_index(client)
    with pytest.raises(MilvusException, match="out of luck"):
        watch("books", using=client, poll_s=0.01)


def test_watch_timeout(fakemilvus: FakeMilvus, client: Any) -> None:
    """watch gives up on a build that takes longer than its timeout, and says how many rows are pending."""
    fakemilvus.builds.hold()
    add_index(client)
    with pytest.raises(TimeoutError, match="2000 rows are still pending"):
        watch("books", using=client, timeout=0)


def test_watch_draws_nothing_of_nothing(client: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """watch of an unknown collection raises as index_building_progress does, and leaves no bar behind."""
    with pytest.raises(CollectionNotExistException):
        watch("films", using=client)
    assert capsys.readouterr().err == ""


def test_watch_waits_for_pending_rows() -> None:
    """Milvus says Finished for an index that is older than its pending rows; watch waits for the rows."""
    client = ScriptedClient([(10, 0, 10), (10, 5, 5), (10, 10, 0)], states=[3])
    assert watch("books", using=client, poll_s=0)["indexed_rows"] == 10


def test_watch_waits_for_the_state() -> None:
    """watch also waits while the index is InProgress with no row pending."""
    client = ScriptedClient([(10, 10, 0), (10, 10, 0), (20, 20, 0)], states=[2, 2, 3])
    assert watch("books", using=client, poll_s=0)["total_rows"] == 20


def test_watch_more_indexed_than_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    """During a compaction Milvus reports more indexed rows than rows; the bar does not overflow."""
    assert watch("books", using=ScriptedClient([(6, 9, 0)], states=[3]))["indexed_rows"] == 9
    assert "9.00/9.00" in capsys.readouterr().err
