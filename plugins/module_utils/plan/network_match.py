# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Networks that the target has for VMs, and how well each of them suits a network of the estate."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from ..common.artifact import JsonRecord
from ..target.view import TargetView
from .subnets import IpNetwork, networks_of, within

NADS: Final = "network-attachment-definitions.k8s.cni.cncf.io"
CLUSTER_USER_NETWORKS: Final = "clusteruserdefinednetworks.k8s.ovn.org"
POLICIES: Final = "nodenetworkconfigurationpolicies.nmstate.io"
DEFAULT_NAMESPACE: Final = "default"
"""The migration controller takes attachments of the target namespace and of this one (NetMapDestinationNADNotValid)."""

DEFAULT_PHYSICAL_NETWORK: Final = "physnet"
"""Physical network that OVN-Kubernetes maps to br-ex by itself."""

EXACT, ALIKE, PART, NOTHING = 3, 2, 1, 0
BY_VLAN: Final = {EXACT: 92, ALIKE: 90, PART: 85, NOTHING: 80}
BY_SUBNET: Final = {EXACT: 75, ALIKE: 70, PART: 65, NOTHING: 60}
BY_NAME: Final = {EXACT: 60, ALIKE: 50, PART: 35}
WITH_SUBNET, OTHER_SUBNET, MANY_VLANS, NO_BRIDGE = 6, 25, 15, 10
LEAST_CONFIDENCE: Final = 30
"""Below this, nothing is said to fit."""

_WORDS: Final = re.compile(r"[a-z]+|[0-9]+")
_COMMON: Final = frozenset(("vlan", "net", "network", "vm", "vms", "pg", "portgroup", "port", "group", "dpg", "dvpg", "dv", "nad", "lan"))
"""Words that say nothing about which network it is."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A network that VMs can be attached to, in one namespace or, under the same name, in several."""

    name: str
    namespaces: tuple[str, ...]
    vlan: int | None
    """VLAN id, 0 for untagged, None where nobody knows"""
    carrier: str
    """bridge, or physical network of a localnet; empty where it names none"""
    subnets: tuple[IpNetwork, ...]
    mapped: bool
    """False where the node policies are known and none maps its physical network to a bridge"""

    @property
    def words(self) -> str:
        """How messages call it."""
        shown = ", ".join(self.namespaces[:3]) + (", …" if len(self.namespaces) > 3 else "")
        return f"{self.name} in {shown}" if shown else self.name


@dataclass(frozen=True, slots=True)
class SourceNetwork:
    """A network of the estate as matching sees it."""

    name: str
    vlan: str | None
    """as the estate has it: an id, empty for untagged, ranges of a trunk, `pvlan:id`; None where nobody knows"""
    subnets: tuple[IpNetwork, ...] = ()

    @property
    def number(self) -> int | None:
        """The VLAN id, where it is one alone: never that of a trunk or a private VLAN."""
        vlan = self.vlan or ""
        return int(vlan) if vlan.isascii() and vlan.isdigit() and 0 < int(vlan) < 4095 else None

    @property
    def many(self) -> bool:
        """A trunk or a private VLAN: its number alone says nothing."""
        return bool(self.vlan) and self.number is None


@dataclass(frozen=True, slots=True)
class Match:
    """How well an attachment suits a network: 0 to 98, and why in words."""

    attachment: Attachment
    confidence: int
    reason: str


class Attachments:
    """The target's networks for VMs, found by what a network of the estate could share with them."""

    def __init__(self, target: TargetView) -> None:
        self.all = tuple(attachments_of(target))
        self._by_vlan: dict[int, list[Attachment]] = {}
        self._by_word: dict[str, list[Attachment]] = {}
        self._with_subnets = [attachment for attachment in self.all if attachment.subnets]
        for attachment in self.all:
            if attachment.vlan:
                self._by_vlan.setdefault(attachment.vlan, []).append(attachment)
            for word in telling_words(attachment.name):
                self._by_word.setdefault(word, []).append(attachment)

    def named(self, name: str, namespace: str = "") -> tuple[str, ...]:
        """Namespaces that have an attachment of this name; of the one namespace where it is given."""
        return tuple(
            sorted({own for attachment in self.all if attachment.name == name for own in attachment.namespaces if namespace in ("", own)})
        )

    def matches(self, source: SourceNetwork) -> list[Match]:
        """What suits, the best first."""
        near = dict.fromkeys(self._near(source))
        found = [match for match in (_match(source, attachment) for attachment in near) if match is not None]
        return sorted(found, key=lambda match: (-match.confidence, match.attachment.name, match.attachment.namespaces))

    def _near(self, source: SourceNetwork) -> Iterator[Attachment]:
        if source.number is not None:
            yield from self._by_vlan.get(source.number, ())
        for word in sorted(telling_words(source.name)):
            yield from self._by_word.get(word, ())
        if source.subnets:
            yield from self._with_subnets


def attachments_known(target: TargetView) -> bool:
    """Whether the attachments are all there are: listed, or of a kind that the cluster does not serve."""
    return target.known(NADS) or target.none_there(NADS)


def attachments_of(target: TargetView) -> list[Attachment]:
    """The networks of the target that a VM can be attached to by Multus; primary and layer 3 user networks cannot."""
    user_networks = {record["id"]: record for record in target.all("user_network")}
    physical = {name for policy in target.all("node_network_policy") for name in policy.get("bridge_mappings", {})}
    policies_known = target.known(POLICIES)
    places: dict[tuple[str, int | None, str, tuple[str, ...]], set[str]] = {}
    localnets: set[str] = set()
    for record in _attachable(target, user_networks):
        own = _user_network(record, user_networks)
        carrier = record.get("bridge") or ""
        if not carrier and (record.get("topology") == "localnet" or (own and own.get("topology") == "Localnet")):
            carrier = (own or {}).get("physical_network") or record.get("network", "")
            localnets.add(carrier)
        vlan = (own or {}).get("vlan", record.get("vlan"))
        subnets = tuple((own or {}).get("subnets") or record.get("subnets") or ())
        places.setdefault((record.get("name", ""), vlan, carrier, subnets), set()).update(record["namespaces"])
    return [
        Attachment(
            name,
            tuple(sorted(namespaces)),
            vlan,
            carrier,
            networks_of(subnets),
            not policies_known or carrier not in localnets or carrier in physical or carrier == DEFAULT_PHYSICAL_NETWORK,
        )
        for (name, vlan, carrier, subnets), namespaces in sorted(places.items(), key=lambda item: (item[0][0], sorted(item[1])))
    ]


def _attachable(target: TargetView, user_networks: dict[str, JsonRecord]) -> Iterator[JsonRecord]:
    """Attachments with `namespaces`; user networks stand for theirs where the attachments could not be listed."""
    for record in target.all("network_attachment"):
        own = _user_network(record, user_networks)
        if record.get("topology") != "layer3" and (own is None or (own.get("role") != "Primary" and own.get("topology") != "Layer3")):
            yield {**record, "namespaces": (record.get("namespace", ""),)}
    if attachments_known(target):
        return
    for record in target.all("user_network"):
        if record.get("role") == "Secondary" and record.get("topology") != "Layer3":
            yield {**record, "namespaces": tuple(record.get("namespaces", ())), "topology": str(record.get("topology", "")).lower()}


def _user_network(record: JsonRecord, user_networks: dict[str, JsonRecord]) -> JsonRecord | None:
    """The user-defined network that made an attachment: it gives it its own name."""
    if record.get("kind") == "user_network":
        return record
    if record.get("user_defined") is False:
        return None
    own = user_networks.get(f"{record.get('namespace', '')}/{record.get('name', '')}") or user_networks.get(record.get("name", ""))
    return own if own is not None and record.get("namespace", "") in own.get("namespaces", (record.get("namespace", ""),)) else None


def _match(source: SourceNetwork, attachment: Attachment) -> Match | None:
    number = source.number
    if number is not None and attachment.vlan and attachment.vlan != number:
        return None
    name = _likeness(source.name, attachment.name, numbers=not source.many)
    inside = _inside(source.subnets, attachment.subnets)
    same_vlan = number is not None and attachment.vlan == number
    if same_vlan:
        confidence, reasons = BY_VLAN[name], [f"VLAN {number} on both sides"]
    elif inside:
        confidence, reasons = BY_SUBNET[name], []
    elif name:
        confidence, reasons = BY_NAME[name], []
    else:
        return None
    reasons += _name_words(name, source.name, attachment.name)
    if inside is not None:
        confidence += (WITH_SUBNET if same_vlan else 0) if inside else -OTHER_SUBNET
        reasons.append("its subnet holds the VMs' addresses" if inside else "its subnets do not hold the VMs' addresses")
    if source.many:
        confidence -= MANY_VLANS
        reasons.append(f"the source carries {'a private VLAN' if 'pvlan' in str(source.vlan) else 'several VLANs'} ({source.vlan})")
    if not attachment.mapped:
        confidence -= NO_BRIDGE
        reasons.append(f"no node policy maps {attachment.carrier} to a bridge")
    return Match(attachment, confidence, "; ".join(reasons)) if confidence >= LEAST_CONFIDENCE else None


def _name_words(likeness: int, source: str, name: str) -> list[str]:
    return {
        EXACT: [f"both are named {name}"],
        ALIKE: [f"the names {source} and {name} say the same"],
        PART: [f"the names {source} and {name} agree in part"],
        NOTHING: [],
    }[likeness]


def _inside(subnets: Sequence[IpNetwork], outer: Sequence[IpNetwork]) -> bool | None:
    """Whether all subnets lie in the outer ones; None where one side names none of the other's IP version."""
    versions = {subnet.version for subnet in outer}
    checked = [within(subnet, outer) for subnet in subnets if subnet.version in versions]
    return all(checked) if checked else None


@lru_cache(maxsize=65536)
def telling_words(name: str) -> frozenset[str]:
    """The words and numbers of a name that say which network it is."""
    words = (word.lstrip("0") or "0" if word.isdigit() else word for word in _WORDS.findall(name.lower()))
    return frozenset(word for word in words if word not in _COMMON)


def _likeness(one: str, other: str, *, numbers: bool) -> int:
    """How alike two names are. Without `numbers`, a number that both have does not count alone."""
    if one and one.lower() == other.lower():
        return EXACT
    left, right = telling_words(one), telling_words(other)
    shared = left & right
    if not shared or not (left <= right or right <= left) or sum(map(len, shared)) < 3 or not (numbers or _has_letters(shared)):
        return NOTHING
    return ALIKE if left == right else PART


def _has_letters(words: Iterable[str]) -> bool:
    return any(not word.isdigit() for word in words)
