"""The order that a search asks for its hits: ``order_by_fields``, fields or what stands in JSON, each up or down.

Source: parseOrderByFields of the proxy's search_util.go, Milvus 3.0.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from fakemilvus import errors
from fakemilvus.datatypes import Column, DataType, type_name
from fakemilvus.engine.json_values import json_sort_column
from fakemilvus.engine.ordering import SORTABLE, Direction
from fakemilvus.engine.schema import Field, Schema


@dataclass(frozen=True, slots=True)
class HitOrder:
    """One key to sort hits by; ``path`` says where in a JSON field it stands."""

    field: Field
    path: tuple[str, ...]
    direction: Direction

    def values(self, column: Column) -> Column:
        """What is sorted of a column of the field."""
        return json_sort_column(column, self.path) if self.path else column


def decode_order(pairs: Mapping[str, str], schema: Schema) -> tuple[HitOrder, ...]:
    """The keys, the most important first; none where the request asks for no order."""
    specs = [spec.strip() for spec in pairs.get("order_by_fields", "").split(",")]
    return tuple(_decode_key(spec, schema) for spec in specs if spec)


# -- private ---------------------------------------------------------------------------------------------------


def _decode_key(spec: str, schema: Schema) -> HitOrder:
    name, *options = [part.strip() for part in re.split(r":(?![^\[]*\])", spec)]
    if len(options) > 2:
        raise errors.HitOrderOptionsMany(spec=spec)
    if not name:
        raise errors.HitOrderFieldEmpty
    direction, nulls = [*options, "", ""][:2]
    if direction.lower() not in _DIRECTIONS:
        raise errors.HitOrderDirection(direction=direction, field=name)
    ascending = _DIRECTIONS[direction.lower()]
    if nulls.lower() not in ("", "nulls_first", "nulls_last"):
        raise errors.HitOrderNulls(nulls=nulls)
    first = not ascending if not nulls else nulls.lower() == "nulls_first"
    return HitOrder(*_find(name, schema), Direction(ascending, first))


def _find(name: str, schema: Schema) -> tuple[Field, tuple[str, ...]]:
    bracketed = "[" in name and "]" in name
    base = name.partition("[")[0] if bracketed else name
    field = schema.by_name.get(base)
    if field is None:
        if not schema.enable_dynamic_field:
            raise errors.HitOrderBaseNotFound(field=base) if bracketed else errors.HitOrderFieldNotFound(field=name)
        return _find_column(name, schema)
    if not bracketed:
        if field.type not in SORTABLE:
            raise errors.HitOrderFieldType(field=name, type=type_name(field.type))
        return field, ()
    if field.type is not DataType.JSON:
        raise errors.HitOrderNotJson(field=name)
    return _find_column(name, schema)


def _find_column(name: str, schema: Schema) -> tuple[Field, tuple[str, ...]]:
    from fakemilvus.filters.columns import find_column  # late, as all that reads filters

    column = find_column(name, schema.filterable)
    return schema.by_name[column.name], column.path


_DIRECTIONS = {"": True, "asc": True, "ascending": True, "desc": False, "descending": False}
