"""What is refused when a collection is altered, renamed, or given and deprived of fields."""

from __future__ import annotations

from fakemilvus.errors.collections import CollectionNotFound, CollectionNotFoundByDescribe
from fakemilvus.errors.core import MilvusError, ParameterInvalid, ParameterMissing
from fakemilvus.errors.databases import DatabaseNotFound


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
