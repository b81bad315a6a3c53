"""Filter templates: values that travel beside a filter's text, written into it where it names them in braces.

A value is written as the filter language would spell it, so it is read by the same rules as a literal. A name without a
value stays as it is, and is refused by the parser.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from fakemilvus.errors import Unimplemented


def filled(text: str, values: Mapping[str, Any]) -> str:
    """The filter with its TemplateValue messages written into it; what stands inside quotes is left alone."""
    if not values:
        return text
    return _PIECES.sub(lambda found: _spelled(values[found[1]]) if found[1] in values else found[0], text)


def _spelled(value: Any) -> str:
    kind = value.WhichOneof("val")
    if kind not in _VALUES:
        raise Unimplemented(f"filter templates with a value of kind {kind}")
    return _VALUES[kind](getattr(value, kind))


def _array(value: Any) -> str:
    kind = value.WhichOneof("data")
    if kind is None:
        return "[]"
    spell = _ITEMS[kind]
    return f"[{', '.join(spell(item) for item in getattr(value, kind).data)}]"


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _boolean(value: bool) -> str:
    return "true" if value else "false"


_QUOTED = r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'"
_PIECES = re.compile(rf"{_QUOTED}|\{{\s*([A-Za-z_][A-Za-z_0-9]*)\s*\}}", re.DOTALL)
_VALUES: dict[str | None, Callable[[Any], str]] = {
    "bool_val": _boolean,
    "int64_val": str,
    "float_val": repr,
    "string_val": _text,
    "array_val": _array,
}
_ITEMS: dict[str, Callable[[Any], str]] = {
    "bool_data": _boolean,
    "long_data": str,
    "double_data": repr,
    "string_data": _text,
    "array_data": _array,
    "json_data": bytes.decode,
}
