"""What Milvus refuses in the properties of a collection, when it is created and when they are altered.

Source: the proxy's task.go (createCollectionTask, alterCollectionTask) and rootcoord's
ddl_callbacks_alter_collection_properties.go, Milvus 3.0.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from fakemilvus import errors, limits
from fakemilvus.datatypes import DataType
from fakemilvus.engine.definition import DESCRIPTION, TTL_FIELD, TTL_SECONDS, Definition
from fakemilvus.engine.go_values import parse_bool
from fakemilvus.engine.partition_keys import check_isolation_altered
from fakemilvus.engine.schema import Pairs, Schema
from fakemilvus.engine.snapshot import Snapshot
from fakemilvus.timestamptz import check_timezone

DYNAMIC = "dynamicfield.enabled"
QUERY_MODE = "query_mode"
LARGE_TOPK = "large_topk"


def most_hits(properties: Pairs) -> int:
    """How many hits a search may ask for, and a query rows."""
    return limits.MAX_LARGE_TOPK if dict(properties).get(QUERY_MODE) == LARGE_TOPK else limits.MAX_TOPK


def check_created(properties: Pairs) -> None:
    """The rules for properties of a collection that is created, but for those that need its fields."""
    _check_query_mode(properties)
    seconds = dict(properties).get(TTL_SECONDS, "0")
    if not re.fullmatch("[+-]?[0-9]+", seconds):
        raise errors.TtlUnreadable(value=seconds, problem="invalid syntax")
    if not -(2**63) <= int(seconds) < 2**63:
        raise errors.TtlUnreadable(value=seconds, problem="value out of range")
    for key, value in properties:
        _check_warmup(key, value)


def check_time_to_live(properties: Pairs, schema: Schema) -> None:
    """The rules for the time to live of a collection that is created."""
    seconds, field = _check_seconds(properties), _check_ttl_field(properties, schema)
    if seconds and field:
        raise errors.TtlTwoWays


def check_altered(definition: Definition, snapshot: Snapshot, name: str, given: Pairs, gone: Iterable[str]) -> None:
    """Raises Milvus' complaint about properties that are set or deleted; ``name`` is how the collection was called."""
    gone = tuple(gone)
    if given and gone:
        raise errors.AlterBothWays
    _check_external(given, gone)
    _check_fixed(given, gone)
    if given:
        _check_given(definition, snapshot, name, given)
    elif gone:
        _check_gone(snapshot, name, gone)
    else:
        raise errors.AlterNothing
    check_isolation_altered(definition, snapshot, name, given, gone)
    _check_query_mode_altered(definition, snapshot, given, gone)
    _check_mode(given, gone)
    if DYNAMIC in gone:
        raise errors.DynamicNotDeleted
    _check_dynamic(given)


# -- private ---------------------------------------------------------------------------------------------------


def _check_query_mode(properties: Pairs) -> None:
    for key, value in properties:
        if key == QUERY_MODE:
            if value != LARGE_TOPK:
                raise errors.QueryModeUnknown(value=value, valid=LARGE_TOPK)
            return
        _check_spelling(key, QUERY_MODE)


def _check_query_mode_altered(definition: Definition, snapshot: Snapshot, given: Pairs, gone: tuple[str, ...]) -> None:
    before = dict(definition.properties).get(QUERY_MODE, "")
    after = "" if QUERY_MODE in gone else dict(given).get(QUERY_MODE, before)
    if QUERY_MODE in dict(given):
        _check_query_mode(given)
    indexed = next((index.field.name for index in snapshot.indexes if index.field.is_vector), None)
    if indexed is not None and before != after:
        raise errors.QueryModeUnderIndex(field=indexed)


def _check_external(given: Pairs, gone: tuple[str, ...]) -> None:
    for key, _ in given:
        if key in _EXTERNAL:
            raise errors.ExternalNotAltered(key=key)
    for key in gone:
        if key in _EXTERNAL:
            raise errors.ExternalNotDeleted(key=key)


def _check_fixed(given: Pairs, gone: tuple[str, ...]) -> None:
    for verb, keys in (("alter", [key for key, _ in given]), ("delete", gone)):
        for key in keys:
            if key == _SHARDING:
                raise errors.AlterAfterCreation(verb=verb, key=key)
            _check_spelling(key, _SHARDING)


def _check_mode(given: Pairs, gone: tuple[str, ...]) -> None:
    for key, _ in given:
        if key == _MODE:
            raise errors.NamespaceModeNotAltered
        _check_spelling(key, _MODE)
    for key in gone:
        if key == _MODE:
            raise errors.NamespaceModeNotDeleted
        _check_spelling(key, _MODE)


def _check_spelling(key: str, meant: str) -> None:
    if key != meant and key.lower() == meant:
        raise errors.PropertyMisspelt(key=key, meant=meant)


def _check_given(definition: Definition, snapshot: Snapshot, name: str, given: Pairs) -> None:
    properties = dict(given)
    if snapshot.loaded and MMAP in properties:
        raise errors.CollectionLoaded(change="can not alter mmap properties if collection loaded", collection=name)
    if snapshot.loaded and not properties.keys().isdisjoint(WARMUP_KEYS):
        raise errors.CollectionLoaded(change="can not alter warmup properties if collection loaded", collection=name)
    description = properties.get(DESCRIPTION, "")
    if description != snapshot.schema.description and len(description.encode()) > limits.MAX_DESCRIPTION_BYTES:
        raise errors.DescriptionTooLong(limit=limits.MAX_DESCRIPTION_BYTES)
    if parse_bool(properties.get("allow_insert_auto_id", "")) and not snapshot.schema.primary.auto_id:
        raise errors.KeysAllowedWithoutAutoId
    if "timezone" in properties:
        check_timezone(properties["timezone"])
    _check_time_to_live(dict(definition.properties), given, snapshot.schema)
    for key, value in given:
        _check_warmup(key, value)


def _check_gone(snapshot: Snapshot, name: str, gone: tuple[str, ...]) -> None:
    if not snapshot.loaded:
        return
    for key in gone:
        if key == MMAP:
            change = "can not delete mmap properties if collection loaded"
            raise errors.CollectionLoaded(change=change, collection=name)
        if key in WARMUP_KEYS:
            raise errors.CollectionLoaded(
                change=f"can not delete {key} properties if collection loaded", collection=name
            )


def _check_time_to_live(held: Mapping[str, str], given: Pairs, schema: Schema) -> None:
    check_time_to_live(given, schema)
    properties = dict(given)
    if TTL_SECONDS in properties and TTL_FIELD in held:
        raise errors.TtlBesideField
    if TTL_FIELD in properties and TTL_SECONDS in held:
        raise errors.TtlFieldBesideTtl


def _check_seconds(properties: Pairs) -> bool:
    """Whether there is a time to live in seconds."""
    text = dict(properties).get(TTL_SECONDS)
    if text is None:
        return False
    if not re.fullmatch("[+-]?[0-9]+", text) or not -(2**63) <= int(text) < 2**63:
        raise errors.TtlNotInteger
    if not -1 <= int(text) <= limits.MAX_TTL_SECONDS:
        raise errors.TtlOutOfRange(limit=limits.MAX_TTL_SECONDS, value=int(text))
    return True


def _check_ttl_field(properties: Pairs, schema: Schema) -> bool:
    """Whether there is a time to live in a field."""
    name = dict(properties).get(TTL_FIELD)
    if name is None:
        return False
    field = next((field for field in schema.fields if field.name == name), None)
    if field is None:
        raise errors.TtlFieldNotFound(field=name)
    if field.type is not DataType.TIMESTAMPTZ:
        raise errors.TtlFieldType(field=name)
    return True


def _check_warmup(key: str, value: str) -> None:
    if key == WARMUP:
        raise errors.WarmupKeyOfField(key=key)
    if key in WARMUP_KEYS and value not in WARMUP_POLICIES:
        raise errors.WarmupValueInvalid(key=key, value=value)


def _check_dynamic(given: Pairs) -> None:
    value = dict(given).get(DYNAMIC)
    if value is None:
        return
    if parse_bool(value) is None:
        raise errors.DynamicValueInvalid(value=value)
    if len(given) > 1:
        raise errors.DynamicNotAlone


MMAP = "mmap.enabled"
WARMUP = "warmup"
WARMUP_KEYS = frozenset(
    (WARMUP, *(f"warmup.{of}" for of in ("scalarField", "scalarIndex", "vectorField", "vectorIndex")))
)
WARMUP_POLICIES = frozenset(("disable", "sync", "async"))

_EXTERNAL = frozenset(("collection.external_source", "collection.external_spec"))
_SHARDING = "namespace.sharding.enabled"
_MODE = "namespace.mode"
