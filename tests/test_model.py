"""A collection against a plain dictionary: random schemas, rows, partitions, writes, flushes, merges and indexes.

Everything goes through a stock client. After each run of writes, queries, counts and exact searches have to answer what
the dictionary says. Coordinates are small integers, so that distances are exact and every tie is one.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from pymilvus import DataType, MilvusClient

from fakemilvus import FakeMilvus
from fakemilvus.fast_waits import fast_waits

SEEDS = range(24)
STEPS = 30
DIM = 4
Row = dict[str, Any]
Judge = Callable[[Row], bool | None]


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of field: what it is declared with, and a random value of it."""

    type: DataType
    make: Callable[[random.Random], Any]
    params: dict[str, Any] = field(default_factory=dict)


KINDS = {
    "flag": Kind(DataType.BOOL, lambda choose: choose.random() < 0.5),
    "tiny": Kind(DataType.INT8, lambda choose: choose.randint(-9, 9)),
    "short": Kind(DataType.INT16, lambda choose: choose.randint(-9, 9)),
    "middle": Kind(DataType.INT32, lambda choose: choose.randint(-9, 9)),
    "number": Kind(DataType.INT64, lambda choose: choose.randint(-9, 9)),
    "single": Kind(DataType.FLOAT, lambda choose: choose.randint(-40, 40) / 4),
    "double": Kind(DataType.DOUBLE, lambda choose: choose.randint(-40, 40) / 4),
    "text": Kind(DataType.VARCHAR, lambda choose: choose.choice("abc") * choose.randint(0, 3), {"max_length": 8}),
    "doc": Kind(DataType.JSON, lambda choose: {"a": choose.randint(0, 9), "b": [choose.random() < 0.5, None, "é"]}),
    "many": Kind(
        DataType.ARRAY,
        lambda choose: [choose.randint(0, 5) for _ in range(choose.randint(0, 3))],
        {"element_type": DataType.INT64, "max_capacity": 4},
    ),
}

NUMBERS = ("tiny", "short", "middle", "number", "single", "double")
INDEXES: list[dict[str, Any]] = [
    {"index_type": "FLAT", "metric_type": "L2"},
    {"index_type": "IVF_FLAT", "metric_type": "L2", "params": {"nlist": 4}},
    {"index_type": "AUTOINDEX", "metric_type": "L2"},
]


@pytest.fixture(scope="module")
def server() -> Iterator[FakeMilvus]:
    """Small segments, all of them really indexed."""
    with FakeMilvus(segment_rows=50, min_index_rows=8) as made, fast_waits(made.uri):
        yield made


class Model:
    """A collection and the dictionary that says what must be in it: rows by key, and the partition of each key."""

    def __init__(self, client: MilvusClient, name: str, choose: random.Random) -> None:
        self.client, self.name, self.choose = client, name, choose
        self.rows: dict[Any, Row] = {}
        self.partition: dict[Any, str] = {}
        self.partitions = ["_default"]
        self.text_keys = choose.random() < 0.4
        self.fields = sorted(choose.sample(sorted(KINDS), choose.randint(1, 6)))
        self.nullable = {name for name in self.fields if choose.random() < 0.5}
        self.dynamic = choose.random() < 0.5
        self.exact = choose.choice(INDEXES)
        self._next = 0
        self._create()

    def _create(self) -> None:
        schema = self.client.create_schema(enable_dynamic_field=self.dynamic)
        key: dict[str, Any] = (
            {"datatype": DataType.VARCHAR, "max_length": 16} if self.text_keys else {"datatype": DataType.INT64}
        )
        schema.add_field("id", is_primary=True, **key)
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=DIM)
        for name in self.fields:
            schema.add_field(name, KINDS[name].type, nullable=name in self.nullable, **KINDS[name].params)

        index = self.client.prepare_index_params()
        index.add_index("vector", **self.exact)
        self.client.create_collection(
            self.name,
            schema=schema,
            index_params=index,
            consistency_level="Strong",
            num_shards=self.choose.choice((1, 2)),
        )

    # -- writes ----------------------------------------------------------------------------------------------------

    def insert(self) -> None:
        partition = self.choose.choice(self.partitions)
        rows = [self._row(self._fresh_key()) for _ in range(self.choose.randint(1, 40))]
        assert self.client.insert(self.name, rows, partition_name=partition)["insert_count"] == len(rows)
        self._note(rows, partition)

    def upsert(self) -> None:
        partition = self.choose.choice(self.partitions)
        there = [key for key in self.rows if self.partition[key] == partition]
        keys = self.choose.sample(there, min(len(there), self.choose.randint(0, 10)))
        rows = [self._row(key) for key in [*keys, *(self._fresh_key() for _ in range(3))]]
        assert self.client.upsert(self.name, rows, partition_name=partition)["upsert_count"] == len(rows)
        self._note(rows, partition)

    def delete(self) -> None:
        keys = self.choose.sample(sorted(self.rows), min(len(self.rows), self.choose.randint(0, 15)))
        keys.append(self._fresh_key())
        self.client.delete(self.name, ids=keys)
        self._forget(keys)

    def delete_by_filter(self) -> None:
        text, judge = self._filter()
        self.client.delete(self.name, filter=text)
        self._forget([key for key, row in self.rows.items() if judge(row)])

    def flush(self) -> None:
        self.client.flush(self.name)

    def compact(self) -> None:
        """Starts one, and mostly goes on while it runs."""
        job = self.client.compact(self.name)
        if self.choose.random() < 0.3:
            while self.client.get_compaction_state(job) != "Completed":
                pass

    def create_partition(self) -> None:
        if len(self.partitions) < 4:
            self.partitions.append(f"part{len(self.partitions)}")
            self.client.create_partition(self.name, self.partitions[-1])

    def create_scalar_index(self) -> None:
        name = self.choose.choice(self.fields)
        if name in ("doc", "many", "flag"):
            return
        index = self.client.prepare_index_params()
        index.add_index(name, index_type=self.choose.choice(("INVERTED", "STL_SORT", "AUTOINDEX")), index_name=name)
        if name not in self.client.list_indexes(self.name):
            self.client.create_index(self.name, index)

    # -- checks ----------------------------------------------------------------------------------------------------

    def check(self) -> None:
        text, judge = self._filter()
        chosen = self.choose.sample(self.partitions, self.choose.randint(1, len(self.partitions)))
        for filter_text, wanted in (("", lambda row: True), (text, judge)):
            expected = {key: row for key, row in self.rows.items() if wanted(row)}
            inside = {key: row for key, row in expected.items() if self.partition[key] in chosen}
            assert self._count(filter_text) == len(expected), filter_text
            assert self._count(filter_text, chosen) == len(inside), filter_text
            found = self.client.query(self.name, filter=filter_text, output_fields=["*"], limit=16_384)
            assert [self._plain(row) for row in found] == [expected[key] for key in sorted(expected)], filter_text
            self._check_search(filter_text, expected, None)
            self._check_search(filter_text, inside, chosen)

    def _count(self, text: str, partitions: list[str] | None = None) -> int:
        (row,) = self.client.query(self.name, filter=text, output_fields=["count(*)"], partition_names=partitions)
        return int(row["count(*)"])

    def _check_search(self, text: str, expected: dict[Any, Row], partitions: list[str] | None) -> None:
        query = self._vector()
        near = sorted((_distance(row["vector"], query), key) for key, row in expected.items())[:10]
        params = {"params": {"nprobe": 64, "ef": 4_096}}
        (hits,) = self.client.search(
            self.name, [query], filter=text, limit=10, search_params=params, partition_names=partitions
        )
        assert [(hit["distance"], hit["id"]) for hit in hits] == near, (text, self.exact)

    def _plain(self, row: Row) -> Row:
        return {
            name: list(value) if name in ("vector", "many") and value is not None else value
            for name, value in row.items()
        }

    # -- random parts ----------------------------------------------------------------------------------------------

    def _fresh_key(self) -> Any:
        self._next += 1
        number = (self._next * 7_919) % 100_003
        return f"k{number:06}" if self.text_keys else number

    def _row(self, key: Any) -> Row:
        row = {"id": key, "vector": self._vector()}
        for name in self.fields:
            null = name in self.nullable and self.choose.random() < 0.3
            row[name] = None if null else KINDS[name].make(self.choose)
        if self.dynamic and self.choose.random() < 0.7:
            row["extra"] = self.choose.randint(0, 9)
        return row

    def _vector(self) -> list[float]:
        return [float(self.choose.randint(-3, 3)) for _ in range(DIM)]

    def _note(self, rows: list[Row], partition: str) -> None:
        for row in rows:
            self.rows[row["id"]] = row
            self.partition[row["id"]] = partition

    def _forget(self, keys: list[Any]) -> None:
        for key in keys:
            self.rows.pop(key, None)
            self.partition.pop(key, None)

    def _filter(self, depth: int = 2) -> tuple[str, Judge]:
        """A filter and what it says of a row: True, False, or None where it is unknown."""
        if depth and self.choose.random() < 0.5:
            (left, judge), (right, other) = self._filter(depth - 1), self._filter(depth - 1)
            if self.choose.random() < 0.3:
                return f"not ({left})", lambda row: None if judge(row) is None else not judge(row)
            if self.choose.random() < 0.5:
                return f"({left}) and ({right})", lambda row: _and(judge(row), other(row))
            return f"({left}) or ({right})", lambda row: _or(judge(row), other(row))
        return self._leaf()

    def _leaf(self) -> tuple[str, Judge]:
        numbers = [name for name in self.fields if name in NUMBERS]
        bound = self.choose.randint(-9, 9)
        leaves: list[tuple[str, Judge]] = [self._key_leaf()]
        if numbers:
            name = self.choose.choice(numbers)
            leaves.append((f"{name} < {bound}", lambda row: None if row[name] is None else row[name] < bound))
            leaves.append(
                (f"{name} in [1, 2, {bound}]", lambda row: None if row[name] is None else row[name] in (1, 2, bound))
            )
        if "text" in self.fields:
            leaves.append(("text like 'a%'", lambda row: None if row["text"] is None else row["text"].startswith("a")))
        if self.nullable:
            nullable = self.choose.choice(sorted(self.nullable))
            leaves.append((f"{nullable} is null", lambda row: row[nullable] is None))
        return self.choose.choice(leaves)

    def _key_leaf(self) -> tuple[str, Judge]:
        keys = self.choose.sample(sorted(self.rows), min(len(self.rows), 5))
        return f"id in {keys}", lambda row: row["id"] in keys


ACTS: list[tuple[int, Callable[[Model], None]]] = [
    (8, Model.insert),
    (4, Model.upsert),
    (4, Model.delete),
    (1, Model.delete_by_filter),
    (4, Model.flush),
    (3, Model.compact),
    (1, Model.create_partition),
    (1, Model.create_scalar_index),
]


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_stored_is_what_was_written(server: FakeMilvus, seed: int) -> None:
    """Queries, counts and searches answer what a dictionary would, whatever was written, merged and indexed."""
    choose = random.Random(seed)
    client = MilvusClient(server.uri)
    model = Model(client, f"model_{seed}", choose)
    weights, acts = zip(*ACTS, strict=True)
    for step in range(STEPS):
        choose.choices(acts, weights)[0](model)
        if step % 5 == 4:
            model.check()
    server.builds.wait(collection=model.name)
    model.check()
    client.drop_collection(model.name)
    client.close()
    assert not server.bugs


def _distance(one: list[float], other: list[float]) -> float:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))


def _and(one: bool | None, other: bool | None) -> bool | None:
    return False if one is False or other is False else None if one is None or other is None else True


def _or(one: bool | None, other: bool | None) -> bool | None:
    return True if one is True or other is True else None if one is None or other is None else False
