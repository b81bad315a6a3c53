"""Filters answered from scalar indexes: the same rows as without any index, and the index is really asked."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from fakemilvus.datatypes import TEXT_DTYPE, Column, DataType, as_objects
from fakemilvus.engine.builds import Builds
from fakemilvus.engine.collection import Collection
from fakemilvus.engine.query import count, query
from fakemilvus.engine.schema import Field, Schema
from fakemilvus.engine.segment import Segment
from fakemilvus.engine.snapshot import Snapshot
from fakemilvus.filters import compile_filter
from tests.engine.making import make_definition

ROWS = 600
FILTERS_PER_KIND = 80
SCHEMA = Schema(
    (
        Field("id", DataType.INT64, is_primary=True),
        Field("n", DataType.INT32, nullable=True),
        Field("f", DataType.FLOAT, nullable=True),
        Field("s", DataType.VARCHAR, nullable=True, type_params=(("max_length", "64"),)),
        Field("b", DataType.BOOL, nullable=True),
        Field("j", DataType.JSON, nullable=True),
        Field("a", DataType.ARRAY, element_type=DataType.INT64, type_params=(("max_capacity", "9"),)),
    )
).with_ids()
IDS = {field.name: field.id for field in SCHEMA.fields}
WORDS = ["", "data", "database", "base", "tab", "übertab", "a%b", "zebra", "datum"]

INDEXES: dict[str, list[dict[str, str]]] = {
    "sorted": [{"of": name, "index_type": "STL_SORT"} for name in "nfs"],
    "inverted": [{"of": name, "index_type": "INVERTED"} for name in "nfsba"],
    "bitmap": [{"of": name, "index_type": "BITMAP"} for name in "nsba"],
    "automatic": [{"of": name} for name in "nfsba"],
    "few": [{"of": "n", "bitmap_cardinality_limit": "2"}, {"of": "s", "bitmap_cardinality_limit": "1000"}],
    "trie and ngrams": [
        {"of": "s", "index_type": "NGRAM", "min_gram": "2", "max_gram": "3"},
        {
            "of": "j",
            "index_type": "NGRAM",
            "min_gram": "1",
            "max_gram": "4",
            "json_path": "j['t']",
            "json_cast_type": "VARCHAR",
        },
    ],
    "paths": [
        {"of": "j", "index_type": "INVERTED", "json_path": "j['n']", "json_cast_type": "DOUBLE"},
        {"of": "j", "index_type": "BITMAP", "json_path": "j['t']", "json_cast_type": "VARCHAR"},
        {"of": "j", "index_type": "INVERTED", "json_path": "j['l']", "json_cast_type": "ARRAY_DOUBLE"},
        {"of": "j", "index_type": "AUTOINDEX", "json_path": "j['d']['b']", "json_cast_type": "bool"},
    ],
    "documents": [{"of": "j", "index_type": "INVERTED", "json_path": "j", "json_cast_type": "JSON"}],
}


@pytest.fixture
def filled(make_collection: Callable[..., Collection], builds: Builds) -> Collection:
    """Two flushed segments and one that grows, with nulls, and rows deleted from each."""
    collection = make_collection(make_definition(schema=SCHEMA), min_index_rows=1)
    for number in range(3):
        collection.insert(columns(number), ROWS)
        if number < 2:
            collection.flush()
    collection.delete(lambda segment: np.arange(0, segment.rows, 7))
    return collection


def columns(seed: int) -> dict[int, Column]:
    rng = np.random.default_rng(seed)
    words = rng.integers(0, len(WORDS), ROWS).tolist()
    made = {
        "id": Column(DataType.INT64, np.arange(seed * ROWS, (seed + 1) * ROWS)),
        "n": Column(DataType.INT32, rng.integers(-5, 40, ROWS).astype(np.int32), rng.random(ROWS) < 0.8),
        "f": Column(DataType.FLOAT, (rng.integers(0, 20, ROWS) / 10).astype(np.float32), rng.random(ROWS) < 0.8),
        "s": Column(DataType.VARCHAR, np.array([WORDS[word] for word in words], TEXT_DTYPE), rng.random(ROWS) < 0.8),
        "b": Column(DataType.BOOL, rng.random(ROWS) < 0.5, rng.random(ROWS) < 0.8),
        "j": Column(DataType.JSON, as_objects([document(rng) for _ in range(ROWS)]), rng.random(ROWS) < 0.8),
        "a": Column(DataType.ARRAY, as_objects([rng.integers(0, 9, rng.integers(0, 5)) for _ in range(ROWS)])),
    }
    return {IDS[name]: column for name, column in made.items()}


def document(rng: np.random.Generator) -> bytes:
    """An object whose keys are now there and now not, with values of this type and that."""
    values = [int(rng.integers(0, 9)), 0.5, WORDS[rng.integers(0, len(WORDS))], True, None, [1, 2.0, "x"], {"b": False}]
    drawn = {key: values[rng.integers(0, len(values))] for key in "ntld" if rng.random() < 0.8}
    return json.dumps(drawn).encode()


def random_filter(rng: np.random.Generator, depth: int = 2) -> str:
    """Anything that an index may be asked for, joined and turned around."""
    if depth and rng.random() < 0.4:
        left, right = random_filter(rng, depth - 1), random_filter(rng, depth - 1)
        return f"({left}) {rng.choice(['and', 'and', 'or'])} ({right})"
    if depth and rng.random() < 0.2:
        return f"not ({random_filter(rng, depth - 1)})"
    return str(_LEAVES[rng.integers(0, len(_LEAVES))](rng))


def _operator(rng: np.random.Generator) -> str:
    return str(rng.choice(["==", "!=", "<", "<=", ">", ">="]))


def _in(rng: np.random.Generator, items: list[Any]) -> str:
    drawn = [items[number] for number in rng.integers(0, len(items), rng.integers(1, 4))]
    return f"{rng.choice(['in', 'not in'])} {json.dumps(drawn, ensure_ascii=False)}"


def _word(rng: np.random.Generator) -> str:
    return json.dumps(WORDS[rng.integers(0, len(WORDS))], ensure_ascii=False)


def _pattern(rng: np.random.Generator) -> str:
    patterns = [
        "data%",
        "%base",
        "%tab%",
        "%t_b%",
        "database",
        "d%a_e",
        "%",
        "%a%",
        "über%",
        "a\\\\%b",
        "%um",
        "",
        "___",
    ]
    return f'"{patterns[rng.integers(0, len(patterns))]}"'


_PATH = "j['t']"


def _regex(rng: np.random.Generator) -> str:
    expressions = ["tab", "^data", "base$", "da.*se", "bas?e", "dx?ata", "b|z", "(zeb)ra", "ta+b", "^$", "[dz]", "ü"]
    return f'"{expressions[rng.integers(0, len(expressions))]}"'


_LEAVES: list[Callable[[np.random.Generator], str]] = [
    lambda rng: f"n {_operator(rng)} {rng.integers(-7, 42)}",
    lambda rng: f"n {_operator(rng)} {rng.choice(['2147483648', '-3000000000'])}",
    lambda rng: f"n {_in(rng, list(range(-9, 50)))}",
    lambda rng: f"{rng.integers(-7, 10)} < n <= {rng.integers(11, 40)}",
    lambda rng: f"f {_operator(rng)} {rng.integers(0, 20) / 10}",
    lambda rng: f"f {_in(rng, [0.1, 0.5, 1.3, 7])}",
    lambda rng: f"s {_operator(rng)} {_word(rng)}",
    lambda rng: f"s {_in(rng, [*WORDS, 'absent'])}",
    lambda rng: f"s like {_pattern(rng)}",
    lambda rng: f"{rng.choice(['s', _PATH])} {rng.choice(['=~', '!~'])} {_regex(rng)}",
    lambda rng: f"{rng.integers(0, 3)} < j['n'] <= {rng.integers(4, 9)}",
    lambda rng: f"b {rng.choice(['==', '!='])} {rng.choice(['true', 'false'])}",
    lambda rng: f"{rng.choice(['n', 's', 'j'])} is {rng.choice(['null', 'not null'])}",
    lambda rng: f"array_contains(a, {rng.integers(0, 10)})",
    lambda rng: f"array_contains_{rng.choice(['any', 'all'])}(a, [{rng.integers(0, 10)}, {rng.integers(0, 10)}])",
    lambda rng: f"j['n'] {_operator(rng)} {rng.choice(['3', '0.5', 'true', '8.0'])}",
    lambda rng: f"j['n'] {_in(rng, list(range(10)))}",
    lambda rng: f"j['t'] {_operator(rng)} {_word(rng)}",
    lambda rng: f"j['t'] {_in(rng, WORDS)}",
    lambda rng: f"j['t'] like {_pattern(rng)}",
    lambda rng: f"j['d']['b'] {rng.choice(['==', '!='])} {rng.choice(['true', 'false', '1'])}",
    lambda rng: f"json_contains(j['l'], {rng.choice(['1', '2', '7'])})",
    lambda rng: f"json_contains_{rng.choice(['any', 'all'])}(j['l'], {rng.choice(['[1, 2]', '[1, 7]', '[9]'])})",
    lambda rng: f"exists j['{rng.choice(['n', 't'])}']",
]


def create(collection: Collection, wanted: list[dict[str, str]]) -> None:
    for number, params in enumerate(wanted):
        given = tuple((key, value) for key, value in params.items() if key != "of")
        collection.create_index(params["of"], f"i{number}", given)


def rows_of(snapshot: Snapshot, text: str) -> list[int]:
    return [int(key) for key in query(snapshot, compile_filter(text, SCHEMA.filterable)).column(SCHEMA.primary).values]


def look_ups(segments: tuple[Segment, ...]) -> int:
    return sum(built.look_ups for segment in segments for built in segment.built.values() if built is not None)


@pytest.mark.parametrize("kind", INDEXES)
def test_the_same_rows_as_without_an_index(filled: Collection, builds: Builds, kind: str) -> None:
    """Random filters find the same rows with indexes and without, over nulls, deleted and growing rows."""
    create(filled, INDEXES[kind])
    builds.wait(20)
    snapshot = filled.snapshot
    bare = replace(snapshot, indexes=())
    rng = np.random.default_rng(len(kind))
    for _ in range(FILTERS_PER_KIND):
        text = random_filter(rng)
        found = rows_of(snapshot, text)
        assert found == rows_of(bare, text), text
        assert count(snapshot, compile_filter(text, SCHEMA.filterable)) == len(found), text
    assert look_ups(snapshot.segments) > FILTERS_PER_KIND // 10


def test_while_a_build_is_held(filled: Collection, builds: Builds) -> None:
    """Until an index is attached its segment is scanned, while another segment's is asked already."""
    builds.hold(index="i0")
    create(filled, INDEXES["inverted"])
    text = "n == 3 and s == 'data'"
    before = rows_of(filled.snapshot, text)
    assert before == rows_of(replace(filled.snapshot, indexes=()), text)
    builds.release()
    builds.wait(20)
    assert rows_of(filled.snapshot, text) == before
    assert look_ups(filled.snapshot.segments) > 0


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({"of": "n", "index_type": "INVERTED"}, "n == 3"),
        ({"of": "n", "index_type": "BITMAP"}, "n != 3"),
        ({"of": "s", "index_type": "TRIE"}, "s like 'data%'"),
        ({"of": "s", "index_type": "NGRAM", "min_gram": "2", "max_gram": "3"}, "s like '%ebr%'"),
        ({"of": "s", "index_type": "NGRAM", "min_gram": "2", "max_gram": "3"}, "s =~ '.ebr.$'"),
        ({"of": "s", "index_type": "INVERTED"}, "s =~ '(zeb|x)'"),
        ({"of": "a", "index_type": "INVERTED"}, "array_contains(a, 8)"),
        ({"of": "j", "json_path": "j['n']", "json_cast_type": "DOUBLE"}, "j['n'] in [1, 2]"),
        ({"of": "j", "json_path": "j['n']", "json_cast_type": "DOUBLE"}, "1 < j['n'] < 3"),
        (
            {"of": "j", "json_path": "j['l']", "json_cast_type": "ARRAY_DOUBLE", "index_type": "INVERTED"},
            "json_contains(j['l'], 2)",
        ),
        ({"of": "j", "json_path": "j", "json_cast_type": "JSON", "index_type": "INVERTED"}, "j['d']['b'] == false"),
    ],
)
def test_the_index_is_asked(filled: Collection, builds: Builds, params: dict[str, str], text: str) -> None:
    """A filter over both flushed segments looks something up in both of their indexes."""
    create(filled, [params])
    builds.wait(20)
    rows_of(filled.snapshot, text)
    asked = [segment for segment in filled.snapshot.segments if look_ups((segment,))]
    assert len(asked) == 2


def test_the_rest_of_an_and_looks_at_few_rows(filled: Collection, builds: Builds) -> None:
    """Where an index names few rows, the other conditions are asked of those alone."""
    create(filled, [{"of": "n", "index_type": "INVERTED"}])
    builds.wait(20)
    segment = filled.snapshot.segments[0]
    judged: list[int] = []

    def judge(node: Any, batch: Any) -> Any:
        judged.append(batch.rows)
        return np.ones(batch.rows, np.bool_)

    from fakemilvus.engine.batch import SegmentBatch, scalar_indexes
    from fakemilvus.filters import lookups

    plan = compile_filter("s like '%a%' and n == 3", SCHEMA.filterable).plan
    assert plan is not None
    rows = lookups.narrowed(plan, SegmentBatch(segment, scalar_indexes(filled.snapshot.indexes)), judge)
    assert rows is not None
    assert judged == [len(rows)]
    assert 0 < len(rows) < ROWS // 16


def test_texts_read_as_numbers_by_the_index_alone(filled: Collection, builds: Builds) -> None:
    """With STRING_TO_DOUBLE a flushed row's text is found as a number, as in Milvus."""
    texts = columns(9)
    texts[IDS["id"]] = Column(DataType.INT64, np.arange(10_000, 10_000 + ROWS))
    texts[IDS["j"]] = Column(DataType.JSON, as_objects([b'{"n": "77"}'] * ROWS))
    filled.insert(texts, ROWS)
    filled.flush()
    wanted = {"of": "j", "index_type": "INVERTED", "json_path": "j['n']", "json_cast_type": "double"}
    create(filled, [{**wanted, "json_cast_function": "string_to_double"}])
    builds.wait(20)
    assert len(rows_of(filled.snapshot, "j['n'] == 77")) == ROWS
