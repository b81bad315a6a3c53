"""The call log: what clients asked, when, for how long, and what came of it.

A call must cost next to nothing and keep no array alive: a small request is kept as its message, a large one as
a summary in which every array stands as its shape and type.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, overload

from google.protobuf.json_format import MessageToDict

LOG = logging.getLogger("fakemilvus")
LOG.addHandler(logging.NullHandler())  # a test's output stays its own; ``serve`` adds a handler

KEPT_CALLS = 10_000
SMALL_BYTES = 4_096
LONG = 64  # elements or characters that are still worth printing


@dataclass(frozen=True, slots=True)
class RecordedCall:
    """One rpc. ``code`` is Milvus' error code, 0 for success; ``status`` the gRPC status where it was aborted."""

    rpc: str
    database: str
    client: str
    started: float  # seconds since the epoch
    duration_s: float
    code: int
    reason: str
    status: str
    _request: Any

    @property
    def request(self) -> dict[str, Any]:
        """The request as a dict of its fields; arrays are strings such as ``float32 x 640000``."""
        if isinstance(self._request, dict):
            return self._request
        return dict(MessageToDict(self._request, preserving_proto_field_name=True))


class CallLog(Sequence[RecordedCall]):
    """The last 10,000 calls, oldest first; read-only for everyone but the dispatcher."""

    def __init__(self) -> None:
        self._calls: deque[RecordedCall] = deque(maxlen=KEPT_CALLS)
        self._lock = threading.Lock()  # guards _calls while it is copied or cleared

    def of(self, rpc: str) -> list[RecordedCall]:
        """The calls of one rpc."""
        return [call for call in self if call.rpc == rpc]

    def record(self, call: RecordedCall) -> None:
        with self._lock:
            self._calls.append(call)
        level = _LEVELS.get(call.status, logging.WARNING) if call.code == 0 else logging.INFO
        if LOG.isEnabledFor(level):
            LOG.log(level, "%s %.1f ms %s", call.rpc, 1_000 * call.duration_s, call.reason)

    def clear(self) -> None:
        with self._lock:
            self._calls.clear()

    def __len__(self) -> int:
        return len(self._calls)

    def __iter__(self) -> Iterator[RecordedCall]:
        with self._lock:
            return iter(list(self._calls))

    @overload
    def __getitem__(self, place: int) -> RecordedCall: ...
    @overload
    def __getitem__(self, place: slice) -> list[RecordedCall]: ...
    def __getitem__(self, place: int | slice) -> RecordedCall | list[RecordedCall]:
        return list(self)[place]


def summary(request: Any, encoded_bytes: int) -> Any:
    """What the log keeps of a request: the message itself when it is small."""
    return request if encoded_bytes <= SMALL_BYTES else _fields(request)


def _fields(message: Any) -> dict[str, Any]:
    return {field.name: _value(value, field) for field, value in message.ListFields()}


def _value(value: Any, field: Any) -> Any:
    if isinstance(value, str | bytes):
        return value if len(value) <= LONG else f"{type(value).__name__} of {len(value)}"
    if not hasattr(value, "__len__") or isinstance(value, dict):
        return _fields(value) if hasattr(value, "ListFields") else value
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        return {str(key): str(value[key])[:LONG] for key in value}
    if field.message_type is not None:
        return [_fields(item) for item in list(value)[:LONG]]
    kind = _CPP_TYPES.get(field.cpp_type, "value")
    return list(value) if len(value) <= LONG and kind != "string" else f"{kind} x {len(value)}"


_CPP_TYPES = {1: "int32", 2: "int64", 3: "uint32", 4: "uint64", 5: "double", 6: "float32", 7: "bool", 9: "string"}

_LEVELS = {
    "OK": logging.DEBUG,
    "INTERNAL": logging.ERROR,
}  # of a gRPC status; a refusal in Milvus' codes is information
