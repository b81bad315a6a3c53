"""Tests of a progress bar: what it shows at 40 %, at every step, and when the build fails."""

import pytest
from progress_bar import IndexFailed, bar, follow_index


def test_every_step(fakemilvus, fakemilvus_client, docs, index):
    """The bar moves as rows are counted, and ends when the last one is."""
    fakemilvus.builds.hold_at(fraction=0.4)
    fakemilvus_client.create_index(docs, index, sync=False)
    fakemilvus.builds.wait()
    shown = []

    def show(indexed, total):
        shown.append(bar(indexed, total, width=10))
        if indexed < total:
            fakemilvus.builds.step(300)

    follow_index(fakemilvus_client, docs, "vector", show, poll_s=0)
    assert shown == ["[####------]  40%", "[#######---]  70%", "[##########] 100%"]


def test_failed_build(fakemilvus, fakemilvus_client, docs, index):
    """A build that fails is not waited for."""
    fakemilvus.builds.fail_next("out of memory")
    fakemilvus_client.create_index(docs, index, sync=False)
    fakemilvus.builds.wait()
    with pytest.raises(IndexFailed):
        follow_index(fakemilvus_client, docs, "vector", show=lambda *_: None, poll_s=0)


def test_ends_at_a_hundred_percent(fakemilvus_client, docs, index):
    """Nobody steers here, so this test runs against a real Milvus too."""
    fakemilvus_client.create_index(docs, index, sync=False)
    shown = []
    follow_index(fakemilvus_client, docs, "vector", lambda *rows: shown.append(bar(*rows)), poll_s=0.01)
    assert shown[-1] == bar(1, 1)
