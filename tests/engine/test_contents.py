"""Reading a collection directly: what a test sees without an rpc."""

from __future__ import annotations

import json

import numpy as np
import pytest

from fakemilvus import errors
from fakemilvus.datatypes import TEXT_DTYPE, Column, DataType
from fakemilvus.engine.contents import Contents, dump_collection
from fakemilvus.engine.definition import Definition
from fakemilvus.engine.schema import Field, Schema
from tests.engine.making import create_ivf, make_vectors, put

SCHEMA = Schema(
    (
        Field("id", DataType.INT64, is_primary=True),
        Field("text", DataType.VARCHAR, nullable=True, type_params=(("max_length", "64"),)),
        Field("doc", DataType.JSON),
        Field("vector", DataType.FLOAT_VECTOR, type_params=(("dim", "2"),)),
    ),
    enable_dynamic_field=True,
).with_ids()


def documents(*values):
    packed = np.empty(len(values), object)
    packed[:] = [json.dumps(value).encode() for value in values]
    return Column(DataType.JSON, packed)


@pytest.fixture
def collection(make_collection):
    made = make_collection(Definition("docs", SCHEMA))
    columns = (
        Column(DataType.INT64, np.array([3, 1, 2])),
        Column(DataType.VARCHAR, np.array(["c", "a", ""], TEXT_DTYPE), np.array([True, True, False])),
        documents({"n": 3}, [1], None),
        Column(DataType.FLOAT_VECTOR, np.array([[3, 0.5], [1, 0], [2, 0]], np.float32)),
        documents({"colour": "red"}, {}, {"colour": "blue", "size": 2}),
    )
    made.insert({100 + i: column for i, column in enumerate(columns)}, 3)
    return made


@pytest.fixture
def docs(collection):
    return Contents(collection)


def test_rows_are_plain_python(docs):
    """Rows come by primary key: vectors as lists, JSON parsed, null as None, dynamic keys beside the fields."""
    assert docs.rows() == [
        {"id": 1, "text": "a", "doc": [1], "vector": [1.0, 0.0]},
        {"id": 2, "text": None, "doc": None, "vector": [2.0, 0.0], "colour": "blue", "size": 2},
        {"id": 3, "text": "c", "doc": {"n": 3}, "vector": [3.0, 0.5], "colour": "red"},
    ]
    assert [type(value) for value in docs.rows()[0].values()] == [int, str, list, list]


def test_rows_take_a_filter_a_limit_and_fields(docs):
    """A filter in Milvus' language, a limit, and the fields or dynamic keys that are wanted."""
    assert docs.rows("id >= 2", limit=1, output_fields=["id"]) == [{"id": 2}]
    assert docs.rows('colour == "red"', output_fields=["colour", "id"]) == [{"colour": "red", "id": 3}]
    assert docs.rows("id == 1", output_fields=["id", "colour"]) == [{"id": 1}]


def test_wrong_filters_and_fields_raise(make_collection):
    """A filter that does not parse and a field that does not exist raise Milvus' errors."""
    docs = Contents(make_collection())
    with pytest.raises(errors.FilterError):
        docs.rows("id ==")
    with pytest.raises(errors.FieldNotExist):
        docs.rows(output_fields=["nothing"])
    with pytest.raises(errors.FieldNotExist):
        docs.column("nothing")


def test_deleted_rows_are_gone(collection, docs):
    """Deleted rows are neither counted nor shown."""
    collection.delete(lambda segment: segment.find_keys(np.array([1])))
    assert docs.count == 2
    assert [row["id"] for row in docs.rows()] == [2, 3]
    assert docs.column("id").tolist() == [2, 3]


def test_columns_are_arrays(docs):
    """A column is an array in the order of the rows; nulls are None in an array of Python values."""
    assert docs.column("id").tolist() == [1, 2, 3]
    assert docs.column("vector").tolist() == [[1, 0], [2, 0], [3, 0.5]]
    assert docs.column("vector").dtype == np.float32
    assert docs.column("text").tolist() == ["a", None, "c"]
    assert docs.column("doc").tolist() == [[1], None, {"n": 3}]


def test_a_test_cannot_change_the_server(docs):
    """Writing into what was read changes nothing."""
    docs.column("vector")[:] = 7
    docs.rows()[0]["doc"].append(2)
    assert docs.column("vector")[0].tolist() == [1, 0]
    assert docs.rows()[0]["doc"] == [1]


def test_an_empty_collection_has_no_rows(make_collection):
    """Nothing is there, and every column has length 0."""
    docs = Contents(make_collection())
    assert (docs.count, docs.rows(), docs.column("id").tolist()) == (0, [], [])
    assert docs.column("vector").shape == (0, 8)


def test_the_schema_is_a_summary(docs):
    """Each field's type, size and nature in a few words."""
    assert docs.schema == {
        "id": "Int64 primary",
        "text": "VarChar(64) nullable",
        "doc": "JSON",
        "vector": "FloatVector(2)",
        "$meta": "JSON dynamic",
    }


def test_indexes_are_shown_with_their_counters(make_collection, builds):
    """Each index with definition, state and row counters."""
    collection = make_collection()
    put(collection, range(2_000), make_vectors(2_000))
    collection.flush()
    builds.hold_at(rows=500)
    create_ivf(collection)
    builds.wait(30)
    (index,) = Contents(collection).indexes
    assert (index["field"], index["kind"], index["state"]) == ("vector", "IVF_FLAT", "IN_PROGRESS")
    assert (index["total_rows"], index["indexed_rows"], index["pending_index_rows"]) == (2_000, 500, 1_500)
    builds.release()


def test_a_view_follows_the_collection(collection, docs):
    """Each reading is of its moment."""
    assert docs.count == 3
    collection.delete(lambda segment: segment.find_keys(np.array([1, 2, 3])))
    assert repr(docs) == "<Contents of docs: 0 rows>"


def test_a_dump_shows_segments(collection):
    """A dump names segments, with their rows and how many of them are deleted, and what the rows take."""
    collection.flush()
    collection.delete(lambda segment: segment.find_keys(np.array([1])))
    dumped = dump_collection(collection)
    (segment,) = dumped["segments"]
    assert (segment["state"], segment["rows"], segment["deleted"]) == ("flushed", 3, 1)
    assert dumped["size_bytes"] == collection.size_bytes > 3 * (8 + 8)
