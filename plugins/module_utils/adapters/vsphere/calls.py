# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests to one server, sent again where that may help, counted, and ended by the deadline."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from http.cookies import CookieError, SimpleCookie
from typing import Final

from ...common.errors import ReadinessError
from ...common.version import COLLECTION_VERSION
from .endpoint import Endpoint, Timing
from .transport import Answer, Message, Transport, Trouble

SESSION_COOKIE: Final = "vmware_soap_session"
BUSY: Final = frozenset({408, 425, 429, 502, 503, 504})
_CALL_HEADERS: Final[Mapping[str, str]] = {
    "Content-Type": "text/xml; charset=UTF-8",
    "Accept-Encoding": "gzip",
    "User-Agent": f"groundwork.readiness/{COLLECTION_VERSION}",
}
_SECRET_LETTERS: Final = 4
"""Shorter secrets are not looked for in texts: they would be found in every word."""


class Caller:
    """Sends the messages of one session; several threads may do so. `cookie` is the session, empty before there is one."""

    def __init__(
        self,
        endpoint: Endpoint,
        timing: Timing,
        transport: Transport,
        clock: Callable[[], float],
        sleep: Callable[[float], object] | None = None,
    ) -> None:
        self.cookie = ""
        self.calls = 0
        self.received_bytes = 0
        self._endpoint = endpoint
        self._timing = timing
        self._transport = transport
        self._clock = clock
        self._stopped = threading.Event()
        self.wait = sleep or self._stopped.wait
        self._started = clock()
        self._was_reached = False
        self._lock = threading.Lock()

    @property
    def session_id(self) -> str:
        """The session without the cookie around it; empty before there is one."""
        return self.cookie.partition("=")[2].strip('"')

    def stop(self) -> None:
        """Has every further attempt fail, and wakes those that wait for one."""
        self._stopped.set()

    def resume(self) -> None:
        """Ends `stop`."""
        self._stopped.clear()

    def start(self) -> None:
        """Begins the time that the deadline is counted from."""
        self._started = self._clock()

    def remaining(self) -> float:
        """Seconds until the deadline; below zero once it is over."""
        return self._timing.deadline_seconds - (self._clock() - self._started)

    def send(self, message: Message) -> Answer:
        """The first answer that can be used. Raises ReadinessError when there is none after all attempts, or in time."""
        for pause in self._timing.pauses():
            outcome = self._attempt(message)
            if isinstance(outcome, Answer):
                return outcome
            if not outcome.again or (outcome.before_contact and not self._was_reached):
                raise self.error(outcome)
            self.wait(max(0.0, min(pause, self.remaining())))
        outcome = self._attempt(message)
        if isinstance(outcome, Answer):
            return outcome
        raise self.error(replace(outcome, reason=f"{outcome.reason} (in each of {self._timing.attempts} attempts)"))

    def send_once(self, message: Message, seconds: float) -> Answer | Trouble:
        """One attempt, whatever the deadline says: for logging out."""
        outcome = self._transport.send(self._with_session(message), seconds, seconds)
        self._note(message, outcome)
        return outcome

    def error(self, trouble: Trouble) -> ReadinessError:
        """The error that a trouble is, without the secrets that a server may repeat."""
        message = f"{self._endpoint.place}: {self.scrubbed(trouble.reason)}"
        return ReadinessError(trouble.code, message, subject=self._endpoint.hostname, hint=trouble.hint)

    def scrubbed(self, text: str) -> str:
        """The text without the password and the session."""
        for secret in (self._endpoint.password, self.session_id):
            if len(secret) >= _SECRET_LETTERS:
                text = text.replace(secret, "***")
        return text

    def _attempt(self, message: Message) -> Answer | Trouble:
        left = self.remaining()
        if left <= 0:
            raise self._too_late()
        if self._stopped.is_set():
            raise self.error(Trouble("the reading was stopped", False))
        outcome = self._transport.send(self._with_session(message), min(self._timing.request_seconds, left), left)
        self._note(message, outcome)
        if self.remaining() <= 0 and isinstance(outcome, Trouble):
            raise self._too_late()
        if isinstance(outcome, Answer) and outcome.status in BUSY:
            return Trouble(f"the server is busy (HTTP {outcome.status})", hint="Try again when it has less to do.")
        if isinstance(outcome, Answer) and message.is_call and _is_cut(outcome.chunks):
            return Trouble("the answer ended early")
        if isinstance(outcome, Answer):
            self._was_reached = True
            return outcome if outcome.status == 200 and _is_envelope(outcome.chunks) else self._harmless(outcome)
        return outcome

    def _harmless(self, answer: Answer) -> Answer:
        """An answer that is going to be shown, should it repeat what was sent."""
        text = self.scrubbed(b"".join(answer.chunks).decode("utf-8", "replace"))
        return replace(answer, chunks=(text.encode(),))

    def _too_late(self) -> ReadinessError:
        hint = "Allow more with deadline_minutes; a smaller page_size helps a server that is slow to answer."
        return self.error(Trouble(f"not read within {self._timing.deadline_seconds:g} s", False, "vcenter_deadline", hint))

    def _with_session(self, message: Message) -> Message:
        if not message.is_call:
            return message
        session = {"Cookie": self.cookie} if self.cookie else {}
        return replace(message, headers={**_CALL_HEADERS, **message.headers, **session})

    def _note(self, message: Message, outcome: Answer | Trouble) -> None:
        with self._lock:
            self.calls += message.is_call
            if isinstance(outcome, Answer):
                self.received_bytes += outcome.received_bytes
                if message.is_call:
                    self.cookie = _session_of(outcome.cookies) or self.cookie


def _is_cut(chunks: Sequence[bytes]) -> bool:
    """True for a SOAP envelope without its end. Some servers and proxies just close the connection there."""
    tail = b"".join(chunks[-2:])[-64:].rstrip()
    return _is_envelope(chunks) and not tail.endswith(b"Envelope>")


def _is_envelope(chunks: Sequence[bytes]) -> bool:
    return b"Envelope" in b"".join(chunks[:2])[:4096]


def _session_of(cookies: Sequence[str]) -> str:
    for header in cookies:
        try:
            morsel = SimpleCookie(header).get(SESSION_COOKIE)
        except CookieError:
            continue
        if morsel is not None and morsel.value:
            return f"{SESSION_COOKIE}={morsel.coded_value}"
    return ""
