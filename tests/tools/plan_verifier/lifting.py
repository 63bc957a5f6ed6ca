# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Does a constraint keep a VM out, as the plan says? It is lifted in the inputs, the plan is made again, and the VM has to be placed.

Every code has a way to be lifted: the limit is raised, the window or the rule added, the network mapped, the nodes or the storage
provided, the dependency dropped, the missing fact supplied. All constraints that a VM names are lifted together; what was hidden
behind them is named in the next round and lifted as well. A constraint that was lifted and is named again is a false one.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from .evidence import Record
from .planning import Planned, plan_of
from .wishes import listed

if TYPE_CHECKING:
    from ..random_estates import Case

ROUNDS: Final = 12
GIB: Final = 1 << 30
HUGE: Final = 1 << 60
MODELS: Final = {"Intel": ["SapphireRapids", "Icelake-Server", "Broadwell", "Penryn"], "AMD": ["EPYC-Genoa", "EPYC-Milan", "EPYC"]}
_UNMET: Final = re.compile(r"(plan_[a-z_.]+) (?:lets no VM into a wave|has no window that is long enough for any VM): |dependency cycle: ")
FOLLOWED: Final = ("group_incomplete", "dependency_not_placed", "group_member_does_not_fit")
"""Codes that lead to another VM: what keeps that one out is lifted."""


@dataclass(slots=True)
class Followed:
    """What became of a VM whose constraints were lifted."""

    vm_id: str
    rounds: list[list[str]] = field(default_factory=list)
    """codes that were lifted, round by round"""
    placed: bool = False
    trouble: str = ""


def follow(case: Case, planned: Planned, vm_id: str) -> Followed:
    """Lifts what an unplaced VM names until it is placed, or something goes wrong."""
    found = Followed(vm_id)
    known: set[tuple[str, str, str]] = set()
    for _round in range(ROUNDS):
        named = {(entry["code"], entry["object"], entry["message"]) for entry in planned.vm(vm_id)["blocked_by"]}
        again = sorted(code for code, _object, _message in named & known if code not in FOLLOWED)
        if again:
            found.trouble = f"{', '.join(again)} was lifted and is named again"
            return found
        known |= named
        found.rounds.append(sorted(code for code, _object, _message in named))
        lifter = Lifter(copy.deepcopy(case), planned)
        lifter.lift(vm_id)
        if lifter.unknown:
            found.trouble = f"nobody knows how to lift {', '.join(lifter.unknown)}"
            return found
        case = lifter.case
        planned = _plan(case, vm_id)
        if planned.problems:
            case, planned, settings = unrefused(case, planned)
            found.rounds.append(settings)
        if planned.problems:
            found.trouble = f"refused: {planned.problems[0]}"
            return found
        state = planned.vm(vm_id)["state"]
        if state == "placed":
            found.placed = True
            return found
        if state != "unplaced":
            found.trouble = f"it became {state}"
            return found
    found.trouble = f"not placed after {ROUNDS} rounds"
    return found


def unrefused(case: Case, planned: Planned) -> tuple[Case, Planned, list[str]]:
    """A case that was refused, with what it was refused for lifted, its plan, and the settings; the problems are left where none helps.

    Lifted are limits that no VM can meet, and cycles of dependencies among VMs that were not planned before.
    """
    lifted: list[str] = []
    for _round in range(ROUNDS):
        named = [found for problem in planned.problems if (found := _UNMET.match(problem))]
        if not named or len(named) < len(planned.problems) or {found[1] or "plan_dependencies" for found in named} & set(lifted):
            break
        lifter = Lifter(copy.deepcopy(case), planned)
        for found in named:
            lifted.append(found[1] or "plan_dependencies")
            lifter.unmet(lifted[-1])
        case, planned = lifter.case, plan_of(lifter.case)
    return case, planned, lifted


def _plan(case: Case, vm_id: str) -> Planned:
    """The plan of a case with one of the windows that were offered, which overlaps no other: the first in which the VM moves, if any."""
    offers: list[Record] = case.settings.pop("offered_windows", [])
    base = listed(case.settings.get("windows"))
    chosen: tuple[list[Record], Planned] | None = None
    for offer in offers:
        case.settings["windows"] = [*base, offer]
        planned = plan_of(case)
        placed = not planned.problems and planned.vm(vm_id)["state"] == "placed"
        if placed or (chosen is None and not planned.problems):
            chosen = [*base, offer], planned
        if placed:
            break
    if offers:
        case.settings["windows"] = base
    if chosen is None:
        return plan_of(case)
    case.settings["windows"], planned = chosen
    return planned


class Lifter:
    """Changes a case. `unknown` has the codes for which there is no way."""

    def __init__(self, case: Case, planned: Planned) -> None:
        self.case = case
        self.unknown: list[str] = []
        self._planned = planned
        self._done: set[str] = set()

    def lift(self, vm_id: str) -> None:
        """Lifts everything that keeps a VM out."""
        if vm_id in self._done:
            return
        self._done.add(vm_id)
        vm = self.case.vm(vm_id)
        for entry in self._planned.vm(vm_id).get("blocked_by", ()):
            way = WAYS.get(entry["code"])
            if way is None:
                self.unknown.append(entry["code"])
            else:
                self.case.changes.append(f"{entry['code']} of {vm_id}")
                way(self, vm, entry)

    # ---- other VMs ---------------------------------------------------------------------------------------------------

    def other(self, vm: Record, entry: Record) -> None:
        """Another VM has to be placed first: that is lifted, or what leads to it is dropped where it cannot."""
        for vm_id in self._meant(vm, entry):
            state = self._state(vm_id)
            if state.get("state") == "unplaced":
                self.lift(vm_id)
            elif state.get("state") == "settle_first" and state.get("settle"):
                accepted = self.case.settings.get("accept_unknown", [])
                self.case.settings["accept_unknown"] = sorted({*accepted, *state["settle"]})
            elif state.get("state") != "placed":
                self._untie(vm_id)

    def _meant(self, vm: Record, entry: Record) -> list[str]:
        if entry["code"] != "group_member_does_not_fit":
            return [entry["object"]]
        ids = [record["id"] for record in self.case.estate if record["kind"] == "vm" and record["id"] != vm["id"]]
        words = entry["message"].replace(",", " ").split()
        return [vm_id for vm_id in ids if vm_id in words]

    def _state(self, vm_id: str) -> Record:
        return next((record for record in self._planned.records if record["kind"] == "vm" and record["id"] == vm_id), {})

    def _untie(self, vm_id: str) -> None:
        """Nobody depends on a VM any more, and it has no disk of another one."""
        vms = [record for record in self.case.estate if record["kind"] == "vm"]
        for vm in vms:
            vm["depends_on"] = [other for other in vm.get("depends_on", ()) if other != vm_id]
        paths = {disk.get("path") for vm in vms if vm["id"] != vm_id for disk in vm.get("disks", ())}
        for vm in vms:
            if vm["id"] == vm_id:
                vm["disks"] = [disk for disk in vm.get("disks", ()) if disk.get("path") not in paths]

    def _group(self, entry: Record, vm: Record) -> list[Record]:
        """The VMs of the group that a constraint is about."""
        groups = [record["vm_ids"] for record in self._planned.records if record["kind"] == "group" and record["id"] == entry["object"]]
        return [self.case.vm(vm_id) for vm_id in (groups[0] if groups else [vm["id"]])]

    # ---- settings ----------------------------------------------------------------------------------------------------

    def limit(self, name: str) -> None:
        """No limit of a wave of this name."""
        limits = dict(self.case.settings.get("limits", {}))
        limits.pop(name, None)
        self.case.settings["limits"] = limits | ({"vms": 10_000} if name == "vms" else {})

    def setting(self, name: str) -> None:
        """Without a setting."""
        self.case.settings.pop(name, None)

    def first(self, name: str, rule: Record) -> None:
        """A rule before all others."""
        self.case.settings[name] = [rule, *listed(self.case.settings.get(name))]

    def policy(self, **values: Any) -> None:
        """Another policy of the fit."""
        self.case.settings["fit"] = {**(self.case.settings.get("fit") or {}), **values}

    def admit(self, vm: Record, entry: Record) -> None:
        """Every window admits every VM, and there is one more."""
        self.more_windows(vm, entry)
        for window in listed(self.case.settings.get("windows")):
            window.pop("match", None)
            window.pop("own", None)

    def more_windows(self, _vm: Record, _entry: Record) -> None:
        """One more window: of those offered, the first that is open when no other is."""
        times = (("00:10", "23:50"), ("07:00", "19:30"), ("16:30", "19:30"), ("06:30", "07:30"))
        days = ("fri", "sun", "sat", "mon", "tue")
        number = len(listed(self.case.settings.get("windows")))
        self.case.settings["offered_windows"] = [
            {"name": f"more-{number}", "days": [day], "start": start, "end": end} for start, end in times for day in days
        ]

    def longer(self, vm: Record, entry: Record) -> None:
        """A window of nearly a day where that suffices and no owner names another one, else rates that were never measured."""
        group = self._group(entry, vm)
        planned = [self._planned.vm(one["id"]) for one in group]
        if sum(one["elapsed_p90_minutes"] for one in planned) < 1400 and not any(one.get("change_window") for one in group):
            first = (listed(self.case.settings.get("windows")) or [{"name": "default"}])[0]
            self.case.settings["windows"] = [{"name": first["name"], "days": "daily", "start": "00:00", "end": "23:59"}]
            return
        self.fast()

    def fast(self) -> None:
        """Rates at which every move is short."""
        fast = ("link", "host", "datastore", "disk", "target")
        rates = {f"{name}_mib_per_s": 10_000_000 for name in fast} | {"conversion_minutes": 0.01, "startup_minutes": 0.01, "p90_factor": 1}
        self.case.settings["rates"] = {**self.case.settings.get("rates", {}), **rates}

    def unmet(self, setting: str) -> None:
        """A limit that no VM can meet, by the name of its setting."""
        if setting == "plan_windows":
            self.fast()
        elif setting == "plan_dependencies":
            self.case.settings["dependencies"] = "together"
        elif setting.startswith("plan_limits."):
            self.limit(setting.removeprefix("plan_limits."))
        else:
            self.setting(setting.removeprefix("plan_"))

    def owners(self, vm: Record, entry: Record) -> None:
        """Nobody of the group has a change window."""
        for one in [*self._group(entry, vm), *([self.case.vm(entry["object"])] if entry["object"] in self._done else [])]:
            one.pop("change_window", None)

    # ---- mapping -----------------------------------------------------------------------------------------------------

    def namespace(self, vm: Record, _entry: Record) -> None:
        """A namespace for the VM."""
        self.first("namespaces", {"match": {"vms": [vm["id"]]}, "namespace": "vms"})

    def one_namespace(self, _vm: Record, entry: Record) -> None:
        """One namespace for all that share a disk."""
        self.first("namespaces", {"match": {"vms": self._sharers(entry)}, "namespace": "vms"})

    def cold(self, _vm: Record, entry: Record) -> None:
        """All that share a disk move cold."""
        method = dict(self.case.settings.get("method") or {})
        method["overrides"] = [{"match": {"vms": self._sharers(entry)}, "method": "cold"}, *listed(method.get("overrides"))]
        self.case.settings["method"] = method

    def _sharers(self, entry: Record) -> list[str]:
        vms = [record for record in self.case.estate if record["kind"] == "vm"]
        return [vm["id"] for vm in vms if any(disk.get("path") == entry["object"] for disk in vm.get("disks", ()))]

    def network(self, vm: Record, entry: Record) -> None:
        """The network leads to an attachment of `default`; all networks of the VM where two would be the pod network."""
        self._add(
            {"kind": "network_attachment", "id": "default/lifted", "name": "lifted", "namespace": "default", "type": "bridge", "vlan": 0}
        )
        every = entry["code"] == "multiple_pod_networks"
        for name in sorted({nic["network"] for nic in vm.get("nics", ())}) if every else [entry["object"]]:
            rule = {"source": name, "type": "multus", "namespace": "default", "name": "lifted"}
            self.first("networks", rule | ({"vcenter": vm["vcenter"]} if vm.get("vcenter") else {}))

    def storage(self, vm: Record, _entry: Record) -> None:
        """All disks go to a class that can do everything; a disk of which nobody knows the datastore lies on one."""
        sets = ["ReadWriteMany/Block", "ReadWriteOnce/Block"]
        self._add({"kind": "storage_class", "id": "lifted", "name": "lifted", "provisioner": "lifted.example.com", "claim_sets": sets})
        self.first("storage", {"source": "*", "storage_class": "lifted"})
        vcenter = vm.get("vcenter", "")
        store = next(one for one in self.case.estate if one["kind"] == "datastore" and one.get("vcenter", "") == vcenter)
        for disk in vm.get("disks", ()):
            disk.setdefault("datastore", store["name"])

    def provider(self, vm: Record, entry: Record) -> None:
        """A provider for the VM's vCenter."""
        name = f"lifted-{len(self.case.changes)}"
        self.first("providers", {"vcenter": vm.get("vcenter") or "*", "name": name, "url": "https://192.0.2.1/sdk", "secret": name})

    def address(self, vm: Record, entry: Record) -> None:
        """Another MAC address."""
        for number, nic in enumerate(vm["nics"]):
            if nic.get("mac", "").lower() == entry["object"]:
                nic["mac"] = f"00:50:57:{len(self.case.changes):02x}:00:{number:02x}"

    def moref(self, vm: Record, _entry: Record) -> None:
        """The VM has a managed object id."""
        vm["moref"] = f"vm-{len(self.case.changes) + 1000}"

    # ---- fit ---------------------------------------------------------------------------------------------------------

    def _add(self, record: Record) -> None:
        kept = [one for one in self.case.target or () if (one["kind"], one["id"]) != (record["kind"], record["id"])]
        self.case.target = sorted([*kept, record], key=lambda one: (one["kind"], one["id"]))

    def size(self, vm: Record, _entry: Record) -> None:
        """Everything is known of the VM's size."""
        vm.setdefault("cpu_count", 1)
        vm.setdefault("memory_mib", 1024)
        for disk in vm.setdefault("disks", []):
            disk.setdefault("capacity_bytes", 10 * GIB)

    def nodes(self, _vm: Record, _entry: Record) -> None:
        """Large nodes of every vendor with everything on them, beside those that may fail."""
        policy = self.case.settings.get("fit") or {}
        selector = dict(policy.get("node_selector") or {})
        for record in self.case.kind("virtualization"):
            selector = {**record.get("workload_node_selector", {}), **selector}
        for number in range(int(policy.get("spare_nodes", 1)) + 4):
            vendor = ("Intel", "AMD")[number % 2]
            self._add(_large_node(f"lifted-{vendor.lower()}-{number}", vendor, selector))

    def device(self, vm: Record, entry: Record) -> None:
        """The devices are permitted, and nodes have them."""
        name = "nvidia.com/GRID_A100-10C"
        known = (self.case.settings.get("fit") or {}).get("devices") or {}
        self.policy(devices={**known, **{str(device.get("backing")): name for device in vm.get("devices", ())}})
        for record in self.case.kind("virtualization"):
            record["permitted_host_devices"] = sorted({*record.get("permitted_host_devices", ()), name})
        self.nodes(vm, entry)

    def cancel(self, _vm: Record, _entry: Record) -> None:
        """No migration runs."""
        for record in self.case.kind("migration_plan"):
            for entry in record["vms"]:
                entry.update({} if entry.get("succeeded") else {"canceled": True})

    def quota(self, _vm: Record, entry: Record) -> None:
        """A resource of a quota without an end."""
        for record in self.case.kind("quota"):
            if entry["object"].startswith(f"{record['id']}/"):
                record["hard"][entry["object"].removeprefix(f"{record['id']}/")] = HUGE

    def remove(self, kind: str, identity: str) -> None:
        """Without an object of the target."""
        self.case.target = [one for one in self.case.target or () if (one["kind"], one["id"]) != (kind, identity)]

    def space(self, _vm: Record, entry: Record) -> None:
        """A storage class with space without an end."""
        for record in self.case.kind("storage_class"):
            if record["id"] == entry["object"]:
                record["free_bytes"] = HUGE


def _large_node(name: str, vendor: str, selector: Record) -> Record:
    return {
        "kind": "node",
        "id": name,
        "name": name,
        "labels": {"cpumanager": "true", **selector},
        "ready": True,
        "unschedulable": False,
        "roles": ["worker"],
        "zone": selector.get("topology.kubernetes.io/zone", ""),
        "architecture": "amd64",
        "taints": [],
        "allocatable_cpu_millicores": 4_000_000,
        "allocatable_memory_bytes": 32_000 * GIB,
        "allocatable_pods": 5000,
        "allocatable_hugepages_bytes": {"1Gi": 8000 * GIB, "2Mi": 8000 * GIB},
        "allocatable_devices": {"nvidia.com/GRID_A100-10C": 500},
        "requested_cpu_millicores": 0,
        "requested_memory_bytes": 0,
        "requested_pods": 0,
        "requested_hugepages_bytes": {},
        "requested_devices": {},
        "kubevirt_schedulable": True,
        "cpu_vendor": vendor,
        "cpu_models": MODELS[vendor],
        "numa_node_count": 8,
    }


Way = Callable[[Lifter, Record, Record], None]

_NODES: Final = (
    "no_node",
    "no_node_large_enough",
    "node_capacity",
    "spare_nodes",
    "failover_capacity",
    "cpu_not_offered",
    "dedicated_cpus_not_offered",
)
_NETWORKS: Final = ("network_unmapped", "network_namespace", "multiple_pod_networks")
_STORAGE: Final = ("storage_unmapped", "storage_class_missing", "volume_too_large", "live_migration_needs_rwx")
_OWNERS: Final = ("change_window_unreadable", "owner_windows_apart", "owner_window_closed", "owner_window_too_short")

WAYS: Final[dict[str, Way]] = {
    **dict.fromkeys(FOLLOWED, Lifter.other),
    **dict.fromkeys(_NODES, Lifter.nodes),
    **dict.fromkeys(_NETWORKS, Lifter.network),
    **dict.fromkeys(_STORAGE, Lifter.storage),
    **dict.fromkeys(("namespace_unmapped", "namespace_reserved"), Lifter.namespace),
    **dict.fromkeys(("provider_unmapped", "provider_ambiguous"), Lifter.provider),
    **dict.fromkeys(_OWNERS, Lifter.owners),
    "shared_disk_namespaces": Lifter.one_namespace,
    "shared_disk_warm": Lifter.cold,
    "size_unknown": Lifter.size,
    "moref_unknown": Lifter.moref,
    "mac_conflict": Lifter.address,
    "device_not_offered": Lifter.device,
    "hugepages_not_offered": lambda lifter, vm, entry: lifter.policy(hugepages=""),
    "quota": Lifter.quota,
    "limit_range": lambda lifter, vm, entry: lifter.remove("limit_range", entry["object"]),
    "storage_capacity": Lifter.space,
    "no_window": Lifter.admit,
    "slots_taken": Lifter.more_windows,
    "wave_begun": Lifter.cancel,
    "window_too_short": Lifter.longer,
    "first_copy_too_long": Lifter.more_windows,
    "frozen": lambda lifter, vm, entry: lifter.setting("freezes"),
    "last_day": lambda lifter, vm, entry: lifter.setting("last_day"),
    "waves": lambda lifter, vm, entry: lifter.limit("waves"),
    "wave_vms": lambda lifter, vm, entry: lifter.limit("vms"),
    "wave_bytes": lambda lifter, vm, entry: lifter.limit("tib"),
    "wave_high_risk_vms": lambda lifter, vm, entry: lifter.limit("high_risk_vms"),
    "wave_vms_per_host": lambda lifter, vm, entry: lifter.limit("vms_per_host"),
    "wave_vms_per_datastore": lambda lifter, vm, entry: lifter.limit("vms_per_datastore"),
}
"""Code of a constraint to how it is lifted."""
