"""Struct arrays on the wire: one message with a message for each of the struct's fields, taken apart and put together.

Whether the fields of a struct agree with each other, in nulls, rows and elements, is seen here only, because after this
they are columns like any other. Source: checkAndFlattenStructFieldData and reconstructStructFieldData of the proxy's
util.go, Milvus 3.0.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import compress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fakemilvus import errors
from fakemilvus.datatypes import TYPES, DataType, type_name
from fakemilvus.engine.schema import DYNAMIC_FIELD, Field, Schema, StructArray
from fakemilvus.wire.messages import schema as messages
from fakemilvus.wire.nested import ELEMENTS
from fakemilvus.wire.vector_arrays import MEMBERS, has_vectors

Sent = tuple[Any, Field]


def flattened(sent: Iterable[Any], schema: Schema, collection: str) -> list[Sent]:
    """Each message with its field, those of structs one by one; a struct without any data is left out."""
    structs = {struct.name: struct for struct in schema.structs}
    plain = {field.name: field for field in schema.stored if field not in schema.sub_fields}
    flat: list[Sent] = []
    for message in sent:
        name = DYNAMIC_FIELD if message.is_dynamic else message.field_name
        if name in plain:
            flat.append((message, plain[name]))
        elif name in structs:
            flat += _flattened(message, structs.pop(name), collection)
        elif any(struct.name == name for struct in schema.structs):
            raise errors.FieldRepeated(field=name)
        else:
            raise errors.ColumnNotInSchema(field=name, type=type_name(message.type), id=message.field_id)
    missing = next((name for name, struct in structs.items() if not struct.nullable), None)
    if missing is not None:
        raise errors.StructMissing(struct=missing)
    return flat


def put_together(container: Any, schema: Schema) -> None:
    """Moves the sub-fields among some FieldData messages into one message a struct, behind the others."""
    for struct in schema.structs:
        ids = {field.id for field in struct.fields}
        own = [message for message in container if message.field_id in ids]
        if not own:
            continue
        others = [message for message in container if message.field_id not in ids]
        made = messages.FieldData(type=int(DataType.ARRAY_OF_STRUCT), field_name=struct.name, field_id=struct.id)
        made.struct_arrays.fields.extend(own)
        for field in made.struct_arrays.fields:
            field.field_name = field.field_name[len(struct.name) + 1 : -1]
        del container[:]
        container.extend([*others, made])


# -- private ---------------------------------------------------------------------------------------------------


def encode_places(places: Iterable[NDArray[np.intp]], message: Any) -> None:
    """Says in a QueryResults message which elements of each row passed an element filter."""
    for row in places:
        message.element_indices.add().indices.data.extend(row.tolist())


def _flattened(message: Any, struct: StructArray, collection: str) -> Iterator[Sent]:
    if message.WhichOneof("field") != "struct_arrays":
        raise errors.StructDataMissing(struct=struct.name, collection=collection)
    sent = message.struct_arrays.fields
    if len(sent) != len(struct.fields):
        raise errors.StructFieldCount(
            struct=struct.name, collection=collection, actual=len(sent), expected=len(struct.fields)
        )
    given = sum(map(_has_data, sent))
    if not given:
        _check_all_null(sent, struct)
        return
    if given < len(sent):
        raise errors.StructPartlyGiven(struct=struct.name, given=given, fields=len(sent))
    if struct.nullable:
        _check_nulls_agree(sent, struct)
    fields = [_find_field(part, struct) for part in sent]
    _check_elements_agree(sent, fields, struct)
    yield from zip(sent, fields, strict=True)


def _has_data(part: Any) -> bool:
    kind = part.WhichOneof("field")
    return kind in ("scalars", "vectors") and getattr(part, kind).WhichOneof("data") is not None


def _check_all_null(sent: Any, struct: StructArray) -> None:
    for part in sent:
        for row, valid in enumerate(part.valid_data):
            if valid:
                raise errors.StructRowWithoutData(field=part.field_name, struct=struct.name, row=row)


def _check_nulls_agree(sent: Any, struct: StructArray) -> None:
    first = sent[0]
    expected = list(first.valid_data)
    for part in sent[1:]:
        actual = list(part.valid_data)
        facts = {"struct": struct.name, "first": first.field_name, "field": part.field_name}
        if len(actual) != len(expected):
            raise errors.StructNullCounts(**facts, expected=len(expected), actual=len(actual))
        if actual != expected:
            row = next(row for row in range(len(actual)) if actual[row] != expected[row])
            raise errors.StructNullsDiffer(
                **facts, row=row, expected=str(expected[row]).lower(), actual=str(actual[row]).lower()
            )


def _find_field(part: Any, struct: StructArray) -> Field:
    for field in struct.fields:
        if part.field_name in (field.raw_name, field.name):
            return field
    raise errors.StructFieldUnknown(field=part.field_name, struct=struct.name)


def _check_elements_agree(sent: Any, fields: list[Field], struct: StructArray) -> None:
    """As many rows in each field, and in a row as many elements."""
    expected: list[int] | None = None
    for part, field in zip(sent, fields, strict=True):
        counts = _element_counts(part, field, struct)
        if expected is None:
            expected = counts
        if len(counts) != len(expected):
            raise errors.StructRowCounts(
                struct=struct.name, expected=len(expected), actual=len(counts), field=part.field_name
            )
        if counts != expected:
            place = next(place for place in range(len(counts)) if counts[place] != expected[place])
            raise errors.StructElementCounts(
                struct=struct.name,
                row=_logical_row(part, place),
                first=sent[0].field_name,
                expected=expected[place],
                field=part.field_name,
                actual=counts[place],
            )


def _element_counts(part: Any, field: Field, struct: StructArray) -> list[int]:
    """How many elements each row has that was sent; rows of another type count as empty, and are refused later."""
    if part.WhichOneof("field") == "scalars":
        if field.type is not DataType.ARRAY or part.scalars.WhichOneof("data") != "array_data":
            raise errors.StructArraysMissing(kind="scalar", struct=struct.name, field=part.field_name)
        name = ELEMENTS[field.element_type].name
        return [len(getattr(row, name).data) for row in part.scalars.array_data.data]
    if field.type is not DataType.ARRAY_OF_VECTOR or not has_vectors(part):
        raise errors.StructArraysMissing(kind="vector", struct=struct.name, field=part.field_name)
    name = MEMBERS[field.element_type].name
    width = field.vector_width * (1 if name == "float_vector" else TYPES[field.element_type].dtype.itemsize)
    rows = (getattr(row, name) for row in part.vectors.vector_array.data)
    return [(len(row.data) if name == "float_vector" else len(row)) // width for row in rows]


def _logical_row(part: Any, place: int) -> int:
    """The row of the request that a row that was sent stands for: null rows are not sent."""
    if not len(part.valid_data):
        return place
    return next(
        row for number, row in enumerate(compress(range(len(part.valid_data)), part.valid_data)) if number == place
    )
