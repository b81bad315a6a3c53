"""Analyzers: from texts to terms. A tokenizer cuts a text into words, and filters make terms of each word.

What the filters make of a word is kept, so that a column of a million words is cut by a regular expression and looked
up in a dictionary. Analyzers are shared by all who give the same parameters. Source: analyzer.rs of Milvus'
tantivy-binding, Milvus 3.0.
"""

from __future__ import annotations

import json
import threading
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fakemilvus import errors
from fakemilvus.engine import token_filters, tokenizers
from fakemilvus.engine.token_filters import Filter
from fakemilvus.engine.tokenizers import Refused, Tokenizer, Word

MAX_WORDS = 1 << 20  # an analyzer that has seen more different words is no longer given to others
MAX_ANALYZERS = 64
_HASHES = (1 << 32) - 1
Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Occurrences:
    """Terms of some texts, in the order of their writing: which text, which term, and at what position."""

    rows: Numbers
    terms: Numbers
    positions: Numbers


class Analyzer:
    """Terms are numbered as they come; ``name_of`` and ``hashes`` tell what a number stands for."""

    def __init__(self, tokenizer: Tokenizer, filters: Sequence[Filter]) -> None:
        self._tokenizer = tokenizer
        self._filters = tuple(filters)
        self._lock = threading.Lock()  # guards what stands below
        self._words = _Words(self._number_terms)
        self._terms: dict[str, int] = {}
        self._names: list[str] = []
        self._hashes = _Numbers()
        self._counts = _Numbers()  # of each word: how many terms are made of it
        self._made = _Numbers()  # the terms of the words, one word behind the other

    @property
    def seen_words(self) -> int:
        return len(self._words)

    def tokens(self, text: str) -> list[Word]:
        """The terms of a text, each with the place of the word that it was made of."""
        return [word._replace(text=term) for word in self._tokenizer.placed(text) for term in self._expanded(word.text)]

    def occurrences(self, texts: Sequence[str]) -> Occurrences:
        """The terms of some texts by their numbers."""
        if self._tokenizer.ordinal:
            cut = [self._tokenizer.words(text) for text in texts]
            sizes = np.fromiter(map(len, cut), np.int64, len(cut))
            positions = _ranges(sizes)
        else:
            placed = [self._tokenizer.placed(text) for text in texts]
            cut = [[word.text for word in words] for words in placed]
            sizes = np.fromiter(map(len, cut), np.int64, len(cut))
            positions = np.array([word.position for words in placed for word in words], np.int64)
        with self._lock:
            words = np.fromiter(map(self._words.__getitem__, chain.from_iterable(cut)), np.int64, int(sizes.sum()))
            counts, made = self._counts.array, self._made.array
        starts = np.cumsum(counts) - counts
        several = counts[words]
        terms = made[np.repeat(starts[words], several) + _ranges(several)]
        rows = np.repeat(np.arange(len(texts)), sizes)
        return Occurrences(np.repeat(rows, several), terms, np.repeat(positions, several))

    @property
    def hashes(self) -> Numbers:
        """The hash of every term that was seen, by its number: the index of the term in a BM25's row."""
        with self._lock:
            return self._hashes.array

    def names_of(self, terms: Iterable[int]) -> list[str]:
        return [self._names[term] for term in terms]

    def _number_terms(self, word: str) -> None:
        """Remembers what is made of a word that was not seen before."""
        terms = self._expanded(word)
        self._counts.append(len(terms))
        for term in terms:
            number = self._terms.get(term)
            if number is None:
                number = self._terms[term] = len(self._terms)
                self._names.append(term)
                self._hashes.append(hash_of(term))
            self._made.append(number)

    def _expanded(self, word: str) -> tuple[str, ...]:
        terms: tuple[str, ...] = (word,)
        for make in self._filters:
            terms = tuple(term for one in terms for term in make(one))
        return terms


def hash_of(term: str) -> int:
    """Milvus' number for a term: a checksum of its first 100 bytes."""
    return zlib.crc32(term.encode()[:100]) % _HASHES


def make_analyzer(text: str) -> Analyzer:
    """The analyzer of some parameters, JSON or nothing; raises Refused, or Unimplemented."""
    if not text:
        return Analyzer(tokenizers.make_tokenizer("standard"), [token_filters.lowercase])
    try:
        params = json.loads(text)
    except ValueError as problem:
        raise Refused(str(problem), "JsonError") from None
    if not isinstance(params, dict):
        raise Refused("invalid type: it is no map", "JsonError")
    return _made(params)


def find_analyzer(text: str) -> Analyzer:
    """The analyzer of some parameters that everybody uses who has the same."""
    with _sharing:
        known = _shared.get(text)
    if known is not None and known.seen_words < MAX_WORDS:
        return known
    made = make_analyzer(text)
    with _sharing:
        while len(_shared) >= MAX_ANALYZERS:
            del _shared[next(iter(_shared))]
        _shared[text] = made
    return made


# -- private ---------------------------------------------------------------------------------------------------


class _Words(dict[str, int]):
    """The numbers of words; a new word gets the next one."""

    def __init__(self, note: Callable[[str], None]) -> None:
        super().__init__()
        self._note = note

    def __missing__(self, word: str) -> int:
        self._note(word)
        self[word] = number = len(self)
        return number


class _Numbers:
    """A list of numbers that is read as an array."""

    def __init__(self) -> None:
        self._read = np.empty(0, np.int64)
        self._new: list[int] = []
        self.append = self._new.append

    @property
    def array(self) -> Numbers:
        if self._new:
            self._read = np.concatenate([self._read, np.array(self._new, np.int64)])
            self._new.clear()
        return self._read


def _ranges(sizes: Numbers) -> Numbers:
    """0, 1 ... up to each size, one behind the other."""
    stops = np.cumsum(sizes)
    return np.arange(int(stops[-1]) if len(stops) else 0) - np.repeat(stops - sizes, sizes)


def _made(params: Mapping[str, Any]) -> Analyzer:
    if not params:
        return make_analyzer("")
    if "type" in params:
        if not isinstance(params["type"], str):
            raise Refused("analyzer type should be string", "InternalError")
        return _built_in(params["type"], params)
    if "tokenizer" not in params:
        raise Refused("tokenizer name or type must be set", "InternalError")
    if not isinstance(params["tokenizer"], str | dict):
        raise Refused("tokenizer name should be string or dict", "InternalError")
    tokenizer = tokenizers.make_tokenizer(params["tokenizer"])
    filters: list[Filter] = []
    for key in sorted(params.keys() - {"tokenizer"}):
        if key != "filter":
            raise Refused(f"unknown analyzer option key: {key}", "InternalError")
        filters = token_filters.make_filters(params[key])
    return Analyzer(tokenizer, filters)


def _built_in(name: str, params: Mapping[str, Any]) -> Analyzer:
    if name in ("arabic", "thai"):
        raise errors.Unimplemented(f"the analyzer {name}")
    if name not in _BUILT_IN:
        raise Refused(f"unknown build-in analyzer type: {name}", "InternalError")
    stopped = params.get("stop_words")
    words = [] if stopped is None else token_filters.stop_words(stopped, "filter stop_words")
    tokenizer, filters = _BUILT_IN[name]
    last = [token_filters.stop_filter(words)] if words else []
    return Analyzer(tokenizers.make_tokenizer(tokenizer), [*filters(), *last])


def _english() -> list[Filter]:
    stemmed = token_filters.stemmer("english")
    return [token_filters.lowercase, stemmed, token_filters.stop_filter(token_filters.ENGLISH)]


_BUILT_IN: dict[str, tuple[str, Callable[[], list[Filter]]]] = {
    "standard": ("standard", lambda: [token_filters.lowercase]),
    "english": ("standard", _english),
    "chinese": ("jieba", lambda: token_filters.make_filters(["cnalphanumonly"])),
}
_sharing = threading.Lock()  # guards the dictionary below
_shared: dict[str, Analyzer] = {}
