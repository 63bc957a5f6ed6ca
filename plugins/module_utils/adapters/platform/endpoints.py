# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks the servers that logins depend on whether they would work: OpenID discovery, and the TLS of a directory.

Nobody logs in, and no secret is sent. It is seen from the host that runs the collection, which may have other ways and other
trusted authorities than the cluster.
"""

from __future__ import annotations

import json
import socket
import ssl
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final
from urllib.parse import urlsplit

from ...platform.identity.endpoints import (
    DOWN,
    NO_DISCOVERY,
    NO_TLS,
    OIDC_KIND,
    OK,
    SLOW,
    UNTRUSTED,
    WRONG_ISSUER,
    Endpoint,
    EndpointSeen,
    ca_text,
)
from ...platform.snapshot import PlatformSnapshot
from .._libraries import urllib3
from ..cluster.transport import trouble_of
from ..directory.deadline import within

TIMEOUT_SECONDS: Final = 10.0
WELL_KNOWN: Final = "/.well-known/openid-configuration"
"""OpenID Connect Discovery, section 4."""

_LARGEST_BYTES: Final = 1 << 20
_CHUNK_BYTES: Final = 1 << 14
_AT_A_TIME: Final = 4
_GRACE_SECONDS: Final = 1.0
"""For the probe's own words on what was late, which say more."""

_LDAPS_PORT, _LDAP_PORT = 636, 389
_START_TLS: Final = b"\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037"
"""The extended request for TLS as message 1 (RFC 4511, sections 4.12 and 4.14)."""

_EXTENDED_ANSWER: Final = 0x78
_ENUMERATED: Final = b"\x0a\x01"


def probe_endpoints(
    endpoints: Iterable[Endpoint], snapshot: PlatformSnapshot, timeout: float = TIMEOUT_SECONDS
) -> dict[Endpoint, EndpointSeen]:
    """What was seen of each server, some at a time. One whose CA is not known is left out."""
    wanted = [(endpoint, text) for endpoint in sorted(set(endpoints)) if (text := ca_text(endpoint, snapshot)) is not None]
    with ThreadPoolExecutor(_AT_A_TIME, thread_name_prefix="endpoint") as pool:
        seen = pool.map(lambda pair: _probe(pair[0], pair[1], timeout), wanted)
        return {endpoint: found for (endpoint, _text), found in zip(wanted, seen, strict=True)}


def _probe(endpoint: Endpoint, ca_pem: str, timeout: float) -> EndpointSeen:
    def work() -> EndpointSeen:
        if endpoint.kind == OIDC_KIND:
            return probe_oidc(endpoint.url, ca_pem, timeout)
        return probe_ldap(endpoint.url, ca_pem, timeout, insecure=endpoint.insecure)

    return within(timeout + _GRACE_SECONDS, work, EndpointSeen(SLOW, f"its answer did not end within {timeout:g} s"))


# ---- OpenID ----------------------------------------------------------------------------------------------------------


def probe_oidc(issuer: str, ca_pem: str = "", timeout: float = TIMEOUT_SECONDS) -> EndpointSeen:
    """Whether the issuer's discovery answers within so many seconds, trusted by that CA (by the host's without one), as that issuer.

    A redirect is not followed: OpenShift's operator takes none either (cluster-authentication-operator, idp_conversions.go).
    """
    context = _context(ca_pem)
    if isinstance(context, EndpointSeen):
        return context
    pool = urllib3.PoolManager(ssl_context=context, retries=False)
    try:
        return _discovery(pool, issuer, time.monotonic() + timeout, timeout)
    finally:
        pool.clear()


def _discovery(pool: Any, issuer: str, end: float, timeout: float) -> EndpointSeen:
    response = None
    try:
        response = pool.request(
            "GET",
            issuer.rstrip("/") + WELL_KNOWN,
            headers={"Accept": "application/json"},
            timeout=urllib3.Timeout(total=timeout),
            redirect=False,
            retries=False,
            preload_content=False,
        )
        body = _body(response, end)
    except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
        return _trouble(error, timeout)
    finally:
        if response is not None:
            response.close()
    if body is None:
        return EndpointSeen(SLOW, f"its answer did not end within {timeout:g} s")
    if response.status != 200:
        return EndpointSeen(NO_DISCOVERY, f"HTTP {response.status}")
    return _judged(body, issuer)


def _body(response: Any, end: float) -> bytes | None:
    """The answer's body as far as it is looked at; None where it did not end in time."""
    read = getattr(response, "read1", None) or response.read
    body = bytearray()
    while len(body) <= _LARGEST_BYTES:
        if time.monotonic() > end:
            return None
        chunk = read(_CHUNK_BYTES)
        if not chunk:
            break
        body += chunk
    return bytes(body)


def _judged(body: bytes, issuer: str) -> EndpointSeen:
    try:
        found = json.loads(body)
    except ValueError:
        return EndpointSeen(NO_DISCOVERY, "what answers is no JSON")
    if not isinstance(found, dict):
        return EndpointSeen(NO_DISCOVERY, "what answers is no JSON object")
    named = found.get("issuer")
    if named != issuer:
        return EndpointSeen(WRONG_ISSUER, f"its discovery names {str(named)[:200]!r}")
    for key in ("authorization_endpoint", "token_endpoint"):
        if not str(found.get(key) or "").startswith("https://"):
            return EndpointSeen(NO_DISCOVERY, f"it has no {key} that begins with https://")
    return EndpointSeen(OK, "its discovery answers, and names this issuer")


def _trouble(error: BaseException, timeout: float) -> EndpointSeen:
    """What went wrong with a connection, as a state and in words."""
    found = trouble_of(error, timeout)
    if found.code == "cluster_certificate":
        return EndpointSeen(UNTRUSTED, found.reason)
    is_late = isinstance(error, (urllib3.exceptions.TimeoutError, TimeoutError)) and not found.before_contact
    return EndpointSeen(SLOW if is_late else DOWN, found.reason)


def _context(ca_pem: str) -> ssl.SSLContext | EndpointSeen:
    """How the server's certificate is checked: with this CA and no other where one is given."""
    try:
        return ssl.create_default_context(cadata=ca_pem) if ca_pem else ssl.create_default_context()
    except (ssl.SSLError, ValueError):
        return EndpointSeen(UNTRUSTED, "its CA holds no certificate that can be used")


# ---- LDAP ------------------------------------------------------------------------------------------------------------


def probe_ldap(url: str, ca_pem: str = "", timeout: float = TIMEOUT_SECONDS, *, insecure: bool = False) -> EndpointSeen:
    """Whether the directory takes connections, by TLS unless it is `insecure`: at once with ldaps, by StartTLS with ldap.

    So does the OAuth server (config.openshift.io/v1 OAuth, ldap.insecure). Nothing is searched, and nobody is bound.
    """
    parts = urlsplit(url)
    is_tls = parts.scheme == "ldaps"
    context = _context(ca_pem)
    if isinstance(context, EndpointSeen):
        return context
    host, port = parts.hostname or "", parts.port or (_LDAPS_PORT if is_tls else _LDAP_PORT)
    end = time.monotonic() + timeout
    try:
        with socket.create_connection((host, port), timeout=timeout) as plain:
            return _secured(plain, context, host, end, start=not is_tls) if is_tls or not insecure else EndpointSeen(OK, "it listens")
    except OSError as error:
        return _ldap_trouble(error, timeout)


def _secured(plain: socket.socket, context: ssl.SSLContext, host: str, end: float, *, start: bool) -> EndpointSeen:
    if start and (refusal := _start_tls(plain, end)):
        return EndpointSeen(NO_TLS, refusal)
    plain.settimeout(max(0.01, end - time.monotonic()))
    try:
        with context.wrap_socket(plain, server_hostname=host):
            return EndpointSeen(OK, "it answers by TLS, and its certificate is trusted")
    except TimeoutError:
        return EndpointSeen(SLOW, "its TLS did not begin in time")


def _start_tls(plain: socket.socket, end: float) -> str:
    """Asks for TLS; why it is refused, empty where it is granted."""
    plain.sendall(_START_TLS)
    answer = b""
    while len(answer) < 2 or len(answer) < 2 + answer[1]:
        plain.settimeout(max(0.01, end - time.monotonic()))
        more = plain.recv(512)
        if not more or len(answer) > 4096:
            return "it ends the connection when it is asked for TLS"
        answer += more
    code = answer.find(_ENUMERATED)
    if answer[:1] != b"\x30" or bytes([_EXTENDED_ANSWER]) not in answer[:8] or code < 0 or len(answer) <= code + 2:
        return "what answers is no LDAP server"
    return "" if answer[code + 2] == 0 else f"it refuses StartTLS (result {answer[code + 2]})"


def _ldap_trouble(error: OSError, timeout: float) -> EndpointSeen:
    if isinstance(error, ssl.SSLCertVerificationError):
        return EndpointSeen(UNTRUSTED, f"its certificate is not trusted: {error.verify_message}")
    if isinstance(error, ssl.SSLError):
        return EndpointSeen(NO_TLS, f"no secure connection could be made ({(error.reason or 'no reason').replace('_', ' ').lower()})")
    if isinstance(error, socket.gaierror):
        return EndpointSeen(DOWN, "its name cannot be resolved")
    if isinstance(error, ConnectionRefusedError):
        return EndpointSeen(DOWN, "nothing listens there (connection refused)")
    if isinstance(error, TimeoutError):
        return EndpointSeen(SLOW, f"no answer within {timeout:g} s")
    return EndpointSeen(DOWN, error.strerror or "the network failed")
