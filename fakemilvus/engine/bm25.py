"""BM25: what the function makes of texts.

A row is a sparse vector: the hash of each term, and how often the text has it. Source: bm25_function.go and
multi_analyzer_bm25_function.go, Milvus 3.0.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fakemilvus.datatypes import Column, DataType, as_objects
from fakemilvus.engine.absent import absent_column
from fakemilvus.engine.analysis import Analyzer
from fakemilvus.engine.field_analyzers import DEFAULT, FieldAnalyzers, analyzers_of
from fakemilvus.engine.schema import Field, Function, Schema
from fakemilvus.engine.term_rows import BM25
from fakemilvus.engine.vector_checks import SPARSE_ELEMENT

Rows = NDArray[Any]


def find_function(schema: Schema, field: Field) -> Function | None:
    """The BM25 that makes a field, if one does."""
    return next((f for f in schema.functions if f.type == BM25 and field.name in f.outputs), None)


def with_computed(schema: Schema, columns: Mapping[int, Column]) -> Mapping[int, Column]:
    """The columns and what each BM25 makes of them."""
    made = {
        output.id: Column(DataType.SPARSE_FLOAT_VECTOR, _computed(schema, text, columns))
        for text, output in _ends(schema)
    }
    return {**columns, **made} if made else columns


def completed(
    schema: Schema, columns: Mapping[int, Column], rows: int, kept: MutableMapping[int, Rows]
) -> dict[int, Column]:
    """A column for every stored field: those that are missing are computed by their BM25, or absent.

    ``kept`` has what was computed of the first rows of each text field, and gets what is computed now.
    """
    made = {f.id: columns[f.id] if f.id in columns else absent_column(f, rows) for f in schema.stored}
    for text, output in _ends(schema):
        if output.id not in columns:
            held = kept.get(text.id, np.empty(0, object))
            rest = {i: column.take(slice(len(held), rows)) for i, column in made.items()}
            held = kept[text.id] = np.concatenate([held, _computed(schema, text, rest)])
            made[output.id] = Column(DataType.SPARSE_FLOAT_VECTOR, held[:rows])
    return made


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


# -- private ---------------------------------------------------------------------------------------------------


def _ends(schema: Schema) -> Iterator[tuple[Field, Field]]:
    """The text field and the output of each BM25."""
    for function in schema.functions:
        if function.type == BM25:
            yield schema.by_name[function.inputs[0]], schema.by_name[function.outputs[0]]


def _computed(schema: Schema, text: Field, columns: Mapping[int, Column]) -> Rows:
    """Rows for a column of texts; a null is an empty text."""
    texts = _texts(columns[text.id])
    analyzers = analyzers_of(text)
    if not analyzers.by_field:
        return rows_of(analyzers.named(), texts)
    return _computed_each(analyzers, texts, _texts(columns[schema.by_name[analyzers.by_field].id]))


def _computed_each(analyzers: FieldAnalyzers, texts: Sequence[str], names: Sequence[str]) -> Rows:
    """Each text by the analyzer that stands beside it."""
    made = np.empty(len(texts), object)
    places: dict[str, list[int]] = {}
    for row, name in enumerate(names):
        places.setdefault(name, []).append(row)
    for name, rows in places.items():
        made[rows] = rows_of(analyzers.named(name), [texts[row] for row in rows])
    return made


def _texts(column: Column) -> list[str]:
    texts: list[str] = column.values.tolist()
    if column.valid is not None:
        for row in np.flatnonzero(~column.valid).tolist():
            texts[row] = ""
    return texts
