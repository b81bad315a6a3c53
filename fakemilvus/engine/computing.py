"""What the functions of a schema make of rows: the fields that nobody may bring.

A row of a function is one of BM25 (``bm25``) or of MinHash (``shingles``); it is made of the text beside it, where rows
come, and where a field is added to rows that are there. Source: manager.go of internal/util/function, Milvus 3.0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fakemilvus.datatypes import Column
from fakemilvus.engine.absent import absent_column
from fakemilvus.engine.bm25 import count_terms, rows_of_column, texts_of
from fakemilvus.engine.schema import Field, Function, Schema
from fakemilvus.engine.shingles import MINHASH, find_signer
from fakemilvus.engine.term_rows import BM25

Rows = NDArray[Any]


def find_function(schema: Schema, field: Field, kind: str | None = None) -> Function | None:
    """The function that makes a field, if one does, of one kind or of any."""
    made = (f for f in schema.functions if f.type in _MAKERS and field.name in f.outputs)
    return next((f for f in made if kind is None or f.type == kind), None)


def with_computed(schema: Schema, columns: Mapping[int, Column]) -> Mapping[int, Column]:
    """The columns and what each function makes of them."""
    made = {
        output.id: Column(output.type, _MAKERS[function.type](schema, function, columns))
        for function, output in _ends(schema)
    }
    return {**columns, **made} if made else columns


def completed(
    schema: Schema, columns: Mapping[int, Column], rows: int, kept: MutableMapping[int, Rows]
) -> dict[int, Column]:
    """A column for every stored field: those that are missing are computed by their function, or absent.

    ``kept`` has what was computed of the first rows of each such field, and gets what is computed now.
    """
    made = {f.id: columns[f.id] if f.id in columns else absent_column(f, rows) for f in schema.stored}
    for function, output in _ends(schema):
        if output.id not in columns:
            held = kept.get(output.id)
            done = 0 if held is None else len(held)
            if held is None or done < rows:
                rest = {i: column.take(slice(done, rows)) for i, column in made.items()}
                new = _MAKERS[function.type](schema, function, rest)
                held = kept[output.id] = new if held is None else np.concatenate([held, new])
            made[output.id] = Column(output.type, held[:rows])
    return made


def make_queries(schema: Schema, function: Function, texts: Sequence[str], analyzer: str) -> Rows:
    """The texts of a search as rows of the function; where a BM25 has several analyzers, by the named one."""
    if function.type == BM25:
        return count_terms(schema, function, texts, analyzer)
    return find_signer(schema, function).sign(texts)


# -- private ---------------------------------------------------------------------------------------------------


def _ends(schema: Schema) -> Iterator[tuple[Function, Field]]:
    """Each function that makes rows, with its output."""
    for function in schema.functions:
        if function.type in _MAKERS:
            yield function, schema.by_name[function.outputs[0]]


def _sign_column(schema: Schema, function: Function, columns: Mapping[int, Column]) -> Rows:
    """A signature for each text; a null is an empty text."""
    return find_signer(schema, function).sign(texts_of(columns[schema.by_name[function.inputs[0]].id]))


_MAKERS: dict[str, Callable[[Schema, Function, Mapping[int, Column]], Rows]] = {
    BM25: rows_of_column,
    MINHASH: _sign_column,
}
