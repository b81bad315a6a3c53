"""Filters over 1,000,000 rows: against the numpy expression that computes the same mask, parsed, and by an index.

`python -m benchmarks.filtering ROWS` prints the figures as JSON; compare.py runs it in a fresh process. Ratios are of
medians of runs that take turns, so that a busy machine slows both. Only fakemilvus can be looked into like this.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.client import Client, insert_requests, query_request
from benchmarks.dataset import Dataset, make_dataset
from benchmarks.session import median, note, timed
from benchmarks.table import Row, microseconds, milliseconds, times

REPEATS = 25
GAIN_REPEATS, LOOK_UPS = 5, 20  # a look-up takes microseconds: so many are timed at once
COLD_TEXTS = 200
KEY_QUERIES, KEYS_AT_ONCE = 500, 10
ROWS_PER_CALL = 5_000
DISTINCT = 100_000
LISTED = 10_000

Act = Callable[[], Any]

ROWS: list[Row] = [
    Row("filter_number", "filter: comparison of numbers / numpy", times, "1.5 x"),
    Row("filter_range", "filter: range of numbers / numpy", times, "1.5 x"),
    Row("filter_text", "filter: equality of texts / numpy", times, "2 x"),
    Row("filter_text_in", "filter: `in` of 20 texts / numpy", times, "2 x"),
    Row("filter_cold", "filter: parse and check of a typical one", milliseconds, "0.3 ms"),
    Row("filter_cached", "filter: the same from the cache", microseconds, "5 µs"),
    Row("filter_list", "filter: parse and check of `in` 10,000 integers", milliseconds, "10 ms"),
    Row("indexed_number", "indexed equality of numbers: scan / look-up", times, "20 x", more_is_better=True),
    Row("indexed_text", "indexed equality of texts: scan / look-up", times, "20 x", more_is_better=True),
    Row("indexed_json", "indexed equality of a JSON key: scan / look-up", times, "20 x", more_is_better=True),
    Row("query_keys", "query of 10 rows by key, p50", milliseconds, "1 ms"),
]


def run(rows: int) -> dict[str, float]:
    """The figures, measured in a process of their own."""
    command = [sys.executable, "-m", "benchmarks.filtering", str(rows)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def main() -> None:
    rows = int(sys.argv[1])
    figures: dict[str, float] = {}
    note("  filters over columns")
    segment = _segment(rows)
    _measure_scans(figures, segment)
    _measure_parsing(figures, segment.schema)
    note("  filters by index")
    for key, field, params, text in _INDEXED:
        figures[key] = _gain(segment, field, params, text)
    note("  query by key")
    _serve(lambda client: figures.update(query_keys=_query_keys_s(client, rows)))
    print(json.dumps(figures))


def _segment(rows: int) -> Any:
    """Numbers, texts and documents with so many distinct values."""
    from fakemilvus.datatypes import TEXT_DTYPE, Column, DataType, as_objects
    from fakemilvus.engine.keys import KeyOrder
    from fakemilvus.engine.schema import Field, Schema
    from fakemilvus.engine.segment import Segment

    drawn = np.random.default_rng(3).integers(0, DISTINCT, rows)
    texts = np.array([f"text number {number}" for number in drawn.tolist()], TEXT_DTYPE)
    documents = as_objects([b'{"number": %d, "more": ["a", "b"]}' % number for number in drawn.tolist()])
    columns = {
        "id": Column(DataType.INT64, np.arange(rows)),
        "number": Column(DataType.INT64, drawn),
        "text": Column(DataType.VARCHAR, texts),
        "document": Column(DataType.JSON, documents),
    }
    length = (("max_length", "64"),)
    made = [Field(name, column.type, is_primary=name == "id", type_params=length) for name, column in columns.items()]
    schema = Schema(tuple(made)).with_ids()
    by_id = {field.id: columns[field.name] for field in schema.fields}
    return Segment(1, 1, schema, by_id, np.ones(rows, np.uint64), KeyOrder(), sealed=True)


def _measure_scans(figures: dict[str, float], segment: Any) -> None:
    from fakemilvus.datatypes import TEXT_DTYPE
    from fakemilvus.engine.batch import SegmentBatch

    batch = SegmentBatch(segment, {})
    numbers, texts = batch.column("number").values, batch.column("text").values
    listed = [f"text number {number}" for number in range(20)]
    wanted = np.array(listed, TEXT_DTYPE)
    expressions: dict[str, tuple[str, Act]] = {
        "filter_number": ("number > 50000", lambda: numbers > 50_000),
        "filter_range": ("1000 < number < 2000", lambda: (numbers > 1_000) & (numbers < 2_000)),
        "filter_text": ("text == 'text number 777'", lambda: texts == "text number 777"),
        "filter_text_in": (f"text in {json.dumps(listed)}", lambda: np.isin(texts, wanted)),
    }
    for key, (text, plain) in expressions.items():
        made = _compiled(segment.schema, text)
        ours, theirs = _in_turns(lambda made=made: made.mask(batch), plain)  # type: ignore[misc]
        figures[key] = ours / theirs


def _measure_parsing(figures: dict[str, float], schema: Any) -> None:
    from dataclasses import replace

    def typical(number: int) -> str:
        return f"number > {number} and text like 'text%' and document['number'] in [1, 2, {number}]"

    _compiled(schema, typical(-1))
    cold = [timed(lambda text=text: _compiled(schema, text)) for text in map(typical, range(COLD_TEXTS))]  # type: ignore[misc]
    figures["filter_cold"] = median(cold)
    figures["filter_cached"] = median([timed(lambda: _compiled(schema, typical(1))) for _ in range(COLD_TEXTS)])
    listed = f"number in {list(range(1_000_000, 1_000_000 + LISTED))}"
    figures["filter_list"] = median([timed(lambda: _compiled(replace(schema), listed)) for _ in range(REPEATS)])


_INDEXED: list[tuple[str, str, tuple[tuple[str, str], ...], str]] = [
    ("indexed_number", "number", (("index_type", "INVERTED"),), "number == 777"),
    ("indexed_text", "text", (("index_type", "INVERTED"),), "text == 'text number 777'"),
    (
        "indexed_json",
        "document",
        (("index_type", "INVERTED"), ("json_path", "document['number']"), ("json_cast_type", "DOUBLE")),
        "document['number'] == 777",
    ),
]


def _gain(segment: Any, field: str, params: tuple[tuple[str, str], ...], text: str) -> float:
    """How many times faster the rows that pass are found in the index than by comparing every row."""
    from fakemilvus.engine.index import Index
    from fakemilvus.engine.index_checks import define_index
    from fakemilvus.engine.options import Options
    from fakemilvus.engine.query import matching_rows
    from fakemilvus.engine.scalar_builders import scalar_builder

    asked = define_index(segment.schema, field, "", params, (), Options())
    assert asked is not None
    index = Index(1, asked.name, asked.field, params, asked.kind, "", asked.build_params, created=1)
    builder = scalar_builder(index, segment.columns[asked.field.id])
    builder.add(0, segment.rows)
    indexed, made = segment.with_built(1, builder.finished()), _compiled(segment.schema, text)
    assert (matching_rows(indexed, made, {field: (index,)}) == matching_rows(segment, made, {})).all()

    def look_up() -> None:
        for _ in range(LOOK_UPS):
            matching_rows(indexed, made, {field: (index,)})

    looked_up, scanned = _in_turns(look_up, lambda: matching_rows(segment, made, {}), GAIN_REPEATS)
    assert indexed.built[1].look_ups
    return scanned / looked_up * LOOK_UPS


def _query_keys_s(client: Client, rows: int) -> float:
    """The median of calls with different keys."""
    data = make_dataset(min(rows, 100_000))
    _fill(client, "keys", data)
    random = np.random.default_rng(5)
    requests = [
        query_request("keys", f"id in {random.integers(0, len(data.vectors), KEYS_AT_ONCE).tolist()}")
        for _ in range(KEY_QUERIES)
    ]
    for request in requests[:50]:
        client.call("Query", request)
    return median([timed(lambda request=request: client.call("Query", request)) for request in requests])  # type: ignore[misc]


def _fill(client: Client, name: str, data: Dataset) -> None:
    from benchmarks.client import index_request

    client.create(name)
    for request in insert_requests(name, data, ROWS_PER_CALL):
        client.call("Insert", request)
    client.flush(name)
    client.call("CreateIndex", index_request(name))
    client.load(name)


def _serve(act: Callable[[Client], None]) -> None:
    from fakemilvus import FakeMilvus

    with FakeMilvus() as server:
        client = Client(server.uri.removeprefix("http://"))
        act(client)
        client.close()


def _compiled(schema: Any, text: str) -> Any:
    from fakemilvus.filters import compile_filter

    return compile_filter(text, schema.filterable)


def _in_turns(one: Act, other: Act, repeats: int = REPEATS) -> tuple[float, float]:
    """The medians of both."""
    took = [(timed(one), timed(other)) for _ in range(repeats)]
    return median([first for first, _ in took]), median([second for _, second in took])


if __name__ == "__main__":
    main()
