"""Parameters that are texts, read as Go reads them."""

from __future__ import annotations

import pytest

from fakemilvus import errors
from fakemilvus.wire.parameters import decode_int, read_int


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7", 7),
        ("-7", -7),
        ("+7", 7),
        ("0x1F", 31),
        ("0b11", 3),
        ("0o17", 15),
        ("017", 15),
        ("-010", -8),
        ("1_000", 1000),
    ],
)
def test_integers(text: str, value: int) -> None:
    """A prefix names the base, a 0 in front means octal."""
    assert read_int(text) == value


@pytest.mark.parametrize(
    "text", ["", " 7", "7 ", "7.0", "1e3", "08", "\u0663", "9223372036854775808", "9" * 5_000, "0x", "--1"]
)
def test_no_integers(text: str) -> None:
    """Anything else is refused, as are spaces, other digits than ASCII's and numbers beyond 64 bits."""
    with pytest.raises(errors.ParameterNotReadable):
        decode_int({"limit": text}, "limit")
