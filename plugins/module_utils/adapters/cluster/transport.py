# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One HTTP exchange with an API server, over the connections of the Kubernetes client.

What went wrong is given back as a value: an exception would carry the frames of the HTTP library, with the request in
them, and its headers hold the account's token.
"""

from __future__ import annotations

import socket
import ssl
import time
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any, Final, Protocol

from .._libraries import urllib3

LARGEST_ANSWER_BYTES: Final = 1 << 30
CONNECT_SECONDS: Final = 20.0
_CHUNK_BYTES: Final = 1 << 16
_PROXY_HINT: Final = "Check proxy and no_proxy (HTTPS_PROXY and NO_PROXY where they are not given), and what the proxy lets through."
_SERVER_HINT: Final = "Check host: it is the address of the API server, usually https://api.CLUSTER:6443, not that of the console."
CERTIFICATE_HINT: Final = (
    "Give the certificate of the authority that signed it as ca_cert, or a kubeconfig that has it. "
    "validate_certs: false reads without this check: then whoever sits between can read the token."
)


@dataclass(frozen=True, slots=True)
class Message:
    """A request. Only its method and path are shown: headers and body may hold what is secret. `path` has its query."""

    method: str
    path: str
    headers: Mapping[str, str] = field(repr=False, default_factory=dict)
    body: bytes | None = field(repr=False, default=None)
    repeated_headers: tuple[tuple[str, str], ...] = field(repr=False, default=())
    """further headers of this request alone; one may be there several times"""


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete answer, unpacked. `headers` has its names in lower case."""

    status: int
    headers: Mapping[str, str] = field(repr=False, default_factory=dict)
    body: bytes = field(repr=False, default=b"")
    received_bytes: int = 0
    """of the body on the wire; less than the body where that came compressed"""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why there is no answer that can be used. `again` where sending the request once more may help."""

    reason: str
    again: bool = True
    code: str = "cluster_unreachable"
    hint: str = "Check that the API server runs, and host, port, proxy and firewall."
    before_contact: bool = False
    """nobody answered at that address, so that nothing can have been changed there"""


class Transport(Protocol):
    """Sends messages to one server."""

    def send(self, message: Message, silence_seconds: float, total_seconds: float) -> Answer | Trouble:
        """The server's answer. Gives up when no byte comes for `silence_seconds`, or after `total_seconds` in all."""

    def close(self) -> None:
        """Closes every connection."""


class PoolTransport:
    """Uses a pool of urllib3, as the Kubernetes client sets it up: its TLS, its client certificate, its proxy.

    It never follows a redirect: the token would go along.
    """

    def __init__(self, pool: Any, base_url: str, repeated_headers: tuple[tuple[str, str], ...] = ()) -> None:
        self._pool = pool
        self._base_url = base_url
        self._repeated_headers = repeated_headers

    def send(self, message: Message, silence_seconds: float, total_seconds: float) -> Answer | Trouble:
        """See `Transport`."""
        end = time.monotonic() + total_seconds
        response = None
        answer: Answer | Trouble
        try:
            response = self._opened(message, silence_seconds)
            answer = _read(response, end)
        except (urllib3.exceptions.HTTPError, OSError, HTTPException, zlib.error, ValueError) as error:
            answer = trouble_of(error, silence_seconds)
        if response is not None:
            self._put_back(response, isinstance(answer, Answer))
        return answer

    def close(self) -> None:
        """See `Transport`."""
        self._pool.clear()

    def _opened(self, message: Message, silence_seconds: float) -> Any:
        """The response with its headers read."""
        headers = urllib3.response.HTTPHeaderDict(message.headers)
        for name, value in (*self._repeated_headers, *message.repeated_headers):
            headers.add(name, value)
        timeout = urllib3.Timeout(connect=min(CONNECT_SECONDS, silence_seconds), read=silence_seconds)
        return self._pool.request(
            message.method,
            self._base_url + message.path,
            body=message.body,
            headers=headers,
            timeout=timeout,
            retries=False,
            redirect=False,
            preload_content=False,
        )

    @staticmethod
    def _put_back(response: Any, is_read: bool) -> None:
        if is_read:
            response.release_conn()
        else:
            response.close()


def _read(response: Any, end: float) -> Answer | Trouble:
    headers = headers_of(response.headers.items())
    unpack = zlib.decompressobj(zlib.MAX_WBITS | 16) if headers.get("content-encoding", "").lower() == "gzip" else None
    # Older versions of urllib3 lack read1, and read until they have as much as was asked for.
    read = getattr(response, "read1", None) or response.read
    body = bytearray()
    received = 0
    while chunk := read(_CHUNK_BYTES, decode_content=False):
        received += len(chunk)
        # Never more than the limit at once, even where a small chunk unpacks to very much.
        body += unpack.decompress(chunk, LARGEST_ANSWER_BYTES - len(body) + 1) if unpack else chunk
        if len(body) > LARGEST_ANSWER_BYTES:
            return Trouble("its answer is larger than any that is expected", False, "cluster_protocol", "Choose a smaller page_size.")
        if time.monotonic() > end:
            return Trouble("its answer did not end in time")
    declared = headers.get("content-length", "")
    if (declared.isdecimal() and received < int(declared)) or (unpack and received and not unpack.eof):
        return Trouble("the answer ended early")
    return Answer(response.status, headers, bytes(body), received)


def headers_of(items: Iterable[tuple[object, object]]) -> dict[str, str]:
    """Headers by their names in lower case. Of warnings there may be several, which become one list; of others the last one counts."""
    found: dict[str, str] = {}
    for name, value in items:
        key = str(name).lower()
        found[key] = f"{found[key]}, {value}" if key == "warning" and key in found else str(value)
    return found


def trouble_of(error: BaseException, silence_seconds: float) -> Trouble:
    """What an error of the connection means to whoever runs this."""
    kinds = urllib3.exceptions
    if isinstance(error, kinds.ProxyError):
        return _by_way_of_proxy(error, silence_seconds)
    cause = _cause(error)
    if isinstance(cause, ssl.SSLError):
        return _tls_trouble(cause)
    if isinstance(cause, socket.gaierror) or isinstance(error, getattr(kinds, "NameResolutionError", ())):
        return Trouble("its name cannot be resolved", before_contact=True)
    if isinstance(cause, ConnectionRefusedError):
        return Trouble("nothing listens there (connection refused)", before_contact=True)
    if isinstance(error, kinds.ConnectTimeoutError) and not isinstance(error, kinds.NewConnectionError):
        return Trouble(f"no connection within {min(CONNECT_SECONDS, silence_seconds):g} s", before_contact=True)
    if isinstance(error, (kinds.TimeoutError, TimeoutError)) and not isinstance(error, kinds.NewConnectionError):
        return Trouble(f"no answer within {silence_seconds:g} s")
    if isinstance(error, kinds.NewConnectionError):
        return Trouble(f"it cannot be reached: {_words(cause)}", before_contact=True)
    return _late_trouble(error, cause)


def _late_trouble(error: BaseException, cause: BaseException) -> Trouble:
    """What went wrong after the connection was made."""
    kinds = urllib3.exceptions
    if isinstance(error, (kinds.LocationValueError, kinds.URLSchemeUnknown)):
        return Trouble("that is no address of a server", False, "cluster_configuration", _SERVER_HINT)
    if isinstance(error, ValueError) and not isinstance(error, kinds.HTTPError):
        hint = "Check api_key and the names to impersonate: they may hold a line feed or other characters that no header can have."
        return Trouble("the request cannot be sent as it is", False, "cluster_configuration", hint)
    if isinstance(cause, FileNotFoundError):
        hint = "Check ca_cert, client_cert and client_key, or those that the kubeconfig names."
        return Trouble("a certificate or key that it names is not there", False, "cluster_configuration", hint)
    if isinstance(error, (zlib.error, kinds.DecodeError)):
        return Trouble("the answer could not be unpacked")
    if isinstance(cause, HTTPException) and type(cause).__name__ == "BadStatusLine":
        return Trouble("the answer is not HTTP", False, "cluster_protocol", _SERVER_HINT)
    if isinstance(cause, OSError) and "Tunnel connection failed" in str(cause):
        return _refused_by_proxy(str(cause))
    if isinstance(error, (kinds.ProtocolError, HTTPException, ConnectionError)):
        return Trouble("the connection was lost")
    if isinstance(cause, OSError):
        return Trouble(_words(cause), before_contact=True)
    return Trouble("the answer is not HTTP", False, "cluster_protocol", _SERVER_HINT)


def _cause(error: BaseException) -> BaseException:
    """The error of the operating system, of TLS or of HTTP that urllib3 wraps."""
    for _step in range(5):
        # urllib3 1.26 names what kept it from connecting in a text alone; the error itself is its context.
        around = error.__context__ if isinstance(error, urllib3.exceptions.NewConnectionError) else None
        inner = [each for each in (*error.args, error.__cause__, around) if isinstance(each, BaseException)]
        if not inner:
            break
        error = inner[0]
    return error


def _words(error: BaseException) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or "the network failed"


def _tls_trouble(error: ssl.SSLError) -> Trouble:
    if isinstance(error, ssl.SSLCertVerificationError):
        return Trouble(f"its certificate is not trusted: {error.verify_message}", False, "cluster_certificate", CERTIFICATE_HINT)
    reason = (error.reason or "").replace("_", " ").lower()
    if isinstance(error, (ssl.SSLEOFError, ssl.SSLZeroReturnError)) or not reason:
        return Trouble("the connection was lost")
    if "wrong version number" in reason or "http request" in reason or "record layer" in reason:
        return Trouble(f"no secure connection could be made ({reason})", False, "cluster_protocol", _SERVER_HINT)
    hint = "Check client_cert and client_key, or those of the kubeconfig: the server may not accept them, or they may not belong together."
    return Trouble(f"no secure connection could be made ({reason})", False, "cluster_certificate", hint)


def _by_way_of_proxy(error: Any, silence_seconds: float) -> Trouble:
    """The proxy may be what is at fault: urllib3 says so of all that happens before the way through it is open."""
    cause = _cause(error)
    if isinstance(cause, ssl.SSLCertVerificationError):
        return _tls_trouble(cause)
    if "Tunnel connection failed" in str(cause):
        return _refused_by_proxy(str(cause))
    inner = getattr(error, "original_error", None) or cause
    if isinstance(inner, urllib3.exceptions.ProxyError):
        inner = cause
    found = trouble_of(inner, silence_seconds)
    return Trouble(f"the proxy cannot be used: {found.reason}", found.again, hint=_PROXY_HINT, before_contact=found.before_contact)


def _refused_by_proxy(text: str) -> Trouble:
    status = text.rpartition("failed:")[2].strip()
    return Trouble(f"the proxy answers {status or 'nothing'}", not status.startswith("4"), hint=_PROXY_HINT, before_contact=True)
