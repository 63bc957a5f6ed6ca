# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Small servers on this machine that behave badly in one way each."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.counterparts.cluster.certificates import Certificates

OTHER_HOST = "127.0.0.2"
"""of this machine, and in no certificate"""


@contextmanager
def bad_server(answer: bytes | None, certificates: Certificates | None = None, host: str = "127.0.0.1") -> Iterator[int]:
    """A server that takes what comes and answers so, None for never; with certificates it speaks TLS. Gives its port."""
    listener = socket.create_server((host, 0))
    context = None
    if certificates is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificates.serving, certificates.serving_key)
    kept: list[socket.socket] = []

    def serve() -> None:
        while True:
            try:
                taken, _address = listener.accept()
            except OSError:
                return
            kept.append(taken)
            try:
                if context:
                    taken = context.wrap_socket(taken, server_side=True)
                    kept.append(taken)
                _answered(taken, answer)
            except OSError:
                continue

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for each in kept:
            each.close()
        thread.join(5)


@contextmanager
def dripping_server(certificates: Certificates) -> Iterator[int]:
    """A server that speaks TLS and sends the first line of HTTP, then a header without an end, a letter now and then. Gives its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.serving, certificates.serving_key)
    listener = socket.create_server(("127.0.0.1", 0))
    is_over = threading.Event()

    def serve() -> None:
        while True:
            try:
                taken = context.wrap_socket(listener.accept()[0], server_side=True)
            except OSError:
                if is_over.is_set():
                    return
                continue
            threading.Thread(target=drip, args=(taken,), daemon=True).start()

    def drip(taken: ssl.SSLSocket) -> None:
        with suppress(OSError), taken:
            taken.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
            while not is_over.wait(0.05):
                taken.sendall(b"x")

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        is_over.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def _answered(taken: socket.socket, answer: bytes | None) -> None:
    if answer is not None:
        taken.recv(4096)
        taken.sendall(answer)
        # The request may come in pieces; to close before the last one was taken would take the answer back.
        taken.settimeout(0.2)
        with suppress(TimeoutError):
            while taken.recv(4096):
                pass
        taken.close()


def closed_port() -> int:
    """A port at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def nothing(folder: Path) -> Path:
    """A file that is no certificate."""
    path = folder / "nothing.pem"
    path.write_text("nothing\n", encoding="utf-8")
    return path
