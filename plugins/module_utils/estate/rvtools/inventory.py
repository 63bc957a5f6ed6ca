# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The records of everything but VMs: vCenters, datacenters, clusters, hosts, datastores, networks, resource pools, vApps.

What vInfo names but no tab describes (a cluster without a tab vCluster, say) gets a record too, its facts unknown, so
that every reference has its end.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, TypeAlias

from ...common.artifact import JsonRecord
from ..identity import object_id
from .columns import Plan
from .export import Export, Held
from .values import Value

Facts: TypeAlias = dict[str, Any]
Known: TypeAlias = list[tuple[int, Facts]]

_PRODUCT = re.compile(r"\b(\d+\.\d+(?:\.\d+)*)\b(?:.*?build[- ](\d+))?", re.IGNORECASE)
_UPLINKS = re.compile(r"-DVUplinks-\d+$")
SHARED_FACTS: Final = ("vlan", "promiscuous", "mac_changes", "forged_transmits", "switch")
"""What the hosts that offer one standard port group may disagree on."""


def facts_of(plan: Plan, values: tuple[Value, ...]) -> Facts:
    """The known facts of a row."""
    return {
        fact: list(value) if isinstance(value, tuple) else value
        for fact, value in zip(plan.facts, values, strict=True)
        if value is not None
    }


class VCenters:
    """Which vCenter the rows of an export come from, as far as any tab tells."""

    def __init__(self, export: Export, source: str) -> None:
        self.source = source
        self.server_of: dict[str, str] = {}
        self.uuid_of: dict[str, str] = {}
        uuids: set[str] = set()
        servers: set[str] = set()
        for plan, rows in _held(export):
            uuid_place = max(plan.place("vcenter"), plan.place("_vcenter"))
            server_place = plan.place("_server")
            for _row, values in rows:
                uuid = str(values[uuid_place] or "") if uuid_place >= 0 else ""
                server = str(values[server_place] or "") if server_place >= 0 else ""
                uuids.update((uuid,) if uuid else ())
                servers.update((server,) if server else ())
                if uuid and server:
                    self.server_of.setdefault(uuid, server)
                    self.uuid_of.setdefault(server.lower(), uuid)
        alone = len(uuids) <= 1 and len(servers) <= 1 and _morefs_differ(export)
        self.only_uuid = next(iter(uuids), "") if alone else ""
        self.only_server = next(iter(servers), "") if alone else ""

    def resolve(self, uuid: Value, server: Value) -> tuple[str, str, str]:
        """(key for ids, instance UUID or empty, host name or empty) of the vCenter of a row that shows these."""
        name = str(server or "")
        known = str(uuid or "") or self.uuid_of.get(name.lower(), "")
        if not known and not name:
            known, name = self.only_uuid, self.only_server
        elif not known and name == self.only_server:
            known = self.only_uuid
        name = name or self.server_of.get(known, "")
        return known or name.lower() or self.source, known, name


def _morefs_differ(export: Export) -> bool:
    """False when VMs share a VM ID: then there are several vCenters, whether the export names them or not."""
    place = export.info.plan.place("moref") if export.info is not None else -1
    if export.info is None or place < 0:
        return True
    morefs = [
        values[place]
        for (_row, values), first in zip(export.info.rows, export.canonical, strict=True)
        if export.info.rows[first][1] is values
    ]
    shown = [moref for moref in morefs if moref]
    return len(shown) == len(set(shown))


def _held(export: Export) -> Iterator[tuple[Plan, list[tuple[int, tuple[Value, ...]]]]]:
    for held in export.inventory.values():
        yield held.plan, held.rows
    if export.info is not None:
        yield export.info.plan, export.info.rows


class Inventory:
    """The records of one export, by kind and id, and the look-ups that VMs need."""

    def __init__(self, export: Export, source: str) -> None:
        self.export = export
        self.vcenters = VCenters(export, source)
        self.records: dict[tuple[str, str], JsonRecord] = {}
        self.networks: dict[tuple[str, str, str], list[str]] = {}
        self._clusters: dict[tuple[str, str], list[str]] = {}
        self._seen_places: dict[tuple[str, str], set[str]] = {}
        self._read_vcenters()
        self._read_places()
        self._read("vCluster", self._cluster)
        self._add_named_clusters()
        self._read("vHost", self._host)
        self._read("vDatastore", self._datastore)
        self._read("dvPort", self._distributed)
        self._read_port_groups()
        self._read("vRP", self._pool)
        self._evc_of_clusters()

    # ---- building -----------------------------------------------------------------------------------------------

    def add(self, kind: str, key: str, facts: Facts, tab: str, row: int) -> str:
        """Adds a record and returns its id; a second row about the same object adds only what the first does not know."""
        server_key, uuid, _name = self.vcenters.resolve(facts.pop("_vcenter", ""), facts.pop("_server", ""))
        identity = object_id(kind, server_key, str(facts.get("moref", "")), key)
        record = self.records.get((kind, identity))
        if record is None:
            record = self.records[kind, identity] = {"kind": kind, "id": identity, "name": facts.pop("name", "")}
            if uuid:
                record["vcenter"] = uuid
            record["origin"] = {"tab": tab, "row": row}
        for fact, value in facts.items():
            if not fact.startswith("_"):
                record.setdefault(fact, value)
        return identity

    def _rows(self, tab: str) -> Known:
        held = self.export.inventory.get(tab)
        if held is None:
            return []
        return [(row, facts) for row, values in held.rows if (facts := facts_of(held.plan, values)).get("name")]

    def _read(self, tab: str, build: Callable[[int, Facts, str], None]) -> None:
        for row, facts in self._rows(tab):
            key, _uuid, _server = self.vcenters.resolve(facts.get("_vcenter", ""), facts.get("_server", ""))
            build(row, facts, key)

    def _read_vcenters(self) -> None:
        for row, facts in self._rows("vSource"):
            self._vcenter(facts, "vSource", row)
        info = self.export.info
        if info is None:
            return
        uuid_place, server_place, product_place = (info.plan.place(fact) for fact in ("vcenter", "_server", "_product"))
        seen: set[tuple[Value, Value]] = set()
        for row, values in info.rows:
            pair = (values[uuid_place] if uuid_place >= 0 else "", values[server_place] if server_place >= 0 else "")
            if pair not in seen:
                seen.add(pair)
                shown: Facts = {"_vcenter": pair[0] or "", "_server": pair[1] or ""}
                product = str(values[product_place] or "") if product_place >= 0 else ""
                if product:
                    shown["product"] = product
                if found := _PRODUCT.search(product):
                    shown.update({"version": found[1], **({"build": found[2]} if found[2] else {})})
                self._vcenter(shown, "vInfo", row)

    def _vcenter(self, facts: Facts, tab: str, row: int) -> None:
        key, uuid, server = self.vcenters.resolve(facts.pop("_vcenter", ""), facts.pop("_server", ""))
        shown = facts.pop("name", "")
        record = self.records.get(("vcenter", key))
        if record is None:
            record = self.records["vcenter", key] = {"kind": "vcenter", "id": key, "name": server or shown or key}
            if uuid:
                record["vcenter"] = uuid
            record["origin"] = {"tab": tab, "row": row}
            if server:
                record["hostname"] = server
        for fact, value in facts.items():
            record.setdefault(fact, value)

    def _read_places(self) -> None:
        """Notes where vInfo and vHost see clusters, and makes the records of the datacenters."""
        for tab, held in (("vHost", self.export.inventory.get("vHost")), ("vInfo", self.export.info)):
            if held is None:
                continue
            for row, key, uuid, datacenter, cluster in _places(held, self.vcenters):
                if cluster:
                    self._seen_places.setdefault((key, cluster), set()).add(datacenter)
                if datacenter and ("datacenter", f"{key}/datacenter/{datacenter}") not in self.records:
                    identity = f"{key}/datacenter/{datacenter}"
                    record: JsonRecord = {"kind": "datacenter", "id": identity, "name": datacenter}
                    if uuid:
                        record["vcenter"] = uuid
                    record["origin"] = {"tab": tab, "row": row}
                    self.records["datacenter", identity] = record

    def _cluster(self, row: int, facts: Facts, key: str) -> None:
        name = facts["name"]
        seen = self._seen_places.get((key, name), set()) - {""}
        if len(seen) == 1:
            facts["datacenter"] = next(iter(seen))
        path = f"{facts.get('datacenter', '')}/{name}"
        ids = self._clusters.setdefault((key, name), [])
        identity = self.add("cluster", path, facts, "vCluster", row)
        if identity not in ids:
            ids.append(identity)

    def _add_named_clusters(self) -> None:
        for tab, held in (("vHost", self.export.inventory.get("vHost")), ("vInfo", self.export.info)):
            if held is None:
                continue
            for row, key, uuid, _datacenter, cluster in _places(held, self.vcenters):
                if not cluster or self._clusters.get((key, cluster)):
                    continue
                for place in sorted(self._seen_places[key, cluster]):
                    identity = object_id("cluster", key, "", f"{place}/{cluster}")
                    record: JsonRecord = {"kind": "cluster", "id": identity, "name": cluster}
                    if uuid:
                        record["vcenter"] = uuid
                    record["origin"] = {"tab": tab, "row": row}
                    if place:
                        record["datacenter"] = place
                    self.records["cluster", identity] = record
                    self._clusters.setdefault((key, cluster), []).append(identity)

    def _host(self, row: int, facts: Facts, key: str) -> None:
        cluster_id = self.cluster_id(key, facts.get("datacenter", ""), facts.get("cluster", ""))
        if cluster_id:
            facts["cluster_id"] = cluster_id
        self.add("host", f"{facts.get('datacenter', '')}/{facts['name']}", facts, "vHost", row)

    def _datastore(self, row: int, facts: Facts, _key: str) -> None:
        self.add("datastore", f"{facts.get('datacenter', '')}/{facts['name']}", facts, "vDatastore", row)

    def _distributed(self, row: int, facts: Facts, key: str) -> None:
        facts["type"] = "distributed"
        name, switch = facts["name"], facts.get("switch", "")
        if _UPLINKS.search(name):
            facts["uplink"] = True
        place = self._switch_place(key, switch)
        if place:
            facts["datacenter"] = place
        path = "/".join(part for part in (place, switch, name) if part) if switch else f"{place}/{name}"
        identity = self.add("network", path, facts, "dvPort", row)
        self.networks.setdefault((key, switch, name), []).append(identity)

    def _switch_place(self, key: str, switch: str) -> str:
        places = {
            facts.get("datacenter", "")
            for _row, facts in self._rows("dvSwitch")
            if facts["name"] == switch and self.vcenters.resolve(facts.get("_vcenter", ""), facts.get("_server", ""))[0] == key
        }
        return next(iter(places)) if len(places) == 1 else ""

    def _read_port_groups(self) -> None:
        """Port groups of standard switches: one network per datacenter and name, as vCenter sees them, offered by many hosts."""
        groups: dict[tuple[str, str, str], Known] = {}
        for row, facts in self._rows("vPort"):
            key, _uuid, _server = self.vcenters.resolve(facts.get("_vcenter", ""), facts.get("_server", ""))
            groups.setdefault((key, facts.get("datacenter", ""), facts["name"]), []).append((row, facts))
        for (key, datacenter, name), members in groups.items():
            row, first = members[0]
            hosts = {facts["_host"] for _row, facts in members if facts.get("_host")}
            unknown = {}
            for fact in SHARED_FACTS:
                found = {facts[fact] for _row, facts in members if fact in facts}
                if len(found) > 1:
                    del first[fact]
                    unknown[fact] = "the hosts that offer it do not agree"
            switches = sorted({facts["switch"] for _row, facts in members if "switch" in facts})
            facts = {**first, "type": "standard", **({"host_count": len(hosts)} if hosts else {})}
            if unknown:
                facts["unknown"] = unknown
            identity = self.add("network", f"{datacenter}/{name}", facts, "vPort", row)
            for switch in switches or [""]:
                self.networks.setdefault((key, switch, name), []).append(identity)

    def _pool(self, row: int, facts: Facts, _key: str) -> None:
        self.add("resource_pool", str(facts.get("path", facts["name"])), facts, "vRP", row)

    def _evc_of_clusters(self) -> None:
        """The EVC mode of a cluster is that of its hosts, where all of them show the same."""
        modes: dict[str, set[str]] = {}
        for (kind, _identity), record in self.records.items():
            if kind == "host" and record.get("cluster_id"):
                modes.setdefault(record["cluster_id"], set()).add(record.get("evc_mode", "?"))
        for cluster, found in modes.items():
            if len(found) == 1 and "?" not in found:
                self.records["cluster", cluster]["evc_mode"] = next(iter(found))

    def add_to_vapp(self, place: JsonRecord, vm_id: str) -> None:
        """Notes that a VM is in a vApp, if it is in one."""
        name = place["vapp"]
        if not name:
            return
        key, uuid, _server = self.vcenters.resolve(place["vcenter"], place["_server"])
        identity = object_id("vapp", key, "", f"{place['datacenter'] or ''}/{name}")
        record = self.records.get(("vapp", identity))
        if record is None:
            record = self.records["vapp", identity] = {"kind": "vapp", "id": identity, "name": name}
            if uuid:
                record["vcenter"] = uuid
            if place["datacenter"]:
                record["datacenter"] = place["datacenter"]
            record.update({"vm_ids": [], "origin": {"tab": "vInfo", "row": place["row"]}})
        if vm_id not in record["vm_ids"]:
            record["vm_ids"] = sorted([*record["vm_ids"], vm_id])

    # ---- looking up ---------------------------------------------------------------------------------------------

    def cluster_id(self, key: str, datacenter: Value, cluster: Value) -> str:
        """Id of a cluster's record; empty when there is no cluster, or more than one that fits."""
        found = self._clusters.get((key, str(cluster or "")), []) if cluster else []
        if len(found) > 1:
            found = [identity for identity in found if self.records["cluster", identity].get("datacenter", "") == (datacenter or "")]
        return found[0] if len(found) == 1 else ""

    def network_id(self, key: str, datacenter: Value, switch: Value, name: Value) -> str:
        """Id of a network's record; empty when it is not there, or more than one fits."""
        found = sorted(set(self.networks.get((key, str(switch or ""), str(name)), ())))
        if len(found) > 1:
            found = [identity for identity in found if self.records["network", identity].get("datacenter", "") == (datacenter or "")]
        return found[0] if len(found) == 1 else ""


def _places(held: Held, vcenters: VCenters) -> Iterable[tuple[int, str, str, str, str]]:
    """(row, key of the vCenter, its UUID, datacenter, cluster) of the rows of a tab, each combination once."""
    plan = held.plan
    uuid_place = max(plan.place("vcenter"), plan.place("_vcenter"))
    places = (uuid_place, plan.place("_server"), plan.place("datacenter"), plan.place("cluster"))
    seen: set[tuple[Value, ...]] = set()
    for row, values in held.rows:
        shown = tuple([values[place] if place >= 0 else "" for place in places])
        if shown not in seen:
            seen.add(shown)
            key, uuid, _server = vcenters.resolve(shown[0], shown[1])
            yield row, key, uuid, str(shown[2] or ""), str(shown[3] or "")
