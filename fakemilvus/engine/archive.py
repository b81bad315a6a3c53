"""Columns and arrays in a zip file, as .npy members that are never pickled: the lower half of ``portable``.

Text and JSON become two members, the bytes of all rows in a row and the offsets at which each begins. What is read is
checked against what is expected, type and shape, before anybody uses it.
"""

from __future__ import annotations

import io
import zipfile
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fakemilvus.datatypes import ARRAYS, TEXT_DTYPE, TYPES, Column, DataType, as_objects
from fakemilvus.engine.geometry import check_binaries
from fakemilvus.engine.schema import Field


def write_array(archive: zipfile.ZipFile, name: str, array: NDArray[Any]) -> None:
    """One member ``name``.npy; little-endian and in rows."""
    plain = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
    with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as member:
        np.lib.format.write_array(member, plain, allow_pickle=False)


def read_array(archive: zipfile.ZipFile, name: str, dtype: Any, shape: tuple[int, ...]) -> NDArray[Any]:
    """The member ``name``.npy; raises KeyError where there is none, ValueError where it is another array."""
    packed = archive.read(f"{name}.npy")
    array = np.lib.format.read_array(io.BytesIO(packed), allow_pickle=False)
    if array.dtype != np.dtype(dtype) or array.shape != shape:
        raise ValueError(f"{name}.npy holds {array.dtype}{array.shape}, not {np.dtype(dtype)}{shape}")
    return np.ascontiguousarray(array)


def write_column(archive: zipfile.ZipFile, name: str, column: Column) -> None:
    """The values, and where there are nulls the mask of those rows that are none."""
    if column.valid is not None:
        write_array(archive, f"{name}.valid", column.valid)
    if column.type in ARRAYS:
        _write_arrays(archive, name, column.values)
        return
    if column.values.dtype.kind not in "TO":
        write_array(archive, f"{name}.values", column.values)
        return
    values = column.values.tolist()
    encoded = [value.encode() for value in values] if column.values.dtype.kind == "T" else values
    offsets = np.zeros(len(encoded) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, encoded), np.int64, len(encoded)), out=offsets[1:])
    write_array(archive, f"{name}.offsets", offsets)
    write_array(archive, f"{name}.bytes", np.frombuffer(b"".join(encoded), np.uint8))


def read_column(archive: zipfile.ZipFile, name: str, field: Field, rows: int) -> Column:
    """The column of a field; raises KeyError or ValueError where the members are not one."""
    valid = None
    if f"{name}.valid.npy" in archive.NameToInfo:
        valid = read_array(archive, f"{name}.valid", np.bool_, (rows,))
    dtype = TYPES[field.type].dtype
    if field.type in ARRAYS:
        return Column(field.type, _read_arrays(archive, name, field, rows), valid)
    if dtype.kind in "TO":
        texts = _read_texts(archive, name, field, rows)
        if field.type is DataType.GEOMETRY:
            check_binaries(texts)
        return Column(field.type, texts, valid)
    return Column(field.type, read_array(archive, f"{name}.values", dtype, (rows, *field.row_shape)), valid)


def _read_texts(archive: zipfile.ZipFile, name: str, field: Field, rows: int) -> NDArray[Any]:
    offsets = _read_offsets(archive, f"{name}.offsets", rows)
    joined = read_array(archive, f"{name}.bytes", np.uint8, (int(offsets[-1]),)).tobytes()
    parts = [joined[start:stop] for start, stop in pairwise(offsets.tolist())]
    if field.type not in (DataType.VARCHAR, DataType.TEXT):
        values = np.empty(rows, object)
        values[:] = parts
        return values
    return np.array([part.decode() for part in parts], TEXT_DTYPE)


def _write_arrays(archive: zipfile.ZipFile, name: str, values: NDArray[Any]) -> None:
    """The elements of all rows as a column of their own, and the offsets at which each row begins."""
    ends = np.zeros(len(values) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, values), np.int64, len(values)), out=ends[1:])
    write_array(archive, f"{name}.ends", ends)
    if len(values):
        write_column(archive, f"{name}.elements", Column(DataType.NONE, np.concatenate(values.tolist())))


def _read_arrays(archive: zipfile.ZipFile, name: str, field: Field, rows: int) -> NDArray[Any]:
    if not rows:
        return np.empty(0, object)
    ends = _read_offsets(archive, f"{name}.ends", rows)
    if TYPES[field.element_type].is_vector:
        values = read_array(archive, f"{name}.elements.values", TYPES[field.element_type].dtype, (int(ends[-1]),))
    else:
        elements = Field(field.name, field.element_type)
        values = read_column(archive, f"{name}.elements", elements, int(ends[-1])).values
    return as_objects([values[start:stop] for start, stop in pairwise(ends.tolist())])


def _read_offsets(archive: zipfile.ZipFile, name: str, rows: int) -> NDArray[np.int64]:
    offsets = read_array(archive, name, np.int64, (rows + 1,))
    if offsets[0] or (np.diff(offsets) < 0).any():
        raise ValueError(f"{name}.npy does not ascend from 0")
    return offsets
