"""Selectors: which builds a rule is about, by the names of collection, field and index.

A selector knows names only. A name may be a glob (``docs_*``, ``?``, ``[ab]``); what is not given selects all.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TypedDict

ALL = "*"


@dataclass(frozen=True, slots=True)
class Subject:
    """The names of what a rule may be about: one index of one collection.

    ``other`` is a second name of the index, if it has one: clients find it by both.
    """

    collection: str
    field: str
    index: str
    other: str = ""


class Where(TypedDict, total=False):
    """The keywords by which every verb that steers builds selects them."""

    collection: str
    field: str
    index: str


@dataclass(frozen=True, slots=True)
class Selector:
    """Names or globs; ValueError for one that is empty or no text."""

    collection: str = ALL
    field: str = ALL
    index: str = ALL

    def __post_init__(self) -> None:
        for name in _PARTS:
            given = getattr(self, name)
            if not isinstance(given, str) or not given:
                raise ValueError(f"{name}= takes a name or a glob such as 'docs_*', not {given!r}")

    def selects(self, subject: Subject) -> bool:
        names = [subject.index, subject.other] if subject.other else [subject.index]
        return (
            fnmatchcase(subject.collection, self.collection)
            and fnmatchcase(subject.field, self.field)
            and any(fnmatchcase(name, self.index) for name in names)
        )

    def covers(self, other: Selector) -> bool:
        """Whether whatever the other selects is selected by this one too; False where that takes thought."""
        return all(getattr(self, name) in (ALL, getattr(other, name)) for name in _PARTS)

    def meets(self, other: Selector) -> bool:
        """Whether both may select the same build; of two globs, only if one matches the other's text."""
        return all(_overlap(getattr(self, name), getattr(other, name)) for name in _PARTS)

    def __str__(self) -> str:
        given = [f"{name}={getattr(self, name)!r}" for name in _PARTS if getattr(self, name) != ALL]
        return ", ".join(given)


def _overlap(one: str, other: str) -> bool:
    return fnmatchcase(one, other) or fnmatchcase(other, one)


_PARTS = ("collection", "field", "index")
