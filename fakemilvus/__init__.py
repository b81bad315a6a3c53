"""fakemilvus: an in-memory Milvus for tests, with real indexes whose building can be watched and steered.

The public names are resolved when first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

__all__ = [
    "Abort",
    "Delay",
    "Disconnect",
    "Fail",
    "FakeMilvus",
    "Fault",
    "Hang",
    "HoldNotReached",
    "LoseReply",
    "ManualClock",
    "MilvusError",
    "PortTaken",
    "Reading",
    "RemoteFakeMilvus",
    "StateFileInvalid",
    "__version__",
    "not_ready",
    "rate_limited",
]

if TYPE_CHECKING:
    from fakemilvus.clock import ManualClock
    from fakemilvus.engine.builds import HoldNotReached
    from fakemilvus.engine.portable import StateFileInvalid
    from fakemilvus.engine.scripts import Reading
    from fakemilvus.errors import MilvusError
    from fakemilvus.faults import Abort, Delay, Disconnect, Fail, Fault, Hang, LoseReply, not_ready, rate_limited
    from fakemilvus.remote import RemoteFakeMilvus
    from fakemilvus.server import FakeMilvus
    from fakemilvus.wire.listener import PortTaken


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(home), name)
    return value


_FAULTS = ("Abort", "Delay", "Disconnect", "Fail", "Fault", "Hang", "LoseReply", "not_ready", "rate_limited")

_HOMES = dict.fromkeys(_FAULTS, "fakemilvus.faults") | {
    "ManualClock": "fakemilvus.clock",
    "FakeMilvus": "fakemilvus.server",
    "HoldNotReached": "fakemilvus.engine.builds",
    "MilvusError": "fakemilvus.errors",
    "Reading": "fakemilvus.engine.scripts",
    "PortTaken": "fakemilvus.wire.listener",
    "RemoteFakeMilvus": "fakemilvus.remote",
    "StateFileInvalid": "fakemilvus.engine.portable",
}
