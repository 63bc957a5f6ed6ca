# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small client of the API server, for tests: it sends what it is told and hides nothing of the answer."""

from __future__ import annotations

import http.client
import json
import select
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

Json = dict[str, Any]
FIELD_MANAGER = "test-bed"
APPLY = "application/apply-patch+yaml"
MERGE = "application/merge-patch+json"
TIMEOUT_SECONDS = 60.0


class ClusterError(RuntimeError):
    """The cluster did not start, or refused what a test needs."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server answered, whatever it was."""

    status: int
    headers: Mapping[str, str]
    """by lower-case name"""
    body: Json
    """the JSON object; {"text": ...} where the answer is none"""

    @property
    def message(self) -> str:
        """The message of a Status, or the plain text."""
        return str(self.body.get("message", self.body.get("text", "")))

    @property
    def items(self) -> list[Json]:
        """The objects of a list."""
        return list(self.body.get("items") or [])

    def checked(self) -> Answer:
        """This answer, or an error when the server refused."""
        if self.status >= 400:
            raise ClusterError(f"the API server answered {self.status}: {self.message}")
        return self


def object_name(manifest: Mapping[str, Any]) -> str:
    """Its name in its namespace."""
    return str(manifest["metadata"]["name"])


@dataclass(frozen=True)
class Client:
    """Speaks to one server as one user, over one connection a thread."""

    url: str
    ca_path: Path
    token: str = field(repr=False)
    _threads: threading.local = field(default_factory=threading.local, repr=False, compare=False)
    _kinds: dict[str, dict[str, tuple[str, bool]]] = field(default_factory=dict, repr=False, compare=False)

    def request(
        self, method: str, path: str, body: object = None, content_type: str = "application/json", timeout: float = TIMEOUT_SECONDS
    ) -> Answer:
        """One request; `body` is an object that becomes JSON, or bytes that are sent as they are."""
        headers = {"Authorization": f"Bearer {self.token}", "Accept": "application/json"}
        payload: bytes | None = None
        if body is not None:
            headers["Content-Type"] = content_type
            payload = body if isinstance(body, bytes) else json.dumps(body).encode()
        connection = self._connection(timeout)
        try:
            connection.request(method, path, payload, headers)
            return self._answer(connection.getresponse())
        except (http.client.HTTPException, OSError):
            self.close()
            raise

    def get(self, path: str) -> Json:
        """What is there; an error when the server refuses."""
        return self.request("GET", path).checked().body

    def post(self, path: str, body: object) -> Json:
        """Creates it; an error when the server refuses."""
        return self.request("POST", path, body).checked().body

    def create(self, objects: Iterable[Mapping[str, Any]]) -> None:
        """Creates objects with what they say of their status, as far as their kind takes that at creation."""
        for manifest in objects:
            self.post(self.path_of(manifest, collection=True), manifest)

    def apply(self, objects: Iterable[Mapping[str, Any]]) -> None:
        """Applies objects on the server's side, and then the status of those that name one."""
        for manifest in objects:
            path = self.path_of(manifest)
            bare = {key: value for key, value in manifest.items() if key != "status"}
            self.request("PATCH", f"{path}?fieldManager={FIELD_MANAGER}&force=true", bare, APPLY).checked()
            if "status" in manifest:
                self._set_status(path, manifest["status"])

    def _set_status(self, path: str, status: object) -> None:
        answer = self.request("PATCH", f"{path}/status", {"status": status}, MERGE)
        # Without a status subresource it is a field like any other.
        (self.request("PATCH", path, {"status": status}, MERGE) if answer.status == 404 else answer).checked()

    def path_of(self, manifest: Mapping[str, Any], *, collection: bool = False) -> str:
        """Where the object is, or with `collection` where its like are, as the server's discovery says."""
        version, kind = str(manifest["apiVersion"]), str(manifest["kind"])
        plural, namespaced = self._resource(version, kind)
        parts = [_root(version)]
        if namespaced:
            parts += ["namespaces", quote(str(manifest["metadata"].get("namespace", "default")))]
        parts += [plural] if collection else [plural, quote(object_name(manifest))]
        return "/".join(parts)

    def _resource(self, version: str, kind: str) -> tuple[str, bool]:
        if kind not in self._kinds.get(version, {}):
            found = self.request("GET", _root(version)).checked().body["resources"]
            self._kinds[version] = {each["kind"]: (each["name"], each["namespaced"]) for each in found if "/" not in each["name"]}
        try:
            return self._kinds[version][kind]
        except KeyError:
            raise ClusterError(f"the API server has no kind {kind} in {version}") from None

    def _connection(self, timeout: float) -> http.client.HTTPSConnection:
        kept: http.client.HTTPSConnection | None = getattr(self._threads, "connection", None)
        # Nothing is due on an idle connection: what can be read there is its end.
        if kept and kept.sock and not select.select([kept.sock], [], [], 0)[0]:
            kept.sock.settimeout(timeout)
            return kept
        self.close()
        where = urlsplit(self.url)
        context = ssl.create_default_context(cafile=str(self.ca_path))
        made = http.client.HTTPSConnection(where.hostname or "", where.port, timeout=timeout, context=context)
        self._threads.connection = made
        return made

    @staticmethod
    def _answer(response: http.client.HTTPResponse) -> Answer:
        raw = response.read()
        headers = {name.lower(): value for name, value in response.getheaders()}
        try:
            decoded = json.loads(raw)
        except ValueError:
            decoded = None
        body = decoded if isinstance(decoded, dict) else {"text": raw.decode(errors="replace")}
        return Answer(response.status, headers, body)

    def close(self) -> None:
        """Closes this thread's connection."""
        kept: http.client.HTTPSConnection | None = getattr(self._threads, "connection", None)
        if kept:
            kept.close()
            self._threads.connection = None


def _root(version: str) -> str:
    return f"/apis/{version}" if "/" in version else f"/api/{version}"


def wait_until(what: str, ready: Callable[[], bool], seconds: float = 60.0) -> None:
    """Waits until it is so; an error that says what did not come."""
    deadline = time.monotonic() + seconds
    pause = 0.02
    while not ready():
        if time.monotonic() > deadline:
            raise ClusterError(f"waited {seconds:.0f} s in vain: {what}")
        time.sleep(pause)
        pause = min(pause * 1.5, 0.5)


def condition(manifest: Mapping[str, Any], name: str) -> str:
    """The status of a condition: True, False, Unknown, or empty when it has none."""
    conditions: Sequence[Mapping[str, str]] = (manifest.get("status") or {}).get("conditions") or ()
    return next((each["status"] for each in conditions if each["type"] == name), "")
