"""What is refused when a collection is defined: its names, fields and structs."""

from __future__ import annotations

from fakemilvus.errors.core import MilvusError, ParameterInvalid, ParameterMissing


class DataTypeNotValid(ParameterInvalid):
    template = "data type {name} is not valid: invalid parameter"


class DataTypeUnknown(ParameterInvalid):
    """``number`` is a type that Milvus has no code for."""

    template = "invalid parameter[expected=Invalid field][actual=field data type: {number} is not supported]"


class NameEmpty(ParameterInvalid):
    """``kind`` is "name" or "alias", here and in the next three."""

    template = "collection {kind} should not be empty: invalid parameter"


class NameTooLong(ParameterInvalid):
    template = (
        "Invalid collection {kind}: {name}. the length of a collection {kind} must be less than {limit} characters"
        ": invalid parameter"
    )


class NameStart(ParameterInvalid):
    template = (
        "Invalid collection {kind}: {name}. the first character of a collection {kind} must be an underscore or "
        "letter: invalid parameter"
    )


class NameCharacters(ParameterInvalid):
    template = (
        "Invalid collection {kind}: {name}. collection {kind} can only contain numbers, letters and underscores"
        ": invalid parameter"
    )


class TooManyShards(ParameterInvalid):
    template = "maximum shards's number should be limited to {limit}: invalid parameter"


class TooManyFields(ParameterInvalid):
    template = "maximum field's number should be limited to {limit}: invalid parameter"


class TooManyVectorFields(ParameterInvalid):
    template = "maximum vector field's number should be limited to {limit}: invalid parameter"


class NoVectorField(ParameterInvalid):
    template = "schema does not contain vector field: invalid parameter"


class DescriptionTooLong(ParameterInvalid):
    template = "the length of a collection description must not exceed {limit} bytes: invalid parameter"


class PrimaryKeyTwice(ParameterInvalid):
    template = "there are more than one primary key, field name = {first}, {second}: invalid parameter"


class PrimaryKeyType(ParameterInvalid):
    template = "the data type of primary key should be Int64 or VarChar: invalid parameter"


class PrimaryKeyMissing(ParameterMissing):
    template = "primary key is not specified: missing parameter"


class DynamicFieldDeclared(ParameterInvalid):
    template = "cannot explicitly set a field as a dynamic field: invalid parameter"


class AutoIdTwice(ParameterInvalid):
    template = "only one field can speficy AutoID with true, field name = {first}, {second}: invalid parameter"


class AutoIdNotPrimary(ParameterInvalid):
    template = "only primary field can speficy AutoID with true, field name = {field}: invalid parameter"


class StringTypeNotSupported(ParameterInvalid):
    template = "string data type not supported yet, please use VarChar type instead: invalid parameter"


class FieldNameInvalid(MilvusError):
    """``problem`` is one of the texts of ``schema_checks``."""

    code = 1701
    template = "{problem}: field name invalid[field={field}]"


class TypeParamNotInteger(MilvusError):
    """Go's own complaint, which Milvus passes on without a class; ``problem`` is its last words."""

    template = 'strconv.ParseInt: parsing "{value}": {problem}'


class DimensionMissing(ParameterInvalid):
    template = (
        "dimension is not defined in field type params of field {field}, check type param `dim` for vector field"
        ": invalid parameter"
    )


class DimensionTooSmall(ParameterInvalid):
    template = "invalid dimension: {dim}. should be in range 2 ~ {limit}: invalid parameter"


class DimensionTooLarge(ParameterInvalid):
    template = (
        "invalid dimension: {dim} of field {field}. float vector dimension should be in range 2 ~ {limit}"
        ": invalid parameter"
    )


class BinaryDimensionNotMultiple(ParameterInvalid):
    template = (
        "invalid dimension: {dim} of field {field}. binary vector dimension should be multiple of 8. "
        ": invalid parameter"
    )


class BinaryDimensionTooLarge(ParameterInvalid):
    template = (
        "invalid dimension: {dim} of field {field}. binary vector dimension should be in range 2 ~ {limit}"
        ": invalid parameter"
    )


class SparseDimensionGiven(ParameterInvalid):
    template = "dim should not be specified for sparse vector field {field}({field_id}): invalid parameter"


class MaxLengthMissing(ParameterMissing):
    template = (
        "type param(max_length) should be specified for the field({field}) of collection {collection}"
        ": missing parameter"
    )


class MaxLengthOutOfRange(ParameterInvalid):
    template = (
        "the maximum length specified for the field({field}) should be in (0, {limit}], but got {given} instead"
        ": invalid parameter"
    )


class ElementTypeMissing(ParameterInvalid):
    template = "element data type None is not valid: invalid parameter"


class ElementTypeNotSupported(ParameterInvalid):
    template = "element type {type} is not supported: invalid parameter"


class MaxCapacityMissing(ParameterMissing):
    template = (
        "type param(max_capacity) should be specified for array field {field} of collection {collection}"
        ": missing parameter"
    )


class MaxCapacityNotInteger(ParameterInvalid):
    template = "the value for max_capacity of field {field} must be an integer: invalid parameter"


class MaxCapacityOutOfRange(ParameterInvalid):
    template = "the maximum capacity specified for a Array should be in (0, {limit}]: invalid parameter"


class StructEmpty(ParameterInvalid):
    template = "struct array field {struct} has no sub-fields: invalid parameter"


class StructAutoId(ParameterInvalid):
    template = "autoID is not supported for struct field, field name = {field}: invalid parameter"


class StructFieldType(ParameterInvalid):
    template = (
        "fields in StructArrayField must be Array or ArrayOfVector, field name = {field}, field type = {type}"
        ": invalid parameter"
    )


class StructNested(ParameterInvalid):
    template = "nested array is not supported {field}: invalid parameter"


class StructVectorType(ParameterInvalid):
    template = (
        "Unsupported element type {type} of ArrayOfVector field {field}, only fixed dimension vector types are "
        "supported: invalid parameter"
    )


class StructCapacitiesDiffer(ParameterInvalid):
    template = (
        "all sub-fields in struct array field must have the same max_capacity: structName={struct}, "
        "subFieldName={field}, max_capacity={capacity}, expected={expected}: invalid parameter"
    )


class StructFieldNullable(ParameterInvalid):
    template = (
        "sub-field in non-nullable struct cannot be nullable individually, set nullable on the struct instead: "
        "structName={struct}, subFieldName={field}: invalid parameter"
    )


class StructKey(ParameterInvalid):
    template = (
        "partition key or primary key can not be in struct array field. data type:{type}, element type:{element}, "
        "name:{field}: invalid parameter"
    )


class StructDefault(ParameterInvalid):
    template = (
        "fields in struct array field not support default_value, data type:{type}, element type:{element}, "
        "name:{field}: invalid parameter"
    )


class StructWarmupInvalid(ParameterInvalid):
    template = (
        "invalid warmup policy for struct field {field}: invalid warmup policy: {value}, must be 'disable', 'sync' or "
        "'async': invalid parameter: invalid parameter"
    )


class VectorArrayOutsideStruct(ParameterInvalid):
    template = "array of vector can only be in the struct array field, field name: {field}: invalid parameter"


class StructOutsideStructs(ParameterInvalid):
    template = "Invalid field type, type:{type}, name:{field}: invalid parameter"


class ClusteringKeyType(MilvusError):
    code = 105
    input_error = True
    template = (
        "clustering key field {field} has unsupported data type {type}"
        ": illegal collection schema[collection={collection}]"
    )


class ClusteringKeyTwice(MilvusError):
    code = 105
    input_error = True
    template = (
        "there are more than one clustering key, field name = {first}, {second}"
        ": illegal collection schema[collection={collection}]"
    )


class ClusteringKeyInStruct(MilvusError):
    code = 105
    input_error = True
    template = (
        "clustering key is not supported for struct field, field name = {field}"
        ": illegal collection schema[collection={collection}]"
    )


class FieldWarmupInvalid(ParameterInvalid):
    template = (
        "invalid warmup policy for field {field}: invalid warmup policy: {value}, must be 'disable', 'sync' or 'async'"
        ": invalid parameter: invalid parameter"
    )


class FieldNameTwice(ParameterInvalid):
    template = "duplicated field name {field} found: invalid parameter"


class PrimaryKeyNullable(ParameterInvalid):
    template = "primary field not support null, type:{type}, name:{field}: invalid parameter"


class PrimaryKeyDefault(ParameterInvalid):
    template = "primary field not support default_value, type:{type}, name:{field}: invalid parameter"


class DefaultNotSupported(ParameterInvalid):
    template = "type not support default_value, type:{type}, name:{field}: invalid parameter"


class DefaultTypeMismatch(ParameterInvalid):
    template = "type ({type}) of field ({field}) is not equal to the type({given}) of default_value: invalid parameter"


class GeometryDefaultInvalid(ParameterInvalid):
    template = "invalid default value for geometry field: invalid parameter"


class DefaultOutOfRange(ParameterInvalid):
    template = "default value out of range: invalid parameter[{value} out of range {low} <= value <= {high}]"


class DefaultTooLong(ParameterInvalid):
    template = (
        "the length ({length}) of string exceeds max length ({limit})"
        ": invalid parameter[expected=valid length string][actual=string length exceeds max length]"
    )


class FieldParamTwice(ParameterInvalid):
    """``kind`` is "type" or "index"."""

    template = 'duplicated {kind} param key "{key}": invalid parameter'


class KeySkipped(ParameterInvalid):
    template = "{kind} field {field} cannot skip loading: invalid parameter"


class VectorsSkipped(ParameterInvalid):
    template = "cannot config all vector field(s) skip loading: invalid parameter"


class SkipUnreadable(MilvusError):
    template = 'strconv.ParseBool: parsing "{value}": invalid syntax'
