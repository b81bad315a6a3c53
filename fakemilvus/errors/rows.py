"""What is refused of rows on their way in."""

from __future__ import annotations

from fakemilvus.errors.core import ParameterInvalid, ParameterMissing


class FieldDataTypeMismatch(ParameterInvalid):
    """``kind`` is the field's kind with a space behind it, or nothing; ``needed`` what its data has to be."""

    template = (
        "{kind}field '{field}' is illegal, array type mismatch: invalid parameter[expected=need {needed}]"
        "[actual=got {actual}]"
    )


class RowCountMismatch(ParameterInvalid):
    template = (
        "the num_rows ({actual}) of field ({field}) is not equal to passed num_rows ({expected})"
        ": invalid parameter[expected={expected}][actual={actual}]"
    )


class VectorLengthNotDivisible(ParameterInvalid):
    template = "the length({length}) of float data should divide the dim({dim}): invalid parameter"


class Float16LengthNotDivisible(ParameterInvalid):
    template = "the length({length}) of float16 data should divide the row width({dim}): invalid parameter"


class BFloat16LengthNotDivisible(ParameterInvalid):
    template = "the length({length}) of bfloat data should divide the row width({dim}): invalid parameter"


class Int8LengthNotDivisible(ParameterInvalid):
    template = "the length({length}) of int8 data should divide the dim({dim}): invalid parameter"


class BinaryLengthNotDivisible(ParameterInvalid):
    template = "the num({length}) of all bits should divide the dim({dim}): invalid parameter"


class Float16NotANumber(ParameterInvalid):
    template = "float16 vector contain nan or infinity value.: invalid parameter"


class BFloat16NotANumber(ParameterInvalid):
    template = "bfloat16 vector contain nan or infinity value.: invalid parameter"


class SparseRowInvalid(ParameterInvalid):
    template = "{problem}: invalid parameter"


class VectorDimMismatch(ParameterInvalid):
    template = (
        "the dim ({actual}) of field data({field}) is not equal to schema dim ({expected})"
        ": invalid parameter[expected={expected}][actual={actual}]"
    )


class FieldRepeated(ParameterInvalid):
    template = "duplicated field {field} found: invalid parameter"


class TooManyColumns(ParameterInvalid):
    template = "more fieldData has pass in: invalid parameter[expected={expected}][actual={actual}]"


class NoRows(ParameterInvalid):
    template = "num_rows should be greater than 0: invalid parameter[expected=invalid num_rows][actual=0]"


class FieldMissing(ParameterInvalid):
    template = "fieldSchema({field}) has no corresponding fieldData pass in: invalid parameter"


class NotANumber(ParameterInvalid):
    """``value`` as Go prints it: NaN, +Inf, -Inf."""

    template = "value '{value}' is not a number or infinity: invalid parameter"


class VarCharTooLong(ParameterInvalid):
    template = (
        "length of varchar field {field} exceeds max length, row number: {row}, length: {length}, max length: {limit}"
        ": invalid parameter"
    )


class GeometryInvalid(ParameterInvalid):
    """``problem`` is shapely's, where Milvus has go-geom's."""

    template = "invalid Geometry data, transform to wkb failed: {problem}: invalid parameter"


class ColumnNotInSchema(ParameterInvalid):
    template = "fieldName {field} not exist in collection schema, fieldType {type}, fieldId {id}: invalid parameter"


class StructDataMissing(ParameterInvalid):
    template = (
        "field convert FieldData_StructArrays fail in fieldData, fieldName: {struct}, collectionName:{collection}"
        ": invalid parameter"
    )


class StructFieldCount(ParameterInvalid):
    template = (
        "length of fields of struct field mismatch length of the fields in schema, fieldName: {struct}, "
        "collectionName:{collection}, fieldData fields length:{actual}, schema fields length:{expected}"
        ": invalid parameter"
    )


class StructRowWithoutData(ParameterInvalid):
    template = (
        "sub-field '{field}' in struct '{struct}' claims row {row} is valid but no payload is provided"
        ": invalid parameter"
    )


class StructPartlyGiven(ParameterInvalid):
    template = (
        "inconsistent sub-field data in struct '{struct}': {given} of {fields} sub-fields have data, all must be "
        "present or all absent: invalid parameter"
    )


class StructNullCounts(ParameterInvalid):
    template = (
        "sub-field ValidData length mismatch in struct '{struct}': '{first}' has {expected}, '{field}' has {actual}"
        ": invalid parameter"
    )


class StructNullsDiffer(ParameterInvalid):
    template = (
        "sub-field ValidData mismatch in struct '{struct}' at row {row}: '{first}'={expected}, '{field}'={actual}"
        ": invalid parameter"
    )


class StructFieldUnknown(ParameterInvalid):
    template = "sub-field '{field}' not found in struct schema '{struct}': invalid parameter"


class StructArraysMissing(ParameterInvalid):
    """``kind`` is "scalar" or "vector"."""

    template = "{kind} array data is nil in struct field '{struct}', sub-field '{field}': invalid parameter"


class StructRowCounts(ParameterInvalid):
    template = (
        "inconsistent array length in struct field '{struct}': expected {expected}, got {actual} for sub-field "
        "'{field}': invalid parameter"
    )


class StructElementCounts(ParameterInvalid):
    template = (
        "inconsistent struct element count in struct '{struct}' at row {row}: '{first}' has {expected}, "
        "'{field}' has {actual}: invalid parameter"
    )


class StructMissing(ParameterInvalid):
    template = "required struct array field '{struct}' is missing in insert data: invalid parameter"


class VectorArrayMissing(ParameterInvalid):
    """``needed`` is as "float vector array"."""

    template = (
        "array of vector field '{field}' is illegal, array type mismatch: invalid parameter[expected=need {needed}]"
        "[actual=got nil]"
    )


class VectorArrayTooLong(ParameterInvalid):
    template = (
        "the length ({length}) of array of vector field {field} exceeds max capacity ({limit})"
        ": invalid parameter[expected=valid length array][actual=array length exceeds max capacity]"
    )


class VectorArrayLength(ParameterInvalid):
    template = (
        "array of vector field {field} has invalid payload length {length}, should be divisible by vector width {width}"
        ": invalid parameter[expected=valid array of vector payload length][actual=invalid payload length]"
    )


class ArrayDataMissing(ParameterInvalid):
    """A message for an ARRAY field that carries no arrays."""

    template = (
        "field convert FieldData_Scalars fail in fieldData, fieldName: {field}, collectionName: {collection}"
        ": invalid parameter"
    )


class ArrayElementMismatch(ParameterInvalid):
    """``actual`` as Go prints the type of the row's data, or "nil"."""

    template = "insert data does not match: invalid parameter[expected={needed} array][actual={actual} array]"


class ArrayTooLong(ParameterInvalid):
    template = (
        "the length ({length}) of {row}th array exceeds max capacity ({limit})"
        ": invalid parameter[expected=valid length array][actual=array length exceeds max capacity]"
    )


class ArrayTextTooLong(ParameterInvalid):
    template = (
        'length of {type} array field "{field}" exceeds max length, row number: {row}, array index: {index}, '
        "length: {length}, max length: {limit}: invalid parameter"
    )


class JsonTooLong(ParameterInvalid):
    template = (
        "the length ({length}) of json field ({field}) exceeds max length ({limit})"
        ": invalid parameter[expected=valid length json string][actual=length exceeds max length]"
    )


class DynamicFieldTooLong(ParameterInvalid):
    template = (
        "the length ({length}) of dynamic field exceeds max length ({limit})"
        ": invalid parameter[expected=valid length dynamic field][actual=length exceeds max length]"
    )


class JsonInvalid(ParameterInvalid):
    """Ours: Milvus stores what is no JSON, and every filter on it fails later."""

    template = "row {row} of json field ({field}) is not JSON: {problem}: invalid parameter"


class DynamicFieldNotObject(ParameterInvalid):
    template = "invalid dynamic field data, only json map is supported: {problem}: invalid parameter"


class DynamicKeyReserved(ParameterInvalid):
    template = "cannot set json key to: $meta: invalid parameter"


class DynamicKeyIsField(ParameterInvalid):
    template = "dynamic field name cannot include the static field name: {field}: invalid parameter"


class IntegerOverflow(ParameterInvalid):
    template = (
        "the {row}th element ({value}) out of range: [{low}, {high}]"
        ": invalid parameter[expected=integer doesn't overflow][actual=out of range]"
    )


class NullsNotAllowed(ParameterInvalid):
    """A field that is not nullable takes no validity at all."""

    template = "the length of valid_data of field({field}) is wrong: invalid parameter[expected=0][actual={rows}]"


class UpsertKeyMissing(ParameterInvalid):
    template = "must assign pk when upsert, primary field: {field}: invalid parameter"


class DuplicateKeys(ParameterInvalid):
    template = "duplicate primary keys are not allowed in the same batch: invalid parameter"


class UpdateOpWithoutField(ParameterMissing):
    template = "FieldPartialUpdateOp.field_name is required: missing parameter"


class UpdateOpTwice(ParameterInvalid):
    template = 'duplicate partial-update op for field "{field}": invalid parameter'


class UpdateOpOnPrimaryKey(ParameterInvalid):
    template = 'field "{field}" is the primary key and cannot carry a partial-update op: invalid parameter'


class UpdateOpFieldNotFound(ParameterInvalid):
    template = 'field "{field}" not found in collection schema: invalid parameter'


class UpdateOpNotOnArray(ParameterInvalid):
    template = 'op {op} requires Array field, but field "{field}" is {type}: invalid parameter'


class UpdateOpUnknown(ParameterInvalid):
    template = "unsupported partial update op: {op}: invalid parameter"


class UpdateOpWithoutData(ParameterInvalid):
    template = 'partial-update op targets field "{field}" not present in fields_data: invalid parameter'


class UpdateOpPayloadNotArray(ParameterInvalid):
    template = 'partial-update op field "{field}" payload is not an Array: invalid parameter'


class UpdateOpElementType(ParameterInvalid):
    template = 'field "{field}" expects element type {expected} but request provides {actual}: invalid parameter'


class ArrayAppendTooLong(ParameterInvalid):
    template = (
        'ARRAY_APPEND payload for field "{field}" row {row} has length {length} exceeding max_capacity {limit}'
        ": invalid parameter"
    )


class ArrayLongerThanCapacity(ParameterInvalid):
    template = "array length {length} exceeds max_capacity {limit}: invalid parameter"
