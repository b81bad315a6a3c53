"""Output fields: which columns an answer carries, from the names that a request asks for."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from fakemilvus import errors
from fakemilvus.datatypes import Column
from fakemilvus.engine.schema import DYNAMIC_FIELD, Field, Schema
from fakemilvus.rpcs.aggregates import is_aggregate
from fakemilvus.wire.reads import Output
from fakemilvus.wire.times import Times

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_META_KEY = re.compile(r"""\$meta\[\s*(["'])([^"'\]]*)\1\s*\]""")


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


def decode_outputs(schema: Schema, asked: Iterable[str], *, with_primary: bool) -> Outputs:
    """Resolves output fields; ``with_primary`` adds the primary key, as queries do."""
    chosen = {schema.primary.name} if with_primary else set()
    keys: set[str] = set()
    names: dict[str, None] = {}
    structs = {struct.name: struct for struct in schema.structs}
    everything = False
    for name in asked:
        if name == "*":
            everything = True
            chosen.update(f.name for f in (*schema.fields, *schema.sub_fields))
            names.update((f.name, None) for f in schema.fields)
        elif name in structs:
            chosen.update(f.name for f in structs[name].fields)
        elif name in schema.by_name:
            everything = everything or name == DYNAMIC_FIELD
            chosen.add(name)
            names[name] = None
        else:
            key = _dynamic_key(schema, name)
            keys.add(key)
            names[key] = None
    if schema.enable_dynamic_field and (everything or keys):
        chosen.add(DYNAMIC_FIELD)
    fields = tuple(f for f in schema.stored if f.name in chosen)
    shown = _shown_names(schema, fields) if structs else tuple(names)
    return Outputs(fields, None if everything else frozenset(keys), shown)


def refuse_aggregates(asked: Iterable[str]) -> None:
    """Aggregates are a query's alone."""
    if any(map(is_aggregate, asked)):
        raise errors.AggregatesInSearch


def _shown_names(schema: Schema, fields: tuple[Field, ...]) -> tuple[str, ...]:
    """The output fields that an answer names where there are structs: all that it carries, structs last."""
    plain = [field.name for field in fields if field not in schema.sub_fields]
    return (*plain, *(struct.name for struct in schema.structs if not set(struct.fields).isdisjoint(fields)))


def _dynamic_key(schema: Schema, name: str) -> str:
    if not schema.enable_dynamic_field:
        raise errors.FieldNotExist(field=name)
    explicit = _META_KEY.fullmatch(name)
    if explicit is None and not _IDENTIFIER.fullmatch(name):
        raise errors.OutputFieldUnreadable(field=name)
    return explicit.group(2) if explicit else name


def _only(value: bytes, keys: frozenset[str]) -> bytes:
    """The JSON object with only these keys."""
    held = json.loads(value)
    return json.dumps({key: held[key] for key in held if key in keys}).encode()
