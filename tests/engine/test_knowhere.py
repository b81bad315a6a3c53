"""How parameters of builds and searches are refused. Texts: knowhere's config.cc and config.h, August 2026; Milvus'
tests idx_hnsw.py and test_index.py assert most of them."""

from __future__ import annotations

import pytest

from fakemilvus import errors
from fakemilvus.datatypes import DataType
from fakemilvus.engine.index_checks import check_search_params, define_index
from fakemilvus.engine.options import Options
from fakemilvus.engine.schema import Field, Pairs, Schema

IVF = (("index_type", "IVF_FLAT"), ("metric_type", "L2"))
HNSW = (("index_type", "HNSW"), ("metric_type", "L2"))


@pytest.mark.parametrize(
    ("params", "problem"),
    [
        ((*IVF, ("nlist", "0")), "Out of range in json: param 'nlist' (0) should be in range [1, 65536]"),
        ((*IVF, ("nlist", "65537")), "Out of range in json: param 'nlist' (65537) should be in range [1, 65536]"),
        ((*IVF, ("nlist", "many")), "invalid integer value, key: 'nlist', value: 'many'"),
        ((*IVF, ("nprobe", "many")), "invalid integer value, key: 'nprobe', value: 'many'"),
        ((*IVF, ("nlist", "3000000000")), "integer value out of range, key: 'nlist', value: '3000000000'"),
        ((*IVF, ("nlist", "9" * 30)), f"integer value out of range, key: 'nlist', value: '{'9' * 30}'"),
        ((*HNSW, ("M", "1")), "Out of range in json: param 'M' (1) should be in range [2, 2048]"),
        ((*HNSW, ("M", "2049")), "Out of range in json: param 'M' (2049) should be in range [2, 2048]"),
        ((*HNSW, ("M", "True")), "invalid integer value, key: 'M', value: 'True'"),
        ((*HNSW, ("params", '{"M": true}')), "invalid integer value, key: 'M', value: 'true'"),
        ((*HNSW, ("params", '{"M": null}')), "invalid integer value, key: 'M', value: '<nil>'"),
        ((*HNSW, ("params", '{"M": [16, 2]}')), "invalid integer value, key: 'M', value: '[16 2]'"),
        ((*HNSW, ("params", '{"M": {"b": 1}}')), "invalid integer value, key: 'M', value: 'map[b:1]'"),
        (
            (*HNSW, ("efConstruction", "-1")),
            "Out of range in json: param 'efConstruction' (-1) should be in range [1, 2147483647]",
        ),
    ],
)
def test_build_parameters_are_refused_in_knowheres_words(params: Pairs, problem: str) -> None:
    """Ranges and types are checked at CreateIndex, code 1100; Milvus' tests idx_hnsw.py and test_index.py agree."""
    with pytest.raises(errors.IndexParamRefused) as raised:
        _define(params)
    assert (raised.value.code, raised.value.message) == (1100, f"{problem}: invalid parameter")


@pytest.mark.parametrize("params", [(*HNSW, ("M", "16.0")), (*HNSW, ("params", '{"M": 1000000}'))])
def test_a_number_that_stops_being_an_integer_is_a_wrong_data_type(params: Pairs) -> None:
    """Go prints a nested 1000000 as 1e+06, whose tail is refused as that of 16.0 is."""
    with pytest.raises(errors.IndexParamRefused, match="wrong data type in json, key: 'M', value: '1"):
        _define(params)


@pytest.mark.parametrize(
    ("kind", "params", "limit", "complete"),
    [
        ("IVF_FLAT", {}, 10, {"nprobe": 8}),
        ("IVF_FLAT", {"nprobe": 65536, "unknown": "x"}, 10, {"nprobe": 65536}),
        ("IVF_FLAT", {"nprobe": "16"}, 10, {"nprobe": 16}),
        ("HNSW", {}, 10, {"ef": 16}),
        ("HNSW", {}, 100, {"ef": 100}),
        ("HNSW", {"ef": 10}, 10, {"ef": 10}),
        ("FLAT", {"nprobe": "abc"}, 10, {}),
    ],
)
def test_search_parameters_are_completed(
    kind: str, params: dict[str, object], limit: int, complete: dict[str, int]
) -> None:
    """nprobe is 8, and ef the larger of 16 and the limit, where they are not given."""
    assert check_search_params(kind, params, limit, "channel").items() >= complete.items()


@pytest.mark.parametrize(
    ("kind", "params", "config", "text"),
    [
        (
            "IVF_FLAT",
            {"nprobe": 0},
            '{"k":10,"nprobe":0}',
            "out of range in json: Out of range in json: param 'nprobe' (0) should be in range [1, 65536]",
        ),
        (
            "IVF_FLAT",
            {"nprobe": "abc"},
            '{"k":10,"nprobe":"abc"}',
            "invalid value in json: invalid integer value, key: 'nprobe', value: 'abc'",
        ),
        (
            "IVF_FLAT",
            {"nprobe": 3_000_000_000},
            '{"k":10,"nprobe":3000000000}',
            "arithmetic overflow: Arithmetic overflow: param 'nprobe' (3000000000) should not bigger than 2147483647",
        ),
        (
            "HNSW",
            {"ef": 32.0},
            '{"ef":32.0,"k":10}',
            "type conflict in json: Type conflict in json: param 'ef' (32.0) should be integer",
        ),
        (
            "HNSW",
            {"ef": True},
            '{"ef":true,"k":10}',
            "type conflict in json: Type conflict in json: param 'ef' (true) should be integer",
        ),
        (
            "HNSW",
            {"ef": None},
            '{"ef":null,"k":10}',
            "type conflict in json: Type conflict in json: param 'ef' (null) should be integer",
        ),
        (
            "HNSW",
            {"ef": [32]},
            '{"ef":[32],"k":10}',
            "type conflict in json: Type conflict in json: param 'ef' ([32]) should be integer",
        ),
        ("HNSW", {"ef": 1}, '{"ef":1,"k":10}', "out of range in json: ef(1) should be larger than k(10)"),
        (
            "HNSW",
            {"ef": -1},
            '{"ef":-1,"k":10}',
            "out of range in json: Out of range in json: param 'ef' (-1) should be in range [1, 2147483647]",
        ),
    ],
)
def test_refused_search_parameters(kind: str, params: dict[str, object], config: str, text: str) -> None:
    """Code 2000 with knowhere's status and text; Milvus' test idx_hnsw.py has the same texts."""
    with pytest.raises(errors.SearchParamRefused) as raised:
        check_search_params(kind, params, 10, "channel")
    assert (raised.value.code, raised.value.legacy) == (2000, 1)
    node = "failed to search/query delegator 1 for channel channel: fail to search on QueryNode 1"
    cause = f"worker(1) query failed:  => failed to search: config={config} {text}: segcore error[segcoreCode=2001]"
    expected = f"failed to search: {node}: {cause}"
    assert raised.value.message == expected


def _define(params: Pairs) -> None:
    vector = Field("vec", DataType.FLOAT_VECTOR, type_params=(("dim", "8"),))
    schema = Schema((Field("id", DataType.INT64, is_primary=True), vector)).with_ids()
    define_index(schema, "vec", "", params, (), Options())
