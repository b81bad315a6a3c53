"""The parameters of searches and queries, which are texts, as Go reads them; and those that nobody built."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from fakemilvus import errors
from fakemilvus.engine.go_values import parse_bool


def decode_int(pairs: Mapping[str, str], name: str) -> int:
    """The number, 0 where there is none; raises ParameterNotReadable."""
    text = pairs.get(name, "0")
    try:
        return read_int(text)
    except ValueError:
        raise errors.ParameterNotReadable(name=name, value=text) from None


def read_int(text: str) -> int:
    """A number of 64 bits, in any base that it names, where a 0 in front means octal; raises ValueError."""
    value = int(text, 8 if _OCTAL.match(text) else 0)
    if text != text.strip() or not text.isascii() or not -(2**63) <= value < 2**63:
        raise ValueError(text)
    return value


def decode_ignore_growing(pairs: Mapping[str, str]) -> bool:
    """Whether only flushed rows are wanted; Milvus looks beside ``params`` only."""
    read = parse_bool(pairs.get("ignore_growing", "false"))
    if read is None:
        raise errors.IgnoreGrowingUnreadable
    return read


def refuse_unbuilt(request: Any, features: Mapping[str, str]) -> None:
    """Raises Unimplemented where the request sets a field of ``features``, which says what it stands for."""
    for field, value in request.ListFields():  # the few that are set, instead of asking for each that might be
        if field.name in features and (field.message_type is not None or value):
            raise errors.Unimplemented(features[field.name])


_OCTAL = re.compile("[+-]?0_?[0-9]")
