# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The VMs of the evidence: what the estate, the assessment and the plan say of each, and what follows from that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from .evidence import Evidence, Record
from .wishes import Wishes, listed

PLANNED_VERDICTS: Final = ("ready", "ready_with_work")
SHARING: Final = ("sharingMultiWriter",)
SHARED_BUSES: Final = ("virtualSharing", "physicalSharing")


@dataclass(slots=True)
class Vm:
    """One VM. `plan` is its record of the plan; empty where it has none."""

    record: Record
    judged: Record
    plan: Record
    open_rules: tuple[str, ...]
    """ids of the rules that make its verdict provisional"""

    @property
    def id(self) -> str:
        """Its id."""
        return str(self.record["id"])

    @property
    def state(self) -> str:
        """Its state in the plan."""
        return str(self.plan.get("state", ""))

    @property
    def vcenter(self) -> str:
        """Instance UUID of its vCenter."""
        return str(self.record.get("vcenter", ""))

    @property
    def disks(self) -> list[Record]:
        """Its disks, as far as they are known."""
        return list(self.record.get("disks", ()))

    @property
    def copy_bytes(self) -> int:
        """Bytes used, or the size where nobody knows the use."""
        return sum(size_of(disk) for disk in self.disks)


def size_of(disk: Record) -> int:
    """What a transfer reads of a disk."""
    return int(disk["used_bytes"]) if "used_bytes" in disk else int(disk.get("capacity_bytes", 0))


class World:
    """Everything that the checks ask for, worked out once."""

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence
        self.target = evidence.target
        self.plan = evidence.plan
        self.wishes = Wishes(evidence.settings, str(evidence.plan.one("basis").get("first_day", "")))
        self.vms = {record["id"]: self._vm(record) for record in evidence.estate.kind("vm").values()}
        self._sharers = self._shared_paths()
        self.moved = {vm.id for vm in self.vms.values() if vm.state == "moved"}
        self.placed = {vm.id for vm in self.vms.values() if vm.state == "placed"}
        self.waves = sorted(evidence.plan.kind("wave").values(), key=lambda wave: int(wave["number"]))
        self.new_waves = [wave for wave in self.waves if not wave.get("finished") and not wave.get("begun")]
        migrations = self.target.kind("migration").values() if self.target else ()
        self.running = {record["plan"].rpartition("/")[2] for record in migrations if record.get("running")}
        """names of Plans that the cluster carries out"""
        self.begun_waves = [wave for wave in self.waves if wave.get("begun")]
        begun = {wave["number"] for wave in self.begun_waves}
        self.standing = {vm_id for vm_id in self.placed if self.wave_of(vm_id) in begun}
        """VMs of waves that have begun"""
        self.free = self.placed - self.standing
        """VMs that this plan gave their wave"""
        self._datastores = self._places()

    def _vm(self, record: Record) -> Vm:
        judged = self.evidence.assessment.kind("vm").get(record["id"], {})
        return Vm(record, judged, self.evidence.plan.kind("vm").get(record["id"], {}), tuple(sorted(self._open_rules(judged))))

    def _open_rules(self, judged: Record) -> Iterator[str]:
        """Critical gaps, and gaps of warnings where the verdict is ready; those of its sources among them."""
        if not judged.get("provisional"):
            return
        sources = self.evidence.assessment.kind("source")
        gaps = {*judged.get("gaps", ()), *(gap for name in judged.get("sources", ()) for gap in sources.get(name, {}).get("gaps", ()))}
        wanted = {"critical"} | ({"warning"} if judged.get("verdict") == "ready" else set())
        rules = self.evidence.assessment.kind("rule")
        yield from (gap for gap in gaps if rules.get(gap, {}).get("category") in wanted)

    # ---- disks -------------------------------------------------------------------------------------------------------

    def _shared_paths(self) -> dict[tuple[str, str], list[str]]:
        """VMs by the file of a disk, where several have it. Without a vCenter a path counts within its host, or beyond when marked."""
        holders: dict[tuple[str, str], set[str]] = {}
        for vm in self.vms.values():
            for disk in vm.disks:
                if not disk.get("path"):
                    continue
                holders.setdefault((vm.vcenter or f"host {vm.record.get('host', '')}", disk["path"]), set()).add(vm.id)
                if not vm.vcenter and _marked(disk):
                    holders.setdefault(("", disk["path"]), set()).add(vm.id)
        return {place: sorted(found) for place, found in holders.items() if len(found) > 1}

    def shared_disks(self) -> dict[tuple[str, str], list[str]]:
        """VM ids by (place, path) of each disk that several VMs have."""
        return self._sharers

    def is_shared(self, vm: Vm, disk: Record) -> bool:
        """Whether a disk is marked as shared, or another VM of its vCenter has the same file."""
        same = self._sharers.get((vm.vcenter, disk.get("path", "")), ()) if vm.vcenter else self._alike(disk)
        return _marked(disk) or vm.id in same

    def _alike(self, disk: Record) -> list[str]:
        path = disk.get("path", "")
        found = [vm.id for vm in self.vms.values() if not vm.vcenter and any(other.get("path") == path for other in vm.disks)]
        return found if path and len(found) > 1 else []

    # ---- places ------------------------------------------------------------------------------------------------------

    def _places(self) -> dict[tuple[str, ...], list[str]]:
        found: dict[tuple[str, ...], list[str]] = {}
        for record in self.evidence.estate.kind("datastore").values():
            vcenter, name = record.get("vcenter", ""), record.get("name", "")
            if name:
                found.setdefault((vcenter, record.get("datacenter", ""), name), []).append(record["id"])
                found.setdefault((vcenter, name), []).append(record["id"])
        return found

    def datastore(self, vm: Vm, disk: Record) -> str:
        """What the datastore of a disk is called: the id of its record, else vCenter and name; empty for a disk without one."""
        name = disk.get("datastore", "")
        if not name:
            return ""
        exact = self._datastores.get((vm.vcenter, vm.record.get("datacenter", ""), name), [])
        anywhere = self._datastores.get((vm.vcenter, name), [])
        if exact:
            return exact[-1]
        return anywhere[0] if len(set(anywhere)) == 1 else f"{vm.vcenter}/{name}"

    def network(self, vm: Vm, nic: Record) -> str:
        """What the network of an adapter is called."""
        return str(nic.get("network_id") or (f"{vm.vcenter}/{nic['network']}" if nic.get("network") else ""))

    def wave_of(self, vm_id: str) -> int | None:
        """Number of a VM's wave."""
        number = self.vms[vm_id].plan.get("wave") if vm_id in self.vms else None
        return None if number is None else int(number)

    def members(self, number: int) -> list[Vm]:
        """The VMs of a wave."""
        return [vm for vm in self.vms.values() if vm.plan.get("wave") == number]

    # ---- vCenters ----------------------------------------------------------------------------------------------------

    def provider_names(self) -> dict[str, str]:
        """vCenter by the name of its provider: by the user's rules, the address of a provider on the target, or the host name."""
        records = {record.get("vcenter", ""): record for record in self.evidence.estate.kind("vcenter").values()}
        used = sorted({vm.vcenter for vm in self.vms.values() if not vm.record.get("out_of_scope")})
        hosts = {vcenter: str(records.get(vcenter, {}).get("hostname") or records.get(vcenter, {}).get("name", "")) for vcenter in used}
        short = Counter(host.partition(".")[0] for host in set(hosts.values()))
        found = {}
        for vcenter in used:
            name = self._ruled_provider(vcenter, records.get(vcenter, {}), hosts[vcenter]) or self._provider_there(hosts[vcenter])
            label = hosts[vcenter].partition(".")[0]
            if not name:
                name = label.lower() if short[label] == 1 else hosts[vcenter].replace(".", "-").lower()
            if name:
                found[name] = vcenter
        return found

    def _ruled_provider(self, vcenter: str, record: Record, host: str) -> str:
        for rule in listed(self.evidence.settings.get("providers")):
            if str(rule["vcenter"]).lower() in (vcenter.lower(), str(record.get("name", "")).lower(), host.lower()):
                return str(rule["name"])
        return ""

    def _provider_there(self, host: str) -> str:
        for record in (self.target.kind("provider") if self.target else {}).values():
            if record.get("type") == "vsphere" and host and urlsplit(record.get("url", "")).hostname == host.lower():
                return str(record["name"])
        return ""


def _marked(disk: Record) -> bool:
    return disk.get("sharing") in SHARING or disk.get("bus_sharing") in SHARED_BUSES


class Joined:
    """Things that are joined pair by pair."""

    def __init__(self) -> None:
        self._parent: dict[str, str] = {}

    def root(self, one: str) -> str:
        """What stands for everything that one is joined with."""
        while self._parent.get(one, one) != one:
            one = self._parent[one]
        return one

    def join(self, entries: list[str]) -> None:
        """Joins all of them."""
        for one in entries[1:]:
            self._parent[self.root(one)] = self.root(entries[0])

    def same(self, one: str, other: str) -> bool:
        """Whether two are joined."""
        return self.root(one) == self.root(other)


def ties(world: World, among: set[str]) -> list[tuple[str, str, list[str]]]:
    """(kind, name, VM ids of those given) of everything that ties VMs together."""
    estate = world.evidence.estate
    found = [("shared disk", path, ids) for (_place, path), ids in sorted(world.shared_disks().items())]
    rules = [rule for rule in estate.kind("drs_rule").values() if rule.get("type") == "affinity" and rule.get("enabled") is not False]
    found += [("affinity rule", str(rule.get("name", rule["id"])), list(rule.get("vm_ids", ()))) for rule in rules]
    listed_ids: set[str] = set()
    for vapp in estate.kind("vapp").values():
        found.append(("vApp", str(vapp.get("name", vapp["id"])), list(vapp.get("vm_ids", ()))))
        listed_ids.update(vapp.get("vm_ids", ()))
    named: dict[tuple[str, str, str], list[str]] = {}
    for vm in world.vms.values():
        if vm.record.get("vapp") and vm.id not in listed_ids:
            place = vm.vcenter or f"host {vm.record.get('host', '')}"
            named.setdefault((place, vm.record.get("cluster_id", ""), vm.record["vapp"]), []).append(vm.id)
    found += [("vApp", place[2], ids) for place, ids in sorted(named.items())]
    if world.wishes.together:
        found += [
            ("dependency", f"{vm.id} on {other}", [vm.id, other]) for vm in world.vms.values() for other in vm.record.get("depends_on", ())
        ]
    kept = [(kind, name, sorted({vm_id for vm_id in ids if vm_id in among})) for kind, name, ids in found]
    return [(kind, name, ids) for kind, name, ids in kept if len(ids) > 1]


def groups(world: World, among: set[str]) -> Joined:
    """The VMs joined by their ties."""
    joined = Joined()
    for _kind, _name, ids in ties(world, among):
        joined.join(ids)
    return joined
