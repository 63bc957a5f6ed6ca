# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A reverse proxy in front of the API server that spoils requests when it is told to.

It passes everything on as it is, watches included, and keeps what it spoiled on record. Faults are taken in the order in which
they were armed; one request meets one fault at most.
"""

from __future__ import annotations

import http.client
import json
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

Kind = Literal["answer", "hang", "drop", "lose", "cut"]
REASONS: Mapping[int, str] = {
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    409: "Conflict",
    429: "TooManyRequests",
    500: "InternalError",
    503: "ServiceUnavailable",
    504: "Timeout",
}
HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "upgrade", "te", "trailer", "proxy-authorization", "proxy-authenticate"})
BLOCK = 65536
PASS_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Fault:
    """What is done to which requests."""

    kind: Kind = "answer"
    """answer: says `status` without asking the server; hang: says nothing for `seconds`, then closes; drop: closes without
    asking the server; lose: asks the server, then closes without its answer; cut: closes in the middle of the answer"""
    method: str = ""
    """regular expression for the whole method; empty is any"""
    path: str = ""
    """regular expression found in path and query; empty is any"""
    after: int = 0
    """matching requests that still pass"""
    count: int = 1
    """matching requests that are spoiled then; -1 is all of them"""
    status: int = 500
    message: str = "this answer is a test's fault"
    retry_after: int | None = None
    """seconds, as header Retry-After"""
    seconds: float = 60.0

    def matches(self, method: str, path: str) -> bool:
        """Whether it is about such a request."""
        return bool(re.fullmatch(self.method or ".*", method) and re.search(self.path, path))


@dataclass(frozen=True, slots=True)
class Spoiled:
    """A request that met a fault."""

    method: str
    path: str
    fault: Fault


@dataclass
class _Armed:
    fault: Fault
    seen: int = 0

    def takes(self, method: str, path: str) -> bool:
        if not self.fault.matches(method, path):
            return False
        self.seen += 1
        over = self.seen - self.fault.after
        return over > 0 and (self.fault.count < 0 or over <= self.fault.count)


@dataclass
class FaultProxy:
    """A running proxy."""

    url: str
    ca_path: Path
    """the proxy's certificate is verified with the same one as the server's"""
    spoiled: list[Spoiled] = field(default_factory=list)
    requests: int = 0
    """all that came, spoiled or not"""
    _armed: list[_Armed] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _released: threading.Event = field(default_factory=threading.Event)

    def arm(self, *faults: Fault) -> None:
        """Puts faults in force."""
        with self._lock:
            self._armed += map(_Armed, faults)

    def disarm(self) -> None:
        """Takes all faults out of force, and ends what hangs."""
        with self._lock:
            self._armed.clear()
        self._released.set()
        self._released = threading.Event()

    def take(self, method: str, path: str) -> Fault | None:
        """The fault that this request meets."""
        with self._lock:
            self.requests += 1
            for armed in self._armed:
                if armed.takes(method, path):
                    self.spoiled.append(Spoiled(method, path, armed.fault))
                    return armed.fault
        return None

    def hang(self, seconds: float) -> None:
        """Waits that long, or until the faults are taken out of force."""
        self._released.wait(seconds)


class TlsServer(ThreadingHTTPServer):
    """A server whose threads speak TLS, one a connection."""

    daemon_threads = True
    block_on_close = False
    tls: ssl.SSLContext

    def handle_error(self, request: object, client_address: object) -> None:
        """Says nothing: a client that goes away, or does not trust the certificate, is a test's own doing."""


class TlsHandler(BaseHTTPRequestHandler):
    """Does the handshake in the connection's own thread."""

    protocol_version = "HTTP/1.1"
    server: TlsServer

    def setup(self) -> None:
        """Makes the connection a TLS one."""
        self.request = self.server.tls.wrap_socket(self.request, server_side=True)
        super().setup()

    def finish(self) -> None:
        """Closes the connection: the server knows only the one below it."""
        try:
            super().finish()
        finally:
            self.connection.close()

    def log_message(self, template: str, *args: object) -> None:
        """Keeps no log of its own."""

    def body(self) -> bytes:
        """What came with the request."""
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def send_json(self, status: int, document: Mapping[str, object], headers: Mapping[str, str] | None = None) -> None:
        """Answers with JSON."""
        raw = json.dumps(document).encode()
        self.send_response_only(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(raw)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(raw)


class _Server(TlsServer):
    proxy: FaultProxy
    connect: Callable[[], http.client.HTTPSConnection]


class _Handler(TlsHandler):
    server: _Server

    def _serve(self) -> None:
        body = self.body()
        fault = self.server.proxy.take(self.command, self.path)
        if fault is None:
            self._pass(body)
        elif fault.kind == "answer":
            self._refuse(fault)
        else:
            if fault.kind == "hang":
                self.server.proxy.hang(fault.seconds)
            elif fault.kind in {"lose", "cut"}:
                self._spoil_answer(body, send=fault.kind == "cut")
            self._drop()

    def _refuse(self, fault: Fault) -> None:
        status = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "code": fault.status}
        status.update(message=fault.message, reason=REASONS.get(fault.status, "Unknown"))
        headers: dict[str, str] = {}
        if fault.retry_after is not None:
            headers["Retry-After"] = str(fault.retry_after)
            status["details"] = {"retryAfterSeconds": fault.retry_after}
        self.send_json(fault.status, status, headers)

    def _drop(self) -> None:
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def _ask(self, body: bytes) -> tuple[http.client.HTTPSConnection, http.client.HTTPResponse]:
        upstream = self.server.connect()
        headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP}
        upstream.request(self.command, self.path, body or None, headers)
        return upstream, upstream.getresponse()

    def _spoil_answer(self, body: bytes, *, send: bool) -> None:
        upstream, response = self._ask(body)
        with closing(upstream):
            raw = response.read()
        if send:
            self._head(response, {"Content-Length": str(len(raw))})
            self.wfile.write(raw[: len(raw) // 2])

    def _pass(self, body: bytes) -> None:
        try:
            upstream, response = self._ask(body)
        except OSError:
            # The server is not there: neither is its proxy.
            self._drop()
            return
        try:
            length = response.getheader("Content-Length")
            if length is not None or self.command == "HEAD" or response.status in {204, 304}:
                self._head(response, {"Content-Length": length} if length is not None else {})
                self.wfile.write(response.read())
            else:
                self._head(response, {"Transfer-Encoding": "chunked"})
                while block := response.read1(BLOCK):
                    self.wfile.write(b"%x\r\n%s\r\n" % (len(block), block))
                self.wfile.write(b"0\r\n\r\n")
        finally:
            upstream.close()

    def _head(self, response: http.client.HTTPResponse, framing: Mapping[str, str]) -> None:
        self.send_response_only(response.status, response.reason)
        for name, value in response.getheaders():
            if name.lower() not in HOP | {"content-length"}:
                self.send_header(name, value)
        for name, value in framing.items():
            self.send_header(name, value)
        self.end_headers()

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _serve


@contextmanager
def fault_proxy(target: str, ca_path: Path, certificate: Path, key: Path) -> Iterator[FaultProxy]:
    """Runs a proxy on this machine for as long as the block lasts."""
    where = urlsplit(target)
    outgoing = ssl.create_default_context(cafile=str(ca_path))

    def connect() -> http.client.HTTPSConnection:
        return http.client.HTTPSConnection(where.hostname or "", where.port, timeout=PASS_SECONDS, context=outgoing)

    incoming = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    incoming.load_cert_chain(certificate, key)
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.tls = incoming
        server.connect = connect
        server.proxy = FaultProxy(f"https://127.0.0.1:{server.server_address[1]}", ca_path)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield server.proxy
        finally:
            server.proxy.disarm()
            server.shutdown()
            thread.join()
