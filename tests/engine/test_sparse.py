"""Sparse vectors: products with a query, from the rows and from an inverted index."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from fakemilvus.datatypes import as_objects
from fakemilvus.engine.exact import nearest
from fakemilvus.engine.kinds import KINDS
from fakemilvus.engine.metrics import METRICS
from fakemilvus.engine.sparse import SparseColumn, SparseForms, SparseRows

WIDTH = 40
IP = METRICS["IP"]
EXACT = {"drop_ratio_search": 0.0, "refine_factor": 1}


def _row(*elements: tuple[int, float]) -> bytes:
    return b"".join(struct.pack("<If", index, value) for index, value in elements)


def _make(rows: int, seed: int = 0, filled: int = 5) -> tuple[NDArray[Any], NDArray[np.float64]]:
    """Random rows as a column has them, some of them empty, and the same as dense numbers."""
    random = np.random.default_rng(seed)
    dense = random.random((rows, WIDTH)).astype(np.float32)
    dense *= random.random((rows, WIDTH)).argsort(axis=1) < filled
    dense[::7] = 0
    encoded = [_row(*((int(i) * 97, float(line[i])) for i in np.flatnonzero(line))) for line in dense]
    return as_objects(encoded), dense.astype(np.float64)


def _column(values: NDArray[Any]) -> SparseColumn:
    return SparseColumn(100, values, SparseForms())


def _build(values: NDArray[Any], chunk: int = 64) -> Any:
    make = KINDS["SPARSE_INVERTED_INDEX"].make
    assert make is not None
    builder = make(values, IP, {}, 0)
    for start in range(0, len(values), chunk):
        builder.add(start, min(len(values), start + chunk))
    return builder.finished()


def test_products_are_those_of_dense_vectors() -> None:
    """Each row's product with a query is that of the same vectors written out; if not positive, minus infinity."""
    values, dense = _make(200)
    query, wanted = _make(3, seed=1)
    expected = dense @ wanted[1]
    products = _column(values).products(query[1], None)
    assert products == pytest.approx(np.where(expected > 0, expected, -np.inf), rel=1e-5)


@pytest.mark.parametrize("few", [3, 150])
def test_products_of_some_rows(few: int) -> None:
    """Some rows' products are the same, whether they are read by themselves or from what is kept."""
    values, _ = _make(200)
    query, _ = _make(2, seed=1)
    rows = np.random.default_rng(2).permutation(200)[:few]
    column = _column(values)
    assert np.array_equal(column.products(query[1], rows), column.products(query[1], None)[rows])


def test_an_empty_query_or_column() -> None:
    """Nothing has a product with an empty query, and empty rows with none."""
    values, _ = _make(5)
    assert np.isneginf(_column(values).products(b"", None)).all()
    assert np.isneginf(_column(as_objects([b"", b""])).products(_row((1, 1.0)), None)).all()
    _, rows = _build(as_objects([b"", b""])).search(as_objects([_row((1, 1.0)), b""]), 2, EXACT, None)
    assert (rows == -1).all()


def test_kept_rows_grow_and_shrink() -> None:
    """A longer view of a growing column is read on from where the last one ended, a shorter one is cut."""
    values, _ = _make(50)
    forms = SparseForms()
    for rows in (10, 50, 20):
        kept, anew = forms.rows(100, values[:rows]), SparseRows.of(values[:rows])
        assert np.array_equal(kept.indices, anew.indices)
        assert np.array_equal(kept.values, anew.values)
        assert np.array_equal(kept.stops, anew.stops)


def test_nearest_ranks_by_product_then_key() -> None:
    """Exact search ranks by product, equal ones by primary key, and leaves out what has no product."""
    values = as_objects([_row((1, 1.0)), _row((2, 5.0)), _row((1, 3.0)), _row((1, 1.0)), b""])
    keys = np.array([9, 8, 7, 6, 5])
    distances, rows = nearest(_column(values), keys, IP, as_objects([_row((1, 2.0))]), 4, None)
    assert (rows.tolist(), distances[0, :3].tolist()) == ([[2, 3, 0, -1]], [6, 2, 2])


@pytest.mark.parametrize("chunk", [1, 64, 300])
def test_the_inverted_index_is_exact(chunk: int) -> None:
    """However its rows came in, the index finds what comparing with every row finds."""
    values, dense = _make(300)
    queries, wanted = _make(8, seed=1)
    distances, rows = _build(values, chunk).search(queries, 10, EXACT, None)
    for number, query in enumerate(wanted):
        products = np.sort(dense @ query)[::-1][:10]
        found = rows[number] >= 0
        assert found.sum() == (products > 0).sum()
        assert distances[number][found] == pytest.approx(products[products > 0], rel=1e-5)


def test_only_allowed_rows_are_found() -> None:
    """A mask leaves only its rows in the answer."""
    values, _ = _make(300)
    queries, _ = _make(8, seed=1)
    allowed = np.arange(300) % 3 == 1
    _, rows = _build(values).search(queries, 10, EXACT, allowed)
    assert allowed[rows[rows >= 0]].all()
    assert (rows >= 0).any()


def test_drop_ratio_search_leaves_out_the_smallest_values() -> None:
    """With half of a query's values dropped the scores are those of the other half."""
    index = _build(as_objects([_row((1, 1.0), (2, 1.0), (3, 1.0)), _row((1, 1.0))]))
    query = as_objects([_row((1, 0.1), (2, 0.2), (3, 3.0), (4, 4.0))])
    distances, rows = index.search(query, 2, {"drop_ratio_search": 0.5, "refine_factor": 1}, None)
    assert (rows.tolist(), distances[0, 0]) == ([[0, -1]], 3)


def test_halves_are_kept_where_they_are_asked_for() -> None:
    """With quant_type fp16 the scores are those of the values as halves."""
    values = as_objects([_row((1, 0.1))])
    make = KINDS["SPARSE_WAND"].make
    assert make is not None
    builder = make(values, IP, {"quant_type": "fp16"}, 0)
    builder.add(0, 1)
    distances, _ = builder.finished().search(as_objects([_row((1, 1.0))]), 1, EXACT, None)
    assert distances[0, 0] == np.float32(np.float16(0.1)) != np.float32(0.1)


def test_refine_factor_ranks_by_the_whole_query() -> None:
    """With a refine_factor the candidates' scores are those of the whole query."""
    index = _build(as_objects([_row((1, 9.0), (4, 1.0)), _row((4, 1.5))]))
    query = as_objects([_row((1, 1.0), (4, 4.0))])
    dropped = {"drop_ratio_search": 0.5, "refine_factor": 1}
    assert index.search(query, 1, dropped, None)[1].tolist() == [[1]]
    distances, rows = index.search(query, 1, {**dropped, "refine_factor": 2}, None)
    assert (rows.tolist(), distances.tolist()) == ([[0]], [[13.0]])


@pytest.mark.parametrize("refine_factor", [1, 3])
def test_equal_rows_come_by_key(refine_factor: int) -> None:
    """Of rows that are equally good those with the smallest keys are found, however few are asked for."""
    index = _build(as_objects([_row((1, 1.0), (2, 1.0))] * 20))
    keys = np.random.default_rng(0).permutation(20)
    params = {"drop_ratio_search": 0.5, "refine_factor": refine_factor}
    for top in (1, 7, 20):
        _, rows = index.search(as_objects([_row((1, 1.0), (2, 2.0))]), top, params, None, keys)
        assert keys[rows[0]].tolist() == list(range(top))
