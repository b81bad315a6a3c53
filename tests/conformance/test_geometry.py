"""GEOMETRY fields: well-known text in and out. Since Milvus 2.6.4."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import pytest
from pymilvus.grpc_gen import schema_pb2

from tests.conformance.making import T, column, field, id_field, plain_rows, schema, vector_field
from tests.conformance.refusals import check_accepted, check_refused, invalid
from tests.conformance.target import Collections, Target


@pytest.fixture(autouse=True)
def _possible(target: Target) -> None:
    if target.version < (3, 0):
        pytest.skip("since Milvus 2.6.4")
    if target.fake and find_spec("shapely") is None:
        pytest.skip("needs shapely")


def shapes(texts: list[str], valid: tuple[bool, ...] = ()) -> schema_pb2.FieldData:
    data = schema_pb2.FieldData(field_name="g", type=T.Geometry, valid_data=valid)
    data.scalars.geometry_wkt_data.data.extend(texts)
    return data


def make(target: Target, collections: Collections, **params: Any) -> str:
    name = collections.make([id_field(), vector_field(), field("g", T.Geometry, **params)])
    target.done("CreateIndex", collection_name=name, field_name="vec", extra_params={"metric_type": "L2"})
    target.load(name)
    return name


def shown(response: Any) -> list[str | None]:
    check_accepted(response)
    (data,) = (data for data in response.fields_data if data.field_name == "g")
    texts = list(data.scalars.geometry_wkt_data.data)
    return [text if valid else None for text, valid in zip(texts, data.valid_data or [True] * len(texts), strict=True)]


@pytest.mark.parametrize(
    ("sent", "back"),
    [
        ("POINT(1 2)", "POINT (1 2)"),
        ("point ( 0.1  -1000 )", "POINT (0.1 -1000)"),
        ("POINT EMPTY", "POINT EMPTY"),
        ("LINESTRING (0 0,1 1,2 0)", "LINESTRING (0 0, 1 1, 2 0)"),
        ("POLYGON ((0 0,10 0,10 10,0 0),(1 1,2 1,2 2,1 1))", "POLYGON ((0 0, 10 0, 10 10, 0 0), (1 1, 2 1, 2 2, 1 1))"),
        ("MULTIPOINT ((1 2),(3 4))", "MULTIPOINT ((1 2), (3 4))"),
        ("GEOMETRYCOLLECTION(POINT(1 2),POINT EMPTY)", "GEOMETRYCOLLECTION (POINT (1 2), POINT EMPTY)"),
    ],
)  # fmt: skip
def test_geometries_come_back(target: Target, collections: Collections, sent: str, back: str) -> None:
    """A geometry comes back in the usual form of its text."""
    name = make(target, collections)
    check_accepted(target.insert(name, [*plain_rows(1), shapes([sent])], 1))
    assert shown(target.query(name, "id >= 0", ["g"])) == [back]


def test_nulls_and_default(target: Target, collections: Collections) -> None:
    """A nullable geometry may be null; one with a default is that where a row brings none."""
    name = make(target, collections, nullable=True)
    check_accepted(target.insert(name, [*plain_rows(2), shapes(["POINT (1 2)"], (False, True))], 2))
    assert shown(target.query(name, "id >= 0", ["g"])) == [None, "POINT (1 2)"]
    name = make(target, collections, default_value=schema_pb2.ValueField(string_data="POINT(3 4)"))
    check_accepted(target.insert(name, plain_rows(1), 1))
    assert shown(target.query(name, "id >= 0", ["g"])) == ["POINT (3 4)"]
    described = target.done("DescribeCollection", collection_name=name).schema.fields[2]
    assert described.default_value.string_data == "POINT(3 4)"


@pytest.mark.parametrize("text", ["", "POINT(1)", "POLYGON((0 0,1 0,1 1))", "CIRCLE(0 0)", "POINT(1 2) POINT(3 4)"])
def test_texts_refused(target: Target, collections: Collections, text: str) -> None:
    """What is no geometry is refused, in the words of the library that reads it."""
    name = make(target, collections)
    refusal = invalid("invalid Geometry data, transform to wkb failed: *", before=None)
    check_refused(target.insert(name, [*plain_rows(1), shapes([text])], 1), refusal, target.version)
    assert target.count(name) == 0


@pytest.mark.parametrize(
    "default", [schema_pb2.ValueField(string_data="here"), schema_pb2.ValueField(long_data=1)], ids=["text", "number"]
)
def test_defaults_refused(target: Target, collections: Collections, default: schema_pb2.ValueField) -> None:
    """A default has to be a geometry."""
    name = collections.name()
    sent = schema(name, [id_field(), vector_field(), field("g", T.Geometry, default_value=default)])
    refusal = invalid("invalid default value for geometry field", before=None)
    target.refused("CreateCollection", refusal, collection_name=name, schema=sent)


def test_other_data_refused(target: Target, collections: Collections) -> None:
    """A column of texts is no column of geometries."""
    name = make(target, collections)
    data = column("g", T.VarChar, ["POINT(1 2)"])
    refusal = invalid(
        "geometry field 'g' is illegal, array type mismatch",
        before=None,
        ending="[expected=need geometry array][actual=got *]",
    )
    check_refused(target.insert(name, [*plain_rows(1), data], 1), refusal, target.version)  # fmt: skip


@pytest.mark.parametrize("index_type", ["RTREE", "AUTOINDEX"])
def test_rtree(target: Target, collections: Collections, index_type: str) -> None:
    """An RTREE is built over geometries, and is what AUTOINDEX means for them; null rows count too."""
    name = make(target, collections, nullable=True)
    texts = [f"POINT ({row} 1)" for row in range(1, 1500)]
    check_accepted(target.insert(name, [*plain_rows(1500), shapes(texts, (False, *[True] * 1499))], 1500))
    target.flush(name)
    target.done("CreateIndex", collection_name=name, field_name="g", extra_params={"index_type": index_type})
    target.wait_until_indexed(name)
    assert target.counters(name, "g") == (1500, 1500, 0)


def test_rtree_only_for_geometries(target: Target, collections: Collections) -> None:
    """An RTREE index is for geometries only."""
    name = collections.make()
    target.refused(
        "CreateIndex",
        invalid("RTREE index can only be built on geometry field, got Int64", before=None),
        collection_name=name,
        field_name="id",
        extra_params={"index_type": "RTREE"},
    )
