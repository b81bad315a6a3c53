"""What is refused of queries, and of what is read beside rows."""

from __future__ import annotations

from fakemilvus.errors.core import NODE, ParameterInvalid, ParameterMissing, Segcore


class FieldNotExist(ParameterInvalid):
    template = "field {field} not exist: invalid parameter"


class ParameterNotReadable(ParameterInvalid):
    """A parameter whose text is no number, or no JSON."""

    template = "{name} [{value}] is invalid: invalid parameter"


class TopKMissing(ParameterMissing):
    template = "topk is required: missing parameter"


class LimitOutOfRange(ParameterInvalid):
    """topk, offset, or both; Milvus wraps one refusal in another, hence the doubled ending."""

    template = (
        "{name} [{value}] is invalid, it should be in range [1, {high}], but got {value}: invalid parameter"
        ": invalid parameter"
    )


class QueryOffsetNegative(ParameterInvalid):
    template = (
        "invalid max query result window, offset [{value}] is invalid, should be gte than 0: invalid parameter"
        ": invalid parameter"
    )


class QueryLimitNotPositive(ParameterInvalid):
    template = (
        "invalid max query result window, limit [{value}] is invalid, should be greater than 0: invalid parameter"
        ": invalid parameter"
    )


class QueryWindowTooLarge(ParameterInvalid):
    template = (
        "invalid max query result window, (offset+limit) should be in range [1, {high}], but got {value}"
        ": invalid parameter: invalid parameter"
    )


class FieldNotRetrievable(ParameterInvalid):
    template = "not allowed to retrieve raw data of field {field}: invalid parameter"


class OutputFieldUnreadable(ParameterInvalid):
    template = "parse output field name failed: {field}: invalid parameter"


class IgnoreGrowingUnreadable(ParameterInvalid):
    template = "parse ignore growing field failed: invalid parameter"


class RoundDecimalInvalid(ParameterInvalid):
    template = "round_decimal [{value}] is invalid, should be -1 or an integer in range [0, 6]: invalid parameter"


class NqOutOfRange(ParameterInvalid):
    template = (
        "nq [{value}] is invalid, nq (number of search vector per search request) should be in range "
        "[1, {high}], but got {value}: invalid parameter: invalid parameter"
    )


class PlaceholderUnreadable(ParameterInvalid):
    template = "failed to parse the placeholder group: {problem}: invalid parameter"


class AnnsFieldMissing(ParameterInvalid):
    template = "multiple anns_fields exist, please specify a anns_field in search_params: invalid parameter"


class AnnsFieldNotFound(ParameterInvalid):
    template = (
        "failed to create query plan: failed to get field schema by name: fieldName({field}) not found"
        ": invalid parameter: invalid parameter"
    )


class FieldNotVector(ParameterInvalid):
    template = (
        "failed to create query plan: field ({field}) to search is not of vector data type: query plan failed"
        ": invalid parameter"
    )


class FieldIndexNotLoaded(Segcore):
    """A search of a vector field that had no index when the collection was loaded."""

    retriable = True
    input_error = False
    template = NODE + (
        "field index of the field: {field} is not loaded, please reload the collection: segcore error[segcoreCode=2027]"
    )


class QueryDimMismatch(Segcore):
    """``expected`` and ``actual`` are bytes of one vector, as Milvus counts them."""

    template = (
        NODE + "vector dimension mismatch, expected vector size(byte) {expected}, actual {actual}."
        ": segcore error[segcoreCode=2032]"
    )


class QueryTypeMismatch(Segcore):
    template = (
        NODE + "vector type must be the same, field {field} - type {expected}, search info type {actual}"
        ": segcore error[segcoreCode=2031]"
    )


class ListSearchMismatch(Segcore):
    template = (
        NODE
        + "search type mismatch for VECTOR_ARRAY field {field}: metric_type {metric} {verb} embedding list search, "
        "but search data is {data}: segcore error[segcoreCode=2007]"
    )


class ListQueryLength(Segcore):
    template = (
        NODE + 'Assert "line.size() % bytes_per_vec == 0" => line.size() % bytes_per_vec == 0 assert failed, '
        "line.size() = {length}, dim = {dim}, bytes_per_vec = {size}: segcore error[segcoreCode=2001]"
    )


class SparseQueryInvalid(Segcore):
    template = NODE + "{problem}: segcore error[segcoreCode=2001]"


class IteratorCursorWithoutElements(Segcore):
    template = (
        NODE + 'Assert "is_element_level" => query iterator cursor is only supported for element-level query'
        ": segcore error[segcoreCode=2001]"
    )


class FilterRun(Segcore):
    """A filter that Milvus plans without complaint and refuses when it runs over rows; ``core_code`` is its core's."""

    template = NODE + "{problem}: segcore error[segcoreCode={core_code}]"


class PlaceholderTypeMismatch(ParameterInvalid):
    """The proxy's own refusal, which only FLOAT16_VECTOR and BFLOAT16_VECTOR fields meet."""

    template = "vector type must be the same: field type {expected}, search type {actual}: invalid parameter"


class PlaceholderLengthInvalid(ParameterInvalid):
    template = (
        "failed to parse float32 vector at index {row}: invalid float32 vector data length: {length}"
        ": invalid parameter: invalid parameter"
    )


class MetricTypeMismatch(ParameterInvalid):
    template = NODE + "metric type not match: invalid parameter[expected={expected}][actual={actual}]"


class QueryWithoutLimit(ParameterInvalid):
    template = "empty expression should be used with limit: invalid parameter"


class CountWithLimit(ParameterInvalid):
    template = "count entities with pagination is not allowed: invalid parameter"


class QueryFlagUnreadable(ParameterInvalid):
    """A parameter of a query that Go does not read as a boolean; ``name`` is how Milvus words it."""

    template = "value for {name} is invalid: invalid parameter[expected=true or false][actual={value}]"


class QueryCollectionIdUnreadable(ParameterInvalid):
    template = (
        "value for collection id is invalid: invalid parameter[expected=int value for collection_id]"
        "[actual=collection_id]"
    )


class QueryCollectionIdStale(ParameterInvalid):
    template = (
        "Input collection id is not consistent to collectionID in the context,alias or database may have changed"
        ": invalid parameter"
    )


class IteratorCursorWithoutIterator(ParameterInvalid):
    template = (
        "invalid query iterator cursor params: query_iter_last_pk and query_iter_last_element_offset can only be used "
        "when iterator=true: invalid parameter"
    )


class IteratorCursorIncomplete(ParameterInvalid):
    template = (
        "incomplete query iterator cursor params: query_iter_last_pk and query_iter_last_element_offset must be "
        "provided together, has_last_pk={key}, has_last_element_offset={offset}: invalid parameter"
    )


class IteratorOffsetInvalid(ParameterInvalid):
    template = (
        "value for query iterator last element offset is invalid: invalid parameter[expected=non-negative int value]"
        "[actual={value}]"
    )


class IteratorKeyInvalid(ParameterInvalid):
    template = (
        "value for query iterator last primary key is invalid: invalid parameter[expected=int64 primary key]"
        "[actual={value}]"
    )


class QueryResultTooLarge(ParameterInvalid):
    template = (
        "fail to Query on QueryNode 1: worker(1) query failed: QN query pipeline failed: query results exceed the "
        "maxOutputSize Limit {high}: invalid parameter"
    )


class OrderWithoutLimit(ParameterInvalid):
    template = "ORDER BY requires explicit limit: invalid parameter"


class OrderWithIterator(ParameterInvalid):
    template = "ORDER BY with iterator is not supported: invalid parameter"


class OrderDirectionUnknown(ParameterInvalid):
    """Milvus wraps this one refusal, and the three below it, in another: hence the doubled ending."""

    template = (
        "invalid order direction '{direction}' for field '{field}', must be 'asc' or 'desc'"
        ": invalid parameter: invalid parameter"
    )


class OrderNullsUnknown(ParameterInvalid):
    template = (
        "invalid null ordering '{nulls}', must be 'nulls_first' or 'nulls_last': invalid parameter: invalid parameter"
    )


class OrderFieldUnknown(ParameterInvalid):
    template = "order_by field '{field}' does not exist in collection schema: invalid parameter: invalid parameter"


class OrderFieldType(ParameterInvalid):
    template = "order_by field '{field}' has type {type} which is not sortable: invalid parameter: invalid parameter"


class OrderByAggregate(ParameterInvalid):
    template = "ORDER BY on aggregate expression '{field}' is not yet supported: invalid parameter"


class OrderBesideGroups(ParameterInvalid):
    template = (
        "ORDER BY field '{field}' is not valid: when using GROUP BY or aggregates, ORDER BY can only reference "
        "GROUP BY columns. Valid targets are: [{targets}]: invalid parameter"
    )


class QueryGroupFieldType(ParameterInvalid):
    template = "group by field {field} has unsupported data type {type}: invalid parameter"


class TooManyGroups(Segcore):
    template = (
        "fail to Query on QueryNode 1: worker(1) query failed: GROUP BY produced too many groups ({count}). Add "
        "filters or increase common.groupBy.maxGroups (current: {high}): segcore error[segcoreCode=2001]"
    )


class AggregatesInSearch(ParameterInvalid):
    template = "aggregates are not supported in search request: invalid parameter"


class AggregateType(ParameterInvalid):
    template = "aggregation operator {operator} does not support data type {type}: invalid parameter"


class AggregateOfAll(ParameterInvalid):
    template = "{operator}(*) is not supported, only count(*) is allowed: invalid parameter"


class AggregateOfUnknown(ParameterInvalid):
    template = "target field {field} for aggregation:{operator} does not exist: invalid parameter"


class OutputBesideAggregates(ParameterInvalid):
    """Milvus wraps this refusal, and the one below it, in another: hence the doubled ending."""

    template = (
        "output field '{field}' is not allowed: when using aggregation functions (e.g., count(*)), output_fields can "
        "only contain aggregation expressions, not regular columns: invalid parameter: invalid parameter"
    )


class OutputBesideGroups(ParameterInvalid):
    template = (
        "output field '{field}' is not allowed: when using GROUP BY, output_fields can only contain group_by fields "
        "([{groups}]) or aggregation expressions: invalid parameter: invalid parameter"
    )


class SumOverflow(Segcore):
    template = (
        "fail to Query on QueryNode 1: worker(1) query failed: integer overflow: {sum} + {value}"
        ": segcore error[segcoreCode=2007]"
    )


class AverageOfNothing(ParameterInvalid):
    """What Milvus answers where the average is asked of no value at all."""

    template = "division by zero: count is 0 at row {row}: invalid parameter"


class VectorFieldNotIndexed(ParameterInvalid):
    """``fields`` are names with a space between them."""

    template = "there is no vector index on field: [{fields}], please create index firstly: invalid parameter"


class VectorIndexOfLoadedCollection(ParameterInvalid):
    template = "vector index cannot be dropped on loaded collection: {collection}: invalid parameter"


class PartitionNameNotFound(ParameterInvalid):
    """How searches and queries refuse a partition; everything else answers 200."""

    template = "partition name {partition} not found: invalid parameter"
