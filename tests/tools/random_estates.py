# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Small random estates with a bit of everything, as records: `random_case(seed)` gives the same case for the same seed.

A case has what a plan is made of: estate, assessment, target (or none), settings, and for some of them an earlier plan that has
been carried out in part.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Final

from .plan_verifier.dice import Dice
from .plan_verifier.evidence import Record
from .plan_verifier.random_settings import random_settings
from .plan_verifier.random_target import random_target

GIB: Final = 1 << 30
NOW: Final = datetime(2026, 11, 21, 9, 30, tzinfo=timezone.utc)
VCENTERS: Final = ("0a0a0a0a-0000-4000-8000-00000000000a", "0b0b0b0b-0000-4000-8000-00000000000b")
HOSTNAMES: Final = ("vc-north.example.com", "vc-south.example.com")
RULES: Final = {"test.critical": "critical", "test.warning": "warning", "test.other": "warning", "test.information": "information"}
SOURCE: Final = "vc@00000000"


@dataclass(slots=True)
class Case:
    """What a plan is made of. Everything may be changed: it is nobody else's."""

    seed: int
    estate: list[Record]
    assessment: list[Record]
    target: list[Record] | None
    settings: Record
    previous: list[Record] | None = None
    now: datetime = NOW
    changes: list[str] = field(default_factory=list)
    """what was lifted"""

    def vm(self, vm_id: str) -> Record:
        """A VM's record of the estate."""
        return next(record for record in self.estate if record["kind"] == "vm" and record["id"] == vm_id)

    def kind(self, name: str) -> list[Record]:
        """The target's records of a kind."""
        return [record for record in self.target or () if record["kind"] == name]


def random_case(seed: int, most: int = 14) -> Case:
    """The case of a seed."""
    dice = Dice(seed)
    dice.mess = dice.pick(1.0, 0.1, 0.1)
    vcenters = list(VCENTERS[: dice.pick(1, 1, 2)])
    if dice.odd(0.15):
        vcenters.append("")
    estate = [*_places(dice, vcenters)]
    count = dice.randint(1, most)
    vms = [_vm(dice, number, dice.choice(vcenters), estate) for number in range(count)]
    estate += _ties(dice, vms)
    _relations(dice, vms)
    assessment = _assessment(dice, vms)
    ample = dice.often(0.6)
    target = random_target(dice, vms, ample) if dice.often(0.85) else None
    settings = _within(estate, random_settings(dice, vms, target, RULES, ample))
    return Case(seed, sorted([*estate, *vms], key=_order), sorted(assessment, key=_order), _sorted(target), settings)


def _within(estate: list[Record], settings: Record) -> Record:
    """The settings without rules for what the estate does not have, which are refused."""
    names = {record["name"] for record in estate if record["kind"] in ("network", "vcenter")}
    for setting, key in (("networks", "source"), ("providers", "vcenter")):
        if setting in settings:
            settings[setting] = [rule for rule in settings[setting] if rule[key] in ("*", *names)]
    return settings


def _order(record: Record) -> tuple[str, str]:
    return record["kind"], record["id"]


def _sorted(records: list[Record] | None) -> list[Record] | None:
    return None if records is None else sorted(records, key=_order)


# ---- estate ----------------------------------------------------------------------------------------------------------


def _places(dice: Dice, vcenters: list[str]) -> list[Record]:
    found: list[Record] = []
    for number, vcenter in enumerate(vcenters):
        host = HOSTNAMES[number] if vcenter else ""
        if vcenter:
            found.append(
                {"kind": "vcenter", "id": f"{vcenter}/group-d1", "name": host, "vcenter": vcenter, "moref": "group-d1", "hostname": host}
            )
        for kind, prefix, most in (("host", "host", 3), ("datastore", "datastore", 3), ("network", "network", 3)):
            for place in range(1, dice.randint(1, most) + 1):
                record = {
                    "kind": kind,
                    "id": f"{vcenter}/{prefix}-{place}" if vcenter else f"{kind}/{prefix}-{place}",
                    "name": f"{prefix}-{place}" if kind != "host" else f"esx-{number}{place}.example.com",
                    "vcenter": vcenter,
                    "moref": f"{prefix}-{place}",
                    "datacenter": "dc-1",
                }
                if kind == "network":
                    record["name"] = f"app-vlan-{100 + place}"
                    record.update({"vlan": str(100 + place)} if dice.often(0.9) else {})
                if not vcenter:
                    record.pop("vcenter")
                found.append(record)
    return found


def _vm(dice: Dice, number: int, vcenter: str, estate: list[Record]) -> Record:
    here = [record for record in estate if record.get("vcenter", "") == vcenter]
    by_kind = {kind: [record for record in here if record["kind"] == kind] for kind in ("host", "datastore", "network")}
    moref = f"vm-{number + 10}"
    record: Record = {
        "kind": "vm",
        "id": f"{vcenter}/{moref}" if vcenter else f"alone/{moref}",
        "name": dice.pick(f"app-{number}", f"app-{number}", f"DB_{number}.example.com", "same-name"),
        "datacenter": "dc-1",
        "host": dice.choice(by_kind["host"])["name"],
        "folder": dice.pick("/dc-1/vm/Production", "/dc-1/vm/Test/Web"),
        "cluster": "cluster-1",
        "cluster_id": f"{vcenter}/domain-c1",
        "power_state": dice.pick("poweredOn", "poweredOn", "poweredOn", "poweredOff"),
        "tools_running_status": dice.pick("guestToolsRunning", "guestToolsRunning", "guestToolsNotRunning"),
        "connection_state": "connected",
        "firmware": "efi",
        "guest_os_id": "rhel9_64Guest",
        "sources": [SOURCE],
    }
    if vcenter:
        record["vcenter"] = vcenter
    if not dice.odd(0.02):
        record["moref"] = moref
    _sizes(dice, record, by_kind)
    _owner(dice, record)
    _odd(dice, record)
    if dice.often(0.06):
        record["out_of_scope"] = dice.pick("template", "excluded by folder Test")
    return record


def _sizes(dice: Dice, record: Record, places: dict[str, list[Record]]) -> None:
    if not dice.odd(0.03):
        record["cpu_count"] = dice.pick(1, 2, 4, 8, 16)
    if not dice.odd(0.03):
        record["memory_mib"] = dice.pick(2, 4, 8, 16, 32) * 1024
    if not dice.odd(0.03):
        record["disks"] = [_disk(dice, record, number, places["datastore"]) for number in range(dice.pick(0, 1, 1, 1, 2, 3))]
    if not dice.odd(0.03):
        record["nics"] = [_nic(dice, record, number, places["network"]) for number in range(dice.pick(0, 1, 1, 1, 2))]
    if dice.often(0.8):
        record["change_tracking_enabled"] = dice.often(0.8)
    if dice.often(0.8):
        record["snapshots"] = [{"name": "before"}] if dice.often(0.1) else []
    if dice.often(0.5):
        record["disk_write_average_kib_per_s"] = dice.pick(0, 5, 200, 4000)
        record["disk_write_p95_kib_per_s"] = record["disk_write_average_kib_per_s"] * dice.pick(1, 3, 20) + dice.pick(0, 50, 20000)
    if dice.often(0.4):
        record["cpu_usage_p95_mhz"] = dice.randint(10, 9000)
        record["active_memory_p95_mib"] = dice.randint(100, 20000)


def _disk(dice: Dice, record: Record, number: int, stores: list[Record]) -> Record:
    store = dice.choice(stores)["name"]
    size = dice.pick(1, 10, 20, 20, 40, 40, 60, 100, 100, 200, 400, 1500, 4000) * GIB
    disk: Record = {"key": 2000 + number, "path": f"[{store}] {record['id']}/{number}.vmdk", "datastore": store}
    if dice.odd(0.05):
        del disk["datastore"]
    if not dice.odd(0.02):
        disk["capacity_bytes"] = size
    if dice.often(0.85):
        disk["used_bytes"] = int(size * dice.random())
    if dice.often(0.9):
        disk.update(sharing="sharingNone", bus_sharing="noSharing", mode="persistent", rdm=False, rdm_compatibility="")
    if dice.often(0.04):
        disk["mode"] = "independent_persistent"
    if dice.often(0.04):
        disk.update(rdm=True, rdm_compatibility=dice.pick("physicalMode", "virtualMode"))
    if dice.often(0.8):
        disk["change_tracking_enabled"] = dice.often(0.9)
    return disk


def _nic(dice: Dice, record: Record, number: int, networks: list[Record]) -> Record:
    network = dice.choice(networks)
    nic: Record = {
        "key": 4000 + number,
        "network": network["name"],
        "mac": f"00:50:56:{dice.randint(0, 255):02x}:{dice.randint(0, 255):02x}:{number:02x}",
    }
    if dice.often(0.9):
        nic["network_id"] = network["id"]
    if dice.often(0.5):
        nic["ips"] = [f"192.0.2.{dice.randint(1, 250)}"]
    return nic


def _owner(dice: Dice, record: Record) -> None:
    if dice.often(0.7):
        record["owner"] = dice.pick("team-a@example.com", "team-b@example.com")
    if dice.often(0.7):
        record["application"] = dice.pick("ERP", "Shop")
    if dice.often(0.5):
        record["environment"] = dice.pick("production", "test")
    if dice.often(0.5):
        record["criticality"] = dice.pick("high", "low", "tier 1")
    if dice.often(0.4):
        record["downtime_tolerance_minutes"] = dice.pick(0, 30, 120, 600)
    if dice.odd(0.3):
        record["change_window"] = dice.pick(
            "sat,sun 22:00-06:00",
            "daily 20:00-24:00",
            "Sat 20:00-24:00",
            "weekend",
            "mon-fri 18:00-02:00",
            "night",
            "Night",
            "whenever it suits",
            "tue 21:00-23:00; thu 21:00-23:00",
            "special",
            "sun 02:00-06:00",
        )
    record["tags"] = ["Tier/gold"] if dice.often(0.3) else []


def _odd(dice: Dice, record: Record) -> None:
    if dice.odd(0.15):
        record["evc_mode_required"] = dice.pick("intel-broadwell", "intel-skylake", "intel-icelake", "amd-zen2", "intel-unheard-of")
    if dice.odd(0.06):
        record["latency_sensitivity"] = "high"
    if dice.odd(0.06):
        record["numa_node_affinity"] = dice.pick([0], [0, 1])
    if dice.odd(0.06):
        record["devices"] = [{"kind": "VirtualPCIPassthrough", "backing": dice.pick("grid_a100-10c", "nic-sriov")}]
    if dice.odd(0.15):
        record["tpm_present"] = dice.often(0.5)
    if dice.odd(0.06):
        record["consolidation_needed"] = dice.often(0.5)


# ---- what ties VMs ---------------------------------------------------------------------------------------------------


def _ties(dice: Dice, vms: list[Record]) -> list[Record]:
    found: list[Record] = []
    for vcenter in VCENTERS:
        here = [vm for vm in vms if vm.get("vcenter") == vcenter]
        if len(here) < 2:
            continue
        if dice.often(0.25):
            _share(dice, here)
        for number in range(dice.pick(0, 0, 1, 1, 2)):
            rule: Record = {
                "kind": "drs_rule",
                "id": f"{vcenter}/rule-{number}",
                "name": f"rule-{number}",
                "type": dice.pick("affinity", "anti_affinity", "anti_affinity"),
                "enabled": dice.often(0.9),
                "vm_ids": sorted(vm["id"] for vm in dice.sample(here, dice.randint(2, min(4, len(here))))),
            }
            if dice.often(0.1):
                rule.pop(dice.pick("enabled", "vm_ids"))
            found.append(rule)
        if dice.often(0.2):
            lot = dice.sample(here, dice.randint(2, min(3, len(here))))
            if dice.often(0.5):
                found.append({"kind": "vapp", "id": f"{vcenter}/resgroup-v1", "name": "portal", "vm_ids": sorted(vm["id"] for vm in lot)})
            else:
                for vm in lot:
                    vm["vapp"] = "portal"
    return found


def _share(dice: Dice, here: list[Record]) -> None:
    """A disk that several VMs have."""
    lot = [vm for vm in dice.sample(here, min(len(here), dice.pick(2, 2, 3))) if vm.get("disks")]
    if len(lot) < 2:
        return
    disk = dict(lot[0]["disks"][0])
    if dice.often(0.6):
        disk["sharing"] = "sharingMultiWriter"
        lot[0]["disks"][0] = dict(disk)
    for vm in lot[1:]:
        vm["disks"].append({**disk, "key": 2010})


def _relations(dice: Dice, vms: list[Record]) -> None:
    """Dependencies, most of them without a cycle."""
    for number, vm in enumerate(vms):
        if number and dice.often(0.2):
            vm["depends_on"] = sorted({dice.choice(vms[:number])["id"] for _one in range(dice.pick(1, 1, 2))})
    if dice.often(0.02) and len(vms) > 1:
        vms[0]["depends_on"] = [vms[-1]["id"]]
    if dice.often(0.02):
        vms[0].setdefault("depends_on", []).append("nobody/vm-1")


# ---- assessment ------------------------------------------------------------------------------------------------------


def _assessment(dice: Dice, vms: list[Record]) -> list[Record]:
    found: list[Record] = [{"kind": "rule", "id": rule, "category": category} for rule, category in RULES.items()]
    gaps = ["test.warning"] if dice.odd(0.15) else []
    found.append({"kind": "source", "id": SOURCE, "name": "vc", "gaps": gaps})
    for vm in vms:
        if "out_of_scope" in vm:
            found.append({"kind": "excluded", "id": vm["id"], "name": vm["name"], "reason": vm["out_of_scope"]})
            continue
        verdict = dice.choices(("ready", "ready_with_work", "blocked", "not_evaluated"), (65, 25, 6, 4))[0]
        own = [rule for rule in ("test.critical", "test.warning", "test.other", "test.information") if dice.often(0.05)]
        counted = [rule for rule in {*own, *gaps} if RULES[rule] == "critical" or (verdict == "ready" and RULES[rule] == "warning")]
        failed = [f"test.failed-{number}" for number in range(dice.pick(0, 0, 1, 2, 4))]
        if verdict == "blocked" or (verdict == "ready_with_work" and not failed):
            failed.append("vmware.os.unsupported")
        found.append(
            {
                "kind": "vm",
                "id": vm["id"],
                "name": vm["name"],
                "verdict": verdict,
                "provisional": bool(counted) or dice.often(0.01),
                "findings": [{"rule": rule, "result": "fail", "evidence": []} for rule in failed],
                "not_applicable": [],
                "sources": [SOURCE],
                "gaps": [rule for rule in own if rule not in gaps],
            }
        )
    return found
