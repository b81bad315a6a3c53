"""Template values: decoded from their messages, and refused where Milvus has no use for them."""

from __future__ import annotations

from typing import Any

import pytest

from fakemilvus import errors
from fakemilvus.wire.messages import schema
from fakemilvus.wire.templates import decode_templates

PLAN = ": query plan failed"


def scalar(given: Any) -> Any:
    slots = {bool: "bool_val", int: "int64_val", float: "float_val", str: "string_val"}
    return schema.TemplateValue(**{slots[type(given)]: given})


def listed(items: list[Any], slot: str) -> Any:
    made = schema.TemplateValue()
    getattr(made.array_val, slot).data.extend(items)
    return made


def nested(*rows: list[int]) -> Any:
    made = schema.TemplateValue()
    for row in rows:
        made.array_val.array_data.data.add().long_data.data.extend(row)
    return made


def decoded(value: Any) -> Any:
    given = decode_templates({"x": value})
    assert given is not None
    return given()["x"]


@pytest.mark.parametrize("given", [True, 5, -2.5, 'a"b\\c\n中', ""])
def test_scalars(given: Any) -> None:
    """A scalar comes as it was sent, in its type."""
    assert decoded(scalar(given)) == given
    assert type(decoded(scalar(given))) is type(given)


@pytest.mark.parametrize(
    ("items", "slot"),
    [
        ([True, False], "bool_data"),
        ([1, -(2**63)], "long_data"),
        ([1.0, 2.5], "double_data"),
        (["a", ""], "string_data"),
        ([], "long_data"),
    ],
)
def test_lists(items: list[Any], slot: str) -> None:
    """A list of each kind comes as a list."""
    assert decoded(listed(items, slot)) == items or not items


def test_nested_lists() -> None:
    """Lists of lists come as they are."""
    assert decoded(nested([1], [2, 3])) == [[1], [2, 3]]


def test_json_items() -> None:
    """Items of a list may be JSON of different kinds; an integer beyond 64 bits is a float."""
    given = listed([b"1", b"2.5", b'"a"', b"true", b"[1, [2]]", b"9223372036854775808"], "json_data")
    assert decoded(given) == [1, 2.5, "a", True, [1, [2]], 9223372036854775808.0]


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        (schema.TemplateValue(), "expression elements can only be scalars" + PLAN),
        (listed([b"null"], "json_data"), "<nil> is of unknown type: <nil>" + PLAN),
        (listed([b'{"a": 1}'], "json_data"), "map[a:1] is of unknown type: map[string]interface {}" + PLAN),
        (
            schema.TemplateValue(array_val=schema.TemplateArrayValue()),
            "unknown template variable value type: <nil>" + PLAN,
        ),
    ],
)
def test_refused(value: Any, complaint: str) -> None:
    """What is neither a constant nor a list of constants is refused in Milvus' words."""
    with pytest.raises(errors.FilterError) as caught:
        decoded(value)
    assert caught.value.message == complaint


def test_broken_json_is_refused() -> None:
    """An item that is no JSON is refused."""
    with pytest.raises(errors.FilterTemplateUnread):
        decoded(listed([b"{"], "json_data"))


def test_nothing_given() -> None:
    """A request without values has none to decode."""
    assert decode_templates({}) is None


def test_deep_json_is_refused_by_name() -> None:
    """Lists in lists without end are nothing that Python reads, so that there is a bound."""
    with pytest.raises(errors.Unimplemented, match="lists in each other"):
        decoded(listed([b"[" * 500 + b"]" * 500], "json_data"))
    assert decoded(listed([b"[[[1]]]"], "json_data")) == [[[[1]]]]
