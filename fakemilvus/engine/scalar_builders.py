"""What is built for a scalar index: by the type of its field, its path, and its kind."""

from __future__ import annotations

from collections.abc import Callable

from fakemilvus.datatypes import Column, DataType
from fakemilvus.engine.bitmap_index import MOST_BITMAPS, BitmapBuilder
from fakemilvus.engine.element_index import ElementsBuilder
from fakemilvus.engine.families import Builder
from fakemilvus.engine.index import Index
from fakemilvus.engine.json_index import FlatBuilder, JsonBuilder
from fakemilvus.engine.json_paths import path_of
from fakemilvus.engine.ngram_index import NgramBuilder
from fakemilvus.engine.scalar_index import SortedBuilder
from fakemilvus.engine.spatial_index import SpatialBuilder


def scalar_builder(index: Index, column: Column) -> Builder:
    """The construction of an index over one column."""
    return _OF_TYPES.get(column.type, _plain)(index, column)


def _plain(index: Index, column: Column) -> Builder:
    make = _OF_KINDS.get(index.kind)
    return SortedBuilder(column) if make is None else make(index, column)


def _json(index: Index, column: Column) -> Builder:
    if index.build_params["json_cast_type"] == "JSON":
        return FlatBuilder(column, path_of(str(index.build_params["json_path"])))
    return JsonBuilder(column, index.kind, index.build_params)


def _ngram(index: Index, column: Column) -> Builder:
    return NgramBuilder(column, *(int(str(index.build_params[name])) for name in ("min_gram", "max_gram")))


def _hybrid(index: Index, column: Column) -> Builder:
    return BitmapBuilder(column, int(str(index.build_params["bitmap_cardinality_limit"])))


_OF_KINDS: dict[str, Callable[[Index, Column], Builder]] = {
    "BITMAP": lambda index, column: BitmapBuilder(column, MOST_BITMAPS),
    "HYBRID": _hybrid,
    "NGRAM": _ngram,
}
"""The kinds that are not a sorted index."""

_OF_TYPES: dict[DataType, Callable[[Index, Column], Builder]] = {
    DataType.ARRAY: lambda index, column: ElementsBuilder(column),
    DataType.GEOMETRY: lambda index, column: SpatialBuilder(column),
    DataType.JSON: _json,
}
