"""Full text search: rows that a BM25 makes, its index, and searches by text. Since Milvus 2.5."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import numpy as np
import pytest
from pymilvus.grpc_gen import common_pb2, milvus_pb2

from tests.conformance.making import T, column, field, pairs
from tests.conformance.refusals import Refusal, invalid
from tests.conformance.target import Collections, Target
from tests.conformance.test_functions import SPARSE, function, serialized, text_field

TEXTS = ["machine learning is fun", "learning about a machine", "the machine is a machine", "deep nets", ""]
INDEX = {"index_type": "SPARSE_INVERTED_INDEX", "metric_type": "BM25"}


@pytest.fixture(autouse=True)
def _since(target: Target) -> None:
    if target.version < (3, 0):
        pytest.skip("since Milvus 2.5")


def made(target: Target, collections: Collections, index: dict[str, Any] | None = None, **params: Any) -> str:
    """A loaded collection of the texts."""
    name = collections.name()
    fields = [text_field(**params), field("lang", T.VarChar, max_length=9), SPARSE]
    target.done("CreateCollection", collection_name=name, schema=serialized(name, fields, function()))
    target.done("CreateIndex", collection_name=name, field_name="sparse", extra_params=index or INDEX)
    target.load(name)
    assert put(target, name, TEXTS).status.code == 0
    return name


def put(target: Target, name: str, texts: list[str], first: int = 0, rpc: str = "Insert", lang: str = "") -> Any:
    columns = [
        column("id", T.Int64, range(first, first + len(texts))),
        column("text", T.VarChar, texts),
        column("lang", T.VarChar, [lang] * len(texts)),
    ]
    return target.ask(rpc, collection_name=name, fields_data=columns, num_rows=len(texts))


def group(*texts: str, type: int = common_pb2.PlaceholderType.VarChar) -> bytes:
    placeholder = common_pb2.PlaceholderValue(tag="$0", type=type, values=[text.encode() for text in texts])
    return bytes(common_pb2.PlaceholderGroup(placeholders=[placeholder]).SerializeToString())


def found(target: Target, name: str, text: str, **more: Any) -> dict[int, float]:
    """The ids that are found, best first, with their scores."""
    given = {"metric_type": "BM25", "anns_field": "sparse", **more}
    response = target.search(name, np.zeros((1, 1), np.float32), group=group(text), **given)
    assert response.status.code == 0, response.status.reason
    return dict(zip(response.results.ids.int_id.data, response.results.scores, strict=True))


def scores(texts: list[str], query: str, k1: float = 1.2, b: float = 0.75) -> dict[int, float]:
    """BM25 as Milvus has it, best first."""
    words = [text.split() for text in texts]
    average = sum(map(len, words)) / len(words)
    total: Counter[int] = Counter()
    for term in query.split():
        having = sum(term in one for one in words)
        rarity = math.log(1 + (len(words) - having + 0.5) / (having + 0.5))
        for row, one in enumerate(words):
            times = one.count(term)
            if times:
                total[row] += rarity * times * (k1 + 1) / (times + k1 * (1 - b + b * len(one) / average))
    return dict(total.most_common())


@pytest.mark.parametrize("query", ["machine fun", "a a machine", "nets"])
def test_scores(target: Target, collections: Collections, query: str) -> None:
    """Rows are ranked by BM25 over all that the collection holds, before a flush and after it; empty rows count."""
    name = made(target, collections)
    assert found(target, name, query) == pytest.approx(scores(TEXTS, query), rel=1e-4)
    target.flush(name)
    assert found(target, name, query) == pytest.approx(scores(TEXTS, query), rel=1e-4)
    more = ["fun machine", "fun"]
    assert put(target, name, more, first=len(TEXTS)).status.code == 0
    assert found(target, name, query) == pytest.approx(scores(TEXTS + more, query), rel=1e-4)


def test_parameters_of_the_index(target: Target, collections: Collections) -> None:
    """k1 and b are the index's."""
    name = made(target, collections, {**INDEX, "params": '{"bm25_k1": 2.0, "bm25_b": 0.1}'})
    assert found(target, name, "machine") == pytest.approx(scores(TEXTS, "machine", 2.0, 0.1), rel=1e-4)


def test_parameters_of_a_search(target: Target, collections: Collections) -> None:
    """A search may name its own k1 and b where the index has not used them yet, and none but the index's otherwise."""
    name = made(target, collections, {**INDEX, "inverted_index_algo": "TAAT_NAIVE"})
    put(target, name, ["machine"] * 2_000, first=100)
    target.flush(name)
    target.wait_until_indexed(name)
    own = found(target, name, "machine", params='{"bm25_k1": 2.0}', filter="id < 3")
    texts = TEXTS + ["machine"] * 2_000
    assert own == pytest.approx({i: s for i, s in scores(texts, "machine", 2.0).items() if i < 3}, rel=1e-4)
    other = made(target, collections)
    put(target, other, ["machine"] * 2_000, first=100)
    target.flush(other)
    target.wait_until_indexed(other)
    response = target.search(
        other, np.zeros((1, 1), np.float32), group=group("machine"), anns_field="sparse", params='{"bm25_k1": 2.0}'
    )
    assert "BM25 parameters k1 and b in search config must be same as built index" in response.status.reason
    assert found(target, other, "machine", params='{"bm25_k1": 1.2}')


def test_deleted_rows_count(target: Target, collections: Collections) -> None:
    """A deleted row is not found, but its terms go on being counted."""
    name = made(target, collections)
    target.done("Delete", collection_name=name, expr="id == 0")
    expected = {row: value for row, value in scores(TEXTS, "machine").items() if row}
    assert found(target, name, "machine") == pytest.approx(expected, rel=1e-4)


def test_filters(target: Target, collections: Collections) -> None:
    """A filter leaves rows out and changes no score."""
    name = made(target, collections)
    expected = {row: value for row, value in scores(TEXTS, "machine learning").items() if row < 2}
    assert found(target, name, "machine learning", filter="id < 2") == pytest.approx(expected, rel=1e-4)


def test_nothing_found(target: Target, collections: Collections) -> None:
    """Without a common term nothing is found, nor by no term at all."""
    name = made(target, collections)
    assert found(target, name, "unheard") == {}
    assert found(target, name, "") == {}


def test_upsert(target: Target, collections: Collections) -> None:
    """A row that is replaced is found by its new text."""
    name = made(target, collections)
    assert put(target, name, ["nothing else"], first=3, rpc="Upsert").status.code == 0
    assert list(found(target, name, "nets")) == []
    assert list(found(target, name, "else")) == [3]


def test_partial_upsert(target: Target, collections: Collections) -> None:
    """A partial update that brings another text brings another row; without one the row stays."""
    name = made(target, collections)
    target.done("Upsert", collection_name=name, num_rows=1, partial_update=True, fields_data=[
        column("id", T.Int64, [3]), column("text", T.VarChar, ["shallow nets"])])  # fmt: skip
    target.done("Upsert", collection_name=name, num_rows=1, partial_update=True, fields_data=[
        column("id", T.Int64, [3]), column("lang", T.VarChar, ["en"])])  # fmt: skip
    assert list(found(target, name, "shallow")) == [3]
    assert list(found(target, name, "deep")) == []


def test_analyzer_by_name(target: Target, collections: Collections) -> None:
    """With several analyzers a search says which one its text is for; without, it is the default one."""
    params = '{"by_field": "lang", "analyzers": {"en": {"type": "english"}, "default": {"tokenizer": "whitespace"}}}'
    name = made(target, collections, multi_analyzer_params=params)
    assert put(target, name, ["Dogs"], first=50, lang="en").status.code == 0
    assert put(target, name, ["Dogs"], first=51, lang="other").status.code == 0
    assert list(found(target, name, "dogs", analyzer_name="en")) == [50]
    assert list(found(target, name, "Dogs")) == [51]


def test_index_completed(target: Target, collections: Collections) -> None:
    """Without a metric an index over the field is BM25's."""
    name = made(target, collections, {"index_type": "SPARSE_WAND"})
    assert found(target, name, "machine") == pytest.approx(scores(TEXTS, "machine"), rel=1e-4)


@pytest.mark.parametrize(
    ("index", "refusal"),
    [
        ({"index_type": "SPARSE_INVERTED_INDEX", "metric_type": "IP"}, invalid(
            "index metric type of BM25 function output field must be BM25, got IP", before=None)),
        ({"index_type": "AUTOINDEX"}, invalid(
            "index metric type of BM25 function output field must be BM25, got IP", before=None)),
        ({**INDEX, "quant_type": "fp16"}, invalid(
            "quant_type for BM25 metric must be 'u16' or 'u32', got 'fp16'", before=None)),
    ],
)  # fmt: skip
def test_index_refused(target: Target, collections: Collections, index: dict[str, str], refusal: Refusal) -> None:
    """The rules for an index over what a BM25 makes."""
    name = collections.name()
    target.done("CreateCollection", collection_name=name, schema=serialized(name, [text_field(), SPARSE], function()))
    response = target.ask("CreateIndex", collection_name=name, field_name="sparse", extra_params=index)
    assert refusal.text.removesuffix(": invalid parameter") in response.reason
    assert response.code == 1100


@pytest.mark.parametrize("params", [{"bm25_k1": "4"}, {"bm25_b": "1.5"}])
def test_parameters_out_of_range(target: Target, collections: Collections, params: dict[str, str]) -> None:
    """k1 is at most 3, b at most 1."""
    name = collections.name()
    target.done("CreateCollection", collection_name=name, schema=serialized(name, [text_field(), SPARSE], function()))
    response = target.ask("CreateIndex", collection_name=name, field_name="sparse", extra_params={**INDEX, **params})
    assert response.code == 1100
    assert "Out of range in json" in response.reason or "out of range" in response.reason.lower()


def test_search_refused(target: Target, collections: Collections) -> None:
    """The field is searched with texts, and by no other metric."""
    name = made(target, collections)
    given = {"anns_field": "sparse", "metric_type": "BM25"}
    sent = group("\x01" * 8, type=common_pb2.PlaceholderType.SparseFloatVector)
    response = target.search(name, np.zeros((1, 1), np.float32), group=sent, **given)
    text = "please provide varchar/text for BM25 Function based search, got SparseFloatVector"
    assert (response.status.code, text in response.status.reason) == (1100, True)
    response = target.search(name, np.zeros((1, 1), np.float32), group=group("x"), **{**given, "metric_type": "IP"})
    text = "must use BM25 metric type when searching against BM25 Function output field"
    assert (response.status.code, text in response.status.reason) == (1100, True)


def test_rows_are_neither_given_nor_got(target: Target, collections: Collections) -> None:
    """Nobody gives the field, and nobody gets it: not by its name, and not by ``*``."""
    name = made(target, collections)
    target.refused(
        "Query",
        invalid("not allowed to retrieve raw data of field sparse", before=None),
        collection_name=name, expr="id == 1", output_fields=["sparse"],
    )  # fmt: skip
    answer = target.query(name, "id == 1", ["*"])
    assert [one.field_name for one in answer.fields_data] == ["id", "text", "lang"]
    assert target.query(name, "id == 1").status.code == 0


def added(target: Target, name: str, **info: Any) -> Any:
    """The answer to adding the field "more", which a BM25 makes of "text"."""
    given = {"field_schema": field("more", T.SparseFloatVector), "index_name": "more", **info}
    request = milvus_pb2.AlterCollectionSchemaRequest(collection_name=name)
    add = request.action.add_request
    add.func_schema.append(function(outputs=["more"], name="g"))
    add.field_infos.add(**{**given, "extra_params": pairs(given.get("extra_params", INDEX))})
    return target.stub.AlterCollectionSchema(request, timeout=60).alter_status


def test_field_added_later(target: Target, collections: Collections) -> None:
    """A field that is added with its BM25 is computed for the rows that are there, flushed or not, and searched."""
    name = made(target, collections)
    target.flush(name)
    assert put(target, name, ["fun machine"], first=10).status.code == 0
    status = added(target, name)
    assert status.code == 0, status.reason
    assert put(target, name, ["fun"], first=11).status.code == 0
    target.done("ReleaseCollection", collection_name=name)
    target.load(name)
    expected = scores([*TEXTS, "fun machine", "fun"], "machine fun")
    places = {**dict(enumerate(range(5))), 5: 10, 6: 11}
    wanted = {places[row]: value for row, value in expected.items()}
    assert found(target, name, "machine fun", anns_field="more") == pytest.approx(wanted, rel=1e-4)


@pytest.mark.parametrize(
    ("info", "text"),
    [
        ({"extra_params": {}}, 'index params are required when adding function output field "more" of vector type '
         "SparseFloatVector: provide index_type/metric_type (and params) in field_info.extra_params"),
        ({"extra_params": {"metric_type": "BM25"}},
         'an explicit index_type is required for the bound index of function output field "more"'),
        ({"field_schema": field("other", T.SparseFloatVector)},
         'function output field "more" must be the newly-added field "other"'),
    ],
)  # fmt: skip
def test_field_added_later_refused(target: Target, collections: Collections, info: dict[str, Any], text: str) -> None:
    """A field is added with the index that it needs, and with the function that makes it."""
    name = made(target, collections)
    status = added(target, name, **info)
    assert (status.code, status.reason) == (1100, f"{text}: invalid parameter")
