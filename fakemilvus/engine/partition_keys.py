"""Partition keys: which of a collection's partitions a key's value lives in, hashed as Milvus hashes it.

Integers by MurmurHash3 (32 bit, seed 0, the sign bit cleared) of their eight little-endian bytes, texts by CRC-32 of
their first 100 bytes; the hash modulo the number of partitions is the partition's number.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from fakemilvus import errors, limits
from fakemilvus.datatypes import Column, DataType
from fakemilvus.engine.definition import Definition
from fakemilvus.engine.go_values import parse_bool
from fakemilvus.engine.schema import Field, Pairs
from fakemilvus.engine.snapshot import DEFAULT_PARTITION, Snapshot

DEFAULT_PARTITIONS = 16
HASHED_BYTES = 100
ISOLATION = "partitionkey.isolation"


def check_partition_key(definition: Definition) -> None:
    """Raises Milvus' complaint about the partition key, the number of partitions, or the property of isolation."""
    first: Field | None = None
    for field in definition.schema.fields:
        if not field.is_partition_key:
            continue
        if first is not None:
            raise errors.PartitionKeyTwice(first=first.name, second=field.name)
        _check_key_field(field)
        _check_number(definition.partitions)
        first = field
    if first is None and definition.partitions:
        raise errors.PartitionsWithoutKey
    _check_isolation(definition, first)


def partition_names(definition: Definition) -> list[str]:
    """The names of the partitions that a new collection has."""
    if definition.schema.partition_key is None:
        return [DEFAULT_PARTITION]
    return [f"{DEFAULT_PARTITION}_{number}" for number in range(definition.partitions or DEFAULT_PARTITIONS)]


def hashed(column: Column, partitions: int) -> NDArray[np.intp]:
    """The number of the partition of each value, shape (rows,)."""
    if column.type is DataType.INT64:
        hashes = murmur3(column.values)
    else:
        distinct, places = np.unique(column.values, return_inverse=True)
        sums = [zlib.crc32(text.encode()[:HASHED_BYTES]) for text in distinct.tolist()]
        hashes = np.array(sums, np.uint32)[places]
    return (hashes % np.uint32(partitions)).astype(np.intp)


def murmur3(values: NDArray[np.int64]) -> NDArray[np.uint32]:
    """MurmurHash3 of each integer's eight bytes, its highest bit cleared."""
    words = np.ascontiguousarray(values, "<i8").view("<u4").reshape(-1, 2)
    state = np.zeros(len(words), np.uint32)
    for block in words.T:
        state ^= _rotated(block * np.uint32(0xCC9E2D51), 15) * np.uint32(0x1B873593)
        state = _rotated(state, 13) * np.uint32(5) + np.uint32(0xE6546B64)
    state ^= np.uint32(8)
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35), (16, 1)):
        state = (state ^ (state >> np.uint32(shift))) * np.uint32(factor)
    masked: NDArray[np.uint32] = state & np.uint32(0x7FFFFFFF)
    return masked


def check_isolation_altered(
    definition: Definition, snapshot: Snapshot, name: str, given: Pairs, gone: Iterable[str]
) -> None:
    """Raises where isolation would change under a vector index; ``name`` is how the collection was called."""
    properties = {**dict(definition.properties), **dict(given)}
    left = tuple((key, value) for key, value in properties.items() if key not in set(gone))
    if ISOLATION in dict(given):
        _check_isolation(replace(definition, name=name, properties=left), definition.schema.partition_key)
    indexed = next((index.field.name for index in snapshot.indexes if index.field.is_vector), None)
    if indexed is not None and is_isolated(left) != is_isolated(definition.properties):
        raise errors.IsolationUnderIndex(field=indexed)


def is_isolated(properties: Pairs) -> bool:
    """Whether the properties ask for isolation: then every search has to name one key."""
    return parse_bool(dict(properties).get(ISOLATION, "false").lower()) or False


# -- private ---------------------------------------------------------------------------------------------------


def _rotated(words: NDArray[np.uint32], bits: int) -> NDArray[np.uint32]:
    rotated: NDArray[np.uint32] = (words << np.uint32(bits)) | (words >> np.uint32(32 - bits))
    return rotated


def _check_key_field(field: Field) -> None:
    if field.is_primary:
        raise errors.PartitionKeyIsPrimary
    if field.nullable:
        raise errors.PartitionKeyNullable
    if field.type not in (DataType.INT64, DataType.VARCHAR):
        raise errors.PartitionKeyType


def _check_number(partitions: int) -> None:
    if partitions < 0:
        raise errors.PartitionsNegative
    if partitions > limits.MAX_PARTITIONS:
        raise errors.TooManyKeyPartitions(number=partitions, limit=limits.MAX_PARTITIONS)


def _check_isolation(definition: Definition, key: Field | None) -> None:
    given = dict(definition.properties).get(ISOLATION, "false")
    wanted = parse_bool(given.lower())
    if wanted is None:
        raise errors.IsolationUnreadable(value=given.lower())
    if wanted and key is None:
        raise errors.IsolationWithoutKey(collection=definition.name)
