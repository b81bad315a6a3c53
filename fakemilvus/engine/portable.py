"""A server's state as a file: a zip of manifest.json and .npy arrays, described in docs/state-file.md.

Rows, schemas, index definitions, aliases and what is loaded go into it; index structures do not, they are built anew.
A file is read and checked to its end before anything of it is used, and nothing in it is ever unpickled.
"""

from __future__ import annotations

import json
import os
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from fakemilvus import errors
from fakemilvus.clock import Clock
from fakemilvus.engine.archive import read_array, read_column, write_array, write_column
from fakemilvus.engine.database import DEFAULT_DATABASE, check_database_name
from fakemilvus.engine.definition import Definition
from fakemilvus.engine.index import Index
from fakemilvus.engine.index_checks import define_index
from fakemilvus.engine.keys import KeyOrder
from fakemilvus.engine.manifest import MANIFEST, read_pairs, read_schema, take, write_schema
from fakemilvus.engine.names import check_name
from fakemilvus.engine.options import Options
from fakemilvus.engine.property_checks import check_time_to_live
from fakemilvus.engine.row_checks import check_rows
from fakemilvus.engine.schema import Schema
from fakemilvus.engine.schema_checks import check_collection
from fakemilvus.engine.segment import Origin, Segment
from fakemilvus.engine.snapshot import Partition, Snapshot
from fakemilvus.engine.state import CollectionState, DatabaseState, State

FORMAT = "fakemilvus-state"
VERSION = 2
MAX_TIMESTAMP = 2**62  # the year 2527; ids and automatic keys, which are signed, follow timestamps


class StateFileInvalid(ValueError):
    """A file that is no saved state, or a damaged one, or one of another format version; the text says which."""


def write_state(state: State, path: str | os.PathLike[str]) -> None:
    """Writes a state; the file is there whole or not at all."""
    target = Path(path)
    partial = target.with_name(f"{target.name}.{os.getpid()}.partial")
    try:
        with zipfile.ZipFile(partial, "w") as archive:
            databases = [_write_database(archive, number, of) for number, of in enumerate(state.databases)]
            manifest = {"format": FORMAT, "version": VERSION, "databases": databases}
            archive.writestr(zipfile.ZipInfo(MANIFEST), json.dumps(manifest, indent=1))
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def read_state(path: str | os.PathLike[str], clock: Clock, options: Options) -> tuple[DatabaseState, ...]:
    """The databases of a saved state, without any built index.

    Ids are new, and so is what clients know a schema by; every timestamp that ``clock`` gives from now on is larger
    than any in the file. Raises StateFileInvalid, and OSError where there is no file to read.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            reader = _Reader(archive, clock, options)
            databases = tuple(reader.databases(_manifest(archive)))
        names = [database.name for database in databases]
        if DEFAULT_DATABASE not in names or len(names) > len(set(names)):
            raise ValueError(f"it has no database {DEFAULT_DATABASE}, or one twice")
    except _COMPLAINTS as problem:
        said = f"no {problem.args[0]} in it" if isinstance(problem, KeyError) else problem
        raise StateFileInvalid(f"{os.fspath(path)} cannot be loaded: {said}") from problem
    clock.pass_by(reader.newest)
    return tuple(_identified(database, clock) for database in databases)


# -- writing ---------------------------------------------------------------------------------------------------


def _write_database(archive: zipfile.ZipFile, number: int, database: DatabaseState) -> dict[str, Any]:
    collections = [
        _write_collection(archive, f"{number}/{place}", state)
        for place, state in enumerate(database.collections.values())
    ]
    return {
        "name": database.name,
        "created": database.created,
        "properties": database.properties,
        "collections": collections,
        "aliases": dict(database.aliases),
    }


def _write_collection(archive: zipfile.ZipFile, folder: str, state: CollectionState) -> dict[str, Any]:
    definition, snapshot = state.definition, state.snapshot
    places = {partition.id: place for place, partition in enumerate(snapshot.partitions)}
    segments = []
    for number, segment in enumerate(snapshot.segments):
        _write_segment(archive, f"{folder}/{number}", segment)
        segments.append(
            {
                "rows": segment.rows,
                "partition": places[segment.partition_id],
                "shard": segment.shard,
                "sealed": segment.sealed,
                "deletes": segment.alive is not None,
                "merged": None if segment.origin is None else segment.origin.timestamp,
                "clustered": segment.clustered,
            }
        )
    return {
        "name": definition.name,
        "schema": write_schema(definition.schema),
        "shards": definition.shards,
        "consistency_level": definition.consistency_level,
        "properties": definition.properties,
        "key_partitions": definition.partitions,
        "created": state.created,
        "partitions": [
            {"name": p.name, "created": p.created, "loaded": p.id in snapshot.loaded} for p in snapshot.partitions
        ],
        "load": {
            "fields": None if snapshot.load_fields is None else sorted(snapshot.load_fields),
            "replicas": snapshot.replicas,
        },
        "indexes": [
            {"name": i.name, "named": i.named, "field": i.asked_field, "params": i.params, "created": i.created}
            for i in snapshot.indexes
        ],
        "segments": segments,
    }


def _write_segment(archive: zipfile.ZipFile, folder: str, segment: Segment) -> None:
    write_array(archive, f"{folder}/timestamps", segment.timestamps)
    if segment.alive is not None:
        write_array(archive, f"{folder}/alive", segment.alive)
    for field_id, column in segment.columns.items():
        write_column(archive, f"{folder}/{field_id}", column)


# -- reading ---------------------------------------------------------------------------------------------------


def _manifest(archive: zipfile.ZipFile) -> dict[str, Any]:
    manifest = json.loads(archive.read(MANIFEST))
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise ValueError(f"its {MANIFEST} is not that of a {FORMAT}")
    if manifest.get("version") != VERSION:
        raise ValueError(f"it has format version {manifest.get('version')}, and this fakemilvus reads {VERSION}")
    return manifest


class _Reader:
    """Reads one file. Ids are 0 as yet: they are given once the whole file is known to be good."""

    def __init__(self, archive: zipfile.ZipFile, clock: Clock, options: Options) -> None:
        self.newest = 0
        self._archive = archive
        self._clock = clock
        self._options = options

    def databases(self, manifest: Mapping[str, Any]) -> Iterator[DatabaseState]:
        for number, told in enumerate(take(manifest, "databases", list)):
            collections = {
                take(one, "name", str): self._collection(f"{number}/{place}", one)
                for place, one in enumerate(take(told, "collections", list))
            }
            aliases = take(told, "aliases", dict)
            if len(collections) < len(told["collections"]) or not set(aliases.values()) <= collections.keys():
                raise ValueError("a collection's name comes twice, or an alias means none")
            if not aliases.keys().isdisjoint(collections):
                raise ValueError("an alias has the name of a collection")
            for alias in aliases:
                check_name(alias, "alias")
            check_database_name(take(told, "name", str))
            created = self._timestamp(told)
            yield DatabaseState(told["name"], 0, created, read_pairs(told, "properties"), collections, aliases)

    def _collection(self, folder: str, told: Mapping[str, Any]) -> CollectionState:
        definition = Definition(
            name=take(told, "name", str),
            schema=read_schema(take(told, "schema", dict)),
            shards=take(told, "shards", int),
            consistency_level=take(told, "consistency_level", int),
            properties=read_pairs(told, "properties"),
            partitions=take(told, "key_partitions", int),
        )
        check_collection(definition)
        check_time_to_live(definition.properties, definition.schema)
        schema = definition.schema
        segments = tuple(
            self._segment(f"{folder}/{number}", schema, one) for number, one in enumerate(take(told, "segments", list))
        )
        growing = [(segment.partition_id, segment.shard) for segment in segments if not segment.sealed]
        if len(growing) > len(set(growing)):
            raise ValueError("only one segment of a shard of a partition may be growing")
        if any(not 0 <= segment.shard < definition.shards for segment in segments):
            raise ValueError("a segment lies in no shard")
        columns = [column for segment in segments for column in segment.columns.values()]
        return CollectionState(
            definition=definition,
            id=0,
            created=self._timestamp(told),
            updated=0,
            snapshot=self._load(told, Snapshot(schema, segments, self._indexes(schema, told), self._partitions(told))),
            size_bytes=sum(column.size_bytes for column in columns),
            failures={},
        )

    def _partitions(self, told: Mapping[str, Any]) -> tuple[Partition, ...]:
        """Their ids are places in the list."""
        partitions = tuple(
            Partition(place, take(one, "name", str), self._timestamp(one))
            for place, one in enumerate(take(told, "partitions", list))
        )
        names = [partition.name for partition in partitions]
        if not names or len(names) > len(set(names)):
            raise ValueError("a partition's name comes twice, or there is no partition")
        return partitions

    def _load(self, told: Mapping[str, Any], snapshot: Snapshot) -> Snapshot:
        """What is loaded of a collection."""
        load = take(told, "load", dict)
        fields = None if load["fields"] is None else frozenset(take(load, "fields", list))
        loaded = frozenset(place for place, one in enumerate(told["partitions"]) if take(one, "loaded", bool))
        if not {segment.partition_id for segment in snapshot.segments} <= {p.id for p in snapshot.partitions}:
            raise ValueError("a segment lies in no partition")
        if fields is not None and not fields <= {field.id for field in snapshot.schema.stored}:
            raise ValueError("a field that is loaded does not exist")
        return replace(
            snapshot,
            loaded=loaded,
            load_fields=fields,
            replicas=take(load, "replicas", int),
        )

    def _segment(self, folder: str, schema: Schema, told: Mapping[str, Any]) -> Segment:
        rows = take(told, "rows", int)
        timestamps = read_array(self._archive, f"{folder}/timestamps", np.uint64, (rows,))
        self._note(int(timestamps.max(initial=0)))
        deletes = take(told, "deletes", bool)
        columns = {f.id: read_column(self._archive, f"{folder}/{f.id}", f, rows) for f in schema.stored}
        _check_columns(schema, columns, rows)
        return Segment(
            id=0,
            partition_id=take(told, "partition", int),
            shard=take(told, "shard", int) if "shard" in told else 0,  # which older files do not tell
            schema=schema,
            columns=columns,
            timestamps=timestamps,
            key_order=KeyOrder(),
            sealed=take(told, "sealed", bool) or rows >= self._options.segment_rows,
            alive=read_array(self._archive, f"{folder}/alive", np.bool_, (rows,)) if deletes else None,
            origin=self._origin(told),
        )

    def _origin(self, told: Mapping[str, Any]) -> Origin | None:
        """When a segment was merged; of which others is not kept, for they are gone."""
        if told["merged"] is None:
            return None
        return Origin((), self._note(take(told, "merged", int)), take(told, "clustered", bool))

    def _indexes(self, schema: Schema, told: Mapping[str, Any]) -> tuple[Index, ...]:
        found: tuple[Index, ...] = ()
        for one in take(told, "indexes", list):
            name, field_name, named = take(one, "name", str), take(one, "field", str), take(one, "named", bool)
            given = name if named else ""  # a client may not give the name that an index of a path has by default
            asked = define_index(schema, field_name, given, read_pairs(one, "params"), found, self._options)
            if asked is None:
                raise ValueError(f"the index {name} comes twice")
            found += (
                Index(
                    id=0,
                    name=name,
                    field=asked.field,
                    params=asked.params,
                    kind=asked.kind,
                    metric=asked.metric,
                    build_params=asked.build_params,
                    created=self._timestamp(one),
                    named=named,
                ),
            )
        return found

    def _timestamp(self, told: Mapping[str, Any]) -> int:
        return self._note(take(told, "created", int))

    def _note(self, timestamp: int) -> int:
        if not 0 <= timestamp < MAX_TIMESTAMP:
            raise ValueError(f"{timestamp} is no timestamp")
        self.newest = max(self.newest, timestamp)
        return timestamp


def _check_columns(schema: Schema, columns: Mapping[int, Any], rows: int) -> None:
    """The rules of an insert hold; automatic keys and computed fields, which no insert may bring, are left out."""
    made = {field.id for field in schema.stored if field.name in schema.computed or field.auto_id}
    given = {i: column for i, column in columns.items() if i not in made}
    if rows < 1:
        raise ValueError("a segment has no rows")
    check_rows(schema, given, rows)


def _identified(database: DatabaseState, clock: Clock) -> DatabaseState:
    """Gives everything new ids: a client may have kept something of a collection that had the file's."""
    own = 1 if database.name == DEFAULT_DATABASE else clock.timestamp()
    collections = {name: _with_ids(held, clock) for name, held in database.collections.items()}
    return replace(database, id=own, collections=collections)


def _with_ids(state: CollectionState, clock: Clock) -> CollectionState:
    snapshot = state.snapshot
    ids = [clock.timestamp() for _ in snapshot.partitions]
    renewed = replace(
        snapshot,
        partitions=tuple(replace(partition, id=ids[partition.id]) for partition in snapshot.partitions),
        segments=tuple(replace(s, id=clock.timestamp(), partition_id=ids[s.partition_id]) for s in snapshot.segments),
        indexes=tuple(replace(index, id=clock.timestamp()) for index in snapshot.indexes),
        loaded=frozenset(ids[place] for place in snapshot.loaded),
    )
    return replace(state, id=clock.timestamp(), updated=clock.timestamp(), snapshot=renewed)


_COMPLAINTS = (
    zipfile.BadZipFile,
    zlib.error,
    KeyError,
    TypeError,
    ValueError,  # UnicodeDecodeError and JSONDecodeError too
    OverflowError,
    EOFError,
    MemoryError,
    RecursionError,
    NotImplementedError,  # how zipfile refuses a compression that it does not know
    RuntimeError,  # and an encrypted member
    errors.MilvusError,
    errors.RpcAborted,
)
