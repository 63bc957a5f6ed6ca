# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTPS to one server of this machine, and the other small things that both counterparts share."""

from __future__ import annotations

import json
import os
import signal
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

TIMEOUT_SECONDS = 60.0


class IdentityError(RuntimeError):
    """A counterpart did not start, or refused what a test needs."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server answered, whatever it was."""

    status: int
    headers: Mapping[str, str]
    """by lower-case name"""
    body: Any
    """the JSON value; the text where it is none, None where it is empty"""


def ask(ca_path: Path, method: str, url: str, body: bytes | None, headers: Mapping[str, str], seconds: float = TIMEOUT_SECONDS) -> Reply:
    """One request, past every proxy; an OSError when there is no answer."""
    context = ssl.create_default_context(cafile=str(ca_path))
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
    request = urllib.request.Request(url, method=method, data=body, headers=dict(headers))
    try:
        with opener.open(request, timeout=seconds) as answer:
            return _reply(answer.status, dict(answer.headers), answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return _reply(error.code, dict(error.headers), error.read())


def _reply(status: int, headers: Mapping[str, str], raw: bytes) -> Reply:
    try:
        body = json.loads(raw) if raw else None
    except ValueError:
        body = raw.decode(errors="replace")
    return Reply(status, {name.lower(): value for name, value in headers.items()}, body)


def post_form(ca_path: Path, url: str, **fields: str) -> Reply:
    """Posts a form, as token endpoints take it."""
    return ask(ca_path, "POST", url, urlencode(fields).encode(), {"Content-Type": "application/x-www-form-urlencoded"})


@contextmanager
def frozen(pid: int) -> Iterator[None]:
    """That process accepts connections for as long as the block lasts, but answers nothing."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)
