"""ISO texts and microseconds. Expected values: Go's time package with Milvus 3.0's layouts (pkg/util/timestamptz)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakemilvus import errors
from fakemilvus.timestamptz import extracted, find_timezone, parse, printed

NOON = 1_735_732_800_000_000  # 2025-01-01T12:00:00Z
SHANGHAI = "Asia/Shanghai"


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        ("2025-01-01T12:00:00Z", NOON),
        ("2025-01-01T20:00:00+08:00", NOON),
        ("2025-01-01T04:30:00-07:30", NOON),
        ("2025-01-01 12:00:00Z", NOON),
        ("2025-01-01 20:00:00+08:00", NOON),
        ("2025-01-01 20:00:00+08", NOON),
        ("2025-01-01T12:00:00.1234567Z", NOON + 123_456),
        ("2025-01-01T12:00:00,5Z", NOON + 500_000),
        ("1970-01-01T00:00:00Z", 0),
        ("1969-12-31T23:59:59.999999Z", -1),
        ("0000-01-01T00:00:00Z", -62_167_219_200_000_000),
        ("9999-12-31T23:59:59.999999Z", 253_402_300_799_999_999),
        ("2024-02-29T00:00:00Z", 1_709_164_800_000_000),
    ],
)
def test_texts_with_an_offset(text: str, micros: int) -> None:
    """A text with an offset means the same in every time zone."""
    assert parse(text, "UTC") == parse(text, SHANGHAI) == micros


@pytest.mark.parametrize("text", ["2025-01-01T20:00:00", "2025-01-01 20:00:00", "2025-01-01 20:00:00.0"])
def test_texts_without_an_offset(text: str) -> None:
    """A text without an offset is in the time zone."""
    assert parse(text, SHANGHAI) == NOON
    assert parse(text, "UTC") == NOON + 8 * 3600 * 1_000_000


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2025-01-01",
        "2025-13-01T00:00:00Z",
        "2025-02-29T00:00:00Z",
        "2025-01-01T24:00:00Z",
        "2025-01-01T00:60:00Z",
        "2025-01-01T00:00:60Z",
        "2025-01-01T00:00Z",
        "2025-01-01T00:00:00+08",
        "2025-01-01T00:00:00 +08:00",
        "2025-01-01T00:00:00+08:60",
        "25-01-01T00:00:00Z",
        " 2025-01-01T00:00:00Z",
        "2025-01-01T00:00:00Z\n",
    ],
)
def test_what_is_no_time(text: str) -> None:
    """Dates that are none, other layouts and stray characters are refused."""
    with pytest.raises(errors.TimestampUnreadable) as raised:
        parse(text, "UTC")
    assert raised.value.message == (
        f"invalid timestamp string: '{text}'. Does not match any known format: invalid parameter"
    )


@pytest.mark.parametrize(("offset", "hours"), [("+14:01", 14), ("-12:01", -12), ("+24:00", 24)])
def test_offsets_out_of_range(offset: str, hours: int) -> None:
    """Offsets go from -12:00 to +14:00."""
    parse("2025-01-01T00:00:00+14:00", "UTC")
    parse("2025-01-01T00:00:00-12:00", "UTC")
    with pytest.raises(errors.TimestampOffsetOutOfRange) as raised:
        parse(f"2025-01-01T00:00:00{offset}", "UTC")
    assert raised.value.message == f"UTC offset hour {hours} is out of the valid range [-12, 14]: invalid parameter"


@pytest.mark.parametrize(
    ("micros", "timezone", "text"),
    [
        (NOON, "UTC", "2025-01-01T12:00:00Z"),
        (NOON + 123_000, "UTC", "2025-01-01T12:00:00.123Z"),
        (NOON + 1, SHANGHAI, "2025-01-01T20:00:00.000001+08:00"),
        (NOON, "Europe/London", "2025-01-01T12:00:00Z"),
        (NOON, "America/St_Johns", "2025-01-01T08:30:00-03:30"),
        (-62_167_219_200_000_000, "UTC", "0000-01-01T00:00:00Z"),
        (253_402_300_799_999_999, SHANGHAI, "10000-01-01T07:59:59.999999+08:00"),
    ],
)
def test_printed(micros: int, timezone: str, text: str) -> None:
    """RFC 3339 in the time zone, without trailing zeros; no offset is Z."""
    assert printed(micros, timezone) == text


@given(st.integers(-62_135_596_800_000_000, 253_402_300_799_999_999))
def test_agrees_with_datetime(micros: int) -> None:
    """What is printed is what Python's datetime has, and is read as it was."""
    when = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
    text = printed(micros, "UTC")
    assert datetime.fromisoformat(text) == when
    assert parse(text, SHANGHAI) == micros


def test_parts() -> None:
    """Year to microsecond, in the order asked for, whatever their case."""
    (parts,) = extracted(np.array([NOON + 5]), ["Hour", "year", "microsecond", "minute"], SHANGHAI)
    assert parts.tolist() == [20, 2025, 5, 0]
    with pytest.raises(errors.TimeFieldUnknown):
        extracted(np.array([NOON]), ["week"], "UTC")


@pytest.mark.parametrize("name", ["", "Mars/Base", "../UTC", "/etc/passwd", "Asia"])
def test_names_that_are_no_time_zone(name: str) -> None:
    """What is no IANA name is no time zone, also where it is a path."""
    assert find_timezone(name) is None


@pytest.mark.parametrize(
    ("wall", "zone", "shown"),
    [
        ("2024-03-10T02:30:00", "America/New_York", "2024-03-10T01:30:00-05:00"),
        ("2024-11-03T01:30:00", "America/New_York", "2024-11-03T01:30:00-04:00"),
        ("2024-03-31T02:30:00", "Europe/Berlin", "2024-03-31T03:30:00+02:00"),
        ("2024-10-27T02:30:00", "Europe/Berlin", "2024-10-27T02:30:00+01:00"),
    ],
)
def test_hours_of_summer_time(wall: str, zone: str, shown: str) -> None:
    """Hours that are skipped or come twice are what Go's time.Date makes of them."""
    assert printed(parse(wall, zone), zone) == shown
