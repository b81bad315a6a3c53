"""Writing: insert in calls of 5,000 rows, one after the other, and the flush that ends them."""

from __future__ import annotations

from benchmarks.client import insert_requests
from benchmarks.session import NAME, Session, timed
from benchmarks.table import Row, per_second, seconds

ROWS_PER_CALL = 5_000
ROWS: list[Row] = [
    Row("insert", "insert, rows/s at 5,000 a call", per_second, "400,000, or 2.5 x Milvus", more_is_better=True),
    Row("flush", "flush", seconds, "10 ms"),
]


def measure(session: Session) -> None:
    """Fills the collection that the later parts work on."""
    if not session.stores:
        return
    client = session.client
    requests = insert_requests(NAME, session.data, ROWS_PER_CALL)
    client.create(NAME)
    insert_s = timed(lambda: [client.call("Insert", request) for request in requests])
    session.figures |= {"insert": session.data.rows / insert_s, "flush": timed(lambda: client.flush(NAME))}


if __name__ == "__main__":
    from benchmarks.compare import print_part

    print_part("writing")
