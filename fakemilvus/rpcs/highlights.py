"""Highlights of a search: in which fields which terms are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fakemilvus import errors
from fakemilvus.datatypes import Column
from fakemilvus.engine.computing import find_function
from fakemilvus.engine.field_analyzers import DEFAULT, FieldAnalyzers, analyzers_of, enables_analyzer
from fakemilvus.engine.highlights import Style, highlight
from fakemilvus.engine.schema import Field, Schema
from fakemilvus.engine.search import Hits
from fakemilvus.engine.term_rows import BM25
from fakemilvus.wire.highlights import Highlighter, decode_highlighter, encode_highlights
from fakemilvus.wire.reads import SearchCall, decode_query_texts


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown in a field: the terms of each query's own text, and those of ``everywhere`` in all rows."""

    searched: Sequence[str] = ()
    everywhere: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Highlights:
    """``fields`` are to be shown, ``analyzer`` names the one of the search where there are several."""

    schema: Schema
    style: Style
    analyzer: str
    fields: Mapping[str, Shown]

    def encode(self, hits: Hits, message: Any) -> None:
        """Adds the pieces of every hit's texts to a SearchResultData; where nothing was found there are none."""
        if not len(hits.keys):
            return
        for name, shown in self.fields.items():
            encode_highlights(name, self._pieces(self.schema.by_name[name], shown, hits), message)

    def _pieces(self, text: Field, shown: Shown, hits: Hits) -> list[list[str]]:
        if not enables_analyzer(text):
            raise errors.HighlightFieldNotAnalyzed(field=text.name, id=text.id, within="failed to search")
        analyzers = analyzers_of(text)
        everywhere = self._terms(analyzers, shown.everywhere)
        texts, names = _texts(hits.column(text)), self._names(analyzers, hits)
        pieces: list[list[str]] = []
        for query, count in enumerate(hits.counts.tolist()):
            terms = everywhere | self._terms(analyzers, shown.searched[query : query + 1])
            for row in range(len(pieces), len(pieces) + count):
                pieces.append(highlight(texts[row], terms, analyzers.named(names[row]), self.style))
        return pieces

    def _terms(self, analyzers: FieldAnalyzers, texts: Sequence[str]) -> frozenset[str]:
        analyzer = analyzers.named(self.analyzer or DEFAULT)
        return frozenset(word.text for text in texts for word in analyzer.tokens(text))

    def _names(self, analyzers: FieldAnalyzers, hits: Hits) -> list[str]:
        """The name of the analyzer of each hit's text."""
        if not analyzers.by_field:
            return [DEFAULT] * len(hits.keys)
        return [name or DEFAULT for name in _texts(hits.column(self.schema.by_name[analyzers.by_field]))]


def decode_highlights(request: Any, asked: SearchCall, schema: Schema, searched: Field) -> Highlights | None:
    """What is to be shown, of the search's own texts and of others; None where nothing is."""
    highlighter = decode_highlighter(request)
    if highlighter is None:
        return None
    fields: dict[str, Shown] = {}
    if highlighter.of_search:
        fields |= _of_search(asked, schema, searched)
    for query in highlighter.queries:
        if query.field not in schema.by_name:
            raise errors.HighlightFieldNotFound(field=query.field)
        fields.setdefault(query.field, Shown()).everywhere.append(query.text)
    return _made(highlighter, asked, schema, fields)


# -- private ---------------------------------------------------------------------------------------------------


def _of_search(asked: SearchCall, schema: Schema, searched: Field) -> dict[str, Shown]:
    if asked.metric != BM25:
        raise errors.HighlightMetric(metric="")
    function = find_function(schema, searched, BM25)
    if function is None:
        raise errors.ServiceInternal(reason="Search with highlight failed, input field of BM25 annsField not found")
    return {function.inputs[0]: Shown(decode_query_texts(asked, BM25))}


def _made(highlighter: Highlighter, asked: SearchCall, schema: Schema, fields: Mapping[str, Shown]) -> Highlights:
    return Highlights(schema, highlighter.style, asked.pairs.get("analyzer_name", ""), fields)


def _texts(column: Column) -> list[str]:
    """The texts of a column, an empty one for a null."""
    texts: list[str] = column.values.tolist()
    if column.valid is None:
        return texts
    return [text if valid else "" for text, valid in zip(texts, column.valid.tolist(), strict=True)]
