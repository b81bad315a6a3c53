"""Fields and the schema of a collection, as frozen values.

A schema is checked once, by ``schema_checks``, before a collection is made of it; after that it is trusted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import count
from typing import Any

from fakemilvus import errors
from fakemilvus.datatypes import ARRAYS, TYPES, DataType
from fakemilvus.engine.go_values import parse_bool
from fakemilvus.filters import Fields

FIRST_FIELD_ID = 100  # 0 and 1 are Milvus' RowID and Timestamp
DYNAMIC_FIELD = "$meta"

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Mistyped:
    """A default of another type than its field's: Milvus' name of the type that was given."""

    given: str


@dataclass(frozen=True, slots=True)
class UnreadTime:
    """A default that is no time."""

    text: str
    timezone: str


@dataclass(frozen=True, slots=True)
class Field:
    """One field; ``default`` is a Python value of the field's type, or None.

    Until a schema was checked it may be Mistyped or an UnreadTime.
    """

    name: str
    type: DataType
    id: int = 0
    description: str = ""
    is_primary: bool = False
    auto_id: bool = False
    nullable: bool = False
    default: Any = None
    is_dynamic: bool = False
    is_partition_key: bool = False
    is_clustering_key: bool = False
    element_type: DataType = DataType.NONE
    type_params: Pairs = ()
    index_params: Pairs = ()

    @property
    def is_vector(self) -> bool:
        return self.type in TYPES and TYPES[self.type].is_vector

    @property
    def holds_vectors(self) -> bool:
        """Whether it can be loaded with an index only: a vector field, or one of arrays of vectors."""
        return self.is_vector or self.type is DataType.ARRAY_OF_VECTOR

    @property
    def dim(self) -> int:
        return int(dict(self.type_params)["dim"])

    @property
    def enables_match(self) -> bool:
        """Whether filters may ask for the terms of its texts."""
        return bool(parse_bool(dict(self.type_params).get("enable_match", "false")))

    @property
    def raw_name(self) -> str:
        """The name without the struct's: ``sub`` of ``struct[sub]``."""
        return self.name[self.name.index("[") + 1 : -1] if self.name.endswith("]") else self.name

    @property
    def struct_name(self) -> str:
        """The struct's name of a field ``struct[sub]``; empty for any other."""
        return self.name.partition("[")[0] if self.name.endswith("]") else ""

    @property
    def vector_width(self) -> int:
        """How many values one vector of an ARRAY_OF_VECTOR has in a column."""
        return self.dim // TYPES[self.element_type].dims_per_value

    @property
    def row_shape(self) -> tuple[int, ...]:
        """The shape of one row in a column's values: () unless it is a dense vector."""
        if not self.is_vector or self.type is DataType.SPARSE_FLOAT_VECTOR:
            return ()
        return (self.dim // TYPES[self.type].dims_per_value,)

    @property
    def max_length(self) -> int:
        return int(dict(self.type_params)["max_length"])

    @property
    def max_capacity(self) -> int:
        return int(dict(self.type_params)["max_capacity"])


@dataclass(frozen=True, slots=True)
class StructArray:
    """A field whose rows are lists of structs; its ``fields`` have Milvus' names of them, ``struct[sub]``."""

    name: str
    fields: tuple[Field, ...]
    id: int = 0
    description: str = ""
    nullable: bool = False
    type_params: Pairs = ()


@dataclass(frozen=True, slots=True)
class Function:
    """A function that makes some fields of others; ``type`` is Milvus' name, such as "BM25"."""

    name: str
    type: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    description: str = ""
    params: Pairs = ()


@dataclass(frozen=True)
class Schema:
    """The fields in declaration order, ids given; the hidden dynamic field is the last of ``stored``.

    ``version`` counts the changes of the schema. ``dynamic_id`` is the dynamic field's id, and ``max_id`` the highest
    that any field ever had, where they do not follow from the fields (0).
    """

    fields: tuple[Field, ...]
    description: str = ""
    enable_dynamic_field: bool = False
    properties: Pairs = field(default=())
    version: int = field(default=0, compare=False)
    dynamic_id: int = field(default=0, compare=False)
    max_id: int = field(default=0, compare=False)
    structs: tuple[StructArray, ...] = ()
    functions: tuple[Function, ...] = ()

    def with_ids(self) -> Schema:
        """The same schema with Milvus' field ids: 100 and up in declaration order, then the dynamic field, then each
        struct and its fields.
        """
        ids = count(FIRST_FIELD_ID)
        fields = tuple(replace(f, id=next(ids)) for f in self.fields)
        if self.enable_dynamic_field:
            next(ids)
        structs = []
        for struct in self.structs:
            own_id = next(ids)
            structs.append(replace(struct, id=own_id, fields=tuple(replace(f, id=next(ids)) for f in struct.fields)))
        return replace(self, fields=fields, structs=tuple(structs))

    @cached_property
    def sub_fields(self) -> tuple[Field, ...]:
        """The fields of all structs."""
        return tuple(f for struct in self.structs for f in struct.fields)

    @cached_property
    def stored(self) -> tuple[Field, ...]:
        """Every field that segments hold: those of structs too, and last the dynamic field."""
        if not self.enable_dynamic_field:
            return (*self.fields, *self.sub_fields)
        dynamic_id = self.dynamic_id or FIRST_FIELD_ID + len(self.fields)
        dynamic = Field(DYNAMIC_FIELD, DataType.JSON, dynamic_id, is_dynamic=True, nullable=True)
        return (*self.fields, *self.sub_fields, dynamic)

    @cached_property
    def highest_id(self) -> int:
        """The highest id that any field has or had."""
        return max(self.max_id, *(f.id for f in self.stored), *(struct.id for struct in self.structs))

    @cached_property
    def primary(self) -> Field:
        return next(f for f in self.fields if f.is_primary)

    @cached_property
    def partition_key(self) -> Field | None:
        """The field whose values say which partition a row lives in, if there is one."""
        return next((f for f in self.fields if f.is_partition_key), None)

    @cached_property
    def computed(self) -> frozenset[str]:
        """The names of the fields that a BM25 or a MinHash makes: nobody may give them."""
        return frozenset(name for f in self.functions if f.type in ("BM25", "MinHash") for name in f.outputs)

    @cached_property
    def by_name(self) -> Mapping[str, Field]:
        return {f.name: f for f in self.stored}

    @cached_property
    def by_id(self) -> Mapping[int, Field]:
        return {f.id: f for f in self.stored}

    @cached_property
    def vector_fields(self) -> tuple[Field, ...]:
        return tuple(f for f in self.fields if f.is_vector)

    @cached_property
    def clustering_key(self) -> Field | None:
        """The field by whose values a clustering compaction orders the rows."""
        return next((f for f in self.fields if f.is_clustering_key), None)

    @cached_property
    def filterable(self) -> Fields:
        """What a filter may name."""
        return Fields(
            types={f.name: f.type for f in self.stored},
            dynamic=self.enable_dynamic_field,
            primary=self.primary.name,
            matched=frozenset(f.name for f in self.stored if f.enables_match),
            elements={f.name: f.element_type for f in self.stored if f.type in ARRAYS},
        )

    def find(self, name: str) -> Field:
        """The field of this name; FieldNotExist when there is none."""
        found = self.by_name.get(name)
        if found is None:
            raise errors.FieldNotExist(field=name)
        return found
