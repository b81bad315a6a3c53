"""Definitions that were altered, as new values: properties, fields, the dynamic field.

What may be asked for is checked by ``property_checks`` and ``field_changes``. A definition that stays as it was is
given back itself. Every change of the schema counts one version up; an id that a field had is never given again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import count

from fakemilvus.engine.definition import DESCRIPTION, Definition
from fakemilvus.engine.go_values import parse_bool
from fakemilvus.engine.property_checks import DYNAMIC
from fakemilvus.engine.schema import Field, Function, Pairs, Schema, StructArray

CONSISTENCY = "consistency_level"


def with_properties(definition: Definition, given: Pairs, gone: Iterable[str]) -> Definition:
    """Properties set, or deleted; those that say description, consistency or dynamic field are no properties."""
    values = dict(given)
    if DYNAMIC in values:
        return _with_dynamic(definition, bool(parse_bool(values[DYNAMIC])))
    schema = definition.schema
    description = values.pop(DESCRIPTION, schema.description)
    if description != schema.description:
        schema = replace(schema, description=description)
    level = _LEVELS.get(values.pop(CONSISTENCY, ""), definition.consistency_level)
    left = set(gone)
    properties = {**dict(definition.properties), **values}
    kept = tuple((key, value) for key, value in properties.items() if key not in left)
    if (schema, level, kept) == (definition.schema, definition.consistency_level, definition.properties):
        return definition
    return replace(definition, schema=schema, consistency_level=level, properties=kept)


def with_field(definition: Definition, field: Field) -> Definition:
    """One more field, with an id that no field ever had."""
    schema = definition.schema
    added = replace(field, id=schema.highest_id + 1)
    return _with_schema(definition, replace(schema, fields=(*schema.fields, added)))


def with_struct(definition: Definition, struct: StructArray) -> Definition:
    """One more struct array; it and its fields get ids that no field ever had."""
    schema = definition.schema
    ids = count(schema.highest_id + 1)
    added = replace(struct, id=next(ids), fields=tuple(replace(field, id=next(ids)) for field in struct.fields))
    return _with_schema(definition, replace(schema, structs=(*schema.structs, added)))


def with_functions(definition: Definition, functions: Iterable[Function]) -> Definition:
    """The same with other functions."""
    return _with_schema(definition, replace(definition.schema, functions=tuple(functions)))


def without_field(definition: Definition, name: str) -> Definition:
    """The same without one field, or without one struct and its fields."""
    schema = definition.schema
    kept = tuple(field for field in schema.fields if field.name != name)
    structs = tuple(struct for struct in schema.structs if struct.name != name)
    return _with_schema(definition, replace(schema, fields=kept, structs=structs))


def with_field_params(definition: Definition, name: str, given: Pairs, gone: Iterable[str]) -> Definition:
    """Type parameters of one field set, or deleted; ``field.description`` is no parameter."""
    values = dict(given)
    schema = definition.schema
    held = schema.find(name)
    description = values.pop("field.description", None)
    left = set(gone)
    params = {**dict(held.type_params), **values}
    kept = tuple((key, value) for key, value in params.items() if key not in left)
    if kept == held.type_params and description is None:
        return definition
    altered = replace(held, type_params=kept, description=held.description if description is None else description)
    fields = tuple(altered if field is held else field for field in schema.fields)
    return _with_schema(definition, replace(schema, fields=fields))


# -- private ---------------------------------------------------------------------------------------------------


def _with_dynamic(definition: Definition, enabled: bool) -> Definition:
    schema = definition.schema
    if schema.enable_dynamic_field == enabled:
        return definition
    return _with_schema(definition, replace(schema, enable_dynamic_field=enabled))


def _with_schema(definition: Definition, schema: Schema) -> Definition:
    """The definition with a changed schema, which says from now on what the old one left to be counted."""
    before = definition.schema
    ids = [field.id for field in (*schema.fields, *schema.sub_fields)] + [struct.id for struct in schema.structs]
    highest = max([before.highest_id, *ids])
    dynamic = next((field.id for field in before.stored if field.is_dynamic), 0)
    if schema.enable_dynamic_field and not dynamic:
        dynamic = highest = highest + 1
    told = replace(
        schema,
        version=before.version + 1,
        max_id=highest,
        dynamic_id=dynamic if schema.enable_dynamic_field else 0,
    )
    return replace(definition, schema=told)


_NAMES = ("Strong", "Session", "Bounded", "Eventually", "Customized")
_LEVELS = {**{name: level for level, name in enumerate(_NAMES)}, **{str(level): level for level in range(len(_NAMES))}}
