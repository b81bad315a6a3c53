"""A collection for the cases about what searches make of their hits, and the same rows as plain Python."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from tests.conformance.making import T, Vectors, column, field, id_field, random_vectors, vector_column, vector_field
from tests.conformance.target import Collections, Target

ROWS = 240
DIM = 8
VECTORS = random_vectors(ROWS, seed=3, dim=DIM)
OTHERS = random_vectors(ROWS, seed=4, dim=DIM)
QUERIES = random_vectors(3, seed=5, dim=DIM)
COLOURS = [f"c{row * row % 7}" for row in range(ROWS)]
NUMBERS = [None if row % 10 == 0 else row % 6 for row in range(ROWS)]
DOCUMENTS = [{"x": row % 3, "s": f"t{row % 4}", "mixed": [1, "a", True, None][row % 4]} for row in range(ROWS)]


def make(target: Target, collections: Collections) -> str:
    """Half of its rows flushed, the others growing; loaded, exact: L2 on ``vec``, COSINE on ``other``."""
    name = collections.make(
        [
            id_field(),
            vector_field(dim=DIM),
            vector_field("other", dim=DIM),
            field("colour", T.VarChar, max_length=10),
            field("number", T.Int64, nullable=True),
            field("ratio", T.Float),
            field("doc", T.JSON),
        ],
        dynamic=True,
    )
    for start in (0, ROWS // 2):
        target.insert(name, columns(start, start + ROWS // 2), ROWS // 2)
        if not start:
            target.flush(name)
    for field_name, metric in (("vec", "L2"), ("other", "COSINE")):
        params = {"index_type": "FLAT", "metric_type": metric}
        target.done("CreateIndex", collection_name=name, field_name=field_name, extra_params=params)
    target.load(name)
    return name


def columns(start: int, stop: int) -> list[Any]:
    rows = range(start, stop)
    numbers = column("number", T.Int64, [NUMBERS[row] for row in rows if NUMBERS[row] is not None])
    numbers.valid_data.extend(NUMBERS[row] is not None for row in rows)
    return [
        column("id", T.Int64, rows),
        vector_column(VECTORS[start:stop]),
        vector_column(OTHERS[start:stop], "other"),
        column("colour", T.VarChar, [COLOURS[row] for row in rows]),
        numbers,
        column("ratio", T.Float, [row / 7 for row in rows]),
        column("doc", T.JSON, [json.dumps(DOCUMENTS[row]).encode() for row in rows]),
        column("$meta", T.JSON, [json.dumps({"tag": row % 4}).encode() for row in rows], dynamic=True),
    ]


def nearest(query: Vectors, vectors: Vectors = VECTORS) -> list[int]:
    """All row numbers by their L2 distance."""
    return [int(row) for row in np.argsort(((vectors - query).astype(np.float64) ** 2).sum(axis=1), kind="stable")]


def most_alike(query: Vectors) -> list[int]:
    """All row numbers by the cosine of ``other``, best first."""
    products = OTHERS.astype(np.float64) @ query.astype(np.float64)
    return [int(row) for row in np.argsort(-products / np.linalg.norm(OTHERS, axis=1), kind="stable")]


def found(response: Any) -> list[list[int]]:
    """The ids of an answer, query by query."""
    ids = list(response.results.ids.int_id.data)
    lists = []
    for count in response.results.topks:
        lists.append(ids[:count])
        ids = ids[count:]
    return lists
