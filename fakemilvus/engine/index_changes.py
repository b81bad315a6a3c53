"""What AlterIndex changes of an index: three settings of how it is kept, which are echoed and change no answer.

Source: the proxy's task_index.go, datacoord's index_service.go and indexparamcheck's index_type.go, Milvus 3.0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from fakemilvus import errors
from fakemilvus.engine.index import Index
from fakemilvus.engine.index_params import (
    ALTERABLE,
    AUTOINDEX,
    INDEX_TYPE,
    WARMUP,
    check_mmap,
    check_offset_cache,
    check_warmup,
    expanded,
)
from fakemilvus.engine.schema import Pairs
from fakemilvus.engine.snapshot import Snapshot


def check_changes(given: Pairs, gone: Sequence[str]) -> None:
    """Raises where something is set and deleted at once, or is none of the settings."""
    if given and gone:
        raise errors.AlterIndexBoth
    for key in [*(key for key, _ in given), *gone]:
        if key not in ALTERABLE:
            raise errors.IndexPropertyFixed(key=key)
    check_warmup({key: value for key, value in given if key == WARMUP})


def altered(snapshot: Snapshot, name: str, given: Pairs, gone: Sequence[str], collection: str) -> Snapshot:
    """The snapshot whose index of this name is kept otherwise; refused while anything is loaded."""
    if not name:
        raise errors.IndexNameEmpty
    if snapshot.loaded:
        change = "can't alter index on loaded collection, please release the collection first"
        raise errors.CollectionLoaded(change=change, collection=collection)
    found = snapshot.find_index(name)
    if not found:
        raise errors.IndexNotFound(index=name)
    changed = {index.id: _changed(index, given, gone) for index in found}
    return replace(snapshot, indexes=tuple(changed.get(index.id, index) for index in snapshot.indexes))


def _changed(index: Index, given: Pairs, gone: Sequence[str]) -> Index:
    params = {key: value for key, value in index.params if key not in gone} | dict(given)
    flat = expanded(tuple(params.items()))
    asked = flat.get(INDEX_TYPE, AUTOINDEX)
    kind = index.kind if asked == AUTOINDEX else asked
    check_mmap(kind, flat, "invalid mmap index params")
    check_offset_cache(kind, flat)
    return replace(index, params=tuple(params.items()))
