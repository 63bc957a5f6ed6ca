# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the parts of planning hand each other. `None` stands for what nobody knows; `records.py` makes the artifact of them.

subjects → groups, method, risk, duration, mapping, fit → waves → manifests → conditions
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

GIB: Final = 1 << 30
TIB: Final = 1 << 40
MIB: Final = 1 << 20

COLD, WARM = "cold", "warm"
LOW, MEDIUM, HIGH = "low", "medium", "high"
RISK_LEVELS: Final = (LOW, MEDIUM, HIGH)
POD, MULTUS, IGNORED = "pod", "multus", "ignored"
DESTINATION_TYPES: Final = (POD, MULTUS, IGNORED)

PLACED, SETTLE_FIRST, BLOCKED, UNPLACED, MOVED, EXCLUDED = "placed", "settle_first", "blocked", "unplaced", "moved", "excluded"
VM_STATES: Final = (PLACED, SETTLE_FIRST, BLOCKED, UNPLACED, MOVED, EXCLUDED)
"""placed: in a wave. settle_first: provisional, by rules that were not accepted. blocked: by its verdict. unplaced: a
constraint keeps it out. moved: migrated already. excluded: out of the estate's scope."""


# ---- what is planned -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PlanDisk:
    """A disk as planning sees it."""

    key: int | None
    path: str
    datastore: str
    """name; empty where the disk has none or nobody knows"""
    datastore_id: str
    """id of the datastore's record in the estate; empty where it cannot be told"""
    capacity_bytes: int | None
    used_bytes: int | None
    shared: bool | None
    """multi-writer or a shared bus, or another VM has the same file"""
    rdm: bool | None
    physical_rdm: bool
    independent: bool | None
    change_tracking: bool | None


@dataclass(frozen=True, slots=True)
class PlanNic:
    """A network adapter as planning sees it."""

    network: str
    network_id: str
    """id of the network's record in the estate; empty where it cannot be told"""
    mac: str
    cidrs: tuple[str, ...]
    ips: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class PlanVm:
    """A VM of the estate with its verdict."""

    id: str
    name: str
    vcenter: str
    """instance UUID of its vCenter; empty for a standalone host or where nobody knows"""
    moref: str
    verdict: str
    provisional: bool
    gaps: tuple[str, ...]
    """ids of the critical and warning rules that could not be evaluated, its sources' gaps among them"""
    failed: tuple[str, ...]
    """ids of the rules that failed"""
    power_state: str
    cpu_count: int | None
    memory_mib: int | None
    disks: tuple[PlanDisk, ...] | None
    nics: tuple[PlanNic, ...] | None
    cluster: str
    cluster_id: str
    host: str
    folder: str
    vapp: str
    tags: tuple[str, ...]
    owner: str
    application: str
    environment: str
    criticality: str
    downtime_tolerance_minutes: int | None
    depends_on: tuple[str, ...]
    change_window: str
    change_tracking: bool | None
    snapshot_count: int | None
    guest_os: str
    tools_status: str
    tools_running_status: str
    guest_networks_known: bool
    connection_state: str
    firmware: str
    cpu_usage_p95_mhz: int | None
    active_memory_p95_mib: int | None
    disk_write_average_kib_per_s: int | None
    disk_write_p95_kib_per_s: int | None
    numa_nodes: tuple[int, ...]
    cpu_affinity: tuple[int, ...]
    latency_sensitivity: str
    memory_locked: bool
    passthrough: tuple[str, ...]
    """backings of passthrough and vGPU devices"""
    evc_mode: str
    tpm: bool | None
    consolidation_needed: bool | None
    host_moref: str = ""
    encrypted: bool | None = None
    unread: tuple[str, ...] = ()
    """facts of the estate that bear on its size or on the nodes that can take it, and that nobody knows; reckoned as none"""

    @property
    def host_key(self) -> str:
        """Its host: with the vCenter, since hosts of two of them may have one name."""
        return f"{self.vcenter}/{self.host}" if self.vcenter else self.host

    @property
    def capacity_bytes(self) -> int:
        """Sum of the disks' sizes as far as they are known."""
        return sum(disk.capacity_bytes or 0 for disk in self.disks or ())

    @property
    def copy_bytes(self) -> int:
        """What a transfer has to read: bytes used, or the size where nobody knows the use."""
        return sum(disk.capacity_bytes or 0 if disk.used_bytes is None else disk.used_bytes for disk in self.disks or ())


# ---- why something is as it is ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Constraint:
    """What keeps a VM out of the plan, or binds it there: a stable code, the thing it is about, words, and the way out.

    `setting` names the variable that lifts it, where there is one (`plan_limits.vms_per_wave`).
    """

    code: str
    object: str
    message: str
    remedy: str = ""
    setting: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """VMs that move in one wave. `reasons` says what ties them, each with the ids that it ties."""

    id: str
    vm_ids: tuple[str, ...]
    reasons: tuple[GroupReason, ...] = ()


@dataclass(frozen=True, slots=True)
class GroupReason:
    """One tie: kind (shared_disk, affinity_rule, vapp, dependency, cluster_software), its name, the VMs."""

    kind: str
    name: str
    vm_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Order:
    """`before` moves in an earlier wave than `after` (VM ids)."""

    before: str
    after: str
    reason: str


@dataclass(frozen=True, slots=True)
class Spread:
    """VMs of which no wave may take all: members of an anti-affinity rule."""

    name: str
    vm_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MethodChoice:
    """cold or warm, and by which rules."""

    method: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Risk:
    """How likely the move goes wrong: level, points, and what made them."""

    level: str
    points: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Duration:
    """How long the move of a VM takes, alone and at full rates. Elapsed runs from the first copied byte to the VM's start."""

    copy_bytes: int
    elapsed_p50_minutes: float
    elapsed_p90_minutes: float
    downtime_p50_minutes: float
    downtime_p90_minutes: float
    bottleneck: str
    """what bounds the copy: link, host, datastore, disk or conversion"""
    tolerance_minutes: int | None
    within_tolerance: bool | None
    """whether the p90 downtime keeps to the annotated tolerance; None where nobody annotated one"""
    assumptions: tuple[str, ...]
    """figures that were assumed for lack of a measured one"""


# ---- where it goes ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NetworkChoice:
    """Where a source network leads. `confidence` is 0 to 100; 100 is the user's own word. `reason` says how it was found."""

    source_id: str
    """managed object id in the source, or its name where it has none"""
    source_name: str
    vcenter: str
    vlan: str
    type: str
    """pod, multus, ignored, or empty where nothing fits: then it is unmapped"""
    namespace: str
    name: str
    confidence: int
    reason: str
    vm_count: int = 0
    proposal: Mapping[str, Any] | None = None
    """manifest of a network that would have to be made"""
    record_id: str = ""
    """id of the network's record in the estate, else its vCenter and name: what `networks.network_key` gives for an adapter"""
    namespaces: tuple[str, ...] = ()
    """namespaces that have the attachment, where several do: a plan takes that of `default`, else its target namespace's own"""


@dataclass(frozen=True, slots=True)
class StorageChoice:
    """Where a datastore's disks go; an empty class is unmapped."""

    source_id: str
    source_name: str
    vcenter: str
    storage_class: str
    access_mode: str
    volume_mode: str
    confidence: int
    reason: str
    vm_count: int = 0
    bytes: int = 0
    record_id: str = ""
    """id of the datastore's record in the estate, else its vCenter and name: what `storage_mapping.datastore_key` gives for a disk"""


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a VM goes: namespace and name, and by which rule."""

    namespace: str
    target_name: str
    namespace_reason: str
    renamed: bool


@dataclass(frozen=True, slots=True)
class VolumeNeed:
    """A volume of a VM."""

    storage_class: str
    access_mode: str
    volume_mode: str
    bytes: int
    """with the file system's overhead where the volume has one"""


@dataclass(frozen=True, slots=True)
class Need:
    """What a VM requests of the cluster, by the policy."""

    vm_id: str
    namespace: str
    cpu_millicores: int
    memory_bytes: int
    """guest memory by the policy, and the overhead of its pod"""
    hugepages: Mapping[str, int] = field(default_factory=dict)
    devices: Mapping[str, int] = field(default_factory=dict)
    cpu_model: str = ""
    cpu_vendor: str = ""
    volumes: tuple[VolumeNeed, ...] = ()
    cpu_count: int = 0
    """virtual CPUs; what a quota on limits.cpu counts"""
    dedicated_cpus: bool = False
    """whole CPUs of its own: then its node needs the static CPU manager, and its limits equal its requests"""
    numa_nodes: int = 0
    """number of NUMA nodes that it is pinned to; 0 is not pinned"""
    unread: tuple[str, ...] = ()
    """facts of the estate that nobody knows and that may ask for more: `SIZING_FACTS` of subjects.py has them in words"""
    vm_name: str = ""


@dataclass(frozen=True, slots=True)
class Shortage:
    """One resource that does not suffice: what is needed at least, what there is, and what would make it fit."""

    resource: str
    """cpu, memory, pods, device:<name>, storage:<class>, quota:<namespace>/<resource>"""
    needed: int
    available: int
    unit: str
    proof: str
    """why no arrangement can fit: the bound in words with its figures"""
    remedy: str
    proven: bool = True
    """False where the packing found no arrangement and none of the bounds excludes one"""


@dataclass(frozen=True, slots=True)
class NodeUse:
    """What the plan puts on a node."""

    node: str
    vm_count: int
    cpu_millicores: int
    memory_bytes: int
    free_cpu_millicores: int
    """before the plan"""
    free_memory_bytes: int


@dataclass(frozen=True, slots=True)
class MoreNodes:
    """Nodes that would take the VMs without one: `count` of them, each with at least this free for VMs."""

    count: int
    like: str
    """the largest node of today; empty where it is too small"""
    cpu_millicores: int
    memory_bytes: int
    pods: int
    devices: Mapping[str, int] = field(default_factory=dict)
    """extended resources, and huge pages as hugepages-<size>"""
    cpu_vendor: str = ""
    cpu_model: str = ""
    dedicated_cpus: bool = False
    """with the static CPU manager"""
    vm_ids: tuple[str, ...] = ()
    """the VMs that they would take"""


@dataclass(frozen=True, slots=True)
class FitResult:
    """Which VMs fit: a node for each (the witness), the constraints of those that do not, the shortages and the nodes' use."""

    node_of: Mapping[str, str]
    misfits: Mapping[str, tuple[Constraint, ...]]
    shortages: tuple[Shortage, ...]
    nodes: tuple[NodeUse, ...]
    evaluated: bool
    """False where the target's nodes are not known: then no VM has a node, and misfits are those by storage and quota alone"""
    reason: str = ""
    not_evaluated: tuple[Constraint, ...] = ()
    """what could not be checked, and the figures that were assumed"""
    reserved: tuple[str, ...] = ()
    """nodes that take no VM of the plan, so that as many may fail"""
    excluded: Mapping[str, str] = field(default_factory=dict)
    """nodes that do not count, and why"""
    more_nodes: tuple[MoreNodes, ...] = ()
    """nodes that would take every VM that only lacks room on a node"""
    uncertain: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """VM id to what nobody knows of it or of its node, in words: that it has room is then not certain"""
    without_wave: Mapping[str, str] = field(default_factory=dict)
    """VMs that fit and are in no wave, and their nodes: `used_by` took them out of node_of and of the nodes' use"""


# ---- when it goes ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Slot:
    """A stretch of time in which a wave may run. Times are aware, in UTC."""

    window: str
    start: datetime
    end: datetime

    @property
    def minutes(self) -> float:
        """Its length."""
        return (self.end - self.start).total_seconds() / 60


@dataclass(frozen=True, slots=True)
class FirstCopy:
    """What the warm moves of a wave copy before its window, and when that has to begin at the latest."""

    bytes: int
    p50_minutes: float
    p90_minutes: float
    start_by: datetime


@dataclass(frozen=True, slots=True)
class Wave:
    """One wave: its slot, its groups, and what bounds it."""

    number: int
    slot: Slot
    group_ids: tuple[str, ...]
    vm_ids: tuple[str, ...]
    bytes: int
    elapsed_p50_minutes: float
    elapsed_p90_minutes: float
    bottleneck: str
    finished: bool = False
    first_copy: FirstCopy | None = None
    """None for a wave without warm moves"""
    begun: bool = False
    """a Migration of it runs: it stands as the earlier plan has it"""
    shared_minutes: float = 0.0
    """minutes (p90) that the first copies of later waves take of a part of its path within its window, at the worst"""


@dataclass(frozen=True, slots=True)
class Schedule:
    """The waves, why each VM stands where it stands, and what keeps the others out."""

    waves: tuple[Wave, ...]
    reasons: Mapping[str, tuple[str, ...]]
    """VM id to why it is in its wave"""
    unplaced: Mapping[str, tuple[Constraint, ...]]


# ---- what is made of it ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Manifest:
    """One object to be created. `path` is relative to the manifests' folder; `apply` is False for what is written for people to run."""

    path: str
    object: Mapping[str, Any]
    wave: int | None
    purpose: str
    apply: bool = True


PASS, FAIL, NOT_EVALUATED, NOT_APPLICABLE = "pass", "fail", "not_evaluated", "not_applicable"
CRITICAL, ERROR, WARN, ADVISORY = "Critical", "Error", "Warn", "Advisory"
"""Categories as the migration controller has them; Critical and Error keep a plan from being ready."""


@dataclass(frozen=True, slots=True)
class ConditionResult:
    """What a preflight condition says of one object."""

    condition: str
    category: str
    object: str
    """kind and name, such as Plan openshift-mtv/erp-w03-warm, or a VM within it"""
    vm_id: str
    """id of the VM that it is about; empty for a plan or a map as a whole"""
    result: str
    observed: str
    expected: str
    remedy: str
    later: bool = False
    """not evaluated, and the cluster alone can tell, once the objects exist"""
