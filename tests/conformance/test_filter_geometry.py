"""Filters on GEOMETRY fields: relations, distances, validity, with and without an RTREE index."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from tests.conformance.making import plain_rows, random_vectors
from tests.conformance.refusals import check_accepted, check_refused, invalid
from tests.conformance.target import Collections, Target
from tests.conformance.test_filter_timestamps import keys
from tests.conformance.test_geometry import make, shapes

SQUARE = "POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0))"
TEXTS = ["POINT (1 1)", SQUARE, "LINESTRING (-1 -1, 5 5)", "POINT (10 10)"]
VALID = (True, True, False, True, True)
CASES = [
    (f"st_equals(g, '{SQUARE}')", [1]),
    (f"ST_WITHIN(g, '{SQUARE}')", [0, 1]),
    ("st_contains(g, 'POINT (3 3)')", [1, 3]),
    (f"st_intersects(g, '{SQUARE}')", [0, 1, 3]),
    (f"st_crosses(g, '{SQUARE}')", [3]),
    ("st_overlaps(g, 'POLYGON ((2 2, 6 2, 6 6, 2 6, 2 2))')", [1]),
    ("st_touches(g, 'POINT (4 0)')", [1]),
    ("st_dwithin(g, 'POINT (1 1)', 1000)", [0, 1, 3]),
    ("st_dwithin(g, 'POINT (10.001 10)', 109.6)", [4]),
    ("st_dwithin(g, 'POINT (10.001 10)', 109.4)", []),
    ("st_isvalid(g) and id > 0", [1, 3, 4]),
    (f"not st_intersects(g, '{SQUARE}')", [4]),
    ("g is null", [2]),
]


@pytest.fixture(autouse=True)
def _possible(target: Target) -> None:
    if target.version < (3, 0):
        pytest.skip("since Milvus 2.6.4")
    if target.fake and find_spec("shapely") is None:
        pytest.skip("needs shapely")


@pytest.fixture(params=["scanned", "indexed"])
def name(request: pytest.FixtureRequest, target: Target, collections: Collections) -> str:
    """Keys 0 to 4, the geometry of 2 being null."""
    made = make(target, collections, nullable=True)
    if request.param == "indexed":
        target.done("CreateIndex", collection_name=made, field_name="g", extra_params={"index_type": "RTREE"})
    check_accepted(target.insert(made, [*plain_rows(5), shapes(TEXTS, VALID)], 5))
    if request.param == "indexed":
        target.flush(made)
        target.wait_until_indexed(made)
    return made


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_queries(target: Target, name: str, text: str, expected: list[int]) -> None:
    """Geometries stand in relations and at distances; nulls in none."""
    assert keys(target.query(name, text, ["id"])) == expected


def test_searches(target: Target, name: str) -> None:
    """A search finds only what passes."""
    found = target.search(name, random_vectors(1), 10, filter=f"st_within(g, '{SQUARE}')")
    assert sorted(found.results.ids.int_id.data) == [0, 1]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "st_within(id, 'POINT (1 1)')",
            "spatial operation are only supported on geometry fields now, got: st_within(id,'POINT (1 1)')"
            ": invalid parameter",
        ),
        (
            "st_isvalid(id)",
            "STIsValid operation are only supported on geometry fields now, got: st_isvalid(id): invalid parameter",
        ),
        ("st_within(g, 5)", "WKT string should be a string literal or template variable, got: 5: invalid parameter"),
        (
            "st_dwithin(g, 'POINT EMPTY', -1)",
            "distance parameter must be non-negative, got: -1.000000: invalid parameter",
        ),
        (f"st_dwithin(g, '{SQUARE}', 1)", f"only supports POINT geometry: {SQUARE}: query plan failed"),
        ("st_within(g, 'no geometry')", "*"),
    ],
)
def test_refusals(target: Target, name: str, text: str, problem: str) -> None:
    """Only geometry fields have relations, only to texts of geometries."""
    whole = invalid(f"failed to create query plan: cannot parse expression: {text}: {problem}", before=None)
    check_refused(target.query(name, text, ["id"]), whole, target.version)
