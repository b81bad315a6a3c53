"""SearchRequest as a frozen value, and its results as messages.

A feature that a request may ask for and fakemilvus does not build is refused by its name, so that no parameter is
ever dropped in silence.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np

from fakemilvus import errors, limits
from fakemilvus.datatypes import Column, DataType, type_name
from fakemilvus.engine.metrics import Vectors
from fakemilvus.engine.schema import Field, Pairs
from fakemilvus.engine.search import Hits
from fakemilvus.filters.compiled import Given
from fakemilvus.wire import arrays
from fakemilvus.wire.columns import encode_column, encode_keys
from fakemilvus.wire.iterators import is_iterator
from fakemilvus.wire.messages import UNREADABLE, common
from fakemilvus.wire.pairs import decode_pairs
from fakemilvus.wire.parameters import decode_ignore_growing, decode_int, refuse_unbuilt
from fakemilvus.wire.templates import decode_templates
from fakemilvus.wire.times import Times, decode_times
from fakemilvus.wire.vector_lists import decode_lists
from fakemilvus.wire.vectors import decode_placeholders


@dataclass(frozen=True, slots=True)
class SearchCall:
    """A search as it was asked for; ``metric`` and ``field`` are empty when the request names none.

    ``params`` are the index's search parameters, ``pairs`` all parameters as they came; ``placeholders`` stay encoded
    until their field is known.
    """

    collection: str
    partitions: tuple[str, ...]
    filter: str
    values: Given | None  # of the filter's templates
    output_fields: tuple[str, ...]
    field: str
    metric: str
    limit: int
    offset: int
    round_decimal: int
    ignore_growing: bool
    params: Mapping[str, Any]
    pairs: Mapping[str, str]
    times: Times
    nq: int
    placeholders: bytes


class Window(Protocol):
    """How many hits were asked for, and how they are rounded."""

    @property
    def limit(self) -> int: ...

    @property
    def round_decimal(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Output:
    """One column of an answer."""

    field: Field
    column: Column


def decode_search(request: Any, most: int, hybrid_limit: int = 0) -> SearchCall:
    """Raises Milvus' own refusals of topk, offset, their sum and round_decimal, in its order.

    ``most`` is how many hits may be asked for. ``hybrid_limit`` is what a search within a hybrid search finds where it
    has no topk of its own; its offset is passed over.
    """
    refuse_unbuilt(request, _UNBUILT_IN_SEARCH)
    return SearchCall(
        collection=request.collection_name,
        partitions=tuple(request.partition_names),
        filter=request.dsl,
        values=decode_templates(request.expr_template_values),
        output_fields=tuple(name.strip() for name in request.output_fields),
        nq=request.nq,
        placeholders=request.placeholder_group,
        **_decode_parameters(decode_pairs(request.search_params), most, hybrid_limit),
    )


def decode_query_vectors(search: SearchCall, field: Field) -> Vectors:
    """The query vectors as values of a column of the field; checked against it."""
    placeholder = _only_placeholder(search)
    if field.type is DataType.ARRAY_OF_VECTOR:
        return decode_lists(placeholder.type, placeholder.values, field)
    return decode_placeholders(placeholder.type, placeholder.values, field)


def decode_query_texts(search: SearchCall, function: str) -> list[str]:
    """The texts that a field is searched with which a function of this type makes."""
    placeholder = _only_placeholder(search)
    if placeholder.type != DataType.VARCHAR:
        refusal = errors.Bm25QueryType if function == "BM25" else errors.MinHashQueryType
        raise refusal(type=type_name(placeholder.type), within="failed to search")
    return [text.decode(errors="replace") for text in placeholder.values]


def asks_with_texts(search: SearchCall) -> bool:
    """Whether it asks with texts, not with vectors."""
    return bool(_only_placeholder(search).type == DataType.VARCHAR)


def _only_placeholder(search: SearchCall) -> Any:
    try:
        group = common.PlaceholderGroup.FromString(search.placeholders)
    except UNREADABLE as problem:
        raise errors.PlaceholderUnreadable(problem=problem) from None
    if len(group.placeholders) != 1:
        raise errors.PlaceholderUnreadable(problem=f"it holds {len(group.placeholders)} placeholders, not one")
    placeholder = group.placeholders[0]
    nq = len(placeholder.values)
    if not 1 <= nq <= limits.MAX_NQ:
        raise errors.NqOutOfRange(value=nq, high=limits.MAX_NQ)
    return placeholder


def encode_hits(hits: Hits, search: Window, primary: Field, outputs: Iterable[Output], message: Any) -> None:
    """Fills a SearchResultData message."""
    message.num_queries = len(hits.counts)
    message.top_k = search.limit
    message.topks.extend(hits.counts.tolist())
    message.primary_field_name = primary.name
    scores = hits.distances
    if search.round_decimal >= 0:
        scores = np.round(scores, search.round_decimal)
    arrays.fill_floats(message, scores, _SCORES)
    _id_slot(message.ids, primary).SetInParent()
    encode_keys(hits.keys, message.ids)
    if hits.places is not None:
        message.element_indices.data.extend(hits.places.tolist())
    for output in outputs:
        encode_column(output.column, output.field, message.fields_data.add())


def _id_slot(message: Any, primary: Field) -> Any:
    return message.str_id if primary.type is DataType.VARCHAR else message.int_id


@lru_cache(maxsize=256)
def _decode_parameters(given: Pairs, most: int, hybrid_limit: int) -> dict[str, Any]:
    """The part of a SearchCall that comes from its parameters; kept, because searches repeat them."""
    pairs = dict(given)
    params = _decode_params(pairs.get("params", ""))
    _refuse_parameters(pairs, _UNBUILT_SEARCH_PARAMETERS)
    _refuse_parameters(params, _UNBUILT_SEARCH_PARAMETERS)
    ignore_growing = decode_ignore_growing(pairs)
    limit, offset = _decode_window(pairs, most, hybrid_limit)
    return {
        "field": pairs.get("anns_field", ""),
        "metric": pairs.get("metric_type") or str(params.get("metric_type", "")),
        "limit": limit,
        "offset": offset,
        "round_decimal": decode_round_decimal(pairs.get("round_decimal", "-1")),
        "ignore_growing": ignore_growing,
        "times": decode_times(pairs, empty_is_none=False),
        "params": MappingProxyType({**pairs, **params}),
        "pairs": MappingProxyType(pairs),
    }


def _refuse_parameters(given: Mapping[str, Any], unbuilt: frozenset[str]) -> None:
    for key in sorted(unbuilt & given.keys()):
        if _asks(given[key]):
            raise errors.Unimplemented(f"the parameter {key}")


def _asks(value: Any) -> bool:
    """Whether a parameter's value asks for anything."""
    return str(value).lower() not in ("", "false", "none")


def _decode_params(text: str) -> dict[str, Any]:
    try:
        params = json.loads(text or "{}")
    except ValueError:
        params = None
    if not isinstance(params, dict):
        raise errors.ParameterNotReadable(name="params", value=text)
    return params


def _decode_window(pairs: Mapping[str, str], most: int, hybrid_limit: int) -> tuple[int, int]:
    """topk and offset of a search; an iterator's topk may be too large, and is the largest then."""
    limit = _decode_topk(pairs, hybrid_limit)
    if is_iterator(pairs) and not 1 <= limit <= most:
        limit = most
    _check_limit("topk", limit, most)
    if hybrid_limit:
        return limit, 0
    offset = decode_int(pairs, "offset")
    if offset:
        _check_limit("offset", offset, most)
    _check_limit("offset+topk", offset + limit, most)
    return limit, offset


def _decode_topk(pairs: Mapping[str, str], hybrid_limit: int) -> int:
    if hybrid_limit and "topk" not in pairs:
        return hybrid_limit
    if "topk" not in pairs:
        raise errors.TopKMissing
    try:
        return decode_int(pairs, "topk")
    except errors.ParameterNotReadable:
        if hybrid_limit:
            return hybrid_limit
        raise


def _check_limit(name: str, value: int, most: int) -> None:
    if not 1 <= value <= most:
        raise errors.LimitOutOfRange(name=name, value=value, high=most)


def decode_round_decimal(text: str) -> int:
    """To how many places distances are rounded, -1 for not at all."""
    try:
        value = int(text, 0)
    except ValueError:
        raise errors.RoundDecimalInvalid(value=text) from None
    if not -1 <= value <= 6:
        raise errors.RoundDecimalInvalid(value=text)
    return value


_SCORES = 4  # the field number of SearchResultData.scores

_UNBUILT_IN_SEARCH = {
    "sub_reqs": "searches within a search",
    "namespace": "namespaces",
    "function_chains": "function chains",
}
_UNBUILT_SEARCH_PARAMETERS = frozenset(("hints",))
