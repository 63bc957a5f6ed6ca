# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records of networks, port groups and distributed switches, and what adapters of VMs need of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from ...common.artifact import JsonRecord
from . import values
from .leaves import NO_VALUE, doubt
from .objects import TYPE, ObjectRead, Reference, many
from .places import Answer, called
from .records import Draft, Server
from .values import count, flag, reference, references, text

SECURITY: Final = (("allowPromiscuous", "promiscuous"), ("macChanges", "mac_changes"), ("forgedTransmits", "forged_transmits"))
SHARED_FACTS: Final = ("switch", "vlan", "promiscuous", "mac_changes", "forged_transmits")
"""What the hosts that offer one standard port group may disagree on."""

UPLINK_TAG: Final = "SYSTEM/DVS.UPLINKPG"
"""Tag of the port groups that hold a switch's uplinks."""

SWITCHES: Final = ("DistributedVirtualSwitch", "VmwareDistributedVirtualSwitch")
ALL_VLANS: Final = "0-4094"
_TRUNK_VLAN: Final = 4095
IN_NSX: Final = "NSX keeps it, and the server does not tell"

PortGroups = Mapping[str, Mapping[str, Any]]
"""Name of a standard port group to its facts on one host."""


class Networks:
    """All networks of a server."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._port_groups: dict[str, tuple[PortGroups, str]] = {}
        self._by_key: dict[str, Reference] = {}
        self._by_opaque_id: dict[str, Reference] = {}
        self._switches: dict[str, Reference] = {}
        for read in server.places.of("DistributedVirtualPortgroup"):
            self._by_key[text(read.values.get("key")) or read.moref] = Reference(read.type, read.moref)
        for read in server.places.of("OpaqueNetwork"):
            own = text(_child(read.values.get("summary"), "opaqueNetworkId"))
            if own:
                self._by_opaque_id[own] = Reference(read.type, read.moref)
        for read in server.places.of(*SWITCHES):
            uuid = text(read.values.get("uuid"))
            if uuid:
                self._switches[uuid.lower()] = Reference(read.type, read.moref)

    # ---- for adapters -------------------------------------------------------------------------------------------

    def port_group(self, key: str) -> Reference | None:
        """A distributed port group by its key."""
        return self._by_key.get(key)

    def opaque(self, opaque_id: str) -> Reference | None:
        """An opaque network by the id that NSX gives it."""
        return self._by_opaque_id.get(opaque_id)

    def switch_name(self, uuid: str) -> Answer:
        """Name of a distributed switch by its UUID."""
        found = self._switches.get(uuid.lower())
        return (
            self._server.places.name(found)
            if found
            else (None, f"switch {uuid:.60} was not read; it may lie outside of what the user can see")
        )

    def standard_switch(self, host: Reference, network: str) -> Answer:
        """Name of the switch on which a host offers a standard port group."""
        groups, reason = self._groups_of(host)
        if network in groups:
            return groups[network].get("switch"), NO_VALUE
        return None, reason or f"{called(host)} does not tell on which switch it has it"

    # ---- records ------------------------------------------------------------------------------------------------

    def records(self) -> Iterator[JsonRecord]:
        """The records of networks and switches."""
        for read in self._server.places.of("Network", "OpaqueNetwork", "DistributedVirtualPortgroup"):
            draft = Draft(self._server, "network", read)
            draft.put("datacenter", self._server.places.datacenter_of(draft.self_reference))
            if "host" not in read.missing:
                draft.put("host_count", self._server.listed(len(references(read.values.get("host")))))
            if read.type == "Network":
                self._standard(draft)
            elif read.type == "OpaqueNetwork":
                _opaque(draft)
            else:
                self._distributed(draft)
            yield draft.finish()
        for read in self._server.places.of(*SWITCHES):
            yield self._switch(Draft(self._server, "switch", read))

    def _standard(self, draft: Draft) -> None:
        draft.record.update({"type": "standard", "switch_id": "", "uplink": False})
        if "host" in draft.read.missing or "name" not in draft.record:
            why = draft.read.missing.get("host") or draft.unknown.get("name", NO_VALUE)
            draft.unknown.update(dict.fromkeys(SHARED_FACTS, why))
            return
        shown: list[Mapping[str, Any]] = []
        for host in references(draft.read.values.get("host")):
            groups, reason = self._groups_of(host)
            if reason:
                draft.unknown.update(dict.fromkeys(SHARED_FACTS, reason))
                return
            if draft.record["name"] in groups:
                shown.append(groups[draft.record["name"]])
        for fact in SHARED_FACTS:
            draft.put(fact, _agreed(fact, shown))

    def _groups_of(self, host: Reference) -> tuple[PortGroups, str]:
        """The standard port groups of a host by name, and why they are not known."""
        found = self._port_groups.get(host.moref)
        if found is None:
            found = self._port_groups[host.moref] = self._read_groups(host)
        return found

    def _read_groups(self, host: Reference) -> tuple[PortGroups, str]:
        read = self._server.places.get(host.moref)
        if read is None:
            return {}, self._server.places.name(host)[1]
        if "config.network.portgroup" in read.missing:
            return {}, f"the port groups of {called(host)}: {read.missing['config.network.portgroup']}"
        groups: dict[str, Mapping[str, Any]] = {}
        for entry in read.values.get("config.network.portgroup") or ():
            spec = _child(entry, "spec")
            name = values.name(_child(spec, "name"))
            if name is not None:
                groups[name] = _port_group_facts(entry, spec)
        return groups, ""

    def _distributed(self, draft: Draft) -> None:
        record, nodes, missing = draft.record, draft.read.values, draft.read.missing
        record["type"] = "distributed"
        switch = reference(nodes.get("config.distributedVirtualSwitch"))
        if switch is not None:
            draft.put("switch", self._server.places.name(switch))
            record["switch_id"] = self._server.places.id_of("switch", switch.moref)
        elif "config.distributedVirtualSwitch" not in missing:
            draft.unknown.update({"switch": NO_VALUE, "switch_id": NO_VALUE})
        draft.put("uplink", _uplink(draft.read))
        setting = nodes.get("config.defaultPortConfig")
        if setting is not None:
            draft.put("vlan", self._vlan(_child(setting, "vlan")))
            for element, fact in SECURITY:
                draft.put(fact, _allowed(setting, element))
        elif "config.defaultPortConfig" not in missing:
            draft.unknown.update(dict.fromkeys(SHARED_FACTS[1:], NO_VALUE))

    def _vlan(self, node: Any) -> Answer:
        shown = str(_child(node, TYPE) or "")
        if shown.endswith("VlanIdSpec"):
            return _vlan_text(count(_child(node, "vlanId")))
        if shown.endswith("PvlanSpec"):
            own = count(_child(node, "pvlanId"))
            return (None, NO_VALUE) if own is None else (f"pvlan:{own}", "")
        if shown.endswith("TrunkVlanSpec"):
            return _trunk(many(node, "vlanId"))
        if node is None:
            return None, NO_VALUE
        return None, doubt("network", "vlan", shown, True, self._server.ledger)

    def _switch(self, draft: Draft) -> JsonRecord:
        draft.put("datacenter", self._server.places.datacenter_of(draft.self_reference))
        config = draft.read.values.get("config")
        if config is None:
            if "config" not in draft.read.missing:
                draft.unknown.update(dict.fromkeys(("version", "mtu", "port_count", "uplinks", "private_vlans", "hosts"), NO_VALUE))
            return draft.finish()
        version = text(_child(_child(config, "productInfo"), "version"))
        for fact, value in (
            ("version", version),
            ("mtu", count(_child(config, "maxMtu"))),
            ("port_count", count(_child(config, "numPorts"))),
        ):
            draft.put(fact, (value, NO_VALUE))
        uplinks = many(_child(config, "uplinkPortPolicy"), "uplinkPortName")
        draft.record["uplinks"] = [name for name in uplinks if isinstance(name, str)]
        draft.record["private_vlans"] = [_private(entry) for entry in many(config, "pvlanConfig")]
        members = [reference(_child(_child(entry, "config"), "host")) for entry in many(config, "host")]
        draft.put("hosts", self._server.places.names(member for member in members if member is not None))
        return draft.finish()


def _child(node: Any, name: str) -> Any:
    return node.get(name) if isinstance(node, dict) else None


def _port_group_facts(entry: Any, spec: Any) -> dict[str, Any]:
    facts: dict[str, Any] = {"switch": values.name(_child(spec, "vswitchName")), "vlan": _vlan_text(count(_child(spec, "vlanId")))[0]}
    # The computed policy is what is in force: the port group's own settings over those of its switch.
    for policy in (_child(entry, "computedPolicy"), _child(spec, "policy")):
        for element, fact in SECURITY:
            if facts.get(fact) is None:
                facts[fact] = flag(_child(_child(policy, "security"), element))
    return facts


def _agreed(fact: str, shown: Iterable[Mapping[str, Any]]) -> tuple[Any, str]:
    found = [facts[fact] for facts in shown]
    if not found:
        return None, "no host tells of its port group"
    if any(value is None for value in found):
        return None, NO_VALUE
    return (found[0], "") if all(value == found[0] for value in found) else (None, "the hosts that offer it do not agree")


def _opaque(draft: Draft) -> None:
    draft.record.update({"type": "opaque", "switch": "", "switch_id": "", "uplink": False})
    draft.unknown.update(dict.fromkeys(SHARED_FACTS[1:], IN_NSX))


def _uplink(read: ObjectRead) -> tuple[bool | None, str]:
    """Whether a port group holds uplinks: newer servers say it, older ones tag it."""
    said = flag(read.values.get("config.uplink"))
    tags = [text(_child(entry, "key")) for entry in read.values.get("tag") or ()]
    if said is not None or UPLINK_TAG in tags:
        return said or UPLINK_TAG in tags, ""
    refused = [read.missing[path] for path in ("tag", "config.uplink") if path in read.missing]
    return (None, refused[0]) if refused else (False, "")


def _allowed(setting: Any, element: str) -> tuple[bool | None, str]:
    value = flag(_child(_child(_child(setting, "securityPolicy"), element), "value"))
    if value is None:
        value = flag(_child(_child(setting, "macManagementPolicy"), element))
    return value, NO_VALUE


def _vlan_text(vlan: int | None) -> Answer:
    if vlan is None:
        return None, NO_VALUE
    return ("" if vlan == 0 else ALL_VLANS if vlan == _TRUNK_VLAN else str(vlan)), ""


def _trunk(ranges: Iterable[Any]) -> Answer:
    written = []
    for entry in ranges:
        start, end = count(_child(entry, "start")), count(_child(entry, "end"))
        if start is None or end is None:
            return None, NO_VALUE
        written.append(str(start) if start == end else f"{start}-{end}")
    return ",".join(written), ""


def _private(entry: Any) -> str:
    parts = (text(_child(entry, name)) or "" for name in ("pvlanType", "primaryVlanId", "secondaryVlanId"))
    return ":".join(parts)
