"""Vectors of every type, 512 bytes each: insert in calls of 5,000 rows, counted in MiB of vectors."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from pymilvus.grpc_gen import common_pb2, milvus_pb2, schema_pb2

from benchmarks.session import Session, timed
from benchmarks.table import Row

ROWS_PER_CALL = 5_000
BYTES_PER_VECTOR = 512
MIB = 1 << 20

# Each type: its number, its dim (none for sparse vectors), and where its vectors lie in a VectorField.
TYPES = {
    "FLOAT_VECTOR": (schema_pb2.FloatVector, 128, "float_vector"),
    "FLOAT16_VECTOR": (schema_pb2.Float16Vector, 256, "float16_vector"),
    "BFLOAT16_VECTOR": (schema_pb2.BFloat16Vector, 256, "bfloat16_vector"),
    "INT8_VECTOR": (schema_pb2.Int8Vector, 512, "int8_vector"),
    "BINARY_VECTOR": (schema_pb2.BinaryVector, 4_096, "binary_vector"),
    "SPARSE_FLOAT_VECTOR": (schema_pb2.SparseFloatVector, 0, "sparse_float_vector"),
}


ENDING = {"milvus": ("BFLOAT16_VECTOR", "INT8_VECTOR", "SPARSE_FLOAT_VECTOR")}
"""What 2.3.5 does not know: rows in BFLOAT16 end its process."""


def mib_per_second(value: float) -> str:
    return f"{value:,.0f} MiB/s"


ROWS: list[Row] = [
    Row(f"insert_{name}", f"insert, {name}", mib_per_second, "half of FLOAT_VECTOR's", more_is_better=True)
    for name in TYPES
]


def measure(session: Session) -> None:
    """Fills one collection of each type with as many rows as the dataset has, and drops it."""
    if not session.stores:
        return
    client, rows = session.client, session.data.rows
    for name, (number, dim, member) in TYPES.items():
        if name in ENDING.get(session.running.target.key, ()):
            continue
        client.call("CreateCollection", _create_request(name, number, dim))
        request = _insert_request(name, number, dim, member)
        calls = max(1, rows // ROWS_PER_CALL)
        taken_s = sum(timed(partial(client.call, "Insert", request)) for _ in range(calls))
        client.drop(name)
        session.figures[f"insert_{name}"] = calls * ROWS_PER_CALL * BYTES_PER_VECTOR / MIB / taken_s


def _create_request(name: str, number: int, dim: int) -> Any:
    params = [common_pb2.KeyValuePair(key="dim", value=str(dim))] if dim else []
    fields = [
        schema_pb2.FieldSchema(name="id", data_type=schema_pb2.Int64, is_primary_key=True, autoID=True),
        schema_pb2.FieldSchema(name="vector", data_type=number, type_params=params),
    ]
    schema = schema_pb2.CollectionSchema(name=name, fields=fields)
    return milvus_pb2.CreateCollectionRequest(collection_name=name, schema=schema.SerializeToString(), shards_num=1)


def _insert_request(name: str, number: int, dim: int, member: str) -> Any:
    column = schema_pb2.FieldData(type=number, field_name="vector")
    column.vectors.dim = dim
    if member == "float_vector":
        column.vectors.float_vector.data.extend(_random().view(np.int32).astype(np.float32).tolist())
    elif member == "sparse_float_vector":
        column.vectors.sparse_float_vector.contents.extend(_sparse_rows())
    else:
        packed = _random() & np.uint8(0x3F)  # whatever the type, no number that is none
        setattr(column.vectors, member, packed.tobytes())
    return milvus_pb2.InsertRequest(
        collection_name=name, partition_name="_default", fields_data=[column], num_rows=ROWS_PER_CALL
    )


def _random() -> np.ndarray[Any, np.dtype[np.uint8]]:
    """All vectors of a call as bytes."""
    return np.random.default_rng(7).integers(0, 256, ROWS_PER_CALL * BYTES_PER_VECTOR, dtype=np.uint8)


def _sparse_rows() -> list[bytes]:
    """Each row 64 pairs of an index and a value."""
    random = np.random.default_rng(7)
    pairs = np.empty((ROWS_PER_CALL, BYTES_PER_VECTOR // 8), [("index", "<u4"), ("value", "<f4")])
    pairs["index"] = np.sort(random.integers(0, 400, pairs.shape), axis=1) + 400 * np.arange(pairs.shape[1])
    pairs["value"] = random.random(pairs.shape)
    return [row.tobytes() for row in pairs]


if __name__ == "__main__":
    from benchmarks.compare import print_part

    print_part("vector_types")
