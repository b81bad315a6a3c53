"""BM25: what the function makes of texts, and how a query of texts is weighted by what the collection holds.

A row is a sparse vector: the hash of each term, and how often the text has it. Milvus counts rows and terms where the
channel's segments are loaded, deleted rows too; so does this over the snapshot. Source: bm25_function.go,
multi_analyzer_bm25_function.go, the delegator's idf_oracle.go, and storage's stats.go, Milvus 3.0.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fakemilvus.datatypes import Column, DataType, as_objects
from fakemilvus.engine.analysis import Analyzer
from fakemilvus.engine.field_analyzers import DEFAULT, FieldAnalyzers, analyzers_of
from fakemilvus.engine.index import Index
from fakemilvus.engine.schema import Field, Function, Schema
from fakemilvus.engine.snapshot import Snapshot
from fakemilvus.engine.term_rows import AVERAGE, BM25, K1, B, TermRows
from fakemilvus.engine.vector_checks import SPARSE_ELEMENT

DEFAULTS = {K1: 1.2, B: 0.75}
Rows = NDArray[Any]


def find_function(schema: Schema, field: Field) -> Function | None:
    """The BM25 that makes a field, if one does."""
    return next((f for f in schema.functions if f.type == BM25 and field.name in f.outputs), None)


def with_computed(schema: Schema, columns: Mapping[int, Column]) -> Mapping[int, Column]:
    """The columns and what each BM25 makes of them."""
    made = {}
    for function in schema.functions:
        if function.type == BM25:
            text, output = (schema.by_name[name] for name in (function.inputs[0], function.outputs[0]))
            made[output.id] = Column(DataType.SPARSE_FLOAT_VECTOR, _computed(schema, text, columns))
    return {**columns, **made} if made else columns


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


def weighted(snapshot: Snapshot, field: Field, index: Index, queries: Rows) -> tuple[Rows, Mapping[str, float]]:
    """The queries with each count times the rarity of its term, and the parameters of the scores.

    Without any text in the collection there is nothing to find, and no row of the answer has a term.
    """
    segments = [s for s in snapshot.segments if s.rows and s.partition_id in snapshot.loaded]
    terms = [s.built.get(index.id) or s.sparse.terms(field.id, s.columns[field.id].values) for s in segments]
    rows, length = sum(one.rows for one in terms), sum(one.total_length for one in terms)
    params = {name: float(str(index.build_params.get(name, usual))) for name, usual in DEFAULTS.items()}
    average = max(length / rows, 1.0) if rows else 1.0
    rarities: dict[int, float] = {}
    return as_objects([_weighted(query, terms, rows, rarities) for query in queries]), {**params, AVERAGE: average}


# -- private ---------------------------------------------------------------------------------------------------


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


def _weighted(query: bytes, terms: Sequence[TermRows], rows: int, rarities: dict[int, float]) -> bytes:
    elements = np.frombuffer(query, SPARSE_ELEMENT).copy()
    for place, term in enumerate(elements["index"].tolist()):
        if term not in rarities:
            having = sum(one.having(term) for one in terms)
            rarities[term] = math.log(1 + (rows - having + 0.5) / (having + 0.5))
        elements["value"][place] *= np.float32(rarities[term])
    return elements.tobytes()
