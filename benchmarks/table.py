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


def markdown(rows: Iterable[Row], columns: list[Column]) -> str:
    """The table; rows that nobody filled are left out."""
    ours = next((column.figures for column in columns if column.key == OURS), {})
    lines = [
        _line(["what", *(column.title for column in columns), "wanted"]),
        _line(["---"] * (len(columns) + 2)),
    ]
    for row in rows:
        if any(row.key in column.figures for column in columns):
            cells = [_cell(row, column, ours) for column in columns]
            lines.append(_line([row.what, *cells, row.wanted]))
    return "\n".join(lines)


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
