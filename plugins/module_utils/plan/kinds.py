# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands in `plan.jsonl`: names, types and units of its records, from which the JSON Schema and the docs are made.

An absent key is unknown, or does not apply: a VM without a wave has no `wave`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from ..common.unknown import Unknown
from ..estate.fields import fact, required

Text: TypeAlias = str | Unknown
Count: TypeAlias = int | Unknown
Number: TypeAlias = float | Unknown
Flag: TypeAlias = bool | Unknown
Texts: TypeAlias = tuple[str, ...] | Unknown
TextMap: TypeAlias = Mapping[str, str] | Unknown
CountMap: TypeAlias = Mapping[str, int] | Unknown


@dataclass(frozen=True, slots=True)
class Record:
    """What the records of every kind have in common."""

    id: str = required("stable id, unique within the kind")
    name: Text = fact("name for people")


@dataclass(frozen=True, slots=True)
class Blocker:
    """A constraint that keeps a VM out of the plan."""

    code: Text = fact("stable word for the kind of constraint")
    object: Text = fact("what it is about")
    message: Text = fact("what is the matter, with its figures")
    remedy: Text = fact("the way out")
    setting: Text = fact("the variable that lifts it; empty where none does")


@dataclass(frozen=True, slots=True)
class PlannedVm(Record):
    """A VM of the estate, and what the plan makes of it."""

    state: Text = fact("placed, settle_first, blocked, unplaced, moved or excluded")
    verdict: Text = fact("verdict of the assessment")
    provisional: Flag = fact("the verdict is provisional")
    moref: Text = fact("managed object id in its vCenter")
    vcenter: Text = fact("instance UUID of its vCenter")
    owner: Text = fact("who answers for it")
    wave: Count = fact("number of its wave")
    group: Text = fact("id of its group")
    plan: Text = fact("name of the Plan of the migration toolkit that holds it")
    method: Text = fact("cold or warm")
    method_reasons: Texts = fact("why this method")
    risk: Text = fact("low, medium or high")
    risk_points: Count = fact("points behind the risk")
    risk_reasons: Texts = fact("what made the points")
    namespace: Text = fact("target namespace")
    namespace_reason: Text = fact("which rule named the namespace")
    target_name: Text = fact("name on the cluster")
    node: Text = fact("a node on which it fits, as the witness of the fit; the scheduler decides")
    cpu_millicores: Count = fact("CPU that it requests")
    memory_bytes: Count = fact("memory that it requests, its pod's overhead with it")
    storage_bytes: Count = fact("size of its volumes")
    copy_bytes: Count = fact("bytes to copy")
    elapsed_p50_minutes: Number = fact("time of its move alone, median")
    elapsed_p90_minutes: Number = fact("time of its move alone, 90th percentile")
    downtime_p50_minutes: Number = fact("time that it is down, median")
    downtime_p90_minutes: Number = fact("time that it is down, 90th percentile")
    downtime_tolerance_minutes: Count = fact("downtime that its owner accepts")
    wave_downtime_p90_minutes: Number = fact("time that it stands still in its wave, beside the others, 90th percentile")
    within_tolerance: Flag = fact("the p90 downtime in its wave, alone where it has none, keeps to the tolerance")
    bottleneck: Text = fact("what bounds its move")
    assumptions: Texts = fact("figures that were assumed")
    reasons: Texts = fact("why it stands in its wave")
    settle: Texts = fact("ids of the rules to settle first")
    accepted: Texts = fact("ids of the open rules that the user accepted")
    reason: Text = fact("why it is not planned, for VMs that are excluded, blocked or moved")
    blocked_by: tuple[Blocker, ...] | Unknown = fact("constraints that keep it out")


@dataclass(frozen=True, slots=True)
class PlannedWave(Record):
    """A wave."""

    number: Count = fact("its number, from 1")
    window: Text = fact("name of its window")
    start: Text = fact("begin of its window, ISO 8601 in UTC")
    end: Text = fact("end of its window, ISO 8601 in UTC")
    finished: Flag = fact("it is over")
    begun: Flag = fact("a Migration of it runs: it stands as the earlier plan has it")
    vm_count: Count = fact("VMs")
    warm_count: Count = fact("VMs that move warm")
    high_risk_count: Count = fact("VMs of high risk")
    copy_bytes: Count = fact("bytes to copy, in the window and before it")
    first_copy_bytes: Count = fact("bytes that its warm moves copy before the window")
    first_copy_p50_minutes: Number = fact("time of these first copies, median")
    first_copy_p90_minutes: Number = fact("time of these first copies, 90th percentile")
    start_by: Text = fact("when its warm moves have to be started at the latest, ISO 8601 in UTC")
    shared_minutes: Number = fact("time that first copies of later waves take of its path within the window, at the worst, 90th percentile")
    elapsed_p50_minutes: Number = fact("time within the window, median")
    elapsed_p90_minutes: Number = fact("time within the window, 90th percentile")
    planner_minutes: Number = fact("what the migration planner's serial formula says: provisioned GiB at 620 Mbit/s")
    bottleneck: Text = fact("what bounds it")
    plans: Texts = fact("names of its Plans")


@dataclass(frozen=True, slots=True)
class Tie:
    """What ties VMs of a group."""

    kind: Text = fact("shared_disk, affinity_rule, vapp or dependency")
    name: Text = fact("disk, rule or vApp")
    vm_ids: Texts = fact("ids of the VMs that it ties")


@dataclass(frozen=True, slots=True)
class PlannedGroup(Record):
    """VMs that move in one wave; VMs on their own have no record."""

    vm_ids: Texts = fact("ids of its VMs")
    ties: tuple[Tie, ...] | Unknown = fact("what ties them")


@dataclass(frozen=True, slots=True)
class PlannedOrder(Record):
    """One VM that has to move before another."""

    before: Text = fact("id of the VM that moves first")
    after: Text = fact("id of the VM that moves later")
    reason: Text = fact("why")


@dataclass(frozen=True, slots=True)
class PlannedSpread(Record):
    """VMs of which no wave may take all."""

    vm_ids: Texts = fact("ids of the VMs")


@dataclass(frozen=True, slots=True)
class Network(Record):
    """Where a network of the source leads."""

    source: Text = fact("managed object id, or the name where it has none")
    vcenter: Text = fact("instance UUID of its vCenter")
    vlan: Text = fact("VLAN of the source")
    type: Text = fact("pod, multus or ignored; absent where it is not mapped")
    namespace: Text = fact("namespace of the attachment")
    destination: Text = fact("name of the attachment")
    confidence: Count = fact("0 to 100; 100 is the user's own word")
    reason: Text = fact("how it was found, or why not")
    vm_count: Count = fact("VMs in scope that use it")
    proposal: Text = fact("name of an attachment that would have to be made")


@dataclass(frozen=True, slots=True)
class Storage(Record):
    """Where the disks of a datastore go."""

    source: Text = fact("managed object id, or the name where it has none")
    vcenter: Text = fact("instance UUID of its vCenter")
    storage_class: Text = fact("storage class; absent where it is not mapped")
    access_mode: Text = fact("access mode of the volumes")
    volume_mode: Text = fact("volume mode of the volumes")
    confidence: Count = fact("0 to 100; 100 is the user's own word")
    reason: Text = fact("how it was found, or why not")
    vm_count: Count = fact("VMs in scope that use it")
    capacity_bytes: Count = fact("size of their disks on it")


@dataclass(frozen=True, slots=True)
class Fit(Record):
    """Whether everything fits: one record, of id `fit`."""

    evaluated: Flag = fact("the target's nodes are known")
    reason: Text = fact("why it was not evaluated; empty when it was")
    policy: TextMap = fact("overcommit, spare nodes and what else was reckoned with")
    fitting: Count = fact("VMs in a wave that fit")
    fitting_without_wave: Count = fact("VMs that fit and are in no wave, for reasons of time or order")
    misfits: Count = fact("VMs that do not")
    not_evaluated: Texts = fact("what could not be checked, and figures that were assumed")
    reserved: Texts = fact("nodes that take no VM of the plan, so that as many may fail")
    left_out: TextMap = fact("nodes that do not count, and why")
    more_nodes: Texts = fact("nodes that would take every VM that lacks room on a node")


@dataclass(frozen=True, slots=True)
class Shortage(Record):
    """A resource that does not suffice."""

    needed: Count = fact("what is needed at least")
    available: Count = fact("what there is")
    unit: Text = fact("unit of both")
    proof: Text = fact("why no arrangement can fit")
    proven: Flag = fact("false where the packing found no arrangement and no bound excludes one")
    remedy: Text = fact("what would make it fit")


@dataclass(frozen=True, slots=True)
class NodeUse(Record):
    """What the plan puts on a node."""

    vm_count: Count = fact("VMs in a wave; those that would fit and are in none do not count")
    cpu_millicores: Count = fact("CPU that they request")
    memory_bytes: Count = fact("memory that they request")
    free_cpu_millicores: Count = fact("CPU that was free before")
    free_memory_bytes: Count = fact("memory that was free before")


@dataclass(frozen=True, slots=True)
class Condition(Record):
    """A condition of the preflight, over everything that it was asked of."""

    category: Text = fact("Critical, Error, Warn or Advisory")
    origin: Text = fact("toolkit for a condition of the migration controller, own for one that it passes over in silence")
    title: Text = fact("what it asks")
    passed: Count = fact("objects for which it passed")
    failed: Count = fact("objects for which it failed")
    not_evaluated: Count = fact("objects for which a fact lacks")
    not_applicable: Count = fact("objects that it does not concern")


@dataclass(frozen=True, slots=True)
class Finding(Record):
    """A condition that failed, or could not be evaluated, for one object."""

    condition: Text = fact("id of the condition")
    category: Text = fact("Critical, Error, Warn or Advisory")
    object: Text = fact("the object")
    vm_id: Text = fact("id of the VM; empty for a plan or map as a whole")
    result: Text = fact("fail or not_evaluated")
    observed: Text = fact("what was found")
    expected: Text = fact("what it should be")
    remedy: Text = fact("what to do")


@dataclass(frozen=True, slots=True)
class ManifestFile(Record):
    """A manifest. The id is its path below the run directory."""

    api_version: Text = fact("API version of the object")
    object_kind: Text = fact("kind of the object")
    namespace: Text = fact("namespace of the object; empty for cluster-wide ones")
    wave: Count = fact("number of its wave; absent for what serves all")
    apply: Flag = fact("it is applied when asked for; others are for people to review or run")
    purpose: Text = fact("what it is for")
    dry_run: Text = fact("accepted, refused or not_tried: what the API server said to a dry run")
    dry_run_message: Text = fact("why it was refused, or not tried, or where it was tried instead")


@dataclass(frozen=True, slots=True)
class Release(Record):
    """What a cluster of the source has set free after a wave, everything before it included."""

    wave: Count = fact("number of the wave")
    cluster_id: Text = fact("id of the cluster's record in the estate")
    vms_left: Count = fact("VMs that are still on it")
    hosts: Count = fact("its hosts")
    hosts_released: Count = fact("hosts that it does not need any more, as dense as today")
    cores_released: Count = fact("their cores")
    licensed_cores_released: Count = fact("cores that a subscription counts for them, 16 a socket at least")
    memory_mib_released: Count = fact("their memory")
    hosts_released_with_wave: Count = fact("hosts that come free with this wave")
    cores_released_with_wave: Count = fact("their cores")
    licensed_cores_released_with_wave: Count = fact("cores that a subscription counts for them")
    memory_mib_released_with_wave: Count = fact("their memory")
    cpus_released: CountMap = fact("CPU models of the released hosts, with the EVC baseline of their generation, and how many hosts")
    hosts_cpu_unknown: Count = fact("released hosts of which nobody knows the CPU model")
    devices_released: CountMap = fact("passthrough and vGPU devices that VMs use on the released hosts, and how many of them")
    accelerators_known: Flag = fact("the GPUs of the released hosts are known; false as long as an estate has no devices of hosts")
    empty: Flag = fact("nothing is left on it")
    saved_per_year: Number = fact("by the user's prices")


@dataclass(frozen=True, slots=True)
class FreedHost(Record):
    """A host of the source that comes free, and could be installed anew as a worker node. The id is that of its record."""

    cluster_id: Text = fact("id of its cluster's record in the estate")
    wave: Count = fact("number of the wave with which it comes free; absent where it was free before the first one")
    cpu_core_count: Count = fact("physical cores")
    memory_mib: Count = fact("physical memory")
    cpu_model: Text = fact("CPU model; absent where nobody knows")
    cpu_baseline: Text = fact("highest EVC baseline of its CPUs, which names their generation; absent where nobody knows")
    devices: CountMap = fact("passthrough and vGPU devices that VMs on it use; what else it holds is not known")
    accelerators_known: Flag = fact("its GPUs are known; false as long as an estate has no devices of hosts")


@dataclass(frozen=True, slots=True)
class WindowUsed:
    """A window that waves could have."""

    name: Text = fact("its name")
    days: Texts = fact("days of the week on which it opens: mon, tue, …; absent for one that opens once")
    day: Text = fact("the day of one that opens once")
    start: Text = fact("time of day at which it opens, in the plan's time zone")
    end: Text = fact("time of day at which it closes; on the next day where it is not after the start")
    extra_days: Count = fact("days by which it closes later")
    every_weeks: Count = fact("it opens every so many weeks")
    match: Texts = fact("which VMs may move in it, as list: pattern; empty for all")
    own: Flag = fact("only for VMs whose annotated window names it")


@dataclass(frozen=True, slots=True)
class FreezeUsed:
    """Days on which nothing moves."""

    name: Text = fact("its name")
    first: Text = fact("first day")
    last: Text = fact("last day")
    match: Texts = fact("which VMs it keeps from moving, as list: pattern; empty for all")


@dataclass(frozen=True, slots=True)
class Basis(Record):
    """What the plan rests on: one record, of id `basis`."""

    target: Text = fact("identity of the cluster; absent where no target was read")
    target_name: Text = fact("name of the cluster, where it has one")
    first_day: Text = fact("first day on which a wave may run")
    last_day: Text = fact("day by which the plan has to be over; absent where there is none")
    time_zone: Text = fact("time zone of the windows")
    windows: tuple[WindowUsed, ...] | Unknown = fact("windows of the waves, the assumed one where none was given")
    freezes: tuple[FreezeUsed, ...] | Unknown = fact("days on which nothing moves")
    limits: CountMap = fact(
        "what one wave may hold at most: vms, bytes, vms_per_host, vms_per_datastore, high_risk_vms; waves for the whole"
    )
    pilots: Count = fact("VMs that go first at most")
    pilots_match: Texts = fact("which VMs go first, as list: pattern; empty for the least risky ones")
    max_vms: Count = fact("most VMs of one Plan of the migration toolkit")
    dependencies: Text = fact("earlier or together: when the VMs move that others depend on")
    anti_affinity: Text = fact("spread or ignore: whether a wave may take all VMs of an anti-affinity rule")
    rates: TextMap = fact("rates that were reckoned with")
    rates_given: Texts = fact("names of those that the user gave")
    rates_measured: Texts = fact("names of those that finished migrations told")
    calibration: Text = fact("what finished migrations told")
    currency: Text = fact("currency of the prices; empty when none were given")
    accepted: Texts = fact("ids of the rules that a provisional VM may have open")
    notes: Texts = fact("assumptions that hold for the plan as a whole")


KINDS: Mapping[str, type[Record]] = {
    "basis": Basis,
    "condition": Condition,
    "finding": Finding,
    "fit": Fit,
    "freed_host": FreedHost,
    "group": PlannedGroup,
    "manifest": ManifestFile,
    "network": Network,
    "node": NodeUse,
    "order": PlannedOrder,
    "release": Release,
    "shortage": Shortage,
    "spread": PlannedSpread,
    "storage": Storage,
    "vm": PlannedVm,
    "wave": PlannedWave,
}

PARTS: Mapping[str, type] = {"blocked_by": Blocker, "freezes": FreezeUsed, "ties": Tie, "windows": WindowUsed}
"""Facts that are lists of parts, and the class of the parts."""
