"""management: /healthz, and the probe behind it."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from fakemilvus import FakeMilvus
from fakemilvus.management import Management
from fakemilvus.wire.probe import Probe


class Question:
    """What the management port asks; a test sets the answer."""

    answer = True

    def __call__(self) -> bool:
        return self.answer


@pytest.fixture
def question() -> Question:
    return Question()


@pytest.fixture
def management(question: Question) -> Iterator[Management]:
    started = Management("127.0.0.1", 0, question)
    yield started
    started.stop()


def get(management: Management, path: str, method: str = "GET") -> tuple[int, str]:
    request = urllib.request.Request(f"http://127.0.0.1:{management.port}{path}", method=method)
    try:
        with urllib.request.urlopen(request) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_healthy(management: Management) -> None:
    """/healthz is 200 and OK while rpcs are answered."""
    assert get(management, "/healthz") == (200, "OK")


def test_unhealthy(management: Management, question: Question) -> None:
    """/healthz is 503 while rpcs are not answered, and asks anew each time."""
    question.answer = False
    assert get(management, "/healthz")[0] == 503
    question.answer = True
    assert get(management, "/healthz")[0] == 200


def test_head(management: Management) -> None:
    """HEAD has the status without the text."""
    assert get(management, "/healthz", "HEAD") == (200, "")


def test_query_string(management: Management) -> None:
    """A query behind the path changes nothing."""
    assert get(management, "/healthz?verbose") == (200, "OK")


def test_elsewhere(management: Management) -> None:
    """Every other path is 404."""
    assert get(management, "/metrics")[0] == 404


def test_taken_port(management: Management, question: Question) -> None:
    """A taken port is an OSError."""
    with pytest.raises(OSError, match="in use"):
        Management("127.0.0.1", management.port, question)


def test_stop_frees_the_port(question: Question) -> None:
    """A stopped management port can be taken again at once."""
    first = Management("127.0.0.1", 0, question)
    first.stop()
    Management("127.0.0.1", first.port, question).stop()


def test_probe() -> None:
    """The probe sees a server that answers, and that it does not any more once it has stopped."""
    server = FakeMilvus().start()
    probe = Probe(f"127.0.0.1:{server.port}")
    assert probe.answers(timeout_s=10)
    server.stop()
    assert not probe.answers(timeout_s=1)
    probe.close()


def test_probe_nobody() -> None:
    """The probe of an address where nobody listens answers false."""
    probe = Probe("127.0.0.1:1")
    assert not probe.answers(timeout_s=1)
    probe.close()
