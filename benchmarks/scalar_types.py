"""Scalar columns of the wide types: insert in calls of 5,000 rows, counted in values.

Beside the column there are an automatic key and a vector of dim 2.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from pymilvus.grpc_gen import common_pb2, milvus_pb2, schema_pb2

from benchmarks.session import Session, timed
from benchmarks.table import Row, per_second

ROWS_PER_CALL = 5_000
DIM = 2


def _texts(data: Any) -> None:
    data.string_data.data.extend(f"the text of row number {row}" for row in range(ROWS_PER_CALL))


def _documents(data: Any) -> None:
    encoded = (b'{"number": %d, "name": "row %d", "tags": ["a", "b"]}' % (row, row) for row in range(ROWS_PER_CALL))
    data.json_data.data.extend(encoded)


def _arrays(data: Any) -> None:
    data.array_data.element_type = schema_pb2.Int64
    for row in range(ROWS_PER_CALL):
        data.array_data.data.add().long_data.data.extend(range(row, row + 8))


def _times(data: Any) -> None:
    data.string_data.data.extend(f"2025-01-01T{row // 3600:02}:{row // 60 % 60:02}:00Z" for row in range(ROWS_PER_CALL))


TYPES: dict[str, tuple[int, dict[str, str], Callable[[Any], None], str]] = {
    "VARCHAR": (schema_pb2.VarChar, {"max_length": "100"}, _texts, "150,000/s"),
    "JSON": (schema_pb2.JSON, {}, _documents, "150,000/s"),
    "ARRAY of 8 INT64": (schema_pb2.Array, {"max_capacity": "8"}, _arrays, ""),
    "TIMESTAMPTZ": (schema_pb2.Timestamptz, {}, _times, ""),
}
ROWS: list[Row] = [
    Row(f"insert_{name}", f"insert, values of {name}", per_second, wanted, more_is_better=True)
    for name, (*_, wanted) in TYPES.items()
]


def measure(session: Session) -> None:
    """Fills one collection of each type with as many rows as the dataset has, and drops it."""
    if not session.stores:
        return
    client, calls = session.client, max(1, session.data.rows // ROWS_PER_CALL)
    for number, (name, (type, params, fill, _)) in enumerate(TYPES.items()):
        collection = f"scalar_{number}"
        client.call("CreateCollection", _create_request(collection, type, params))
        request = _insert_request(collection, type, fill)
        taken_s = sum(timed(partial(client.call, "Insert", request)) for _ in range(calls))
        client.drop(collection)
        session.figures[f"insert_{name}"] = calls * ROWS_PER_CALL / taken_s


def _create_request(name: str, type: int, params: dict[str, str]) -> Any:
    element = schema_pb2.Int64 if type == schema_pb2.Array else schema_pb2.DataType.Value("None")
    fields = [
        schema_pb2.FieldSchema(name="id", data_type=schema_pb2.Int64, is_primary_key=True, autoID=True),
        schema_pb2.FieldSchema(name="vector", data_type=schema_pb2.FloatVector, type_params=_pairs({"dim": str(DIM)})),
        schema_pb2.FieldSchema(name="value", data_type=type, type_params=_pairs(params), element_type=element),
    ]
    schema = schema_pb2.CollectionSchema(name=name, fields=fields)
    return milvus_pb2.CreateCollectionRequest(collection_name=name, schema=schema.SerializeToString(), shards_num=1)


def _insert_request(name: str, type: int, fill: Callable[[Any], None]) -> Any:
    vectors = schema_pb2.FieldData(type=schema_pb2.FloatVector, field_name="vector")
    vectors.vectors.dim = DIM
    vectors.vectors.float_vector.data.extend([0.5] * (DIM * ROWS_PER_CALL))
    values = schema_pb2.FieldData(type=type, field_name="value")
    fill(values.scalars)
    return milvus_pb2.InsertRequest(
        collection_name=name, partition_name="_default", fields_data=[vectors, values], num_rows=ROWS_PER_CALL
    )


def _pairs(params: dict[str, str]) -> list[Any]:
    return [common_pb2.KeyValuePair(key=key, value=value) for key, value in params.items()]


if __name__ == "__main__":
    from benchmarks.compare import print_part

    print_part("scalar_types")
