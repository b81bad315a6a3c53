"""The same work on fakemilvus and its peers in one run: one table in Markdown, with the machine it ran on.

Servers run one after the other, each alone on the machine. Peers run only where they are installed: Milvus as
`milvus-server` on the PATH or in MILVUS_SERVER, milvus-lite if it can be imported.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import grpc

from benchmarks import (
    building,
    changing,
    filtering,
    inside,
    raw_faiss,
    reading,
    scalar_types,
    scale,
    starting,
    texts,
    unit_test,
    vector_types,
    writing,
)
from benchmarks.client import Refused
from benchmarks.dataset import Dataset, make_dataset
from benchmarks.session import FULL, QUICK, Effort, Session, median, note
from benchmarks.table import OURS, Column, Figures, Row, markdown
from benchmarks.targets import TARGETS, NotStarted, Running, Target

PARTS = {
    "starting": starting,
    "unit_test": unit_test,
    "scale": scale,
    "vector_types": vector_types,
    "scalar_types": scalar_types,
    "changing": changing,
    "writing": writing,
    "building": building,
    "reading": reading,
}
PART_ROWS: dict[str, list[Row]] = {name: part.ROWS for name, part in PARTS.items()} | {
    "filtering": filtering.ROWS,
    "inside": inside.ROWS,
    "texts": texts.ROWS,
}
NEEDS = {"building": ["writing"], "reading": ["writing", "building"]}
KEYS = ["faiss", *(target.key for target in TARGETS)]
PACKAGES = ["fakemilvus", "pymilvus", "faiss-cpu", "numpy", "grpcio", "protobuf"]
RESET_ROWS = 1_000_000


def main(arguments: Sequence[str] | None = None) -> None:
    options = _parse(arguments)
    effort = QUICK if options.quick else FULL
    wanted = [part for part in PART_ROWS if part in options.parts]
    data = make_dataset(options.rows or effort.rows)
    columns = _measure_all(set(options.only) - set(options.without), wanted, data, effort)
    if options.json:
        options.json.write_text(json.dumps({column.title: column.figures for column in columns}, indent=1) + "\n")
    print(_machine(data))
    print()
    print(markdown([row for part in wanted for row in PART_ROWS[part]], columns))


def print_part(part: str) -> None:
    """One file's table; what has to be done first is done and not shown."""
    main(["--parts", part])


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rows and repeats; the figures are rough")
    parser.add_argument("--rows", type=int, help="vectors, instead of 100,000 (50,000 with --quick)")
    parser.add_argument("--only", nargs="+", choices=KEYS, default=KEYS, help="targets to run")
    parser.add_argument("--without", nargs="+", choices=KEYS, default=[], help="targets to leave out")
    parser.add_argument("--parts", nargs="+", choices=list(PART_ROWS), default=list(PART_ROWS), help="rows to print")
    parser.add_argument("--json", type=Path, help="write the figures to this file too")
    return parser.parse_args(arguments)


def _measure_all(keys: set[str], parts: list[str], data: Dataset, effort: Effort) -> list[Column]:
    columns = []
    if "faiss" in keys and {"building", "reading"} & set(parts):
        note("raw FAISS")
        columns.append(Column("faiss", "raw FAISS", raw_faiss.measure(data, effort)))
    if set(parts) <= {"inside", "filtering", "texts"}:
        keys &= {OURS}
    for target in TARGETS:
        if target.key in keys and target.installed():
            try:
                columns.append(_measure(target, parts, data, effort))
            except NotStarted as failure:
                if target.key == OURS:
                    raise
                note(f"  left out: {failure}")
    return columns


def _measure(target: Target, parts: list[str], data: Dataset, effort: Effort) -> Column:
    """One server's column: medians over several fresh servers; only the last is read from, which takes longest."""
    note(target.name)
    target.start().stop()  # warms the file cache
    needed = _with_needs(parts)
    brief = [part for part in needed if part != "reading"]
    runs = [_run(target, brief, data, effort) for _ in range(effort.repeats - 1)] if brief else []
    runs.append(_run(target, needed, data, effort))
    figures = _medians([session.figures for session in runs])
    if target.key == OURS and "inside" in parts:
        figures |= inside.run(data.rows, min(RESET_ROWS, data.rows * 10))
    if target.key == OURS and "filtering" in parts:
        figures |= filtering.run(min(RESET_ROWS, data.rows * 10))
    if target.key == OURS and "texts" in parts:
        figures |= texts.run(data.rows)
    return Column(target.key, runs[-1].title, figures)


def _run(target: Target, parts: list[str], data: Dataset, effort: Effort) -> Session:
    """A server of its own for each; a part that is refused leaves its rows empty and says so."""
    with target.start() as running:
        session = Session(running, data, effort, _title(running))
        for part in parts:
            note(f"  {part}")
            try:
                PARTS[part].measure(session)
            except (Refused, TimeoutError, grpc.RpcError) as refusal:
                note(f"  refused: {refusal}")
    note("  " + ", ".join(f"{key} {value:.4g}" for key, value in session.figures.items()))
    return session


def _medians(runs: list[Figures]) -> Figures:
    keys = dict.fromkeys(key for run in runs for key in run)
    return {key: median([run[key] for run in runs if key in run]) for key in keys}


def _with_needs(parts: list[str]) -> list[str]:
    needed = {need for part in parts for need in [part, *NEEDS.get(part, [])]}
    return [part for part in PARTS if part in needed]


def _title(running: Running) -> str:
    target = running.target
    if target.key == "milvus":
        return f"Milvus {running.client.version().removeprefix('v')}"
    return f"{target.name} {_version(target.name)}".rstrip() if target.stores else target.name


def _machine(data: Dataset) -> str:
    packages = ", ".join(f"{name} {_version(name)}".rstrip() for name in PACKAGES)
    return (
        f"{os.cpu_count()} cores of {_cpu()}, {platform.system()}, Python {platform.python_version()}, {packages}; "
        f"{data.rows:,} x {data.vectors.shape[1]} clustered vectors. In brackets: fakemilvus' figure / this one."
    )


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


if __name__ == "__main__":
    main()
