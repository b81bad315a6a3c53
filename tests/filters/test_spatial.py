"""Geometry fields in filters: relations, distances in metres, validity."""

from __future__ import annotations

import numpy as np
import pytest

from fakemilvus import errors
from fakemilvus.datatypes import Column, DataType, Mask
from fakemilvus.filters import compile_filter
from tests.filters.making import FakeBatch, fields

shapely = pytest.importorskip("shapely")

FIELDS = fields(geo=DataType.GEOMETRY)
TEXTS = [
    "POINT (1 1)",
    "POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0))",
    None,
    "LINESTRING (-1 -1, 5 5)",
    "POLYGON ((2 2, 6 2, 6 6, 2 6, 2 2))",
    "POINT (10 10)",
    "POLYGON ((20 20, 22 22, 22 20, 20 22, 20 20))",
]
SQUARE = "'POLYGON ((0 0, 0 4, 4 4, 4 0, 0 0))'"


def batch_of(texts: list[str | None]) -> FakeBatch:
    values = np.empty(len(texts), object)
    values[:] = [shapely.to_wkb(shapely.from_wkt(text)) if text else b"" for text in texts]
    valid = np.array([text is not None for text in texts], np.bool_)
    return FakeBatch({"geo": Column(DataType.GEOMETRY, values, valid)}, len(texts))


def passing(text: str, texts: list[str | None] = TEXTS) -> list[int]:
    """The numbers of the rows that pass."""
    return np.flatnonzero(compile_filter(text, FIELDS).mask(batch_of(texts))).tolist()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"st_equals(geo, {SQUARE})", [1]),
        (f"ST_WITHIN(geo, {SQUARE})", [0, 1]),
        ("st_contains(geo, 'POINT (3 3)')", [1, 3, 4]),
        (f"st_intersects(geo, {SQUARE})", [0, 1, 3, 4]),
        (f"st_crosses(geo, {SQUARE})", [3]),
        (f"st_overlaps(geo, {SQUARE})", [4]),
        ("st_touches(geo, 'POINT (4 0)')", [1]),
        ("st_isvalid(geo)", [0, 1, 3, 4, 5]),
        ("not st_isvalid(geo)", [6]),
        ("not st_contains(geo, 'POINT (3 3)')", [0, 5, 6]),
        ("st_isvalid(geo) or geo is null", [0, 1, 2, 3, 4, 5]),
    ],
)
def test_relations(text: str, expected: list[int]) -> None:
    """Every relation is read from the field's geometry to the other; a null neither passes nor fails."""
    assert passing(text) == expected


@pytest.mark.parametrize(
    ("metres", "expected"), [("0", [0, 1, 3]), ("158000", [0, 1, 3, 4]), ("1e9", [0, 1, 3, 4, 5, 6])]
)
def test_distance(metres: str, expected: list[int]) -> None:
    """What lies within so many metres passes, the distance included; what covers the point is at distance zero."""
    assert passing(f"st_dwithin(geo, 'POINT (1 1)', {metres})") == expected


def test_points_are_measured_along_the_earth() -> None:
    """One degree of longitude is half as long at sixty degrees north: about 55.6 km."""
    texts: list[str | None] = ["POINT (1 60)"]
    assert passing("st_dwithin(geo, 'POINT (0 60)', 55598)", texts) == [0]
    assert passing("st_dwithin(geo, 'POINT (0 60)', 55590)", texts) == []


def test_shapes_are_measured_in_degrees_of_the_query() -> None:
    """A degree is 111,320 m times sqrt((1 + cos(latitude) ** 2) / 2) where the query point is."""
    texts: list[str | None] = ["LINESTRING (1 60, 1 61)"]
    assert passing("st_dwithin(geo, 'POINT (0 60)', 88007)", texts) == [0]
    assert passing("st_dwithin(geo, 'POINT (0 60)', 88006)", texts) == []


def test_an_index_is_asked_first() -> None:
    """Only rows that a spatial index names are compared, with every relation."""
    batch = batch_of(TEXTS)
    near: Mask = np.array([True, False, False, False, False, False, False])
    batch.answers["geo", "st_intersects"] = near
    assert np.flatnonzero(compile_filter(f"st_within(geo, {SQUARE})", FIELDS).mask(batch)).tolist() == [0]
    assert batch.asked == [("geo", "st_intersects", SQUARE.strip("'"))]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (
            "st_within(id, 'POINT (1 1)')",
            "spatial operation are only supported on geometry fields now, got: st_within(",
        ),
        ("st_isvalid(s)", "STIsValid operation are only supported on geometry fields now, got: st_isvalid(s)"),
        ("st_dwithin(s, 'POINT (1 1)', 1)", "ST_DWITHIN operation are only supported on geometry fields now"),
        ("st_within(no, 'POINT (1 1)')", "field no not exist"),
        ("st_within(geo, 5)", "WKT string should be a string literal or template variable, got: 5"),
        ("st_within(geo, geo)", "WKT string should be a string literal or template variable, got: geo"),
        ("st_dwithin(geo, 'POLYGON ((0 0, 1 0, 1 1, 0 0))', 1)", "only supports POINT geometry: POLYGON"),
        ("st_dwithin(geo, 'POINT (1 1)', -1)", "distance parameter must be non-negative, got: -1.000000"),
        ("st_dwithin(geo, 'POINT (1 1)', '5')", "distance parameter must be a numeric value (int or float), got: '5'"),
        ("st_dwithin(geo, 'POINT (1 1)', id)", "distance parameter must be a constant numeric value, got: id"),
        ("st_dwithin(geo, 'POINT (1 1)')", "mismatched input ')' expecting ','"),
        ("st_within('POINT (1 1)', geo)", "expecting Identifier"),
        ("geo == 'POINT (1 1)'", "comparisons between Geometry and VarChar are not supported"),
    ],
)
def test_refusals(text: str, complaint: str) -> None:
    """The first argument is a geometry field, the second a constant text, the distance a number."""
    with pytest.raises(errors.FilterError) as raised:
        passing(text, [])
    assert complaint in raised.value.message


@pytest.mark.parametrize("text", ["POINT", "no geometry", "POINT (1 1", "POLYGON ((0 0, 1 1))"])
def test_texts_that_are_no_geometry(text: str) -> None:
    """A text that shapely cannot read is refused before any row is looked at."""
    with pytest.raises(errors.FilterWktInvalid):
        passing(f"st_within(geo, '{text}')", [])


@pytest.mark.parametrize("text", [f"st_within(geo, {SQUARE})", "st_isvalid(geo)", "st_dwithin(geo, 'POINT (1 1)', 5)"])
def test_no_rows(text: str) -> None:
    """An empty batch, and one of nulls only, are answered with no row."""
    assert passing(text, []) == passing(text, [None]) == []


@pytest.mark.parametrize(
    ("point", "expected"), [("POINT (1 1)", [0, 2, 3]), ("POINT (9 9)", [1, 2, 3]), ("POINT EMPTY", [])]
)
def test_distances_of_empty_shapes(point: str, expected: list[int]) -> None:
    """An empty shape is near every point, and nothing is near an empty one, as in Milvus."""
    texts: list[str | None] = ["POINT (1 1)", "POINT (9 9)", "POINT EMPTY", "LINESTRING EMPTY", None]
    assert passing(f"st_dwithin(geo, '{point}', 1.0)", texts) == expected


def test_deep_collections() -> None:
    """Collections nested so deep that GEOS would crash are refused by name, many side by side are not."""
    deep = "GEOMETRYCOLLECTION (" * 100_000 + ")" * 100_000
    with pytest.raises(errors.Unimplemented, match="collections in each other"):
        compile_filter(f"st_within(geo, '{deep}')", FIELDS)
    wide = f"MULTIPOINT ({', '.join('(1 1)' for _ in range(2_000))})"
    assert passing(f"st_intersects(geo, '{wide}')", ["POINT (1 1)"]) == [0]
