# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small plan, applied to a real API server with the shipped rights."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

import yaml
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster import lease
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.access import open_access
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.client import ApiConnection, Timing
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.migrations import migration_guard, plan_lots
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.writer import WriteRequest, apply, remove
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster_arguments import ClusterSettings
from ansible_collections.groundwork.readiness.plugins.module_utils.common.write_findings import Desired, Policy, Tally
from ansible_collections.groundwork.readiness.plugins.module_utils.plan import model
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.manifests.build import build_manifests
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.manifests.objects import ORDER
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.settings import HookRule, HostRule, Selector

from tests.counterparts.cluster import Cluster, wait_until
from tests.unit.plan.builders import VCENTER, make_nic, make_settings, make_vm
from tests.unit.plan.mapping_builders import ALL_TO_APPS, manifest_input, wave_of

Json = dict[str, Any]
RIGHTS = Path(__file__).resolve().parents[2] / "roles" / "plan" / "files" / "apply_rights.yml"
FORKLIFT = "/apis/forklift.konveyor.io/v1beta1"
PLURALS = {
    "Provider": "providers",
    "Host": "hosts",
    "Hook": "hooks",
    "NetworkMap": "networkmaps",
    "StorageMap": "storagemaps",
    "Plan": "plans",
    "Migration": "migrations",
}
PATIENCE = Timing(request_seconds=5, attempts=3, backoff_seconds=0.01)
"""Faults are to be met, not waited for."""


def small_plan(namespace: str, waves: int = 2) -> list[model.Manifest]:
    """Manifests of every kind that is applied, with a cold and a warm wave, and their migrations; the toolkit is in that namespace."""
    nic = make_nic(network_id=f"{VCENTER}/dvportgroup-100", network="")
    vms = [make_vm(name, nics=(nic,)) for name in ("web", "app", "db")[: waves + 1]]
    settings = make_settings(
        namespaces=ALL_TO_APPS,
        toolkit_namespace=namespace,
        hooks=(HookRule(Selector(), "PreHook", "quiesce", job_template=42, deadline_seconds=900),),
        hosts=(HostRule("host-10", "192.0.2.5", "esx-login"),),
    )
    given = [wave_of(number + 1, vm.id) for number, vm in enumerate(vms)]
    return list(build_manifests(manifest_input(vms, given, settings=settings, methods={vms[-1].id: model.WARM})).manifests)


def desired(manifests: Sequence[model.Manifest]) -> list[Desired]:
    """What is applied of them."""
    return [Desired(entry.object, entry.path, ORDER[entry.object["kind"]]) for entry in manifests if entry.apply]


def changed(manifests: Sequence[model.Manifest], kind: str, **spec: Any) -> list[model.Manifest]:
    """The same manifests; the first one of the kind has other fields."""
    found = list(manifests)
    place = next(number for number, entry in enumerate(found) if entry.object["kind"] == kind)
    item = copy.deepcopy(dict(found[place].object))
    item["spec"].update(spec)
    found[place] = replace(found[place], object=item)
    return found


@dataclass
class Applier:
    """An account that may do what the shipped rights say, in one namespace: it is the toolkit's, and the record is there too."""

    cluster: Cluster
    namespace: str
    token: str
    url: str = ""
    timing: Timing = PATIENCE
    last: Any = field(default=None, repr=False)

    @property
    def user(self) -> str:
        return f"system:serviceaccount:{self.namespace}:writer"

    def connection(self) -> ApiConnection:
        options = {"host": self.url or self.cluster.url, "api_key": self.token, "ca_cert": str(self.cluster.ca_path)}
        return ApiConnection(open_access(ClusterSettings(options)), self.timing)

    def request(self, manifests: Sequence[model.Manifest], **further: Any) -> WriteRequest:
        usual = {"policy": Policy("plan"), "run": "run-1", "lots": plan_lots(self.namespace), "guard": migration_guard}
        return WriteRequest(**{**usual, "home": self.namespace, "desired": desired(manifests), **further})

    def apply(self, manifests: Sequence[model.Manifest], **further: Any) -> Tally:
        """Applies, and keeps what the server was asked meanwhile in `last`."""
        return counted(self, lambda connection: apply(connection, self.request(manifests, **further)))

    def remove(self, **further: Any) -> Tally:
        """Removes, likewise."""
        return counted(self, lambda connection: remove(connection, self.request((), **further)))

    # ---- what is there -------------------------------------------------------------------------------------------------

    def path(self, kind: str, name: str = "") -> str:
        return f"{FORKLIFT}/namespaces/{self.namespace}/{PLURALS[kind]}" + (f"/{name}" if name else "")

    def live(self, kind: str, name: str) -> Json:
        return self.cluster.client.get(self.path(kind, name))

    def objects(self) -> list[str]:
        """Every object of the toolkit, `Kind name`."""
        return sorted(
            f"{kind} {item['metadata']['name']}" for kind in PLURALS for item in self.cluster.client.get(self.path(kind))["items"]
        )

    def records(self) -> list[str]:
        """Names of the ConfigMaps with the record, and of the Lease."""
        home = f"namespaces/{self.namespace}"
        maps = self.cluster.client.get(f"/api/v1/{home}/configmaps")["items"]
        leases = self.cluster.client.get(f"/apis/coordination.k8s.io/v1/{home}/leases")["items"]
        return sorted(item["metadata"]["name"] for item in (*maps, *leases) if item["metadata"]["name"] != "kube-root-ca.crt")

    def lease(self) -> str:
        return f"/apis/coordination.k8s.io/v1/namespaces/{self.namespace}/leases/{lease.NAME}"


class Asking(Protocol):
    """An account whose requests are counted."""

    cluster: Cluster
    last: Any

    @property
    def user(self) -> str:
        """Its name at the server."""

    def connection(self) -> ApiConnection:
        """A new connection as that account."""


def counted(account: Asking, work: Callable[[ApiConnection], Tally]) -> Tally:
    """What comes of some work; what the server was asked by the account meanwhile is kept in `last`."""
    mark = account.cluster.mark()
    try:
        with account.connection() as connection:
            return work(connection)
    finally:
        account.last = account.cluster.audit(mark).by(account.user)


def grant(cluster: Cluster, namespace: str) -> Applier:
    """The shipped rights for an account of that namespace, under names that only it uses; the toolkit and the record are there."""
    token = cluster.service_account(namespace, "writer")
    objects = [item for item in yaml.safe_load(RIGHTS.read_text(encoding="utf-8"))["items"] if item["kind"] != "Namespace"]
    for item in objects:
        own = f"{item['metadata']['name']}-{namespace}"
        if "subjects" in item:
            item["subjects"][0]["namespace"] = namespace
            item["roleRef"]["name"] = f"{item['roleRef']['name']}-{namespace}"
        if "namespace" in item["metadata"]:
            item["metadata"]["namespace"] = namespace
        for rule in item.get("rules", ()):
            if rule.get("resourceNames") == ["groundwork-readiness"]:
                rule["resourceNames"] = [namespace]
        item["metadata"]["name"] = own
    cluster.apply(objects)
    found = Applier(cluster, namespace, token)
    client = cluster.with_token(token)
    wait_until("the rights are known", lambda: client.request("GET", f"/api/v1/namespaces/{namespace}/configmaps").status == 200)
    wait_until("the rights are known", lambda: client.request("GET", f"{FORKLIFT}/namespaces/{namespace}/migrations").status == 200)
    wait_until("the rights are known", lambda: client.request("GET", "/api/v1/namespaces/kube-system").status == 200)
    return found


def revoke(applier: Applier) -> None:
    """Takes away what has no namespace."""
    rbac = "/apis/rbac.authorization.k8s.io/v1"
    for name in ("apply", "record", "identity"):
        applier.cluster.request("DELETE", f"{rbac}/clusterroles/groundwork-readiness-{name}-{applier.namespace}")
    applier.cluster.request("DELETE", f"{rbac}/clusterrolebindings/groundwork-readiness-identity-{applier.namespace}")
