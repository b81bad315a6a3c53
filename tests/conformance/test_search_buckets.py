"""Search aggregation: hits in buckets within buckets. Since Milvus 3.0."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
import pytest
from pymilvus.grpc_gen import common_pb2

from tests.conformance import search_rows as rows
from tests.conformance.making import pairs, placeholders
from tests.conformance.refusals import NEW, Refusal, check_accepted, check_refused, invalid, missing
from tests.conformance.target import Collections, Target


@pytest.fixture(autouse=True)
def _since(target: Target) -> None:
    if not hasattr(common_pb2, "SearchAggregationSpec"):
        pytest.skip("this pymilvus does not know aggregations")
    if target.version < NEW:
        pytest.skip("since Milvus 3.0")


def spec(*fields: str, **more: Any) -> Any:
    """``metrics`` are pairs of operator and field, ``order`` and ``sort`` pairs of name and direction."""
    metrics = {alias: {"op": op, "field_name": name} for alias, (op, name) in more.pop("metrics", {}).items()}
    order = [{"key": key, "direction": direction} for key, direction in more.pop("order", ())]
    made = common_pb2.SearchAggregationSpec(fields=fields, order=order, **more)
    for alias, metric in metrics.items():
        made.metrics[alias].CopyFrom(common_pb2.MetricAggSpec(**metric))
    return made


def top_hits(size: int, *sort: tuple[str, str]) -> Any:
    return common_pb2.TopHitsSpec(size=size, sort=[{"field_name": name, "direction": way} for name, way in sort])


def search(target: Target, name: str, aggregation: Any, queries: int = 1, outputs: Any = (), **params: Any) -> Any:
    return target.ask(
        "Search",
        collection_name=name,
        dsl_type=common_pb2.BoolExprV1,
        placeholder_group=placeholders(rows.QUERIES[:queries]),
        nq=queries,
        output_fields=outputs,
        search_params=pairs({"anns_field": "other", "topk": 10, **params}),
        search_aggregation=aggregation,
    )


def members(query: int = 0) -> dict[str, list[int]]:
    """All rows by their colour, nearest first."""
    groups: dict[str, list[int]] = defaultdict(list)
    for row in rows.most_alike(rows.QUERIES[query]):
        groups[rows.COLOURS[row]].append(row)
    return groups


def key(bucket: Any) -> Any:
    (entry,) = bucket.key
    return getattr(entry, entry.WhichOneof("value")) if entry.WhichOneof("value") else None


def test_buckets(target: Target, collections: Collections) -> None:
    """The nearest groups are buckets, each with as many of its best hits as it shows; there are no hits beside them."""
    name = rows.make(target, collections)
    response = search(target, name, spec("colour", size=3, top_hits=top_hits(4)), queries=2, outputs=["number"])
    check_accepted(response)
    assert list(response.results.agg_topks) == [3, 3]
    assert not len(response.results.ids.int_id.data)
    buckets = list(response.results.agg_buckets)
    for query in range(2):
        groups = list(members(query).items())[:3]
        for bucket, (colour, own) in zip(buckets[3 * query : 3 * query + 3], groups, strict=True):
            assert key(bucket) == colour
            assert [hit.int_pk for hit in bucket.hits] == own[:4]
            shown = [hit.fields[0] for hit in bucket.hits]
            assert [f.int_val if f.WhichOneof("value") else None for f in shown] == [rows.NUMBERS[r] for r in own[:4]]


def test_metrics(target: Target, collections: Collections) -> None:
    """Metrics are over the hits of a bucket that have a value."""
    name = rows.make(target, collections)
    metrics = {
        "n": ("count", "*"),
        "known": ("count", "number"),
        "total": ("sum", "number"),
        "mean": ("avg", "ratio"),
        "least": ("min", "id"),
        "best": ("max", "_score"),
    }
    response = search(target, name, spec("colour", size=2, metrics=metrics, top_hits=top_hits(5)))
    check_accepted(response)
    cosines = rows.OTHERS @ rows.QUERIES[0] / np.linalg.norm(rows.OTHERS, axis=1) / np.linalg.norm(rows.QUERIES[0])
    for bucket, own in zip(response.results.agg_buckets, list(members().values())[:2], strict=True):
        looked = own[:5]
        numbers = [rows.NUMBERS[row] for row in looked if rows.NUMBERS[row] is not None]
        found = bucket.metrics
        assert (found["n"].int_val, found["known"].int_val) == (5, len(numbers))
        assert found["total"].int_val == sum(n for n in numbers if n is not None)
        assert found["least"].int_val == min(looked)
        assert np.isclose(found["mean"].double_val, np.mean([row / 7 for row in looked]))
        assert np.isclose(found["best"].double_val, max(cosines[looked]))


def test_order(target: Target, collections: Collections) -> None:
    """Buckets are ordered by a metric, then cut; more groups can be looked at than are shown."""
    name = rows.make(target, collections)
    wanted = spec("colour", size=2, search_size=4, metrics={"least": ("min", "id")}, order=[("least", "asc")])
    response = search(target, name, wanted)
    check_accepted(response)
    firsts = [own[0] for own in list(members().values())[:4]]
    assert [bucket.metrics["least"].int_val for bucket in response.results.agg_buckets] == sorted(firsts)[:2]


def test_order_by_key(target: Target, collections: Collections) -> None:
    """The key orders buckets too, down unless asked otherwise."""
    name = rows.make(target, collections)
    response = search(target, name, spec("colour", size=4, order=[("_key", "")]))
    keys = [key(bucket) for bucket in response.results.agg_buckets]
    assert keys == sorted(keys, reverse=True)


def test_sorted_hits(target: Target, collections: Collections) -> None:
    """The hits of a bucket are sorted by fields."""
    name = rows.make(target, collections)
    response = search(target, name, spec("colour", size=1, top_hits=top_hits(5, ("id", "asc"))))
    (bucket,) = response.results.agg_buckets
    assert [hit.int_pk for hit in bucket.hits] == sorted(next(iter(members().values()))[:5])


def test_buckets_within(target: Target, collections: Collections) -> None:
    """A bucket's hits are put into further buckets."""
    name = rows.make(target, collections)
    inner = spec("number", size=2, top_hits=top_hits(2))
    response = search(target, name, spec("colour", size=3, sub_aggregation=inner))
    check_accepted(response)
    for bucket in response.results.agg_buckets:
        assert sum(sub.count for sub in bucket.sub_groups) <= bucket.count
        for sub in bucket.sub_groups:
            for hit in sub.hits:
                assert (rows.COLOURS[hit.int_pk], rows.NUMBERS[hit.int_pk]) == (key(bucket), key(sub))


@pytest.mark.parametrize(
    ("wanted", "params", "refusal"),
    [
        (spec(), {}, invalid("group_by level has no fields")),
        (spec("none_such", size=-1), {}, invalid("search_aggregation size must be non-negative")),
        (spec("colour", size=2, search_size=1), {}, invalid(
            "search_aggregation search_size must be greater than or equal to size")),
        (spec("ratio"), {}, invalid(
            'group_by field "ratio": FLOAT / DOUBLE fields are not supported with search_aggregation '
            "(BucketKeyEntry has no float variant; equality on floats is fragile)")),
        (spec("doc"), {}, invalid(
            'group_by field "doc": JSON / dynamic fields are not yet supported with search_aggregation')),
        (spec("colour", "colour"), {}, invalid('duplicated group_by field "colour" in one level')),
        (spec("colour", sub_aggregation=spec("colour")), {}, invalid(
            'duplicated group_by field "colour" across levels')),
        (spec("colour", metrics={"x": ("median", "id")}), {}, invalid(
            'invalid metric "x": unsupported metric op "median"')),
        (spec("colour", order=[("x", "asc")]), {}, invalid(
            'order key "x" is neither reserved key nor metric alias')),
        (spec("colour", metrics={" ": ("sum", "id")}), {}, missing("metric alias cannot be empty")),
        (spec("colour", size=101, top_hits=top_hits(100)), {}, invalid(
            "number of search_aggregation result entries is too large")),
        (spec("colour"), {"group_by_field": "colour"}, invalid(
            "group_by_field and search_aggregation cannot be used simultaneously")),
        (spec("colour"), {"offset": 1}, invalid("offset is not supported with search_aggregation")),
    ],
)  # fmt: skip
def test_aggregation_refused(
    target: Target, collections: Collections, wanted: Any, params: dict[str, Any], refusal: Refusal
) -> None:
    """An aggregation that makes no sense is refused."""
    name = rows.make(target, collections)
    check_refused(search(target, name, wanted, **params), refusal, target.version)
