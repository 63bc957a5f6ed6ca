# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the user decides about a plan, checked and in units. `parsing.py` makes these of the role's variables (`plan_*`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timezone, tzinfo
from typing import Final

from .model import PlanVm
from .patterns import fits

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Selector:
    """VMs by patterns (`patterns.fits`), without regard to case; a VM is meant when every list that is given has a match for it.

    `vms` holds names and ids, `vcenters` instance UUIDs.
    """

    vms: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    clusters: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    applications: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()
    vcenters: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """True when it names nothing, and so means every VM."""
        return not (
            self.vms or self.folders or self.tags or self.clusters or self.owners or self.applications or self.environments or self.vcenters
        )

    def matches(self, vm: PlanVm) -> bool:
        """Whether the VM is meant. A folder means everything below it as well."""
        return (
            _any(self.vms, (vm.name, vm.id))
            and _any(self.folders, _folder_and_above(vm.folder))
            and _any(self.tags, vm.tags)
            and _any(self.clusters, (vm.cluster,))
            and _any(self.owners, (vm.owner,))
            and _any(self.applications, (vm.application,))
            and _any(self.environments, (vm.environment,))
            and _any(self.vcenters, (vm.vcenter,))
        )


def _any(patterns: tuple[str, ...], values: tuple[str, ...]) -> bool:
    return not patterns or any(fits(pattern, value) for pattern in patterns for value in values)


def _folder_and_above(folder: str) -> tuple[str, ...]:
    parts = [part for part in folder.split("/") if part]
    return tuple(f"/{'/'.join(parts[:end])}" for end in range(1, len(parts) + 1)) + ((folder,) if folder else ())


@dataclass(frozen=True, slots=True)
class WindowRule:
    """A window that comes again each week, or once (`day`). It ends on the next day where `end` is not after `start`."""

    name: str
    start: time
    end: time
    weekdays: tuple[int, ...] = ()
    """0 is Monday"""
    day: date | None = None
    every_weeks: int = 1
    selector: Selector = Selector()
    """VMs that may move in it; empty means all"""
    own: bool = False
    """only VMs whose annotated change window names it"""
    extra_days: int = 0
    """days by which it ends later than `end` says: 2 for Friday 20:00 to Monday 06:00"""


@dataclass(frozen=True, slots=True)
class Freeze:
    """Days, both included, on which nothing moves, or nothing of what the selector means."""

    name: str
    first: date
    last: date
    selector: Selector = Selector()


@dataclass(frozen=True, slots=True)
class WaveLimits:
    """What one wave may hold at most; None is no limit."""

    vms: int | None = 100
    bytes: int | None = None
    vms_per_host: int | None = None
    vms_per_datastore: int | None = None
    high_risk_vms: int | None = None
    waves: int | None = None
    """waves altogether"""


@dataclass(frozen=True, slots=True)
class Pilots:
    """VMs that go first: those that are named, else the least risky ones, up to `count`; 0 is none."""

    count: int = 3
    selector: Selector = Selector()


@dataclass(frozen=True, slots=True)
class MethodPolicy:
    """How cold and warm are chosen. `prefer` is auto, cold or warm; `overrides` bind what they mean, the first that fits."""

    prefer: str = "auto"
    overrides: tuple[tuple[Selector, str], ...] = ()
    default_tolerance_minutes: int | None = None
    """downtime tolerance of VMs that have none annotated"""

    def tolerance(self, vm: PlanVm) -> int | None:
        """Minutes for which a VM may stand still; None where nobody said."""
        return self.default_tolerance_minutes if vm.downtime_tolerance_minutes is None else vm.downtime_tolerance_minutes


@dataclass(frozen=True, slots=True)
class Rates:
    """What the path of the data can do. Each is an assumption until measured; the report shows which were given.

    The defaults: a 10 Gbit/s link at 70 %, 1 Gbit/s per ESXi host's management network at 70 % by NBD, a datastore's share
    that a production array spares at night, one disk's stream by VDDK.
    """

    link_mib_per_s: float = 834.0
    host_mib_per_s: float = 83.0
    datastore_mib_per_s: float = 400.0
    disk_mib_per_s: float = 60.0
    target_mib_per_s: float = 500.0
    """what the storage of the target takes in all"""
    conversion_minutes: float = 10.0
    """guest conversion of a VM, apart from its copying"""
    startup_minutes: float = 5.0
    """shutdown before and first boot after"""
    change_percent_per_day: float = 5.0
    """share of the used bytes that changes in a day, where no history says"""
    p90_factor: float = 1.5
    """p90 against p50, until finished migrations tell"""
    given: tuple[str, ...] = ()
    """names of the rates that the user gave"""


@dataclass(frozen=True, slots=True)
class FitPolicy:
    """What a VM requests, and how much of the cluster may be filled. None takes the cluster's own setting."""

    cpu_overcommit: float | None = None
    """virtual CPUs per physical one"""
    memory_overcommit: float | None = None
    spare_nodes: int = 1
    """nodes that may fail (N-1)"""
    basis: str = "configured"
    """configured or p95: what the VM has, or what it used"""
    node_selector: Mapping[str, str] = field(default_factory=dict)
    storage_headroom_percent: float = 10.0
    live_migration: bool = True
    """volumes must be ReadWriteMany"""
    cpu_baseline: str = "required"
    """required: a VM's EVC baseline must be met by its node; ignore: it starts anew with the CPU of its node"""
    core_mhz: float = 2400.0
    """clock of a core of the target, to turn the MHz that a VM used into cores (basis p95)"""
    hugepages: str = ""
    """page size (2Mi, 1Gi) of the memory of VMs that are pinned to NUMA nodes; empty: ordinary memory"""
    devices: Mapping[str, str] = field(default_factory=dict)
    """passthrough and vGPU backings (patterns) to the resource names of the target's host devices"""


@dataclass(frozen=True, slots=True)
class NamespaceRule:
    """VMs and their target namespace, which may hold {owner}, {application}, {environment}, {folder}, {cluster} or {tag:CATEGORY}."""

    selector: Selector
    namespace: str


@dataclass(frozen=True, slots=True)
class NetworkRule:
    """The user's word on a source network: by name (pattern) or id, in one vCenter or all."""

    source: str
    type: str
    namespace: str = ""
    name: str = ""
    vcenter: str = ""


@dataclass(frozen=True, slots=True)
class StorageRule:
    """The user's word on a datastore: by name (pattern) or id, in one vCenter or all."""

    source: str
    storage_class: str
    access_mode: str = ""
    volume_mode: str = ""
    vcenter: str = ""


@dataclass(frozen=True, slots=True)
class ProviderRule:
    """The source provider of a vCenter. The secret is referred to by name alone."""

    vcenter: str
    """instance UUID, or the name of its record"""
    name: str
    url: str = ""
    secret: str = ""
    vddk_image: str = ""


@dataclass(frozen=True, slots=True)
class HookRule:
    """A hook that VMs get. `step` is PreHook or PostHook."""

    selector: Selector
    step: str
    name: str
    namespace: str = ""
    job_template: int | None = None
    """id of the job template of Ansible Automation Platform that it runs; None for a hook that is on the cluster already"""
    deadline_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class HostRule:
    """A direct way to an ESXi host for the transfer. The secret is referred to by name alone."""

    host: str
    """its name, or its managed object id"""
    address: str
    secret: str
    vcenter: str = ""
    """instance UUID or host name of its vCenter, or the name of its provider; empty for all"""


@dataclass(frozen=True, slots=True)
class Prices:
    """The user's own prices, in one currency; None is not given, and nothing is reckoned with it."""

    currency: str = ""
    per_host_year: float | None = None
    per_core_year: float | None = None


@dataclass(frozen=True, slots=True)
class PlanSettings:
    """Everything together."""

    start: date
    """first day on which a wave may run"""
    zone: tzinfo = timezone.utc
    windows: tuple[WindowRule, ...] = ()
    freezes: tuple[Freeze, ...] = ()
    last_day: date | None = None
    """the plan has to be over by then"""
    limits: WaveLimits = WaveLimits()
    pilots: Pilots = Pilots()
    accept_unknown: frozenset[str] = frozenset()
    """ids of rules that a provisional VM may have open"""
    max_vms: int = 50
    """VMs of one Plan of the migration toolkit"""
    dependencies: str = "earlier"
    """earlier: before in an earlier wave; together: in the same wave"""
    anti_affinity: str = "spread"
    """spread: no wave takes all members of a rule; ignore"""
    method: MethodPolicy = MethodPolicy()
    rates: Rates = Rates()
    fit: FitPolicy = FitPolicy()
    namespaces: tuple[NamespaceRule, ...] = ()
    networks: tuple[NetworkRule, ...] = ()
    storage: tuple[StorageRule, ...] = ()
    providers: tuple[ProviderRule, ...] = ()
    destination_provider: str = "host"
    toolkit_namespace: str = "openshift-mtv"
    preserve_static_ips: bool = True
    hooks: tuple[HookRule, ...] = ()
    hosts: tuple[HostRule, ...] = ()
    prices: Prices = Prices()
    finished: Mapping[str, datetime] = field(default_factory=dict)
    """VM id to when its migration ended, from an earlier plan or the cluster"""
