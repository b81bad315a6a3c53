"""The tables are complete: each rpc is declared and described, each data type crosses the wire, each kind is built."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from fakemilvus.datatypes import TEXT_DTYPE, TYPES, Column, DataType, as_objects
from fakemilvus.engine.kinds import KINDS
from fakemilvus.engine.schema import Field
from fakemilvus.rpcs import _FILES, HANDLERS
from fakemilvus.wire import messages
from fakemilvus.wire.columns import SLOTS, decode_column, encode_column
from fakemilvus.wire.messages import schema

README = (Path(__file__).parent.parent / "README.md").read_text()

VALUES = {
    DataType.BOOL: [True, False, True],
    DataType.INT8: [-128, 0, 127],
    DataType.INT16: [-(2**15), 0, 2**15 - 1],
    DataType.INT32: [-(2**31), 0, 2**31 - 1],
    DataType.INT64: [-(2**63), 0, 2**63 - 1],
    DataType.FLOAT: [0.5, -1.0, 3.25],
    DataType.DOUBLE: [0.1, -1e300, 2.0],
    DataType.VARCHAR: ["", "a", "äß\U0001f600" * 9],
    DataType.TEXT: ["", "a", "äß\U0001f600" * 9],
    DataType.TIMESTAMPTZ: ["2025-01-01T00:00:00Z", "", "2025-01-01T00:00:00+08:00"],
    DataType.GEOMETRY: [
        bytes.fromhex(f"0101000000{'00' * 16}"),
        bytes.fromhex(f"0101000000{'00' * 16}"),
        bytes.fromhex("010700000000000000"),
    ],
    DataType.JSON: [b"{}", b'{"a": 1}', b"null"],
    DataType.ARRAY: [np.array([1, -(2**63)]), np.array([], np.int64), np.array([2])],
    DataType.ARRAY_OF_VECTOR: [np.array([1, 0.5], np.float32), np.empty(0, np.float32), np.ones(4, np.float32)],
    DataType.FLOAT_VECTOR: [[0.5, 1.0], [2.0, 3.0], [-1.0, 0.0]],
    DataType.FLOAT16_VECTOR: [[0.5, 1.0], [2.0, 3.0], [-1.0, 0.0]],
    DataType.BFLOAT16_VECTOR: [[0x3F80, 1], [0, 0x4000], [0xC000, 0]],
    DataType.INT8_VECTOR: [[-128, 127], [0, 1], [2, 3]],
    DataType.BINARY_VECTOR: [[0, 255], [1, 2], [3, 4]],
    DataType.SPARSE_FLOAT_VECTOR: [b"", b"\x01\x00\x00\x00\x00\x00\x80?", b"\xfe\xff\xff\xff\x00\x00\x00\x00"],
}
DIMS = {DataType.BINARY_VECTOR: "16"}


@pytest.mark.parametrize("rpc", sorted(HANDLERS))
def test_rpc_is_declared(rpc: str) -> None:
    """A handler's rpc is a method of the service in proto/."""
    assert rpc in messages.methods()


@pytest.mark.parametrize("rpc", sorted(HANDLERS))
def test_rpc_is_in_the_readme(rpc: str) -> None:
    """README names every rpc that works."""
    assert f"`{rpc}`" in README


@pytest.mark.parametrize("rpc", sorted(HANDLERS))
def test_rpc_is_described(rpc: str) -> None:
    """A handler's docstring says what the rpc does."""
    assert HANDLERS[rpc].__doc__


def test_declared_rpcs_are_handled() -> None:
    """proto/ declares no rpc without a handler: what is not built is not declared."""
    assert set(messages.methods()) == set(HANDLERS)


def test_every_file_of_rpcs_with_a_table_is_listed() -> None:
    """No file has handlers that no client can reach."""
    package = Path(__file__).parent.parent / "fakemilvus" / "rpcs"
    assert {path.stem for path in package.glob("*.py") if "\nRPCS = " in path.read_text()} == set(_FILES)


@pytest.mark.parametrize("file", _FILES)
def test_files_of_rpcs_are_listed_with_their_tables(file: str) -> None:
    """The list by which a file is imported late names just the rpcs of the file's own table."""
    assert set(_FILES[file]) == set(import_module(f"fakemilvus.rpcs.{file}").RPCS)


def test_each_type_has_a_slot() -> None:
    """Every scalar type has a slot on the wire."""
    assert set(SLOTS) == {number for number, row in TYPES.items() if not row.is_vector} - {DataType.ARRAY_OF_VECTOR}


@pytest.mark.parametrize("number", TYPES, ids=lambda number: TYPES[number].name)
def test_type_round_trips(number: DataType) -> None:
    """Values of each type come back from the wire as they went in."""
    field = _field(number)
    dtype = TEXT_DTYPE if number is DataType.TIMESTAMPTZ else TYPES[number].dtype  # see fakemilvus.wire.times
    values = as_objects(VALUES[number]) if dtype.kind == "O" else np.array(VALUES[number], dtype)
    message = schema.FieldData()
    encode_column(Column(number, values), field, message)
    back = decode_column(schema.FieldData.FromString(message.SerializeToString()), field, 3)
    assert repr(back.values.tolist()) == repr(values.tolist())


@pytest.mark.parametrize("number", TYPES, ids=lambda number: TYPES[number].name)
def test_empty_column_keeps_its_oneof(number: DataType) -> None:
    """A column without rows still says its type on the wire, as clients insist."""
    field = _field(number)
    message = schema.FieldData()
    encode_column(Column(number, np.empty((0, *field.row_shape), TYPES[number].dtype)), field, message)
    inner = message.vectors if field.holds_vectors else message.scalars
    assert inner.WhichOneof("data")
    assert not field.row_shape or message.vectors.dim == field.dim


def _field(number: DataType) -> Field:
    element = DataType.FLOAT_VECTOR if number is DataType.ARRAY_OF_VECTOR else DataType.INT64
    return Field("f", number, id=100, element_type=element, type_params=(("dim", DIMS.get(number, "2")),))


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_kind_is_in_the_readme(kind: str) -> None:
    """README names every index kind that is built."""
    assert f"`{kind}`" in README
