"""What is refused in the vectors of an insert and of a search, for each type."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
import pytest
from pymilvus.grpc_gen import common_pb2 as common
from pymilvus.grpc_gen import schema_pb2

from tests.conformance.making import T, column, field, id_field
from tests.conformance.refusals import Refusal, always_invalid, check_accepted, invalid
from tests.conformance.target import Collections, Target

ROWS = 2
DIM = 16
ONE = np.zeros((1, DIM), np.float32)  # stands for a query that is given as placeholder
NODE = "failed to search: failed to search/query delegator * for channel *: fail to Search, QueryNode ID = *"


def data(type: int, member: str, values: Any, dim: int = DIM, valid: list[bool] | None = None) -> schema_pb2.FieldData:
    """A vector column: ``member`` of the oneof holds the values."""
    made = schema_pb2.FieldData(field_name="v", type=type, valid_data=valid or [])
    made.vectors.dim = dim
    if member == "float_vector":
        made.vectors.float_vector.data.extend(values)
    elif member == "sparse_float_vector":
        made.vectors.sparse_float_vector.contents.extend(values)
    else:
        setattr(made.vectors, member, values)
    return made


def sparse(*elements: tuple[int, float]) -> bytes:
    return b"".join(struct.pack("<If", index, value) for index, value in elements)


def halves(*values: float) -> bytes:
    return np.resize(np.array(values, np.float16), ROWS * DIM).tobytes()


def brain(value: int) -> bytes:
    return np.full(ROWS * DIM, value, np.uint16).tobytes()


def got_nil(called: str) -> Refusal:
    return always_invalid(
        f"{called} vector field 'v' is illegal, array type mismatch", f"[expected=need {called} vector][actual=got nil]"
    )


FLOAT16, BFLOAT16, INT8 = T.Float16Vector, T.BFloat16Vector, T.Int8Vector
BINARY, SPARSE = T.BinaryVector, T.SparseFloatVector

BAD_ROWS: dict[str, tuple[int, schema_pb2.FieldData, Refusal]] = {
    "NaN in FLOAT16": (
        FLOAT16,
        data(FLOAT16, "float16_vector", halves(np.nan)),
        invalid("float16 vector contain nan or infinity value.", before=None),
    ),
    "infinity in FLOAT16": (
        FLOAT16,
        data(FLOAT16, "float16_vector", halves(-np.inf)),
        invalid("float16 vector contain nan or infinity value.", before=None),
    ),
    "NaN in BFLOAT16": (
        BFLOAT16,
        data(BFLOAT16, "bfloat16_vector", brain(0x7FC0)),
        invalid("bfloat16 vector contain nan or infinity value.", before=None),
    ),
    "infinity in BFLOAT16": (
        BFLOAT16,
        data(BFLOAT16, "bfloat16_vector", brain(0xFF80)),
        invalid("bfloat16 vector contain nan or infinity value.", before=None),
    ),
    "NaN in floats for FLOAT16": (
        FLOAT16,
        data(FLOAT16, "float_vector", [np.nan] * ROWS * DIM),
        invalid("value 'NaN' is not a number or infinity", before=None),
    ),
    "floats that FLOAT16 cannot hold": (
        FLOAT16,
        data(FLOAT16, "float_vector", [1e6] * ROWS * DIM),
        invalid("float16 vector contain nan or infinity value.", before=None),
    ),
    "half a row of FLOAT16": (
        FLOAT16,
        data(FLOAT16, "float16_vector", b"\0" * DIM),
        invalid("the length(16) of float16 data should divide the row width(32)", before=None),
    ),
    "half a row of BFLOAT16": (
        BFLOAT16,
        data(BFLOAT16, "bfloat16_vector", b"\0" * DIM),
        invalid("the length(16) of bfloat data should divide the row width(32)", before=None),
    ),
    "half a row of INT8": (
        INT8,
        data(INT8, "int8_vector", b"\0" * 8),
        invalid("the length(8) of int8 data should divide the dim(16)", before=None),
    ),
    "half a row of BINARY": (
        BINARY,
        data(BINARY, "binary_vector", b"\0"),
        invalid("the num(8) of all bits should divide the dim(16)", before=None),
    ),
    "another dim": (
        INT8,
        data(INT8, "int8_vector", b"\0" * 16 * ROWS, dim=8),
        invalid(
            "the dim (8) of field data(v) is not equal to schema dim (16)",
            ending="[expected=16][actual=8]",
            before=None,
        ),
    ),
    "too few rows": (
        BINARY,
        data(BINARY, "binary_vector", b"\0\0"),
        invalid(
            "the num_rows (1) of field (v) is not equal to passed num_rows (2)",
            ending="[expected=2][actual=1]",
            before=None,
        ),
    ),
    "too few sparse rows": (
        SPARSE,
        data(SPARSE, "sparse_float_vector", [b""]),
        invalid(
            "the num_rows (1) of field (v) is not equal to passed num_rows (2)",
            ending="[expected=2][actual=1]",
            before=None,
        ),
    ),
    "floats for INT8": (INT8, data(INT8, "float_vector", [1.0] * ROWS * DIM), got_nil("int8")),
    "bytes for BFLOAT16": (BFLOAT16, data(BFLOAT16, "float16_vector", halves(1)), got_nil("bfloat16")),
    "halves for BINARY": (BINARY, data(BINARY, "float16_vector", halves(1)), got_nil("binary")),
    "floats for SPARSE": (SPARSE, data(SPARSE, "float_vector", [1.0]), got_nil("sparse float")),
    "a sparse row that is cut off": (
        SPARSE,
        data(SPARSE, "sparse_float_vector", [sparse((1, 1.0)), sparse((1, 1.0))[:-1]]),
        invalid("invalid data length in sparse float vector: 7", before=None),
    ),
    "the largest sparse index": (
        SPARSE,
        data(SPARSE, "sparse_float_vector", [b"", sparse((2**32 - 1, 1.0))]),
        invalid("invalid index in sparse float vector: must be less than 2^32-1", before=None),
    ),
    "sparse indexes out of order": (
        SPARSE,
        data(SPARSE, "sparse_float_vector", [sparse((5, 1.0)), sparse((3, 1.0), (2, 1.0))]),
        invalid("unsorted or same indices in sparse float vector", before=None),
    ),
    "a sparse index twice": (
        SPARSE,
        data(SPARSE, "sparse_float_vector", [sparse((3, 1.0), (3, 1.0)), b""]),
        invalid("unsorted or same indices in sparse float vector", before=None),
    ),
    "a negative sparse value": (
        SPARSE,
        data(SPARSE, "sparse_float_vector", [b"", sparse((3, -1.0))]),
        invalid("negative value in sparse float vector", before=None),
    ),
    "NaN in a sparse row": (
        SPARSE,
        data(SPARSE, "sparse_float_vector", [b"", sparse((3, 1.0), (4, np.nan))]),
        invalid("value 'NaN' is not a number or infinity", before=None),
    ),
    "the first of two faults": (
        SPARSE,
        data(SPARSE, "sparse_float_vector", [sparse((3, -1.0)), b"odd"]),
        invalid("negative value in sparse float vector", before=None),
    ),
}


def make(collections: Collections, type: int, **params: Any) -> str:
    collections.target.needs("2.6", "2.3.5 does not know most types of vectors, and some of these requests kill it")
    made = {"nullable": False, **({} if type == SPARSE else {"dim": DIM}), **params}
    return collections.make([id_field(), field("v", type, primary=False, **made)])


@pytest.mark.parametrize("what", BAD_ROWS)
def test_rows_that_are_refused(target: Target, collections: Collections, what: str) -> None:
    """Vectors that are none of their field's are refused in Milvus' words, and nothing of the request is stored."""
    type, vectors, refusal = BAD_ROWS[what]
    name = make(collections, type)
    columns = [column("id", T.Int64, range(ROWS)), vectors]
    target.refused("Insert", refusal, collection_name=name, fields_data=columns, num_rows=ROWS)
    if target.fake is not None:
        assert target.fake.collection(name).count == 0


@pytest.mark.parametrize("type", [FLOAT16, BFLOAT16])
def test_floats_are_converted(target: Target, collections: Collections, type: int) -> None:
    """float32 sent into a field of halves is converted: rounded to FLOAT16, cut off to BFLOAT16."""
    name = make(collections, type)
    value = 1.0 + 2**-7 - 2**-12
    columns = [column("id", T.Int64, range(ROWS)), data(type, "float_vector", [value] * ROWS * DIM)]
    check_accepted(target.insert(name, columns, ROWS))
    assert target.fake is not None
    expected = np.float16(value).view(np.uint16) if type == FLOAT16 else np.float32(value).view(np.uint32) >> 16
    assert (target.fake.collection(name).column("v").view(np.uint16) == expected).all()


def test_nulls_in_a_field_that_has_none(target: Target, collections: Collections) -> None:
    """valid_data is refused for a field that is not nullable."""
    name = make(collections, INT8)
    columns = [column("id", T.Int64, range(ROWS)), data(INT8, "int8_vector", b"\0" * 16, valid=[True, False])]
    refusal = invalid("the length of valid_data of field(v) is wrong", ending="[expected=0][actual=2]", before=None)
    target.refused("Insert", refusal, collection_name=name, fields_data=columns, num_rows=ROWS)


def test_more_vectors_than_valid_rows(target: Target, collections: Collections) -> None:
    """A nullable field brings exactly as many vectors as it has valid rows."""
    name = make(collections, INT8, nullable=True)
    columns = [column("id", T.Int64, range(ROWS)), data(INT8, "int8_vector", b"\0" * 32, valid=[True, False])]
    text = "the num_rows (2) of field (v) is not equal to passed num_rows (2)"
    target.refused(
        "Insert",
        invalid(text, ending="[expected=2][actual=2]", before=None),
        collection_name=name,
        fields_data=columns,
        num_rows=ROWS,
    )


BAD_QUERIES: dict[str, tuple[int, int, bytes, str]] = {
    "floats for INT8": (
        INT8,
        T.FloatVector,
        b"\0" * 64,
        "vector type must be the same, field v - type Int8Vector, search info type FloatVector*",
    ),
    "floats for BINARY": (
        BINARY,
        T.FloatVector,
        b"\0" * 64,
        "vector type must be the same, field v - type BinaryVector, search info type FloatVector*",
    ),
    "floats for SPARSE": (
        SPARSE,
        T.FloatVector,
        b"\0" * 64,
        "vector type must be the same, field v - type SparseFloatVector, search info type FloatVector*",
    ),
    "another size": (
        BINARY,
        BINARY,
        b"\0" * 3,
        "vector dimension mismatch, expected vector size(byte) 2, actual 3.: segcore error[segcoreCode=2032]",
    ),
    "a sparse query out of order": (
        SPARSE,
        SPARSE,
        sparse((3, 1.0), (2, 1.0)),
        "Invalid sparse row: id should be strict ascending*",
    ),
    "a sparse query with NaN": (SPARSE, SPARSE, sparse((3, np.nan)), "Invalid sparse row: NaN or Inf value*"),
}


@pytest.mark.parametrize("what", BAD_QUERIES)
def test_queries_that_are_refused(target: Target, collections: Collections, what: str) -> None:
    """A query vector of another type or size, or that is none, is refused by the core."""
    type, sent, query, text = BAD_QUERIES[what]
    name = loaded(target, collections, type)
    response = target.search(name, ONE, group=placeholder(sent, query), anns_field="v")
    assert (response.status.code, response.status.error_code) == (2000, 1), response.status.reason
    pattern = text.removesuffix("*")
    assert pattern in response.status.reason


def test_bytes_for_halves(target: Target, collections: Collections) -> None:
    """The proxy itself refuses a query of another type than FLOAT_VECTOR for a field of halves."""
    name = loaded(target, collections, FLOAT16)
    response = target.search(name, ONE, group=placeholder(INT8, b"\0" * 16), anns_field="v")
    expected = "vector type must be the same: field type Float16Vector, search type Int8Vector: invalid parameter"
    assert (response.status.code, response.status.reason) == (1100, expected)


@pytest.mark.parametrize("type", [FLOAT16, BFLOAT16])
def test_float_queries_are_converted(target: Target, collections: Collections, type: int) -> None:
    """float32 queries are taken for a field of halves."""
    name = loaded(target, collections, type, metric_type="L2")
    columns = [column("id", T.Int64, range(ROWS)), data(type, "float_vector", [1.0] * DIM + [2.0] * DIM)]
    check_accepted(target.insert(name, columns, ROWS))
    query = np.full(DIM, 2, "<f4").tobytes()
    response = target.search(name, ONE, group=placeholder(T.FloatVector, query), anns_field="v")
    check_accepted(response)
    assert (list(response.results.ids.int_id.data), list(response.results.scores)) == ([1, 0], [0, 16])


def loaded(target: Target, collections: Collections, type: int, **params: str) -> str:
    name = make(collections, type)
    given = {"index_type": "AUTOINDEX", **params}
    target.done("CreateIndex", collection_name=name, field_name="v", extra_params=given)
    target.load(name)
    return name


def placeholder(type: int, query: bytes) -> bytes:
    value = common.PlaceholderValue(tag="$0", type=type, values=[query])
    return bytes(common.PlaceholderGroup(placeholders=[value]).SerializeToString())
