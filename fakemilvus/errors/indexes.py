"""What is refused of indexes and their parameters."""

from __future__ import annotations

from fakemilvus.errors.core import MilvusError, ParameterInvalid, ParameterMissing


class IndexNotFound(MilvusError):
    code = 700
    legacy = 25
    template = "index not found[indexName={index}]"


class IndexNotFoundOnCollection(IndexNotFound):
    template = "index not found[collection={collection}]"


class IndexDuplicate(MilvusError):
    code = 702
    input_error = True
    template = "index duplicates[indexName={index}]"


class IndexedFieldNotFound(ParameterInvalid):
    template = "cannot create index on non-exist field: {field}: invalid parameter"


class IndexNameTooLong(ParameterInvalid):
    template = (
        "Invalid index name: {name}. "
        "The length of a index name must be less than {limit} characters.: invalid parameter"
    )


class IndexNameStart(ParameterInvalid):
    template = (
        "Invalid index name: {name}. The first character of a index name must be an underscore or letter."
        ": invalid parameter"
    )


class IndexNameCharacters(ParameterInvalid):
    template = (
        "Invalid index name: {name}. Index name can only contain numbers, letters, and underscores.: invalid parameter"
    )


class IndexParamsTooLarge(ParameterInvalid):
    template = "index params size exceeds limit: {size} > {limit}: invalid parameter"


class IndexParamDuplicate(ParameterInvalid):
    template = "duplicated index param (key={key}) (value={value}) found: invalid parameter"


class IndexParamsNotJson(MilvusError):
    """The value of the key ``params`` is no JSON object; Milvus passes its JSON parser's complaint on."""

    template = "unmarshal params failed: {problem}"


class IndexTypeUnknown(ParameterInvalid):
    template = "invalid parameter[expected=valid index][actual=invalid index type: {type}]"


class IndexTypeEmpty(ParameterInvalid):
    template = "invalid index type: : invalid parameter"


class MmapValueInvalid(ParameterInvalid):
    """``where`` is the check that wraps it: "invalid mmap type params" or "invalid mmap index params"."""

    template = (
        "{where}: invalid mmap.enabled value: {value}, expected: true, false: invalid parameter: invalid parameter"
    )


class MmapNotSupported(ParameterInvalid):
    template = "{where}: index type {type} does not support mmap: invalid parameter: invalid parameter"


class AlterIndexBoth(ParameterInvalid):
    template = "cannot provide both DeleteKeys and ExtraParams: invalid parameter"


class IndexPropertyFixed(ParameterInvalid):
    template = "{key} is not a configable index property: invalid parameter"


class IndexNameEmpty(ParameterInvalid):
    template = "index name is empty: invalid parameter"


class WarmupPolicyInvalid(ParameterInvalid):
    template = (
        "invalid warmup params: invalid warmup policy: {value}, must be 'disable', 'sync' or 'async'"
        ": invalid parameter: invalid parameter"
    )


class OffsetCacheValueInvalid(ParameterInvalid):
    template = (
        "invalid offset cache index params: invalid indexoffsetcache.enabled value: {value}, expected: true, false"
        ": invalid parameter: invalid parameter"
    )


class OffsetCacheNotSupported(ParameterInvalid):
    template = (
        "invalid offset cache index params: only bitmap index support indexoffsetcache.enabled now"
        ": invalid parameter: invalid parameter"
    )


class AutoIndexTakesOnlyMetric(ParameterInvalid):
    template = "only metric type can be passed when use AutoIndex: invalid parameter"


class MetricTypeNotSet(ParameterInvalid):
    template = (
        "metric type not set for vector index"
        ": invalid parameter[expected=valid index params][actual=invalid index params]"
    )


class MetricTypeNotSupported(ParameterInvalid):
    """``kind`` is float, binary or int."""

    template = (
        "{kind} vector index does not support metric type: {metric}"
        ": invalid parameter[expected=valid index params][actual=invalid index params]"
    )


class SparseMetricNotSupported(ParameterInvalid):
    template = (
        "only IP&BM25 is the supported metric type for sparse index"
        ": invalid parameter[expected=valid index params][actual=invalid index params]"
    )


class Bm25WithoutFunction(ParameterInvalid):
    template = (
        "only BM25 Function output field support BM25 metric type"
        ": invalid parameter[expected=valid index params][actual=invalid index params]"
    )


class SparseAlgorithmUnknown(ParameterInvalid):
    template = (
        "sparse inverted index algo {algorithm} not found or not supported, supported: [{supported}]: invalid parameter"
    )


class IndexTypeNotForVectors(ParameterInvalid):
    template = "data type {type} can't build with this index {index}: invalid parameter"


class IndexTypeOnlyForVectors(ParameterInvalid):
    template = "index {index} only supports vector data type: invalid parameter"


class StlSortFieldType(ParameterInvalid):
    template = "STL_SORT are only supported on numeric, varchar or timestamptz field, got {type}: invalid parameter"


class TrieFieldType(ParameterInvalid):
    template = "TRIE are only supported on varchar field: invalid parameter"


class InvertedFieldType(ParameterInvalid):
    template = "INVERTED are not supported on {type} field: invalid parameter"


class HybridFieldType(ParameterInvalid):
    template = "hybrid index are only supported on bool, int, float, string and array field: invalid parameter"


class BitmapFieldType(ParameterInvalid):
    template = "bitmap index are only supported on bool, int, string and array field: invalid parameter"


class VectorArrayMetric(ParameterInvalid):
    template = (
        "array of vector with {type} element type does not support metric type: {metric}, supported: {supported}"
        ": invalid parameter"
        ": invalid parameter[expected=valid index params][actual=invalid index params]"
    )


class TextFieldIndexed(ParameterInvalid):
    template = "TEXT field does not support user-created scalar index: invalid parameter"


class BitmapElementType(ParameterInvalid):
    template = "bitmap index are only supported on bool, int, string for array field: invalid parameter"


class BitmapOnPrimaryKey(ParameterInvalid):
    template = "create bitmap index on primary key not supported: invalid parameter"


class NgramFieldType(ParameterInvalid):
    template = "ngram index can only be created on VARCHAR or JSON field: invalid parameter"


class RtreeFieldType(ParameterInvalid):
    template = "RTREE index can only be built on geometry field, got {type}: invalid parameter"


class JsonCastTypeMissing(ParameterMissing):
    template = "json index must specify cast type: missing parameter[missing_param=json_cast_type]"


class JsonCastTypeInvalid(ParameterInvalid):
    template = "json_cast_type {type} is not supported: invalid parameter"


class JsonCastTypeOfKind(ParameterInvalid):
    template = "json_cast_type {type} is not supported for {kind} index: invalid parameter"


class JsonCastFunctionInvalid(ParameterInvalid):
    template = "json_cast_function {function} is not supported: invalid parameter"


class JsonCastFunctionOfType(ParameterInvalid):
    template = "json_cast_function {function} is not supported for json_cast_type {type}: invalid parameter"


class JsonPathOfOtherField(ParameterInvalid):
    template = "fieldID not match with field name: invalid parameter"


class NgramCastTypeMissing(ParameterMissing):
    template = "JSON field with ngram index must specify json_cast_type: missing parameter"


class NgramCastType(ParameterInvalid):
    template = "JSON field with ngram index only supports VARCHAR cast type, got: {type}: invalid parameter"


class NgramSizesMissing(ParameterMissing):
    template = "Ngram index must specify both min_gram and max_gram: missing parameter"


class NgramSizeNotInteger(ParameterInvalid):
    template = "{name} for Ngram index must be an integer, got: {value}: invalid parameter"


class NgramSizesInvalid(ParameterInvalid):
    template = (
        "invalid min_gram or max_gram value for Ngram index, min_gram: {low}, max_gram: {high}: invalid parameter"
    )


class CardinalityLimitInvalid(ParameterInvalid):
    template = (
        "failed to check bitmap cardinality limit, should be larger than 0 and smaller than {limit}: invalid parameter"
    )


class StlSortElementType(ParameterInvalid):
    template = (
        "STL_SORT are only supported on numeric, varchar or timestamptz field, got struct sub-field of {type}"
        ": invalid parameter"
    )


class DimensionMismatch(ParameterInvalid):
    template = "dimension mismatch, dimension in schema: {schema}, dimension: {given}: invalid parameter"


class IndexParamRefused(ParameterInvalid):
    """A build parameter that knowhere refuses; ``problem`` is its own text."""

    template = "{problem}: invalid parameter"


class IndexAlreadyDefined(ParameterInvalid):
    """The name is taken, by other parameters or on another field."""

    template = "at most one distinct index is allowed per field: invalid parameter"


class FieldAlreadyIndexed(ParameterInvalid):
    template = "CreateIndex failed: creating multiple indexes on same field is not supported: invalid parameter"
