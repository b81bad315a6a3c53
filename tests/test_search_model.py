"""Random searches against a plain ranking in numpy: types, metrics, index kinds, filters, partitions, pages and groups.

Everything goes through a stock client, over rows that grow, are flushed, indexed, deleted and replaced. Coordinates are
small numbers, so distances are exact; where every row is compared many are equal, and come by primary key.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from pymilvus import DataType, Function, FunctionType, MilvusClient

from fakemilvus import FakeMilvus
from fakemilvus.fast_waits import fast_waits

SEEDS = range(34)  # each subject twice
SEARCHES = 8
DIM = 8
Row = dict[str, Any]
Measure = Callable[["Model", Any, Any], float | None]


@dataclass(frozen=True, slots=True)
class Subject:
    """What is searched: a type, a metric and an index; ``settled`` says that the order of all hits is known: equal ones
    come by primary key, or there are none.
    """

    type: DataType
    metric: str
    index: str
    params: dict[str, Any]
    make: Callable[[random.Random], Any]
    measure: Measure
    larger_is_better: bool = False
    settled: bool = True
    plain: Callable[[Any], Any] = lambda vector: vector


@pytest.fixture(scope="module")
def server() -> Iterator[FakeMilvus]:
    """Small segments, all of them really indexed."""
    with FakeMilvus(segment_rows=60, min_index_rows=8) as made, fast_waits(made.uri):
        yield made


@pytest.mark.parametrize("seed", SEEDS)
def test_searches_rank_as_numpy_does(server: FakeMilvus, seed: int) -> None:
    """The hits, their distances and their order are those of comparing with every living row that passes."""
    choose = random.Random(seed)
    client = MilvusClient(server.uri)
    model = Model(client, f"searched_{seed}", SUBJECTS[seed % len(SUBJECTS)], choose)
    for _ in range(6):
        choose.choice((model.insert, model.insert, model.upsert, model.delete, model.flush))()
        if choose.random() < 0.4:
            server.builds.wait(collection=model.name)
        for _ in range(SEARCHES):
            model.check()
    client.drop_collection(model.name)
    client.close()
    assert not server.bugs


class Model:
    """A collection and the rows that must be in it, by key; ``texts`` are all that were ever written."""

    def __init__(self, client: MilvusClient, name: str, subject: Subject, choose: random.Random) -> None:
        self.client, self.name, self.subject, self.choose = client, name, subject, choose
        self.rows: dict[Any, Row] = {}
        self.texts: list[str] = []
        self.text_keys = choose.random() < 0.3
        self.nullable = subject.metric != "BM25" and choose.random() < 0.4
        self._next = 0
        self._create()
        self.insert()

    def _create(self) -> None:
        schema = self.client.create_schema()
        key = DataType.VARCHAR if self.text_keys else DataType.INT64
        schema.add_field("id", key, is_primary=True, max_length=16)
        dim = {} if self.subject.type is DataType.SPARSE_FLOAT_VECTOR else {"dim": DIM}
        bm25 = self.subject.metric == "BM25"
        schema.add_field("v", self.subject.type, nullable=self.nullable, **dim)
        schema.add_field("text", DataType.VARCHAR, max_length=200, enable_analyzer=True, enable_match=True)
        schema.add_field("n", DataType.INT64, nullable=True)
        if bm25:
            schema.add_function(Function("terms", FunctionType.BM25, ["text"], ["v"]))
        index = self.client.prepare_index_params()
        params = dict(self.subject.params)
        index.add_index("v", index_type=self.subject.index, metric_type=self.subject.metric, params=params)
        shards = self.choose.choice((1, 2))
        self.client.create_collection(
            self.name, schema=schema, index_params=index, consistency_level="Strong", num_shards=shards
        )
        self.client.create_partition(self.name, "part")

    # -- writes ----------------------------------------------------------------------------------------------------

    def insert(self) -> None:
        self._write(self.client.insert, [self._fresh_key() for _ in range(self.choose.randint(1, 60))])

    def upsert(self) -> None:
        known = self.choose.sample(sorted(self.rows), min(len(self.rows), 8))
        self._write(self.client.upsert, [*known, self._fresh_key()])

    def delete(self) -> None:
        for key in self.choose.sample(sorted(self.rows), min(len(self.rows), self.choose.randint(1, 25))):
            self.client.delete(self.name, ids=[key])
            del self.rows[key]

    def flush(self) -> None:
        self.client.flush(self.name)

    def _write(self, how: Callable[..., Any], keys: list[Any]) -> None:
        known = {self.rows[key]["partition"] for key in keys if key in self.rows}
        if len(known) > 1:  # an upsert stays in its partition
            keys = [key for key in keys if key not in self.rows or self.rows[key]["partition"] == "part"]
            known = {"part"}
        partition = next(iter(known), self.choose.choice(("_default", "part")))
        rows = [self._row(key) for key in keys]
        how(self.name, [self._sent(row) for row in rows], partition_name=partition)
        self.texts += [row["text"] for row in rows]
        self.rows.update({row["id"]: {**row, "partition": partition} for row in rows})

    def _fresh_key(self) -> Any:
        self._next += 1
        number = (self._next * 7_919) % 100_003
        return f"k{number:06}" if self.text_keys else number

    def _row(self, key: Any) -> Row:
        null = self.nullable and self.choose.random() < 0.3
        vector = None if null or self.subject.metric == "BM25" else self.subject.make(self.choose)
        number = None if self.choose.random() < 0.2 else self.choose.randint(0, 5)
        return {"id": key, "v": vector, "text": words(self.choose), "n": number}

    def _sent(self, row: Row) -> Row:
        if self.subject.metric == "BM25":
            return {name: value for name, value in row.items() if name != "v"}
        return {**row, "v": None if row["v"] is None else self.subject.plain(row["v"])}

    # -- searches --------------------------------------------------------------------------------------------------

    def check(self) -> None:
        asked = words(self.choose) if self.subject.metric == "BM25" else None
        queries = [asked or self.subject.make(self.choose) for _ in range(self.choose.randint(1, 3))]
        text, passes = self._filter()
        chosen = self.choose.choice((["_default"], ["part"], ["_default", "part"], None))
        rankings = [self._ranking(query, lambda row: passes(row), chosen) for query in queries]
        limit, offset = self.choose.randint(1, 30), self.choose.choice((0, 0, 1, 7))
        params: dict[str, Any] = {"nprobe": 65_536, "ef": 1_000}
        more: dict[str, Any] = {}
        wish = self.choose.choice(("plain", "range", "groups"))
        if wish == "range":
            rankings = self._within(rankings, params)
        if wish == "groups" and self.subject.settled and self.subject.type is not B:
            size, strict = self.choose.randint(1, 3), self.choose.random() < 0.5
            more = {"group_by_field": "n", "group_size": size, "strict_group_size": strict}
            rankings = [self._grouped(one, size, strict, limit, offset) for one in rankings]
        else:
            rankings = [one[offset : offset + limit] for one in rankings]
        found = self.client.search(
            self.name,
            [self.subject.plain(query) for query in queries],
            filter=text,
            limit=limit,
            partition_names=chosen,
            search_params={"params": params, "offset": offset},
            anns_field="v",
            **more,
        )
        for query, hits, expected in zip(queries, found, rankings, strict=True):
            self._compare(query, hits, expected, bool(more), (text, chosen, limit, offset, params, more))

    def _compare(self, query: Any, hits: Any, expected: list[tuple[float, Any]], grouped: bool, asked: Any) -> None:
        got = [(hit["distance"], hit["id"]) for hit in hits]
        assert [d for d, _ in got] == pytest.approx([d for d, _ in expected], rel=1e-4, abs=1e-5), asked
        assert len({key for _, key in got}) == len(got), asked
        for distance, key in got:
            row = self.rows[key]
            assert distance == pytest.approx(self.subject.measure(self, row, query), rel=1e-4, abs=1e-5), asked
        if self.subject.settled:
            assert [key for _, key in got] == [key for _, key in expected], asked

    def _ranking(self, query: Any, passes: Callable[[Row], bool], chosen: list[str] | None) -> list[tuple[float, Any]]:
        """The distances and keys of all rows that may be found, best first."""
        sign = -1 if self.subject.larger_is_better else 1
        inside = [row for row in self.rows.values() if passes(row) and (chosen is None or row["partition"] in chosen)]
        scores = [(self.subject.measure(self, row, query), row["id"]) for row in inside]
        real = [(float(np.float32(score)), key) for score, key in scores if score is not None]
        return sorted(real, key=lambda hit: (sign * hit[0], hit[1]))

    def _within(self, rankings: list[list[tuple[float, Any]]], params: dict[str, Any]) -> list[list[tuple[float, Any]]]:
        """Bounds between some distances that there are, and what lies within."""
        there = sorted({distance for one in rankings for distance, _ in one}) or [0.0]
        edges = [there[0] - 1, *((a + b) / 2 for a, b in pairwise(there) if b - a > 1e-3), there[-1] + 1]
        inner, radius = sorted(self.choose.sample(edges, 2))
        if self.subject.larger_is_better:
            inner, radius = radius, inner
        params["radius"] = radius
        if self.choose.random() < 0.5:
            params["range_filter"] = inner
        low, high = min(inner, radius), max(inner, radius)
        if "range_filter" not in params:
            low, high = (low, math.inf) if self.subject.larger_is_better else (-math.inf, high)
        return [[(d, key) for d, key in one if low <= d < high] for one in rankings]

    def _grouped(
        self, ranking: list[tuple[float, Any]], size: int, strict: bool, limit: int, offset: int
    ) -> list[tuple[float, Any]]:
        """The hits of the groups from ``offset`` on, group by group; unless ``strict`` until the last one's first."""
        groups: dict[Any, list[tuple[float, Any]]] = {}
        for hit in ranking:
            number = self.rows[hit[1]]["n"]
            if number in groups or len(groups) < limit + offset:
                groups.setdefault(number, []).append(hit)
            if not strict and len(groups) == limit + offset:
                break
        return [hit for group in list(groups.values())[offset:] for hit in group[:size]]

    def _filter(self) -> tuple[str, Callable[[Row], bool]]:
        bound = self.choose.randint(0, 5)
        keys = self.choose.sample(sorted(self.rows), min(len(self.rows), 6))
        return self.choose.choice(
            [
                ("", lambda row: True),
                ("", lambda row: True),
                (f"n < {bound}", lambda row: row["n"] is not None and row["n"] < bound),
                ("n is null", lambda row: row["n"] is None),
                (f"id in {keys}", lambda row: row["id"] in keys),
                (f"id not in {keys}", lambda row: row["id"] not in keys),
                ("text_match(text, 'a d')", lambda row: not {"a", "d"}.isdisjoint(row["text"].split())),
            ]
        )


# -- private -------------------------------------------------------------------------------------------------------


def words(choose: random.Random) -> str:
    return " ".join(choose.choices("abcdefgh", [9, 8, 5, 4, 3, 2, 1, 1], k=choose.randint(1, 5)))


def numbers(choose: random.Random) -> list[float]:
    return [float(choose.randint(-3, 3)) for _ in range(DIM)]


def spread(choose: random.Random) -> list[float]:
    """Numbers that every type holds exactly, and that are seldom equally far away."""
    return [choose.randint(-200, 200) / 64 for _ in range(DIM)]


def small(choose: random.Random) -> list[float]:
    return [float(choose.randint(-100, 100)) for _ in range(DIM)]


def sparse(choose: random.Random) -> dict[int, float]:
    return {place: float(choose.randint(1, 4)) for place in choose.sample(range(12), choose.randint(1, 5))}


def bits(choose: random.Random) -> bytes:
    return bytes(choose.choice((0, choose.randrange(256))) for _ in range(DIM // 8))


def _squared(model: Model, row: Row, query: Any) -> float | None:
    return None if row["v"] is None else sum((a - b) ** 2 for a, b in zip(row["v"], query, strict=True))


def _product(model: Model, row: Row, query: Any) -> float | None:
    return None if row["v"] is None else sum(a * b for a, b in zip(row["v"], query, strict=True))


def _cosine(model: Model, row: Row, query: Any) -> float | None:
    if row["v"] is None:
        return None
    length = math.hypot(*row["v"]) * math.hypot(*query)
    return sum(a * b for a, b in zip(row["v"], query, strict=True)) / length if length else 0.0


def _sparse_product(model: Model, row: Row, query: Any) -> float | None:
    if row["v"] is None:
        return None
    product: float = sum(value * query.get(place, 0) for place, value in row["v"].items())
    return product or None


def _differing(model: Model, row: Row, query: bytes) -> float | None:
    if row["v"] is None:
        return None
    stored: bytes = row["v"]
    return sum((a ^ b).bit_count() for a, b in zip(stored, query, strict=True))


def _unshared(model: Model, row: Row, query: bytes) -> float | None:
    if row["v"] is None:
        return None
    shared = sum((a & b).bit_count() for a, b in zip(row["v"], query, strict=True))
    either = sum((a | b).bit_count() for a, b in zip(row["v"], query, strict=True))
    return 1 - shared / either if either else 1.0


def _bm25(model: Model, row: Row, query: str) -> float | None:
    """The formula with k1 1.2 and b 0.75; deleted rows count too, as long as they are there."""
    lengths = [len(text.split()) for text in model.texts]
    average = max(sum(lengths) / len(lengths), 1)
    terms = row["text"].split()
    counts, total = Counter(terms), 0.0
    for term, times in Counter(query.split()).items():
        having = sum(term in text.split() for text in model.texts)
        rarity = math.log(1 + (len(model.texts) - having + 0.5) / (having + 0.5))
        norm = 1.2 * (1 - 0.75 + 0.75 * len(terms) / average)
        total += times * rarity * 2.2 * counts[term] / (counts[term] + norm)
    return total or None


def _halves(vector: Any) -> Any:
    return np.array(vector, np.float16)


def _bytes(vector: Any) -> Any:
    return np.array(vector, np.int8)


F, H, I8, B, S = (
    DataType.FLOAT_VECTOR,
    DataType.FLOAT16_VECTOR,
    DataType.INT8_VECTOR,
    DataType.BINARY_VECTOR,
    DataType.SPARSE_FLOAT_VECTOR,
)
_GRAPH = {"M": 16, "efConstruction": 100}
SUBJECTS = [
    Subject(F, "L2", "FLAT", {}, numbers, _squared),
    Subject(F, "IP", "FLAT", {}, numbers, _product, larger_is_better=True),
    Subject(F, "COSINE", "FLAT", {}, spread, _cosine, larger_is_better=True),
    Subject(F, "L2", "IVF_FLAT", {"nlist": 4}, spread, _squared),
    Subject(F, "IP", "IVF_FLAT", {"nlist": 4}, spread, _product, larger_is_better=True),
    Subject(F, "L2", "HNSW", _GRAPH, spread, _squared),
    Subject(F, "COSINE", "HNSW", _GRAPH, spread, _cosine, larger_is_better=True),
    Subject(H, "L2", "FLAT", {}, numbers, _squared, plain=_halves),
    Subject(H, "IP", "HNSW", _GRAPH, spread, _product, larger_is_better=True, plain=_halves),
    Subject(I8, "L2", "HNSW", _GRAPH, small, _squared, plain=_bytes),
    Subject(B, "HAMMING", "BIN_FLAT", {}, bits, _differing),
    Subject(B, "JACCARD", "BIN_FLAT", {}, bits, _unshared),
    Subject(B, "HAMMING", "BIN_IVF_FLAT", {"nlist": 4}, bits, _differing, settled=False),
    Subject(B, "JACCARD", "HNSW", _GRAPH, bits, _unshared, settled=False),
    Subject(S, "IP", "SPARSE_INVERTED_INDEX", {}, sparse, _sparse_product, larger_is_better=True),
    Subject(S, "IP", "SPARSE_WAND", {}, sparse, _sparse_product, larger_is_better=True),
    Subject(S, "BM25", "SPARSE_INVERTED_INDEX", {}, words, _bm25, larger_is_better=True, settled=False),
]
