# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests to one API server: sent again where that may help, counted, and ended by the deadline.

Reading and writing share it. What the server refuses is an `ApiFault`, for the caller to judge; what no caller can mend,
from a server that is not there to a login that it does not accept, is a `ReadinessError`.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any, Final
from urllib.parse import urlencode

from ...common.artifact import JsonRecord
from ...common.errors import ReadinessError
from ...common.version import COLLECTION_VERSION
from .._libraries import orjson
from ..vsphere.endpoint import Timing
from .access import Access
from .transport import Answer, Message, PoolTransport, Transport, Trouble

__all__ = ["ApiConnection", "ApiFault", "Timing"]

JSON: Final = "application/json"
UNTYPED: Final = "failed to create typed"
"""In the answer to an apply with fields that the schema does not have: a 500, which stays one however often it is sent."""

BUSY: Final = frozenset({429, 500, 502, 503, 504})
"""Answers after which the same request may succeed. Of these, 429 alone says for certain that nothing was done."""

_WARNING: Final = re.compile(r'\d{3} \S+ "((?:[^"\\]|\\.)*)"')
_SECRET_LETTERS: Final = 4
"""Shorter secrets are not looked for in texts: they would be found in every word."""
_LONGEST_WORDS: Final = 2000
_LOGIN_HINT: Final = (
    "Renew the token (oc login, or a service account's) and give it as api_key or in the kubeconfig. "
    "API servers take no user name with a password."
)
_DEADLINE_HINT: Final = "Allow more with deadline_minutes; a smaller page_size helps a server that is slow to answer."
_PROTOCOL_HINT: Final = "Check host: is it the address of the API server? Does a proxy or a login page answer in its place?"


class ApiFault(Exception):
    """What the API server refused, in its own words: the Status that it answered with."""

    def __init__(self, code: int, reason: str, message: str, details: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.code = code
        """of HTTP: 403, 404, 409, 410, 422, …"""
        self.reason = reason
        """the server's word for it, such as Forbidden or Conflict; empty where it has none"""
        self.message = message
        self.details: Mapping[str, Any] = details or {}
        """causes with field and message, and what the object is"""


@dataclass(slots=True)
class Calls:
    """Requests so far, each attempt counted; `writes` are those that could change something."""

    all: int = 0
    writes: int = 0
    received_bytes: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def add(self, is_write: bool, outcome: Answer | Trouble) -> None:
        """Counts an attempt."""
        with self.lock:
            self.all += 1
            self.writes += is_write
            self.received_bytes += outcome.received_bytes if isinstance(outcome, Answer) else 0


class ApiConnection:
    """One account at one API server. Requests may be made from several threads; leave the block to close the connections."""

    def __init__(
        self,
        access: Access,
        timing: Timing | None = None,
        *,
        transport: Transport | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] | None = None,
    ) -> None:
        self.access = access
        self.timing = timing or Timing()
        self.calls = Calls()
        self._transport = transport or PoolTransport(access.pool, access.url, access.headers)
        self._clock = clock
        self._stopped = threading.Event()
        self._wait = sleep or self._stopped.wait
        self._started = clock()
        self._was_reached = False
        self._authorization = ""

    def __enter__(self) -> ApiConnection:
        self._started = self._clock()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()
        self._transport.close()

    def request(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | list[Any] | bytes | None = None,
        content_type: str = JSON,
        *,
        accept: str = JSON,
        warned: Callable[[str], object] | None = None,
        headers: tuple[tuple[str, str], ...] = (),
    ) -> JsonRecord:
        """The object that the server answers with.

        `path` begins with a slash, `body` becomes JSON unless it is bytes; `warned` is told each warning of the answer; `headers` go
        with this request beside those of every request, and one may be there several times.
        A request that may have been carried out is sent again only where doing it twice comes to the same: a creation is
        not, unless it is a dry run. Raises ApiFault where the server refuses, ReadinessError where there is no answer that can be used.
        """
        target = f"{path}?{urlencode(query)}" if query else path
        usual = {"Accept": accept, "Accept-Encoding": "gzip", "User-Agent": f"groundwork.readiness/{COLLECTION_VERSION}"}
        payload = body if body is None or isinstance(body, bytes) else orjson.dumps(body)
        if payload is not None:
            usual["Content-Type"] = content_type
        is_dry = bool(query and query.get("dryRun"))
        message = Message(method, target, usual, payload, headers)
        exchange = _Exchange(message, method != "GET" and not is_dry, method != "POST" or is_dry)
        answer = self._answer(exchange)
        if warned is not None:
            for text in _warnings(answer):
                warned(self.scrubbed(text)[:_LONGEST_WORDS])
        if answer.status < 300:
            return self._object(answer)
        raise self._fault(answer)

    def get(self, path: str, query: Mapping[str, str] | None = None, *, accept: str = JSON) -> JsonRecord:
        """What is there: see `request`."""
        return self.request("GET", path, query, accept=accept)

    def reaches_the_server(self) -> bool:
        """Whether the server answers at all just now, asked once."""
        if self.remaining() <= 0:
            return False
        return isinstance(self._attempt(_Exchange(Message("GET", "/version", {"Accept": JSON}), False, True)), Answer)

    def remaining(self) -> float:
        """Seconds until the deadline; below zero once it is over."""
        return self.timing.deadline_seconds - (self._clock() - self._started)

    def stop(self) -> None:
        """Has every further attempt fail, and wakes those that wait for one."""
        self._stopped.set()

    def error(self, reason: str, code: str = "cluster_protocol", hint: str = _PROTOCOL_HINT) -> ReadinessError:
        """A ReadinessError that names this server and holds no secret."""
        place = self.access.place
        return ReadinessError(code, f"{place}: {self.scrubbed(reason)}", subject=place, hint=hint)

    def scrubbed(self, text: str) -> str:
        """A text of the server without the account's secrets, should it repeat them."""
        for secret in sorted({*self.access.secrets, self._authorization.rpartition(" ")[2]}, key=len, reverse=True):
            if len(secret) >= _SECRET_LETTERS:
                text = text.replace(secret, "***")
        return text

    # ---- attempts ----------------------------------------------------------------------------------------------------

    def _answer(self, exchange: _Exchange) -> Answer:
        """The first answer that is final, or the last one of all attempts."""
        outcome: Answer | Trouble = Trouble("no attempt is allowed", False)
        attempts = 0
        for pause in (*self.timing.pauses(), None):
            outcome = self._attempt(exchange)
            attempts += 1
            again = self._again(exchange, outcome)
            if again is None or pause is None:
                break
            self._pause(pause, again)
        if isinstance(outcome, Answer):
            return outcome
        reason = f"{outcome.reason} (in each of {attempts} attempts)" if attempts > 1 else outcome.reason
        if exchange.is_write and not outcome.before_contact:
            reason += "; whether the request was carried out is not known"
        raise self.error(reason, outcome.code, outcome.hint)

    def _again(self, exchange: _Exchange, outcome: Answer | Trouble) -> float | None:
        """How long to wait at least before the request is sent again; None where that is no use, or could do harm."""
        if isinstance(outcome, Answer):
            if outcome.status not in BUSY or (outcome.status != 429 and not exchange.is_repeatable) or _stays(outcome):
                return None
            wanted = outcome.headers.get("retry-after", "")
            return float(wanted) if wanted.isdecimal() else 0.0
        if not outcome.again or (outcome.before_contact and not self._was_reached):
            return None
        return 0.0 if exchange.is_repeatable or outcome.before_contact else None

    def _pause(self, usual: float, asked: float) -> None:
        left = self.remaining()
        if asked >= left:
            raise self._too_late(f"the server asks to wait for {asked:g} s, which is longer than there is time")
        self._wait(max(0.0, min(max(usual, asked), left)))

    def _attempt(self, exchange: _Exchange) -> Answer | Trouble:
        left = self.remaining()
        if left <= 0:
            raise self._too_late()
        if self._stopped.is_set():
            raise self.error("the reading was stopped", "cluster_unreachable", "Run it again.")
        headers = {**exchange.message.headers, **self._login()}
        outcome = self._transport.send(replace(exchange.message, headers=headers), min(self.timing.request_seconds, left), left)
        self.calls.add(exchange.is_write, outcome)
        if isinstance(outcome, Trouble):
            if self.remaining() <= 0:
                raise self._too_late()
            return outcome
        self._was_reached = True
        if outcome.status == 401:
            raise self.error(f"the server does not accept the login: {self._fault(outcome).message}", "cluster_login", _LOGIN_HINT)
        if 300 <= outcome.status < 400:
            raise self.error(f"the server sends the request elsewhere (HTTP {outcome.status}), which is not followed")
        return outcome

    def _login(self) -> Mapping[str, str]:
        headers = self.access.authorization()
        self._authorization = headers.get("authorization", "")
        return headers

    def _too_late(self, reason: str = "") -> ReadinessError:
        return self.error(reason or f"not done within {self.timing.deadline_seconds:g} s", "cluster_deadline", _DEADLINE_HINT)

    # ---- answers -----------------------------------------------------------------------------------------------------

    def _object(self, answer: Answer) -> JsonRecord:
        found = _json(answer)
        if not isinstance(found, dict):
            raise self.error(f"the answer is no JSON object ({answer.headers.get('content-type', 'of no type')})")
        return found

    def _fault(self, answer: Answer) -> ApiFault:
        """The Status that an answer is; for anything else, what HTTP says."""
        status = _json(answer)
        if not isinstance(status, dict) or status.get("kind") != "Status":
            kind = answer.headers.get("content-type", "").partition(";")[0] or "no type"
            words = answer.body[:200].decode("utf-8", "replace").strip() if kind == "text/plain" else f"an answer of {kind}"
            return ApiFault(answer.status, "", self.scrubbed(f"HTTP {answer.status}: {words}"))
        details = status.get("details")
        message = self.scrubbed(str(status.get("message") or f"HTTP {answer.status}"))[:_LONGEST_WORDS]
        return ApiFault(answer.status, str(status.get("reason") or ""), message, details if isinstance(details, dict) else None)


@dataclass(frozen=True, slots=True)
class _Exchange:
    """A message, whether it could change something, and whether it may be sent again when nobody knows what came of it."""

    message: Message
    is_write: bool
    is_repeatable: bool


def _stays(answer: Answer) -> bool:
    """Whether the same request would get the same answer again, although its status is that of a busy server."""
    return answer.status == 500 and UNTYPED.encode() in answer.body


def _warnings(answer: Answer) -> list[str]:
    """Texts of the Warning headers: `299 - "text"`, several of them divided by commas."""
    return [text.replace('\\"', '"').replace("\\\\", "\\") for text in _WARNING.findall(answer.headers.get("warning", ""))]


def _json(answer: Answer) -> object:
    try:
        found: object = orjson.loads(answer.body)
    except ValueError:
        return None
    return found
