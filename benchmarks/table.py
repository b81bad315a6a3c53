"""One table in Markdown: a row per figure, a column per target, and the ratio of ours to a peer beside the peer's."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

Figures = dict[str, float]


def seconds(value: float) -> str:
    if value >= 0.1:
        return f"{value:.2f} s"
    return milliseconds(value)


def milliseconds(value: float) -> str:
    text = f"{value * 1000:.2f}" if value < 0.01 else f"{value * 1000:.0f}"
    return f"{text} ms"


def microseconds(value: float) -> str:
    return f"{value * 1_000_000:.1f} µs"


def per_second(value: float) -> str:
    return f"{value:,.0f}/s"


def count(value: float) -> str:
    return f"{value:.0f}"


def share(value: float) -> str:
    return f"{value:.3f}"


def times(value: float) -> str:
    return f"{value:.2f} x"


def mib(value: float) -> str:
    return f"{value:.0f} MiB"


@dataclass(frozen=True, slots=True)
class Row:
    """One figure: where a session keeps it, what it is called, how it is printed, and what is wanted of ours."""

    key: str
    what: str
    show: Callable[[float], str]
    wanted: str
    more_is_better: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """One target's figures."""

    key: str
    title: str
    figures: Figures


OURS = "fakemilvus"


ORDER = [OURS, "faiss", "grpc", "milvus", "lite"]


def tables(groups: Iterable[tuple[str, list[Row]]], columns: list[Column]) -> str:
    """A table for each group under its title; groups that nobody filled are left out."""
    made = [(title, markdown(rows, columns)) for title, rows in groups]
    return "\n\n".join(f"## {title}\n\n{table}" for title, table in made if table)


def markdown(rows: Iterable[Row], columns: list[Column]) -> str:
    """The table: rows and columns that have no figure are left out; nothing at all where there is none."""
    filled = [row for row in rows if any(row.key in column.figures for column in columns)]
    shown = [column for column in columns if any(row.key in column.figures for row in filled)]
    if not filled:
        return ""
    shown.sort(key=lambda column: ORDER.index(column.key))
    ours = next((column.figures for column in shown if column.key == OURS), {})
    head = ["what", "wanted", *(column.title for column in shown)]
    body = [[row.what, row.wanted, *(_cell(row, column, ours) for column in shown)] for row in filled]
    return "\n".join(map(_line, [head, ["---"] * len(head), *body]))


def _cell(row: Row, column: Column, ours: Figures) -> str:
    if row.key not in column.figures:
        return ""
    value = column.figures[row.key]
    text = row.show(value)
    if column.key == OURS or row.key not in ours or not value:
        return text
    return f"{text} ({ours[row.key] / value:.2g} x)"


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
