"""Milvus' lists of key and value, which carry most parameters, as tuples and dicts."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from fakemilvus.engine.schema import Pairs


def decode_pairs(repeated: Any) -> Pairs:
    """Keys and values, verbatim and in order."""
    return tuple((pair.key, pair.value) for pair in repeated)


def add_pairs(repeated: Any, pairs: Iterable[tuple[str, str]]) -> None:
    """Appends keys and values to a repeated KeyValuePair."""
    for key, value in pairs:
        repeated.add(key=key, value=value)


def encode_value(value: Any) -> str:
    """A value as Milvus prints it inside a pair."""
    return value if isinstance(value, str) else json.dumps(value)
