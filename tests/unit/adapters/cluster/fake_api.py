# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An API server in memory: discovery, paged lists, and whatever goes wrong. It is asked directly, or served by HTTP."""

from __future__ import annotations

import gzip
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.access import Access
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.client import ApiConnection, Timing
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.lists import list_path
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.transport import Answer, Message, Trouble
from ansible_collections.groundwork.readiness.plugins.module_utils.target.readings import BY_ID, RESOURCES, Resource

URL = "https://api.target.example.com:6443"
CANARY = "c4nary-0f-the-mine"
KUBE_SYSTEM_UID = "5a0c0de5-0000-4000-8000-00000000000a"
LOST = Trouble("the connection was lost")
JSON_TYPE = {"content-type": "application/json"}


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered; `hold_seconds` passes before its last byte."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=lambda: JSON_TYPE)
    hold_seconds: float = 0


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked for."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes | None = None


Rule = Callable[[Request], "Reply | Trouble | None"]


def reply(content: object, status: int = 200, **headers: str) -> Reply:
    """An answer of JSON."""
    return Reply(status, json.dumps(content).encode(), {**JSON_TYPE, **{name.replace("_", "-"): value for name, value in headers.items()}})


def refusal(code: int, reason: str = "", message: str = "", **headers: str) -> Reply:
    """A Status that says no."""
    status = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason, "message": message, "code": code}
    return reply(status, code, **headers)


def path_of(resource: str, version: str = "") -> str:
    """Where a resource of the catalogue is listed."""
    found = BY_ID[resource]
    return list_path(found.group, version or found.versions[0], found.plural)


@dataclass
class FakeApi:
    """Serves the resources of `served` in the catalogue's preferred version, from `objects` (by path)."""

    objects: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    served: set[str] = field(default_factory=lambda: {resource.id for resource in RESOURCES})
    aggregated: bool = True
    rules: list[Rule] = field(default_factory=list)
    seen: list[Request] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=dict)
    """resource to the version in which it is served, where that is not the preferred one"""
    stale: set[str] = field(default_factory=set)
    """groups of extension servers that are down, of which only the name is known"""
    catalogue: Mapping[str, Resource] = field(default_factory=lambda: BY_ID)
    """resources by id, of which `served` are a part"""

    def __post_init__(self) -> None:
        self.objects.setdefault(
            "/api/v1/namespaces", [{"metadata": {"name": "kube-system", "uid": KUBE_SYSTEM_UID}, "status": {"phase": "Active"}}]
        )

    def answer(self, request: Request) -> Reply | Trouble:
        """What the server says to a request; the first rule that has an answer decides."""
        self.seen.append(request)
        for rule in list(self.rules):
            if (found := rule(request)) is not None:
                return found
        if request.path == "/version":
            return reply({"gitVersion": "v1.34.4", "major": "1", "minor": "34"})
        if request.path == "/apis":
            is_wanted = self.aggregated and "as=APIGroupDiscoveryList" in request.headers["Accept"]
            return reply(self._aggregated() if is_wanted else self._groups())
        plurals = self._by_group_version().get(request.path)
        if plurals is not None:
            return reply({"kind": "APIResourceList", "resources": [{"name": name} for name in plurals]})
        return self._list(request)

    def paths(self) -> list[str]:
        """What was asked for, in order."""
        return [request.path for request in self.seen]

    def at(self, path: str, *replies: Reply | Trouble) -> None:
        """Answers the next requests to that path so; those after them as usual."""
        left = list(replies)

        def rule(request: Request) -> Reply | Trouble | None:
            return left.pop(0) if request.path == path and left else None

        self.rules.append(rule)

    def always(self, path: str, found: Reply | Trouble) -> None:
        """Answers every request to that path so."""
        self.rules.append(lambda request: found if request.path == path else None)

    def _version(self, resource: str) -> str:
        return self.versions.get(resource, self.catalogue[resource].versions[0])

    def _path(self, resource: str) -> str:
        found = self.catalogue[resource]
        return list_path(found.group, self._version(resource), found.plural)

    def _by_group_version(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for name in sorted(self.served):
            if group := self.catalogue[name].group:
                found.setdefault(f"/apis/{group}/{self._version(name)}", []).append(self.catalogue[name].plural)
        return found

    def _groups(self) -> dict[str, Any]:
        groups: dict[str, list[str]] = {}
        for path in self._by_group_version():
            _apis, group, version = path.removeprefix("/").split("/")
            groups.setdefault(group, []).append(version)
        entries = [{"name": group, "versions": [{"version": version} for version in found]} for group, found in groups.items()]
        return {"kind": "APIGroupList", "apiVersion": "v1", "groups": entries}

    def _aggregated(self) -> dict[str, Any]:
        items: dict[str, list[dict[str, Any]]] = {}
        for path, plurals in self._by_group_version().items():
            _apis, group, version = path.removeprefix("/").split("/")
            told = [] if group in self.stale else plurals
            resources = [self._told(group, plural) for plural in told]
            freshness = "Stale" if group in self.stale else "Current"
            items.setdefault(group, []).append({"version": version, "freshness": freshness, "resources": resources})
        entries = [{"metadata": {"name": group}, "versions": versions} for group, versions in items.items()]
        return {"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "items": entries}

    def _told(self, group: str, plural: str) -> dict[str, Any]:
        found = self.catalogue[f"{plural}.{group}"]
        scope = "Namespaced" if found.namespaced else "Cluster"
        return {"resource": plural, "responseKind": {"kind": found.kind}, "scope": scope, "verbs": ["list"]}

    def _list(self, request: Request) -> Reply:
        known = {self._path(name): self.catalogue[name].kind for name in self.served}
        if request.path not in known:
            return refusal(404, "NotFound", "the server could not find the requested resource")
        objects = self.objects.get(request.path, [])
        start = int(request.query.get("continue", "token-0").removeprefix("token-"))
        end = start + int(request.query.get("limit", "0") or len(objects) or 1)
        metadata = {"resourceVersion": "7", **({"continue": f"token-{end}"} if end < len(objects) else {})}
        return reply({"kind": f"{known[request.path]}List", "apiVersion": "v1", "metadata": metadata, "items": objects[start:end]})


class MemoryTransport:
    """A transport that asks a fake directly."""

    def __init__(self, api: FakeApi) -> None:
        self.api = api

    def send(self, message: Message, silence_seconds: float, total_seconds: float) -> Answer | Trouble:
        """See `Transport`."""
        parts = urlsplit(message.path)
        found = self.api.answer(Request(message.method, parts.path, dict(parse_qsl(parts.query)), message.headers, message.body))
        return found if isinstance(found, Trouble) else Answer(found.status, found.headers, found.body, len(found.body))

    def close(self) -> None:
        """See `Transport`."""


@dataclass
class Clock:
    """A clock that waiting moves."""

    now: float = 0.0
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        """Passes the time at once."""
        self.slept.append(seconds)
        self.now += seconds


def access(**changes: Any) -> Access:
    """A way to a server that is none."""
    settings: dict[str, Any] = {"url": URL, "validate_certs": True, "pool": None, "secrets": (CANARY,)}
    settings["authorization"] = lambda: {"authorization": f"Bearer {CANARY}"}
    return Access(**{**settings, **changes})


def connected(api: FakeApi, clock: Clock | None = None, timing: Timing | None = None, **changes: Any) -> ApiConnection:
    """A connection to a fake in memory, whose time passes at once."""
    clock = clock or Clock()
    return ApiConnection(access(**changes), timing or Timing(attempts=5), transport=MemoryTransport(api), clock=clock, sleep=clock.sleep)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    api: FakeApi

    def _do(self) -> None:
        parts = urlsplit(self.path)
        size = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(size) if size else None
        found = self.api.answer(Request(self.command, parts.path, dict(parse_qsl(parts.query)), self.headers, body))
        if isinstance(found, Trouble):
            self.close_connection = True
            self.connection.close()
            return
        self._send(found)

    def _send(self, found: Reply) -> None:
        packed = "gzip" in self.headers.get("Accept-Encoding", "") and len(found.body) > 1024
        content = gzip.compress(found.body, 1) if packed else found.body
        self.send_response(found.status)
        for name, value in found.headers.items():
            self.send_header(name, value)
        if packed:
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[:-1])
        self.wfile.flush()
        time.sleep(found.hold_seconds)
        self.wfile.write(content[-1:])

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _do

    def log_request(self, code: object = "-", size: object = "-") -> None:
        """Says nothing."""


@contextmanager
def serving(api: FakeApi) -> Iterator[str]:
    """The address at which the fake answers, for as long as the block lasts."""
    handler = type("Handler", (_Handler,), {"api": api})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
