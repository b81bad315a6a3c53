"""ARRAY fields: how they are declared, what a row may hold, and how they come back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from pymilvus.grpc_gen import schema_pb2

from tests.conformance.making import T, array_column, column, field, id_field, plain_rows, schema, vector_field
from tests.conformance.refusals import Refusal, always_invalid, check_accepted, check_refused, invalid, missing
from tests.conformance.target import Collections, Target

ELEMENTS: dict[int, list[list[Any]]] = {
    T.Bool: [[True, False], []],
    T.Int8: [[-128, 127], [0]],
    T.Int16: [[-(2**15), 2**15 - 1], []],
    T.Int32: [[-(2**31), 2**31 - 1], [1, 2, 3, 4]],
    T.Int64: [[-(2**63), 2**63 - 1], []],
    T.Float: [[0.5, -1.25], [3.0]],
    T.Double: [[0.1, 1e300], []],
    T.VarChar: [["", "äß"], ["abcd"]],
}


def array(name: str, element: int, **params: Any) -> schema_pb2.FieldSchema:
    """An ARRAY field of at most four elements, texts of at most four bytes."""
    sizes = {"max_capacity": 4, **({"max_length": 4} if element == T.VarChar else {}), **params}
    return field(name, T.Array, element_type=element, **{k: v for k, v in sizes.items() if v is not None})


def rows_of(data: schema_pb2.FieldData) -> list[list[Any] | None]:
    """The arrays of an answer, None where the row is null."""
    rows: list[list[Any] | None] = []
    for place, row in enumerate(data.scalars.array_data.data):
        valid = not data.valid_data or data.valid_data[place]
        kind = row.WhichOneof("data")
        rows.append((list(getattr(row, kind).data) if kind else []) if valid else None)
    return rows


@pytest.fixture(scope="module")
def name(target: Target, shared: Collections) -> str:
    """A loaded, empty collection with an array of numbers, one of small numbers and one of texts."""
    fields = [array("numbers", T.Int64), array("small", T.Int8), array("texts", T.VarChar)]
    return make_loaded(target, shared, fields)


def make_loaded(target: Target, collections: Collections, fields: list[schema_pb2.FieldSchema]) -> str:
    name = collections.make([id_field(), vector_field(), *fields])
    target.done("CreateIndex", collection_name=name, field_name="vec", extra_params={"metric_type": "L2"})
    target.load(name)
    return name


def good(**other: Any) -> list[Any]:
    """Two good rows, some of their columns replaced, or left out where None."""
    columns = {
        "numbers": array_column("numbers", T.Int64, [[1], [2, 3]]),
        "small": array_column("small", T.Int8, [[1], []]),
        "texts": array_column("texts", T.VarChar, [["a"], ["b", "c"]]),
        **other,
    }
    return [*plain_rows(2), *(made for made in columns.values() if made is not None)]


@pytest.mark.parametrize("element", ELEMENTS, ids=schema_pb2.DataType.Name)
def test_arrays_come_back(target: Target, collections: Collections, element: int) -> None:
    """Each element type comes back as it went in, with its limits, and arrays without elements too."""
    name = make_loaded(target, collections, [array("a", element)])
    check_accepted(target.insert(name, [*plain_rows(2), array_column("a", element, ELEMENTS[element])], 2))
    answer = target.query(name, "id >= 0", ["a"])
    check_accepted(answer)
    (found,) = (data for data in answer.fields_data if data.field_name == "a")
    assert (found.type, found.scalars.array_data.element_type) == (T.Array, element)
    assert rows_of(found) == ELEMENTS[element]


def test_null_arrays(target: Target, collections: Collections) -> None:
    """Rows of a nullable array may be null; a client sends the others only, and the answer marks each row."""
    if target.version < (3, 0):
        pytest.skip("since Milvus 3.0")
    name = make_loaded(target, collections, [array("a", T.Int64, nullable=True)])
    sent = array_column("a", T.Int64, [[1, 2], []], valid=[True, False, True])
    check_accepted(target.insert(name, [*plain_rows(3), sent], 3))
    check_accepted(target.insert(name, plain_rows(1, 3), 1))
    (found,) = (d for d in target.query(name, "id >= 0", ["a"]).fields_data if d.field_name == "a")
    assert rows_of(found) == [[1, 2], None, [], None]
    assert list(target.query(name, "a is null", ["id"]).fields_data[0].scalars.long_data.data) == [1, 3]


def test_arrays_are_described(target: Target, collections: Collections) -> None:
    """DescribeCollection tells the element type and both limits."""
    name = collections.make([id_field(), vector_field(), array("a", T.VarChar)])
    described = target.done("DescribeCollection", collection_name=name).schema.fields[2]
    assert (described.data_type, described.element_type) == (T.Array, T.VarChar)
    assert {pair.key: pair.value for pair in described.type_params} == {"max_capacity": "4", "max_length": "4"}


@pytest.mark.parametrize(
    ("declared", "refusal"),
    [
        (array("a", T.Int64, max_capacity=None), missing(
            "type param(max_capacity) should be specified for array field a of collection {name}", before=None)),
        (array("a", T.Int64, max_capacity=0), invalid(
            "the maximum capacity specified for a Array should be in (0, 4096]", before=None)),
        (array("a", T.Int64, max_capacity=4097), invalid(
            "the maximum capacity specified for a Array should be in (0, 4096]", before=None)),
        (array("a", T.Int64, max_capacity="x"), invalid(
            "the value for max_capacity of field a must be an integer", before=None)),
        (array("a", T.VarChar, max_length=None), missing(
            "type param(max_length) should be specified for the field(a) of collection {name}", before=None)),
        (array("a", T.VarChar, max_length=65536), invalid(
            "the maximum length specified for the field(a) should be in (0, 65535], but got 65536 instead",
            before=None)),
        (array("a", 0), invalid("element data type None is not valid", before=None)),
        (array("a", T.String), invalid(
            "string data type not supported yet, please use VarChar type instead", before=None)),
        (array("a", T.JSON), invalid("element type JSON is not supported", before=None)),
        (array("a", T.Array), invalid("element type Array is not supported", before=None)),
        (array("a", T.FloatVector), invalid("element type FloatVector is not supported", before=None)),
        (array("a", 999), invalid("element type 999 is not supported", before=None)),
        (
            array("a", T.Int64, default_value=schema_pb2.ValueField(long_data=1)),
            invalid("type not support default_value, type:Array, name:a", before=None),
        ),
    ],
)  # fmt: skip
def test_declarations_refused(
    target: Target, collections: Collections, declared: schema_pb2.FieldSchema, refusal: Refusal
) -> None:
    """An ARRAY needs plain elements, a capacity of 1 to 4096, for texts a length, and takes no default."""
    name = collections.name()
    sent = schema(name, [id_field(), vector_field(), declared])
    target.refused("CreateCollection", refusal, {"name": name}, collection_name=name, schema=sent)


def mismatch(needed: str, kind: str) -> Refusal:
    """``kind`` is the member of ScalarField that was sent, or "" for none."""
    actual = f"*schemapb.ScalarField_{kind}" if kind else "nil"
    return always_invalid("insert data does not match", f"[expected={needed} array][actual={actual} array]")


@pytest.mark.parametrize(
    ("other", "refusal"),
    [
        (
            {"numbers": array_column("numbers", T.Int64, [[1], [1, 2, 3, 4, 5]])},
            always_invalid(
                "the length (5) of 1th array exceeds max capacity (4)",
                "[expected=valid length array][actual=array length exceeds max capacity]",
            ),
        ),
        (
            {"small": array_column("small", T.Int8, [[1], [2, 128]])},
            always_invalid(
                "the 1th element (128) out of range: [-128, 127]",
                "[expected=integer doesn't overflow][actual=out of range]",
            ),
        ),
        (
            {"texts": array_column("texts", T.VarChar, [["a"], ["b", "abcde"]])},
            invalid(
                'length of Array array field "texts" exceeds max length, row number: 1, array index: 1, length: 5, '
                "max length: 4",
                before=None,
            ),
        ),
        ({"numbers": array_column("numbers", T.Double, [[1], [2]])}, mismatch("int64", "DoubleData")),
        ({"texts": array_column("texts", T.Int8, [[1], [2]])}, mismatch("string", "IntData")),
        (
            {"small": array_column("small", T.VarChar, [["a"], []])},
            replace(
                mismatch("int", "StringData"),
                since="3.0",
                before=always_invalid("Array is not of string type", "[expected=VarChar][actual=Array]"),
            ),
        ),
        (
            {"numbers": column("numbers", T.Int64, [1, 2])},
            invalid(
                "field convert FieldData_Scalars fail in fieldData, fieldName: numbers, collectionName: {name}",
                before=None,
            ),
        ),
        (
            {"numbers": array_column("numbers", T.Int64, [[1]])},
            Refusal(
                1100,
                5,
                "the num_rows (1) of field (numbers) is not equal to passed num_rows (2): invalid parameter"
                "[expected=2][actual=1]",
                input_error=True,
                since="3.0",
            ),
        ),
        (
            {"numbers": None},
            invalid("fieldSchema(numbers) has no corresponding fieldData pass in", before=None),
        ),
    ],
)  # fmt: skip
def test_rows_refused(target: Target, name: str, other: dict[str, Any], refusal: Refusal) -> None:
    """Arrays that are too long, of the wrong elements, or out of range are refused; nothing is stored."""
    check_refused(target.insert(name, good(**other), 2), refusal, target.version, name=name)
    assert target.count(name) == 0


def test_array_row_without_elements_type(target: Target, name: str) -> None:
    """A row that does not say what its elements are is refused."""
    if target.version < (3, 0):
        pytest.skip("this kills a real Milvus 2.3.5")
    data = array_column("numbers", T.Int64, [[1]])
    data.scalars.array_data.data.add()
    check_refused(target.insert(name, good(numbers=data), 2), mismatch("int64", ""), target.version)


@pytest.mark.parametrize("index_type", ["INVERTED", "AUTOINDEX"])
def test_array_index(target: Target, collections: Collections, index_type: str) -> None:
    """An array takes a scalar index, which counts the rows."""
    if target.version < (3, 0):
        pytest.skip("since Milvus 3.0")
    name = make_loaded(target, collections, [array("a", T.Int64)])
    arrays = [[row, row + 1] for row in range(1500)]
    check_accepted(target.insert(name, [*plain_rows(1500), array_column("a", T.Int64, arrays)], 1500))
    target.flush(name)
    target.done("CreateIndex", collection_name=name, field_name="a", extra_params={"index_type": index_type})
    target.wait_until_indexed(name)
    assert target.counters(name, "a") == (1500, 1500, 0)


@pytest.mark.parametrize(
    ("index_type", "element", "text"),
    [
        ("BITMAP", T.Float, "bitmap index are only supported on bool, int, string for array field"),
        ("STL_SORT", T.Int64, "STL_SORT are only supported on numeric, varchar or timestamptz field, got Array"),
        ("TRIE", T.VarChar, "TRIE are only supported on varchar field"),
    ],
)
def test_array_index_refused(
    target: Target, collections: Collections, index_type: str, element: int, text: str
) -> None:
    """A sorted index, a trie, and a bitmap of floats are not for arrays."""
    name = collections.make([id_field(), vector_field(), array("a", element)])
    target.refused(
        "CreateIndex",
        invalid(text, before=None),
        collection_name=name,
        field_name="a",
        extra_params={"index_type": index_type},
    )
