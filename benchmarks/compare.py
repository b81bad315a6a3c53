"""The same work on fakemilvus and its peers in one run: a table in Markdown for each part, and the machine.

Servers run one after the other, each alone on the machine. Peers run only where they are installed: Milvus as
`milvus-server` on the PATH or in MILVUS_SERVER, milvus-lite if it can be imported. `--json FILE` keeps the figures, of
which `python -m benchmarks.page FILE` makes docs/benchmarks.md and README's table.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import grpc

from benchmarks import raw_faiss
from benchmarks.client import Refused
from benchmarks.dataset import DIM, Dataset, make_dataset
from benchmarks.parts import BY_NAME, PARTS, Part, with_needs
from benchmarks.report import Report, package_version
from benchmarks.session import FULL, QUICK, Effort, Session, median, note
from benchmarks.table import OURS, Figures, tables
from benchmarks.targets import TARGETS, NotStarted, Running, Target

TITLES = {"faiss": "raw FAISS"} | {target.key: target.name for target in TARGETS}


def main(arguments: Sequence[str] | None = None) -> None:
    options = _parse(arguments)
    effort = QUICK if options.quick else FULL
    data = make_dataset(options.rows or effort.rows)
    report = Report.of_today(data.rows, DIM)
    if options.add and options.json.exists():
        report = Report.read(options.json)
    run = _Run(report, options.json, [part for part in PARTS if part.name in options.only], data, effort)
    run.measure_all({key for key in options.targets if key not in options.without})
    print(report.describe() + ". In brackets: fakemilvus' figure / this one.\n")
    print(tables([(part.title, part.rows) for part in run.parts], list(report.columns.values())))
    note("seconds: " + ", ".join(f"{name} {took_s:.0f}" for name, took_s in report.took_s.items()))
    if run.failed:
        sys.exit("failed: " + ", ".join(run.failed))


def print_part(part: str) -> None:
    """One file's table; what has to be done first is done and not shown."""
    main(["--only", part])


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rows and repeats; the figures are rough")
    parser.add_argument("--rows", type=int, help="vectors, instead of 100,000 (50,000 with --quick)")
    parser.add_argument("--only", type=_Names(BY_NAME), default=list(BY_NAME), help=f"parts: {', '.join(BY_NAME)}")
    parser.add_argument(
        "--targets", type=_Names(TITLES), default=list(TITLES), help=f"what to run: {', '.join(TITLES)}"
    )
    parser.add_argument("--without", type=_Names(TITLES), default=[], help="targets to leave out")
    parser.add_argument("--json", type=Path, help="write the figures to this file too, after every step")
    parser.add_argument("--add", action="store_true", help="keep the figures that the file has already")
    options = parser.parse_args(arguments)
    if options.add and not options.json:
        parser.error("--add needs --json")
    return options


class _Names:
    """A list with commas between, of these."""

    def __init__(self, known: Iterable[str]) -> None:
        self.known = list(known)

    def __call__(self, text: str) -> list[str]:
        names = text.split(",")
        unknown = [name for name in names if name not in self.known]
        if unknown:
            raise argparse.ArgumentTypeError(f"there is no {', '.join(unknown)}")
        return names


class _Run:
    """What is measured, and where figures go; ``failed`` names the parts of ours that broke."""

    def __init__(self, report: Report, path: Path | None, parts: list[Part], data: Dataset, effort: Effort) -> None:
        self.report, self.path = report, path
        self.parts, self.data, self.effort = parts, data, effort
        self.failed: list[str] = []

    def measure_all(self, keys: set[str]) -> None:
        if "faiss" in keys and any(part.faiss for part in self.parts):
            note("raw FAISS")
            self._keep("faiss", TITLES["faiss"], raw_faiss.measure(self.data, self.effort))
        for target in TARGETS:
            if target.key in keys and target.installed() and any(part.measure for part in self.parts):
                self._measure_server(target)
        if OURS in keys:
            self._measure_alone(keys)

    def _keep(self, key: str, title: str, figures: Figures) -> None:
        self.report.add(key, title, figures)
        if self.path:
            self.report.write(self.path)

    def _measure_server(self, target: Target) -> None:
        try:
            title, figures = self._medians(target)
        except NotStarted as failure:
            if target.key == OURS:
                raise
            note(f"  left out: {failure}")
        else:
            self._keep(target.key, title, figures)

    def _medians(self, target: Target) -> tuple[str, Figures]:
        """Medians over several fresh servers; on the last is done what takes longest, once."""
        note(target.name)
        target.start().stop()  # warms the file cache
        needed = [part for part in with_needs(self.parts) if part.measure]
        again = [part for part in needed if part.repeated] if any(part.repeated for part in self.parts) else []
        runs = [self._session(target, again) for _ in range(self.effort.repeats - 1)] if again else []
        runs.append(self._session(target, needed))
        keys = dict.fromkeys(key for run in runs for key in run.figures)
        figures = {key: median([run.figures[key] for run in runs if key in run.figures]) for key in keys}
        return runs[-1].title, figures

    def _session(self, target: Target, parts: list[Part]) -> Session:
        """A server of its own for each; a part that is refused leaves its rows empty and says so."""
        with target.start() as running:
            session = Session(running, self.data, self.effort, _title(running))
            for part in parts:
                note(f"  {part.name}")
                self._turn(part, session)
        note("  " + ", ".join(f"{key} {value:.4g}" for key, value in session.figures.items()))
        return session

    def _turn(self, part: Part, session: Session) -> None:
        assert part.measure
        started = time.perf_counter()
        try:
            part.measure(session)
        except (Refused, TimeoutError, grpc.RpcError) as refusal:
            note(f"  refused: {str(refusal)[:300]}")
            if session.running.target.key == OURS:
                self.failed.append(part.name)
        self.report.took(part.name, time.perf_counter() - started)

    def _measure_alone(self, keys: set[str]) -> None:
        for part in self.parts:
            if part.alone:
                note(f"{part.name}, in a process of its own")
                started = time.perf_counter()
                try:
                    found = part.alone(self.data.rows)
                except subprocess.CalledProcessError:
                    self.failed.append(part.name)
                    continue
                self.report.took(part.name, time.perf_counter() - started)
                for key in keys & set(found):
                    self._keep(key, TITLES[key] if key != OURS else _name(OURS), found[key])


def _title(running: Running) -> str:
    target = running.target
    if target.key == "milvus":
        return f"Milvus {running.client.version().removeprefix('v').removesuffix('-lite')}"
    return _name(target.name) if target.stores else target.name


def _name(package: str) -> str:
    return f"{package} {package_version(package)}".rstrip()


if __name__ == "__main__":
    main()
