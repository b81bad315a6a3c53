"""fakemilvus: an in-memory Milvus for tests, with real indexes whose building can be watched and steered.

The public names are resolved when first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

__all__ = ["FakeMilvus", "HoldNotReached", "MilvusError", "PortTaken", "__version__"]

if TYPE_CHECKING:
    from fakemilvus.engine.builds import HoldNotReached
    from fakemilvus.errors import MilvusError
    from fakemilvus.server import FakeMilvus
    from fakemilvus.wire.listener import PortTaken


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(home), name)
    return value


_HOMES = {
    "FakeMilvus": "fakemilvus.server",
    "HoldNotReached": "fakemilvus.engine.builds",
    "MilvusError": "fakemilvus.errors",
    "PortTaken": "fakemilvus.wire.listener",
}
