# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One HTTP exchange: what comes back, and what each way to fail means."""

from __future__ import annotations

import gzip
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import BadStatusLine, HTTPConnection, HTTPResponse, IncompleteRead, RemoteDisconnected
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.vsphere import transport
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.vsphere.transport import (
    Answer,
    Message,
    StubTransport,
    Trouble,
    trouble_of,
)

MESSAGE = Message("POST", "/sdk", {"SOAPAction": "x"}, b"<hello/>")


def plain_stub(port: int) -> SimpleNamespace:
    """The part of pyVmomi's stub that is used, without TLS."""
    pool: list[HTTPConnection] = []
    arguments: dict[str, Any] = {}

    def get() -> HTTPConnection:
        if pool:
            return pool.pop()
        connection = HTTPConnection("127.0.0.1", port, timeout=arguments["timeout"])
        connection.connect()
        return connection

    def drop() -> None:
        while pool:
            pool.pop().close()

    return SimpleNamespace(schemeArgs=arguments, GetConnection=get, ReturnConnection=pool.append, DropConnections=drop, pool=pool)


def read_request(one: socket.socket) -> None:
    request = b""
    while not request.endswith(MESSAGE.body):
        piece = one.recv(65536)
        if not piece:
            return
        request += piece


@contextmanager
def serving(*answers: bytes, after: Callable[[socket.socket], None] = lambda one: None) -> Iterator[StubTransport]:
    """A server that reads one request per answer and sends these bytes, whatever they are, on one connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            one, _address = listener.accept()
            with one:
                for answer in answers:
                    read_request(one)
                    one.sendall(answer)
                after(one)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        sender = StubTransport(plain_stub(listener.getsockname()[1]))
        yield sender
        sender.close()
        thread.join(10)


def http(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def body_of(answer: Answer | Trouble) -> bytes:
    assert isinstance(answer, Answer)
    return b"".join(answer.chunks)


def test_answers_come_over_one_connection_that_is_kept() -> None:
    cookie = 'Set-Cookie: vmware_soap_session="abc"; Path=/'
    with serving(http(b"one", cookie), http(b"two", status="500 Oops")) as sender:
        first = sender.send(MESSAGE, 5, 5)
        second = sender.send(MESSAGE, 5, 5)
    assert (body_of(first), body_of(second)) == (b"one", b"two")
    assert isinstance(first, Answer)
    assert isinstance(second, Answer)
    assert (first.status, second.status) == (200, 500)
    assert first.cookies == ('vmware_soap_session="abc"; Path=/',)


def test_compressed_answer_is_unpacked_and_its_bytes_are_those_of_the_wire() -> None:
    packed = gzip.compress(b"x" * 100_000)
    with serving(http(packed, "Content-Encoding: gzip")) as sender:
        answer = sender.send(MESSAGE, 5, 5)
    assert body_of(answer) == b"x" * 100_000
    assert isinstance(answer, Answer)
    assert answer.received_bytes == len(packed)


def test_answer_that_unpacks_to_more_than_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "LARGEST_ANSWER_BYTES", 1000)
    with serving(http(gzip.compress(bytes(1_000_000)), "Content-Encoding: gzip")) as sender:
        answer = sender.send(MESSAGE, 5, 5)
    assert isinstance(answer, Trouble)
    assert (answer.again, answer.code) == (False, "vcenter_protocol")


@pytest.mark.parametrize(
    "sent",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\nhalf",
        http(gzip.compress(b"x" * 1000)[:-9], "Content-Encoding: gzip"),
    ],
    ids=["counted", "chunked", "compressed"],
)
def test_answer_that_ends_early_is_a_trouble_that_may_pass(sent: bytes) -> None:
    with serving(sent) as sender:
        answer = sender.send(MESSAGE, 5, 5)
    assert answer == Trouble("the answer ended early")


def test_answer_that_cannot_be_unpacked_is_a_trouble_that_may_pass() -> None:
    with serving(http(b"not packed at all", "Content-Encoding: gzip")) as sender:
        assert sender.send(MESSAGE, 5, 5) == Trouble("the answer could not be unpacked")


def test_connection_that_was_lost_is_opened_anew() -> None:
    with serving(http(b"one")) as sender:
        assert body_of(sender.send(MESSAGE, 5, 5)) == b"one"
        second = sender.send(MESSAGE, 5, 5)
    assert isinstance(second, Trouble)
    assert second.again


def test_silence_of_the_server_is_a_trouble() -> None:
    quiet = threading.Event()
    with serving(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", after=lambda one: quiet.wait(5) and None) as sender:
        answer = sender.send(MESSAGE, 0.05, 5)
        quiet.set()
    assert answer == Trouble("no answer within 0.05 s")


def test_bytes_that_trickle_are_not_waited_for_beyond_the_time_in_all() -> None:
    done = threading.Event()

    def trickle(one: socket.socket) -> None:
        try:
            while not done.wait(0.01):
                one.sendall(b"x")
        except OSError:
            return

    with serving(b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n", after=trickle) as sender:
        answer = sender.send(MESSAGE, 5, 0.2)
        done.set()
    assert isinstance(answer, Trouble)
    assert answer.again


def test_exchange_of_another_thread_can_be_ended() -> None:
    reached, done = threading.Event(), threading.Event()

    def hang(_one: socket.socket) -> None:
        reached.set()
        done.wait(10)

    answers: list[Answer | Trouble] = []
    with serving(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", after=hang) as sender:
        thread = threading.Thread(target=lambda: answers.append(sender.send(MESSAGE, 30, 30)))
        thread.start()
        reached.wait(10)
        sender.abort()
        thread.join(10)
        done.set()
    assert [isinstance(answer, Trouble) and answer.again for answer in answers] == [True]


def test_connection_that_was_ended_as_its_answer_was_complete_is_not_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the next request, which may be the one that logs out, would get no answer."""
    read = transport._read
    with serving(http(b"one")) as first, serving(http(b"two")) as second:

        def read_and_end(response: HTTPResponse) -> Answer | Trouble:
            answer = read(response)
            first.abort()
            return answer

        monkeypatch.setattr(transport, "_read", read_and_end)
        assert body_of(first.send(MESSAGE, 5, 5)) == b"one"
        assert not first._stub.pool
        monkeypatch.undo()
        assert body_of(second.send(MESSAGE, 5, 5)) == b"two"
        assert second._stub.pool


def certificate_error() -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_message = "self-signed certificate"
    return error


def tls_error(reason: str) -> ssl.SSLError:
    error = ssl.SSLError(1, reason)
    error.reason = reason
    return error


@pytest.mark.parametrize(
    ("error", "reason", "again", "code"),
    [
        (certificate_error(), "its certificate is not trusted: self-signed certificate", False, "vcenter_certificate"),
        (tls_error("WRONG_VERSION_NUMBER"), "no secure connection could be made (wrong version number)", False, "vcenter_protocol"),
        (ssl.SSLEOFError(8, "EOF"), "the connection was lost", True, "vcenter_unreachable"),
        (socket.gaierror(-2, "Name or service not known"), "its name cannot be resolved", True, "vcenter_unreachable"),
        (ConnectionRefusedError(111, "refused"), "nothing listens there (connection refused)", True, "vcenter_unreachable"),
        (TimeoutError("timed out"), "no answer within 60 s", True, "vcenter_unreachable"),
        (ConnectionResetError(104, "reset"), "the connection was lost", True, "vcenter_unreachable"),
        (RemoteDisconnected("closed"), "the connection was lost", True, "vcenter_unreachable"),
        (IncompleteRead(b"half"), "the answer ended early", True, "vcenter_unreachable"),
        (
            OSError("Tunnel connection failed: 407 Proxy Authentication Required"),
            "the proxy answers 407 Proxy Authentication Required",
            False,
            "vcenter_unreachable",
        ),
        (OSError("Tunnel connection failed: 503 Busy"), "the proxy answers 503 Busy", True, "vcenter_unreachable"),
        (OSError(113, "No route to host"), "No route to host", True, "vcenter_unreachable"),
        (BadStatusLine("SSH-2.0"), "the answer is not HTTP", True, "vcenter_protocol"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_each_way_to_fail_is_told_in_words_with_what_to_do(error: Exception, reason: str, again: bool, code: str) -> None:
    trouble = trouble_of(error, 60)
    assert (trouble.reason, trouble.again, trouble.code) == (reason, again, code)
    assert trouble.hint


def test_hint_for_a_certificate_names_both_ways_and_what_the_second_costs() -> None:
    hint = trouble_of(certificate_error(), 60).hint
    assert "ca_path" in hint
    assert "validate_certs: false" in hint
    assert "password" in hint
