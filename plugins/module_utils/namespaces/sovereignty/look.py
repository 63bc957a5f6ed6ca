# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is looked at for sovereignty, each list of the cluster gone through once: objects by namespace, nodes by region and zone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from ...common.owned_fields import ApiObject
from ...platform.accelerators.pools import has_labels, selects
from ...platform.snapshot import PlatformSnapshot
from ...target.objects import labels_of, map_at, maps_at, name_of, namespace_of, text_at
from ..load import PodLoad
from ..readings import EGRESS_FIREWALLS, NETWORK_POLICIES, VOLUMES
from .hosts import EVERYWHERE, Ranges

NAMESPACES: Final = "namespaces"
NODES: Final = "nodes"
REGIONS: Final = ("topology.kubernetes.io/region", "failure-domain.beta.kubernetes.io/region")
ZONES: Final = ("topology.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/zone")
HOSTNAME: Final = "kubernetes.io/hostname"
ADMIN_POLICIES: Final = "adminnetworkpolicies.policy.networking.k8s.io"
_ADMIN_KIND: Final = ("policy.networking.k8s.io", "AdminNetworkPolicy")
INFERENCE_SERVICES: Final = "inferenceservices.serving.kserve.io"
LLM_SERVICES: Final = "llminferenceservices.serving.kserve.io"


class Look:
    """One look at a cluster, ready to be asked about one namespace after the other."""

    def __init__(self, snapshot: PlatformSnapshot, load: PodLoad) -> None:
        self.snapshot = snapshot
        self.load = load
        self.policies = _by_namespace(snapshot.all(NETWORK_POLICIES))
        self.firewalls = _by_namespace(snapshot.all(EGRESS_FIREWALLS))
        self.models = _by_namespace([*snapshot.all(INFERENCE_SERVICES), *snapshot.all(LLM_SERVICES)])
        self.volumes: dict[str, list[ApiObject]] = {}
        for item in snapshot.all(VOLUMES):
            self.volumes.setdefault(text_at(item, "spec.claimRef.namespace"), []).append(item)
        self.regions = {name_of(item): first_of(labels_of(item), REGIONS) for item in snapshot.all(NODES)}
        """node to its region; empty where it bears none"""
        self.zones: dict[str, set[str]] = {}
        """zone to the regions of its nodes"""
        self.hostnames: dict[str, str] = {}
        """host name to region"""
        for item in snapshot.all(NODES):
            region = self.regions[name_of(item)]
            self.zones.setdefault(first_of(labels_of(item), ZONES), set()).add(region)
            self.hostnames[labels_of(item).get(HOSTNAME, name_of(item))] = region
        self.no_addresses = _no_addresses(snapshot)
        """addresses of the family that the cluster does not have"""
        self._chosen: dict[tuple[tuple[str, str], ...], tuple[str, ...]] = {}
        self._reached: dict[str, frozenset[str]] = {}

    def namespace(self, name: str) -> ApiObject | None:
        """A namespace as it is."""
        return self.snapshot.get(NAMESPACES, "", name)

    def why_no_policies(self) -> str:
        """Why the policies that hold for a namespace are not known; empty where they are.

        Those of the cluster's administrators go before others: where the server has them, their list is needed as well.
        """
        needed = (NETWORK_POLICIES, NAMESPACES, *((ADMIN_POLICIES,) if _ADMIN_KIND in self.snapshot.served else ()))
        return self.snapshot.why_not(*needed)

    def admin_policies(self, name: str) -> list[ApiObject]:
        """Policies of the cluster's administrators that are for pods of a namespace."""
        found = []
        for item in self.snapshot.all(ADMIN_POLICIES):
            subject = map_at(item, "spec.subject")
            selector = map_at(subject, "namespaces") if "namespaces" in subject else map_at(subject, "pods.namespaceSelector")
            if name in self.namespaces_with(selector):
                found.append(item)
        return found

    def nodes_with(self, labels: Mapping[str, str]) -> tuple[str, ...]:
        """The nodes with these labels, sorted."""
        key = tuple(sorted(labels.items()))
        if key not in self._chosen:
            self._chosen[key] = tuple(sorted(name_of(item) for item in self.snapshot.all(NODES) if has_labels(labels_of(item), labels)))
        return self._chosen[key]

    def namespaces_with(self, selector: Mapping[str, Any]) -> frozenset[str]:
        """The namespaces that a LabelSelector takes."""
        key = repr(selector)
        if key not in self._reached:
            self._reached[key] = frozenset(name_of(item) for item in self.snapshot.all(NAMESPACES) if selects(selector, labels_of(item)))
        return self._reached[key]


def first_of(labels: Mapping[str, str], keys: Iterable[str]) -> str:
    """The first of these labels that is there; empty where none is."""
    return next((labels[key] for key in keys if labels.get(key)), "")


def is_empty(selector: Mapping[str, Any]) -> bool:
    """Whether a LabelSelector has no term, and takes everything."""
    return not map_at(selector, "matchLabels") and not selector.get("matchExpressions")


def _no_addresses(snapshot: PlatformSnapshot) -> Ranges:
    """IPv4 or IPv6 where nodes have addresses of the other one alone; none where nobody knows."""
    addresses = [
        text_at(entry, "address")
        for item in snapshot.all(NODES)
        for entry in maps_at(item, "status.addresses")
        if text_at(entry, "type") == "InternalIP"
    ]
    families = {":" in each for each in addresses}
    return [] if len(families) != 1 else [EVERYWHERE[0]] if True in families else [EVERYWHERE[1]]


def _by_namespace(items: Iterable[ApiObject]) -> dict[str, list[ApiObject]]:
    found: dict[str, list[ApiObject]] = {}
    for item in items:
        found.setdefault(namespace_of(item), []).append(item)
    return found
