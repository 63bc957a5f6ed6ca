# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a VM's adapters and addresses can live on where its networks lead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from ..target.view import TargetView
from .model import IGNORED, MULTUS, POD, Constraint, Destination, NetworkChoice, PlanNic, PlanVm
from .network_match import DEFAULT_NAMESPACE, Attachment, Attachments
from .networks import SETTING, network_key
from .subnets import interface_of

REACHABLE, UNREACHABLE, LOST, UNKNOWN = "reachable", "unreachable", "lost", "unknown"
"""What becomes of an address: it can stay, the destination has other subnets, the pod network gives another, nobody can tell."""

STATES: Final = (REACHABLE, UNREACHABLE, LOST, UNKNOWN)


@dataclass(frozen=True, slots=True)
class AddressCheck:
    """What becomes of one address of a VM."""

    vm_id: str
    mac: str
    address: str
    """with its prefix length; empty where the guest's addresses are not known"""
    network: str
    destination: str
    state: str
    reason: str


class Addresses:
    """Checks addresses against the networks of the target."""

    def __init__(self, choices: Iterable[NetworkChoice], target: TargetView) -> None:
        self._choices = choices_by_network(choices)
        self._attachments = {
            (namespace, attachment.name): attachment for attachment in Attachments(target).all for namespace in attachment.namespaces
        }

    def checks(self, vm: PlanVm, destination: Destination) -> tuple[AddressCheck, ...]:
        """One check per address, and one per adapter whose addresses are not known."""
        found: list[AddressCheck] = []
        for nic in vm.nics or ():
            choice = self._choices.get(network_key(vm, nic))
            if choice is None or choice.type in ("", IGNORED):
                continue
            place = attachment_of(choice, destination.namespace)
            shown = POD if choice.type == POD else "/".join(place)
            addresses = [text for text in nic.cidrs if interface_of(text) is not None]
            if not addresses and nic.ips is None:
                reason = "VMware Tools told no addresses of this adapter"
                found.append(AddressCheck(vm.id, nic.mac, "", choice.source_name, shown, UNKNOWN, reason))
            for address in addresses:
                state, reason = self._state(address, choice, self._attachments.get(place))
                found.append(AddressCheck(vm.id, nic.mac, address, choice.source_name, shown, state, reason))
        return tuple(found)

    def _state(self, address: str, choice: NetworkChoice, attachment: Attachment | None) -> tuple[str, str]:
        if choice.type == POD:
            return LOST, "the pod network gives each VM an address of its own"
        if attachment is None:
            return UNKNOWN, "the target's attachment was not read"
        if attachment.subnets:
            interface = interface_of(address)
            subnets = ", ".join(map(str, attachment.subnets))
            if interface is not None and any(interface.ip in subnet for subnet in attachment.subnets):
                return REACHABLE, f"lies in {subnets}"
            return UNREACHABLE, f"does not lie in {subnets}"
        if attachment.vlan and choice.vlan == str(attachment.vlan):
            return REACHABLE, f"VLAN {attachment.vlan} on both sides, and the destination assigns no addresses"
        return UNKNOWN, "the destination names neither subnets nor the VLAN of the source"


def choices_by_network(choices: Iterable[NetworkChoice]) -> dict[str, NetworkChoice]:
    """The choices by `record_id`."""
    return {choice.record_id: choice for choice in choices}


def attachment_of(choice: NetworkChoice, namespace: str) -> tuple[str, str]:
    """Namespace and name of the attachment that a plan for this target namespace takes; empty texts for the pod network."""
    if choice.type != MULTUS:
        return "", ""
    if not choice.namespace or (choice.namespace != DEFAULT_NAMESPACE and namespace in choice.namespaces):
        return namespace, choice.name
    return choice.namespace, choice.name


def network_constraints(vm: PlanVm, destination: Destination, choices: Mapping[str, NetworkChoice]) -> list[Constraint]:
    """What keeps a VM out because of its networks: one that leads nowhere, two adapters on the pod network, a foreign attachment."""
    found: dict[tuple[str, str], Constraint] = {}
    pods: list[str] = []
    for nic in vm.nics or ():
        key = network_key(vm, nic)
        choice = choices.get(key)
        if not key:
            continue
        if choice is None or not choice.type:
            found["network_unmapped", key] = _unmapped(vm, nic, choice)
        elif choice.type == POD:
            pods.append(choice.source_name)
        elif choice.type == MULTUS and (place := attachment_of(choice, destination.namespace))[0] not in _usable(destination):
            found["network_namespace", key] = _foreign(vm, choice, place, destination)
    if len(pods) > 1:
        message = f"{vm.name}: {len(pods)} adapters lead to the pod network ({', '.join(pods)}), which takes one"
        remedy = "map the others to attachments, or ignore them"
        found["multiple_pod_networks", ""] = Constraint("multiple_pod_networks", vm.name, message, remedy, SETTING)
    return [found[key] for key in sorted(found)]


def _usable(destination: Destination) -> tuple[str, str]:
    return destination.namespace, DEFAULT_NAMESPACE


def _unmapped(vm: PlanVm, nic: PlanNic, choice: NetworkChoice | None) -> Constraint:
    name = choice.source_name if choice else nic.network
    why = f" ({choice.reason})" if choice and choice.reason else ""
    return Constraint("network_unmapped", name, f"{vm.name}: network {name} leads nowhere{why}", f"add a rule for {name}", SETTING)


def _foreign(vm: PlanVm, choice: NetworkChoice, place: tuple[str, str], destination: Destination) -> Constraint:
    message = (
        f"{vm.name}: {choice.source_name} leads to {'/'.join(place)}; a plan for {destination.namespace} takes attachments"
        f" of that namespace or of {DEFAULT_NAMESPACE} alone"
    )
    return Constraint("network_namespace", choice.source_name, message, f"make the attachment in {destination.namespace} as well", SETTING)
