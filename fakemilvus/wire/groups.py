"""The grouping that a search asks for, and the values that its hits were grouped by.

Source: parseGroupByInfo of the proxy's search_util.go, Milvus 3.0.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from fakemilvus import errors, limits
from fakemilvus.datatypes import Column, DataType
from fakemilvus.engine.go_values import parse_bool
from fakemilvus.engine.schema import Field, Schema
from fakemilvus.wire.columns import encode_column
from fakemilvus.wire.parameters import read_int

if TYPE_CHECKING:
    from fakemilvus.engine.grouping import Grouping

Pairs = Mapping[str, str]
Target = tuple[Field, tuple[str, ...]]


def decode_grouping(pairs: Pairs, schema: Schema) -> Grouping | None:
    """The grouping, or None where the request names no field to group by; its sizes are checked all the same.

    ``group_by_field`` wins over ``group_by_fields``.
    """
    names = _names(pairs)
    targets = [_find(name, schema) for name in names]
    if len(targets) > 1:
        for name, (_, path) in zip(names, targets, strict=True):
            if path:
                raise errors.GroupJsonAmongMany(field=name)
    size = _decode_size(pairs.get("group_size"))
    if not targets:
        return None
    from fakemilvus.engine.grouping import Grouping  # late: few searches group

    return Grouping(
        fields=tuple(field for field, _ in targets),
        size=size,
        strict=bool(parse_bool(pairs.get("strict_group_size", ""))),
        path=_explicit_path(pairs, targets[0], schema),
        cast=_decode_cast(pairs.get("json_type")),
        strict_cast=bool(parse_bool(pairs.get("strict_cast", ""))),
    )


def is_singular(pairs: Pairs) -> bool:
    """Whether the client knows one field to group by only, and reads its values where they used to be."""
    return "group_by_fields" not in pairs


def encode_group_values(columns: Iterable[Column], grouping: Grouping, singular: bool, message: Any) -> None:
    """Adds what each hit was grouped by to a SearchResultData."""
    for field, column in zip(grouping.fields, columns, strict=True):
        slot = message.group_by_field_value if singular else message.group_by_field_values.add()
        type = DataType.INT64 if column.type is DataType.TIMESTAMPTZ else column.type  # as the core has it
        shown = Field(field.name, type, field.id, nullable=column.valid is not None)
        encode_column(Column(type, column.values, column.valid), shown, slot)


# -- private ---------------------------------------------------------------------------------------------------


def _names(pairs: Pairs) -> list[str]:
    single = pairs.get("group_by_field", "").strip()
    if single:
        return [single]
    return [name.strip() for name in pairs.get("group_by_fields", "").split(",") if name.strip()]


def _find(name: str, schema: Schema) -> Target:
    """The field, and the path below it where it is a JSON field or a key of the dynamic field."""
    start = name.partition("[")[0] if "]" in name else name
    field = schema.by_name.get(start)
    if field is None and not schema.enable_dynamic_field:
        raise errors.GroupFieldNotFound(field=name)
    if field is not None and (field.type is not DataType.JSON or start == name):
        return field, ()
    return _find_column(name, schema)


def _explicit_path(pairs: Pairs, target: Target, schema: Schema) -> tuple[str, ...]:
    """``json_path`` says where in the field the value stands, if the field's name does not."""
    if "json_path" not in pairs:
        return target[1]
    return _find_column(pairs["json_path"], schema)[1]


def _find_column(text: str, schema: Schema) -> Target:
    from fakemilvus.filters.columns import find_column  # late, as all that reads filters

    column = find_column(text, schema.filterable)
    return schema.by_name[column.name], column.path


def _decode_size(text: str | None) -> int:
    if text is None:
        return 1
    try:
        size = read_int(text)
    except ValueError:
        raise errors.GroupSizeUnreadable(value=text) from None
    if size <= 0:
        raise errors.GroupSizeNegative(value=size)
    if size > limits.MAX_GROUP_SIZE:
        raise errors.GroupSizeTooLarge(value=size, high=limits.MAX_GROUP_SIZE)
    return size


def _decode_cast(name: str | None) -> DataType | None:
    """A type by Milvus' name of it; a name that it does not know is passed over."""
    return None if name is None else _TYPES.get(name)


_TYPES = {
    "Bool": DataType.BOOL,
    "Int8": DataType.INT8,
    "Int16": DataType.INT16,
    "Int32": DataType.INT32,
    "Int64": DataType.INT64,
    "Float": DataType.FLOAT,
    "Double": DataType.DOUBLE,
    "VarChar": DataType.VARCHAR,
    "JSON": DataType.JSON,
}
