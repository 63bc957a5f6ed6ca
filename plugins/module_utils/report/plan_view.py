# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a report shows of the plan and of the target cluster; `view.py` has the rest of the report.

Times of waves are in the plan's time zone. What nobody knows is None, or an empty text where there is no text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from ..plan.model import BLOCKED, EXCLUDED, MOVED, PLACED, SETTLE_FIRST, UNPLACED

STATES: Final = (PLACED, MOVED, SETTLE_FIRST, UNPLACED, BLOCKED)
"""States of VMs in scope, those of most progress first; EXCLUDED ones are out of scope and in no figure here."""

STATE_WORDS: Final[Mapping[str, str]] = {
    PLACED: "in a wave",
    MOVED: "moved already",
    SETTLE_FIRST: "settle first",
    UNPLACED: "kept out",
    BLOCKED: "blocked",
    EXCLUDED: "out of scope",
}
"""What becomes of a VM, in words; a state that is not known here stands for itself."""

CONDITION_CATEGORIES: Final = ("Critical", "Error", "Warn", "Advisory")
"""Categories of preflight conditions, gravest first. Critical and Error keep a Plan from being ready."""

DRY_RUNS: Final = ("refused", "not_tried", "accepted")
"""What the API server said to manifests, what calls for work first."""


@dataclass(frozen=True, slots=True)
class BlockerView:
    """A constraint that keeps a VM out of the plan."""

    code: str
    object: str
    message: str
    remedy: str
    setting: str


@dataclass(frozen=True, slots=True)
class VmPlanView:
    """What the plan makes of a VM."""

    state: str
    wave: int | None = None
    group: str = ""
    plan: str = ""
    """name of the migration toolkit's Plan that holds it"""
    method: str = ""
    method_reasons: tuple[str, ...] = ()
    risk: str = ""
    risk_points: int | None = None
    risk_reasons: tuple[str, ...] = ()
    namespace: str = ""
    namespace_reason: str = ""
    target_name: str = ""
    node: str = ""
    cpu_millicores: int | None = None
    """what it requests on the cluster"""
    memory_bytes: int | None = None
    storage_bytes: int | None = None
    copy_bytes: int | None = None
    elapsed_p50_minutes: float | None = None
    elapsed_p90_minutes: float | None = None
    downtime_p50_minutes: float | None = None
    downtime_p90_minutes: float | None = None
    wave_downtime_p90_minutes: float | None = None
    """beside the other VMs of its wave"""
    downtime_tolerance_minutes: int | None = None
    within_tolerance: bool | None = None
    bottleneck: str = ""
    assumptions: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    """why it stands in its wave"""
    settle: tuple[str, ...] = ()
    accepted: tuple[str, ...] = ()
    reason: str = ""
    blocked_by: tuple[BlockerView, ...] = ()


@dataclass(frozen=True, slots=True)
class WaveView:
    """A wave. `start` and `end` are ISO 8601 with the offset of the plan's time zone."""

    number: int
    window: str
    start: str
    end: str
    finished: bool
    begun: bool
    """a Migration of it runs"""
    vm_count: int
    warm_count: int
    high_risk_count: int
    copy_bytes: int
    elapsed_p50_minutes: float
    elapsed_p90_minutes: float
    planner_minutes: float | None
    """what the serial formula of the migration planner says"""
    bottleneck: str
    plans: tuple[str, ...]
    first_copy_bytes: int = 0
    """what its warm moves copy before the window"""
    first_copy_p90_minutes: float = 0.0
    start_by: str = ""
    """when its warm moves have to be started at the latest; empty where there are none"""


@dataclass(frozen=True, slots=True)
class TieView:
    """What ties VMs of a group."""

    kind: str
    name: str
    vms: tuple[str, ...]
    """names of the VMs"""


@dataclass(frozen=True, slots=True)
class MoveGroupView:
    """VMs that move together. `wave` is None where they are in none."""

    id: str
    wave: int | None
    vms: tuple[str, ...]
    ties: tuple[TieView, ...]


@dataclass(frozen=True, slots=True)
class KeptOutEntry:
    """One constraint with its figures, and the VMs that it keeps out."""

    object: str
    message: str
    remedy: str
    setting: str
    vms: tuple[tuple[str, str], ...]
    """(name, id)"""


@dataclass(frozen=True, slots=True)
class KeptOutView:
    """Every constraint of one kind; a VM that several keep out counts once for each kind."""

    code: str
    vm_count: int
    alone: int
    """VMs that nothing else keeps out"""
    entries: tuple[KeptOutEntry, ...]


@dataclass(frozen=True, slots=True)
class PlanSettleView:
    """A rule that VMs wait for before they get a wave."""

    rule: str
    vm_count: int
    alone: int
    """VMs that wait for nothing else"""


@dataclass(frozen=True, slots=True)
class CountView:
    """A text and how many VMs it holds for."""

    text: str
    count: int


@dataclass(frozen=True, slots=True)
class MethodView:
    """VMs in waves that move by one method."""

    method: str
    vm_count: int
    copy_bytes: int
    late: int
    """VMs whose p90 downtime is above what their owner accepts"""
    reasons: tuple[CountView, ...]
    """why, with figures of single VMs taken out"""


@dataclass(frozen=True, slots=True)
class RiskView:
    """VMs in waves of one level of risk."""

    level: str
    vm_count: int
    reasons: tuple[CountView, ...]


@dataclass(frozen=True, slots=True)
class RateView:
    """A rate that durations rest on; `origin` is given, measured or assumed."""

    name: str
    value: str
    origin: str


@dataclass(frozen=True, slots=True)
class NetworkMapView:
    """Where a network of the source leads; no type means that it is not mapped."""

    name: str
    vcenter: str
    vlan: str
    type: str
    namespace: str
    destination: str
    confidence: int | None
    reason: str
    vm_count: int
    proposal: str


@dataclass(frozen=True, slots=True)
class StorageMapView:
    """Where the disks of a datastore go; no class means that it is not mapped."""

    name: str
    vcenter: str
    storage_class: str
    access_mode: str
    volume_mode: str
    confidence: int | None
    reason: str
    vm_count: int
    capacity_bytes: int


@dataclass(frozen=True, slots=True)
class NodeUseView:
    """A node: what was requested on it before, what the plan adds, and what then is free."""

    name: str
    vm_count: int
    reserved: bool
    """it takes no VM of the plan, so that another node may fail"""
    plan_cpu_millicores: int
    plan_memory_bytes: int
    free_cpu_millicores: int
    """after the plan"""
    free_memory_bytes: int
    requested_cpu_millicores: int | None
    """before the plan"""
    requested_memory_bytes: int | None


@dataclass(frozen=True, slots=True)
class ShortageView:
    """A resource that does not suffice."""

    resource: str
    needed: int
    available: int
    unit: str
    proof: str
    proven: bool
    remedy: str


@dataclass(frozen=True, slots=True)
class ClassUseView:
    """A storage class: what the mapped disks take, and what is free of it."""

    name: str
    mapped_bytes: int
    free_bytes: int | None


@dataclass(frozen=True, slots=True)
class FitView:
    """Whether everything fits."""

    evaluated: bool
    reason: str
    policy: Mapping[str, str]
    fitting: int
    """VMs in a wave that fit"""
    misfits: int
    not_evaluated: tuple[str, ...]
    left_out: Mapping[str, str]
    """nodes that do not count, and why"""
    more_nodes: tuple[str, ...]
    """nodes that would take the VMs that lack room, in words"""
    nodes: tuple[NodeUseView, ...]
    shortages: tuple[ShortageView, ...]
    classes: tuple[ClassUseView, ...]
    fitting_without_wave: int = 0


@dataclass(frozen=True, slots=True)
class ConditionView:
    """A condition of the preflight over everything that it was asked of."""

    id: str
    category: str
    origin: str
    title: str
    passed: int
    failed: int
    not_evaluated: int
    not_applicable: int


@dataclass(frozen=True, slots=True)
class PreflightFindingView:
    """A condition that failed, or could not be evaluated, for one object."""

    condition: str
    category: str
    object: str
    vm_id: str
    result: str
    observed: str
    expected: str
    remedy: str


@dataclass(frozen=True, slots=True)
class ManifestView:
    """A manifest and what the API server said to it."""

    path: str
    object_kind: str
    name: str
    namespace: str
    wave: int | None
    apply: bool
    purpose: str
    dry_run: str
    dry_run_message: str


@dataclass(frozen=True, slots=True)
class ReleaseStep:
    """What a cluster has set free after a wave, everything before it included."""

    wave: int
    vms_left: int
    hosts: int
    cores: int
    licensed_cores: int | None
    memory_mib: int
    saved_per_year: float | None
    hosts_now: int | None = None
    """hosts that come free with this wave alone; None in plans that do not say"""
    cores_now: int | None = None
    licensed_cores_now: int | None = None
    memory_mib_now: int | None = None
    cpus: Mapping[str, int] | None = None
    """CPU models of the released hosts, with their generation, and how many hosts; None in plans that do not say"""
    cpu_unknown: int | None = None
    """released hosts of which nobody knows the CPU model"""
    devices: Mapping[str, int] = field(default_factory=dict)
    """passthrough and vGPU devices that VMs use on the released hosts; what else they hold is not known"""


@dataclass(frozen=True, slots=True)
class ReleaseView:
    """A cluster of the source over the waves that change it."""

    cluster: str
    hosts: int
    """hosts that it has today"""
    empty_after: int | None
    """wave after which nothing is left on it"""
    steps: tuple[ReleaseStep, ...]


@dataclass(frozen=True, slots=True)
class FreedHostView:
    """A host of the source that comes free, and could be installed anew as a worker node."""

    name: str
    cluster: str
    wave: int | None
    """None where it was free before the first wave"""
    cores: int
    memory_mib: int
    cpu_model: str
    cpu_baseline: str
    devices: Mapping[str, int]
    """passthrough and vGPU devices that VMs on it use; what else it holds is not known"""


@dataclass(frozen=True, slots=True)
class PlanView:
    """The plan as a whole."""

    headline: str
    target: str
    """name of the cluster, else its identity; empty where no target was read"""
    first_day: str
    time_zone: str
    states: Mapping[str, int]
    """state to VMs in scope"""
    waves: tuple[WaveView, ...]
    kept_out: tuple[KeptOutView, ...]
    settle: tuple[PlanSettleView, ...]
    methods: tuple[MethodView, ...]
    risks: tuple[RiskView, ...]
    rates: tuple[RateView, ...]
    calibration: str
    currency: str
    accepted: tuple[str, ...]
    notes: tuple[str, ...]
    assumptions: tuple[CountView, ...]
    """figures that were assumed for single VMs in waves"""
    groups: tuple[MoveGroupView, ...]
    orders: int
    spreads: tuple[str, ...]
    networks: tuple[NetworkMapView, ...]
    storage: tuple[StorageMapView, ...]
    fit: FitView
    conditions: tuple[ConditionView, ...]
    findings: tuple[PreflightFindingView, ...]
    manifests: tuple[ManifestView, ...]
    releases: tuple[ReleaseView, ...]
    freed_hosts: tuple[FreedHostView, ...] = ()

    @property
    def in_scope(self) -> int:
        """VMs that the plan had to place."""
        return sum(self.states.values())


@dataclass(frozen=True, slots=True)
class TargetNodeView:
    """A node of the cluster."""

    name: str
    roles: tuple[str, ...]
    zone: str
    ready: bool | None
    unschedulable: bool | None
    runs_vms: bool | None
    cpu_millicores: int | None
    memory_bytes: int | None
    requested_cpu_millicores: int | None
    requested_memory_bytes: int | None
    cpu_model: str
    taints: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TargetClassView:
    """A storage class of the cluster."""

    name: str
    provisioner: str
    default: bool
    default_virtualization: bool
    claim_sets: tuple[str, ...] | None
    """AccessMode/VolumeMode in the order of preference; None where nobody knows"""
    snapshot_class: str | None
    expandable: bool | None
    free_bytes: int | None


@dataclass(frozen=True, slots=True)
class UnreadView:
    """A resource of the cluster that was not read."""

    resource: str
    kind: str
    state: str
    """forbidden, absent or failed"""
    reason: str
    permission: str
    costs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TargetReportView:
    """The target cluster."""

    id: str
    name: str
    kubernetes_version: str
    openshift_version: str
    platform: str
    topology: str
    virtualization: Mapping[str, str] = field(default_factory=dict)
    """what was read of OpenShift Virtualization, in words; empty where it is not installed or nobody knows"""
    migration_toolkit: Mapping[str, str] = field(default_factory=dict)
    why_no_virtualization: str = ""
    why_no_toolkit: str = ""
    nodes: tuple[TargetNodeView, ...] = ()
    classes: tuple[TargetClassView, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    """resources that were read to how many objects there are"""
    unread: tuple[UnreadView, ...] = ()
    notices: tuple[tuple[str, str], ...] = ()
    """(message, remedy)"""
