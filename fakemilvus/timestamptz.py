"""TIMESTAMPTZ: points in time between ISO texts and microseconds since 1970 in UTC, and the time zones beside them.

Reads what Go reads by Milvus' layouts: RFC 3339, the same with a space, whose offset may be hours alone or missing, and
the first without an offset. Years are 0 to 9999. Source: pkg/util/timestamptz and the proxy's util.go, Milvus 3.0.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from fakemilvus import errors
from fakemilvus.datatypes import as_objects

DEFAULT_TIMEZONE = "UTC"
SECOND = 1_000_000
DAY = 86_400 * SECOND

_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)([T ])(\d\d?):(\d\d):(\d\d)(?:[.,](\d+))?(Z|[+-]\d\d(?::\d\d)?)?", re.ASCII | re.DOTALL
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST, _LAST = -62_135_510_400 * SECOND, 253_402_214_400 * SECOND  # what Python's datetime has in every zone
_OFFSET_HOURS = (-12, 14)


@lru_cache(maxsize=1024)
def find_timezone(name: str) -> tzinfo | None:
    """The zone of an IANA name, or None; the empty name is none, as in Milvus."""
    if not name:
        return None
    if name == DEFAULT_TIMEZONE:
        return UTC
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # not found, or no name at all: "..", "/etc"
        return None


def check_timezone(name: str) -> None:
    if find_timezone(name) is None:
        raise errors.TimeZoneInvalid(zone=name)


def timezone_of(properties: Iterable[tuple[str, str]]) -> str:
    """The time zone that a collection shows and reads its timestamps in."""
    return dict(properties).get("timezone") or DEFAULT_TIMEZONE


def parse(text: str, timezone: str) -> int:
    """Microseconds since 1970; a text without an offset is in ``timezone``, a known one.

    Raises TimestampUnreadable or TimestampOffsetOutOfRange.
    """
    found = _ISO.fullmatch(text)
    if found is None:
        raise errors.TimestampUnreadable(text=text)
    year, month, day, separator, hour, minute, second, fraction, offset = found.groups()
    micros = _since_1970(int(year), int(month), int(day)) * DAY
    micros += ((int(hour) * 60 + int(minute)) * 60 + int(second)) * SECOND + int((fraction or "")[:6].ljust(6, "0"))
    short = offset is not None and len(offset) == 3
    if not _is_date(int(year), int(month), int(day)) or int(hour) > 23 or int(minute) > 59 or int(second) > 59:
        raise errors.TimestampUnreadable(text=text)
    if short and separator == "T":
        raise errors.TimestampUnreadable(text=text)
    if offset is None:
        return _from_local(micros, timezone)
    return micros - _offset(offset, text) * SECOND


def parse_all(texts: Iterable[str], timezone: str) -> NDArray[np.int64]:
    """Microseconds of each text, shape (rows,); TimestampInvalid for the first that is none."""
    found: list[int] = []
    for text in texts:
        try:
            found.append(parse(text, timezone))
        except (errors.TimestampUnreadable, errors.TimestampOffsetOutOfRange):
            raise errors.TimestampInvalid(text=text) from None
    return np.array(found, np.int64)


def printed(micros: int, timezone: str) -> str:
    """RFC 3339 in a known time zone, fractions without trailing zeros: ``2025-03-20T18:30:00.5+08:00``."""
    offset = _offset_at(micros, timezone)
    days, rest = divmod(micros + offset * SECOND, DAY)
    seconds, fraction = divmod(rest, SECOND)
    year, month, day = _date(days)
    point = f".{fraction:06}".rstrip("0") if fraction else ""
    clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return f"{year:04}-{month:02}-{day:02}T{clock}{point}{_zone(offset)}"


def extracted(values: NDArray[np.int64], names: Iterable[str], timezone: str) -> NDArray[Any]:
    """The named parts of each point in time in a time zone, one int64 array a row; names are year to microsecond."""
    parts = [_part(name) for name in names]
    rows = []
    for micros in values.tolist():
        days, rest = divmod(micros + _offset_at(micros, timezone) * SECOND, DAY)
        year, month, day = _date(days)
        clock = (rest // (3600 * SECOND), rest // (60 * SECOND) % 60, rest // SECOND % 60, rest % SECOND)
        whole = (year, month, day, *clock)
        rows.append(np.array([whole[part] for part in parts], np.int64))
    return as_objects(rows)


# -- private ---------------------------------------------------------------------------------------------------


def _is_date(year: int, month: int, day: int) -> bool:
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 1 <= month <= 12 and 1 <= day <= (29 if month == 2 and leap else _DAYS[month - 1])


def _since_1970(year: int, month: int, day: int) -> int:
    """Days, in the Gregorian calendar of all times; years begin in March here, so that leap days come last."""
    year -= month <= 2
    era, of_era = divmod(year, 400)
    of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468


def _date(days: int) -> tuple[int, int, int]:
    """The other way."""
    era, of_era = divmod(days + 719_468, 146_097)
    year = (of_era - of_era // 1_460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    shifted = (5 * of_year + 2) // 153
    month = (shifted + 2) % 12 + 1
    return era * 400 + year + (month <= 2), month, of_year - (153 * shifted + 2) // 5 + 1


def _offset(text: str, whole: str) -> int:
    """Seconds of ``Z``, ``+08:00`` or ``-07``."""
    if text == "Z":
        return 0
    hours, minutes = int(text[1:3]), int(text[4:6] or 0)
    if hours > 24 or minutes > 59:
        raise errors.TimestampUnreadable(text=whole)
    seconds = (hours * 60 + minutes) * 60 * (-1 if text[0] == "-" else 1)
    low, high = _OFFSET_HOURS
    if not low * 3600 <= seconds <= high * 3600:
        raise errors.TimestampOffsetOutOfRange(hours=int(seconds / 3600), low=low, high=high)
    return seconds


def _from_local(micros: int, timezone: str) -> int:
    """What a clock on the wall shows, as a point in time."""
    if timezone == DEFAULT_TIMEZONE:
        return micros
    # As Go's time.Date: in an hour that is skipped or comes twice, the offset at about then decides which one it is.
    guess = micros - _offset_at(micros, timezone) * SECOND
    return micros - _offset_at(guess, timezone) * SECOND


def _offset_at(micros: int, timezone: str) -> int:
    """Seconds east of Greenwich at a point in time; beyond Python's years those of the nearest one."""
    if timezone == DEFAULT_TIMEZONE:
        return 0
    clamped = min(max(micros, _FIRST), _LAST)
    offset = (_EPOCH + timedelta(microseconds=clamped)).astimezone(find_timezone(timezone)).utcoffset()
    assert offset is not None
    return int(offset.total_seconds())


def _zone(offset: int) -> str:
    if not offset:
        return "Z"
    hours, minutes = divmod(abs(offset) // 60, 60)
    return f"{'-' if offset < 0 else '+'}{hours:02}:{minutes:02}"


def _part(name: str) -> int:
    place = _PARTS.get(name.lower())
    if place is None:
        raise errors.TimeFieldUnknown(field=name)
    return place


_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_PARTS: Mapping[str, int] = {
    name: place for place, name in enumerate(("year", "month", "day", "hour", "minute", "second", "microsecond"))
}
