"""Searches page by page, in an order of their own, and asked by keys."""

from __future__ import annotations

from typing import Any

import pytest
from pymilvus.grpc_gen import common_pb2, schema_pb2

from tests.conformance import search_rows as rows
from tests.conformance.making import T, column, field, id_field, placeholders, vector_column
from tests.conformance.refusals import NEW, Refusal, check_accepted, check_refused, invalid
from tests.conformance.target import Collections, Target

ITERATING = {"iterator": "True", "search_iter_v2": "True"}


@pytest.fixture(autouse=True)
def _since(target: Target) -> None:
    if target.version < NEW:
        pytest.skip("since Milvus 2.5 and later")


def page(target: Target, name: str, size: int, field: str = "vec", **more: Any) -> Any:
    asked = {**ITERATING, "search_iter_batch_size": size, "anns_field": field, **more}
    return target.search(name, rows.QUERIES[:1], size, **asked)


@pytest.mark.parametrize(("field", "order"), [("vec", rows.nearest), ("other", rows.most_alike)])
def test_pages(target: Target, collections: Collections, field: str, order: Any) -> None:
    """Pages follow one another without gap or repeat, until no row is left; the token stays."""
    name = rows.make(target, collections)
    ids: list[int] = []
    more: dict[str, Any] = {}
    tokens = set()
    while True:
        response = page(target, name, 50, field, **more)
        check_accepted(response)
        (found,) = rows.found(response)
        results = response.results.search_iterator_v2_results
        tokens.add(results.token)
        if not found:
            break
        ids += found
        more = {"search_iter_id": results.token, "search_iter_last_bound": repr(results.last_bound)}
    assert ids == order(rows.QUERIES[0])
    assert len(tokens) == 1


def test_page_with_a_filter(target: Target, collections: Collections) -> None:
    """A page holds only what passes the filter."""
    name = rows.make(target, collections)
    response = page(target, name, 10, filter="id % 2 == 1")
    assert rows.found(response) == [[row for row in rows.nearest(rows.QUERIES[0]) if row % 2][:10]]


def test_pages_see_one_moment(target: Target, collections: Collections) -> None:
    """Later pages see the rows of the moment at which the first was asked for."""
    name = rows.make(target, collections)
    first = page(target, name, 100)
    target.done("Delete", collection_name=name, expr=f"id in {rows.found(first)[0][:50]}")
    target.done("Delete", collection_name=name, expr="id < 20")
    results = first.results.search_iterator_v2_results
    asked = {"search_iter_id": results.token, "search_iter_last_bound": repr(results.last_bound)}
    response = target.ask(
        "Search",
        collection_name=name,
        dsl_type=common_pb2.BoolExprV1,
        placeholder_group=placeholders(rows.QUERIES[:1]),
        nq=1,
        guarantee_timestamp=first.session_ts,
        search_params={**ITERATING, "anns_field": "vec", "topk": 200, "search_iter_batch_size": 200, **asked},
    )
    check_accepted(response)
    assert rows.found(first)[0] + rows.found(response)[0] == rows.nearest(rows.QUERIES[0])


WRAPPED = "parse iterator v2 info failed: "


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ({"iterator": None}, "both iterator and search_iter_v2 must be set in the SDK: missing parameter"),
        ({"search_iter_id": "x"}, "invalid token format: invalid parameter"),
        ({"search_iter_batch_size": None}, "batch size is required: missing parameter"),
        ({"search_iter_batch_size": "x"},
         'batch size is invalid, strconv.ParseInt: parsing "x": invalid syntax: invalid parameter'),
        ({"search_iter_batch_size": "0"},
         "batch size is invalid, it should be in range [1, 16384], but got 0: invalid parameter: invalid parameter"),
        ({"search_iter_last_bound": "x"},
         'failed to parse input last bound, strconv.ParseFloat: parsing "x": invalid syntax: invalid parameter'),
        ({"offset": 3}, "Setting an offset is not permitted when using a search iterator v2"
         ": invalid parameter[expected=][actual=]"),
    ],
)  # fmt: skip
def test_page_refused(target: Target, collections: Collections, asked: dict[str, Any], text: str) -> None:
    """A page that nobody can turn to is refused."""
    name = rows.make(target, collections)
    check_refused(page(target, name, 5, **asked), invalid(WRAPPED + text), target.version)


def test_iterator_of_another_collection(target: Target, collections: Collections) -> None:
    """An iterator goes on only in the collection that it began in."""
    name = rows.make(target, collections)
    own = target.done("DescribeCollection", collection_name=name).collectionID
    text = "collection id:5 in the request is not consistent to that in the search context,"
    text += f"alias or database may have been changed: {own}"
    check_refused(page(target, name, 5, collection_id=5), invalid(text), target.version)


def null_last(row: int) -> tuple[bool, int]:
    number = rows.NUMBERS[row]
    return number is None, number or 0


def null_first_down(row: int) -> tuple[bool, int]:
    number = rows.NUMBERS[row]
    return number is not None, -(number or 0)


@pytest.mark.parametrize(
    ("order", "key"),
    [
        ("number", null_last),
        ("number:desc", null_first_down),
        ("number:DESC:nulls_last", lambda row: (rows.NUMBERS[row] is None, -(rows.NUMBERS[row] or 0))),
        ("colour:desc,id", lambda row: (-int(rows.COLOURS[row][1:]), row)),
        ('doc["x"]:asc,id:desc', lambda row: (rows.DOCUMENTS[row]["x"], -row)),
        ('doc["s"]', lambda row: rows.DOCUMENTS[row]["s"]),
        ("tag", lambda row: row % 4),
        ("ratio:descending", lambda row: -row),
    ],
)
def test_order(target: Target, collections: Collections, order: str, key: Any) -> None:
    """The nearest hits come in the order of some fields, equal ones as they were."""
    name = rows.make(target, collections)
    response = target.search(name, rows.QUERIES, 30, order_by_fields=order)
    check_accepted(response)
    assert rows.found(response) == [sorted(rows.nearest(query)[:30], key=key) for query in rows.QUERIES]


def test_order_and_offset(target: Target, collections: Collections) -> None:
    """The offset leaves out the first hits of the order, not the nearest."""
    name = rows.make(target, collections)
    response = target.search(name, rows.QUERIES[:1], 10, offset=5, order_by_fields="id")
    assert rows.found(response) == [sorted(rows.nearest(rows.QUERIES[0])[:15])[5:]]


def test_order_of_groups(target: Target, collections: Collections) -> None:
    """Groups come in the order of their best hits' fields."""
    name = rows.make(target, collections)
    response = target.search(name, rows.QUERIES[:1], 4, order_by_fields="colour:desc", group_by_field="colour")
    (ids,) = rows.found(response)
    colours = [rows.COLOURS[row] for row in ids]
    assert len(set(colours)) == 4
    assert colours == sorted(colours, reverse=True)


@pytest.mark.parametrize(
    ("order", "text"),
    [
        (":asc", "empty field name in order_by_fields"),
        ("id:up", "invalid order direction 'up' for field 'id', expected 'asc' or 'desc'"),
        ("id:asc:none", "invalid null ordering 'none', expected 'nulls_first' or 'nulls_last'"),
        ("id:asc:nulls_last:x", "too many order_by field options in 'id:asc:nulls_last:x'"),
        ('id["x"]', "order_by field 'id[\"x\"]' has brackets but is not a JSON type"),
        ("doc", "order_by field 'doc' has unsortable type JSON; supported types: bool, int8/16/32/64, float, double, "
         'string, varchar; for JSON fields use path syntax like field["key"]'),
    ],
)  # fmt: skip
def test_order_refused(target: Target, collections: Collections, order: str, text: str) -> None:
    """An order that makes no sense is refused."""
    name = rows.make(target, collections)
    check_refused(target.search(name, rows.QUERIES[:1], order_by_fields=order), invalid(text), target.version)


def by_keys(target: Target, name: str, ids: Any, **more: Any) -> Any:
    return target.ask(
        "Search",
        collection_name=name,
        dsl_type=common_pb2.BoolExprV1,
        ids=ids,
        search_params={"anns_field": "vec", "topk": 5, **more},
    )


def integers(*keys: int) -> Any:
    return schema_pb2.IDs(int_id=schema_pb2.LongArray(data=keys))


def test_search_by_keys(target: Target, collections: Collections) -> None:
    """Rows ask with their own vectors, ascending by key."""
    name = rows.make(target, collections)
    response = by_keys(target, name, integers(130, 7))
    check_accepted(response)
    assert rows.found(response) == [rows.nearest(rows.VECTORS[row])[:5] for row in (7, 130)]


@pytest.mark.parametrize("more", [{}, {"group_by_field": "id"}, {"order_by_fields": "id:desc"}, ITERATING])
def test_rows_without_a_vector_ask_nothing(target: Target, collections: Collections, more: dict[str, str]) -> None:
    """Where every row that asks has a null for a vector there is no query, and no hit, whatever is wished for."""
    name = collections.make([id_field(), field("vec", T.FloatVector, dim=rows.DIM, nullable=True)])
    vectors = vector_column(rows.VECTORS[:1])
    vectors.valid_data.extend([True, False])
    target.insert(name, [column("id", T.Int64, range(2)), vectors], 2)
    params = {"index_type": "FLAT", "metric_type": "L2"}
    target.done("CreateIndex", collection_name=name, field_name="vec", extra_params=params)
    target.load(name)
    response = by_keys(target, name, integers(1), search_iter_batch_size=5, **more)
    check_accepted(response)
    assert not response.results.ids.int_id.data


@pytest.mark.parametrize(
    ("ids", "refusal"),
    [
        (integers(1, 1), invalid("duplicate IDs found in search request")),
        (integers(1, 900, 901), invalid(
            "some of the provided primary key IDs do not exist: missing IDs = [900 901]")),
        (schema_pb2.IDs(str_id=schema_pb2.StringArray(data=["1"])), Refusal(
            1100, 5, "primary key is int64, but IDs type mismatch"
            ": invalid parameter[expected=int64 IDs][actual=got other type]", input_error=True)),
    ],
)  # fmt: skip
def test_keys_refused(target: Target, collections: Collections, ids: Any, refusal: Refusal) -> None:
    """Keys that no row has, or that are given twice, ask nothing."""
    name = rows.make(target, collections)
    check_refused(by_keys(target, name, ids), refusal, target.version)


@pytest.mark.parametrize(
    ("field", "refusal"),
    [
        ("", Refusal(
            1100, 5, "multiple vector fields exist, please specify anns_field in search_params"
            ": invalid parameter[expected=valid anns_field in search_params][actual=missing]", input_error=True)),
        ("none", Refusal(1700, 1, "vector field not found in schema: field not found[field=none]", input_error=True)),
        ("colour", invalid("field (colour) to search is not of vector data type")),
    ],
)  # fmt: skip
def test_field_of_keys_refused(target: Target, collections: Collections, field: str, refusal: Refusal) -> None:
    """Rows ask with one vector field, which is named where there are several."""
    name = rows.make(target, collections)
    check_refused(by_keys(target, name, integers(1), anns_field=field), refusal, target.version)
