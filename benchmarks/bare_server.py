"""The yardstick for a server: gRPC in Python that decodes nothing, does nothing, and answers a small constant.

`python -m benchmarks.bare_server PORT`. The constant is one field that no message declares, so that every
response type can be read from it.
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

import grpc
import numpy as np

UNDECLARED_FIELD = 2047
ANSWER = b"\xfa\x7f\x78" + np.zeros(120, np.uint8).tobytes()  # tag of the field, length 120, the bytes


class Constant(grpc.GenericRpcHandler):
    """Answers every method."""

    def __init__(self) -> None:
        self.handler = grpc.unary_unary_rpc_method_handler(lambda request, context: ANSWER)

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler:
        return self.handler


def main() -> None:
    server = grpc.server(ThreadPoolExecutor(32), handlers=[Constant()])
    server.add_insecure_port(f"127.0.0.1:{sys.argv[1]}")
    server.start()
    server.wait_for_termination()


if __name__ == "__main__":
    main()
