"""What is refused when a collection is given functions, or deprived of them."""

from __future__ import annotations

from fakemilvus.errors.core import ParameterInvalid


class FunctionSchemaMissing(ParameterInvalid):
    template = "function schema is empty: invalid parameter"


class Bm25NotAdded(ParameterInvalid):
    template = "currently does not support adding BM25 function: invalid parameter"


class Bm25NotAltered(ParameterInvalid):
    template = "currently does not support alter BM25 function: invalid parameter"


class Bm25NotDropped(ParameterInvalid):
    template = "currently does not support droping BM25 function: invalid parameter"


class Bm25DroppedAlone(ParameterInvalid):
    template = (
        "BM25 function must be dropped with its output field in drop_function_field interface: {function}"
        ": invalid parameter"
    )


class AlteredFunctionName(ParameterInvalid):
    template = "invalid function config, name not match: invalid parameter"


class AlteredFunctionNotFound(ParameterInvalid):
    template = "function {function} not found: invalid parameter"


class AddedFunctionOfText(ParameterInvalid):
    template = (
        "adding a {type} function with a TEXT input field ({field}) is not supported: its output cannot be backfilled "
        "into existing segments; use a VARCHAR input field: invalid parameter"
    )


class DroppedFunctionEmpty(ParameterInvalid):
    template = "function name is empty: invalid parameter"


class DroppedFunctionNotFound(ParameterInvalid):
    template = "function not found: {function}: invalid parameter"


class DroppedOutputsKind(ParameterInvalid):
    template = "only BM25 and MinHash functions support dropping output fields: {function}: invalid parameter"


class DroppedFunctionOfLastVector(ParameterInvalid):
    template = "cannot drop function {function}: it would leave no vector field in the collection: invalid parameter"


class SchemaActionMissing(ParameterInvalid):
    template = "action is nil in alter schema task: invalid parameter"


class SchemaActionUnknown(ParameterInvalid):
    template = "unknown action type in alter collection schema request: invalid parameter"


class AddedTooManyFunctions(ParameterInvalid):
    template = "For now, at most one function schema is supported: invalid parameter"


class AddedTooManyInfos(ParameterInvalid):
    template = "For now, only one field info is supported: invalid parameter"


class AddedInfoWithoutField(ParameterInvalid):
    template = "fieldSchema is nil in fieldInfos: invalid parameter"


class AddedBm25Alone(ParameterInvalid):
    template = "BM25 function must be added with its output field in add_function_field interface: invalid parameter"


class AddedFunctionKind(ParameterInvalid):
    template = (
        "For now, only BM25 and MinHash functions are supported in add_function_field interface: invalid parameter"
    )


class AddedFunctionFields(ParameterInvalid):
    template = "{type} function should have exactly one input field and exactly one output field: invalid parameter"


class AddedFunctionOutput(ParameterInvalid):
    template = 'function output field "{output}" must be the newly-added field "{field}": invalid parameter'


class AddedFunctionIndex(ParameterInvalid):
    template = (
        'index params are required when adding function output field "{field}" of vector type {type}: '
        "provide index_type/metric_type (and params) in field_info.extra_params: invalid parameter"
    )


class AddedFunctionIndexType(ParameterInvalid):
    template = (
        'an explicit index_type is required for the bound index of function output field "{field}": invalid parameter'
    )


class AddedNothing(ParameterInvalid):
    template = "fieldInfos and function schema are both empty: invalid parameter"
