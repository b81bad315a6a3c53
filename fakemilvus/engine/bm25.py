"""BM25: what the function makes of texts.

A row is a sparse vector: the hash of each term, and how often the text has it. Source: bm25_function.go and
multi_analyzer_bm25_function.go, Milvus 3.0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fakemilvus.datatypes import Column, as_objects
from fakemilvus.engine.field_analyzers import DEFAULT, FieldAnalyzers, analyzers_of
from fakemilvus.engine.schema import Function, Schema
from fakemilvus.engine.vector_checks import SPARSE_ELEMENT

if TYPE_CHECKING:
    from fakemilvus.engine.analysis import Analyzer

Rows = NDArray[Any]


def rows_of_column(schema: Schema, function: Function, columns: Mapping[int, Column]) -> Rows:
    """Rows for the column of texts that a function reads; a null is an empty text."""
    text = schema.by_name[function.inputs[0]]
    texts = texts_of(columns[text.id])
    analyzers = analyzers_of(text)
    if not analyzers.by_field:
        return rows_of(analyzers.named(), texts)
    return _rows_of_each(analyzers, texts, texts_of(columns[schema.by_name[analyzers.by_field].id]))


def count_terms(schema: Schema, function: Function, texts: Sequence[str], analyzer: str = "") -> Rows:
    """The texts of a search as rows, by the named analyzer where there are several."""
    analyzers = analyzers_of(schema.by_name[function.inputs[0]])
    return rows_of(analyzers.named(analyzer or DEFAULT), texts)


def rows_of(analyzer: Analyzer, texts: Sequence[str]) -> Rows:
    """One row of terms and their counts for each text, as a sparse column holds it."""
    found = analyzer.occurrences(texts)
    pairs = found.rows.astype(np.uint64) << np.uint64(32) | analyzer.hashes[found.terms].astype(np.uint64)
    pairs.sort()
    first = np.flatnonzero(np.diff(pairs, prepend=np.uint64(1 << 63)))
    elements = np.empty(len(first), SPARSE_ELEMENT)
    elements["index"] = pairs[first] & np.uint64(0xFFFFFFFF)
    elements["value"] = np.diff(first, append=len(pairs))
    stops = np.searchsorted(pairs[first] >> np.uint64(32), np.arange(len(texts)), side="right")
    cuts = [0, *(SPARSE_ELEMENT.itemsize * stops).tolist()]
    buffer = elements.tobytes()
    return as_objects([buffer[start:stop] for start, stop in pairwise(cuts)])


def texts_of(column: Column) -> list[str]:
    """The texts of a column, nulls as empty ones."""
    texts: list[str] = column.values.tolist()
    if column.valid is not None:
        for row in np.flatnonzero(~column.valid).tolist():
            texts[row] = ""
    return texts


# -- private ---------------------------------------------------------------------------------------------------


def _rows_of_each(analyzers: FieldAnalyzers, texts: Sequence[str], names: Sequence[str]) -> Rows:
    """Each text by the analyzer that stands beside it."""
    made = np.empty(len(texts), object)
    places: dict[str, list[int]] = {}
    for row, name in enumerate(names):
        places.setdefault(name, []).append(row)
    for name, rows in places.items():
        made[rows] = rows_of(analyzers.named(name), [texts[row] for row in rows])
    return made
