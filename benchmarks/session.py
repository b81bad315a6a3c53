"""What a measuring function is given: the running server, the rows, how much to repeat, and where figures go."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

from benchmarks.client import Client
from benchmarks.dataset import Dataset
from benchmarks.targets import Running

NAME = "bench"
WARM_CALLS = 50
PATIENCE_S = 12.0
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Effort:
    """How many rows, how often, and how long: the figures settle with all three."""

    rows: int
    repeats: int  # of servers: started, filled, indexed
    calls: int  # of one rpc, for a percentile
    throughput_s: float

    @property
    def batches(self) -> int:
        """Of many queries in one call."""
        return max(5, self.calls // 50)


FULL = Effort(rows=100_000, repeats=3, calls=1_000, throughput_s=4.0)
QUICK = Effort(rows=50_000, repeats=1, calls=200, throughput_s=1.0)


@dataclass(slots=True)
class Session:
    """One target's turn. ``figures`` maps a row's key to seconds, a rate, a count or MiB, as the row says."""

    running: Running
    data: Dataset
    effort: Effort
    title: str
    figures: dict[str, float] = field(default_factory=dict)

    @property
    def client(self) -> Client:
        return self.running.client

    @property
    def stores(self) -> bool:
        return self.running.target.stores


def note(text: str) -> None:
    """What is being done, for whoever waits."""
    print(text, file=sys.stderr, flush=True)


def timed(act: Callable[[], Any]) -> float:
    """How many seconds it took."""
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def timed_each(acts: Iterable[Callable[[], Any]]) -> list[float]:
    return [timed(act) for act in acts]


def patiently(acts: Iterable[T]) -> Iterator[T]:
    """As many of them as can be done before patience ends: of a slow server a few answers must do."""
    deadline = time.perf_counter() + PATIENCE_S
    for act in acts:
        yield act
        if time.perf_counter() > deadline:
            return


def settled(took: list[float]) -> list[float]:
    """Without the first calls, which warm up both sides."""
    return took[min(WARM_CALLS, len(took) // 2) :]


def median(values: list[float]) -> float:
    return statistics.median(values)


def p99(values: list[float]) -> float:
    return float(np.percentile(values, 99))
