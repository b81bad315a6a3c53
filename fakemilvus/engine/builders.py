"""What is built for an index over a segment: by its kind, or nothing where every search is exact."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from fakemilvus.datatypes import Column, DataType
from fakemilvus.engine.exact import ExactBuilder
from fakemilvus.engine.families import Builder
from fakemilvus.engine.index import Index
from fakemilvus.engine.kinds import KINDS
from fakemilvus.engine.metrics import METRICS
from fakemilvus.engine.options import Options
from fakemilvus.engine.segment import Segment
from fakemilvus.engine.sifted import SiftedBuilder


def find_builder(index: Index, segment: Segment, options: Options) -> tuple[Callable[[], Builder], str]:
    """What starts the construction, and why there is nothing to build; that is empty where there is something."""
    column = segment.columns[index.field.id]
    rows = segment.rows if not index.field.is_vector or column.valid is None else int(np.count_nonzero(column.valid))
    if rows < options.min_index_rows:
        return ExactBuilder, f"a segment of {rows} rows has fewer than min_index_rows={options.min_index_rows}"
    if column.type is DataType.ARRAY_OF_VECTOR:
        return ExactBuilder, "nothing is built over arrays of vectors"
    if not index.field.is_vector:
        return lambda: _scalar_builder(index, column), ""
    make = KINDS[index.kind].make
    if make is None:
        return ExactBuilder, f"a segment of {segment.rows} rows is searched exactly"
    metric, seed = METRICS[index.metric], options.seed
    if column.valid is not None and not column.valid.all():
        return lambda: SiftedBuilder(column, lambda values: make(values, metric, index.build_params, seed)), ""
    return lambda: make(column.values, metric, index.build_params, seed), ""


def _scalar_builder(index: Index, column: Column) -> Builder:
    """Imports what builds scalar indexes, and reads documents for it, with the first of them."""
    from fakemilvus.engine.scalar_builders import scalar_builder

    return scalar_builder(index, column)
