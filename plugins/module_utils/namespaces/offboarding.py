# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Namespaces that are given up: drained first, then taken away, and proven to be gone.

Rights are revoked and the queue is drained at once. What bounds the namespace stays while anything runs in it that holds accelerators
or was admitted by the queue; nothing of that is ever deleted here, unless the contract says that the namespace goes with all that is in
it. Then the rest goes, what the owner shared too once it has no other namespace.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from ..common.findings import CheckFinding
from ..common.owned_fields import ApiObject
from ..common.write_findings import ObjectKey, listed
from ..platform.identity.facts import RBAC
from ..platform.snapshot import PlatformSnapshot
from ..platform.verdicts import failed, not_asked, passed, unknown
from ..target.objects import map_at, maps_at, name_of, namespace_of, text_at, true_conditions
from . import check_list as checks
from .contract.model import DELETE, HAND_OVER, Contract
from .objects.queues import GROUP as KUEUE
from .readings import NETWORK_POLICIES, OWNER_QUOTAS, VOLUMES, WORKLOADS
from .terms import PREFIX, owner_object
from .vocabulary import part_of

NAMESPACES: Final = "namespaces"
QUEUES: Final = f"clusterqueues.{KUEUE}"
LOCAL_QUEUES: Final = f"localqueues.{KUEUE}"
BINDINGS: Final = f"rolebindings.{RBAC}"
WIDE_BINDINGS: Final = f"clusterrolebindings.{RBAC}"
EDIT: Final = "edit"
"""ClusterRole of Kubernetes with which data can be read, copied and removed, and no rights be handed on."""

HANDED_OVER: Final = f"{PREFIX}handed-over"
_RETAINED: Final = "Retain"


@dataclass(frozen=True, slots=True)
class Ending:
    """How far a namespace that is given up has come."""

    contract: Contract
    exists: bool | None
    """whether the namespace is there; None where nobody knows"""
    busy: str = ""
    """what runs there still, or why nobody knows; empty where nothing does"""

    @property
    def drained(self) -> bool:
        """Whether the rest can go. Who has it deleted has what runs there deleted too."""
        ends = self.contract.offboarding
        return not self.busy or (ends is not None and ends.data == DELETE)


def endings(contracts: Sequence[Contract], snapshot: PlatformSnapshot) -> dict[str, Ending]:
    """Namespaces that are given up, by name."""
    return {each.namespace: _ending(each, snapshot) for each in contracts if each.offboarding is not None}


def _ending(contract: Contract, snapshot: PlatformSnapshot) -> Ending:
    if not snapshot.known(NAMESPACES):
        return Ending(contract, None, snapshot.why_not(NAMESPACES))
    exists = snapshot.get(NAMESPACES, "", contract.namespace) is not None
    return Ending(contract, exists, _busy(contract.namespace, snapshot) if exists else "")


def _busy(namespace: str, snapshot: PlatformSnapshot) -> str:
    """What holds accelerators, or was admitted by the queue and has not ended."""
    if snapshot.pods is None or not snapshot.known("pods", WORKLOADS):
        return f"what runs there is not known: {snapshot.why_not('pods', WORKLOADS) or 'requests of pods could not be read'}"
    pods = [f"pod {pod.name}" for pod in snapshot.pods.device_pods if pod.namespace == namespace]
    workloads = [f"workload {name_of(item)}" for item in snapshot.all(WORKLOADS) if namespace_of(item) == namespace and _is_admitted(item)]
    return f"{listed([*pods, *workloads])} run still" if pods or workloads else ""


def _is_admitted(workload: ApiObject) -> bool:
    conditions = true_conditions(workload)
    return "Admitted" in conditions and "Finished" not in conditions


def given_over(contract: Contract) -> Iterator[ApiObject]:
    """The binding of the group that takes the data over."""
    ends = contract.offboarding
    if ends is not None and ends.data == HAND_OVER:
        yield {
            "apiVersion": f"{RBAC}/v1",
            "kind": "RoleBinding",
            "metadata": {"name": HANDED_OVER, "namespace": contract.namespace},
            "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": EDIT},
            "subjects": [{"apiGroup": RBAC, "kind": "Group", "name": ends.to}],
        }


def goes(key: ObjectKey, ends: Sequence[Ending], owners: Collection[str]) -> bool:
    """Whether an object goes that is wanted no more: what of these namespaces, and of owners, is left over. `owners` have others still."""
    for each in ends:
        contract = each.contract
        if part_of(key) == contract.namespace:
            return key.kind != "Namespace" and (each.drained or key.kind == "RoleBinding")
        if not key.namespace and key.name == owner_object(contract.owner.name):
            return contract.owner.name not in owners and all(one.drained for one in ends if one.contract.owner == contract.owner)
    return False


# ---- what is proven --------------------------------------------------------------------------------------------------


def offboarding_findings(ends: Sequence[Ending], owners: Collection[str], snapshot: PlatformSnapshot) -> list[CheckFinding]:
    """Whether anything is left of each, and which volumes outlive it."""
    return [replace(found, part=each.contract.namespace) for each in ends for found in _findings(each, owners, snapshot)]


def _findings(ending: Ending, owners: Collection[str], snapshot: PlatformSnapshot) -> Iterator[CheckFinding]:
    namespace, path = ending.contract.namespace, "offboarding"
    subject = f"off-boarding of {namespace}"
    needed = (NAMESPACES, BINDINGS, WIDE_BINDINGS, "resourcequotas", NETWORK_POLICIES, LOCAL_QUEUES, QUEUES, OWNER_QUOTAS)
    if not snapshot.known(*needed):
        yield unknown(checks.GONE, subject, snapshot.why_not(*needed), path)
    elif left := list(_left(ending, owners, snapshot)):
        words = f"{listed(left)} are left"
        busy = f"; {ending.busy}" if ending.busy else ""
        yield failed(checks.GONE, subject, f"{words}{busy}", path)
    else:
        yield passed(checks.GONE, subject, path)
    yield _volumes(ending, snapshot)


def _left(ending: Ending, owners: Collection[str], snapshot: PlatformSnapshot) -> Iterator[str]:
    contract = ending.contract
    namespace, ends = contract.namespace, contract.offboarding
    if ends is not None and ends.data == DELETE and ending.exists:
        yield f"Namespace {namespace}"
    for resource in (BINDINGS, "resourcequotas", NETWORK_POLICIES, LOCAL_QUEUES):
        for item in snapshot.in_namespace(resource, namespace):
            if not (_is_born(item) or name_of(item) == HANDED_OVER):
                yield f"{text_at(item, 'kind')} {namespace}/{name_of(item)}"
    for item in snapshot.all(WIDE_BINDINGS):
        accounts = [each for each in maps_at(item, "subjects") if text_at(each, "kind") == "ServiceAccount"]
        if any(text_at(each, "namespace") == namespace for each in accounts):
            yield f"ClusterRoleBinding {name_of(item)}"
    if contract.owner.name not in owners:
        shared = owner_object(contract.owner.name)
        for resource in (QUEUES, OWNER_QUOTAS):
            if (found := snapshot.get(resource, "", shared)) is not None:
                yield f"{text_at(found, 'kind')} {shared}"


def _is_born(item: ApiObject) -> bool:
    """RoleBindings of OpenShift itself, without which a namespace builds and pulls nothing."""
    return text_at(item, "kind") == "RoleBinding" and name_of(item).startswith("system:")


def _volumes(ending: Ending, snapshot: PlatformSnapshot) -> CheckFinding:
    """Volumes that hold data of the namespace and outlive it."""
    namespace = ending.contract.namespace
    subject = f"volumes of {namespace}"
    if not snapshot.known(VOLUMES):
        return unknown(checks.RETAINED, subject, snapshot.why_not(VOLUMES), "offboarding.data")
    own = [item for item in snapshot.all(VOLUMES) if text_at(item, "spec.claimRef.namespace") == namespace]
    ends = ending.contract.offboarding
    kept = [item for item in own if ends is None or ends.data != DELETE or text_at(item, "spec.persistentVolumeReclaimPolicy") == _RETAINED]
    if not kept:
        return not_asked(checks.RETAINED, subject, "no volume of it is left")
    words = [f"{name_of(item)} ({map_at(item, 'spec.capacity').get('storage', 'size not known')})" for item in kept]
    return failed(checks.RETAINED, subject, f"{listed(words)} hold data still", "offboarding.data")
