"""What a filter may name, and the rows that it is evaluated over: the two things a caller brings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from fakemilvus.datatypes import Column, DataType, Mask

if TYPE_CHECKING:
    from fakemilvus.filters.compiled import Filter
    from fakemilvus.filters.matches import Matches

DYNAMIC_FIELD = "$meta"  # where names that no field has are looked up as keys


@dataclass(frozen=True, eq=False)
class Fields:
    """What a filter may name: the stored fields with their types, the primary key, and whether unknown names are
    keys of the dynamic field. One per schema; compiled filters are cached on it by text and
    time zone.
    """

    types: Mapping[str, DataType]
    dynamic: bool
    primary: str
    compiled: dict[tuple[str, str], Filter] = field(default_factory=dict)
    matched: frozenset[str] = frozenset()  # the text fields whose terms may be asked for
    elements: Mapping[str, DataType] = field(default_factory=dict)  # what the values of an ARRAY field are made of


class TextIndex(Protocol):
    """What knows where the terms of a text column stand; each answers a mask of every row."""

    def matching(self, text: str, minimum: int = 1) -> Mask: ...

    def nearly_matching(self, text: str, edits: int) -> Mask: ...

    def with_phrase(self, text: str, slop: int) -> Mask: ...


class Batch(Protocol):
    """Rows as a filter sees them."""

    rows: int

    def column(self, name: str) -> Column: ...

    def find(self, name: str, operator: str, value: object) -> Mask | None:
        """The rows of a whole field that compare so, from a scalar index; None when there is none that can tell."""
        ...

    def look_up(self, name: str, path: tuple[str, ...], operator: str, value: object) -> Matches | None:
        """The same, for what stands at a path of a JSON field too, with what is known of it."""
        ...

    def text_index(self, name: str) -> TextIndex:
        """The terms of a text field that may be matched."""
        ...
