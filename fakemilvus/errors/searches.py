"""What is refused of searches: parameters, ranges, iterators, elements, keys and orders."""

from __future__ import annotations

from fakemilvus.errors.core import NODE, MilvusError, ParameterInvalid, ParameterMissing


class SearchParamRefused(MilvusError):
    """A search parameter that a built index refuses: knowhere's status and text, as the query node passes them on.

    No input error to Milvus, so its balancer, which would try another node, names the one that failed.
    """

    code = 2000
    template = (
        "failed to search: failed to search/query delegator 1 for channel {channel}: "
        + NODE
        + " => failed to search: config={config} {status}: {problem}: segcore error[segcoreCode=2001]"
    )


class RangeWithoutRadius(ParameterInvalid):
    template = (
        "range_filter requires radius to be set; range_filter alone is not a valid range search parameter: "
        "invalid parameter[expected=range_filter][actual=]"
    )


class _RangeRefused(SearchParamRefused):
    """A bound of a range search that the query node refuses."""


class RangeBoundsCrossed(_RangeRefused):
    template = (
        "failed to search: failed to search/query delegator 1 for channel {channel}: "
        + NODE
        + ' => Assert "range_filter {sign} radius" at RangeSearchHelper.cpp:{line} => metric type ({metric}), '
        "range_filter({inner}) must be {relation} than radius({radius}): segcore error[segcoreCode=2001]"
    )


class RangeNotNumber(_RangeRefused):
    template = (
        "failed to search: failed to search/query delegator 1 for channel {channel}: "
        + NODE
        + " => config type error for key {name}: [json.exception.type_error.302] type must be number, but is {type}: "
        "segcore error[segcoreCode=2001]"
    )


class SignaturesNotKept(_RangeRefused):
    template = (
        "failed to search: failed to search/query delegator 1 for channel {channel}: "
        + NODE
        + " => failed to search: fail to search with jaccard distance without raw data.: "
        "segcore error[segcoreCode=2001]"
    )


class RangeOfSignatures(_RangeRefused):
    template = (
        "failed to search: failed to search/query delegator 1 for channel {channel}: "
        + NODE
        + " => Brute force range search fail: not implemented, minhash not support range search.: "
        "segcore error[segcoreCode=2001]"
    )


class IteratorInvalid(ParameterInvalid):
    """Milvus wraps one refusal in another, hence the doubled endings of these."""


class IteratorFlagMissing(IteratorInvalid):
    template = (
        "parse iterator v2 info failed: both iterator and search_iter_v2 must be set in the SDK: missing parameter"
        ": invalid parameter"
    )


class IteratorWithOffset(IteratorInvalid):
    template = (
        "parse iterator v2 info failed: Setting an offset is not permitted when using a search iterator v2"
        ": invalid parameter[expected=][actual=]: invalid parameter"
    )


class IteratorToken(IteratorInvalid):
    template = "parse iterator v2 info failed: invalid token format: invalid parameter: invalid parameter"


class IteratorBatchMissing(IteratorInvalid):
    template = "parse iterator v2 info failed: batch size is required: missing parameter: invalid parameter"


class IteratorBatchUnreadable(IteratorInvalid):
    template = (
        'parse iterator v2 info failed: batch size is invalid, strconv.ParseInt: parsing "{value}": invalid syntax'
        ": invalid parameter: invalid parameter"
    )


class IteratorBatchOutOfRange(IteratorInvalid):
    template = (
        "parse iterator v2 info failed: batch size is invalid, it should be in range [1, {high}], but got {value}"
        ": invalid parameter: invalid parameter: invalid parameter"
    )


class IteratorBoundUnreadable(IteratorInvalid):
    template = (
        'parse iterator v2 info failed: failed to parse input last bound, strconv.ParseFloat: parsing "{value}"'
        ": invalid syntax: invalid parameter: invalid parameter"
    )


class IteratorOfAnother(ParameterInvalid):
    """The collection that the iterator began with is not the one that has its name now."""

    template = (
        "collection id:{asked} in the request is not consistent to that in the search context,"
        "alias or database may have been changed: {actual}: invalid parameter"
    )


class ElementScopeInvalid(ParameterInvalid):
    template = "{problem}: invalid parameter"


class ElementScopeMissing(ParameterMissing):
    template = "{what}: missing parameter"


class ElementScopeOfRows(ParameterInvalid):
    template = (
        "element_scope is only supported for element-level search on struct array vector sub-fields: invalid parameter"
    )


class ElementScopeOfOneStruct(ParameterInvalid):
    template = "element_scope is not allowed for same-struct element-level hybrid search: invalid parameter"


class ElementScopeSum(ParameterInvalid):
    template = (
        "element_scope.collapse.strategy {strategy} is only supported for positively related metrics: invalid parameter"
    )


class HybridListWish(ParameterInvalid):
    template = (
        "{wish} is not supported for vector array ({kind}) fields in hybrid search, fieldName:{field}"
        ": invalid parameter[expected=][actual=]"
    )


class HybridListGroups(ParameterInvalid):
    template = (
        "group by search is not supported for vector array (embedding-list) fields in hybrid search, fieldName:{field}"
        ": invalid parameter[expected=][actual=]"
    )


class HybridElementGroups(ParameterInvalid):
    template = (
        "group by search is only supported for same-struct element-level vector array fields in hybrid search, "
        "fieldName:{field}: invalid parameter[expected=][actual=]"
    )


class HybridElementGroupKey(ParameterInvalid):
    template = (
        "only group by primary key is supported for same-struct element-level vector array fields in hybrid search"
        ": invalid parameter[expected=][actual=]"
    )


class IteratorOfHybrid(ParameterInvalid):
    template = "search iterator v2 is not supported for hybrid search: invalid parameter[expected=][actual=]"


class AskingFieldMissing(ParameterInvalid):
    template = (
        "multiple vector fields exist, please specify anns_field in search_params"
        ": invalid parameter[expected=valid anns_field in search_params][actual=missing]"
    )


class AskingFieldNotFound(MilvusError):
    code = 1700
    input_error = True
    template = "vector field not found in schema: field not found[field={field}]"


class AskingFieldNotVector(ParameterInvalid):
    template = "field ({field}) to search is not of vector data type: invalid parameter"


class SearchedKeyTwice(ParameterInvalid):
    template = "duplicate IDs found in search request: invalid parameter"


class SearchedKeysMissing(ParameterInvalid):
    template = "some of the provided primary key IDs do not exist: missing IDs = [{keys}]: invalid parameter"


class SearchedKeyType(ParameterInvalid):
    """``expected`` is "int64" or "string"; ``primary`` the primary key's type as Milvus says it here."""

    template = (
        "primary key is {primary}, but IDs type mismatch"
        ": invalid parameter[expected={expected} IDs][actual=got other type]"
    )


class TooManySearches(ParameterInvalid):
    template = "maximum of ann search requests is {limit}: invalid parameter"


class SearchNqDiffers(ParameterInvalid):
    template = "sub search request nq should be the same: invalid parameter[expected={expected}][actual={actual}]"


class RankLimitMissing(ParameterInvalid):
    template = "limit not found in rank_params: invalid parameter"


class RankWindow(ParameterInvalid):
    template = "invalid max query result window, {problem}: invalid parameter: invalid parameter"


class HitOrderOptionsMany(ParameterInvalid):
    template = "too many order_by field options in '{spec}': invalid parameter"


class HitOrderFieldEmpty(ParameterInvalid):
    template = "empty field name in order_by_fields: invalid parameter"


class HitOrderDirection(ParameterInvalid):
    template = "invalid order direction '{direction}' for field '{field}', expected 'asc' or 'desc': invalid parameter"


class HitOrderNulls(ParameterInvalid):
    template = "invalid null ordering '{nulls}', expected 'nulls_first' or 'nulls_last': invalid parameter"


class HitOrderBaseNotFound(ParameterInvalid):
    template = "order_by field '{field}' not found in schema and no dynamic field available: invalid parameter"


class HitOrderFieldNotFound(ParameterInvalid):
    template = "order_by field '{field}' does not exist in collection schema: invalid parameter"


class HitOrderFieldType(ParameterInvalid):
    template = (
        "order_by field '{field}' has unsortable type {type}; supported types: bool, int8/16/32/64, float, double, "
        'string, varchar; for JSON fields use path syntax like field["key"]: invalid parameter'
    )


class HitOrderNotJson(ParameterInvalid):
    template = "order_by field '{field}' has brackets but is not a JSON type: invalid parameter"


class HitOrderOfGroups(ParameterInvalid):
    template = "order_by_fields is not supported with multi-field group_by_fields: invalid parameter"


class HitOrderOfIterator(ParameterInvalid):
    template = "order_by is not supported when using search iterator: invalid parameter[expected=][actual=]"


class HitOrderOfRanker(ParameterInvalid):
    template = (
        "order_by and function rerank cannot be used together: they specify conflicting sort criteria"
        ": invalid parameter"
    )


class HitOrderOfHybrid(ParameterInvalid):
    template = "order_by is not supported for hybrid search: invalid parameter"


class ElementFilterInSearch(ParameterInvalid):
    template = (
        "element_filter is only supported for element-level search on vector sub-fields of the same struct array; "
        "use MATCH_ANY/MATCH_* for row-level vector search: invalid parameter"
    )


class ListSearchWish(ParameterInvalid):
    template = "{wish} multi-search-multi on embedding list fields: invalid parameter[expected=][actual=]"


class ElementSearchIterator(ParameterInvalid):
    template = (
        "legacy search iterator is not supported for element-level search; use search iterator v2"
        ": invalid parameter[expected=][actual=]"
    )


class ElementSearchGroups(ParameterInvalid):
    template = "only group by primary key is supported for element-level search: invalid parameter[expected=][actual=]"


class ListSearchByKeys(ParameterInvalid):
    template = "array of vector is not supported for search by IDs: invalid parameter"
