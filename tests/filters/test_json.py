"""JSON keys: finding them, what is unknown about them, and dynamic keys."""

from __future__ import annotations

import pytest

from fakemilvus import errors, limits
from fakemilvus.filters import compile_filter, documents
from tests.filters.making import batch, fields, passing


def _assertion(case: str) -> str:
    condition = f"value_proto.val_case() == milvus::proto::plan::GenericValue::{case}"
    return f'Assert "{condition}": segcore error[segcoreCode=2001]'


META = ['{"a": 1}', '{"a": 1.0}', '{"a": 1.5}', '{"a": "x"}', '{"a": [1, 2]}', '{"a": true}', '{"a": null}', "{}", None]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("meta['a'] == 1", [0, 1]),
        ('meta["a"] == 1.0', [0, 1]),
        ("1 == meta['a']", [0, 1]),
        ("meta['a'] != 1", [2]),
        ("not (meta['a'] == 1)", [2]),
        ("meta['a'] > 1", [2]),
        ("meta['a'] < 1.2", [0, 1]),
        ("meta['a'] == 'x'", [3]),
        ("meta['a'] != 'x'", []),
        ("meta['a'] >= ''", [3]),
        ("meta['a'] == true", [5]),
        ("meta['a'] == [1, 2]", [4]),
        ("meta['a'] != [1]", [4]),
        ("meta['a'] in [1, 7]", [0, 1]),
        ("meta['a'] in [1, 1.5]", [0, 1, 2]),
        ("meta['a'] in ['x']", [3]),
        ("meta['a'] not in [1]", [2]),
        ("meta['a'] > [1]", []),
        ("not (meta['a'] > [1])", list(range(8))),
        ("meta['a'] == [1, 2.0]", [4]),
        ("meta['a'] == [1.0, 2.0]", [4]),
        ("[1, 2] == meta['a']", [4]),
        ("not (meta['a'] == [2])", [4]),
        ("meta['a'] + 1 == 2", [0, 1]),
        ("meta['a'] / 2.0 == 0.75", [2]),
        ("meta['a'] - 0.5 == 0.5", [0, 1]),
        ("not (meta['a'] + 1 == 2)", [2]),
        ("meta['a'][1] * 2 > 3", [4]),
        ("meta['a'] in [0, 'x']", []),
        ("meta['a'] in [true]", [5]),
        ("meta['a'] in []", []),
        ("meta['a'] not in []", list(range(9))),
        ("0 < meta['a'] <= 1", [0, 1]),
        ("1.2 < meta['a'] < 2", [2]),
        ("'a' < meta['a'] < 'z'", [3]),
        ("meta['a'] like 'x%'", [3]),
        ("meta['a'][0] == 1", [4]),
        ("meta['a']['0'] == 1", [4]),
        ("meta['a'][2] == 1", []),
        ("meta['a']['00'] == 1", []),
        ("exists meta['a']", [0, 1, 2, 3, 4, 5]),
        ("not exists meta['a']", [6, 7, 8]),
        ("meta['a'] is null", [6, 7, 8]),
        ("meta['a'] is not null", [0, 1, 2, 3, 4, 5]),
        ("meta is null", [8]),
        ("meta is not null", list(range(8))),
    ],
)
def test_key(text: str, expected: list[int]) -> None:
    """Missing, null or of another type than the constant: unknown; numbers compare as numbers."""
    assert passing(text, meta=META) == expected


@pytest.mark.parametrize("hollow", ["null", "{}", "[]", '{"x": null}', "[[], {}]"])
def test_exists_wants_a_value_inside(hollow: str) -> None:
    """A container of nothing does not exist, one that holds a value somewhere does."""
    assert passing("exists meta['a']", meta=[f'{{"a": {hollow}}}', f'{{"a": [{hollow}, 0]}}']) == [1]


def test_dynamic_key_by_its_bare_name() -> None:
    """With a dynamic field an unknown name is its key, with or without $meta before it."""
    dynamic = ['{"k": 1, "deep": {"x": 2}}', '{"k": 2}']
    assert passing("k == 1", dynamic=dynamic) == [0]
    assert passing("$meta['k'] == 2", dynamic=dynamic) == [1]
    assert passing("deep['x'] in [2]", dynamic=dynamic) == [0]
    assert passing("exists deep", dynamic=dynamic) == [0]


@pytest.mark.parametrize("key", ["a b", "ключ", "中", "a.b", "a/b", "~", "~1", "~0", "/", "0", "00", "-1", "]", "$"])
def test_key_of_any_characters(key: str) -> None:
    """Keys are taken as written."""
    assert passing(f"meta['{key}'] == 1", meta=[f'{{"{key}": 1}}']) == [0]


def test_unicode_escape_in_a_key() -> None:
    """Of escapes a key knows only four hexadecimal digits, a raw key none."""
    assert passing(r"meta['\u0061'] == 1", meta=['{"a": 1}']) == [0]
    assert passing(r"meta[r'\u0061'] == 1", meta=['{"a": 1}']) == []


def test_integers_keep_their_precision() -> None:
    """Beyond 2**53 neighbours stay apart; unsigned integers beyond 64 bits with a sign are floats."""
    meta = ['{"a": 9007199254740993}', '{"a": 9007199254740992}', '{"a": 9223372036854775808}']
    assert passing("meta['a'] == 9007199254740993", meta=meta) == [0]
    assert passing("meta['a'] > 9223372036854770000", meta=meta) == [2]
    assert passing("meta['a'] > 9e18", meta=meta) == [2]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("meta['a'] > 1", [3]),
        ("not (meta['a'] > 1)", []),
        ("meta['a'] > 1.0", [0, 3]),
        ("meta['a'] < 1.0", [1]),
        ("not (meta['a'] > 1.0)", [1]),
        ("exists meta['a']", [0, 1, 2, 3, 4]),
    ],
)
def test_numbers_that_are_too_large(text: str, expected: list[int]) -> None:
    """Beyond 64 bits an integer is a number only beside a float, and what no float can hold is none at all."""
    large = [2**64, -(2**63) - 1, "9" * 400, 2**64 - 1, "1e400"]
    assert passing(text, meta=[f'{{"a": {number}}}' for number in large]) == expected


@pytest.mark.parametrize("broken", ["", "{", "1],[2", "[" * 5_000, '"\\ud800"', '{"a": "\\udc00"}'])
def test_a_broken_document_is_unknown(broken: str) -> None:
    """What is no JSON answers nothing and spoils no other row."""
    assert passing("meta['a'] == 'x'", meta=['{"a": "x"}', broken, '{"a": "x"}']) == [0, 2]


def test_whole_documents_compare_too() -> None:
    """A JSON column without a key stands for the whole document."""
    assert passing("meta == 1", meta=["1", '{"a": 1}', "1.0"]) == [0, 2]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("meta['a'] in [1, 'x']", _assertion("kStringVal")),
        ("meta['a'] in ['x', 1]", _assertion("kInt64Val")),
        ("meta['a'] in [true, 1.5, 2]", _assertion("kFloatVal")),
        ("meta['a'] in [[1]]", "unknown data type: 5: segcore error[segcoreCode=2007]"),
        ("meta['a'] == [[1], 2]", "unsupported data type 5: segcore error[segcoreCode=2007]"),
    ],
)
def test_lists_that_milvus_core_refuses(text: str, problem: str) -> None:
    """Items of several kinds, in the order that the optimizer gives them, and lists in lists; over rows only."""
    made = compile_filter(text, fields())
    assert made.mask(batch(meta=[])).tolist() == []
    with pytest.raises(errors.FilterRun) as caught:
        made.mask(batch(meta=META))
    assert caught.value.message.endswith(f"query failed: {problem}")


def test_deep_documents() -> None:
    """Keys are followed as deep as they go."""
    depth = 200
    document = '{"k": ' * depth + "7" + "}" * depth
    assert passing("meta" + "['k']" * depth + " == 7", meta=[document, "{}"]) == [0]
    assert passing("meta" + "[0]" * depth + " == 7", meta=["[" * depth + "7" + "]" * depth, "[]"]) == [0]


def test_many_keys_of_one_document() -> None:
    """A document is read once, however many of its keys are asked for."""
    meta = ['{"a": 1, "b": {"c": [2]}, "1": 3}', "null", None]
    assert passing("meta['a'] == 1 and meta['b']['c'][0] == 2 and meta[1] == 3", meta=meta) == [0]
    assert passing("meta is null", meta=meta) == [2]
    assert passing("exists meta['b'] or meta['a'] is null", meta=meta) == [0, 1, 2]


def test_columns_too_large_to_hold_their_documents(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are read piece by piece, and answer the same."""
    monkeypatch.setattr(limits, "MAX_KEPT_DOCUMENTS", 2)
    monkeypatch.setattr(documents, "ROWS_AT_ONCE", 4)
    assert passing("meta['a'] >= 1 and meta['a'] < 1.2", meta=META) == [0, 1]
    assert passing("json_contains(meta['a'], 2) or meta is null", meta=META) == [4, 8]
