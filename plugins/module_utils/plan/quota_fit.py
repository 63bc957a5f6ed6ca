# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Quotas and limits of the target's namespaces."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from ..common.artifact import JsonRecord
from ..target.view import TargetView
from .model import Constraint, Need
from .pod_size import EPHEMERAL_BYTES, MEMORY_LIMIT_RATIO

QUOTA: Final = "quota:"
_COUNTED: Final = ("NotTerminating", "NotBestEffort")
"""Scopes that a VM's pod is in: it has no deadline, and it has requests."""
_NOT_COUNTED: Final = ("Terminating", "BestEffort", "CrossNamespacePodAffinity")
_PODS: Final = ("pods", "count/pods", "count/virtualmachines.kubevirt.io", "count/virtualmachineinstances.kubevirt.io")
_CLAIMS: Final = ("persistentvolumeclaims", "count/persistentvolumeclaims", "count/datavolumes.cdi.kubevirt.io")
_CLASS: Final = ".storageclass.storage.k8s.io/"
_LISTS: Final = ("resourcequotas", "clusterresourcequotas.quota.openshift.io", "limitranges")


class QuotaFit:
    """What the quotas and limit ranges of a target leave to each namespace; a budget is one resource of one quota."""

    def __init__(self, target: TargetView) -> None:
        self._notes: list[Constraint] = []
        self._budgets: dict[str, int] = {}
        self._quotas: dict[str, list[tuple[str, str]]] = {}
        self._limits: dict[str, list[JsonRecord]] = {}
        for name in _LISTS:
            if not target.known(name) and not target.none_there(name):
                self._notes.append(Constraint("quota_unknown", name, f"quotas and limits were not checked: {target.why_not(name)}"))
        for record in target.all("quota"):
            self._add(record)
        for record in target.all("limit_range"):
            self._limits.setdefault(record.get("namespace", ""), []).append(record)

    @property
    def budgets(self) -> Mapping[str, int]:
        """What is left of each quota, as `quota:<id>/<resource>`."""
        return self._budgets

    def not_evaluated(self) -> tuple[Constraint, ...]:
        """What could not be checked."""
        return tuple(self._notes)

    def demand(self, need: Need) -> dict[str, int]:
        """What a VM takes of each budget."""
        found = {}
        for resource, key in self._quotas.get(need.namespace, ()):
            amount = amount_of(need, resource)
            if amount:
                found[key] = amount
        return found

    def misfits(self, need: Need) -> list[Constraint]:
        """Limits that a VM breaks whatever the others do."""
        return [constraint for record in self._limits.get(need.namespace, ()) for constraint in _limit_range(need, record)]

    def _add(self, record: JsonRecord) -> None:
        scopes = record.get("scopes", ())
        if any(scope in _NOT_COUNTED for scope in scopes):
            return
        strange = [scope for scope in scopes if scope not in _COUNTED]
        if strange or "hard" not in record or "used" not in record:
            why = f"its scope {strange[0]} cannot be told of VMs" if strange else "its limits or its use are not known"
            self._notes.append(Constraint("quota_unknown", record["id"], f"quota {record['id']} was not checked: {why}"))
            return
        namespaces = record.get("namespaces") or (record.get("namespace", ""),)
        for resource, hard in sorted(record["hard"].items()):
            key = f"{QUOTA}{record['id']}/{resource}"
            self._budgets[key] = max(0, hard - record["used"].get(resource, 0))
            for namespace in namespaces:
                self._quotas.setdefault(namespace, []).append((resource, key))


def amount_of(need: Need, resource: str) -> int:
    """What a VM counts for in a quota: millicores, bytes or objects; 0 for what VMs do not use.

    Where a quota limits `limits.*`, KubeVirt sets the pod's limits itself: CPU to the number of vCPUs, memory to twice its
    request; with dedicated CPUs they equal the requests. Pods that only live during the migration are not counted.
    """
    if resource in ("requests.cpu", "cpu"):
        return need.cpu_millicores
    if resource in ("requests.memory", "memory"):
        return need.memory_bytes
    if resource == "limits.cpu":
        return need.cpu_millicores if need.dedicated_cpus else need.cpu_count * 1000
    if resource == "limits.memory":
        return need.memory_bytes * (1 if need.dedicated_cpus else MEMORY_LIMIT_RATIO)
    if resource in _PODS:
        return 1
    if resource == "requests.ephemeral-storage":
        return EPHEMERAL_BYTES
    return _storage_amount(need, resource) if "storage" in resource or resource in _CLAIMS else _extra_amount(need, resource)


def _storage_amount(need: Need, resource: str) -> int:
    if resource == "requests.storage":
        return sum(volume.bytes for volume in need.volumes)
    if resource in _CLAIMS:
        return len(need.volumes)
    name, found, what = resource.partition(_CLASS)
    if not found:
        return 0
    volumes = [volume for volume in need.volumes if volume.storage_class == name]
    return sum(volume.bytes for volume in volumes) if what == "requests.storage" else len(volumes)


def _extra_amount(need: Need, resource: str) -> int:
    name = resource.removeprefix("requests.")
    if name.startswith("hugepages-"):
        return need.hugepages.get(name.removeprefix("hugepages-"), 0)
    return need.devices.get(name, 0)


def _limit_range(need: Need, record: JsonRecord) -> Iterable[Constraint]:
    name = record["id"]
    for what, fact in (("container", "container_max"), ("pod", "pod_max")):
        most = record.get(fact, {})
        for resource, amount in (("cpu", need.cpu_millicores), ("memory", need.memory_bytes)):
            if resource in most and amount > most[resource]:
                unit = "millicores" if resource == "cpu" else "bytes"
                text = f"it requests {amount} {unit} of {resource}; {name} lets a {what} have {most[resource]}"
                yield Constraint("limit_range", name, text, "raise the limit, or choose another namespace", "plan_namespaces")
    sizes = [volume.bytes for volume in need.volumes]
    if not sizes:
        return
    most, least = record.get("claim_max_bytes"), record.get("claim_min_bytes")
    if most is not None and max(sizes) > most:
        text = f"a volume of {max(sizes)} bytes is needed; {name} lets a claim have {most}"
        yield Constraint("limit_range", name, text, "raise the limit, or choose another namespace", "plan_namespaces")
    if least is not None and min(sizes) < least:
        text = f"a volume of {min(sizes)} bytes is needed; {name} asks for {least} at least"
        yield Constraint("limit_range", name, text, "lower the limit, or choose another namespace", "plan_namespaces")
