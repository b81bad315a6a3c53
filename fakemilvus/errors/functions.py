"""What is refused of the functions of a schema."""

from __future__ import annotations

from fakemilvus.errors.core import MilvusError, ParameterInvalid, ParameterMissing


class FunctionNameEmpty(ParameterMissing):
    template = "function name cannot be empty: missing parameter"


class FunctionFieldsEmpty(ParameterMissing):
    template = "function {kind} field names cannot be empty, function: {function}: missing parameter"


class FunctionFieldNameEmpty(ParameterMissing):
    template = "function {kind} field name cannot be empty string, function: {function}: missing parameter"


class FunctionFieldTwice(ParameterInvalid):
    template = (
        "each function {kind} field should be used exactly once in the same function, function: "
        "{function}, {kind} field: {field}: invalid parameter"
    )


class FunctionFieldBoth(ParameterInvalid):
    template = (
        "a single field cannot be both input and output in the same function, function: {function}, "
        "field: {field}: invalid parameter"
    )


class FunctionTypeUnknown(ParameterInvalid):
    template = "check function params with unknown function type: invalid parameter"


class FunctionNameTwice(ParameterInvalid):
    template = "duplicate function name: {function}: invalid parameter"


class FunctionFieldNotFound(ParameterInvalid):
    template = "function {kind} field not found: {field}: invalid parameter"


class Bm25Params(ParameterInvalid):
    template = "BM25 function accepts no params: invalid parameter"


class TextEmbeddingParams(ParameterInvalid):
    template = "TextEmbedding function accepts no params: invalid parameter"


class TextEmbeddingInput(ParameterInvalid):
    template = "TextEmbedding function input field must be a VARCHAR/TEXT field: invalid parameter"


class TextEmbeddingOutput(ParameterInvalid):
    template = "TextEmbedding function output field must be a FloatVector or Int8Vector field: invalid parameter"


class FunctionInputNullable(ParameterInvalid):
    template = "function input field cannot be nullable: function {function}, field {field}: invalid parameter"


class FunctionInputType(ParameterInvalid):
    template = (
        "{kind} function input field must be a VARCHAR/TEXT field, got {count} field with type "
        "{type}: invalid parameter"
    )


class Bm25IndexMetric(ParameterInvalid):
    template = "index metric type of BM25 function output field must be BM25, got {metric}: invalid parameter"


class HighlightMetric(ParameterInvalid):
    template = 'Search highlight only support with metric type "BM25" but was: {metric}: invalid parameter'


class HighlightFieldNotFound(ParameterInvalid):
    template = "highlight field not found in schema: {field}: invalid parameter"


class HighlightFieldNotAnalyzed(ParameterInvalid):
    template = "get highlight failed, the highlight field not found, {field}:{id}: invalid parameter"


class HighlightFlagUnreadable(ParameterInvalid):
    template = (
        "unmarshal highlight_search_text as bool failed: "
        'strconv.ParseBool: parsing "{value}": invalid syntax: invalid parameter'
    )


class HighlightTagsUnreadable(ParameterInvalid):
    template = "unmarshal {name} as string {called} failed: {value} is none: invalid parameter"


class HighlightTagsEmpty(ParameterInvalid):
    template = "{name} cannot be empty list: invalid parameter"


class HighlightNumber(ParameterInvalid):
    template = "invalid {name}: {value}: invalid parameter"


class HighlightQueriesUnreadable(ParameterInvalid):
    template = "unmarshal highlight queries as json array failed: {value} is none: invalid parameter"


class HighlightQueryInvalid(ParameterInvalid):
    template = "unmarshal highlight queries failed: {problem}: invalid parameter"


class Bm25QueryType(ParameterInvalid):
    template = "please provide varchar/text for BM25 Function based search, got {type}: invalid parameter"


class Bm25SearchMetric(ParameterInvalid):
    template = (
        "must use BM25 metric type when searching against BM25 Function output field"
        ": invalid parameter[expected=BM25][actual={metric}]"
    )


class Bm25WithoutAnalyzer(ParameterInvalid):
    template = "BM25 function input field must set enable_analyzer to true: invalid parameter"


class MinHashInput(ParameterInvalid):
    template = "minhash function input field '{field}' is not string type, is {type}: invalid parameter"


class MinHashNumber(ParameterInvalid):
    template = "param {name}:{value} is not a number: invalid parameter"


class MinHashNotPositive(ParameterInvalid):
    template = "param {name}:{value} must be positive: invalid parameter"


class MinHashHasherUnknown(ParameterInvalid):
    template = "unknown hash function: {value} (expected 'xxhash64' or 'sha1'): invalid parameter"


class MinHashLevelUnknown(ParameterInvalid):
    template = "unknown token_level: {value} (expected 'char' or 'word'): invalid parameter"


class MinHashDim(ParameterInvalid):
    template = (
        "minhash function output field '{field}' dim {dim} does not match expected dim {expected} "
        "(numHashes {count} * one minhash signature size of 32bit): invalid parameter"
    )


class MinHashDimUneven(ParameterInvalid):
    template = (
        "minhash function output field '{field}' dim {dim} is not multiple of 32 (one minhash signature size)"
        ": invalid parameter"
    )


class MinHashQueryType(ParameterInvalid):
    template = "please provide varchar/text for MinHash Function based search, got {type}: invalid parameter"


class MinHashSearchMetric(ParameterInvalid):
    template = (
        "must use MHJACCARD metric type when searching against MinHash Function output field"
        ": invalid parameter[expected=MHJACCARD][actual={metric}]"
    )


class Bm25OutputGiven(ParameterInvalid):
    template = "attempt to insert bm25 function output field: invalid parameter"


class FunctionOutputGiven(ParameterInvalid):
    template = (
        "Insert data has function output field, but collection's property "
        "`collection.function.allowInsertNonBM25FunctionOutputs` is not enable: invalid parameter"
    )


class FunctionOutputPrimary(ParameterInvalid):
    template = "function output field cannot be primary key: function {function}, field {field}: invalid parameter"


class FunctionOutputKey(ParameterInvalid):
    template = (
        "function output field cannot be partition key or clustering key: function {function}, field "
        "{field}: invalid parameter"
    )


class FunctionOutputNullable(ParameterInvalid):
    template = "function output field cannot be nullable: function {function}, field {field}: invalid parameter"


class FunctionOutputTwice(ParameterInvalid):
    template = "duplicate function output field: function {function}, field {field}: invalid parameter"


class FunctionOutputCount(ParameterInvalid):
    template = "{kind} function only need 1 output field, but got {count}: invalid parameter"


class FunctionOutputType(ParameterInvalid):
    template = "{kind} function output field must be a {expected} field, but got {type}: invalid parameter"


class EmbeddingProviderMissing(ParameterInvalid):
    template = "the text embedding service provider parameter:[provider] was not found: invalid parameter"


class EmbeddingProviderUnknown(ParameterInvalid):
    template = (
        "unsupported text embedding service provider: [{provider}] , list of supported [{known}]: invalid parameter"
    )


class EmbeddingTooManyRows(ParameterInvalid):
    template = "numRows [{rows}] > function [{function}]'s max batch [{limit}]: invalid parameter"


class EmbeddingTooManyQueries(ParameterInvalid):
    template = "nq [{nq}] > function [{function}]'s max batch [{limit}]: invalid parameter"


class EmbeddingEmptyQuery(ParameterInvalid):
    template = (
        "there is an empty string in the queries, TextEmbedding function does not support empty text: invalid parameter"
    )


class EmbeddingDim(ParameterInvalid):
    template = (
        "the dim set in the schema is inconsistent with the dim of the model, dim in schema is {dim}, "
        "dim of model is {made}: invalid parameter"
    )


class EmbeddingType(ParameterInvalid):
    template = (
        "embedding model output and field type mismatch, model output is {made}, field type is {type}"
        ": invalid parameter"
    )


class EmbeddingFailed(MilvusError):
    code = 2400
    template = "function execution failed: [{problem}]: function execution failed"
