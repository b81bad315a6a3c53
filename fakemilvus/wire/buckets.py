"""The aggregation that a search asks for, and its buckets as messages.

Source: resolveAggregationSpec of the proxy's search_agg/context_builder.go, Milvus 3.0.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fakemilvus import errors, limits
from fakemilvus.datatypes import Column, DataType
from fakemilvus.engine.aggregation import check_type
from fakemilvus.engine.buckets import Bucket, HitSort, Level, Measure
from fakemilvus.engine.schema import Field, Schema
from fakemilvus.engine.search import Hits
from fakemilvus.wire.reads import Output

METRICS = ("avg", "sum", "count", "min", "max")


def decode_levels(spec: Any, schema: Schema, nq: int) -> tuple[Level, ...]:
    """The levels, the outermost first."""
    chain = []
    while True:
        chain.append(spec)
        if len(chain) > limits.MAX_BUCKET_LEVELS:
            raise errors.BucketsTooDeep(limit=limits.MAX_BUCKET_LEVELS)
        if not spec.HasField("sub_aggregation"):
            break
        spec = spec.sub_aggregation
    seen: set[str] = set()
    levels = tuple(_decode_level(each, schema, seen) for each in chain)
    entries = nq * max(level.top_hits or 1 for level in levels)
    for level in levels:
        entries *= level.search_size
    if entries > limits.MAX_BUCKET_ENTRIES:
        raise errors.BucketsTooMany
    return levels


def check_aggregated(pairs: Mapping[str, str], request: Any) -> None:
    """What does not go with an aggregation."""
    if request.HasField("highlighter"):
        raise errors.BucketsWith(other="highlighter and search_aggregation")
    for name in ("group_by_field", "group_by_fields"):
        if pairs.get(name, "").strip():
            raise errors.BucketsWith(other=f"{name} and search_aggregation")


def encode_buckets(
    buckets: Sequence[Sequence[Bucket]], levels: Sequence[Level], hits: Hits, outputs: Sequence[Output], message: Any
) -> None:
    """Fills a SearchResultData: buckets instead of hits."""
    message.num_queries = len(buckets)
    message.topks.extend([0] * len(buckets))
    message.agg_topks.extend(len(own) for own in buckets)
    fields = sorted(outputs, key=lambda output: output.field.id)
    for own in buckets:
        for bucket in own:
            _encode_bucket(bucket, levels, hits, fields, message.agg_buckets.add())


# -- private ---------------------------------------------------------------------------------------------------


def _decode_level(spec: Any, schema: Schema, seen: set[str]) -> Level:
    if not spec.fields:
        raise errors.BucketFieldsEmpty
    if spec.size < 0:
        raise errors.BucketSizeNegative(name="size")
    if spec.search_size < 0:
        raise errors.BucketSizeNegative(name="search_size")
    size = spec.size or 1
    search_size = spec.search_size or size
    if search_size < size:
        raise errors.BucketSearchSize
    fields = _decode_fields(spec.fields, schema, seen)
    measures = tuple(_decode_measure(alias, spec.metrics[alias], schema) for alias in sorted(spec.metrics))
    top_hits, sorts = _decode_top_hits(spec, schema)
    orders = tuple(_decode_order(order, {measure.alias for measure in measures}) for order in spec.order)
    return Level(fields, size, search_size, measures, orders, top_hits, sorts)


def _decode_fields(names: Iterable[str], schema: Schema, seen: set[str]) -> tuple[Field, ...]:
    fields: list[Field] = []
    for name in names:
        field = _find(name, schema, "group_by field", within=f'invalid group_by field "{name}"')
        if field.type in (DataType.FLOAT, DataType.DOUBLE):
            raise errors.BucketFloat(field=name)
        if field in fields:
            raise errors.BucketFieldTwice(field=name, where="in one level")
        if field.name in seen:
            raise errors.BucketFieldTwice(field=name, where="across levels")
        fields.append(field)
        seen.add(field.name)
    return tuple(fields)


def _find(name: str, schema: Schema, usage: str, within: str) -> Field:
    name = name.strip()
    if not name:
        raise errors.BucketFieldEmpty(within=within)
    base = name.partition("[")[0] if "]" in name else name
    field = schema.by_name.get(base)
    if field is None and schema.enable_dynamic_field:
        field = schema.stored[-1]
    if field is None:
        raise errors.BucketFieldNotFound(field=name, within=within)
    if field.type is DataType.JSON:
        raise errors.BucketJson(usage=usage, field=name)
    return field


def _decode_measure(alias: str, spec: Any, schema: Schema) -> Measure:
    within = f'invalid metric "{alias}"'
    if not alias.strip():
        raise errors.BucketAliasEmpty
    operator = spec.op.strip().lower()
    if operator not in METRICS:
        raise errors.BucketOperator(operator=spec.op, within=within)
    name = spec.field_name.strip()
    if not name:
        raise errors.BucketMetricField(within=within)
    if name == "_score":
        return Measure(alias, operator, of_score=True)
    if name == "*":
        if operator != "count":
            raise errors.BucketStar(within=within)
        return Measure(alias, operator)
    field = _find(name, schema, "metric field", within)
    try:
        check_type(operator, field.type)
    except errors.AggregateType as problem:
        raise errors.AggregateType(within=within, **problem.facts) from None
    return Measure(alias, operator, field)


def _decode_top_hits(spec: Any, schema: Schema) -> tuple[int | None, tuple[HitSort, ...]]:
    if not spec.HasField("top_hits"):
        return None, ()
    if spec.top_hits.size < 0:
        raise errors.BucketTopHitsNegative
    return spec.top_hits.size or 1, tuple(_decode_sort(sort, schema) for sort in spec.top_hits.sort)


def _decode_sort(sort: Any, schema: Schema) -> HitSort:
    name = sort.field_name.strip()
    if not name:
        raise errors.BucketSortEmpty
    descending = _is_descending(sort.direction, f'invalid top_hits.sort direction for "{name}"')
    if name == "_score":
        return HitSort(None, descending, sort.null_first)
    if "[" in name and "]" in name:
        raise errors.BucketSortPath(field=name)
    field = _find(name, schema, "top_hits.sort field", within=f'invalid top_hits.sort field "{name}"')
    return HitSort(field, descending, sort.null_first)


def _decode_order(order: Any, aliases: set[str]) -> tuple[str, bool]:
    key = order.key.strip()
    if not key:
        raise errors.BucketOrderEmpty
    if key not in ("_count", "_key") and key not in aliases:
        raise errors.BucketOrderKey(key=key)
    return key, _is_descending(order.direction, f'invalid order direction for key "{key}"')


def _is_descending(text: str, within: str) -> bool:
    direction = text.strip().lower()
    if direction not in ("", "asc", "desc"):
        raise errors.BucketDirection(within=within)
    return direction != "asc"


def _encode_bucket(
    bucket: Bucket, levels: Sequence[Level], hits: Hits, outputs: Sequence[Output], message: Any
) -> None:
    level, *below = levels
    message.count = bucket.count
    for field, value in zip(level.fields, bucket.key, strict=True):
        _set(message.key.add(field_id=field.id, field_name=field.name), value)
    for alias, value in bucket.measures.items():
        if value is not None:
            _set(message.metrics[alias], value)
    for hit in bucket.hits:
        _encode_hit(hit, hits, outputs, message.hits.add(score=float(hits.distances[hit])))
    for inner in bucket.buckets:
        _encode_bucket(inner, below, hits, outputs, message.sub_groups.add())


def _encode_hit(hit: int, hits: Hits, outputs: Sequence[Output], message: Any) -> None:
    key = hits.keys[hit]
    if hits.keys.dtype.kind == "T":
        message.str_pk = str(key)
    else:
        message.int_pk = int(key)
    for output in outputs:
        slot = message.fields.add(field_id=output.field.id, field_name=output.field.name)
        _set(slot, _value(output.column, hit), wide=output.field.type is not DataType.FLOAT)


def _value(column: Column, row: int) -> Any:
    if column.valid is not None and not column.valid[row]:
        return None
    value = column.values[row]
    return value.item() if hasattr(value, "item") and getattr(value, "ndim", 1) == 0 else value


def _set(message: Any, value: Any, wide: bool = True) -> None:
    """Sets the member of a oneof that fits the value."""
    match value:
        case None:
            return
        case bool():
            message.bool_val = value
        case int():
            message.int_val = value
        case float():
            setattr(message, "double_val" if wide else "float_val", value)
        case str():
            message.string_val = value
        case bytes():
            message.bytes_val = value
        case _:  # vectors and arrays, as Go prints them
            message.string_val = f"[{' '.join(map(str, value.tolist()))}]"
