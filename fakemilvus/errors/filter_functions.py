"""What is refused of the functions that filters call."""

from __future__ import annotations

from fakemilvus.errors.filters import FilterError


class FilterText(FilterError):
    template = "filter on text field ({field}) is not supported yet: invalid parameter"


class FilterMatchType(FilterError):
    template = "{operation} operation on non-string is unsupported: query plan failed"


class FilterMatchNotEnabled(FilterError):
    template = 'field "{field}" does not enable match: invalid parameter'


class FilterMatchText(FilterError):
    template = "{argument} should be a string literal or template variable, got: {given}: invalid parameter"


class FilterMinimumTooSmall(FilterError):
    template = "minimum_should_match should be >= 1, got {value}: invalid parameter"


class FilterMinimumTooLarge(FilterError):
    template = "minimum_should_match should be <= {high}, got {value}: invalid parameter"


class FilterOptionUnreadable(FilterError):
    template = "invalid {option} value: {value}: invalid parameter"


class FilterFuzzyOption(FilterError):
    template = 'invalid option "{option}" for text_match_fuzzy, expected max_edit_distance: invalid parameter'


class FilterEditsOutOfRange(FilterError):
    template = "max_edit_distance should be in [0, {high}], got {value}: invalid parameter"


class FilterSlopNotConstant(FilterError):
    template = (
        '"slop" should be a const integer expression with "uint32" value. "slop" expression passed: {slop}'
        ": invalid parameter"
    )


class FilterSlopNegative(FilterError):
    template = '"slop" should not be a negative interger. "slop" passed: {slop}: invalid parameter'


class FilterSlopTooLarge(FilterError):
    template = '"slop" exceeds the range of "uint32". "slop" expression passed: {slop}: invalid parameter'


class FilterTimestampName(FilterError):
    template = "can not translate identifier: {field}: invalid parameter"


class FilterTimestampField(FilterError):
    template = "field '{field}' is not a timestamptz datatype: invalid parameter"


class FilterTimestamp(FilterError):
    """``problem`` is what is wrong with the text of a point in time."""

    template = "{problem}"


class FilterDuration(FilterError):
    template = "invalid ISO 8601 duration: {duration}: query plan failed"


class FilterArrayDirectly(FilterError):
    template = "can not comparisons array fields directly: query plan failed"


class FilterArrayKey(FilterError):
    template = "can only access array field with integer index: query plan failed"


class FilterNullElement(FilterError):
    template = (
        "IsNull/IsNotNull operations are not supported on array element access, got: {operand}: invalid parameter"
    )


class FilterContainsField(FilterError):
    template = "{operation} operation are only supported on json or array fields now, got: {operand}: invalid parameter"


class FilterContainsItem(FilterError):
    template = (
        "{operation} operation are only supported explicitly specified element, got: {operand}: invalid parameter"
    )


class FilterContainsNoList(FilterError):
    template = "{operation} operation element must be an array: query plan failed"


class FilterContainsType(FilterError):
    template = "{operation} operation can't compare between array element type: {element} and {type}: query plan failed"


class FilterLengthField(FilterError):
    template = (
        "array_length operation are only supported on json, array or array-of-vector fields now, got: {operand}"
        ": invalid parameter"
    )


class FilterNotGeometry(FilterError):
    template = "{operation} operation are only supported on geometry fields now, got: {call}: invalid parameter"


class FilterWktNotText(FilterError):
    template = "WKT string should be a string literal or template variable, got: {given}: invalid parameter"


class FilterWktInvalid(FilterError):
    """``problem`` is shapely's, where Milvus has go-geom's."""

    template = "{problem}"


class FilterNotPoint(FilterError):
    template = "only supports POINT geometry: {text}: query plan failed"


class FilterDistanceNotConstant(FilterError):
    template = "distance parameter must be a constant numeric value, got: {distance}: invalid parameter"


class FilterDistanceType(FilterError):
    template = "distance parameter must be a numeric value (int or float), got: {distance}: invalid parameter"


class FilterDistanceNegative(FilterError):
    template = "distance parameter must be non-negative, got: {distance}: invalid parameter"


class FilterSampleExpression(FilterError):
    template = "cannot parse expression: {share}, error: {problem}: invalid parameter"


class FilterSampleNotConstant(FilterError):
    template = '"float factor" should be a const float expression: "float factor" passed: {share}: invalid parameter'


class FilterSampleRange(FilterError):
    template = (
        "the sample factor should be between 0 and 1 and not too close to 0 or 1(the difference should be larger than "
        "1e-10), but got {share}: invalid parameter"
    )


class FilterSampleInOr(FilterError):
    template = "random sample expression cannot be used in logical and expression: query plan failed"


class FilterSampleNotLast(FilterError):
    template = (
        "random sample expression can only be the last expression in the logical and expression: query plan failed"
    )


class FilterElementFilterNotLast(FilterError):
    template = (
        "element filter expression can only be the last expression in the logical {operator} expression"
        ": query plan failed"
    )


class FilterElementFilterNested(FilterError):
    template = (
        "nested ElementFilter is not supported, already inside ElementFilter for field: {struct}: invalid parameter"
    )


class FilterElementPredicate(FilterError):
    template = "cannot parse element expression: {expression}, error: {problem}: invalid parameter"


class FilterElementOutside(FilterError):
    template = "$[{field}] syntax can only be used inside ElementFilter or MATCH_*: invalid parameter"


class FilterElementUnknown(FilterError):
    template = (
        "array field not found: {field}, error: failed to get field schema by name: fieldName({field}) not found"
        ": invalid parameter: invalid parameter"
    )


class FilterSubFieldUnknown(FilterError):
    template = (
        "struct field not found: {field}, error: failed to get field schema by name: fieldName({field}) not found"
        ": invalid parameter: invalid parameter"
    )


class FilterMatchNested(FilterError):
    template = (
        "nested {function} is not supported, already inside match expression for field: {struct}: invalid parameter"
    )


class FilterMatchPredicate(FilterError):
    template = "cannot parse predicate expression: {expression}, error: {problem}: invalid parameter"


class FilterMatchCount(FilterError):
    template = "invalid count: {count}: invalid parameter"


class FilterMatchThreshold(FilterError):
    template = "count in {function} must be positive, got: {count}: invalid parameter"


class FilterDistanceMissing(FilterError):
    template = "invalid distance value: {distance}: invalid parameter"
