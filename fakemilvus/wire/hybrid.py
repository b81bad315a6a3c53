"""HybridSearchRequest as a frozen value.

Source: parseRankParams of the proxy's search_util.go and initAdvancedSearchRequest of its task_search.go, Milvus 3.0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fakemilvus import errors, limits
from fakemilvus.wire.pairs import decode_pairs
from fakemilvus.wire.parameters import decode_ignore_growing, decode_int, refuse_unbuilt
from fakemilvus.wire.reads import SearchCall, decode_round_decimal, decode_search
from fakemilvus.wire.times import Times, decode_times


@dataclass(frozen=True, slots=True)
class HybridCall:
    """A hybrid search as it was asked for; ``pairs`` are the parameters of the ranking."""

    collection: str
    partitions: tuple[str, ...]
    output_fields: tuple[str, ...]
    searches: tuple[SearchCall, ...]
    pairs: Mapping[str, str]
    limit: int
    offset: int
    round_decimal: int
    times: Times


def decode_hybrid(request: Any, most: int) -> HybridCall:
    """Raises Milvus' own refusals of the number of searches, the window and the searches' parameters.

    ``most`` hits may be asked for.
    """
    refuse_unbuilt(request, _UNBUILT)
    if len(request.requests) > limits.MAX_SEARCHES:
        raise errors.TooManySearches(limit=limits.MAX_SEARCHES)
    pairs = dict(decode_pairs(request.rank_params))
    decode_ignore_growing(pairs)
    limit, offset = _decode_window(pairs, most)
    searches = tuple(decode_search(search, most, limit + offset) for search in request.requests)
    return HybridCall(
        collection=request.collection_name,
        partitions=tuple(request.partition_names),
        output_fields=tuple(name.strip() for name in request.output_fields),
        searches=searches,
        pairs=pairs,
        limit=limit,
        offset=offset,
        round_decimal=decode_round_decimal(pairs.get("round_decimal", "-1")),
        times=decode_times(pairs, empty_is_none=False),
    )


def _decode_window(pairs: Mapping[str, str], most: int) -> tuple[int, int]:
    if "limit" not in pairs:
        raise errors.RankLimitMissing
    limit, offset = decode_int(pairs, "limit"), decode_int(pairs, "offset")
    if offset < 0:
        raise errors.RankWindow(problem=f"offset [{offset}] is invalid, should be gte than 0")
    if limit <= 0:
        raise errors.RankWindow(problem=f"limit [{limit}] is invalid, should be greater than 0")
    if offset + limit > most:
        window = f"(offset+limit) should be in range [1, {most}], but got {offset + limit}"
        raise errors.RankWindow(problem=window)
    return limit, offset


_UNBUILT = {"namespace": "namespaces", "function_chains": "function chains"}
