"""Every error a client can receive, with Milvus' codes and texts: the one place.

A class is one refusal. Its template is the whole text as Milvus composes it, the base text included, so that
searching for what a client printed lands here; raising it takes keyword facts, never a sentence. ``code`` is
Milvus' error code since 2.3, ``legacy`` the older ``error_code`` enum that SDKs still look at. Texts and codes
follow Milvus 3.0 (its merr package and the call sites); where 2.3.5 answers otherwise, the conformance case says so.
"""

from __future__ import annotations

from typing import Any, ClassVar


class MilvusError(Exception):
    """A refusal in Milvus' own words; the dispatcher turns it into the response's status.

    ``within`` is what Milvus wraps around the text for one rpc, for example "failed to search".
    """

    code: ClassVar[int] = 65535
    legacy: ClassVar[int] = 1
    retriable: ClassVar[bool] = False
    input_error: ClassVar[bool] = False
    template: ClassVar[str] = "{message}"
    detail_template: ClassVar[str] = ""  # where the status' detail is not its reason

    def __init__(self, *, within: str = "", **facts: Any) -> None:
        self.facts = facts
        self.message = (f"{within}: " if within else "") + self.template.format(**facts)
        self.detail = self.detail_template.format(**facts) or self.message
        super().__init__(self.message)


class RpcAborted(Exception):
    """Ends an rpc with a gRPC status instead of an answer; ``status`` is the name of a grpc.StatusCode."""

    def __init__(self, status: str, details: str) -> None:
        self.status = status
        self.details = details
        super().__init__(f"{status}: {details}")


class Unimplemented(RpcAborted):
    """What fakemilvus does not build: said loudly, naming the rpc or the parameter."""

    def __init__(self, what: str) -> None:
        super().__init__("UNIMPLEMENTED", f"fakemilvus does not implement {what}")


class InjectedFailure(MilvusError):
    """What a fault wants to be answered; its codes are the fault's."""

    def __init__(self, reason: str, code: int, legacy: int, retriable: bool) -> None:
        super().__init__(message=reason)
        self.code = code  # type: ignore[misc]
        self.legacy = legacy  # type: ignore[misc]
        self.retriable = retriable  # type: ignore[misc]


NODE = "fail to search on QueryNode 1: worker(1) query failed: "
"""What the query node adds to a search that it refuses; there is one node."""

# -- service ---------------------------------------------------------------------------------------------------


class ServiceInternal(MilvusError):
    code = 5
    template = "service internal error: {reason}"


class SegmentsNotCompactable(ServiceInternal):
    template = "not all segment ids provided could be compacted: service internal error"


class MemoryQuotaExceeded(MilvusError):
    """What an insert is answered while Milvus' quota center denies writing; not retriable."""

    code = 9
    legacy = 48
    template = (
        "quota exceeded[reason=memory quota exceeded, please allocate more resources: force deny writing for memory "
        "quota exceeded]"
    )


# -- collections -----------------------------------------------------------------------------------------------


class CollectionNotFound(MilvusError):
    code = 100
    legacy = 4
    input_error = True
    template = "collection not found[database={database}][collection={collection}]"


class CollectionNotFoundByDescribe(CollectionNotFound):
    """DescribeCollection alone words it so and keeps legacy 1; clients recognise a missing collection by it."""

    legacy = 1
    template = "can't find collection[database={database}][collection={collection}]"
    detail_template = CollectionNotFound.template


class AliasedCollectionNotFound(CollectionNotFound):
    """CreateAlias does not blame the caller."""

    input_error = False


class CollectionNotFoundAnywhere(CollectionNotFound):
    """Where Milvus looks without saying in which database."""

    template = "collection not found[collection={collection}]"


class ListedCollectionNotFound(CollectionNotFoundAnywhere):
    """ListAliases does not blame the caller."""

    input_error = False


class CollectionNotLoaded(MilvusError):
    code = 101
    template = "collection not loaded[collection={collection}]"


class SchemaMismatch(MilvusError):
    code = 109
    legacy = 62
    input_error = True
    template = "collection schema mismatch[collection={collection}]"


class CollectionNumLimitExceeded(MilvusError):
    code = 102
    input_error = True
    template = "exceeded the limit number of collections[dbName={database}][limit={limit}]"


# -- databases -------------------------------------------------------------------------------------------------


class DatabaseNotFound(MilvusError):
    code = 800
    input_error = True
    template = "database not found[database={database}]"


class DatabaseNumLimitExceeded(MilvusError):
    code = 801
    input_error = True
    template = "exceeded the limit number of database[limit={limit}]"


class DatabaseNameInvalid(MilvusError):
    """``problem`` is one of the texts of ``engine/database``."""

    code = 802
    input_error = True
    template = "{problem}: invalid database name[database={database}]"


# -- partitions ------------------------------------------------------------------------------------------------


class PartitionNotFound(MilvusError):
    code = 200
    legacy = 15
    input_error = True
    template = "partition not found[partition={partition}]"


class PartitionNotLoaded(MilvusError):
    code = 201
    template = "partition not loaded[partition={partition}]"


class UnloadedPartitionRead(MilvusError):
    """A search or query of a partition that is not loaded, as the query node says it."""

    code = 201
    template = (
        "failed to search/query delegator 1 for channel {channel}: fail to search on QueryNode 1: "
        "partition not loaded[partition={partition}]"
    )


# -- indexes ---------------------------------------------------------------------------------------------------


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


# -- parameters ------------------------------------------------------------------------------------------------


class ParameterInvalid(MilvusError):
    """Code 1100; each subclass is one text."""

    code = 1100
    legacy = 5
    input_error = True
    template = "{message}: invalid parameter"


class ParameterMissing(MilvusError):
    """Code 1101; each subclass is one text."""

    code = 1101
    legacy = 5
    input_error = True
    template = "{message}: missing parameter"


class TargetSizeTooSmall(ParameterInvalid):
    template = "targetSize {target} MB should be greater than or equal to configMaxSize {least} MB: invalid parameter"


class FlushTimestampMissing(ParameterMissing):
    template = "FlushAllTss or FlushAllTs is required: missing parameter"


class FlushTimestampOfChannelMissing(ParameterInvalid):
    template = "FlushAllTs not found for pchannel {channel}: invalid parameter"


class DatabasePropertyUnreadable(ServiceInternal):
    template = "service internal error: parse value of property fail, key:{key}, value:{value}"


# -- partition keys --------------------------------------------------------------------------------------------


class PartitionKeyTwice(ParameterInvalid):
    template = "there are more than one partition key, field name = {first}, {second}: invalid parameter"


class PartitionKeyIsPrimary(ParameterInvalid):
    template = "the partition key field must not be primary field: invalid parameter"


class PartitionKeyNullable(ParameterInvalid):
    template = "partition key field not support nullable: invalid parameter"


class PartitionKeyType(ParameterInvalid):
    template = "the data type of partition key should be Int64 or VarChar: invalid parameter"


class PartitionsNegative(ParameterInvalid):
    template = "the specified partitions should be greater than 0 if partition key is used: invalid parameter"


class TooManyKeyPartitions(ParameterInvalid):
    template = "partition number ({number}) exceeds max configuration ({limit}): invalid parameter"


class PartitionNamedWithKey(ParameterInvalid):
    template = "not support manually specifying the partition names if partition key mode is used: invalid parameter"


class PartitionManagedWithKey(ParameterInvalid):
    """``verb`` is one of "create partition", "drop partition", "load partitions", "release partitions"."""

    template = "disable {verb} if partition key mode is used: invalid parameter"


class IsolationUnreadable(ParameterInvalid):
    template = (
        'failed to parse partition key isolation: strconv.ParseBool: parsing "{value}": invalid syntax'
        ": invalid parameter"
    )


class IsolationWithoutKey(MilvusError):
    code = 105
    input_error = True
    template = (
        "partition key isolation mode is enabled but no partition key field is set. "
        "Please set the partition key first: illegal collection schema[collection={collection}]"
    )


class IsolationUnderIndex(IndexDuplicate):
    template = (
        "can not alter partition key isolation mode if the collection already has a vector index. "
        "Please drop the index first: index duplicates[indexName={field}]"
    )


class QueryModeUnknown(ParameterInvalid):
    template = 'invalid query_mode value "{value}", valid values: [{valid}]: invalid parameter'


class QueryModeUnderIndex(IndexDuplicate):
    template = (
        "can not alter query_mode if the collection already has a vector index. "
        "Please drop the index first: index duplicates[indexName={field}]"
    )


class IsolationKeyMissing(ParameterInvalid):
    template = (
        "partition key not found in expr or the expr is invalid when validating partition key isolation"
        ": invalid parameter"
    )


class IsolationOperator(ParameterInvalid):
    template = "partition key isolation does not support {operator}: invalid parameter"


# -- databases, further refusals -------------------------------------------------------------------------------


class DatabaseExists(ParameterInvalid):
    template = "database already exist: {database}: invalid parameter"


class DefaultDatabaseDropped(ParameterInvalid):
    template = "can not drop default database: invalid parameter"


class DatabaseNotEmpty(ParameterInvalid):
    template = "database:{database} not empty, must drop all collections before drop database: invalid parameter"


class AlterDatabaseUnnamed(ParameterInvalid):
    template = "alter database failed, database name does not exists: invalid parameter"


class AlterDatabaseNothing(ParameterInvalid):
    template = (
        "alter database with empty properties and delete keys, expected to set either properties or delete keys"
        ": invalid parameter"
    )


class AlterDatabaseBoth(ParameterInvalid):
    template = "alter database cannot modify properties and delete keys at the same time: invalid parameter"


class TimeZoneInvalid(ParameterInvalid):
    template = "unknown or invalid IANA Time Zone ID: {zone}: invalid parameter"


# -- partitions and loading, further refusals ------------------------------------------------------------------


class PartitionNameEmpty(ParameterInvalid):
    template = "Invalid partition name: . Partition name should not be empty.: invalid parameter"


class PartitionNameTooLong(ParameterInvalid):
    template = (
        "Invalid partition name: {name}. The length of a partition name must be less than {limit} characters."
        ": invalid parameter"
    )


class PartitionNameStart(ParameterInvalid):
    template = (
        "Invalid partition name: {name}. The first character of a partition name must be an underscore or letter."
        ": invalid parameter"
    )


class PartitionNameCharacters(ParameterInvalid):
    template = (
        "Invalid partition name: {name}. Partition name can only contain numbers, letters and underscores."
        ": invalid parameter"
    )


class TooManyPartitions(ParameterInvalid):
    template = (
        "partition number ({number}) exceeds max configuration ({limit}), collection: {collection}: invalid parameter"
    )


class PartitionIsLoaded(ParameterInvalid):
    template = "partition cannot be dropped, partition is loaded, please release it first: invalid parameter"


class DefaultPartitionDropped(ParameterInvalid):
    template = "default partition cannot be deleted: invalid parameter"


class NoPartitionToLoad(ParameterInvalid):
    template = "failed to load partition, due to no partition specified: invalid parameter"


class NoPartitionToRelease(ParameterInvalid):
    template = "invalid parameter[expected=any partition][actual=empty partition list]"


class TooFewNodes(MilvusError):
    """A load with more replicas than there are nodes to hold them (AssignReplica of querycoordv2's utils/meta.go)."""

    code = 12
    retriable = True
    template = "service resource insufficient[currentStreamingNode={nodes}][expectedStreamingNode={replicas}]"


class ReplicasOfLoadedPartitions(ParameterInvalid):
    template = (
        "can't change the replica number for loaded partitions: invalid parameter[expected={loaded}][actual={asked}]"
    )


class LoadFieldNotFound(ParameterInvalid):
    template = "failed to get field schema by name: fieldName({field}) not found: invalid parameter"


class LoadWithoutPrimaryKey(ParameterInvalid):
    """``fields`` are names with a space between them, here and in the next two."""

    template = "load field list [{fields}] does not contain primary key field {primary}: invalid parameter"


class LoadWithoutVector(ParameterInvalid):
    template = "load field list [{fields}] does not contain vector field: invalid parameter"


class LoadWithoutPartitionKey(ParameterInvalid):
    template = "load field list [{fields}] does not contain partition key field {key}: invalid parameter"


class MetricTypeMissing(ParameterInvalid):
    template = "metric_type or req_type not found in request: invalid parameter"


# -- nodes -----------------------------------------------------------------------------------------------------


class CollectionNotFullyLoaded(MilvusError):
    code = 103
    retriable = True
    template = "collection not fully loaded[collection={collection}]"


class NodeNotFound(MilvusError):
    code = 901
    template = "node not found[node={node}]"


class SegmentNotFound(MilvusError):
    code = 600
    template = "segment not found[segment={segment}]"


class MetricNotFound(MilvusError):
    code = 1200
    template = "metric not found[metric={metric}]"


# -- index definitions -----------------------------------------------------------------------------------------


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


class RangeOfSignatures(_RangeRefused):
    template = (
        "failed to search: failed to search/query delegator 1 for channel {channel}: "
        + NODE
        + " => Brute force range search fail: not implemented, minhash not support range search.: "
        "segcore error[segcoreCode=2001]"
    )


class CollectionDiffers(ParameterInvalid):
    template = "create duplicate collection with different parameters, collection: {collection}: invalid parameter"


class DropByAlias(ParameterInvalid):
    template = "cannot drop the collection via alias = {alias}: invalid parameter"


class CollectionHasAliases(ParameterInvalid):
    """``aliases`` are names with a space between them."""

    template = (
        "unable to drop the collection [{collection}] because it has associated aliases [{aliases}], "
        "please remove all aliases before dropping the collection: invalid parameter"
    )


class SchemaUnreadable(ParameterInvalid):
    template = "the schema in the request cannot be read: {problem}: invalid parameter"


class SchemaNameDiffers(ParameterInvalid):
    template = (
        "collection name = {collection}, schema.Name={schema}: "
        "invalid parameter[expected=collection name matches schema name][actual=don't match]"
    )


class PartitionsWithoutKey(ParameterInvalid):
    template = "num_partitions should only be specified with partition key field enabled: invalid parameter"


class DataTypeNotValid(ParameterInvalid):
    template = "data type {name} is not valid: invalid parameter"


class DataTypeUnknown(ParameterInvalid):
    """``number`` is a type that Milvus has no code for."""

    template = "invalid parameter[expected=Invalid field][actual=field data type: {number} is not supported]"


# -- collection definitions ------------------------------------------------------------------------------------


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


class MatchNeedsAnalyzer(ParameterInvalid):
    template = (
        "field {field} which has enable_match or is input of BM25 function must also enable_analyzer: invalid parameter"
    )


class MultiAnalyzerMatch(ParameterInvalid):
    template = "multi analyzer now only support for bm25, but now field {field} enable match: invalid parameter"


class MultiAnalyzerBeside(ParameterInvalid):
    template = "field {field} analyzer params should be none if has multi analyzer params: invalid parameter"


class MultiAnalyzerWithoutField(ParameterInvalid):
    template = "multi analyzer params now must set by_field to specify with field decide analyzer: invalid parameter"


class MultiAnalyzerFieldNotText(ParameterInvalid):
    template = "multi analyzer params by_field must be string but now: {value}: invalid parameter"


class MultiAnalyzerFieldType(ParameterInvalid):
    template = (
        "multi analyzer params now only support by string field, but field {field} is not string: invalid parameter"
    )


class MultiAnalyzerFieldNotFound(ParameterInvalid):
    template = "multi analyzer dependent field {field} not exist in collection {collection}: invalid parameter"


class MultiAnalyzerAlias(ParameterInvalid):
    template = "multi analyzer alias must be string map but now: {value}: invalid parameter"


class MultiAnalyzerWithoutAnalyzers(ParameterInvalid):
    template = "multi analyzer params must set analyzers : invalid parameter"


class MultiAnalyzersUnreadable(ParameterInvalid):
    template = "unmarshal analyzers failed: {problem}: invalid parameter"


class MultiAnalyzerWithoutDefault(ParameterInvalid):
    template = "multi analyzer must set default analyzer for all unknown value: invalid parameter"


class AnalyzerInvalid(ParameterInvalid):
    """``whose`` is "field: <name>", and ", name: <name>" for one of several; Milvus names a line of its source."""

    template = (
        "validate analyzer failed for {whose}, error:  => Validate analyzer params failed: validate tokenizer failed "
        "with error: {problem} param: {params}: segcore error[segcoreCode=2001]: invalid parameter"
    )


class AnalyzerParamsUnreadable(MilvusError):
    """Without a class in Milvus, which passes Go's own complaint on."""

    template = "{problem}"


class AnalyzerRefused(MilvusError):
    """What RunAnalyzer answers where AnalyzerInvalid refuses a schema."""

    code = 2000
    template = (
        " => Tokenizer creation failed: create tokenizer failed with error: {problem} param: {params}"
        ": segcore error[segcoreCode=2001]"
    )


class AnalyzerParamsBesideField(ParameterInvalid):
    template = "run analyzer can't use analyzer params and (collection,field) in same time: invalid parameter"


class AnalyzedFieldMissing(ParameterInvalid):
    template = "must set field name when collection name was set: invalid parameter"


class AnalyzerNamesMismatch(ParameterInvalid):
    template = (
        "only support set one analyzer name for all text or set analyzer name for each text, but now analzer name num: "
        "{names}, text num: {texts}: invalid parameter"
    )


class AnalyzedFieldNotFound(MilvusError):
    code = 1700
    input_error = True
    template = "field not found[field={field}]"


class FieldNotAnalyzed(ParameterInvalid):
    template = (
        "analyzer runner for field {field} not exist, now only support run analyzer by field if field was bm25/minhash "
        "input field: invalid parameter"
    )


# -- functions of a schema -------------------------------------------------------------------------------------


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


# -- points in time --------------------------------------------------------------------------------------------


class TimestampUnreadable(ParameterInvalid):
    template = "invalid timestamp string: '{text}'. Does not match any known format: invalid parameter"


class TimestampOffsetOutOfRange(ParameterInvalid):
    template = "UTC offset hour {hours} is out of the valid range [{low}, {high}]: invalid parameter"


class TimestampInvalid(ParameterInvalid):
    """Whatever is wrong with the text of a row, Milvus blames the time zone."""

    template = (
        "got invalid timestamptz string '{text}': invalid timezone name; must be a valid IANA Time Zone ID "
        "(e.g., 'Asia/Shanghai' or 'UTC'): invalid parameter"
    )


class TimestampsNotTexts(ParameterInvalid):
    template = "timestamptz field data must be a string array: invalid parameter"


class TimeFieldUnknown(ParameterInvalid):
    template = "unsupported field for extraction: {field}, fields should be seprated by ',' or ' ': invalid parameter"


# -- changing collections --------------------------------------------------------------------------------------


class CollectionLoaded(MilvusError):
    """``change`` is what Milvus says in front: "can not alter mmap properties if collection loaded"."""

    code = 104
    input_error = True
    template = "{change}: collection already loaded[collection={collection}]"


class AlterBothWays(ParameterInvalid):
    template = "cannot provide both DeleteKeys and ExtraParams: invalid parameter"


class AlterNothing(ParameterInvalid):
    template = "no properties or delete keys provided: invalid parameter"


class ExternalNotAltered(ParameterInvalid):
    template = (
        "cannot alter {key} via alter_collection_properties; use RefreshExternalCollection instead: invalid parameter"
    )


class ExternalNotDeleted(ParameterInvalid):
    template = (
        "cannot delete {key}; external source/spec are immutable post-create except via RefreshExternalCollection"
        ": invalid parameter"
    )


class AlterAfterCreation(ParameterInvalid):
    """``verb`` is alter or delete."""

    template = "cannot {verb} {key} after collection creation: invalid parameter"


class NamespaceModeNotAltered(ParameterInvalid):
    template = (
        "cannot alter namespace.mode via alter_collection_properties; namespace mode is immutable after collection "
        "creation: invalid parameter"
    )


class NamespaceModeNotDeleted(ParameterInvalid):
    template = "cannot delete namespace.mode; namespace mode is immutable after collection creation: invalid parameter"


class PropertyMisspelt(ParameterInvalid):
    template = 'invalid property key "{key}", did you mean "{meant}"?: invalid parameter'


class KeysAllowedWithoutAutoId(ParameterInvalid):
    template = "the value for allow_insert_auto_id must be false when autoID is false: invalid parameter"


class WarmupKeyOfField(ParameterInvalid):
    template = (
        "warmup key '{key}' is only allowed at field level, use warmup.scalarField/warmup.scalarIndex/"
        "warmup.vectorField/warmup.vectorIndex at collection level: invalid parameter"
    )


class WarmupValueInvalid(ParameterInvalid):
    template = (
        "invalid warmup value for key {key}: invalid warmup policy: {value}, must be 'disable', 'sync' or 'async'"
        ": invalid parameter: invalid parameter"
    )


class FieldWarmupNotAltered(ParameterInvalid):
    template = (
        "invalid warmup policy: {value}, must be 'disable', 'sync' or 'async': invalid parameter: invalid parameter"
    )


class DynamicNotDeleted(ParameterInvalid):
    template = (
        "cannot delete key dynamicfield.enabled, dynamic field schema could support set to true/false"
        ": invalid parameter"
    )


class DynamicValueInvalid(ParameterInvalid):
    template = "invalid dynamic schema property value: {value}: invalid parameter"


class DynamicNotAlone(ParameterInvalid):
    template = "cannot alter dynamic schema with other properties at the same time: invalid parameter"


class TtlUnreadable(ParameterInvalid):
    """``problem`` is Go's: "invalid syntax" or "value out of range"."""

    template = (
        'collection ttl property value not valid, parse error: strconv.ParseInt: parsing "{value}": {problem}'
        ": invalid parameter"
    )


class TtlNotInteger(ParameterInvalid):
    template = "collection TTL is not a valid positive integer: invalid parameter"


class TtlOutOfRange(ParameterInvalid):
    template = "collection TTL is out of range, expect [-1, {limit}], got {value}: invalid parameter"


class TtlFieldType(ParameterInvalid):
    template = "ttl field must be timestamptz, field name = {field}: invalid parameter"


class TtlFieldNotFound(ParameterInvalid):
    template = "ttl field name {field} not found in schema: invalid parameter"


class TtlTwoWays(ParameterInvalid):
    template = "collection TTL and ttl field cannot be set at the same time: invalid parameter"


class TtlBesideField(ParameterInvalid):
    template = "ttl field is already exists, cannot be set collection TTL: invalid parameter"


class TtlFieldBesideTtl(ParameterInvalid):
    template = "collection TTL is already set, cannot be set ttl field: invalid parameter"


class FieldParamNotAltered(ParameterInvalid):
    template = "{key} does not allow update in collection field param: invalid parameter"


class FieldParamNotDropped(ParameterInvalid):
    template = "{key} is not allowed to drop in collection field param: invalid parameter"


class MaxLengthOfNoText(ParameterInvalid):
    """Milvus leaves the field's name out."""

    template = " can not modify the maxlength for non-string types: invalid parameter"


class MaxLengthNotInteger(ParameterInvalid):
    template = "max_length should be an integer, but got string: invalid parameter"


class MaxLengthTooLarge(ParameterInvalid):
    template = "{value} exceeds the maximum allowed value {limit}: invalid parameter"


class MaxCapacityOfNoArray(ParameterInvalid):
    """Milvus leaves the field's name out."""

    template = " can not modify the maxcapacity for non-array types: invalid parameter"


class AlteredFieldNotFound(ParameterInvalid):
    template = "field {field} does not exist in collection: invalid parameter"


class AddedFieldUnreadable(MilvusError):
    """The bytes are no FieldSchema; Milvus passes its parser's complaint on."""

    template = "{problem}"


class AddedTooManyFields(ParameterInvalid):
    template = "The number of fields has reached the maximum value {limit}: invalid parameter"


class AddedTooManyVectorFields(ParameterInvalid):
    template = "maximum vector field's number should be limited to {limit}: invalid parameter"


class AddedFieldTwice(ParameterInvalid):
    template = "duplicated field name {field}: invalid parameter"


class AddedFieldType(ParameterInvalid):
    template = "invalid parameter[expected=valid field][actual=field data type: {type} is not supported]"


class AddedFieldExternal(ParameterInvalid):
    template = "add field operation does not support external field mapping, field name = {field}: invalid parameter"


class AddedFieldSystem(ParameterInvalid):
    template = "not support to add system field, field name = {field}: invalid parameter"


class AddedFieldPrimary(ParameterInvalid):
    template = "not support to add pk field, field name = {field}: invalid parameter"


class AddedFieldAutoId(ParameterInvalid):
    template = "only primary field can speficy AutoID with true, field name = {field}: invalid parameter"


class AddedFieldPartitionKey(ParameterInvalid):
    template = "not support to add partition key field, field name  = {field}: invalid parameter"


class ClusteringKeyVector(MilvusError):
    code = 107
    input_error = True
    template = "vector clustering key not allowed[collection={collection}]"


class AddedClusteringKeyType(ParameterInvalid):
    template = "clustering key field {field} has unsupported data type {type}: invalid parameter"


class AddedClusteringKeyTwice(ParameterInvalid):
    template = "already has another clustering key field, field name: {field}: invalid parameter"


class AddedVectorWithoutDim(ParameterInvalid):
    template = "vector field must have dimension specified, field name = {field}: invalid parameter"


class AddedTextDefault(ParameterInvalid):
    template = "default value is not supported when adding TEXT field, field name = {field}: invalid parameter"


class AddedFieldNotNullable(ParameterInvalid):
    template = "added field must be nullable, please check it, field name = {field}: invalid parameter"


class AddedStructNotNullable(ParameterInvalid):
    template = "added struct field must be nullable, please check it, struct field name = {struct}: invalid parameter"


class AddedStructMissing(ParameterInvalid):
    template = "struct array field schema is nil: invalid parameter"


class AddedSubFieldType(ParameterInvalid):
    template = (
        "fields in StructArrayField can only be array or array of struct, but field {field} is {type}"
        ": invalid parameter"
    )


class AddedSubFieldKind(ParameterInvalid):
    template = "{kind} is not supported for struct field, field name = {field}: invalid parameter"


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


class DropUnspecified(ParameterMissing):
    template = "drop request must specify field_name, field_id, or function_name: missing parameter"


class DroppedFieldEmpty(ParameterInvalid):
    template = "field name is empty: invalid parameter"


class DroppedFieldNotFound(ParameterInvalid):
    template = "field not found: {field}: invalid parameter"


class DroppedFieldIdNotFound(ParameterInvalid):
    template = "field not found with id: {field_id}: invalid parameter"


class DroppedFieldOfTtl(ParameterInvalid):
    template = (
        "cannot drop field {field} because it is referenced by collection property ttl_field, drop the property first"
        ": invalid parameter"
    )


class DroppedFieldKind(ParameterInvalid):
    """``kind`` is what the field is: "primary key", "partition key" or "clustering key"."""

    template = "cannot drop {kind} field: {field}: invalid parameter"


class DroppedLastVector(ParameterInvalid):
    template = "cannot drop the last vector field: {field}: invalid parameter"


class DroppedSubField(ParameterInvalid):
    template = "cannot drop sub-field of struct array field: {struct}.{field}: invalid parameter"


class DroppedStructOfLastVector(ParameterInvalid):
    template = (
        "cannot drop struct array field {struct}: it would leave no vector field in the collection: invalid parameter"
    )


class DroppedFunctionInput(ParameterInvalid):
    template = "field is referenced by function {function} as input, drop function first: invalid parameter"


class DroppedFunctionOutput(ParameterInvalid):
    template = "field is referenced by function {function} as output, drop function first: invalid parameter"


class RenamedToItself(ParameterInvalid):
    template = "collection name or database name should be different: invalid parameter"


class RenamedByAlias(ParameterInvalid):
    template = "unsupported use an alias to rename collection, alias:{alias}: invalid parameter"


class RenamedToTaken(ParameterInvalid):
    template = (
        "duplicated new collection name {database}:{collection} with other collection name or alias: invalid parameter"
    )


class AlteredCollectionNotFound(CollectionNotFoundByDescribe):
    """Where an rpc that alters a schema describes the collection first."""

    legacy = 4


class RenamedNotFound(CollectionNotFound):
    """RenameCollection does not blame the caller."""

    input_error = False


class RenamedToAlias(MilvusError):
    code = 1601
    input_error = True
    template = "alias and collection name conflict[database={database}][alias={alias}]"


class RenamedDatabaseNotFound(DatabaseNotFound):
    """RenameCollection does not blame the caller."""

    input_error = False


class CollectionNamesEmpty(ParameterMissing):
    template = "collection names cannot be empty: missing parameter"


class RenamedWithAliases(ParameterInvalid):
    template = "fail to rename db name, must drop all aliases of this collection before rename: invalid parameter"


# -- rows on their way in --------------------------------------------------------------------------------------


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


# -- reading rows ----------------------------------------------------------------------------------------------


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


class Segcore(MilvusError):
    """What Milvus' core refuses; its own code stands in the text."""

    code = 2000
    input_error = True


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


# -- groups, iterators, keys and rankers of a search -----------------------------------------------------------


class GroupFieldNotFound(MilvusError):
    code = 1700
    input_error = True
    template = "groupBy field not found in schema: field not found[field={field}]"


class GroupJsonAmongMany(ParameterInvalid):
    template = "group_by with json path is not supported for multi-field group_by, field:{field}: invalid parameter"


class GroupSizeUnreadable(ParameterInvalid):
    template = "failed to parse input group size:{value}: invalid parameter"


class GroupSizeNegative(ParameterInvalid):
    template = "input group size:{value} is negative, failed to do search_groupby: invalid parameter"


class GroupSizeTooLarge(ParameterInvalid):
    template = "input group size:{value} exceeds configured max group size:{high}: invalid parameter"


class GroupsOfIterator(ParameterInvalid):
    template = "Not allowed to do groupBy when doing iteration: invalid parameter[expected=][actual=]"


class GroupsInRange(ParameterInvalid):
    template = "Not allowed to do range-search when doing search-group-by: invalid parameter[expected=][actual=]"


class GroupsOfBits(ParameterInvalid):
    template = "not support search_group_by operation based on binary vector column: invalid parameter"


class GroupFieldType(Segcore):
    template = NODE + "unsupported data type {type} for group by operator: segcore error[segcoreCode=2003]"


class GroupJsonType(Segcore):
    template = NODE + "unsupported json_type {type} for JSON group by: segcore error[segcoreCode=2003]"


class JsonCastFailed(Segcore):
    template = NODE + "failed to cast json value to {type}, wrong json data inner type: segcore error[segcoreCode=2001]"


class BucketsTooDeep(ParameterInvalid):
    template = "search_aggregation nesting exceeds max {limit} levels: invalid parameter"


class BucketsTooMany(ParameterInvalid):
    template = "number of search_aggregation result entries is too large: invalid parameter"


class BucketsWith(ParameterInvalid):
    template = "{other} cannot be used simultaneously: invalid parameter"


class BucketsOfHybrid(ParameterInvalid):
    template = "search aggregation is not supported for hybrid search: invalid parameter"


class BucketsOfIterator(ParameterInvalid):
    template = "search iterator is not supported with search_aggregation: invalid parameter"


class BucketsWithOffset(ParameterInvalid):
    template = "offset is not supported with search_aggregation: invalid parameter"


class BucketFieldsEmpty(ParameterInvalid):
    template = "group_by level has no fields: invalid parameter"


class BucketSizeNegative(ParameterInvalid):
    template = "search_aggregation {name} must be non-negative: invalid parameter"


class BucketSearchSize(ParameterInvalid):
    template = "search_aggregation search_size must be greater than or equal to size: invalid parameter"


class BucketFieldEmpty(ParameterInvalid):
    template = "field is empty: invalid parameter"


class BucketFieldNotFound(ParameterInvalid):
    template = 'field "{field}" not found in schema: invalid parameter'


class BucketFloat(ParameterInvalid):
    template = (
        'group_by field "{field}": FLOAT / DOUBLE fields are not supported with search_aggregation '
        "(BucketKeyEntry has no float variant; equality on floats is fragile): invalid parameter"
    )


class BucketFieldTwice(ParameterInvalid):
    template = 'duplicated group_by field "{field}" {where}: invalid parameter'


class BucketJson(ParameterInvalid):
    template = (
        '{usage} "{field}": JSON / dynamic fields are not yet supported with search_aggregation: invalid parameter'
    )


class BucketAliasEmpty(ParameterMissing):
    template = "metric alias cannot be empty: missing parameter"


class BucketOperator(ParameterInvalid):
    template = 'unsupported metric op "{operator}": invalid parameter'


class BucketMetricField(ParameterInvalid):
    template = "metric field_name is empty: invalid parameter"


class BucketStar(ParameterInvalid):
    template = "field_name '*' only supports count op: invalid parameter"


class BucketTopHitsNegative(ParameterInvalid):
    template = "top_hits size must be non-negative: invalid parameter"


class BucketSortEmpty(ParameterInvalid):
    template = "top_hits.sort field_name is empty: invalid parameter"


class BucketSortPath(ParameterInvalid):
    template = 'top_hits.sort JSON path is not yet supported: "{field}": invalid parameter'


class BucketOrderEmpty(ParameterInvalid):
    template = "order key is empty: invalid parameter"


class BucketOrderKey(ParameterInvalid):
    template = 'order key "{key}" is neither reserved key nor metric alias: invalid parameter'


class BucketDirection(ParameterInvalid):
    template = "direction must be asc or desc: invalid parameter"


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


class RankStrategyUnknown(ParameterInvalid):
    template = "rerank_builder: unsupported rank type {strategy}: invalid parameter: invalid parameter"


class RankParamType(ParameterInvalid):
    template = "rerank_builder: the type of rank param {name} should be {type}: invalid parameter: invalid parameter"


class RankParamsUnreadable(ParameterInvalid):
    template = "rerank_builder: parse rerank params failed: {problem}: invalid parameter: invalid parameter"


class RankerMissing(ParameterMissing):
    template = "rerank_builder: reranker name not specified: missing parameter"


class RankersMany(ParameterInvalid):
    template = "rerank_builder: currently only supports one rerank function: invalid parameter"


class RankerUnknown(ParameterInvalid):
    template = "rerank_builder: unsupported reranker {name}: invalid parameter"


class RankNotNumber(ParameterInvalid):
    template = "{value} is not a number: invalid parameter"


class RankKOutOfRange(ParameterInvalid):
    template = "The rank params k should be in range (0, 16384): invalid parameter"


class RankWeightsMissing(ParameterInvalid):
    template = "rerank_builder: weighted reranker requires weights parameter: invalid parameter"


class RankWeightsUnreadable(ParameterInvalid):
    template = "failed to parse weights: {problem}: invalid parameter"


class RankWeightOutOfRange(ParameterInvalid):
    template = "rank param weight should be in range [0, 1]: invalid parameter"


class RankWeightCount(ParameterInvalid):
    template = (
        "the length of weights param mismatch with ann search requests"
        ": invalid parameter[expected={expected}][actual={actual}]"
    )


class RankNormUnreadable(ParameterInvalid):
    template = 'failed to parse norm_score: strconv.ParseBool: parsing "{value}": invalid syntax: invalid parameter'


class DecayParamMissing(ParameterMissing):
    template = "decay {name} not specified: missing parameter"


class DecayParamNotNumber(ParameterInvalid):
    template = "decay param {name}: {value} is not a number: invalid parameter"


class DecayMode(ParameterInvalid):
    template = "unsupported score_mode: {mode}, only supports [max, sum, avg]: invalid parameter"


class DecayInputs(ParameterInvalid):
    template = "rerank_builder: decay reranker requires exactly 1 input field, got {count}: invalid parameter"


class DecayFieldType(ParameterInvalid):
    template = "rerank_builder: decay input field {field} must be numeric, got {type}: invalid parameter"


class DecayFieldNotFound(ParameterInvalid):
    template = "rerank_builder: input field {field} not found in collection schema: invalid parameter"


class DecayFieldUnreadable(MilvusError):
    """A field whose values Milvus does not hand to its rankers at all."""

    code = 5
    template = "unsupported field type: {type}: service internal error"


class ModelInputs(ParameterInvalid):
    template = "rerank_builder: model reranker requires exactly 1 input field, got {count}: invalid parameter"


class ModelFieldType(ParameterInvalid):
    template = "rerank_builder: model input field {field} must be VarChar, got {type}: invalid parameter"


class ModelQueriesMissing(ParameterInvalid):
    template = "rerank_builder: rerank function missing required param: queries: invalid parameter"


class ModelQueriesUnreadable(ParameterInvalid):
    template = "rerank_builder: parse rerank params [queries] failed: {problem}: invalid parameter"


class ModelQueriesEmpty(ParameterMissing):
    template = "rerank_builder: rerank queries must not be empty: missing parameter"


class ModelQueryCount(ParameterInvalid):
    template = "Map failed: rerank_model: queries count ({queries}) != nq count ({vectors}): invalid parameter"


class ModelProviderMissing(ParameterInvalid):
    template = "rerank_builder: lost rerank params:provider : invalid parameter: invalid parameter"


class ModelProviderUnknown(ParameterInvalid):
    template = "rerank_builder: unknown rerank model provider:{provider}: invalid parameter: invalid parameter"


class ModelKeyMissing(ParameterInvalid):
    template = (
        "rerank_builder: missing credentials {config} or configure the {key} environment variable"
        " in the Milvus service: invalid parameter: invalid parameter"
    )


class ModelNameMissing(ParameterInvalid):
    template = "rerank_builder: {provider} rerank model name is required: missing parameter: invalid parameter"


class ModelParamNotNumber(ParameterInvalid):
    template = (
        "rerank_builder: [{name} param's value: {value}] is not a valid number: invalid parameter: invalid parameter"
    )


class ModelBatchNotPositive(ParameterInvalid):
    template = (
        "rerank_builder: [max_client_batch_size param's value: {value}] must be greater than 0"
        ": invalid parameter: invalid parameter"
    )


class ModelTokens(ParameterInvalid):
    template = (
        "rerank_builder: Rerank params error, truncate_prompt_tokens: {value} is not a number"
        ": invalid parameter: invalid parameter"
    )


class ModelTruncate(ParameterInvalid):
    template = (
        "rerank_builder: Rerank params error, truncate: {value} is not bool type: invalid parameter: invalid parameter"
    )


class ModelTruncation(ParameterInvalid):
    template = (
        "rerank_builder: [truncation param's value: {value}] is invalid, only supports: [true/false]"
        ": invalid parameter: invalid parameter"
    )


class ModelTruncationSide(ParameterInvalid):
    template = (
        "rerank_builder: [truncation_direction param's value: {value}] is not invalid, only supports [Left/Right]"
        ": invalid parameter: invalid parameter"
    )


class ModelEndpointMissing(ParameterInvalid):
    template = "rerank_builder: rerank function lost params endpoint: invalid parameter: invalid parameter"


class ModelEndpoint(ParameterInvalid):
    template = "Map failed: endpoint: [{endpoint}] is not a valid http/https link: invalid parameter"


class BoostFilterInvalid(ParameterInvalid):
    template = "failed to create query plan: parse expr failed: {reason}: query plan failed: invalid parameter"


class BoostWeightMissing(ParameterInvalid):
    template = (
        "failed to create query plan: must set weight params for weight scorer: query plan failed: invalid parameter"
    )


class BoostWeightUnreadable(ParameterInvalid):
    template = (
        "failed to create query plan: parse function scorer weight params failed: strconv.ParseFloat: "
        'parsing "{value}": invalid syntax: query plan failed: invalid parameter'
    )


class BoostChanceUnreadable(ParameterInvalid):
    template = "failed to create query plan: {problem}: invalid parameter"


class BoostSeed(ParameterInvalid):
    template = "failed to create query plan: random seed must be number: invalid parameter: invalid parameter"


class BoostFieldName(ParameterInvalid):
    template = (
        "failed to create query plan: random seed field name must be string: invalid parameter: invalid parameter"
    )


class BoostFieldNotFound(ParameterInvalid):
    template = (
        "failed to create query plan: random seed field not found: field not found[field={field}]: invalid parameter"
    )


class BoostFieldType(ParameterInvalid):
    template = (
        "failed to create query plan: only support int64 field as random seed, but got {type}"
        ": invalid parameter: invalid parameter"
    )


class BoostMode(ParameterInvalid):
    template = "failed to create query plan: unknown {kind} mode: {mode}: invalid parameter: invalid parameter"


class BoostOfGroups(ParameterInvalid):
    template = (
        "failed to create query plan: don't support use segment scorer with group_by or search_iterator"
        ": query plan failed: invalid parameter"
    )


class DecayParamInvalid(ParameterInvalid):
    template = "rerank_builder: decay: {problem}: invalid parameter: invalid parameter"


# -- filters ---------------------------------------------------------------------------------------------------


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


class FilterDistanceMissing(FilterError):
    template = "invalid distance value: {distance}: invalid parameter"


class FilterShift(FilterError):
    template = "shift is not supported: {operands}: invalid parameter"


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


class QueryPlanFailed(ParameterInvalid):
    """Search and query wrap every complaint about their filter in this."""

    template = "failed to create query plan: {reason}: invalid parameter"


class DeletePlanFailed(ParameterInvalid):
    """Delete wraps every complaint about its filter in this."""

    template = "failed to create delete plan: {reason}: invalid parameter"


class DeletePlanAlwaysTrue(ParameterInvalid):
    """Delete refuses a filter that is ``always_true``."""

    template = "delete plan can't be empty or always true : {expression}: invalid parameter"


# -- aliases ---------------------------------------------------------------------------------------------------


class AliasNotFound(MilvusError):
    code = 1600
    input_error = True
    template = "alias not found[database={database}][alias={alias}]"


class AliasCollectionNameConflict(MilvusError):
    code = 1601
    template = "alias and collection name conflict[database={database}][alias={alias}]"


class CollectionNameIsAlias(AliasCollectionNameConflict):
    input_error = True
    template = "please choose a unique name: alias and collection name conflict[database={database}][alias={alias}]"


class AliasAlreadyExist(MilvusError):
    code = 1602
    template = (
        "{alias} is alias to another collection: {collection}: alias already exist[database={database}][alias={alias}]"
    )
