"""QueryRequest as a frozen value, and the parts of a query that need the collection's schema.

A feature that a request may ask for and fakemilvus does not build is refused by its name, so that no parameter is
ever dropped in silence. Source: parseQueryParams of the proxy's task_query.go and orderby's types.go, Milvus 3.0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fakemilvus import errors
from fakemilvus.datatypes import DataType, type_name
from fakemilvus.engine.go_values import parse_bool
from fakemilvus.engine.ordering import SORTABLE, Direction, SortKey
from fakemilvus.engine.schema import Schema
from fakemilvus.filters.compiled import Given
from fakemilvus.wire.consistency import UNSET_TIMESTAMPS
from fakemilvus.wire.parameters import decode_ignore_growing, decode_int, read_int, refuse_unbuilt
from fakemilvus.wire.templates import decode_templates
from fakemilvus.wire.times import Times, decode_times


@dataclass(frozen=True, slots=True)
class QueryCall:
    """A query as it was asked for; ``limit`` is None when the request sets none.

    ``order`` is of terms such as "price:desc", ``groups`` of field names. ``collection_id`` is 0 where the request
    names none. ``session`` is None unless an iterator asks: 0 for its first page, and else the timestamp that it got.
    ``cursor`` is where an iterator over the elements of arrays stands: the last key and place.
    """

    collection: str
    partitions: tuple[str, ...]
    filter: str
    values: Given | None  # of the filter's templates
    output_fields: tuple[str, ...]
    limit: int | None
    offset: int
    ignore_growing: bool
    times: Times
    order: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    session: int | None = None
    collection_id: int = 0
    cursor: tuple[int | str, int] | None = None


def decode_query(request: Any, key: DataType, most: int) -> QueryCall:
    """Raises Milvus' own refusals, in its order; ``key`` is the type of the primary key, ``most`` how many rows may be
    asked for.
    """
    refuse_unbuilt(request, _UNBUILT)
    pairs = {pair.key: pair.value for pair in reversed(request.query_params)}  # of several the first counts
    ignore_growing = decode_ignore_growing(pairs)
    _decode_flag(pairs, "reduce_stop_for_best", "reduce_stop_for_best")  # pages are complete either way
    iterating = _decode_flag(pairs, "iterator", "iterator field")
    collection_id = _decode_collection_id(pairs)
    limit, offset = _decode_window(pairs, most)
    asked = QueryCall(
        collection=request.collection_name,
        partitions=tuple(request.partition_names),
        filter=request.expr,
        values=decode_templates(request.expr_template_values),
        output_fields=tuple(name.strip() for name in request.output_fields),
        limit=limit,
        offset=offset,
        ignore_growing=ignore_growing,
        times=decode_times(pairs, empty_is_none=True),
        order=_decode_names(pairs, "order_by_fields"),
        groups=_decode_names(pairs, "group_by_fields"),
        session=_session(request.guarantee_timestamp) if iterating else None,
        collection_id=collection_id,
        cursor=_decode_cursor(pairs, iterating, key),
    )
    if asked.order and limit is None:
        raise errors.OrderWithoutLimit
    if asked.order and iterating:
        raise errors.OrderWithIterator
    return asked


def check_collection_id(asked: QueryCall, collection_id: int) -> None:
    """Raises QueryCollectionIdStale where the name stands for another collection than the iterator began with."""
    if asked.collection_id > 0 and asked.collection_id != collection_id:
        raise errors.QueryCollectionIdStale


def decode_order(terms: tuple[str, ...], schema: Schema) -> tuple[SortKey, ...]:
    """The keys of an ORDER BY: ``field``, ``field:direction`` or ``field:direction:nulls``; any more is passed over.

    As in PostgreSQL nulls are the largest unless the term says where they go.
    """
    fields = {field.name: field for field in schema.stored if field not in schema.sub_fields}
    keys = []
    for term in terms:
        name, *given = (part.strip() for part in term.split(":"))
        direction = _decode_direction(name, given)
        if name not in fields:
            raise errors.OrderFieldUnknown(field=name)
        field = fields[name]
        if field.type not in SORTABLE:
            raise errors.OrderFieldType(field=name, type=type_name(field.type))
        keys.append(SortKey(field, direction))
    return tuple(keys)


# -- private ---------------------------------------------------------------------------------------------------


def _decode_direction(name: str, given: list[str]) -> Direction:
    word = given[0].lower() if given else ""
    if word not in _DIRECTIONS:
        raise errors.OrderDirectionUnknown(direction=word, field=name)
    ascending = _DIRECTIONS[word]
    if len(given) < 2:
        return Direction(ascending, nulls_first=not ascending)
    nulls = given[1].lower()
    if nulls not in _NULLS:
        raise errors.OrderNullsUnknown(nulls=nulls)
    return Direction(ascending, _NULLS[nulls])


def _decode_flag(pairs: Mapping[str, str], name: str, called: str) -> bool:
    text = pairs.get(name, "false")
    read = parse_bool(text)
    if read is None:
        raise errors.QueryFlagUnreadable(name=called, value=text)
    return read


def _decode_collection_id(pairs: Mapping[str, str]) -> int:
    try:
        return read_int(pairs.get("collection_id", "0"))
    except ValueError:
        raise errors.QueryCollectionIdUnreadable from None


def _decode_window(pairs: Mapping[str, str], most: int) -> tuple[int | None, int]:
    """limit and offset; an offset without a limit is passed over, as in Milvus."""
    if "limit" not in pairs:
        return None, 0
    limit, offset = decode_int(pairs, "limit"), decode_int(pairs, "offset")
    if offset < 0:
        raise errors.QueryOffsetNegative(value=offset)
    if limit <= 0:
        raise errors.QueryLimitNotPositive(value=limit)
    if offset + limit > most:
        raise errors.QueryWindowTooLarge(value=offset + limit, high=most)
    return limit, offset


def _decode_names(pairs: Mapping[str, str], name: str) -> tuple[str, ...]:
    """What stands between commas, but for nothing."""
    return tuple(part.strip() for part in pairs.get(name, "").split(",") if part.strip())


def _decode_cursor(pairs: Mapping[str, str], iterating: bool, key: DataType) -> tuple[int | str, int] | None:
    last, offset = pairs.get("query_iter_last_pk"), pairs.get("query_iter_last_element_offset")
    if last is None and offset is None:
        return None
    if not iterating:
        raise errors.IteratorCursorWithoutIterator
    if last is None or offset is None:
        raise errors.IteratorCursorIncomplete(key=_go(last is not None), offset=_go(offset is not None))
    try:
        place = read_int(offset)
    except ValueError:
        place = -1
    if place < 0:
        raise errors.IteratorOffsetInvalid(value=offset)
    if key is DataType.INT64:
        try:
            return read_int(last), place
        except ValueError:
            raise errors.IteratorKeyInvalid(value=last) from None
    return last, place


def _go(truth: bool) -> str:
    return str(truth).lower()


def _session(timestamp: int) -> int | None:
    """Clients before 2.5 say a consistency level here, and keep no session."""
    return None if timestamp in UNSET_TIMESTAMPS else timestamp


_UNBUILT = {"namespace": "namespaces"}
_DIRECTIONS = {"": True, "asc": True, "ascending": True, "desc": False, "descending": False}
_NULLS = {"nulls_first": True, "nulls_last": False}
