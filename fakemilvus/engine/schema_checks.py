"""What Milvus refuses when a collection is created: names, fields, limits.

Pure checks of a definition, in Milvus' order, so that with two things wrong a client sees the same complaint. What
is Milvus' and not built is refused by name. Milvus changes nothing in a schema that it accepts. Source: the
proxy's task.go and util.go, and rootcoord's util.go, Milvus 3.0.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from fakemilvus import errors, limits
from fakemilvus.datatypes import TYPES, DataType, type_name
from fakemilvus.engine import struct_schema
from fakemilvus.engine.analyzers import check_analyzer
from fakemilvus.engine.array_schema import check_capacity, check_element_type
from fakemilvus.engine.clustering_keys import check_clustering_key
from fakemilvus.engine.functions import check_functions
from fakemilvus.engine.geometry import check_installed, read_texts
from fakemilvus.engine.loading import check_skipped
from fakemilvus.engine.names import NAME, NAME_START, check_name
from fakemilvus.engine.partition_keys import check_partition_key
from fakemilvus.engine.property_checks import check_created
from fakemilvus.engine.schema import Field, Mistyped, Pairs, StructArray, UnreadTime
from fakemilvus.timestamptz import DEFAULT_TIMEZONE, check_timezone, parse

if TYPE_CHECKING:
    from fakemilvus.engine.definition import Definition


def check_collection(definition: Definition) -> None:
    """Raises Milvus' complaint about the definition, or Unimplemented where it asks for what is not built."""
    fields, structs = definition.schema.fields, definition.schema.structs
    check_functions(definition.schema)
    _check_counts((*fields, *definition.schema.sub_fields), definition.shards)
    check_name(definition.name, "name")
    if len(definition.schema.description.encode()) > limits.MAX_DESCRIPTION_BYTES:
        raise errors.DescriptionTooLong(limit=limits.MAX_DESCRIPTION_BYTES)
    _check_reserved_names([f.name for f in fields])
    for struct in structs:
        _check_reserved_names([struct.name, *(field.raw_name for field in struct.fields)])
    _check_primary_key(fields)
    _check_dynamic(fields)
    _check_auto_id(fields)
    _check_types(fields)
    struct_schema.check_types(structs)
    check_partition_key(definition)
    check_timezone(dict(definition.properties).get("timezone", DEFAULT_TIMEZONE))
    check_created(definition.properties)
    check_clustering_key(fields, definition.name)
    struct_schema.check_no_clustering_key(structs, definition.name)
    for field in fields:
        _check_field(field, definition.name)
    for struct in structs:
        check_struct(struct, definition.name)
    check_skipped(fields, definition.schema.sub_fields)
    _check_unique_names(
        [*(f.name for f in fields), *(n for s in structs for n in (s.name, *(f.name for f in s.fields)))]
    )
    for field in fields:
        _check_nulls_and_default(field)
        _check_unique_params(field)
    for field in fields:
        if isinstance(field.default, UnreadTime):
            parse(field.default.text, field.default.timezone)
    for struct in structs:
        struct_schema.check_keys_and_defaults(struct)
        for field in struct.fields:
            _check_unique_params(field)
    for field in fields:
        check_analyzer(definition.schema, field, definition.name)


def check_field(field: Field, collection: str) -> None:
    """The rules for one field that is added to a collection."""
    _check_field(field, collection)
    try:
        _check_nulls_and_default(field)
    except errors.MilvusError as problem:
        raise type(problem)(within="failed to check field schema", **problem.facts) from None
    if isinstance(field.default, UnreadTime):
        parse(field.default.text, field.default.timezone)


# -- private ---------------------------------------------------------------------------------------------------


def _check_counts(fields: tuple[Field, ...], shards: int) -> None:
    vectors = sum(DataType.BINARY_VECTOR <= field.type <= DataType.ARRAY_OF_VECTOR for field in fields)
    if shards > limits.MAX_SHARDS:
        raise errors.TooManyShards(limit=limits.MAX_SHARDS)
    if len(fields) > limits.MAX_FIELDS:
        raise errors.TooManyFields(limit=limits.MAX_FIELDS)
    if vectors > limits.MAX_VECTOR_FIELDS:
        raise errors.TooManyVectorFields(limit=limits.MAX_VECTOR_FIELDS)
    if not vectors:
        raise errors.NoVectorField


def _check_reserved_names(names: Iterable[str]) -> None:
    for name in names:
        if name in _RESERVED_NAMES:
            problem = f'field name "{name}" is reserved for internal use and cannot be used in user schemas'
            raise errors.FieldNameInvalid(field=name, problem=problem)


def _check_primary_key(fields: Iterable[Field]) -> None:
    first: Field | None = None
    for field in fields:
        if field.is_primary and first is not None:
            raise errors.PrimaryKeyTwice(first=first.name, second=field.name)
        if field.is_primary:
            if field.type not in (DataType.INT64, DataType.VARCHAR):
                raise errors.PrimaryKeyType
            first = field
    if first is None:
        raise errors.PrimaryKeyMissing


def _check_dynamic(fields: Iterable[Field]) -> None:
    if any(field.is_dynamic for field in fields):
        raise errors.DynamicFieldDeclared


def _check_auto_id(fields: Iterable[Field]) -> None:
    first: Field | None = None
    for field in fields:
        if field.auto_id and first is not None:
            raise errors.AutoIdTwice(first=first.name, second=field.name)
        if field.auto_id and not field.is_primary:
            raise errors.AutoIdNotPrimary(field=field.name)
        first = field if field.auto_id else first


def _check_types(fields: Iterable[Field]) -> None:
    for field in fields:
        if field.type is DataType.STRING:
            raise errors.StringTypeNotSupported
        if field.type is DataType.NONE:
            raise errors.DataTypeNotValid(name="None")
        if field.type is DataType.ARRAY:
            check_element_type(field)
        if field.type is DataType.GEOMETRY:
            check_installed()
        if field.type is DataType.ARRAY_OF_STRUCT:
            continue
        if field.type not in TYPES:
            raise errors.Unimplemented(f"the data type {type_name(field.type)}")


def _check_field(field: Field, collection: str) -> None:
    check_field_name(field.name)
    if field.is_vector:
        check_dim(field)
    if DataType.VARCHAR in (field.type, field.element_type):
        check_max_length(field, collection)
    if field.type is DataType.ARRAY:
        check_capacity(field, collection)
    if field.type is DataType.ARRAY_OF_VECTOR:
        raise errors.VectorArrayOutsideStruct(field=field.name)
    warmup = dict(field.type_params).get("warmup", "sync")
    if warmup not in _WARMUPS:
        raise errors.FieldWarmupInvalid(field=field.name, value=warmup)


def check_field_name(given: str) -> None:
    name = given.strip()
    problem = ""
    if not name:
        raise errors.FieldNameInvalid(field=name, problem="field name should not be empty")
    if len(name.encode()) > limits.MAX_NAME_LENGTH:
        problem = f"The length of a field name must be less than {limits.MAX_NAME_LENGTH} characters."
    elif not NAME_START.match(name):
        problem = "The first character of a field name must be an underscore or letter."
    elif not NAME.fullmatch(name):
        problem = "Field name can only contain numbers, letters, and underscores."
    elif name in _KEYWORDS or name.lower() == "null":
        problem = f"{name} is keyword in milvus."
    if problem:
        raise errors.FieldNameInvalid(field=name, problem=f"Invalid field name: {name}. {problem}")


def check_dim(field: Field) -> None:
    """The dim of a vector field, or of the vectors in an array of them."""
    dim = integer_param(field.type_params, "dim")
    if field.type is DataType.SPARSE_FLOAT_VECTOR:
        if dim is not None:
            raise errors.SparseDimensionGiven(field=field.name, field_id=0)
        return
    if dim is None:
        raise errors.DimensionMissing(field=field.name)
    if dim < limits.MIN_DIM:
        raise errors.DimensionTooSmall(dim=dim, limit=limits.MAX_DIM)
    if DataType.BINARY_VECTOR in (field.type, field.element_type):
        _check_binary_dim(field, dim)
    elif dim > limits.MAX_DIM:
        raise errors.DimensionTooLarge(dim=dim, field=field.name, limit=limits.MAX_DIM)


def _check_binary_dim(field: Field, dim: int) -> None:
    if dim % 8:
        raise errors.BinaryDimensionNotMultiple(dim=dim, field=field.name)
    if dim > limits.MAX_BINARY_DIM:
        raise errors.BinaryDimensionTooLarge(dim=dim, field=field.name, limit=limits.MAX_BINARY_DIM)


def check_max_length(field: Field, collection: str) -> None:
    length = integer_param(field.type_params, "max_length")
    if length is None:
        raise errors.MaxLengthMissing(field=field.name, collection=collection)
    if not 0 < length <= limits.MAX_VARCHAR_LENGTH:
        raise errors.MaxLengthOutOfRange(field=field.name, limit=limits.MAX_VARCHAR_LENGTH, given=length)


def integer_param(params: Pairs, name: str) -> int | None:
    """The first parameter of this name as Go's ParseInt reads it, or None."""
    text = next((value for key, value in params if key == name), None)
    if text is None:
        return None
    if not re.fullmatch("[+-]?[0-9]+", text):
        raise errors.TypeParamNotInteger(value=text, problem="invalid syntax")
    if not -(2**63) <= int(text) < 2**63:
        raise errors.TypeParamNotInteger(value=text, problem="value out of range")
    return int(text)


def check_struct(struct: StructArray, collection: str) -> None:
    """The rules for a struct array and each of its fields."""
    if not struct.fields:
        raise errors.StructEmpty(struct=struct.name)
    warmup = dict(struct.type_params).get("warmup", "sync")
    if warmup not in _WARMUPS:
        raise errors.StructWarmupInvalid(field=struct.name, value=warmup)
    for field in struct.fields:
        _check_sub_field(replace(field, name=field.raw_name), collection)
    struct_schema.check_capacities(struct, collection)
    struct_schema.check_nulls(struct)


def _check_sub_field(field: Field, collection: str) -> None:
    check_field_name(field.name)
    struct_schema.check_elements(field)
    if field.type is DataType.ARRAY_OF_VECTOR:
        check_dim(field)
    if field.element_type is DataType.VARCHAR:
        check_max_length(field, collection)
    check_capacity(field, collection)
    warmup = dict(field.type_params).get("warmup", "sync")
    if warmup not in _WARMUPS:
        raise errors.FieldWarmupInvalid(field=field.name, value=warmup)


def _check_unique_names(names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise errors.FieldNameTwice(field=name)
        seen.add(name)


def _check_nulls_and_default(field: Field) -> None:
    name = type_name(field.type)
    if field.type is DataType.ARRAY_OF_STRUCT:
        raise errors.StructOutsideStructs(type=name, field=field.name)
    if field.nullable and field.is_primary:
        raise errors.PrimaryKeyNullable(type=name, field=field.name)
    if field.default is None:
        return
    if field.is_primary:
        raise errors.PrimaryKeyDefault(type=name, field=field.name)
    if field.is_vector or field.type in (DataType.JSON, DataType.ARRAY):
        raise errors.DefaultNotSupported(type=name, field=field.name)
    if field.type is DataType.GEOMETRY:
        _check_geometry(field.default)
        return
    if isinstance(field.default, Mistyped):
        raise errors.DefaultTypeMismatch(type=name, field=field.name, given=field.default.given)
    if isinstance(field.default, UnreadTime):
        return
    given = _DEFAULT_TYPES[type(field.default)]
    if given not in _TAKES[field.type]:
        raise errors.DefaultTypeMismatch(type=name, field=field.name, given=given)
    _check_default_range(field)


def _check_geometry(default: Any) -> None:
    try:
        read_texts([default if isinstance(default, str) else ""])
    except errors.GeometryInvalid:
        raise errors.GeometryDefaultInvalid from None


def _check_default_range(field: Field) -> None:
    if field.type in (DataType.INT8, DataType.INT16):
        span = np.iinfo(TYPES[field.type].dtype)
        if not span.min <= field.default <= span.max:
            raise errors.DefaultOutOfRange(value=field.default, low=span.min, high=span.max)
    if field.type is DataType.VARCHAR and len(field.default.encode()) > field.max_length:
        raise errors.DefaultTooLong(length=len(field.default.encode()), limit=field.max_length)


def _check_unique_params(field: Field) -> None:
    for kind, params in (("type", field.type_params), ("index", field.index_params)):
        seen: set[str] = set()
        for key, _ in params:
            if key in seen:
                raise errors.FieldParamTwice(kind=kind, key=key)
            seen.add(key)


_WARMUPS = ("disable", "sync", "async")
_RESERVED_NAMES = frozenset(("RowID", "Timestamp", "__virtual_pk__"))

# Milvus' keywords in exactly these casings (pkg/common/keywords.go); "null" is one in every casing.
_KEYWORDS = frozenset(
    (
        *("like", "exists", "EXISTS", "and", "or", "not", "in"),
        *("true", "True", "TRUE", "false", "False", "FALSE"),
        *("json_contains", "json_contains_all", "json_contains_any"),
        *("JSON_CONTAINS", "JSON_CONTAINS_ALL", "JSON_CONTAINS_ANY"),
        *("array_contains", "array_contains_all", "array_contains_any", "array_length"),
        *("ARRAY_CONTAINS", "ARRAY_CONTAINS_ALL", "ARRAY_CONTAINS_ANY", "ARRAY_LENGTH"),
        *("text_match", "phrase_match", "random_sample", "TEXT_MATCH", "PHRASE_MATCH", "RANDOM_SAMPLE"),
    )
)

# A default is a plain Python value by now, so Milvus' two widths of integers and of floats are one here.
_DEFAULT_TYPES = {
    bool: "DataType_Bool",
    int: "DataType_Int64",
    float: "DataType_Double",
    str: "DataType_VarChar",
    bytes: "DataType_SJON",
}
_TAKES = {
    DataType.BOOL: ("DataType_Bool",),
    DataType.INT8: ("DataType_Int64",),
    DataType.INT16: ("DataType_Int64",),
    DataType.INT32: ("DataType_Int64",),
    DataType.INT64: ("DataType_Int64",),
    DataType.FLOAT: ("DataType_Double",),
    DataType.DOUBLE: ("DataType_Double",),
    DataType.VARCHAR: ("DataType_VarChar",),
    DataType.TEXT: (),
    DataType.TIMESTAMPTZ: ("DataType_Int64",),
}
