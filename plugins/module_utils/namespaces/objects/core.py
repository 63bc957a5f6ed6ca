# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The namespace itself, what it may take, and what its containers get: Namespace, ResourceQuota, LimitRange, service accounts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from ...common.owned_fields import ApiObject
from ...common.quantities import cpu_text, memory_text
from ..contract.amounts import limit_of_cpu, limit_of_memory_gib, most_cpu, most_memory_gib
from ..contract.model import OWN_NETWORK, Contract, QuotaWanted
from ..grants import quota_keys
from ..terms import CLASSIFICATION, CONTACT, COST_CENTRE, EXPIRES, JURISDICTION, LIMITS, OWNER, OWNER_GROUP, QUOTA, TICKET

REGION: Final = "topology.kubernetes.io/region"
NODE_SELECTOR: Final = "openshift.io/node-selector"
OWN_NETWORK_LABEL: Final = "k8s.ovn.org/primary-user-defined-network"
"""Has to be there when the namespace is made (ovn-kubernetes, docs/features/user-defined-networks)."""

POD_SECURITY: Final = "pod-security.kubernetes.io/"
MODELS: Final = "count/inferenceservices.serving.kserve.io"
LLM_MODELS: Final = "count/llminferenceservices.serving.kserve.io"
STORAGE_CLASS: Final = ".storageclass.storage.k8s.io/requests.storage"


def namespace(contract: Contract) -> ApiObject:
    """The namespace with what it bears."""
    given = {
        "openshift.io/display-name": contract.display_name,
        "openshift.io/description": contract.description,
        EXPIRES: contract.expires,
        OWNER_GROUP: contract.owner.group,
        CONTACT: contract.owner.contact,
        TICKET: contract.ticket,
        NODE_SELECTOR: node_selector(contract),
    }
    return {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {
            "name": contract.namespace,
            "labels": labels(contract),
            "annotations": {key: value for key, value in given.items() if value},
        },
    }


def labels(contract: Contract) -> dict[str, str]:
    """Labels of the namespace."""
    found = {
        OWNER: contract.owner.name,
        COST_CENTRE: contract.owner.cost_centre,
        CLASSIFICATION: contract.classification,
        "kueue.openshift.io/managed": "true",
        "opendatahub.io/dashboard": "true",
        # Pod security is what the contract says, and not what OpenShift works out from the SCCs of the namespace.
        "security.openshift.io/scc.podSecurityLabelSync": "false",
        **{f"{POD_SECURITY}{mode}": contract.pod_security for mode in ("audit", "enforce", "warn")},
    }
    if contract.jurisdiction is not None:
        found[JURISDICTION] = contract.jurisdiction.name
    if contract.network.isolation == OWN_NETWORK:
        found[OWN_NETWORK_LABEL] = ""
    return dict(sorted(found.items()))


def node_selector(contract: Contract) -> str:
    """What binds every pod to the region; empty where nothing is said, and where there are several: a selector knows no or."""
    regions = contract.jurisdiction.regions if contract.jurisdiction else ()
    return f"{REGION}={regions[0]}" if len(regions) == 1 else ""


def resource_quota(contract: Contract, devices: Mapping[str, int], storage_classes: Iterable[str] = ()) -> ApiObject:
    """What the namespace may take together; accelerators by resource, each that is known, since one that is not named is not limited.

    `storage_classes` are those of the cluster.
    """
    return {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": QUOTA, "namespace": contract.namespace},
        "spec": {"hard": dict(sorted({**_amounts(contract.quota, storage_classes), **quota_keys(devices)}.items()))},
    }


def _amounts(quota: QuotaWanted, storage_classes: Iterable[str]) -> dict[str, str]:
    found = {
        "requests.cpu": str(cpu_text(quota.cpu)),
        "requests.memory": memory_text(quota.memory_gib),
        "limits.cpu": str(cpu_text(limit_of_cpu(quota))),
        "limits.memory": memory_text(limit_of_memory_gib(quota)),
        "requests.storage": memory_text(quota.storage_gib),
        "persistentvolumeclaims": str(quota.volumes),
        "pods": str(quota.pods),
        MODELS: str(quota.models),
        LLM_MODELS: str(quota.models),
        "services.loadbalancers": str(quota.load_balancers),
        "services.nodeports": str(quota.node_ports),
    }
    if quota.ephemeral_gib is not None:
        found["requests.ephemeral-storage"] = memory_text(quota.ephemeral_gib)
    # A class that is not named is not limited: each that is there is named, once any is.
    classes = {**(dict.fromkeys(storage_classes, 0.0) if quota.storage_classes else {}), **quota.storage_classes}
    return {**found, **{f"{name}{STORAGE_CLASS}": memory_text(amount) for name, amount in classes.items()}}


def limit_range(contract: Contract) -> ApiObject:
    """Defaults and bounds. Accelerators are in none: every container would get one."""
    each, quota = contract.containers, contract.quota
    most = {
        "cpu": str(cpu_text(most_cpu(contract))),
        "memory": memory_text(most_memory_gib(contract)),
    }
    limits: list[dict[str, Any]] = [
        {
            "type": "Container",
            "default": {"cpu": str(cpu_text(each.cpu_limit)), "memory": memory_text(each.memory_limit_gib)},
            "defaultRequest": {"cpu": str(cpu_text(each.cpu_request)), "memory": memory_text(each.memory_request_gib)},
            "max": most,
        }
    ]
    largest = quota.storage_gib if each.volume_most_gib is None else each.volume_most_gib
    if largest:
        limits.append({"type": "PersistentVolumeClaim", "max": {"storage": memory_text(largest)}})
    return {
        "apiVersion": "v1",
        "kind": "LimitRange",
        "metadata": {"name": LIMITS, "namespace": contract.namespace},
        "spec": {"limits": limits},
    }


def service_accounts(contract: Contract) -> Iterator[ApiObject]:
    """The service accounts, without their Secrets: OpenShift puts some of its own into that list, and no server merges it."""
    for each in contract.service_accounts:
        yield {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": each.name, "namespace": contract.namespace}}
