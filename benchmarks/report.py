"""What a run found, as a file of JSON holds it: where and when, each target's figures, and how long each part took."""

from __future__ import annotations

import dataclasses
import json
import os
import platform
import time
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benchmarks.table import Column, Figures

PACKAGES = ["fakemilvus", "faiss-cpu", "numpy", "grpcio", "protobuf", "pymilvus"]


@dataclass(slots=True)
class Report:
    """``columns`` by the target's key, in the order of the table; ``took_s`` by the part's name, over all targets."""

    machine: str
    date: str
    rows: int
    dim: int
    columns: dict[str, Column] = field(default_factory=dict)
    took_s: dict[str, float] = field(default_factory=dict)

    @classmethod
    def of_today(cls, rows: int, dim: int) -> Report:
        return cls(_machine(), time.strftime("%Y-%m-%d"), rows, dim)

    @classmethod
    def read(cls, path: Path) -> Report:
        held: dict[str, Any] = json.loads(path.read_text())
        columns = {key: Column(**column) for key, column in held.pop("columns").items()}
        return cls(**held, columns=columns)

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(dataclasses.asdict(self), indent=1) + "\n")

    def add(self, key: str, title: str, figures: Figures) -> None:
        """More figures of a target, which may have some already."""
        held = self.columns.get(key, Column(key, title, {}))
        self.columns[key] = Column(key, title, held.figures | figures)

    def took(self, part: str, took_s: float) -> None:
        self.took_s[part] = self.took_s.get(part, 0.0) + took_s

    def describe(self) -> str:
        peers = [self.columns[key].title for key in ("milvus", "lite") if key in self.columns]
        return f"{', '.join([self.machine, *peers])}; {self.rows:,} x {self.dim} clustered vectors; {self.date}"


def package_version(package: str) -> str:
    """Nothing where it is not installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _machine() -> str:
    packages = ", ".join(f"{name} {package_version(name)}".rstrip() for name in PACKAGES)
    return f"{os.cpu_count()} cores of {_cpu()}, {platform.system()}, Python {platform.python_version()}, {packages}"


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
