# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Puts the records of VMs together from vInfo and the tabs that were joined to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from ...common.artifact import JsonRecord
from ..guest_os import guest_id_of
from .columns import Plan
from .export import Export, Joined, Values
from .inventory import Inventory
from .tabs import VM_TABS
from .values import Value, datastore_of

DISK_FACTS: Final = (
    "key", "label", "path", "datastore", "capacity_bytes", "thin", "eagerly_scrub", "mode", "sharing", "bus_sharing",
    "bus", "controller", "unit_number", "rdm", "rdm_compatibility", "lun_id", "uuid",
)  # fmt: skip
"""Facts of a disk in the order of the model."""

_BUSES: Final = (
    ("nvme", "nvme"),
    ("sata", "sata"),
    ("ahci", "sata"),
    ("ide", "ide"),
    ("usb", "usb"),
    ("scsi", "scsi"),
    ("lsi", "scsi"),
    ("buslogic", "scsi"),
    ("pvscsi", "scsi"),
)

PART_TABS: Final = {"vDisk": "disks", "vNetwork": "nics", "vPartition": "partitions", "vSnapshot": "snapshots", "vUSB": "usb"}


@lru_cache(maxsize=4096)
def bus_of(controller: str, kind: str) -> str:
    """Bus of a controller from its label or type; empty when neither tells."""
    for shown in (controller.lower(), kind.lower()):
        for word, bus in _BUSES:
            if word in shown:
                return bus
    return ""


class Machines:
    """Makes the records of the VMs of one export."""

    def __init__(self, export: Export, inventory: Inventory) -> None:
        if export.info is None:
            raise ValueError("an export without vInfo has no VMs")
        self.export = export
        self.inventory = inventory
        self.rows = export.info.rows
        self.plan = export.info.plan
        self.twins: dict[int, list[int]] = {}
        for number, first in enumerate(export.canonical):
            if number != first:
                self.twins.setdefault(first, []).append(number)
        self._created = self.plan.header_of("created_at")
        self._powered = self.plan.header_of("powered_on_at")
        self._snapped = export.joined["vSnapshot"].plan.header_of("created_at") if "vSnapshot" in export.joined else ""
        self._dated = bool(list(export.orders.columns()))

    def numbers(self) -> list[int]:
        """Numbers of the VMs, in the order of vInfo."""
        return [number for number, first in enumerate(self.export.canonical) if number == first]

    def identity(self, number: int) -> JsonRecord:
        """The facts that a VM's id rests on."""
        facts: JsonRecord = {}
        values = self.rows[number][1]
        for fact in ("name", "vcenter", "moref", "instance_uuid", "bios_uuid", "datacenter", "folder", "_server"):
            place = self.plan.place(fact)
            if place >= 0 and values[place]:
                facts[fact] = values[place]
        _key, uuid, _server = self.inventory.vcenters.resolve(facts.get("vcenter"), facts.pop("_server", ""))
        if uuid:
            facts["vcenter"] = uuid
        return facts

    # ---- one VM -------------------------------------------------------------------------------------------------

    def record(self, number: int, identity: str, basis: str) -> JsonRecord:
        """The record of a VM, without what names its source."""
        unknown = dict(self.export.unknown.get(number, {}))
        facts = self._info(number, unknown)
        for twin in self.twins.get(number, ()):
            self._merge_twin(facts, self._info(twin, unknown), number, twin, unknown)
        name = facts.pop("name", "")
        record: JsonRecord = {"kind": "vm", "id": identity, "name": name, "id_basis": basis}
        key, uuid, _server = self.inventory.vcenters.resolve(facts.pop("vcenter", ""), facts.pop("_server", ""))
        if uuid:
            record["vcenter"] = uuid
        primary, kinds, rules = facts.pop("_primary_ip", None), facts.pop("_rule_kinds", None), facts.pop("_rules", None)
        vmx = facts.pop("_vmx", "")
        facts.pop("_product", None)
        record.update(facts)
        self._one_row_tabs(number, record, unknown)
        self._derive(key, record, kinds, rules)
        self._parts(number, key, record, primary, vmx, unknown)
        if self.export.attributes_known:
            record["custom_attributes"] = self._attributes(number)
        record["origin"] = {"tab": "vInfo", "row": self.rows[number][0]}
        still = {fact: unknown[fact] for fact in sorted(unknown) if fact not in record}
        if still:
            record["unknown"] = still
        return record

    def _info(self, number: int, unknown: dict[str, str]) -> dict[str, Any]:
        row, values = self.rows[number]
        facts = {fact: value for fact, value in zip(self.plan.facts, values, strict=True) if value is not None}
        if self._dated:
            for fact, header in (("created_at", self._created), ("powered_on_at", self._powered)):
                if fact in facts:
                    self._resolve(facts, fact, header, f"tab vInfo, row {row}, column {header}", unknown, fact)
        return facts

    def _resolve(self, facts: dict[str, Any], fact: str, header: str, place: str, unknown: dict[str, str], path: str) -> None:
        written = self.export.resolved(facts[fact], header)
        if written is None:
            del facts[fact]
            unknown[path] = f"{place}: nothing in the file tells day from month"
        else:
            facts[fact] = written

    def _merge_twin(self, facts: dict[str, Any], other: Mapping[str, Any], number: int, twin: int, unknown: dict[str, str]) -> None:
        for fact, value in other.items():
            if fact not in facts:
                if fact not in unknown:
                    facts[fact] = value
            elif facts[fact] != value and fact not in ("name", "moref"):
                del facts[fact]
                unknown[fact] = f"tab vInfo, rows {self.rows[number][0]} and {self.rows[twin][0]} do not agree"

    def _one_row_tabs(self, number: int, record: JsonRecord, unknown: dict[str, str]) -> None:
        for tab in VM_TABS:
            joined = self.export.joined.get(tab.name)
            if not tab.one_row or joined is None:
                continue
            rows = joined.result.rows.get(number)
            if rows:
                for fact, value in zip(joined.plan.facts, rows[0][1], strict=True):
                    if value is not None and fact not in record:
                        record[fact] = value
            else:
                reason = self._no_row(joined, number)
                for fact in joined.plan.facts:
                    if reason and fact not in record:
                        unknown.setdefault(fact, reason)

    def _no_row(self, joined: Joined, number: int) -> str:
        """Why a VM has no row in a tab; empty where the reason holds for the whole tab."""
        doubt = joined.result.doubtful.get(number, "")
        if joined.result.distrusted or not joined.row_count:
            return ""
        return doubt or f"no row in tab {joined.plan.tab.name}"

    def _derive(self, key: str, record: JsonRecord, kinds: Value, rules: Value) -> None:
        if "cluster" in record:
            cluster_id = self.inventory.cluster_id(key, record.get("datacenter"), record["cluster"])
            if cluster_id:
                record["cluster_id"] = cluster_id
        system = guest_id_of(record["guest_os_config_name"]) if record.get("guest_os_config_name") else None
        if system:
            record["guest_os_id"] = system
        if rules:
            record["cluster_rules"] = list(rules) if isinstance(rules, tuple) else []
        elif not kinds and (kinds is not None or rules is not None):
            record["host_affinity_rules"] = []
            record["cluster_rules"] = []

    def _attributes(self, number: int) -> dict[str, str]:
        if not self.export.attribute_values:
            return {}
        values = self.export.attribute_values[number]
        return {name: str(value) for (name, _place), value in zip(self.export.attributes, values, strict=True) if value}

    # ---- its parts ----------------------------------------------------------------------------------------------

    def _parts(self, number: int, key: str, record: JsonRecord, primary: Value, vmx: str, unknown: dict[str, str]) -> None:
        for tab, part in PART_TABS.items():
            rows = self._rows(tab, number, part, unknown)
            if rows is None:
                continue
            joined = self.export.joined[tab]
            facts = [_known(joined.plan, values) for _row, values in rows]
            if part == "disks":
                record[part] = [_disk(entry) for entry in facts]
            elif part == "nics":
                record[part] = [self._nic(entry, key, record) for entry in facts]
            elif part == "partitions":
                record[part] = [_partition(entry) for entry in facts]
            elif part == "snapshots":
                record[part] = [self._snapshot(entry, row, unknown) for (row, _values), entry in zip(rows, facts, strict=True)]
            else:
                record[part] = [_usb(entry) for entry in facts]
        self._media(number, record, unknown)
        self._addresses(record, primary)
        if "disks" in record and all(disk.get("datastore") for disk in record["disks"]):
            stores = {disk["datastore"] for disk in record["disks"]} | ({datastore_of(vmx)} if vmx else set())
            record["datastores"] = sorted(stores - {""})

    def _rows(self, tab: str, number: int, part: str, unknown: dict[str, str]) -> Sequence[tuple[int, Values]] | None:
        """The rows of a VM; an empty list for "has none", None for "nobody knows"."""
        joined = self.export.joined.get(tab)
        if joined is None:
            return None
        rows = joined.result.rows.get(number)
        if rows:
            if number in self.twins:
                return list({values: (row, values) for row, values in reversed(rows)}.values())[::-1]
            return rows
        if joined.plan.tab.no_row_means_none and number not in joined.result.doubtful and not joined.result.distrusted:
            return []
        reason = self._no_row(joined, number)
        if reason:
            unknown.setdefault(part, reason)
        return None

    def _nic(self, facts: dict[str, Any], key: str, record: JsonRecord) -> JsonRecord:
        four, six = facts.pop("_ipv4", None), facts.pop("_ipv6", None)
        if facts.get("network"):
            network_id = self.inventory.network_id(key, record.get("datacenter"), facts.get("switch"), facts["network"])
            if network_id:
                facts["network_id"] = network_id
        if four is not None or six is not None:
            facts["ips"] = [*(four or ()), *(six or ())]
        return facts

    def _snapshot(self, facts: dict[str, Any], row: int, unknown: dict[str, str]) -> JsonRecord:
        if self._dated and "created_at" in facts:
            place = f"tab vSnapshot, row {row}, column {self._snapped}"
            self._resolve(facts, "created_at", self._snapped, place, unknown, "snapshots.created_at")
        return facts

    def _media(self, number: int, record: JsonRecord, unknown: dict[str, str]) -> None:
        """CD drives, and floppy drives where the export has them (RVTools 4 has no vFloppy any more)."""
        drives: list[JsonRecord] = []
        for tab, kind in (("vCD", "cdrom"), ("vFloppy", "floppy")):
            rows = self._rows(tab, number, "removable_media", unknown)
            if rows is None:
                if tab == "vFloppy" and tab not in self.export.joined and tab not in self.export.unusable:
                    continue
                return
            plan = self.export.joined[tab].plan
            drives += [{"kind": kind, **_known(plan, values)} for _row, values in rows]
        record["removable_media"] = drives

    def _addresses(self, record: JsonRecord, primary: Value) -> None:
        """All addresses of the guest: known when vNetwork was seen, or when vInfo shows one."""
        own = list(primary) if isinstance(primary, tuple) else []
        nics = record.get("nics")
        seen = nics is not None and all("ips" in nic for nic in nics)
        network = self.export.joined.get("vNetwork")
        complete = network is not None and bool({"_ipv4", "_ipv6"} & set(network.plan.facts)) and not network.result.distrusted
        if seen:
            record["guest_ips"] = list(dict.fromkeys([*own, *(ip for nic in nics or () for ip in nic["ips"])]))
        elif own or (primary is not None and complete and nics is None and network is not None and network.row_count):
            record["guest_ips"] = own


def _known(plan: Plan, values: Values) -> dict[str, Any]:
    return {fact: value for fact, value in zip(plan.facts, values, strict=True) if value is not None}


def _disk(facts: dict[str, Any]) -> JsonRecord:
    path = facts.get("path") or facts.pop("_disk_path", "")
    if path:
        facts["path"] = path
        store = datastore_of(path)
        if store:
            facts["datastore"] = store
    label, kind = facts.get("controller", ""), facts.get("_controller_type", "")
    bus = bus_of(label, kind)
    if bus:
        facts["bus"] = bus
    if kind and not label:
        facts["controller"] = kind
    return {fact: facts[fact] for fact in DISK_FACTS if fact in facts}


def _partition(facts: dict[str, Any]) -> JsonRecord:
    consumed = facts.pop("_consumed", None)
    if "free_bytes" not in facts and consumed is not None and facts.get("capacity_bytes", -1) >= consumed:
        facts["free_bytes"] = facts["capacity_bytes"] - consumed
    if "disk_keys" in facts:
        facts["disk_keys"] = list(facts["disk_keys"])
    return facts


def _usb(facts: dict[str, Any]) -> JsonRecord:
    shown = f"{facts.get('label', '')} {facts.pop('_type', '')}".lower()
    facts["kind"] = "controller" if "controller" in shown else "device"
    return facts
