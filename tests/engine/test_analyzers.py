"""Analyzers: what tokenizers cut, what filters make of a word, and how terms are numbered."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fakemilvus import errors
from fakemilvus.engine import analysis, token_filters, tokenizers
from fakemilvus.engine.analysis import find_analyzer, hash_of, make_analyzer
from fakemilvus.engine.tokenizers import Refused


def terms(text: str, **params: Any) -> list[str]:
    return [word.text for word in make_analyzer(json.dumps(params)).tokens(text)]


def filtered(word: str, *filters: Any) -> list[str]:
    return terms(word, tokenizer="whitespace", filter=list(filters))


@pytest.mark.parametrize(
    ("tokenizer", "text", "cut"),
    [
        ("standard", "Hello, world-wide web_2!", ["Hello", "world", "wide", "web", "2"]),
        ("standard", "e-mail: müller@x.de ½", ["e", "mail", "müller", "x", "de", "½"]),
        ("standard", "हिंदी शब्द", ["हिंदी", "शब", "द"]),
        ("whitespace", "Hello,  world-wide\tweb", ["Hello,", "world-wide", "web"]),
        ("whitespace", "a\u00a0b\x0bc d", ["a\u00a0b\x0bc", "d"]),
        ({"type": "char_group", "delimiters": ["x", "digit"]}, "axb1c d", ["a", "b", "c d"]),
        ({"type": "char_group", "delimiters": ["]", "^", "-", "punctuation"]}, "a]b^c-d¿e", ["a", "b", "c", "d", "e"]),
        ({"type": "char_group", "delimiters": ["letter"]}, "1a2é3", ["1", "2", "3"]),
        ({"type": "char_group", "delimiters": ["symbol", "whitespace"]}, "a+b€c d", ["a", "b", "c", "d"]),
        ({"type": "char_group", "delimiters": ["ascii_punctuation", "ascii_whitespace"]}, "a.b¿c d", ["a", "b¿c", "d"]),
        ({"type": "char_group", "delimiters": []}, "a b", ["a b"]),
        ("icu", "It's 3.5 系统安全 東京", ["It's", " ", "3.5", " ", "系统", "安全", " ", "東京"]),
        ("jieba", "系统安全", ["系统", "安全", "系统安全"]),
        ({"type": "jieba", "mode": "exact"}, "系统安全", ["系统安全"]),
        ({"type": "jieba", "dict": ["结巴分词器"], "mode": "exact", "hmm": False}, "x结巴分词器", ["x", "结巴分词器"]),
    ],
)  # fmt: skip
def test_tokenizers(tokenizer: Any, text: str, cut: list[str]) -> None:
    """Each tokenizer cuts as Milvus' does."""
    assert terms(text, tokenizer=tokenizer) == cut


@pytest.mark.parametrize(
    ("given", "word", "made"),
    [
        ("lowercase", "ÉΣ", ["éσ"]),
        ("asciifolding", "Ærøskøbing", ["AEroskobing"]),
        ("asciifolding", "“Ｆｕｌｌ”①日", ['"Full"1日']),
        ("alphanumonly", "ab1", ["ab1"]),
        ("alphanumonly", "é", []),
        ("cncharonly", "a系", ["a系"]),
        ("cncharonly", "abc", []),
        ("cnalphanumonly", "abc", ["abc"]),
        ("cnalphanumonly", "...", []),
        ("removepunct", "a!", []),
        ("removepunct", "a+", ["a+"]),
        ("decimaldigit", "٣x", ["3x"]),
        ("arabic_normalization", "كِتَابَة", ["كتابه"]),
        ({"type": "length", "max": 3}, "abc", ["abc"]),
        ({"type": "length", "max": 3}, "éé", []),
        ({"type": "stop", "stop_words": ["x", "_english_"]}, "the", []),
        ({"type": "stop", "stop_words": ["x", "_english_"]}, "x", []),
        ({"type": "stop", "stop_words": ["_nonsense_"]}, "the", ["the"]),
        ({"type": "stemmer", "language": "English"}, "running", ["run"]),
        ({"type": "stemmer", "language": "german"}, "häuser", ["haus"]),
        ({"type": "regex", "expr": "^a+$"}, "aa", ["aa"]),
        ({"type": "regex", "expr": "^a+$"}, "ab", []),
        ({"type": "decompounder", "word_list": ["dampf", "schiff", "fahrt"]}, "dampfschiff", ["dampf", "schiff"]),
        ({"type": "decompounder", "word_list": ["dampf", "schiff"]}, "dampfschiffe", ["dampfschiffe"]),
        ({"type": "synonym", "synonyms": ["tv, television"]}, "tv", ["tv", "television"]),
        ({"type": "synonym", "synonyms": ["tv, television"], "expand": False}, "television", ["tv"]),
        ({"type": "synonym", "synonyms": ["tv => television"], "expand": False}, "tv", ["television"]),
        ({"type": "synonym", "synonyms": [r"a\,b => c\ d"], "expand": False}, "a,b", ["c d"]),
        ({"type": "synonym", "synonyms": []}, "tv", ["tv"]),
    ],
)  # fmt: skip
def test_filters(given: Any, word: str, made: list[str]) -> None:
    """Each filter makes of a word what Milvus' does."""
    assert filtered(word, given) == made


def test_filters_follow_each_other() -> None:
    """A filter sees what the one before it made."""
    assert filtered("THE", {"type": "stop", "stop_words": ["the"]}, "lowercase") == ["the"]
    assert filtered("THE", "lowercase", {"type": "stop", "stop_words": ["the"]}) == []


@pytest.mark.parametrize(
    ("params", "made"),
    [
        ({}, ["the", "dogs", "were", "running", "系统安全"]),
        ({"type": "standard", "stop_words": ["dogs"]}, ["the", "were", "running", "系统安全"]),
        ({"type": "english"}, ["dog", "were", "run", "系统安全"]),
        ({"type": "english", "stop_words": ["dog"]}, ["were", "run", "系统安全"]),
        ({"type": "chinese"}, ["The", "dogs", "were", "running", "系统", "安全", "系统安全"]),
    ],
)
def test_built_in_analyzers(params: Any, made: list[str]) -> None:
    """English is stemmed before its stop words go; Chinese keeps its capitals."""
    assert terms("The dogs were running; 系统安全", **params) == made


def test_places_are_bytes() -> None:
    """Offsets count bytes of UTF-8, positions words, and a word that went leaves its position empty."""
    analyzer = make_analyzer('{"tokenizer": "standard", "filter": [{"type": "stop", "stop_words": ["the"]}]}')
    assert analyzer.tokens("Ä the bee") == [("Ä", 0, 2, 0, 1), ("bee", 7, 10, 2, 1)]


def test_chinese_places_are_characters() -> None:
    """A word of jieba stands at its first character and is as long as it has characters."""
    found = make_analyzer('{"tokenizer": "jieba"}').tokens("x系统安全")
    assert found[1:] == [("系统", 1, 7, 1, 2), ("安全", 7, 13, 3, 2), ("系统安全", 1, 13, 1, 4)]


@pytest.mark.parametrize("params", ["", '{"tokenizer": "jieba"}', '{"tokenizer": "icu"}', '{"type": "english"}'])
def test_columns_are_analyzed_as_texts_are(params: str) -> None:
    """A column's terms and positions are those of its texts, one behind the other."""
    texts = ["The dogs were running, the cats slept", "", "系统安全 dogs", "the"]
    analyzer = make_analyzer(params)
    found = analyzer.occurrences(texts)
    names = analyzer.names_of(found.terms)
    one_by_one = [(row, word.text, word.position) for row, text in enumerate(texts) for word in analyzer.tokens(text)]
    assert list(zip(found.rows.tolist(), names, found.positions.tolist(), strict=True)) == one_by_one
    assert analyzer.hashes[found.terms].tolist() == [hash_of(name) for name in names]


def test_one_word_can_become_several_terms() -> None:
    """Terms of one word share its position."""
    analyzer = make_analyzer('{"tokenizer": "whitespace", "filter": [{"type": "synonym", "synonyms": ["a, b"]}]}')
    found = analyzer.occurrences(["x a", "b"])
    assert analyzer.names_of(found.terms) == ["x", "a", "b", "b", "a"]
    assert found.rows.tolist() == [0, 0, 0, 1, 1]
    assert found.positions.tolist() == [0, 1, 1, 0, 0]


def test_no_texts_have_no_terms() -> None:
    """An empty column is fine."""
    assert len(make_analyzer("").occurrences([]).terms) == 0


def test_hash() -> None:
    """A term's number is the CRC of its first hundred bytes."""
    assert hash_of("milvus") == 725768567
    assert hash_of("a" * 100) == hash_of("a" * 101)


def test_same_parameters_share_an_analyzer() -> None:
    """Analyzers are made once; one that has seen too many words is given to nobody else."""
    params = '{"tokenizer": "standard", "filter": ["lowercase", "removepunct"]}'
    assert find_analyzer(params) is find_analyzer(params)


@pytest.mark.parametrize(
    ("params", "problem"),
    [
        ({"type": 1}, "InternalError: analyzer type should be string"),
        ({"type": "x"}, "InternalError: unknown build-in analyzer type: x"),
        ({"type": "standard", "stop_words": "x"}, "InternalError: filter stop_words should be array"),
        ({"filter": []}, "InternalError: tokenizer name or type must be set"),
        ({"tokenizer": 1}, "InternalError: tokenizer name should be string or dict"),
        ({"tokenizer": {}}, "InvalidArgument: customized tokenizer must set type"),
        ({"tokenizer": {"type": 1}}, "InvalidArgument: tokenizer type should be string"),
        ({"tokenizer": "x"}, "InvalidArgument: unsupported tokenizer: x"),
        ({"tokenizer": "standard", "x": 1}, "InternalError: unknown analyzer option key: x"),
        ({"tokenizer": "char_group"}, "InvalidArgument: char group tokenizer must be customized"),
        ({"tokenizer": {"type": "char_group"}}, "InvalidArgument: char group tokenizer delimiters can't be empty"),
        ({"tokenizer": {"type": "char_group", "delimiters": 1}},
         "InvalidArgument: char group tokenizer delimiters must be a vector"),
        ({"tokenizer": {"type": "char_group", "delimiters": [1]}},
         "InvalidArgument: char group tokenizer delimiter in delimiters must be string"),
        ({"tokenizer": {"type": "char_group", "delimiters": ["xy"]}},
         "InvalidArgument: xy not a char or name of build-in char group"),
        ({"tokenizer": {"type": "jieba", "dict": 1}}, "InvalidArgument: jieba tokenizer dict must be array"),
        ({"tokenizer": {"type": "jieba", "dict": [1]}}, "InvalidArgument: jieba tokenizer dict item must be string"),
        ({"tokenizer": {"type": "jieba", "dict": ["_default_", "_default_"]}},
         "InvalidArgument: jieba tokenizer dict can only set one system dict"),
        ({"tokenizer": {"type": "jieba", "mode": 1}}, "InvalidArgument: jieba tokenizer mode must be string"),
        ({"tokenizer": {"type": "jieba", "mode": "x"}},
         'InvalidArgument: jieba tokenizer mode must be "exact" or "search"'),
        ({"tokenizer": {"type": "jieba", "hmm": 1}}, "InvalidArgument: jieba tokenizer mode must be boolean"),
    ],
)  # fmt: skip
def test_analyzers_refused(params: Any, problem: str) -> None:
    """Parameters of which no analyzer can be made, in Milvus' words."""
    with pytest.raises(Refused) as raised:
        make_analyzer(json.dumps(params))
    assert str(raised.value) == problem


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ("x", "InternalError: filter params should be array"),
        (["x"], "InternalError: build analyzer failed, filter not found :x"),
        (["stop"], "InternalError: build analyzer failed, filter not found :stop"),
        ([{}], "InternalError: no type field in filter params"),
        ([{"type": 1}], "InternalError: filter type should be string"),
        ([{"type": "lowercase"}], "InternalError: unsupport filter type: lowercase"),
        ([{"type": "length"}], "InternalError: lenth max param was none or not uint"),
        ([{"type": "length", "max": -1}], "InternalError: lenth max param was none or not uint"),
        ([{"type": "stop", "stop_words": "x"}], "InternalError: stop_words should be array"),
        ([{"type": "stop", "stop_words": [1]}], "InternalError: stop_words list item should be string"),
        ([{"type": "stemmer"}], "InternalError: stemmer language field should be string"),
        ([{"type": "stemmer", "language": "Klingon"}],
         "InternalError: create stemmer failed : InternalError: unsupport language: klingon"),
        ([{"type": "decompounder"}], "InternalError: decompounder word list is empty"),
        ([{"type": "decompounder", "word_list": "x"}], "InternalError: decompounder word list should be array"),
        ([{"type": "decompounder", "word_list": [1]}], "InternalError: decompounder word list item should be string"),
        ([{"type": "regex"}], "InternalError: must set expr for regex filter"),
        ([{"type": "regex", "expr": 1}], "InternalError: expr must be string"),
        ([{"type": "synonym", "expand": 1}], "InvalidArgument: create synonym filter failed, `expand` must be bool"),
        ([{"type": "synonym", "synonyms": 1}],
         "InvalidArgument: create synonym filter failed, `synonyms` must be array"),
        ([{"type": "synonym", "synonyms": [1]}],
         "InvalidArgument: create synonym filter failed, item in `synonyms` must be string"),
        ([{"type": "synonym", "synonyms": ["a => b => c"]}],
         'InvalidArgument: read synonym dict failed, has more than one "=>" in a => b => c'),
        ([{"type": "synonym", "synonyms": ["a b, c"]}],
         "InvalidArgument: read synonym dict failed, has space between words a b, c, "
         "please use \\ to escape space"),
        ([{"type": "synonym", "synonyms": ["a\\"]}], "InvalidArgument: invalid synonym escaped in the end: a\\"),
        ([{"type": "synonym", "synonyms": ["a\\x"]}], "InvalidArgument: invalid synonym escaped: \\x in a\\x"),
    ],
)  # fmt: skip
def test_filters_refused(given: Any, problem: str) -> None:
    """Filters that cannot be made, in Milvus' words."""
    with pytest.raises(Refused) as raised:
        make_analyzer(json.dumps({"tokenizer": "standard", "filter": given}))
    assert str(raised.value) == problem


def test_regular_expressions_are_checked() -> None:
    """What is wrong with one is said in Python's words."""
    with pytest.raises(Refused, match=r"^InvalidArgument: regex expression invalid, expr:\(, err: "):
        make_analyzer('{"tokenizer": "standard", "filter": [{"type": "regex", "expr": "("}]}')


@pytest.mark.parametrize("text", ["{", "[]", "1"])
def test_unreadable_parameters(text: str) -> None:
    """Parameters are a JSON object."""
    with pytest.raises(Refused, match=r"^JsonError: "):
        make_analyzer(text)


@pytest.mark.parametrize(
    ("params", "named"),
    [
        ({"type": "arabic"}, "the analyzer arabic"),
        ({"tokenizer": "thai"}, "the tokenizer thai"),
        ({"tokenizer": {"type": "lindera", "dict_kind": "ipadic"}}, "the tokenizer lindera"),
        ({"tokenizer": {"type": "jieba", "dict": ["_extend_default_"]}}, "the jieba dictionary _extend_default_"),
        ({"tokenizer": {"type": "jieba", "extra_dict_file": {}}}, "dictionary files of analyzers"),
        ({"tokenizer": "standard", "filter": ["pinyin"]}, "the filter pinyin"),
        ({"tokenizer": "standard", "filter": [{"type": "pinyin"}]}, "the filter pinyin"),
        ({"tokenizer": "standard", "filter": [{"type": "stop", "stop_words": ["_german_"]}]},
         "the stop words _german_"),
        ({"tokenizer": "standard", "filter": [{"type": "stop", "stop_words_file": {}}]},
         "dictionary files of analyzers"),
    ],
)  # fmt: skip
def test_not_built(params: Any, named: str) -> None:
    """What is not built is refused by its name."""
    with pytest.raises(errors.Unimplemented, match=named):
        make_analyzer(json.dumps(params))


@pytest.mark.parametrize(
    ("module", "params", "named"),
    [
        (tokenizers, '{"type": "chinese"}', "the tokenizer jieba"),
        (tokenizers, '{"tokenizer": "icu"}', "the tokenizer icu"),
        (token_filters, '{"type": "english"}', "stemming"),
    ],
)
def test_needs_the_extra(monkeypatch: pytest.MonkeyPatch, module: Any, params: str, named: str) -> None:
    """Without the extra what needs it is refused, and the extra is named."""
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    with pytest.raises(errors.Unimplemented, match=rf"{named} without .*fakemilvus\[(text|icu)\]"):
        make_analyzer(params)


def test_crowded_analyzers_are_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """An analyzer that has seen too many words goes on for who has it, and the next one gets another."""
    monkeypatch.setattr(analysis, "MAX_WORDS", 2)
    params = '{"tokenizer": "whitespace", "filter": ["alphanumonly", "lowercase"]}'
    first = find_analyzer(params)
    first.occurrences(["a b c"])
    assert find_analyzer(params) is not first
