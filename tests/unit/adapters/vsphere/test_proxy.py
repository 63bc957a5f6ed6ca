# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong on the way through a proxy is said of the proxy, not of the vCenter behind it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.vsphere.connection import Connection, Endpoint, Timing
from ansible_collections.groundwork.readiness.plugins.module_utils.common.errors import ReadinessError

VCENTER = "vc-north.example.com"


@contextmanager
def listening(answer: bytes | None) -> Iterator[int]:
    """A port on which each caller gets that answer once it asked; None hangs up without a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    caller, _address = server.accept()
                except OSError:
                    return
                with caller:
                    caller.recv(4096)
                    if answer:
                        caller.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join(5)


def refused(port: int, proxy_host: str = "127.0.0.1") -> ReadinessError:
    """The error with which a session through that proxy ends."""
    endpoint = Endpoint(VCENTER, username="reader", password="canary-password-1", proxy_host=proxy_host, proxy_port=port)
    with pytest.raises(ReadinessError) as caught, Connection(endpoint, Timing(5, attempts=2), sleep=lambda _seconds: None):
        pass
    assert "canary-password-1" not in caught.value.text()
    return caught.value


def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def test_proxy_that_does_not_run_is_named_with_its_port() -> None:
    port = unused_port()
    error = refused(port)
    assert error.message == f"{VCENTER}: the proxy 127.0.0.1:{port} cannot be reached: nothing listens there (connection refused)"
    assert (error.code, error.subject) == ("vcenter_unreachable", VCENTER)
    assert "proxy_host and proxy_port" in error.hint


def test_proxy_whose_name_is_unknown_is_named() -> None:
    error = refused(3128, "proxy.invalid")
    assert error.message.startswith(f"{VCENTER}: the proxy proxy.invalid:3128 cannot be reached: ")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"HTTP/1.1 403 Forbidden\r\n\r\n", "the proxy {proxy} answers 403 Forbidden"),
        (b"HTTP/1.1 502 Bad Gateway\r\n\r\n", "the proxy {proxy} answers 502 Bad Gateway (in each of 2 attempts)"),
        (None, "the connection was lost, by way of the proxy {proxy} (in each of 2 attempts)"),
        (b"220 mail.example.com\r\n", "the answer is not HTTP, by way of the proxy {proxy} (in each of 2 attempts)"),
    ],
    ids=["refuses", "cannot reach the server", "hangs up", "is no proxy"],
)
def test_proxy_that_brings_no_answer_is_named(answer: bytes | None, words: str) -> None:
    with listening(answer) as port:
        error = refused(port)
    assert error.message == f"{VCENTER}: {words.format(proxy=f'127.0.0.1:{port}')}"
    assert "proxy_host and proxy_port" in error.hint


def test_server_is_named_where_no_proxy_is_on_the_way() -> None:
    port = unused_port()
    with pytest.raises(ReadinessError) as caught, Connection(Endpoint("127.0.0.1", port)):
        pass
    assert caught.value.message == f"127.0.0.1:{port}: nothing listens there (connection refused)"
