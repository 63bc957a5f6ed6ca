# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers that logins depend on, real ones on this machine with throw-away certificates: each way in which they fail has its word."""

from __future__ import annotations

import importlib.util
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.platform import endpoints
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.platform.endpoints import (
    probe_endpoints,
    probe_ldap,
    probe_oidc,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.endpoints import Endpoint
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import Named, NamedRead, PlatformSnapshot

if importlib.util.find_spec("cryptography") is None or importlib.util.find_spec("urllib3") is None:
    pytest.skip("cryptography or urllib3 is not installed", allow_module_level=True)

from tests.counterparts.cluster.certificates import Certificates, make_certificates
from tests.unit.adapters.directory.servers import dripping_server

SHORT = 0.4
GRANTED = bytes.fromhex("300c02010178070a010004000400")
REFUSED = bytes.fromhex("300c02010178070a013404000400")


@pytest.fixture(scope="module")
def trusted(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("trusted"))


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("other"))


def pem(certificates: Certificates) -> str:
    return certificates.ca.read_text(encoding="utf-8")


def tls(certificates: Certificates) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.serving, certificates.serving_key)
    return context


@contextmanager
def issuer(certificates: Certificates, answer: Callable[[str], tuple[int, bytes]], hold: float = 0.0, drip: float = 0.0) -> Iterator[str]:
    """An https server whose discovery answers so; it may hold its answer back, or send it byte by byte."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = answer(self.path)
            time.sleep(hold)
            self.send_response(status)
            self.send_header("Location", "https://elsewhere.example.com/")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            for piece in [body] if not drip else [body[place : place + 1] for place in range(len(body))]:
                try:
                    self.wfile.write(piece)
                except OSError:
                    return
                time.sleep(drip)

        def log_message(self, *args: Any) -> None:
            """Nothing is logged."""

    class Quiet(ThreadingHTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            """A client that does not trust it ends the connection."""

    server = Quiet(("127.0.0.1", 0), Handler)
    server.socket = tls(certificates).wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"https://localhost:{server.server_address[1]}/realms/corp"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def discovery(url: str, **more: str) -> bytes:
    found = {"issuer": url, "authorization_endpoint": f"{url}/auth", "token_endpoint": f"{url}/token", **more}
    return json.dumps(found).encode()


def state(certificates: Certificates, body: Callable[[str], bytes], *, status: int = 200, ca: str | None = None, **how: Any) -> str:
    """What is seen of an issuer that answers with this body, which is made of its own URL."""
    where: list[str] = []
    with issuer(certificates, lambda _path: (status, body(where[0])), **how) as url:
        where.append(url)
        return probe_oidc(url, pem(certificates) if ca is None else ca, SHORT if how else 5.0).state


def test_issuer_that_answers_as_itself_is_ok(trusted: Certificates) -> None:
    asked: list[str] = []
    where: list[str] = []

    def answer(path: str) -> tuple[int, bytes]:
        asked.append(path)
        return 200, discovery(where[0])

    with issuer(trusted, answer) as url:
        where.append(url)
        assert probe_oidc(url, pem(trusted)).state == "ok"
    assert asked == ["/realms/corp/.well-known/openid-configuration"]


def test_issuer_whose_certificate_the_ca_did_not_sign_is_untrusted(trusted: Certificates, other: Certificates) -> None:
    assert state(trusted, discovery, ca=pem(other)) == "untrusted"
    assert state(trusted, discovery, ca="") == "untrusted"
    assert state(trusted, discovery, ca="-----BEGIN CERTIFICATE-----\nno\n-----END CERTIFICATE-----") == "untrusted"


def test_issuer_with_a_certificate_for_another_name_is_untrusted(trusted: Certificates) -> None:
    with issuer(trusted, lambda _path: (200, b"{}")) as url:
        seen = probe_oidc(url.replace("localhost", "localhost.localdomain"), pem(trusted), 2.0)
        assert seen.state in ("untrusted", "down"), "where that name leads nowhere it is down"
        assert probe_oidc(url.replace("localhost", "127.0.0.2"), pem(trusted), 2.0).state in ("untrusted", "down")


def test_issuer_that_is_not_there_is_down(trusted: Certificates) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    seen = probe_oidc(f"https://localhost:{port}/x", pem(trusted), SHORT)
    assert (seen.state, seen.reason) == ("down", "nothing listens there (connection refused)")
    assert probe_oidc("https://no.such.host.invalid", pem(trusted), SHORT).state in ("down", "slow")


def test_issuer_that_holds_back_or_drips_its_answer_is_slow(trusted: Certificates) -> None:
    assert state(trusted, discovery, hold=1.0) == "slow"
    begun = time.monotonic()
    assert state(trusted, discovery, drip=0.05) == "slow"
    assert time.monotonic() - begun < 10


def test_issuer_that_never_speaks_is_slow(trusted: Certificates) -> None:
    with silent() as port:
        assert probe_oidc(f"https://localhost:{port}", pem(trusted), SHORT).state == "slow"
        assert probe_ldap(f"ldaps://localhost:{port}", pem(trusted), SHORT).state == "slow"
        assert probe_ldap(f"ldap://localhost:{port}", pem(trusted), SHORT).state == "slow"
        assert probe_ldap(f"ldap://localhost:{port}", "", SHORT, insecure=True).state == "ok"


def test_issuer_that_never_ends_a_header_is_slow_and_ends_no_run(trusted: Certificates, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoints, "_GRACE_SECONDS", 0.1)
    ca = Named("v1", "ConfigMap", "openshift-config", "ca")
    snapshot = PlatformSnapshot({}, {ca: NamedRead("read", {"data": {"ca.crt": pem(trusted)}}, ("ca.crt",))})
    with dripping_server(trusted) as port:
        endpoint = Endpoint("oidc", f"https://127.0.0.1:{port}/realms/corp", "ca")
        assert probe_endpoints([endpoint], snapshot, SHORT)[endpoint].state == "slow"


def test_discovery_of_another_issuer_is_the_wrong_one(trusted: Certificates) -> None:
    assert state(trusted, lambda url: discovery(f"{url}/")) == "wrong issuer"
    assert state(trusted, lambda _url: discovery("https://staff.example.com")) == "wrong issuer"
    assert state(trusted, lambda _url: b"{}") == "wrong issuer"


@pytest.mark.parametrize("status", [302, 404, 500, 503])
def test_other_answers_are_no_discovery_and_redirects_are_not_followed(trusted: Certificates, status: int) -> None:
    assert state(trusted, discovery, status=status) == "no discovery"


def test_what_is_no_json_or_lacks_endpoints_is_no_discovery(trusted: Certificates) -> None:
    assert state(trusted, lambda _url: b"<html>log in</html>") == "no discovery"
    assert state(trusted, lambda _url: b"[]") == "no discovery"
    assert state(trusted, lambda _url: b"x" * (3 << 20)) == "no discovery"
    assert state(trusted, lambda url: discovery(url, token_endpoint="http://plain.example.com")) == "no discovery"


# ---- LDAP ------------------------------------------------------------------------------------------------------------


@contextmanager
def silent() -> Iterator[int]:
    """A server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def _served(server: socket.socket, answer: bytes, certificates: Certificates | None) -> bool:
    """Serves one client; False where it or the server went away."""
    try:
        plain, _address = server.accept()
        with plain:
            if answer and plain.recv(512).endswith(b"1.3.6.1.4.1.1466.20037"):
                plain.sendall(answer[:3])
                time.sleep(0.01)
                plain.sendall(answer[3:])
            if certificates is not None:
                tls(certificates).wrap_socket(plain, server_side=True).close()
    except OSError:
        return False
    return True


@contextmanager
def directory(answer: bytes, certificates: Certificates | None) -> Iterator[int]:
    """A server that answers the first request so, in pieces, and speaks TLS then; without a first answer it does so at once."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while _served(server, answer, certificates) or server.fileno() >= 0:
                pass

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


def test_directory_with_tls_at_once_is_ok_or_untrusted(trusted: Certificates, other: Certificates) -> None:
    with directory(b"", trusted) as port:
        assert probe_ldap(f"ldaps://localhost:{port}/dc=x?uid", pem(trusted), 5.0).state == "ok"
        assert probe_ldap(f"ldaps://localhost:{port}/dc=x?uid", pem(other), 5.0).state == "untrusted"


def test_directory_that_begins_tls_when_asked_is_ok_or_untrusted(trusted: Certificates, other: Certificates) -> None:
    with directory(GRANTED, trusted) as port:
        assert probe_ldap(f"ldap://localhost:{port}", pem(trusted), 5.0).state == "ok"
        assert probe_ldap(f"ldap://localhost:{port}", pem(other), 5.0).state == "untrusted"


def test_directory_without_tls_is_told(trusted: Certificates) -> None:
    with directory(REFUSED, None) as port:
        seen = probe_ldap(f"ldap://localhost:{port}", pem(trusted), 5.0)
        assert (seen.state, seen.reason) == ("no TLS", "it refuses StartTLS (result 52)")
        assert probe_ldap(f"ldaps://localhost:{port}", pem(trusted), 5.0).state in ("no TLS", "down")
    with directory(b"HTTP/1.1 400 Bad Request\r\n\r\n" + b" " * 80, None) as port:
        assert probe_ldap(f"ldap://localhost:{port}", pem(trusted), 5.0).state == "no TLS"


def test_directory_that_is_not_there_is_down(trusted: Certificates) -> None:
    with silent() as port:
        pass
    assert probe_ldap(f"ldaps://localhost:{port}", pem(trusted), SHORT).state == "down"
    assert probe_ldap("ldaps://no.such.host.invalid", pem(trusted), SHORT).state in ("down", "slow")


def test_all_are_probed_and_those_whose_ca_is_not_known_are_left_out(trusted: Certificates, tmp_path: Path) -> None:
    ca = Named("v1", "ConfigMap", "openshift-config", "ca")
    with directory(b"", trusted) as port:
        known, lost = Endpoint("ldap", f"ldaps://localhost:{port}", "ca"), Endpoint("ldap", f"ldaps://localhost:{port}", "lost")
        snapshot = PlatformSnapshot({}, {ca: NamedRead("read", {"data": {"ca.crt": pem(trusted)}}, ("ca.crt",))})
        seen = probe_endpoints([known, lost], snapshot, 5.0)
    assert {endpoint: found.state for endpoint, found in seen.items()} == {known: "ok"}
    assert list(tmp_path.iterdir()) == []
