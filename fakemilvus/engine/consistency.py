"""Consistency levels as timestamps: up to which write a reader has to see.

Source: parseGuaranteeTsFromConsistency and parseGuaranteeTs of the proxy's util.go, Milvus 3.0.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from fakemilvus.clock import compose

GRACEFUL_MS = 5_000  # Milvus' common.gracefulTime: how much a bounded reader may miss


class Level(IntEnum):
    """Milvus' consistency levels with their numbers on the wire."""

    STRONG = 0
    SESSION = 1
    BOUNDED = 2
    EVENTUALLY = 3
    CUSTOMIZED = 4


@dataclass(frozen=True, slots=True)
class Consistency:
    """What a read asks for: a level, None meaning the collection's own, and the guarantee timestamp of its client.

    Clients say the level by the timestamp too: 0 is Strong, 1 Eventually, 2 Bounded, anything else the last write that
    they know of.
    """

    level: int | None = Level.STRONG
    timestamp: int = 0

    def needed(self, default: int, unix_ms: int) -> int:
        """The timestamp up to which every write has to be seen, at this millisecond."""
        level = default if self.level is None else self.level
        now = compose(unix_ms + 1)
        if self.level == Level.STRONG and self.timestamp > 0:
            return _bounded(unix_ms) if self.timestamp == Level.BOUNDED else self.timestamp
        if level == Level.STRONG:
            return now
        if level == Level.BOUNDED:
            return _bounded(unix_ms)
        return 1 if level == Level.EVENTUALLY else self.timestamp


def _bounded(unix_ms: int) -> int:
    return compose(max(0, unix_ms - GRACEFUL_MS))


STRONG = Consistency()
