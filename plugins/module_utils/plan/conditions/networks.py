# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Conditions of a VM's adapters: where their networks lead, and what becomes of their addresses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ..addresses import LOST, UNKNOWN, UNREACHABLE
from ..model import MULTUS, POD, PlanNic, PlanVm
from ..network_match import NADS
from ..networks import network_key
from ..subnets import interface_of, networks_of
from .answers import NOT_APPLICABLE, PASSED, Answer, Fault, Open, few, judges
from .context import Scene
from .views import VmEntry, text
from .vms import absent

STATIC_UDN: Final = "controller_static_udn_ip_addresses"
NO_NICS: Final = Open("the VM's adapters are not known")
NO_NETWORK: Final = Open("the network of an adapter is not known")


@judges("VMNetworksNotMapped")
def networks_mapped(entry: VmEntry, scene: Scene) -> Answer:
    vm, found = entry.vm, entry.plan.network_map
    if found is None:
        return NOT_APPLICABLE
    if vm is None:
        return absent(entry)
    if not vm.nics:
        return NO_NICS if vm.nics is None else NOT_APPLICABLE
    if found.unclear:
        return Open(found.unclear)
    missing = unknown = None
    for nic in vm.nics:
        key = nic.network_id or network_key(vm, nic)
        if not key:
            unknown = nic
        elif key not in found.mapped:
            missing = nic
    if missing is not None:
        return Fault(
            f"network {missing.network} is not in {found.key}", "every network of the VM in the map", "add a rule to plan_networks"
        )
    return PASSED if unknown is None else NO_NETWORK


def _ends(entry: VmEntry, vm: PlanVm) -> list[Mapping[str, object] | None] | Open:
    """Where the adapters lead, each by the first pair of its network that another adapter has not taken; None is unknown."""
    found = entry.plan.network_map
    if vm.nics is None:
        return NO_NICS
    if found is None or found.spec is None:
        return Open(f"the snapshot does not show where {found.key} leads") if found else NO_NETWORK
    if found.unclear:
        return Open(found.unclear)
    taken: dict[str, int] = {}
    ends: list[Mapping[str, object] | None] = []
    for nic in vm.nics:
        key = network_key(vm, nic)
        pool = found.by_source.get(key, ())
        number = taken.get(key, 0)
        taken[key] = number + 1
        # Several attachments of one network are a pool: each adapter gets the next one.
        ends.append(pool[number % len(pool)] if pool else {} if key else None)
    return ends


@judges("VMMultiplePodNetworkMappings")
def one_pod_network(entry: VmEntry, scene: Scene) -> Answer:
    vm = entry.vm
    if entry.plan.network_map is None:
        return NOT_APPLICABLE
    if vm is None:
        return absent(entry)
    if vm.nics is not None and len(vm.nics) < 2:
        return PASSED if vm.nics else NOT_APPLICABLE
    ends = _ends(entry, vm)
    if isinstance(ends, Open):
        return ends
    count = sum(1 for end in ends if end is not None and end.get("type") == POD)
    if count > 1:
        return Fault(f"{count} adapters on the pod network", "one", "map the others to attachments, or ignore them (plan_networks)")
    return NO_NETWORK if None in ends else PASSED


@judges("VMDuplicateNADMappings")
def attachments_once(entry: VmEntry, scene: Scene) -> Answer:
    vm = entry.vm
    if entry.plan.network_map is None:
        return NOT_APPLICABLE
    if vm is None:
        return absent(entry)
    if vm.nics is not None and len(vm.nics) < 2:
        return PASSED if vm.nics else NOT_APPLICABLE
    ends = _ends(entry, vm)
    if isinstance(ends, Open):
        return ends
    names = [f"{text(end.get('namespace'))}/{text(end.get('name'))}" for end in ends if end is not None and end.get("type") == MULTUS]
    double = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if double:
        return Fault(f"several adapters lead to {few(double)}", "an attachment for each adapter", "give the network a pool of attachments")
    return NO_NETWORK if None in ends else PASSED


# ---- addresses -------------------------------------------------------------------------------------------------------


@judges("own.address_lost")
def address_kept(entry: VmEntry, scene: Scene) -> Answer:
    vm = entry.vm
    if not entry.plan.keeps_addresses or entry.plan.network_map is None:
        return NOT_APPLICABLE
    if vm is None:
        return absent(entry)
    if vm.nics == ():
        return NOT_APPLICABLE
    ends = _ends(entry, vm)
    if isinstance(ends, Open):
        return ends
    on_pod = [nic for nic, end in zip(vm.nics or (), ends, strict=True) if end is not None and end.get("type") == POD]
    lost = [address for nic in on_pod for address in nic.ips or ()]
    if lost and not _own_primary(entry, scene):
        remedy = "map the network to an attachment, or set plan_preserve_static_ips to false"
        return Fault(f"{few(lost)} would be on the pod network", "kept addresses on attachments", remedy)
    if any(nic.ips is None for nic in on_pod):
        return Open("the addresses of the VM are not known")
    return NO_NETWORK if None in ends else PASSED


def _own_primary(entry: VmEntry, scene: Scene) -> bool:
    namespace = scene.target.get("namespace", entry.plan.target_namespace)
    return namespace is not None and namespace.get("primary_network") is True


@judges("own.address_unreachable")
def address_reachable(entry: VmEntry, scene: Scene) -> Answer:
    vm = entry.vm
    if vm is None:
        return absent(entry)
    checks = scene.addresses_of(vm.id)
    if checks is None:
        return Open("the addresses were not checked")
    if not vm.nics:
        return NO_NICS if vm.nics is None else NOT_APPLICABLE
    wrong = unknown = None
    for check in checks:
        if check.state == UNREACHABLE:
            wrong = check
        elif check.state == UNKNOWN:
            unknown = check
    if wrong is not None:
        return Fault(f"{wrong.address} on {wrong.destination}: it {wrong.reason}", "an address of its subnets", "map the network elsewhere")
    if unknown is not None:
        return Open(unknown.reason)
    # What the pod network takes away is the matter of own.address_lost.
    return PASSED if any(check.state != LOST for check in checks) or not checks else NOT_APPLICABLE


@judges("VMIpNotMatchingUdnSubnet")
def address_in_primary_network(entry: VmEntry, scene: Scene) -> Answer:
    vm, plan = entry.vm, entry.plan
    if not plan.keeps_addresses:
        return NOT_APPLICABLE
    feature = scene.feature(STATIC_UDN)
    if feature is False or scene.primary_namespace(plan.target_namespace) is False:
        return NOT_APPLICABLE
    if vm is None:
        return absent(entry)
    if feature is None:
        return Open(f"nobody knows whether {STATIC_UDN} is on: {scene.why_no_toolkit()}")
    if not scene.listed(NADS):
        return Open(scene.why_not(NADS))
    ends = _ends(entry, vm)
    if isinstance(ends, Open):
        return ends
    return _inside(entry, [nic for nic, end in zip(vm.nics or (), ends, strict=True) if end is not None and end.get("type") == POD], scene)


def _inside(entry: VmEntry, nics: list[PlanNic], scene: Scene) -> Answer:
    if not nics:
        return NOT_APPLICABLE
    own = [record for record in scene.attachments_in(entry.plan.target_namespace) if record.get("user_defined") is True]
    if any("subnets" not in record for record in own):
        return Open("the subnets of the primary network are not known")
    subnets = networks_of(subnet for record in own for subnet in record["subnets"])
    if not subnets:
        return NOT_APPLICABLE
    if any(nic.ips is None for nic in nics):
        return Open("the addresses of the VM are not known")
    found = [(address, interface_of(f"{address}/{128 if ':' in address else 32}")) for nic in nics for address in nic.ips or ()]
    outside = [address for address, interface in found if interface and not any(interface.ip in subnet for subnet in subnets)]
    if outside:
        return Fault(few(outside), f"an address in {few(map(str, subnets))}", "change the subnet of the network, or the address")
    return PASSED
