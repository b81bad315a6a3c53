"""What CreateCollection refuses. Texts: Milvus 3.0's proxy (task.go, util.go) and rootcoord (util.go)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from fakemilvus import errors
from fakemilvus.datatypes import DataType
from fakemilvus.engine.definition import Definition
from fakemilvus.engine.names import check_name
from fakemilvus.engine.schema import Field, Schema
from fakemilvus.engine.schema_checks import check_collection

KEY = Field("id", DataType.INT64, is_primary=True)
VECTOR = Field("vec", DataType.FLOAT_VECTOR, type_params=(("dim", "8"),))
TEXT = Field("name", DataType.VARCHAR, type_params=(("max_length", "4"),))
NUMBER = Field("x", DataType.INT8)


@pytest.mark.parametrize(
    "fields",
    [
        (KEY, VECTOR),
        (replace(KEY, auto_id=True), VECTOR),
        (replace(TEXT, is_primary=True, auto_id=True), VECTOR),
        (VECTOR, replace(VECTOR, name="vec2", type_params=(("dim", "32768"),)), KEY),
        (KEY, VECTOR, replace(NUMBER, default=-128), replace(TEXT, default="abcd", nullable=True)),
        (
            KEY,
            VECTOR,
            replace(TEXT, type_params=(("max_length", "65535"), ("enable_analyzer", "true"), ("enable_match", "true"))),
        ),
        (KEY, VECTOR, Field("doc", DataType.JSON, nullable=True), Field("b", DataType.BOOL, default=True)),
        (KEY, VECTOR, Field("f", DataType.FLOAT, default=1.5), Field("_d", DataType.DOUBLE, default=0.0)),
        (KEY, VECTOR, *(replace(NUMBER, name=f"x{i}") for i in range(62))),
    ],
)
def test_good_schemas(fields: tuple[Field, ...]) -> None:
    """These are what Milvus takes, up to its limits."""
    check_collection(_definition(*fields))


@pytest.mark.parametrize(
    ("definition", "text"),
    [
        ({"shards": 17}, "maximum shards's number should be limited to 16"),
        (
            {"name": ""},
            "collection name should not be empty",
        ),
        (
            {"name": "9a"},
            "Invalid collection name: 9a. the first character of a collection name must be an underscore or letter",
        ),
        (
            {"name": "a-b"},
            "Invalid collection name: a-b. collection name can only contain numbers, letters and underscores",
        ),
        (
            {"name": "a" * 256},
            f"Invalid collection name: {'a' * 256}. the length of a collection name must be less than 255 characters",
        ),
    ],
)
def test_refused_definitions(definition: dict[str, Any], text: str) -> None:
    """Code 1100; the two spaces are Milvus'."""
    _refused(replace(_definition(KEY, VECTOR), **definition), 1100, 5, f"{text}: invalid parameter")


def test_long_descriptions() -> None:
    """A description has at most 1024 bytes."""
    check_collection(Definition("c", Schema((KEY, VECTOR), "é" * 512)))
    text = "the length of a collection description must not exceed 1024 bytes: invalid parameter"
    _refused(Definition("c", Schema((KEY, VECTOR), "é" * 512 + "x")), 1100, 5, text)


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ((KEY, *(replace(VECTOR, name=f"v{i}") for i in range(64))), "maximum field's number should be limited to 64"),
        (
            (KEY, *(replace(VECTOR, name=f"v{i}") for i in range(11))),
            "maximum vector field's number should be limited to 10",
        ),
        ((KEY,), "schema does not contain vector field"),
        ((), "schema does not contain vector field"),
        ((KEY, replace(KEY, name="b"), VECTOR), "there are more than one primary key, field name = id, b"),
        ((replace(NUMBER, is_primary=True), VECTOR), "the data type of primary key should be Int64 or VarChar"),
        ((KEY, VECTOR, replace(NUMBER, is_dynamic=True)), "cannot explicitly set a field as a dynamic field"),
        (
            (KEY, VECTOR, replace(NUMBER, auto_id=True)),
            "only primary field can speficy AutoID with true, field name = x",
        ),
        (
            (replace(KEY, auto_id=True), VECTOR, replace(NUMBER, auto_id=True)),
            "only one field can speficy AutoID with true, field name = id, x",
        ),
        (
            (KEY, VECTOR, Field("s", DataType.STRING)),
            "string data type not supported yet, please use VarChar type instead",
        ),
        ((KEY, VECTOR, Field("n", DataType.NONE)), "data type None is not valid"),
        (
            (KEY, replace(VECTOR, type_params=())),
            "dimension is not defined in field type params of field vec, check type param `dim` for vector field",
        ),
        ((KEY, replace(VECTOR, type_params=(("dim", "1"),))), "invalid dimension: 1. should be in range 2 ~ 32768"),
        (
            (KEY, replace(VECTOR, type_params=(("dim", "32769"),))),
            "invalid dimension: 32769 of field vec. float vector dimension should be in range 2 ~ 32768",
        ),
        (
            (KEY, VECTOR, replace(TEXT, type_params=(("max_length", "65536"),))),
            "the maximum length specified for the field(name) should be in (0, 65535], but got 65536 instead",
        ),
        (
            (KEY, VECTOR, replace(TEXT, type_params=(("max_length", "0"),))),
            "the maximum length specified for the field(name) should be in (0, 65535], but got 0 instead",
        ),
        (
            (KEY, VECTOR, replace(NUMBER, type_params=(("warmup", "hot"),))),
            "invalid warmup policy for field x: invalid warmup policy: hot, must be 'disable', 'sync' or 'async'"
            ": invalid parameter",
        ),
        ((KEY, VECTOR, NUMBER, NUMBER), "duplicated field name x found"),
        ((replace(KEY, nullable=True), VECTOR), "primary field not support null, type:Int64, name:id"),
        ((replace(KEY, default=1), VECTOR), "primary field not support default_value, type:Int64, name:id"),
        (
            (KEY, replace(VECTOR, default=b"")),
            "type not support default_value, type:FloatVector, name:vec",
        ),
        (
            (KEY, VECTOR, Field("doc", DataType.JSON, default=b"{}")),
            "type not support default_value, type:JSON, name:doc",
        ),
        (
            (KEY, VECTOR, replace(NUMBER, default="1")),
            "type (Int8) of field (x) is not equal to the type(DataType_VarChar) of default_value",
        ),
        (
            (KEY, VECTOR, replace(NUMBER, default=True)),
            "type (Int8) of field (x) is not equal to the type(DataType_Bool) of default_value",
        ),
        ((KEY, VECTOR, replace(NUMBER, type_params=(("a", "1"), ("a", "2")))), 'duplicated type param key "a"'),
        ((KEY, VECTOR, replace(NUMBER, index_params=(("a", "1"), ("a", "2")))), 'duplicated index param key "a"'),
        (
            (KEY, VECTOR, replace(TEXT, type_params=(*TEXT.type_params, ("enable_match", "true")))),
            "field name which has enable_match or is input of BM25 function must also enable_analyzer",
        ),
    ],
)
def test_refused_fields(fields: tuple[Field, ...], text: str) -> None:
    """Code 1100 (legacy 5), one text for each rule."""
    _refused(_definition(*fields), 1100, 5, f"{text}: invalid parameter")


@pytest.mark.parametrize(
    ("field", "code", "legacy", "text"),
    [
        (VECTOR, 1101, 5, "primary key is not specified: missing parameter"),
        (
            replace(TEXT, is_primary=True, type_params=()),
            1101,
            5,
            "type param(max_length) should be specified for the field(name) of collection c: missing parameter",
        ),
        (
            replace(TEXT, is_primary=True, type_params=(("max_length", "1.5"),)),
            65535,
            1,
            'strconv.ParseInt: parsing "1.5": invalid syntax',
        ),
        (
            replace(TEXT, is_primary=True, type_params=(("max_length", "9" * 20),)),
            65535,
            1,
            'strconv.ParseInt: parsing "99999999999999999999": value out of range',
        ),
    ],
)
def test_other_codes(field: Field, code: int, legacy: int, text: str) -> None:
    """What is missing is 1101; numbers that Go cannot read have no class of their own."""
    _refused(_definition(field, replace(VECTOR, name="v")), code, legacy, text)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (-129, "[-129 out of range -128 <= value <= 127]"),
        (128, "[128 out of range -128 <= value <= 127]"),
    ],
)
def test_defaults_out_of_range(value: int, text: str) -> None:
    """The default of an INT8 or INT16 field fits it."""
    whole = f"default value out of range: invalid parameter{text}"
    _refused(_definition(KEY, VECTOR, replace(NUMBER, default=value)), 1100, 5, whole)


def test_defaults_that_are_too_long() -> None:
    """The default of a VARCHAR field has at most max_length bytes, not characters."""
    text = (
        "the length (5) of string exceeds max length (4)"
        ": invalid parameter[expected=valid length string][actual=string length exceeds max length]"
    )
    _refused(_definition(KEY, VECTOR, replace(TEXT, default="abcé")), 1100, 5, text)


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("", "field name should not be empty"),
        ("9a", "Invalid field name: 9a. The first character of a field name must be an underscore or letter."),
        ("$meta", "Invalid field name: $meta. The first character of a field name must be an underscore or letter."),
        ("a-b", "Invalid field name: a-b. Field name can only contain numbers, letters, and underscores."),
        ("aé", "Invalid field name: aé. Field name can only contain numbers, letters, and underscores."),
        ("x" * 256, f"Invalid field name: {'x' * 256}. The length of a field name must be less than 255 characters."),
        ("like", "Invalid field name: like. like is keyword in milvus."),
        ("NuLL", "Invalid field name: NuLL. NuLL is keyword in milvus."),
        ("RowID", 'field name "RowID" is reserved for internal use and cannot be used in user schemas'),
        ("Timestamp", 'field name "Timestamp" is reserved for internal use and cannot be used in user schemas'),
    ],
)
def test_field_names(name: str, problem: str) -> None:
    """Code 1701, legacy 1."""
    text = f"{problem}: field name invalid[field={name}]"
    _refused(_definition(KEY, VECTOR, replace(NUMBER, name=name)), 1701, 1, text)


def test_what_is_not_built_is_named() -> None:
    """What Milvus would take and fakemilvus does not build is UNIMPLEMENTED and named."""
    with pytest.raises(errors.Unimplemented) as raised:
        check_collection(_definition(KEY, VECTOR, Field("a", DataType.MOL)))
    assert raised.value.details == "fakemilvus does not implement the data type Mol"


@pytest.mark.parametrize(
    ("type", "dim"),
    [
        (DataType.FLOAT16_VECTOR, 2),
        (DataType.BFLOAT16_VECTOR, 32_768),
        (DataType.INT8_VECTOR, 2),
        (DataType.BINARY_VECTOR, 8),
        (DataType.BINARY_VECTOR, 262_144),
        (DataType.SPARSE_FLOAT_VECTOR, None),
    ],
)
@pytest.mark.parametrize("nullable", [False, True])
def test_every_vector_type_may_stand_alone(type: DataType, dim: int | None, nullable: bool) -> None:
    """A vector field of any type, at either end of its range of dims, is enough for a collection; null or not."""
    params = () if dim is None else (("dim", str(dim)),)
    check_collection(_definition(KEY, Field("v", type, nullable=nullable, type_params=params)))


@pytest.mark.parametrize(
    ("type", "dim", "text"),
    [
        (DataType.FLOAT16_VECTOR, "1", "invalid dimension: 1. should be in range 2 ~ 32768"),
        (
            DataType.INT8_VECTOR,
            "32769",
            "invalid dimension: 32769 of field v. float vector dimension should be in range 2 ~ 32768",
        ),
        (
            DataType.BINARY_VECTOR,
            "12",
            "invalid dimension: 12 of field v. binary vector dimension should be multiple of 8. ",
        ),
        (
            DataType.BINARY_VECTOR,
            "262152",
            "invalid dimension: 262152 of field v. binary vector dimension should be in range 2 ~ 262144",
        ),
        (DataType.SPARSE_FLOAT_VECTOR, "8", "dim should not be specified for sparse vector field v(0)"),
    ],
)
def test_dims_of_each_type(type: DataType, dim: str, text: str) -> None:
    """Each vector type has its own range of dims, and a sparse one has none."""
    with pytest.raises(errors.ParameterInvalid) as raised:
        check_collection(_definition(KEY, Field("v", type, type_params=(("dim", dim),))))
    assert raised.value.message == f"{text}: invalid parameter"


def test_names_of_aliases() -> None:
    """An alias follows the rules of a collection's name, in its own words."""
    check_name("_good_1", "alias")
    with pytest.raises(errors.ParameterInvalid) as raised:
        check_name("", "alias")
    assert raised.value.message == "collection alias should not be empty: invalid parameter"


def _definition(*fields: Field) -> Definition:
    return Definition("c", Schema(fields))


def _refused(definition: Definition, code: int, legacy: int, text: str) -> None:
    with pytest.raises(errors.MilvusError) as raised:
        check_collection(definition)
    assert (raised.value.code, raised.value.legacy, raised.value.message) == (code, legacy, text)
