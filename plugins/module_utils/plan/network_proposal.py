# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What would have to be made on the target for a network that leads nowhere yet: an attachment for its VLAN, to be reviewed.

It is proposed only where the target shows what carries tagged VLANs: a physical network that a node network policy maps to a
bridge, or a bridge that such a policy makes. OpenShift Virtualization documents both kinds: localnet networks of
OVN-Kubernetes (`ovn-k8s-cni-overlay`) and Linux bridges (`bridge`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from ..target.view import TargetView
from .model import MULTUS, NetworkChoice
from .names import digest_of, label_of, with_suffix
from .network_match import DEFAULT_NAMESPACE, DEFAULT_PHYSICAL_NETWORK, POLICIES, Attachments

LOCALNET, BRIDGE = "localnet", "bridge"
OUTSIDE_BRIDGE: Final = "br-ex"
"""OVS bridge of OVN-Kubernetes to the outside, on each node of OpenShift."""

PROPOSED_PHYSICAL_NETWORK: Final = "vm-vlans"
CARRIER_ANNOTATION: Final = "readiness.groundwork.io/carrier"


@dataclass(frozen=True, slots=True)
class Uplink:
    """What carries tagged VLANs to the nodes."""

    type: str
    """localnet or bridge"""
    name: str
    """physical network, or bridge"""
    reason: str


class Uplinks:
    """What carries VLANs on the target, and what each source switch seems to be connected to."""

    def __init__(self, target: TargetView, choices: Iterable[NetworkChoice]) -> None:
        self._all = uplinks_of(target)
        self._carrier_of = {
            (namespace, attachment.name): attachment.carrier
            for attachment in Attachments(target).all
            for namespace in attachment.namespaces
        }
        self._taken = {name for namespace, name in self._carrier_of if namespace == DEFAULT_NAMESPACE}
        self._mapped = [choice for choice in choices if choice.type == MULTUS]

    def completed(self, choice: NetworkChoice, switches: Mapping[str, str]) -> NetworkChoice:
        """The choice, with a proposal where it leads nowhere, has one VLAN, and its carrier is known.

        `switches` has the name of the virtual switch by `record_id`.
        """
        if choice.type or not choice.vlan.isdigit() or not self._all:
            return choice
        uplink = self._for_switch(choice, switches)
        if uplink is None:
            known = ", ".join(sorted(uplink.name for uplink in self._all))
            return replace(choice, reason=f"{choice.reason}; several carry VLANs on the target ({known}), so that none is proposed")
        return replace(choice, proposal=self._attachment(choice, uplink))

    def _for_switch(self, choice: NetworkChoice, switches: Mapping[str, str]) -> Uplink | None:
        """The only carrier, or the one that the other networks of the same switch lead to."""
        if len(self._all) == 1:
            return self._all[0]
        switch = switches.get(choice.record_id, "")
        seen = {
            self._carrier_of.get((other.namespace, other.name), "")
            for other in self._mapped
            if switch and other.vcenter == choice.vcenter and switches.get(other.record_id) == switch
        }
        found = [uplink for uplink in self._all if uplink.name in seen]
        return found[0] if len(found) == 1 else None

    def _attachment(self, choice: NetworkChoice, uplink: Uplink) -> dict[str, Any]:
        suffix = f"vlan{choice.vlan}"
        base = label_of(choice.source_name, 40)
        name = suffix if base in ("", suffix) else with_suffix(base, suffix)
        if name in self._taken:
            name = with_suffix(name, digest_of(choice.record_id, 4))
        config = _localnet(name, uplink.name, int(choice.vlan)) if uplink.type == LOCALNET else _bridge(name, uplink.name, int(choice.vlan))
        return {
            "apiVersion": "k8s.cni.cncf.io/v1",
            "kind": "NetworkAttachmentDefinition",
            "metadata": {
                "name": name,
                "namespace": DEFAULT_NAMESPACE,
                "annotations": {CARRIER_ANNOTATION: f"{uplink.type}:{uplink.name}", "readiness.groundwork.io/reason": uplink.reason},
            },
            "spec": {"config": json.dumps(config, sort_keys=True)},
        }


def uplinks_of(target: TargetView) -> list[Uplink]:
    """What carries tagged VLANs, by the node network policies; else br-ex, where every worker has it and no policy says otherwise."""
    if not (target.known(POLICIES) or target.none_there(POLICIES)):
        return []
    physical: set[str] = set()
    bridges: set[str] = set()
    for policy in target.all("node_network_policy"):
        mappings = policy.get("bridge_mappings", {})
        physical.update(name for name in mappings if name != DEFAULT_PHYSICAL_NETWORK)
        bridges.update(bridge for bridge in policy.get("bridges", ()) if bridge not in mappings.values())
    found = [Uplink(LOCALNET, name, f"a node network policy maps physical network {name} to a bridge") for name in sorted(physical)]
    found += [Uplink(BRIDGE, name, f"a node network policy makes bridge {name}") for name in sorted(bridges)]
    return found or _outside(target)


def policy_for(uplink_name: str) -> dict[str, Any]:
    """The policy that maps a physical network of this name to br-ex: it goes with proposals where none exists yet."""
    mapping = {"localnet": uplink_name, "bridge": OUTSIDE_BRIDGE, "state": "present"}
    return {
        "apiVersion": "nmstate.io/v1",
        "kind": "NodeNetworkConfigurationPolicy",
        "metadata": {"name": f"{uplink_name}-{OUTSIDE_BRIDGE}"},
        "spec": {
            "nodeSelector": {"node-role.kubernetes.io/worker": ""},
            "desiredState": {"ovn": {"bridge-mappings": [mapping]}},
        },
    }


def needed_policies(choices: Iterable[NetworkChoice], target: TargetView) -> list[dict[str, Any]]:
    """Policies without which the proposed attachments would lead nowhere."""
    carriers = {choice.proposal["metadata"]["annotations"][CARRIER_ANNOTATION] for choice in choices if choice.proposal is not None}
    mapped = {name for policy in target.all("node_network_policy") for name in policy.get("bridge_mappings", {})}
    wanted = sorted(name for kind, _colon, name in (carrier.partition(":") for carrier in carriers) if kind == LOCALNET)
    return [policy_for(name) for name in wanted if name not in mapped]


def _outside(target: TargetView) -> list[Uplink]:
    workers = [node for node in target.all("node") if "worker" in node.get("roles", ())]
    if not workers or not all(OUTSIDE_BRIDGE in node.get("bridges", ()) for node in workers):
        return []
    reason = f"each worker has {OUTSIDE_BRIDGE}; a policy that maps the physical network to it is proposed as well"
    return [Uplink(LOCALNET, PROPOSED_PHYSICAL_NETWORK, reason)]


def _localnet(name: str, physical_network: str, vlan: int) -> dict[str, Any]:
    return {
        "cniVersion": "0.4.0",
        "name": name,
        "type": "ovn-k8s-cni-overlay",
        "topology": "localnet",
        "physicalNetworkName": physical_network,
        "vlanID": vlan,
        "netAttachDefName": f"{DEFAULT_NAMESPACE}/{name}",
    }


def _bridge(name: str, bridge: str, vlan: int) -> dict[str, Any]:
    return {
        "cniVersion": "0.3.1",
        "name": name,
        "type": "bridge",
        "bridge": bridge,
        "vlan": vlan,
        "macspoofchk": True,
        "preserveDefaultVlan": False,
    }
