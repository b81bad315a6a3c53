"""Indexes over columns with nulls."""

from __future__ import annotations

import numpy as np

from fakemilvus.datatypes import Column, DataType, Mask
from fakemilvus.engine.kinds import KINDS
from fakemilvus.engine.metrics import METRICS
from fakemilvus.engine.sifted import SiftedBuilder, SiftedIndex
from tests.engine.making import Vectors, make_vectors

ROWS = 900
VALID = np.arange(ROWS) % 3 != 0


def _build(valid: Mask = VALID) -> tuple[SiftedIndex, Vectors]:
    vectors = make_vectors(ROWS)
    make = KINDS["IVF_FLAT"].make
    assert make is not None
    column = Column(DataType.FLOAT_VECTOR, vectors, valid)
    builder = SiftedBuilder(column, lambda values: make(values, METRICS["L2"], {"nlist": 4}, 1))
    for step in range(builder.train_steps):
        builder.train(step)
    for start in range(0, ROWS, 100):
        builder.add(start, start + 100)
    return builder.finished(), vectors


def test_row_numbers_are_those_of_the_segment() -> None:
    """Each valid row finds itself under its own number."""
    index, vectors = _build()
    rows = np.flatnonzero(VALID)[:20]
    _, found = index.search(vectors[rows], 1, {"nprobe": 4}, None)
    assert found[:, 0].tolist() == rows.tolist()


def test_nulls_are_not_found() -> None:
    """Null rows are in no answer, however many are asked for."""
    index, vectors = _build()
    _, found = index.search(vectors[:1], ROWS, {"nprobe": 4}, None)
    assert sorted(found[found >= 0].tolist()) == np.flatnonzero(VALID).tolist()


def test_masks_are_those_of_the_segment() -> None:
    """A mask over the segment's rows holds for the index too."""
    index, vectors = _build()
    allowed = VALID & (np.arange(ROWS) < 300)
    _, found = index.search(vectors[:5], ROWS, {"nprobe": 4}, allowed)
    assert (np.sort(found[found >= 0].reshape(5, -1), axis=1) == np.flatnonzero(allowed)).all()


def test_chunks_of_nulls_alone() -> None:
    """A chunk in which every row is null adds nothing."""
    valid = np.arange(ROWS) >= 500
    index, vectors = _build(valid)
    _, found = index.search(vectors[-1:], 1, {"nprobe": 4}, None)
    assert found.tolist() == [[ROWS - 1]]
