"""What is refused of arithmetic, patterns and templates in filters."""

from __future__ import annotations

from fakemilvus.errors.filters import FilterError


class FilterArithmeticTypes(FilterError):
    template = (
        "'{operation}' cannot perform arithmetic between {left} field and {right}: query plan failed: invalid parameter"
    )


class FilterArithmeticConstant(FilterError):
    template = "{operation} cannot apply on {type} field: query plan failed"


class FilterModuloConstant(FilterError):
    template = "modulo can only apply on integer: query plan failed"


class FilterModulo(FilterError):
    template = "modulo can only apply on integer types: query plan failed"


class FilterZeroConstant(FilterError):
    template = "cannot {operation} by zero: query plan failed"


class FilterZero(FilterError):
    template = "division or modulus by zero: query plan failed"


class FilterArithmeticFields(FilterError):
    template = "not supported to do arithmetic operations between multiple fields: query plan failed"


class FilterArithmeticReversed(FilterError):
    template = "module field is not yet supported: query plan failed"


class FilterArithmeticNested(FilterError):
    template = "complicated arithmetic operations are not supported: query plan failed"


class FilterPower(FilterError):
    template = "power can only apply on constants: {operands}: invalid parameter"


class FilterBits(FilterError):
    template = "bitwise operations can only apply on integer types: query plan failed"


class FilterBitsConstant(FilterError):
    template = "{operation} can only apply on integer fields: query plan failed"


class FilterRegexOperand(FilterError):
    template = "regex match on complicated expr is unsupported: query plan failed"


class FilterRegexType(FilterError):
    template = "regex match on non-string or non-json field is unsupported: query plan failed"


class FilterRegexPattern(FilterError):
    template = "regex pattern should be a string literal or template variable, got: {pattern}: invalid parameter"


class FilterRegexString(FilterError):
    template = "invalid string literal: {pattern}: query plan failed"


class FilterRegexInvalid(FilterError):
    """``problem`` and ``piece`` are those of Go's regexp/syntax."""

    template = "invalid regex pattern: error parsing regexp: {problem}: `{piece}`"


class FilterTemplateConstants(FilterError):
    template = "placeholder was not supported between two constants with operator: {operator}: invalid parameter"


class FilterTemplateMissing(FilterError):
    template = "the {what} {{{name}}} is not found: query plan failed"


class FilterTemplateNoList(FilterError):
    template = "the value of term expression template variable {{{name}}} is not array: query plan failed"


class FilterTemplateNoText(FilterError):
    template = "the value of {what} template variable {{{name}}} is not string: query plan failed"


class FilterTemplateTypes(FilterError):
    template = "incompatible data type, {left}, {right}: query plan failed"


class FilterTemplateArray(FilterError):
    template = "can not comparisons array directly: query plan failed"


class FilterTemplateNoScalar(FilterError):
    template = "expression elements can only be scalars: query plan failed"


class FilterTemplateUnknown(FilterError):
    template = "unknown template variable value type: {type}: query plan failed"


class FilterTemplateJson(FilterError):
    template = "{value} is of unknown type: {type}: query plan failed"


class FilterTemplateUnread(FilterError):
    """A template's JSON value that is no JSON; ``problem`` is the reader's."""

    template = "{problem}"


class FilterShift(FilterError):
    template = "shift is not supported: {operands}: invalid parameter"
