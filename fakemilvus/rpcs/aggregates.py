"""Aggregates among a query's output fields, its fields to group by, and its order where there are any of these.

Source: translateOutputFields, translateGroupByFieldIds, validateOrderByFieldsWithGroupBy and NewAggregationFieldMap,
Milvus 3.0.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from fakemilvus import errors
from fakemilvus.datatypes import Column, DataType, type_name
from fakemilvus.engine.aggregation import GROUPABLE, OPERATORS, check_type, result_type
from fakemilvus.engine.calculation import Aggregate, Calculation
from fakemilvus.engine.schema import Field, Schema
from fakemilvus.wire.reads import Output
from fakemilvus.wire.times import Times

_AGGREGATE = re.compile(rf"({'|'.join(OPERATORS)})\s*\(\s*([\w*]*)\s*\)", re.IGNORECASE | re.ASCII)


def is_aggregate(name: str) -> bool:
    """Whether an output field is a function over a field, or looks like one."""
    return _AGGREGATE.fullmatch(name) is not None


def decode_aggregates(schema: Schema, asked: Iterable[str]) -> tuple[Aggregate, ...]:
    """The aggregates among output fields; anything else is passed over."""
    matches = ((name, _AGGREGATE.fullmatch(name)) for name in asked)
    return tuple(_decode(schema, name, match[1].lower(), match[2]) for name, match in matches if match)


def decode_groups(schema: Schema, names: Iterable[str]) -> tuple[Field, ...]:
    """The fields to group by; those of structs are none."""
    fields = {field.name: field for field in schema.stored if field not in schema.sub_fields}
    groups = []
    for name in names:
        if name not in fields:
            raise errors.FieldNotExist(field=name)
        if fields[name].type not in GROUPABLE:
            raise errors.QueryGroupFieldType(field=name, type=type_name(fields[name].type))
        groups.append(fields[name])
    return tuple(groups)


def check_order(terms: Iterable[str], groups: Sequence[str]) -> None:
    """Groups can be put in the order of what they were made of, and not of what was made of them."""
    targets = {name.lower() for name in groups}
    for term in terms:
        name = term.split(":")[0].strip().lower()
        if is_aggregate(name):
            raise errors.OrderByAggregate(field=name)
        if name not in targets:
            raise errors.OrderBesideGroups(field=name, targets=" ".join(groups))


def check_outputs(asked: Iterable[str], groups: Sequence[str]) -> None:
    """Beside aggregates only fields that are grouped by can be told."""
    for name in asked:
        if name in groups or is_aggregate(name):
            continue
        if groups:
            raise errors.OutputBesideGroups(field=name, groups=" ".join(groups))
        raise errors.OutputBesideAggregates(field=name)


def shown(asked: Iterable[str], calculation: Calculation, columns: Sequence[Column], times: Times) -> list[Output]:
    """The columns of an answer, in the order of the output fields; ``columns`` are those of ``calculate``."""
    fields = [*calculation.groups, *map(_field, calculation.aggregates)]
    made = {field.name: Output(*times.shown(field, column)) for field, column in zip(fields, columns, strict=True)}
    return [made[name] for name in asked]


# -- private ---------------------------------------------------------------------------------------------------


def _decode(schema: Schema, name: str, operator: str, target: str) -> Aggregate:
    field = schema.by_name.get(target)
    if field is not None:
        check_type(operator, field.type)
        return Aggregate(name, operator, field)
    if target != "*":
        raise errors.AggregateOfUnknown(field=target, operator=operator)
    if operator != "count":
        raise errors.AggregateOfAll(operator=operator)
    return Aggregate(name, operator, None)


def _field(aggregate: Aggregate) -> Field:
    """What the column of an aggregate is called, and of which type its values are; it may be null."""
    if aggregate.field is None:
        return Field(aggregate.name, DataType.INT64)
    type = result_type(aggregate.operator, aggregate.field.type)
    return Field(aggregate.name, type, nullable=aggregate.operator in ("sum", "min", "max"))
