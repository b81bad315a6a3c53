"""Which columns an answer carries."""

from __future__ import annotations

from fakemilvus.datatypes import DataType
from fakemilvus.engine.schema import Field, Function, Schema
from fakemilvus.rpcs.outputs import decode_outputs

SCHEMA = Schema(
    (
        Field("id", DataType.INT64, is_primary=True),
        Field("text", DataType.VARCHAR),
        Field("sparse", DataType.SPARSE_FLOAT_VECTOR),
    ),
    enable_dynamic_field=True,
    functions=(Function("f", "BM25", ("text",), ("sparse",)),),
).with_ids()


def test_everything_but_what_only_an_index_has() -> None:
    """* leaves out what a BM25 function makes, whose values are in its index alone."""
    outputs = decode_outputs(SCHEMA, ["*"], with_primary=True)
    assert [field.name for field in outputs.fields] == ["id", "text", "$meta"]
    assert "sparse" not in outputs.names


def test_fields_in_their_own_order() -> None:
    """Columns come in the order of the schema, the key only where it is wanted."""
    assert [field.name for field in decode_outputs(SCHEMA, ["text"], with_primary=True).fields] == ["id", "text"]
    assert [field.name for field in decode_outputs(SCHEMA, ["x", "text"], with_primary=False).fields] == [
        "text",
        "$meta",
    ]


def test_keys_of_the_dynamic_field() -> None:
    """The dynamic field comes whole unless keys are named."""
    assert decode_outputs(SCHEMA, ["x", '$meta["y"]'], with_primary=True).keys == {"x", "y"}
    assert decode_outputs(SCHEMA, ["x", "*"], with_primary=True).keys is None
    assert decode_outputs(SCHEMA, ["$meta"], with_primary=True).keys is None
