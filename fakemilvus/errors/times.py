"""What is refused of points in time."""

from __future__ import annotations

from fakemilvus.errors.core import ParameterInvalid


class TimestampUnreadable(ParameterInvalid):
    template = "invalid timestamp string: '{text}'. Does not match any known format: invalid parameter"


class TimestampOffsetOutOfRange(ParameterInvalid):
    template = "UTC offset hour {hours} is out of the valid range [{low}, {high}]: invalid parameter"


class TimestampInvalid(ParameterInvalid):
    """Whatever is wrong with the text of a row, Milvus blames the time zone."""

    template = (
        "got invalid timestamptz string '{text}': invalid timezone name; must be a valid IANA Time Zone ID "
        "(e.g., 'Asia/Shanghai' or 'UTC'): invalid parameter"
    )


class TimestampsNotTexts(ParameterInvalid):
    template = "timestamptz field data must be a string array: invalid parameter"


class TimeFieldUnknown(ParameterInvalid):
    template = "unsupported field for extraction: {field}, fields should be seprated by ',' or ' ': invalid parameter"
