"""How knowhere, Milvus' index library, reads the parameters of a build or a search, and how it refuses them.

Knows parameters and ranges, not collections: callers turn a ``Refusal`` into the error of their rpc. Text is read
as C++ ``stoll`` or ``stof`` reads it, which takes leading space and a sign; everything else must be a JSON number.
Source: knowhere's config.cc (FormatAndCheck) and config.h (Load), August 2026.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from fakemilvus.engine.kind_rules import Refusal
from fakemilvus.engine.parameters import (
    INT_MAX,
    REQUIRED,
    AnyParameter,
    ClosedFloatParameter,
    FlagParameter,
    FloatParameter,
    Parameter,
)

__all__ = ["Refusal", "load", "read_texts"]


def read_texts(parameters: Iterable[AnyParameter], given: Mapping[str, Any]) -> dict[str, Any]:
    """``given`` with every known parameter that came as text turned into what it shall be; raises Refusal."""
    texts = [p for p in parameters if isinstance(given.get(p.name), str)]
    return {**given, **{p.name: _read(p, given[p.name]) for p in texts}}


def load(parameters: Iterable[AnyParameter], given: Mapping[str, Any]) -> dict[str, Any]:
    """The value of each parameter: the given one, checked, or the default; raises Refusal.

    One that was left out and has no default has no value either.
    """
    loaded = {p.name: _checked(p, given[p.name]) if p.name in given else _default(p) for p in parameters}
    return {name: value for name, value in loaded.items() if value is not None}


def _default(parameter: AnyParameter) -> Any:
    if parameter.default == REQUIRED:
        raise Refusal("invalid param in json", f"param '{parameter.name}' not exist in json")
    return parameter.default


def _read(parameter: AnyParameter, text: str) -> Any:
    match parameter:
        case Parameter():
            return _integer(parameter.name, text)
        case FloatParameter():
            return _float(parameter.name, text)
        case FlagParameter():
            return _FLAGS.get(text, text)
    return text


def _integer(name: str, text: str) -> int:
    read = _STOLL.match(text)
    if read is None:
        raise Refusal(_INVALID_VALUE, f"invalid integer value, key: '{name}', value: '{text}'")
    value = int(read.group())
    if not _INT64_MIN <= value <= _INT64_MAX:
        raise Refusal(_INVALID_VALUE, f"integer value out of range, key: '{name}', value: '{text}'")
    if read.end() < len(text):
        raise Refusal(_INVALID_VALUE, f"{_THROWN_AT}wrong data type in json, key: '{name}', value: '{text}'")
    if not _INT32_MIN <= value <= INT_MAX:
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


def _checked(parameter: AnyParameter, value: Any) -> Any:
    match parameter:
        case Parameter():
            return _checked_integer(parameter, value)
        case FloatParameter():
            return _checked_float(parameter, value)
        case FlagParameter():
            return _of_type(parameter.name, value, bool, "a boolean")
    return _of_type(parameter.name, value, str, "a string")


def _of_type(name: str, value: Any, wanted: type, called: str) -> Any:
    if not isinstance(value, wanted):
        raise Refusal(_TYPE_CONFLICT, f"Type conflict in json: param '{name}' ({_shown(value)}) should be {called}")
    return value


def _checked_float(parameter: FloatParameter, value: Any) -> float:
    name = parameter.name
    if isinstance(value, bool):
        raise Refusal(_TYPE_CONFLICT, f"Type conflict in json: param '{name}' ({_shown(value)}) should be a number")
    number: float = _of_type(name, value, int | float, "a number")  # type: ignore[arg-type]
    if parameter.low is None:
        return float(number)
    if number > _FLOAT_MAX:
        raise _overflow(name, number, f"{_FLOAT_MAX:f}")
    closed = isinstance(parameter, ClosedFloatParameter)
    if not parameter.low <= number <= parameter.high or (number == parameter.high and not closed):
        raise _out_of_range(name, number, f"[{parameter.low:f}, {parameter.high:f}{']' if closed else ')'}")
    return float(number)


def _checked_integer(parameter: Parameter, value: Any) -> int:
    name = parameter.name
    if isinstance(value, bool):
        raise Refusal(_TYPE_CONFLICT, f"Type conflict in json: param '{name}' ({_shown(value)}) should be integer")
    number: int = _of_type(name, value, int, "integer")
    if parameter.low is None:
        return number
    if number > INT_MAX:
        raise _overflow(name, number, str(INT_MAX))
    if not parameter.low <= number <= parameter.high:
        raise _out_of_range(name, number, f"[{parameter.low}, {parameter.high}]")
    return number


def _overflow(name: str, value: float, most: str) -> Refusal:
    problem = f"Arithmetic overflow: param '{name}' ({_shown(value)}) should not bigger than {most}"
    return Refusal("arithmetic overflow", problem)


def _out_of_range(name: str, value: float, allowed: str) -> Refusal:
    problem = f"Out of range in json: param '{name}' ({_shown(value)}) should be in range {allowed}"
    return Refusal("out of range in json", problem)


def _shown(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


_STOLL = re.compile(r"[ \t\n\v\f\r]*[+-]?[0-9]+")
_INT32_MIN = -(2**31)
_INT64_MIN, _INT64_MAX = -(2**63), 2**63 - 1
_STOF = re.compile(r"[ \t\n\v\f\r]*[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?|inf|nan)", re.IGNORECASE)
_FLOAT_MAX = float(np.finfo(np.float32).max)
_FLAGS = {**dict.fromkeys(("true", "True", "TRUE"), True), **dict.fromkeys(("false", "False", "FALSE"), False)}
_TYPE_CONFLICT = "type conflict in json"
_INVALID_VALUE = "invalid value in json"
# What KNOWHERE_THROW_MSG puts before the one text that leaves config.cc as an exception.
_THROWN_AT = (
    "Error in static knowhere::Status knowhere::Config::FormatAndCheck"
    "(const knowhere::Config&, knowhere::Json&, std::string*) at config.cc:94: "
)
