"""Template values: the constants that travel beside a filter's text, as the values of the filter language.

Milvus decodes all of them, also those that the text does not name, but only when the text has been read without a
complaint; so what is decoded here is decoded when the filter asks for it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from fakemilvus import errors
from fakemilvus.filters.compiled import Given
from fakemilvus.filters.syntax import Value

MAX_DEPTH = 100  # protobuf reads no deeper messages either


def decode_templates(values: Mapping[str, Any]) -> Given | None:
    """The TemplateValue messages by their names, not decoded yet; None without any."""
    return (lambda: {name: _decoded(value) for name, value in values.items()}) if values else None


def _decoded(value: Any) -> Value:
    kind = value.WhichOneof("val")
    if kind is None:
        raise errors.FilterTemplateNoScalar
    if kind == "array_val":
        return _array(value.array_val)
    scalar: Value = getattr(value, kind)
    return scalar


def _array(value: Any) -> list[Value]:
    kind = value.WhichOneof("data")
    if kind is None:
        raise errors.FilterTemplateUnknown(type="<nil>")
    items = getattr(value, kind).data
    if kind == "array_data":
        return [_array(item) for item in items]
    if kind == "json_data":
        return [_json(item) for item in items]
    return [*items]


def _json(text: bytes) -> Value:
    try:
        read = json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise errors.FilterTemplateUnread(problem=str(problem)) from None
    return _known(read)


def _known(value: Any, depth: int = 0) -> Value:
    """A JSON value that the filter language has; an integer beyond 64 bits is a float."""
    if isinstance(value, list):
        if depth == MAX_DEPTH:
            raise errors.Unimplemented(f"a template value of more than {MAX_DEPTH} lists in each other")
        return [_known(item, depth + 1) for item in value]
    if value is None or isinstance(value, dict):
        shown = "<nil>" if value is None else f"map[{' '.join(f'{key}:{value[key]}' for key in sorted(value))}]"
        raise errors.FilterTemplateJson(value=shown, type="<nil>" if value is None else "map[string]interface {}")
    if isinstance(value, int) and not isinstance(value, bool) and not -(2**63) <= value < 2**63:
        return float(value)
    known: Value = value
    return known
