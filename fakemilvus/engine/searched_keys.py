"""Rows that ask: a search by primary keys, whose query vectors are those of the rows with these keys."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fakemilvus import errors
from fakemilvus.datatypes import Column
from fakemilvus.engine.query import query
from fakemilvus.engine.schema import Field
from fakemilvus.engine.snapshot import Snapshot
from fakemilvus.filters import Filter


def vectors_of(snapshot: Snapshot, field: Field, keys: NDArray[Any]) -> Column:
    """The vectors of the rows with these keys, ascending by key, as Milvus asks with them, whatever order was given.

    Raises SearchedKeyTwice and SearchedKeysMissing. Source: handleIfSearchByPK of the proxy's impl.go, Milvus 3.0.
    """
    if len(np.unique(keys)) < len(keys):
        raise errors.SearchedKeyTwice
    found = query(snapshot, Filter("", keys=keys))
    held = set(found.column(snapshot.schema.primary).values.tolist())
    missing = [str(key) for key in keys.tolist() if key not in held]
    if missing:
        raise errors.SearchedKeysMissing(keys=" ".join(missing))
    return found.column(field)
