"""Index descriptions as messages."""

from __future__ import annotations

from typing import Any

from fakemilvus.engine.index import Counters, Index
from fakemilvus.wire.pairs import add_pairs

NO_INDEX_VERSION = (2**31 - 1, -(2**31))  # what Milvus says of min and max while no segment is indexed


def encode_index(index: Index, counters: Counters, message: Any) -> None:
    """Fills an IndexDescription with an index and one reading of it."""
    message.index_name = index.name
    message.indexID = index.id
    message.field_name = index.described_field
    add_pairs(message.params, index.params)
    message.total_rows = counters.total_rows
    message.indexed_rows = counters.indexed_rows
    message.pending_index_rows = counters.pending_index_rows
    message.state = int(counters.state)
    message.index_state_fail_reason = counters.fail_reason
    if not counters.indexed_rows:
        message.min_index_version, message.max_index_version = NO_INDEX_VERSION
