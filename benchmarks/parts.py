"""The parts of the benchmark in the order of the page: what each measures, where, and what it needs first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks import (
    building,
    changing,
    filtering,
    full_text,
    hybrid,
    index_kinds,
    inside,
    reading,
    scalar_types,
    scale,
    searching,
    sizes,
    starting,
    texts,
    unit_test,
    vector_types,
    writing,
)
from benchmarks.session import Session
from benchmarks.table import OURS, Figures, Row

MANY_ROWS = 1_000_000


@dataclass(frozen=True, slots=True)
class Part:
    """``measure`` takes its turn on every server; ``alone`` is given the rows and runs in a process of its own."""

    name: str
    title: str
    rows: list[Row]
    measure: Callable[[Session], None] | None = None
    alone: Callable[[int], dict[str, Figures]] | None = None
    needs: tuple[str, ...] = ()
    repeated: bool = False  # on several fresh servers, of which the medians are shown
    faiss: bool = False  # has rows that raw_faiss.py fills


def with_needs(parts: list[Part]) -> list[Part]:
    """These parts and those that must be done before them, in order."""
    wanted = {name for part in parts for name in (part.name, *part.needs)}
    return [part for part in PARTS if part.name in wanted]


def _many(rows: int) -> int:
    return min(MANY_ROWS, 10 * rows)


def _filtering(rows: int) -> dict[str, Figures]:
    return {OURS: filtering.run(_many(rows))}


def _texts(rows: int) -> dict[str, Figures]:
    return {OURS: texts.run(rows)}


def _sizes(rows: int) -> dict[str, Figures]:
    return sizes.run(rows, _many(rows))


def _inside(rows: int) -> dict[str, Figures]:
    return {OURS: inside.run(rows, _many(rows))}


_BUILT = ("writing", "building")
PARTS = [
    Part("starting", "Starting", starting.ROWS, starting.measure, repeated=True),
    Part("unit_test", "A typical unit test", unit_test.ROWS, unit_test.measure),
    Part("scale", "Beside many collections or partitions", scale.ROWS, scale.measure),
    Part("vector_types", "Inserting vectors of every type", vector_types.ROWS, vector_types.measure),
    Part("scalar_types", "Inserting scalars", scalar_types.ROWS, scalar_types.measure),
    Part("changing", "Changing a million rows", changing.ROWS, changing.measure),
    Part("writing", "Writing", writing.ROWS, writing.measure, repeated=True),
    Part("building", "Building an index", building.ROWS, building.measure, None, ("writing",), True, True),
    Part("reading", "Searching and querying", reading.ROWS, reading.measure, needs=_BUILT, faiss=True),
    Part("searching", "Groups and ranges", searching.ROWS, searching.measure, needs=_BUILT),
    Part("hybrid", "Hybrid search", hybrid.ROWS, hybrid.measure),
    Part("full_text", "Full text", full_text.ROWS, full_text.measure),
    Part("texts", "Full text, without the wire", texts.ROWS, alone=_texts),
    Part("kinds", "Kinds of indexes", index_kinds.ROWS, index_kinds.measure, index_kinds.run, _BUILT),
    Part("sizes", "A million rows", sizes.ROWS, alone=_sizes),
    Part("filtering", "Filters", filtering.ROWS, alone=_filtering),
    Part("inside", "In the process of a test", inside.ROWS, alone=_inside),
]
BY_NAME = {part.name: part for part in PARTS}
