"""Segments: immutable views of rows, and the growing buffer behind the one that still takes rows.

A Segment never changes. The growing buffer writes only above the rows that any published view shows, so a view
stays as it was while rows are appended behind it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fakemilvus.datatypes import TYPES, Column, Mask
from fakemilvus.engine.computing import completed
from fakemilvus.engine.keys import KeyOrder, Rows
from fakemilvus.engine.schema import Field, Schema
from fakemilvus.engine.sparse import SparseForms
from fakemilvus.engine.text_index import TextForms

MIN_CAPACITY = 256
SMALL_BYTES, SMALL_GROWTH, GROWTH = 1 << 20, 8, 64
RESERVED_BYTES = 1 << 30
Timestamps = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Origin:
    """Which segments a compaction merged, its timestamp, and whether it ordered the rows by the clustering key."""

    parents: tuple[int, ...]
    timestamp: int
    clustered: bool = False


@dataclass(frozen=True, slots=True)
class Segment:
    """Rows of one shard of one partition, all columns of the same length.

    ``alive`` is False where a row was deleted, or None when none was; ``built`` maps an index id to what its
    build attached: a vector or scalar index over every row, the deleted ones included. ``origin`` is None for rows that
    were flushed.
    """

    id: int
    partition_id: int
    schema: Schema
    columns: Mapping[int, Column]
    timestamps: Timestamps
    key_order: KeyOrder
    sealed: bool = False
    alive: Mask | None = None
    built: Mapping[int, Any] = field(default_factory=dict)
    sparse: SparseForms = field(default_factory=SparseForms)
    texts: TextForms = field(default_factory=TextForms)
    origin: Origin | None = None
    shard: int = 0

    @property
    def rows(self) -> int:
        return len(self.timestamps)

    @property
    def last_timestamp(self) -> int:
        """The timestamp of the newest row; of merged rows, when they were merged, as Milvus dates such a segment."""
        if self.origin is not None:
            return self.origin.timestamp
        return int(self.timestamps[-1]) if self.rows else 0

    @property
    def clustered(self) -> bool:
        """Whether its rows are ordered by the clustering key."""
        return self.origin is not None and self.origin.clustered

    @property
    def keys(self) -> NDArray[Any]:
        """The primary keys, shape (rows,)."""
        return self.columns[self.schema.primary.id].values

    def find_keys(self, wanted: NDArray[Any]) -> Rows:
        """Row numbers, ascending, of the living rows with one of these primary keys."""
        rows = self.key_order.find(self.keys, wanted)
        return rows if self.alive is None else rows[self.alive[rows]]

    @property
    def size_bytes(self) -> int:
        """What the rows take in memory, the deleted ones included."""
        return sum(column.size_bytes for column in self.columns.values())

    def reshaped(self, schema: Schema) -> Segment:
        """The same rows with the columns of another schema; those they did not bring take no memory, or are computed.

        What is computed is kept, so that doing it again takes no time.
        """
        columns = completed(schema, self.columns, self.rows, self.sparse.computed)
        return replace(self, schema=schema, columns=columns)

    def without(self, rows: Rows) -> Segment:
        """The segment with these rows deleted; itself where there are none."""
        if not len(rows):
            return self
        alive = np.ones(self.rows, np.bool_) if self.alive is None else self.alive.copy()
        alive[rows] = False
        return replace(self, alive=alive)

    def with_built(self, index_id: int, built: Any) -> Segment:
        """The segment with one more index attached."""
        return replace(self, built={**self.built, index_id: built})

    def without_built(self, index_id: int) -> Segment:
        """The segment without this index, if it had it."""
        return replace(self, built={k: v for k, v in self.built.items() if k != index_id})


class GrowingSegment:
    """The rows of one shard of a partition that are not flushed yet: buffers that grow by multiples.

    Guarded by the write lock of its collection. ``view`` is what readers may see.
    """

    def __init__(
        self, segment_id: int, partition_id: int, schema: Schema, capacity: int = MIN_CAPACITY, shard: int = 0
    ) -> None:
        self.view = Segment(
            id=segment_id,
            partition_id=partition_id,
            schema=schema,
            columns={f.id: empty_column(f) for f in schema.stored},
            timestamps=np.empty(0, np.uint64),
            key_order=KeyOrder(),
            shard=shard,
        )
        self._buffers = {f.id: _Buffer(_allocate(f, capacity)) for f in schema.stored}
        self._timestamps = np.empty(capacity, np.uint64)

    @classmethod
    def resumed(cls, view: Segment) -> GrowingSegment:
        """A second one that goes on from the view of another, which may go on elsewhere.

        Its buffers end where the view ends, so the first append copies them; and keys that are sorted from now on
        are its own, because rows above the view differ.
        """
        made = cls(view.id, view.partition_id, view.schema, 0, view.shard)
        made.view = replace(view, key_order=KeyOrder(), sparse=SparseForms(), texts=TextForms())
        made._buffers = {i: _Buffer(column.values, column.valid) for i, column in view.columns.items()}
        made._timestamps = view.timestamps
        return made

    def append(self, columns: Mapping[int, Column], timestamp: int) -> None:
        """Adds rows, one column per stored field, and replaces ``view``.

        Columns of an older schema are welcome: what they lack is made, and what they have too much is left out.
        """
        start = self.view.rows
        rows = len(next(iter(columns.values())))
        stop = start + rows
        if stop > len(self._timestamps):
            self._timestamps = _grown(self._timestamps, start, stop)
        self._timestamps[start:stop] = timestamp
        alive = self.view.alive
        if alive is not None:
            alive = np.concatenate([alive, np.ones(stop - start, np.bool_)])
        made = completed(self.view.schema, columns, rows, {})
        self.view = replace(
            self.view,
            columns={field_id: self._buffers[field_id].append(start, column) for field_id, column in made.items()},
            timestamps=self._timestamps[:stop],
            alive=alive,
        )

    def reshape(self, schema: Schema) -> None:
        """Gives the rows the columns of another schema, and replaces ``view``."""
        self.view = self.view.reshaped(schema)
        made = {i: _Buffer(c.values, c.valid) for i, c in self.view.columns.items() if i not in self._buffers}
        self._buffers = {f.id: self._buffers.get(f.id) or made[f.id] for f in schema.stored}

    def seal(self) -> Segment:
        """The rows as a flushed segment; the growing one must not be used any more."""
        return replace(self.view, sealed=True)


def empty_column(of: Field) -> Column:
    """A column of no rows."""
    return Column(of.type, _allocate(of, 0))


class _Buffer:
    """The values and null flags of one field, with room to grow."""

    __slots__ = ("_valid", "_values")

    def __init__(self, values: NDArray[Any], valid: Mask | None = None) -> None:
        self._values = values
        self._valid = valid

    def append(self, start: int, column: Column) -> Column:
        """Writes a column at row ``start`` and returns the view of all rows so far."""
        stop = start + len(column)
        if stop > len(self._values):
            self._values = _grown(self._values, start, stop)
        self._values[start:stop] = column.values
        if column.valid is not None and self._valid is None:
            self._valid = np.ones(len(self._values), np.bool_)
        if self._valid is not None:
            if stop > len(self._valid):
                self._valid = _grown(self._valid, start, len(self._values))
            self._valid[start:stop] = True if column.valid is None else column.valid
        return Column(column.type, self._values[:stop], None if self._valid is None else self._valid[:stop])


def _allocate(of: Field, rows: int) -> NDArray[Any]:
    return np.empty((rows, *of.row_shape), TYPES[of.type].dtype)


def _grown(buffer: NDArray[Any], used: int, needed: int) -> NDArray[Any]:
    """A larger copy; the old buffer stays as it is for the views that show it.

    Memory that was never written to is only reserved, not used, so room is cheap and copying is not: buffers grow
    many times over, until that would reserve too much.
    """
    rows, bytes_per_row = len(buffer), max(1, buffer.nbytes // max(1, len(buffer)))
    roomy = min(rows * (SMALL_GROWTH if buffer.nbytes < SMALL_BYTES else GROWTH), RESERVED_BYTES // bytes_per_row)
    grown = np.empty((max(needed, 2 * rows, roomy), *buffer.shape[1:]), buffer.dtype)
    grown[:used] = buffer[:used]
    return grown
