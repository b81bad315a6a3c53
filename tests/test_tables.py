"""The tables are complete: each rpc is declared and described, each data type crosses the wire, each kind is built."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fakemilvus.datatypes import TYPES, Column, DataType
from fakemilvus.engine.kinds import KINDS
from fakemilvus.engine.schema import Field
from fakemilvus.rpcs import HANDLERS
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
    DataType.JSON: [b"{}", b'{"a": 1}', b"null"],
    DataType.FLOAT_VECTOR: [[0.5, 1.0], [2.0, 3.0], [-1.0, 0.0]],
}


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


def test_each_type_has_a_slot() -> None:
    """Every scalar type has a slot on the wire."""
    assert set(SLOTS) == {number for number, row in TYPES.items() if not row.is_vector}


@pytest.mark.parametrize("number", TYPES, ids=lambda number: TYPES[number].name)
def test_type_round_trips(number: DataType) -> None:
    """Values of each type come back from the wire as they went in."""
    field = Field("f", number, id=100, type_params=(("dim", "2"),))
    values = np.empty(3, object) if number is DataType.JSON else np.array(VALUES[number], TYPES[number].dtype)
    values[:] = VALUES[number]
    message = schema.FieldData()
    encode_column(Column(number, values), field, message)
    back = decode_column(schema.FieldData.FromString(message.SerializeToString()), field, 3)
    assert back.values.tolist() == values.tolist()


@pytest.mark.parametrize("number", TYPES, ids=lambda number: TYPES[number].name)
def test_empty_column_keeps_its_oneof(number: DataType) -> None:
    """A column without rows still says its type on the wire, as clients insist."""
    field = Field("f", number, id=100, type_params=(("dim", "2"),))
    shape = (0, 2) if field.is_vector else (0,)
    message = schema.FieldData()
    encode_column(Column(number, np.empty(shape, TYPES[number].dtype)), field, message)
    inner = message.vectors if field.is_vector else message.scalars
    assert inner.WhichOneof("data")
    assert not field.is_vector or message.vectors.dim == 2


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_kind_is_in_the_readme(kind: str) -> None:
    """README names every index kind that is built."""
    assert f"`{kind}`" in README
