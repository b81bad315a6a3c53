"""Asks a server whether it really answers, the way a client would: one rpc over the network.

It knows no message: an empty request is a valid GetVersionRequest, and any answer will do.
"""

from __future__ import annotations

import grpc

METHOD = "/milvus.proto.milvus.MilvusService/GetVersion"


class Probe:
    """A client of one address, ``host:port``; a proxy in the environment is not asked."""

    def __init__(self, address: str) -> None:
        self._channel = grpc.insecure_channel(address, options=[("grpc.enable_http_proxy", 0)])
        self._ask = self._channel.unary_unary(METHOD)

    def answers(self, timeout_s: float = 1.0) -> bool:
        """Whether the server answers an rpc within the time."""
        try:
            self._ask(b"", timeout=timeout_s)
        except grpc.RpcError:
            return False
        return True

    def close(self) -> None:
        self._channel.close()
