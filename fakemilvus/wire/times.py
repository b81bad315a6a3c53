"""How a request wants points in time: TIMESTAMPTZ columns between ISO texts on the wire and microseconds in the engine.

A request may name a time zone, or parts of the time instead of texts; where it names no zone the collection's counts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from fakemilvus.datatypes import TEXT_DTYPE, Column, DataType
from fakemilvus.engine.schema import Field, Pairs
from fakemilvus.timestamptz import check_timezone, extracted, parse_all, printed, timezone_of


@dataclass(frozen=True, slots=True)
class Times:
    """``timezone`` is empty where the request names none; ``parts`` are the time fields that it wants, if any."""

    timezone: str = ""
    parts: tuple[str, ...] = ()

    def within(self, properties: Pairs) -> Times:
        """The same in the collection's time zone, unless the request named one."""
        return self if self.timezone else replace(self, timezone=timezone_of(properties))

    def shown(self, field: Field, column: Column) -> tuple[Field, Column]:
        """A TIMESTAMPTZ column as it is answered: texts, or arrays of the parts. Any other column stays."""
        if field.type is not DataType.TIMESTAMPTZ:
            return field, column
        if self.parts:
            arrays = Column(DataType.ARRAY, extracted(column.values, self.parts, self.timezone), column.valid)
            return replace(field, type=DataType.ARRAY, element_type=DataType.INT64), arrays
        texts = np.array([printed(micros, self.timezone) for micros in column.values.tolist()], TEXT_DTYPE)
        return field, Column(field.type, texts, column.valid)


def decode_times(pairs: Mapping[str, str], *, empty_is_none: bool) -> Times:
    """Raises TimeZoneInvalid. A query takes an empty time zone for none, a search refuses it."""
    timezone = pairs.get("timezone", "")
    if timezone or ("timezone" in pairs and not empty_is_none):
        check_timezone(timezone)
    return Times(timezone, tuple(re.findall("[^, ]+", pairs.get("time_fields", ""))))


def read_timestamps(column: Column, timezone: str) -> Column:
    """The texts of an insert as microseconds; TimestampInvalid for the first that is no time."""
    micros = np.zeros(len(column), np.int64)
    sent = np.ones(len(column), np.bool_) if column.valid is None else column.valid
    micros[sent] = parse_all(column.values[sent].tolist(), timezone)
    return Column(column.type, micros, column.valid)
