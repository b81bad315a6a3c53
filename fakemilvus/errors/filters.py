"""What is refused of filters."""

from __future__ import annotations

from fakemilvus.errors.core import MilvusError


class FilterError(MilvusError):
    """What is wrong with a filter, as Milvus' parser says it. A client sees it only inside one of the two plan errors
    below, and, but for FilterNotBoolean, behind "cannot parse expression: <the filter>".
    """

    code = 2201
    input_error = True


class FilterSyntax(FilterError):
    """``complaint`` is ANTLR's, for the common cases word by word."""

    template = "{place} {complaint}: query plan failed"


class FilterInvalid(FilterError):
    template = "invalid expression: {expression}: query plan failed"


class FilterUnsupported(FilterError):
    """What makes Milvus' own parser panic: too deep, or a range of bools on a JSON key."""

    template = "unsupported expression: {expression}: query plan failed"


class FilterNotBoolean(FilterError):
    template = "predicate is not a boolean expression: {expression}, data type: {type}: query plan failed"


class IdentifierUnread(FilterError):
    """What an index names as a JSON path is something else."""

    template = "cannot parse identifier: {text}: query plan failed"


class FilterFieldNotExist(FilterError):
    template = "field {field} not exist: invalid parameter"


class FilterNullLiteral(FilterError):
    template = (
        "NULL literal is not supported in expressions; use '<field> is null' or '<field> is not null' instead"
        ": invalid parameter"
    )


class FilterIntegerOverflow(FilterError):
    template = "int64 overflow: {literal}"


class FilterIntegerRange(FilterError):
    template = 'strconv.ParseInt: parsing "{literal}": value out of range'


class FilterFloatRange(FilterError):
    template = 'strconv.ParseFloat: parsing "{literal}": value out of range'


class FilterBadString(FilterError):
    template = "invalid syntax"


class FilterNotSubscriptable(FilterError):
    template = "{type} data type not supported accessed with []: invalid parameter"


class FilterBadPath(FilterError):
    template = "invalid identifier: {path}: invalid parameter"


class FilterUnquotedKey(FilterError):
    template = 'json key must be enclosed in double quotes or single quotes: "{key}": invalid parameter'


class FilterTypesDiffer(FilterError):
    template = "comparisons between {left} and {right} are not supported: query plan failed"


class FilterConstantsDiffer(FilterError):
    template = "comparison operations cannot be applied to two incompatible operands: {operands}: invalid parameter"


class FilterCast(FilterError):
    template = "cannot cast value to {type}, value: {value}: query plan failed"


class FilterNotTwoFields(FilterError):
    template = "only comparison between two fields is supported: query plan failed"


class FilterCompareJson(FilterError):
    template = "two column comparison with JSON type is not supported: query plan failed"


class FilterManyFields(FilterError):
    template = "not supported to combine multiple fields: query plan failed"


class FilterLogicalOperand(FilterError):
    template = "'{operator}' can only be used between boolean expressions: query plan failed"


class FilterLogicalConstant(FilterError):
    template = "{operator} can only apply on boolean: query plan failed"


class FilterNotOperand(FilterError):
    template = "not op can only be applied on boolean expression: invalid parameter"


class FilterUnexpectedOperator(FilterError):
    template = "unexpected op: {operator}: invalid parameter"


class FilterNoResult(FilterError):
    """An operation on constants that gives nothing in Milvus, which then has no reason to name."""

    template = "query plan failed"


class FilterTermConstant(FilterError):
    template = "'term' can only be used on non-const expression, but got: {operand}: invalid parameter"


class FilterTermField(FilterError):
    template = "'term' can only be used on single field, but got: {operand}: invalid parameter"


class FilterTermNotConstant(FilterError):
    template = "value '{items}' in list cannot be a non-const expression: invalid parameter"


class FilterTermNoList(FilterError):
    template = "the right-hand side of 'in' must be a list, but got: {items}: invalid parameter"


class FilterTermCast(FilterError):
    template = "value '{value}' in list cannot be casted to {type}: invalid parameter"


class FilterListItem(FilterError):
    template = "array element type must be generic value, but got: {item}: invalid parameter"


class FilterRangeBound(FilterError):
    template = "{bound} cannot be a non-const expression: {operand}: invalid parameter"


class FilterRangeType(FilterError):
    template = "invalid range operations: query plan failed"


class FilterRangeBool(FilterError):
    template = "invalid range operations on boolean expr: query plan failed"


class FilterRangeEmpty(FilterError):
    template = "invalid range: lowerbound is greater than upperbound: query plan failed"


class FilterLikeOperand(FilterError):
    template = "like operation on complicated expr is unsupported: query plan failed"


class FilterLikeType(FilterError):
    template = "like operation on non-string or no-json field is unsupported: query plan failed"


class FilterLikePattern(FilterError):
    template = "like pattern should be a string literal or template variable, got: {pattern}: invalid parameter"


class FilterLikeEscape(FilterError):
    """Milvus says so only when the filter runs over rows."""

    template = "Invalid LIKE pattern: trailing backslash with nothing to escape: query plan failed"


class FilterNullVector(FilterError):
    template = "IsNull/IsNotNull operations are not supported on vector fields: invalid parameter"


class FilterExistsOperand(FilterError):
    template = "exists operations are only supported on single fields now, got: {operand}: invalid parameter"


class FilterExistsType(FilterError):
    template = "exists operations are only supportted on json field, got:{type}: invalid parameter"


class FilterExistsKey(FilterError):
    template = "exists operations are only supportted on json key: invalid parameter"
