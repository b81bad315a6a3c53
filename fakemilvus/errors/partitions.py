"""What is refused of partitions, partition keys and loading."""

from __future__ import annotations

from fakemilvus.errors.core import MilvusError, ParameterInvalid
from fakemilvus.errors.indexes import IndexDuplicate


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
