# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the networks of the estate lead: by the user's rules, else by VLAN, addresses and name, with a reason to confirm.

Nothing is guessed: two attachments that suit equally well, or none, leave the network unmapped. The pod network, and leaving
a network out, are for the user alone to choose.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ..common.artifact import JsonRecord
from ..common.errors import Problem
from ..target.view import TargetView
from .model import MULTUS, NetworkChoice, PlanNic, PlanVm
from .network_match import DEFAULT_NAMESPACE, NADS, Attachments, Match, SourceNetwork, attachments_known
from .network_proposal import Uplinks
from .settings import NetworkRule
from .source_rules import Rules
from .subnets import IpNetwork, interface_of

SETTING: Final = "plan_networks"
USER: Final = 100
MAX_SUBNETS: Final = 64
"""So many subnets of a network are looked at; one with more tells nothing by its addresses."""


@dataclass(frozen=True, slots=True)
class NetworkUse:
    """What uses a network: the number of VMs, and the subnets of their addresses; none where they have more than `MAX_SUBNETS`."""

    name: str
    vcenter: str
    vm_count: int
    subnets: tuple[IpNetwork, ...] = ()


def network_key(vm: PlanVm, nic: PlanNic) -> str:
    """What an adapter's network is called here: the id of its record, else vCenter and name; empty for an adapter without one."""
    return nic.network_id or (f"{vm.vcenter}/{nic.network}" if nic.network else "")


def network_use(vms: Iterable[PlanVm]) -> dict[str, NetworkUse]:
    """Use per network, by `network_key`."""
    counts: dict[str, int] = {}
    named: dict[str, tuple[str, str]] = {}
    subnets: dict[str, set[IpNetwork]] = {}
    for vm in vms:
        keys = {network_key(vm, nic): nic for nic in vm.nics or ()}
        for key, nic in keys.items():
            if key:
                counts[key] = counts.get(key, 0) + 1
                named.setdefault(key, (nic.network, vm.vcenter))
        for nic in vm.nics or ():
            if nic.cidrs and (key := network_key(vm, nic)):
                found = subnets.setdefault(key, set())
                if len(found) <= MAX_SUBNETS:
                    found.update(interface.network for interface in map(interface_of, nic.cidrs) if interface is not None)
    return {key: NetworkUse(*named[key], vm_count=counts[key], subnets=_in_order(subnets.get(key, set()))) for key in sorted(counts)}


def map_networks(
    networks: Iterable[JsonRecord],
    use: Mapping[str, NetworkUse],
    target: TargetView,
    rules: Sequence[NetworkRule],
    vcenter_names: Mapping[str, Sequence[str]] | None = None,
) -> list[NetworkChoice]:
    """A choice for each network that VMs use, by `record_id`. `networks` are the estate's records of that kind."""
    records = {record["id"]: record for record in networks if record["id"] in use}
    mapper = _Mapper(target, Rules(SETTING, rules, vcenter_names))
    choices = [mapper.choice(key, records.get(key, {}), use[key]) for key in sorted(use)]
    uplinks = Uplinks(target, choices)
    switches = {key: str(record.get("switch", "")) for key, record in records.items()}
    return [uplinks.completed(choice, switches) if choice.record_id in mapper.nothing_suits else choice for choice in choices]


def rule_problems(rules: Sequence[NetworkRule], target: TargetView) -> list[Problem]:
    """Rules that lead to an attachment or namespace that the target does not have; empty where its lists could not be read."""
    problems = []
    attachments = Attachments(target)
    for number, rule in enumerate(rules):
        if rule.type != MULTUS:
            continue
        place = f"{SETTING}[{number}]"
        if rule.namespace and target.known("namespaces") and target.get("namespace", rule.namespace) is None:
            problems.append(Problem(f"{place}.namespace {rule.namespace} is not on the target", remedy="make it, or name another one"))
        elif attachments_known(target) and not _has(target, attachments, rule):
            shown = f"{rule.namespace}/{rule.name}" if rule.namespace else rule.name
            problems.append(Problem(f"{place}: network attachment {shown} is not on the target", remedy="make it, or name another one"))
    return problems


def _has(target: TargetView, attachments: Attachments, rule: NetworkRule) -> bool:
    if rule.namespace:
        return target.get("network_attachment", f"{rule.namespace}/{rule.name}") is not None
    return bool(attachments.named(rule.name))


class _Mapper:
    """Answers for one network after the other."""

    def __init__(self, target: TargetView, rules: Rules[NetworkRule]) -> None:
        self._attachments = Attachments(target)
        self._rules = rules
        self.nothing_suits: set[str] = set()
        """`record_id` of networks for which the target, as far as it was read, has nothing"""
        self._why_not = "" if self._attachments.all or attachments_known(target) else target.why_not(NADS)

    def choice(self, key: str, record: JsonRecord, use: NetworkUse) -> NetworkChoice:
        name, vcenter = record.get("name", use.name), record.get("vcenter", use.vcenter)
        moref, vlan = record.get("moref", ""), record.get("vlan")
        ruled = self._rules.find(vcenter, name, *filter(None, (moref, key)))
        if ruled is not None:
            namespaces, kind, confidence = self._ruled_namespaces(ruled[0]), ruled[0].type, USER
            destination, reason = ruled[0].name if kind == MULTUS else "", f"your rule {ruled[1]}"
        else:
            best, reason = self._best(key, SourceNetwork(name, vlan, use.subnets))
            kind, confidence = (MULTUS, best.confidence) if best else ("", 0)
            namespaces, destination = (best.attachment.namespaces, best.attachment.name) if best else ((), "")
        namespace = DEFAULT_NAMESPACE if DEFAULT_NAMESPACE in namespaces else namespaces[0] if namespaces else ""
        return NetworkChoice(
            source_id=moref or name,
            source_name=name,
            vcenter=vcenter,
            vlan=_vlan_words(vlan),
            type=kind,
            namespace=namespace,
            name=destination,
            confidence=confidence,
            reason=reason,
            vm_count=use.vm_count,
            record_id=key,
            namespaces=namespaces if len(namespaces) > 1 else (),
        )

    def _ruled_namespaces(self, rule: NetworkRule) -> tuple[str, ...]:
        if rule.type != MULTUS:
            return ()
        return (rule.namespace,) if rule.namespace else self._attachments.named(rule.name)

    def _best(self, key: str, source: SourceNetwork) -> tuple[Match | None, str]:
        if self._why_not:
            return None, f"not evaluated: {self._why_not}"
        matches = self._attachments.matches(source)
        if not matches:
            self.nothing_suits.add(key)
            shown = "its VLAN is not known" if source.vlan is None else f"VLAN {source.vlan or 'none, it is untagged'}"
            return None, f"no network of the target agrees with it by VLAN, addresses or name ({shown})"
        best = matches[0]
        equal = [match for match in matches if match.confidence == best.confidence]
        if len(equal) > 1:
            return None, f"these suit equally well: {', '.join(match.attachment.words for match in equal[:5])}; {best.reason}"
        return best, best.reason


def _vlan_words(vlan: str | None) -> str:
    return "" if vlan is None else vlan or "untagged"


def _in_order(subnets: Collection[IpNetwork]) -> tuple[IpNetwork, ...]:
    if len(subnets) > MAX_SUBNETS:
        return ()
    return tuple(sorted(subnets, key=lambda subnet: (subnet.version, int(subnet.network_address), subnet.prefixlen)))
