"""Search: which rows, in which order, at which distance, and with which columns."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pymilvus.grpc_gen import common_pb2 as common

from tests.conformance.making import (
    DIM,
    T,
    Vectors,
    column,
    field,
    id_field,
    plain_rows,
    random_vectors,
    vector_column,
    vector_field,
)
from tests.conformance.refusals import check_accepted
from tests.conformance.target import Collections, Target

Scores = NDArray[np.float64]
ROWS = 1_200
QUERIES = random_vectors(3, seed=7)


def make_loaded(target: Target, collections: Collections, metric: str, kind: str = "FLAT", rows: int = ROWS) -> str:
    """Half the rows flushed and indexed, the other half growing; loaded."""
    name = collections.make()
    target.insert(name, plain_rows(rows), rows)
    target.flush(name)
    params = {"index_type": kind, "metric_type": metric, "params": '{"nlist": 8}'}
    target.done("CreateIndex", collection_name=name, field_name="vec", extra_params=params)
    target.wait_until_indexed(name)
    target.load(name)
    target.insert(name, plain_rows(rows // 2, rows), rows // 2)
    return name


def stored() -> Vectors:
    return random_vectors(ROWS + ROWS // 2)


def expected(metric: str, query: Vectors) -> Scores:
    """The scores of all rows, as Milvus defines them."""
    vectors: Scores = stored().astype(np.float64)
    if metric == "L2":
        return np.asarray(((vectors - query) ** 2).sum(axis=1))
    products: Scores = vectors @ query.astype(np.float64)
    if metric == "COSINE":
        products /= np.linalg.norm(vectors, axis=1) * np.linalg.norm(query)
    return products


@pytest.fixture(scope="module", params=["L2", "IP", "COSINE"])
def metric(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def measured(target: Target, shared: Collections, metric: str) -> str:
    return make_loaded(target, shared, metric)


def test_order_and_distances(target: Target, measured: str, metric: str) -> None:
    """The nearest rows, best first: L2 is squared, IP the product, COSINE the similarity."""
    results = target.search(measured, QUERIES, 5).results
    for number, query in enumerate(QUERIES):
        scores = expected(metric, query)
        best = np.argsort(scores if metric == "L2" else -scores)[:5]
        part = slice(5 * number, 5 * number + 5)
        assert list(results.ids.int_id.data[part]) == best.tolist()
        np.testing.assert_allclose(results.scores[part], scores[best], rtol=1e-4, atol=1e-5)


def test_not_a_number(target: Target, measured: str) -> None:
    """A query vector that holds a NaN finds nothing."""
    query = QUERIES[:1].copy()
    query[0, 3] = np.nan
    assert list(target.search(measured, query, 5).results.topks) == [0]


def test_too_far(target: Target, measured: str, metric: str) -> None:
    """A row that is infinitely far is not found; by an infinite product it is."""
    query = np.full((1, DIM), np.inf, np.float32)
    query[0, 1:] = 1
    assert list(target.search(measured, query, 5).results.topks) == [5 if metric == "IP" else 0]


def test_metric_may_be_named(target: Target, measured: str, metric: str) -> None:
    """A request may name the index' metric, and need not."""
    named = target.search(measured, QUERIES, 5, metric_type=metric).results
    assert named.ids == target.search(measured, QUERIES, 5).results.ids


@pytest.fixture(scope="module")
def loaded(target: Target, shared: Collections) -> str:
    """The same rows, with IVF_FLAT of 8 lists."""
    return make_loaded(target, shared, "L2", "IVF_FLAT")


def ids(target: Target, name: str, topk: int = 5, **search: Any) -> list[int]:
    response = target.search(name, QUERIES[:1], topk, **search)
    check_accepted(response)
    return list(response.results.ids.int_id.data)


def nearest(count: int) -> list[int]:
    return list(np.argsort(expected("L2", QUERIES[0]))[:count])


def test_every_list_is_exact(target: Target, loaded: str) -> None:
    """nprobe = nlist is an exact search."""
    assert ids(target, loaded, 20, params='{"nprobe": 8}') == nearest(20)


def test_offset(target: Target, loaded: str) -> None:
    """offset passes over the best rows."""
    assert ids(target, loaded, 5, params='{"nprobe": 8}', offset=3) == nearest(8)[3:]


def test_filter(target: Target, loaded: str) -> None:
    """A filter leaves only rows that pass it."""
    assert ids(target, loaded, 3, filter="id in [5, 6, 7]") == [i for i in nearest(1_800) if i in (5, 6, 7)]


def test_short_answer(target: Target, loaded: str) -> None:
    """Fewer rows than topk make a short answer, and topks says how many."""
    results = target.search(loaded, QUERIES, 10, filter="id < 4").results
    assert list(results.topks) == [4, 4, 4]
    assert len(results.scores) == len(results.ids.int_id.data) == 12
    assert (results.num_queries, results.top_k) in ((3, 10), (3, 4))  # 2.3.5 says the most that it found


def test_no_hits(target: Target, loaded: str) -> None:
    """No hits are a success with a 0 for every query."""
    response = target.search(loaded, QUERIES, 10, filter="id < 0")
    status = response.status
    assert (status.code, status.error_code) == (0, 0)
    assert (response.results.num_queries, list(response.results.topks)) == (3, [0, 0, 0])


def test_vectors_come_back(target: Target, loaded: str) -> None:
    """The vector field can be asked for, as it was stored."""
    results = target.search(loaded, QUERIES[:1], 2, params='{"nprobe": 8}', outputs=["vec"]).results
    (data,) = results.fields_data
    vectors = np.array(data.vectors.float_vector.data, np.float32).reshape(2, DIM)
    np.testing.assert_array_equal(vectors, stored()[nearest(2)])
    assert (data.field_name, data.vectors.dim) == ("vec", DIM)


def test_round_decimal(target: Target, loaded: str) -> None:
    """round_decimal rounds the distances."""
    scores = target.search(loaded, QUERIES[:1], 3, params='{"nprobe": 8}', round_decimal=2).results.scores
    best = np.sort(expected("L2", QUERIES[0]))[:3]
    np.testing.assert_allclose(scores, np.round(best, 2), atol=0.0051)
    np.testing.assert_allclose(scores, np.round(scores, 2), atol=1e-6)


def test_default_partition(target: Target, loaded: str) -> None:
    """The default partition may be named."""
    found = target.search(loaded, QUERIES[:1], 5, params='{"nprobe": 8}', partitions=["_default"])
    assert list(found.results.ids.int_id.data) == nearest(5)


@pytest.mark.parametrize("params", ["", "{}", '{"nprobe": 1}', '{"nprobe": 17}', '{"nprobe": 8, "unknown": 1}'])
def test_accepted_params(target: Target, loaded: str, params: str) -> None:
    """nprobe may be missing or more than nlist, and unknown parameters are passed over."""
    if params == "" and target.version < (3, 0):
        pytest.skip("since Milvus 3.0")
    assert len(ids(target, loaded, 5, params=params)) == 5


def test_without_anns_field(target: Target, loaded: str) -> None:
    """The only vector field needs no name."""
    if target.version < (3, 0):
        pytest.skip("since Milvus 3.0")
    assert ids(target, loaded, 5, params='{"nprobe": 8}', anns_field=None) == nearest(5)


LEVELS = [common.Strong, common.Session, common.Bounded, common.Eventually, common.Customized]


@pytest.mark.parametrize("level", LEVELS)
def test_acknowledged_rows_are_found(target: Target, collections: Collections, level: int) -> None:
    """An acknowledged row is found at once; on a real server at the level Strong only."""
    if target.fake is None and level != common.Strong:
        pytest.skip("a real Milvus shows rows later at this level")
    name = make_loaded(target, collections, "L2", rows=10)
    target.insert(name, plain_rows(1, 100), 1)
    vector = random_vectors(101)[100:]
    response = target.search(name, vector, 1, consistency=level)
    assert list(response.results.ids.int_id.data) == [100]


def test_deleted_rows_are_not_found(target: Target, collections: Collections) -> None:
    """A deleted row is not found any more, flushed or growing."""
    name = make_loaded(target, collections, "L2", rows=10)
    target.done("Delete", collection_name=name, expr="id in [0, 14]")
    response = target.search(name, random_vectors(15)[[0, 14]], 15)
    assert list(response.results.topks) == [13, 13]
    assert not {0, 14} & set(response.results.ids.int_id.data)


@pytest.fixture(scope="module")
def dynamic(target: Target, shared: Collections) -> str:
    """Four rows with a text key and a dynamic field, loaded."""
    fields = [field("key", T.VarChar, primary=True, max_length=8), vector_field(), field("n", T.Int64)]
    name = shared.make(fields, dynamic=True)
    columns = [
        column("key", T.VarChar, ["a", "b", "c", "d"]),
        vector_column(np.eye(4, DIM, dtype=np.float32)),
        column("n", T.Int64, range(4)),
        column("$meta", T.JSON, [b'{"x": %d, "y": "z"}' % i for i in range(4)], dynamic=True),
    ]
    check_accepted(target.insert(name, columns, 4))
    target.done("CreateIndex", collection_name=name, field_name="vec", extra_params={"metric_type": "L2"})
    target.load(name)
    return name


def test_text_keys(target: Target, dynamic: str) -> None:
    """Text keys come as str_id."""
    found = target.search(dynamic, np.eye(1, DIM, dtype=np.float32), 1)
    assert list(found.results.ids.str_id.data) == ["a"]


def test_dynamic_key(target: Target, dynamic: str) -> None:
    """A dynamic key can be asked for; it comes in the dynamic field, alone since 3.0."""
    found = target.search(dynamic, np.eye(1, DIM, dtype=np.float32), 1, outputs=["x"])
    (data,) = found.results.fields_data
    assert data.is_dynamic
    (value,) = data.scalars.json_data.data
    assert json.loads(value) == ({"x": 0} if target.version >= (3, 0) else {"x": 0, "y": "z"})


def test_unknown_output_is_a_dynamic_key(target: Target, dynamic: str) -> None:
    """With a dynamic field, any output field is accepted; it is missing from the rows, which 2.3.5 gives whole."""
    found = target.search(dynamic, np.eye(1, DIM, dtype=np.float32), 1, outputs=["nope"])
    check_accepted(found)
    (data,) = found.results.fields_data
    (value,) = data.scalars.json_data.data
    assert json.loads(value) == ({} if target.version >= (3, 0) else {"x": 0, "y": "z"})


def test_star(target: Target, dynamic: str) -> None:
    """* means every field and the dynamic one."""
    found = target.search(dynamic, np.eye(1, DIM, dtype=np.float32), 1, outputs=["*"])
    named = {data.field_name for data in found.results.fields_data if not data.is_dynamic}
    assert named >= {"vec", "n"}
    assert any(data.is_dynamic for data in found.results.fields_data)


def test_two_vectors_of_one_collection(target: Target, collections: Collections) -> None:
    """With several vector fields, anns_field chooses; 2.3.5 knew one only."""
    if target.version < (3, 0):
        pytest.skip("since Milvus 2.4")
    name = collections.make([id_field(), vector_field(), vector_field("other", 4)])
    other = vector_column(np.eye(2, 4, dtype=np.float32)[::-1], "other")
    target.insert(name, [column("id", T.Int64, [1, 2]), vector_column(np.eye(2, DIM, dtype=np.float32)), other], 2)
    for vector in ("vec", "other"):
        target.done("CreateIndex", collection_name=name, field_name=vector, extra_params={"metric_type": "L2"})
    target.load(name)
    first = target.search(name, np.eye(1, DIM, dtype=np.float32), 1)
    second = target.search(name, np.eye(1, 4, dtype=np.float32), 1, anns_field="other")
    assert (list(first.results.ids.int_id.data), list(second.results.ids.int_id.data)) == ([1], [2])
