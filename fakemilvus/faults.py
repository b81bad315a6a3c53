"""Faults on demand: which rpc of which client goes wrong, how often, and how.

A ``Fault`` says where and when, its effect says what happens. Nothing here knows the wire: the dispatcher asks
``Faults.due`` before and after an rpc's work and carries the effect out.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from fakemilvus import errors

# -- what happens ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Effect:
    """What a fault does to an rpc; the subclasses are all there are."""


@dataclass(frozen=True, slots=True)
class Abort(Effect):
    """A gRPC status instead of an answer; the rpc does no work. ``status`` is the name of a grpc.StatusCode.

    pymilvus tries again after most of them, for minutes after UNAVAILABLE or INTERNAL.
    """

    status: str = "UNAVAILABLE"
    details: str = "injected by a fault"


@dataclass(frozen=True, slots=True)
class Fail(Effect):
    """An answer whose status is an error; the rpc does no work. ``legacy`` is the old error_code of the same status."""

    reason: str = "injected by a fault"
    code: int = 65535
    legacy: int = 1
    retriable: bool = False


@dataclass(frozen=True, slots=True)
class Delay(Effect):
    """The answer comes later, by ``seconds`` and up to ``jitter_s`` more, on the server's clock."""

    seconds: float
    jitter_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Hang(Effect):
    """No answer until the client's deadline, or until the server stops. At most 28 rpcs hang at a time."""


@dataclass(frozen=True, slots=True)
class LoseReply(Effect):
    """The work is done, but instead of the answer comes a gRPC status, as when a connection breaks meanwhile."""

    status: str = "UNAVAILABLE"
    details: str = "the reply was lost by a fault; the work was done"


@dataclass(frozen=True, slots=True)
class Disconnect(Effect):
    """The client's connection is cut, before any work; whatever else it waits for on that connection is cut too."""


def not_ready() -> Fail:
    """What Milvus answers while it starts: code 1, retriable."""
    return Fail("service not ready[Proxy=1]: Initializing", code=1, legacy=56, retriable=True)


def rate_limited(rate: float = 0) -> Fail:
    """What Milvus answers above a rate limit: code 8, which pymilvus tries again."""
    return Fail(
        f"request is rejected by limiter: rate limit exceeded[rate={rate:g}]", code=8, legacy=49, retriable=True
    )


# -- when it happens -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Fault:
    """A rule: an effect, and the rpcs that it befalls.

    rpc: name or glob, such as "Search", "*Index" or "*".
    collection: name or glob of the request's collection; None for any rpc, with a collection or without.
    client: glob of the caller's token, such as "user:password", or of its peer, such as "ipv4:127.0.0.1:*".
    metadata: gRPC metadata that the request has to carry, each value a glob.
    skip, first, every: of the rpcs that match, pass over so many, then befall at most so many, one in ``every``.
    probability: of befalling one that is due, under the server's seed.
    optional: whether the rule may stay unused; an unused rule fails the test that added it otherwise.
    """

    rpc: str
    effect: Effect
    collection: str | None = None
    client: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    skip: int = 0
    first: int | None = None
    every: int = 1
    probability: float = 1.0
    optional: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.effect, Effect):
            raise TypeError(f"a fault takes an effect such as Fail(...), not {self.effect!r}")
        if self.skip < 0 or self.every < 1 or (self.first is not None and self.first < 1):
            raise ValueError("skip must be at least 0, every and first at least 1")
        if not 0 < self.probability <= 1:
            raise ValueError(f"a probability lies above 0 and at most at 1, not at {self.probability}")


@dataclass(frozen=True, slots=True)
class Caller:
    """What an rpc shows of itself to the rules."""

    rpc: str
    collections: Sequence[str]
    token: str
    peer: str
    metadata: Mapping[str, str]


class Rule:
    """A fault that was added: how often it matched and befell, and a way to take it back."""

    def __init__(self, fault: Fault, owner: Faults) -> None:
        self.fault = fault
        self.matched = 0
        self.hits = 0
        self._owner = owner

    def remove(self) -> None:
        """Takes the rule back; twice is no error."""
        self._owner.remove(self)

    def __enter__(self) -> Rule:
        return self

    def __exit__(self, *exc: object) -> None:
        self.remove()

    def __str__(self) -> str:
        return f"{self.fault}, which {self.matched} calls matched and {self.hits} met"


class Faults:
    """The rules of one server, in the order in which they were added; the first that is due befalls."""

    def __init__(self, seed: int = 0) -> None:
        self._lock = threading.Lock()  # guards everything below
        self._rules: tuple[Rule, ...] = ()
        self._unused: list[Rule] = []
        self._random = random.Random(seed)

    def add(self, fault: Fault) -> Rule:
        """Puts a rule into force; it is a context manager that takes it back."""
        rule = Rule(fault, self)
        with self._lock:
            self._rules = (*self._rules, rule)
        return rule

    def remove(self, rule: Rule) -> None:
        with self._lock:
            if rule in self._rules:
                self._rules = tuple(other for other in self._rules if other is not rule)
                if not rule.hits and not rule.fault.optional:
                    self._unused.append(rule)

    def unused(self) -> list[Rule]:
        """The rules, in force or taken back, that were meant to be used and never were."""
        with self._lock:
            return [*self._unused, *(rule for rule in self._rules if not rule.hits and not rule.fault.optional)]

    def clear(self) -> None:
        """Takes every rule back and forgets them."""
        with self._lock:
            self._rules = ()
            self._unused.clear()

    def reseed(self, seed: int) -> None:
        with self._lock:
            self._random.seed(seed)

    def __len__(self) -> int:
        return len(self._rules)

    def due(self, caller: Caller) -> Effect | None:
        """The effect that befalls this rpc, which counts as one of those that matched."""
        with self._lock:
            for rule in self._rules:
                if _matches(rule.fault, caller) and self._locked_count(rule):
                    return rule.fault.effect
        return None

    def jittered(self, delay: Delay) -> float:
        """How long this delay lasts, in seconds."""
        with self._lock:
            return delay.seconds + (self._random.random() * delay.jitter_s if delay.jitter_s else 0.0)

    def _locked_count(self, rule: Rule) -> bool:
        """Counts a match; whether it befalls."""
        fault = rule.fault
        rule.matched += 1
        if rule.matched <= fault.skip or (rule.matched - fault.skip - 1) % fault.every:
            return False
        if fault.first is not None and rule.hits >= fault.first:
            return False
        if fault.probability < 1 and self._random.random() >= fault.probability:
            return False
        rule.hits += 1
        return True


def _matches(fault: Fault, caller: Caller) -> bool:
    if not fnmatchcase(caller.rpc, fault.rpc):
        return False
    if fault.collection is not None and not any(fnmatchcase(name, fault.collection) for name in caller.collections):
        return False
    if fault.client is not None and not (
        fnmatchcase(caller.token, fault.client) or fnmatchcase(caller.peer, fault.client)
    ):
        return False
    return all(fnmatchcase(caller.metadata.get(key, ""), value) for key, value in fault.metadata.items())


def error(refusal: errors.MilvusError) -> Fail:
    """The effect of answering with one of Milvus' own refusals."""
    return Fail(refusal.message, refusal.code, refusal.legacy, refusal.retriable)
