"""Tokenizers: what cuts a text into words, and where each word stood.

One row of a table for each of Milvus' tokenizers. Most are a regular expression; jieba needs rjieba, the extra
``text``, and icu icu4py, the extra ``icu``. Source: tantivy's tokenizers and those of Milvus, Milvus 3.0.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache, partial
from importlib.util import find_spec
from typing import Any, NamedTuple, Protocol

from fakemilvus import errors


class Refused(Exception):
    """Parameters of which no analyzer can be made; ``kind`` is the name of Milvus' error, ``problem`` its text."""

    def __init__(self, problem: str, kind: str = "InvalidArgument") -> None:
        super().__init__(f"{kind}: {problem}")


class Word(NamedTuple):
    """A word and where it stood: bytes of UTF-8 from and to, its position among the words, how many it covers."""

    text: str
    start: int
    stop: int
    position: int
    length: int


class Tokenizer(Protocol):
    """``ordinal`` says that the position of a word is its number among the words of the text."""

    ordinal: bool

    def words(self, text: str) -> list[str]: ...

    def placed(self, text: str) -> list[Word]: ...


def make_tokenizer(given: object) -> Tokenizer:
    """The tokenizer that ``tokenizer`` of an analyzer's parameters asks for; raises Refused, or Unimplemented."""
    if isinstance(given, str):
        name, params = given, None
    else:
        assert isinstance(given, dict)
        params = given
        if "type" not in given:
            raise Refused("customized tokenizer must set type")
        if not isinstance(given["type"], str):
            raise Refused("tokenizer type should be string")
        name = given["type"]
    if name in _UNBUILT:
        raise errors.Unimplemented(f"the tokenizer {name}")
    if name not in _TOKENIZERS:
        raise Refused(f"unsupported tokenizer: {name}")
    return _TOKENIZERS[name](params)


# -- private ---------------------------------------------------------------------------------------------------


class _Pattern:
    """Words are what a regular expression matches; ``ascii_pattern`` does the same, faster, for plain texts."""

    ordinal = True

    def __init__(self, pattern: str, ascii_pattern: str | None = None) -> None:
        self._pattern = re.compile(pattern)
        self._ascii = re.compile(ascii_pattern or pattern)

    def words(self, text: str) -> list[str]:
        return (self._ascii if text.isascii() else self._pattern).findall(text)

    def placed(self, text: str) -> list[Word]:
        pattern = self._ascii if text.isascii() else self._pattern
        spans = ((found.group(), *found.span()) for found in pattern.finditer(text))
        return [Word(word, start, stop, number, 1) for number, (word, start, stop) in enumerate(_in_bytes(text, spans))]


class _Jieba:
    """Chinese words, found by the same library as Milvus'; the position of a word is that of its first character."""

    ordinal = False

    def __init__(self, jieba: Any, mode: str, hmm: bool) -> None:
        self._jieba = jieba
        self._mode = mode
        self._hmm = hmm

    def words(self, text: str) -> list[str]:
        return [word for word, _, _ in self._cut(text)]

    def placed(self, text: str) -> list[Word]:
        cut = self._cut(text)
        offsets = _byte_offsets(text)
        return [Word(word, offsets[start], offsets[stop], start, stop - start) for word, start, stop in cut]

    def _cut(self, text: str) -> list[tuple[str, int, int]]:
        found: list[tuple[str, int, int]] = self._jieba.tokenize(text, self._mode, self._hmm)
        return found


class _Icu:
    """Every piece between two word breaks, blanks too; the position of a piece is that of its first character."""

    ordinal = False

    def __init__(self, breaker: Callable[[str, str], Iterable[str]]) -> None:
        self._breaker = breaker

    def words(self, text: str) -> list[str]:
        return list(self._breaker(text, "root"))

    def placed(self, text: str) -> list[Word]:
        offsets, placed, at = _byte_offsets(text), [], 0
        for word in self.words(text):
            stop = at + len(word)
            placed.append(Word(word, offsets[at], offsets[stop], at, len(word)))
            at = stop
        return placed


def _in_bytes(text: str, spans: Iterator[tuple[str, int, int]]) -> Iterator[tuple[str, int, int]]:
    if text.isascii():
        yield from spans
        return
    offsets = _byte_offsets(text)
    for word, start, stop in spans:
        yield word, offsets[start], offsets[stop]


def _byte_offsets(text: str) -> list[int]:
    """Where each character begins in UTF-8, and where the last one ends."""
    offsets, at = [0], 0
    for character in text:
        at += len(character.encode())
        offsets.append(at)
    return offsets


def _standard(params: Mapping[str, Any] | None) -> Tokenizer:
    return _Pattern(f"(?:[^\\W_]|[{_OTHER_ALPHABETIC}])+", "[A-Za-z0-9]+")


def _whitespace(params: Mapping[str, Any] | None) -> Tokenizer:
    return _Pattern(r"[^ \t\n\f\r]+")


def _icu(params: Mapping[str, Any] | None) -> Tokenizer:
    if find_spec("icu4py") is None:
        raise errors.Unimplemented("the tokenizer icu without icu4py; install fakemilvus[icu]")
    from icu4py.breakers import WordBreaker

    return _Icu(WordBreaker)


def _char_group(params: Mapping[str, Any] | None) -> Tokenizer:
    if params is None:
        raise Refused("char group tokenizer must be customized")
    if "delimiters" not in params:
        raise Refused("char group tokenizer delimiters can't be empty")
    if not isinstance(params["delimiters"], list):
        raise Refused("char group tokenizer delimiters must be a vector")
    parts = [_delimiter(given) for given in params["delimiters"]]
    return _Pattern(f"[^{''.join(parts)}]+" if parts else r"(?s:.)+")


def _delimiter(given: object) -> str:
    """The part of a character class for one delimiter, a character or the name of a group."""
    if not isinstance(given, str):
        raise Refused("char group tokenizer delimiter in delimiters must be string")
    if len(given) == 1:
        return re.escape(given)
    if given not in _GROUPS:
        raise Refused(f"{given} not a char or name of build-in char group")
    return _GROUPS[given]()


def _jieba(params: Mapping[str, Any] | None) -> Tokenizer:
    if find_spec("rjieba") is None:
        raise errors.Unimplemented("the tokenizer jieba without rjieba; install fakemilvus[text]")
    if params is None:
        return _Jieba(_dictionary((), system=True), "search", True)
    words, system = _jieba_words(params)
    if "extra_dict_file" in params:
        raise errors.Unimplemented("dictionary files of analyzers")
    mode = params.get("mode", "search")
    if not isinstance(mode, str):
        raise Refused("jieba tokenizer mode must be string")
    if mode not in ("exact", "search"):
        raise Refused('jieba tokenizer mode must be "exact" or "search"')
    hmm = params.get("hmm", True)
    if not isinstance(hmm, bool):
        raise Refused("jieba tokenizer mode must be boolean")
    return _Jieba(_dictionary(words, system), "default" if mode == "exact" else mode, hmm)


def _jieba_words(params: Mapping[str, Any]) -> tuple[tuple[str, ...], bool]:
    """The words of a dictionary, and whether they come beside jieba's own."""
    if "dict" not in params:
        return (), True
    if not isinstance(params["dict"], list):
        raise Refused("jieba tokenizer dict must be array")
    if not all(isinstance(word, str) for word in params["dict"]):
        raise Refused("jieba tokenizer dict item must be string")
    system = [word for word in params["dict"] if word in ("_default_", "_extend_default_")]
    if len(system) > 1:
        raise Refused("jieba tokenizer dict can only set one system dict")
    if system == ["_extend_default_"]:
        raise errors.Unimplemented("the jieba dictionary _extend_default_")
    return tuple(word for word in params["dict"] if word and word not in system), bool(system)


@lru_cache(maxsize=8)
def _dictionary(words: tuple[str, ...], system: bool) -> Any:
    import rjieba

    jieba = rjieba.Jieba() if system else rjieba.Jieba.empty()
    for word in words:
        jieba.add_word(word, None, None)
    return jieba


@lru_cache
def _of_categories(first: str) -> str:
    """The part of a character class for every character of some Unicode categories, by their first letter."""
    ranges: list[list[int]] = []
    for code in range(sys.maxunicode + 1):
        if unicodedata.category(chr(code))[0] == first:
            if ranges and ranges[-1][1] == code - 1:
                ranges[-1][1] = code
            else:
                ranges.append([code, code])
    return "".join(f"{re.escape(chr(low))}-{re.escape(chr(high))}" for low, high in ranges)


def _ascii_punctuation() -> str:
    return r"!-/:-@\[-`{-~"


_OTHER_ALPHABETIC = (
    "\u0345\u0363-\u036f\u05b0-\u05bd\u05bf\u05c1-\u05c2\u05c4-\u05c5\u05c7\u0610-\u061a\u064b-\u0657\u0659-\u065f"
    "\u0670\u06d6-\u06dc\u06e1-\u06e4\u06e7-\u06e8\u06ed\u0711\u0730-\u073f\u07a6-\u07b0\u0900-\u0903\u093a-\u093b"
    "\u093e-\u094c\u094e-\u094f\u0955-\u0957\u0962-\u0963\u0981-\u0983\u09be-\u09c4\u09c7-\u09c8\u09cb-\u09cc\u09d7"
    "\u09e2-\u09e3\u0a01-\u0a03\u0a3e-\u0a42\u0a47-\u0a48\u0a4b-\u0a4c\u0a51\u0a70-\u0a71\u0a75\u0a81-\u0a83"
    "\u0abe-\u0ac5\u0ac7-\u0ac9\u0acb-\u0acc\u0ae2-\u0ae3\u0b01-\u0b03\u0b3e-\u0b44\u0b47-\u0b48\u0b4b-\u0b4c"
    "\u0b56-\u0b57\u0b62-\u0b63\u0b82\u0bbe-\u0bc2\u0bc6-\u0bc8\u0bca-\u0bcc\u0bd7\u0c00-\u0c04\u0c3e-\u0c44"
    "\u0c46-\u0c48\u0c4a-\u0c4c\u0c55-\u0c56\u0c62-\u0c63\u0c81-\u0c83\u0cbe-\u0cc4\u0cc6-\u0cc8\u0cca-\u0ccc"
    "\u0cd5-\u0cd6\u0ce2-\u0ce3\u0d00-\u0d03\u0d3e-\u0d44\u0d46-\u0d48\u0d4a-\u0d4c\u0d57\u0d62-\u0d63\u0d82-\u0d83"
    "\u0dcf-\u0dd4\u0dd6\u0dd8-\u0ddf\u0df2-\u0df3\u0e31\u0e34-\u0e3a\u0e4d\u0eb1\u0eb4-\u0eb9\u0ebb-\u0ebc\u0ecd"
    "\u0f71-\u0f83\u0f8d-\u0f97\u0f99-\u0fbc\u102b-\u1036\u1038\u103b-\u103e\u1056-\u1059\u105e-\u1060\u1062-\u1064"
    "\u1067-\u106d\u1071-\u1074\u1082-\u108d\u109a-\u109d\u1712-\u1713\u1732-\u1733\u1752-\u1753\u1772-\u1773"
    "\u17b6-\u17c8\u1885-\u1886\u18a9\u1920-\u192b\u1930-\u1938\u1a17-\u1a1b\u1a55-\u1a5e\u1a61-\u1a74\u24b6-\u24e9"
    "\ua823-\ua827\ua880-\ua881\ua8b4-\ua8c3\ua8c5\ua8ff\ua926-\ua92a\ua947-\ua952\ua980-\ua983\ua9b4-\ua9bf"
    "\uaa29-\uaa36\uaa43\uaa4c-\uaa4d\uabe3-\uabea\ufb1e"
)
"""Marks that are letters for Rust and none for Python's ``\\w``: Unicode's Other_Alphabetic of the living scripts."""

_GROUPS: dict[str, Callable[[], str]] = {
    "whitespace": lambda: r"\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000",
    "letter": lambda: _of_categories("L") + _OTHER_ALPHABETIC,
    "digit": lambda: "0-9",
    "punctuation": partial(_of_categories, "P"),
    "symbol": partial(_of_categories, "S"),
    "ascii_whitespace": lambda: r" \t\n\f\r",
    "ascii_letter": lambda: "A-Za-z",
    "ascii_digit": lambda: "0-9",
    "ascii_punctuation": _ascii_punctuation,
}
_TOKENIZERS: dict[str, Callable[[Mapping[str, Any] | None], Tokenizer]] = {
    "standard": _standard,
    "whitespace": _whitespace,
    "char_group": _char_group,
    "jieba": _jieba,
    "icu": _icu,
}
_UNBUILT = frozenset(("lindera", "thai", "language_identifier", "grpc"))
