"""Struct arrays: declared, numbered, what a row may hold, and how they come back. Since Milvus 2.6.4."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pymilvus.grpc_gen import schema_pb2

from tests.conformance.making import T, array_column, column, field, id_field, plain_rows, random_vectors, vector_field
from tests.conformance.refusals import Refusal, check_accepted, check_refused, invalid, missing
from tests.conformance.target import Collections, Target

PLAIN = [id_field(), vector_field()]


@pytest.fixture(autouse=True)
def _since(target: Target) -> None:
    if target.version < (3, 0):
        pytest.skip("since Milvus 2.6.4")


def sub(name: str, element: int, **params: Any) -> schema_pb2.FieldSchema:
    """A field of a struct: an array of scalars, or of vectors of dim 2."""
    vectors = element >= 100
    sizes = {"max_capacity": 3, **({"dim": 8 if element == T.BinaryVector else 2} if vectors else {}), **params}
    given = {key: value for key, value in sizes.items() if value is not None}
    return field(name, T.ArrayOfVector if vectors else T.Array, element_type=element, **given)


def struct(name: str, *fields: schema_pb2.FieldSchema, **more: Any) -> schema_pb2.StructArrayFieldSchema:
    return schema_pb2.StructArrayFieldSchema(name=name, fields=fields, **more)


def serialized(name: str, *structs: schema_pb2.StructArrayFieldSchema, fields: Any = PLAIN, **more: Any) -> bytes:
    made = schema_pb2.CollectionSchema(name=name, fields=fields, struct_array_fields=structs, **more)
    return bytes(made.SerializeToString())


def vectors(name: str, rows: list[list[list[float]]], valid: tuple[bool, ...] = ()) -> schema_pb2.FieldData:
    """An ARRAY_OF_VECTOR column of float vectors of dim 2."""
    data = schema_pb2.FieldData(field_name=name, type=T.ArrayOfVector, valid_data=valid)
    data.vectors.dim = data.vectors.vector_array.dim = 2
    data.vectors.vector_array.element_type = T.FloatVector
    for row in rows:
        data.vectors.vector_array.data.add(dim=2).float_vector.data.extend(np.ravel(row).tolist())
    return data


def structs(*fields: schema_pb2.FieldData, name: str = "s") -> schema_pb2.FieldData:
    data = schema_pb2.FieldData(field_name=name, type=T.ArrayOfStruct)
    data.struct_arrays.fields.extend(fields)
    return data


def make(target: Target, collections: Collections, *declared: schema_pb2.StructArrayFieldSchema, **more: Any) -> str:
    """A loaded collection."""
    name = collections.name()
    target.done("CreateCollection", collection_name=name, schema=serialized(name, *declared, **more))
    target.done("CreateIndex", collection_name=name, field_name="vec", extra_params={"metric_type": "L2"})
    for one in declared:
        for part in one.fields:
            if part.data_type == T.ArrayOfVector:
                index = {"index_type": "HNSW", "metric_type": "MAX_SIM_COSINE"}
                target.done(
                    "CreateIndex", collection_name=name, field_name=f"{one.name}[{part.name}]", extra_params=index
                )
    target.load(name)
    return name


S = struct("s", sub("n", T.Int64), sub("v", T.FloatVector))
N = array_column("n", T.Int64, [[1, 2], []])
V = vectors("v", [[[1, 2], [3, 4]], []])


def shown(response: Any, name: str = "s") -> dict[str, list[Any]]:
    """The rows of each field of a struct in an answer, null as None."""
    check_accepted(response)
    found = response.results.fields_data if hasattr(response, "results") else response.fields_data
    (data,) = (data for data in found if data.field_name == name)
    assert data.type == T.ArrayOfStruct
    rows: dict[str, list[Any]] = {}
    for part in data.struct_arrays.fields:
        if part.type == T.ArrayOfVector:
            values = [list(row.float_vector.data) for row in part.vectors.vector_array.data]
        else:
            values = [list(row.long_data.data) for row in part.scalars.array_data.data]
        valid = part.valid_data or [True] * len(values)
        rows[part.field_name] = [value if ok else None for value, ok in zip(values, valid, strict=True)]
    return rows


def test_ids_and_description(target: Target, collections: Collections) -> None:
    """Ids count on: the fields, the dynamic field, then each struct before its own fields, whose names are bare."""
    name = make(target, collections, S, struct("u", sub("n", T.VarChar, max_length=9)), enable_dynamic_field=True)
    described = target.done("DescribeCollection", collection_name=name).schema
    first, second = described.struct_array_fields
    assert [f.fieldID for f in described.fields] == [100, 101]
    assert (first.fieldID, [(f.fieldID, f.name) for f in first.fields]) == (103, [(104, "n"), (105, "v")])
    assert (second.fieldID, [(f.fieldID, f.name) for f in second.fields]) == (106, [(107, "n")])
    assert (first.fields[1].data_type, first.fields[1].element_type) == (T.ArrayOfVector, T.FloatVector)


def test_structs_come_back(target: Target, collections: Collections) -> None:
    """A query and a search put the fields of a struct together again, behind the other fields."""
    name = make(target, collections, S)
    check_accepted(target.insert(name, [*plain_rows(2), structs(N, V)], 2))
    expected = {"n": [[1, 2], []], "v": [[1, 2, 3, 4], []]}
    answer = target.query(name, "id >= 0", ["s"])
    assert shown(answer) == expected
    assert list(answer.output_fields) == ["id", "s"]
    everything = target.query(name, "id >= 0", ["*"])
    assert [data.field_name for data in everything.fields_data] == ["id", "vec", "s"]
    found = shown(target.search(name, random_vectors(1), 2, outputs=["s"]))
    assert sorted(found["n"]) == sorted(expected["n"])


def test_one_field_of_a_struct(target: Target, collections: Collections) -> None:
    """A query may ask for one field of a struct."""
    name = make(target, collections, S)
    check_accepted(target.insert(name, [*plain_rows(2), structs(N, V)], 2))
    assert shown(target.query(name, "id >= 0", ["s[n]"])) == {"n": [[1, 2], []]}


@pytest.mark.parametrize("sent", [True, False], ids=["some", "left out"])
def test_null_structs(target: Target, collections: Collections, sent: bool) -> None:
    """A nullable struct is null as a whole; it may be left out."""
    name = make(target, collections, struct("s", sub("n", T.Int64), sub("v", T.FloatVector), nullable=True))
    valid = (False, True, False)
    given = structs(array_column("n", T.Int64, [[5]], valid=valid), vectors("v", [[[1, 2]]], valid))
    check_accepted(target.insert(name, [*plain_rows(3), *([given] if sent else [])], 3))
    expected = {"n": [None, [5], None], "v": [None, [1, 2], None]} if sent else {"n": [None] * 3, "v": [None] * 3}
    assert shown(target.query(name, "id >= 0", ["s"])) == expected


@pytest.mark.parametrize("element", [T.Float16Vector, T.BFloat16Vector, T.Int8Vector, T.BinaryVector])
def test_other_vectors(target: Target, collections: Collections, element: int) -> None:
    """Vectors of bytes come back byte by byte."""
    name = make_unindexed(target, collections, struct("s", sub("v", element)))
    kind = {
        T.Float16Vector: "float16_vector",
        T.BFloat16Vector: "bfloat16_vector",
        T.Int8Vector: "int8_vector",
        T.BinaryVector: "binary_vector",
    }[element]
    data = schema_pb2.FieldData(field_name="v", type=T.ArrayOfVector)
    dim = 8 if element == T.BinaryVector else 2
    data.vectors.dim = data.vectors.vector_array.dim = dim
    data.vectors.vector_array.element_type = element
    setattr(data.vectors.vector_array.data.add(dim=dim), kind, bytes(range(4)) if dim == 2 else bytes(2))
    check_accepted(target.insert(name, [*plain_rows(1), structs(data)], 1))
    (found,) = (d for d in target.query(name, "id >= 0", ["s"]).fields_data if d.field_name == "s")
    (part,) = found.struct_arrays.fields
    (row,) = part.vectors.vector_array.data
    assert getattr(row, kind) == (bytes(range(4)) if dim == 2 else bytes(2))


def make_unindexed(target: Target, collections: Collections, declared: schema_pb2.StructArrayFieldSchema) -> str:
    """The same with AUTOINDEX on every field."""
    name = collections.name()
    target.done("CreateCollection", collection_name=name, schema=serialized(name, declared))
    for given in ("vec", *(f"{declared.name}[{part.name}]" for part in declared.fields)):
        target.done("CreateIndex", collection_name=name, field_name=given, extra_params={"index_type": "AUTOINDEX"})
    target.load(name)
    return name


def test_load_needs_an_index_on_the_vectors(target: Target, collections: Collections) -> None:
    """A collection with vectors in a struct is loaded only with an index on them."""
    name = collections.name()
    target.done("CreateCollection", collection_name=name, schema=serialized(name, S))
    target.done("CreateIndex", collection_name=name, field_name="vec", extra_params={"metric_type": "L2"})
    refusal = Refusal(1100, 5, "there is no vector index on field: [s[v]], please create index firstly*", True)
    target.refused("LoadCollection", refusal, collection_name=name, replica_number=1)


@pytest.mark.parametrize(
    ("declared", "refusal"),
    [
        (struct("s"), invalid("struct array field s has no sub-fields", before=None)),
        (
            struct("s", field("n", T.Int64)),
            invalid(
                "fields in StructArrayField must be Array or ArrayOfVector, field name = n, field type = Int64",
                before=None,
            ),
        ),
        (struct("s", sub("n", T.Array)), invalid("nested array is not supported n", before=None)),
        (struct("s", sub("n", T.JSON)), invalid("element type JSON is not supported", before=None)),
        (
            struct("s", sub("n", T.SparseFloatVector)),
            invalid(
                "Unsupported element type SparseFloatVector of ArrayOfVector field n, only fixed dimension vector "
                "types are supported",
                before=None,
            ),
        ),
        (
            struct("s", sub("n", T.Int64, max_capacity=None)),
            missing("type param(max_capacity) should be specified for array field n of collection {name}", before=None),
        ),
        (
            struct("s", sub("n", T.Int64), sub("m", T.Int64, max_capacity=4)),
            invalid(
                "all sub-fields in struct array field must have the same max_capacity: structName=s, subFieldName=m, "
                "max_capacity=4, expected=3",
                before=None,
            ),
        ),
        (
            struct("s", sub("n", T.VarChar)),
            missing("type param(max_length) should be specified for the field(n) of collection {name}", before=None),
        ),
        (
            struct("s", sub("n", T.FloatVector, dim=1)),
            invalid("invalid dimension: 1. should be in range 2 ~ 32768", before=None),
        ),
        (
            struct("s", sub("n", T.Int64, nullable=True)),
            invalid(
                "sub-field in non-nullable struct cannot be nullable individually, set nullable on the struct instead: "
                "structName=s, subFieldName=n",
                before=None,
            ),
        ),
        (struct("s", sub("n", T.Int64), sub("n", T.Int64)), invalid("duplicated field name s[n] found", before=None)),
        (struct("id", sub("n", T.Int64)), invalid("duplicated field name id found", before=None)),
        (
            struct("s", sub("n", T.Int64, primary=True)),
            invalid(
                "partition key or primary key can not be in struct array field. data type:Array, element type:Int64, "
                "name:s[n]",
                before=None,
            ),
        ),
        (
            struct("s", sub("n", T.Int64, default_value=schema_pb2.ValueField(long_data=1))),
            invalid(
                "fields in struct array field not support default_value, data type:Array, element type:Int64, "
                "name:s[n]",
                before=None,
            ),
        ),
        (
            struct("s", sub("n", T.Int64, autoID=True)),
            invalid("autoID is not supported for struct field, field name = n", before=None),
        ),
        (
            struct("s", sub("n", T.Int64, is_clustering_key=True)),
            Refusal(
                105,
                1,
                "clustering key is not supported for struct field, field name = n: illegal collection schema"
                "[collection={name}]",
                input_error=True,
            ),
        ),
        (
            struct("s", sub("Timestamp", T.Int64)),
            Refusal(
                1701,
                1,
                'field name "Timestamp" is reserved for internal use and cannot be used in user schemas: field name '
                "invalid[field=Timestamp]",
            ),
        ),
    ],
)
def test_declarations_refused(
    target: Target, collections: Collections, declared: schema_pb2.StructArrayFieldSchema, refusal: Refusal
) -> None:
    """Milvus' rules for structs and their fields."""
    name = collections.name()
    sent = serialized(name, declared)
    target.refused("CreateCollection", refusal, {"name": name}, collection_name=name, schema=sent)


def test_vectors_of_arrays_only_in_structs(target: Target, collections: Collections) -> None:
    """An ARRAY_OF_VECTOR is no field of its own."""
    name = collections.name()
    sent = serialized(name, fields=[*PLAIN, sub("v", T.FloatVector)])
    refusal = invalid("array of vector can only be in the struct array field, field name: v", before=None)
    target.refused("CreateCollection", refusal, collection_name=name, schema=sent)


@pytest.fixture(scope="module")
def name(target: Target, shared: Collections) -> str:
    if target.version < (3, 0):
        pytest.skip("since Milvus 2.6.4")
    return make(target, shared, S)


@pytest.mark.parametrize(
    ("sent", "text"),
    [
        (None, "required struct array field 's' is missing in insert data"),
        (structs(), "length of fields of struct field mismatch length of the fields in schema, fieldName: s, "
                    "collectionName:{name}, fieldData fields length:0, schema fields length:2"),
        (column("s", T.Int64, [1, 2]), "field convert FieldData_StructArrays fail in fieldData, fieldName: s, "
                                       "collectionName:{name}"),
        (structs(N, schema_pb2.FieldData(field_name="v")), "inconsistent sub-field data in struct 's': 1 of 2 "
         "sub-fields have data, all must be present or all absent"),
        (structs(N, vectors("w", [[[1, 2], [3, 4]], []])), "sub-field 'w' not found in struct schema 's'"),
        (structs(N, vectors("v", [[[1, 2], [3, 4]]])), "inconsistent array length in struct field 's': expected 2, got "
         "1 for sub-field 'v'"),
        (structs(N, vectors("v", [[[1, 2]], []])), "inconsistent struct element count in struct 's' at row 0: 'n' has "
         "2, 'v' has 1"),
        (structs(column("n", T.Int64, [1, 2]), V), "scalar array data is nil in struct field 's', sub-field 'n'"),
    ],
)  # fmt: skip
def test_rows_refused(target: Target, name: str, sent: Any, text: str) -> None:
    """The fields of a struct have to agree in rows and elements; nothing is stored."""
    columns = [*plain_rows(2), *([] if sent is None else [sent])]
    check_refused(target.insert(name, columns, 2), invalid(text, before=None), target.version, name=name)
    assert target.count(name) == 0


def test_too_many_structs(target: Target, name: str) -> None:
    """A row holds at most max_capacity structs."""
    sent = structs(array_column("n", T.Int64, [[1] * 4]), vectors("v", [[[1, 2]] * 4]))
    text = "the length (4) of 0th array exceeds max capacity (3)"
    ending = "[expected=valid length array][actual=array length exceeds max capacity]"
    check_refused(target.insert(name, [*plain_rows(1), sent], 1), invalid(text, before=None, ending=ending), (3, 0))


def test_column_of_no_field(target: Target, name: str) -> None:
    """A column that the schema does not have is refused by its name and type."""
    columns = [*plain_rows(2), structs(N, V), column("x", T.Int64, [1, 2])]
    refusal = invalid("fieldName x not exist in collection schema, fieldType Int64, fieldId 0", before=None)
    check_refused(target.insert(name, columns, 2), refusal, target.version)


@pytest.mark.parametrize(
    ("metric", "text"),
    [
        (
            "HAMMING",
            "array of vector with float element type does not support metric type: HAMMING, supported: [L2 IP COSINE "
            "MAX_SIM MAX_SIM_COSINE MAX_SIM_L2 MAX_SIM_IP]: invalid parameter",
        ),
    ],
)
def test_metrics_refused(target: Target, collections: Collections, metric: str, text: str) -> None:
    """The vectors of a struct are compared one by one or as a whole, by metrics of their type."""
    name = collections.name()
    target.done("CreateCollection", collection_name=name, schema=serialized(name, S))
    target.refused(
        "CreateIndex",
        invalid(text, before=None, ending="[expected=valid index params][actual=invalid index params]"),
        collection_name=name,
        field_name="s[v]",
        extra_params={"index_type": "HNSW", "metric_type": metric},
    )
