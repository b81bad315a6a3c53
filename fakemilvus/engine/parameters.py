"""The parameters of index kinds: names, types, ranges and defaults, as knowhere declares them.

Values only; ``knowhere`` reads and refuses with them. A parameter whose default is None may be left out and then has no
value; one that is REQUIRED may not.
"""

from __future__ import annotations

from dataclasses import dataclass

REQUIRED = "required"
INT_MAX = 2**31 - 1
FLOAT_MAX = 3.4028234663852886e38
PLAIN, RANGED = 1, 2  # searches for the nearest, and within a radius
BOTH = PLAIN | RANGED


@dataclass(frozen=True, slots=True)
class Parameter:
    """An integer with its range, both ends included; ``low`` None is no range at all.

    ``searches`` says which searches read it, where it belongs to searches.
    """

    name: str
    low: int | None
    high: int
    default: int | str | None
    searches: int = BOTH


@dataclass(frozen=True, slots=True)
class FloatParameter:
    """A number between two, the lower one included and the upper one not; ``low`` None is no range at all."""

    name: str
    low: float | None
    high: float
    default: float | None
    searches: int = BOTH


@dataclass(frozen=True, slots=True)
class ClosedFloatParameter(FloatParameter):
    """A number between two, both included."""


@dataclass(frozen=True, slots=True)
class FlagParameter:
    """True or false."""

    name: str
    default: bool
    searches: int = BOTH


@dataclass(frozen=True, slots=True)
class TextParameter:
    """A text; what it may say is for the check of the kind."""

    name: str
    default: str | None
    searches: int = BOTH


AnyParameter = Parameter | FloatParameter | FlagParameter | TextParameter
