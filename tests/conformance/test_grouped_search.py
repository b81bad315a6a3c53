"""Searches whose hits come in groups. Grouping is there since Milvus 2.4, more than one field since 3.0."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable
from typing import Any

import pytest

from tests.conformance import search_rows as rows
from tests.conformance.refusals import NEW, Refusal, check_accepted, check_refused, invalid
from tests.conformance.target import Collections, Target

Key = Callable[[int], Hashable]


@pytest.fixture(autouse=True)
def _since(target: Target) -> None:
    if target.version < NEW:
        pytest.skip("since Milvus 2.4")


def grouped(order: list[int], key: Key, limit: int, size: int, strict: bool, offset: int = 0) -> list[int]:
    """What a search that is exact shows, group by group."""
    groups: dict[Hashable, list[int]] = {}
    for row in order:
        group = key(row)
        if group not in groups and len(groups) == limit + offset:
            continue
        groups.setdefault(group, [])
        if len(groups[group]) < size:
            groups[group].append(row)
        if not strict and len(groups) == limit + offset:
            break
    return [row for members in list(groups.values())[offset:] for row in members]


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize(("size", "limit", "offset"), [(1, 3, 0), (3, 3, 0), (2, 3, 2), (10, 7, 0)])
@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("colour", lambda row: rows.COLOURS[row]),
        ("number", lambda row: rows.NUMBERS[row]),
        ('doc["x"]', lambda row: rows.DOCUMENTS[row]["x"]),
        ('doc["mixed"]', lambda row: json.dumps(rows.DOCUMENTS[row]["mixed"])),
        ("tag", lambda row: row % 4),
        ('$meta["tag"]', lambda row: row % 4),
    ],
)
def test_groups(
    target: Target,
    collections: Collections,
    name: str,
    key: Key,
    size: int,
    limit: int,
    offset: int,
    strict: bool,
) -> None:
    """The best groups, each with its best rows behind one another; strict groups are filled where rows are left."""
    made = rows.make(target, collections)
    response = target.search(
        made,
        rows.QUERIES,
        limit,
        offset=offset,
        group_by_field=name,
        group_size=size,
        strict_group_size=str(strict).lower(),
    )
    check_accepted(response)
    expected = [grouped(rows.nearest(query), key, limit, size, strict, offset) for query in rows.QUERIES]
    assert rows.found(response) == expected


def test_group_values(target: Target, collections: Collections) -> None:
    """The answer says what each hit was grouped by, in the one place that old clients know."""
    made = rows.make(target, collections)
    response = target.search(made, rows.QUERIES[:1], 4, group_by_field="colour")
    (ids,) = rows.found(response)
    assert list(response.results.group_by_field_value.scalars.string_data.data) == [rows.COLOURS[i] for i in ids]
    assert response.results.group_by_field_value.field_name == "colour"


def test_two_fields(target: Target, collections: Collections) -> None:
    """Groups of two fields share the values of both, which the answer names field by field."""
    made = rows.make(target, collections)
    response = target.search(made, rows.QUERIES[:1], 5, group_by_fields="colour,number")
    check_accepted(response)
    expected = grouped(rows.nearest(rows.QUERIES[0]), lambda r: (rows.COLOURS[r], rows.NUMBERS[r]), 5, 1, False)
    assert rows.found(response) == [expected]
    assert [data.field_name for data in response.results.group_by_field_values] == ["colour", "number"]


def test_json_cast(target: Target, collections: Collections) -> None:
    """Of JSON values that are cast, those of another type make one group with what is not there."""
    made = rows.make(target, collections)
    response = target.search(made, rows.QUERIES[:1], 5, group_by_field='doc["mixed"]', json_type="Int64")
    check_accepted(response)
    assert rows.found(response) == [grouped(rows.nearest(rows.QUERIES[0]), lambda r: r % 4 == 0, 5, 1, False)]


def test_groups_with_a_filter(target: Target, collections: Collections) -> None:
    """A filter counts before groups are made."""
    made = rows.make(target, collections)
    response = target.search(made, rows.QUERIES[:1], 3, group_by_field="colour", filter="id < 50")
    order = [row for row in rows.nearest(rows.QUERIES[0]) if row < 50]
    assert rows.found(response) == [grouped(order, lambda r: rows.COLOURS[r], 3, 1, False)]


@pytest.mark.parametrize(
    ("asked", "refusal"),
    [
        ({"group_size": "x"}, invalid("failed to parse input group size:x")),
        ({"group_size": "0"}, invalid("input group size:0 is negative, failed to do search_groupby")),
        ({"group_size": "11"}, invalid("input group size:11 exceeds configured max group size:10")),
        ({"iterator": "True"}, Refusal(
            1100, 5, "Not allowed to do groupBy when doing iteration: invalid parameter[expected=][actual=]",
            input_error=True)),
        ({"params": '{"radius": 1.0}'}, Refusal(
            1100, 5,
            "Not allowed to do range-search when doing search-group-by: invalid parameter[expected=][actual=]",
            input_error=True)),
    ],
)  # fmt: skip
def test_groups_refused(target: Target, collections: Collections, asked: dict[str, Any], refusal: Refusal) -> None:
    """What cannot be grouped is refused."""
    made = rows.make(target, collections)
    response = target.search(made, rows.QUERIES[:1], 3, **{"group_by_field": "colour", **asked})
    check_refused(response, refusal, target.version)


def test_field_that_is_not_there(target: Target, collections: Collections) -> None:
    """Without a dynamic field, groups are made of declared fields only."""
    name = collections.make()
    target.done("CreateIndex", collection_name=name, field_name="vec", extra_params={"metric_type": "L2"})
    target.load(name)
    refusal = Refusal(1700, 1, "groupBy field not found in schema: field not found[field=none]", input_error=True)
    check_refused(target.search(name, rows.QUERIES[:1], group_by_field="none"), refusal, target.version)
