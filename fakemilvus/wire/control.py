"""The control service on the wire: a verb and its arguments as JSON, on the same port as Milvus' own service."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import grpc

from fakemilvus.errors import MilvusError, RpcAborted
from fakemilvus.wire.messages import control

METHOD = "/fakemilvus.control.Control/Do"
_LOOPBACK = ("ipv4:127.", "ipv6:[::1]", "ipv6:%5B::1%5D", "unix:")

Do = Callable[[str, Mapping[str, Any]], Any]
"""Carries out a verb with its arguments; the result can be written as JSON."""


class ControlHandler(grpc.GenericRpcHandler):  # type: ignore[misc]
    """Serves the one method of the control service."""

    def __init__(self, do: Do) -> None:
        self._do = do
        self._route = grpc.unary_unary_rpc_method_handler(
            self._serve,
            request_deserializer=control.Command.FromString,
            response_serializer=control.Outcome.SerializeToString,
        )

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler | None:
        return self._route if handler_call_details.method == METHOD else None

    def _serve(self, command: Any, context: grpc.ServicerContext) -> Any:
        try:
            _check_caller(context.peer())
            result = self._do(command.verb, _decode_arguments(command.arguments))
        except tuple(_STATUSES) as refusal:
            status = next(status for kind, status in _STATUSES.items() if isinstance(refusal, kind))
            context.abort(status, str(refusal) or type(refusal).__name__)
        except RpcAborted as refusal:
            context.abort(grpc.StatusCode[refusal.status], refusal.details)
        return control.Outcome(result=json.dumps(result, default=_plain))


class ControlClient:
    """Calls verbs of a server in another process."""

    def __init__(self, uri: str) -> None:
        self.uri = uri
        unlimited = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
        self._channel = grpc.insecure_channel(uri.removeprefix("http://"), options=unlimited)
        self._do = self._channel.unary_unary(
            METHOD,
            request_serializer=control.Command.SerializeToString,
            response_deserializer=control.Outcome.FromString,
        )

    def do(self, verb: str, timeout_s: float | None = None, /, **arguments: Any) -> Any:
        """The verb's result; raises what its status stands for: ValueError, TimeoutError, or RuntimeError."""
        command = control.Command(verb=verb, arguments=json.dumps(arguments, default=_plain))
        try:
            return json.loads(self._do(command, timeout=timeout_s).result)
        except grpc.RpcError as refusal:
            raise _RAISED.get(refusal.code(), RuntimeError)(_explained(refusal, self.uri)) from None

    def close(self) -> None:
        self._channel.close()


def _check_caller(peer: str) -> None:
    if not peer.startswith(_LOOPBACK):
        raise RpcAborted("PERMISSION_DENIED", f"the control service is for this machine only, not for {peer}")


def _decode_arguments(text: str) -> Mapping[str, Any]:
    try:
        arguments = json.loads(text or "{}")
    except ValueError as problem:
        raise ValueError(f"the arguments are no JSON: {problem}") from None
    if not isinstance(arguments, dict):
        raise ValueError(f"the arguments must be a JSON object, not {text[:100]}")
    return arguments


def _explained(refusal: Any, uri: str) -> str:
    if refusal.code() is grpc.StatusCode.UNIMPLEMENTED:
        return f"the server at {uri} has no control service: start it with `fakemilvus serve --control`"
    return str(refusal.details())


def _plain(value: Any) -> Any:
    """What JSON does not know: bytes as text where they are some, anything else printed."""
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else str(value)


_STATUSES: dict[type[Exception], grpc.StatusCode] = {
    TimeoutError: grpc.StatusCode.DEADLINE_EXCEEDED,
    TypeError: grpc.StatusCode.INVALID_ARGUMENT,
    ValueError: grpc.StatusCode.INVALID_ARGUMENT,
    LookupError: grpc.StatusCode.INVALID_ARGUMENT,
    OSError: grpc.StatusCode.FAILED_PRECONDITION,
    RuntimeError: grpc.StatusCode.FAILED_PRECONDITION,
    MilvusError: grpc.StatusCode.FAILED_PRECONDITION,
}
_RAISED: dict[grpc.StatusCode, type[Exception]] = {
    grpc.StatusCode.INVALID_ARGUMENT: ValueError,
    grpc.StatusCode.DEADLINE_EXCEEDED: TimeoutError,
}
