# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plans and targets for the tests of the report: records by hand, and views made of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Any

from ansible_collections.groundwork.readiness.plugins.module_utils.report import plan_view, view
from ansible_collections.groundwork.readiness.plugins.module_utils.report.plan_build import PlanReading
from ansible_collections.groundwork.readiness.plugins.module_utils.report.target_build import target_report

from tests.unit.report import factory

Record = dict[str, Any]

TIB = 1 << 40
GIB = 1 << 30
HOSTILE = "<img src=x onerror=alert(1)>"
FORMULA = "=cmd|'/c calc'!A0"
BERLIN = timezone(timedelta(hours=1), "CET")
STATES = ("placed", "placed", "unplaced", "settle_first", "blocked")
"""States that `vm_records` deals out, one VM after the other."""


def zone_of(name: str) -> tzinfo | None:
    """UTC, and a zone of one hour that stands for Berlin's in winter."""
    return {"UTC": timezone.utc, "Europe/Berlin": BERLIN}.get(name)


def basis(**facts: Any) -> Record:
    """What the plan rests on."""
    record = {
        "kind": "basis",
        "id": "basis",
        "target": "cluster-id",
        "target_name": "ocp-prod",
        "first_day": "2027-01-11",
        "time_zone": "Europe/Berlin",
        "rates": {"link_mib_per_s": "834", "disk_mib_per_s": "70", "conversion_minutes": "12"},
        "rates_given": ["link_mib_per_s"],
        "rates_measured": ["conversion_minutes"],
        "calibration": "12 finished VMs",
        "currency": "EUR",
        "accepted": [],
        "notes": [f"5 % of the bytes change in a day {HOSTILE}"],
    }
    return {**record, **facts}


def wave(number: int, start: str = "", hours: float = 6, **facts: Any) -> Record:
    """A wave; by default it is a week after the one before it."""
    first = datetime.fromisoformat(start) if start else datetime(2027, 1, 16, 19, tzinfo=timezone.utc) + timedelta(weeks=number - 1)
    text = "%Y-%m-%dT%H:%M:%SZ"
    record = {
        "kind": "wave",
        "id": f"wave-{number:04d}",
        "number": number,
        "window": "weekend",
        "start": first.strftime(text),
        "end": (first + timedelta(hours=hours)).strftime(text),
        "finished": False,
        "begun": False,
        "vm_count": 10,
        "warm_count": 2,
        "high_risk_count": 1,
        "copy_bytes": 2 * TIB,
        "elapsed_p50_minutes": 120.5,
        "elapsed_p90_minutes": 180.25,
        "planner_minutes": 600.0,
        "bottleneck": "host",
        "plans": [f"erp-w{number:02d}-cold"],
    }
    return {**record, **facts}


def placed(identity: str, number: int = 1, **facts: Any) -> Record:
    """A VM in a wave."""
    record = {
        "kind": "vm",
        "id": identity,
        "name": f"name of {identity}",
        "state": "placed",
        "wave": number,
        "plan": "erp-w01-cold",
        "method": "cold",
        "method_reasons": ["a cold move stops it for 118 min (p90), within 240 min (its tolerance)"],
        "risk": "medium",
        "risk_points": 4,
        "risk_reasons": ["2 rules failed (+2)", "2.4 TiB to copy (+1)"],
        "namespace": "erp",
        "namespace_reason": "plan_namespaces[0]",
        "target_name": identity.rpartition("/")[2],
        "node": "worker-0",
        "cpu_millicores": 400,
        "memory_bytes": 16 * GIB,
        "storage_bytes": 300 * GIB,
        "copy_bytes": 200 * GIB,
        "elapsed_p50_minutes": 78.8,
        "elapsed_p90_minutes": 118.2,
        "downtime_p50_minutes": 78.8,
        "downtime_p90_minutes": 118.2,
        "downtime_tolerance_minutes": 240,
        "within_tolerance": True,
        "bottleneck": "disk",
        "reasons": ["pilot: among the least risky"],
    }
    return {**record, **facts}


def blocker(code: str = "network_unmapped", message: str = "network dmz leads nowhere", **facts: str) -> Record:
    """A constraint."""
    return {"code": code, "object": "dmz", "message": message, "remedy": "add a rule for dmz", "setting": "plan_networks", **facts}


def unplaced(identity: str, *blockers: Record) -> Record:
    """A VM that constraints keep out."""
    found = {key: value for key, value in placed(identity).items() if key not in ("wave", "reasons", "plan", "node")}
    return {**found, "state": "unplaced", "blocked_by": list(blockers or (blocker(),))}


def other(identity: str, state: str, **facts: Any) -> Record:
    """A VM of another state."""
    return {"kind": "vm", "id": identity, "name": f"name of {identity}", "state": state, "reason": f"it is {state}", **facts}


def vm_records(vms: Iterable[view.VmView]) -> list[Record]:
    """Plans of VMs: two of five placed, one kept out, one to be settled, one blocked."""
    records = []
    for number, vm in enumerate(vms):
        state = STATES[number % len(STATES)]
        if state == "placed":
            record = placed(vm.id, 1 + number % 3)
        elif state == "unplaced":
            record = unplaced(vm.id, blocker(message=f"{vm.name}: network dmz leads nowhere"))
        else:
            record = other(vm.id, state, **({"settle": ["vmware.tpm.detected"]} if state == "settle_first" else {}))
        records.append({**record, "name": vm.name})
    return records


def condition(identity: str, category: str = "Critical", failed: int = 0, left_open: int = 0) -> Record:
    """A condition of the preflight."""
    counts = {"passed": 7, "failed": failed, "not_evaluated": left_open, "not_applicable": 1}
    return {"kind": "condition", "id": identity, "category": category, "origin": "toolkit", "title": f"the {identity} is wrong", **counts}


def finding(identity: str, number: int, result: str = "fail", text: str = "none") -> Record:
    """What a condition says of one object."""
    about = f"Plan openshift-mtv/erp, VM {number}"
    record = {
        "kind": "finding",
        "id": f"{identity}/{number:05d}",
        "condition": identity,
        "category": "Critical",
        "object": about,
        "vm_id": "",
    }
    return {**record, "result": result, "observed": text, "expected": "one", "remedy": "make it"}


def other_records() -> list[Record]:
    """One of everything that is neither wave nor VM."""
    return [
        basis(),
        condition("NetworkMapNotReady", failed=2),
        condition("VddkImageMissing", "Warn", left_open=1),
        condition("TargetNameNotValid"),
        finding("NetworkMapNotReady", 1, text=HOSTILE),
        finding("NetworkMapNotReady", 2, text=FORMULA),
        finding("VddkImageMissing", 1, "not_evaluated", "the account may not list providers"),
        {
            "kind": "fit",
            "id": "fit",
            "evaluated": True,
            "reason": "",
            "policy": {"basis": "configured", "spare_nodes": "1"},
            "fitting": 12,
            "fitting_without_wave": 5,
            "misfits": 2,
            "not_evaluated": ["CPU model of app-01: not known"],
            "reserved": ["worker-2"],
            "left_out": {"control-0": "it runs no VMs"},
            "more_nodes": ["1 more node like worker-0 would take 2 VMs"],
        },
        {
            "kind": "manifest",
            "id": "manifests/plan.yaml",
            "name": "erp-w01-cold",
            "object_kind": "Plan",
            "namespace": "openshift-mtv",
            "wave": 1,
            "apply": True,
            "purpose": "wave 1",
            "dry_run": "refused",
            "dry_run_message": f"denied: {HOSTILE}",
        },
        {"kind": "manifest", "id": "manifests/map.yaml", "object_kind": "NetworkMap", "apply": True, "dry_run": "accepted"},
        {"kind": "network", "id": "n1", "name": HOSTILE, "vlan": "300", "reason": "nothing agrees", "vm_count": 9, "proposal": "vlan300"},
        {
            "kind": "network",
            "id": "n2",
            "name": "app",
            "vlan": "110",
            "type": "multus",
            "namespace": "default",
            "destination": "app-vlan-110",
            "confidence": 92,
            "reason": "VLAN 110 on both sides",
            "vm_count": 30,
        },
        *(
            {
                "kind": "node",
                "id": f"worker-{number}",
                "vm_count": 6 if number < 2 else 0,
                "cpu_millicores": 4000 if number < 2 else 0,
                "memory_bytes": 100 * GIB if number < 2 else 0,
                "free_cpu_millicores": 60000,
                "free_memory_bytes": 500 * GIB,
            }
            for number in range(3)
        ),
        {"kind": "order", "id": "a before b", "before": "a", "after": "b", "reason": "b depends on a"},
        *freed_hosts("prod-01"),
        *release("prod-01", (1, 20, 0), (2, 8, 2), (3, 0, 4)),
        {
            "kind": "shortage",
            "id": "memory",
            "needed": 700 * GIB,
            "available": 500 * GIB,
            "unit": "bytes",
            "proof": "the VMs need 700 GiB, 500 GiB are free",
            "proven": True,
            "remedy": "add a node of 200 GiB",
        },
        {"kind": "spread", "id": "ad-apart (1)", "name": "ad-apart", "vm_ids": ["a", "b"]},
        {
            "kind": "storage",
            "id": "s1",
            "name": "gold-01",
            "storage_class": "block-gold",
            "access_mode": "ReadWriteMany",
            "volume_mode": "Block",
            "confidence": 70,
            "reason": "the best of 2",
            "vm_count": 20,
            "capacity_bytes": 30 * TIB,
        },
        {"kind": "storage", "id": "s2", "name": FORMULA, "reason": "no class takes it", "vm_count": 1, "capacity_bytes": TIB},
    ]


def freed_hosts(cluster: str) -> list[Record]:
    """Two hosts that come free: one with everything known but its GPUs, and one of which little is known."""
    plain = {"kind": "freed_host", "cluster_id": cluster, "cpu_core_count": 32, "memory_mib": 1 << 19, "accelerators_known": False}
    known = {"wave": 2, "cpu_model": f"Xeon {HOSTILE}", "cpu_baseline": "intel-cascadelake", "devices": {FORMULA: 3}}
    return [{**plain, "id": "h1", "name": HOSTILE, **known}, {**plain, "id": "h2", "name": "esx-02", "devices": {}}]


def release(cluster: str, *steps: tuple[int, int, int]) -> list[Record]:
    """What a cluster of four hosts sets free: (wave, VMs left, hosts)."""
    return [
        {
            "kind": "release",
            "id": f"{cluster}/wave-{number:04d}",
            "name": cluster,
            "cluster_id": cluster,
            "wave": number,
            "vms_left": left,
            "hosts": 4,
            "hosts_released": hosts,
            "cores_released": 32 * hosts,
            "licensed_cores_released": 32 * hosts,
            "memory_mib_released": hosts << 19,
            "hosts_released_with_wave": 1,
            "cores_released_with_wave": 32,
            "memory_mib_released_with_wave": 1 << 19,
            "cpus_released": {f"Xeon {HOSTILE} (intel-cascadelake)": hosts - 1} if hosts > 1 else {},
            "hosts_cpu_unknown": min(hosts, 1),
            "devices_released": {f"grid {HOSTILE}": 3} if hosts else {},
            "accelerators_known": False,
            "empty": not left,
            "saved_per_year": 4200.0 * hosts,
        }
        for number, left, hosts in steps
    ]


def target_records() -> list[Record]:
    """A small target of which one list was refused and one is not served."""
    node = {
        "kind": "node",
        "ready": True,
        "unschedulable": False,
        "roles": ["worker"],
        "zone": "a",
        "kubevirt_schedulable": True,
        "allocatable_cpu_millicores": 64000,
        "allocatable_memory_bytes": 512 * GIB,
        "requested_cpu_millicores": 4000,
        "requested_memory_bytes": 12 * GIB,
        "cpu_host_model": "Cascadelake-Server",
        "taints": [],
    }
    return [
        {"kind": "cluster", "id": "cluster-id", "name": "ocp-prod", "kubernetes_version": "1.34.4", "openshift_version": "4.21.9"},
        {"kind": "migration_toolkit", "id": "openshift-mtv/forklift-controller", "namespace": "openshift-mtv", "version": "2.11.3"},
        *({**node, "id": f"worker-{number}", "name": f"worker-{number}"} for number in range(3)),
        {
            "kind": "notice",
            "id": "n",
            "code": "certificate_not_checked",
            "message": "the certificate was not checked",
            "remedy": "Name a CA.",
        },
        {"kind": "reading", "id": "nodes", "kind_name": "Node", "state": "read", "count": 3},
        {
            "kind": "reading",
            "id": "hyperconvergeds.hco.kubevirt.io",
            "kind_name": "HyperConverged",
            "state": "forbidden",
            "reason": f"forbidden {HOSTILE}",
            "permission": "list hyperconvergeds.hco.kubevirt.io",
            "costs": ["the settings of OpenShift Virtualization"],
        },
        {"kind": "reading", "id": "kubevirts.kubevirt.io", "kind_name": "KubeVirt", "state": "absent", "costs": []},
        {"kind": "storage_class", "id": "block-gold", "provisioner": "csi.example.com", "default": True, "free_bytes": 90 * TIB},
    ]


def plan_of(records: Iterable[Record], target: plan_view.TargetReportView | None = None) -> plan_view.PlanView:
    """The view of a plan of these records."""
    return PlanReading(records, lambda name: name, zone_of).view(target)


def planned_view(count: int = 40, waves: Sequence[Record] = (), base: view.ReportView | None = None) -> view.ReportView:
    """The report of a run with a target and a plan."""
    base = base or factory.make_view(count)
    target = target_report(target_records())
    records = [*other_records(), *vm_records(base.vms), *(waves or [wave(number) for number in (1, 2, 3)])]
    reading = PlanReading(records, lambda name: name, zone_of)
    vms = tuple(replace(vm, plan=reading.vms.get(vm.id)) for vm in base.vms)
    return replace(base, vms=vms, plan=reading.view(target), target=target)
