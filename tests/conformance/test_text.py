"""Filters over texts: text_match, phrase_match, text_match_fuzzy. Since Milvus 2.5, 2.6 and 3.0."""

from __future__ import annotations

import numpy as np
import pytest

from tests.conformance.making import DIM, T, column, field, vector_column, vector_field
from tests.conformance.refusals import Refusal
from tests.conformance.target import Collections, Target
from tests.conformance.test_functions import serialized, text_field

TEXTS = ["machine learning is fun", "learning about a machine", "the machine is learning", "deep nets", ""]


@pytest.fixture(autouse=True)
def _since(target: Target) -> None:
    if target.version < (3, 0):
        pytest.skip("since Milvus 2.5")


@pytest.fixture
def texts(target: Target, collections: Collections) -> str:
    """A loaded collection: ``text`` and ``lob`` may be matched, ``plain`` not, ``text`` of the last row is null."""
    name = collections.name()
    fields = [
        text_field(enable_match="true", nullable=True),
        text_field("plain"),
        field("lob", T.Text, enable_analyzer="true", enable_match="true"),
        vector_field(),
    ]
    target.done("CreateCollection", collection_name=name, schema=serialized(name, fields))
    target.done("CreateIndex", collection_name=name, field_name="vec", extra_params={"metric_type": "L2"})
    target.load(name)
    rows = len(TEXTS)
    given = column("text", T.VarChar, TEXTS[:-1])
    given.valid_data.extend([True] * (rows - 1) + [False])
    lob = column("lob", T.VarChar, TEXTS)
    lob.type = T.Text
    columns = [
        column("id", T.Int64, range(rows)),
        given,
        column("plain", T.VarChar, TEXTS),
        lob,
        vector_column(np.zeros((rows, DIM), np.float32)),
    ]
    assert target.insert(name, columns, rows).status.code == 0
    return name


@pytest.mark.parametrize(
    ("filter", "found"),
    [
        ('text_match(text, "machine deep")', [0, 1, 2, 3]),
        ("TEXT_MATCH(text, 'MACHINE, deep!')", [0, 1, 2, 3]),
        ('not text_match(text, "machine")', [3]),
        ('text_match(text, "")', []),
        ('text_match(text, "machine fun", minimum_should_match=2)', [0]),
        ('text_match(text, "machine fun", MINIMUM_SHOULD_MATCH=3)', []),
        ('text_match(lob, "nets")', [3]),
        ('phrase_match(text, "machine learning")', [0]),
        ('phrase_match(text, "machine learning", 1)', [0, 2]),
        ('PHRASE_MATCH(text, "machine learning", 4) and id < 2', [0, 1]),
        ('phrase_match(text, "nets")', [3]),
        ('text_match_fuzzy(text, "machin dep", max_edit_distance=1)', [0, 1, 2, 3]),
        ('text_match_fuzzy(text, "machin", max_edit_distance=0)', []),
        ('text_match(text, "fun") or text_match(text, "nets")', [0, 3]),
    ],
)
def test_matches(target: Target, texts: str, filter: str, found: list[int]) -> None:
    """The rows that a text filter finds; a null text is neither matched nor not."""
    answer = target.query(texts, filter, ["id"])
    assert list(answer.fields_data[0].scalars.long_data.data) == found


def test_flushed_rows_match(target: Target, texts: str) -> None:
    """Rows are matched before a flush and after it, and a deleted one is gone."""
    target.flush(texts)
    target.done("Delete", collection_name=texts, expr='text_match(text, "fun")')
    answer = target.query(texts, 'text_match(text, "machine")', ["id"])
    assert list(answer.fields_data[0].scalars.long_data.data) == [1, 2]


@pytest.mark.parametrize(
    ("filter", "text"),
    [
        ('text_match(id, "x")', "text match operation on non-string is unsupported: query plan failed"),
        ('phrase_match(id, "x")', "phrase match operation on non-string is unsupported: query plan failed"),
        ('text_match_fuzzy(id, "x", max_edit_distance=1)',
         "text match fuzzy operation on non-string is unsupported: query plan failed"),
        ('text_match(plain, "x")', 'field "plain" does not enable match: invalid parameter'),
        ('text_match(nope, "x")', "field nope not exist: invalid parameter"),
        ("text_match(text, 3)",
         "text_match query should be a string literal or template variable, got: 3: invalid parameter"),
        ("phrase_match(text, id)",
         "phrase_match query should be a string literal or template variable, got: id: invalid parameter"),
        ('text_match(text, "x", minimum_should_match=0)',
         "minimum_should_match should be >= 1, got 0: invalid parameter"),
        ('text_match(text, "x", minimum_should_match=1001)',
         "minimum_should_match should be <= 1000, got 1001: invalid parameter"),
        ('text_match(text, "x", minimum_should_match=9223372036854775808)',
         "invalid minimum_should_match value: 9223372036854775808: invalid parameter"),
        ('text_match(text, "x", 2)',
         "line 1:22 mismatched input '2' expecting MINIMUM_SHOULD_MATCH: query plan failed"),
        ('phrase_match(text, "x", -1)',
         '"slop" should not be a negative interger. "slop" passed: -1: invalid parameter'),
        ('phrase_match(text, "x", 4294967296)',
         '"slop" exceeds the range of "uint32". "slop" expression passed: 4294967296: invalid parameter'),
        ('phrase_match(text, "x", id)',
         '"slop" should be a const integer expression with "uint32" value. "slop" expression passed: id: '
         "invalid parameter"),
        ('text_match_fuzzy(text, "x", edits=1)',
         'invalid option "edits" for text_match_fuzzy, expected max_edit_distance: invalid parameter'),
        ('text_match_fuzzy(text, "x", max_edit_distance=3)',
         "max_edit_distance should be in [0, 2], got 3: invalid parameter"),
        ('lob == "x"', "filter on text field (lob) is not supported yet: invalid parameter"),
    ],
)  # fmt: skip
def test_filters_refused(target: Target, texts: str, filter: str, text: str) -> None:
    """What is wrong with a text filter."""
    whole = f"failed to create query plan: cannot parse expression: {filter}: {text}: invalid parameter"
    target.refused("Query", Refusal(1100, 5, whole, input_error=True), collection_name=texts, expr=filter)
