# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A store behind the fake API server: objects are created, applied, replaced and deleted, as far as the write layer needs it."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.unit.adapters.cluster.fake_api import FakeApi, Reply, Request, Trouble, refusal, reply

Json = dict[str, Any]
KINDS = {
    "/api/v1": {"ConfigMap": "configmaps", "Namespace": "namespaces"},
    "/apis/coordination.k8s.io/v1": {"Lease": "leases"},
    "/apis/example.com/v1": {"Widget": "widgets", "Gadget": "gadgets"},
    "/apis/forklift.konveyor.io/v1beta1": {
        "Provider": "providers",
        "Host": "hosts",
        "Hook": "hooks",
        "NetworkMap": "networkmaps",
        "StorageMap": "storagemaps",
        "Plan": "plans",
        "Migration": "migrations",
    },
}


def fields_of(value: object) -> Json:
    """The fieldsV1 of what is applied: lists are whole."""
    return {f"f:{key}": fields_of(inner) for key, inner in value.items()} if isinstance(value, Mapping) else {}


@dataclass
class Store:
    """Objects by path. Every PATCH is a server-side apply; one field has one owner."""

    items: dict[str, Json] = field(default_factory=dict)
    writes: list[str] = field(default_factory=list)
    """method and path of what was no dry run"""
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def answer(self, request: Request) -> Reply | Trouble | None:
        """What the store says; None for what is no object of it."""
        root = next((root for root in KINDS if request.path.startswith(f"{root}/")), "")
        if request.path in KINDS:
            entries = [{"name": plural, "kind": kind, "namespaced": kind != "Namespace"} for kind, plural in KINDS[request.path].items()]
            return reply({"kind": "APIResourceList", "resources": entries})
        if not root:
            return None
        body = json.loads(request.body) if request.body else {}
        dry = "dryRun" in (body if request.method == "DELETE" else request.query)
        if request.method != "GET" and not dry:
            self.writes.append(f"{request.method} {request.path}")
        if request.path.rpartition("/")[2] in KINDS[root].values():
            return self._list(request) if request.method == "GET" else self._create(request.path, body)
        return self._one(request, body, dry)

    def _list(self, request: Request) -> Reply:
        wanted = [tuple(part.split("=")) for part in request.query.get("labelSelector", "").split(",") if part]
        found = [item for path, item in sorted(self.items.items()) if path.rpartition("/")[0] == request.path]
        labels = [item["metadata"].get("labels", {}) for item in found]
        matching = [item for item, own in zip(found, labels, strict=True) if all(own.get(key) == value for key, value in wanted)]
        return reply({"kind": "List", "metadata": {}, "items": matching})

    def _create(self, path: str, body: Json) -> Reply:
        place = f"{path}/{body['metadata']['name']}"
        if place in self.items:
            return refusal(409, "AlreadyExists", f"{place} already exists")
        self.items[place] = self._numbered(body, {"uid": f"uid-{next(self._numbers)}"})
        return reply(self.items[place], 201)

    def _one(self, request: Request, body: Json, dry: bool) -> Reply:
        item = self.items.get(request.path)
        if request.method == "PATCH":
            return self._apply(request, body, dry)
        if item is None:
            return refusal(404, "NotFound", f"{request.path} not found")
        if request.method == "PUT":
            if body["metadata"]["resourceVersion"] != item["metadata"]["resourceVersion"]:
                return refusal(409, "Conflict", "the object has been modified")
            self.items[request.path] = self._numbered(body, {})
            return reply(self.items[request.path])
        if request.method == "DELETE":
            if body.get("preconditions", {}).get("uid") not in (None, item["metadata"]["uid"]):
                return refusal(409, "Conflict", "the UID does not match")
            if not dry:
                del self.items[request.path]
            return reply({"kind": "Status", "status": "Success"})
        return reply(item)

    def _apply(self, request: Request, body: Json, dry: bool) -> Reply:
        item = self.items.get(request.path)
        pinned = {key: body["metadata"].pop(key) for key in ("uid", "resourceVersion") if key in body["metadata"]}
        if pinned and (item is None or pinned["resourceVersion"] != item["metadata"]["resourceVersion"]):
            return refusal(409, "Conflict", "the object has been modified")
        manager = request.query["fieldManager"]
        bare = {key: value for key, value in body.items() if key not in ("apiVersion", "kind")}
        bare["metadata"] = {key: value for key, value in body["metadata"].items() if key not in ("name", "namespace")}
        owner = {"manager": manager, "operation": "Apply", "apiVersion": body["apiVersion"], "fieldsV1": fields_of(bare)}
        old = item["metadata"] if item is not None else {"uid": f"uid-{next(self._numbers)}", "managedFields": []}
        owners = [owner, *(entry for entry in old["managedFields"] if entry["manager"] != manager)]
        metadata = {**body["metadata"], "uid": old["uid"], "managedFields": owners, "resourceVersion": None}
        made = {**body, "metadata": metadata}
        same = item is not None and made == {**item, "metadata": {**item["metadata"], "resourceVersion": None}}
        made = self._numbered(made, {"resourceVersion": old["resourceVersion"]} if same else {})
        if not dry:
            self.items[request.path] = made
        return reply(made)

    def _numbered(self, item: Json, more: Json) -> Json:
        return {**item, "metadata": {**item["metadata"], "resourceVersion": str(next(self._numbers)), **more}}


def stored() -> tuple[FakeApi, Store]:
    """A server with a store, and the store. Rules that are added later decide only what is not in the store's hands."""
    api, store = FakeApi(), Store()
    api.rules.append(store.answer)
    return api, store


def first(api: FakeApi, method: str, part: str, *answers: Reply | Trouble, then: bool = False) -> None:
    """Answers the next such requests so, before the store sees them; with `then` the store does first what is asked."""
    left = list(answers)
    store = api.rules[-1]

    def rule(request: Request) -> Reply | Trouble | None:
        if not left or request.method != method or part not in request.path or "dryRun" in request.query:
            return None
        if then:
            store(request)
        return left.pop(0)

    api.rules.insert(0, rule)
