"""What Insert refuses in its columns and fills in. Texts: Milvus 3.0's proxy (util.go, task_insert.go,
validate_util.go)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from fakemilvus import errors
from fakemilvus.datatypes import TEXT_DTYPE, TYPES, Column, DataType
from fakemilvus.engine.row_checks import check_rows
from fakemilvus.engine.schema import Field, Schema

FIELDS = (
    Field("id", DataType.INT64, is_primary=True),
    Field("vec", DataType.FLOAT_VECTOR, type_params=(("dim", "2"),)),
    Field("flag", DataType.BOOL, default=True),
    Field("small", DataType.INT8, nullable=True),
    Field("price", DataType.DOUBLE, nullable=True, default=1.5),
    Field("name", DataType.VARCHAR, type_params=(("max_length", "8"),), nullable=True),
    Field("doc", DataType.JSON, nullable=True),
)
SCHEMA = Schema(FIELDS, enable_dynamic_field=True).with_ids()


def test_good_rows_come_back_as_they_were_sent() -> None:
    """Values of every type pass, NaN excepted; INT8 is kept in one byte from here on."""
    sent = {
        "flag": [True, False],
        "small": np.array([-128, 127], np.int32),
        "price": [0.0, -1e308],
        "name": ["12345678", "éééé"],
        "doc": [b'{"a": [1]}', b"null"],
        "$meta": [b'{"color": "red"}', b"null"],
    }
    stored = _checked(**sent)
    assert {name: column.values.tolist() for name, column in stored.items() if name in sent} == {
        **sent,
        "small": [-128, 127],
    }
    assert all(column.valid is None for column in stored.values())
    assert all(stored[f.name].values.dtype == TYPES[f.type].dtype for f in SCHEMA.stored)


def test_absent_columns_are_filled() -> None:
    """A default where there is one, else null; the dynamic field is an empty object."""
    stored = _checked()
    assert stored["flag"].values.tolist() == [True, True]
    assert stored["price"].values.tolist() == [1.5, 1.5]
    assert stored["$meta"].values.tolist() == [b"{}", b"{}"]
    assert [stored[name].valid is None for name in ("flag", "price", "$meta")] == [True] * 3
    for name in ("small", "name", "doc"):
        valid = stored[name].valid
        assert valid is not None
        assert valid.tolist() == [False, False]


def test_null_rows_take_the_default() -> None:
    """A field with a default has no nulls, nullable or not; one without keeps them."""
    stored = _checked(
        flag=_column("flag", [False, False], [True, False]),
        price=_column("price", [2.5, 0.0], [True, False]),
        small=_column("small", [1, 0], [True, False]),
        **{"$meta": _column("$meta", [b"null", b'{"a":1}'], [False, True])},
    )
    assert stored["flag"].values.tolist() == [False, True]
    assert stored["price"].values.tolist() == [2.5, 1.5]
    assert stored["$meta"].values.tolist() == [b"{}", b'{"a":1}']
    assert stored["small"].valid.tolist() == [True, False]  # type: ignore[union-attr]


def test_the_clients_arrays_are_left_alone() -> None:
    """Filling a default copies; the column that was sent does not change."""
    sent = _column("price", [2.5, 0.0], [True, False])
    _checked(price=sent)
    assert sent.values.tolist() == [2.5, 0.0]


@pytest.mark.parametrize(
    ("sent", "text"),
    [
        ({"id": None}, "fieldSchema(id) has no corresponding fieldData pass in: invalid parameter"),
        ({"vec": None}, "fieldSchema(vec) has no corresponding fieldData pass in: invalid parameter"),
        (
            {"flag": [True, True, False]},
            "the num_rows (3) of field (flag) is not equal to passed num_rows (2)"
            ": invalid parameter[expected=2][actual=3]",
        ),
        (
            {"vec": np.zeros((2, 3), np.float32)},
            "the dim (3) of field data(vec) is not equal to schema dim (2): invalid parameter[expected=2][actual=3]",
        ),
        ({"vec": [[0, 0], [0, np.nan]]}, "value 'NaN' is not a number or infinity: invalid parameter"),
        ({"vec": [[0, np.inf], [0, 0]]}, "value '+Inf' is not a number or infinity: invalid parameter"),
        ({"price": [0, -np.inf]}, "value '-Inf' is not a number or infinity: invalid parameter"),
        (
            {"name": ["ok", "123456789"]},
            "length of varchar field name exceeds max length, row number: 1, length: 9, max length: 8"
            ": invalid parameter",
        ),
        (
            {"name": ["ééééé", ""]},
            "length of varchar field name exceeds max length, row number: 0, length: 10, max length: 8"
            ": invalid parameter",
        ),
        (
            {"small": np.array([0, 128], np.int32)},
            "the 1th element (128) out of range: [-128, 127]"
            ": invalid parameter[expected=integer doesn't overflow][actual=out of range]",
        ),
        (
            {"doc": [b'"' + b"x" * 65535 + b'"', b"1"]},
            "the length (65537) of json field (doc) exceeds max length (65536)"
            ": invalid parameter[expected=valid length json string][actual=length exceeds max length]",
        ),
        (
            {"$meta": [b'{"a":"' + b"x" * 65536 + b'"}', b"{}"]},
            "the length (65544) of dynamic field exceeds max length (65536)"
            ": invalid parameter[expected=valid length dynamic field][actual=length exceeds max length]",
        ),
        (
            {"doc": [b"1", b"{"]},
            "row 1 of json field (doc) is not JSON: Expecting property name enclosed in double quotes"
            ": line 1 column 2 (char 1): invalid parameter",
        ),
        ({"doc": [b"1", b"NaN"]}, "row 1 of json field (doc) is not JSON: NaN is not JSON: invalid parameter"),
        (
            {"$meta": [b"{}", b"[1]"]},
            "invalid dynamic field data, only json map is supported: json: cannot unmarshal array into Go value of "
            "type map[string]interface {}: invalid parameter",
        ),
        (
            {"$meta": [b"{}", b"{]"]},
            "invalid dynamic field data, only json map is supported: Expecting property name enclosed in double "
            "quotes: line 1 column 2 (char 1): invalid parameter",
        ),
        ({"$meta": [b'{"$meta": 1}', b"{}"]}, "cannot set json key to: $meta: invalid parameter"),
        (
            {"$meta": [b"{}", b'{"a": 1, "name": 2}']},
            "dynamic field name cannot include the static field name: name: invalid parameter",
        ),
    ],
)
def test_refused_rows(sent: dict[str, Any], text: str) -> None:
    """Each is refused with code 1100 (legacy 5), and nothing is stored."""
    with pytest.raises(errors.MilvusError) as raised:
        _checked(**sent)
    assert (raised.value.code, raised.value.legacy, raised.value.message) == (1100, 5, text)


def test_nulls_where_they_may_not_be() -> None:
    """A field without null and default takes no validity."""
    text = "the length of valid_data of field(id) is wrong: invalid parameter[expected=0][actual=2]"
    with pytest.raises(errors.NullsNotAllowed) as raised:
        _checked(id=_column("id", [1, 0], [True, False]))
    assert raised.value.message == text


def test_rows_are_counted_among_the_values_that_were_sent() -> None:
    """Clients leave null rows out, and Milvus looks before it fills them in: row 2 with one null before it is 1."""
    schema = Schema(FIELDS).with_ids()
    name = Column(DataType.VARCHAR, np.array(["", "a", "x" * 9], TEXT_DTYPE), np.array([False, True, True]))
    columns = {100: _column("id", [1, 2, 3]), 101: _column("vec", [[0, 0]] * 3), 105: name}
    with pytest.raises(errors.VarCharTooLong, match="row number: 1,"):
        check_rows(schema, columns, 3)


def test_automatic_keys_are_not_to_be_sent() -> None:
    """A primary key that the server gives is left out; one that was sent is a column too many."""
    fields = (replace(FIELDS[0], auto_id=True), FIELDS[1])
    schema = Schema(fields).with_ids()
    vectors = {101: _column("vec", [[0, 0], [0, 0]])}
    assert set(check_rows(schema, vectors, 2)) == {101}
    with pytest.raises(errors.TooManyColumns) as raised:
        check_rows(schema, {**vectors, 100: _column("id", [1, 2])}, 2)
    assert raised.value.message == "more fieldData has pass in: invalid parameter[expected=2][actual=3]"


def _checked(**sent: Any) -> dict[str, Column]:
    """Checks two rows, of which ``sent`` replaces columns, None taking one away; returns them by name."""
    given = {"id": [1, 2], "vec": [[0.5, 1.0], [-1.0, 3e38]], **sent}
    columns = {SCHEMA.find(name).id: _column(name, values) for name, values in given.items() if values is not None}
    stored = check_rows(SCHEMA, columns, 2)
    return {field.name: stored[field.id] for field in SCHEMA.stored}


def _column(name: str, values: Any, valid: list[bool] | None = None) -> Column:
    if isinstance(values, Column):
        return values
    field = SCHEMA.find(name)
    array = values if isinstance(values, np.ndarray) else np.array(values, TYPES[field.type].dtype)
    return Column(field.type, array, None if valid is None else np.array(valid))
