"""A typical unit test through MilvusClient: create with an index and load, insert 100, search, query, delete, drop.

Once as pymilvus waits by itself, and once with fast waits, which change the client alone and so help every server.
"""

from __future__ import annotations

from typing import Any

from pymilvus import DataType, MilvusClient

from benchmarks.session import Session, median, timed, timed_each
from benchmarks.table import Row, seconds
from fakemilvus.fast_waits import fast_waits

NAME = "unit_test"
ROWS_INSERTED, DIM = 100, 32
ROWS: list[Row] = [
    Row("unit_test", "unit test (index, load, insert 100, search, query, delete, drop)", seconds, ""),
    Row("unit_test_fast", "unit test with fast waits", seconds, "20 ms"),
]


def measure(session: Session) -> None:
    if not session.stores:
        return
    client = MilvusClient(f"http://{session.running.address}")
    rows = [{"id": i, "vector": vector[:DIM].tolist()} for i, vector in enumerate(session.data.vectors[:ROWS_INSERTED])]
    with fast_waits():
        warm_s = timed(lambda: _unit_test(client, rows))
        repeats = 20 if warm_s < 1 else 3
        session.figures["unit_test_fast"] = _median(client, rows, repeats)
    session.figures["unit_test"] = _median(client, rows, 3)
    client.close()


def _median(client: Any, rows: list[dict[str, Any]], repeats: int) -> float:
    return median(timed_each(lambda: _unit_test(client, rows) for _ in range(repeats)))


def _unit_test(client: Any, rows: list[dict[str, Any]]) -> None:
    """Raises RuntimeError where an answer is wrong: a figure never measures a test that fails."""
    schema = client.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=DIM)
    index = client.prepare_index_params()
    index.add_index("vector", index_type="AUTOINDEX", metric_type="L2")
    client.create_collection(NAME, schema=schema, index_params=index)
    client.insert(NAME, rows)
    hits = client.search(NAME, [rows[3]["vector"]], limit=5, consistency_level="Strong")[0]
    found = client.query(NAME, "id < 5", output_fields=["id"], consistency_level="Strong")
    client.delete(NAME, ids=[1, 2])
    client.drop_collection(NAME)
    if len(hits) != 5 or hits[0]["id"] != 3 or len(found) != 5:
        raise RuntimeError(f"a wrong answer: {hits}, {found}")


if __name__ == "__main__":
    from benchmarks.compare import print_part

    print_part("unit_test")
