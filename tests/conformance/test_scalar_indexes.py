"""Scalar indexes: kinds, parameters, JSON paths and their refusals; that they are built and what is told of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fakemilvus import FakeMilvus
from tests.conformance.making import (
    T,
    array_column,
    column,
    field,
    id_field,
    random_vectors,
    vector_column,
    vector_field,
)
from tests.conformance.refusals import Refusal, check_accepted
from tests.conformance.target import Collections, Target

ROWS = 2_000
NGRAM = {"index_type": "NGRAM", "min_gram": "2", "max_gram": "3"}
DOUBLE = {"index_type": "INVERTED", "json_cast_type": "DOUBLE"}
VECTOR = {"index_type": "FLAT", "metric_type": "L2"}


@pytest.fixture(autouse=True)
def _since(target: Target) -> None:
    if target.version < (3, 0):
        pytest.skip("2.3.5 knows few of these indexes")


@pytest.fixture(scope="module")
def refusing(shared: Collections) -> str:
    """A collection with a field of every scalar type, for requests that are all refused."""
    return shared.make(_fields(), dynamic=True)


@pytest.fixture
def name(collections: Collections) -> str:
    return collections.make(_fields(), dynamic=True)


@pytest.fixture
def filled(target: Target, name: str) -> str:
    """The same with flushed rows, loaded."""
    numbers = range(ROWS)
    columns = [
        column("id", T.Int64, numbers),
        column("n", T.Int64, [number % 50 for number in numbers]),
        column("vc", T.VarChar, [f"text {number}" for number in numbers]),
        column("b", T.Bool, [number % 2 == 0 for number in numbers]),
        column("d", T.Double, [number / 4 for number in numbers]),
        column("js", T.JSON, [b'{"a": {"b": %d}, "t": "text %d", "l": [%d]}' % (i, i, i % 9) for i in numbers]),
        array_column("arr", T.Int64, [[number % 5, number % 7] for number in numbers]),
        column("$meta", T.JSON, [b'{"key": %d}' % number for number in numbers], dynamic=True),
        vector_column(random_vectors(ROWS)),
    ]
    check_accepted(target.insert(name, columns, ROWS))
    target.flush(name)
    check_accepted(create(target, name, "vec", VECTOR, "vector"))
    target.load(name)
    return name


def create(target: Target, name: str, of: str, params: dict[str, str], index: str = "") -> Any:
    return target.ask("CreateIndex", collection_name=name, field_name=of, index_name=index, extra_params=params)


def params_of(target: Target, name: str, index: str = "") -> dict[str, str]:
    return {pair.key: pair.value for pair in target.describe_index(name, index).params}


def keys(target: Target, name: str, filter: str) -> list[int]:
    response = target.query(name, filter, ["id"])
    check_accepted(response)
    return [int(key) for key in response.fields_data[0].scalars.long_data.data]


def _fields() -> list[Any]:
    return [
        id_field(),
        vector_field(),
        field("n", T.Int64),
        field("vc", T.VarChar, max_length=32),
        field("b", T.Bool),
        field("d", T.Double),
        field("js", T.JSON),
        field("arr", T.Array, element_type=T.Int64, max_capacity=8),
    ]


def _invalid(text: str) -> Refusal:
    return Refusal(1100, 5, f"{text}: invalid parameter", input_error=True)


def _cast(kind: str, type: str) -> dict[str, str]:
    return {"index_type": kind, "json_cast_type": type}


def _missing(text: str, ending: str = "") -> Refusal:
    return Refusal(1101, 5, f"{text}: missing parameter{ending}", input_error=True)


SIZES = "Ngram index must specify both min_gram and max_gram"
LIMIT = "failed to check bitmap cardinality limit, should be larger than 0 and smaller than 1000"
CAST = _missing("json index must specify cast type", "[missing_param=json_cast_type]")

TYPES_OF_BITMAP = "bitmap index are only supported on bool, int, string and array field"
TYPES_OF_SORT = "STL_SORT are only supported on numeric, varchar or timestamptz field"
TYPES_OF_NGRAM = "ngram index can only be created on VARCHAR or JSON field"
NGRAM_RANGE = "invalid min_gram or max_gram value for Ngram index"
NGRAM_CAST = "JSON field with ngram index only supports VARCHAR cast type, got: DOUBLE"
OTHER_FIELD = "fieldID not match with field name"
NO_MMAP = "invalid mmap type params: index type STL_SORT does not support mmap: invalid parameter"
BAD_MMAP = "invalid mmap type params: invalid mmap.enabled value: yes, expected: true, false: invalid parameter"
NO_CACHE = "only bitmap index support indexoffsetcache.enabled now: invalid parameter"
UNKNOWN = Refusal(
    1100, 5, "invalid parameter[expected=valid index][actual=invalid index type: HYBRID]", input_error=True
)


def _unread(path: str) -> Refusal:
    return Refusal(2201, 1, f"cannot parse identifier: {path}: query plan failed", input_error=True)


REFUSED: list[tuple[str, dict[str, str], Refusal]] = [
    # kinds and the types that they take
    ("vc", {"index_type": "HYBRID"}, UNKNOWN),
    ("id", {"index_type": "BITMAP"}, _invalid("create bitmap index on primary key not supported")),
    ("d", {"index_type": "BITMAP"}, _invalid(TYPES_OF_BITMAP)),
    ("b", {"index_type": "STL_SORT"}, _invalid(f"{TYPES_OF_SORT}, got Bool")),
    ("arr", {"index_type": "STL_SORT"}, _invalid(f"{TYPES_OF_SORT}, got Array")),
    ("n", {"index_type": "Trie"}, _invalid("TRIE are only supported on varchar field")),
    ("js", {"index_type": "TRIE"}, _invalid("TRIE are only supported on varchar field")),
    ("n", {"index_type": "RTREE"}, _invalid("RTREE index can only be built on geometry field, got Int64")),
    ("n", {"index_type": "HNSW"}, _invalid("index HNSW only supports vector data type")),
    # NGRAM
    ("n", NGRAM, _invalid(TYPES_OF_NGRAM)),
    ("arr", {"index_type": "NGRAM"}, _invalid(TYPES_OF_NGRAM)),
    ("vc", {"index_type": "NGRAM"}, _missing(SIZES)),
    ("vc", {"index_type": "NGRAM", "min_gram": "2"}, _missing(SIZES)),
    ("vc", {"index_type": "NGRAM", "params": '{"max_gram": 2}'}, _missing(SIZES)),
    ("vc", {**NGRAM, "min_gram": "2.5"}, _invalid("min_gram for Ngram index must be an integer, got: 2.5")),
    ("vc", {**NGRAM, "max_gram": ""}, _invalid("max_gram for Ngram index must be an integer, got: ")),
    ("vc", {**NGRAM, "min_gram": " 2"}, _invalid("min_gram for Ngram index must be an integer, got:  2")),
    ("vc", {**NGRAM, "min_gram": "0"}, _invalid(f"{NGRAM_RANGE}, min_gram: 0, max_gram: 3")),
    ("vc", {**NGRAM, "min_gram": "4"}, _invalid(f"{NGRAM_RANGE}, min_gram: 4, max_gram: 3")),
    ("vc", {**NGRAM, "max_gram": "-1"}, _invalid(f"{NGRAM_RANGE}, min_gram: 2, max_gram: -1")),
    ("js", NGRAM, _missing("JSON field with ngram index must specify json_cast_type")),
    ("js", {**NGRAM, "json_cast_type": "double"}, _invalid(NGRAM_CAST)),
    # AUTOINDEX
    ("vc", {"bitmap_cardinality_limit": "0"}, _invalid(LIMIT)),
    ("vc", {"index_type": "AUTOINDEX", "bitmap_cardinality_limit": "1001"}, _invalid(LIMIT)),
    ("arr", {"bitmap_cardinality_limit": "many"}, _invalid(LIMIT)),
    # JSON casts
    *[("js", {"index_type": kind}, CAST) for kind in ("INVERTED", "STL_SORT", "BITMAP", "AUTOINDEX")],
    ("js", {**DOUBLE, "json_cast_type": "INT64"}, _invalid("json_cast_type INT64 is not supported")),
    ("js", _cast("STL_SORT", "bool"), _invalid("json_cast_type BOOL is not supported for STL_SORT index")),
    ("js", _cast("BITMAP", "DOUBLE"), _invalid("json_cast_type DOUBLE is not supported for BITMAP index")),
    ("js", _cast("AUTOINDEX", "ARRAY_BOOL"), _invalid("json_cast_type ARRAY_BOOL is not supported for HYBRID index")),
    ("js", {**DOUBLE, "json_cast_function": "to_int"}, _invalid("json_cast_function TO_INT is not supported")),
    (
        "js",
        {**_cast("INVERTED", "VARCHAR"), "json_cast_function": "string_to_double"},
        _invalid("json_cast_function STRING_TO_DOUBLE is not supported for json_cast_type VARCHAR"),
    ),
    # JSON paths
    ("js", {**DOUBLE, "json_path": "n"}, _invalid(OTHER_FIELD)),
    ("js", {**DOUBLE, "json_path": "key"}, _invalid(OTHER_FIELD)),
    ("key", {**DOUBLE, "json_path": "js['a']"}, _invalid(OTHER_FIELD)),
    ("js", {**DOUBLE, "json_path": "js['a'] == 1"}, _unread("js['a'] == 1")),
    ("js", {**DOUBLE, "json_path": "1"}, _unread("1")),
    ("js", {**DOUBLE, "json_path": "js['a'"}, _unread("js['a': *")),
    ("js", {**DOUBLE, "json_path": ""}, _unread("")),
    # how an index is kept
    ("vc", {"index_type": "STL_SORT", "mmap.enabled": "true"}, _invalid(NO_MMAP)),
    ("vc", {**NGRAM, "mmap.enabled": "yes"}, _invalid(BAD_MMAP)),
    (
        "vc",
        {"index_type": "INVERTED", "indexoffsetcache.enabled": "true"},
        _invalid(f"invalid offset cache index params: {NO_CACHE}"),
    ),
]


@pytest.mark.parametrize(("of", "params", "refusal"), REFUSED)
def test_refusals(target: Target, refusing: str, of: str, params: dict[str, str], refusal: Refusal) -> None:
    """What Milvus refuses of a scalar index, in its codes and texts."""
    target.refused("CreateIndex", refusal, collection_name=refusing, field_name=of, extra_params=params)


ACCEPTED: list[tuple[str, dict[str, str]]] = [
    ("n", {"index_type": "BITMAP"}),
    ("n", {"index_type": "BITMAP", "mmap.enabled": "true", "indexoffsetcache.enabled": "true"}),
    ("arr", {"index_type": "BITMAP"}),
    ("arr", {"index_type": "AUTOINDEX"}),
    ("arr", {"index_type": "INVERTED"}),
    ("b", {}),
    ("b", {"bitmap_cardinality_limit": "0"}),
    ("vc", {"index_type": "AUTOINDEX", "bitmap_cardinality_limit": "1000"}),
    ("vc", NGRAM),
    ("vc", {"index_type": "NGRAM", "params": '{"min_gram": 2, "max_gram": 3}', "mmap.enabled": "true"}),
    ("js", {**NGRAM, "json_path": "js['t']", "json_cast_type": " varchar "}),
    ("js", {**DOUBLE, "json_path": "js['a']['b']"}),
    ("js", {**DOUBLE, "json_path": 'js["a"]["b"]', "json_cast_function": "STRING_TO_DOUBLE"}),
    ("js", {**DOUBLE, "json_path": "js['l'][0]"}),
    ("js", {"index_type": "INVERTED", "json_path": "js['l']", "json_cast_type": "ARRAY_DOUBLE"}),
    ("js", {"index_type": "AUTOINDEX", "json_path": "js", "json_cast_type": "JSON"}),
    ("js", {"index_type": "STL_SORT", "json_cast_type": "VARCHAR"}),
    ("key", {"index_type": "BITMAP", "json_cast_type": "VARCHAR"}),
    ("$meta", {**DOUBLE, "json_path": "$meta['key']['of a key']"}),
]


@pytest.mark.parametrize(("of", "params"), ACCEPTED)
def test_params_are_echoed(target: Target, name: str, of: str, params: dict[str, str]) -> None:
    """DescribeIndex shows the client's own parameters, neither completed nor changed; the same again is a repeat,
    unless it is about how the index is kept."""
    check_accepted(create(target, name, of, params))
    if "mmap.enabled" not in params:
        check_accepted(create(target, name, of, params))
    assert params_of(target, name) == params


@pytest.mark.parametrize(
    ("of", "path", "index", "described"),
    [
        ("js", "js['a']['b']", "js/a/b", "js"),
        ("js", None, "js", "js"),
        ("js", "js['a/b']['~']", "js/a~1b/~0", "js"),
        ("js", "js['l'][0]", "js/l/0", "js"),
        ("key", None, "$meta/key", "key"),
        ("key", "key['x']", "$meta/key/x", "key"),
        ("key", "$meta['other']", "$meta/other", "other"),
        ("$meta", "$meta['a/~b']", "$meta/a~1~0b", "a/~b"),
        ("$meta", None, "$meta", "$meta"),
    ],
)
def test_default_names(target: Target, name: str, of: str, path: str | None, index: str, described: str) -> None:
    """An index of a JSON path is named after the field and the path, as a JSON pointer; DescribeIndex calls the field
    of a dynamic key by the key, and GetIndexStatistics does not."""
    check_accepted(create(target, name, of, DOUBLE if path is None else {**DOUBLE, "json_path": path}))
    told = target.describe_index(name)
    assert (told.index_name, told.field_name) == (index, described)
    (told,) = target.done("GetIndexStatistics", collection_name=name).index_descriptions
    assert told.field_name == index.partition("/")[0]


def test_several_paths_of_a_field(target: Target, name: str) -> None:
    """Each path of a JSON field may have an index; the same path written otherwise is the same path."""
    check_accepted(create(target, name, "js", {**DOUBLE, "json_path": "js['a']"}))
    check_accepted(create(target, name, "js", {**DOUBLE, "json_path": "js['b']"}, "second"))
    found = target.done("DescribeIndex", collection_name=name).index_descriptions
    assert sorted(one.index_name for one in found) == ["js/a", "second"]
    multiple = _invalid("CreateIndex failed: creating multiple indexes on same field is not supported")
    other = {**DOUBLE, "json_path": 'js["a"]'}
    target.refused("CreateIndex", multiple, collection_name=name, field_name="js", index_name="x", extra_params=other)
    distinct = _invalid("at most one distinct index is allowed per field")
    target.refused("CreateIndex", distinct, collection_name=name, field_name="js", extra_params=other)
    varchar = {**DOUBLE, "json_path": "js['a']", "json_cast_type": "VARCHAR"}
    target.refused("CreateIndex", distinct, collection_name=name, field_name="js", extra_params=varchar)
    target.refused(
        "CreateIndex", distinct, collection_name=name, field_name="js", index_name="second",
        extra_params={**DOUBLE, "json_path": "js['c']"},
    )  # fmt: skip


def test_dropping_one_of_several(target: Target, name: str) -> None:
    """Indexes of paths are dropped one by one, while the collection is loaded too; a dropped one can come again."""
    for path in ("js['a']", "js['b']"):
        check_accepted(create(target, name, "js", {**DOUBLE, "json_path": path}))
    target.refused("DropIndex", Refusal(702, 1, "index duplicates[indexName=]", input_error=True), collection_name=name)
    target.done("DropIndex", collection_name=name, index_name="js/a")
    assert target.describe_index(name).index_name == "js/b"
    check_accepted(create(target, name, "js", {**DOUBLE, "json_path": "js['a']", "json_cast_type": "VARCHAR"}))


def test_alter_and_mmap(target: Target, name: str) -> None:
    """mmap is set and taken back in the echo, where the kind supports it."""
    check_accepted(create(target, name, "js", {**DOUBLE, "json_path": "js['a']"}))
    target.done("AlterIndex", collection_name=name, index_name="js/a", extra_params={"mmap.enabled": "true"})
    assert params_of(target, name) == {**DOUBLE, "json_path": "js['a']", "mmap.enabled": "true"}
    target.done("AlterIndex", collection_name=name, index_name="js/a", delete_keys=["mmap.enabled"])
    assert params_of(target, name) == {**DOUBLE, "json_path": "js['a']"}


BUILT: list[tuple[str, dict[str, str], str, list[int]]] = [
    ("n", {"index_type": "BITMAP"}, "n == 7 and id < 100", [7, 57]),
    ("n", {}, "n in [1] and id < 60", [1, 51]),
    ("b", {"index_type": "INVERTED"}, "b == true and id < 4", [0, 2]),
    ("d", {"index_type": "STL_SORT"}, "d == 0.5", [2]),
    ("vc", {"index_type": "Trie"}, "vc like 'text 199%'", [199, *range(1990, 2_000)]),
    ("vc", NGRAM, "vc like '%1999%'", [1999]),
    ("arr", {"index_type": "BITMAP"}, "array_contains_all(arr, [4, 6]) and id < 70", [34, 69]),
    ("js", {**DOUBLE, "json_path": "js['a']['b']"}, "js['a']['b'] == 12", [12]),
    ("js", {**NGRAM, "json_path": "js['t']", "json_cast_type": "VARCHAR"}, "js['t'] like '%1234%'", [1234]),
    ("js", {**_cast("INVERTED", "ARRAY_DOUBLE"), "json_path": "js['l']"}, "json_contains(js['l'], 8) and id < 9", [8]),
    ("js", {**_cast("INVERTED", "JSON"), "json_path": "js"}, "js['a']['b'] == 12 and js['t'] == 'text 12'", [12]),
    ("key", {"json_cast_type": "DOUBLE"}, "key == 99", [99]),
]


@pytest.mark.parametrize(("of", "params", "filter", "found"), BUILT)
def test_built_and_counted(
    target: Target, filled: str, of: str, params: dict[str, str], filter: str, found: list[int]
) -> None:
    """An index is built over every flushed row and counts them; the filter finds the same rows before and after."""
    assert keys(target, filled, filter) == found
    check_accepted(create(target, filled, of, params, "scalar"))
    target.wait_until_indexed(filled)
    assert target.counters(filled, "scalar") == (ROWS, ROWS, 0)
    assert keys(target, filled, filter) == found


@pytest.mark.parametrize(("of", "params", "filter", "found"), BUILT)
def test_held_builds_and_states(
    fake: FakeMilvus, target: Target, filled: str, of: str, params: dict[str, str], filter: str, found: list[int]
) -> None:
    """A build stops where it is held; filters do not wait for it; it comes back with a restored state."""
    fake.builds.hold_at(fraction=0.5, index="scalar", collection=filled)
    check_accepted(create(target, filled, of, params, "scalar"))
    fake.builds.wait()
    assert target.counters(filled, "scalar") == (ROWS, ROWS // 2, ROWS // 2)
    assert keys(target, filled, filter) == found
    fake.builds.release()
    target.wait_until_indexed(filled)
    state = fake.snapshot()
    target.done("DropIndex", collection_name=filled, index_name="scalar")
    fake.restore(state)
    assert target.counters(filled, "scalar") == (ROWS, ROWS, 0)
    assert keys(target, filled, filter) == found


def test_state_files(fake: FakeMilvus, target: Target, filled: str, tmp_path: Path) -> None:
    """Indexes on paths, dynamic keys and ngrams come back from a file as they were, and are built anew."""
    paths = [("js", {**DOUBLE, "json_path": "js['a']"}), ("key", {"json_cast_type": "DOUBLE"}), ("vc", NGRAM)]
    for of, params in paths:
        check_accepted(create(target, filled, of, params))
    before = _described(target, filled)
    fake.save(tmp_path / "state")
    fake.reset()
    fake.load(tmp_path / "state")
    target.wait_until_indexed(filled)
    assert _described(target, filled) == before
    assert keys(target, filled, "key == 99") == [99]


def _described(target: Target, name: str) -> list[tuple[Any, ...]]:
    found = target.done("DescribeIndex", collection_name=name).index_descriptions
    return [(one.index_name, one.field_name, [(pair.key, pair.value) for pair in one.params]) for one in found]
