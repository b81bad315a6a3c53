"""Partial updates: rows that bring some fields, completed from the rows that are there under their keys.

As in Milvus, a row whose key is there is merged with it, and one whose key is not has to be complete by itself; the
merged rows come first in the answer. Source: the proxy's task_upsert.go, Milvus 3.0.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fakemilvus import errors
from fakemilvus.datatypes import Column, Mask, concatenate
from fakemilvus.engine.absent import EMPTY_OBJECT, absent_column
from fakemilvus.engine.keys import Rows, sortable
from fakemilvus.engine.query import Found, query
from fakemilvus.engine.schema import Field, Schema
from fakemilvus.engine.snapshot import Snapshot
from fakemilvus.filters import Filter


class ArrayOp(Enum):
    """What a partial update does to an array that is there, instead of replacing it."""

    APPEND = "ARRAY_APPEND"
    REMOVE = "ARRAY_REMOVE"


@dataclass(frozen=True, slots=True)
class Merged:
    """Whole rows; ``replaced`` are the keys of those that were there, which stand first."""

    columns: Mapping[int, Column]
    replaced: NDArray[Any]


def merge_rows(
    snapshot: Snapshot, columns: Mapping[int, Column], rows: int, ops: Mapping[str, ArrayOp] | None = None
) -> Merged:
    """Completes the columns from the rows of ``snapshot``; FieldMissing where a new row lacks a field."""
    schema = snapshot.schema
    keys = columns[schema.primary.id].values
    found = query(snapshot, Filter("", keys=keys))
    places, present = _places(found.column(schema.primary).values, keys)
    if not present.all():
        _check_complete(schema, columns)
    old, new = np.flatnonzero(present), np.flatnonzero(~present)
    merging = _Merging(found, places[old], old, new, ops or {})
    given = (field for field in schema.stored if field.name not in schema.computed)
    return Merged({field.id: merging.column(field, columns.get(field.id)) for field in given}, keys[old])


# -- private ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Merging:
    """``places`` are the rows of ``found`` that belong to the rows ``old`` of the request; ``new`` have none."""

    found: Found
    places: Rows
    old: Rows
    new: Rows
    ops: Mapping[str, ArrayOp]

    def column(self, field: Field, given: Column | None) -> Column:
        """The field's values of the rows that were there, then of the others."""
        if given is None:
            kept = self.found.column(field).take(self.places)
            return concatenate([kept, absent_column(field, len(self.new))]) if len(self.new) else kept
        if not (field.is_dynamic or field.name in self.ops):
            return given.take(np.concatenate([self.old, self.new]))
        merged = self._merged(field, self.found.column(field).take(self.places), given.take(self.old))
        return concatenate([merged, given.take(self.new)]) if len(self.new) else merged

    def _merged(self, field: Field, kept: Column, given: Column) -> Column:
        if field.is_dynamic:
            return _merge_objects(kept, given)
        return _merge_arrays(field, self.ops[field.name], kept, given)


def _places(found: NDArray[Any], keys: NDArray[Any]) -> tuple[Rows, Mask]:
    """Where each key stands among those found, which ascend, and whether it does."""
    if not len(found):
        return np.zeros(len(keys), np.intp), np.zeros(len(keys), np.bool_)
    places = np.minimum(np.searchsorted(sortable(found), sortable(keys)), len(found) - 1)
    return places, np.asarray(found[places] == keys, np.bool_)


def _check_complete(schema: Schema, columns: Mapping[int, Column]) -> None:
    for field in schema.fields:
        optional = field.nullable or field.default is not None or field.name in schema.computed
        if field.id not in columns and not optional:
            raise errors.FieldMissing(field=field.name)


def _merge_objects(kept: Column, given: Column) -> Column:
    """The keys of the dynamic field that are given, over those that are there."""
    values = np.empty(len(kept), object)
    values[:] = [_united(old, new) for old, new in zip(kept.values.tolist(), given.values.tolist(), strict=True)]
    return Column(kept.type, values)


def _united(old: bytes, new: bytes) -> bytes:
    if new == EMPTY_OBJECT:
        return old
    return json.dumps({**(json.loads(old) or {}), **(json.loads(new) or {})}).encode()


def _merge_arrays(field: Field, op: ArrayOp, kept: Column, given: Column) -> Column:
    """Each array with the given elements added or taken out; where null is given, the row stays as it is."""
    values = kept.values.copy()
    limit = int(dict(field.type_params).get("max_capacity", -1))
    for row in np.flatnonzero(given.valid) if given.valid is not None else range(len(given)):
        values[row] = _MERGES[op](kept.values[row], given.values[row])
        if op is ArrayOp.APPEND and 0 <= limit < len(values[row]):
            raise errors.ArrayLongerThanCapacity(length=len(values[row]), limit=limit)
    valid = kept.valid if kept.valid is None or given.valid is None else kept.valid | given.valid
    return Column(kept.type, values, valid if given.valid is not None else None)


def _append(old: NDArray[Any], new: NDArray[Any]) -> NDArray[Any]:
    return np.concatenate([old, new]) if len(old) else new


def _remove(old: NDArray[Any], new: NDArray[Any]) -> NDArray[Any]:
    gone = set(new.tolist())
    return old[[value not in gone for value in old.tolist()]] if len(old) else old


_MERGES = {ArrayOp.APPEND: _append, ArrayOp.REMOVE: _remove}
