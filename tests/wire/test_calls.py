"""The call log: what it keeps, how it is asked, and what it prints when an assertion fails."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from fakemilvus import FakeMilvus
from fakemilvus.wire import arrays
from fakemilvus.wire.calls import KEPT_CALLS, CallLog, RecordedCall, summary
from fakemilvus.wire.messages import common, milvus, schema


def call(request: Any, rpc: str = "Search", code: int = 0, encoded_bytes: int = 0) -> RecordedCall:
    return RecordedCall(
        rpc, "default", "peer", 0.0, 0.001, code, "why" if code else "", "OK", summary(request, encoded_bytes)
    )


def log_of(*calls: RecordedCall) -> CallLog:
    log = CallLog()
    for one in calls:
        log.record(one)
    return log


def test_request_is_decoded() -> None:
    """Numbers stay numbers, enums are named, pairs are a dict."""
    request = milvus.SearchRequest(
        collection_name="a", nq=2**40, consistency_level=common.ConsistencyLevel.Value("Bounded")
    )
    request.search_params.add(key="topk", value="3")
    assert call(request).request == {
        "collection_name": "a",
        "nq": 2**40,
        "consistency_level": "Bounded",
        "search_params": {"topk": "3"},
    }


def test_large_arrays_are_summaries() -> None:
    """Of a large request only the shape and type of its arrays is kept."""
    request = milvus.InsertRequest(collection_name="a", num_rows=5_000)
    vectors = request.fields_data.add(field_name="v", type=schema.DataType.Value("FloatVector")).vectors
    arrays.fill_floats(vectors.float_vector, np.zeros(5_000 * 8, np.float32))
    (field,) = call(request, encoded_bytes=10**6).request["fields_data"]
    assert field["vectors"] == {"float_vector": {"data": "float32 x 40000"}}


def test_calls_of_an_rpc() -> None:
    """Calls are found by rpc, glob and fields."""
    log = log_of(
        call(milvus.SearchRequest(collection_name="a")),
        call(milvus.SearchRequest(collection_name="b")),
        call(milvus.QueryRequest(collection_name="a"), "Query"),
    )
    assert len(log.of("Search")) == 2
    assert len(log.of("*", collection_name="a")) == 2
    assert log.assert_called("Search", collection_name="b", times=1) == [log[1]]
    log.assert_not_called("Search", collection_name="c")


def test_failing_assertion_prints_what_came_close() -> None:
    """The nearest calls are printed, with what differs."""
    log = log_of(
        call(milvus.SearchRequest(collection_name="b", nq=1)), call(milvus.SearchRequest(collection_name="a", nq=2))
    )
    with pytest.raises(AssertionError) as raised:
        log.assert_called("Search", collection_name="a", nq=1, dsl="x > 1")
    text = str(raised.value)
    assert "saw it 0 times" in text
    assert "collection_name is 'b', wanted 'a'" in text
    assert "nq is 2, wanted 1" in text
    assert "dsl is not set, wanted 'x > 1'" in text


def test_failing_assertion_names_the_rpcs() -> None:
    """Where the rpc was never called, those that were are named."""
    log = log_of(call(milvus.QueryRequest(), "Query"))
    with pytest.raises(AssertionError, match="rpcs that were called: Query"):
        log.assert_called("Search")


def test_unexpected_call_is_printed() -> None:
    """assert_not_called prints the calls, with their outcome."""
    log = log_of(call(milvus.SearchRequest(collection_name="a"), code=101))
    with pytest.raises(AssertionError, match=r"Search\(collection_name='a'\) -> 101 why"):
        log.assert_not_called("Search")


def test_log_forgets_the_oldest() -> None:
    """The log keeps the last 10,000 calls."""
    log = log_of(*(call(milvus.SearchRequest(nq=n)) for n in range(KEPT_CALLS + 5)))
    assert (len(log), log[0].request["nq"]) == (KEPT_CALLS, 5)


def test_server_records_outcomes(fakemilvus: FakeMilvus, fakemilvus_client: Any) -> None:
    """Code, reason, caller and duration of a stock client's call are recorded."""
    with pytest.raises(Exception, match="nope"):
        fakemilvus_client.describe_collection("nope")
    (recorded,) = fakemilvus.calls.assert_called("DescribeCollection", collection_name="nope")
    assert (recorded.code, recorded.status, recorded.succeeded) == (100, "OK", False)
    assert recorded.client.startswith("ipv4:127.0.0.1:")
    assert recorded.duration_s > 0
    assert recorded.started > 1_600_000_000


@pytest.mark.parametrize(
    ("status", "code", "level"), [("OK", 0, "DEBUG"), ("OK", 101, "INFO"), ("UNIMPLEMENTED", 0, "WARNING")]
)
def test_calls_are_logged(status: str, code: int, level: str, caplog: pytest.LogCaptureFixture) -> None:
    """What is not built is logged as a warning, a refusal as information, any other call for debugging."""
    caplog.set_level("DEBUG", "fakemilvus")
    log_of(RecordedCall("Search", "default", "peer", 0.0, 0.0, code, "why", status, {}))
    assert [(record.levelname, record.name) for record in caplog.records] == [(level, "fakemilvus")]
