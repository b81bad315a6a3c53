"""What a load leaves out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from fakemilvus import errors
from fakemilvus.engine.loading import EVERYTHING, LoadCall, check_skipped, loaded
from fakemilvus.engine.schema import Schema
from fakemilvus.engine.snapshot import Partition, Snapshot
from tests.engine.making import ID, NUMBER, VECTOR, make_index, make_schema


def skipping(*names: str, value: str = "true") -> Schema:
    """The small schema with some fields that loads leave out."""
    made = make_schema()
    told = (("field.skipLoad", value),)
    fields = (replace(f, type_params=(*f.type_params, *told)) if f.name in names else f for f in made.fields)
    return replace(made, fields=tuple(fields))


def snapshot(schema: Schema) -> Snapshot:
    return Snapshot(schema=schema, segments=(), indexes=(make_index(),), partitions=(Partition(1, "_default", 0),))


@pytest.mark.parametrize(
    ("asked", "expected"), [(EVERYTHING, {ID, VECTOR}), (LoadCall(fields=("id", "number", "vector")), None)]
)
def test_skipped_fields(asked: LoadCall, expected: Any) -> None:
    """A load that names no fields leaves out those of which the schema says so; one that names them loads them."""
    assert loaded(snapshot(skipping("number")), "c", 1, asked).load_fields == expected


def test_nothing_skipped() -> None:
    """What is said to be loaded is loaded."""
    assert loaded(snapshot(skipping("number", value="false")), "c", 1, EVERYTHING).load_fields is None
    assert NUMBER in {field.id for field in skipping().fields}


def test_unreadable() -> None:
    """What is no truth value is refused in Go's words."""
    with pytest.raises(errors.SkipUnreadable) as raised:
        check_skipped(skipping("number", value="x").fields, ())
    assert raised.value.message == 'strconv.ParseBool: parsing "x": invalid syntax'
