"""The page that a search iterator asks for: parsed from a search's parameters, and the token that finds the next.

Source: parseSearchIteratorV2Info of the proxy's search_util.go, Milvus 3.0. Iterators of the first kind are plain
searches with a range, which the client moves on.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from fakemilvus import errors
from fakemilvus.engine.go_values import parse_bool
from fakemilvus.wire.consistency import UNSET_TIMESTAMPS
from fakemilvus.wire.parameters import read_int


@dataclass(frozen=True, slots=True)
class Page:
    """``last_bound`` is the distance of the last hit of the page before, None for the first page."""

    token: str
    size: int
    last_bound: np.float32 | None


def is_iterator(pairs: Mapping[str, str]) -> bool:
    """Whether the search belongs to an iterator of either kind."""
    return pairs.get("iterator") in ("True", "true")


def decode_session(request: Any, asked: Any) -> int | None:
    """The moment that an iterator began at, 0 where it begins now; None for any other search."""
    if not is_iterator(asked.pairs):
        return None
    timestamp = int(request.guarantee_timestamp)
    return 0 if timestamp in UNSET_TIMESTAMPS else timestamp


def decode_page(pairs: Mapping[str, str], offset: int, most: int) -> Page | None:
    """The page of an iterator of the second kind; None where the request asks for none."""
    if not parse_bool(pairs.get("search_iter_v2", "")):
        return None
    if not is_iterator(pairs):
        raise errors.IteratorFlagMissing
    if offset:
        raise errors.IteratorWithOffset
    return Page(_decode_token(pairs), _decode_size(pairs, most), _decode_bound(pairs))


def encode_page(page: Page, distances: Any, larger_is_better: bool, message: Any) -> None:
    """Says where the next page begins: behind the last hit; without hits, where this one began."""
    nearest = np.finfo(np.float32).max * (1 if larger_is_better else -1)
    begun = nearest if page.last_bound is None else page.last_bound
    message.search_iterator_v2_results.token = page.token
    message.search_iterator_v2_results.last_bound = float(distances[-1] if len(distances) else begun)


# -- private ---------------------------------------------------------------------------------------------------


def _decode_token(pairs: Mapping[str, str]) -> str:
    given = pairs.get("search_iter_id", "")
    if not given:
        return str(uuid.uuid4())
    try:
        uuid.UUID(given)
    except ValueError:
        raise errors.IteratorToken from None
    return given


def _decode_size(pairs: Mapping[str, str], most: int) -> int:
    text = pairs.get("search_iter_batch_size", "")
    if not text:
        raise errors.IteratorBatchMissing
    try:
        size = read_int(text)
    except ValueError:
        raise errors.IteratorBatchUnreadable(value=text) from None
    if not 1 <= size <= most:
        raise errors.IteratorBatchOutOfRange(value=size, high=most)
    return size


def _decode_bound(pairs: Mapping[str, str]) -> np.float32 | None:
    text = pairs.get("search_iter_last_bound", "")
    if not text:
        return None
    try:
        return np.float32(text)
    except ValueError:
        raise errors.IteratorBoundUnreadable(value=text) from None
