"""The dispatcher: bytes -> request -> faults -> handler -> status -> bytes, for every rpc alike.

It alone says success and failure. A handler returns a message or None and raises MilvusError (an in-band status)
or RpcAborted (a gRPC status); anything else is a bug of ours: recorded, and answered in-band with its traceback,
because clients try again for minutes after a gRPC status such as INTERNAL.
"""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

import grpc

from fakemilvus.clock import Clock
from fakemilvus.errors import MilvusError, RpcAborted, ServiceInternal, Unimplemented
from fakemilvus.wire import messages
from fakemilvus.wire.calls import CallLog, RecordedCall, summary
from fakemilvus.wire.misfortune import Misfortune

PREFIX = f"/{messages.SERVICE}/"
DEFAULT_DATABASE = "default"
NAMED_ROWS = 1 << 20  # a refused insert names all its rows; one that claims billions does not fill the memory


@dataclass(frozen=True, slots=True)
class Call:
    """One request on its way: what a handler gets beside the server's state."""

    rpc: str
    request: Any
    database: str
    client: str


Handler = Callable[[Any, Call], Any]


@dataclass(frozen=True, slots=True)
class Bug:
    """An exception that nobody expected, with its traceback."""

    where: str
    traceback: str


@dataclass
class Journal:
    """What a server remembers of its work: calls, bugs, and the rpcs that it had to refuse."""

    clock: Clock = field(default_factory=Clock)
    calls: CallLog = field(default_factory=CallLog)
    bugs: list[Bug] = field(default_factory=list)
    unimplemented: list[str] = field(default_factory=list)

    def clear(self) -> None:
        self.calls.clear()
        self.bugs.clear()
        self.unimplemented.clear()


class Dispatcher(grpc.GenericRpcHandler):  # type: ignore[misc]
    """Serves the methods of a handler table; every other method is answered UNIMPLEMENTED and named."""

    def __init__(self, handlers: Mapping[str, Handler], server: Any, journal: Journal, misfortune: Misfortune) -> None:
        self._handlers = handlers
        self._server = server
        self._journal = journal
        self._misfortune = misfortune
        self._lock = threading.Lock()  # guards _routes
        self._routes: dict[str, grpc.RpcMethodHandler] = {}

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler | None:
        """The route of a method, made when it is first called."""
        method = handler_call_details.method
        route = self._routes.get(method)
        if route is None and method.startswith(PREFIX):
            with self._lock:
                route = self._routes[method] = self._route(method[len(PREFIX) :])
        return route

    def _route(self, rpc: str) -> grpc.RpcMethodHandler:
        if rpc not in self._handlers:
            return grpc.unary_unary_rpc_method_handler(lambda encoded, context: self._refuse(rpc, context))
        method = messages.methods()[rpc]
        route = _Route(
            rpc,
            messages.message_class(method.input_type),
            messages.message_class(method.output_type),
        )
        return grpc.unary_unary_rpc_method_handler(lambda encoded, context: self._serve(route, encoded, context))

    def _refuse(self, rpc: str, context: grpc.ServicerContext) -> NoReturn:
        problem = Unimplemented(f"the rpc {rpc}")
        self._journal.unimplemented.append(rpc)
        self._record(Call(rpc, {}, "", context.peer()), self._journal.clock.unix_ms() / 1000, 0.0, problem)
        context.abort(grpc.StatusCode.UNIMPLEMENTED, problem.details)
        raise AssertionError  # abort has raised

    def _serve(self, route: _Route, encoded: bytes, context: grpc.ServicerContext) -> bytes:
        started, clocked = self._journal.clock.unix_ms() / 1000, time.perf_counter()
        problem: MilvusError | RpcAborted | None = None
        call = Call(route.rpc, None, "", context.peer())
        try:
            call = _decode_call(route, encoded, context)
            lost = self._misfortune.befall(route.rpc, call.request, context)
            response = self._handlers[route.rpc](self._server, call)
            if lost is not None:
                raise RpcAborted(lost.status, lost.details)
            return _succeeded(route, response)
        except MilvusError as refusal:
            problem = refusal
            return _failed(route, call.request, refusal)
        except RpcAborted as aborted:
            problem = aborted
        except Exception:  # noqa: BLE001 - the third outcome: a bug of ours
            trace = traceback.format_exc()
            self._journal.bugs.append(Bug(route.rpc, trace))
            problem = ServiceInternal(reason=f"fakemilvus has a bug in {route.rpc}:\n{trace}")
            return _failed(route, call.request, problem)
        finally:
            kept = {} if call.request is None else summary(call.request, len(encoded))
            self._record(
                Call(call.rpc, kept, call.database, call.client), started, time.perf_counter() - clocked, problem
            )
        if problem.status == "UNIMPLEMENTED":
            self._journal.unimplemented.append(f"{route.rpc}: {problem.details}")
        context.abort(grpc.StatusCode[problem.status], problem.details)
        raise AssertionError  # abort has raised

    def _record(self, call: Call, started: float, duration_s: float, problem: Exception | None) -> None:
        self._journal.calls.record(
            RecordedCall(
                rpc=call.rpc,
                database=call.database,
                client=call.client,
                started=started,
                duration_s=duration_s,
                code=problem.code if isinstance(problem, MilvusError) else 0,
                reason=str(problem) if problem else "",
                status=problem.status if isinstance(problem, RpcAborted) else "OK",
                _request=call.request,
            )
        )


def fill_status(status: Any, refusal: MilvusError) -> None:
    """Says a refusal in Milvus' two codes and two texts."""
    status.code = refusal.code
    status.error_code = refusal.legacy
    status.reason, status.detail = refusal.message, refusal.detail
    status.retriable = refusal.retriable and not refusal.input_error
    if refusal.input_error:
        status.extra_info["is_input_error"] = "true"


@dataclass(frozen=True, slots=True)
class _Route:
    rpc: str
    request_class: Any
    response_class: Any


def _decode_call(route: _Route, encoded: bytes, context: grpc.ServicerContext) -> Call:
    """Parses the request; the database is the request's own, else the metadata's, else ``default``."""
    try:
        request = route.request_class.FromString(encoded)
    except messages.UNREADABLE as problem:
        raise RpcAborted("INTERNAL", f"grpc: error unmarshalling request: {problem}") from None
    database = getattr(request, "db_name", "") or getattr(request, "dbName", "")
    if not database:
        database = next((value for key, value in context.invocation_metadata() if key == "dbname"), "")
    return Call(route.rpc, request, database or DEFAULT_DATABASE, context.peer())


def _succeeded(route: _Route, response: Any) -> bytes:
    """The encoded answer; its status is present, and says success by saying nothing."""
    if response is None:
        response = route.response_class()
    if route.response_class is not messages.common.Status:
        _status(response).SetInParent()
    encoded: bytes = response.SerializeToString()
    return encoded


def _status(response: Any) -> Any:
    """The status inside a response; AlterCollectionSchema's alone has another name."""
    return response.alter_status if hasattr(response, "alter_status") else response.status


def _failed(route: _Route, request: Any, refusal: MilvusError) -> bytes:
    """An empty answer whose status carries the refusal in Milvus' two codes and two texts."""
    response = route.response_class()
    if route.response_class is messages.milvus.MutationResult and hasattr(request, "num_rows"):
        response.err_index.extend(range(min(request.num_rows, NAMED_ROWS)))
    status = response if route.response_class is messages.common.Status else _status(response)
    fill_status(status, refusal)
    encoded: bytes = response.SerializeToString()
    return encoded
