"""How knowhere, Milvus' index library, reads the parameters of a build or a search, and how it refuses them.

Knows parameters and ranges, not collections: callers turn a ``Refusal`` into the error of their rpc. Text is read
as C++ ``stoll`` or ``stof`` reads it, which takes leading space and a sign; everything else must be a JSON number.
Source: knowhere's config.cc (FormatAndCheck) and config.h (Load), August 2026.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from fakemilvus.engine.kinds import ClosedFloatParameter, FloatParameter, Parameter

Number = Parameter | FloatParameter


@dataclass(frozen=True, slots=True)
class Refusal(Exception):
    """Knowhere's status, as it prints it, and its text."""

    status: str
    problem: str


def read_texts(parameters: Iterable[Number], given: Mapping[str, Any]) -> dict[str, Any]:
    """``given`` with every known parameter that came as text turned into a number; raises Refusal."""
    texts = [p for p in parameters if isinstance(given.get(p.name), str)]
    return {**given, **{p.name: _READ[isinstance(p, Parameter)](p.name, given[p.name]) for p in texts}}


def load(parameters: Iterable[Number], given: Mapping[str, Any]) -> dict[str, float]:
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


def _float(name: str, text: str) -> float:
    read = _STOF.match(text)
    if read is None:
        raise Refusal(_INVALID_VALUE, f"invalid float value, key: '{name}', value: '{text}'")
    with np.errstate(over="ignore"):
        value = float(np.float32(read.group()))
    if np.isinf(value) and "inf" not in text.lower():
        raise Refusal(_INVALID_VALUE, f"float value out of range, key: '{name}', value: '{text}'")
    return value


def _checked(parameter: Number, value: Any) -> float:
    return _checked_integer(parameter, value) if isinstance(parameter, Parameter) else _checked_float(parameter, value)


def _checked_float(parameter: FloatParameter, value: Any) -> float:
    name, shown = parameter.name, json.dumps(value, separators=(",", ":"))
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise Refusal("type conflict in json", f"Type conflict in json: param '{name}' ({shown}) should be a number")
    if value > _FLOAT_MAX:
        problem = f"Arithmetic overflow: param '{name}' ({shown}) should not bigger than {_FLOAT_MAX:f}"
        raise Refusal("arithmetic overflow", problem)
    closed = isinstance(parameter, ClosedFloatParameter)
    if not parameter.low <= value <= parameter.high or (value == parameter.high and not closed):
        allowed = f"[{parameter.low:f}, {parameter.high:f}{']' if closed else ')'}"
        problem = f"Out of range in json: param '{name}' ({shown}) should be in range {allowed}"
        raise Refusal("out of range in json", problem)
    return float(value)


def _checked_integer(parameter: Parameter, value: Any) -> int:
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
_STOF = re.compile(r"[ \t\n\v\f\r]*[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?|inf|nan)", re.IGNORECASE)
_FLOAT_MAX = float(np.finfo(np.float32).max)
_READ = {True: _integer, False: _float}
_INVALID_VALUE = "invalid value in json"
# What KNOWHERE_THROW_MSG puts before the one text that leaves config.cc as an exception.
_THROWN_AT = (
    "Error in static knowhere::Status knowhere::Config::FormatAndCheck"
    "(const knowhere::Config&, knowhere::Json&, std::string*) at config.cc:94: "
)
