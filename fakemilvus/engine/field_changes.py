"""What Milvus refuses when fields are added to a collection, altered or dropped.

Source: the proxy's task.go (addCollectionFieldTask, alterCollectionFieldTask, alterCollectionSchemaTask) and
rootcoord's ddl_callbacks_alter_collection_*.go, Milvus 3.0.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from fakemilvus import errors, limits
from fakemilvus.datatypes import TYPES, DataType, type_name
from fakemilvus.engine.definition import TTL_FIELD, Definition
from fakemilvus.engine.property_checks import MMAP, WARMUP, WARMUP_KEYS, WARMUP_POLICIES
from fakemilvus.engine.schema import DYNAMIC_FIELD, Field, Pairs, Schema, StructArray
from fakemilvus.engine.schema_checks import check_field
from fakemilvus.engine.snapshot import Snapshot


def check_added(definition: Definition, field: Field, *, computed: bool = False) -> None:
    """Raises Milvus' complaint about a field that is to be added; one that a function makes is in every row."""
    schema = definition.schema
    if len(schema.fields) + len(schema.structs) + len(schema.sub_fields) >= limits.MAX_FIELDS:
        raise errors.AddedTooManyFields(limit=limits.MAX_FIELDS)
    if field.name in {*(held.name for held in schema.fields), *(struct.name for struct in schema.structs)}:
        raise errors.AddedFieldTwice(field=field.name)
    if field.type is DataType.NONE:
        raise errors.AddedFieldType(type="None")
    _check_kind(schema, field)
    if not field.nullable and not computed:
        raise errors.AddedFieldNotNullable(field=field.name)
    check_field(field, definition.name)


def check_dropped(definition: Definition, name: str) -> None:
    """Raises Milvus' complaint about a field that is to be dropped."""
    schema = definition.schema
    if not name:
        raise errors.DroppedFieldEmpty
    for struct in schema.structs:
        if struct.name == name:
            _check_dropped_struct(schema, struct)
            return
        if any(field.name == f"{struct.name}[{name}]" for field in struct.fields):
            raise errors.DroppedSubField(struct=struct.name, field=name)
    field = next((field for field in schema.fields if field.name == name), None)
    if field is None:
        raise errors.DroppedFieldNotFound(field=name)
    if dict(definition.properties).get(TTL_FIELD) == name:
        raise errors.DroppedFieldOfTtl(field=name)
    kind = next((kind for kind, holds in _KEPT.items() if holds(field)), None)
    if kind is not None:
        raise errors.DroppedFieldKind(kind=kind, field=name)
    if field.is_vector and count_vectors(schema.stored) <= 1:
        raise errors.DroppedLastVector(field=name)
    for function in schema.functions:
        if name in function.inputs:
            raise errors.DroppedFunctionInput(function=function.name)
        if name in function.outputs:
            raise errors.DroppedFunctionOutput(function=function.name)


def check_field_params(snapshot: Snapshot, collection: str, name: str, given: Pairs, gone: Iterable[str]) -> None:
    """Raises Milvus' complaint about parameters of a field that are set or deleted."""
    field = next((field for field in snapshot.schema.fields if field.name == name), None)
    loaded = bool(snapshot.loaded)
    for key, value in given:
        if key not in _ALTERED:
            raise errors.FieldParamNotAltered(key=key)
        if loaded and key in _ALTERED_UNLOADED:
            raise errors.CollectionLoaded(change=_ALTERED_UNLOADED[key], collection=collection)
        if key == WARMUP and value not in WARMUP_POLICIES:
            raise errors.FieldWarmupNotAltered(value=value)
        if key == "max_length":
            _check_max_length(field, value)
        if key == "max_capacity":
            _check_max_capacity(field, value)
    for key in gone:
        if key not in _DROPPED:
            raise errors.FieldParamNotDropped(key=key)
        if loaded and key in (MMAP, WARMUP):
            change = "can not drop collection field properties if collection loaded"
            raise errors.CollectionLoaded(change=change, collection=collection)
    if field is None:
        raise errors.AlteredFieldNotFound(field=name)


# -- private ---------------------------------------------------------------------------------------------------


def _check_dropped_struct(schema: Schema, struct: StructArray) -> None:
    if count_vectors(struct.fields) >= count_vectors(schema.stored):
        raise errors.DroppedStructOfLastVector(struct=struct.name)


def count_vectors(fields: Iterable[Field]) -> int:
    return sum(DataType.BINARY_VECTOR <= field.type <= DataType.ARRAY_OF_VECTOR for field in fields)


def _check_kind(schema: Schema, field: Field) -> None:
    """What an added field may not be."""
    if field.type is DataType.TEXT and field.default is not None:
        raise errors.AddedTextDefault(field=field.name)
    if field.name in SYSTEM_FIELDS:
        raise errors.AddedFieldSystem(field=field.name)
    if field.is_primary:
        raise errors.AddedFieldPrimary(field=field.name)
    if field.auto_id:
        raise errors.AddedFieldAutoId(field=field.name)
    if field.is_partition_key:
        raise errors.AddedFieldPartitionKey(field=field.name)
    if field.is_clustering_key:
        if field.type not in _CLUSTERING_TYPES:
            raise errors.AddedClusteringKeyType(field=field.name, type=type_name(field.type))
        if schema.clustering_key is not None:
            raise errors.AddedClusteringKeyTwice(field=field.name)
    if field.type not in TYPES:
        raise errors.Unimplemented(f"the data type {type_name(field.type)}")
    if field.is_vector:
        if count_vectors(schema.stored) >= limits.MAX_VECTOR_FIELDS:
            raise errors.AddedTooManyVectorFields(limit=limits.MAX_VECTOR_FIELDS)
        if field.type is not DataType.SPARSE_FLOAT_VECTOR and not field.type_params:
            raise errors.AddedVectorWithoutDim(field=field.name)


def _check_max_length(field: Field | None, value: str) -> None:
    if field is None or DataType.VARCHAR not in (field.type, field.element_type):
        raise errors.MaxLengthOfNoText
    if not re.fullmatch("[+-]?[0-9]+", value):
        raise errors.MaxLengthNotInteger
    if int(value) > limits.MAX_VARCHAR_LENGTH:
        raise errors.MaxLengthTooLarge(value=value, limit=limits.MAX_VARCHAR_LENGTH)


def _check_max_capacity(field: Field | None, value: str) -> None:
    if field is None or field.type is not DataType.ARRAY:
        raise errors.MaxCapacityOfNoArray
    if not re.fullmatch("[+-]?[0-9]+", value):
        raise errors.MaxCapacityNotInteger(field=field.name)
    if not 0 < int(value) <= limits.MAX_ARRAY_CAPACITY:
        raise errors.MaxCapacityOutOfRange(limit=limits.MAX_ARRAY_CAPACITY)


SYSTEM_FIELDS = frozenset(("RowID", "Timestamp", DYNAMIC_FIELD, "$namespace_id", "__virtual_pk__"))
_CLUSTERING_TYPES = frozenset(
    (
        *(DataType.INT8, DataType.INT16, DataType.INT32, DataType.INT64, DataType.FLOAT, DataType.DOUBLE),
        *(DataType.VARCHAR, DataType.FLOAT_VECTOR),
    )
)
_ALTERED = frozenset(("max_length", MMAP, "max_capacity", "field.description", *WARMUP_KEYS))
_DROPPED = frozenset((MMAP, *WARMUP_KEYS))
_ALTERED_UNLOADED = {
    MMAP: "can not alter collection field properties if collection loaded",
    WARMUP: "can not alter warmup if collection loaded",
}
_KEPT: dict[str, Callable[[Field], bool]] = {
    "primary key": lambda field: field.is_primary,
    "partition key": lambda field: field.is_partition_key,
    "clustering key": lambda field: field.is_clustering_key,
}
