"""Index descriptions as messages."""

from __future__ import annotations

from typing import Any

from fakemilvus.engine.index import Index
from fakemilvus.wire.pairs import add_pairs

NO_INDEX_VERSION = (2**31 - 1, -(2**31))  # what Milvus says of min and max while no segment is indexed


def encode_index(index: Index, timestamp: int, message: Any) -> None:
    """Fills an IndexDescription; ``timestamp`` limits which segments the state looks at (0: the index's own)."""
    progress = index.tracker.progress
    state, reason = progress.state(index.created, timestamp)
    message.index_name = index.name
    message.indexID = index.id
    message.field_name = index.field.name
    add_pairs(message.params, index.params)
    message.total_rows = progress.total_rows
    message.indexed_rows = progress.indexed_rows
    message.pending_index_rows = progress.pending_index_rows
    message.state = int(state)
    message.index_state_fail_reason = reason
    if not progress.indexed_rows:
        message.min_index_version, message.max_index_version = NO_INDEX_VERSION
