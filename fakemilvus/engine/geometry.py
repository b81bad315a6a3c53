"""GEOMETRY: well-known text on the wire, well-known binary (little-endian) in columns.

Needs shapely, the extra ``geometry``; without it the type is refused by name. The texts that come back are GEOS':
Milvus' go-geom writes the same but for very large and very small numbers, which it never writes with an exponent. What
is refused is the same too, in other words.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fakemilvus import errors
from fakemilvus.datatypes import TEXT_DTYPE
from fakemilvus.filters.nesting import check_nesting


def check_installed() -> None:
    """Raises Unimplemented where shapely is missing."""
    if find_spec("shapely") is None:
        raise errors.Unimplemented("the data type Geometry without shapely; install fakemilvus[geometry]")


def read_texts(texts: Sequence[str]) -> NDArray[Any]:
    """The binaries of some texts, shape (rows,); GeometryInvalid for the first that is none."""
    shapely = _shapely()
    for text in texts:
        check_nesting(text)
    try:
        shapes = shapely.from_wkt(list(texts))
    except (shapely.errors.ShapelyError, NotImplementedError) as problem:
        raise errors.GeometryInvalid(problem=str(problem).strip()) from None
    return _objects(shapely.to_wkb(shapes, byte_order=1, include_srid=False), len(texts))


def show_texts(binaries: NDArray[Any]) -> NDArray[Any]:
    """The texts of some binaries, shape (rows,); empty where a binary is, as in null rows."""
    shapely = _shapely()
    there = np.fromiter(map(bool, binaries), np.bool_, len(binaries))
    texts = np.zeros(len(binaries), TEXT_DTYPE)
    texts[there] = shapely.to_wkt(shapely.from_wkb(binaries[there]), rounding_precision=-1)
    return texts


def read_binaries(binaries: NDArray[Any]) -> NDArray[Any]:
    """The geometries of some binaries, none of them empty, as shapely has them."""
    shapes: NDArray[Any] = _shapely().from_wkb(binaries)
    return shapes


def build_tree(shapes: NDArray[Any]) -> Any:
    """A packed tree of the bounding boxes of some geometries."""
    return _shapely().STRtree(shapes)


def find_intersecting(tree: Any, text: str) -> NDArray[np.intp]:
    """The places in a tree of the geometries that intersect one; GeometryInvalid where that is none."""
    (shape,) = read_binaries(read_texts([text]))
    places: NDArray[np.intp] = tree.query(shape, predicate="intersects")
    return places


def check_binaries(binaries: NDArray[Any]) -> None:
    """Raises ValueError where one is neither empty nor the binary of a geometry."""
    try:
        show_texts(binaries)
    except _shapely().errors.ShapelyError as problem:
        raise ValueError(f"it holds what is no geometry: {problem}") from None


# -- private ---------------------------------------------------------------------------------------------------


def _shapely() -> Any:
    """Imported late: it takes longer than most tests, and few need it."""
    import shapely

    return shapely


def _objects(values: Any, rows: int) -> NDArray[Any]:
    made = np.empty(rows, object)
    made[:] = values
    return made
