"""The highlighter of a search, decoded, and the pieces of texts that answer it.

Source: NewLexicalHighlighter of the proxy's highlighter.go, Milvus 3.0.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fakemilvus import errors
from fakemilvus.engine.go_values import parse_bool
from fakemilvus.engine.highlights import Style
from fakemilvus.wire.messages import common


@dataclass(frozen=True, slots=True)
class HighlightQuery:
    """Terms of a text are shown in a field, whatever was searched."""

    field: str
    text: str


@dataclass(frozen=True, slots=True)
class Highlighter:
    """``of_search`` shows the terms of the search's own texts."""

    style: Style
    of_search: bool
    queries: tuple[HighlightQuery, ...]


def decode_highlighter(request: Any) -> Highlighter | None:
    """What a search request says of it; None where it says nothing."""
    if not request.HasField("highlighter"):
        return None
    if request.highlighter.type != common.HighlightType.Lexical:
        raise errors.Unimplemented("semantic highlighting")
    params = {pair.key: pair.value for pair in request.highlighter.params}
    usual = Style()
    style = Style(
        before=_tags(params, "pre_tags", usual.before, "array"),
        after=_tags(params, "post_tags", usual.after, "list"),
        size=_number(params, "fragment_size", usual.size, least=1),
        number=_number(params, "num_of_fragments", usual.number),
        offset=_number(params, "fragment_offset", usual.offset),
    )
    of_search = parse_bool(params.get("highlight_search_text", "false"))
    if of_search is None:
        raise errors.HighlightFlagUnreadable(value=params["highlight_search_text"])
    return Highlighter(style, of_search, tuple(_queries(params.get("highlight_query", "[]"))))


def encode_highlights(field: str, rows: Sequence[Sequence[str]], message: Any) -> None:
    """Adds the pieces of one field to a SearchResultData, row by row."""
    result = message.highlight_results.add(field_name=field)
    for pieces in rows:
        result.datas.add().fragments.extend(pieces)


# -- private ---------------------------------------------------------------------------------------------------


def _tags(params: Mapping[str, str], name: str, usual: tuple[str, ...], called: str) -> tuple[str, ...]:
    if name not in params:
        return usual
    tags = _read(params[name])
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise errors.HighlightTagsUnreadable(name=name, called=called, value=params[name])
    if not tags:
        raise errors.HighlightTagsEmpty(name=name)
    return tuple(tags)


def _number(params: Mapping[str, str], name: str, usual: int, least: int = 0) -> int:
    text = params.get(name, str(usual))
    if not re.fullmatch(r"[+-]?[0-9]+", text) or not least <= int(text) < 1 << 63:
        raise errors.HighlightNumber(name=name, value=text)
    return int(text)


def _queries(text: str) -> list[HighlightQuery]:
    queries = _read(text)
    if not isinstance(queries, list):
        raise errors.HighlightQueriesUnreadable(value=text)
    made = []
    for query in queries:
        if not isinstance(query, dict):
            raise errors.HighlightQueryInvalid(problem="item in array is not json object")
        words = _text_of(query, "text")
        kind = _text_of(query, "type")
        if kind != "TextMatch":
            raise errors.HighlightQueryInvalid(problem=f"invalid highlight query type: {kind}")
        made.append(HighlightQuery(_text_of(query, "field"), words))
    return made


def _text_of(query: Mapping[str, Any], key: str) -> str:
    if key not in query:
        raise errors.HighlightQueryInvalid(problem=f"must set `{key}` in query")
    value = query[key]
    if not isinstance(value, str):
        raise errors.HighlightQueryInvalid(problem=f"`{key}` must be string")
    return value


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
