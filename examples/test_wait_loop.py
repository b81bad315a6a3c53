"""Tests of a wait loop: what users met in Milvus, replayed to ``follow_index`` of progress_bar.py."""

import pytest
from progress_bar import IndexFailed, follow_index


@pytest.fixture
def wait(fakemilvus_client, docs, index):
    """Builds the index and waits for it; returns the rows that were shown on the way."""

    def wait(timeout_s=30.0):
        fakemilvus_client.create_index(docs, index, sync=False)
        shown = []
        follow_index(fakemilvus_client, docs, "vector", lambda *rows: shown.append(rows), 0.001, timeout_s)
        return shown

    return wait


def test_finished_is_not_the_end(fakemilvus, wait):
    """Milvus says Finished while freshly flushed rows are pending; only pending rows tell the truth."""
    fakemilvus.builds.script("finished-while-pending")
    assert wait() == [(0, 1_000), (0, 1_000), (0, 1_000), (1_000, 1_000)]


def test_counters_that_fall(fakemilvus, wait):
    """A build that is tried again begins at 0, so a bar must be able to go back."""
    fakemilvus.builds.script("retried")
    assert [indexed for indexed, _ in wait()] == [0, 500, 0, 500, 1_000]


def test_never_ends(fakemilvus, wait):
    """A build that its worker cannot do is tried for ever: a wait needs an end of its own."""
    fakemilvus.builds.script("never-ends")
    with pytest.raises(TimeoutError, match="1000 rows"):
        wait(timeout_s=0.05)


def test_fails(fakemilvus, wait):
    """A build that has failed is not waited for."""
    fakemilvus.builds.script("fails", reason="disk is full")
    with pytest.raises(IndexFailed):
        wait()


def test_some_polls_later(fakemilvus, wait):
    """A build that is finished at the fifth look, without a clock and without luck."""
    fakemilvus.builds.mode(after_describes=5)
    assert [indexed for indexed, _ in wait()] == [0, 0, 0, 0, 1_000]


def test_any_milvus(wait):
    """Nobody steers here, so this test runs against a real Milvus too."""
    assert wait()[-1] == (1_000, 1_000)
