"""BM25: the rows that it makes of texts, and the scores of a search, against the formula text by text."""

from __future__ import annotations

import random
from collections import Counter

import numpy as np
import pytest

from fakemilvus.datatypes import TEXT_DTYPE, Column, DataType, as_objects
from fakemilvus.engine.analysis import find_analyzer, hash_of
from fakemilvus.engine.bm25 import rows_of
from fakemilvus.engine.computing import with_computed
from fakemilvus.engine.metrics import METRICS
from fakemilvus.engine.schema import Field, Function, Schema
from fakemilvus.engine.sparse import SparseForms
from fakemilvus.engine.term_rows import AVERAGE, K1, B, TermBuilder, TermRows
from fakemilvus.engine.vector_checks import SPARSE_ELEMENT

PARAMS = {K1: 1.2, B: 0.75, AVERAGE: 3.5}


def drawn(rows: int, seed: int = 0) -> list[str]:
    draw = random.Random(seed)
    return [" ".join(draw.choices("abcdefgh", [9, 8, 5, 4, 3, 2, 1, 1], k=draw.randint(0, 7))) for _ in range(rows)]


def made(texts: list[str]) -> TermRows:
    return TermRows().followed_by(rows_of(find_analyzer(""), texts))


def query(**weights: float) -> bytes:
    pairs = sorted((hash_of(term), weight) for term, weight in weights.items())
    return np.array(pairs, SPARSE_ELEMENT).tobytes()


def score(text: str, weights: dict[str, float]) -> float:
    """The formula, for one text."""
    words = text.split()
    counts = Counter(words)
    norm = PARAMS[K1] * (1 - PARAMS[B] + PARAMS[B] * len(words) / PARAMS[AVERAGE])
    return sum(w * (PARAMS[K1] + 1) * counts[t] / (counts[t] + norm) for t, w in weights.items())


def test_rows() -> None:
    """A row has the hash of each term, ascending, and how often the text has it; a text without terms has none."""
    for text, row in zip(["b a b", "", "a"], rows_of(find_analyzer(""), ["b a b", "", "a"]), strict=True):
        elements = np.frombuffer(row, SPARSE_ELEMENT)
        counts = {hash_of(term): count for term, count in Counter(text.split()).items()}
        assert elements["index"].tolist() == sorted(counts)
        assert dict(zip(elements["index"].tolist(), elements["value"].tolist(), strict=True)) == counts


def test_no_rows() -> None:
    """No texts make no rows."""
    assert len(rows_of(find_analyzer(""), [])) == 0


def schema(params: dict[str, str]) -> Schema:
    given = tuple({"enable_analyzer": "true", **params}.items())
    return Schema(
        (
            Field("id", DataType.INT64, is_primary=True),
            Field("text", DataType.VARCHAR, type_params=given, nullable=True),
            Field("lang", DataType.VARCHAR),
            Field("sparse", DataType.SPARSE_FLOAT_VECTOR),
        ),
        functions=(Function("f", "BM25", ("text",), ("sparse",)),),
    ).with_ids()


def texts(*values: str) -> Column:
    return Column(DataType.VARCHAR, np.array(values, TEXT_DTYPE))


def test_null_texts_have_no_terms() -> None:
    """What a null row holds in its place is not read."""
    column = Column(DataType.VARCHAR, np.array(["a", "b"], TEXT_DTYPE), np.array([True, False]))
    assert list(with_computed(schema({}), {101: column})[103].values) == [query(a=1), b""]


def test_analyzer_by_field() -> None:
    """Each text is analyzed by the analyzer that the other field names."""
    several = '{"by_field": "lang", "analyzers": {"en": {"type": "english"}, "default": {"tokenizer": "whitespace"}}}'
    columns = {101: texts("Dogs", "Dogs", "Cats"), 102: texts("en", "xx", "en")}
    computed = with_computed(schema({"multi_analyzer_params": several}), columns)
    assert list(computed[103].values) == [query(dog=1), query(Dogs=1), query(cat=1)]


@pytest.mark.parametrize("top", [1, 5, 1_000])
def test_scores(top: int) -> None:
    """The best rows with their scores, against the formula; a row without any of the terms is not found."""
    rows, weights = drawn(300), {"a": 0.5, "c": 1.5, "h": 3.0}
    expected = np.array([score(text, weights) for text in rows])
    distances, found = made(rows).search(as_objects([query(**weights)]), top, PARAMS, None)
    order = np.lexsort((np.arange(300), -expected.astype(np.float32)))[: min(top, int((expected > 0).sum()))]
    kept = found[0][found[0] >= 0]
    np.testing.assert_allclose(distances[0][: len(kept)], expected[order], rtol=1e-5)
    np.testing.assert_allclose(expected[kept], expected[order], rtol=1e-5)


def test_only_allowed_rows_are_found() -> None:
    """A mask leaves rows out."""
    allowed = np.array([False, True, False, True])
    _, found = made(["a", "a a", "a", "b"]).search(as_objects([query(a=1)]), 4, PARAMS, allowed)
    assert found[0].tolist() == [1, -1, -1, -1]


def test_light_terms_can_be_dropped() -> None:
    """drop_ratio_search leaves out the query's least weights."""
    params = {**PARAMS, "drop_ratio_search": 0.5}
    _, found = made(["a", "b"]).search(as_objects([query(a=1, b=2)]), 2, params, None)
    assert found[0].tolist() == [1, -1]


def test_statistics() -> None:
    """How many rows have a term, and how many terms there are."""
    terms = made(["a a b", "a", ""])
    assert [terms.having(hash_of(term)) for term in "abx"] == [2, 1, 0]
    assert terms.total_length == 4


def test_growing_rows() -> None:
    """A segment's terms grow with its column, and an older, shorter view keeps its rows and statistics."""
    forms, rows = SparseForms(), rows_of(find_analyzer(""), drawn(200, seed=1))
    for seen in (10, 11, 150, 200, 20):
        terms, alone = forms.terms(1, rows[:seen]), TermRows().followed_by(rows[:seen])
        assert [terms.having(hash_of(t)) for t in "abh"] == [alone.having(hash_of(t)) for t in "abh"]
        assert terms.total_length == alone.total_length
        for one, other in zip(
            terms.search(as_objects([query(a=1, d=2)]), 10, PARAMS, None),
            alone.search(as_objects([query(a=1, d=2)]), 10, PARAMS, None),
            strict=True,
        ):
            np.testing.assert_array_equal(one, other)


def test_builder() -> None:
    """An index that was built chunk by chunk is what was added at once."""
    rows = rows_of(find_analyzer(""), drawn(100, seed=2))
    builder = TermBuilder(rows, METRICS["BM25"], {}, 0)
    for start in range(0, 100, 30):
        builder.add(start, min(100, start + 30))
    asked = as_objects([query(a=1, e=1)])
    built, alone = builder.finished(), TermRows().followed_by(rows)
    np.testing.assert_array_equal(built.search(asked, 9, PARAMS, None)[1], alone.search(asked, 9, PARAMS, None)[1])


def test_equal_texts_come_by_key() -> None:
    """Of texts that are equally good those with the smallest keys are found, however few are asked for."""
    keys = np.random.default_rng(0).permutation(20)
    for top in (1, 7, 20):
        _, rows = made(["a b"] * 20).search(as_objects([query(a=1.0)]), top, PARAMS, None, keys)
        assert keys[rows[0]].tolist() == list(range(top))
