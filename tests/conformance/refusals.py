"""What a server refuses, in Milvus' two codes and two texts, and how two versions of Milvus differ in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pytest

Version = tuple[int, ...]
OLD: Version = (2, 3, 5)  # the newest Milvus that these cases were run against
NEW: Version = (3, 0)  # the Milvus that fakemilvus simulates


@dataclass(frozen=True, slots=True)
class Accepted:
    """No refusal at all."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A status that says no. ``text`` may hold {names} of facts, and ``*`` where ids or node names stand.

    detail: where it is not the reason, as 2.3.5 has it for errors that it wrapped.
    input_error: whether ``extra_info`` blames the caller; servers before 3.0 never do.
    since, before: the first version that answers so, and what an older one answers; None is "otherwise, not pinned".
    """

    code: int
    legacy: int
    text: str
    input_error: bool = False
    detail: str | None = None
    since: str = ""
    before: Refusal | Accepted | None = None

    def at(self, version: Version) -> Refusal | Accepted:
        """What a server of this version has to answer; skips the test where nobody said."""
        if not self.since or version >= tuple(int(part) for part in self.since.split(".")):
            return self
        if self.before is None:
            pytest.skip(f"pinned since Milvus {self.since} only")
        return self.before


def invalid(text: str, *, before: Refusal | Accepted | str | None = "the same text, bare", ending: str = "") -> Refusal:
    """Milvus 3.0's invalid parameter, 1100, ``text`` without its ending; 2.3.5 had 65535 and the bare text."""
    if isinstance(before, str):
        before = old(text)
    whole = f"{text}: invalid parameter{ending}"
    return Refusal(1100, 5, whole, input_error=True, since="3.0", before=before)


def missing(text: str, *, before: Refusal | Accepted | str | None = "the same text, bare") -> Refusal:
    """Milvus 3.0's missing parameter, 1101."""
    if isinstance(before, str):
        before = old(text)
    return Refusal(1101, 5, f"{text}: missing parameter", input_error=True, since="3.0", before=before)


def always_invalid(text: str, ending: str = "") -> Refusal:
    """An invalid parameter in 2.3.5 already."""
    return Refusal(1100, 5, f"{text}: invalid parameter{ending}", input_error=True)


def old(text: str, detail: str | None = None) -> Refusal:
    """2.3.5's error without a class."""
    return Refusal(65535, 1, text, detail=detail)


def status_of(response: Any) -> Any:
    """The Status of a response, which may be one itself."""
    return response.status if "status" in response.DESCRIPTOR.fields_by_name else response


def check_accepted(response: Any) -> None:
    """Fails unless the status says success in both codes, and says it by a present but empty message."""
    status = status_of(response)
    assert (status.code, status.error_code, status.detail) == (0, 0, ""), status.reason
    if status is not response:
        assert response.HasField("status")


def check_refused(response: Any, expected: Refusal, version: Version, **facts: Any) -> None:
    """Fails unless the response is refused in exactly these codes and texts."""
    wanted = expected.at(version)
    if isinstance(wanted, Accepted):
        check_accepted(response)
        return
    status = status_of(response)
    assert (status.code, status.error_code) == (wanted.code, wanted.legacy), status.reason
    _check_text(status.reason, wanted.text, facts)
    _check_text(status.detail, wanted.text if wanted.detail is None else wanted.detail, facts)
    blamed = {"is_input_error": "true"} if wanted.input_error and version >= NEW else {}
    assert dict(status.extra_info) == blamed
    assert not status.retriable


def _check_text(given: str, template: str, facts: dict[str, Any]) -> None:
    for name, value in facts.items():
        template = template.replace("{" + name + "}", str(value))
    pattern = ".*".join(re.escape(part) for part in template.split("*"))
    assert re.fullmatch(pattern, given, re.DOTALL), f"{given!r} is not {template!r}"
