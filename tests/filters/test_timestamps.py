"""TIMESTAMPTZ fields against points in time, moved by intervals or not."""

from __future__ import annotations

import numpy as np
import pytest

from fakemilvus import errors
from fakemilvus.datatypes import Column, DataType
from fakemilvus.filters import compile_filter
from fakemilvus.timestamptz import parse
from tests.filters.making import FakeBatch, fields

FIELDS = fields(ts=DataType.TIMESTAMPTZ)
TEXTS = ["2024-12-31T23:59:59.5Z", "2025-01-01T00:00:00Z", None, "2025-01-31T12:00:00Z", "1969-12-31T23:59:59.5Z"]


def passing(text: str, timezone: str = "UTC", texts: list[str | None] = TEXTS) -> list[int]:
    """The numbers of the rows that pass."""
    micros = np.array([parse(text or "1970-01-01T00:00:00Z", "UTC") for text in texts], np.int64)
    valid = np.array([text is not None for text in texts], np.bool_)
    batch = FakeBatch({"ts": Column(DataType.TIMESTAMPTZ, micros, valid)}, len(texts))
    return np.flatnonzero(compile_filter(text, FIELDS, timezone=timezone).mask(batch)).tolist()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ts == ISO '2025-01-01T00:00:00Z'", [1]),
        ("ts != ISO '2025-01-01T00:00:00Z'", [0, 3, 4]),
        ("ts > ISO '2025-01-01T00:00:00Z'", [3]),
        ("ts >= iso '2025-01-01 00:00:00'", [1, 3]),
        ('ts < ISO "2025-01-01T08:00:00+08:00"', [0, 4]),
        ("ISO '2025-01-01T00:00:00Z' < ts", [3]),
        ("ISO '2025-01-01T00:00:00Z' >= ts", [0, 1, 4]),
        ("ts > ISO '2025-01-01T00:00:00Z' or ts is null", [2, 3]),
        ("not (ts > ISO '2025-01-01T00:00:00Z')", [0, 1, 4]),
        ("ts >= ISO '2024-12-31T00:00:00Z' and ts < ISO '2025-01-31T00:00:00Z'", [0, 1]),
        ("ts in [-500000]", [4]),
        ("-1000000 < ts < 0", [4]),
    ],
)
def test_points_in_time(text: str, expected: list[int]) -> None:
    """A field compares with a point in time from either side; a null neither passes nor fails."""
    assert passing(text) == expected


def test_timezone_of_the_request() -> None:
    """A text without an offset is in the time zone of the request, and both are compiled apart."""
    assert passing("ts == ISO '2025-01-01 08:00:00'", "Asia/Shanghai") == [1]
    assert passing("ts == ISO '2025-01-01 08:00:00'") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ts + INTERVAL 'P1D' > ISO '2025-01-02T00:00:00Z'", [3]),
        ("ts - INTERVAL 'PT1S' == ISO '2024-12-31T23:59:59Z'", [1]),
        ("ts + interval 'P1M' == ISO '2025-03-03T12:00:00Z'", [3]),
        ("ts - INTERVAL 'P1Y2M' == ISO '2023-11-01T00:00:00Z'", [1]),
        ("ts + INTERVAL 'PT0.5S' == ISO '1970-01-01T00:00:00Z'", None),
        ("ts + INTERVAL 'P1Y' == ISO '1970-12-31T23:59:59.5Z'", [4]),
        ("ts + INTERVAL 'P' == ISO '2025-01-01T00:00:00Z'", [1]),
        ("ISO '2025-01-02T00:00:00Z' <= ts + INTERVAL 'P1D'", [1, 3]),
        ("ts - INTERVAL 'P1W' == ISO '1970-01-01T00:00:00Z'", None),
    ],
)
def test_intervals(text: str, expected: list[int] | None) -> None:
    """Years and months follow the calendar, a day beyond the month runs over; fractions and weeks are no duration."""
    if expected is not None:
        assert passing(text) == expected
        return
    with pytest.raises(errors.FilterDuration, match="invalid ISO 8601 duration"):
        passing(text)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("id > ISO '2025-01-01T00:00:00Z'", "field '%!s(<nil>)' is not a timestamptz datatype"),
        ("ISO '2025-01-01T00:00:00Z' > id", "field 'id' is not a timestamptz datatype"),
        ("ISO '2025-01-01T00:00:00Z' > no", "can not translate identifier: no"),
        ("ts > ISO '2025'", "invalid timestamp string: '2025'. Does not match any known format"),
        ("ts > ISO '2025-01-01T00:00:00+20:00'", "UTC offset hour 20 is out of the valid range [-12, 14]"),
        ("ts > '2025-01-01T00:00:00Z'", "comparisons between Timestamptz and VarChar are not supported"),
        ("ts > 5", "comparisons between Timestamptz and Int64 are not supported"),
        ("ts == ts", "comparisons between Timestamptz and Timestamptz are not supported"),
        ("ts + 1 > 5", "'add' cannot perform arithmetic between Timestamptz field and Int64"),
        ("ts > ISO 5", "line 1:9 mismatched input '5' expecting StringLiteral"),
        ("ISO '2025-01-01T00:00:00Z' > 5", "line 1:29 mismatched input '5' expecting Identifier"),
        ("ts + INTERVAL 'P1D' > 5", "line 1:22 mismatched input '5' expecting ISO"),
    ],
)
def test_refusals(text: str, complaint: str) -> None:
    """Nothing but a TIMESTAMPTZ field compares with a point in time, and it with nothing else."""
    with pytest.raises(errors.FilterError) as raised:
        passing(text, texts=[])
    assert complaint in raised.value.message


def test_no_rows() -> None:
    """An empty batch is answered with an empty mask."""
    assert passing("ts + INTERVAL 'P1M' > ISO '2025-01-01T00:00:00Z'", texts=[]) == []
