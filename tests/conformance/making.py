"""What requests are made of: schemas, columns, query vectors, in pymilvus' own messages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pymilvus.grpc_gen import common_pb2 as common
from pymilvus.grpc_gen import schema_pb2

Vectors = NDArray[np.float32]
T = schema_pb2.DataType
DIM = 8


def pairs(given: Mapping[str, Any]) -> list[common.KeyValuePair]:
    return [common.KeyValuePair(key=key, value=str(value)) for key, value in given.items()]


def field(name: str, type: int, *, primary: bool = False, **params: Any) -> schema_pb2.FieldSchema:
    """A field; ``params`` are type parameters, but for those that FieldSchema itself has."""
    own = {key: params.pop(key) for key in list(params) if key in schema_pb2.FieldSchema.DESCRIPTOR.fields_by_name}
    return schema_pb2.FieldSchema(name=name, data_type=type, is_primary_key=primary, type_params=pairs(params), **own)


def id_field(name: str = "id", **params: Any) -> schema_pb2.FieldSchema:
    return field(name, T.Int64, primary=True, **params)


def vector_field(name: str = "vec", dim: int = DIM) -> schema_pb2.FieldSchema:
    return field(name, T.FloatVector, dim=dim)


def scalar_fields() -> list[schema_pb2.FieldSchema]:
    """One field of each scalar type."""
    return [
        field("b", T.Bool),
        field("i8", T.Int8),
        field("i16", T.Int16),
        field("i32", T.Int32),
        field("i64", T.Int64),
        field("f", T.Float),
        field("d", T.Double),
        field("vc", T.VarChar, max_length=16),
        field("js", T.JSON),
    ]


def schema(
    name: str, fields: Sequence[schema_pb2.FieldSchema] = (), *, dynamic: bool = False, description: str = ""
) -> bytes:
    """A serialised CollectionSchema; without fields: "id" and "vec"."""
    made = schema_pb2.CollectionSchema(
        name=name,
        description=description,
        fields=fields or [id_field(), vector_field()],
        enable_dynamic_field=dynamic,
    )
    return bytes(made.SerializeToString())


def column(name: str, type: int, values: Iterable[Any], *, dynamic: bool = False) -> schema_pb2.FieldData:
    """A scalar column, its values in the slot of its type."""
    data = schema_pb2.FieldData(field_name=name, type=type, is_dynamic=dynamic)
    getattr(data.scalars, _SLOTS[type]).data.extend(values)
    return data


def array_column(
    name: str, element: int, rows: Sequence[Sequence[Any]], *, valid: Sequence[bool] = ()
) -> schema_pb2.FieldData:
    """An ARRAY column; with ``valid``, ``rows`` are those of the rows that are not null."""
    data = schema_pb2.FieldData(field_name=name, type=T.Array, valid_data=valid)
    data.scalars.array_data.element_type = element
    for row in rows:
        getattr(data.scalars.array_data.data.add(), _SLOTS[element]).data.extend(row)
    return data


def vector_column(vectors: Vectors, name: str = "vec") -> schema_pb2.FieldData:
    data = schema_pb2.FieldData(field_name=name, type=T.FloatVector)
    data.vectors.dim = vectors.shape[1]
    data.vectors.float_vector.data.extend(vectors.ravel().tolist())
    return data


def random_vectors(rows: int, seed: int = 1, dim: int = DIM) -> Vectors:
    return np.random.default_rng(seed).standard_normal((rows, dim), dtype=np.float32)


def plain_rows(rows: int, start: int = 0) -> list[schema_pb2.FieldData]:
    """Columns "id" and "vec" of so many rows; a row's vector depends on its id only."""
    return [column("id", T.Int64, range(start, start + rows)), vector_column(random_vectors(start + rows)[start:])]


def scalar_columns(rows: int) -> list[schema_pb2.FieldData]:
    """Columns of ``scalar_fields``, of so many rows."""
    numbers = range(rows)
    return [
        column("b", T.Bool, [number % 2 == 0 for number in numbers]),
        column("i8", T.Int8, numbers),
        column("i16", T.Int16, numbers),
        column("i32", T.Int32, numbers),
        column("i64", T.Int64, [number - 2 for number in numbers]),
        column("f", T.Float, [number / 2 for number in numbers]),
        column("d", T.Double, [number / 4 for number in numbers]),
        column("vc", T.VarChar, [f"s{number}" for number in numbers]),
        column("js", T.JSON, [b'{"a": %d}' % number for number in numbers]),
    ]


def placeholders(vectors: Vectors, type: int = 101) -> bytes:
    """Query vectors as a serialised PlaceholderGroup; 101 is FloatVector."""
    rows = [vector.astype("<f4").tobytes() for vector in vectors]
    value = common.PlaceholderValue(tag="$0", type=type, values=rows)
    return bytes(common.PlaceholderGroup(placeholders=[value]).SerializeToString())


_SLOTS = {
    T.Bool: "bool_data",
    T.Int8: "int_data",
    T.Int16: "int_data",
    T.Int32: "int_data",
    T.Int64: "long_data",
    T.Float: "float_data",
    T.Double: "double_data",
    T.VarChar: "string_data",
    T.JSON: "json_data",
}
