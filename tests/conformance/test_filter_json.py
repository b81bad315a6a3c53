"""Filters on JSON documents and dynamic keys: paths, comparisons of every kind, lists, and what is unknown."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conformance.making import T, column, field, id_field, random_vectors, vector_column, vector_field
from tests.conformance.refusals import Accepted, Refusal, check_accepted, check_refused, invalid, old
from tests.conformance.target import Collections, Target

DOCUMENTS = [
    b'{"a": 1, "b": {"c": [1, {"d": "x"}]}}',
    b'{"a": 1.0}',
    b'{"a": 1.5, "b": {}}',
    b'{"a": "x", "b": {"c": null}}',
    b'{"a": [1, 2.0, "x", [3], null, {"k": 1}]}',
    b'{"a": true, "b": 0}',
    b'{"a": null}',
    b'{"a/b": 1, "c~d": 2, "~1": 3, "1": 4, "\\u4e2d": 5, "e.f": 6, "G h": 7}',
    b'{"a": {"0": 7}, "b": [[1, 2], [3.0], []]}',
    b'{"a": 9007199254740993}',
    b'{"a": 9223372036854775808}',
    b"{}",
]
ALL = list(range(len(DOCUMENTS)))
NONE: list[int] = []


@pytest.fixture(scope="module")
def loaded(target: Target, shared: Collections) -> str:
    """The documents in a field and, behind the key "doc", in the dynamic one, each beside its number."""
    name = shared.make([id_field(), field("js", T.JSON), vector_field()], dynamic=True)
    target.done("CreateIndex", collection_name=name, field_name="vec", extra_params={"metric_type": "L2"})
    target.load(name)
    rows = len(DOCUMENTS)
    dynamic = [b'{"doc": %s, "n": %d, "JS": "dynamic"}' % (document, n) for n, document in enumerate(DOCUMENTS)]
    columns = [
        column("id", T.Int64, range(rows)),
        column("js", T.JSON, DOCUMENTS),
        vector_column(random_vectors(rows)),
        column("$meta", T.JSON, dynamic, dynamic=True),
    ]
    check_accepted(target.insert(name, columns, rows))
    return name


@pytest.fixture(scope="module")
def with_nulls(target: Target, shared: Collections) -> str:
    """A null, a JSON null, and whole documents that are no objects."""
    if target.version < (3, 0):
        pytest.skip("documents may be null since Milvus 2.5")
    name = shared.make([id_field(), field("js", T.JSON, nullable=True), vector_field()])
    target.done("CreateIndex", collection_name=name, field_name="vec", extra_params={"metric_type": "L2"})
    target.load(name)
    documents = column("js", T.JSON, [b"null", b"[1, 2]", b"5", b'"x"', b'{"a": 1}'])
    documents.valid_data.extend([True, False, True, True, True, True])
    columns = [column("id", T.Int64, range(6)), documents, vector_column(random_vectors(6))]
    check_accepted(target.insert(name, columns, 6))
    return name


def keys(response: Any) -> list[int]:
    check_accepted(response)
    return list(next(data for data in response.fields_data if data.field_name == "id").scalars.long_data.data)


ANSWERS = {
    'js["a"] == 1': [0, 1],
    'js["a"] == 1.0': [0, 1],
    '1 == js["a"]': [0, 1],
    'js["a"] > 1': [2, 9, 10],
    'js["a"] >= 1 and js["a"] < 2': [0, 1, 2],
    'js["a"] == "x"': [3],
    'js["a"] < "y"': [3],
    'js["a"] == true': [5],
    'js["a"] == 9007199254740993': [9],
    'js["a"] == 9007199254740992': NONE,
    'js["a"] > 9.2e18': [10],
    '0 < js["a"] <= 1': [0, 1],
    '"a" < js["a"] < "z"': [3],
    'js["a"] in [1, 7]': [0, 1],
    'js["a"] in ["x", "y"]': [3],
    'js["a"] like "x%"': [3],
    'js["a"] + 1 == 2': [0, 1],
    'js["a"] * 2.0 == 3': [2],
    'js["a"][0] == 1': [4],
    'js["a"][3][0] == 3': [4],
    'js["a"][5]["k"] == 1': [4],
    'js["a"][9] == 1': NONE,
    'js["b"]["c"][1]["d"] == "x"': [0],
    "js['a/b'] == 1": [7],
    'js["c~d"] == 2': [7],
    'js["~1"] == 3': [7],
    'js["1"] == 4': [7],
    "js[1] == 4": [7],
    'js["e.f"] == 6': [7],
    'js["G h"] == 7': [7],
    'js["g h"] == 7': NONE,
    'js["a"]["0"] == 7': [8],
    'js["a"][0] == 7': [8],
    'js["b"] == [1, 2]': NONE,
    'js["b"][0] == [1, 2]': [8],
    'js["b"][1] == [3.0]': [8],
    'json_contains(js["a"], 1)': [4],
    'array_contains(js["a"], "x")': [4],
    'json_contains(js["a"], [3])': [4],
    'json_contains_any(js["a"], [7, "x"])': [4],
    'json_contains_all(js["a"], [1, "x", [3]])': [4],
    'json_contains_all(js["a"], ["x", "y"])': NONE,
    'json_contains(js["b"]["c"], 1)': [0],
    'array_length(js["a"]) == 6': [4],
    'array_length(js["b"]) == 3': [8],
    "n == 3": [3],
    '$meta["n"] in [3, 4]': [3, 4],
    'doc["a"] == 1': [0, 1],
    '$meta["doc"]["a"] == "x"': [3],
    '$meta["JS"] == "dynamic" and n == 0': [0],
    'json_contains(doc["a"], "x")': [4],
    "nowhere == 1": NONE,
}
"""What every version answers."""


@pytest.mark.parametrize("text", ANSWERS)
def test_answers(target: Target, loaded: str, text: str) -> None:
    """Numbers compare as numbers; a key that is missing, null or of another type never passes."""
    assert keys(target.query(loaded, text, ["id"])) == ANSWERS[text]


NUMBERS = [0, 1, 2, 9, 10]

CHANGED: dict[str, tuple[list[int], list[int] | None]] = {
    'js["a"] != 1': ([2, 9, 10], [2, 3, 4, 5, 6, 7, 8, 9, 10, 11]),
    'not (js["a"] == 1)': ([2, 9, 10], [2, 3, 4, 5, 6, 7, 8, 9, 10, 11]),
    'not (js["a"] > 1)': ([0, 1], [0, 1, 3, 4, 5, 6, 7, 8, 11]),
    'js["a"] not in [1]': ([2, 9, 10], [2, 3, 4, 5, 6, 7, 8, 9, 10, 11]),
    'not (js["a"] like "y%")': ([3], ALL),
    'not json_contains(js["a"], 7)': ([4], ALL),
    'not (array_length(js["a"]) == 1)': ([4], ALL),
    'json_contains(js["a"], 2)': ([4], NONE),
    'json_contains_all(js["a"], [1, 2])': ([4], NONE),
    'array_length(js["a"]) > 1': ([4], None),
    'json_contains_all(js["a"], [])': (ALL, None),
    'json_contains_any(js["a"], [])': (NONE, None),
    'not json_contains_any(js["a"], [])': (ALL, None),
    'json_contains(js["b"], [])': ([8], None),
    'json_contains(js["b"], [1.0, 2.0])': ([8], [8]),
    'json_contains(js["b"], [3])': (NONE, NONE),
    '1.2 < js["a"] < 2': ([2], None),
    'js["a"] in [1, 1.5]': ([0, 1, 2], None),
    'js["a"] > [1]': (NONE, None),
    'not (js["a"] > [1])': (ALL, None),
    'js["a"] in []': (NONE, None),
    'js["a"] not in []': (ALL, None),
    'exists js["a"]': ([0, 1, 2, 3, 4, 5, 8, 9, 10], [0, 1, 2, 3, 4, 5, 6, 8, 9, 10]),
    'exists js["b"]': ([0, 5, 8], [0, 2, 3, 5, 8]),
    'exists js["b"]["c"]': ([0], [0, 3]),
    'not exists js["b"]': ([1, 2, 3, 4, 6, 7, 9, 10, 11], [1, 4, 6, 7, 9, 10, 11]),
    'js["a"] is null': ([6, 7, 11], None),
    'js["b"] is not null': ([0, 5, 8], None),
    "exists n": (ALL, ALL),
    "nowhere is null": (ALL, None),
    'js["a"] like "%x%"': ([3], None),
    'js["中"] == 5': ([7], None),
    "js == 5": (NONE, None),
    "json_contains(js, 1)": (NONE, None),
}
"""What 3.0 answers, and what 2.3.5, for which whatever is not true was false; None is "otherwise"."""


@pytest.mark.parametrize("text", CHANGED)
def test_answers_that_changed(target: Target, loaded: str, text: str) -> None:
    """What has no value of the right type is unknown, its opposite as well; what is hollow does not exist."""
    now, before = CHANGED[text]
    expected = now if target.version >= (3, 0) else before
    if expected is None:
        pytest.skip("pinned since Milvus 3.0 only")
    assert keys(target.query(loaded, text, ["id"])) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("js is null", [1]),
        ("js is not null", [0, 2, 3, 4, 5]),
        ('js["a"] == 1', [5]),
        ('not (js["a"] == 1)', NONE),
        ('js["a"] is null', [0, 1, 2, 3, 4]),
        ('not exists js["a"]', [0, 1, 2, 3, 4]),
        ("js == 5", [3]),
        ('js == "x"', [4]),
        ('js like "x%"', [4]),
        ("js == [1, 2]", [2]),
        ("js != [1]", [2]),
        ("js[1] == 2", [2]),
        ("json_contains(js, 2)", [2]),
        ("not json_contains(js, 7)", [2]),
        ("array_length(js) == 2", [2]),
        ("json_contains_all(js, [])", [0, 1, 2, 3, 4, 5]),
        ("js in []", NONE),
        ("js not in []", [0, 1, 2, 3, 4, 5]),
        ("not (js > [1])", [0, 2, 3, 4, 5]),
    ],
)
def test_nulls(target: Target, with_nulls: str, text: str, expected: list[int]) -> None:
    """A null is unknown, a JSON null is a document; a document may be a list or a value itself."""
    assert keys(target.query(with_nulls, text, ["id"])) == expected


def test_deletes(target: Target, collections: Collections) -> None:
    """A delete removes only what passes."""
    name = collections.make(dynamic=True)
    target.done("CreateIndex", collection_name=name, field_name="vec", extra_params={"metric_type": "L2"})
    target.load(name)
    dynamic = column("$meta", T.JSON, [b'{"t": ["a"]}', b'{"t": ["b"]}', b"{}"], dynamic=True)
    columns = [column("id", T.Int64, range(3)), vector_column(random_vectors(3)), dynamic]
    check_accepted(target.insert(name, columns, 3))
    if target.version >= (3, 0):
        target.done("Delete", collection_name=name, expr='json_contains(t, "a")')
        assert keys(target.query(name, "id >= 0", ["id"])) == [1, 2]
    found = target.search(name, random_vectors(1), 10, filter='json_contains($meta["t"], "b")')
    assert list(found.results.ids.int_id.data) == [1]


PLAN, PARAMETER = ": query plan failed", ": invalid parameter"

REFUSED: dict[str, tuple[str, Refusal | Accepted | str | None]] = {
    'js["a"] == id': ("two column comparison with JSON type is not supported" + PLAN, None),
    'js["a"] == js["b"]': ("two column comparison with JSON type is not supported" + PLAN, None),
    "js": (
        "predicate is not a boolean expression: js, data type: JSON: query plan failed",
        old("cannot parse expression: js, error: can not comparisons jsonField directly"),
    ),
    'js["a"]': (
        'predicate is not a boolean expression: js["a"], data type: JSON: query plan failed',
        old('predicate is not a boolean expression: js["a"], data type: JSON'),
    ),
    "js[a] == 1": ("struct field not found: js[a]*", None),
    'js[""] == 1': ('invalid identifier: js[""]' + PARAMETER, 'invalid identifier: js[""]'),
    "exists js": ("exists operations are only supportted on json key" + PARAMETER, None),
    "exists id": ("exists operations are only supportted on json field, got:Int64" + PARAMETER, None),
    'js["a"] + 1 == 1.5': (
        "cannot cast value to Int64, value: float_val:1.5" + PLAN,
        None,
    ),
    'js["a"] + "x" == 1': (
        "'add' cannot perform arithmetic between JSON field and VarChar: query plan failed" + PARAMETER,
        None,
    ),
    '2 < js["a"] < 1': (
        "invalid range: lowerbound is greater than upperbound" + PLAN,
        Accepted(),
    ),
    'json_contains_any(js["a"], 1)': (
        "ContainsAny operation element must be an array" + PLAN,
        "contains_any operation element must be an array",
    ),
    'json_contains(js["a"], js["b"])': (
        'contains operation are only supported explicitly specified element, got: js["b"]' + PARAMETER,
        'contains operation are only supported explicitly specified element, got: js["b"]',
    ),
    'json_contains(js["a"] == 1, 1)': (
        'contains operation are only supported on json or array fields now, got: js["a"]==1' + PARAMETER,
        'contains operation are only supported on json or array fields now, got: js["a"]==1',
    ),
    "id[0] == 1": ("Int64 data type not supported accessed with []" + PARAMETER, None),
}
"""3.0's complaint with its class, and 2.3.5's without any; None is "otherwise"."""


@pytest.mark.parametrize("text", REFUSED)
def test_refusals(target: Target, loaded: str, text: str) -> None:
    """Documents are looked into by keys, and compared with constants."""
    now, before = REFUSED[text]
    said = now if now.startswith("predicate") else f"cannot parse expression: {text}: {now}"
    if isinstance(before, str):
        before = old(f"cannot parse expression: {text}, error: {before}")
    refusal = invalid(f"failed to create query plan: {said}", before=before)
    check_refused(target.query(loaded, text, ["id"]), refusal, target.version)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('1 < js["a"] < "x"', "Assert *kInt64Val*: segcore error[segcoreCode=2001]"),
        ('js["a"] in [1, "x"]', "Assert *kStringVal*: segcore error[segcoreCode=2001]"),
        ('js["a"] in [[1]]', "unknown data type: 5*: segcore error[segcoreCode=2007]"),
        ('js["b"] == [[1, 2], [3], []]', "unsupported data type 5*: segcore error[segcoreCode=2007]"),
    ],
)
def test_refused_over_rows_only(target: Target, loaded: str, text: str, problem: str) -> None:
    """Some filters are planned and then refused by the core, which quotes its own sources."""
    if target.version < (3, 0):
        pytest.skip("such filters kill Milvus 2.3.5")
    core = Refusal(2000, 1, f"fail to * on QueryNode *: worker(*) query failed: {problem}", input_error=True)
    check_refused(target.query(loaded, text, ["id"]), core, target.version)
