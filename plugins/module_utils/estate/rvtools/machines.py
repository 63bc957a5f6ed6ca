# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Puts the records of VMs together from vInfo and the tabs that were joined to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ...common.artifact import JsonRecord
from ..guest_os import guest_id_of
from .export import Export, Joined
from .inventory import Inventory
from .tabs import VM_TABS
from .values import Value, datastore_of

PART_TABS: Final = {"vDisk": "disks", "vNetwork": "nics", "vPartition": "partitions", "vSnapshot": "snapshots", "vUSB": "usb"}
ONE_ROW_TABS: Final = tuple(tab.name for tab in reversed(VM_TABS) if tab.one_row)
"""Tabs with one row a VM; where two of them show a fact, the last one here counts, and vInfo before them all."""


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
        self._single = [export.joined[tab] for tab in ONE_ROW_TABS if tab in export.joined]
        self._several = [(part, export.joined[tab]) for tab, part in PART_TABS.items() if tab in export.joined]
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

    def place(self, number: int) -> JsonRecord:
        """Where a VM is: the cells of vInfo that vApps are told by, and its row."""
        row, values = self.rows[number]
        facts: JsonRecord = {"row": row}
        for fact in ("vcenter", "_server", "datacenter", "vapp"):
            place = self.plan.place(fact)
            facts[fact] = values[place] if place >= 0 else None
        return facts

    # ---- one VM -------------------------------------------------------------------------------------------------

    def record(self, number: int, identity: str, basis: str) -> JsonRecord:
        """The record of a VM, without what names its source."""
        unknown = dict(self.export.unknown.get(number, {}))
        facts = self._info(number, unknown)
        for twin in self.twins.get(number, ()):
            self._merge_twin(facts, self._info(twin, unknown), number, twin, unknown)
        name = facts.pop("name", "")
        key, uuid, _server = self.inventory.vcenters.resolve(facts.pop("vcenter", ""), facts.pop("_server", ""))
        primary, kinds, rules = facts.pop("_primary_ip", None), facts.pop("_rule_kinds", None), facts.pop("_rules", None)
        vmx = facts.pop("_vmx", "")
        facts.pop("_product", None)
        head: JsonRecord = {"kind": "vm", "id": identity, "name": name, "id_basis": basis}
        if uuid:
            head["vcenter"] = uuid
        record = {**head, **self._one_row_facts(number, unknown), **facts}
        self._derive(key, record, kinds, rules)
        self._parts(number, key, record, unknown)
        self._addresses(record, primary)
        self._datastores(record, vmx)
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

    def _one_row_facts(self, number: int, unknown: dict[str, str]) -> dict[str, Any]:
        facts: dict[str, Any] = {}
        for joined in self._single:
            rows = joined.result.rows.get(number)
            if rows:
                facts.update(rows[0][1])
                continue
            reason = self._no_row(joined, number)
            if reason:
                for fact in joined.plan.facts:
                    unknown.setdefault(fact, reason)
        return facts

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

    def _parts(self, number: int, key: str, record: JsonRecord, unknown: dict[str, str]) -> None:
        for part, joined in self._several:
            rows = joined.result.rows.get(number)
            if rows:
                record[part] = self._part_list(number, rows)
            elif self._has_none(joined, number):
                record[part] = []
            elif reason := self._no_row(joined, number):
                unknown.setdefault(part, reason)
        self._media(number, record, unknown)
        for entry in record.get("nics", ()):
            if entry.get("network"):
                network_id = self.inventory.network_id(key, record.get("datacenter"), entry.get("switch"), entry["network"])
                if network_id:
                    entry["network_id"] = network_id
        if self._dated and record.get("snapshots"):
            self._date_snapshots(number, record, unknown)

    def _part_list(self, number: int, rows: Sequence[tuple[int, JsonRecord]]) -> list[JsonRecord]:
        """The parts of a VM, each once where vInfo has the VM twice, as exports do that were put together of others."""
        if number not in self.twins:
            return [part for _row, part in rows]
        parts: list[JsonRecord] = []
        for _row, part in rows:
            if part not in parts:
                parts.append(part)
        return parts

    def _has_none(self, joined: Joined, number: int) -> bool:
        """True when a VM without a row in a tab has none of these."""
        return joined.plan.tab.no_row_means_none and number not in joined.result.doubtful and not joined.result.distrusted

    def _date_snapshots(self, number: int, record: JsonRecord, unknown: dict[str, str]) -> None:
        row = self.export.joined["vSnapshot"].result.rows[number][0][0]
        for entry in record["snapshots"]:
            if "created_at" in entry:
                place = f"tab vSnapshot, row {row}, column {self._snapped}"
                self._resolve(entry, "created_at", self._snapped, place, unknown, "snapshots.created_at")

    def _media(self, number: int, record: JsonRecord, unknown: dict[str, str]) -> None:
        """CD drives, and floppy drives where the export has them (RVTools 4 has no vFloppy any more)."""
        drives: list[JsonRecord] = []
        for tab in ("vCD", "vFloppy"):
            joined = self.export.joined.get(tab)
            if joined is None:
                if tab == "vCD" or tab in self.export.unusable:
                    return
                continue
            rows = joined.result.rows.get(number)
            if rows:
                drives += self._part_list(number, rows)
            elif not self._has_none(joined, number):
                if reason := self._no_row(joined, number):
                    unknown.setdefault("removable_media", reason)
                return
        record["removable_media"] = drives

    def _datastores(self, record: JsonRecord, vmx: str) -> None:
        """The datastores of a VM, known where those of all its disks are."""
        disks = record.get("disks")
        if disks is None or not all(disk.get("datastore") for disk in disks):
            return
        stores = {disk["datastore"] for disk in disks}
        if vmx:
            stores.add(datastore_of(vmx))
        record["datastores"] = sorted(stores - {""})

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
