"""The primary keys that a search asks with instead of vectors."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fakemilvus import errors
from fakemilvus.datatypes import TEXT_DTYPE, DataType
from fakemilvus.engine.schema import Field


def has_keys(ids: Any) -> bool:
    """Whether an IDs message holds any."""
    kind = ids.WhichOneof("id_field")
    return kind is not None and len(getattr(ids, kind).data) > 0


def decode_keys(ids: Any, primary: Field) -> NDArray[Any] | None:
    """The keys of an IDs message; None where it holds none."""
    if not has_keys(ids):
        return None
    kind = ids.WhichOneof("id_field")
    if kind != _KINDS[primary.type]:
        expected, named = _NAMES[primary.type]
        raise errors.SearchedKeyType(primary=named, expected=expected)
    values = getattr(ids, kind).data
    return np.array(list(values), TEXT_DTYPE if kind == "str_id" else np.int64)


def encode_askers(asking: NDArray[np.bool_], message: Any) -> None:
    """Makes room in a SearchResultData for the rows that had no vector to ask with, and so have no hits."""
    found = iter(list(message.topks))
    message.num_queries = len(asking)
    del message.topks[:]
    message.topks.extend(next(found) if asks else 0 for asks in asking.tolist())


_KINDS = {DataType.INT64: "int_id", DataType.VARCHAR: "str_id"}
_NAMES = {DataType.INT64: ("int64", "int64"), DataType.VARCHAR: ("string", "varchar")}
