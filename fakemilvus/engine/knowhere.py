"""How knowhere, Milvus' index library, reads the integer parameters of a build or a search, and how it refuses them.

Knows parameters and ranges, not collections: callers turn a ``Refusal`` into the error of their rpc. Text is read
as C++ ``stoll`` reads it, which takes leading space and a sign; everything else must be a JSON integer. Source:
knowhere's config.cc (FormatAndCheck) and config.h (Load), August 2026.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from fakemilvus.engine.kinds import Parameter


@dataclass(frozen=True, slots=True)
class Refusal(Exception):
    """Knowhere's status, as it prints it, and its text."""

    status: str
    problem: str


def read_texts(parameters: Iterable[Parameter], given: Mapping[str, Any]) -> dict[str, Any]:
    """``given`` with every known parameter that came as text turned into an integer; raises Refusal."""
    texts = {p.name: given[p.name] for p in parameters if isinstance(given.get(p.name), str)}
    return {**given, **{name: _integer(name, text) for name, text in texts.items()}}


def load(parameters: Iterable[Parameter], given: Mapping[str, Any]) -> dict[str, int]:
    """The value of each parameter: the given one, checked, or the default; raises Refusal."""
    return {p.name: _checked(p, given[p.name]) if p.name in given else p.default for p in parameters}


def _integer(name: str, text: str) -> int:
    read = _STOLL.match(text)
    if read is None:
        raise Refusal(_INVALID_VALUE, f"invalid integer value, key: '{name}', value: '{text}'")
    value = int(read.group())
    if not _INT64_MIN <= value <= _INT64_MAX:
        raise Refusal(_INVALID_VALUE, f"integer value out of range, key: '{name}', value: '{text}'")
    if read.end() < len(text):
        raise Refusal(_INVALID_VALUE, f"{_THROWN_AT}wrong data type in json, key: '{name}', value: '{text}'")
    if not _INT32_MIN <= value <= _INT32_MAX:
        raise Refusal(_INVALID_VALUE, f"integer value out of range, key: '{name}', value: '{text}'")
    return value


def _checked(parameter: Parameter, value: Any) -> int:
    name, shown = parameter.name, json.dumps(value, separators=(",", ":"))
    if not isinstance(value, int) or isinstance(value, bool):
        raise Refusal("type conflict in json", f"Type conflict in json: param '{name}' ({shown}) should be integer")
    if value > _INT32_MAX:
        problem = f"Arithmetic overflow: param '{name}' ({shown}) should not bigger than {_INT32_MAX}"
        raise Refusal("arithmetic overflow", problem)
    if not parameter.low <= value <= parameter.high:
        allowed = f"[{parameter.low}, {parameter.high}]"
        problem = f"Out of range in json: param '{name}' ({shown}) should be in range {allowed}"
        raise Refusal("out of range in json", problem)
    return value


_STOLL = re.compile(r"[ \t\n\v\f\r]*[+-]?[0-9]+")
_INT32_MIN, _INT32_MAX = -(2**31), 2**31 - 1
_INT64_MIN, _INT64_MAX = -(2**63), 2**63 - 1
_INVALID_VALUE = "invalid value in json"
# What KNOWHERE_THROW_MSG puts before the one text that leaves config.cc as an exception.
_THROWN_AT = (
    "Error in static knowhere::Status knowhere::Config::FormatAndCheck"
    "(const knowhere::Config&, knowhere::Json&, std::string*) at config.cc:94: "
)
