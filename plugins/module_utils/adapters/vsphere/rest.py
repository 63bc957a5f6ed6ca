# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A session of the vSphere Automation API (REST): JSON over the connections that the SOAP session has too, ended at the end.

Paths are those of the current API (`/api/…`). A vCenter that does not serve them is asked in the older form
(`/rest/com/vmware/…`), whose answers are wrapped in a `value`.
"""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from types import TracebackType
from typing import Any, Final
from urllib.parse import quote

from .endpoint import Endpoint, Timing
from .transport import Answer, Message, Transport

SESSION_HEADER: Final = "vmware-api-session-id"
_BUSY: Final = frozenset({429, 502, 503, 504})
_LOGOUT_SECONDS: Final = 5.0
_REFUSED_LOGIN: Final = "the server does not accept the account (HTTP 401)"
_STATUS_WORDS: Final[Mapping[int, str]] = {
    401: _REFUSED_LOGIN,
    403: "no permission (HTTP 403)",
    404: "the server does not offer this (HTTP 404)",
}


class RestError(Exception):
    """What went wrong, in words that can be shown: nothing secret is among them. `status` is that of the HTTP answer, 0 without one."""

    def __init__(self, reason: str, status: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status


class RestSession:
    """Logs in on enter and out on exit. Many threads may ask at once.

    `remaining` gives the seconds until everything has to be done. `calls` counts requests.
    """

    def __init__(
        self,
        transport: Transport,
        endpoint: Endpoint,
        timing: Timing,
        remaining: Callable[[], float],
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._transport = transport
        self._endpoint = endpoint
        self._timing = timing
        self._remaining = remaining
        self._sleep = sleep
        self._session = ""
        self._older_session = False
        self._older = False
        self._lock = threading.Lock()
        self._login_lock = threading.Lock()
        self.calls = 0

    def __enter__(self) -> RestSession:
        self._log_in()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with suppress(RestError):
            self._exchange(self._message("DELETE", self._session_path(), None), _LOGOUT_SECONDS)
        self._session = ""

    def get(self, path: str, name: str = "") -> Any:
        """The answer of a read: a list such as `/cis/tagging/tag`, or the one of them with an id."""
        return self._ask("GET", path, "", None, name)

    def post(self, path: str, action: str, body: Mapping[str, Any]) -> Any:
        """The answer of an action that reads, such as list-attached-objects-on-tags."""
        return self._ask("POST", path, action, body, "")

    def _ask(self, method: str, path: str, action: str, body: Mapping[str, Any] | None, name: str) -> Any:
        older = self._older
        try:
            return self._authorized(method, path_of(path, action, older, name), body)
        except RestError as error:
            if older or name or error.status != 404:
                raise
        # Some releases serve sessions in the current form and this service only in the older one.
        self._older = True
        return self._authorized(method, path_of(path, action, True, name), body)

    def _authorized(self, method: str, path: str, body: Mapping[str, Any] | None) -> Any:
        """The answer; where the session is over, that of a new one."""
        session = self._session
        try:
            return _content(self._send(self._message(method, path, body)), self._older)
        except RestError as error:
            if error.status != 401:
                raise
        with self._login_lock:
            if self._session == session:
                self._session = self._new_session()
        return _content(self._send(self._message(method, path, body)), self._older)

    def _log_in(self) -> None:
        try:
            self._session = self._new_session()
        except RestError as error:
            if error.status not in (400, 404, 405):
                raise
            self._older_session = self._older = True
            self._session = self._new_session()

    def _new_session(self) -> str:
        pair = f"{self._endpoint.username}:{self._endpoint.password}".encode()
        headers = {"Authorization": "Basic " + base64.b64encode(pair).decode(), "vmware-use-header-authn": "true"}
        answer = _content(self._send(Message("POST", self._session_path(), {**_headers(), **headers})), self._older_session)
        if not isinstance(answer, str) or not answer:
            raise RestError("the server gave no session")
        return answer

    def _session_path(self) -> str:
        return "/rest/com/vmware/cis/session" if self._older_session else "/api/session"

    def _message(self, method: str, path: str, body: Mapping[str, Any] | None) -> Message:
        data = b"" if body is None else json.dumps(body).encode()
        return Message(method, path, {**_headers(), SESSION_HEADER: self._session}, data)

    def _send(self, message: Message) -> bytes:
        """The body of the answer, asked for again where the server was busy or the connection was lost: everything here only reads."""
        for pause in self._timing.pauses():
            answer = self._exchange(message, self._time_left())
            if answer is not None:
                return answer
            self._sleep(min(pause, self._time_left()))
        answer = self._exchange(message, self._time_left(), is_last=True)
        return answer or b""

    def _time_left(self) -> float:
        seconds = self._remaining()
        if seconds <= 0:
            raise RestError("the time for reading this server is over")
        return seconds

    def _exchange(self, message: Message, seconds: float, is_last: bool = False) -> bytes | None:
        """The body of the answer; None where asking again may help, unless it is the last time."""
        with self._lock:
            self.calls += 1
        answer = self._transport.send(message, min(self._timing.request_seconds, seconds), seconds)
        if not isinstance(answer, Answer):
            if answer.again and not answer.before_contact and not is_last:
                return None
            raise RestError(answer.reason)
        if answer.status in _BUSY and not is_last:
            return None
        if answer.status >= 300:
            raise RestError(_STATUS_WORDS.get(answer.status, f"the server answered HTTP {answer.status}"), answer.status)
        return b"".join(answer.chunks)


def _content(data: bytes, older: bool) -> Any:
    try:
        answer = json.loads(data) if data.strip() else None
    except ValueError:
        raise RestError("the answer is not JSON") from None
    return answer.get("value") if older and isinstance(answer, dict) else answer


def path_of(path: str, action: str, older: bool, name: str = "") -> str:
    """The address of a resource in either form, such as `/api/cis/tagging/tag/ID` or `/rest/com/vmware/cis/tagging/tag/id:ID`."""
    query = f"?{'~' if older else ''}action={action}" if action else ""
    one = f"/{'id:' if older else ''}{quote(name, safe=':')}" if name else ""
    return f"{'/rest/com/vmware' if older else '/api'}{path}{one}{query}"


def _headers() -> dict[str, str]:
    return {"Accept": "application/json", "Accept-Encoding": "gzip", "Content-Type": "application/json"}
