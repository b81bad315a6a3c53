"""The management port: GET /healthz, as Milvus has it, for whoever waits for a server to be ready.

It knows HTTP and a question to ask, not the server itself.
"""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any

LOG = logging.getLogger(__name__)
STOP_CHECK_S = 0.1


class Management:
    """An HTTP server of its own; ``/healthz`` is 200 and "OK" while ``answers()`` is true, else 503.

    Port 0 picks a free one. Raises OSError where the port is taken.
    """

    def __init__(self, host: str, port: int, answers: Callable[[], bool]) -> None:
        self._http = _Http(host, port, answers)
        self.host, self.port = host, int(self._http.server_address[1])
        self._thread = threading.Thread(
            target=self._http.serve_forever, args=(STOP_CHECK_S,), name="fakemilvus-management", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()


class _Http(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, host: str, port: int, answers: Callable[[], bool]) -> None:
        self.answers = answers
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        super().__init__((host, port), _Handler)

    def server_bind(self) -> None:
        """Binds without HTTPServer's look-up of the host's full name, which waits for a name server."""
        TCPServer.server_bind(self)


class _Handler(BaseHTTPRequestHandler):
    server: _Http
    timeout = 5  # seconds that an idle connection may keep its thread

    def do_GET(self) -> None:
        if self.path.partition("?")[0] != "/healthz":
            self._answer(404, "not found; there is /healthz\n")
        elif self.server.answers():
            self._answer(200, "OK")
        else:
            self._answer(503, "rpcs are not answered\n")

    def do_HEAD(self) -> None:
        self.do_GET()

    def log_message(self, format: str, *args: Any) -> None:
        LOG.debug(format, *args)

    def _answer(self, status: int, text: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text.encode())
