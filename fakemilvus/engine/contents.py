"""What a collection holds, read directly: for a test's assertions, which need no rpc and no load, and for ``dump``.

Values come as plain Python or as copies, so nothing that a test does to them reaches the server.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fakemilvus.datatypes import ARRAYS, TYPES, Column, DataType, as_objects
from fakemilvus.engine.collection import Collection
from fakemilvus.engine.geometry import show_texts
from fakemilvus.engine.index import Index
from fakemilvus.engine.query import Found, count, query
from fakemilvus.engine.schema import Field, Schema, StructArray
from fakemilvus.engine.vector_checks import SPARSE_ELEMENT
from fakemilvus.filters import compile_filter
from fakemilvus.timestamptz import DEFAULT_TIMEZONE, printed


class Contents:
    """A read-only view of one collection; each reading is of the moment, and consistent in itself."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    def __repr__(self) -> str:
        return f"<Contents of {self.name}: {self.count} rows>"

    @property
    def name(self) -> str:
        """The collection's own name, where it was asked for by an alias too."""
        return self._collection.definition.name

    @property
    def count(self) -> int:
        """The rows that are not deleted."""
        snapshot = self._collection.snapshot
        return count(snapshot, compile_filter("", snapshot.schema.filterable))

    @property
    def loaded(self) -> bool:
        """Whether anything of it is loaded."""
        return bool(self._collection.snapshot.loaded)

    @property
    def partitions(self) -> list[str]:
        """The names of the partitions, oldest first."""
        return [partition.name for partition in self._collection.snapshot.partitions]

    @property
    def schema(self) -> dict[str, str]:
        """Each field's type as text, such as "Int64 primary", "VarChar(64) nullable" or "FloatVector(128)"."""
        return {field.name: _described(field) for field in self._collection.schema.stored}

    @property
    def indexes(self) -> list[dict[str, Any]]:
        """Definition, state and counters of each index."""
        return [dump_index(index) for index in self._collection.snapshot.indexes]

    def rows(
        self, filter: str = "", limit: int | None = None, output_fields: Iterable[str] | None = None
    ) -> list[dict[str, Any]]:
        """The rows that pass a filter, each primary key once, ascending by key.

        Vectors are as a query answers them: lists of floats, one bytes in a list for the other dense types, dicts of
        index and value for sparse ones. JSON is parsed, times are texts in UTC, geometries well-known text, null is
        None; keys of the dynamic field stand beside the fields, as clients see them. ``output_fields`` leaves all
        else out. Raises the MilvusError of a filter or a field that is none.
        """
        found, schema = self._find(filter, limit)
        columns = {field.name: _values(found.column(field)) for field in schema.fields}
        columns |= {struct.name: _structs(struct, found) for struct in schema.structs}
        whole = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
        if schema.enable_dynamic_field:
            for row, dynamic in zip(whole, _values(found.column(schema.stored[-1])), strict=True):
                row.update(dynamic or {})
        if output_fields is None:
            return whole
        wanted = [_known(schema, name) for name in output_fields]
        return [{name: row[name] for name in wanted if name in row} for row in whole]

    def column(self, name: str) -> NDArray[Any]:
        """One field of all rows in the order of ``rows()``: shape (rows,), or (rows, dim) for a vector.

        With nulls, or for JSON, arrays, geometries and points in time, it is an array of Python values.
        """
        found, schema = self._find("", None)
        field = schema.find(name)
        column = found.column(field)
        if column.type not in _READERS and (column.valid is None or column.valid.all()):
            return np.array(column.values)
        values = np.empty(len(column), object)
        values[:] = _values(column)
        return values

    def _find(self, text: str, limit: int | None) -> tuple[Found, Schema]:
        snapshot = self._collection.snapshot
        return query(snapshot, compile_filter(text, snapshot.schema.filterable), limit), snapshot.schema


def dump_collection(collection: Collection) -> dict[str, Any]:
    """A collection as plain dicts and lists, without its rows."""
    snapshot = collection.snapshot
    return {
        "name": collection.definition.name,
        "id": collection.id,
        "loaded": bool(snapshot.loaded),
        "partitions": {p.name: {"id": p.id, "loaded": p.id in snapshot.loaded} for p in snapshot.partitions},
        "size_bytes": collection.size_bytes,
        "fields": {f.name: TYPES[f.type].name for f in collection.schema.stored},
        "segments": [
            {
                "id": segment.id,
                "partition_id": segment.partition_id,
                "state": "flushed" if segment.sealed else "growing",
                "rows": segment.rows,
                "deleted": 0 if segment.alive is None else int(segment.rows - segment.alive.sum()),
            }
            for segment in snapshot.segments
        ],
        "indexes": [dump_index(index) for index in snapshot.indexes],
    }


def dump_index(index: Index) -> dict[str, Any]:
    """Definition, state and counters of an index."""
    progress = index.tracker.progress
    state, reason = progress.state(index.created)
    return {
        "name": index.name,
        "field": index.field.name,
        "kind": index.kind,
        "params": dict(index.params),
        "state": state.name,
        "fail_reason": reason,
        "total_rows": progress.total_rows,
        "indexed_rows": progress.indexed_rows,
        "pending_index_rows": progress.pending_index_rows,
    }


# -- private ---------------------------------------------------------------------------------------------------


def _values(column: Column) -> list[Any]:
    """The values as Python has them."""
    values: list[Any] = [[row.tobytes()] for row in column.values] if column.type in _BYTES else column.values.tolist()
    read = _READERS.get(column.type)
    if read is not None:
        values = list(map(read, values))
    if column.valid is None:
        return values
    return [value if valid else None for value, valid in zip(values, column.valid.tolist(), strict=True)]


def _structs(struct: StructArray, found: Found) -> list[list[dict[str, Any]] | None]:
    """The structs of each row, None where the row is null."""
    columns = {field.raw_name: _items(field, found.column(field)) for field in struct.fields}
    rows = zip(*columns.values(), strict=True)
    return [
        None if None in row else [dict(zip(columns, one, strict=True)) for one in zip(*row, strict=True)]
        for row in rows
    ]


def _items(field: Field, column: Column) -> list[list[Any] | None]:
    """What each row of a struct's field holds: plain values, or the vectors of an ARRAY_OF_VECTOR."""
    if field.type is not DataType.ARRAY_OF_VECTOR:
        return _values(column)
    in_bytes = field.element_type in _BYTES
    parted = [row.reshape(-1, field.vector_width) for row in column.values]
    rows = [[one.tobytes() for one in row] if in_bytes else row.tolist() for row in parted]
    return rows if column.valid is None else [row if ok else None for row, ok in zip(rows, column.valid, strict=True)]


def _sparse(row: bytes) -> dict[int, float]:
    elements = np.frombuffer(row, SPARSE_ELEMENT)
    return dict(zip(elements["index"].tolist(), elements["value"].tolist(), strict=True))


def _described(field: Field) -> str:
    sizes = {name: value for name, value in field.type_params if name in ("dim", "max_length", "max_capacity")}
    size = "".join(f"({value})" for value in sizes.values())
    held = f"[{TYPES[field.element_type].name}]" if field.type in ARRAYS else ""
    return " ".join([TYPES[field.type].name + held + size, *(word for word, holds in _WORDS.items() if holds(field))])


def _known(schema: Schema, name: str) -> str:
    """The name of a field, or with a dynamic field any name; FieldNotExist otherwise."""
    return name if schema.enable_dynamic_field else schema.find(name).name


_WORDS: dict[str, Callable[[Field], bool]] = {
    "primary": lambda field: field.is_primary,
    "auto_id": lambda field: field.auto_id,
    "nullable": lambda field: field.nullable and not field.is_dynamic,
    "dynamic": lambda field: field.is_dynamic,
}

_BYTES = (DataType.FLOAT16_VECTOR, DataType.BFLOAT16_VECTOR, DataType.INT8_VECTOR, DataType.BINARY_VECTOR)
_READERS: dict[DataType, Callable[[Any], Any]] = {
    DataType.JSON: json.loads,
    DataType.SPARSE_FLOAT_VECTOR: _sparse,
    DataType.ARRAY: lambda array: array.tolist(),
    DataType.ARRAY_OF_VECTOR: lambda array: array.tolist(),
    DataType.GEOMETRY: lambda binary: str(show_texts(as_objects([binary]))[0]),
    DataType.TIMESTAMPTZ: lambda micros: printed(micros, DEFAULT_TIMEZONE),
}
