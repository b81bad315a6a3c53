"""Output fields: which columns an answer carries, from the names that a request asks for."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

import numpy as np

from fakemilvus import errors
from fakemilvus.datatypes import Column
from fakemilvus.engine.schema import DYNAMIC_FIELD, Field, Schema
from fakemilvus.rpcs.aggregates import is_aggregate
from fakemilvus.wire.reads import Output
from fakemilvus.wire.times import Times


@dataclass(frozen=True, slots=True)
class Outputs:
    """``fields`` in declaration order; ``keys`` of the dynamic field, None for all of them; ``names`` as asked."""

    fields: tuple[Field, ...]
    keys: frozenset[str] | None
    names: tuple[str, ...]

    def of(self, column: Callable[[Field], Column], times: Times) -> list[Output]:
        """The columns of an answer, each from ``column``; the dynamic field holds only the keys that were asked."""
        return [Output(*times.shown(field, self._cut(field, column(field)))) for field in self.fields]

    def _cut(self, field: Field, column: Column) -> Column:
        if not field.is_dynamic or self.keys is None:
            return column
        kept = np.empty(len(column), object)
        kept[:] = [_only(value, self.keys) for value in column.values]
        return Column(column.type, kept, column.valid)


def decode_outputs(schema: Schema, asked: Collection[str], *, with_primary: bool) -> Outputs:
    """Resolves output fields; ``with_primary`` adds the primary key, as queries do."""
    chosen = {schema.primary.name} if with_primary else set()
    keys: set[str] = set()
    names: dict[str, None] = {}
    structs = {struct.name: struct for struct in schema.structs}
    hidden = _hidden(schema)
    for name in asked:
        if name == "*":
            chosen.update(field.name for field in schema.stored)
            names.update((field.name, None) for field in schema.stored if field not in schema.sub_fields)
        elif name in structs:
            chosen.update(field.name for field in structs[name].fields)
        elif name in hidden:
            raise errors.FieldNotRetrievable(field=name)
        else:
            if name not in schema.by_name:
                keys.add(_dynamic_key(schema, name))
            chosen.add(name if name in schema.by_name else DYNAMIC_FIELD)
            names[name] = None
    fields = tuple(field for field in schema.stored if field.name in chosen - hidden)
    shown = _shown_names(schema, fields) if structs else tuple(name for name in names if name not in hidden)
    return Outputs(fields, frozenset(keys) if keys and "*" not in asked else None, shown)


def refuse_aggregates(asked: Iterable[str]) -> None:
    """Aggregates are a query's alone."""
    if any(map(is_aggregate, asked)):
        raise errors.AggregatesInSearch


def _shown_names(schema: Schema, fields: tuple[Field, ...]) -> tuple[str, ...]:
    """The output fields that an answer names where there are structs: all that it carries, structs last."""
    plain = [field.name for field in fields if field not in schema.sub_fields]
    return (*plain, *(struct.name for struct in schema.structs if not set(struct.fields).isdisjoint(fields)))


def _hidden(schema: Schema) -> set[str]:
    """The fields that only an index has the values of: what a BM25 function makes."""
    return {name for function in schema.functions if function.type == "BM25" for name in function.outputs}


def _dynamic_key(schema: Schema, name: str) -> str:
    """The key that a name stands for: itself, or what is written in ``$meta["..."]``."""
    if not schema.enable_dynamic_field:
        raise errors.FieldNotExist(field=name)
    from fakemilvus.filters.identifiers import parse_identifier  # late, as all that reads filters

    try:
        found = parse_identifier(name, schema.filterable)
    except (errors.FilterError, errors.Unimplemented):  # no function is a key, whether it is built or not
        raise errors.OutputFieldUnreadable(field=name) from None
    if found.name != DYNAMIC_FIELD or len(found.path) != 1:
        raise errors.OutputFieldUnreadable(field=name)
    return found.path[0]


def _only(value: bytes, keys: frozenset[str]) -> bytes:
    """The JSON object with only these keys."""
    held = json.loads(value)
    return json.dumps({key: held[key] for key in held if key in keys}).encode()
