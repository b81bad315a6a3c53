"""The gRPC server: a port, its worker threads and Milvus' size and keepalive limits."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import grpc

from fakemilvus import limits

WORKERS = 32
MIN_PING_INTERVAL_MS = 5_000

_OPTIONS = [
    ("grpc.max_receive_message_length", limits.MAX_RECEIVE_BYTES),
    ("grpc.max_send_message_length", limits.MAX_SEND_BYTES),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.min_recv_ping_interval_without_data_ms", MIN_PING_INTERVAL_MS),
    ("grpc.http2.max_ping_strikes", 0),  # a client that pings often, as under load, is not cut off for it
    ("grpc.so_reuseport", 0),  # a taken port is refused instead of shared
]


class PortTaken(OSError):
    """Somebody else listens on the port that was asked for."""


class Listener:
    """Serves its handlers from construction until ``stop``. ``port`` is the real one when 0 was asked for."""

    def __init__(self, handlers: Sequence[grpc.GenericRpcHandler], host: str, port: int) -> None:
        self._workers = ThreadPoolExecutor(WORKERS, thread_name_prefix="fakemilvus-rpc")
        self._server = grpc.server(self._workers, handlers=handlers, options=_OPTIONS)
        try:
            self.port: int = self._server.add_insecure_port(f"{host}:{port}")
        except RuntimeError:
            self._server.stop(None)
            self._workers.shutdown()
            raise PortTaken(f"cannot listen on {host}:{port}: the port is taken or the address is not ours") from None
        self._server.start()

    def stop(self, grace_s: float = 0.2) -> None:
        """Ends it; rpcs that are still running are cancelled after the grace."""
        self._server.stop(grace_s).wait()

    def join(self) -> None:
        """Waits for the worker threads, once nothing can hold them any more."""
        self._workers.shutdown()
