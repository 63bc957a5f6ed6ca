# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Network adapters of a VM."""

from __future__ import annotations

from typing import Any, Final

from ...common.artifact import JsonRecord
from ..vocabulary import MAC_TYPES
from . import values
from .ledger import Ledger, unknown_word
from .networks import Networks
from .objects import TYPE, Reference
from .places import Answer, Places, not_read
from .values import flag, lower, reference, text, whole

ADAPTERS: Final = {
    "VirtualE1000": "e1000",
    "VirtualE1000e": "e1000e",
    "VirtualPCNet32": "pcnet32",
    "VirtualSriovEthernetCard": "sriov",
    "VirtualVmxnet": "vmxnet",
    "VirtualVmxnet2": "vmxnet2",
    "VirtualVmxnet3": "vmxnet3",
    "VirtualVmxnet3Vrdma": "pvrdma",
}
"""Class of a network adapter to what the model calls it."""

NO_HOST: Final = "the host of the VM is not known"

_MAC_TYPES: Final = values.word(MAC_TYPES)


class Adapters:
    """Makes network adapters; what port groups tell is looked up once."""

    def __init__(self, places: Places, networks: Networks, ledger: Ledger) -> None:
        self._places = places
        self._networks = networks
        self._ledger = ledger
        self._attached: dict[tuple[str, str], tuple[tuple[str, Answer], ...]] = {}

    def adapter(self, device: dict[str, Any], host: Reference | None, unknown: dict[str, str]) -> JsonRecord:
        """One adapter, without its addresses."""
        record: JsonRecord = {}
        key = whole(device.get("key"))
        if key is not None:
            record["key"] = key
        label = values.label(device)
        if label is not None:
            record["label"] = label
        kind = device.get(TYPE, "")
        if kind in ADAPTERS:
            record["adapter_type"] = ADAPTERS[kind]
        else:
            self._unknown_word("adapter_type", kind, key, unknown)
        mac, mac_type = lower(device.get("macAddress")), lower(device.get("addressType"))
        if mac:
            record["mac"] = mac
        if mac_type:
            known = _MAC_TYPES(mac_type)
            if known:
                record["mac_type"] = known
            else:
                self._unknown_word("mac_type", mac_type, key, unknown)
        backing = device.get("backing")
        for fact, (value, reason) in self._attachment(backing if isinstance(backing, dict) else {}, host):
            if value is not None:
                record[fact] = value
            elif reason:
                unknown[f"nics[{key}].{fact}"] = reason
        state = device.get("connectable")
        if isinstance(state, dict):
            connected, start = flag(state.get("connected")), flag(state.get("startConnected"))
            if connected is not None:
                record["connected"] = connected
            if start is not None:
                record["start_connected"] = start
        return record

    def _unknown_word(self, fact: str, node: str, key: int | None, unknown: dict[str, str]) -> None:
        self._ledger.word(f"vm.nics.{fact}", node)
        unknown[f"nics[{key}].{fact}"] = unknown_word(node)

    # ---- what it is attached to ---------------------------------------------------------------------------------

    def _attachment(self, backing: dict[str, Any], host: Reference | None) -> tuple[tuple[str, Answer], ...]:
        """Network, its id and its switch, for the backing of an adapter."""
        port = backing.get("port")
        if isinstance(port, dict):
            place = (text(port.get("portgroupKey")) or "", text(port.get("switchUuid")) or "")
            found = self._attached.get(place)
            if found is None:
                found = self._attached[place] = self._distributed(*place)
            return found
        opaque = text(backing.get("opaqueNetworkId"))
        if opaque is not None:
            network = self._networks.opaque(opaque)
            why = f"opaque network {opaque:.60} was not read; it may lie outside of what the user can see"
            return (*self._network(network, why), ("switch", ("", "")))
        if "network" in backing or "deviceName" in backing:
            return self._standard(reference(backing.get("network")), values.name(backing.get("deviceName")), host)
        return ()

    def _distributed(self, key: str, uuid: str) -> tuple[tuple[str, Answer], ...]:
        found = self._networks.port_group(key)
        why = f"port group {key:.60} was not read; it may lie outside of what the user can see"
        return (*self._network(found, why), ("switch", self._networks.switch_name(uuid)))

    def _network(self, found: Reference | None, why: str) -> tuple[tuple[str, Answer], ...]:
        if found is None:
            return (("network", (None, why)), ("network_id", (None, why)))
        return (("network", self._places.name(found)), ("network_id", (self._places.id_of("network", found.moref), "")))

    def _standard(self, found: Reference | None, shown: str | None, host: Reference | None) -> tuple[tuple[str, Answer], ...]:
        """A standard port group, which the adapter names itself where its record is not to be seen."""
        name, reason = self._places.name(found) if found is not None else (None, "the server does not tell its network")
        if name is None:
            name = shown
        if name == "":
            return (("network", ("", "")), ("network_id", ("", "")), ("switch", ("", "")))
        identity: Answer = (None, reason)
        if found is not None:
            identity = (self._places.id_of("network", found.moref), "") if self._places.get(found.moref) else (None, not_read(found))
        switch: Answer = (None, NO_HOST)
        if host is not None and name is not None:
            switch = self._networks.standard_switch(host, name)
        return (("network", (name, reason)), ("network_id", identity), ("switch", switch))
