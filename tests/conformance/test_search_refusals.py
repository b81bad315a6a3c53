"""What a search refuses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.conformance.making import DIM, placeholders, plain_rows, random_vectors
from tests.conformance.refusals import Accepted, Refusal, check_accepted, check_refused, invalid, missing, old
from tests.conformance.target import Collections, Target

QUERY = random_vectors(1, seed=7)
NODE = "failed to search: fail to search on QueryNode *: worker(*) query failed: "
CHAIN = "failed to search*"  # what 2.3.5's query node wraps around the cause


@pytest.fixture(scope="module")
def loaded(target: Target, shared: Collections) -> str:
    """2,000 rows, with a built IVF_FLAT of 16 lists, loaded."""
    name = shared.make()
    target.insert(name, plain_rows(2_000), 2_000)
    target.flush(name)
    params = {"index_type": "IVF_FLAT", "metric_type": "L2", "params": '{"nlist": 16}'}
    target.done("CreateIndex", collection_name=name, field_name="vec", extra_params=params)
    target.wait_until_indexed(name)
    target.load(name)
    return name


def out_of_range(name: str, value: int) -> Refusal:
    text = f"{name} [{value}] is invalid, it should be in range [1, 16384], but got {value}"
    before = f"{name} [{value}] is invalid, top k should be in range [1, 16384], but got {value}"
    return invalid(f"{text}: invalid parameter", before=old(before))


def not_integer(name: str, value: str) -> Refusal:
    return invalid(f"{name} [{value}] is invalid")


def rounds(value: str) -> Refusal:
    return invalid(f"round_decimal [{value}] is invalid, should be -1 or an integer in range [0, 6]")


REFUSED: dict[str, tuple[dict[str, Any], Refusal]] = {
    "topk 0": ({"topk": 0}, out_of_range("topk", 0)),
    "topk -1": ({"topk": -1}, out_of_range("topk", -1)),
    "topk 16385": ({"topk": 16385}, out_of_range("topk", 16385)),
    "topk abc": ({"topk": "abc"}, not_integer("topk", "abc")),
    "no topk": ({"topk": None}, missing("topk is required", before=old("topk not found in search_params"))),
    "offset abc": ({"offset": "abc"}, not_integer("offset", "abc")),
    "offset -1": ({"offset": -1}, out_of_range("offset", -1)),
    "offset and topk": ({"topk": 16384, "offset": 1}, out_of_range("offset+topk", 16385)),
    "round_decimal 7": ({"round_decimal": 7}, rounds("7")),
    "round_decimal -2": ({"round_decimal": -2}, rounds("-2")),
    "round_decimal abc": ({"round_decimal": "abc"}, rounds("abc")),
    "unknown anns_field": (
        {"anns_field": "nope"},
        invalid(
            "failed to create query plan: failed to get field schema by name: fieldName(nope) not found"
            ": invalid parameter",
            before=old("failed to create query plan: failed to get field schema by name: fieldName(nope) not found"),
        ),
    ),
    "anns_field that is a number": (
        {"anns_field": "id"},
        invalid(
            "failed to create query plan: field (id) to search is not of vector data type: query plan failed",
            before=None,
        ),
    ),
    "unknown output field": ({"outputs": ["nope"]}, invalid("field nope not exist")),
    "unknown partition": ({"partitions": ["nope"]}, invalid("partition name nope not found")),
    "filter of an unknown field": (
        {"filter": "nope > 1"},
        invalid(
            "failed to create query plan: cannot parse expression: nope > 1: field nope not exist: invalid parameter",
            before=old("failed to create query plan: cannot parse expression: nope > 1, error: field nope not exist"),
        ),
    ),
    "filter that is no condition": (
        {"filter": "id"},
        invalid(
            "failed to create query plan: predicate is not a boolean expression: id, data type: Int64"
            ": query plan failed",
            before=old("failed to create query plan: predicate is not a boolean expression: id, data type: Int64"),
        ),
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(target: Target, loaded: str, case: str) -> None:
    """Milvus' codes and texts."""
    given, refusal = REFUSED[case]
    check_refused(target.search(loaded, QUERY, **{"topk": 3, **given}), refusal, target.version)


def test_no_vectors(target: Target, loaded: str) -> None:
    """A search needs a vector."""
    text = "nq [0] is invalid, nq (number of search vector per search request) should be in range [1, 16384], but got 0"
    refusal = invalid(f"{text}: invalid parameter", before=old(text))
    response = target.search(loaded, np.empty((0, DIM), np.float32))
    check_refused(response, refusal, target.version)


def test_too_many_vectors(target: Target, loaded: str) -> None:
    """A search takes at most 16,384 vectors."""
    text = (
        "nq [16385] is invalid, nq (number of search vector per search request) should be in range [1, 16384], "
        "but got 16385"
    )
    refusal = invalid(f"{text}: invalid parameter", before=old(text))
    check_refused(target.search(loaded, np.ones((16_385, DIM), np.float32)), refusal, target.version)


def test_wrong_dim(target: Target, loaded: str) -> None:
    """The query's dimension has to be the field's; bytes are told."""
    text = "vector dimension mismatch, expected vector size(byte) 32, actual 36."
    refusal = Refusal(
        2000,
        1,
        f"{NODE}{text}: segcore error[segcoreCode=2032]",
        input_error=True,
        since="3.0",
        before=Refusal(65535, 1, "failed to search/query delegator*", detail=CHAIN),
    )
    check_refused(target.search(loaded, random_vectors(1, dim=DIM + 1)), refusal, target.version)


def test_wrong_metric(target: Target, loaded: str) -> None:
    """A metric other than the index' is refused, and both are named."""
    text = "metric type not match: invalid parameter[expected=L2][actual=IP]"
    refusal = Refusal(
        1100,
        5,
        f"{NODE}{text}",
        input_error=True,
        since="3.0",
        before=Refusal(65535, 1, f"*{text}", detail=f"{CHAIN}{text}"),
    )
    check_refused(target.search(loaded, QUERY, metric_type="IP"), refusal, target.version)


def test_binary_vector_for_a_float_field(target: Target, loaded: str) -> None:
    """Query vectors have to be of the field's type; 2.3.5 looks at their length only."""
    group = placeholders(QUERY, type=100)
    response = target.search(loaded, QUERY, group=group)
    refusal = Refusal(
        2000,
        1,
        f"{NODE}vector type must be the same, field vec - type *: segcore error[segcoreCode=2031]",
        input_error=True,
        since="3.0",
        before=Accepted(),
    )
    check_refused(response, refusal, target.version)


@pytest.mark.parametrize("nprobe", ["0", "-1", "65537", '"text"', "1.5"])
def test_nprobe_of_a_built_index(target: Target, loaded: str, nprobe: str) -> None:
    """A built index checks nprobe."""
    response = target.search(loaded, QUERY, params=f'{{"nprobe": {nprobe}}}')
    refusal = Refusal(2000, 1, "*=> failed to search: *", since="3.0", before=Refusal(65535, 1, "*", detail="*"))
    check_refused(response, refusal, target.version)


@pytest.mark.parametrize("nprobe", ["0", "-1", "65537", '"text"'])
def test_nprobe_without_a_built_index(target: Target, collections: Collections, nprobe: str) -> None:
    """Where rows are searched one by one, nobody looks at nprobe."""
    name = collections.make()
    target.insert(name, plain_rows(10), 10)
    params = {"index_type": "IVF_FLAT", "metric_type": "L2", "params": '{"nlist": 16}'}
    target.done("CreateIndex", collection_name=name, field_name="vec", extra_params=params)
    target.load(name)
    response = target.search(name, QUERY, 3, params=f'{{"nprobe": {nprobe}}}')
    check_accepted(response)
    assert list(response.results.topks) == [3]


def test_placeholders_of_nonsense(target: Target, loaded: str) -> None:
    """Bytes that are no query vectors are refused."""
    response = target.search(loaded, QUERY, group=b"\xff\xff\xff")
    assert (response.status.code, response.status.error_code) != (0, 0)


def test_missing_collection(target: Target, collections: Collections) -> None:
    """A missing collection is 4/100."""
    name = collections.name()
    refusal = Refusal(100, 4, "collection not found[database=default][collection={name}]", input_error=True)
    check_refused(target.search(name, QUERY), refusal, target.version, name=name)
