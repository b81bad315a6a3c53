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
from fnmatch import fnmatchcase
from typing import Any, overload

KEPT_CALLS = 10_000
SMALL_BYTES = 4_096
LONG = 64  # elements or characters of a large request that are still worth keeping
CLOSE_CALLS = 5  # that a failing assertion prints
_MISSING = object()
_LOG = logging.getLogger("fakemilvus")
_LOG.addHandler(logging.NullHandler())  # silent in a process that set nothing up


@dataclass(frozen=True, slots=True)
class RecordedCall:
    """One rpc. ``code`` is Milvus' error code, 0 for success; ``status`` the gRPC status where it was aborted."""

    rpc: str
    database: str
    client: str
    started: float  # seconds since the epoch, on the server's clock
    duration_s: float
    code: int
    reason: str
    status: str
    _request: Any

    @property
    def request(self) -> dict[str, Any]:
        """The request's fields that were set; lists of key and value are dicts, a long array is float32 x 640000."""
        return self._request if isinstance(self._request, dict) else _fields(self._request, None)

    @property
    def succeeded(self) -> bool:
        return self.code == 0 and self.status == "OK"

    def __str__(self) -> str:
        outcome = "ok" if self.succeeded else f"{self.status if self.code == 0 else self.code} {self.reason}"
        asked = ", ".join(f"{name}={value!r}" for name, value in self.request.items())
        return f"{self.rpc}({asked}) -> {outcome[:200]} ({self.duration_s * 1000:.1f} ms)"


class CallLog(Sequence[RecordedCall]):
    """The last 10,000 calls, oldest first; read-only for everyone but the dispatcher."""

    def __init__(self) -> None:
        self._calls: deque[RecordedCall] = deque(maxlen=KEPT_CALLS)
        self._lock = threading.Lock()  # guards _calls while it is copied or cleared

    def of(self, rpc: str, **fields: Any) -> list[RecordedCall]:
        """The calls of one rpc, or of a glob of them, whose request has these values in these fields."""
        named = [call for call in self if fnmatchcase(call.rpc, rpc)]
        return [call for call in named if not _differences(call, fields)] if fields else named

    def assert_called(self, rpc: str, *, times: int | None = None, **fields: Any) -> list[RecordedCall]:
        """The calls of ``of``; AssertionError, with those that came close, when there are none, or not ``times``."""
        found = self.of(rpc, **fields)
        if len(found) == times or (times is None and found):
            return found
        wanted = f"{rpc}({', '.join(f'{name}={value!r}' for name, value in fields.items())})"
        often = "at least once" if times is None else f"{times} times"
        raise AssertionError(
            f"expected {wanted} {often}, saw it {len(found)} times\n{self._what_came_close(rpc, fields)}"
        )

    def assert_not_called(self, rpc: str, **fields: Any) -> None:
        """AssertionError, with the calls, where there are any."""
        found = self.of(rpc, **fields)
        if found:
            raise AssertionError("unexpected calls:\n" + "\n".join(f"  {call}" for call in found[:CLOSE_CALLS]))

    def keep(self, call: RecordedCall) -> None:
        """Keeps a call that was recorded elsewhere."""
        with self._lock:
            self._calls.append(call)

    def record(self, call: RecordedCall) -> None:
        """Keeps a call and logs it: what is not built as a warning, refusals as information, the rest for debugging."""
        self.keep(call)
        level = logging.DEBUG if call.succeeded else logging.INFO
        level = logging.WARNING if call.status == "UNIMPLEMENTED" else level
        if _LOG.isEnabledFor(level):
            _LOG.log(level, "%s", call)

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

    def _what_came_close(self, rpc: str, fields: dict[str, Any]) -> str:
        """The calls of the rpc that differ least, each with its differences; or which rpcs there were."""
        named = self.of(rpc)
        if not named:
            return "rpcs that were called: " + (", ".join(sorted({call.rpc for call in self})) or "none")
        close = sorted(((_differences(call, fields), call) for call in named), key=lambda pair: len(pair[0]))
        lines = [f"  {call}" + "".join(f"\n      {text}" for text in differ) for differ, call in close[:CLOSE_CALLS]]
        return "what came close:\n" + "\n".join(lines)


def summary(request: Any, encoded_bytes: int) -> Any:
    """What the log keeps of a request: the message itself when it is small."""
    return request if encoded_bytes <= SMALL_BYTES else _fields(request, LONG)


def _differences(call: RecordedCall, fields: dict[str, Any]) -> list[str]:
    request = call.request
    differ = []
    for name, wanted in fields.items():
        got = request.get(name, _MISSING)
        if got is _MISSING:
            differ.append(f"{name} is not set, wanted {wanted!r}")
        elif got != wanted:
            differ.append(f"{name} is {got!r}, wanted {wanted!r}")
    return differ


def _fields(message: Any, longest: int | None) -> dict[str, Any]:
    """The fields that are set; arrays and texts above ``longest`` as their type and length."""
    return {field.name: _value(value, field, longest) for field, value in message.ListFields()}


def _value(value: Any, field: Any, longest: int | None) -> Any:
    if isinstance(value, str | bytes):
        return value if longest is None or len(value) <= longest else f"{type(value).__name__} of {len(value)}"
    if hasattr(value, "ListFields"):
        return _fields(value, longest)
    if not hasattr(value, "__len__"):
        return _named(value, field)
    if field.message_type is not None:
        return _messages(value, field.message_type, longest)
    kind = _CPP_TYPES.get(field.cpp_type, "value")
    short = longest is None or (len(value) <= longest and kind != "string")
    return [_named(item, field) for item in value] if short else f"{kind} x {len(value)}"


def _messages(value: Any, kind: Any, longest: int | None) -> Any:
    """A repeated message: a list, or a dict where it is a map or a list of key and value."""
    if kind.GetOptions().map_entry:
        return {key: _value(value[key], kind.fields_by_name["value"], longest) for key in value}
    if set(kind.fields_by_name) == {"key", "value"}:
        return {pair.key: pair.value for pair in value}
    return [_fields(item, longest) for item in list(value)[:longest]]


def _named(value: Any, field: Any) -> Any:
    """An enum value by its name, anything else as it is."""
    known = None if field.enum_type is None else field.enum_type.values_by_number.get(value)
    return value if known is None else known.name


_CPP_TYPES = {1: "int32", 2: "int64", 3: "uint32", 4: "uint64", 5: "double", 6: "float32", 7: "bool", 9: "string"}
