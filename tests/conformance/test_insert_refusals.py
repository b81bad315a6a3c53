"""Inserts that are refused: Milvus' code and text, nothing stored, server unharmed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from tests.conformance.making import (
    T,
    column,
    field,
    id_field,
    plain_rows,
    random_vectors,
    vector_column,
    vector_field,
)
from tests.conformance.refusals import Refusal, always_invalid, check_accepted, check_refused, invalid, old
from tests.conformance.target import Collections, Target

ROWS = 5
CRASH = "this kills a real Milvus 2.3.5"


@dataclass(frozen=True, slots=True)
class Bad:
    """An insert that has to be refused."""

    columns: Sequence[Any]
    refusal: Refusal
    rows: int = ROWS
    kills: bool = False  # a real Milvus 2.3.5; it is not sent there


@pytest.fixture(scope="module")
def loaded(target: Target, shared: Collections) -> str:
    """An empty collection: "id", "vec", "i32" and "vc", loaded."""
    fields = [id_field(), vector_field(), field("i32", T.Int32), field("vc", T.VarChar, max_length=4)]
    name = shared.make(fields)
    target.done("CreateIndex", collection_name=name, field_name="vec", extra_params={"metric_type": "L2"})
    target.load(name)
    return name


def good(**other: Any) -> list[Any]:
    """Five good rows, some of their columns replaced, or left out where None."""
    columns = {
        "id": column("id", T.Int64, range(ROWS)),
        "vec": vector_column(random_vectors(ROWS)),
        "i32": column("i32", T.Int32, range(ROWS)),
        "vc": column("vc", T.VarChar, ["a"] * ROWS),
        **other,
    }
    return [made for made in columns.values() if made is not None]


def vectors(rows: int = ROWS, dim: int = 8, told: int | None = None, value: float | None = None) -> Any:
    """A vector column that may tell another dim than it has, or hold a value in its second place."""
    made = random_vectors(rows, dim=dim)
    if value is not None:
        made[0, 1] = value
    data = vector_column(made)
    if told is not None:
        data.vectors.dim = told
    return data


def counts(field_name: str, actual: int, expected: int) -> Refusal:
    """2.3.5 printed the expected count twice."""
    text = f"the num_rows ({actual}) of field ({field_name}) is not equal to passed num_rows ({expected})"
    ending = f"[expected={expected}][actual={{}}]"
    before = always_invalid(text, ending.format(expected))
    return Refusal(1100, 5, f"{text}: invalid parameter{ending.format(actual)}", True, since="3.0", before=before)


def type_mismatch(field_name: str, needed: str, actual: str, kind: str = "") -> Refusal:
    text = f"{kind}field '{field_name}' is illegal, array type mismatch"
    return Refusal(
        1100,
        5,
        f"{text}: invalid parameter[expected=need {needed}][actual=got {actual}]",
        input_error=True,
        since="3.0",
    )


def not_a_number(printed: str) -> Refusal:
    text = f"value '{printed}' is not a number or infinity"
    return invalid(text, before=old(text))


def missing_column(field_name: str, before: Refusal | None) -> Refusal:
    return invalid(f"fieldSchema({field_name}) has no corresponding fieldData pass in", before=before)


NO_ROWS = always_invalid("num_rows should be greater than 0", ending="[expected=invalid num_rows][actual=0]")

BAD: dict[str, Bad] = {
    "no rows": Bad([], NO_ROWS, rows=0),
    "rows that are not counted": Bad(good(), NO_ROWS, rows=0),
    "fewer rows told": Bad(good(), counts("id", 5, 4), rows=4),
    "more rows told": Bad(good(), counts("id", 5, 6), rows=6),
    "short key column": Bad(good(id=column("id", T.Int64, range(4))), counts("id", 4, 5)),
    "short text column": Bad(good(vc=column("vc", T.VarChar, ["a"] * 4)), counts("vc", 4, 5)),
    "short vector column": Bad(good(vec=vectors(rows=4)), counts("vec", 4, 5)),
    "dim 9 for 8": Bad(good(vec=vectors(dim=9)), invalid("the length(45) of float data should divide the dim(8)")),
    "dim 4 for 8": Bad(good(vec=vectors(dim=4)), invalid("the length(20) of float data should divide the dim(8)")),
    "dim 16 for 8": Bad(
        good(vec=vectors(dim=16)),
        Refusal(
            1100,
            5,
            "the dim (16) of field data(vec) is not equal to schema dim (8): invalid parameter[expected=8][actual=16]",
            input_error=True,
            since="3.0",
        ),
    ),
    "dim told larger than the data": Bad(
        good(vec=vectors(told=16)),
        Refusal(
            1100,
            5,
            "the dim (16) of field data(vec) is not equal to schema dim (8): invalid parameter[expected=8][actual=16]",
            input_error=True,
        ),
        kills=True,
    ),
    "dim told as 0": Bad(
        good(vec=vectors(told=0)),
        Refusal(
            1100,
            5,
            "the dim (0) of field data(vec) is not equal to schema dim (8): invalid parameter[expected=8][actual=0]",
            input_error=True,
        ),
        kills=True,
    ),
    "INT64 data for an INT32 field": Bad(
        good(i32=column("i32", T.Int64, range(ROWS))),
        type_mismatch("i32", "int array", "long_data"),
        kills=True,
    ),
    "text for an INT32 field": Bad(
        good(i32=column("i32", T.VarChar, ["a"] * ROWS)),
        type_mismatch("i32", "int array", "string_data"),
        kills=True,
    ),
    "DOUBLE data for an INT32 field": Bad(
        good(i32=column("i32", T.Double, [1.0] * ROWS)),
        type_mismatch("i32", "int array", "double_data"),
        kills=True,
    ),
    "numbers for a text field": Bad(
        good(vc=column("vc", T.Int64, range(ROWS))),
        type_mismatch("vc", "string array", "long_data", kind="varchar "),
        kills=True,
    ),
    "numbers for a vector field": Bad(
        good(vec=column("vec", T.Int64, range(ROWS))),
        type_mismatch("vec", "float vector", "*", kind="float vector "),
        kills=True,
    ),
    "missing column": Bad(good(i32=None), missing_column("i32", old("%!s(<nil>) is not supported now"))),
    "missing vector column": Bad(good(vec=None), missing_column("vec", None)),
    "missing key column": Bad(
        good(id=None),
        missing_column("id", always_invalid("the number of fields is less than needed", "[expected=4][actual=3]")),
    ),
    "unknown column": Bad(
        good(nope=column("nope", T.Int64, range(ROWS))),
        Refusal(
            1100,
            5,
            "fieldName nope not exist in collection schema, fieldType Int64, fieldId 0: invalid parameter",
            input_error=True,
            since="3.0",
            before=always_invalid("the number of fields is less than needed", "[expected=4][actual=5]"),
        ),
    ),
    "column twice": Bad(good(again=column("i32", T.Int32, range(ROWS))), always_invalid("duplicated field i32 found")),
    "NaN in a vector": Bad(good(vec=vectors(value=np.nan)), not_a_number("NaN")),
    "infinity in a vector": Bad(good(vec=vectors(value=np.inf)), not_a_number("+Inf")),
    "minus infinity in a vector": Bad(good(vec=vectors(value=-np.inf)), not_a_number("-Inf")),
    "text that is too long": Bad(
        good(vc=column("vc", T.VarChar, ["a", "b", "12345", "d", "e"])),
        invalid(
            "length of varchar field vc exceeds max length, row number: 2, length: 5, max length: 4",
            before=always_invalid(
                "the length (5) of 2th string exceeds max length (4)",
                "[expected=valid length string][actual=string length exceeds max length]",
            ),
        ),
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_refused(target: Target, loaded: str, case: str) -> None:
    """Milvus' code and text, and nothing is stored."""
    bad = BAD[case]
    if bad.kills and target.fake is None:
        pytest.skip(CRASH)
    check_refused(target.insert(loaded, bad.columns, bad.rows), bad.refusal, target.version)
    assert target.count(loaded) == 0


def test_ids_given_though_automatic(target: Target, collections: Collections) -> None:
    """Keys cannot be given where they are automatic."""
    name = collections.make([id_field(autoID=True), vector_field()])
    response = target.insert(name, plain_rows(2), 2)
    assert (response.status.code, response.insert_cnt) in ((1100, 0), (65535, 0))


def test_a_good_insert_after_a_bad_one(target: Target, collections: Collections) -> None:
    """A refused insert leaves the collection as it was: the next one is stored whole."""
    name = collections.make()
    target.done("CreateIndex", collection_name=name, field_name="vec", extra_params={"metric_type": "L2"})
    target.load(name)
    refused = target.insert(name, [column("id", T.Int64, range(3)), vectors(rows=4)], 3)
    assert refused.status.code == 1100
    check_accepted(target.insert(name, plain_rows(3), 3))
    assert target.count(name) == 3


def test_every_row_is_an_error(target: Target, loaded: str) -> None:
    """A refused insert names every row in err_index and no key."""
    response = target.insert(loaded, good(vec=vectors(dim=9)), ROWS)
    assert list(response.err_index) == list(range(ROWS))
    assert (list(response.succ_index), response.insert_cnt) == ([], 0)
