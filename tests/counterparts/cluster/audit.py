# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts what was asked of the API server, from its own audit log.

A request stands in the log twice: when it is received, which is written before it is worked on, so that it is there by the
time its answer is; and when it is done, which may come a moment later. What counts is the first.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from tests.counterparts.cluster.client import Json

POLICY: Json = {
    "apiVersion": "audit.k8s.io/v1",
    "kind": "Policy",
    "omitManagedFields": True,
    "rules": [
        # A deletion may say in its body that it is a dry run; every other verb says so in its address.
        {"level": "Request", "verbs": ["delete", "deletecollection"]},
        {"level": "Metadata"},
    ],
}
READING = frozenset({"get", "list", "watch"})
WRITING = frozenset({"create", "update", "patch", "delete", "deletecollection"})
REVIEWS = frozenset({"authentication.k8s.io", "authorization.k8s.io"})
COMPONENTS = frozenset({"system:apiserver", "system:kube-controller-manager", "system:kube-scheduler", "system:kwok"})
LONG_RUNNING = "ResponseStarted"
SETTLE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Call:
    """One request to the API server."""

    user: str
    verb: str
    uri: str
    group: str = ""
    resource: str = ""
    """plural; empty where the address is no resource's"""
    subresource: str = ""
    namespace: str = ""
    name: str = ""
    dry_run: bool = False
    agent: str = ""
    status: int = 0
    """HTTP status; 0 while there is no answer yet"""

    @property
    def kind(self) -> str:
        """Resource with subresource and group: `plans.forklift.konveyor.io`, `pods/binding`."""
        return (f"{self.resource}/{self.subresource}" if self.subresource else self.resource) + (f".{self.group}" if self.group else "")

    @property
    def is_component(self) -> bool:
        """Made by the cluster itself, not by whom a test is about."""
        return self.user in COMPONENTS or self.user.startswith("system:serviceaccount:kube-system:")

    @property
    def is_review(self) -> bool:
        """Asks who somebody is or what he may do; it is a creation that leaves nothing behind."""
        return self.group in REVIEWS and self.verb == "create"

    @property
    def is_write(self) -> bool:
        """Would change the cluster, whether or not it did: a patch without effect and a refused creation count."""
        return bool(self.resource) and self.verb in WRITING and not self.dry_run and not self.is_review

    @property
    def is_read(self) -> bool:
        """Reads objects; discovery and health are not such."""
        return bool(self.resource) and self.verb in READING


@dataclass(frozen=True, slots=True)
class Audit:
    """The calls between a mark and now, without those of the cluster's own components."""

    calls: tuple[Call, ...]

    @property
    def reads(self) -> int:
        """Gets, lists and watches of objects."""
        return len(self.read_calls)

    @property
    def writes(self) -> int:
        """Creations, updates, patches and deletions that were no dry run and no review."""
        return len(self.write_calls)

    @property
    def dry_runs(self) -> int:
        """Writes in form that the server was told not to keep."""
        return sum(call.dry_run for call in self.calls)

    @property
    def reviews(self) -> int:
        """Questions about identity and rights."""
        return sum(call.is_review for call in self.calls)

    @property
    def read_calls(self) -> tuple[Call, ...]:
        """The reads themselves."""
        return tuple(call for call in self.calls if call.is_read)

    @property
    def write_calls(self) -> tuple[Call, ...]:
        """The writes themselves."""
        return tuple(call for call in self.calls if call.is_write)

    @property
    def verbs(self) -> Mapping[tuple[str, str], int]:
        """(verb, kind) to number: `("list", "plans.forklift.konveyor.io")`."""
        return Counter((call.verb, call.kind) for call in self.calls if call.resource)

    def by(self, user: str) -> Audit:
        """The calls of one user alone."""
        return Audit(tuple(call for call in self.calls if call.user == user))

    def within(self, namespace: str) -> Audit:
        """The calls that concern one namespace, itself included."""
        return Audit(tuple(call for call in self.calls if call.namespace == namespace))


@dataclass(frozen=True, slots=True)
class AuditLog:
    """The log of one API server, which is still being written."""

    path: Path

    def mark(self) -> int:
        """A place in the log: what is asked from now on stands behind it."""
        return self.path.stat().st_size if self.path.exists() else 0

    def since(self, mark: int = 0, *, components: bool = False, seconds: float = SETTLE_SECONDS) -> Audit:
        """What was asked since a mark; waits at most that long for answers that are still under way."""
        deadline = time.monotonic() + seconds
        while True:
            calls = self._read(mark)
            wanted = tuple(call for call in calls if components or not call.is_component)
            if all(call.status for call in wanted) or time.monotonic() > deadline:
                return Audit(wanted)
            time.sleep(0.05)

    def _read(self, mark: int) -> list[Call]:
        if not self.path.exists():
            return []
        with self.path.open("rb") as stream:
            stream.seek(max(0, mark - 1))
            if mark:
                # A mark may stand within the line that was being written just then.
                stream.readline()
            whole, _feed, _rest = stream.read().rpartition(b"\n")
        return list(_calls(json.loads(line) for line in whole.splitlines()))


def _calls(events: Iterable[Json]) -> Iterable[Call]:
    received: dict[str, Json] = {}
    status: dict[str, int] = {}
    for event in events:
        key = str(event["auditID"])
        if event["stage"] == "RequestReceived":
            received[key] = event
        else:
            status[key] = int((event.get("responseStatus") or {}).get("code", 0))
            # Only now does it hold what the body says, and the object's name where the server chose it.
            if key in received and event["stage"] != LONG_RUNNING:
                received[key] = event
    return [_call(event, status.get(key, 0)) for key, event in received.items()]


def _call(event: Json, status: int) -> Call:
    about = event.get("objectRef") or {}
    who = event.get("impersonatedUser") or event.get("user") or {}
    body = event.get("requestObject") or {}
    # A deletion whose body has options is what they say, whatever its address says.
    dry = body.get("dryRun") if body else parse_qs(urlsplit(event["requestURI"]).query).get("dryRun")
    return Call(
        user=str(who.get("username", "")),
        verb=str(event["verb"]),
        uri=str(event["requestURI"]),
        group=str(about.get("apiGroup", "")),
        resource=str(about.get("resource", "")),
        subresource=str(about.get("subresource", "")),
        namespace=str(about.get("namespace", "")),
        name=str(about.get("name", "")),
        dry_run="All" in (dry or ()),
        agent=str(event.get("userAgent", "")),
        status=status,
    )
