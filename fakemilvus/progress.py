"""How far an index build has come, asked through the caller's own pymilvus, of any Milvus.

This is the client's side: it knows pymilvus (2.3 to 3.0) and tqdm, the optional extra ``client``, and nothing of
the server in this package.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pymilvus import connections
from pymilvus.client.types import IndexState
from pymilvus.exceptions import CollectionNotExistException, IndexNotExistException, MilvusException
from tqdm import tqdm

SHORTEST_RPC_TIMEOUT_S = 1.0


def index_building_progress(
    collection_name: str, index_name: str = "", using: Any = "default", timeout: float | None = None
) -> dict[str, int]:
    """The rows of an index: ``total_rows``, ``indexed_rows`` and ``pending_index_rows``.

    As ``pymilvus.utility.index_building_progress``, but raising what its reference page promises, and without its
    deprecation warning.

    collection_name: an existing collection, or an alias of one.
    index_name: may be left out where the collection has one index.
    using: the alias of a pymilvus connection, or a MilvusClient.
    timeout: seconds; None waits until the server answers or an error occurs.

    Raises pymilvus' CollectionNotExistException, IndexNotExistException and AmbiguousIndexName.
    """
    handler, context = _connection(using)
    with _promised_exceptions():
        answer = handler.get_index_build_progress(collection_name, index_name, timeout=timeout, **context)
    return {figure: answer[figure] for figure in ("total_rows", "indexed_rows", "pending_index_rows")}


def watch(
    collection_name: str,
    index_name: str = "",
    using: Any = "default",
    timeout: float | None = None,
    *,
    poll_s: float = 0.1,
) -> dict[str, int]:
    """Shows a bar until no row is pending and the index is not being built any more; returns the last figures.

    The first four parameters are those of ``index_building_progress``; ``timeout`` is for the whole build.

    Raises what ``index_building_progress`` raises; MilvusException with the server's reason when the build failed;
    TimeoutError when rows are still pending after ``timeout`` seconds.
    """
    name = f"{collection_name}.{index_name}" if index_name else collection_name
    polls = _poll(collection_name, index_name, using, timeout, poll_s)
    figures = next(polls)
    with tqdm(
        desc=name, total=figures["total_rows"], initial=figures["indexed_rows"], unit=" rows", unit_scale=True
    ) as bar:
        for figures in polls:
            _show(bar, figures)
        _show(bar, figures)
    return figures


def _poll(
    collection_name: str, index_name: str, using: Any, timeout: float | None, poll_s: float
) -> Iterator[dict[str, int]]:
    """The figures, again and again, until the build has ended."""
    deadline = None if timeout is None else time.monotonic() + timeout
    while True:
        rpc_timeout = None if deadline is None else max(SHORTEST_RPC_TIMEOUT_S, deadline - time.monotonic())
        building = _is_building(collection_name, index_name, using, rpc_timeout)
        figures = index_building_progress(collection_name, index_name, using, rpc_timeout)
        yield figures
        if not building and not figures["pending_index_rows"]:
            return
        if deadline is not None and time.monotonic() >= deadline:
            raise TimeoutError(f"{figures['pending_index_rows']} rows are still pending after {timeout} s")
        time.sleep(poll_s)


def _is_building(collection_name: str, index_name: str, using: Any, timeout: float | None) -> bool:
    """Asks for the state in a call of its own: no pymilvus reports the reason with the rows, nor 2.3 the state."""
    handler, context = _connection(using)
    with _promised_exceptions():
        state, reason = handler.get_index_state(collection_name, index_name, timeout=timeout, **context)
    if state == IndexState.Failed:
        raise MilvusException(message=f"the index build failed: {reason}")
    return state in (IndexState.Unissued, IndexState.InProgress)


def _show(bar: Any, figures: dict[str, int]) -> None:
    """Moves the bar; during a compaction Milvus reports more indexed rows than there are."""
    bar.total = max(figures["total_rows"], figures["indexed_rows"])
    bar.n = figures["indexed_rows"]
    bar.refresh()


def _connection(using: Any) -> tuple[Any, dict[str, Any]]:
    """pymilvus' handler, and the call context that it wants from 2.6 on: it carries the database."""
    if isinstance(using, str):
        handler, make_context = connections._fetch_handler(using), getattr(connections, "_generate_call_context", None)
        return handler, {"context": make_context(using)} if make_context else {}
    make_context = getattr(using, "_generate_call_context", None)
    return using._get_connection(), {"context": make_context()} if make_context else {}


@contextmanager
def _promised_exceptions() -> Iterator[None]:
    """Raises the classes of the reference page where every pymilvus since 2.2 raises a bare MilvusException."""
    try:
        yield
    except MilvusException as error:
        promised = _PROMISED.get(error.code) or _PROMISED_LEGACY.get(error.compatible_code)
        if promised is None or type(error) is not MilvusException:
            raise
        raise promised(error.code, error.message, error.compatible_code) from error


_PROMISED = {100: CollectionNotExistException, 700: IndexNotExistException}
_PROMISED_LEGACY = {4: CollectionNotExistException, 25: IndexNotExistException}
