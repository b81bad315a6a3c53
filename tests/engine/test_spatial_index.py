"""The RTREE index of a GEOMETRY."""

from __future__ import annotations

import numpy as np
import pytest

from fakemilvus.datatypes import Column, DataType
from fakemilvus.engine.spatial_index import SpatialBuilder

pytest.importorskip("shapely", reason="the extra geometry")


def test_rows_that_intersect() -> None:
    """A look-up finds the rows that touch a geometry, whatever the chunks were, and no null row."""
    from fakemilvus.engine.geometry import read_texts

    values = read_texts(["POINT (1 1)", "POINT (5 5)", "LINESTRING (0 0, 9 9)", "POINT (1 1)", "POINT EMPTY"])
    builder = SpatialBuilder(Column(DataType.GEOMETRY, values, np.array([True, True, True, False, True])))
    builder.add(0, 2)
    builder.add(2, 5)
    index = builder.finished()
    found = index.look_up("st_intersects", "POLYGON ((0 0, 2 0, 2 2, 0 2, 0 0))")
    assert found is not None
    assert found.rows().tolist() == [0, 2]
    assert index.look_ups == 1
    assert index.look_up("==", "POINT (1 1)") is None
