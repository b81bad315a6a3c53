"""The consistency that a search or a query asks for."""

from __future__ import annotations

from typing import Any

from fakemilvus.engine.consistency import Consistency

UNSET_TIMESTAMPS = (1, 2)  # what clients send for Eventually and Bounded


def decode_consistency(request: Any) -> Consistency:
    """The level, the collection's own where the request leaves it to that, and the guarantee timestamp."""
    level = None if request.use_default_consistency else request.consistency_level
    return Consistency(level, request.guarantee_timestamp)
