# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One HTTP exchange over a connection of pyVmomi's stub.

What went wrong is given back as a value: an exception would carry the frames of the HTTP library, with the request in
them, and a request may hold the password or the session.
"""

from __future__ import annotations

import socket
import ssl
import threading
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.client import HTTPException, HTTPResponse, IncompleteRead
from typing import Any, Final, Protocol

LARGEST_ANSWER_BYTES: Final = 1 << 30
_CHUNK_BYTES: Final = 1 << 16
_WRONG_SERVER_HINT: Final = "Check hostname and port: does a vCenter or an ESXi host listen there?"
_PROXY_HINT: Final = "Check proxy_host and proxy_port, that the proxy runs, and what it lets through."
_CERTIFICATE_HINT: Final = (
    "Give the certificate of the authority that signed it as ca_path (a vCenter offers it for download under /certs/download.zip). "
    "validate_certs: false reads without this check: then whoever sits between can read the password."
)


@dataclass(frozen=True, slots=True)
class Message:
    """A request. Only its method and path are shown, since headers and body hold what is secret."""

    method: str
    path: str
    headers: Mapping[str, str] = field(repr=False, default_factory=dict)
    body: bytes = field(repr=False, default=b"")

    @property
    def is_call(self) -> bool:
        """True for a SOAP call, which belongs to the session; False for a document that is there for everybody."""
        return self.method == "POST"


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete answer: its status, its body in the chunks in which it came, and the session's cookie where it sets one."""

    status: int
    chunks: tuple[bytes, ...] = field(repr=False)
    received_bytes: int = 0
    """on the wire; less than the body where that came compressed"""
    cookies: tuple[str, ...] = field(repr=False, default=())


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why there is no answer that can be used. `again` where sending the request once more may help."""

    reason: str
    again: bool = True
    code: str = "vcenter_unreachable"
    hint: str = "Check that the server runs, and hostname, port, proxy and firewall."
    before_contact: bool = False
    """nobody answered at that address: worth another attempt only where somebody did before"""


class Transport(Protocol):
    """Sends messages to one server."""

    def send(self, message: Message, silence_seconds: float, total_seconds: float) -> Answer | Trouble:
        """The server's answer. Gives up when no byte comes for `silence_seconds`, or after `total_seconds` in all."""

    def abort(self) -> None:
        """Ends what is under way in other threads, which then see a lost connection."""

    def close(self) -> None:
        """Closes every connection."""


class _Exchange:
    """A request that is under way. A connection that was shut is of no use to the next one, even where the answer was complete."""

    def __init__(self, connection: Any) -> None:
        self.was_shut = False
        self._connection = connection

    def shut(self) -> None:
        """Wakes the thread that waits on the connection; closing it alone would not."""
        self.was_shut = True
        sock = self._connection.sock
        if sock is not None:
            try:
                socket.socket.shutdown(sock, socket.SHUT_RDWR)
            except OSError:
                return


class StubTransport:
    """Uses the connections of a `SoapStubAdapter`: its TLS, its proxy, its pool. `proxy` is that proxy in messages."""

    def __init__(self, stub: Any, proxy: str = "") -> None:
        self._stub = stub
        self._proxy = proxy
        self._lock = threading.Lock()
        self._under_way: list[_Exchange] = []

    def send(self, message: Message, silence_seconds: float, total_seconds: float) -> Answer | Trouble:
        """See `Transport`."""
        connection = None
        is_spent = True
        answer: Answer | Trouble
        try:
            connection = self._open(silence_seconds)
            with self._watched(connection, total_seconds) as exchange:
                connection.request(message.method, message.path, message.body or None, dict(message.headers))
                response = connection.getresponse()
                answer = _read(response)
                is_lost = isinstance(answer, Trouble) or response.will_close
            is_spent = is_lost or exchange.was_shut
        except (OSError, HTTPException, zlib.error) as error:
            answer = trouble_of(error, silence_seconds)
            if connection is None and self._proxy:
                answer = _by_way_of(self._proxy, error, answer)
        if connection is not None:
            self._put_back(connection, is_spent)
        return answer

    def abort(self) -> None:
        """See `Transport`."""
        with self._lock:
            for exchange in self._under_way:
                exchange.shut()

    def close(self) -> None:
        """See `Transport`."""
        self._stub.DropConnections()

    def _open(self, silence_seconds: float) -> Any:
        self._stub.schemeArgs["timeout"] = silence_seconds
        connection = self._stub.GetConnection()
        connection.timeout = silence_seconds
        if connection.sock is not None:
            connection.sock.settimeout(silence_seconds)
        elif self._proxy:
            # pyVmomi 9 has gone through the proxy by now, pyVmomi 8 has not: what fails here is the proxy's doing.
            connection.connect()
        return connection

    @contextmanager
    def _watched(self, connection: Any, total_seconds: float) -> Iterator[_Exchange]:
        """Ends the exchange when its time is over, however slowly the bytes keep coming."""
        exchange = _Exchange(connection)
        timer = threading.Timer(total_seconds, self._end, (exchange,))
        timer.daemon = True
        with self._lock:
            self._under_way.append(exchange)
        timer.start()
        try:
            yield exchange
        finally:
            timer.cancel()
            with self._lock:
                self._under_way.remove(exchange)

    def _end(self, exchange: _Exchange) -> None:
        with self._lock:
            if exchange in self._under_way:
                exchange.shut()

    def _put_back(self, connection: Any, is_spent: bool) -> None:
        if is_spent:
            connection.close()
        else:
            self._stub.ReturnConnection(connection)


def _read(response: HTTPResponse) -> Answer | Trouble:
    unpack = zlib.decompressobj(zlib.MAX_WBITS | 16) if response.getheader("Content-Encoding", "").lower() == "gzip" else None
    declared = response.getheader("Content-Length", "")
    chunks: list[bytes] = []
    received = size = 0
    while chunk := response.read(_CHUNK_BYTES):
        received += len(chunk)
        # Never more than the limit at once, even where a small chunk unpacks to very much.
        piece = unpack.decompress(chunk, LARGEST_ANSWER_BYTES - size + 1) if unpack else chunk
        size += len(piece)
        if size > LARGEST_ANSWER_BYTES:
            return Trouble("its answer is larger than any that is expected", False, "vcenter_protocol", "Choose a smaller page_size.")
        chunks.append(piece)
    # Python ends such a body silently when the connection is lost.
    if (declared.isdecimal() and received < int(declared)) or (unpack and not unpack.eof):
        return Trouble("the answer ended early")
    return Answer(response.status, tuple(chunks), received, tuple(response.headers.get_all("Set-Cookie") or ()))


def trouble_of(error: Exception, silence_seconds: float) -> Trouble:
    """What an error of the connection means to whoever runs this."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return Trouble(f"its certificate is not trusted: {error.verify_message}", False, "vcenter_certificate", _CERTIFICATE_HINT)
    if isinstance(error, ssl.SSLError) and not isinstance(error, (ssl.SSLEOFError, ssl.SSLZeroReturnError)):
        return _not_tls(error)
    if isinstance(error, socket.gaierror):
        return Trouble("its name cannot be resolved", before_contact=True)
    if isinstance(error, ConnectionRefusedError):
        return Trouble("nothing listens there (connection refused)", before_contact=True)
    if isinstance(error, TimeoutError):
        return Trouble(f"no answer within {silence_seconds:g} s")
    if isinstance(error, IncompleteRead):
        return Trouble("the answer ended early")
    if isinstance(error, (ConnectionError, ssl.SSLError)):
        return Trouble("the connection was lost")
    if isinstance(error, OSError) and "Tunnel connection failed" in str(error):
        return _refused_by_proxy(str(error))
    if isinstance(error, OSError):
        return Trouble(f"{error.strerror or 'the network failed'}", before_contact=True)
    if isinstance(error, zlib.error):
        return Trouble("the answer could not be unpacked")
    return Trouble("the answer is not HTTP", code="vcenter_protocol", hint=_WRONG_SERVER_HINT)


def _not_tls(error: ssl.SSLError) -> Trouble:
    reason = (error.reason or "").replace("_", " ").lower()
    if not reason:
        return Trouble("the connection was lost")
    hint = "Check the port: TLS is spoken on the one of the vSphere Client, usually 443."
    return Trouble(f"no secure connection could be made ({reason})", False, "vcenter_protocol", hint)


def _refused_by_proxy(text: str) -> Trouble:
    status = text.rpartition("failed:")[2].strip()
    return Trouble(f"the proxy answers {status or 'nothing'}", again=not status.startswith("4"), hint=_PROXY_HINT)


def _by_way_of(proxy: str, error: Exception, trouble: Trouble) -> Trouble:
    """A trouble that came up before there was a connection, where a proxy makes it: the proxy may be what is at fault."""
    if isinstance(error, ssl.SSLError):
        # TLS is spoken with the server itself, through the proxy.
        return trouble
    if trouble.before_contact:
        return replace(trouble, reason=f"the proxy {proxy} cannot be reached: {trouble.reason}", hint=_PROXY_HINT)
    named = trouble.reason.replace("the proxy ", f"the proxy {proxy} ", 1)
    reason = named if named != trouble.reason else f"{trouble.reason}, by way of the proxy {proxy}"
    return replace(trouble, reason=reason, hint=_PROXY_HINT)
