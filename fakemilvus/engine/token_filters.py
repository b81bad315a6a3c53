"""Token filters: what becomes of one word of a text: itself, another, several, or nothing.

A filter looks at no other word, so what it makes of a word is worth remembering. One row of a table for each of
Milvus' filters. Stemming needs snowballstemmer, the extra ``text``. Source: tantivy's filters, and those of Milvus'
tantivy-binding, Milvus 3.0.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping
from importlib.util import find_spec
from typing import Any

from fakemilvus import errors
from fakemilvus.engine.synonyms import read_synonyms
from fakemilvus.engine.tokenizers import Refused

Filter = Callable[[str], tuple[str, ...]]
Params = Mapping[str, Any]


def make_filters(given: object) -> list[Filter]:
    """The filters that ``filter`` of an analyzer's parameters lists; raises Refused, or Unimplemented."""
    if not isinstance(given, list):
        raise Refused("filter params should be array", "InternalError")
    return [_make(one) for one in given if isinstance(one, str | dict)]


def lowercase(word: str) -> tuple[str, ...]:
    """Character by character, so that a final sigma is like any other."""
    return (word.lower() if word.isascii() else "".join(character.lower() for character in word),)


def stop_filter(words: Iterable[str]) -> Filter:
    stopped = frozenset(words)
    return lambda word: () if word in stopped else (word,)


def stemmer(language: str) -> Filter:
    """Raises Unimplemented where snowballstemmer is missing."""
    if find_spec("snowballstemmer") is None:
        raise errors.Unimplemented("stemming without snowballstemmer; install fakemilvus[text]")
    import snowballstemmer

    stem = snowballstemmer.stemmer(_LANGUAGES[language]).stemWord
    return lambda word: (stem(word),)


def stop_words(given: object, label: str) -> list[str]:
    """A list of stop words, in which ``_english_`` stands for Milvus' own."""
    words: list[str] = []
    for word in _texts(given, label):
        if word in _UNBUILT_STOP_WORDS:
            raise errors.Unimplemented(f"the stop words {word}")
        words += ENGLISH if word == "_english_" else [word]
    return words


# -- private ---------------------------------------------------------------------------------------------------


def _make(given: str | dict[str, Any]) -> Filter:
    if isinstance(given, str):
        if given == "pinyin":
            raise errors.Unimplemented("the filter pinyin")
        if given not in _PLAIN:
            raise Refused(f"build analyzer failed, filter not found :{given}", "InternalError")
        return _PLAIN[given]
    if "type" not in given:
        raise Refused("no type field in filter params", "InternalError")
    if not isinstance(given["type"], str):
        raise Refused("filter type should be string", "InternalError")
    if given["type"] == "pinyin":
        raise errors.Unimplemented("the filter pinyin")
    if given["type"] not in _MADE:
        raise Refused(f"unsupport filter type: {given['type']}", "InternalError")
    return _MADE[given["type"]](given)


def _texts(given: object, label: str) -> list[str]:
    if not isinstance(given, list):
        raise Refused(f"{label} should be array", "InternalError")
    if not all(isinstance(word, str) for word in given):
        raise Refused(f"{label} list item should be string", "InternalError")
    return given


def _kept(holds: Callable[[str], object]) -> Filter:
    """The filter that keeps the words for which this holds."""
    return lambda word: (word,) if holds(word) else ()


def _length(params: Params) -> Filter:
    limit = params.get("max")
    if not isinstance(limit, int) or isinstance(limit, bool) or limit < 0:
        raise Refused("lenth max param was none or not uint", "InternalError")
    return _kept(lambda word: len(word.encode()) <= limit)


def _stop(params: Params) -> Filter:
    _refuse_file(params, "stop_words_file")
    return stop_filter(stop_words(params["stop_words"], "stop_words") if "stop_words" in params else ())


def _stemmer(params: Params) -> Filter:
    language = params.get("language")
    if not isinstance(language, str):
        raise Refused("stemmer language field should be string", "InternalError")
    if language.lower() not in _LANGUAGES:
        raise Refused(f"create stemmer failed : InternalError: unsupport language: {language.lower()}", "InternalError")
    return stemmer(language.lower())


def _decompounder(params: Params) -> Filter:
    """Cuts a word that is nothing but words of the list, one behind the other, the longest first."""
    _refuse_file(params, "word_list_file")
    words = params.get("word_list", [])
    if not isinstance(words, list):
        raise Refused("decompounder word list should be array", "InternalError")
    if not all(isinstance(word, str) for word in words):
        raise Refused("decompounder word list item should be string", "InternalError")
    if not words:
        raise Refused("decompounder word list is empty", "InternalError")
    longest_first = sorted(filter(None, words), key=len, reverse=True)
    return _cut_by(re.compile("|".join(map(re.escape, longest_first))))


def _cut_by(pattern: re.Pattern[str]) -> Filter:
    def cut(word: str) -> tuple[str, ...]:
        parts, at = [], 0
        while at < len(word):
            found = pattern.match(word, at)
            if found is None or found.end() == at:
                return (word,)
            parts.append(found.group())
            at = found.end()
        return tuple(parts)

    return cut


def _regex(params: Params) -> Filter:
    if "expr" not in params:
        raise Refused("must set expr for regex filter", "InternalError")
    if not isinstance(params["expr"], str):
        raise Refused("expr must be string", "InternalError")
    try:
        pattern = re.compile(params["expr"])
    except re.error as problem:
        raise Refused(f"regex expression invalid, expr:{params['expr']}, err: {problem}") from None
    return _kept(pattern.search)


def _synonym(params: Params) -> Filter:
    expand = params.get("expand", True)
    if not isinstance(expand, bool):
        raise Refused("create synonym filter failed, `expand` must be bool")
    rows = params.get("synonyms", [])
    if not isinstance(rows, list):
        raise Refused("create synonym filter failed, `synonyms` must be array")
    if not all(isinstance(row, str) for row in rows):
        raise Refused("create synonym filter failed, item in `synonyms` must be string")
    _refuse_file(params, "synonyms_file")
    table = read_synonyms(rows, expand)
    return lambda word: table.get(word) or (word,)


def _refuse_file(params: Params, key: str) -> None:
    if key in params:
        raise errors.Unimplemented("dictionary files of analyzers")


def _ascii_folding(word: str) -> tuple[str, ...]:
    return (word if word.isascii() else "".join(map(_folded, word)),)


def _folded(character: str) -> str:
    """The ASCII that stands for a Latin letter, a digit or a punctuation mark; anything else stays."""
    if character in _FOLDED:
        return _FOLDED[character]
    if not any(low <= character <= high for low, high in _FOLDABLE):
        return character
    plain = "".join(c for c in unicodedata.normalize("NFKD", character) if not unicodedata.combining(c))
    plain = "".join(_FOLDED.get(c, c) for c in plain)
    return plain if plain and plain.isascii() else character


def _decimal_digits(word: str) -> tuple[str, ...]:
    if word.isascii():
        return (word,)
    return ("".join(str(unicodedata.decimal(c)) if unicodedata.decimal(c, None) is not None else c for c in word),)


def _arabic(word: str) -> tuple[str, ...]:
    return (word.translate(_ARABIC),)


def _is_alphanumeric(word: str) -> bool:
    return word.isascii() and word.isalnum()


def _is_punctuation(character: str) -> bool:
    return character.isspace() or unicodedata.category(character)[0] == "P"


def _table(groups: Mapping[str, Collection[str]]) -> dict[str, str]:
    return {character: plain for plain, characters in groups.items() for character in characters}


ENGLISH = [
    "a",
    "an",
    "and",
    "are",
    "as",
    "at",
    "be",
    "but",
    "by",
    "for",
    "if",
    "in",
    "into",
    "is",
    "it",
    "no",
    "not",
    "of",
    "on",
    "or",
    "such",
    "that",
    "the",
    "their",
    "then",
    "there",
    "these",
    "they",
    "this",
    "to",
    "was",
    "will",
    "with",
]
_UNBUILT_STOP_WORDS = frozenset(
    f"_{language}_"
    for language in [
        "arabic",
        "danish",
        "dutch",
        "finnish",
        "french",
        "german",
        "hungarian",
        "italian",
        "norwegian",
        "portuguese",
        "russian",
        "spanish",
        "swedish",
        "thai",
        "chinese",
    ]
)
_LANGUAGES = {
    name: name
    for name in [
        "arabic",
        "danish",
        "english",
        "finnish",
        "french",
        "german",
        "greek",
        "hungarian",
        "italian",
        "norwegian",
        "portuguese",
        "romanian",
        "russian",
        "spanish",
        "swedish",
        "tamil",
        "turkish",
    ]
} | {"arabig": "arabic", "dutch": "dutch_porter"}
"""Milvus' names of the languages that can be stemmed, the misspelt one too, and Snowball's."""

_FOLDABLE = (("\x80", "\u024f"), ("\u1e00", "\u1eff"), ("\u2010", "\u209c"), ("\u2460", "\u24ff"), ("\uff01", "\uff5e"))
_FOLDED = _table(
    {
        "AE": "ÆǢǼ",
        "ae": "æǣǽ",
        "OE": "Œ",
        "oe": "œ",
        "O": "ØǾ",
        "o": "øǿ",
        "D": "ÐĐ",
        "d": "ðđ",
        "L": "Ł",
        "l": "ł",
        "TH": "Þ",
        "th": "þ",
        "ss": "ß",
        "SS": "ẞ",
        "H": "Ħ",
        "h": "ħ",
        "i": "ı",
        "T": "Ŧ",
        "t": "ŧ",
        "n": "ŋ",
        "N": "Ŋ",
        "k": "ĸ",
        "b": "ƀ",
        "f": "ƒ",
        '"': "«»“”„‟″‶❝❞",
        "'": "‘’‚‛′‵‹›❛❜",
        "-": "‐‑‒–—⁻₋",
    }
)
_ARABIC = {
    **dict.fromkeys(map(ord, "آأإ"), "ا"),
    ord("ة"): "ه",
    ord("ى"): "ي",
    **dict.fromkeys((*range(0x064B, 0x0660), 0x0640), ""),
}
_HAN = "\u2e80-\u2fd5\u3005\u3007\u3021-\u3029\u3038-\u303b\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufad9\U00020000-\U000323af"
_PLAIN: dict[str, Filter] = {
    "lowercase": lowercase,
    "asciifolding": _ascii_folding,
    "alphanumonly": _kept(_is_alphanumeric),
    "cncharonly": _kept(re.compile(f"[{_HAN}]").search),
    "cnalphanumonly": _kept(re.compile(f"[{_HAN}a-zA-Z0-9]").search),
    "removepunct": _kept(lambda word: not any(map(_is_punctuation, word))),
    "decimaldigit": _decimal_digits,
    "arabic_normalization": _arabic,
}
"""Filters that are named only."""

_MADE: dict[str, Callable[[Params], Filter]] = {
    "length": _length,
    "stop": _stop,
    "decompounder": _decompounder,
    "stemmer": _stemmer,
    "regex": _regex,
    "synonym": _synonym,
}
"""Filters that take parameters."""
