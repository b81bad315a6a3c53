"""Values written into a filter's text."""

from __future__ import annotations

from typing import Any

import pytest

from fakemilvus import errors
from fakemilvus.wire.messages import schema
from fakemilvus.wire.templates import filled


def value(given: Any) -> Any:
    match given:
        case bool():
            return schema.TemplateValue(bool_val=given)
        case int():
            return schema.TemplateValue(int64_val=given)
        case float():
            return schema.TemplateValue(float_val=given)
        case str():
            return schema.TemplateValue(string_val=given)
    made = schema.TemplateValue()
    made.array_val.CopyFrom(array(given))
    return made


def array(items: list[Any]) -> Any:
    made = schema.TemplateArrayValue()
    if items and isinstance(items[0], list):
        made.array_data.data.extend(array(item) for item in items)
    elif items:
        slot = {bool: made.bool_data, int: made.long_data, float: made.double_data, str: made.string_data}
        slot[type(items[0])].data.extend(items)
    return made


@pytest.mark.parametrize(
    ("text", "values", "wanted"),
    [
        ("a > {x}", {"x": 5}, "a > 5"),
        ("a > { x }", {"x": -2.5}, "a > -2.5"),
        ("b == {x} and b != {y}", {"x": True, "y": False}, "b == true and b != false"),
        ("s == {x}", {"x": 'a"b\\c\n中'}, 's == "a\\"b\\\\c\\n中"'),
        ("a in {x}", {"x": [1, 2]}, "a in [1, 2]"),
        ("s in {x}", {"x": ["a", "b"]}, 's in ["a", "b"]'),
        ("a in {x}", {"x": []}, "a in []"),
        ("f({x})", {"x": [[1], [2, 3]]}, "f([[1], [2, 3]])"),
        ("s == '{x}' and t == \"{x}\"", {"x": 1}, "s == '{x}' and t == \"{x}\""),
        ("a > {y}", {"x": 1}, "a > {y}"),
    ],
)
def test_values_are_written_into_the_text(text: str, values: dict[str, Any], wanted: str) -> None:
    """A value takes the place of its name in braces, spelled as a literal; not inside quotes, and not unknown ones."""
    assert filled(text, {name: value(given) for name, given in values.items()}) == wanted


def test_other_kinds_are_refused() -> None:
    """A value of a kind that has no spelling is refused by name."""
    with pytest.raises(errors.Unimplemented, match="bytes_val"):
        filled("a == {x}", {"x": schema.TemplateValue(bytes_val=b"{}")})
