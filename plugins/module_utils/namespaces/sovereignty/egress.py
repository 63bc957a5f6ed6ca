# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What leads out of a namespace and into it, as the rules that are there say: whoever wrote them.

A pod reaches what any policy lets through that is for it, and everything while no policy is; an EgressFirewall takes away from that,
its first rule that fits deciding (networking.k8s.io/v1 NetworkPolicy; k8s.ovn.org/v1 EgressFirewall). What an AdminNetworkPolicy allows
no other policy takes back (policy.networking.k8s.io). An address that is denied on some ports alone counts as open, and so does one that
another AdminNetworkPolicy denies.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ...common.findings import CheckFinding, Evidence
from ...common.owned_fields import ApiObject
from ...common.write_findings import MISSING
from ...platform.verdicts import failed, passed, seen, unknown
from ...target.objects import at, map_at, maps_at, name_of, namespace_of, text_at, texts_at
from ..contract.model import Contract
from ..readings import EGRESS_FIREWALLS
from . import checks
from .hosts import EVERYWHERE, Bounds, Ranges, address, joined, ranges_of, without
from .look import Look, is_empty

IN, OUT = "Ingress", "Egress"
_KEYS: Final[Mapping[str, tuple[str, str]]] = {IN: ("spec.ingress", "from"), OUT: ("spec.egress", "to")}
_PATH: Final = "network.egress"


@dataclass(frozen=True, slots=True)
class Ways:
    """What one policy lets through in one direction."""

    policy: str
    """for people, such as `NetworkPolicy team-a/open`; empty where there is no policy at all"""
    everything: bool = False
    """whether a rule names nobody, and so means all"""
    selectors: tuple[Mapping[str, Any], ...] = ()
    """selectors of namespaces"""
    cidrs: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """networks, each with those that are taken out of it"""

    hosts: tuple[str, ...] = ()
    """hosts that are let through by name"""

    @property
    def addresses(self) -> Ranges:
        """All addresses that the networks come to."""
        if self.everything:
            return list(EVERYWHERE)
        return joined(
            one
            for cidr, exceptions in self.cidrs
            for one in without(ranges_of(cidr), (cut for each in exceptions for cut in ranges_of(each)))
        )

    @property
    def words(self) -> str:
        """Its networks, for evidence."""
        return "everything" if self.everything else ", ".join(cidr for cidr, _exceptions in self.cidrs)


def ways_of(policy: ApiObject, direction: str) -> Ways | None:
    """What a policy lets through; None where it is not about that direction."""
    if direction not in directions(policy):
        return None
    path, key = _KEYS[direction]
    peers: list[Mapping[str, Any]] = []
    everything = False
    for rule in maps_at(policy, path):
        found = maps_at(rule, key)
        everything = everything or not found
        peers += found
    blocks = [map_at(peer, "ipBlock") for peer in peers if "ipBlock" in peer]
    return Ways(
        f"NetworkPolicy {namespace_of(policy)}/{name_of(policy)}",
        everything,
        tuple(map_at(peer, "namespaceSelector") for peer in peers if peer.get("namespaceSelector") is not None),
        tuple((text_at(block, "cidr"), tuple(texts_at(block, "except"))) for block in blocks),
    )


def ways_of_admin(policy: ApiObject, direction: str) -> Ways:
    """What an AdminNetworkPolicy allows in a direction."""
    path, key = _KEYS[direction]
    peers = [peer for rule in maps_at(policy, path) if text_at(rule, "action") == "Allow" for peer in maps_at(rule, key)]
    selectors = [map_at(peer, place) for peer in peers for place in ("namespaces", "pods.namespaceSelector") if at(peer, place) is not None]
    return Ways(
        f"AdminNetworkPolicy {name_of(policy)}",
        selectors=tuple(selectors),
        cidrs=tuple((cidr, ()) for peer in peers for cidr in texts_at(peer, "networks")),
        hosts=tuple(host.rstrip(".").lower() for peer in peers for host in texts_at(peer, "domainNames")),
    )


def all_ways(namespace: str, direction: str, look: Look) -> list[Ways]:
    """What all policies that are about a direction let through for a namespace."""
    own = [found for each in look.policies.get(namespace, ()) if (found := ways_of(each, direction)) is not None]
    return [*own, *(ways_of_admin(each, direction) for each in look.admin_policies(namespace))]


def directions(policy: ApiObject) -> list[str]:
    """The directions that a policy is about; one that does not say is about what comes in, and what goes out if it has such rules."""
    return texts_at(policy, "spec.policyTypes") or [IN, *([OUT] if maps_at(policy, "spec.egress") else [])]


def holds_back(policies: Iterable[ApiObject], direction: str) -> bool:
    """Whether some policy is for every pod, so that nothing gets through that no rule lets through."""
    return any(is_empty(map_at(each, "spec.podSelector")) and direction in directions(each) for each in policies)


# ---- firewalls -------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Firewall:
    """What the firewalls of a namespace take away, and which hosts they let through by name."""

    denied: Ranges = field(default_factory=list)
    hosts: list[str] = field(default_factory=list)


def firewall_of(items: Sequence[ApiObject]) -> Firewall:
    """The firewalls of a namespace, of which it can have one."""
    found = Firewall()
    for item in items:
        allowed: Ranges = []
        for rule in maps_at(item, "spec.egress"):
            target, is_allowed = map_at(rule, "to"), text_at(rule, "type") == "Allow"
            addresses, host = ranges_of(text_at(target, "cidrSelector")), text_at(target, "dnsName")
            if host and is_allowed:
                found.hosts.append(host.rstrip(".").lower())
            elif is_allowed:
                allowed = joined([*allowed, *addresses])
            elif not rule.get("ports"):
                found.denied = joined([*found.denied, *without(addresses, allowed)])
    return found


# ---- out of the jurisdiction -----------------------------------------------------------------------------------------


def egress_findings(contract: Contract, bounds: Bounds, look: Look) -> Iterator[CheckFinding]:
    """Rules that lead out of the jurisdiction, each in a finding. Private networks are the site's own."""
    space, subject = contract.namespace, f"ways out of {contract.namespace}"
    if why_not := look.why_no_policies():
        yield unknown(checks.EGRESS, subject, why_not, _PATH)
        return
    ways = all_ways(space, OUT, look)
    if not holds_back(look.policies.get(space, ()), OUT):
        ways.append(Ways("", everything=True))
    open_ways = [(each, left) for each in ways if (left := without(each.addresses, [*bounds.inside, *look.no_addresses]))]
    if open_ways and not look.snapshot.known(EGRESS_FIREWALLS):
        reason = f"policies lead out, and whether a firewall holds them back is not known: {look.snapshot.why_not(EGRESS_FIREWALLS)}"
        yield unknown(checks.EGRESS, subject, reason, _PATH)
        return
    firewall = firewall_of(look.firewalls.get(space, []))
    found = [_leak(space, each, left, bounds) for each, before in open_ways if (left := without(before, firewall.denied))]
    name = f"EgressFirewall {space}/default"
    by_name = [(name, host) for host in firewall.hosts if open_ways] + [(each.policy, host) for each in ways for host in each.hosts]
    found += [_by_name(*each, bounds) for each in dict.fromkeys(by_name) if not _is_inside(each[1], bounds)]
    yield from found
    if not found:
        yield passed(checks.EGRESS, subject, _PATH)


def _is_inside(host: str, bounds: Bounds) -> bool:
    """Whether a host that may be written with a wildcard is: a pattern has to be one of the contract's, or below one."""
    return bounds.holds(f"any{host[1:]}") if host.startswith("*.") else bounds.holds(host)


def _leak(space: str, ways: Ways, left: Ranges, bounds: Bounds) -> CheckFinding:
    expected = "private networks, and those of the contract's jurisdiction"
    if not ways.policy:
        subject = f"ways out of {space}"
        message = f"no policy holds back what pods of {space} reach: everything outside {bounds.name} is among it"
        return failed(
            checks.EGRESS, subject, message, _PATH, MISSING, evidence=seen(f"Namespace {space}", "NetworkPolicy", "none", expected)
        )
    name = ways.policy
    first, last = left[0]
    message = f"{name} lets {ways.words} through, such as {address(first)} to {address(last)}, which is not of {bounds.name}"
    return failed(checks.EGRESS, name, message, _PATH, evidence=seen(name, "spec.egress", ways.words, expected))


def _by_name(name: str, host: str, bounds: Bounds) -> CheckFinding:
    evidence = seen(name, "spec.egress, hosts by name", host, bounds.hosts_in_words)
    return failed(checks.EGRESS, f"{name} {host}", f"{name} lets {host} through, which is not of {bounds.name}", _PATH, evidence=evidence)


# ---- beyond the contract ---------------------------------------------------------------------------------------------


def beyond(ways: Ways, named: frozenset[str], look: Look) -> list[str]:
    """Namespaces that a policy opens and that are not among those that are named, sorted."""
    reached = {name for selector in ways.selectors for name in look.namespaces_with(selector)}
    return sorted(reached - named)


def evidence_of(ways: Ways, direction: str, observed: str, expected: str) -> tuple[Evidence, ...]:
    """What a policy was seen to let through."""
    return seen(ways.policy, _KEYS[direction][0], observed, expected)
